"""Four simple predictions of a figure that the model must beat on the same hold-outs, and the table
of conflict.

Each knows only the training figures that are counts of a whole host (points, rounded figures,
ranges, "at least" and "at most" read as points) and, of what it predicts, the host, the date and
the class. Each says of every prediction what it rests on: figures of the same host and year, of the
same host, or of all hosts. Parts of a country, ceilings and stated zeros are left out of the
training: none of the four can read a bound. Nor can any of them read a ratio; and entries of a year
are of a host's entries, not of the people in it.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from statsmodels.regression.mixed_linear_model import MixedLM
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.tools.sm_exceptions import ConvergenceWarning

from ..assumptions.scenario import Settings
from ..evidence.ledger import RATIO
from ..evidence.reading import READING_KINDS, central_value, middle_date
from ..project import InputError
from ..workers.observations import Design

HOST_YEAR, HOST, ALL = "host-year", "host", "all hosts"
RUNGS = (HOST_YEAR, HOST, ALL)
TOO_FEW = (
    5  # residuals, or figures beyond the coefficients, below which nothing is learnt from them
)
# Scales where the training set teaches none: 95 per cent within a factor of ten of one's own host,
# of a hundred among hosts.
UNLEARNT = {HOST_YEAR: np.log(10) / 2, HOST: np.log(10) / 2, ALL: np.log(100) / 2}
SMALLEST_SCALE = 0.01  # a hundredth: identical figures are not perfect knowledge
DF = 4  # tails of the learnt errors: among figures some are wild
STOCKS = ("stock_workers", "work_permits")  # people at a date; a flow beside a stock is no conflict
OTHER = "other"  # classes with too few figures for a coefficient of their own


@dataclass(frozen=True)
class Prediction:
    """Predictive ``draws`` (d, n) of log figures, and what each rests on: ``basis`` (n,), one of
    RUNGS or a fallback's words."""

    draws: np.ndarray
    basis: np.ndarray

    def counts(self) -> dict[str, int]:
        """Return how many predictions rest on what."""
        return {
            str(name): int(count) for name, count in pd.Series(self.basis).value_counts().items()
        }


Baseline = Callable[[pd.DataFrame, pd.DataFrame, int, np.random.Generator], Prediction]


def figure_table(design: Design, settings: Settings) -> pd.DataFrame:
    """Return what the baselines know of the n figures of ``design``, in its order.

    Returns
    -------
    DataFrame ``figure_id, host`` (of entries "RUS, entries"), ``date`` (decimal year), ``year,
    evidence_class, quantity, margin, unit`` (its lineage, or itself), ``copy_probability, log`` (of
    the central value; NaN for bounds), ``sd`` (log: the error of its class, its rounding and the
    counting error of its size), ``point_like`` (False for bounds and ratios).
    """
    figures = design.figures
    point_like = (
        np.isin(design.kind, [READING_KINDS.index("exact"), READING_KINDS.index("interval")])
        & (figures["quantity"] != RATIO).to_numpy()
    )
    date = np.array([middle_date(row) for _, row in figures.iterrows()])
    central = np.array([central_value(row) for _, row in figures.iterrows()])
    error = np.array([settings[f"error_{design.biases[i]}"] for i in design.bias])
    error = np.where(design.coarse, settings.order_of_magnitude_sd, error)
    width = np.where(point_like, design.upper, 0.0) - np.where(point_like, design.lower, 0.0)
    return pd.DataFrame(
        {
            "figure_id": figures["figure_id"].to_numpy(),
            "host": np.where(design.flow, figures["hosts"] + ", entries", figures["hosts"]),
            "date": date,
            "year": date.astype(int),
            "evidence_class": figures["evidence_class"].to_numpy(),
            "quantity": figures["quantity"].to_numpy(),
            "margin": design.margin,
            "unit": np.where(
                figures["lineage"] != "", "lineage " + figures["lineage"], figures["figure_id"]
            ),
            "copy_probability": figures["copy_probability"].to_numpy(),
            "log": np.log(np.where(point_like, central, np.nan)),
            "sd": np.sqrt(
                error**2 + width**2 / 12 + design.counting**2
            ),  # a value even within a width has a twelfth of its square as variance
            "point_like": point_like,
        }
    )


