"""Fitting the workers model with the default engine."""

from collections.abc import Callable

import numpy as np

from ..assumptions.scenario import Settings
from ..evidence.events import SHOCKS
from ..inference import sampling
from ..project import InputError
from . import priors
from .account import SCALED
from .copies import imputation_of_chains, imputed_copies
from .density import Density
from .draws import THIN
from .observations import Design
from .posterior import Fit

# of a trajectory while the sampler's metric is poor: half the warm-up's time, at no loss of
# effective draws
EARLY_STEPS = 16
LAST_PROBES = (
    20  # with fewer, one odd position can spoil the metric and make all steps three times as short
)


def fit(
    design: Design,
    settings: Settings,
    *,
    keep_likelihood: bool = False,
    workers: int | None = None,
    say: Callable = print,
) -> Fit:
    """Sample the posterior with the fast engine; ``settings`` give seed, chains, tune and draws.

    Chains are dealt to the imputations of copies in turn.
    """
    density = Density(design, priors.build(design, settings))
    counted = imputed_copies(design, settings, np.random.default_rng(settings.seed))
    of_chain = imputation_of_chains(settings)
    sampled = sampling.sample(
        density,
        density.dim,
        chains=len(of_chain),
        draws=settings.draws,
        tune=settings.tune,
        seed=settings.seed,
        data=counted[of_chain].astype(float),
        interweave=density.interweave,
        scales=density.scales,
        kicks=density.rounded().gradient,
        share_of_step=density.share_of_step,
        early_steps=EARLY_STEPS,
        probes=LAST_PROBES,
        workers=workers,
        say=say,
    )
    theta = within(sampled.draws, density, settings.world_limit).reshape(-1, density.dim)
    named, likelihood, predicted = [], [], []
    rng = np.random.default_rng([settings.seed, 1])
    read = np.repeat(counted[of_chain], settings.draws, axis=0)
    for rows in np.array_split(np.arange(len(theta)), max(1, len(theta) // 500)):
        part = theta[rows].astype(float)
        values = density.name(part)
        effects = scaled_effects(values, density.priors)
        values["squares"] = np.column_stack(
            [(effect**2).sum(axis=1) for effect in effects.values()]
        )
        named.append(
            {name: value for name, value in values.items() if name not in ("step", "host_shock")}
        )
        if keep_likelihood:
            likelihood.append(density.pointwise(part) * read[rows])
            predicted.append(density.predict(part[rows % THIN == 0], rng))
    whole = {name: np.concatenate([piece[name] for piece in named]) for name in named[0]}
    whole["log_world"] = np.log(np.exp(whole["log_stock"]).sum(axis=1))
    whole["error"] = np.exp(whole.pop("log_error"))
    shaped = {
        name: values.reshape(*sampled.draws.shape[:2], *values.shape[1:])
        for name, values in whole.items()
    }
    kept = [np.concatenate(likelihood), np.concatenate(predicted)] if keep_likelihood else []
    return Fit(
        shaped,
        of_chain,
        sampled.divergences,
        sampled.seconds,
        sampled.gradients,
        {name: effect.shape[1] for name, effect in effects.items()},
        *kept,
    )


def scaled_effects(values: dict[str, np.ndarray], given: priors.Priors) -> dict[str, np.ndarray]:
    """Return, by assumption of ``SCALED``, the effects (d, k) that have it as their scale, in units
    of it.

    Parameters
    ----------
    values : draws (d, ...) by name, as ``Density.name`` returns them.
    """
    large, reopening = given.large, list(SHOCKS).index("reopening")
    middle = np.where(large, given.log_step_median.mean, values["log_step_median"][:, None])
    shock = (values["host_shock"] - values["shock"][:, None]) / given.host_shock_sd
    own_way = np.zeros(given.host_shock_sd.shape, dtype=bool)
    own_way[large, reopening] = True
    fixed = given.fixed_class_sd > 0
    effects = (
        (values["log_step"] - middle) / given.log_step_sd,
        shock[:, ~own_way],
        shock[:, own_way],
        values["host_class"][:, fixed] / given.fixed_class_sd[fixed],
    )
    return dict(zip(SCALED, effects, strict=True))


def within(draws: np.ndarray, density: Density, limit: float) -> np.ndarray:
    """Return draws (chains, draws, dim) in which no year has more workers in all hosts than
    ``limit``.

    The prior is cut off there: a draw beyond is replaced by the one before it in its chain, as when
    a proposal is refused, or by the first allowed one where the chain begins beyond.

    Raises
    ------
    InputError
        If a chain has no draw within the limit.
    """
    chains, length, dim = draws.shape
    allowed = np.empty(chains * length, dtype=bool)
    flat = draws.reshape(-1, dim)
    for rows in np.array_split(np.arange(len(flat)), max(1, len(flat) // 500)):
        stock = np.exp(density.name(flat[rows].astype(float))["log_stock"])
        allowed[rows] = stock.sum(axis=1).max(axis=1) <= limit
    allowed = allowed.reshape(chains, length)
    if not allowed.any(axis=1).all():
        raise InputError(
            f"world_limit is {limit:,.0f}; whole chains of the fit lie beyond it. Raise it in the"
            " scenario."
        )
    place = np.where(allowed, np.arange(length), -1)
    last = np.maximum.accumulate(place, axis=1)
    last = np.where(last < 0, allowed.argmax(axis=1)[:, None], last)
    return np.take_along_axis(draws, last[:, :, None], axis=1)
