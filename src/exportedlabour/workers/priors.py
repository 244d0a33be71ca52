"""The priors of the workers model, each told once: its family, and what the assumptions give it.

Whatever reads a prior reads it here: the engine (``density``), the referee in PyMC
(``reference``), the simulator and the prior predictive (``simulation.prior``), hosts that nobody
counted (``uncounted``), and how far the answers depend on each (``validation.dependence``).

What is written a second time, and on purpose: the engine has the log density of these priors and
its gradient by hand, in unknowns that are standard normal where they can be; the referee puts the
same priors together in PyMC. Tests hold both to the densities here.
"""

import math
from dataclasses import dataclass

import numpy as np

from ..assumptions.scenario import Settings
from ..evidence.events import KNOWN, SHOCKS, Dates
from ..evidence.hosts_apart import UNPOOLED, UNTIED_HOST
from .account import memory
from .observations import Design

LOG_ROOT_TWO_PI = math.log(math.sqrt(2 * math.pi))


@dataclass(frozen=True)
class Normal:
    """A normal prior; ``mean`` and ``sd`` are numbers or arrays that broadcast together."""

    mean: float | np.ndarray
    sd: float | np.ndarray

    def log_density(self, x: np.ndarray) -> np.ndarray:
        """Return the log density at ``x``, element by element."""
        z = (x - self.mean) / self.sd
        return -(z**2) / 2 - LOG_ROOT_TWO_PI - np.log(self.sd)

    def draw(self, rng: np.random.Generator, size) -> np.ndarray:
        """Return draws of the shape ``size``."""
        return rng.normal(self.mean, self.sd, size=size)

    def of_standard(self, z):
        """Return the values that standard normal ``z`` stand for; PyMC's variables will do too."""
        return self.mean + self.sd * z

    def in_pymc(self, pm, name: str, **more):
        """Return the variable ``name`` with this prior, in the open model of the module ``pm``."""
        return pm.Normal(name, self.mean, self.sd, **more)


@dataclass(frozen=True)
class HalfNormal:
    """A half-normal prior of a spread: the size of a normal with mean 0 and sd ``scale``."""

    scale: float

    def log_density(self, x: np.ndarray) -> np.ndarray:
        """Return the log density at ``x``, which is not below zero, element by element."""
        z = x / self.scale
        return 0.5 * math.log(2 / math.pi) - z * z / 2 - np.log(self.scale)

    def draw(self, rng: np.random.Generator, size) -> np.ndarray:
        """Return draws of the shape ``size``."""
        return self.scale * np.abs(rng.standard_normal(size))

    def in_pymc(self, pm, name: str, **more):
        """Return the variable ``name`` with this prior, in the open model of the module ``pm``."""
        return pm.HalfNormal(name, self.scale, **more)


@dataclass(frozen=True)
class LogNormal:
    """A prior whose log is normal about the log of ``median`` (k,), with sd ``log_sd``."""

    median: np.ndarray
    log_sd: float

    @property
    def log(self) -> Normal:
        """The prior of the log."""
        return Normal(np.log(self.median), self.log_sd)

    def log_density(self, x: np.ndarray) -> np.ndarray:
        """Return the log density at ``x``, which is above zero, element by element."""
        return self.log.log_density(np.log(x)) - np.log(x)

    def draw(self, rng: np.random.Generator, size) -> np.ndarray:
        """Return draws of the shape ``size``."""
        return self.median * np.exp(self.log_sd * rng.standard_normal(size))

    def in_pymc(self, pm, name: str, **more):
        """Return the variable ``name`` with this prior, in the open model of the module ``pm``."""
        return pm.LogNormal(name, self.log.mean, self.log_sd, **more)


@dataclass(frozen=True)
class Bernoulli:
    """A prior of what is so or is not: it is with ``probability``."""

    probability: float

    def log_density(self, x: np.ndarray) -> np.ndarray:
        """Return the log of the probability of each of ``x``, bool."""
        with np.errstate(divide="ignore"):
            return np.where(x, np.log(self.probability), np.log1p(-self.probability))

    def draw(self, rng: np.random.Generator, size) -> np.ndarray:
        """Return draws of the shape ``size``, bool."""
        return rng.random(size) < self.probability

    def in_pymc(self, pm, name: str, **more):
        """Return the variable ``name`` with this prior, in the open model of the module ``pm``."""
        return pm.Bernoulli(name, self.probability, **more)


