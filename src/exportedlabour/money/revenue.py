"""Revenue: workers times pay times months times shares, under four definitions that are never mixed."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..ledger import Ledger
from ..rates import Rates
from ..scenario import Settings
from ..workers.draws import summarise
from .design import REFERENCE_YEAR

DEFINITIONS = {
    "gross": "everything that employers pay for the workers",
    "withheld": "kept by anyone but the worker: state, company, managers, board and lodging",
    "state": "paid to the state",
    "net": "what reaches the workers",
}
PRICES = ("current", "2024")
IDLE_YEARS = (2020, 2021, 2022)


@dataclass(frozen=True)
class Pay:
    """Draws (d, h) of pay and its division, by host; money in dollars of the price year.

    ``wage`` a month in the reference year, ``months`` paid in a usual year, ``withheld`` and ``state`` shares of gross pay.
    ``trend``, ``idle`` (the part of the months still paid in 2020 to 2022), ``plan`` (a year), ``plan_trend``,
    ``under_plan`` (share of workers in Russia), ``plan_part`` (of gross) and ``plan_costs`` (of the rest) are (d,).
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


def select(pay: Pay, draws: np.ndarray, hosts: list[int]) -> Pay:
    """Return the given draws and hosts of pay, by position."""
    return Pay(**{name: v[draws] if v.ndim == 1 else v[np.ix_(draws, hosts)] for name, v in vars(pay).items()})


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Return the logistic function of x."""
    return 1 / (1 + np.exp(-x))


def shared_errors(rng: np.random.Generator, shape: tuple[int, int], correlation: float) -> np.ndarray:
    """Return standard normal errors (d, h) that any two hosts share with the given correlation."""
    common = rng.standard_normal((shape[0], 1))
    return np.sqrt(correlation) * common + np.sqrt(1 - correlation) * rng.standard_normal(shape)


def pay_draws(trace, settings: Settings, rng: np.random.Generator) -> Pay:
    """Add to the posterior of pay what no figure measures: definitional errors shared over hosts, months, idleness.

    Treating hosts as independent would make the world's interval too narrow: the same words ("wage", "taken") mean
    the same wrong thing in many hosts.
    """
    from ..sampler import stack

    s = settings
    log_wage, logit_withheld = stack(trace, "log_wage"), stack(trace, "logit_withheld")
    shape = log_wage.shape
    rho = s.host_error_correlation
    withheld = sigmoid(logit_withheld + s.definition_share_sd * shared_errors(rng, shape, rho))
    part = sigmoid(stack(trace, "logit_state_of_withheld") + s.definition_share_sd * shared_errors(rng, shape, rho))
    months_mean, months_sd = s.months_paid_logit
    low, high = s.plan_part_of_gross
    return Pay(
        wage=np.exp(log_wage + s.definition_wage_sd * shared_errors(rng, shape, rho)),
        months=12 * sigmoid(months_mean + months_sd * shared_errors(rng, shape, rho)),
        withheld=withheld,
        state=withheld * part,
        trend=stack(trace, "trend"),
        idle=rng.uniform(*s.idle_months_factor, shape[0]),
        plan=np.exp(stack(trace, "log_plan")),
        plan_trend=stack(trace, "plan_trend"),
        under_plan=rng.uniform(*s.plan_share_russia, shape[0]),
        plan_part=rng.uniform(low, high, shape[0]),
        plan_costs=rng.uniform(*s.plan_costs_of_rest, shape[0]),
    )


def per_worker(pay: Pay, hosts: tuple[str, ...], years: np.ndarray) -> dict[str, np.ndarray]:
    """Return draws (d, h, t) of yearly dollars per worker in each of ``hosts``, prices of the price year, by definition.

    In Russia a part of the workers owe a fixed plan whatever they earn: the state has the plan, the gross follows from
    the plan's part in it, and board, brokers and managers take some of the rest.
    """
    elapsed = years - REFERENCE_YEAR
    months = pay.months[:, :, None] * np.where(np.isin(years, IDLE_YEARS), pay.idle[:, None, None], 1.0)
    gross = pay.wage[:, :, None] * np.exp(pay.trend[:, None, None] * elapsed) * months
    withheld, state = gross * pay.withheld[:, :, None], gross * pay.state[:, :, None]
    if "RUS" in hosts:
        i = hosts.index("RUS")
        planned = pay.under_plan[:, None]
        plan = pay.plan[:, None] * np.exp(pay.plan_trend[:, None] * elapsed)
        plan_gross = plan / pay.plan_part[:, None]
        plan_withheld = plan + pay.plan_costs[:, None] * (plan_gross - plan)
        gross[:, i] = planned * plan_gross + (1 - planned) * gross[:, i]
        withheld[:, i] = planned * plan_withheld + (1 - planned) * withheld[:, i]
        state[:, i] = planned * plan + (1 - planned) * state[:, i]
    return {"gross": gross, "withheld": withheld, "state": state, "net": gross - withheld}


def revenue(workers: np.ndarray, each: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return draws (d, h, t) of revenue, dollars of the price year, by definition.

    ``workers`` (d, h, t) and each of ``each`` must have the same draws, hosts and years.
    """
    return {name: workers * dollars for name, dollars in each.items()}


def tables(
    total: dict[str, np.ndarray], hosts: tuple[str, ...], years: np.ndarray, ledger: Ledger, settings: Settings
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Summarise revenue by host and year, and for the world, in current prices and in those of the price year."""
    to_current = price_factors(years, ledger, settings)
    by_host, world = [], []
    for definition, draws in total.items():
        for prices, factor in ((PRICES[0], to_current), (str(settings.price_year), np.ones(len(years)))):
            host_table = summarise((draws * factor).reshape(len(draws), -1))
            labels = {"definition": definition, "prices": prices}
            by_host.append(host_table.assign(host=np.repeat(hosts, len(years)), year=np.tile(years, len(hosts)), **labels))
            world.append(summarise(draws.sum(axis=1) * factor).assign(host="WLD", year=years, **labels))
    front = ["host", "year", "definition", "prices"]
    order = front + [c for c in by_host[0].columns if c not in front]
    return pd.concat(by_host)[order].reset_index(drop=True), pd.concat(world)[order].reset_index(drop=True)


def write_pay(path: Path, pay: Pay, hosts: tuple[str, ...]) -> None:
    """Store the draws of pay as float32 columns: ``wage:RUS``, ..., ``trend``. Every revenue follows from them."""
    columns = {}
    for name, values in vars(pay).items():
        if values.ndim == 1:
            columns[name] = values.astype(np.float32)
        else:
            columns |= {f"{name}:{host}": values[:, i].astype(np.float32) for i, host in enumerate(hosts)}
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


def price_factors(years: np.ndarray, ledger: Ledger, settings: Settings) -> np.ndarray:
    """Return (t,) what a dollar of the price year is in dollars of each year."""
    rates = Rates(ledger.rates, settings.inflation_ahead)
    return np.array([rates.deflator(settings.price_year, int(year)) for year in years])