def predict(
    table: pd.DataFrame, train: np.ndarray, test: np.ndarray, draws: int, seed: int
) -> dict[str, Prediction]:
    """Predict the figures of ``test`` from those of ``train`` by each baseline; no baseline sees
    the logs of ``test``.

    Parameters
    ----------
    table : ``figure_table``. train, test : (n,) bool. draws : how many for each figure.

    Raises
    ------
    InputError
        If no training figure is a count of a whole host.
    """
    known = (
        table[train & table["point_like"].to_numpy()]
        .sort_values(["date", "figure_id"])
        .reset_index(drop=True)
    )
    if known.empty:
        raise InputError(
            "the training set has no figure that counts a whole host, so the baselines have nothing"
            " to learn from."
        )
    targets = table.loc[test, ["host", "date", "year", "evidence_class", "sd"]].reset_index(
        drop=True
    )
    return {
        name: baseline(known, targets, draws, np.random.default_rng([seed, k]))
        for k, (name, baseline) in enumerate(BASELINES.items())
    }


# --- learnt scales -------------------------------------------------------------------------------


def learn_scale(residuals: np.ndarray, gaps: np.ndarray | None = None) -> tuple[float, float]:
    """Fit by maximum likelihood a Student-t with four degrees of freedom and squared scale ``a + b
    * gap``; return (a, b).

    Parameters
    ----------
    residuals : (m,) log differences. gaps : (m,) years between the two figures; None: b is 0.
    """
    rough = max(np.median(np.abs(residuals)), SMALLEST_SCALE) ** 2
    if gaps is None or not np.any(gaps > 0):
        gaps, start = np.zeros_like(residuals), np.array([np.log(rough)])
    else:
        start = np.log([rough / 2, rough / (2 * np.mean(gaps))])

    def loss(logs):
        variance = np.exp(logs[0]) + np.exp(logs[-1]) * gaps
        scale = np.sqrt(np.maximum(variance, SMALLEST_SCALE**2))
        return ((DF + 1) / 2 * np.log1p((residuals / scale) ** 2 / DF) + np.log(scale)).sum()

    found = minimize(loss, start, method="Nelder-Mead", bounds=[(-12.0, 6.0)] * len(start)).x
    return max(float(np.exp(found[0])), SMALLEST_SCALE**2), (
        float(np.exp(found[1])) if len(found) > 1 else 0.0
    )


def _scale_or(default: float, residuals: np.ndarray) -> float:
    return float(np.sqrt(learn_scale(residuals)[0])) if len(residuals) >= TOO_FEW else default


# --- the last figure -----------------------------------------------------------------------------


def last_figure(
    train: pd.DataFrame, targets: pd.DataFrame, draws: int, rng: np.random.Generator
) -> Prediction:
    """Carry the host's last figure forward; before its first figure, the first one back.

    The error is a Student-t whose squared scale grows with the years between (a random walk and an
    error of reporting), learnt from each training figure and the last one before it of the same
    host and another lineage. A host without a figure gets the median of all figures, and their
    spread.
    """
    rows = {host: group for host, group in train.groupby("host")}
    differences, gaps = [], []
    for figure in train.itertuples():
        others = rows[figure.host]
        before = others[(others["unit"] != figure.unit) & (others.index < figure.Index)]
        if len(before):
            differences.append(figure.log - before["log"].iloc[-1])
            gaps.append(figure.date - before["date"].iloc[-1])
    a, b = (
        learn_scale(np.array(differences), np.array(gaps))
        if len(differences) >= TOO_FEW
        else (UNLEARNT[HOST] ** 2, 0.0)
    )
    middle = train["log"].median()
    spread = _scale_or(UNLEARNT[ALL], (train["log"] - middle).to_numpy())
    centres, scales, basis = [], [], []
    for target in targets.itertuples():
        if target.host in rows:
            own = rows[target.host]
            until = own[own["date"] <= target.date]
            last = until.iloc[-1] if len(until) else own.iloc[0]
            centre, scale, rung = (
                last["log"],
                np.sqrt(a + b * abs(target.date - last["date"])),
                HOST,
            )
        else:
            centre, scale, rung = middle, spread, ALL
        centres.append(centre)
        scales.append(scale)
        basis.append(rung)
    return Prediction(_t_draws(centres, scales, draws, rng), np.array(basis, dtype=object))


