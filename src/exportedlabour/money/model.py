"""Pay and its division: the log density in NumPy, with autograd's gradient and no compiler, and its draws.

Gross pay, net pay, sums taken and shares inform one another: net pay is the wage times what is not withheld, so that a higher
wage goes with a higher share in the posterior. A figure about all workers of a host is about its mix of sectors; how large each
sector is, counts by sector say where there are any.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import autograd.numpy as anp
import numpy as np
import pandas as pd
from autograd.extend import defvjp, primitive

from .. import convergence, ensemble, likelihood
from ..reading import KINDS
from ..scenario import Settings
from ..workers.fast import Layout, log_scale
from .design import TARGETS, PayDesign
from .mix import Counts

SPREADS = ("wage_host", "wage_region", "sector", "withheld_host", "withheld_region", "state_host")
ERROR_LOG_SD = 0.3  # how far an error may lie from its median
LOGGING_OFFSET = (-0.4, 0.3)  # log, the plan of loggers against that of builders
PUBLISHED = (
    "log_wage", "logit_withheld", "logit_state_of_withheld", "trend", "sector_effect", "mix", "log_plan", "plan_trend",
    "error_wage", "error_share", "error_plan",
)  # fmt: skip
MEANS = ("wage_mean", "withheld_mean", "state_mean")
# What assumptions are priors of, beside the trends and the plan.
TOP = (*MEANS, *(f"{name}_sd" for name in SPREADS), "error_wage", "error_share", "error_plan")


def spread_priors(settings: Settings) -> dict[str, float]:
    """Return the half-normal scale of each pooled effect."""
    s = settings
    return {
        "wage_host": s.wage_host_sd, "wage_region": s.wage_region_sd, "sector": s.wage_sector_sd, "withheld_host": s.share_host_sd,
        "withheld_region": s.share_region_sd, "state_host": s.share_host_sd,
    }  # fmt: skip


def mix_prior(design: PayDesign, settings: Settings) -> np.ndarray:
    """Return (hosts, sectors) logits under which a host's main sector has ``sector_main_share`` and the others share the rest."""
    others = len(design.sectors) - 1
    prior = np.zeros((len(design.hosts), others + 1))
    if others:
        known = np.flatnonzero(design.host_sector >= 0)
        share = settings.sector_main_share
        prior[known, design.host_sector[known]] = math.log(share * others / (1 - share))
    return prior


