"""The largest hosts: their part in all workers, and since when one of them has been the largest."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from .draws import summarise


def share_of(
    draws: np.ndarray, hosts: Sequence[str], years: np.ndarray, some: Sequence[str], year: int
) -> pd.Series | None:
    """Summarise the share (0 to 1) of some hosts together in the workers of a year, None if none
    of them is there.

    Parameters
    ----------
    draws : (d, h, t) persons in ``hosts`` and ``years``.
    """
    chosen = [list(hosts).index(code) for code in some if code in hosts]
    if not chosen:
        return None
    of_year = draws[:, :, list(years).index(year)]
    share = draws[:, chosen, list(years).index(year)].sum(axis=1) / of_year.sum(axis=1)
    return summarise(share[:, None]).iloc[0]


def largest_since(host_year: pd.DataFrame, host: str) -> int | None:
    """Return the first year since which a host has had the highest median in every year, None if it
    had it in all years.

    Where it has not even the highest of the last year, this is the year after the last.

    Parameters
    ----------
    host_year : workers_host_year.csv; hosts that nobody counted are no rivals.
    """
    counted = host_year[~host_year["no_data"]]
    first = counted.pivot(index="year", columns="host", values="median").idxmax(axis=1)
    without = first.index[first != host]
    return int(without[-1]) + 1 if len(without) else None
