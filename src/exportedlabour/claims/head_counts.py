"""The step that evaluates the claims on which pay has no bearing.

It stands apart so that an assumption about money leaves their verdicts as they are.
"""

from pathlib import Path

from ..assumptions.scenario import Settings
from ..evidence import ledger
from ..evidence.rates import Rates
from ..workers import draws as posterior
from . import readings


def lines(build, step, place: Path, results: Path, steps) -> None:
    """Store the lines of ``readings.evaluate_head_counts``, which the chapter of claims puts among
    those of money."""
    settings, evidence = Settings(build.scenario.used_by(step.assumptions)), ledger.read(build.data)
    workers, codes, years = posterior.read_draws(results / "draws_workers.parquet")
    rates = Rates(evidence.rates, settings.inflation_ahead)
    found = readings.evaluate_head_counts(
        evidence,
        readings.estimates_of(evidence, settings, workers, codes, years, {}),
        rates,
        readings.removal_of(results, evidence, settings),
        posterior.THIN,
    )
    found.to_parquet(results / readings.FILE, index=False)
