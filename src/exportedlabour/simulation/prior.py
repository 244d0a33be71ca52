"""The workers model run forwards: parameters and paths from their prior, and figures from those.

The counterpart of ``workers.density`` and ``workers.reference``, vectorised over draws. The priors
are those of ``workers.priors``, which all three read. How parameters add up to a path, and what a
figure about it would say, is written here a third time and on purpose: worlds of a known truth
would not find a mistake of the engine that they share. Nothing here reads the values of a figure:
of the design only its structure is used (hosts, years, classes, houses, lineages, what each figure
is about).
"""

from types import SimpleNamespace

import numpy as np
from scipy.special import logsumexp

from ..assumptions.scenario import Settings
from ..evidence.events import KNOWN, SHOCKS, Dates
from ..project import InputError
from ..workers import priors
from ..workers.account import SOFTNESS
from ..workers.observations import Design
from ..workers.priors import Priors
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
    p = priors.build(design, settings)
    drawn = _draw_stock(p, len(design.hosts), rng, draws)
    drawn["log_turnover"] = p.log_turnover.draw(rng, draws)
    drawn["coverage"] = p.coverage.draw(rng, draws)
    drawn["log_world"] = logsumexp(drawn["log_stock"], axis=1) + drawn["coverage"][:, None]
    return drawn | _draw_offsets(design, p, rng, draws)


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
    return _draw_stock(priors.of(settings, hosts, years, dates=dates), len(hosts), rng, draws)


def _draw_stock(p: Priors, hosts: int, rng: np.random.Generator, draws: int) -> Drawn:
    """Draw the paths of ``hosts`` hosts from their priors, and the parameters behind them."""
    shape, years = (draws, hosts), len(p.pooled_path)
    level_mean = p.level_mean.draw(rng, draws)
    level_sd = p.level_sd.draw(rng, draws)
    level = p.level(np.where, level_mean[:, None], level_sd[:, None]).of_standard(
        rng.standard_normal(shape)
    )
    log_step_median = p.log_step_median.draw(rng, draws)
    step_scale = np.exp(
        p.log_step(np.where, log_step_median[:, None]).of_standard(rng.standard_normal(shape))
    )
    z = rng.standard_normal((*shape, years))
    deviation = step_scale[..., None] * np.where(
        p.large[:, None], z @ p.free_path.T, z @ p.pooled_path.T
    )
    shock = p.shock.draw(rng, (draws, len(SHOCKS)))
    host_shock = p.host_shock(shock[:, None, :]).of_standard(
        rng.standard_normal((*shape, len(SHOCKS)))
    )
    return {
        "level_mean": level_mean,
        "level_sd": level_sd,
        "level": level,
        "log_step_median": log_step_median,
        "step_scale": step_scale,
        "shock": shock,
        "host_shock": host_shock,
        "log_stock": level[..., None] + deviation + host_shock @ p.after,
    }


def _draw_offsets(design: Design, p: Priors, rng: np.random.Generator, draws: int) -> Drawn:
    """Draw what figures add to the log stock: of their class, house, lineage, class in that host,
    and margin."""
    classes = (draws, len(design.biases))
    drawn = {"bias": p.bias.draw(rng, classes), "error": p.error.draw(rng, classes)}
    groups = {
        "house": (p.house_sd, len(design.houses)),
        "lineage": (p.lineage_sd, len(design.lineages)),
        "host_class": (p.host_class_sd, len(design.host_classes)),
    }
    for name, (prior, members) in groups.items():
        if members:
            spread = prior.draw(rng, draws)
            z = rng.standard_normal((draws, members))
            drawn[f"{name}_sd"], sd = spread, spread[:, None]
            if name == "host_class":
                sd = p.class_effect_sd(np.where, sd)
            drawn[f"{name}_effect"] = sd * z
    drawn["margin_at_least"] = p.margin_at_least.draw(rng, draws)
    drawn["margin_at_most"] = p.margin_at_most.draw(rng, draws)
    return drawn


def expected_log_figures(design: Design, drawn: Drawn) -> np.ndarray:
    """Return (draws, n) what the log of each figure would be without error, given the parameters of
    ``draw_prior``.

    The engine (``Density``) and the referee have the same in forms of their own: what figures may
    be about is extended in all three, and tests compare them.
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
