"""What the money is made of: the Russian plan, months paid, hosts, and what is left to the worker,
all of it from the stored draws."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ..assumptions.scenario import Settings
from ..evidence.hosts_apart import PLAN_HOST
from ..evidence.ledger import Ledger, hosts_in
from ..evidence.lineage import is_copy
from ..evidence.rates import PER_MONTH, Rates
from ..evidence.reading import central_value, middle_date
from ..project import InputError
from ..workers.draws import summarise
from .revenue import IDLE_YEARS, Pay, per_worker, under_plan

PLAN = "plan_payment"
ROLES = ("fitted", "copy", "not fitted")
DOZEN = 12  # hosts that are told by name


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
