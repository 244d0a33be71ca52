"""What the priors allow before any figure is read: the prior predictive of the world's workers.

Gabry, Simpson, Vehtari, Betancourt and Gelman 2019 (Journal of the Royal Statistical Society A
182(2)) for the idea. The draws are those of ``simulation.prior``.
"""

from dataclasses import dataclass

import numpy as np

from ..assumptions.scenario import Settings
from ..simulation.prior import prior_world
from ..workers.observations import Design

DRAWS = 4000
LEAST, MOST = 1e4, 1e6  # persons: between them lies what a reasonable person might hold possible
JUDGED = (2013, 2017)  # the first and the last year of the mean that is judged
AIM = 0.98  # the probability that the priors should leave between the two


@dataclass(frozen=True)
class PriorCheck:
    """The world's workers as the priors have them.

    Attributes
    ----------
    world : draws (d, years) in persons, cut off at the assumption ``world_limit``; cut : the share
        that the limit took away.
    mean, mean_uncut : (d,) the mean of the years ``JUDGED``, with and without the limit.
    """

    world: np.ndarray
    cut: float
    mean: np.ndarray
    mean_uncut: np.ndarray

    @property
    def share(self) -> float:
        """The share of draws between ``LEAST`` and ``MOST``."""
        return _between(self.mean)

    @property
    def share_uncut(self) -> float:
        """The same of draws without the limit."""
        return _between(self.mean_uncut)

    @property
    def below(self) -> float:
        """The share of draws of no more than ``LEAST``."""
        return float((self.mean <= LEAST).mean())

    @property
    def above_uncut(self) -> float:
        """The share of draws without the limit of no less than ``MOST``."""
        return float((self.mean_uncut >= MOST).mean())


def check(design: Design, settings: Settings, rng: np.random.Generator) -> PriorCheck:
    """Draw the world's workers from the priors of ``settings``, with and without the limit.

    Raises
    ------
    InputError
        If hardly any draw is within the limit.
    """
    at = (design.years >= JUDGED[0]) & (design.years <= JUDGED[1])
    world, cut = prior_world(design, settings, rng, DRAWS)
    unlimited = Settings(dict(settings) | {"world_limit": np.inf})
    uncut, _ = prior_world(design, unlimited, np.random.default_rng(settings.seed), DRAWS)
    return PriorCheck(world, cut, world[:, at].mean(axis=1), uncut[:, at].mean(axis=1))


def _between(mean: np.ndarray) -> float:
    return float(((mean > LEAST) & (mean < MOST)).mean())
