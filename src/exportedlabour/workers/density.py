"""The fast engine: the log density of the workers model and its gradient in NumPy, with no
compiler.

It reads the same design and the same priors (``priors``) as the reference and has the same
posterior; tests compare the two. Given its scales, the model is Gaussian but for heavy tails,
intervals, bounds, sums and flows. The ensemble sampler takes its metric from that Gaussian core,
and ``interweave`` draws the scales and means of the hierarchy from their conditionals given the
effects themselves, which costs no likelihood (Yu and Meng 2011, Journal of Computational and
Graphical Statistics 20(3)). Unknowns are standard normal wherever the prior allows, so that what no
figure informs needs no exploring.
"""

import copy
from dataclasses import dataclass, fields, is_dataclass, replace

import numpy as np
from scipy import sparse
from scipy.special import expit

from ..evidence.events import SHOCKS
from ..evidence.reading import READING_KINDS
from ..inference import likelihood
from .account import SOFTNESS
from .observations import Design
from .priors import Normal, Priors

NORMAL = (
    "level_mean",
    "log_step_median",
    "coverage",
    "margin_at_least",
    "margin_at_most",
    "log_turnover",
)  # scalars whose unknown is the standard normal that they are made of
EFFECTS = ("house", "lineage", "host_class")
SPREADS = (
    "level_sd",
    *(f"{name}_sd" for name in EFFECTS),
)  # unknown is the log of the ratio to the prior's scale
LEVEL_UNIT = (
    1.5  # log persons; levels themselves are unknowns, in this unit about the prior's middle
)
INFORMED_STRENGTH = 0.1  # of a direction of a path, where the prior has 1
CLOSE = 0.25  # levels are, where their spread is below this share of its prior's scale
SCALE_STEPS = 4  # Metropolis steps of each scale in one interweaving


@dataclass(frozen=True)
class Layout:
    """Where each group of unknowns is in a row: name to (slice, shape)."""

    places: dict[str, tuple[slice, tuple[int, ...]]]
    dim: int

    @classmethod
    def of(cls, **shapes: tuple[int, ...]) -> "Layout":
        places, at = {}, 0
        for name, shape in shapes.items():
            size = int(np.prod(shape))
            places[name] = (slice(at, at + size), shape)
            at += size
        return cls(places, at)

    def get(self, theta: np.ndarray, name: str) -> np.ndarray:
        """Return the unknowns of one group as (*shape, b), given theta as (dim, b)."""
        place, shape = self.places[name]
        return theta[place].reshape(*shape, theta.shape[1])


