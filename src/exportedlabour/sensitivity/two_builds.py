"""A scenario beside the baseline: medians of the world by year, and the hosts that move most."""

import pandas as pd

HOSTS_SHOWN = 10
SMALL = 50  # workers in the baseline; a host with fewer moves by chance


def at_years(what: str, baseline: pd.DataFrame, scenario: pd.DataFrame, years) -> pd.DataFrame:
    """Return two estimates of one quantity side by side, one line a year.

    Parameters
    ----------
    what : the quantity, in words.
    baseline, scenario : ``year``, ``median``, ``lo80`` and ``hi80``.
    years : those that are returned; both have to have them.

    Returns
    -------
    DataFrame with ``what``, ``year``, ``baseline``, ``baseline_lo80``, ``baseline_hi80``,
    ``scenario``, ``scenario_lo80``, ``scenario_hi80`` and ``ratio`` (of the medians).
    """
    rows = []
    for year in years:
        a, b = (table[table["year"] == year].iloc[0] for table in (baseline, scenario))
        row = {"what": what, "year": year}
        for name, one in (("baseline", a), ("scenario", b)):
            row |= {name: one["median"], f"{name}_lo80": one["lo80"], f"{name}_hi80": one["hi80"]}
        rows.append(row | {"ratio": b["median"] / a["median"]})
    return pd.DataFrame(rows)


def hosts_that_move(baseline: pd.DataFrame, scenario: pd.DataFrame) -> pd.DataFrame:
    """Return the hosts whose median moves most, in either direction, by the size of the ratio.

    Parameters
    ----------
    baseline, scenario : ``host`` and ``median`` of one year, persons.

    Returns
    -------
    DataFrame with the index ``host`` and ``median``, ``median_scenario`` and ``ratio``; hosts of
    fewer than ``SMALL`` workers in the baseline are left out.
    """
    both = baseline.merge(scenario, on="host", suffixes=("", "_scenario")).set_index("host")
    both["ratio"] = both["median_scenario"] / both["median"]
    size = both["ratio"].clip(lower=1e-6).map(lambda ratio: max(ratio, 1 / ratio))
    large = both[both["median"] >= SMALL].assign(size=size)
    return large.nlargest(HOSTS_SHOWN, "size")[["median", "median_scenario", "ratio"]]
