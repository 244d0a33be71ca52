"""What the money is made of: the Russian plan, months paid, hosts, and what is left to the worker,
all of it from the stored draws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.stats import beta

from ..assumptions.scenario import Settings
from ..evidence.hosts_apart import PLAN_HOST
from ..evidence.ledger import Ledger, hosts_in
from ..evidence.lineage import is_copy
from ..evidence.rates import PER_MONTH, Rates
from ..evidence.reading import central_value, middle_date
from ..project import InputError
from ..workers.draws import summarise
from .revenue import IDLE_YEARS, PRICES, Pay, per_worker, revenue, under_plan

PLAN = "plan_payment"
ROLES = ("fitted", "copy", "not fitted")
DOZEN = 12  # hosts that are told by name
OUTER = 1.2816  # standard deviations from the middle of a normal to the ends of its 80 % interval


@dataclass(frozen=True)
class Parts:
    """Draws (d) of what the money is made of, for h hosts and t years.

    Attributes
    ----------
    workers : (d, h, t) persons in ``codes`` and ``years``. pay : of the same draws and hosts.
    peak : the year that is told beside the last one. Dollars are of the price year.
    """

    workers: np.ndarray
    codes: tuple[str, ...]
    years: np.ndarray
    pay: Pay
    peak: int

    @property
    def last(self) -> int:
        """The last year."""
        return int(self.years[-1])

    @cached_property
    def two(self) -> np.ndarray:
        """The years that are told, the peak and the last, in order; one year if they are one."""
        return np.array(sorted({self.peak, self.last}))

    @property
    def peak_at(self) -> int:
        """The position of the peak in ``two``."""
        return list(self.two).index(self.peak)

    @cached_property
    def of_two(self) -> np.ndarray:
        """Workers (d, h, 2) in the two years."""
        return self.workers[:, :, self.at(self.two)]

    @property
    def heads(self) -> np.ndarray:
        """Workers (d, h) in the peak year."""
        return self.of_two[:, :, self.peak_at]

    @cached_property
    def each(self) -> dict[str, np.ndarray]:
        """Dollars (d, h, 2) a worker in the two years, by definition."""
        return per_worker(self.pay, self.codes, self.two)

    @cached_property
    def total(self) -> dict[str, np.ndarray]:
        """Dollars (d, h, 2) in the two years, by definition."""
        return revenue(self.of_two, self.each)

    def at(self, years) -> list[int]:
        """Return the positions of some years."""
        every = list(self.years)
        return [every.index(year) for year in years]


# --- the plan
# ------------------------------------------------------------------------------------------


def plan_payments(ledger: Ledger, settings: Settings) -> pd.DataFrame:
    """Return every published figure of a fixed plan, in dollars of the price year a worker and
    year, the oldest first.

    Returns
    -------
    The rows of the ledger with ``date`` (decimal year), ``dollars`` (the middle), ``dollars_low``
    and ``dollars_high`` (the ends as stated, equal where there is one number), ``role`` (of
    ``ROLES``) and ``here`` (whether it is of the host whose plan is modelled). Dollars are missing
    where a figure is not fitted and rates.csv has no rate for its currency and year.
    """
    figures = ledger.figures[ledger.figures["quantity"] == PLAN]
    rates = Rates(ledger.rates, settings.inflation_ahead)
    copies = is_copy(figures, settings.copy_threshold)
    rows = []
    for (_, figure), copied in zip(figures.iterrows(), copies):
        ends = [value for value in (figure["low"], figure["high"]) if not np.isnan(value)] or [
            figure["point"]
        ]
        date, middle = middle_date(figure), central_value(figure)
        try:
            low, middle, high = (
                PER_MONTH["year"]
                * rates.dollars_a_month(value, figure["unit"], int(date), settings.price_year)
                for value in (ends[0], middle, ends[-1])
            )
        except InputError:
            low = middle = high = np.nan
        role = "copy" if copied else "fitted" if figure["use"] == "fit" else "not fitted"
        rows.append((date, low, middle, high, role, PLAN_HOST in hosts_in(figure["hosts"])))
    added = pd.DataFrame(
        rows,
        columns=["date", "dollars_low", "dollars", "dollars_high", "role", "here"],
        index=figures.index,
    )
    return figures.join(added).sort_values("date", kind="stable").reset_index(drop=True)


def plan_shares(
    workers: np.ndarray,
    each: Mapping[str, np.ndarray],
    pay: Pay,
    hosts: Sequence[str],
    years: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return draws (d, t) of the plan's share in what the state takes: in its own host, and in all
    hosts together.

    Parameters
    ----------
    workers : draws (d, h, t). each : yearly dollars a worker (d, h, t) by definition, as
        ``revenue.per_worker`` gives them.
    """
    i = list(hosts).index(PLAN_HOST)
    planned = (
        pay.under_plan[:, None] * under_plan(pay, years)["state"]
    )  # of one worker there, on average
    return planned / each["state"][:, i], _part(
        workers[:, i] * planned, (workers * each["state"]).sum(axis=1)
    )


