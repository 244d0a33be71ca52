"""The results for machines, and the page that offers them.

They are a Frictionless package, a JSON file for each host with its schema, and draws as Parquet.
"""

import json
import shutil
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from .. import __version__, results_form
from ..build import origin
from ..build import record as build_record
from ..columns import COLUMN_KINDS, Table
from ..evidence import ledger
from ..exhibits.markdown import escape
from .datapackage import FILE, LICENCE, resource

DRAWS = {
    "draws_workers": "workers by draw; a column is HOST_YEAR",
    "draws_pay": "pay and its division by draw",
}
KEPT = 1000  # draws that a reader downloads; a release has all
API = "api"
SCHEMA = "host.schema.json"


def package(folder: Path, other: str = "") -> dict:
    """Return the descriptor of the published tables that are in ``folder``.

    ``other`` names a ledger that is not the project's; its descriptor has no licence, as that is
    not known here.
    """
    resources = [
        resource(form)
        for name, form in results_form.TABLES.items()
        if (folder / f"{name}.csv").is_file()
    ]
    about = {
        "profile": "data-package",
        "name": "exported-labour-results",
        "title": (
            f"Results of Exported Labour on the ledger {other}"
            if other
            else "Exported Labour: workers, revenue and judged claims"
        ),
        "description": (
            "Medians, means and 50, 80 and 95 % intervals; headline.json has every number that a"
            " sentence quotes, provenance.json what the numbers were made from."
        ),
        "version": __version__,
        "resources": resources,
    }
    return (
        about
        if other
        else about
        | {
            "licenses": [LICENCE],
            "contributors": [{"title": "The Exported Labour authors", "role": "author"}],
        }
    )


