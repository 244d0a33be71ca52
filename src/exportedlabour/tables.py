"""Tables of pages: plain HTML, every cell escaped, wide ones scroll on a narrow screen."""

import html
from collections.abc import Callable

import numpy as np
import pandas as pd
from IPython.display import HTML, display

from .headline import people
from .ledger import Ledger

SHORT = 24  # characters that stay on one line


def show(table: pd.DataFrame, caption: str, links: dict[str, pd.Series] | None = None) -> None:
    """Display a table with a caption; ``links`` gives the address behind the cells of a column."""
    head = "".join(f'<th scope="col">{html.escape(str(column))}</th>' for column in table.columns)
    body = []
    for i in range(len(table)):
        cells = []
        for column in table.columns:
            text = html.escape(str(table[column].iloc[i]))
            address = str(links[column].iloc[i]) if links and column in links else ""
            if address.startswith(("https://", "http://")):
                text = f'<a class="reference external" href="{html.escape(address, quote=True)}">{text}</a>'
            number = isinstance(table[column].iloc[i], (int, float, np.number)) or _numeric(text)
            kind = "number" if number else "short" if len(str(table[column].iloc[i])) <= SHORT else "long"
            cells.append(f'<td class="{kind}">{text}</td>')
        body.append(f"<tr>{''.join(cells)}</tr>")
    markup = (
        f'<div class="table-scroll" tabindex="0" role="region" aria-label="{html.escape(caption, quote=True)}">'
        f'<table class="table"><caption>{html.escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )
    display(HTML(markup))


def _numeric(text: str) -> bool:
    return bool(text) and all(character in "0123456789.,%- –−×" for character in text)


def number_of(figure: pd.Series) -> str:
    """Return a published figure as it was stated: about 50,000; 130–150; at least 400."""
    low, point, high = (figure[name] for name in ("low", "point", "high"))

    def write(value: float) -> str:
        return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:g}"

    ends = [write(x) for x in (low, point, high) if not np.isnan(x)]
    if not ends:
        return "no number"
    if figure["bound"] == "range" or (len(ends) > 1 and not np.isnan(low) and not np.isnan(high)):
        return f"{write(low)}–{write(high)}" if not np.isnan(low) and not np.isnan(high) else ends[0]
    words = {"about": "about ", "at_least": "at least ", "at_most": "at most ", "order_of_magnitude": "of the order of "}
    return words.get(figure["bound"], "") + ends[0]


def period_of(figure: pd.Series) -> str:
    """Return what a figure refers to: 2017, or 2017-01 to 2019-03."""
    start, end = figure["period_start"], figure["period_end"]
    return start if start == end else f"{start} to {end}"


def figures_table(ledger: Ledger, figures: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """Return the rows of a host page, and the addresses behind its sources."""
    entries = ledger.sources.entries

    def source(key: str) -> str:
        entry = entries[key]
        persons = entry.persons.get("author")
        name = str(persons[0]).strip("{}") if persons else entry.fields.get("title", key)
        return f"{name.replace(chr(92), '')} {entry.fields.get('year', 'undated')}"

    table = pd.DataFrame({
        "id": figures["figure_id"],
        "date": [period_of(row) for _, row in figures.iterrows()],
        "what": figures["quantity"].str.replace("_", " "),
        "figure": [number_of(row) for _, row in figures.iterrows()],
        "unit": figures["unit"],
        "scope": figures["scope"],
        "asserted by": figures["asserted_by"],
        "class": figures["evidence_class"].str.replace("_", " "),
        "use": figures["use"],
        "why": figures["reason"],
        "source": [source(key) for key in figures["source"]],
    })  # fmt: skip
    links = pd.Series([entries[key].fields.get("url", "") for key in figures["source"]])
    return table, {"source": links}


def interval_rows(table: pd.DataFrame, label: str, write: Callable[[float], str] = people) -> pd.DataFrame:
    """Return ``label``, median, 80 % and 95 % intervals as text for a table."""
    return pd.DataFrame({
        label: table[label],
        "median": [write(x) for x in table["median"]],
        "80 % interval": [f"{write(a)} – {write(b)}" for a, b in zip(table["lo80"], table["hi80"])],
        "95 % interval": [f"{write(a)} – {write(b)}" for a, b in zip(table["lo95"], table["hi95"])],
    })  # fmt: skip


def vocabulary(words: dict[str, str], name: str) -> pd.DataFrame:
    """Return a vocabulary of the ledger as a two-column table."""
    return pd.DataFrame({name: [w.replace("_", " ") for w in words], "meaning": list(words.values())})
