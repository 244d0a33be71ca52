"""Scores of predictive draws against published figures: coverage, CRPS, interval score, PIT,
calibration ranks.

A figure is a pair of natural logs ``(lower, upper)``: equal for a point, apart for a rounded figure
or a range, infinite on one side for a bound. A point or an interval gets every score. A bound gets
only its predictive probability: any forecast far on its right side would get a perfect CRPS.

The CRPS and the interval score of an interval are their means over a figure spread evenly (in logs)
between its ends, which has a closed form; libraries of scoring rules know only points, and the two
formulas are as short as the calls would be. The intervals of proportions come from statsmodels. The
simultaneous bands are drawn here because ArviZ, whose optimised bands are the same, gives no
p-value with them.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

LEVELS = (0.5, 0.8, 0.95)


# --- where a figure falls in its prediction ------------------------------------------------------


def is_scored(lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Return which figures (n,) are points or intervals, and not bounds."""
    return np.isfinite(lower) & np.isfinite(upper)


def predictive_probability(draws: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Return the share of ``draws`` (d, n) within each figure's ends (n,), for bounds and
    intervals; NaN for points."""
    inside = ((draws >= lower) & (draws <= upper)).mean(axis=0)
    return np.where(lower < upper, inside, np.nan)


def pit_bounds(draws: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Return the ends (n, 2) between which the probability integral transform of each figure lies;
    NaN for bounds.

    With d draws a point takes up one of d + 1 equal steps, an interval one step more than it has
    draws inside. If figure and draws come from one distribution, a value drawn evenly between the
    two ends is exactly uniform, also with ties and rounding (Czado, Gneiting and Held 2009,
    Biometrics 65(4), for counts).

    Parameters
    ----------
    draws : (d, n) predictive draws of the log figures. lower, upper : (n,) ends of the log figures.
    """
    below = (draws < lower).sum(axis=0)
    not_above = (draws <= upper).sum(axis=0)
    bounds = np.column_stack([below, not_above + 1]) / (len(draws) + 1)
    bounds[~is_scored(lower, upper)] = np.nan
    return bounds


def randomised_pit(bounds: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw the PIT (n,) evenly between its ``bounds`` (n, 2): uniform if the predictions are
    calibrated."""
    return bounds[:, 0] + (bounds[:, 1] - bounds[:, 0]) * rng.uniform(size=len(bounds))


def shares(bounds: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return how much (0 to 1) of each figure lies inside the central interval of ``level``, below
    it and above it.

    It is the expectation of the randomised PIT, so that no seed decides: a point is inside or not,
    a figure rounded across an end of the interval is inside in part. The three (n,) add to one.
    """
    width = bounds[:, 1] - bounds[:, 0]
    below = np.clip((1 - level) / 2 - bounds[:, 0], 0.0, width) / width
    above = np.clip(bounds[:, 1] - (1 + level) / 2, 0.0, width) / width
    return 1.0 - below - above, below, above


# --- scores --------------------------------------------------------------------------------------


def crps(draws: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Return the continuous ranked probability score (n,) of each figure, in log units; NaN for
    bounds. Less is better.

    The fair estimator (Ferro 2014, Quarterly Journal of the Royal Meteorological Society 140),
    unbiased for the score of the distribution that the draws come from: E|X - y| less half of
    E|X - X'| over pairs of different draws, the latter from sorted draws. For an interval it is the
    mean of the score over a y that lies evenly between its ends.

    Parameters
    ----------
    draws : (d, n) with d of two or more. lower, upper : (n,).
    """
    d = len(draws)
    rank = 2 * np.arange(1, d + 1) - d - 1
    half_spread = rank @ np.sort(draws, axis=0) / (d * (d - 1))
    return np.where(
        is_scored(lower, upper),
        _mean_distance(draws, lower, upper).mean(axis=0) - half_spread,
        np.nan,
    )


def interval_score(
    draws: np.ndarray, lower: np.ndarray, upper: np.ndarray, level: float
) -> np.ndarray:
    """Return the interval score (n,) of the central interval of ``level``, in log units; NaN for
    bounds. Less is better.

    Width, plus 2 / (1 - level) times how far the figure lies outside (Gneiting and Raftery 2007,
    Journal of the American Statistical Association 102). For an interval the mean over y even
    between its ends.
    """
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
    missed = _mean_excess(low, lower, upper) + _mean_excess(-high, -upper, -lower)
    return np.where(is_scored(lower, upper), high - low + 2 / (1 - level) * missed, np.nan)


def _mean_excess(x: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Mean of max(x - y, 0) over y even between ``lower`` and ``upper``."""
    lower, upper = _closed(lower, upper)
    reached = np.clip(x, lower, upper)
    width = upper - lower
    partial = (reached - lower) ** 2 / (2 * np.where(width > 0, width, 1.0))
    return partial + np.maximum(x - upper, 0.0)


def _mean_distance(x: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Mean of |x - y| over y even between ``lower`` and ``upper``."""
    lower, upper = _closed(lower, upper)
    return _mean_excess(x, lower, upper) + _mean_excess(-x, -upper, -lower)


def _closed(lower: np.ndarray, upper: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give bounds some finite ends, so that arithmetic on them is silent; their scores are
    masked."""
    scored = is_scored(lower, upper)
    return np.where(scored, lower, 0.0), np.where(scored, upper, 0.0)


def per_figure(draws: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> pd.DataFrame:
    """Return every score of every figure, one row each in the order of the columns of ``draws``.

    Returns
    -------
    DataFrame ``median`` (log), ``error`` (log: middle of the figure less the median), ``crps``,
    ``interval_score_50, _80, _95``, ``pit_low``, ``pit_high``, ``inside_L``, ``below_L``,
    ``above_L`` for each level L in per cent, ``probability``.
    """
    scored = is_scored(lower, upper)
    low, high = _closed(lower, upper)
    median = np.median(draws, axis=0)
    bounds = pit_bounds(draws, lower, upper)
    table = pd.DataFrame(
        {
            "median": median,
            "error": np.where(scored, (low + high) / 2 - median, np.nan),
            "crps": crps(draws, lower, upper),
            "pit_low": bounds[:, 0],
            "pit_high": bounds[:, 1],
            "probability": predictive_probability(draws, lower, upper),
        }
    )
    for level in LEVELS:
        name = f"{level:.0%}".removesuffix("%")
        table[f"interval_score_{name}"] = interval_score(draws, lower, upper, level)
        table[f"inside_{name}"], table[f"below_{name}"], table[f"above_{name}"] = shares(
            bounds, level
        )
    return table


# --- coverage ------------------------------------------------------------------------------------


def proportion_interval(
    hits: np.ndarray, clusters=None, method: str = "wilson", confidence: float = 0.95
) -> tuple[float, float]:
    """Return the confidence interval of the mean of ``hits`` (n,), each between 0 and 1.

    With ``clusters`` (n,) figures of one cluster (a lineage, a simulated world) may be right or
    wrong together: the number of figures is divided by the design effect of the cluster-robust
    variance and by the squared ratio of the t to the normal quantile (Korn and Graubard 1998,
    Survey Methodology 24). Where nothing was missed, or everything, the data cannot tell the design
    effect, and clusters are taken as wholly alike. One cluster alone tells nothing: 0 to 1.

    Parameters
    ----------
    method : ``wilson`` or ``jeffreys``, as in statsmodels' ``proportion_confint``.
    """
    hits = np.asarray(hits, float)
    n = len(hits)
    if n == 0:
        return 0.0, 1.0
    mean = hits.mean()
    effective = float(n)
    if clusters is not None:
        sizes = pd.Series(hits).groupby(np.asarray(clusters)).size()
        if len(sizes) == 1:
            return 0.0, 1.0
        simple = mean * (1 - mean) / n
        alike = float((sizes**2).sum() / n)
        effect = max(1.0, cluster_variance(hits, clusters) / simple) if simple > 1e-12 else alike
        tail = (1 - confidence) / 2
        effective = n / effect * (stats.norm.isf(tail) / stats.t.isf(tail, len(sizes) - 1)) ** 2
    low, high = proportion_confint(mean * effective, effective, alpha=1 - confidence, method=method)
    # Brown, Cai and DasGupta 2001: with nothing missed, or everything, the interval reaches the
    # end.
    low, high = (0.0 if mean <= 0 else low), (1.0 if mean >= 1 else high)
    return float(low), float(high)


def cluster_variance(values: np.ndarray, clusters) -> float:
    """Return the cluster-robust variance of the mean of ``values`` (n,); NaN for one cluster.

    G / (G - 1) times the sum over the G clusters of the squared sum of deviations, over n squared.
    """
    values = np.asarray(values, float)
    sums = pd.Series(values - values.mean()).groupby(np.asarray(clusters)).sum()
    g = len(sums)
    return float(g / (g - 1) * (sums**2).sum() / len(values) ** 2) if g > 1 else float("nan")


def coverage(
    bounds: np.ndarray,
    clusters=None,
    levels=LEVELS,
    method: str = "wilson",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return the coverage of the central intervals, and the direction of the misses.

    Parameters
    ----------
    bounds : (n, 2) from ``pit_bounds``; figures with NaN are left out.
    clusters : (n,) labels of what is right or wrong together, or None.

    Returns
    -------
    DataFrame ``level, n, clusters, covered, low, high, below, above``: the shares of figures
    inside, below and above the interval, and the confidence interval of the first.
    """
    scored = np.isfinite(bounds).all(axis=1)
    labels = np.arange(len(bounds)) if clusters is None else np.asarray(clusters)
    rows = []
    for level in levels:
        inside, below, above = shares(bounds[scored], level)
        low, high = proportion_interval(
            inside, None if clusters is None else labels[scored], method, confidence
        )
        mean = [float(x.mean()) if len(x) else np.nan for x in (inside, below, above)]
        rows.append(
            (
                level,
                int(scored.sum()),
                len(pd.unique(labels[scored])),
                mean[0],
                low,
                high,
                mean[1],
                mean[2],
            )
        )
    return pd.DataFrame(
        rows, columns=["level", "n", "clusters", "covered", "low", "high", "below", "above"]
    )


def summary(scores: pd.DataFrame, clusters=None, by=None) -> pd.DataFrame:
    """Return one row for each group of figures with its mean scores.

    Parameters
    ----------
    scores : the table of ``per_figure``, n rows.
    clusters : (n,) as in ``coverage``. by : (n,) names of the groups, or None for all figures
        together.

    Returns
    -------
    DataFrame indexed by group: ``n`` scored figures, ``clusters``, ``crps``, ``bias`` and
    ``error_median`` (mean and median error, log), ``bounds`` (how many), ``probability`` (their
    mean), and for each level L ``interval_score_L, covered_L, low_L, high_L, below_L, above_L``.
    """
    n = len(scores)
    groups = np.full(n, "all") if by is None else np.asarray(by)
    labels = None if clusters is None else np.asarray(clusters)
    rows = {}
    for group in sorted(set(groups)):
        at = groups == group
        part = scores[at]
        scored = part["crps"].notna()
        row = {
            "n": int(scored.sum()),
            "clusters": 0,
            "crps": part["crps"].mean(),
            "bias": part["error"].mean(),
            "error_median": part["error"].median(),
            "bounds": int((~scored).sum()),
            "probability": part.loc[~scored, "probability"].mean(),
        }
        table = coverage(
            part[["pit_low", "pit_high"]].to_numpy(), None if labels is None else labels[at]
        )
        for line in table.itertuples():
            name = f"{line.level:.0%}".removesuffix("%")
            row["clusters"] = line.clusters
            row[f"interval_score_{name}"] = part[f"interval_score_{name}"].mean()
            row |= {
                f"covered_{name}": line.covered,
                f"low_{name}": line.low,
                f"high_{name}": line.high,
            }
            row |= {f"below_{name}": line.below, f"above_{name}": line.above}
        rows[group] = row
    return pd.DataFrame.from_dict(rows, orient="index")


def paired_difference(
    ours: np.ndarray, theirs: np.ndarray, clusters=None, confidence: float = 0.95
) -> dict[str, float]:
    """Compare two sets of scores (n,) of the same figures: negative where ours is better, as less
    is better.

    Returns
    -------
    ``n``, ``difference`` (mean of ours less theirs), ``low``, ``high`` (t interval with
    cluster-robust variance, infinite with fewer than two clusters), ``ratio`` (mean of ours over
    mean of theirs).
    """
    both = np.isfinite(ours) & np.isfinite(theirs)
    ours, theirs = np.asarray(ours)[both], np.asarray(theirs)[both]
    labels = np.arange(len(ours)) if clusters is None else np.asarray(clusters)[both]
    g = len(pd.unique(labels))
    if not len(ours):
        return {"n": 0, "difference": np.nan, "low": -np.inf, "high": np.inf, "ratio": np.nan}
    difference = ours - theirs
    mean = float(difference.mean())
    half = (
        float(
            stats.t.isf((1 - confidence) / 2, g - 1) * np.sqrt(cluster_variance(difference, labels))
        )
        if g > 1
        else np.inf
    )
    ratio = float(ours.mean() / theirs.mean()) if theirs.mean() else np.nan
    return {
        "n": len(ours),
        "difference": mean,
        "low": mean - half,
        "high": mean + half,
        "ratio": ratio,
    }


# --- uniformity ----------------------------------------------------------------------------------


class Uniformity(NamedTuple):
    """Whether values are uniform: their ECDF ``observed`` at ``z``, its simultaneous band ``lower``
    to ``upper``, the p-value."""

    z: np.ndarray
    observed: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    p_value: float

    @property
    def inside(self) -> bool:
        """Whether the whole ECDF lies within the band."""
        return bool(
            ((self.observed >= self.lower - 1e-12) & (self.observed <= self.upper + 1e-12)).all()
        )


def uniformity(
    values: np.ndarray,
    rng: np.random.Generator,
    steps: int | None = None,
    prob: float = 0.95,
    trials: int = 2000,
) -> Uniformity:
    """Test whether independent ``values`` (n,) are uniform, with a simultaneous band of ``prob``
    for their ECDF.

    The band by simulation of Säilynoja, Bürkner and Vehtari 2022 (Statistics and Computing 32, 32):
    at each z the count is binomial, and its central probability is widened until a share ``prob``
    of ``trials`` simulated ECDFs stays inside everywhere. The p-value is the share of simulated
    ECDFs whose worst point is as unlikely as that of the data.

    Parameters
    ----------
    values : between 0 and 1; NaN are left out. Values of one lineage or world are not independent:
        take ``one_of_each`` first.
    steps : the number of values that are possible, for ranks (rank + 1) / steps; None if
        continuous.

    Raises
    ------
    ValueError
        If no value is left.
    """
    values = values[np.isfinite(values)]
    n = len(values)
    if n == 0:
        raise ValueError("there are no values whose uniformity could be tested")
    if steps is None:
        z = np.arange(1, n) / n if n > 1 else np.array([0.5])
    else:
        z = np.unique(np.linspace(1, steps - 1, min(n, steps - 1)).round()) / steps
    counts = np.searchsorted(np.sort(values), z, side="right")
    possible = np.arange(n + 1)
    # Twice the smaller tail of a count, for each count at each z.
    tail = 2 * np.minimum(
        stats.binom.cdf(possible, n, z[:, None]), stats.binom.sf(possible - 1, n, z[:, None])
    )
    simulated = rng.multinomial(n, np.diff(z, prepend=0.0, append=1.0), size=trials)[:, :-1].cumsum(
        axis=1
    )
    at = np.arange(len(z))
    worst = tail[at, simulated].min(axis=1)
    gamma = np.quantile(worst, 1 - prob, method="lower")
    worst_observed = tail[at, counts].min()
    allowed = tail >= gamma * (1 - 1e-12)
    return Uniformity(
        z=z,
        observed=counts / n,
        lower=allowed.argmax(axis=1) / n,
        upper=(n - allowed[:, ::-1].argmax(axis=1)) / n,
        p_value=float((1 + (worst <= worst_observed * (1 + 1e-12)).sum()) / (trials + 1)),
    )


def one_of_each(clusters, rng: np.random.Generator) -> np.ndarray:
    """Return the positions of one figure of each cluster, taken at random, in order: these are
    independent."""
    order = rng.permutation(len(clusters))
    first = ~pd.Series(np.asarray(clusters)[order]).duplicated().to_numpy()
    return np.sort(order[first])


# --- simulation-based calibration ----------------------------------------------------------------


def calibration_ranks(draws: np.ndarray, truth: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return how many of ``draws`` (d, ...) lie below ``truth`` (...), with ties broken at random:
    0 to d.

    If the truth comes from the prior and the figures from the truth, the rank is uniform (Talts et
    al. 2018, arXiv 1804.06788), provided the draws are independent: thin a chain to its effective
    sample size first.
    """
    below = (draws < truth).sum(axis=0)
    ties = (draws == truth).sum(axis=0)
    return below + rng.integers(0, ties + 1)


def calibration_table(
    ranks: np.ndarray,
    d: int,
    names: list[str],
    rng: np.random.Generator,
    levels=LEVELS,
    trials: int = 2000,
) -> pd.DataFrame:
    """Return for each quantity whether its ranks over simulated worlds are uniform, and how often
    its intervals hold the truth.

    Parameters
    ----------
    ranks : (worlds, q) from ``calibration_ranks`` with ``d`` draws each. names : the q quantities.

    Returns
    -------
    DataFrame ``quantity, n, p_value, p_holm`` (adjusted for q tests; Holm 1979), ``mean_pit``
    (above 0.5: the posterior is too low), and for each level L ``covered_L, low_L, high_L, below_L,
    above_L``.
    """
    rows = []
    for name, column in zip(names, np.asarray(ranks).T):
        bounds = np.column_stack([column, column + 1]) / (d + 1)
        row = {
            "quantity": name,
            "n": len(column),
            "p_value": uniformity(bounds[:, 1], rng, steps=d + 1, trials=trials).p_value,
            "mean_pit": float(bounds.mean()),
        }
        for line in coverage(bounds, levels=levels).itertuples():
            level = f"{line.level:.0%}".removesuffix("%")
            row |= {
                f"covered_{level}": line.covered,
                f"low_{level}": line.low,
                f"high_{level}": line.high,
            }
            row |= {f"below_{level}": line.below, f"above_{level}": line.above}
        rows.append(row)
    table = pd.DataFrame(rows)
    table.insert(3, "p_holm", multipletests(table["p_value"], method="holm")[1])
    return table
