"""The data behind a plot, as CSV and as a table on the page, and the plot itself for download."""

import csv
import html
import io
import re
from pathlib import Path

import pandas as pd

from . import tables
from .markdown import escape

ROWS = 40  # rows of the table on the page; the file has all of them
FOLDER = "figures"
STAND_IN = "stand-in.svg"  # in the place of a plot of another notebook


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
        described.get("told") or described["caption"].split(". ")[0].rstrip("."),
    )
    title = html.escape(told)
    drawing = (
        f'<a class="reference internal" href="{up}{FOLDER}/{name}.svg" download>Figure as SVG</a>'
    )
    if not described.get("data"):
        return f'<div class="figure-data"><p>{drawing}</p></div>'
    # Read as text, so that the page has what the file has; only long numbers get separators.
    columns, *data = csv.reader(io.StringIO(described["data"]))
    shown = pd.DataFrame(
        [[_shown(column, text) for column, text in zip(columns, row)] for row in data[:ROWS]],
        columns=columns,
        dtype=object,
    )
    more = f" The first {ROWS} of {len(data):,} rows; the file has all." if len(data) > ROWS else ""
    table = tables.markup(shown.rename(columns=_words), f"Data of the figure: {told}.{more}")
    made = (
        f'<div class="figure-data"><p>{drawing} · <a class="reference internal"'
        f' href="{up}{FOLDER}/{name}.csv" download>Data as CSV</a></p><details><summary>Data of'
        ' this figure as a table<span class="visually-hidden">:'
        f" {title}</span></summary>{table}</details></div>"
    )
    # On one line Markdown takes it as one block of HTML; without braces no name in it is replaced.
    return made.replace("\n", " ").replace("{", "&#123;")


def _words(column: str) -> str:
    if column[:2] in ("lo", "hi") and column[2:].isdigit():
        return f"{column[2:]} % {'from' if column[:2] == 'lo' else 'to'}"
    return column.replace("_", " ")


def _shown(column: str, text: str) -> str:
    try:
        value = float(text)
    except ValueError:
        return text
    if column in ("year", "n") or abs(value) < 1000:
        return text if "e" not in text else f"{value:.3g}"
    return f"{value:,.0f}"


def write_stand_in(folder: Path) -> None:
    """Write the picture that stands in the place of borrowed plots."""
    (folder / STAND_IN).write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>\n', encoding="utf-8"
    )


def borrowed(text: str, drawn: dict[str, dict]) -> str:
    """Return as Markdown the plot of another notebook that a cell names; "" if there is no such
    plot.

    A stand-in has its place and caption until ``with_lent`` puts it in. So a changed plot does not
    make Sphinx write the page again.
    """
    name = re.search(r"\bfig-[\w-]+", text)
    if not name or name[0] not in drawn:
        return ""
    caption = escape(drawn[name[0]]["caption"])
    return (
        f"```{{figure}} ../figures/{STAND_IN}\n:name: {name[0]}\n:width: 100%\n:alt:"
        f" {name[0]}\n\n{caption}\n```\n\n"
        f'<div data-figure="{name[0]}"></div>'
    )


def with_lent(text: str, drawn: dict[str, dict], up: str) -> str:
    """Return the HTML of a page with the plots that it borrowed, each with its data below it.

    ``up`` is the path to the root of the book.
    """

    def picture(match: re.Match) -> str:
        address = f"{up}{FOLDER}/{match[1]}.svg"
        shown = re.sub(rf'"[^"]*{re.escape(STAND_IN)}"', f'"{address}"', match[0])
        return shown.replace(f'alt="{match[1]}"', f'alt="{html.escape(drawn[match[1]]["alt"])}"')

    text = re.sub(
        rf'<a [^>]*{re.escape(STAND_IN)}"[^>]*>\s*<img alt="(fig-[\w-]+)"[^>]*>\s*</a>',
        picture,
        text,
    )
    return re.sub(
        r'<div data-figure="(fig-[\w-]+)"></div>', lambda match: block(drawn[match[1]], up), text
    )
