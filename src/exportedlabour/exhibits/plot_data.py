"""What stands behind a figure: the table that was drawn, as CSV and on the page, and the drawing
itself to take away."""

import csv
import html
import io
import re
from pathlib import Path

import pandas as pd

from . import tables
from .markdown import escape

ROWS = 40  # of the table on the page; the file has all
FOLDER = "figures"
STAND_IN = "stand-in.svg"  # where a figure of another notebook will be


def as_csv(data: pd.DataFrame) -> str:
    """Return the data of a figure as CSV, six significant digits."""
    return data.to_csv(index=False, float_format="%.6g", lineterminator="\n")


def block(described: dict[str, str], up: str = "../") -> str:
    """Return the HTML below a figure: links to its SVG and its data, and the data as a table that
    opens.

    ``described`` has the figure's ``name`` and ``caption``, its ``data`` as CSV and what they are
    ``told`` as, else by the first sentence of the caption; ``up`` leads to the root.
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
    # Read as text, so that what stands in the file stands on the page; only long numbers get
    # separators.
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
    return made.replace("\n", " ").replace(
        "{", "&#123;"
    )  # one block of HTML to Markdown, in which no name is substituted


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
    """Write the picture that stands in for borrowed figures."""
    (folder / STAND_IN).write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>\n', encoding="utf-8"
    )


def borrowed(text: str, drawn: dict[str, dict]) -> str:
    """Return as Markdown the figure of another notebook that a cell names; "" if there is no such
    figure.

    A stand-in has its place and its caption until ``with_lent`` puts it in, so that a new drawing
    does not make the page new.
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
    """Return the HTML of a page with the figures that it borrowed, each with its data below it;
    ``up`` leads to the root."""

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
