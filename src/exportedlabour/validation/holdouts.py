"""Which figures are held out, and which the model may learn from.

Figures that repeat one another never stand on both sides: what is split are *families*, the members
of one lineage together with everything that copies.csv ties to them, also by way of figures that
are not fitted.
"""

from typing import NamedTuple

import networkx as nx
import numpy as np
import pandas as pd

from ..evidence.classes import registry
from ..evidence.events import KNOWN, dates_of
from ..evidence.ledger import Ledger
from ..project import InputError

FUTURE_YEARS = (2015, 2017, 2019)
# What states told the 1718 Committee, above all the reports that resolution 2397 asked for, was
# printed in the years after that.
BEFORE_NOTIFICATIONS = KNOWN.winding_down - 1
NOTIFIED_LINEAGES = "1718"  # the ledger has it in the names of lineages of such reports
NOTIFICATIONS = "before the UN notifications"


class Split(NamedTuple):
    """A hold-out: its name, and which of the n figures are learnt from (``train``) and predicted
    (``test``); the rest are neither."""

    name: str
    train: np.ndarray
    test: np.ndarray


def families(figures: pd.DataFrame, ledger: Ledger) -> np.ndarray:
    """Return the family (n,) of each of ``figures``, named by the first id among all figures of the
    ledger that are tied to it."""
    tied = nx.Graph()
    every = ledger.figures
    tied.add_nodes_from(("figure", key) for key in every["figure_id"])
    tied.add_edges_from(
        (("figure", key), ("lineage", name))
        for key, name in zip(every["figure_id"], every["lineage"])
        if name
    )
    tied.add_edges_from(
        (("figure", key), ("figure", of))
        for key, of in zip(ledger.copies["figure_id"], ledger.copies["of"])
    )
    name_of = {}
    for part in nx.connected_components(tied):
        ids = [key for kind, key in part if kind == "figure"]
        name_of |= dict.fromkeys(ids, min(ids))
    return figures["figure_id"].map(name_of).to_numpy(dtype=object)


def origins(figures: pd.DataFrame) -> np.ndarray:
    """Return what each of ``figures`` (n,) rests on: its lineage, or its document where it has
    none."""
    return (
        figures["lineage"].where(figures["lineage"] != "", figures["source"]).to_numpy(dtype=object)
    )


def publication_years(figures: pd.DataFrame, ledger: Ledger) -> np.ndarray:
    """Return the year (n,) in which the source of each figure appeared, as a float; NaN if it is
    undated."""
    dates = [ledger.published(key) for key in figures["source"]]
    return np.array([float(date[:4]) if date else np.nan for date in dates])


def folds(family: np.ndarray, k: int, seed: int, name: str = "families") -> list[Split]:
    """Split the figures into ``k`` folds of families (fewer if there are fewer families), each held
    out once.

    The same seed gives the same folds, whatever the order of the figures.

    Raises
    ------
    InputError
        If all figures are of one family: nothing independent is left to learn from.
    """
    names = np.array(sorted(set(family)), dtype=object)
    if len(names) < 2:
        raise InputError(
            "all figures belong to one lineage, or copy one another: none can be held out and"
            " predicted from the others."
        )
    k = min(k, len(names))
    fold_of = dict(zip(np.random.default_rng(seed).permutation(names), np.arange(len(names)) % k))
    fold = np.array([fold_of[member] for member in family])
    return [Split(f"{name} {i + 1} of {k}", fold != i, fold == i) for i in range(k)]


def one_label_out(labels: np.ndarray, family: np.ndarray, kind: str, least: int = 3) -> list[Split]:
    """Hold out each label (a house, a class) with ``least`` figures or more; figures of the same
    families are not learnt from either.

    Labels are taken in alphabetical order; one whose families are all that there is, is left out.
    """
    splits = []
    for label in sorted(set(labels)):
        test = labels == label
        train = ~np.isin(family, family[test])
        if test.sum() >= least and train.any():
            splits.append(Split(f"{kind} {label}", train, test))
    return splits


def future(published: np.ndarray, family: np.ndarray, years=FUTURE_YEARS) -> list[Split]:
    """Learn from what was published by the end of each year, and predict what came later and
    repeats nothing known.

    Undated figures are neither. Years with nothing on one side are left out.
    """
    splits = []
    for year in years:
        train = published <= year
        test = (published > year) & ~np.isin(family, family[train])
        if train.any() and test.any():
            splits.append(Split(f"published after {year}", train, test))
    return splits


def is_notified(figures: pd.DataFrame) -> np.ndarray:
    """Return which figures (n,) states gave to the United Nations, by their class or the name of
    their lineage."""
    return (
        figures["lineage"].str.contains(NOTIFIED_LINEAGES, regex=False)
        | figures["evidence_class"].isin(registry().groups["notified"])
    ).to_numpy()


def before_notifications(
    published: np.ndarray,
    family: np.ndarray,
    notified: np.ndarray,
    until: int = BEFORE_NOTIFICATIONS,
) -> list[Split]:
    """Learn only from what was published before the notifications to the United Nations, by the end
    of the year ``until``, and predict what these said.

    Empty if the ledger has none, or nothing that is older.
    """
    test = notified & (published > until)
    train = (published <= until) & ~np.isin(family, family[test])
    return [Split(NOTIFICATIONS, train, test)] if train.any() and test.any() else []


def every_split(figures: pd.DataFrame, ledger: Ledger, k: int, seed: int) -> list[Split]:
    """Return every hold-out of the book over ``figures`` (the rows of a design): folds, houses,
    classes, the future, the notifications."""
    family = families(figures, ledger)
    published = publication_years(figures, ledger)
    until = dates_of(ledger.events).winding_down - 1
    return [
        *folds(family, k, seed),
        *one_label_out(ledger.house_of(figures).to_numpy(dtype=object), family, "house"),
        *one_label_out(figures["evidence_class"].to_numpy(dtype=object), family, "class"),
        *future(published, family),
        *before_notifications(published, family, is_notified(figures), until),
    ]
