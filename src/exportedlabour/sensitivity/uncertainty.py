"""The analyses of the chapter on uncertainty: those of ``shapley``, for the peak and the last year.

Nothing is fitted. All of it comes from the stored draws of a build.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ..assumptions.scenario import Settings
from ..evidence.hosts_apart import UNPOOLED
from ..evidence.ledger import Ledger
from ..project import needed
from . import shapley

DRAWS = 4000  # for the Shapley effects by regression, chosen at random
NEIGHBOUR_DRAWS = 1500  # for those by nearest neighbours, which take longer
WHATS = ("workers", "state")


@dataclass(frozen=True)
class Uncertainty:
    """Where the uncertainty of two years comes from, the peak and the last.

    Attributes
    ----------
    shapley : ``year, input, share, by_neighbours``; shares of the variance of the log of what the
        state takes, by two estimators.
    tornado, budget, voi : as ``shapley.tornado``, ``shapley.budget`` and
        ``shapley.value_of_information`` return them, for each answer (``answer_name``).
    uncounted : how many hosts were named and never counted.
    tails : by year the share of all workers that these hosts have, over all draws, and over the
        tenth of the draws with the most workers.
    """

    peak: int
    last: int
    shapley: pd.DataFrame
    tornado: pd.DataFrame
    budget: pd.DataFrame
    voi: pd.DataFrame
    uncounted: int
    tails: Mapping[int, tuple[float, float]]

    def write(self, results: Path) -> None:
        """Write the four tables as uncertainty_*.csv."""
        for name, digits in (("shapley", 4), ("tornado", 5), ("budget", 5), ("voi", 5)):
            path = results / f"uncertainty_{name}.csv"
            getattr(self, name).to_csv(path, index=False, float_format=f"%.{digits}g")


def answer_name(year: int, what: str) -> str:
    """Return how an answer is called in tables; ``what`` is one of ``WHATS``."""
    return {"workers": f"workers abroad, {year}", "state": f"taken by the state, {year}"}[what]


def analyse(results: Path, settings: Settings, ledger: Ledger, peak: int, last: int) -> Uncertainty:
    """Return the analyses of the years ``peak`` and ``last``.

    Parameters
    ----------
    results : holds draws_workers.parquet, workers_hyper.parquet, workers_host_year.csv and
        draws_pay.parquet of one build.

    Raises
    ------
    InputError
        If one of these files is missing.
    """
    for name in ("draws_workers.parquet", "workers_hyper.parquet", "draws_pay.parquet"):
        needed(results, name)
    estimates = pd.read_csv(needed(results, "workers_host_year.csv"))
    draws = {year: shapley.read_year(results, year) for year in (peak, last)}
    answers = {
        year: {"workers": stock.sum(axis=1), "state": (stock * each["state"]).sum(axis=1)}
        for year, (stock, each, _) in draws.items()
    }
    names = {code: ledger.host_name(code) for code in draws[last][2]}
    levers = {"workers": shapley.workers_levers(results, settings)}
    levers["state"] = levers["workers"] | shapley.money_levers(results, settings)
    asked = [
        (what, answer_name(year, what), answers[year][what])
        for year in (peak, last)
        for what in WHATS
    ]
    nobody = set(estimates.query("no_data")["host"])
    return Uncertainty(
        peak=peak,
        last=last,
        shapley=_effects(results, settings.seed, draws, answers, names),
        tornado=pd.concat(
            [shapley.tornado(levers[what], {name: one}) for what, name, one in asked]
        ),
        budget=pd.concat(
            [
                shapley.budget(levers[what], np.log(one)).assign(answer=name)
                for what, name, one in asked
            ]
        ),
        voi=pd.concat(
            [
                shapley.value_of_information(
                    {answer_name(year, what): answers[year][what] for what in WHATS},
                    shapley.unknowns(stock, each, hosts, names),
                    {"perfect": 0.0, "to a tenth": shapley.COUNT_ERROR},
                    settings.seed,
                )
                for year, (stock, each, hosts) in draws.items()
            ]
        ),
        uncounted=len(nobody),
        tails={
            year: shapley.share_of_tail(stock, np.isin(hosts, list(nobody)))
            for year, (stock, _, hosts) in draws.items()
        },
    )


def _effects(results: Path, seed: int, draws, answers, names: Mapping[str, str]) -> pd.DataFrame:
    """Return the Shapley effects on the log of what the state takes, by year and input."""
    rng = np.random.default_rng([seed, 3])
    first = next(iter(names))
    leading = {code: names[code] for code in UNPOOLED if code in names} or {first: names[first]}
    rows = []
    for year, (stock, each, hosts) in draws.items():
        months = shapley.months_paid(results, hosts, year)
        inputs = shapley.revenue_inputs(stock, each, months, hosts, leading)
        y = np.log(answers[year]["state"])
        some = rng.permutation(len(y))[:DRAWS]
        few = some[:NEIGHBOUR_DRAWS]
        share = shapley.shapley_effects(inputs.iloc[some], y[some], exact=True)
        near = shapley.shapley_effects(
            inputs.iloc[few], y[few], shapley.explained_by_neighbours, exact=True
        )
        rows += [
            {"year": year, "input": name, "share": share[name], "by_neighbours": near[name]}
            for name in inputs
        ]
    return pd.DataFrame(rows)
