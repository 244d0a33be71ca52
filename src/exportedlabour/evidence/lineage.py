"""Who copies whom: which figures count as evidence of their own, how many there are, and how claims
travelled."""

import networkx as nx
import numpy as np
import pandas as pd

from .ledger import Ledger
from .reading import central_value, middle_date
from .schema import BASIS_PROBABILITY

RARE_DIGITS = 3  # a number with so many significant digits is unlikely to be hit twice by chance


def is_copy(figures: pd.DataFrame, threshold: float) -> pd.Series:
    """Return for each figure whether it is read as a copy: its probability of copying is
    ``threshold`` or more.

    A copy repeats an earlier member of its lineage with rounding, so it says nothing new about the
    host.
    """
    return figures["copy_probability"] >= threshold


def effective_number(figures: pd.DataFrame) -> float:
    """Return the effective number of independent figures among those of one host and year.

    A figure counts with its probability of not being a copy; figures of one lineage count together
    as one at most, as they share one error.
    """
    own = 1.0 - figures["copy_probability"]
    alone = own[figures["lineage"] == ""].sum()
    together = own[figures["lineage"] != ""].groupby(figures["lineage"]).sum().clip(upper=1.0).sum()
    return float(alone + together)


def effective_by_year(figures: pd.DataFrame) -> pd.DataFrame:
    """Return ``hosts, year, n_figures, n_effective`` of the figures given, by the year of their
    middle date."""
    dated = figures.assign(year=[int(middle_date(row)) for _, row in figures.iterrows()])
    grouped = dated.groupby(["hosts", "year"])
    table = grouped.size().rename("n_figures").to_frame()
    table["n_effective"] = grouped[["copy_probability", "lineage"]].apply(effective_number)
    return table.reset_index()


def coverage(figures: pd.DataFrame, years: range) -> pd.DataFrame:
    """Return the effective number of independent figures by host (rows, the best covered first) and
    year (columns).

    Hosts without a figure in ``years`` are left out.
    """
    worth = effective_by_year(figures)
    table = (
        worth.pivot(index="hosts", columns="year", values="n_effective")
        .reindex(columns=years)
        .fillna(0.0)
    )
    return table.loc[
        table.sum(axis=1).loc[lambda sums: sums > 0].sort_values(ascending=False).index
    ]


def graph(ledger: Ledger) -> nx.DiGraph:
    """Return the graph of copying: a node for each figure that copies or is copied, an edge from
    the later to the earlier.

    Nodes carry ``published``, ``lineage`` and ``house``; edges ``basis`` and ``change``.
    """
    copies = ledger.copies
    made = nx.DiGraph()
    figures = ledger.figures.set_index("figure_id", drop=False)
    houses = ledger.house_of(figures)
    for figure in sorted({*copies["figure_id"], *copies["of"]}):
        row = figures.loc[figure]
        made.add_node(
            figure,
            published=ledger.published(row["source"]),
            lineage=row["lineage"],
            house=houses[figure],
        )
    for row in copies.itertuples(index=False):
        made.add_edge(row.figure_id, row.of, basis=row.basis, change=row.change)
    return made


def origins(copying: nx.DiGraph, figure: str) -> list[str]:
    """Return the figures that ``figure`` goes back to in the end: those in its ancestry that repeat
    nobody."""
    reached = {figure, *nx.descendants(copying, figure)} if figure in copying else {figure}
    return sorted(node for node in reached if node not in copying or copying.out_degree(node) == 0)


def significant_digits(value: float) -> int:
    """Return how many significant digits a number shows: 30,023 has five, 50,000 one."""
    return len(f"{value:.12e}".split("e")[0].replace(".", "").rstrip("0"))


def shown_digits(figure) -> int:
    """Return the most significant digits that an end or the point of a figure shows: a range of two
    round ends is a round number."""
    stated = [value for value in (figure.low, figure.point, figure.high) if value > 0]
    return max((significant_digits(value) for value in stated), default=0)


