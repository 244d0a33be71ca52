"""One-at-a-time sensitivity of assumptions that weights of the stored draws cannot move.

How each is moved stands with it in baseline.yml (``refit``). A scale, a factor or a limit rises by
the factor by which the error of a class may lie from its median, and so do the odds of a share, as
neither has a prior of its own; a choice takes another of its options. A refit takes a minute or
two, so the book reads ``results/one_at_a_time``, a table of the form of ``sensitivity.scenarios``.
All fits but the one that moves it have the seed of the baseline, and so the same imputations of
copies.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..assumptions import scenario
from ..assumptions.scenario import Assumption, Settings
from ..inference import monte_carlo
from ..project import InputError
from ..results_form import QUANTILES
from ..sensitivity import scenarios
from ..sensitivity.one_at_a_time import COLUMNS, FAILED, OUTDATED, REFITTED, scale_factor
from . import refits
from .step import Build, at, is_own

FOLDER = "results/one_at_a_time"
HEADLINES = {"world": scenarios.WORKERS, "state": scenarios.STATE}


def moved(
    assumptions: Mapping[str, Assumption], settings: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return, by assumption that a refit moves, the value to which it is moved.

    Parameters
    ----------
    assumptions : those of baseline.yml, whose field ``refit`` says how each is moved.
    settings : the values that are moved, those of the assumptions if not given.
    """
    given = settings or {name: each.value for name, each in assumptions.items()}
    factor = scale_factor(Settings(dict(given)))
    return {
        name: each.moved(given[name], factor) for name, each in assumptions.items() if each.refit
    }


def builds(root: Path) -> dict[str, Build]:
    """Return the baseline and a build for each moved assumption, by the name of the build.

    They are in the order of baseline.yml.

    Raises
    ------
    InputError
        If a moved value is not allowed.
    """
    base = at(root)
    values = moved(base.scenario.assumptions, base.scenario.settings)
    found = {scenario.BASELINE: base}
    for name, assumption in base.scenario.assumptions.items():
        if name not in values:
            continue
        if not assumption.accepts(values[name]):
            raise InputError(
                f"{name} would be moved to {values[name]!r}; it must be {assumption.allowed}."
            )
        settings = Settings(dict(base.scenario.settings) | {name: values[name]})
        title = f"{name}: {base.scenario.settings[name]} to {values[name]}"
        own = replace(
            base.scenario,
            name=named(name),
            title=title,
            description="",
            settings=settings,
            changed=(name,),
        )
        found[own.name] = replace(base, scenario=own)
    return found


def named(assumption: str) -> str:
    """Return the name of the build in which an assumption is moved.

    No file of scenarios/ has this name.
    """
    return f"moved-{assumption.replace('_', '-')}"


def of_this(root: Path, data: Path, settings: Mapping[str, Any]) -> bool:
    """Return whether the committed refits are of this ledger and of these assumptions.

    ``settings`` are the assumptions of one notebook. Only the project's own baseline is refitted.
    """
    base = at(root).scenario.settings
    return is_own(data, root) and all(base[name] == value for name, value in settings.items())


def effects(root: Path, years: Mapping[str, int]) -> pd.DataFrame:
    """Return what each refit does to each headline, in the form of ``one_at_a_time.effects``.

    A refit of an earlier state is compared with the baseline of that state. ``error`` is the Monte
    Carlo standard error of the ratio of two medians of separate fits, each with its own effective
    draws.

    Parameters
    ----------
    years : what the headlines call a year, and the year: ``{"peak": 2017, "last": 2026}``.
    """
    records = {record.name: record for record in scenarios.read(root / FOLDER)}
    every = builds(root)
    present = dict(zip(every, refits.keys(every.values())))
    rows = []
    for name, build in every.items():
        if name == scenario.BASELINE or name not in records or scenario.BASELINE not in records:
            continue
        record = records[name]
        base = scenarios.base_of(record, records)
        how = FAILED if record.failed else REFITTED if record.key == present[name] else OUTDATED
        assumption = build.scenario.changed[0]
        given, then = map(str if assumption == "seed" else _word, record.changes[assumption])
        for start, what in HEADLINES.items():
            for called, year in years.items():
                if before := _line(base, what, year):
                    told = {
                        "assumption": assumption,
                        "given": given,
                        "moved": then,
                        "headline": f"{start}_{called}",
                    }
                    rows.append(
                        told
                        | {"before": before["median"], "pareto_k": np.nan, "how": how}
                        | _ratio(base, record, what, year)
                    )
    numbers = ["before", "after", "low", "high", "ratio", "error", "pareto_k"]
    return pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys(numbers, float))


def _line(record: scenarios.Record, what: str, year: int) -> dict | None:
    return next((row for row in record.rows if (row["what"], row["year"]) == (what, year)), None)


def _ratio(base: scenarios.Record, record: scenarios.Record, what: str, year: int) -> dict:
    """Return the numbers of one effect.

    If a whole line is as before, the refit left its model alone, and the error is zero.
    """
    before, after = _line(base, what, year), _line(record, what, year)
    if after is None:
        return dict.fromkeys(("after", "low", "high", "ratio", "error"), np.nan)
    names = ["lo80", "median", "hi80"]
    table = np.array([[row[name] for name in names] for row in (before, after)])
    draws = np.array([one.draws.get(what, np.nan) for one in (base, record)])
    errors = monte_carlo.quantile_errors(
        table, np.array([QUANTILES[name] for name in names]), draws
    )[:, 1]
    ratio = after["median"] / before["median"]
    error = (
        0.0 if (table[0] == table[1]).all() else ratio * float(np.hypot(*(errors / table[:, 1])))
    )
    return {
        "after": after["median"],
        "low": after["lo80"],
        "high": after["hi80"],
        "ratio": ratio,
        "error": error,
    }


def _word(value: Any) -> str:
    return (
        f"{value:,}"
        if isinstance(value, int) and value >= 10_000
        else f"{value:g}"
        if isinstance(value, int | float)
        else str(value)
    )
