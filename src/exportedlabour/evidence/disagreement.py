"""In which years independent head counts of one place disagree, and which are furthest apart."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .lineage import is_copy
from .reading import middle_date


@dataclass(frozen=True)
class Disagreement:
    """Years with more than one head count of the whole place: how many there are, in which one the
    counts are furthest ``apart`` (a ratio), and the lowest and highest of that year, rows of the
    ledger."""

    years: int
    year: int
    low: pd.Series
    high: pd.Series
    apart: float


def of(figures: pd.DataFrame, copy_threshold: float) -> Disagreement | None:
    """Return how far head counts of one place are apart, None if no year has two.

    Copies, figures of parts of the place, context and zeros are left out.

    Parameters
    ----------
    figures : rows of the ledger about one place.
    """
    whole = figures[
        (figures["quantity"] == "stock_workers")
        & (figures["scope"] == "national")
        & (figures["use"] != "context")
        & ~is_copy(figures, copy_threshold)
    ]
    every = [figure for _, figure in whole.iterrows()]
    whole = whole.assign(
        value=[_middle(figure) for figure in every],
        year=[int(middle_date(figure)) for figure in every],
    )
    several = [
        (int(year), group)
        for year, group in whole[whole["value"] > 0].groupby("year")
        if len(group) > 1
    ]
    if not several:
        return None
    year, group = max(several, key=lambda pair: _apart(pair[1]))
    low, high = group.loc[group["value"].idxmin()], group.loc[group["value"].idxmax()]
    return Disagreement(len(several), year, low, high, _apart(group))


def _middle(figure: pd.Series) -> float:
    """Return the point, or the mean of the ends that are there."""
    point = figure["point"]
    return float(figure[["low", "high"]].mean() if np.isnan(point) else point)


def _apart(group: pd.DataFrame) -> float:
    return float(group["value"].max() / group["value"].min())
