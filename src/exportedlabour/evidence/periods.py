"""Periods as the ledger writes them, YYYY, YYYY-MM or YYYY-MM-DD, and what they are in years."""

from pybtex.database import BibliographyData

from .schema import PERIOD


def year_fraction(period: str, end: bool = False) -> float:
    """Return a period text as a decimal year: its beginning, or with ``end`` its end.

    ``2017`` begins at 2017.0 and ends at 2018.0; ``2017-12-31`` begins at 2017.997 and ends at
    2018.0.
    """
    year, month, day = ([int(part) for part in period.split("-")] + [0, 0])[:3]
    if not month:
        return year + float(end)
    if not day:
        return year + (month - 1 + end) / 12
    return year + (month - 1) / 12 + (min(day, 30) - 1 + end) / 360


def published_on(sources: BibliographyData, key: str) -> str:
    """Return when a source appeared, as YYYY, YYYY-MM or YYYY-MM-DD, or "" if it is undated."""
    fields = sources.entries[key].fields
    date = fields.get("note", "").removeprefix("Published ").split(" ")[0]
    return date if PERIOD.match(date) else fields.get("year", "")