@dataclass(frozen=True)
class Priors:
    """Every prior of the workers model for ``h`` hosts, ``t`` years, ``b`` biases and ``k`` pairs
    of host and class.

    Stocks are natural logs of persons, biases and effects log ratios.

    Attributes
    ----------
    level_mean, level_sd : of the mean and of the spread of the levels of pooled hosts.
    large : (h,) bool, hosts outside this hyperprior; large_level : of the level of each of them.
    log_step_median : of the log of the median yearly step of pooled hosts; the log step of a
        large host is centred on its mean; log_step_sd : the sd of hosts about it.
    pooled_path, free_path : (t, t), what turns standard normal steps into deviations from a level.
    shock : (3,) the shocks that all hosts share; shock_host_sd : the sd of a host's own about it;
        host_shock_sd : (h, 3) the same by host, where large hosts have their own at the reopening;
        after : (3, t) 1 from the year in which a shock acts.
    log_turnover : of the log of the share of a stock that is replaced in a year.
    coverage : of the log ratio of a world total to the hosts that were counted.
    bias, error : (b,) of each class.
    house_sd, lineage_sd, host_class_sd : of the spreads of three groups of effects;
        fixed_class_sd : (k,) the fixed sd of an effect of a class in a host, 0 where the spread
        of the group holds.
    margin_at_least, margin_at_most : of what a bound about a whole country is off.
    no_data_offset, no_data_presence : of hosts that nobody counted, how much lower they are than
        others, and whether anybody is there.
    coarse_sd : scale of the error of an order of magnitude; df : degrees of freedom of errors.
    """

    level_mean: Normal
    level_sd: HalfNormal
    large: np.ndarray
    large_level: Normal
    log_step_median: Normal
    log_step_sd: float
    pooled_path: np.ndarray
    free_path: np.ndarray
    shock: Normal
    shock_host_sd: float
    host_shock_sd: np.ndarray
    after: np.ndarray
    log_turnover: Normal
    coverage: Normal
    bias: Normal
    error: LogNormal
    house_sd: HalfNormal
    lineage_sd: HalfNormal
    host_class_sd: HalfNormal
    fixed_class_sd: np.ndarray
    margin_at_least: Normal
    margin_at_most: Normal
    no_data_offset: Normal
    no_data_presence: Bernoulli
    coarse_sd: float
    df: int

    # Of a host or an effect, given what is above it. ``where`` is NumPy's or PyTensor's.

    def level(self, where, level_mean, level_sd) -> Normal:
        """Return the prior of the levels (..., h), given the mean and the spread of pooled ones."""
        large = self.large_level
        return Normal(
            where(self.large, large.mean, level_mean), where(self.large, large.sd, level_sd)
        )

    def log_step(self, where, log_step_median) -> Normal:
        """Return the prior of the log of the yearly steps (..., h), given the median of pooled
        hosts."""
        return Normal(
            where(self.large, self.log_step_median.mean, log_step_median), self.log_step_sd
        )

    def host_shock(self, shock) -> Normal:
        """Return the prior of the shocks (..., h, 3) of each host, given the shared ones."""
        return Normal(shock, self.host_shock_sd)

    def class_effect_sd(self, where, host_class_sd):
        """Return the sd (..., k) of the effects of a class in a host, given the spread of the
        group."""
        return where(self.fixed_class_sd > 0, self.fixed_class_sd, host_class_sd)


def build(design: Design, settings: Settings) -> Priors:
    """Return the priors of ``settings`` in the order of the names in ``design``."""
    return of(
        settings, design.hosts, design.years, design.biases, design.host_classes, design.dates
    )


def of(
    settings: Settings,
    hosts: tuple[str, ...],
    years: np.ndarray,
    biases: tuple[str, ...] = (),
    host_classes: tuple[tuple[str, str], ...] = (),
    dates: Dates = KNOWN,
) -> Priors:
    """Return the priors of ``settings`` for the names, years and dates of rules given; see
    ``Priors``."""
    s = settings
    large = np.array([host in UNPOOLED for host in hosts], dtype=bool)
    shocks = np.array([s[f"shock_{name}"] for name in SHOCKS], dtype=float)
    host_shock_sd = np.full((len(hosts), len(SHOCKS)), float(s.shock_host_sd))
    host_shock_sd[large, list(SHOCKS).index("reopening")] = (
        s.reopening_large_sd
    )  # China and Russia took courses of their own
    bias = np.array([s[f"bias_{name}"] for name in biases], dtype=float).reshape(-1, 2)
    pooled_path, free_path = memory(
        years, s.pull, s.border_closed_factor, s.border_reopened_factor, dates
    )
    return Priors(
        level_mean=Normal(*s.level_log_mean),
        level_sd=HalfNormal(s.level_log_sd),
        large=large,
        large_level=Normal(*s.start_log_large),
        log_step_median=Normal(math.log(s.step_scale_median), s.step_scale_median_log_sd),
        log_step_sd=s.step_scale_log_sd,
        pooled_path=pooled_path,
        free_path=free_path,
        shock=Normal(shocks[:, 0], shocks[:, 1]),
        shock_host_sd=s.shock_host_sd,
        host_shock_sd=host_shock_sd,
        after=np.array([years >= year for year in dates.shocks.values()], dtype=float),
        log_turnover=Normal(*s.turnover_log),
        coverage=Normal(*s.coverage_world),
        bias=Normal(bias[:, 0], bias[:, 1]),
        error=LogNormal(np.array([s[f"error_{name}"] for name in biases]), s.error_log_sd),
        house_sd=HalfNormal(s.house_sd),
        lineage_sd=HalfNormal(s.lineage_sd),
        host_class_sd=HalfNormal(s.host_class_sd),
        fixed_class_sd=np.array(
            [s.host_class_sd_china if host == UNTIED_HOST else 0.0 for host, _ in host_classes]
        ),
        margin_at_least=Normal(*s.margin_at_least),
        margin_at_most=Normal(*s.margin_at_most),
        no_data_offset=Normal(*s.no_data_offset),
        no_data_presence=Bernoulli(s.no_data_presence),
        coarse_sd=s.order_of_magnitude_sd,
        df=s.error_df,
    )
