"""Tables of pages: plain HTML, every cell escaped, wide ones scroll on a narrow screen."""

import hashlib
import html
import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
from IPython.display import HTML, display

from ..evidence.address import address, address_of
from ..evidence.ledger import Ledger, plain
from ..words import number_of, people, period_of

SEARCHABLE = "searchable"  # in the built book: the scripts of tables that can be searched
SHORT = 24  # characters that stay on one line


def show(
    table: pd.DataFrame,
    caption: str,
    links: dict[str, pd.Series] | None = None,
    anchors: pd.Series | None = None,
    ledger: Ledger | None = None,
) -> None:
    """Display a table with a caption.

    Parameters
    ----------
    links : the addresses behind the cells of a column, by column.
    anchors : the name of each row, so that a mark in a plot can link to it.
    ledger : with it, every figure id in a cell links to its row.
    """
    display(HTML(markup(table, caption, links, anchors, ledger)))


def markup(
    table: pd.DataFrame,
    caption: str,
    links: dict[str, pd.Series] | None = None,
    anchors: pd.Series | None = None,
    ledger: Ledger | None = None,
) -> str:
    """Return a table as HTML, every cell escaped."""
    hosts = (
        {} if ledger is None else dict(zip(ledger.figures["figure_id"], ledger.figures["hosts"]))
    )

    def referring(text: str) -> str:
        return re.sub(
            r"\b[A-Z]{3}\d{3,4}\b",
            lambda m: anchor(m[0], address(m[0], hosts[m[0]])) if m[0] in hosts else m[0],
            text,
        )

    # A column without a name gets an empty cell, as an empty heading is no heading.
    head = "".join(
        f'<th scope="col">{html.escape(str(column))}</th>' if str(column) else "<td></td>"
        for column in table.columns
    )
    columns = [
        (
            list(table[column]),
            list(links[column]) if links and column in links else [""] * len(table),
        )
        for column in table.columns
    ]
    body = []
    for i in range(len(table)):
        cells = []
        for values, addresses in columns:
            said = str(values[i])
            text = html.escape(said)
            number = (
                isinstance(values[i], (int, float, np.number)) and not isinstance(values[i], bool)
            ) or _numeric(text)
            kind = "number" if number else "short" if len(said) <= SHORT else "long"
            where = str(addresses[i])
            cells.append(
                f'<td class="{kind}">{anchor(text, where) if where else referring(text)}</td>'
            )
        name = (
            f' id="{html.escape(str(anchors.iloc[i]), quote=True)}"' if anchors is not None else ""
        )
        body.append(f"<tr{name}>{''.join(cells)}</tr>")
    return (
        '<div class="table-scroll" tabindex="0" role="region"'
        f' aria-label="{html.escape(caption, quote=True)}">'
        f'<table class="table"><caption>{html.escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def anchor(text: str, address: str) -> str:
    """Return escaped ``text`` as a link, if ``address`` is of the web or of a page of this book."""
    if re.match(r"^https?://", address):
        return f'<a class="reference external" href="{html.escape(address, quote=True)}">{text}</a>'
    if re.fullmatch(r"(?!//)[\w./-]*(#[\w-]+)?", address) and address:
        return f'<a class="reference internal" href="{address}">{text}</a>'
    return text


def _numeric(text: str) -> bool:
    return bool(text) and all(character in "0123456789.,%- –−×" for character in text)


def source_of(ledger: Ledger, key: str) -> tuple[str, str]:
    """Return the name of a source in a table, and its address or ""."""
    entry = ledger.sources.entries[key]
    persons = entry.persons.get("author")
    name = plain(str(persons[0]) if persons else entry.fields.get("title", key))
    return f"{name} {entry.fields.get('year', 'undated')}", entry.fields.get("url", "")


def checked_of(ledger: Ledger) -> dict[str, str]:
    """Return in words what came of the second look at each figure, by its id.

    Only figures that were compared with their source again are in it.
    """
    return {
        row.figure_id: f"{row.result.replace('_', ' ')} {row.checked}"
        for row in ledger.checks.itertuples()
    }


def figures_table(
    ledger: Ledger, figures: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """Return the rows of the ledger as a table for readers.

    Also return the addresses behind its ids, sources and checks.
    """
    sources = [source_of(ledger, key) for key in figures["source"]]
    checked = checked_of(ledger)
    where = ledger.checks.set_index("figure_id")["where"]
    table = pd.DataFrame(
        {
            "id": figures["figure_id"],
            "host": [ledger.host_name(code) for code in figures["hosts"]],
            "date": [period_of(row) for _, row in figures.iterrows()],
            "what": figures["quantity"].str.replace("_", " "),
            "figure": [number_of(row) for _, row in figures.iterrows()],
            "unit": figures["unit"],
            "sector": figures["sector"],
            "scope": figures["scope"],
            "asserted by": figures["asserted_by"],
            "class": figures["evidence_class"].str.replace("_", " "),
            "use": figures["use"],
            "why": figures["reason"],
            "lineage": figures["lineage"],
            "copy": ["" if p == 0 else f"{p:.2f}" for p in figures["copy_probability"]],
            "source": [name for name, _ in sources],
            "read again": [checked.get(key, "no") for key in figures["figure_id"]],
        }
    )
    links = {
        "id": pd.Series([address_of(row) for _, row in figures.iterrows()]),
        "source": pd.Series([url for _, url in sources]),
        "read again": pd.Series([where.get(key, "") for key in figures["figure_id"]]),
    }
    return table, links


def searchable(table: pd.DataFrame, links: dict[str, pd.Series], caption: str) -> None:
    """Display a table that can be searched, sorted and filtered by column on the page.

    Without scripts it is a plain table. Every cell is escaped here, before the links are put around
    it. The scripts are files (``SEARCHABLE``, see ``write_searchable``), as a page runs no script
    in its text. The table's id is made of its caption, so that a second run writes the same page.
    """
    name = f"searchable-{hashlib.sha256(caption.encode()).hexdigest()[:8]}"
    head = "".join(f"<th>{html.escape(str(column))}</th>" for column in table.columns)
    cells = [
        [
            anchor(html.escape(str(value)), str(links[column].iloc[i]) if column in links else "")
            for i, value in enumerate(values)
        ]
        for column, values in table.items()
    ]
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in zip(*cells))
    display(
        HTML(
            f'<link rel="stylesheet" href="../{SEARCHABLE}/tables.css">'
            '<div class="searchable">'
            f'<table id="{name}" class="display compact" style="width:100%">'
            f"<caption>{html.escape(caption)}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
            f'<script src="../{SEARCHABLE}/tables.js" defer></script>'
            '<script src="../_static/searchable.js" defer></script>'
        )
    )


def write_searchable(folder: Path) -> None:
    """Write the script and the style of searchable tables for pages to load.

    They are those of itables (DataTables, MIT licence). itables has them as a JavaScript module,
    which a page opened from a folder cannot load; the exports of the module become the object
    ``itables``.

    Raises
    ------
    ValueError
        If the module does not end as expected: this version of itables is not known here.
    """
    bundle = files("itables") / "html"
    text = (bundle / "dt_bundle.js").read_text(encoding="utf-8")
    exports = re.search(r"export\{([^{}]*)\};?", text)
    if exports is None:
        raise ValueError("itables: its script has no list of exports")
    pairs = (part.strip().split(" as ") for part in exports[1].split(","))
    made = ",".join(f"{pair[-1]}:{pair[0]}" for pair in pairs if pair[-1] != "default")
    plain = text[: exports.start()] + f"window.itables={{{made}}};" + text[exports.end() :]
    folder.mkdir(parents=True)
    (folder / "tables.js").write_text(f"(() => {{\n{plain}\n}})();\n", encoding="utf-8")
    (folder / "tables.css").write_text(
        (bundle / "dt_bundle.css").read_text(encoding="utf-8"), encoding="utf-8"
    )


def interval_rows(
    table: pd.DataFrame, label: str, write: Callable[[float], str] = people
) -> pd.DataFrame:
    """Return ``label``, median, 80 % and 95 % intervals as text for a table."""
    return pd.DataFrame(
        {
            label: table[label],
            "median": [write(x) for x in table["median"]],
            "80 % interval": [
                f"{write(a)} – {write(b)}" for a, b in zip(table["lo80"], table["hi80"])
            ],
            "95 % interval": [
                f"{write(a)} – {write(b)}" for a, b in zip(table["lo95"], table["hi95"])
            ],
        }
    )


def vocabulary(words: dict[str, str], name: str) -> pd.DataFrame:
    """Return a vocabulary of the ledger as a table of two columns."""
    return pd.DataFrame(
        {name: [w.replace("_", " ") for w in words], "meaning": list(words.values())}
    )
