"""Why the interval of a year is as wide as it is, in words.

That is how many independent counts there are, of which kind, and what they say.
"""

import numpy as np
import pandas as pd

from ..evidence.classes import registry
from ..evidence.lineage import effective_number
from ..evidence.reading import middle_date
from ..words import number_of, period_of

SHOWN = 5  # figures of a year that are told one by one


def factor(row: pd.Series) -> float:
    """Return the upper end of the 80 % interval over the lower end.

    It is infinite where the lower end is below one person.
    """
    return float(row["hi80"] / row["lo80"]) if row["lo80"] >= 1 else float("inf")


def fitted_by_year(figures: pd.DataFrame) -> dict[int, pd.DataFrame]:
    """Return the fitted head counts of a host, by the year of the middle of their period."""
    fitted = figures[figures["use"] == "fit"]
    years = pd.Series(
        [int(middle_date(figure)) for _, figure in fitted.iterrows()], index=fitted.index, dtype=int
    )
    return {int(year): rows for year, rows in fitted.groupby(years)}


def why(row: pd.Series, fitted: pd.DataFrame | None, world: bool = False) -> str:
    """Return what one year's interval rests on.

    It also says why the middle lies where it is, if every count lies on one side of it.

    Parameters
    ----------
    row : ``median`` of the year.
    fitted : the head counts fitted for the year (rows of the ledger), or None.
    world : whether they are of all hosts together.
    """
    if fitted is None or fitted.empty:
        if world:
            return "no world total was fitted; the estimate is the sum over hosts"
        return "no head count of its own was fitted; other years and hosts decide"
    strong = (
        fitted["evidence_class"].isin(registry().strong) & (fitted["scope"] == "national")
    ).any()
    without = "no register among them" if world else "no register of the whole country"
    dated = sorted(fitted.iterrows(), key=lambda pair: middle_date(pair[1]))
    stated = [_stated(figure) for _, figure in dated]
    left = len(stated) - SHOWN
    shown = stated if left <= 0 else [*stated[: SHOWN - 1], f"{left + 1} more"]
    beside = _beside(row, fitted, "totals" if world else "counts of the whole country")
    return (
        f"{effective_number(fitted):.1f} independent of {len(fitted)};"
        f" {'a register among them' if strong else without}: {', '.join(shown)}{beside}"
    )


def _beside(row: pd.Series, fitted: pd.DataFrame, called: str) -> str:
    """Return words if all counts of all people lie above the median, or all below it.

    There have to be two counts or more; ``called`` is what the words call them.
    """
    counts = fitted[
        (fitted["quantity"] == "stock_workers")
        & (fitted["scope"] == "national")
        & (fitted["bound"] != "at_least")
    ]
    said = counts["point"].fillna(counts[["low", "high"]].mean(axis=1))
    if len(said) < 2 or "median" not in row:
        return ""
    if (said < row["median"]).all():
        return (
            f"; all {len(said)} {called} lie below the estimate: counts of their kind are taken to"
            " miss some, or the years around them say more"
        )
    if (said > row["median"]).all():
        return (
            f"; all {len(said)} {called} lie above the estimate: counts of their kind are taken to"
            " say too many, or the years around them say fewer"
        )
    return ""


def _stated(figure: pd.Series) -> str:
    """Return a figure as it was stated and its date: up to 10,000 (2019-09).

    If it does not count people present, it says what it counts.
    """
    what = (
        "" if figure["quantity"] == "stock_workers" else f" {figure['quantity'].replace('_', ' ')}"
    )
    part = "" if figure["scope"] == "national" else ", a part"
    return f"{number_of(figure)}{what} ({period_of(figure)}{part})"


def sentence(stock: pd.DataFrame) -> str:
    """Return in which years the 80 % interval is narrowest and widest.

    It also says for how many years nobody counted independently.

    Parameters
    ----------
    stock : ``year``, ``lo80``, ``hi80`` and ``n_effective`` of a host, one row a year.
    """
    spans = np.array([factor(row) for _, row in stock.iterrows()])
    years = stock["year"].astype(int).to_numpy()
    empty = int((stock["n_effective"] < 0.05).sum())
    words = (
        f"For {empty} of {len(stock)} years there is no head count that the model could fit."
        if empty
        else "Every year has a head count that the model could fit."
    )
    if np.isinf(spans).all():
        return words
    best, worst = int(np.argmin(spans)), int(np.argmax(spans))
    end = "begins at none" if np.isinf(spans[worst]) else f"spans a factor of {spans[worst]:.1f}"
    if years[best] == years[worst]:
        return words
    return (
        f"{words} The 80 % interval is narrowest for {years[best]}, where its ends are a factor of"
        f" {spans[best]:.1f} apart, and widest for {years[worst]}, where it {end}."
    )


def evidence(name: str, figures: int, copies: int, fitted: int) -> str:
    """Return in words how many figures name a place.

    It also says how many of them are probable copies, and how many of its own head counts are
    fitted.
    """
    named = f"{figures} figure that names" if figures == 1 else f"{figures} figures that name"
    if figures == 1:
        copied = "a probable copy" if copies else "not a copy as far as is known"
    else:
        copied = (
            f"{copies or 'none'} of them {'probable copies' if copies > 1 else 'a probable copy'}"
        )
    counts = (
        "1 head count of its own is fitted"
        if fitted == 1
        else f"{fitted or 'no'} head counts of its own are fitted"
    )
    return f"The ledger has {named} {name}, {copied}; {counts}."
