"""Pay and its division: the log density and its gradient in NumPy, with no compiler, and the fit.

Gross pay, net pay, sums taken and shares inform one another: net pay is the wage times what is not
withheld, so that a higher wage goes with a higher share in the posterior. A figure about all
workers of a host is about its mix of sectors; how large each sector is, counts by sector say where
there are any.
"""

import math
from collections.abc import Callable

import numpy as np
from scipy.special import expit

from ..assumptions.scenario import Settings
from ..evidence.reading import READING_KINDS
from ..inference import likelihood, sampling
from ..workers.density import Layout, log_scale
from .observations import TARGETS, PayDesign
from .posterior import PUBLISHED, SPREADS, TOP, PayFit
from .sector_mix import Counts

DIVIDED = (
    "net",
    "withheld_sum",
    "withheld",
    "state_sum",
    "state",
)  # targets that the division of pay enters


def spread_priors(settings: Settings) -> dict[str, float]:
    """Return the half-normal scale of each pooled effect."""
    s = settings
    return {
        "wage_host": s.wage_host_sd,
        "wage_region": s.wage_region_sd,
        "sector": s.wage_sector_sd,
        "withheld_host": s.share_host_sd,
        "withheld_region": s.share_region_sd,
        "state_host": s.share_host_sd,
    }


def mix_prior(design: PayDesign, settings: Settings) -> np.ndarray:
    """Return (hosts, sectors) logits under which a host's main sector has ``sector_main_share`` and
    the others share the rest."""
    others = len(design.sectors) - 1
    prior = np.zeros((len(design.hosts), others + 1))
    if others:
        known = np.flatnonzero(design.host_sector >= 0)
        share = settings.sector_main_share
        prior[known, design.host_sector[known]] = math.log(share * others / (1 - share))
    return prior


