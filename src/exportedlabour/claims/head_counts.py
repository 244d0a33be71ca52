"""The step that evaluates the claims on which pay has no bearing.

It stands apart so that an assumption about money leaves their verdicts as they are.
"""

from pathlib import Path

import numpy as np

from ..assumptions.scenario import Settings
from ..evidence import ledger
from ..evidence.rates import Rates
from ..money import it
from ..workers import draws as posterior
from ..workers import observations
from . import evaluation, readings

FILE = "claims_on_head_counts.parquet"


def lines(build, step, place: Path, results: Path, steps) -> None:
    """Store the lines of ``readings.evaluate_head_counts``, which the chapter of claims puts among
    those of money."""
    settings, evidence = Settings(build.scenario.used_by(step.assumptions)), ledger.read(build.data)
    workers, codes, years = posterior.read_draws(results / "draws_workers.parquet")
    rates = Rates(evidence.rates, settings.inflation_ahead)
    found = readings.evaluate_head_counts(
        evidence,
        estimates(evidence, settings, workers, codes, years, {}),
        rates,
        removal(results, evidence, settings),
        posterior.THIN,
    )
    found.to_parquet(results / FILE, index=False)


def estimates(
    evidence: ledger.Ledger,
    settings: Settings,
    workers: np.ndarray,
    codes: tuple[str, ...],
    years: np.ndarray,
    each: dict[str, np.ndarray],
) -> evaluation.Estimates:
    """Return the estimates that claims are compared with; ``workers`` and ``each`` as
    ``evaluation.Estimates`` has them, and IT workers are drawn apart."""
    apart = it.draw(settings, years, len(workers), it.randomness(settings))
    return evaluation.Estimates(
        evidence,
        workers,
        codes,
        years,
        each,
        (settings.detection_limit, settings.list_detection_limit),
        apart,
    )


def removal(results: Path, evidence: ledger.Ledger, settings: Settings) -> readings.Removal:
    """Return the weights without a figure and its lineage, from what the workers model stored in
    ``results``."""
    likelihood = posterior.read_likelihood(results / "workers_figures.parquet")
    assignment = posterior.read_hyper(results / "workers_hyper.parquet")["assignment"][
        :: posterior.THIN
    ]
    return readings.Removal(observations.build(evidence, settings).figures, likelihood, assignment)
