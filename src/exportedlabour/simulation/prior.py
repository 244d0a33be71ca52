"""The workers model run forwards: parameters and paths from their prior, and figures from those.

The counterpart of ``workers.density`` and ``workers.reference``, vectorised over draws. Nothing
here reads the values of a figure: of the design only its structure is used (hosts, years, classes,
houses, lineages, what each figure is about).
"""

import math
from types import SimpleNamespace

import numpy as np
from scipy.special import logsumexp

from ..assumptions.scenario import Settings
from ..evidence.events import KNOWN, SHOCKS, Dates
from ..evidence.hosts_apart import UNPOOLED, UNTIED_HOST
from ..project import InputError
from ..workers.account import SOFTNESS, memory
from ..workers.observations import Design
from ..workers.uncounted import undocumented

Drawn = dict[str, np.ndarray]


def draw_prior(
    design: Design, settings: Settings, rng: np.random.Generator, draws: int = 1
) -> Drawn:
    """Draw every parameter of the workers model from its prior.

    Returns
    -------
    Arrays by the names that the reference gives its variables, the draws along the first axis:
    ``log_stock`` (draws, hosts, years), natural logs of persons, with what it is made of
    (``level_mean``, ``level_sd``, ``level``, ``log_step_median``, ``step_scale``, ``shock``,
    ``host_shock``); ``coverage`` and ``log_world`` (draws, years); and what figures add: ``bias``,
    ``error``, ``margin_at_least``, ``margin_at_most``, ``house_sd``, ``house_effect`` and so on. A
    group without members (no house speaks twice) has neither a spread nor effects.
    """
    drawn = draw_stock(design.hosts, design.years, settings, rng, draws, design.dates)
    drawn["log_turnover"] = rng.normal(*settings.turnover_log, size=draws)
    drawn["coverage"] = rng.normal(*settings.coverage_world, size=draws)
    drawn["log_world"] = logsumexp(drawn["log_stock"], axis=1) + drawn["coverage"][:, None]
    return drawn | _draw_offsets(design, settings, rng, draws)


def draw_stock(
    hosts: tuple[str, ...],
    years: np.ndarray,
    settings: Settings,
    rng: np.random.Generator,
    draws: int = 1,
    dates: Dates = KNOWN,
) -> Drawn:
    """Draw the paths (draws, hosts, years) of the log stock, and the parameters behind them; see
    ``draw_prior``."""
    s = settings
    shape = (draws, len(hosts))
    large = np.array([host in UNPOOLED for host in hosts], dtype=bool)

    level_mean = rng.normal(*s.level_log_mean, size=draws)
    level_sd = s.level_log_sd * np.abs(rng.standard_normal(draws))
    large_mean, large_sd = s.start_log_large
    level_z = rng.standard_normal(shape)
    level = np.where(
        large, large_mean + large_sd * level_z, level_mean[:, None] + level_sd[:, None] * level_z
    )

    log_step_median = rng.normal(
        math.log(s.step_scale_median), s.step_scale_median_log_sd, size=draws
    )
    median = np.where(large, math.log(s.step_scale_median), log_step_median[:, None])
    step_scale = np.exp(median + s.step_scale_log_sd * rng.standard_normal(shape))
    pooled, free = memory(years, s.pull, s.border_closed_factor, s.border_reopened_factor, dates)
    step_z = rng.standard_normal((*shape, len(years)))
    deviation = step_scale[..., None] * np.where(large[:, None], step_z @ free.T, step_z @ pooled.T)

    priors = np.array([s[f"shock_{name}"] for name in SHOCKS])
    shock = rng.normal(priors[:, 0], priors[:, 1], size=(draws, len(SHOCKS)))
    own = np.array(
        [[name == "reopening" and host in UNPOOLED for name in SHOCKS] for host in hosts],
        dtype=bool,
    )
    spread = np.where(own, s.reopening_large_sd, s.shock_host_sd)
    host_shock = shock[:, None, :] + spread * rng.standard_normal((*shape, len(SHOCKS)))
    after = np.array([years >= year for year in dates.shocks.values()], dtype=float)
    return {
        "level_mean": level_mean,
        "level_sd": level_sd,
        "level": level,
        "log_step_median": log_step_median,
        "step_scale": step_scale,
        "shock": shock,
        "host_shock": host_shock,
        "log_stock": level[..., None] + deviation + host_shock @ after,
    }


def _draw_offsets(
    design: Design, settings: Settings, rng: np.random.Generator, draws: int
) -> Drawn:
    """Draw what figures add to the log stock: of their class, house, lineage, class in that host,
    and margin."""
    s = settings
    priors = np.array([s[f"bias_{name}"] for name in design.biases]).reshape(-1, 2)
    medians = np.array([s[f"error_{name}"] for name in design.biases])
    drawn = {
        "bias": rng.normal(priors[:, 0], priors[:, 1], size=(draws, len(priors))),
        "error": medians * np.exp(s.error_log_sd * rng.standard_normal((draws, len(medians)))),
    }
    free_host = np.array([host == UNTIED_HOST for host, _ in design.host_classes], dtype=bool)
    groups = {
        "house": (s.house_sd, np.zeros(len(design.houses), dtype=bool)),
        "lineage": (s.lineage_sd, np.zeros(len(design.lineages), dtype=bool)),
        "host_class": (s.host_class_sd, free_host),
    }
    for name, (scale, free) in groups.items():
        if len(free):
            spread = scale * np.abs(rng.standard_normal(draws))
            z = rng.standard_normal((draws, len(free)))
            drawn[f"{name}_sd"] = spread
            drawn[f"{name}_effect"] = np.where(free, s.host_class_sd_china, spread[:, None]) * z
    drawn["margin_at_least"] = rng.normal(*s.margin_at_least, size=draws)
    drawn["margin_at_most"] = rng.normal(*s.margin_at_most, size=draws)
    return drawn