def write_package(folder: Path, other: str = "") -> None:
    """Write datapackage.json beside the tables that it describes."""
    (folder / FILE).write_text(
        json.dumps(package(folder, other), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


# --- one host a file ------------------------------------------------------------------------------

SERIES = {"workers": "workers_host_year", "revenue": "revenue_host_year"}
WORLD_SERIES = {"workers": "workers_world_year", "revenue": "revenue_world_year"}


def host_schema() -> dict:
    """Return the JSON Schema (draft 2020-12) of the file of a host."""

    def rows(form: Table) -> dict:
        columns = [column for column in form.columns if column.name != "host"]
        properties = {
            c.name: {"type": COLUMN_KINDS[c.kind].json, "description": c.meaning} for c in columns
        }
        properties = {
            name: made | ({"minimum": 0} if made["type"] == "number" else {})
            for name, made in properties.items()
        }
        return {
            "type": "array",
            "description": form.meaning,
            "items": {
                "type": "object",
                "properties": properties,
                "required": list(properties),
                "additionalProperties": False,
            },
        }

    about = {
        "$schema": {"type": "string", "description": "where this schema is, seen from the file"},
        "host": {"type": "string", "description": "ISO 3166 alpha-3 code, or WLD for the world"},
        "name": {"type": "string", "description": "short English name"},
        "version": {"type": "string", "description": "version of the book"},
        "commit": {
            "type": "string",
            "description": "commit of the book, + if files differed from it",
        },
        "scenario": {"type": "string", "description": "name of the assumptions"},
        "page": {
            "type": "string",
            "description": "the page of the host in the book, seen from the file",
        },
    }
    series = {name: rows(results_form.TABLES[table]) for name, table in SERIES.items()}
    required = [name for name in about if name != "page"] + ["workers"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Workers and revenue of one host",
        "type": "object",
        "properties": about | series,
        "required": required,
        "additionalProperties": False,
    }


def host_files(
    results: Path, names: dict[str, str], about: dict[str, str], pages: set[str] = frozenset()
) -> dict[str, dict]:
    """Return the content of the file of each host, and of the world, by code.

    Parameters
    ----------
    results : the folder of the tables.
    names : the names of hosts by code.
    about : version, commit and scenario.
    pages : the codes of hosts that have a page in the book.
    """
    made: dict[str, dict] = {}
    for series, tables in ((name, (SERIES[name], WORLD_SERIES[name])) for name in SERIES):
        for table in tables:
            path = results / f"{table}.csv"
            if not path.is_file():
                continue
            for code, rows in pd.read_csv(path, dtype={"prices": str}).groupby("host", sort=True):
                file = made.setdefault(
                    code,
                    {"$schema": f"../{SCHEMA}", "host": code, "name": names.get(code, code)}
                    | about,
                )
                if code in pages:
                    file["page"] = f"../../../notebooks/host_{code}.html"
                file[series] = json.loads(
                    rows.drop(columns="host").to_json(orient="records", double_precision=15)
                )
    return made


def write_api(folder: Path, files: dict[str, dict]) -> None:
    """Write the files of the hosts, their schema, and an index of them."""
    (folder / "hosts").mkdir(parents=True)
    (folder / SCHEMA).write_text(json.dumps(host_schema(), indent=1) + "\n", encoding="utf-8")
    for code, content in files.items():
        (folder / "hosts" / f"{code}.json").write_text(
            json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    index = [
        {"host": code, "name": content["name"], "file": f"hosts/{code}.json"}
        for code, content in sorted(files.items())
    ]
    (folder / "index.json").write_text(
        json.dumps(index, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def thin(source: Path, target: Path) -> int:
    """Write every n-th draw in single precision, about ``KEPT`` of them; return how many.

    The file keeps one row a draw of all quantities, so that they stay joint draws.
    """
    table = pq.read_table(source)
    step = max(1, -(-table.num_rows // KEPT))
    kept = table.take(pa.array(range(0, table.num_rows, step)))
    columns = [
        column.cast(pa.float32()) if pa.types.is_floating(column.type) else column
        for column in kept.columns
    ]
    pq.write_table(pa.table(columns, names=kept.column_names), target, compression="zstd")
    return kept.num_rows


# --- the folder in the book and its page ----------------------------------------------------------


def stage(build, folder: Path, numbers: dict[str, dict], record: dict) -> str:
    """Fill html/results/ and return the page "Data and downloads" as MyST."""
    folder.mkdir(parents=True)
    for name in results_form.TABLES:
        if (source := build.results / f"{name}.csv").is_file():
            shutil.copy2(source, folder / source.name)
    write_package(folder, "" if build.own_ledger else build.ledger_named()["folder"])
    (folder / "headline.json").write_text(
        json.dumps(numbers, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    (folder / build_record.RECORD).write_text(
        json.dumps(build_record.unmeasured(record), indent=1, ensure_ascii=False) + "\n",
        encoding="utf-8",
    )
    draws = {
        name: thin(build.results / f"{name}.parquet", folder / f"{name}.parquet")
        for name in DRAWS
        if (build.results / f"{name}.parquet").is_file()
    }
    hosts = ledger.read(build.data).hosts
    names = dict(zip(hosts["iso3"], hosts["name"]))
    about = {
        "version": __version__,
        "commit": origin.commit(build.root),
        "scenario": build.scenario.name,
    }
    files = host_files(
        build.results, names, about, pages=set(ledger.hosts_with_figures(build.data))
    )
    write_api(folder / API, files)
    return page(folder, draws, files)


def page(folder: Path, draws: dict[str, int], files: dict[str, dict]) -> str:
    """Return the page of everything that can be downloaded."""

    def link(name: str) -> str:
        return f'<a href="../results/{name}">{name}</a>'

    def size(name: str) -> str:
        count = (folder / name).stat().st_size
        return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(count / 1e3, 1):.0f} kB"

    lines = [
        "# Data and downloads",
        "",
        (
            "Everything that this book estimates, for a spreadsheet or a program. All of it lies"
            " beside these pages, in `results/`, and needs no other host. The ledger of published"
            " figures behind it, with every column explained, is in the [data"
            " dictionary](data-dictionary)."
        ),
        "",
        "## Tables",
        "",
        (
            "The tables are a [Frictionless Data"
            f" Package](https://specs.frictionlessdata.io/data-package/): {link(FILE)} gives the"
            " type and meaning of every column. An estimate is rounded to four significant digits."
            " Please quote the interval with the median."
        ),
        "",
        "| file | size | rows |",
        "|---|---:|---|",
    ]
    tables = [
        form for name, form in results_form.TABLES.items() if (folder / f"{name}.csv").is_file()
    ]
    lines += [
        f"| {link(f'{t.name}.csv')} | {size(f'{t.name}.csv')} | {escape(t.title)}."
        f" {escape(t.meaning)} |"
        for t in tables
    ]
    lines += [
        (
            f"| {link('headline.json')} | {size('headline.json')} | Every number that a sentence of"
            " this book quotes: its value, and the text that stands for it. |"
        ),
        (
            f"| {link(build_record.RECORD)} | {size(build_record.RECORD)} | What the numbers were"
            " made from: assumptions, hashes of inputs, versions. |"
        ),
        "",
        "## One host a file",
        "",
        (
            f"{link(f'{API}/index.json')} lists the hosts; each has a JSON file of the form that"
            f" {link(f'{API}/{SCHEMA}')} (JSON Schema) describes. They stand where they stand from"
            " version to version, so that a program can read them from wherever this book is"
            " published."
        ),
        "",
        " ".join(
            f'<a href="../results/{API}/hosts/{code}.json">{escape(content["name"])}</a>'
            + ("," if i < len(files) - 1 else ".")
            for i, (code, content) in enumerate(
                sorted(files.items(), key=lambda item: item[1]["name"])
            )
        ),
        "",
    ]
    if draws:
        lines += [
            "## Draws",
            "",
            (
                "For sums, differences and probabilities of your own: the posterior itself, as"
                " Apache Parquet. One row is one joint draw of all columns, so sum over hosts"
                " within a row and take quantiles afterwards; intervals of parts do not add up."
                " Here are every n-th of the draws in single precision; the release archive and"
                " `build/baseline/results/` have all of them."
            ),
            "",
            "| file | size | draws | columns |",
            "|---|---:|---:|---|",
        ]
        lines += [
            f"| {link(f'{name}.parquet')} | {size(f'{name}.parquet')} | {count:,} | {DRAWS[name]} |"
            for name, count in draws.items()
        ]
    lines += ["", "## What a column holds", ""]
    for table in tables:
        lines += [
            f"### {table.title}",
            "",
            f"`{table.name}.csv`, one row for each {', '.join(table.key).replace('_', ' ')}.",
            "",
            "| column | holds | meaning |",
            "|---|---|---|",
        ]
        lines += [
            f"| `{c.name}` |"
            f" {escape(COLUMN_KINDS[c.kind].words)}{'' if c.required else ', or empty'} |"
            f" {escape(c.meaning)} |"
            for c in table.columns
        ]
        lines.append("")
    return "\n".join(lines) + "\n"
