"""Revenue: workers times pay times months times shares, under four definitions that are never
mixed."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..assumptions.scenario import Settings
from ..evidence.events import KNOWN
from ..evidence.hosts_apart import PLAN_HOST
from ..evidence.ledger import Ledger
from ..evidence.rates import Rates
from ..workers.draws import SUMMARY, summarise
from .observations import REFERENCE_YEAR

DEFINITIONS = {
    "gross": "everything that employers pay for the workers",
    "withheld": "kept by anyone but the worker: state, company, managers, board and lodging",
    "state": "paid to the state",
    "net": "what reaches the workers",
}
PRICES = ("current", "2024")
BUILDING = "construction"  # the sector of the Russian plan
IDLE_YEARS = KNOWN.idle_years
TOP_LEVEL = "top:"
LARGEST_PLANNED = 0.99  # of the builders: some are always paid by a share


@dataclass(frozen=True)
class Pay:
    """Draws (d, h) of pay and its division, by host; money in dollars of the price year.

    ``wage`` a month in the reference year, ``months`` paid in a usual year, ``withheld`` and
    ``state`` shares of gross pay. ``trend``, ``idle`` (the part of the months still paid in 2020 to
    2022), ``plan`` (a year), ``plan_trend``, ``under_plan`` (share of workers in Russia),
    ``plan_part`` (of gross), ``plan_costs`` (of the rest) and ``plan_elsewhere`` (share of workers
    in every other host who owe a plan) are (d,).
    """

    wage: np.ndarray
    months: np.ndarray
    withheld: np.ndarray
    state: np.ndarray
    trend: np.ndarray
    idle: np.ndarray
    plan: np.ndarray
    plan_trend: np.ndarray
    under_plan: np.ndarray
    plan_part: np.ndarray
    plan_costs: np.ndarray
    plan_elsewhere: np.ndarray


def select(pay: Pay, draws: np.ndarray, hosts: list[int]) -> Pay:
    """Return the given draws and hosts of pay, by position."""
    return Pay(
        **{
            name: v[draws] if v.ndim == 1 else v[np.ix_(draws, hosts)]
            for name, v in vars(pay).items()
        }
    )


def shared_errors(
    rng: np.random.Generator, shape: tuple[int, int], correlation: float
) -> np.ndarray:
    """Return standard normal errors (d, h) that any two hosts share with the given correlation."""
    common = rng.standard_normal((shape[0], 1))
    return np.sqrt(correlation) * common + np.sqrt(1 - correlation) * rng.standard_normal(shape)


@dataclass(frozen=True)
class Mix:
    """Draws of the sectors of those workers who are paid by a share: ``share`` (d, h, k) of heads,
    ``pay`` (d, k) relative to one another.

    In Russia the builders under the plan stand beside them.
    """

    share: np.ndarray
    pay: np.ndarray
    sectors: tuple[str, ...]

    @property
    def of_pay(self) -> np.ndarray:
        """Share (d, h, k) of each sector in gross pay."""
        paid = self.share * self.pay[:, None]
        return paid / paid.sum(axis=2, keepdims=True)


def outside_plan(
    under_plan: np.ndarray, share: np.ndarray, relative: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Take the workers under the plan out of sector ``k``.

    Parameters
    ----------
    under_plan : (d,) share of the workers who would be under the plan, were there builders enough.
    share, relative : (d, s) sectors of all workers, and their pay relative to one another.

    Returns
    -------
    Share (d,) of those under the plan, at most nearly all of the sector; sectors (d, s) of the
    others; and by what (d,) the mean wage changes from that of all workers to that of the others.
    """
    planned = np.minimum(under_plan, LARGEST_PLANNED * share[:, k])
    rest = share.copy()
    rest[:, k] -= planned
    rest /= rest.sum(axis=1, keepdims=True)
    return planned, rest, (rest * relative).sum(axis=1) / (share * relative).sum(axis=1)


def with_share_under_plan(pay: Pay, mix: Mix, hosts: tuple[str, ...], add: float) -> Pay:
    """Return pay as it would be with ``add`` more of Russia's workers under the plan, draw by draw.

    The workers of the plan go back among the builders first, and are taken out of them anew. In
    draws where the plan already had all builders that it can have, it has no more.
    """
    if PLAN_HOST not in hosts or BUILDING not in mix.sectors:
        return replace(pay, under_plan=np.clip(pay.under_plan + add, 0.0, 1.0))
    i, k = hosts.index(PLAN_HOST), mix.sectors.index(BUILDING)
    whole = mix.share[:, i] * (1 - pay.under_plan)[:, None]
    whole[:, k] += pay.under_plan
    all_before = (
        pay.wage[:, i] * (whole * mix.pay).sum(axis=1) / (mix.share[:, i] * mix.pay).sum(axis=1)
    )
    planned, _, change = outside_plan(np.clip(pay.under_plan + add, 0.0, 1.0), whole, mix.pay, k)
    wage = pay.wage.copy()
    wage[:, i] = all_before * change
    return replace(pay, wage=wage, under_plan=planned)


