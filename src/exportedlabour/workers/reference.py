"""The reference engine: the model as one reads it, in PyMC, sampled by nutpie.

Radford et al. 2023 (PNAS, conflict losses from claims) and Alkema, Susmann and Ray 2024 (arXiv 2411.18646) are the
nearest published models; this one adds copying (lineages), eras, parts and ceilings.
"""

import math

import numpy as np

from ..likelihood import log_likelihood
from ..sampler import pm, pt
from ..scenario import Settings
from .design import LARGE, Design

SHOCKS = {"sanctions": 2018, "deadline": 2020, "reopening": 2024}
BORDER_CLOSED = (2021, 2022, 2023)
BORDER_REOPENED = (2024, 2025)  # the years in which China and Russia took in new workers again, or sent the old ones home
STORED = (
    "log_stock", "level_mean", "level_sd", "log_step_median", "shock",
    "bias", "error", "coverage", "house_sd", "lineage_sd", "host_class_sd", "margin_at_least", "margin_at_most",
)  # fmt: skip


def build(design: Design, settings: Settings) -> pm.Model:
    """Return the PyMC model of ``design`` under the priors of ``settings``.

    The latent ``log_stock`` (hosts, years) is a pooled level, an autoregression of yearly steps and three shocks that
    stay; see the chapter on workers for each term.
    """
    s = settings
    hosts, years = list(design.hosts), design.years
    large = np.array([host in LARGE for host in hosts])
    coords = {
        "host": hosts, "year": years, "bias_name": list(design.biases), "house": list(design.houses),
        "lineage": list(design.lineages), "host_class": [":".join(pair) for pair in design.host_classes],
        "shock_name": list(SHOCKS),
    }  # fmt: skip
    with pm.Model(coords=coords) as model:
        # The latent stock: a level, yearly steps that fade (but not in China and Russia), and shocks that stay.
        level_mean = pm.Normal("level_mean", *s.level_log_mean)
        level_sd = pm.HalfNormal("level_sd", s.level_log_sd)
        large_mean, large_sd = s.start_log_large
        level = pm.Normal("level", pt.where(large, large_mean, level_mean), pt.where(large, large_sd, level_sd), dims="host")

        log_step_median = pm.Normal("log_step_median", math.log(s.step_scale_median), s.step_scale_log_sd / 2)
        step_scale_z = pm.Normal("step_scale_z", 0, 1, dims="host")
        step_scale = pm.Deterministic(
            "step_scale",
            pt.exp(pt.where(large, math.log(s.step_scale_median), log_step_median) + s.step_scale_log_sd * step_scale_z),
            dims="host",
        )
        step_z = pm.Normal("step_z", 0, 1, dims=("host", "year"))
        pooled, free = memory(years, s.pull, s.border_closed_factor, s.border_reopened_factor)
        faded = step_scale[:, None] * pt.where(large[:, None], pt.dot(step_z, free.T), pt.dot(step_z, pooled.T))

        priors = np.array([s.shock_sanctions, s.shock_deadline, s.shock_reopening])
        shock = pm.Normal("shock", priors[:, 0], priors[:, 1], dims="shock_name")
        shock_z = pm.Normal("shock_z", 0, 1, dims=("host", "shock_name"))
        # After the border opened again, China and Russia went their own ways.
        own = np.array([[False, False, host in LARGE] for host in hosts])
        host_shock = shock + pt.where(own, s.reopening_large_sd * shock_z, s.shock_host_sd * shock_z)
        after = np.array([years >= year for year in SHOCKS.values()], dtype=float)
        log_stock = pm.Deterministic("log_stock", level[:, None] + faded + pt.dot(host_shock, after), dims=("host", "year"))
        log_world = pt.logsumexp(log_stock, axis=0) + pm.Normal("coverage", *s.coverage_world)
        latent = pt.concatenate([log_stock.flatten(), log_world])

        # What a figure adds: bias of its class, house, lineage, host by class, margin.
        bias_priors = np.array([s[f"bias_{name}"] for name in design.biases])
        bias = pm.Normal("bias", bias_priors[:, 0], bias_priors[:, 1], dims="bias_name")
        medians = np.array([s[f"error_{name}"] for name in design.biases])
        error = pm.LogNormal("error", np.log(medians), s.error_log_sd, dims="bias_name")
        expected = read(latent, design.weights) + bias[design.bias]
        expected += _effect("house", s.house_sd, design.house, len(design.houses))
        expected += _effect("lineage", s.lineage_sd, design.lineage, len(design.lineages))
        free_class = np.array([host == "CHN" for host, _ in design.host_classes])
        expected += _effect("host_class", s.host_class_sd, design.host_class, len(design.host_classes), free_class, s.host_class_sd_china)
        margin_least = pm.Normal("margin_at_least", *s.margin_at_least)
        margin_most = pm.Normal("margin_at_most", *s.margin_at_most)
        expected += pt.where(design.margin == -1, -margin_least, pt.where(design.margin == 1, margin_most, 0.0))

        sd = pt.sqrt(pt.where(design.coarse, s.order_of_magnitude_sd, error[design.bias]) ** 2 + design.counting**2)
        terms = log_likelihood(design.kind, design.lower, design.upper, expected, sd, s.error_df)
        pm.Potential("figures", terms.sum())
    return model


def read(latent, weights: np.ndarray):
    """Return weights @ latent, gathering the few entries that are not zero instead of multiplying by the others."""
    width = int((weights > 0).sum(axis=1).max())
    index = np.argsort(weights == 0, axis=1, kind="stable")[:, :width]
    chosen = np.take_along_axis(weights, index, axis=1)
    return (latent[index.ravel()].reshape(index.shape) * chosen).sum(axis=1)


def memory(years: np.ndarray, pull: float, closed_factor: float, reopened_factor: float) -> tuple[np.ndarray, np.ndarray]:
    """Return two (t, t) matrices that turn standard normal steps into deviations from a host's level.

    The first for an autoregression with coefficient ``pull`` that begins in its stationary spread; the second for a
    random walk that begins at its level. Steps are ``closed_factor`` as large while the border was closed, and those of the
    walk ``reopened_factor`` as large in the two years after it opened.
    """
    size = np.where(np.isin(years, BORDER_CLOSED), closed_factor, 1.0)
    lag = np.arange(len(years))[:, None] - np.arange(len(years))
    fading = np.where(lag >= 0, pull ** np.maximum(lag, 0), 0.0) * size
    fading[:, 0] /= math.sqrt(1 - pull**2)
    walk = np.where(lag >= 0, 1.0, 0.0) * np.where(np.isin(years, BORDER_REOPENED), reopened_factor, size)
    walk[:, 0] = 0.0
    return fading, walk


def _effect(name, scale_prior, index, size, free=None, free_sd=None):
    """Return (n,) the effect of each figure's member of a group: pooled, zero where it has none."""
    if size == 0:
        return 0.0
    spread = pm.HalfNormal(f"{name}_sd", scale_prior)
    z = pm.Normal(f"{name}_z", 0, 1, dims=name)
    effect = spread * z if free is None else pt.where(free, free_sd * z, spread * z)
    effect = pm.Deterministic(f"{name}_effect", effect, dims=name)
    return pt.where(index >= 0, effect[np.maximum(index, 0)], 0.0)
