"""The fast sampler: Hamiltonian Monte Carlo on many chains at once, in NumPy, with no compiler.

All chains of a group move together, so that every array operation serves all of them. The metric is
the inverse of the posterior's information, the mean of the negative Hessian over the chains' own
positions in the warm-up: for a model that is Gaussian given its scales this is what conditioning on
the figures would give. That Gaussian core is followed exactly, and what is not Gaussian (heavy
tails, intervals, bounds, sums) enters by kicks (Shahbaba et al. 2014, Statistics and Computing 24).
Neal 2011 (Handbook of MCMC, ch. 5) for the dynamics; Hoffman and Gelman 2014 (JMLR 15) for the step
size; Hoffman, Radul and Sountsov 2021 (AISTATS) for many chains that share one step size and one
jittered length.
"""

import multiprocessing
import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
from autograd import make_vjp
from threadpoolctl import threadpool_limits

from ..project import InputError

TARGET_ACCEPTANCE = 0.9
# of a trajectory, in units of the posterior's standard deviations; about a quarter turn with the
# jitter
LENGTH = 2.0
MOST_STEPS = 64
DIVERGENCE = 1000.0  # an energy error that only a failed step makes (as in Stan)
CURVATURE_BOUNDS = (
    0.2,
    1e8,
)  # directions that look flatter than the prior by more than this are not trusted
INFORMED = 3.0  # curvature of a scale, where its prior has about 1
PROBES = 6  # positions at which the information is measured
BATCH = 192


@dataclass(frozen=True)
class Sample:
    """Draws (chains, draws, dim), divergent steps, the share accepted, gradients a draw, and
    seconds."""

    draws: np.ndarray
    divergences: int
    acceptance: float
    gradients: float
    seconds: float


def sample(
    log_density: Callable,
    dim: int,
    *,
    chains: int,
    draws: int,
    tune: int,
    seed: int,
    data: np.ndarray | None = None,
    interweave: Callable | None = None,
    scales: np.ndarray | None = None,
    kicks: Callable | None = None,
    share_of_step: Callable | None = None,
    early_steps: int = MOST_STEPS,
    probes: int = PROBES,
    groups: int = 2,
    workers: int | None = None,
    say: Callable = print,
) -> Sample:
    """Draw from a density of unconstrained unknowns, best on the scale where their prior is about
    standard normal.

    Parameters
    ----------
    log_density : ``theta (b, dim) -> (b,)``, each row by itself; with ``data`` it is called as
        ``log_density(theta, rows of data)``. Its gradient is that of its method
        ``value_and_gradient``, or, where it has none, autograd's, for which it must be written with
        ``autograd.numpy``. It must be picklable if more than one process is used.
    chains, draws, tune : chains in all, draws kept of each, and steps of warm-up before.
    data : (chains, ...) what differs between the chains' densities, if anything.
    interweave : ``(theta, rng) -> theta``, a move between trajectories that leaves the density
        invariant, if there is one.
    scales : positions of the unknowns that ``interweave`` moves by itself. Those that the data
        inform stay put during trajectories: a scale and its effects lie on a curved valley, along
        which only ``interweave`` can go far.
    kicks : a cheaper gradient for the inside of a trajectory, called as that of the density. It may
        be rounded: it depends on the position alone, so a trajectory stays reversible and keeps
        volume, and its ends are judged by the density itself.
    share_of_step : ``theta -> (b,)``, what share of the common step each chain takes, told by its
        ``scales`` alone: where a scale is near zero, what it is the scale of is stiff. It counts
        where the scales stay put, and the metric is measured where it is 1.
    early_steps : most steps of a trajectory before the metric is measured for the last time, as
        long ones do not pay with a poor one.
    probes : positions at which it is then measured. The more there are, the longer the steps that
        it allows.
    groups : the chains are split into this many groups that adapt by themselves; a property of the
        result, not of the machine, so the same seed gives the same draws on any number of cores.
    workers : processes; by default one a group, no more than there are cores.

    Raises
    ------
    InputError
        If no starting point with a finite density is found.
    """
    began = time.monotonic()
    groups = max(1, min(groups, chains))
    parts = np.array_split(np.arange(chains), groups)
    seeds = np.random.SeedSequence(seed).spawn(groups)
    jobs = [
        _Job(
            log_density,
            dim,
            len(part),
            draws,
            tune,
            seeds[k],
            None if data is None else data[part],
            interweave,
            np.array([], dtype=int) if scales is None else scales,
            kicks,
            share_of_step,
            early_steps,
            probes,
        )
        for k, part in enumerate(parts)
    ]
    count = min(groups, os.cpu_count() or 1) if workers is None else workers
    if count > 1:
        with ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn")) as pool:
            runs = list(pool.map(_run, jobs))
    else:
        runs = [_run(job) for job in jobs]
    result = Sample(
        draws=np.concatenate([run[0] for run in runs]),
        divergences=sum(run[1] for run in runs),
        acceptance=float(np.mean([run[2] for run in runs])),
        gradients=float(np.mean([run[3] for run in runs])),
        seconds=time.monotonic() - began,
    )
    say(
        f"{chains} chains of {draws} draws of {dim} unknowns in {result.seconds:.0f} s,"
        f" {result.gradients:.0f} gradients a draw"
    )
    return result


