"""The numbers that the prose quotes: each a value and the text that stands for it in a sentence."""

import json
import re
from pathlib import Path

import numpy as np

MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
METADATA_KEY = "exportedlabour"  # under it a displayed figure carries its name, caption and alternative text


def rounded(value: float, digits: int = 2) -> float:
    """Round to significant digits."""
    return float(f"{value:.{digits}g}") if np.isfinite(value) and value else 0.0


def people(value: float) -> str:
    """Return a head count for a sentence: two significant digits, none below a hundred kept finer than a person."""
    return f"{rounded(value) if value >= 100 else round(value):,.0f}"


def dollars(value: float) -> str:
    """Return a sum for a sentence: 450 million dollars, 1.2 billion dollars."""
    value = rounded(value)  # first: what rounds up to a billion is told in billions
    if value >= 1e9:
        return f"{value / 1e9:,.1f} billion dollars"
    if value >= 1e6:
        return f"{value / 1e6:,.0f} million dollars" if value >= 1e7 else f"{value / 1e6:,.1f} million dollars"
    return f"{value:,.0f} dollars"


def span(low: float, high: float, write) -> str:
    """Return two numbers with one unit where they share it: 230 to 390 million dollars."""
    first, second = write(low), write(high)
    number, _, unit = first.partition(" ")
    return f"{number} to {second}" if unit and second.endswith(f" {unit}") else f"{first} to {second}"


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


class Headline:
    """Collects the numbers of one notebook, each with its text, and writes them."""

    def __init__(self):
        self.entries: dict[str, dict] = {}

    def put(self, key: str, value, text: str) -> None:
        """Add one number under a name that pages use."""
        self.entries[key] = {"value": float(f"{value:.6g}") if isinstance(value, (float, np.floating)) else value, "text": str(text)}

    def interval(self, key: str, row, write, scale: float = 1.0) -> None:
        """Add the median (``key``), the ends (``key_lo80`` ... ``key_hi95``) and the intervals (``key_80``, ``key_95``)."""
        self.put(key, float(row["median"]) * scale, write(row["median"] * scale))
        for level in (80, 95):
            for end in ("lo", "hi"):
                name = f"{end}{level}"
                self.put(f"{key}_{name}", float(row[name]) * scale, write(row[name] * scale))
            low, high = float(row[f"lo{level}"]) * scale, float(row[f"hi{level}"]) * scale
            self.put(f"{key}_{level}", [low, high], span(low, high, write))

    def write(self, path: Path) -> None:
        """Write the entries as JSON, in the order of their names."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.entries, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


def merge(folder: Path) -> dict[str, dict]:
    """Return all entries written under ``folder``.

    Raises
    ------
    ValueError
        If two notebooks use one name for different numbers.
    """
    merged: dict[str, dict] = {}
    for path in sorted(folder.glob("*.json")):
        for key, entry in json.loads(path.read_text(encoding="utf-8")).items():
            if merged.setdefault(key, entry) != entry:
                raise ValueError(f"{path.name}: the name {key} already stands for {merged[key]['text']}")
    return merged
