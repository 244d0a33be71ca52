"""A build, or the published numbers, in a form that can be compared: numbers, inputs, versions.

Both have the tables of results_form.py, headline.json, and a record of what they were made from.
"""

import hashlib
import json
import platform
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from .. import results_form
from ..columns import Table
from ..evidence import ledger
from ..exhibits.numbers import merge
from ..project import InputError

FORM = 1  # version of the form of the record
RECORD = "provenance.json"
LEDGER = "ledger.json"  # hashes of the ledger of a build
PUBLISHED = "results"
WORDS = ["locator", "reason", "note"]  # columns for readers; no model reads them
LIBRARIES = (
    "numpy",
    "scipy",
    "pandas",
    "matplotlib",
    "statsmodels",
    "autograd",
    "arviz",
    "papermill",
)


@dataclass(frozen=True)
class State:
    """Numbers and what they were made from.

    ``tables`` holds the published tables as text, as printed. ``record`` is what the function
    ``record`` returns.
    """

    name: str
    folder: Path
    headline: dict[str, dict]
    tables: dict[str, pd.DataFrame]
    record: dict[str, Any]

    @property
    def machine(self) -> tuple:
        """What decides the last digits: platform, Python and libraries."""
        return self.record.get("platform"), self.record.get("python"), self.record.get("libraries")

    @cached_property
    def effective(self) -> dict[str, dict[str, float]]:
        """Effective draws of each quantity of each fit, the smaller number of bulk and tail."""
        found = {}
        for fit in ("workers", "money"):
            table = self.tables.get(f"{fit}_diagnostics")
            if table is not None and len(table):
                low = table[["ess_bulk", "ess_tail"]].astype(float).min(axis=1)
                found[fit] = dict(zip(table["quantity"], low))
        return found

    def effective_draws(self, form: Table, table: pd.DataFrame) -> pd.Series:
        """Return the effective draws behind each row: those of its host and year if they were
        recorded, else the fewest of the fit."""
        draws = pd.Series(float("inf"), index=table.index)
        for fit in form.draws:
            if not (known := self.effective.get(fit)):
                continue
            fewest = min(known.values())
            if fit == "workers" and {"host", "year"} <= set(table.columns):
                names = [
                    f"log_world[{y}]" if h == "WLD" else f"log_stock[{h}, {y}]"
                    for h, y in zip(table["host"], table["year"])
                ]
                found = pd.Series([known.get(name, fewest) for name in names], index=table.index)
            else:
                found = pd.Series(fewest, index=table.index)
            draws = draws.clip(upper=found)
        return draws

    @property
    def fewest_draws(self) -> float:
        """The fewest effective draws of any quantity; infinity if nothing was recorded."""
        return min(
            (value for known in self.effective.values() for value in known.values()),
            default=float("inf"),
        )


@cache
def libraries() -> dict[str, str]:
    """Return the versions of the libraries that make the numbers."""
    return {name: version(name) for name in LIBRARIES}


def machine() -> str:
    """Return what of this machine can change the last digits.

    That is the system, the processor family, the C library and BLAS; nothing that names the
    machine.
    """
    import numpy  # noqa: F401  loads the BLAS that is asked below
    from threadpoolctl import threadpool_info

    libraries = {
        f"{found['internal_api']} {found.get('architecture', '')}".strip()
        for found in threadpool_info()
        if found["user_api"] == "blas"
    }
    return ", ".join(
        [
            f"{platform.system()} {platform.machine()}",
            " ".join(platform.libc_ver()),
            *sorted(libraries),
        ]
    )