@dataclass(frozen=True)
class Plan:
    """The plan of the one host that has one, in dollars of the price year a worker and year.

    ``by_year`` is its summary with a column ``year``, ``prior`` the 80 % interval of the assumption
    alone, ``in_host`` and ``everywhere`` the summaries of its share in what the state took in the
    peak year there and in all hosts.
    """

    by_year: pd.DataFrame
    prior: tuple[float, float]
    in_host: pd.Series
    everywhere: pd.Series

    def of(self, year: int) -> pd.Series | None:
        """Return the summary of a year, None if it is not there."""
        rows = self.by_year[self.by_year["year"] == year]
        return rows.iloc[0] if len(rows) else None


def plan_of(parts: Parts, settings: Settings) -> Plan | None:
    """Return the plan, None if its host has no workers here."""
    if PLAN_HOST not in parts.codes:
        return None
    by_year = summarise(under_plan(parts.pay, parts.years)["state"]).assign(year=parts.years)
    both = plan_shares(parts.of_two, parts.each, parts.pay, parts.codes, parts.two)
    in_host, everywhere = (summarise(draws[:, [parts.peak_at]]).iloc[0] for draws in both)
    middle, sd = settings.plan_dollars_a_year
    low, high = (float(middle * np.exp(sd * z)) for z in (-OUTER, OUTER))
    return Plan(by_year, (low, high), in_host, everywhere)


