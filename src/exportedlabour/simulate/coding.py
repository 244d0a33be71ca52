"""How a coder marks the copies of a simulated ledger: by what can be seen, with the probabilities of the rules of coding."""

import numpy as np
import pandas as pd

from ..lineage import RARE_DIGITS, significant_digits
from ..reading import middle_date
from ..schema import BASIS_PROBABILITY

CITES = 0.7  # copies that name what they copy
NEAR_YEARS = 2.0


def mark(figures: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return the rows with ``lineage``, ``copy_probability``, and the new columns ``copied`` (a position, or -1) and ``basis``.

    A copy that cites what it repeats, as all do that round it again, is marked as cited (0.95); another by its number, rare (0.7) or
    round (0.3). So are figures of one's own that give the number of an earlier one by chance. There are so
    many uncited copies with a round number that, of all rows marked so, 0.3 are copies; and of all that are marked as cited,
    0.05 only seem to cite. A rare number that comes twice is nearly always a copy: there 0.7 is cautious.
    """
    figures = figures.assign(copied=-1, basis="")
    own = figures.index[figures["origin"] < 0]
    chance = _coincidences(figures.loc[own])
    for later, (earlier, basis) in chance.items():
        figures.loc[later, ["copied", "basis"]] = [earlier, basis]
    p = BASIS_PROBABILITY["round_number"]
    unmarked = round(sum(basis == "round_number" for _, basis in chance.values()) * p / (1 - p))
    cited = 0
    for copy in figures.index[figures["origin"] >= 0]:
        basis = "rare_number" if _digits(figures.loc[copy]) >= RARE_DIGITS else "round_number"
        retold = _number(figures.loc[copy]) != _number(figures.loc[figures.loc[copy, "origin"]])
        if retold or rng.random() < CITES or (basis == "round_number" and unmarked == 0):
            basis, cited = "cited", cited + 1
        unmarked -= basis == "round_number"
        figures.loc[copy, ["copied", "basis"]] = [int(figures.loc[copy, "origin"]), basis]
    wrong = round(cited * (1 - BASIS_PROBABILITY["cited"]) / BASIS_PROBABILITY["cited"])
    for later, earlier in _seeming(figures, own, wrong, rng):
        figures.loc[later, ["copied", "basis"]] = [earlier, "cited"]
    figures["copy_probability"] = [f"{BASIS_PROBABILITY[basis]:g}" if basis else "" for basis in figures["basis"]]
    return _families(figures)


def _coincidences(own: pd.DataFrame) -> dict[int, tuple[int, str]]:
    """Return for figures that give the number of an earlier one for the same thing, within two years: which, and the basis."""
    keyed = own.assign(number=[_number(row) for _, row in own.iterrows()], at=[middle_date(_dated(row)) for _, row in own.iterrows()])
    keyed = keyed[(keyed["number"] != "") & (keyed["lineage"] == "")].sort_values("published", kind="stable")
    found = {}
    for _, group in keyed.groupby(["hosts", "quantity", "unit", "number"], sort=True):
        first = group.iloc[0]
        for later, row in group.iloc[1:].iterrows():
            if abs(row["at"] - first["at"]) <= NEAR_YEARS and row["published"] > first["published"]:
                found[later] = (group.index[0], "rare_number" if _digits(row) >= RARE_DIGITS else "round_number")
    return found


def _seeming(figures: pd.DataFrame, own: pd.Index, count: int, rng: np.random.Generator):
    """Yield (later, earlier) for ``count`` figures of one's own that seem to cite an earlier one of the same host."""
    free = [i for i in own if not figures.loc[i, "basis"] and not figures.loc[i, "lineage"]]
    for later in rng.permutation(free).tolist():
        row = figures.loc[later]
        before = [i for i in own if figures.loc[i, "hosts"] == row["hosts"] and figures.loc[i, "published"] < row["published"]]
        if before and count:
            count -= 1
            yield later, int(rng.choice(before))


def _families(figures: pd.DataFrame) -> pd.DataFrame:
    """Give every marked figure the lineage of what it repeats, and that one a lineage if it has none."""
    for later in figures.sort_values("published", kind="stable").index:
        earlier = figures.loc[later, "copied"]
        if earlier >= 0:
            if not figures.loc[earlier, "lineage"]:
                figures.loc[earlier, "lineage"] = f"sim-repeated-{earlier + 1}"
            figures.loc[later, "lineage"] = figures.loc[earlier, "lineage"]
    return figures


def _number(row: pd.Series) -> str:
    """Return the stated number as text, "" for none or zero."""
    told = row["point"] or f"{row['low']}:{row['high']}".strip(":")
    return "" if told == "0" else told


def _digits(row: pd.Series) -> int:
    return max(significant_digits(float(row[name])) for name in ("low", "point", "high") if row[name])


def _dated(row: pd.Series) -> pd.Series:
    return row[["period_start", "period_end"]]
