"""Pay and its division, in PyMC: wages, what is withheld, what the state takes, and the Russian plan.

Gross pay, net pay, sums taken and shares inform one another: net pay is the wage times what is not withheld, so that a
higher wage goes with a higher share in the posterior.
"""

import math

import numpy as np

from ..likelihood import log_likelihood
from ..sampler import pm, pt
from ..scenario import Settings
from .design import TARGETS, PayDesign

STORED = (
    "log_wage", "logit_withheld", "logit_state_of_withheld", "trend", "sector_effect", "log_plan", "plan_trend",
    "error_wage", "error_share", "error_plan",
)  # fmt: skip


def build(design: PayDesign, settings: Settings) -> pm.Model:
    """Return the PyMC model of pay.

    ``log_wage`` (hosts): log dollars of the price year a month in the reference year, in the main sector.
    ``logit_withheld`` (hosts): what is kept by anyone but the worker. ``logit_state_of_withheld`` (hosts): the state's part of it.
    ``log_plan``: log dollars of the price year due per worker and year in Russian construction.
    """
    s = settings
    coords = {"host": list(design.hosts), "region": list(design.regions), "sector": list(design.sectors)}
    with pm.Model(coords=coords) as model:
        wage_mean = pm.Normal("wage_mean", *s.wage_log_mean)
        wage_host = _spread("wage_host", s.wage_host_sd, "host")
        wage_region = _spread("wage_region", s.wage_region_sd, "region")
        sector = _spread("sector", s.wage_sector_sd, "sector", shift_first=True)
        pm.Deterministic("sector_effect", sector, dims="sector")
        trend = pm.Normal("trend", *s.wage_trend)

        withheld_mean = pm.Normal("withheld_mean", *s.withheld_logit)
        withheld_host = _spread("withheld_host", s.share_host_sd, "host")
        withheld_region = _spread("withheld_region", s.share_region_sd, "region")
        state_mean = pm.Normal("state_mean", *s.state_of_withheld_logit)
        state_host = _spread("state_host", s.share_host_sd, "host")
        log_plan = pm.Normal("log_plan", math.log(s.plan_dollars_a_year[0]), s.plan_dollars_a_year[1])
        plan_trend = pm.Normal("plan_trend", *s.wage_trend)

        at_host = pt.dot(design.host_weights, wage_host) + pt.dot(design.region_weights, wage_region)
        log_wage = wage_mean + at_host + sector[design.sector] + trend * design.elapsed
        logit_withheld = withheld_mean + pt.dot(design.host_weights, withheld_host) + pt.dot(design.region_weights, withheld_region)
        log_withheld, log_kept = pt.log(pm.math.sigmoid(logit_withheld)), pt.log(pm.math.sigmoid(-logit_withheld))
        logit_part = state_mean + pt.dot(design.host_weights, state_host)
        log_state = log_withheld + pt.log(pm.math.sigmoid(logit_part))
        logit_state = log_state - pt.log1p(-pt.exp(log_state))
        plan_sector = np.array([design.sectors[i] == "logging" for i in design.sector])
        logging_offset = pm.Normal("plan_logging_offset", -0.4, 0.3)
        log_plan_seen = log_plan + plan_trend * design.elapsed + logging_offset * plan_sector

        by_target = {
            "wage": log_wage, "net": log_wage + log_kept, "withheld_sum": log_wage + log_withheld,
            "state_sum": log_wage + log_state, "withheld": logit_withheld, "state": logit_state, "plan": log_plan_seen,
        }  # fmt: skip
        expected = pt.zeros(len(design.target))
        for k, name in enumerate(TARGETS):
            expected = pt.where(design.target == k, by_target[name], expected)
        error_wage = pm.LogNormal("error_wage", math.log(s.error_wage), 0.3)
        error_share = pm.LogNormal("error_share", math.log(s.error_share), 0.3)
        error_plan = pm.LogNormal("error_plan", math.log(s.error_wage), 0.3)
        is_share = np.isin(design.target, [TARGETS.index("withheld"), TARGETS.index("state")])
        is_plan = design.target == TARGETS.index("plan")
        sd = pt.where(is_share, error_share, pt.where(is_plan, error_plan, error_wage))
        terms = log_likelihood(pt, design.kind, design.lower, design.upper, expected, sd, s.pay_error_df)
        pm.Potential("figures", terms.sum())

        region = design.host_region
        pm.Deterministic("log_wage", wage_mean + wage_host + wage_region[region] + sector[design.host_sector], dims="host")
        pm.Deterministic("logit_withheld", withheld_mean + withheld_host + withheld_region[region], dims="host")
        pm.Deterministic("logit_state_of_withheld", state_mean + state_host, dims="host")
    return model


def _spread(name: str, scale_prior: float, dims: str, shift_first: bool = False):
    """Return pooled effects (not centred); with ``shift_first`` they are counted from the first one."""
    spread = pm.HalfNormal(f"{name}_sd", scale_prior)
    effect = spread * pm.Normal(f"{name}_z", 0, 1, dims=dims)
    return effect - effect[0] if shift_first else effect