def _part(some: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(some, whole, out=np.zeros_like(some), where=whole > 0)


# --- months
# --------------------------------------------------------------------------------------------


def paid_by_month(workers: np.ndarray, pay: Pay, hosts: Sequence[str]) -> np.ndarray:
    """Return ``workers`` (d, h, t) without those under the Russian plan, who owe it whatever months
    they are paid."""
    rest = np.array(workers, float)
    if PLAN_HOST in hosts:
        rest[:, list(hosts).index(PLAN_HOST)] *= 1 - pay.under_plan[:, None]
    return rest


def months_of_worker(
    workers: np.ndarray, pay: Pay, hosts: Sequence[str], years: np.ndarray
) -> np.ndarray:
    """Return draws (d, t) of the months of a year that the mean worker is paid for, among those who
    are paid by the month.

    Where a draw has no such worker, the mean is that of the hosts.
    """
    rest = paid_by_month(workers, pay, hosts)
    everybody = rest.sum(axis=1)
    weighted = np.einsum("dht,dh->dt", rest, pay.months)
    plain = np.broadcast_to(pay.months.mean(axis=1, keepdims=True), everybody.shape)
    usual = np.where(everybody > 0, weighted / np.where(everybody > 0, everybody, 1.0), plain)
    return usual * np.where(np.isin(years, IDLE_YEARS), pay.idle[:, None], 1.0)


def lost_to_idleness(
    workers: np.ndarray, pay: Pay, hosts: tuple[str, ...], years: np.ndarray
) -> np.ndarray:
    """Return draws (d, t) of what the state would have had beside what it had, were no month idle;
    dollars of the price year.

    The number of workers is left as it was: those who were not sent are not in it.
    """
    had, usual = (
        per_worker(one, hosts, years)["state"]
        for one in (pay, replace(pay, idle=np.ones_like(pay.idle)))
    )
    return (workers * (usual - had)).sum(axis=1)


def months_by_year(parts: Parts) -> pd.DataFrame:
    """Summarise the months that the mean worker is paid for, one line a ``year``."""
    months = months_of_worker(parts.workers, parts.pay, parts.codes, parts.years)
    return summarise(months).assign(year=parts.years)


def months_assumed(settings: Settings) -> tuple[float, float]:
    """Return the 80 % interval of the months paid in any one host in a usual year, as assumed."""
    strength, share = settings.months_paid_strength, settings.months_paid_share
    low, high = 12 * beta.ppf([0.1, 0.9], strength * share, strength * (1 - share))
    return float(low), float(high)


def lost_in(parts: Parts, years: np.ndarray) -> pd.Series:
    """Summarise ``lost_to_idleness`` over all ``years`` (k,) together, dollars of the price
    year."""
    workers = parts.workers[:, :, parts.at(years)]
    lost = lost_to_idleness(workers, parts.pay, parts.codes, years)
    return summarise(lost.sum(axis=1)[:, None]).iloc[0]


# --- hosts
# ---------------------------------------------------------------------------------------------


def largest(table: pd.DataFrame, count: int) -> list[str]:
    """Return the hosts with the highest median in any year of ``table`` (``host``, ``median``), at
    most ``count``, the highest first."""
    return list(
        table.groupby("host")["median"]
        .max()
        .sort_values(ascending=False, kind="stable")
        .index[:count]
    )


def by_host(
    total: np.ndarray, hosts: Sequence[str], years: np.ndarray, named: Mapping[str, str], count: int
) -> tuple[pd.DataFrame, dict]:
    """Return one line a host and year for the ``count`` largest hosts, one for all others, and the
    share of the largest in the whole.

    Parameters
    ----------
    total : draws (d, h, t) of a sum of money. named : the name of each host by code.

    Returns
    -------
    table : ``host, label, year`` and the summary; the others have the code ``others``.
    shares : by year the median share (0 to 1) of the largest hosts in the sum over all.
    """
    each = summarise(total.reshape(len(total), -1)).assign(
        host=np.repeat(hosts, len(years)), year=np.tile(years, len(hosts))
    )
    chosen = largest(each, count)
    rest = np.array([code not in chosen for code in hosts])
    parts = [each[each["host"] == code].assign(label=named[code]) for code in chosen]
    if rest.any():
        parts.append(
            summarise(total[:, rest].sum(axis=1)).assign(
                host="others", label=f"{rest.sum()} other hosts", year=years
            )
        )
    part = _part(total[:, ~rest].sum(axis=1), total.sum(axis=1))
    return pd.concat(parts, ignore_index=True), {
        int(year): float(value) for year, value in zip(years, np.median(part, axis=0))
    }


# --- the worker
# ----------------------------------------------------------------------------------------


def of_mean_worker(
    workers: np.ndarray, dollars: np.ndarray, groups: Mapping[str, Sequence[int]]
) -> pd.DataFrame:
    """Return what the mean worker of each group of hosts has, one line a group.

    Parameters
    ----------
    workers, dollars : draws (d, h) of heads, and of dollars a worker. groups : by label the
        positions of its hosts. In a draw in which a group has no worker its hosts count alike.
    """
    rows = []
    for label, at in groups.items():
        heads = workers[:, list(at)]
        heads = np.where(heads.sum(axis=1, keepdims=True) > 0, heads, 1.0)
        mean = (heads * dollars[:, list(at)]).sum(axis=1) / heads.sum(axis=1)
        rows.append(summarise(mean[:, None]).assign(label=label))
    return pd.concat(rows, ignore_index=True)


NET_OF = ("gross", "state", "net")  # the definitions that are told of one worker and month


def a_month(
    parts: Parts, groups: Mapping[str, Sequence[int]], names: Sequence[str] = NET_OF
) -> dict[str, pd.DataFrame]:
    """Return by definition what the mean worker of each group of hosts had a month of the peak year
    (see ``of_mean_worker``)."""
    return {
        name: of_mean_worker(parts.heads, parts.each[name][:, :, parts.peak_at] / 12, groups)
        for name in names
    }


def most_workers(parts: Parts, count: int = DOZEN) -> list[int]:
    """Return the positions of the hosts with most workers in the peak year, by their median."""
    return [int(i) for i in np.argsort(-np.median(parts.heads, axis=0))[:count]]


# --- prices
# --------------------------------------------------------------------------------------------


def in_two_prices(world: pd.DataFrame, price_year: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what the state took by year in dollars of the price year, and in those of each year.

    Parameters
    ----------
    world : revenue_world_year.csv with ``prices`` as text.
    """
    state = world[world["definition"] == "state"]
    constant, current = (
        state[state["prices"] == prices].reset_index(drop=True)
        for prices in (str(price_year), PRICES[0])
    )
    return constant, current
