"""The data dictionary: a page made of schema.py and of the ledger's rules of coding."""

from ..columns import COLUMN_KINDS, Column, Table
from ..evidence.ledger import Ledger
from ..evidence.schema import TABLES


def page(evidence: Ledger, escape) -> str:
    """Return the data dictionary as MyST; ``escape`` makes free text safe in Markdown."""
    lines = [
        "# Data dictionary",
        "",
        (
            "The ledger is a [Frictionless Data"
            " Package](https://specs.frictionlessdata.io/data-package/): the tables below with"
            " their types, vocabularies and keys are in `datapackage.json`, beside the files."
            " `exlab check` holds every cell to them and to the rules between cells, and says file,"
            " line, id, column, value and rule of what breaks one."
        ),
        "",
    ]
    if len(evidence.rules):
        lines += [
            "## Rules of coding",
            "",
            "The reason of a row cites the rule that decided it, such as (C9).",
            "",
            "| rule | name | text |",
            "|---|---|---|",
        ]
        lines += [
            f"| {escape(r.rule)} | {escape(r.title)} | {escape(r.text)} |"
            for r in evidence.rules.itertuples()
        ]
        lines.append("")
    for table in TABLES.values():
        lines += _table(table, escape, there=(evidence.folder / f"{table.name}.csv").is_file())
    return "\n".join(lines) + "\n"


def _table(table: Table, escape, there: bool) -> list[str]:
    where = (
        f'<a class="reference download internal" href="../data/{table.name}.csv" download>'
        "download</a>"
        if there
        else "the ledger at hand has no such table"
    )
    lines = [
        f"## {table.title}",
        "",
        f"`{table.name}.csv` ({where}). {table.meaning}",
        "",
        "| column | holds | meaning |",
        "|---|---|---|",
    ]
    lines += [
        f"| `{column.name}` | {escape(holds(column))} | {escape(column.meaning)} |"
        for column in table.columns
    ]
    for column in table.columns:
        if column.options:
            lines += ["", f"Words of `{column.name}`:", ""]
            for word, meaning in column.options.items():
                lines += [f"`{word}`", f": {escape(meaning)}", ""]
    return [*lines, ""]


def holds(column: Column) -> str:
    """Return in words what a cell of a column may be."""
    words = "one of its words" if column.options else COLUMN_KINDS[column.kind].words
    if column.refers:
        words = (
            f"{'keys' if column.several else 'a key'} of"
            f" {column.refers}.csv{', joined by +' if column.several else ''}"
        )
    return words + (", unique" if column.unique else "") + ("" if column.required else ", or empty")