class Density:
    """The log posterior density of the unknowns, up to a constant, and its gradient; rows of
    ``theta`` (b, dim) are chains.

    Unknowns are standard normal but for spreads, whose unknown is the log of the ratio to the
    prior's scale.
    """

    def __init__(self, design: PayDesign, counts: Counts, settings: Settings):
        self.settings = settings
        h, r, k = len(design.hosts), len(design.regions), len(design.sectors)
        self.layout = Layout.of(
            **{f"{name}_sd": () for name in SPREADS},
            wage_mean=(),
            trend=(),
            withheld_mean=(),
            state_mean=(),
            log_plan=(),
            plan_trend=(),
            plan_logging_offset=(),
            error_wage=(),
            error_share=(),
            error_plan=(),
            wage_host=(h,),
            wage_region=(r,),
            sector=(k,),
            withheld_host=(h,),
            withheld_region=(r,),
            state_host=(h,),
            mix=(h, k),
        )
        self.dim = self.layout.dim
        self.scales = np.arange(len(SPREADS))  # what interweave moves by itself
        self.prior = mix_prior(design, settings)[:, :, None]
        self.host_region = design.host_region
        self.normals = _normals(settings)
        self.errors = {
            "error_wage": settings.error_wage,
            "error_share": settings.error_share,
            "error_plan": settings.error_wage,
        }
        # Figures in the order of their kinds, so that each kind is a slice.
        order = np.argsort(design.kind, kind="stable")
        self.figures = _Observed(
            design.kind[order], design.lower[order], design.upper[order], settings.pay_error_df
        )
        self.host, self.region, self.workplaces = (
            weights[order]
            for weights in (design.host_weights, design.region_weights, design.mix_weights)
        )
        self.elapsed, self.logging = (
            design.elapsed[order][:, None],
            design.logging[order][:, None].astype(float),
        )
        sector = design.sector[order]
        self.mixed = np.flatnonzero(sector < 0)
        self.of_mixed = self.workplaces[self.mixed]
        self.one_sector = np.eye(k)[np.maximum(sector, 0)] * (sector >= 0)[:, None]
        target = design.target[order]
        self.rows = {name: np.flatnonzero(target == i) for i, name in enumerate(TARGETS)}
        # Figures that what is withheld enters, the last of them with the state's part of it.
        lengths = np.cumsum([0, *(len(self.rows[name]) for name in DIVIDED)])
        self.parts = {name: slice(lengths[i], lengths[i + 1]) for i, name in enumerate(DIVIDED)}
        self.divided = np.concatenate([self.rows[name] for name in DIVIDED])
        self.to_state = self.parts["state_sum"].start
        self.divided_host, self.divided_region = self.host[self.divided], self.region[self.divided]
        self.error_rows = {
            "error_share": np.flatnonzero(
                np.isin(target, [TARGETS.index("withheld"), TARGETS.index("state")])
            ),
            "error_plan": self.rows["plan"],
        }
        self.error_rows["error_wage"] = np.setdiff1d(
            np.arange(len(target)), np.concatenate(list(self.error_rows.values()))
        )
        order = np.argsort(counts.kind, kind="stable")
        self.counts = _Observed(
            counts.kind[order], counts.lower[order], counts.upper[order], settings.pay_error_df
        )
        self.counted, self.count_sd = (
            (counts.host[order], counts.sector[order]),
            counts.sd[order][:, None],
        )

    def __call__(self, theta: np.ndarray) -> np.ndarray:
        """Return the log density (b,)."""
        return self._value(np.ascontiguousarray(theta.T))[0]

    def value_and_gradient(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the log density (b,) and its gradient (b, dim): the chain rule by hand, tested
        against differences."""
        theta = np.ascontiguousarray(theta.T)
        value, *found = self._value(theta)
        return value, self._gradient(theta, *found).T

    def _value(self, theta: np.ndarray) -> tuple:
        """Return the log density (b,), the named quantities, what figures should be, and the slopes
        of figures and of counts by it."""
        q = self._quantities(theta)
        expected, sd, kept = self._expected(q)
        terms, *slopes = self.figures.terms(expected, sd)
        spoken = np.log(q["mix"][self.counted])
        of_counts, by_count, _ = self.counts.terms(
            spoken, np.broadcast_to(self.count_sd, spoken.shape)
        )
        spreads, others = theta[: len(SPREADS)], theta[len(SPREADS) :]
        prior = (spreads - 0.5 * np.exp(2 * spreads)).sum(axis=0) - 0.5 * (others**2).sum(axis=0)
        return terms.sum(axis=0) + of_counts.sum(axis=0) + prior, q, sd, kept, slopes, by_count

    def interweave(self, theta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return theta (b, dim) with the spread of every pooled effect drawn anew, every effect as
        it was.

        Given the effects the likelihood does not depend on their spread (Yu and Meng 2011, Journal
        of Computational and Graphical Statistics 20(3)).
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
        q = self._by_host(self._quantities(np.ascontiguousarray(theta.T)))
        return {name: np.moveaxis(value, -1, 0) for name, value in q.items()}

    def _quantities(self, theta: np.ndarray) -> dict[str, np.ndarray]:
        """Turn unknowns (dim, b) into named quantities (..., b)."""
        get = {name: self.layout.get(theta, name) for name in self.layout.places}
        q = {}
        for name, scale in spread_priors(self.settings).items():
            q[f"{name}_sd"] = scale * np.exp(get[f"{name}_sd"])
            q[name] = q[f"{name}_sd"] * get[name]
        for name, (mean, sd) in self.normals.items():
            q[name] = mean + sd * get[name]
        for name, median in self.errors.items():
            q[name] = median * np.exp(self.settings.error_log_sd * get[name])
        logits = self.prior + self.settings.sector_mix_sd * get["mix"]
        weights = np.exp(logits - logits.max(axis=1, keepdims=True))
        q["mix"] = weights / weights.sum(axis=1, keepdims=True)
        return q

    def _by_host(self, q: dict) -> dict:
        """Add what is published of each host."""
        q["sector_effect"] = q["sector"]
        q["log_wage"] = (
            q["wage_mean"]
            + q["wage_host"]
            + q["wage_region"][self.host_region]
            + np.log(self._mixed_pay(q))
        )
        q["logit_withheld"] = (
            q["withheld_mean"] + q["withheld_host"] + q["withheld_region"][self.host_region]
        )
        q["logit_state_of_withheld"] = q["state_mean"] + q["state_host"]
        return q

    @staticmethod
    def _mixed_pay(q: dict) -> np.ndarray:
        """Return (hosts, b) what a host's mix of sectors makes of its wage, as a factor."""
        return (q["mix"] * np.exp(q["sector"])).sum(axis=1)

    def _expected(self, q: dict) -> tuple[np.ndarray, np.ndarray, dict]:
        """Return (n, b) what each figure would be without error on the scale of its target, its
        error's scale, and what the gradient needs again."""
        in_mix = self.of_mixed @ self._mixed_pay(q)
        sector = self.one_sector @ q["sector"]
        sector[self.mixed] = np.log(in_mix)
        wage = (
            q["wage_mean"]
            + self.host @ q["wage_host"]
            + self.region @ q["wage_region"]
            + sector
            + q["trend"] * self.elapsed
        )
        withheld = (
            q["withheld_mean"]
            + self.divided_host @ q["withheld_host"]
            + self.divided_region @ q["withheld_region"]
        )
        of_withheld = q["state_mean"] + self.divided_host[self.to_state :] @ q["state_host"]
        share, state_share = expit(withheld), expit(of_withheld)
        parts, rows, expected = self.parts, self.rows, wage
        expected[rows["net"]] += np.log(expit(-withheld[parts["net"]]))
        expected[rows["withheld_sum"]] += np.log(share[parts["withheld_sum"]])
        expected[rows["withheld"]] = withheld[parts["withheld"]]
        to_state = share[self.to_state :] * state_share
        sums = len(rows["state_sum"])
        expected[rows["state_sum"]] += np.log(to_state[:sums])
        expected[rows["state"]] = np.log(to_state[sums:]) - np.log1p(-to_state[sums:])
        plan = rows["plan"]
        expected[plan] = (
            q["log_plan"]
            + q["plan_trend"] * self.elapsed[plan]
            + q["plan_logging_offset"] * self.logging[plan]
        )
        sd = np.empty_like(expected)
        for name, members in self.error_rows.items():
            sd[members] = q[name]
        kept = {
            "in_mix": in_mix,
            "share": share,
            "state_share": state_share,
            "to_state": to_state[sums:],
        }
        return expected, sd, kept

    def _gradient(
        self,
        theta: np.ndarray,
        q: dict,
        sd: np.ndarray,
        kept: dict,
        slopes: list,
        by_count: np.ndarray,
    ) -> np.ndarray:
        """Return the gradient (dim, b), given that of the likelihood by what each figure should be
        and by its error's scale."""
        by_expected, by_sd = slopes
        rows, b = self.rows, theta.shape[1]
        gradient = -theta
        place = {name: where for name, (where, _) in self.layout.places.items()}

        def add(name: str, value: np.ndarray) -> None:
            gradient[place[name]] += value.reshape(-1, b)

        # By the wage, by the logit of what is withheld, and by the logit of the state's part of it.
        by_wage = by_expected.copy()
        for name in ("withheld", "state", "plan"):
            by_wage[rows[name]] = 0.0
        by_withheld, parts = by_expected[self.divided], self.parts
        by_withheld[parts["state"]] /= 1.0 - kept["to_state"]
        by_state = by_withheld[self.to_state :] * (1.0 - kept["state_share"])
        by_withheld[parts["net"]] *= -kept["share"][parts["net"]]
        for name in ("withheld_sum", "state_sum", "state"):
            by_withheld[parts[name]] *= 1.0 - kept["share"][parts[name]]
        # Of a mix of sectors: by its factor on the wage of each host, then by each sector's pay and
        # part.
        by_factor = self.of_mixed.T @ (by_wage[self.mixed] / kept["in_mix"])
        paid = q["mix"] * np.exp(q["sector"])
        by_log_mix = by_factor[:, None] * paid
        effects = {
            "wage_host": self.host.T @ by_wage,
            "wage_region": self.region.T @ by_wage,
            "sector": self.one_sector.T @ by_wage + by_log_mix.sum(axis=0),
            "withheld_host": self.divided_host.T @ by_withheld,
            "withheld_region": self.divided_region.T @ by_withheld,
            "state_host": self.divided_host[self.to_state :].T @ by_state,
        }
        for name, by_effect in effects.items():
            add(name, q[f"{name}_sd"] * by_effect)
            add(f"{name}_sd", (q[name] * by_effect).sum(axis=0))
        np.add.at(by_log_mix, self.counted, by_count)
        add(
            "mix",
            self.settings.sector_mix_sd
            * (by_log_mix - q["mix"] * by_log_mix.sum(axis=1, keepdims=True)),
        )
        plan = rows["plan"]
        by_plan = by_expected[plan]
        means = {
            "wage_mean": by_wage.sum(axis=0),
            "trend": (by_wage * self.elapsed).sum(axis=0),
            "withheld_mean": by_withheld.sum(axis=0),
            "state_mean": by_state.sum(axis=0),
            "log_plan": by_plan.sum(axis=0),
            "plan_trend": (by_plan * self.elapsed[plan]).sum(axis=0),
            "plan_logging_offset": (by_plan * self.logging[plan]).sum(axis=0),
        }
        for name, by_mean in means.items():
            add(name, self.normals[name][1] * by_mean)
        for name, members in self.error_rows.items():
            add(name, self.settings.error_log_sd * (by_sd[members] * sd[members]).sum(axis=0))
        spreads = theta[: len(SPREADS)]
        gradient[: len(SPREADS)] += spreads + 1.0 - np.exp(2 * spreads)
        return gradient


def _normals(s: Settings) -> dict[str, tuple[float, float]]:
    """Return mean and standard deviation of the unknowns that have a normal prior of their own."""
    return {
        "wage_mean": s.wage_log_mean,
        "trend": s.wage_trend,
        "withheld_mean": s.withheld_logit,
        "state_mean": s.state_of_withheld_logit,
        "log_plan": (math.log(s.plan_dollars_a_year[0]), s.plan_dollars_a_year[1]),
        "plan_trend": s.wage_trend,
        "plan_logging_offset": s.plan_logging_offset,
    }


class _Observed:
    """Figures (n,) in the order of their kinds, and what each says about a quantity."""

    def __init__(self, kind: np.ndarray, lower: np.ndarray, upper: np.ndarray, df: int):
        ends = np.searchsorted(kind, np.arange(len(READING_KINDS) + 1))
        self.slices = {name: slice(ends[i], ends[i + 1]) for i, name in enumerate(READING_KINDS)}
        self.lower, self.upper, self.df = lower[:, None], upper[:, None], df

    def terms(
        self, expected: np.ndarray, sd: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return log likelihoods (n, b) and their derivatives by ``expected`` (n, b) and ``sd`` (n,
        b)."""
        terms, by_expected, by_sd = (
            np.empty(expected.shape),
            np.empty(expected.shape),
            np.empty(expected.shape),
        )
        df = self.df
        for name, at in self.slices.items():
            low, high, e, s = self.lower[at], self.upper[at], expected[at], sd[at]
            below, above = (low - e) / s, (high - e) / s
            if name == "exact":
                terms[at] = likelihood.exact(np, low, e, s, df)
                pull = (df + 1) * below / (df + below**2)
                by_expected[at], by_sd[at] = pull / s, (pull * below - 1) / s
                continue
            if name == "interval":
                terms[at] = likelihood.inside(np, low, high, e, s, df)
            else:
                terms[at] = (
                    likelihood.at_least(np, low, e, s, df)
                    if name == "lower"
                    else likelihood.at_most(np, high, e, s, df)
                )
            # Of a probability F(above) - F(below) by its ends; an end at infinity has no density.
            at_low = 0.0 if name == "upper" else np.exp(likelihood.t_logpdf(np, below, df))
            at_high = 0.0 if name == "lower" else np.exp(likelihood.t_logpdf(np, above, df))
            scale = s * np.maximum(np.exp(terms[at]), likelihood.FLOOR)
            by_expected[at] = (at_low - at_high) / scale
            by_sd[at] = (
                (below * at_low if name != "upper" else 0.0)
                - (above * at_high if name != "lower" else 0.0)
            ) / scale
        return terms, by_expected, by_sd


def fit(
    design: PayDesign,
    counts: Counts,
    settings: Settings,
    *,
    workers: int | None = None,
    say: Callable = print,
) -> PayFit:
    """Sample the posterior of pay; ``settings`` give ``seed``, ``pay_chains``, ``pay_tune`` and
    ``pay_draws``."""
    density = Density(design, counts, settings)
    sampled = sampling.sample(
        density,
        density.dim,
        chains=settings.pay_chains,
        draws=settings.pay_draws,
        tune=settings.pay_tune,
        seed=settings.seed + 1,
        interweave=density.interweave,
        scales=density.scales,
        workers=workers,
        say=say,
    )
    stored = dict.fromkeys((*PUBLISHED, *TOP))
    pieces = []
    for part in np.array_split(
        sampled.draws.reshape(-1, density.dim), max(1, sampled.draws.size // (2000 * density.dim))
    ):
        named = density.name(part.astype(float))
        pieces.append({name: named[name] for name in stored})
    shape = sampled.draws.shape[:2]
    whole = {name: np.concatenate([piece[name] for piece in pieces]) for name in stored}
    return PayFit(
        {n: v.reshape(*shape, *v.shape[1:]) for n, v in whole.items()},
        sampled.divergences,
        sampled.seconds,
    )
