"""How numbers, dates and published figures are said in a sentence or in a cell."""

import re

import numpy as np
import pandas as pd

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def rounded(value: float, digits: int = 2) -> float:
    """Round to significant digits."""
    return float(f"{value:.{digits}g}") if np.isfinite(value) and value else 0.0


def people(value: float) -> str:
    """Return a head count for a sentence: two significant digits, none below a hundred kept finer
    than a person."""
    return f"{rounded(value) if value >= 100 else round(value):,.0f}"


def dollars(value: float) -> str:
    """Return a sum for a sentence: 450 million dollars, 1.2 billion dollars."""
    value = rounded(value)  # first: what rounds up to a billion is told in billions
    if value >= 1e9:
        return f"{value / 1e9:,.1f} billion dollars"
    if value >= 1e6:
        return (
            f"{value / 1e6:,.0f} million dollars"
            if value >= 1e7
            else f"{value / 1e6:,.1f} million dollars"
        )
    return f"{value:,.0f} dollars"


def span(low: float, high: float, write) -> str:
    """Return two numbers with one unit where they share it: 230 to 390 million dollars."""
    first, second = write(low), write(high)
    number, _, unit = first.partition(" ")
    return (
        f"{number} to {second}" if unit and second.endswith(f" {unit}") else f"{first} to {second}"
    )


def stated(value: float, unit: str) -> str:
    """Return a number as a source gave it, without rounding beyond what words like million need."""
    if unit == "fraction":
        return f"{100 * value:.3g} %"
    if unit == "year":
        return f"{value:.0f}"
    currency = unit.split("/")[0].split(" ")[0]
    if re.fullmatch("[A-Z]{3}", currency):
        word = "dollars" if currency == "USD" else currency
        for size, name in ((1e9, " billion"), (1e6, " million"), (1, "")):
            if value >= size or size == 1:
                return f"{value / size:,.10g}{name} {word}"
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:g}"


def percent(value: float) -> str:
    """Return a share for a sentence."""
    return f"{100 * value:.0f} %"


def month(date: str) -> str:
    """Return a date as YYYY or YYYY-MM in words: November 2026."""
    year, _, number = date.partition("-")
    return f"{MONTHS[int(number) - 1]} {year}" if number else year or "an unknown date"


def day(date: str) -> str:
    """Return an ISO date as one writes it in English, whatever the locale: 5 March 2026."""
    year, number, in_month = date[:10].split("-")
    return f"{int(in_month)} {MONTHS[int(number) - 1]} {year}"


def number_of(figure: pd.Series) -> str:
    """Return a published figure as it was stated: about 50,000; 130 to 150 million dollars; at
    least 400."""
    low, point, high = (figure[name] for name in ("low", "point", "high"))
    ends = [x for x in (point, low, high) if not np.isnan(x)]
    if not ends:
        return "no number"
    if not np.isnan(low) and not np.isnan(high):
        return span(low, high, lambda value: stated(value, figure["unit"]))
    words = {
        "about": "about ",
        "at_least": "at least ",
        "at_most": "up to ",
        "order_of_magnitude": "of the order of ",
    }
    return words.get(figure["bound"], "") + stated(ends[0], figure["unit"])


def period_of(figure: pd.Series) -> str:
    """Return what a figure refers to: 2017, or 2017-01 to 2019-03."""
    start, end = figure["period_start"], figure["period_end"]
    return start if start == end else f"{start} to {end}"
