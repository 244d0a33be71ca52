"""How a published figure is read as a number: its middle, its rounding, its date."""

import numpy as np
import pandas as pd

from .ledger import year_fraction

READING_KINDS = ("exact", "interval", "lower", "upper")


def middle_date(figure: pd.Series) -> float:
    """Return the decimal year in the middle of what a figure refers to."""
    return (
        year_fraction(figure["period_start"]) + year_fraction(figure["period_end"], end=True)
    ) / 2


def rounding_interval(value: float, digits: int = 2) -> tuple[float, float]:
    """Return the interval that "about ``value``" stands for: half a unit of its last significant
    digit.

    At most ``digits`` digits are believed. About 50,000 is 45,000 to 55,000; about 15,000 is 14,500
    to 15,500; about 1,234 is 1,184 to 1,284. Below a power of ten the unit is ten times finer:
    about 1,000 is 950 to 1,500.
    """
    mantissa, exponent = f"{value:.12e}".split("e")
    stated = mantissa.replace(".", "").rstrip("0")
    half = 0.5 * 10.0 ** (int(exponent) - min(len(stated), digits) + 1)
    return value - (half / 10 if stated == "1" else half), value + half


def central_value(figure: pd.Series) -> float:
    """Return the point of a figure, or the geometric middle of its range, or its one bound."""
    if not np.isnan(figure["point"]):
        return float(figure["point"])
    ends = [value for value in (figure["low"], figure["high"]) if not np.isnan(value)]
    return float(np.exp(np.mean(np.log(np.maximum(ends, 1e-9))))) if ends else float("nan")
