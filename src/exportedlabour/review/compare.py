"""What changed between two builds: inputs, assumptions, versions, and every number.

One of the two may be the published numbers. A difference is compared with the Monte Carlo errors of
both sides (``inference.monte_carlo``): another seed alone would give a difference of a few of them.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from .. import results_form
from ..build.record import State
from ..columns import Table
from ..inference import monte_carlo

ENDS = ["lo95", "lo80", "median", "hi80", "hi95"]  # of a quoted number with intervals
# A change of more errors of the difference than this counts as larger than Monte Carlo error.
BEYOND = 2.0
DIGITS = 4  # significant digits of the published tables


@dataclass(frozen=True)
class Difference:
    """One thing that differs between the two sides. The text of a side that lacks it is empty."""

    kind: str
    name: str
    old: str
    new: str


@dataclass
class TableResult:
    """How well one published table agrees.

    ``errors`` is the largest difference of a number, in Monte Carlo errors of one run. ``moved``
    has one line for each row that differs.
    """

    name: str
    title: str
    numbers: int = 0
    exact: int = 0
    within: int = 0
    beyond: int = 0
    words: int = 0
    borderline: int = 0
    only_old: int = 0
    only_new: int = 0
    errors: float = 0.0
    allowed: float = 0.0
    moved: list[str] = field(default_factory=list)

    @property
    def identical(self) -> bool:
        """Whether every cell is the same."""
        return self.exact == self.numbers and not (
            self.words or self.borderline or self.only_old or self.only_new
        )

    @property
    def agrees(self) -> bool:
        """Whether no difference is larger than Monte Carlo error allows."""
        return not (self.beyond or self.words or self.only_old or self.only_new)


@dataclass(frozen=True)
class Comparison:
    """Two states side by side.

    ``headlines`` has a row for each number: ``name, old, new, change, errors, larger``.
    """

    old: State
    new: State
    inputs: list[Difference]
    assumptions: list[Difference]
    versions: list[Difference]
    headlines: pd.DataFrame
    tables: list[TableResult]

    @property
    def seeds(self) -> str:
        """The seeds of both sides, in words."""
        found = [
            {
                name: value
                for name, value in state.record["settings"].items()
                if name.endswith("seed")
            }
            for state in (self.old, self.new)
        ]
        told = [
            ", ".join(f"{name} {value}" for name, value in one.items()) or "not recorded"
            for one in found
        ]
        return told[0] if told[0] == told[1] else f"{told[0]}; now {told[1]}"

    @property
    def same_machine(self) -> bool:
        """Whether the last digits can be expected to agree."""
        return self.old.machine == self.new.machine

    @property
    def same(self) -> bool:
        """Whether every input, assumption and number is the same.

        Versions of libraries and the names of commits may differ.
        """
        return (
            not self.inputs
            and not self.assumptions
            and self.headlines.empty
            and all(table.identical for table in self.tables)
        )


def compare(old: State, new: State) -> Comparison:
    """Return how two states differ."""
    told = [
        table_result(form, old, new)
        for name, form in results_form.TABLES.items()
        if name in old.tables or name in new.tables
    ]
    numbers = headline_differences(old, new)
    return Comparison(
        old,
        new,
        input_differences(old, new),
        assumption_differences(old, new),
        version_differences(old, new),
        numbers,
        told,
    )


# --- what went in ---------------------------------------------------------------------------------


def input_differences(old: State, new: State) -> list[Difference]:
    """Return the inputs that differ, by their hashes.

    Inputs are tables and rows of the ledger, notebooks, modules and committed files.
    """
    before, after = (
        state.record.get("ledger") or {"tables": {}, "rows": {}} for state in (old, new)
    )
    if before["tables"] and after["tables"]:
        changes = _by_key("ledger table", before["tables"], after["tables"], 12)
        changes += _by_key("ledger row", before["rows"], after["rows"], 12)
    else:  # an old build, made before ledgers were recorded
        sums = [state.record.get("data", {}).get("sha256", "") for state in (old, new)]
        changes = (
            [Difference("ledger", "all tables", *(one[:12] for one in sums))]
            if all(sums) and sums[0] != sums[1]
            else []
        )
    return changes + _by_key("file", old.record["files"], new.record["files"], 12)


def assumption_differences(old: State, new: State) -> list[Difference]:
    """Return the assumptions whose value differs.

    Seeds and the numbers of draws are among them.
    """
    return _by_key("assumption", old.record["settings"], new.record["settings"])


def version_differences(old: State, new: State) -> list[Difference]:
    """Return which of platform, Python, libraries, package and commit differ."""
    single = [
        {name: state.record.get(name, "") for name in ("commit", "version", "platform", "python")}
        for state in (old, new)
    ]
    return _by_key("version", *single) + _by_key(
        "library", old.record["libraries"], new.record["libraries"]
    )


def _by_key(kind: str, old: dict, new: dict, width: int | None = None) -> list[Difference]:
    def told(value) -> str:
        return "" if value is None else str(value)[:width]

    return [
        Difference(kind, name, told(old.get(name)), told(new.get(name)))
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    ]


# --- what came out: tables ------------------------------------------------------------------------


def table_result(form: Table, old: State, new: State) -> TableResult:
    """Return how a table agrees; the rows are matched by the key of its form."""
    result = TableResult(form.name, form.title)
    if form.name not in old.tables or form.name not in new.tables:
        there, side = (old, "only_old") if form.name in old.tables else (new, "only_new")
        setattr(result, side, len(there.tables[form.name]))
        result.moved.append(f"the whole table is only in {there.name}")
        return result
    before, after = (
        state.tables[form.name].set_index(list(form.key), drop=False) for state in (old, new)
    )
    result.only_old, result.only_new = (
        len(before.index.difference(after.index)),
        len(after.index.difference(before.index)),
    )
    result.moved += [
        f"{_row(key)}: only in {old.name}" for key in before.index.difference(after.index)
    ]
    result.moved += [
        f"{_row(key)}: only in {new.name}" for key in after.index.difference(before.index)
    ]
    columns = [name for name in before.columns if name in after.columns]
    if odd := [
        *before.columns.difference(after.columns),
        *after.columns.difference(before.columns),
    ]:
        result.words += len(odd)
        result.moved.append(f"columns only on one side: {', '.join(odd)}")
    shared = before.index.intersection(after.index)
    before, after = before.loc[shared, columns], after.loc[shared, columns]
    errors = (
        pd.concat([_errors(form, state, table) for state, table in ((old, before), (new, after))])
        .groupby(level=0)
        .mean()
    )
    errors.index = range(len(shared))
    _count(
        form,
        result,
        before.reset_index(drop=True),
        after.reset_index(drop=True),
        errors,
        [_row(key) for key in shared],
    )
    return result


def _row(key) -> str:
    return " ".join(key) if isinstance(key, tuple) else str(key)


def _errors(form: Table, state: State, table: pd.DataFrame) -> pd.DataFrame:
    """Return the Monte Carlo errors of the cells of a table that come from draws, rows numbered;
    NaN where they have none."""
    table = table.reset_index(drop=True)
    ess = state.effective_draws(form, table).to_numpy()
    errors = pd.DataFrame(np.nan, index=table.index, columns=table.columns)
    columns = [name for name in results_form.QUANTILES if name in table]
    if columns and form.draws and np.isfinite(ess).all():
        values = table[columns].apply(pd.to_numeric, errors="coerce").to_numpy()
        errors[columns] = monte_carlo.quantile_errors(
            values, np.array([results_form.QUANTILES[name] for name in columns]), ess
        )
        if {"mean", "lo95", "hi95"} <= set(table):
            mean, low, high = (
                pd.to_numeric(table[name], errors="coerce").to_numpy()
                for name in ("mean", "lo95", "hi95")
            )
            errors["mean"] = monte_carlo.mean_errors(mean, low, high, ess)
        for name in form.of_kind("probability"):
            if name in table:
                errors[name] = monte_carlo.share_errors(
                    pd.to_numeric(table[name], errors="coerce").to_numpy(), ess
                )
    # An estimate without quantiles of its own gets the relative error of the row's median.
    others = [
        name
        for name in form.of_kind("estimate")
        if name in table and name not in {*columns, "mean"}
    ]
    if others and "median" in table:
        relative = errors["median"] / pd.to_numeric(table["median"], errors="coerce")
        for name in others:
            errors[name] = relative * pd.to_numeric(table[name], errors="coerce").abs()
    return errors


def _count(
    form: Table, result: TableResult, before, after, errors: pd.DataFrame, rows: list[str]
) -> None:
    sampled = [name for name in form.of_kind("estimate", "probability") if name in before]
    present = before[sampled].ne("") | after[sampled].ne("")
    result.numbers = int(present.to_numpy().sum())
    result.allowed = monte_carlo.allowed(result.numbers)
    differs = before[sampled].ne(after[sampled])
    result.exact = result.numbers - int(differs.to_numpy().sum())
    old, new = (table[sampled].apply(pd.to_numeric, errors="coerce") for table in (before, after))
    gap = (old - new).abs()
    shares = form.of_kind("probability")
    printed = (
        pd.concat([old, new])
        .abs()
        .groupby(level=0)
        .max()
        .apply(lambda column: 0 * column if column.name in shares else _last_digit(column))
    )
    steps = ((gap - printed).clip(lower=0) / errors[sampled]).where(differs)
    steps = steps.where(~(differs & ~(gap > printed)), 0.0).where(~(differs & gap.isna()), np.inf)
    # A difference without a known error counts as larger than any error.
    steps = steps.where(~(differs & steps.isna()), np.inf)
    beyond = differs & (steps > result.allowed)
    result.beyond, result.within = (
        int(beyond.to_numpy().sum()),
        int((differs & ~beyond).to_numpy().sum()),
    )
    result.errors = float(np.nanmax(steps.to_numpy(), initial=0.0))
    words = [
        name
        for name in before.columns
        if name not in sampled and name not in form.of_kind("diagnostic")
    ]
    unlike = before[words].ne(after[words])
    verdicts = [name for name in form.of_kind("verdict") if name in words]
    near = unlike[verdicts].any(axis=1) & ~beyond.any(axis=1) & differs.any(axis=1)
    result.borderline = int(near.sum())
    result.words += int(unlike.to_numpy().sum()) - int(unlike.loc[near, verdicts].to_numpy().sum())
    diagnostics = [name for name in form.of_kind("diagnostic") if name in before]
    if diagnostics:
        result.numbers += before[diagnostics].size
        result.exact += int(before[diagnostics].eq(after[diagnostics]).to_numpy().sum())
        # A second run need not mix equally well, so that diagnostics may differ.
        result.within = result.numbers - result.exact
    told = [*sampled, *words]
    was, now = (table[told].to_numpy(dtype=object) for table in (before, after))
    far = steps.reindex(columns=told).to_numpy(dtype=float)  # NaN for words
    cells: dict[int, list[str]] = {}
    for i, j in np.argwhere(was != now):
        errors_away = f" ({far[i, j]:.1f} errors)" if np.isfinite(far[i, j]) else ""
        cells.setdefault(int(i), []).append(
            f"{told[j]} {was[i, j] or 'empty'} → {now[i, j] or 'empty'}{errors_away}"
        )
    result.moved += [f"{rows[i]}: {'; '.join(changed)}" for i, changed in cells.items()]


def _last_digit(values: pd.Series) -> pd.Series:
    """Return what one unit of the last printed digit is worth."""
    return 10.0 ** (np.floor(np.log10(values.where(values > 0, 1))) - DIGITS + 1)


# --- what came out: headlines ---------------------------------------------------------------------


def headline_differences(old: State, new: State) -> pd.DataFrame:
    """Return the quoted numbers that differ, the largest change first.

    Returns
    -------
    DataFrame ``name, old, new, change, errors, larger``. ``errors`` is the change in Monte Carlo
    errors of the difference; NaN where none is known, as for counts of the ledger and for words.
    ``larger`` is "yes", "no" or "not known".
    """
    sides = [headline_errors(state) for state in (old, new)]
    rows = []
    for name in sorted({*old.headline, *new.headline}):
        before, after = old.headline.get(name), new.headline.get(name)
        if before == after:
            continue
        a, b = (
            np.atleast_1d(entry["value"]) if entry and _number(entry["value"]) else None
            for entry in (before, after)
        )
        row = {
            "name": name,
            "old": before["text"] if before else "",
            "new": after["text"] if after else "",
            "change": "",
            "errors": np.nan,
        }
        if a is not None and b is not None and len(a) == len(b):
            end = int(np.argmax(np.abs(b - a)))
            gap, base = float(b[end] - a[end]), float(abs(a[end]))
            row["change"] = f"{gap / base:+.1%}" if base else f"{gap:+g}"
            known = [side[name] for side in sides if name in side]
            if known:
                size = np.sqrt(2) * np.mean(known, axis=0)
                row["errors"] = float(np.max(np.abs(b - a) / np.maximum(size, 1e-300)))
        row["larger"] = (
            "not known" if np.isnan(row["errors"]) else "yes" if row["errors"] > BEYOND else "no"
        )
        rows.append(row)
    table = pd.DataFrame(rows, columns=["name", "old", "new", "change", "errors", "larger"])
    return table.sort_values("errors", ascending=False, na_position="last", ignore_index=True)


def headline_errors(state: State) -> dict[str, np.ndarray]:
    """Return the Monte Carlo errors of the quoted numbers that have any.

    Numbers with intervals and shares of draws have. A quoted number does not say which draws it
    comes from, so the fewest effective draws of the fits are used.
    """
    ess = state.fewest_draws
    found: dict[str, np.ndarray] = {}
    if not np.isfinite(ess):
        return found
    levels = np.array([results_form.QUANTILES[end] for end in ENDS])
    for name in state.headline:
        names = [name if end == "median" else f"{name}_{end}" for end in ENDS]
        if all(
            part in state.headline and isinstance(state.headline[part]["value"], (int, float))
            for part in names
        ):
            values = np.array([[state.headline[part]["value"] for part in names]], float)
            errors = monte_carlo.quantile_errors(values, levels, np.array([ess]))[0]
            found |= {part: np.array([error]) for part, error in zip(names, errors)}
            found |= {f"{name}_80": errors[[1, 3]], f"{name}_95": errors[[0, 4]]}
    for name, entry in state.headline.items():
        value = entry["value"]
        if (
            name not in found
            and name.startswith("claim_")
            and isinstance(value, float)
            and 0 <= value <= 1
            and entry["text"].endswith("%")
        ):
            found[name] = monte_carlo.share_errors(np.array([value]), np.array([ess]))
    return found


def _number(value) -> bool:
    parts = value if isinstance(value, list) else [value]
    return bool(parts) and all(
        isinstance(part, (int, float)) and not isinstance(part, bool) for part in parts
    )
