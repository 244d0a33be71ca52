"""Monte Carlo errors of published numbers, from what is published: the quantiles of a row and the
effective number of draws.

The error of a quantile is half the width of the interval that the order statistics of the effective
draws give it (Vehtari, Gelman, Simpson, Carpenter and Bürkner 2021, Rank-normalization, folding,
and localization, section 4.3), read off a quantile function drawn through the published quantiles.
"""

import numpy as np
from scipy.special import betaincinv, ndtr, ndtri

ONE_SD = float(ndtr(1))


def quantile_errors(values: np.ndarray, levels: np.ndarray, ess: np.ndarray) -> np.ndarray:
    """Return the Monte Carlo standard errors (n, q) of quantiles.

    Parameters
    ----------
    values
        (n, q), each row the quantiles of one quantity, rising. NaN rows give NaN.
    levels
        (q,), rising, between 0 and 1.
    ess
        (n,), effective draws behind each row.

    The quantile function is linear between the given ones on normal scores, on the scale of log(1 +
    x) where none is below zero: logarithmic for counts and sums, without a meaning for parts of one
    person.
    """
    values, ess = np.asarray(values, float), np.asarray(ess, float)[:, None]
    logs = np.all(values >= 0, axis=1)
    scale = np.where(logs[:, None], np.log1p(np.where(logs[:, None], values, 0)), values)
    scores = ndtri(levels)
    size, of = np.unique(ess, return_inverse=True)
    size = size[:, None]
    places = [
        ndtri(betaincinv(size * levels + 1, size * (1 - levels) + 1, p))[of.ravel()]
        for p in (1 - ONE_SD, ONE_SD)
    ]
    ends = [_read(scale, scores, place) for place in places]
    low, high = (np.where(logs[:, None], np.expm1(end), end) for end in ends)
    return (high - low) / 2


def _read(values: np.ndarray, scores: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return each row's quantile function (n, q over ``scores``) at the normal scores ``at`` (n,
    m), straight on beyond its ends."""
    left = np.clip(np.searchsorted(scores, at) - 1, 0, len(scores) - 2)
    rows = np.arange(len(values))[:, None]
    slope = (values[rows, left + 1] - values[rows, left]) / (scores[left + 1] - scores[left])
    return values[rows, left] + slope * (at - scores[left])


def mean_errors(mean: np.ndarray, low: np.ndarray, high: np.ndarray, ess: np.ndarray) -> np.ndarray:
    """Return the errors (n,) of means, with the spread of the log-normal (or normal, where ``low``
    is below one) that has the 95 % interval."""
    width = 2 * ndtri(0.975)
    positive = low >= 1
    sigma = np.log(np.where(positive, high, 1) / np.where(positive, low, 1)) / width
    sd = np.where(positive, mean * np.sqrt(np.expm1(sigma**2)), (high - low) / width)
    return sd / np.sqrt(ess)


def share_errors(share: np.ndarray, ess: np.ndarray) -> np.ndarray:
    """Return the errors (n,) of shares of draws; one draw is added to each side so that 0 and 1
    have an error too."""
    moved = (share * ess + 1) / (ess + 2)
    return np.sqrt(moved * (1 - moved) / ess)


def allowed(numbers: int, chance: float = 0.01) -> float:
    """Return how many errors of one run two runs may differ in, so that among ``numbers`` that
    truly agree one goes beyond with ``chance``.

    Bonferroni's bound; the difference of two runs has the error of one times the root of two.
    """
    return float(-ndtri(chance / (2 * max(numbers, 1))) * np.sqrt(2))
