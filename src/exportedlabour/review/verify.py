"""Whether a build has the published numbers, table by table, and to which tolerance.

On the platform, Python and libraries of the published run every number must agree to the last digit
printed. Elsewhere two runs differ by Monte Carlo error. The tolerance is set so that by chance one
run in a hundred has a number of a table beyond it (``monte_carlo.allowed``). Inputs that differ
from the published ones fail the check by themselves.
"""

import re
from dataclasses import dataclass

import numpy as np

from ..build.record import State
from ..inference import monte_carlo
from .compare import Comparison, Difference, TableResult, compare

NUMBER = r"\d[\d,]*(?:\.\d+)?"
SHOWN = 5  # rows named for each table that does not agree


@dataclass(frozen=True)
class Check:
    """The verdict on one table, or on the quoted numbers.

    It says in words what was demanded and what was found.
    """

    name: str
    numbers: int
    demanded: str
    found: str
    agrees: bool
    moved: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What verification found. ``inputs`` are those that differ from the published ones."""

    comparison: Comparison
    checks: tuple[Check, ...]
    inputs: tuple[Difference, ...]

    @property
    def agrees(self) -> bool:
        """Whether the inputs are the published ones and give the published numbers."""
        return not self.inputs and all(check.agrees for check in self.checks)


def verify(published: State, rebuilt: State) -> Verdict:
    """Compare a build with the published numbers."""
    found = compare(published, rebuilt)
    inputs = tuple([change for change in found.inputs if change.kind != "file"] + found.assumptions)
    checks = [_table(table, found.same_machine) for table in found.tables] + [_headlines(found)]
    return Verdict(found, tuple(checks), inputs)


def _table(table: TableResult, exactly: bool) -> Check:
    demanded = "to the last digit" if exactly else f"within {table.allowed:.1f} Monte Carlo errors"
    if table.name.endswith("_diagnostics") and not exactly:
        demanded = "the same quantities"
    if table.identical:
        return Check(table.title, table.numbers, demanded, "all to the last digit", True)
    parts = [f"{table.exact} to the last digit"]
    parts += [
        f"{count} {words}"
        for count, words in (
            (
                table.within,
                (
                    f"differ by up to {table.errors:.1f} errors"
                    if not table.beyond
                    else "differ within what is allowed"
                ),
            ),
            (table.beyond, f"differ by more, up to {table.errors:.1f} errors"),
            (table.borderline, "verdicts on the edge changed with them"),
            (table.words, "other cells differ"),
            (table.only_old, "rows are gone"),
            (table.only_new, "rows are new"),
        )
        if count
    ]
    return Check(
        table.title,
        table.numbers,
        demanded,
        ", ".join(parts),
        table.agrees and not exactly,
        tuple(table.moved[:SHOWN]),
    )


def _explained(old: str, new: str, widest: float, estimates_moved: bool) -> bool:
    """Return whether Monte Carlo error can have changed a sentence.

    If only its numbers differ, none of them may have moved by more than the share ``widest``, or
    one step of its last digit. If its words differ, some estimate must have moved: a verdict or a
    name can change when an estimate crosses a limit.
    """
    numbers = [re.findall(NUMBER, text) for text in (old, new)]
    if re.sub(NUMBER, "#", old) != re.sub(NUMBER, "#", new):
        return estimates_moved
    for before, after in zip(*numbers):
        a, b = (float(text.replace(",", "")) for text in (before, after))
        step = (
            10.0 ** -len(before.partition(".")[2])
            if "." in before
            else 10.0
            ** (len(before.replace(",", "")) - len(before.replace(",", "").rstrip("0") or "0"))
        )
        if abs(a - b) > max(widest * abs(a), 1.001 * step):
            return False
    return True


def _headlines(found: Comparison) -> Check:
    numbers = len(found.old.headline)
    allowed = monte_carlo.allowed(numbers)
    title = "Numbers in sentences"
    demanded = (
        "to the last digit" if found.same_machine else f"within {allowed:.1f} Monte Carlo errors"
    )
    changed = found.headlines
    if changed.empty:
        return Check(title, numbers, demanded, "all to the last digit", True)
    ratio = changed["errors"].to_numpy() * np.sqrt(2)  # in errors of one run, as tables have them
    # A number without an error of its own, such as a ratio of two estimates, may move by the same
    # share of itself as the least certain number that has one.
    known = np.nan_to_num(ratio) > 0
    moved = np.array(
        [
            abs(float(text.rstrip("%"))) / 100 if text.endswith("%") else np.inf
            for text in changed["change"]
        ]
    )
    widest = np.max(allowed * moved[known] / ratio[known], initial=0.0)
    words = (
        (changed["change"] == "").to_numpy()
        & (changed["old"] != "").to_numpy()
        & (changed["new"] != "").to_numpy()
    )
    beyond = np.where(known, ratio > allowed, ~words & (moved > widest))
    estimates_moved = not all(table.identical for table in found.tables)
    told = zip(changed["old"], changed["new"], words)
    beyond |= np.array(
        [
            is_words and not _explained(old, new, float(widest), estimates_moved)
            for old, new, is_words in told
        ]
    )
    parts = [f"{numbers - len(changed)} to the last digit"]
    if within := int((~beyond & ~words).sum()):
        parts.append(f"{within} differ within what is allowed")
    if (words & ~beyond).any():
        parts.append(f"{int((words & ~beyond).sum())} words changed with them")
    if beyond.any():
        parts.append(f"{int(beyond.sum())} differ by more")
    rows = changed[beyond] if beyond.any() else changed
    shown = tuple(
        f"{row.name_}: {row.old or 'nothing'} → {row.new or 'nothing'}"
        for row in rows.rename(columns={"name": "name_"}).head(SHOWN).itertuples()
    )
    return Check(
        title,
        numbers,
        demanded,
        ", ".join(parts),
        not beyond.any() and not found.same_machine,
        shown,
    )