def select_mix(mix: Mix, draws: np.ndarray, hosts: list[int]) -> Mix:
    """Return the given draws and hosts of the mix, by position."""
    return Mix(mix.share[np.ix_(draws, hosts)], mix.pay[draws], mix.sectors)


def per_worker(pay: Pay, hosts: tuple[str, ...], years: np.ndarray) -> dict[str, np.ndarray]:
    """Return draws (d, h, t) of yearly dollars per worker in each of ``hosts``, prices of the price
    year, by definition.

    In Russia a part of the workers owe a fixed plan whatever they earn: the state has the plan, the
    gross follows from the plan's part in it, and board, brokers and managers take some of the rest.
    A scenario can have workers of other hosts owe one too (``plan_elsewhere``).
    """
    elapsed = years - REFERENCE_YEAR
    of_year = np.exp(pay.trend[:, None] * elapsed) * np.where(
        np.isin(years, IDLE_YEARS), pay.idle[:, None], 1.0
    )
    gross = (pay.wage * pay.months)[:, :, None] * of_year[:, None]
    withheld, state = gross * pay.withheld[:, :, None], gross * pay.state[:, :, None]
    if pay.plan_elsewhere.any():
        share = np.where(np.array(hosts) == PLAN_HOST, 0.0, pay.plan_elsewhere[:, None])[:, :, None]
        plan = planned_elsewhere(pay, gross, years)
        withheld = share * plan["withheld"] + (1 - share) * withheld
        state = share * plan["state"] + (1 - share) * state
    if PLAN_HOST in hosts:
        i = hosts.index(PLAN_HOST)
        planned = pay.under_plan[:, None]
        plan = under_plan(pay, years)
        gross[:, i] = planned * plan["gross"] + (1 - planned) * gross[:, i]
        withheld[:, i] = planned * plan["withheld"] + (1 - planned) * withheld[:, i]
        state[:, i] = planned * plan["state"] + (1 - planned) * state[:, i]
    return {"gross": gross, "withheld": withheld, "state": state, "net": gross - withheld}


def under_plan(pay: Pay, years: np.ndarray) -> dict[str, np.ndarray]:
    """Return draws (d, t) of yearly dollars of a worker under the Russian plan, prices of the price
    year, by definition."""
    plan = pay.plan[:, None] * np.exp(pay.plan_trend[:, None] * (years - REFERENCE_YEAR))
    gross = plan / pay.plan_part[:, None]
    withheld = plan + pay.plan_costs[:, None] * (gross - plan)
    return {"gross": gross, "withheld": withheld, "state": plan, "net": gross - withheld}


def planned_elsewhere(pay: Pay, gross: np.ndarray, years: np.ndarray) -> dict[str, np.ndarray]:
    """Return draws (d, h, t) of what is kept of the ``gross`` (d, h, t) of a worker who owes a
    fixed sum outside Russia, by definition.

    Sums in dollars are known from Russia alone, so that the plan is here the part of a usual year's
    pay that it is there. It is fixed: it falls neither with idle months nor with the trend of pay,
    but it can't be more than the gross.
    """
    usual = (pay.wage * pay.months * pay.plan_part[:, None])[:, :, None]
    plan = np.minimum(
        usual * np.exp(pay.plan_trend[:, None, None] * (years - REFERENCE_YEAR)), gross
    )
    return {"state": plan, "withheld": plan + pay.plan_costs[:, None, None] * (gross - plan)}


def by_sector(
    total: dict[str, np.ndarray],
    workers: np.ndarray,
    pay: Pay,
    mix: Mix,
    hosts: tuple[str, ...],
    years: np.ndarray,
) -> dict[str, np.ndarray]:
    """Divide revenue among sectors: draws (d, sectors, t) summed over hosts, dollars of the price
    year, by definition.

    The plan's money is the builders'; the rest is divided as gross pay is, shares of it being the
    same in all sectors of a host.
    """
    of_pay, plan = mix.of_pay, under_plan(pay, years)
    result = {}
    for name, draws in total.items():
        rest, planned = draws, 0.0
        if PLAN_HOST in hosts and BUILDING in mix.sectors:
            i = hosts.index(PLAN_HOST)
            planned = workers[:, i] * pay.under_plan[:, None] * plan[name]
            rest = draws.copy()
            rest[:, i] -= planned
        result[name] = np.einsum("dhk,dht->dkt", of_pay, rest, optimize=True)
        if not np.isscalar(planned):
            result[name][:, mix.sectors.index(BUILDING)] += planned
    return result


def sector_table(
    sectors: dict[str, np.ndarray],
    names: tuple[str, ...],
    years: np.ndarray,
    ledger: Ledger,
    settings: Settings,
) -> pd.DataFrame:
    """Summarise the revenue of all hosts by sector and year, in current prices and in those of the
    price year."""
    table, _ = tables(sectors, names, years, ledger, settings)
    return table.rename(columns={"host": "sector"})


def revenue(
    workers: np.ndarray, each: dict[str, np.ndarray], over: bool = False
) -> dict[str, np.ndarray]:
    """Return draws (d, h, t) of revenue, dollars of the price year, by definition.

    ``workers`` (d, h, t) and each of ``each`` must have the same draws, hosts and years. ``over``
    writes the revenue over ``each``, which saves as much memory again.
    """
    return {
        name: np.multiply(workers, dollars, out=dollars if over else None)
        for name, dollars in each.items()
    }


