"""What both engines read besides the design: the course of time, and every prior as an array.

Nothing here knows of a sampler.
"""

import math
from dataclasses import dataclass

import numpy as np

from ..assumptions.scenario import Settings
from ..evidence.events import KNOWN, SHOCKS, Dates
from ..evidence.hosts_apart import UNPOOLED, UNTIED_HOST
from .observations import Design

SCALED = (
    "step_scale_log_sd",
    "shock_host_sd",
    "reopening_large_sd",
    "host_class_sd_china",
)  # assumptions that are a fixed scale of effects
# a yearly inflow never falls below zero; the corner is rounded over this share of the stock
SOFTNESS = 0.05


@dataclass(frozen=True)
class Structure:
    """The priors of the workers model for ``h`` hosts, ``t`` years and ``b`` biases, as arrays.

    Attributes
    ----------
    large : (h,) bool, hosts outside the pooled hyperprior.
    level, large_level, level_sd : prior of the mean of the pooled levels [mean, sd], of the level
        of a large host, and the scale of the half-normal prior of the levels' spread.
    step_log_median, step_log_median_sd, step_log_sd : prior of the log of the median yearly step,
        its sd, and the sd of hosts about it.
    pooled_path, free_path : (t, t), what turns standard normal steps into deviations from a level.
    shock_mean, shock_sd : (3,); host_shock_sd : (h, 3) the spread of each host's own answer; after
        : (3, t) 1 from the year in which a shock acts.
    bias_mean, bias_sd, error_log_median : (b,); error_log_sd : scalar.
    house_sd, lineage_sd, host_class_sd : scales of half-normal priors; fixed_class_sd : (k,) the
        fixed scale of an effect of host by class, 0 where the pooled one holds.
    coverage, margin_at_least, margin_at_most, turnover : [mean, sd]; the last of the log of the
        share replaced in a year.
    coarse_sd : error of an order of magnitude; df : degrees of freedom of the errors.
    """

    large: np.ndarray
    level: tuple[float, float]
    large_level: tuple[float, float]
    level_sd: float
    step_log_median: float
    step_log_median_sd: float
    step_log_sd: float
    pooled_path: np.ndarray
    free_path: np.ndarray
    shock_mean: np.ndarray
    shock_sd: np.ndarray
    host_shock_sd: np.ndarray
    after: np.ndarray
    bias_mean: np.ndarray
    bias_sd: np.ndarray
    error_log_median: np.ndarray
    error_log_sd: float
    house_sd: float
    lineage_sd: float
    host_class_sd: float
    fixed_class_sd: np.ndarray
    coverage: tuple[float, float]
    margin_at_least: tuple[float, float]
    margin_at_most: tuple[float, float]
    turnover: tuple[float, float]
    coarse_sd: float
    df: int


def build(design: Design, settings: Settings) -> Structure:
    """Return the priors of ``settings`` in the order of the names in ``design``."""
    s = settings
    hosts, years = design.hosts, design.years
    large = np.array([host in UNPOOLED for host in hosts])
    shocks = np.array([s[f"shock_{name}"] for name in SHOCKS], dtype=float)
    host_shock_sd = np.full((len(hosts), len(SHOCKS)), float(s.shock_host_sd))
    host_shock_sd[large, list(SHOCKS).index("reopening")] = (
        s.reopening_large_sd
    )  # these two went their own ways
    biases = np.array([s[f"bias_{name}"] for name in design.biases], dtype=float).reshape(-1, 2)
    pooled_path, free_path = memory(
        years, s.pull, s.border_closed_factor, s.border_reopened_factor, design.dates
    )
    return Structure(
        large=large,
        level=tuple(s.level_log_mean),
        large_level=tuple(s.start_log_large),
        level_sd=s.level_log_sd,
        step_log_median=math.log(s.step_scale_median),
        step_log_median_sd=s.step_scale_median_log_sd,
        step_log_sd=s.step_scale_log_sd,
        pooled_path=pooled_path,
        free_path=free_path,
        shock_mean=shocks[:, 0],
        shock_sd=shocks[:, 1],
        host_shock_sd=host_shock_sd,
        after=np.array([years >= year for year in design.dates.shocks.values()], dtype=float),
        bias_mean=biases[:, 0],
        bias_sd=biases[:, 1],
        error_log_median=np.log([s[f"error_{name}"] for name in design.biases]),
        error_log_sd=s.error_log_sd,
        house_sd=s.house_sd,
        lineage_sd=s.lineage_sd,
        host_class_sd=s.host_class_sd,
        fixed_class_sd=np.array(
            [
                s.host_class_sd_china if host == UNTIED_HOST else 0.0
                for host, _ in design.host_classes
            ]
        ),
        coverage=tuple(s.coverage_world),
        margin_at_least=tuple(s.margin_at_least),
        margin_at_most=tuple(s.margin_at_most),
        turnover=tuple(s.turnover_log),
        coarse_sd=s.order_of_magnitude_sd,
        df=s.error_df,
    )


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