class Density:
    """The log posterior density of the unknowns, up to a constant; rows of ``theta`` (b, dim) are chains.

    Unknowns are standard normal but for spreads, whose unknown is the log of the ratio to the prior's scale.
    """

    def __init__(self, design: PayDesign, counts: Counts, settings: Settings):
        self.design, self.counts, self.settings = design, counts, settings
        h, r, k = len(design.hosts), len(design.regions), len(design.sectors)
        self.layout = Layout.of(
            **{f"{name}_sd": () for name in SPREADS}, wage_mean=(), trend=(), withheld_mean=(), state_mean=(), log_plan=(), plan_trend=(),
            plan_logging_offset=(), error_wage=(), error_share=(), error_plan=(), wage_host=(h,), wage_region=(r,), sector=(k,),
            withheld_host=(h,), withheld_region=(r,), state_host=(h,), mix=(h, k),
        )  # fmt: skip
        self.dim = self.layout.dim
        self.scales = np.arange(len(SPREADS))  # what interweave moves by itself
        self.prior = mix_prior(design, settings)[:, :, None]
        # Figures in the order of their kinds, which are then side by side in memory.
        self.order = np.argsort(design.kind, kind="stable")
        self.one_sector = np.eye(k)[np.maximum(design.sector, 0)] * (design.sector >= 0)[:, None]

    def __call__(self, theta):
        """Return the log density (b,)."""
        q = self._quantities(theta.T)
        d, s, c = self.design, self.settings, self.counts
        total = anp.sum(
            _terms(self._expected(q), self._sd(q), d.kind[self.order], d.lower[self.order], d.upper[self.order], s.pay_error_df), axis=0
        )
        if len(c.host):
            sd = c.sd[:, None] + 0.0 * q["trend"]
            total = total + anp.sum(_terms(anp.log(q["mix"][c.host, c.sector]), sd, c.kind, c.lower, c.upper, s.pay_error_df), axis=0)
        spreads = theta[:, : len(SPREADS)]
        prior = anp.sum(spreads - 0.5 * anp.exp(2 * spreads), axis=1) - 0.5 * anp.sum(theta[:, len(SPREADS) :] ** 2, axis=1)
        return total + prior

    def interweave(self, theta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return theta (b, dim) with the spread of every pooled effect drawn anew, every effect as it was.

        Given the effects the likelihood does not depend on their spread (Yu and Meng 2011, Journal of Computational and Graphical
        Statistics 20(3)).
        """
        theta = np.ascontiguousarray(theta.T)
        for name in SPREADS:
            spread, effects = (self.layout.places[part][0] for part in (f"{name}_sd", name))
            before = theta[spread][0]
            after = log_scale(rng, before, theta[effects] * np.exp(before), 0)
            theta[effects] *= np.exp(before - after)
            theta[spread] = after
        return theta.T

    def name(self, theta: np.ndarray) -> dict[str, np.ndarray]:
        """Turn unknowns (b, dim) into the model's named quantities, each (b, ...)."""
        return {name: np.moveaxis(value, -1, 0) for name, value in self._by_host(self._quantities(theta.T)).items()}

    def _quantities(self, theta) -> dict:
        """Turn unknowns (dim, b) into named quantities (..., b)."""
        s = self.settings
        get = {name: self.layout.get(theta, name) for name in self.layout.places}
        q = {}
        for name, scale in spread_priors(s).items():
            q[f"{name}_sd"] = scale * anp.exp(get[f"{name}_sd"])
            q[name] = q[f"{name}_sd"] * get[name]
        for name, (mean, sd) in {
            "wage_mean": s.wage_log_mean, "trend": s.wage_trend, "withheld_mean": s.withheld_logit, "state_mean": s.state_of_withheld_logit,
            "log_plan": (math.log(s.plan_dollars_a_year[0]), s.plan_dollars_a_year[1]), "plan_trend": s.wage_trend,
            "plan_logging_offset": LOGGING_OFFSET,
        }.items():  # fmt: skip
            q[name] = mean + sd * get[name]
        for name, median in {"error_wage": s.error_wage, "error_share": s.error_share, "error_plan": s.error_wage}.items():
            q[name] = anp.exp(math.log(median) + ERROR_LOG_SD * get[name])
        logits = self.prior + s.sector_mix_sd * get["mix"]
        weights = anp.exp(logits - anp.max(logits, axis=1, keepdims=True))
        q["mix"] = weights / anp.sum(weights, axis=1, keepdims=True)
        return q

    def _by_host(self, q: dict) -> dict:
        """Add what is published of each host."""
        d = self.design
        q["sector_effect"] = q["sector"]
        own_mix = anp.log(anp.sum(q["mix"] * anp.exp(q["sector"])[None], axis=1))
        q["log_wage"] = q["wage_mean"] + q["wage_host"] + q["wage_region"][d.host_region] + own_mix
        q["logit_withheld"] = q["withheld_mean"] + q["withheld_host"] + q["withheld_region"][d.host_region]
        q["logit_state_of_withheld"] = q["state_mean"] + q["state_host"]
        return q

    def _expected(self, q: dict):
        """Return (n, b) what each figure, in the order of kinds, would be without error, on the scale of its target."""
        d, o = self.design, self.order
        k, chains = q["sector"].shape
        mix = anp.dot(d.mix_weights[o], anp.reshape(q["mix"], (len(d.hosts), k * chains)))
        of_mix = anp.log(anp.sum(anp.reshape(mix, (-1, k, chains)) * anp.exp(q["sector"])[None], axis=1))
        sector = anp.where((d.sector[o] < 0)[:, None], of_mix, anp.dot(self.one_sector[o], q["sector"]))
        elapsed = d.elapsed[o][:, None]
        wage = q["wage_mean"] + d.host_weights[o] @ q["wage_host"] + d.region_weights[o] @ q["wage_region"] + sector + q["trend"] * elapsed
        withheld = q["withheld_mean"] + d.host_weights[o] @ q["withheld_host"] + d.region_weights[o] @ q["withheld_region"]
        log_withheld, log_kept = -anp.logaddexp(0.0, -withheld), -anp.logaddexp(0.0, withheld)
        log_state = log_withheld - anp.logaddexp(0.0, -(q["state_mean"] + d.host_weights[o] @ q["state_host"]))
        plan = q["log_plan"] + q["plan_trend"] * elapsed + q["plan_logging_offset"] * d.logging[o][:, None]
        by_target = {
            "wage": wage, "net": wage + log_kept, "withheld_sum": wage + log_withheld, "state_sum": wage + log_state,
            "withheld": withheld, "state": log_state - anp.log1p(-anp.exp(log_state)), "plan": plan,
        }  # fmt: skip
        expected = 0.0
        for i, name in enumerate(TARGETS):
            expected = anp.where((d.target[o] == i)[:, None], by_target[name], expected)
        return expected

    def _sd(self, q: dict):
        share = np.isin(self.design.target[self.order], [TARGETS.index("withheld"), TARGETS.index("state")])[:, None]
        plan = (self.design.target[self.order] == TARGETS.index("plan"))[:, None]
        return anp.where(share, q["error_share"], anp.where(plan, q["error_plan"], q["error_wage"]))


@primitive
def _terms(expected, sd, kind: np.ndarray, lower: np.ndarray, upper: np.ndarray, df: int):
    """Return the log likelihood (n, b) of the figures: ``likelihood``, a kind at a time, with its gradient by hand."""
    result = np.empty(expected.shape)
    for k, name in enumerate(KINDS):
        rows = np.flatnonzero(kind == k)
        low, high, e, s = lower[rows, None], upper[rows, None], expected[rows], sd[rows]
        if name == "exact":
            result[rows] = likelihood.exact(np, low, e, s, df)
        elif name == "interval":
            result[rows] = likelihood.inside(np, low, high, e, s, df)
        else:
            result[rows] = likelihood.at_least(np, low, e, s, df) if name == "lower" else likelihood.at_most(np, high, e, s, df)
    return result


def _slopes(terms, expected, sd, kind, lower, upper, df) -> tuple[np.ndarray, np.ndarray]:
    """Return the derivatives (n, b) of ``_terms`` by ``expected`` and by ``sd``."""
    # Of a probability F(above) - F(below) by its ends; an end at infinity has no density.
    ends = [np.where(np.isfinite(x), x, 0.0)[:, None] for x in (lower, upper)]
    z = [(end - expected) / sd for end in ends]
    below, above = (np.where(np.isfinite(x)[:, None], np.exp(likelihood.t_logpdf(np, at, df)), 0.0) for x, at in zip((lower, upper), z))
    scale = sd * np.maximum(np.exp(terms), likelihood.FLOOR)
    pull = (df + 1) * z[0] / (df + z[0] ** 2)
    exact = (kind == KINDS.index("exact"))[:, None]
    by_expected = np.where(exact, pull / sd, (below - above) / scale)
    by_sd = np.where(exact, (pull * z[0] - 1) / sd, (z[0] * below - z[1] * above) / scale)
    return by_expected, by_sd


defvjp(
    _terms,
    lambda terms, *given: lambda g: g * _slopes(terms, *given)[0],
    lambda terms, *given: lambda g: g * _slopes(terms, *given)[1],
    argnums=(0, 1),
)


@dataclass(frozen=True)
class PayFit:
    """Draws (chains, draws, ...) by name, ``PUBLISHED`` at least and ``TOP`` of the model's own engine; divergent draws, and seconds taken."""

    named: dict[str, np.ndarray]
    divergences: int
    seconds: float

    def stack(self, name: str) -> np.ndarray:
        """Return the draws of a quantity as (chains * draws, ...), chain by chain."""
        values = self.named[name]
        return values.reshape(-1, *values.shape[2:])

    def quality(self, design: PayDesign) -> pd.DataFrame:
        """Return R-hat and effective sample sizes of what is published (see ``convergence.diagnostics``)."""
        labels = {name: [design.hosts] for name in ("log_wage", "logit_withheld", "logit_state_of_withheld")}
        labels |= {"sector_effect": [design.sectors], "mix": [design.hosts, design.sectors]}
        return convergence.diagnostics({name: self.named[name] for name in PUBLISHED}, labels)


def fit(design: PayDesign, counts: Counts, settings: Settings, *, workers: int | None = None, say: Callable = print) -> PayFit:
    """Sample the posterior of pay; ``settings`` give ``seed``, ``pay_chains``, ``pay_tune`` and ``pay_draws``."""
    density = Density(design, counts, settings)
    sampled = ensemble.sample(
        density, density.dim, chains=settings.pay_chains, draws=settings.pay_draws, tune=settings.pay_tune, seed=settings.seed + 1,
        interweave=density.interweave, scales=density.scales, workers=workers, say=say,
    )  # fmt: skip
    stored = dict.fromkeys((*PUBLISHED, *TOP))
    pieces = []
    for part in np.array_split(sampled.draws.reshape(-1, density.dim), max(1, sampled.draws.size // (2000 * density.dim))):
        named = density.name(part.astype(float))
        pieces.append({name: named[name] for name in stored})
    shape = sampled.draws.shape[:2]
    whole = {name: np.concatenate([piece[name] for piece in pieces]) for name in stored}
    return PayFit({n: v.reshape(*shape, *v.shape[1:]) for n, v in whole.items()}, sampled.divergences, sampled.seconds)
