"""In which sectors the workers of a host are: counts by sector against all workers of that host and
year."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..assumptions.scenario import Settings
from ..evidence.ledger import Ledger
from ..evidence.lineage import is_copy
from ..evidence.reading import READING_KINDS, central_value, middle_date
from .observations import PayDesign

COUNTED = ("stock_workers", "work_permits")


@dataclass(frozen=True)
class Counts:
    """What counts by sector say of the log share (m) of a sector in a host, one observation a host,
    sector and kind.

    ``host``, ``sector`` : (m,) positions in the design. ``kind``, ``lower``, ``upper`` : as in the
        design; a count of the whole
    sector is a point, one of an employer, a site or a region a floor. ``sd`` : (m,) scale of the
        error, logs. ``figures`` : (m,)
    ids of the figures behind it.
    """

    host: np.ndarray
    sector: np.ndarray
    kind: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    sd: np.ndarray
    figures: tuple[str, ...]


def read(
    ledger: Ledger,
    design: PayDesign,
    settings: Settings,
    workers: np.ndarray,
    hosts: tuple[str, ...],
    years: np.ndarray,
) -> Counts:
    """Compare every fitted count of one sector with the posterior of all workers of its host and
    year.

    The workers' posterior is taken as given: pay tells nothing of how many there are. Several
    counts of one sector and host share what is wrong with them, so that their median counts once;
    of parts the one counts that is surely the largest.

    Parameters
    ----------
    workers : draws (d, hosts, years) of persons, with their ``hosts`` and ``years``.
    """
    figures = ledger.figures
    keep = (
        (figures["use"] == "fit")
        & figures["quantity"].isin(COUNTED)
        & figures["sector"].isin(design.sectors)
    )
    keep &= (
        figures["hosts"].isin(hosts)
        & figures["hosts"].isin(design.hosts)
        & ~is_copy(figures, settings.copy_threshold)
    )
    rows = []
    for _, figure in figures[keep].iterrows():
        year, count = int(middle_date(figure)), central_value(figure)
        if year not in years or not count > 0:
            continue
        log_all = np.log(
            np.maximum(workers[:, hosts.index(figure["hosts"]), list(years).index(year)], 1.0)
        )
        whole = figure["scope"] == "national" and figure["bound"] not in ("at_least", "at_most")
        if figure["bound"] != "at_most":
            rows.append(
                (
                    figure["hosts"],
                    figure["sector"],
                    whole,
                    np.log(count) - np.median(log_all),
                    log_all.std(),
                    figure["figure_id"],
                )
            )
    table = pd.DataFrame(rows, columns=["host", "sector", "whole", "ratio", "sd", "figure_id"])
    found = []
    for (host, sector, whole), group in table.groupby(["host", "sector", "whole"]):
        largest = group.loc[(group["ratio"] - group["sd"]).idxmax()]
        ratio, sd = (
            (group["ratio"].median(), group["sd"].median())
            if whole
            else (largest["ratio"], largest["sd"])
        )
        value = min(ratio, 0.0)  # a sector is no larger than all of them
        sd = np.hypot(settings.error_sector_count, sd)
        kind, upper = (
            (READING_KINDS.index("exact"), value)
            if whole
            else (READING_KINDS.index("lower"), np.inf)
        )
        found.append(
            (
                design.hosts.index(host),
                design.sectors.index(sector),
                kind,
                value,
                upper,
                sd,
                "+".join(group["figure_id"]),
            )
        )
    columns = list(zip(*found)) or [()] * 7
    integers, floats = (
        [np.array(column, dtype=int) for column in columns[:3]],
        [np.array(column, dtype=float) for column in columns[3:6]],
    )
    return Counts(*integers, *floats, tuple(columns[6]))


def none() -> Counts:
    """Return no counts at all: the mix is then what its prior says."""
    whole, real = np.zeros(0, dtype=int), np.zeros(0)
    return Counts(whole, whole, whole, real, real, real, ())