def candidates(ledger: Ledger) -> pd.DataFrame:
    """Return the pairs of figures that the rules alone would call copies.

    A later figure that gives the same number for the same hosts, quantity and unit as an older one,
    and means the same time within two years: a rare number (three significant digits or more)
    stands for 0.7, a round one for 0.3. The oldest of equal figures is taken as the one that is
    copied.

    Returns
    -------
    DataFrame ``figure_id, of, basis, probability, coded, settled``: ``coded`` says whether the
    ledger puts both into one lineage, ``settled`` whether somebody went through the pair: it is
    coded, the later figure has a line in copies.csv, or a reason or note of either names the other.
    """
    figures = ledger.figures
    copies = set(ledger.copies["figure_id"])
    figures = figures[~figures["reason"].str.startswith("Same statement")]
    keyed = figures.assign(
        value=[central_value(row) for _, row in figures.iterrows()],
        at=[middle_date(row) for _, row in figures.iterrows()],
        out=[ledger.published(key) for key in figures["source"]],
    )
    keyed = keyed[(keyed["value"] > 0) & (keyed["out"] != "")].sort_values(["out", "figure_id"])
    rows = []
    for _, group in keyed.groupby(["hosts", "quantity", "unit", "value"]):
        for k, later in enumerate(group.itertuples()):
            older = [
                e
                for e in group.iloc[:k].itertuples()
                if e.out < later.out and abs(e.at - later.at) <= 2.0 and e.source != later.source
            ]
            if older:
                first = older[0]
                basis = "rare_number" if shown_digits(later) >= RARE_DIGITS else "round_number"
                same = bool(later.lineage) and later.lineage == first.lineage
                named = (
                    first.figure_id in later.reason + later.note
                    or later.figure_id in first.reason + first.note
                )
                settled = same or later.figure_id in copies or named
                rows.append(
                    (
                        later.figure_id,
                        first.figure_id,
                        basis,
                        BASIS_PROBABILITY[basis],
                        same,
                        settled,
                    )
                )
    columns = ["figure_id", "of", "basis", "probability", "coded", "settled"]
    return pd.DataFrame(rows, columns=columns).astype({"coded": bool, "settled": bool})


def agreement(first: pd.Series, second: pd.Series) -> tuple[float, float]:
    """Return the share of rows on which two codings agree, and Cohen's kappa (Cohen 1960,
    Educational and Psychological Measurement 20(1)): agreement beyond chance, 1 if all agree; nan
    if both used one word throughout.
    """
    agreed = float((first.to_numpy() == second.to_numpy()).mean())
    words = sorted({*first, *second})
    chance = sum(float((first == word).mean() * (second == word).mean()) for word in words)
    return agreed, (agreed - chance) / (1 - chance) if chance < 1 else float("nan")


def size_table(ledger: Ledger, threshold: float) -> pd.DataFrame:
    """Return every lineage with its number of figures, of probable copies, its years and its
    effective number."""
    figures = ledger.figures[ledger.figures["lineage"] != ""]
    grouped = figures.groupby("lineage")
    table = pd.DataFrame(
        {
            "figures": grouped.size(),
            "copies": figures[is_copy(figures, threshold)].groupby("lineage").size(),
            "first": (
                grouped["source"].agg(
                    lambda keys: min(
                        (ledger.published(key) for key in keys if ledger.published(key)), default=""
                    )
                )
            ),
            "last": (
                grouped["source"].agg(
                    lambda keys: max((ledger.published(key) for key in keys), default="")
                )
            ),
            "independent": np.minimum(
                1.0, (1.0 - figures["copy_probability"]).groupby(figures["lineage"]).sum()
            ),
        }
    )
    table["copies"] = table["copies"].fillna(0).astype(int)
    known = ledger.lineages.set_index("lineage")[["title", "root", "basis"]]
    return (
        known.join(table, how="inner")
        .sort_values(["figures", "copies"], ascending=False)
        .reset_index()
    )
