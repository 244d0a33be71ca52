"""Claims evaluated by what a build has stored: draws of workers and pay, and lines on head
counts."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from ..assumptions.scenario import Settings
from ..evidence.ledger import Ledger
from ..evidence.rates import Rates
from ..money import revenue
from ..project import needed
from ..workers import draws as posterior
from . import evaluation, founding, head_counts, readings


@dataclass(frozen=True)
class Evaluated:
    """The claims of a ledger, evaluated.

    Attributes
    ----------
    lines : DataFrame, one line a claim and reading, see ``readings.evaluate_all``; those of a
        ledger that is not the project's are of ``evaluation.evaluate``.
    estimates : what they were compared with.
    pay : draws of pay; None if none was estimated.
    results : where the draws are stored.
    """

    lines: pd.DataFrame
    estimates: evaluation.Estimates
    pay: revenue.Pay | None
    results: Path

    @cached_property
    def trades(self) -> tuple[str, ...]:
        """The sectors of the workers, in the order of ``shares``."""
        return self._mix.sectors

    @cached_property
    def shares(self) -> np.ndarray:
        """Draws (d, h, k) of the part of each trade in each host."""
        return founding.sectors_of_host(self._mix, self.pay.under_plan, self.estimates.codes)

    @cached_property
    def _mix(self) -> revenue.Mix:
        return revenue.read_mix(needed(self.results, "draws_mix.parquet"), self.estimates.codes)

    @property
    def plausible(self) -> pd.DataFrame:
        """One line a claim: its plausible reading, or that it has none."""
        return self.lines[self.lines["reading"] != "charitable"]


def read(results: Path, settings: Settings, evidence: Ledger) -> Evaluated:
    """Evaluate all claims of the project's ledger (``readings.claims_in``) by the draws in
    ``results``.

    Raises
    ------
    InputError
        If a result is missing.
    """
    workers, codes, years = posterior.read_draws(needed(results, "draws_workers.parquet"))
    pay, _ = revenue.read_pay(needed(results, "draws_pay.parquet"))
    each = _current(pay, codes, years, evidence, settings)
    estimates = head_counts.estimates(evidence, settings, workers, codes, years, each)
    lines = readings.evaluate_all(
        evidence,
        estimates,
        Rates(evidence.rates, settings.inflation_ahead),
        head_counts.removal(results, evidence, settings),
        posterior.THIN,
        pd.read_parquet(needed(results, head_counts.FILE)),
    )
    return Evaluated(lines, estimates, pay, results)


def set_aside(results: Path, settings: Settings, evidence: Ledger) -> Evaluated:
    """Evaluate the figures that any ledger sets aside to be judged; without a figure of pay no
    claim about money is tested.

    Raises
    ------
    InputError
        If the draws of workers are missing.
    """
    workers, codes, years = posterior.read_draws(needed(results, "draws_workers.parquet"))
    pay, each, rates = None, {}, None
    if (results / "draws_pay.parquet").is_file():
        pay, _ = revenue.read_pay(needed(results, "draws_pay.parquet"))
        each = _current(pay, codes, years, evidence, settings)
        rates = Rates(evidence.rates, settings.inflation_ahead)
    limits = (settings.detection_limit, settings.list_detection_limit)
    estimates = evaluation.Estimates(evidence, workers, codes, years, each, limits)
    chosen = evidence.figures[evidence.figures["use"] == "judge"]
    lines = [evaluation.evaluate(row, estimates, rates)[0] for _, row in chosen.iterrows()]
    return Evaluated(pd.concat(lines, ignore_index=True), estimates, pay, results)


def _current(
    pay: revenue.Pay, codes: tuple[str, ...], years: np.ndarray, evidence: Ledger, settings
) -> dict[str, np.ndarray]:
    """Return by definition draws (d, h, t) of current dollars a worker and year."""
    each, factors = (
        revenue.per_worker(pay, codes, years),
        revenue.price_factors(years, evidence, settings),
    )
    for dollars in each.values():
        dollars *= factors
    return each
