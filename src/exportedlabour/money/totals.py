"""All the money of a build: pay times workers by host, sector and year, and what of it is
published."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ..assumptions.scenario import Settings
from ..evidence.ledger import Ledger
from ..workers.draws import significant, summarise
from . import it, revenue

OF_A_WORKER = ("gross", "state", "net")  # the definitions that are published of one worker
LARGEST = 8  # hosts of which the division of gross pay is told


@dataclass(frozen=True)
class Totals:
    """Summaries of the money of all hosts, one line a year.

    Attributes
    ----------
    by_host, world, by_sector : dollars a year by ``definition`` and ``prices``, ``year``, and
        ``host`` or ``sector``. it : draws of IT workers, who are in the others only where
        ``with_it``.
    pay_by_host : dollars of the price year a worker and month of the peak year, by ``host`` and
        ``definition``, rounded as published.
    division : of the hosts with most workers in the peak year (``host``, the largest first), the
        median shares of gross pay that go to the ``state``, to the ``worker`` and to ``others``.
    """

    by_host: pd.DataFrame
    world: pd.DataFrame
    by_sector: pd.DataFrame
    it: it.It
    with_it: bool
    pay_by_host: pd.DataFrame
    division: pd.DataFrame
    years: np.ndarray
    peak: int


def of(
    workers: np.ndarray,
    hosts: tuple[str, ...],
    years: np.ndarray,
    pay: revenue.Pay,
    sectors: revenue.Mix,
    peak: int,
    ledger: Ledger,
    settings: Settings,
) -> Totals:
    """Multiply workers by pay and summarise it.

    Parameters
    ----------
    workers : draws (d, h, t) of persons in ``hosts`` and ``years``; ``pay`` and ``sectors`` of the
        same draws and hosts.
    """
    each = revenue.per_worker(pay, hosts, years)
    at = list(years).index(peak)
    each_at_peak = {name: dollars[:, :, at].copy() for name, dollars in each.items()}
    total = revenue.revenue(workers, each, over=True)
    del each
    divided = revenue.by_sector(total, workers, pay, sectors, hosts, years)
    apart = it.draw(settings, years, len(workers), it.randomness(settings))
    payers, kinds, with_it = hosts, sectors.sectors, settings.include_it == "yes"
    if with_it:  # under a name of their own, as one more payer and one more sector
        added = it.spread(apart, years, revenue.price_factors(years, ledger, settings))
        total, divided = (
            {name: np.concatenate([values, added[name]], axis=1) for name, values in parts.items()}
            for parts in (total, divided)
        )
        payers, kinds = (*hosts, it.LABEL), (*kinds, it.LABEL)
    by_host, world = revenue.tables(total, payers, years, ledger, settings)
    by_sector = revenue.sector_table(divided, kinds, years, ledger, settings)
    return Totals(
        by_host,
        world,
        by_sector,
        apart,
        with_it,
        pay_table(each_at_peak, hosts),
        division(each_at_peak, hosts, workers[:, :, at]),
        years,
        peak,
    )


def pay_table(each: dict[str, np.ndarray], hosts: tuple[str, ...]) -> pd.DataFrame:
    """Summarise what a worker brings and has a month, by host and definition.

    Parameters
    ----------
    each : yearly dollars a worker (d, h) by definition.
    """
    tables = []
    for name in OF_A_WORKER:
        table = summarise(each[name] / 12)
        table.insert(0, "host", hosts)
        table.insert(1, "definition", name)
        tables.append(table)
    return significant(pd.concat(tables).sort_index(kind="stable"))


def division(
    each: dict[str, np.ndarray], hosts: tuple[str, ...], workers: np.ndarray
) -> pd.DataFrame:
    """Return the median shares of gross pay in the hosts with most workers, the largest first.

    Parameters
    ----------
    each : yearly dollars a worker (d, h) by definition. workers : draws (d, h) of the same hosts.

    Returns
    -------
    One line a ``host``: ``state``, ``worker``, and ``others``, which is what those medians leave.
    """
    rows = []
    for i in np.argsort(-np.median(workers, axis=0))[:LARGEST]:
        state, net = (
            float(np.median(each[name][:, i] / each["gross"][:, i])) for name in ("state", "net")
        )
        rows.append({"host": hosts[i], "state": state, "worker": net, "others": 1 - state - net})
    return pd.DataFrame(rows)


def write(results: Path, totals: Totals) -> None:
    """Write the tables of money into the folder of results, rounded to significant digits."""
    tables = {
        "revenue_host_year": totals.by_host,
        "revenue_world_year": totals.world,
        "revenue_sector_year": totals.by_sector,
        "it_year": it.table(totals.it),
    }
    for name, table in tables.items():
        significant(table).to_csv(results / f"{name}.csv", index=False)
    totals.pay_by_host.to_csv(results / "pay_by_host.csv", index=False)
