"""Whether a build has the numbers that are published: table by table, and to which tolerance.

On the platform, Python and libraries of the published run every number must agree to the last digit printed. Elsewhere two
runs differ by Monte Carlo error, and so many of it are allowed that among all numbers of a table one goes beyond by chance in
one run of a hundred (montecarlo.allowed). Inputs that are not the published ones fail by themselves.
"""

from dataclasses import dataclass

import numpy as np

from . import montecarlo
from .compare import Change, Comparison, TableResult, compare
from .state import State

SHOWN = 5  # rows named for each table that does not agree


@dataclass(frozen=True)
class Check:
    """The verdict on one table, or on the sentences' numbers: what was demanded and what was found, in words."""

    name: str
    numbers: int
    demanded: str
    found: str
    agrees: bool
    moved: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What verification found; ``inputs`` are those that are not the published ones."""

    comparison: Comparison
    checks: tuple[Check, ...]
    inputs: tuple[Change, ...]

    @property
    def agrees(self) -> bool:
        """Whether everything published came out again, from the published inputs."""
        return not self.inputs and all(check.agrees for check in self.checks)


def verify(published: State, rebuilt: State) -> Verdict:
    """Hold a build against the published numbers."""
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
    parts += [f"{count} {words}" for count, words in (
        (table.within, f"differ by up to {table.errors:.1f} errors" if not table.beyond else "differ within what is allowed"),
        (table.beyond, f"differ by more, up to {table.errors:.1f} errors"),
        (table.borderline, "verdicts on the edge changed with them"), (table.words, "other cells differ"),
        (table.only_old, "rows are gone"), (table.only_new, "rows are new"),
    ) if count]  # fmt: skip
    return Check(table.title, table.numbers, demanded, ", ".join(parts), table.agrees and not exactly, tuple(table.moved[:SHOWN]))


def _headlines(found: Comparison) -> Check:
    numbers = len(found.old.headline)
    allowed = montecarlo.allowed(numbers)
    title = "Numbers in sentences"
    demanded = "to the last digit" if found.same_machine else f"within {allowed:.1f} Monte Carlo errors"
    changed = found.headlines
    if changed.empty:
        return Check(title, numbers, demanded, "all to the last digit", True)
    ratio = changed["errors"].to_numpy() * np.sqrt(2)  # in errors of one run, as for the tables
    # What has no error of its own, such as a ratio of two estimates, may move by as much of itself as the least certain number that has one.
    known = np.nan_to_num(ratio) > 0
    moved = np.array([abs(float(text.rstrip("%"))) / 100 if text.endswith("%") else np.inf for text in changed["change"]])
    widest = np.max(allowed * moved[known] / ratio[known], initial=0.0)
    words = (changed["change"] == "").to_numpy() & (changed["old"] != "").to_numpy() & (changed["new"] != "").to_numpy()
    beyond = np.where(known, ratio > allowed, ~words & (moved > widest))
    parts = [f"{numbers - len(changed)} to the last digit"]
    if within := int((~beyond & ~words).sum()):
        parts.append(f"{within} differ within what is allowed")
    if words.any():
        parts.append(f"{int(words.sum())} words changed with them")
    if beyond.any():
        parts.append(f"{int(beyond.sum())} differ by more")
    rows = changed[beyond] if beyond.any() else changed
    shown = tuple(
        f"{row.name_}: {row.old or 'nothing'} → {row.new or 'nothing'}"
        for row in rows.rename(columns={"name": "name_"}).head(SHOWN).itertuples()
    )
    return Check(title, numbers, demanded, ", ".join(parts), not beyond.any() and not found.same_machine, shown)