@dataclass(frozen=True)
class _Job:
    """What one group of chains has to do, as ``sample`` was told; ``scales`` may be empty."""

    log_density: Callable
    dim: int
    chains: int
    draws: int
    tune: int
    seed: np.random.SeedSequence
    data: np.ndarray | None
    interweave: Callable | None
    scales: np.ndarray
    kicks: Callable | None
    share_of_step: Callable | None
    early_steps: int
    probes: int


def _run(job: _Job) -> tuple[np.ndarray, int, float, float]:
    """Warm up and sample one group of chains; one thread, so that sums are always taken in the same
    order."""
    with threadpool_limits(1), np.errstate(all="ignore"):
        group = _Group(job)
        group.warm_up()
        return group.draw(job.draws)


class _Group:
    """Chains that move together: positions (b, dim), log densities, gradients, one metric and one
    step size."""

    def __init__(self, job: _Job):
        self.job, self.rng = job, np.random.default_rng(job.seed)
        self.metric, self.centre = _Metric.identity(job.dim), np.zeros(job.dim)
        self.step = 0.1
        self.position = self._start()
        self.value, self.gradient = self._evaluate(self.position)

    def _evaluate(
        self, theta: np.ndarray, rows: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the log density (b,) and its gradient (b, dim), for the chains ``rows`` (all in
        order by default)."""
        data = self._rows(rows)
        if hasattr(self.job.log_density, "value_and_gradient"):
            return self.job.log_density.value_and_gradient(theta, *data)
        back, value = make_vjp(lambda x: self.job.log_density(x, *data))(theta)
        return value, back(np.ones(len(theta)))

    def _slope(self, theta: np.ndarray, rows: np.ndarray | None = None) -> np.ndarray:
        """Return the gradient (b, dim) alone."""
        if hasattr(self.job.log_density, "gradient"):
            return self.job.log_density.gradient(theta, *self._rows(rows))
        return self._evaluate(theta, rows)[1]

    def _kick(self, theta: np.ndarray) -> np.ndarray:
        """Return the gradient (b, dim), or what stands for it inside a trajectory."""
        return (
            self._slope(theta)
            if self.job.kicks is None
            else self.job.kicks(theta, *self._rows(None))
        )

    def _shares(self) -> np.ndarray:
        """Return (b,) what share of the common step suits each chain."""
        return (
            np.ones(self.job.chains)
            if self.job.share_of_step is None
            else self.job.share_of_step(self.position)
        )

    def _rows(self, rows: np.ndarray | None) -> tuple:
        return (
            ()
            if self.job.data is None
            else (self.job.data if rows is None else self.job.data[rows],)
        )

    def _start(self) -> np.ndarray:
        """Return starting points spread about the prior's middle, each with a finite density."""
        theta = self.rng.uniform(-1.0, 1.0, (self.job.chains, self.job.dim))
        for _ in range(50):
            value, gradient = self._evaluate(theta)
            bad = ~(np.isfinite(value) & np.isfinite(gradient).all(axis=1))
            if not bad.any():
                return theta
            theta[bad] = self.rng.uniform(-1.0, 1.0, (bad.sum(), self.job.dim)) * 0.5
        raise InputError(
            "the sampler found no starting point with a finite density; look for a value out of all"
            " proportion in the ledger."
        )

    def warm_up(self) -> None:
        """Find the typical set, the metric and the step size: the metric is measured three times,
        each time nearer."""
        for probes in (2, PROBES, self.job.probes, 0):
            steps, centres = _StepSize(self.step), []
            for _ in range(max(5, self.job.tune // 4)):
                accepted, _, _ = self._transition(
                    steps.current, self.job.early_steps if probes else MOST_STEPS
                )
                steps.learn(float(np.mean(accepted)))
                centres.append(self._newton())
            self.step = steps.settled
            self.centre = np.mean(centres[len(centres) // 2 :], axis=0)
            if probes:
                self.metric = self._metric_of(self._measure(probes))
                self.step = 0.3

    def draw(self, draws: int) -> tuple[np.ndarray, int, float, float]:
        """Return draws (b, draws, dim), divergent steps, mean acceptance and gradients a draw."""
        kept = np.empty((self.job.chains, draws, self.job.dim), dtype=np.float32)
        divergences, acceptance, gradients = 0, 0.0, 0
        for i in range(draws):
            accepted, divergent, steps = self._transition(self.step)
            kept[:, i] = self.position
            divergences += divergent
            acceptance += float(np.mean(accepted)) / draws
            gradients += steps
        return kept, divergences, acceptance, gradients / draws

    def _transition(self, step: float, most: int = MOST_STEPS) -> tuple[np.ndarray, int, int]:
        """Move every chain along one trajectory; return acceptance probabilities, divergent chains
        and steps taken.

        The Gaussian core (the metric about its centre) is followed exactly, as a rotation of
        position and velocity; only what the density has besides is split off into kicks, so that
        unknowns that no figure informs cost no accuracy.
        """
        step *= self.rng.uniform(0.7, 1.05)  # a chain in a stiff place gets out on a short step
        steps = int(np.clip(np.ceil(LENGTH * self.rng.uniform(0.4, 1.2) / step), 1, most))
        if self.job.interweave is not None:
            self.position = self.job.interweave(self.position, self.rng)
            self.value, self.gradient = self._evaluate(self.position)
        metric = self.metric
        velocity = metric.root(self.rng.standard_normal((self.job.chains, self.job.dim)))
        start = self.value - metric.energy(velocity)
        if self.job.share_of_step is not None and not metric.moving[self.job.scales].any():
            step = step * self._shares()[:, None]
        away = (self.position - self.centre) * metric.moving
        fixed = self.position - away
        turn, lift = np.cos(step), np.sin(step)
        gradient = self.gradient
        velocity = velocity + 0.5 * step * (metric.spread(gradient) + away)
        for k in range(steps):
            away, velocity = turn * away + lift * velocity, turn * velocity - lift * away
            last = k == steps - 1
            value, gradient = (
                self._evaluate(fixed + away) if last else (None, self._kick(fixed + away))
            )
            velocity = velocity + (0.5 if last else 1.0) * step * (metric.spread(gradient) + away)
        change = value - metric.energy(velocity) - start
        change = np.where(np.isfinite(change), change, -np.inf)
        accepted = np.exp(np.minimum(change, 0.0))
        taken = self.rng.random(self.job.chains) < accepted
        self.position = np.where(taken[:, None], fixed + away, self.position)
        self.value = np.where(taken, value, self.value)
        self.gradient = np.where(taken[:, None], gradient, self.gradient)
        return accepted, int((change < -DIVERGENCE).sum()), steps

    def _newton(self) -> np.ndarray:
        """Return the mean (dim,) of where a Newton step leads from each chain: in Gaussian
        directions the posterior mean, without noise."""
        return (self.position + self.metric.spread(self.gradient)).mean(axis=0)

    def _metric_of(self, information: np.ndarray) -> "_Metric":
        still = np.zeros(self.job.dim, dtype=bool)
        still[self.job.scales] = np.diag(information)[self.job.scales] > INFORMED
        return _Metric.of(information, ~still)

    def _measure(self, probes: int) -> np.ndarray:
        """Return the mean information at the positions of ``probes`` chains, by central
        differences."""
        shares = self._shares()
        usual = np.flatnonzero(shares == shares.max())
        chosen = self.rng.choice(usual, size=min(probes, len(usual)), replace=False)
        information = np.zeros((self.job.dim, self.job.dim))
        width = 1e-4
        for chain in chosen:
            for begin in range(0, self.job.dim, BATCH):
                columns = np.arange(begin, min(begin + BATCH, self.job.dim))
                moved = np.zeros((len(columns), self.job.dim))
                moved[np.arange(len(columns)), columns] = width
                rows = np.full(2 * len(columns), chain)
                above, below = np.split(
                    self._slope(self.position[chain] + np.concatenate([moved, -moved]), rows), 2
                )
                information[columns] += (below - above) / (2 * width * len(chosen))
        return np.nan_to_num((information + information.T) / 2)


class _Metric:
    """The posterior's covariance in its Gaussian core: identity but for the few directions that the
    figures change.

    Unknowns that do not move have rows and columns of zeros.
    """

    def __init__(self, moving: np.ndarray, directions: np.ndarray, curvature: np.ndarray):
        self.moving, self.directions, self.curvature = moving.astype(float), directions, curvature
        # A kick may be rounded: it depends on the position alone, so a trajectory stays reversible
        # and keeps volume.
        self.rounded, self.narrower = (
            directions.astype(np.float32),
            (1 / curvature - 1).astype(np.float32),
        )

    @classmethod
    def identity(cls, dim: int) -> "_Metric":
        return cls(np.ones(dim, dtype=bool), np.zeros((dim, 0)), np.zeros(0))

    @classmethod
    def of(cls, information: np.ndarray, moving: np.ndarray) -> "_Metric":
        """Keep the directions in which the information differs from the prior's, which is 1, by a
        twentieth or more."""
        curvature, directions = np.linalg.eigh(information[np.ix_(moving, moving)])
        curvature = np.clip(curvature, *CURVATURE_BOUNDS)
        changed = np.abs(curvature - 1.0) > 0.05
        full = np.zeros((len(moving), changed.sum()))
        full[moving] = directions[:, changed]
        return cls(moving, full, curvature[changed])

    def spread(self, rows: np.ndarray) -> np.ndarray:
        """Return ``rows`` (b, dim) times the covariance, in single precision where it differs from
        the identity."""
        return (
            rows * self.moving
            + ((rows.astype(np.float32) @ self.rounded) * self.narrower) @ self.rounded.T
        )

    def root(self, rows: np.ndarray) -> np.ndarray:
        """Return ``rows`` (b, dim) times the square root of the covariance."""
        return (
            rows * self.moving
            + ((rows @ self.directions) * (1 / np.sqrt(self.curvature) - 1)) @ self.directions.T
        )

    def energy(self, velocity: np.ndarray) -> np.ndarray:
        """Return half the square (b,) of each velocity, in the information as the measure."""
        return 0.5 * (
            (velocity**2).sum(axis=1) + ((velocity @ self.directions) ** 2) @ (self.curvature - 1)
        )


class _StepSize:
    """Dual averaging of the step size towards the target acceptance (Hoffman and Gelman 2014,
    section 3.2)."""

    def __init__(self, step: float):
        self.centre, self.count, self.error, self.log_mean = np.log(10 * step), 0, 0.0, 0.0
        self.current = step

    def learn(self, acceptance: float) -> None:
        self.count += 1
        weight = 1 / (self.count + 10)
        self.error = (1 - weight) * self.error + weight * (TARGET_ACCEPTANCE - acceptance)
        log_step = self.centre - np.sqrt(self.count) / 0.05 * self.error
        forget = self.count**-0.75
        self.log_mean = forget * log_step + (1 - forget) * self.log_mean
        self.current = float(np.clip(np.exp(log_step), 1e-4, 2.0))

    @property
    def settled(self) -> float:
        return float(np.clip(np.exp(self.log_mean), 1e-4, 2.0))
