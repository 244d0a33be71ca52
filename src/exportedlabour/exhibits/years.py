"""Which years of a build are told by name: the peak, and those that a table shows."""

import numpy as np
import pandas as pd

FEW = 12  # a table of so many years or fewer shows them all
EVERY = 5


def peak_year(world: pd.DataFrame) -> int:
    """Return the year for which a large number of workers is best attested: the first with the
    highest lower end of the 80 % interval.

    The highest median would be no such year. Where nobody counted, the interval is wide and pulls
    the median along.

    Parameters
    ----------
    world : ``year`` and ``lo80`` of workers_world_year.csv.
    """
    return int(world["year"].iloc[int(np.argmax(world["lo80"].to_numpy()))])


def shown_years(years, peak: int) -> list[int]:
    """Return the years that a table shows.

    All of them if they are few; else the first, every fifth, the peak with its neighbours, and the
    last.
    """
    years = [int(year) for year in years]
    if len(years) <= FEW:
        return years
    told = {years[0], years[-1], peak - 1, peak, peak + 1}
    return [year for year in years if year in told or year % EVERY == 0]


def largest_host(draws: np.ndarray, hosts: tuple[str, ...], years: np.ndarray, year: int) -> str:
    """Return the host with the highest median of draws (d, hosts, years) of workers in a year."""
    return hosts[int(np.argmax(np.median(draws[:, :, list(years).index(year)], axis=0)))]
