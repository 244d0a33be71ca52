"""Hosts that were named as hosts but that nobody counted: draws of their workers."""

import numpy as np

from ..assumptions.scenario import Settings
from ..project import InputError
from . import priors
from .observations import Design
from .posterior import Fit

TRIES = 20  # for every draw, in the mean


def undocumented(
    fit: Fit,
    design: Design,
    settings: Settings,
    rng: np.random.Generator,
    rows: np.ndarray | slice = slice(None),
) -> np.ndarray:
    """Return draws (d, predictive hosts, years) for the hosts that were named but never counted, in
    persons.

    ``rows`` are the draws of ``fit`` that they go with, all if not given.

    Each is like any other host, lower by ``no_data_offset``, with the same steps and shocks, and is
    present at all with probability ``no_data_presence``.
    """
    years = design.years
    given = priors.of(settings, design.predictive, years, dates=design.dates)
    level_mean, level_sd = fit.stack("level_mean")[rows, None], fit.stack("level_sd")[rows, None]
    scale_median, shock = np.exp(fit.stack("log_step_median")[rows]), fit.stack("shock")[rows]
    shape = (len(level_mean), len(design.predictive))
    level = (
        level_mean + given.no_data_offset.draw(rng, shape) + level_sd * rng.standard_normal(shape)
    )
    scale = scale_median[:, None] * np.exp(given.log_step_sd * rng.standard_normal(shape))
    log_stock = level[..., None] + scale[..., None] * (
        rng.standard_normal((*shape, len(years))) @ given.pooled_path.T
    )
    for k, year in enumerate(design.dates.shocks.values()):
        host_shock = shock[:, [k]] + given.shock_host_sd * rng.standard_normal(shape)
        log_stock += host_shock[..., None] * (years >= year)
    present = given.no_data_presence.draw(rng, shape)
    return np.exp(log_stock) * present[:, :, None]


def undocumented_within(
    fit: Fit, design: Design, settings: Settings, rng: np.random.Generator
) -> np.ndarray:
    """Return draws as ``undocumented`` does, drawn again where all hosts together would have more
    than ``world_limit`` in some year.

    Raises
    ------
    InputError
        If some still have after ``TRIES``: a draw with little room left may take thousands, all
        draws together may not.
    """
    drawn, counted = undocumented(fit, design, settings, rng), fit.stock.sum(axis=1)
    left, beyond = TRIES * len(drawn), np.arange(len(drawn))
    while True:
        beyond = beyond[
            (counted[beyond] + drawn[beyond].sum(axis=1)).max(axis=1) > settings.world_limit
        ]
        if not len(beyond):
            return drawn
        if left < len(beyond):
            raise InputError(
                f"world_limit is {settings.world_limit:,.0f}; with hosts that nobody counted"
                f" {len(beyond)} draws lie beyond it. Raise it in the scenario."
            )
        drawn[beyond] = undocumented(fit, design, settings, rng, beyond)
        left -= len(beyond)
