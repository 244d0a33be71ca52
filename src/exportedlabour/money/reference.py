"""The referee: the model of pay in PyMC, as one reads it. It needs the extra ``reference``.

It reads the same design and priors as ``pay_model`` and must have the same posterior; nothing that
builds the book imports it.
"""

import math

import numpy as np

from ..assumptions.scenario import Settings
from ..inference.likelihood import log_likelihood
from ..inference.pymc_setup import pm, pt, sample
from .observations import TARGETS, PayDesign
from .pay_model import PUBLISHED, PayFit, mix_prior
from .sector_mix import Counts


def build(design: PayDesign, counts: Counts, settings: Settings) -> pm.Model:
    """Return the PyMC model of pay.

    ``log_wage`` (hosts): log dollars of the price year a month in the reference year, over its
    sectors. ``logit_withheld`` (hosts): what is kept by anyone but the worker.
    ``logit_state_of_withheld`` (hosts): the state's part of it. ``log_plan``: log dollars of the
    price year due per worker and year in Russian construction.
    """
    s = settings
    coords = {
        "host": list(design.hosts),
        "region": list(design.regions),
        "sector": list(design.sectors),
    }
    with pm.Model(coords=coords) as model:
        wage_mean = pm.Normal("wage_mean", *s.wage_log_mean)
        wage_host = _spread("wage_host", s.wage_host_sd, "host")
        wage_region = _spread("wage_region", s.wage_region_sd, "region")
        sector = _spread("sector", s.wage_sector_sd, "sector")
        pm.Deterministic("sector_effect", sector, dims="sector")
        mix_z = pm.Normal("mix_z", 0, 1, dims=("host", "sector"))
        mix = pm.Deterministic(
            "mix",
            pm.math.softmax(mix_prior(design, s) + s.sector_mix_sd * mix_z, axis=1),
            dims=("host", "sector"),
        )
        trend = pm.Normal("trend", *s.wage_trend)

        withheld_mean = pm.Normal("withheld_mean", *s.withheld_logit)
        withheld_host = _spread("withheld_host", s.share_host_sd, "host")
        withheld_region = _spread("withheld_region", s.share_region_sd, "region")
        state_mean = pm.Normal("state_mean", *s.state_of_withheld_logit)
        state_host = _spread("state_host", s.share_host_sd, "host")
        log_plan = pm.Normal(
            "log_plan", math.log(s.plan_dollars_a_year[0]), s.plan_dollars_a_year[1]
        )
        plan_trend = pm.Normal("plan_trend", *s.wage_trend)

        at_host = pt.dot(design.host_weights, wage_host) + pt.dot(
            design.region_weights, wage_region
        )
        of_mix = pt.log(pt.dot(pt.dot(design.mix_weights, mix), pt.exp(sector)))
        of_sector = pt.where(design.sector < 0, of_mix, sector[np.maximum(design.sector, 0)])
        log_wage = wage_mean + at_host + of_sector + trend * design.elapsed
        logit_withheld = (
            withheld_mean
            + pt.dot(design.host_weights, withheld_host)
            + pt.dot(design.region_weights, withheld_region)
        )
        log_withheld, log_kept = (
            pt.log(pm.math.sigmoid(logit_withheld)),
            pt.log(pm.math.sigmoid(-logit_withheld)),
        )
        logit_part = state_mean + pt.dot(design.host_weights, state_host)
        log_state = log_withheld + pt.log(pm.math.sigmoid(logit_part))
        logit_state = log_state - pt.log1p(-pt.exp(log_state))
        logging_offset = pm.Normal("plan_logging_offset", *s.plan_logging_offset)
        log_plan_seen = log_plan + plan_trend * design.elapsed + logging_offset * design.logging

        by_target = {
            "wage": log_wage,
            "net": log_wage + log_kept,
            "withheld_sum": log_wage + log_withheld,
            "state_sum": log_wage + log_state,
            "withheld": logit_withheld,
            "state": logit_state,
            "plan": log_plan_seen,
        }
        expected = pt.zeros(len(design.target))
        for k, name in enumerate(TARGETS):
            expected = pt.where(design.target == k, by_target[name], expected)
        error_wage = pm.LogNormal("error_wage", math.log(s.error_wage), s.error_log_sd)
        error_share = pm.LogNormal("error_share", math.log(s.error_share), s.error_log_sd)
        error_plan = pm.LogNormal("error_plan", math.log(s.error_wage), s.error_log_sd)
        is_share = np.isin(design.target, [TARGETS.index("withheld"), TARGETS.index("state")])
        is_plan = design.target == TARGETS.index("plan")
        sd = pt.where(is_share, error_share, pt.where(is_plan, error_plan, error_wage))
        terms = log_likelihood(
            pt, design.kind, design.lower, design.upper, expected, sd, s.pay_error_df
        )
        pm.Potential("figures", terms.sum())
        if len(counts.host):
            log_share = pt.log(mix[counts.host, counts.sector])
            pm.Potential(
                "counts",
                log_likelihood(
                    pt,
                    counts.kind,
                    counts.lower,
                    counts.upper,
                    log_share,
                    counts.sd,
                    s.pay_error_df,
                ).sum(),
            )

        region = design.host_region
        pm.Deterministic(
            "log_wage",
            wage_mean + wage_host + wage_region[region] + pt.log(pt.dot(mix, pt.exp(sector))),
            dims="host",
        )
        pm.Deterministic(
            "logit_withheld", withheld_mean + withheld_host + withheld_region[region], dims="host"
        )
        pm.Deterministic("logit_state_of_withheld", state_mean + state_host, dims="host")
    return model


def fit(
    design: PayDesign,
    counts: Counts,
    settings: Settings,
    *,
    draws: int,
    tune: int,
    chains: int = 4,
    say=print,
) -> PayFit:
    """Sample the posterior with nutpie."""
    model = build(design, counts, settings)
    trace, seconds, _ = sample(
        model,
        list(PUBLISHED),
        draws=draws,
        tune=tune,
        chains=chains,
        target_accept=0.95,
        seed=settings.seed + 1,
        say=say,
    )
    return PayFit(
        {name: trace.posterior[name].to_numpy() for name in PUBLISHED},
        int(trace.sample_stats["diverging"].sum()),
        seconds,
    )


def _spread(name: str, scale_prior: float, dims: str):
    """Return pooled effects, not centred."""
    return pm.HalfNormal(f"{name}_sd", scale_prior) * pm.Normal(f"{name}_z", 0, 1, dims=dims)
