"""The reference engine: the model as one reads it, in PyMC, sampled by nutpie.

Radford et al. 2023 (PNAS, conflict losses from claims) and Alkema, Susmann and Ray 2024 (arXiv
2411.18646) are the nearest published models; this one adds copying (lineages), eras, parts,
ceilings, sums, ratios and flows. How the priors make a path and a path makes figures is written
here a second time, on purpose, so that this model and the engine check each other; what each prior
is, both read in ``priors``. It needs the extra ``reference``.
"""

from collections.abc import Callable

import numpy as np

from ..assumptions.scenario import Settings
from ..evidence.events import SHOCKS
from ..inference.likelihood import log_likelihood
from ..inference.pymc_setup import pm, pt, sample
from .account import SOFTNESS
from .copies import imputed_copies
from .observations import Design
from .posterior import Fit
from .priors import Priors
from .priors import build as priors_of

STORED = (
    "log_stock",
    "level_mean",
    "level_sd",
    "log_step_median",
    "log_turnover",
    "shock",
    "bias",
    "error",
    "coverage",
    "house_sd",
    "lineage_sd",
    "host_class_sd",
    "margin_at_least",
    "margin_at_most",
    "level",
    "log_step",
)


def build(design: Design, priors: Priors, counted: np.ndarray | None = None) -> pm.Model:
    """Return the PyMC model of ``design``; ``counted`` (n,) bool leaves out the figures that are
    read as copies.

    The latent ``log_stock`` (hosts, years) is a pooled level, an autoregression of yearly steps and
    three shocks that stay; see the chapter on workers for each term.
    """
    p = priors
    large = p.large
    coords = {
        "host": list(design.hosts),
        "year": design.years,
        "bias_name": list(design.biases),
        "house": list(design.houses),
        "lineage": list(design.lineages),
        "host_class": [":".join(pair) for pair in design.host_classes],
        "shock_name": list(SHOCKS),
    }
    with pm.Model(coords=coords) as model:
        # The latent stock: a level, yearly steps that fade (but not in China and Russia), and
        # shocks that stay.
        level_mean = p.level_mean.in_pymc(pm, "level_mean")
        level_sd = p.level_sd.in_pymc(pm, "level_sd")
        level = p.level(pt.where, level_mean, level_sd).in_pymc(pm, "level", dims="host")

        log_step_median = p.log_step_median.in_pymc(pm, "log_step_median")
        step_scale_z = pm.Normal("step_scale_z", 0, 1, dims="host")
        log_step = pm.Deterministic(
            "log_step", p.log_step(pt.where, log_step_median).of_standard(step_scale_z), dims="host"
        )
        step_z = pm.Normal("step_z", 0, 1, dims=("host", "year"))
        path = pt.exp(log_step)[:, None] * pt.where(
            large[:, None], pt.dot(step_z, p.free_path.T), pt.dot(step_z, p.pooled_path.T)
        )

        shock = p.shock.in_pymc(pm, "shock", dims="shock_name")
        shock_z = pm.Normal("shock_z", 0, 1, dims=("host", "shock_name"))
        host_shock = p.host_shock(shock).of_standard(shock_z)
        log_stock = pm.Deterministic(
            "log_stock", level[:, None] + path + pt.dot(host_shock, p.after), dims=("host", "year")
        )
        sums = [
            pt.logsumexp(log_stock[np.flatnonzero(members)], axis=0) for members in design.members
        ]
        latent = pt.concatenate([log_stock.flatten(), *sums])

        # What a figure adds: bias of its class, house, lineage, host by class, margin, and hosts
        # nobody counted.
        bias = p.bias.in_pymc(pm, "bias", dims="bias_name")
        error = p.error.in_pymc(pm, "error", dims="bias_name")
        coverage = p.coverage.in_pymc(pm, "coverage")
        expected = read(latent, design.weights) + bias[design.bias] + coverage * design.coverage
        expected += _effect("house", p.house_sd, design.house, len(design.houses))
        expected += _effect("lineage", p.lineage_sd, design.lineage, len(design.lineages))
        expected += _effect(
            "host_class",
            p.host_class_sd,
            design.host_class,
            len(design.host_classes),
            lambda spread: p.class_effect_sd(pt.where, spread),
        )
        margin_least = p.margin_at_least.in_pymc(pm, "margin_at_least")
        margin_most = p.margin_at_most.in_pymc(pm, "margin_at_most")
        expected += pt.where(
            design.margin == -1, -margin_least, pt.where(design.margin == 1, margin_most, 0.0)
        )
        # Entries of a year: what is replaced with open borders, and what the stock grows by. Exits:
        # who came in, and what it falls by.
        log_turnover = p.log_turnover.in_pymc(pm, "log_turnover")
        for moved in (design.flow, design.exits):
            rows = np.flatnonzero(moved)
            if not len(rows):
                continue
            growth, span = read(latent, design.growth[rows]), design.span[rows]
            people = softly_positive(pt.exp(log_turnover) * design.openness[rows] + growth)
            if moved is design.exits:
                at_start = read(latent, design.start[rows])
                people = softly_positive(
                    span * people + pt.exp(at_start) - pt.exp(at_start + span * growth)
                )
            expected = pt.inc_subtensor(expected[rows], pt.log(people))

        sd = pt.sqrt(
            pt.where(design.coarse, p.coarse_sd, error[design.bias]) ** 2 + design.counting**2
        )
        terms = log_likelihood(pt, design.kind, design.lower, design.upper, expected, sd, p.df)
        pm.Potential("figures", (terms if counted is None else terms * counted).sum())
    return model