def _t_draws(centres, scales, draws: int, rng: np.random.Generator) -> np.ndarray:
    return np.asarray(centres, float) + np.asarray(scales, float) * rng.standard_t(
        DF, size=(draws, len(centres))
    )


# --- the median ----------------------------------------------------------------------------------


def host_median(
    train: pd.DataFrame, targets: pd.DataFrame, draws: int, rng: np.random.Generator
) -> Prediction:
    """Predict by the median of the host's figures of that year, else of the host, else of all.

    For each of the three the error is a Student-t with the scale of the training figures about the
    median of those of other lineages.
    """
    ladder, logs, units = _Ladder(train), train["log"].to_numpy(), train["unit"].to_numpy()
    residuals = {rung: [] for rung in RUNGS}
    for figure in train.itertuples():
        for rung in RUNGS:
            group = ladder.at(figure, rung)
            others = group[units[group] != figure.unit]
            if len(others):
                residuals[rung].append(figure.log - np.median(logs[others]))
    scale = {
        rung: _scale_or(UNLEARNT[rung], np.array(values)) for rung, values in residuals.items()
    }
    centres, basis = [], []
    for target in targets.itertuples():
        rung = ladder.lowest(target)
        centres.append(np.median(logs[ladder.at(target, rung)]))
        basis.append(rung)
    return Prediction(
        _t_draws(centres, [scale[rung] for rung in basis], draws, rng),
        np.array(basis, dtype=object),
    )


class _Ladder:
    """Which training figures stand on a rung for a target: those of its host and year, of its host,
    or all."""

    def __init__(self, train: pd.DataFrame):
        self.everything, self.nothing = np.arange(len(train)), np.arange(0)
        self.of_host_year = train.groupby(["host", "year"]).indices
        self.of_host = train.groupby("host").indices

    def at(self, target, rung: str) -> np.ndarray:
        """Return the positions of the training figures on ``rung``."""
        if rung == ALL:
            return self.everything
        if rung == HOST:
            return self.of_host.get(target.host, self.nothing)
        return self.of_host_year.get((target.host, target.year), self.nothing)

    def lowest(self, target) -> str:
        """Return the rung nearest to the target that is not empty."""
        return next(rung for rung in RUNGS if len(self.at(target, rung)))


# --- random-effects pooling ----------------------------------------------------------------------


def random_effects(
    train: pd.DataFrame, targets: pd.DataFrame, draws: int, rng: np.random.Generator
) -> Prediction:
    """Predict by the random-effects mean of the host's figures of that year, else of the host, else
    of all.

    One figure of each lineage counts. The variance between figures (tau2) is common to all groups
    of a rung, as a group of two or three tells little: the estimator of DerSimonian and Laird 1986
    (Controlled Clinical Trials 7) with Q, degrees of freedom and its constant summed over the
    groups. A new figure varies, normally, by tau2, by the error of the mean and by its own.
    """
    ladder = _Ladder(train)
    tau2 = {rung: _common_tau2(train, rung) for rung in RUNGS}
    centres, variances, basis = [], [], []
    for target in targets.itertuples():
        rung = ladder.lowest(target)
        group = independent(train.iloc[ladder.at(target, rung)])
        weights = 1 / (group["sd"] ** 2 + tau2[rung])
        centres.append((weights * group["log"]).sum() / weights.sum())
        variances.append(tau2[rung] + 1 / weights.sum() + target.sd**2)
        basis.append(rung)
    noise = np.sqrt(np.array(variances, float)) * rng.standard_normal((draws, len(centres)))
    return Prediction(np.array(centres, float) + noise, np.array(basis, dtype=object))


