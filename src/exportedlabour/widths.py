"""Why the interval of a year is as wide as it is, in words: how many independent counts there are, of which kind, and how far apart."""

import numpy as np
import pandas as pd

from .headline import people
from .lineage import effective_number
from .reading import middle_date

STRONG = ("register", "implementation_report")


def factor(row: pd.Series) -> float:
    """Return how many times the upper end of the 80 % interval is the lower end; infinite where the lower end is below one person."""
    return float(row["hi80"] / row["lo80"]) if row["lo80"] >= 1 else float("inf")


def fitted_by_year(own: pd.DataFrame) -> dict[int, pd.DataFrame]:
    """Return the fitted head counts of a host by the year in which the middle of their period lies."""
    fitted = own[own["use"] == "fit"]
    years = pd.Series([int(middle_date(figure)) for _, figure in fitted.iterrows()], index=fitted.index, dtype=int)
    return {int(year): rows for year, rows in fitted.groupby(years)}


def why(row: pd.Series, fitted: pd.DataFrame | None) -> str:
    """Return what the width of one year's interval rests on.

    Parameters
    ----------
    row : ``lo80`` and ``hi80`` of the year.
    fitted : the head counts fitted for the year (rows of the ledger), or None.
    """
    if fitted is None or fitted.empty:
        return "nobody counted; the years around it and hosts like it say all there is"
    national = fitted[(fitted["scope"] == "national") & (fitted["quantity"] == "stock_workers")]
    told = [f"{effective_number(fitted):.1f} independent of {len(fitted)}"]
    if not len(national):
        told.append("no count of the whole country")
    else:
        strong = national["evidence_class"].isin(STRONG)
        told.append("a register among them" if strong.any() else "no register")
        values = national["point"].fillna(national[["low", "high"]].mean(axis=1))
        values = values[values > 0]
        if len(values) > 1 and values.max() > values.min():
            told.append(f"counts of the whole from {people(values.min())} to {people(values.max())}")
    return "; ".join(told)


def sentence(stock: pd.DataFrame) -> str:
    """Return in which year the 80 % interval is narrowest and widest, and for how many years nobody counted independently.

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
    return f"{words} The 80 % interval is narrowest for {years[best]}, where its ends are a factor of {spans[best]:.1f} apart, and widest for {years[worst]}, where it {end}."
