"""One-at-a-time sensitivity of a build: every assumption moved on its stored draws.

``one_at_a_time`` and ``one_at_a_time_money`` say how an assumption is moved. This module reads the
draws for them and puts their answers together.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from ..assumptions.scenario import Settings
from ..evidence.hosts_apart import UNPOOLED
from ..evidence.ledger import Ledger
from ..money import revenue
from ..project import needed
from ..workers import draws as posterior
from . import one_at_a_time, one_at_a_time_money
from .one_at_a_time import RECOMPUTED, REWEIGHTED


def effects(
    results: Path, ledger: Ledger, settings: Settings, years: Mapping[str, int]
) -> pd.DataFrame:
    """Return what each assumption moves, in the form of ``one_at_a_time.effects``.

    Parameters
    ----------
    results : holds draws_workers.parquet, workers_hyper.parquet and workers_host_year.csv, and,
        if money was estimated, draws_pay.parquet and draws_mix.parquet.
    ledger : for the prices of each year.
    years : what the headlines call a year, and the year: ``{"peak": 2017, "last": 2026}``.

    Returns
    -------
    DataFrame of the headlines ``world_peak, world_last`` (persons) and, if money was estimated,
    ``state_peak, state_last`` (dollars of that year), in this order.

    Raises
    ------
    InputError
        If a file of the results is missing.
    """
    workers, codes, modelled = posterior.read_draws(needed(results, "draws_workers.parquet"))
    hyper = posterior.read_hyper(needed(results, "workers_hyper.parquet"))
    estimates = pd.read_csv(needed(results, "workers_host_year.csv"))
    at = {name: int(np.flatnonzero(modelled == year)[0]) for name, year in years.items()}
    nobody = set(estimates.query("no_data")["host"])
    some = np.flatnonzero(np.isin(codes, list(nobody)))
    headlines = {f"world_{name}": workers[:, :, t].sum(axis=1) for name, t in at.items()}
    uncounted = {f"world_{name}": workers[:, some, t].sum(axis=1) for name, t in at.items()}
    large = [codes.index(code) for code in UNPOOLED if code in codes]
    first_stocks = workers[:, large, 0] if large else None
    shifts = one_at_a_time.worker_shifts(settings, hyper, first_stocks)
    if (results / "draws_pay.parquet").is_file():  # without a figure of pay there is no money
        stored = results / "draws_pay.parquet"
        pay, _ = revenue.read_pay(stored)
        places = list(at.values())
        shown = modelled[places]
        take = one_at_a_time_money.Take(
            workers=workers[:, :, places],
            pay=pay,
            mix=revenue.read_mix(needed(results, "draws_mix.parquet"), codes),
            hosts=codes,
            years=shown,
            names=tuple(f"state_{name}" for name in at),
            factors=revenue.price_factors(shown, ledger, settings),
        )
        headlines |= take.of(pay, settings)
        shifts |= one_at_a_time_money.money_shifts(settings, take, revenue.read_top(stored))
        uncounted |= dict(zip(take.names, take.from_hosts(pay, some).T))
    if len(some) and 0 < settings.no_data_presence < 1:
        present = (workers[:, some].max(axis=2) > 0).sum(axis=1)
        shifts["no_data_presence"] = one_at_a_time.presence_shift(settings, present, len(some))
    shifts["no_data_offset"] = one_at_a_time.uncounted_shift(settings, headlines, uncounted)
    return one_at_a_time.effects(pd.DataFrame(headlines), shifts, hyper["imputation"])


def with_refits(effects: pd.DataFrame, refitted: pd.DataFrame) -> pd.DataFrame:
    """Return the effects, with refits in place of what the stored draws could not answer.

    Both tables are of the form of ``one_at_a_time.effects``. An assumption that was reweighted or
    computed again keeps that answer.
    """
    answered = effects.loc[effects["how"].isin([REWEIGHTED, RECOMPUTED]), "assumption"]
    refitted = refitted[~refitted["assumption"].isin(answered)]
    kept = effects[~effects["assumption"].isin(refitted["assumption"])]
    return pd.concat([kept, refitted], ignore_index=True)