def independent(figures: pd.DataFrame) -> pd.DataFrame:
    """Keep one figure of each lineage: the least likely copy, the first in order among equals."""
    ordered = figures.sort_values("copy_probability", kind="stable")
    return figures.loc[ordered.drop_duplicates("unit").index.sort_values()]


def _common_tau2(train: pd.DataFrame, rung: str) -> float:
    keys = {HOST_YEAR: ["host", "year"], HOST: ["host"]}.get(rung)
    groups = [train] if keys is None else [group for _, group in train.groupby(keys)]
    q = freedom = constant = 0.0
    for group in map(independent, groups):
        if len(group) > 1:
            found = _combined(group, "dl")
            weights = 1 / group["sd"].to_numpy() ** 2
            q += found.q
            freedom += len(group) - 1
            constant += weights.sum() - (weights**2).sum() / weights.sum()
    return max(0.0, (q - freedom) / constant) if freedom >= TOO_FEW else UNLEARNT[rung] ** 2


def _combined(group: pd.DataFrame, method: str):
    """statsmodels' random-effects summary of one group of figures; equal figures divide nought by
    nought in it, silently."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return combine_effects(
            group["log"].to_numpy(), group["sd"].to_numpy() ** 2, method_re=method
        )


def table_of_conflict(table: pd.DataFrame, quantities: tuple[str, ...] = STOCKS) -> pd.DataFrame:
    """Return how far independent figures of one host and year contradict each other.

    Point-like figures (no "at least" or "at most") of ``quantities``, one of each lineage, where
    there are two or more. Their variances are ``sd`` squared, so that heterogeneity is what the
    errors of their classes do not explain.

    Returns
    -------
    DataFrame ``host, year, n, smallest, largest`` (persons), ``ratio, tau2`` (Paule and Mandel
    1982), ``i2`` (Higgins and Thompson 2002, 0 to 1), ``q, p`` (Cochran's Q and its chi-square
    p-value), ``pooled, pooled_low, pooled_high`` (persons, 95 %), the greatest ratio first.
    """
    used = table[table["point_like"] & (table["margin"] == 0) & table["quantity"].isin(quantities)]
    rows = []
    for (host, year), group in used.groupby(["host", "year"]):
        group = independent(group)
        if len(group) < 2:
            continue
        found = _combined(group, "pm")
        smallest, largest = np.exp(group["log"].min()), np.exp(group["log"].max())
        low, high = found.conf_int(use_t=False)[1]
        rows.append(
            {
                "host": host,
                "year": year,
                "n": len(group),
                "smallest": smallest,
                "largest": largest,
                "ratio": largest / smallest,
                "tau2": found.tau2,
                "i2": max(0.0, 1 - (len(group) - 1) / found.q) if found.q > 0 else 0.0,
                "q": max(0.0, found.q),
                "p": found.test_homogeneity().pvalue,
                "pooled": np.exp(found.mean_effect_re),
                "pooled_low": np.exp(low),
                "pooled_high": np.exp(high),
            }
        )
    columns = [
        "host",
        "year",
        "n",
        "smallest",
        "largest",
        "ratio",
        "tau2",
        "i2",
        "q",
        "p",
        "pooled",
        "pooled_low",
        "pooled_high",
    ]
    return (
        pd.DataFrame(rows, columns=columns)
        .sort_values(["ratio", "host", "year"], ascending=[False, True, True])
        .reset_index(drop=True)
    )


# --- the mixed linear model ----------------------------------------------------------------------


def mixed_model(
    train: pd.DataFrame, targets: pd.DataFrame, draws: int, rng: np.random.Generator
) -> Prediction:
    """Predict by a mixed linear model: class and year as fixed effects, the host as a random one
    (statsmodels, REML).

    Given the two variances, mean and variance of a new figure are those of the best linear unbiased
    prediction with the fixed effects unknown (Henderson 1975, Biometrics 31), so a host without a
    figure gets the spread of hosts. Classes with too few figures share one coefficient; a class
    without any is the average class, give or take the spread of classes. Where the model cannot be
    fitted or does not converge, the predictions are those of ``random_effects``, and their basis
    says so.
    """
    counts = train["evidence_class"].value_counts()
    level_of = {name: name if count >= TOO_FEW else OTHER for name, count in counts.items()}
    levels = sorted(set(level_of.values()))
    origin = train["date"].mean()

    def fixed_effects(frame: pd.DataFrame) -> np.ndarray:
        named = frame["evidence_class"].map(level_of)
        indicators = np.column_stack([(named == level).to_numpy(float) for level in levels])
        indicators[named.isna()] = average
        return np.column_stack([indicators, frame["date"].to_numpy() - origin])

    average = np.array(
        [(train["evidence_class"].map(level_of) == level).mean() for level in levels]
    )
    x, y, host = fixed_effects(train), train["log"].to_numpy(), train["host"].to_numpy()
    variances = _mixed_variances(x, y, host)
    if variances is None:
        fallback = random_effects(train, targets, draws, rng)
        return Prediction(
            fallback.draws, np.array([f"no fit: {rung}" for rung in fallback.basis], dtype=object)
        )
    between, within = variances
    mean, variance, coefficients = best_prediction(
        x, y, host, fixed_effects(targets), targets["host"].to_numpy(), between, within
    )
    unseen = ~targets["evidence_class"].isin(level_of).to_numpy()
    variance = variance + unseen * coefficients[:-1].var()
    basis = np.where(targets["host"].isin(set(host)), HOST, ALL).astype(object)
    return Prediction(mean + np.sqrt(variance) * rng.standard_normal((draws, len(mean))), basis)


def _mixed_variances(x: np.ndarray, y: np.ndarray, host: np.ndarray) -> tuple[float, float] | None:
    """Return the variances between and within hosts, or None if they cannot be estimated."""
    if len(y) < x.shape[1] + TOO_FEW or len(set(host)) < 2 or np.linalg.matrix_rank(x) < x.shape[1]:
        return None
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        warnings.simplefilter("ignore", UserWarning)
        try:
            fit = MixedLM(y, x, groups=host).fit(reml=True)
        except (np.linalg.LinAlgError, ValueError):
            return None
    between, within = float(np.squeeze(fit.cov_re)), float(fit.scale)
    if not fit.converged or not np.isfinite([between, within]).all() or within <= 0:
        return None
    return max(between, 0.0), max(within, SMALLEST_SCALE**2)


def best_prediction(
    x, y, host, new_x, new_host, between: float, within: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return mean (m,) and variance (m,) of new figures under a model with a random effect of the
    host, and the fixed effects (p,).

    Parameters
    ----------
    x : (n, p) fixed effects of the training figures ``y`` (n,) of ``host`` (n,). new_x : (m, p),
        new_host : (m,).
    between, within : the variances of host effects and of errors.
    """
    inverse = np.linalg.inv(within * np.eye(len(y)) + between * (host[:, None] == host))
    shared = between * (new_host[:, None] == host)
    information = np.linalg.inv(x.T @ inverse @ x)
    coefficients = information @ x.T @ inverse @ y
    mean = new_x @ coefficients + shared @ inverse @ (y - x @ coefficients)
    unexplained = new_x - shared @ inverse @ x
    variance = between + within - np.einsum("mi,ij,mj->m", shared, inverse, shared)
    variance += np.einsum("mi,ij,mj->m", unexplained, information, unexplained)
    return mean, variance, coefficients


BASELINES: dict[str, Baseline] = {
    "last figure": last_figure,
    "median": host_median,
    "random effects": random_effects,
    "mixed model": mixed_model,
}
