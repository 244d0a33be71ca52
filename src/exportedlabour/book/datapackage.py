"""The ledger as a Frictionless Data Package: data/datapackage.json, made from schema.py.

``python -m exportedlabour.book.datapackage data`` writes it, and a test compares it with schema.py.
It follows the Data Package standard, version 1 (profiles data-package and tabular-data-resource).
"""

import json
import re
import sys
from pathlib import Path

from .. import __version__
from ..columns import COLUMN_KINDS, Column, Table
from ..evidence.schema import PERIOD, TABLES

LICENCE = {
    "name": "CC-BY-4.0",
    "path": "https://creativecommons.org/licenses/by/4.0/",
    "title": "Creative Commons Attribution 4.0",
}
FILE = "datapackage.json"


def descriptor(folder: Path, other: str = "") -> dict:
    """Return the descriptor of the ledger in ``folder``.

    Optional tables that it lacks are left out. ``other`` names a ledger that is not the project's;
    its descriptor names no makers and no licence, as these are not known here.
    """
    tables = [table for table in TABLES.values() if (folder / f"{table.name}.csv").is_file()]
    resources = [_resource(table, {t.name for t in tables}) for table in tables] + [_bibliography()]
    if other:
        return {
            "profile": "data-package",
            "name": re.sub(r"[^a-z0-9]+", "-", other.lower()).strip("-") or "ledger",
            "title": f"A ledger of published figures: {other}",
            "resources": resources,
        }
    return {
        "profile": "data-package",
        "name": "exported-labour-ledger",
        "title": "Exported Labour: the ledger of published figures on North Korean workers abroad",
        "description": (
            "Every published figure that was found, what it measures, who asserted it, where it was"
            " read, whom it copies, and what is done with it; with hosts, houses, lineages, events,"
            " rates and the rules of coding."
        ),
        "version": __version__,
        "keywords": [
            "North Korea",
            "DPRK",
            "migrant workers",
            "forced labour",
            "sanctions",
            "evidence synthesis",
        ],
        "licenses": [LICENCE],
        "contributors": [{"title": "The Exported Labour authors", "role": "author"}],
        "sources": [
            {
                "title": "The documents of sources.bib, each named in the row that rests on it",
                "path": "sources.bib",
            },
            {
                "title": (
                    "European Central Bank, euro foreign exchange reference rates; US Bureau of"
                    " Labor Statistics, CPI-U; Bank of Russia, for rates.csv"
                ),
                "path": "rates.csv",
            },
        ],
        "resources": resources,
    }


def _resource(table: Table, there: set[str]) -> dict:
    made = resource(table)
    schema = made["schema"]
    if table.key:
        (schema["primaryKey"],) = table.key
    links = [
        {
            "fields": column.name,
            "reference": {
                "resource": "" if column.refers == table.name else column.refers,
                "fields": TABLES[column.refers].key[0],
            },
        }
        for column in table.columns
        if column.refers in there and not column.several
    ]
    if links:
        schema["foreignKeys"] = links
    return made


def resource(table: Table) -> dict:
    """Return a table of the ledger or the results as a resource of a data package."""
    schema = {"fields": [field(column) for column in table.columns], "missingValues": [""]}
    if table.key:
        schema["primaryKey"] = list(table.key)
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": f"{table.name}.csv",
        "title": table.title,
        "description": table.meaning,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema,
    }


def field(column: Column) -> dict:
    """Return a column as a field of a table schema, with what its cells must be."""
    kind, words = COLUMN_KINDS[column.kind], column.meaning
    if column.refers:
        words += f" (keys of {column.refers}.csv{', joined by +' if column.several else ''})"
    if column.options:
        words += ": " + "; ".join(f"{name}, {meaning}" for name, meaning in column.options.items())
    made: dict = {"name": column.name, "type": kind.frictionless, "description": words}
    if column.kind == "flag":
        made |= {"trueValues": ["True"], "falseValues": ["False"]}
    constraints: dict = {"required": True} if column.required else {}
    if column.unique:
        constraints["unique"] = True
    if column.options:
        constraints["enum"] = list(column.options)
    if kind.least is not None:
        constraints["minimum"] = kind.least
    if kind.most is not None:
        constraints["maximum"] = kind.most
    if column.kind == "period":
        constraints["pattern"] = PERIOD.pattern
    elif column.pattern and column.kind == "text":
        constraints["pattern"] = column.pattern
    return made | ({"constraints": constraints} if constraints else {})


def _bibliography() -> dict:
    return {
        "profile": "data-resource",
        "name": "sources",
        "path": "sources.bib",
        "title": "Sources",
        "format": "bib",
        "description": (
            "BibTeX: every document in which a figure was read; figures.csv names its key in the"
            " column source."
        ),
        "mediatype": "application/x-bibtex",
        "encoding": "utf-8",
    }


def write(folder: Path, other: str = "") -> str:
    """Return the text of datapackage.json for the ledger in ``folder``, see ``descriptor``."""
    return json.dumps(descriptor(folder, other), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for name in sys.argv[1:]:
        (Path(name) / FILE).write_text(write(Path(name)), encoding="utf-8")
