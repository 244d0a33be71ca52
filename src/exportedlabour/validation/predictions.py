"""How well figures that were held out are predicted, by this model and by simpler methods, from
holdouts.csv; and how well the fitted model knows its own figures."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from ..workers.observations import Design
from . import holdouts, scores
from .summary import OURS

FAMILIES = "fifth of families left out"
HOUSE, CLASS = "house left out", "class left out"
NOTIFIED = "UN notifications"
LEAST_ALONE = 10  # figures of a class or house that is looked at alone
LEAST_KNOWN = 3  # figures of a class whose own predictions are looked at


class HeldOut(NamedTuple):
    """The figures held out, predicted by this model.

    Attributes
    ----------
    ours : the lines of holdouts.csv of this model; group : (n,) how each was left out.
    scored : by group, ``alone`` : by class or house of ten figures or more, least covered first;
        both as ``scores.summary`` has them.
    pit : (m,) where figures left out by family fell in their predictions, 0 to 1; uniform : the
        test of one of each family against a flat histogram.
    """

    ours: pd.DataFrame
    group: pd.Series
    scored: pd.DataFrame
    alone: pd.DataFrame
    pit: np.ndarray
    uniform: scores.Uniformity


def held_out(held: pd.DataFrame, seed: int, rng: np.random.Generator) -> HeldOut:
    """Return how well this model predicts the figures held out.

    Parameters
    ----------
    held : as ``summary.held_out`` returns it.
    seed : of the choice of one figure of each family.
    """
    ours = held[held["method"] == OURS].reset_index(drop=True)
    group = groups(ours["split"])
    scored = scores.summary(ours, ours["family"].to_numpy(), group.to_numpy())
    years = sorted(name for name in set(group) if name.startswith("published"))
    order = [FAMILIES, HOUSE, CLASS, *years, NOTIFIED]
    scored = scored.loc[[name for name in order if name in scored.index and scored.loc[name, "n"]]]

    by_name = ours[ours["split"].str.startswith(("class ", "house "))].reset_index(drop=True)
    alone = scores.summary(by_name, by_name["family"].to_numpy(), by_name["split"].to_numpy())
    alone = alone.reindex(columns=scored.columns)  # it has none where nothing was left out so
    alone = alone[alone["n"] >= LEAST_ALONE].sort_values("covered_80")

    families = ours[(group == FAMILIES) & ours["crps"].notna()]
    pit = scores.randomised_pit(families[["pit_low", "pit_high"]].to_numpy(), rng)
    one = scores.one_of_each(families["family"].to_numpy(), np.random.default_rng(seed))
    return HeldOut(ours, group, scored, alone, pit, scores.uniformity(pit[one], rng))


def groups(split: pd.Series) -> pd.Series:
    """Return in words how figures of each ``split`` were left out, whichever fold, house or class
    it was."""
    group = split.str.replace(r" \d+ of \d+$", "", regex=True)
    named = group.str.startswith(("house ", "class "))
    group = group.where(~named, group.str.split(" ").str[0] + " left out")
    return group.replace({"families": FAMILIES, holdouts.NOTIFICATIONS: NOTIFIED})


def against_benchmarks(held: pd.DataFrame, found: HeldOut) -> pd.DataFrame:
    """Return the scores of each method on the figures left out by family that every method
    predicted.

    Returns
    -------
    DataFrame, one line a method: ``method``; ``flows``, the mean CRPS of figures of entries;
    ``crps``; ``interval``, the interval score at 80 %; ``inside, inside95``, shares; and the
    ``difference`` of this model's CRPS less that of the method, with ``low, high`` and ``n``, as
    ``scores.paired_difference`` has them. CRPS in log units.
    """
    same = found.ours[found.group == FAMILIES][["split", "figure_id", "crps", "family"]]
    methods = held[held["crps"].notna()].groupby(["split", "figure_id"])["method"].nunique()
    every = held["method"].nunique()
    same = same[[methods.get((row.split, row.figure_id), 0) == every for row in same.itertuples()]]
    rows = []
    for method in dict.fromkeys(held["method"]):
        theirs = held[held["method"] == method]
        part = same.merge(theirs, on=["split", "figure_id"], suffixes=("_ours", ""))
        part = part[part["crps"].notna()]
        family = part["family"].to_numpy()
        inside = scores.coverage(part[["pit_low", "pit_high"]].to_numpy(), family)
        inside = inside.set_index("level")["covered"]
        rows.append(
            {
                "method": method,
                "flows": part[part["flow"]]["crps"].mean(),
                "crps": part["crps"].mean(),
                "interval": part["interval_score_80"].mean(),
                "inside": inside[0.8],
                "inside95": inside[0.95],
                **scores.paired_difference(
                    part["crps_ours"].to_numpy(), part["crps"].to_numpy(), family
                ),
            }
        )
    return pd.DataFrame(rows)


def of_own_figures(design: Design, predicted: np.ndarray) -> pd.DataFrame:
    """Return how often the fitted model holds the figures that it has read, by class of three
    figures or more, the largest first (as ``scores.summary`` has it).

    Parameters
    ----------
    predicted : draws (d, n) of the log of each figure of ``design``.
    """
    lower = np.where(design.kind == 3, -np.inf, design.lower)
    known = scores.per_figure(predicted, lower, design.upper)
    by_class = scores.summary(known, None, np.array(design.biases)[design.bias])
    return by_class[by_class["n"] >= LEAST_KNOWN].sort_values("n", ascending=False)
