"""The posterior of the workers model: what a fit holds, whatever engine made it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..evidence.events import SHOCKS
from ..inference import convergence
from .observations import Design

PUBLISHED = (
    "log_stock",
    "log_world",
    "level_mean",
    "level_sd",
    "log_turnover",
    "shock",
    "bias",
    "error",
    "coverage",
    "margin_at_least",
    "margin_at_most",
)


@dataclass(frozen=True)
class Fit:
    """Draws from the posterior, chain by chain.

    Attributes
    ----------
    named : (chains, draws, ...) by name, ``PUBLISHED`` at least; ``log_stock`` (chains, draws,
        hosts, years).
    imputations : (chains,) which imputation of copies each chain counts.
    divergences : number of draws whose trajectory failed.
    seconds : time taken. ``gradients`` a draw.
    scaled : by assumption of ``SCALED`` how many effects have it as their scale, 0 for none;
        ``named["squares"]`` (chains, draws, 4) has the sum of the squares of these effects in units
        of their scale.
    log_likelihood : (chains * draws, n) of each figure, zero where its chain reads it as a copy;
        None where it was not kept.
    predicted : (p, n) draws of the log of each figure as its asserter would believe it, or None
        likewise.
    """

    named: dict[str, np.ndarray]
    imputations: np.ndarray
    divergences: int
    seconds: float
    gradients: float
    scaled: dict[str, int]
    log_likelihood: np.ndarray | None = None
    predicted: np.ndarray | None = None

    def stack(self, name: str) -> np.ndarray:
        """Return the draws of a quantity as (chains * draws, ...), chain by chain."""
        values = self.named[name]
        return values.reshape(-1, *values.shape[2:])

    @property
    def stock(self) -> np.ndarray:
        """Draws (d, hosts, years) of the stock of every host with a trajectory, in persons."""
        return np.exp(self.stack("log_stock"))

    def quality(self, design: Design) -> pd.DataFrame:
        """Return R-hat and effective sample sizes of what is published (see
        ``convergence.diagnostics``)."""
        labels = {
            "log_stock": [design.hosts, design.years],
            "log_world": [design.years],
            "shock": [SHOCKS],
        }
        labels |= {"bias": [design.biases], "error": [design.biases]}
        return convergence.diagnostics(
            {name: self.named[name] for name in PUBLISHED}, labels, self.imputations
        )
