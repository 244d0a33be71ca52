"""How far the draws of both engines agree, and which is quicker, from engines.csv and
engines_agreement.csv (benchmarks/engines.py makes both)."""

from typing import NamedTuple

import pandas as pd

CLOSE = 1.96  # Monte Carlo errors


class Engines(NamedTuple):
    """Two samplers of one posterior, compared.

    Attributes
    ----------
    by_ledger : ``quantities, inside, largest, ends`` of each ledger: how many, the share within
        1.96 errors, the largest difference in errors, and of ends of intervals in sds.
    inside, largest, ends : the same of all.
    hosts, apart : how many hosts have draws, and how many of them are beyond 1.96 errors in more
        than half of their years.
    spread : the sd over hosts of the mean difference of a host's years, in errors.
    ratios : how many times as many effective draws a processor second the published engine gives
        as the second and third of engines.csv, (``least_ess`` or ``median_ess``, its place).
    """

    by_ledger: pd.DataFrame
    inside: float
    largest: float
    ends: float
    hosts: int
    apart: int
    spread: float
    ratios: dict[tuple[str, int], float]


def compare(engines: pd.DataFrame, agreement: pd.DataFrame) -> Engines:
    """Return how far two engines agree, and how quick they are.

    Parameters
    ----------
    engines : one line an engine, the published one first, its referee second.
    agreement : one line a ledger and quantity: ``z``, the difference of means in Monte Carlo
        errors; ``ends``, the largest difference of an end of the 80 % interval in sds.
    """
    size = agreement["z"].abs()
    by_ledger = (
        agreement.assign(inside=size < CLOSE, size=size)
        .groupby("ledger", sort=False)
        .agg(
            quantities=("z", "size"),
            inside=("inside", "mean"),
            largest=("size", "max"),
            ends=("ends", "max"),
        )
    )
    of_hosts = agreement[agreement["quantity"].str.startswith("log_stock")]
    host = [of_hosts["ledger"], of_hosts["quantity"].str.extract(r"\[(\d+)", expand=False)]
    beyond = of_hosts["z"].abs().ge(CLOSE).groupby(host).mean()
    ratios = {}
    for column in ("least_ess", "median_ess"):
        speed = engines[column] / engines["processor_seconds"]
        ratios |= {(column, other): float(speed[0] / speed[other]) for other in (1, 2)}
    return Engines(
        by_ledger=by_ledger,
        inside=float((size < CLOSE).mean()),
        largest=float(size.max()),
        ends=float(agreement["ends"].max()),
        hosts=len(beyond),
        apart=int((beyond > 0.5).sum()),
        spread=float(of_hosts["z"].groupby(host).mean().std()),
        ratios=ratios,
    )
