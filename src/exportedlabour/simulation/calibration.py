"""The real design with simulated values: for simulation-based calibration (Talts et al. 2018, arXiv
1804.06788).

If parameters are drawn from the prior and figures from the likelihood, the rank of each true value
among draws of its posterior is uniform. That holds only if the figures are drawn exactly as the
likelihood says, so everything that the likelihood conditions on has to be fixed before the truth is
known.
"""

from dataclasses import replace

import numpy as np

from ..assumptions.scenario import Settings
from ..evidence.reading import READING_KINDS
from ..workers.observations import Design
from .prior import Drawn, draw_figures, draw_prior

EXACT, INTERVAL, LOWER, UPPER = (
    READING_KINDS.index(kind) for kind in ("exact", "interval", "lower", "upper")
)


def resimulate(
    design: Design, settings: Settings, rng: np.random.Generator
) -> tuple[Design, Drawn]:
    """Return the design with new values drawn from the model's prior, and the parameters that they
    were drawn from.

    Hosts, dates, classes, houses, lineages, margins and counting errors stay as they are; see
    ``observe`` for what is seen of each value. The rows of ``figures`` are kept to say which
    figures these were; their numbers are the old ones.

    Returns
    -------
    The design, and the truth as ``draw_prior`` names it, without the axis of draws.
    """
    drawn = draw_prior(design, settings, rng)
    values = draw_figures(design, settings, drawn, rng, counting=design.counting)
    return observe(design, values[0]), {name: array[0] for name, array in drawn.items()}


def observe(design: Design, values: np.ndarray) -> Design:
    """Return the design with what is seen of the log figures ``values`` (n,).

    - An exact figure is seen as it is; the likelihood is its density.
    - An interval: the line of logs is cut, once and for all, into cells as wide as the real
      figure's interval, which is one of them. The cell that holds the value is seen; the likelihood
      is the probability of that cell.
    - A one-sided figure: the bound of the real figure is kept, and whether the value lies above or
      below it is seen. The kind becomes ``lower`` or ``upper`` accordingly; the likelihood of the
      two adds to one. (A bound that moved with the truth would tell more than the likelihood says.)
    """
    kind, lower, upper = design.kind.copy(), design.lower.copy(), design.upper.copy()
    exact, cells = design.kind == EXACT, design.kind == INTERVAL
    lower[exact] = upper[exact] = values[exact]
    width = (design.upper - design.lower)[cells]
    steps = np.floor((values - design.lower)[cells] / width)
    lower[cells] = design.lower[cells] + steps * width
    upper[cells] = design.lower[cells] + (steps + 1) * width
    sided = (design.kind == LOWER) | (design.kind == UPPER)
    bound = np.where(design.kind == LOWER, design.lower, design.upper)
    above = values >= bound
    kind[sided] = np.where(above, LOWER, UPPER)[sided]
    lower[sided] = np.where(above, bound, -np.inf)[sided]
    upper[sided] = np.where(above, np.inf, bound)[sided]
    return replace(design, kind=kind, lower=lower, upper=upper)
