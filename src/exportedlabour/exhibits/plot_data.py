"""The data behind a plot, as CSV and as a table on the page, and the plot itself for download."""

import csv
import html
import io
import json
import re

import pandas as pd

from . import tables
from .markdown import escape

ROWS = 40  # rows of the table on the page; the file has all of them
FOLDER = "figures"


def as_csv(data: pd.DataFrame) -> str:
    """Return the data of a plot as CSV, six significant digits."""
    return data.to_csv(index=False, float_format="%.6g", lineterminator="\n")


def block(described: dict[str, str], up: str = "../") -> str:
    """Return the HTML below a plot: links to its SVG and its data, and the data as a table that
    opens.

    ``described`` has the ``name`` and ``caption`` of the plot, its ``data`` as CSV, and what the
    data are called (``told``, or else the first sentence of the caption). ``up`` is the path to the
    root of the book.
    """
    name, told = (
        described["name"],
        described.get("data_title") or described["caption"].split(". ")[0].rstrip("."),
    )
    title = html.escape(told)
    drawing = (
        f'<a class="reference internal" href="{up}{FOLDER}/{name}.svg" download>Plot as SVG</a>'
    )
    if not described.get("data"):
        return f'<div class="plot-data"><p>{drawing}</p></div>'
    # Read as text, so that the page has what the file has; only long numbers get separators.
    columns, *data = csv.reader(io.StringIO(described["data"]))
    shown = pd.DataFrame(
        [[_shown(column, text) for column, text in zip(columns, row)] for row in data[:ROWS]],
        columns=columns,
        dtype=object,
    )
    more = f" The first {ROWS} of {len(data):,} rows; the file has all." if len(data) > ROWS else ""
    table = tables.markup(shown.rename(columns=_words), f"Data of the plot: {told}.{more}")
    made = (
        f'<div class="plot-data"><p>{drawing} · <a class="reference internal"'
        f' href="{up}{FOLDER}/{name}.csv" download>Data as CSV</a></p><details><summary>Data of'
        ' this plot as a table<span class="visually-hidden">:'
        f" {title}</span></summary>{table}</details></div>"
    )
    # On one line Markdown takes it as one block of HTML; without braces no name in it is replaced.
    return made.replace("\n", " ").replace("{", "&#123;")


def _words(column: str) -> str:
    if column[:2] in ("lo", "hi") and column[2:].isdigit():
        return f"{column[2:]} % {'from' if column[:2] == 'lo' else 'to'}"
    return column.replace("_", " ")


PLAIN = ("year", "n", "period_start", "period_end")  # no separators in years


def _shown(column: str, text: str) -> str:
    try:
        value = float(text)
    except ValueError:
        return text
    if column in PLAIN or abs(value) < 1000:
        return text if "e" not in text else f"{value:.3g}"
    return f"{value:,.0f}"


def borrowed(text: str, drawn: dict[str, dict]) -> str:
    """Return as Markdown the plot of another notebook that a cell names, with its data below it;
    "" if there is no such plot."""
    name = re.search(r"\bfig-[\w-]+", text)
    if not name or name[0] not in drawn:
        return ""
    described = drawn[name[0]]
    return (
        f"```{{figure}} ../figures/{name[0]}.svg\n:name: {name[0]}\n:width: 100%\n:alt:"
        f" {json.dumps(described['alt'], ensure_ascii=False)}\n\n"
        f"{escape(described['caption'])}\n```\n\n{block(described)}"
    )