def ledger_state(data: Path) -> dict[str, Any]:
    """Return hashes of a ledger: of every table, and of every row of figures.csv.

    The columns that no model reads are left out of the hash of a row.
    """
    figures = ledger.read_table(data / "figures.csv", ledger.COLUMNS).drop(columns=WORDS)
    rows = {row[0]: _short("\x1f".join(row)) for row in figures.itertuples(index=False, name=None)}
    tables = {"figures.csv": _short("\n".join(sorted(rows.values())))}
    for name in [*(f"{table}.csv" for table in ledger.TABLES if table != "figures"), "sources.bib"]:
        if (data / name).is_file():
            tables[name] = hashlib.sha256((data / name).read_bytes()).hexdigest()
    return {"tables": tables, "rows": rows}


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def write_ledger_state(data: Path, folder: Path) -> None:
    """Write the hashes of the ledger of a build beside its results."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / LEDGER).write_text(
        json.dumps(ledger_state(data), indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )


def record(steps: list[dict], **about) -> dict[str, Any]:
    """Return the record of a build from the records of its steps.

    ``files`` are the notebooks, modules and committed tables that were read, with their hashes.
    ``settings`` are the assumptions that reached a notebook. ``seconds`` and ``peak_megabytes`` are
    measurements, and a second build need not give the same.
    """
    files, settings = {}, {}
    for step in steps:
        files |= {
            name: state for name, state in step["inputs"].items() if not name.startswith("build/")
        }
        settings |= {
            name: value
            for name, value in step["parameters"].items()
            if not step["step"].endswith(f"-{value}")
        }
    last = steps[0] if steps else {}
    return {
        "form": FORM,
        **about,
        "platform": last.get("platform", machine()),
        "python": last.get("python", platform.python_version()),
        "libraries": last.get("libraries", libraries()),
        "settings": dict(sorted(settings.items())),
        "files": dict(sorted(files.items())),
        "steps": [
            {name: step[name] for name in ("step", "key", "seconds", "peak_megabytes")}
            for step in steps
        ],
    }


def unmeasured(whole: dict[str, Any]) -> dict[str, Any]:
    """Return a record without its measurements, seconds and memory."""
    steps = [
        {name: value for name, value in step.items() if name not in ("seconds", "peak_megabytes")}
        for step in whole["steps"]
    ]
    return whole | {"steps": steps}


def find(name: str, root: Path) -> State:
    """Return the state that a name stands for: ``results``, a scenario or a folder.

    Raises
    ------
    InputError
        If there is nothing of that name, it was not built, or it has another form.
    """
    if name == PUBLISHED:
        return published(root)
    for folder in (Path(name), root / name, root / "build" / name):
        if (folder / "steps").is_dir():
            return built(folder, name)
        if (folder / RECORD).is_file() and not (folder.parent / "steps").is_dir():
            return published_in(folder, name)
        if (folder / RECORD).is_file() and (folder.parent / "steps").is_dir():
            return built(folder.parent, name)
    if (root / "scenarios" / f"{name}.yml").is_file():
        raise InputError(
            f"the scenario {name} is not built yet; run exlab build --scenario {name}, then compare"
            " again."
        )
    if Path(name).exists():
        raise InputError(
            f"{name}: this is no build: it has neither steps/ nor {RECORD}. Name a folder such as"
            " build/baseline."
        )
    there = sorted(
        folder.name for folder in (root / "build").glob("*") if (folder / "steps").is_dir()
    )
    raise InputError(
        f"{name}: there is no build, scenario or folder of that name. There are:"
        f" {', '.join([PUBLISHED, *there])}. Others are built with exlab build."
    )


def built(folder: Path, name: str = "") -> State:
    """Return a build, with the book or only with results.

    Raises
    ------
    InputError
        If its steps have not run, or a record is broken.
    """
    steps = [
        _json(path) for path in sorted((folder / "steps").glob("*.json")) if path.stem != "book"
    ]
    if not steps or not (folder / "results").is_dir():
        raise InputError(f"{folder}: nothing is built there; run exlab build first.")
    for step in steps:
        if missing := {"step", "key", "inputs", "parameters", "libraries", "platform"} - set(step):
            raise InputError(
                f"{folder}/steps: a record lacks {', '.join(sorted(missing))}; this build is of"
                " another form. Build it again."
            )
    about = {
        "scenario": folder.name.split("@")[0],
        "data": steps[0].get("data", {}),
        "version": "",
        "commit": "unknown",
    }
    whole = _json(folder / "results" / RECORD) if (folder / "results" / RECORD).is_file() else {}
    if {step["step"]: step["key"] for step in whole.get("steps", [])} == {
        step["step"]: step["key"] for step in steps
    }:
        about |= {key: whole[key] for key in ("scenario", "version", "commit") if key in whole}
    known = _json(folder / LEDGER) if (folder / LEDGER).is_file() else {"tables": {}, "rows": {}}
    numbers = merge(folder / "results" / "headline")
    return State(
        name or folder.name,
        folder,
        numbers,
        tables(folder / "results"),
        record(steps, **about, ledger=known),
    )


def published(root: Path) -> State:
    """Return the published numbers, results/ of the project.

    Raises
    ------
    InputError
        If there are none, or they are of another form.
    """
    if not (root / PUBLISHED / RECORD).is_file():
        raise InputError(
            f"{PUBLISHED}/ has no {RECORD}: no numbers are published yet. exlab publish makes those"
            " of the present build the published ones."
        )
    return published_in(root / PUBLISHED, PUBLISHED)


def published_in(folder: Path, name: str) -> State:
    """Return the numbers in a folder of the form of results/."""
    whole = _json(folder / RECORD)
    if whole.get("form") != FORM:
        raise InputError(
            f"{folder / RECORD}: its form is {whole.get('form')!r}; this version reads form {FORM}."
            " Publish or build it again."
        )
    if not (folder / "headline.json").is_file():
        raise InputError(f"{folder}: headline.json is missing.")
    return State(name, folder, _json(folder / "headline.json"), tables(folder), whole)


def tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Read the published tables in a folder, every cell as text.

    Tables that the ledger does not give are left out.

    Raises
    ------
    InputError
        If a table lacks one of its key columns.
    """
    found = {}
    for name, form in results_form.TABLES.items():
        path = folder / f"{name}.csv"
        if path.is_file():
            table = pd.read_csv(path, dtype=str, keep_default_na=False)
            if lacking := [column for column in form.key if column not in table]:
                raise InputError(
                    f"{path}: the column {', '.join(lacking)} is missing; this table is of another"
                    " form. Build it again."
                )
            found[name] = table
    return found


def _json(path: Path) -> dict:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path}: not a file that the build wrote ({error}). Build it again."
        ) from None
