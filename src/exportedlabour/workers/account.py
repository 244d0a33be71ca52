"""The course of time in the workers model: when shocks act, when borders were closed, and how
yearly steps add up to a path.

Nothing here knows of a sampler.
"""

import math

import numpy as np

from ..evidence.events import KNOWN, Dates

SCALED = (
    "step_scale_log_sd",
    "shock_host_sd",
    "reopening_large_sd",
    "host_class_sd_china",
)  # assumptions that are a fixed scale of effects
# a yearly inflow never falls below zero; the corner is rounded over this share of the stock
SOFTNESS = 0.05


def memory(
    years: np.ndarray,
    pull: float,
    closed_factor: float,
    reopened_factor: float,
    dates: Dates = KNOWN,
) -> tuple[np.ndarray, np.ndarray]:
    """Return two (t, t) matrices that turn standard normal steps into deviations from a host's
    level.

    The first for an autoregression with coefficient ``pull`` that begins in its stationary spread;
    the second for a random walk that begins at its level. Steps are ``closed_factor`` as large
    while the border was closed, and those of the walk ``reopened_factor`` as large in the two years
    after it opened.
    """
    size = np.where(np.isin(years, dates.closed_years), closed_factor, 1.0)
    lag = np.arange(len(years))[:, None] - np.arange(len(years))
    fading = np.where(lag >= 0, pull ** np.maximum(lag, 0), 0.0) * size
    fading[:, 0] /= math.sqrt(1 - pull**2)
    walk = np.where(lag >= 0, 1.0, 0.0) * np.where(
        np.isin(years, dates.new_course_years), reopened_factor, size
    )
    walk[:, 0] = 0.0
    return fading, walk
