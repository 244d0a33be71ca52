"""What chapters tell of a ledger: who copies whom, how figures were coded twice, where they were
read."""

from typing import NamedTuple

import networkx as nx
import pandas as pd

from .. import words
from . import lineage
from .ledger import HEAD_COUNTS, Ledger
from .reading import middle_date

TWICE = ("quantity", "scope", "evidence_class", "use")  # columns that were coded twice
READ_AGAIN = ("confirmed", "corrected", "contradicted")  # results of a check that read a text
COMMON_HOUSES = 15


def links(ledger: Ledger, copying: nx.DiGraph) -> pd.DataFrame:
    """Return the links of copies.csv, one line each, with what both figures say.

    Parameters
    ----------
    copying : the graph of the ledger's copies, see ``lineage.graph``.

    Returns
    -------
    DataFrame with the columns of copies.csv and ``later``, ``earlier`` (the numbers in words),
    ``by``, ``whose`` (who asserts them) and ``origin`` (ids of where the later figure comes from,
    joined by comma).
    """
    figures = ledger.figures.set_index("figure_id", drop=False)
    late, early = ledger.copies["figure_id"], ledger.copies["of"]
    return ledger.copies.assign(
        later=[words.number_of(figures.loc[key]) for key in late],
        earlier=[words.number_of(figures.loc[key]) for key in early],
        by=[figures.loc[key, "asserted_by"] for key in late],
        whose=[figures.loc[key, "asserted_by"] for key in early],
        origin=[", ".join(o for o in lineage.origins(copying, key) if o != key) for key in late],
    )


def independent_heads(ledger: Ledger) -> pd.DataFrame:
    """Return for each host and year its head counts and how many independent ones they are worth,
    see ``lineage.effective_by_year``; figures of several hosts and those left out do not count."""
    figures = ledger.figures
    kept = figures["quantity"].isin(HEAD_COUNTS) & (figures["use"] != "exclude")
    return lineage.effective_by_year(
        figures[kept & ~figures["hosts"].str.contains("+", regex=False)]
    )


def agreement(recoding: pd.DataFrame) -> pd.DataFrame:
    """Return ``column``, ``agreed`` (share of rows) and Cohen's ``kappa`` of two codings, one line
    for each column of ``TWICE``; no line if nothing was coded twice."""
    columns = ["column", "agreed", "kappa"]
    if recoding.empty:
        return pd.DataFrame(columns=columns)
    rows = [
        (name.replace("_", " "), *lineage.agreement(recoding[f"first_{name}"], recoding[name]))
        for name in TWICE
    ]
    return pd.DataFrame(rows, columns=columns)


def coded_apart(recoding: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of recoding.csv on which the two codings differ."""
    if recoding.empty:
        return recoding
    first = recoding[[f"first_{name}" for name in TWICE]].to_numpy()
    return recoding[(first != recoding[list(TWICE)].to_numpy()).any(axis=1)]


def fitted_and_checked(ledger: Ledger) -> tuple[int, int]:
    """Return how many of the fitted figures were held against a text again, and how many are
    fitted."""
    checks, fitted = ledger.checks, ledger.figures[ledger.figures["use"] == "fit"]
    again = set(checks.loc[checks["result"].isin(READ_AGAIN), "figure_id"])
    return int(fitted["figure_id"].isin(again).sum()), len(fitted)


def languages(ledger: Ledger) -> pd.Series:
    """Return the number of documents by language, most first."""
    entries = ledger.sources.entries.items()
    spoken = pd.Series({key: entry.fields.get("langid", "unknown") for key, entry in entries})
    return spoken.str.capitalize().value_counts()


def houses(ledger: Ledger) -> pd.Series:
    """Return the number of figures of the houses that have most, by the wording in which each
    speaks most often."""
    figures = ledger.figures
    house = ledger.house_of(figures)
    wording = figures["asserted_by"].groupby(house).agg(lambda texts: texts.mode().iloc[0])
    return house.value_counts().head(COMMON_HOUSES).rename(wording)


class Years(NamedTuple):
    """Of figures: the year of each whose document is dated, and the year that each is about."""

    published: pd.Series
    about: pd.Series

    def counts(self) -> pd.DataFrame:
        """Return ``year``, ``published`` and ``about``, the numbers of figures."""
        both = {name: years.value_counts() for name, years in self._asdict().items()}
        return (
            pd.DataFrame(both).fillna(0).astype(int).sort_index().rename_axis("year").reset_index()
        )


def years(ledger: Ledger) -> Years:
    """Return when figures were published and what time they are about (the middle of it)."""
    figures = ledger.figures
    dates = [date for key in figures["source"] if (date := ledger.published(key))]
    return Years(
        pd.Series([int(date[:4]) for date in dates], dtype=int),
        pd.Series([int(middle_date(row)) for _, row in figures.iterrows()]),
    )