def expected_log_figures(design: Design, drawn: Drawn) -> np.ndarray:
    """Return (draws, n) what the log of each figure would be without error, given the parameters of
    ``draw_prior``.

    The one place that turns latent stocks into figures: what figures may be about is extended here.
    """
    draws = len(drawn["log_stock"])
    peak = drawn["log_stock"].max(axis=1, keepdims=True)
    with np.errstate(divide="ignore"):
        sums = (
            np.log(
                np.einsum(
                    "ah,dht->dat", design.members.astype(float), np.exp(drawn["log_stock"] - peak)
                )
            )
            + peak
        )
    latent = np.concatenate(
        [drawn["log_stock"].reshape(draws, -1), sums.reshape(draws, -1)], axis=1
    )
    expected = (
        latent @ design.weights.T
        + drawn["bias"][:, design.bias]
        + drawn["coverage"][:, None] * design.coverage
    )
    if (design.flow | design.exits).any():
        replaced, growth = (
            np.exp(drawn["log_turnover"])[:, None] * design.openness,
            latent @ design.growth.T,
        )
        inflow = SOFTNESS * np.logaddexp(0.0, (replaced + growth) / SOFTNESS)
        expected += np.where(design.flow, np.log(inflow), 0.0)
        at_start = latent @ design.start.T
        left = design.span * inflow + np.exp(at_start) - np.exp(at_start + design.span * growth)
        expected += np.where(
            design.exits, np.log(SOFTNESS * np.logaddexp(0.0, left / SOFTNESS)), 0.0
        )
    for name, index in (
        ("house", design.house),
        ("lineage", design.lineage),
        ("host_class", design.host_class),
    ):
        if f"{name}_effect" in drawn:
            expected += np.where(index >= 0, drawn[f"{name}_effect"][:, np.maximum(index, 0)], 0.0)
    expected -= np.where(design.margin == -1, drawn["margin_at_least"][:, None], 0.0)
    expected += np.where(design.margin == 1, drawn["margin_at_most"][:, None], 0.0)
    return expected


def error_scale(
    design: Design, settings: Settings, drawn: Drawn, counting: np.ndarray
) -> np.ndarray:
    """Return (draws, n) the scale of the Student-t error of each log figure; ``counting`` is the
    part due to small counts."""
    stated = np.where(design.coarse, settings.order_of_magnitude_sd, drawn["error"][:, design.bias])
    return np.sqrt(stated**2 + counting**2)


def draw_figures(
    design: Design,
    settings: Settings,
    drawn: Drawn,
    rng: np.random.Generator,
    counting: np.ndarray | None = None,
) -> np.ndarray:
    """Draw (draws, n) the log of what each asserter believes, before it is rounded or told as a
    bound.

    ``counting`` as in the design; without it the counting error of the size that is expected.
    """
    expected = expected_log_figures(design, drawn)
    if counting is None:
        counting = np.exp(-0.5 * np.maximum(expected, 0.0))
    return expected + error_scale(design, settings, drawn, counting) * rng.standard_t(
        settings.error_df, size=expected.shape
    )


def draw_undocumented(
    design: Design, settings: Settings, drawn: Drawn, rng: np.random.Generator
) -> np.ndarray:
    """Return (draws, predictive hosts, years) the stock of the hosts that nobody counted, in
    persons, as the model has it."""
    return undocumented(SimpleNamespace(stack=drawn.__getitem__), design, settings, rng)


def prior_world(
    design: Design, settings: Settings, rng: np.random.Generator, draws: int
) -> tuple[np.ndarray, float]:
    """Draw the workers in all hosts, those that nobody counted among them, from the prior that the
    published fit has.

    The published prior is cut off at ``world_limit`` in any year, so that draws beyond it are drawn
    again.

    Returns
    -------
    Draws (draws, years) in persons, and the share of all that were drawn that was cut off.

    Raises
    ------
    InputError
        If more than nine draws in ten lie beyond the limit.
    """
    kept, tried = [], 0
    while len(kept) < draws:
        if tried >= 10 * draws:
            raise InputError(
                f"world_limit is {settings.world_limit:,.0f}; of {tried:,} draws from the priors"
                f" only {len(kept)} are within it. Raise it."
            )
        drawn = draw_prior(design, settings, rng, draws)
        world = np.exp(drawn["log_stock"]).sum(axis=1) + draw_undocumented(
            design, settings, drawn, rng
        ).sum(axis=1)
        kept.extend(world[world.max(axis=1) <= settings.world_limit])
        tried += draws
    return np.array(kept[:draws]), 1 - len(kept) / tried