def fit(
    design: Design,
    settings: Settings,
    *,
    draws: int,
    tune: int,
    chains: int = 4,
    target_accept: float = 0.8,
    counted: np.ndarray | None = None,
    say: Callable = print,
) -> Fit:
    """Sample the posterior of one imputation of copies: ``counted`` (n,), or by default the first
    that ``imputations`` gives."""
    if counted is None:
        counted = imputed_copies(design, settings, np.random.default_rng(settings.seed))[0]
    model = build(design, priors_of(design, settings), counted.astype(float))
    trace, seconds, gradients = sample(
        model,
        list(STORED),
        draws=draws,
        tune=tune,
        chains=chains,
        target_accept=target_accept,
        seed=settings.seed,
        say=say,
    )
    named = {name: trace.posterior[name].to_numpy() for name in STORED}
    named["log_world"] = np.log(np.exp(named["log_stock"]).sum(axis=2))
    return Fit(
        named,
        np.zeros(chains, dtype=int),
        int(trace.sample_stats["diverging"].sum()),
        seconds,
        gradients,
        {},
    )


def softly_positive(x):
    """Return x where it is well above zero, and little more than zero below."""
    return SOFTNESS * pt.softplus(x / SOFTNESS)


def read(latent, weights: np.ndarray):
    """Return weights @ latent, gathering the few entries that are not zero instead of multiplying
    by the others."""
    width = int((weights != 0).sum(axis=1).max())
    index = np.argsort(weights == 0, axis=1, kind="stable")[:, :width]
    chosen = np.take_along_axis(weights, index, axis=1)
    return (latent[index.ravel()].reshape(index.shape) * chosen).sum(axis=1)


def _effect(name, spread_prior, index, size, sd_of=lambda spread: spread):
    """Return (n,) the effect of each figure's member of a group, zero where it has none; ``sd_of``
    says from the spread of the group what the sd of each member is."""
    spread = spread_prior.in_pymc(pm, f"{name}_sd")
    if size == 0:
        return 0.0
    z = pm.Normal(f"{name}_z", 0, 1, dims=name)
    effect = pm.Deterministic(f"{name}_effect", sd_of(spread) * z, dims=name)
    return pt.where(index >= 0, effect[np.maximum(index, 0)], 0.0)