class Density:
    """The log posterior density of the unknowns, up to a constant; rows of ``theta`` (b, dim) are
    chains.

    Inside, chains are the last axis. ``mask`` (b, n), if given, says for each chain which figures
    it counts: the others are read as copies.
    """

    def __init__(self, design: Design, priors: Priors):
        self.priors = priors
        self.pooled = np.flatnonzero(~priors.large)
        h, t, n = len(design.hosts), len(design.years), len(design.kind)
        names = {
            name: len(getattr(design, name + ("es" if name == "host_class" else "s")))
            for name in EFFECTS
        }
        self.layout = Layout.of(
            level_mean=(),
            level_sd=(),
            log_step_median=(),
            house_sd=(),
            lineage_sd=(),
            host_class_sd=(),
            coverage=(),
            margin_at_least=(),
            margin_at_most=(),
            log_turnover=(),
            shock=(len(SHOCKS),),
            bias=(len(design.biases),),
            log_error=(len(design.biases),),
            level=(h,),
            log_step=(h,),
            host_shock=(h, len(SHOCKS)),
            step=(h, t),
            **{name: (size,) for name, size in names.items()},
        )
        self.dim = self.layout.dim
        # Figures in the order of their kinds, so that each kind is a slice.
        self.order = o = np.argsort(design.kind, kind="stable")
        ends = np.searchsorted(design.kind[o], np.arange(len(READING_KINDS) + 1))
        self.slices = [slice(ends[k], ends[k + 1]) for k in range(len(READING_KINDS))]
        self.lower, self.upper = design.lower[o][:, None], design.upper[o][:, None]
        self.members = design.members.astype(float)
        one_hot = [
            _one_hot(getattr(design, name)[o], size)
            for name, size in {"bias": len(design.biases), **names}.items()
        ]
        margin = design.margin[o]
        self.linear = sparse.csr_array(
            np.hstack(
                [
                    design.weights[o],
                    *one_hot,
                    design.coverage[o][:, None],
                    -1.0 * (margin == -1)[:, None],
                    1.0 * (margin == 1)[:, None],
                ]
            )
        )
        self.linear_back = sparse.csr_array(self.linear.T)
        self.flow = np.flatnonzero(
            (design.flow | design.exits)[o]
        )  # what the account of entries and exits reads
        self.growth = sparse.csr_array(design.growth[o][self.flow])
        self.growth_back = sparse.csr_array(self.growth.T)
        self.openness = design.openness[o][self.flow][:, None]
        self.exits = np.flatnonzero(design.exits[o][self.flow])
        self.span = design.span[o][self.flow][self.exits][:, None]
        self.start = sparse.csr_array(design.start[o][self.flow][self.exits])
        self.finish = sparse.csr_array(
            self.start + design.growth[o][self.flow][self.exits] * self.span
        )
        self.start_back, self.finish_back = (
            sparse.csr_array(self.start.T),
            sparse.csr_array(self.finish.T),
        )
        self.bias, self.bias_back = design.bias[o], sparse.csr_array(one_hot[0].T)
        self.coarse, self.counting2 = design.coarse[o][:, None], design.counting[o][:, None] ** 2
        self.sizes = [(h + len(design.sums)) * t, len(design.biases), *names.values(), 1, 1, 1]
        self.shape = (h, t, n)
        self.basis, self.informed = _informed_steps(design, priors)
        self.known = np.nonzero(self.informed[..., 0])
        self.turned = _paths(priors) @ self.basis
        self.step_unit = np.exp(priors.log_step_median.mean)
        large = priors.large_level
        self.level_middle = np.where(priors.large, large.mean, priors.level_mean.mean)[:, None]
        self.level_unit = np.where(priors.large, large.sd, LEVEL_UNIT)[:, None]
        self.standard = {name: getattr(priors, name) for name in NORMAL}
        groups = {"shock": priors.shock, "bias": priors.bias, "log_error": priors.error.log}
        for name, prior in groups.items():  # chains are the last axis
            sd = prior.sd if np.ndim(prior.sd) == 0 else prior.sd[:, None]
            self.standard[name] = Normal(prior.mean[:, None], sd)
        self.scales = np.arange(self.dim)[
            self.layout.places["level_sd"][0]
        ]  # what interweave moves by itself
        self.precision, self.floor = np.dtype(float), likelihood.FLOOR

    def rounded(self) -> "Density":
        """Return the same density in single precision, whose gradient is good enough for kicks and
        cheaper by a third."""
        rough = copy.copy(self)
        for name, value in vars(self).items():
            setattr(rough, name, _single(value))
        rough.precision, rough.floor = np.dtype(np.float32), float(np.finfo(np.float32).tiny)
        return rough

    def __call__(self, theta: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
        """Return the log density (b,)."""
        q = self._quantities(np.ascontiguousarray(theta.T))
        terms = np.concatenate(self._likelihood(*self._expected(q)[:2]))
        return self._log_prior(theta.T, q) + (
            terms if mask is None else terms * mask.T[self.order]
        ).sum(axis=0)

    def pointwise(self, theta: np.ndarray) -> np.ndarray:
        """Return the log likelihood (b, n) of each figure, in the design's order."""
        q = self._quantities(np.ascontiguousarray(theta.T))
        result = np.empty((len(theta), len(self.order)))
        result[:, self.order] = np.concatenate(self._likelihood(*self._expected(q)[:2])).T
        return result

    def predict(self, theta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return draws (b, n) of the log of each figure as its asserter would believe it, before it
        is rounded or told as a bound."""
        expected, sd, _ = self._expected(self._quantities(np.ascontiguousarray(theta.T)))
        result = np.empty((len(theta), len(self.order)))
        result[:, self.order] = (
            expected + sd * rng.standard_t(self.priors.df, size=expected.shape)
        ).T
        return result

    def name(self, theta: np.ndarray) -> dict[str, np.ndarray]:
        """Turn unknowns (b, dim) into the model's named quantities, each (b, ...), ``log_stock``
        (b, hosts, years) among them."""
        q = self._quantities(np.ascontiguousarray(theta.T))
        q["step"] = np.matmul(self.basis, q["_steps"]) * np.exp(-q["log_step"])[:, None]
        return {
            name: np.moveaxis(value, -1, 0) for name, value in q.items() if not name.startswith("_")
        }

    def value_and_gradient(
        self, theta: np.ndarray, mask: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the log density (b,) and its gradient (b, dim): the chain rule by hand, tested
        against differences."""
        columns = np.ascontiguousarray(theta.T)
        q = self._quantities(columns)
        expected, sd, kept = self._expected(q)
        terms = np.concatenate(self._likelihood(expected, sd))
        counted = 1.0 if mask is None else mask.T[self.order]
        value = self._log_prior(columns, q) + (terms * counted).sum(axis=0)
        return (
            value,
            self._gradient(
                columns, q, kept, *(by * counted for by in self._likelihood_gradient(expected, sd))
            ).T,
        )

    def gradient(self, theta: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
        """Return the gradient (b, dim) alone, at two thirds of the cost."""
        columns = np.ascontiguousarray(theta.T, dtype=self.precision)
        q = self._quantities(columns)
        expected, sd, kept = self._expected(q)
        counted = 1.0 if mask is None else mask.T[self.order].astype(self.precision)
        return self._gradient(
            columns, q, kept, *(by * counted for by in self._likelihood_gradient(expected, sd))
        ).T

    def share_of_step(self, theta: np.ndarray) -> np.ndarray:
        """Return (b,) what share of the common step suits each chain: where all levels are nearly
        one, they and their mean are stiff."""
        return np.minimum(1.0, np.exp(theta[:, self.scales[0]]) / CLOSE)

    def _quantities(self, theta: np.ndarray) -> dict[str, np.ndarray]:
        """Turn unknowns (dim, b) into named quantities (..., b)."""
        p, get = self.priors, lambda name: self.layout.get(theta, name)
        q = {name: prior.of_standard(get(name)) for name, prior in self.standard.items()}
        for name in SPREADS:
            q[name] = getattr(p, name).scale * np.exp(get(name))
        q["level"] = self.level_middle + self.level_unit * get("level")
        middle = np.where(p.large[:, None], p.log_step_median.mean, q["log_step_median"])
        q["log_step"] = middle + p.log_step_sd * get("log_step")
        q["_steps"] = np.exp(q["log_step"])[:, None] * get("step")
        q["_steps"][self.known] = self.step_unit * get("step")[self.known]
        q["_path"] = np.matmul(self.turned, q["_steps"])
        q["host_shock"] = q["shock"] + p.host_shock_sd[..., None] * get("host_shock")
        q["log_stock"] = (
            q["level"][:, None] + q["_path"] + np.einsum("hkb,kt->htb", q["host_shock"], p.after)
        )
        for name in EFFECTS:
            q[name] = self._spread(q, name) * get(name)
        return q

    def _spread(self, q: dict, name: str) -> np.ndarray:
        """Return the spread of a group of effects: (b,), or (k, b) where some members have a fixed
        one."""
        if name != "host_class":
            return q[f"{name}_sd"]
        fixed = self.priors.fixed_class_sd[:, None]
        return np.where(fixed > 0, fixed, q["host_class_sd"])

    def _expected(self, q: dict) -> tuple[np.ndarray, np.ndarray, dict]:
        """Return what each figure's log should be and the scale of its error, both (n, b), and what
        the gradient needs again."""
        stock = q["log_stock"]
        b = stock.shape[-1]
        parts = [stock.reshape(-1, b)]
        kept = {}
        if len(self.members):
            peak = stock.max(axis=0)
            kept["scaled"] = np.exp(stock - peak)
            kept["sums"] = np.tensordot(self.members, kept["scaled"], axes=1)
            with np.errstate(divide="ignore"):
                parts.append((np.log(kept["sums"]) + peak).reshape(-1, b))
        latent = np.concatenate(parts)
        below = [
            q["bias"],
            *(q[name] for name in EFFECTS),
            *(q[name][None] for name in ("coverage", "margin_at_least", "margin_at_most")),
        ]
        expected = self.linear @ np.concatenate([latent, *below])
        if len(self.flow):
            kept["replaced"] = np.exp(q["log_turnover"]) * self.openness
            kept["rate"] = (kept["replaced"] + self.growth @ latent) / SOFTNESS
            kept["moved"] = SOFTNESS * np.logaddexp(0.0, kept["rate"])
            if len(self.exits):
                kept["begin"], kept["end"] = (
                    np.exp(self.start @ latent),
                    np.exp(self.finish @ latent),
                )
                kept["left"] = (
                    self.span * kept["moved"][self.exits] + kept["begin"] - kept["end"]
                ) / SOFTNESS
                kept["moved"][self.exits] = SOFTNESS * np.logaddexp(0.0, kept["left"])
            expected[self.flow] += np.log(np.maximum(kept["moved"], self.floor))
        kept["error2"] = np.where(self.coarse, 0.0, np.exp(2 * q["log_error"])[self.bias])
        sd = np.sqrt(
            np.where(self.coarse, self.priors.coarse_sd**2, kept["error2"]) + self.counting2
        )
        return expected, sd, kept

    def _likelihood(self, expected: np.ndarray, sd: np.ndarray) -> list[np.ndarray]:
        """Return the log likelihoods of the figures of each kind, (n of the kind, b)."""
        df = self.priors.df
        point, interval, least, most = self.slices
        return [
            likelihood.exact(np, self.lower[point], expected[point], sd[point], df),
            likelihood.inside(
                np, self.lower[interval], self.upper[interval], expected[interval], sd[interval], df
            ),
            likelihood.at_least(np, self.lower[least], expected[least], sd[least], df),
            likelihood.at_most(np, self.upper[most], expected[most], sd[most], df),
        ]

    def _likelihood_gradient(
        self, expected: np.ndarray, sd: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the derivatives of the log likelihoods by ``expected`` and by ``sd``, both (n,
        b)."""
        df = self.priors.df
        by_expected, by_sd = np.empty_like(expected), np.empty_like(expected)
        point, interval, least, most = self.slices
        z = (self.lower[point] - expected[point]) / sd[point]
        pulled = (df + 1) * z / (df + z**2)
        by_expected[point] = pulled / sd[point]
        by_sd[point] = (z * pulled - 1) / sd[point]
        low, high = (
            (edge[interval] - expected[interval]) / sd[interval]
            for edge in (self.lower, self.upper)
        )
        at_low, at_high = (
            np.exp(likelihood.t_logpdf(np, low, df)),
            np.exp(likelihood.t_logpdf(np, high, df)),
        )
        flip = low + high > 0
        left, right = np.where(flip, -high, low), np.where(flip, -low, high)
        mass = (
            np.maximum(likelihood.t_cdf(np, right, df) - likelihood.t_cdf(np, left, df), self.floor)
            * sd[interval]
        )
        by_expected[interval] = (at_low - at_high) / mass
        by_sd[interval] = (low * at_low - high * at_high) / mass
        for kind, edge, sign in ((least, self.lower, 1.0), (most, self.upper, -1.0)):
            z = sign * (expected[kind] - edge[kind]) / sd[kind]
            ratio = (
                np.exp(likelihood.t_logpdf(np, z, df))
                / np.maximum(likelihood.t_cdf(np, z, df), self.floor)
                / sd[kind]
            )
            by_expected[kind] = sign * ratio
            by_sd[kind] = -z * ratio
        return by_expected, by_sd

    def _log_prior(self, theta: np.ndarray, q: dict) -> np.ndarray:
        """Return the log density (b,) of the priors in these unknowns, up to a constant.

        Written by hand, a second time and on purpose, as is its gradient: the densities of
        ``priors`` with the change of unknowns worked out. Tests hold it to the referee's.
        """
        prior = -0.5 * (theta**2).sum(axis=0)
        for name in SPREADS:
            log_ratio = self.layout.get(theta, name)
            prior = prior + 0.5 * log_ratio**2 + log_ratio - 0.5 * np.exp(2 * log_ratio)
        levels = self.layout.get(theta, "level")[self.pooled]
        away = (q["level"][self.pooled] - q["level_mean"]) / q["level_sd"]
        informed = np.where(self.informed, self.layout.get(theta, "step"), 0.0)
        free = np.where(self.informed, q["_steps"] * np.exp(-q["log_step"])[:, None], 0.0)
        prior = (
            prior
            + 0.5 * (informed**2 - free**2).sum(axis=(0, 1))
            - (self.informed.sum(axis=(1, 2))[:, None] * q["log_step"]).sum(axis=0)
        )
        return (
            prior
            + 0.5 * (levels**2).sum(axis=0)
            - 0.5 * (away**2).sum(axis=0)
            - len(self.pooled) * np.log(q["level_sd"])
        )

    def _gradient(
        self, theta: np.ndarray, q: dict, kept: dict, by_expected: np.ndarray, by_sd: np.ndarray
    ) -> np.ndarray:
        """Return the gradient (dim, b), given that of the likelihood by what each figure should be
        and by its scale."""
        p, get = self.priors, lambda name: self.layout.get(theta, name)
        h, t, _ = self.shape
        b = theta.shape[1]
        gradient = -theta.copy()

        def add(name: str, value: np.ndarray) -> None:
            place, _ = self.layout.places[name]
            gradient[place] += value.reshape(-1, b)

        parts = np.split(self.linear_back @ by_expected, np.cumsum(self.sizes)[:-1])
        by_latent = parts[0]
        if len(self.flow):
            by_inflow = by_expected[self.flow] / np.maximum(kept["moved"], self.floor)
            if len(self.exits):
                by_left = by_inflow[self.exits] * expit(kept["left"])
                by_latent = (
                    by_latent
                    + self.start_back @ (by_left * kept["begin"])
                    - self.finish_back @ (by_left * kept["end"])
                )
                by_inflow[self.exits] = by_left * self.span
            by_rate = by_inflow * expit(kept["rate"])
            by_latent = by_latent + self.growth_back @ by_rate
            add("log_turnover", p.log_turnover.sd * (by_rate * kept["replaced"]).sum(axis=0))
        by_stock = by_latent[: h * t].reshape(h, t, b)
        if len(self.members):
            by_sums = by_latent[h * t :].reshape(-1, t, b)
            ratio = np.where(by_sums == 0, 0.0, by_sums / np.maximum(kept["sums"], self.floor))
            by_stock = by_stock + kept["scaled"] * np.tensordot(self.members.T, ratio, axes=1)
        # Levels, shocks and steps, from the stock.
        by_level = by_stock.sum(axis=1)
        add("level", self.level_unit * by_level)
        by_shock = np.einsum("htb,kt->hkb", by_stock, p.after)
        add("host_shock", p.host_shock_sd[..., None] * by_shock)
        add("shock", p.shock.sd[:, None] * by_shock.sum(axis=0))
        by_step = np.matmul(self.turned.swapaxes(1, 2), by_stock)
        steps, scale, known = q["_steps"], np.exp(q["log_step"]), self.known
        of_known = steps[known], scale[known[0]]
        by_log_step = by_step * steps
        by_log_step[known] = (of_known[0] / of_known[1]) ** 2 - 1
        by_log_step = by_log_step.sum(axis=1)
        add("log_step", p.log_step_sd * by_log_step)
        add("log_step_median", p.log_step_median.sd * by_log_step[self.pooled].sum(axis=0))
        inside = (
            self.step_unit * (by_step[known] - of_known[0] / of_known[1] ** 2) + get("step")[known]
        )
        by_step *= scale[:, None]
        by_step[known] = inside
        add("step", by_step)
        # What a figure adds.
        add("bias", p.bias.sd[:, None] * parts[1])
        for name, by_effect in zip(EFFECTS, parts[2:5]):
            add(name, self._spread(q, name) * by_effect)
            moving = by_effect * q[name]
            if name == "host_class":
                moving = moving[p.fixed_class_sd == 0]
            add(f"{name}_sd", moving.sum(axis=0))
        for name, by_scalar in zip(("coverage", "margin_at_least", "margin_at_most"), parts[5:]):
            add(name, getattr(p, name).sd * by_scalar)
        add(
            "log_error",
            p.error.log_sd
            * (
                self.bias_back
                @ (
                    by_sd
                    * kept["error2"]
                    / np.sqrt(kept["error2"] + (kept["error2"] == 0) + self.counting2)
                )
            ),
        )
        # Priors that are not standard normal.
        for name in SPREADS:
            log_ratio = get(name)
            add(name, log_ratio + 1 - np.exp(2 * log_ratio))
        away = (q["level"][self.pooled] - q["level_mean"]) / q["level_sd"]
        place, _ = self.layout.places["level"]
        gradient[place][self.pooled] += (
            get("level")[self.pooled] - LEVEL_UNIT * away / q["level_sd"]
        )
        add("level_mean", p.level_mean.sd * (away / q["level_sd"]).sum(axis=0))
        add("level_sd", (away**2).sum(axis=0) - len(self.pooled))
        return gradient

    def interweave(self, theta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return theta (b, dim) with the hierarchy's scales and means drawn anew, every stock and
        every effect as it was.

        Each draw leaves the posterior as it is: given the effects, the likelihood does not depend
        on their scale.
        """
        p = self.priors
        theta = np.ascontiguousarray(theta.T)
        self._redraw_paths(theta, rng)
        q = self._quantities(theta)
        b = theta.shape[1]

        def put(name, value):
            return theta.__setitem__(self.layout.places[name][0], value.reshape(-1, b))

        # The mean and the spread of the levels.
        levels = q["level"][self.pooled]
        mean = _normal_given(rng, p.level_mean.mean, p.level_mean.sd, levels, q["level_sd"])
        put("level_mean", (mean - p.level_mean.mean) / p.level_mean.sd)
        put(
            "level_sd",
            log_scale(
                rng, self.layout.get(theta, "level_sd"), (levels - mean) / p.level_sd.scale, 0
            ),
        )
        # The common shocks, given each host's own.
        share = 1 / p.host_shock_sd[..., None] ** 2
        precision = 1 / p.shock.sd[:, None] ** 2 + share.sum(axis=0)
        middle = (
            p.shock.mean[:, None] / p.shock.sd[:, None] ** 2 + (share * q["host_shock"]).sum(axis=0)
        ) / precision
        shock = middle + rng.standard_normal(middle.shape) / np.sqrt(precision)
        put("shock", (shock - p.shock.mean[:, None]) / p.shock.sd[:, None])
        put("host_shock", (q["host_shock"] - shock) / p.host_shock_sd[..., None])
        # The size of each host's steps, given its path; then their median.
        centre = np.where(p.large[:, None], p.log_step_median.mean, q["log_step_median"])
        log_step = q["log_step"]
        squares, count = (q["_steps"] ** 2).sum(axis=1), q["_steps"].shape[1]

        def energy(x):
            return (
                -0.5 * ((x - centre) / p.log_step_sd) ** 2
                - count * x
                - 0.5 * squares * np.exp(-2 * x)
            )

        moved = _metropolis(rng, log_step, energy, 1.5 / np.sqrt(2 * count + p.log_step_sd**-2))
        put(
            "step",
            self.layout.get(theta, "step")
            * np.where(self.informed, 1.0, np.exp(log_step - moved)[:, None]),
        )
        if len(self.pooled):
            median = _normal_given(
                rng, p.log_step_median.mean, p.log_step_median.sd, moved[self.pooled], p.log_step_sd
            )
            put("log_step_median", (median - p.log_step_median.mean) / p.log_step_median.sd)
            centre = np.where(p.large[:, None], p.log_step_median.mean, median)
        put("log_step", (moved - centre) / p.log_step_sd)
        # The spread of houses, lineages and hosts by class, given their effects.
        for name in EFFECTS:
            free = (
                p.fixed_class_sd == 0 if name == "host_class" else np.ones(len(q[name]), dtype=bool)
            )
            before = self.layout.get(theta, f"{name}_sd").copy()
            after = log_scale(rng, before, q[name][free] / getattr(p, f"{name}_sd").scale, 0)
            z = self.layout.get(theta, name).copy()
            z[free] *= np.exp(before - after)
            put(f"{name}_sd", after)
            put(name, z)
        return theta.T

    def _redraw_paths(self, theta: np.ndarray, rng: np.random.Generator) -> None:
        """Draw anew, in place, what of each pooled host's log stock is level, shocks and path, and
        the size of its steps.

        The stock itself stays, so the likelihood does; given it and the size of the steps, level
        and shocks are normal, and the size is drawn with both integrated out. China and Russia,
        whose walk begins at the level, are left alone.
        """
        if not len(self.pooled):
            return
        p, q, h = self.priors, self._quantities(theta), self.pooled
        back = np.linalg.inv(p.pooled_path)
        known = (
            back @ np.concatenate([np.ones((1, len(back))), p.after]).T
        )  # (t, 4): what level and shocks are in steps
        steps = np.einsum("st,htb->hbs", back, q["log_stock"][h])
        mean = np.concatenate(
            [np.broadcast_to(q["level_mean"], (1, theta.shape[1])), q["shock"]]
        ).T  # (b, 4)
        sd = np.empty((len(h), theta.shape[1], 4))
        sd[..., 0] = q["level_sd"]
        sd[..., 1:] = p.host_shock_sd[h][:, None]
        left = steps - mean @ known.T
        crossed, squares = left @ known, (left**2).sum(axis=-1)  # (h, b, 4), (h, b)
        inner = known.T @ known
        centre = q["log_step_median"]

        def posterior(log_step: np.ndarray, sd: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            """Return the precision (h, b, 4, 4) and the mean of what level and shocks are off their
            prior means, in prior sds."""
            share = np.exp(-2 * log_step)[..., None, None]
            precision = np.eye(4) + share * sd[..., :, None] * inner * sd[..., None, :]
            return (
                precision,
                np.linalg.solve(precision, (share[..., 0] * sd * crossed)[..., None])[..., 0],
            )

        def evidence(log_step: np.ndarray, sd: np.ndarray) -> np.ndarray:
            """Return the log density (h, b) of each host's path with its level and shocks
            integrated out."""
            precision, middle = posterior(log_step, sd)
            fitted = (np.exp(-2 * log_step)[..., None] * sd * crossed * middle).sum(axis=-1)
            return (
                -len(back) * log_step
                - 0.5 * (np.exp(-2 * log_step) * squares - fitted)
                - 0.5 * np.log(np.linalg.det(precision))
            )

        log_step = _metropolis(
            rng,
            q["log_step"][h],
            lambda x: evidence(x, sd) - 0.5 * ((x - centre) / p.log_step_sd) ** 2,
            1.5 / np.sqrt(2 * len(back)),
        )

        def of_spread(log_ratio: np.ndarray) -> np.ndarray:
            wider = sd.copy()
            wider[..., 0] = p.level_sd.scale * np.exp(log_ratio)
            return evidence(log_step, wider).sum(axis=0) + log_ratio - 0.5 * np.exp(2 * log_ratio)

        log_ratio = _metropolis(
            rng, self.layout.get(theta, "level_sd").copy(), of_spread, 2.0 / np.sqrt(len(h) + 1)
        )
        theta[self.layout.places["level_sd"][0]] = log_ratio
        sd[..., 0] = p.level_sd.scale * np.exp(log_ratio)
        precision, middle = posterior(log_step, sd)
        root = np.linalg.cholesky(precision)
        noise = np.linalg.solve(root.swapaxes(-1, -2), rng.standard_normal((*middle.shape, 1)))[
            ..., 0
        ]
        parts = mean + sd * (middle + noise)  # (h, b, 4)
        self._set_paths(theta, q, log_step, parts, steps - parts @ known.T)

    def _set_paths(
        self, theta: np.ndarray, q: dict, log_step: np.ndarray, parts: np.ndarray, steps: np.ndarray
    ) -> None:
        """Write log steps (h, b), levels and shocks (h, b, 4) and steps in log persons (h, b, t) of
        the pooled hosts into theta."""
        p, h, b = self.priors, self.pooled, theta.shape[1]
        for name, value in (
            ("level", (parts[..., 0] - p.level_mean.mean) / LEVEL_UNIT),
            ("log_step", (log_step - q["log_step_median"]) / p.log_step_sd),
            (
                "host_shock",
                (np.moveaxis(parts[..., 1:], -1, 1) - q["shock"]) / p.host_shock_sd[h][..., None],
            ),
            (
                "step",
                np.einsum("hts,hbt->hsb", self.basis[h], steps)
                / np.where(self.informed[h], self.step_unit, np.exp(log_step)[:, None]),
            ),
        ):
            place, shape = self.layout.places[name]
            block = theta[place].reshape(*shape, b)
            block[h] = value
            theta[place] = block.reshape(-1, b)


def _single(value):
    """Return an array, dense or sparse, or what holds such, in single precision where it is in
    double; anything else as it is."""
    if isinstance(value, tuple):
        return tuple(_single(part) for part in value)
    if isinstance(value, dict):
        return {name: _single(part) for name, part in value.items()}
    if is_dataclass(value):
        parts = {each.name: _single(getattr(value, each.name)) for each in fields(value)}
        return replace(value, **parts)
    if isinstance(value, np.generic):
        return value.item()  # a bare number takes the precision of what it meets
    return value.astype(np.float32) if getattr(value, "dtype", None) == np.float64 else value


def _paths(priors: Priors) -> np.ndarray:
    """Return (h, t, t), what turns each host's yearly steps into deviations from its level."""
    return np.where(priors.large[:, None, None], priors.free_path, priors.pooled_path)


def _informed_steps(design: Design, priors: Priors) -> tuple[np.ndarray, np.ndarray]:
    """Return (h, t, t) bases of each host's steps, in columns, and (h, t, 1) bool, which of them
    its figures inform.

    Along an informed direction the path itself is the unknown, along the others the standard normal
    step is: either is what the data leave nearly independent of the size of the steps
    (Papaspiliopoulos, Roberts and Sköld 2007, Statistical Science 22(1)). What a figure informs is
    judged in the Gaussian core at the prior's middle, its level and shocks taken out.
    """
    t = len(design.years)
    paths = _paths(priors)
    bases, informed = (
        np.tile(np.eye(t), (len(paths), 1, 1)),
        np.zeros((len(paths), t, 1), dtype=bool),
    )
    points = (design.kind < 2) & ~design.flow
    variance = (
        np.exp(2 * priors.error.log.mean[design.bias])
        + design.counting**2
        + priors.house_sd.scale**2
    )
    for i in range(len(paths)):
        own = design.weights[:, i * t : (i + 1) * t]
        rows = (
            points
            & (own > 0).any(axis=1)
            & (np.count_nonzero(design.weights, axis=1) == np.count_nonzero(own, axis=1))
        )
        if not rows.any():
            continue
        read = own[rows]
        known = np.concatenate([np.ones((1, t)), priors.after]) @ read.T
        spread = np.diag(variance[rows]) + (
            np.array([4.0, 0.6, 0.6, 0.6])[:, None, None] * known[:, :, None] * known[:, None, :]
        ).sum(axis=0)
        steps = np.exp(priors.log_step_median.mean) * read @ paths[i]
        strength, basis = np.linalg.eigh(steps.T @ np.linalg.solve(spread, steps))
        bases[i], informed[i, :, 0] = basis, strength > INFORMED_STRENGTH
    return bases, informed


def _one_hot(index: np.ndarray, size: int) -> np.ndarray:
    """Return (n, size): 1 where a figure has that member, rows of zeros where it has none."""
    return (index[:, None] == np.arange(size)).astype(float)


def _normal_given(rng, prior_mean: float, prior_sd: float, values: np.ndarray, sd) -> np.ndarray:
    """Draw a normal's mean (b,), given ``values`` (k, b) with standard deviation ``sd``."""
    precision = prior_sd**-2 + len(values) * np.asarray(sd) ** -2.0
    middle = (prior_mean * prior_sd**-2 + values.sum(axis=0) * np.asarray(sd) ** -2.0) / precision
    return middle + rng.standard_normal(values.shape[1]) / np.sqrt(precision)


def log_scale(rng, log_ratio: np.ndarray, values: np.ndarray, axis: int) -> np.ndarray:
    """Draw the log (b,) of a half-normal scale in units of its prior's, given ``values`` (k, b) in
    that unit."""
    squares, count = (values**2).sum(axis=axis), values.shape[axis]

    def energy(x):
        return x - 0.5 * np.exp(2 * x) - count * x - 0.5 * squares * np.exp(-2 * x)

    return _metropolis(rng, log_ratio, energy, 1.5 / np.sqrt(2 * count + 1))


def _metropolis(rng, x: np.ndarray, log_density, width: float) -> np.ndarray:
    """Move every element of ``x`` by a few Metropolis steps of its own."""
    value = log_density(x)
    for _ in range(SCALE_STEPS):
        proposal = x + width * rng.standard_normal(x.shape)
        there = log_density(proposal)
        taken = np.log(rng.random(x.shape)) < there - value
        x, value = np.where(taken, proposal, x), np.where(taken, there, value)
    return x
