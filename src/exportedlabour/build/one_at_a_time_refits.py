"""One-at-a-time sensitivity of assumptions that weights of the stored draws cannot move.

Each is moved alone, and the models that read it are fitted again. A scale, a factor or a limit
rises by the factor of ``one_at_a_time.scale_factor``, and so do the odds of a share, as neither has
a prior of its own. A choice takes another of its options.

A refit takes a minute or two, so the book reads ``results/moves``, a table of the form of
``sensitivity.scenarios``. All refits but the one that moves the seed have the seed of the baseline,
and so the same assignments of copies.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..assumptions import scenario
from ..assumptions.scenario import Settings
from ..inference import monte_carlo
from ..project import InputError
from ..results_form import QUANTILES
from ..sensitivity import scenarios
from ..sensitivity.one_at_a_time import COLUMNS, FAILED, OUTDATED, REFITTED, scale_factor
from . import refits
from .step import Build, at, is_own

FOLDER = "results/moves"
SCALES = (
    "border_closed_factor",
    "border_reopened_factor",
    "world_limit",
    "list_detection_limit",
    "detection_limit",
    "error_log_sd",
    "order_of_magnitude_sd",
    "step_scale_log_sd",
    "step_scale_median_log_sd",
    "shock_host_sd",
    "sector_mix_sd",
    "error_sector_count",
)
ODDS = ("pull", "sector_main_share", "host_error_correlation")
OTHERWISE = {
    "error_df": 4,
    "pay_error_df": 4,
    "fit_world_totals": "no",
    "fit_ratios_and_lists": "no",
    "fit_entries": "no",
    "people_sent_home": "account",
    "undivided_share_read_as": "state",
    "plan_share_elsewhere": 0.5,
    "include_it": "yes",
}
HEADLINES = {"world": scenarios.WORKERS, "state": scenarios.STATE}


def moved(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return, by assumption, the value to which it is moved.

    ``settings`` are all assumptions of the baseline.
    """
    factor = scale_factor(Settings(dict(settings)))
    values = {}
    for name in SCALES:
        larger = settings[name] * factor
        values[name] = round(larger) if isinstance(settings[name], int) else float(f"{larger:.3g}")
    for name in ODDS:
        odds = settings[name] / (1 - settings[name]) * factor
        values[name] = float(f"{odds / (1 + odds):.3g}")
    values |= OTHERWISE
    values["inflation_ahead"] = round(
        settings["inflation_ahead"] + 0.01, 6
    )  # one percentage point a year
    values["seed"] = settings["seed"] + 1
    return values


def builds(root: Path) -> dict[str, Build]:
    """Return the baseline and a build for each moved assumption, by the name of the build.

    They are in the order of baseline.yml.

    Raises
    ------
    InputError If a moved value is not allowed.
    """
    base = at(root)
    values = moved(base.scenario.settings)
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