def tables(
    total: dict[str, np.ndarray],
    hosts: tuple[str, ...],
    years: np.ndarray,
    ledger: Ledger,
    settings: Settings,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Summarise revenue by host and year, and for the world, in current prices and in those of the
    price year."""
    to_current = price_factors(years, ledger, settings)
    by_host, world = [], []

    def summaries(draws: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
        of_host = summarise(draws.reshape(len(draws), -1)).assign(
            host=np.repeat(hosts, len(years)), year=np.tile(years, len(hosts))
        )
        return of_host, summarise(draws.sum(axis=1)).assign(host="WLD", year=years)

    with ThreadPoolExecutor(2) as pool:  # quantiles let go of the interpreter's lock
        found_of = pool.map(summaries, total.values())
    for definition, (of_host, of_world) in zip(total, found_of):
        for prices, factor in (
            (PRICES[0], to_current),
            (str(settings.price_year), np.ones(len(years))),
        ):
            labels = {"definition": definition, "prices": prices}
            for table, found in ((of_host, by_host), (of_world, world)):
                of_year = table["year"].map(dict(zip(years, factor)))
                found.append(
                    table.assign(**{name: table[name] * of_year for name in SUMMARY}, **labels)
                )
    front = ["host", "year", "definition", "prices"]
    order = front + [c for c in by_host[0].columns if c not in front]
    return pd.concat(by_host)[order].reset_index(drop=True), pd.concat(world)[order].reset_index(
        drop=True
    )


def write_mix(path: Path, mix: Mix, hosts: tuple[str, ...]) -> None:
    """Store the draws of the mix as float32 columns: ``share:RUS:logging``, ...,
    ``pay:logging``."""
    columns = {
        f"share:{host}:{name}": mix.share[:, i, k].astype(np.float32)
        for i, host in enumerate(hosts)
        for k, name in enumerate(mix.sectors)
    }
    columns |= {
        f"pay:{name}": mix.pay[:, k].astype(np.float32) for k, name in enumerate(mix.sectors)
    }
    pq.write_table(pa.table(columns), path, compression="zstd")


def write_pay(
    path: Path, pay: Pay, hosts: tuple[str, ...], top: Mapping[str, np.ndarray] | None = None
) -> None:
    """Store the draws of pay as float32 columns: ``wage:RUS``, ..., ``trend``. Every revenue
    follows from them.

    ``top`` are draws (d,) of what assumptions are priors of, by name; they are stored as
    ``top:NAME``.
    """
    columns = {}
    for name, values in vars(pay).items():
        if values.ndim == 1:
            columns[name] = values.astype(np.float32)
        else:
            columns |= {
                f"{name}:{host}": values[:, i].astype(np.float32) for i, host in enumerate(hosts)
            }
    columns |= {
        f"{TOP_LEVEL}{name}": values.astype(np.float32) for name, values in (top or {}).items()
    }
    pq.write_table(pa.table(columns), path, compression="zstd")


def read_pay(path: Path) -> tuple[Pay, tuple[str, ...]]:
    """Return what ``write_pay`` stored: the draws of pay, and their hosts."""
    table = pq.read_table(path)
    hosts = tuple(name.split(":")[1] for name in table.column_names if name.startswith("wage:"))
    values = {}
    for field in Pay.__dataclass_fields__:
        names = [field] if field in table.column_names else [f"{field}:{host}" for host in hosts]
        stacked = np.column_stack([table[name].to_numpy() for name in names]).astype(float)
        values[field] = stacked[:, 0] if names == [field] else stacked
    return Pay(**values), hosts


def read_top(path: Path) -> dict[str, np.ndarray]:
    """Return the ``top`` that ``write_pay`` stored, nothing if it had none."""
    names = [name for name in pq.read_schema(path).names if name.startswith(TOP_LEVEL)]
    table = pq.read_table(path, columns=names)
    return {name.removeprefix(TOP_LEVEL): table[name].to_numpy().astype(float) for name in names}


def read_mix(path: Path, hosts: tuple[str, ...]) -> Mix:
    """Return what ``write_mix`` stored of these hosts."""
    table = pq.read_table(path)
    sectors = tuple(
        name.removeprefix("pay:") for name in table.column_names if name.startswith("pay:")
    )
    share = np.stack(
        [[table[f"share:{host}:{name}"].to_numpy() for name in sectors] for host in hosts]
    ).transpose(2, 0, 1)
    return Mix(
        share.astype(float),
        np.column_stack([table[f"pay:{name}"].to_numpy() for name in sectors]).astype(float),
        sectors,
    )


def price_factors(years: np.ndarray, ledger: Ledger, settings: Settings) -> np.ndarray:
    """Return (t,) what a dollar of the price year is in dollars of each year."""
    rates = Rates(ledger.rates, settings.inflation_ahead)
    return np.array([rates.deflator(settings.price_year, int(year)) for year in years])
