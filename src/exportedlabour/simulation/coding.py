"""How a coder marks the copies of a simulated ledger: by what can be seen, with the probabilities
of the rules of coding."""

from itertools import groupby

import numpy as np
import pandas as pd

from ..evidence.lineage import RARE_DIGITS, significant_digits
from ..evidence.reading import middle_date
from ..evidence.schema import BASIS_PROBABILITY

CITES = 0.7  # copies that name what they copy
NEAR_YEARS = 2.0
Row = dict  # of figures.csv, with ``published``, ``origin``, ``copied`` and ``basis``


def mark(figures: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return the rows with ``lineage``, ``copy_probability``, and the new columns ``copied`` (a
    position, or -1) and ``basis``.

    A copy that cites what it repeats, as all do that round it again, is marked as cited (0.95);
    another by its number, rare (0.7) or round (0.3). So are figures of one's own that give the
    number of an earlier one by chance. There are so many uncited copies with a round number that,
    of all rows marked so, 0.3 are copies; and of all that are marked as cited, 0.05 only seem to
    cite. A rare number that comes twice is nearly always a copy: there 0.7 is cautious.
    """
    rows = figures.assign(copied=-1, basis="").to_dict("records")
    own = [place for place, row in enumerate(rows) if row["origin"] < 0]
    chance = _coincidences(rows, own)
    for later, earlier, basis in chance:
        rows[later] |= {"copied": earlier, "basis": basis}
    p = BASIS_PROBABILITY["round_number"]
    uncited = round(sum(basis == "round_number" for _, _, basis in chance) * p / (1 - p))
    cited = 0
    for row in (row for row in rows if row["origin"] >= 0):
        basis = _basis(row)
        retold = _number(row) != _number(rows[row["origin"]])
        if retold or rng.random() < CITES or (basis == "round_number" and uncited == 0):
            basis, cited = "cited", cited + 1
        uncited -= basis == "round_number"
        row |= {"copied": row["origin"], "basis": basis}
    wrong = round(cited * (1 - BASIS_PROBABILITY["cited"]) / BASIS_PROBABILITY["cited"])
    for later, earlier in _seeming(rows, own, wrong, rng):
        rows[later] |= {"copied": earlier, "basis": "cited"}
    for row in rows:
        row["copy_probability"] = f"{BASIS_PROBABILITY[row['basis']]:g}" if row["basis"] else ""
    _join_families(rows)
    return pd.DataFrame(rows, columns=[*figures.columns, "copied", "basis"])


def _coincidences(rows: list[Row], own: list[int]) -> list[tuple[int, int, str]]:
    """Return (later, earlier, basis) for figures that give the number of an earlier one for the
    same thing, within two years."""

    def key(place: int) -> tuple:
        return tuple(rows[place][name] for name in ("hosts", "quantity", "unit")) + (
            _number(rows[place]),
        )

    found = []
    alike = [place for place in own if _number(rows[place]) and not rows[place]["lineage"]]
    for _, group in groupby(
        sorted(alike, key=lambda place: (*key(place), rows[place]["published"], place)), key
    ):
        first, *others = group
        for later in others:
            near = abs(middle_date(rows[later]) - middle_date(rows[first])) <= NEAR_YEARS
            if near and rows[later]["published"] > rows[first]["published"]:
                found.append((later, first, _basis(rows[later])))
    return found


def _seeming(
    rows: list[Row], own: list[int], count: int, rng: np.random.Generator
) -> list[tuple[int, int]]:
    """Return (later, earlier) for ``count`` figures of one's own that seem to cite an earlier one
    of the same host."""
    found = []
    free = [place for place in own if not rows[place]["basis"] and not rows[place]["lineage"]]
    for later in rng.permutation(free).tolist():
        row = rows[later]
        before = [
            place
            for place in own
            if rows[place]["hosts"] == row["hosts"] and rows[place]["published"] < row["published"]
        ]
        if before and len(found) < count:
            found.append((later, int(rng.choice(before))))
    return found


def _join_families(rows: list[Row]) -> None:
    """Give every marked figure the lineage of what it repeats, and that one a lineage if it has
    none."""
    for row in sorted(rows, key=lambda row: row["published"]):
        if row["copied"] >= 0:
            earlier = rows[row["copied"]]
            earlier["lineage"] = earlier["lineage"] or f"sim-repeated-{row['copied'] + 1}"
            row["lineage"] = earlier["lineage"]


def _number(row: Row) -> str:
    """Return the stated number as text, "" for none or zero."""
    told = row["point"] or f"{row['low']}:{row['high']}".strip(":")
    return "" if told == "0" else told


def _basis(row: Row) -> str:
    digits = max(
        significant_digits(float(row[name])) for name in ("low", "point", "high") if row[name]
    )
    return "rare_number" if digits >= RARE_DIGITS else "round_number"
