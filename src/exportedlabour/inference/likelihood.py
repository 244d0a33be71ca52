"""What one published figure says about the quantity that it should measure: the likelihood of each
kind.

Shared by the model of workers (on the log scale) and the model of money (log and logit scales), and
by their engines: ``xp`` is the array module that an engine computes with, ``autograd.numpy`` or
``pytensor.tensor``.
"""

import math

import numpy as np

FLOOR = 1e-300
FAR = 10.0  # in scales of three degrees of freedom
SERIES_TERMS = 8  # the ninth is below a unit in the last place


def t_logpdf(xp, z, df: int):
    """Log density of a standard Student-t at ``z``."""
    constant = math.lgamma((df + 1) / 2) - math.lgamma(df / 2) - 0.5 * math.log(df * math.pi)
    return constant - (df + 1) / 2 * xp.log1p(z**2 / df)


def t_cdf(xp, z, df: int):
    """Distribution function of a standard Student-t with 2, 3 or 4 degrees of freedom, in closed
    form.

    The forms of Shaw 2006 (Journal of Computational Finance 9(4)); they have cheap gradients, which
    the incomplete beta function has not. They are written for the lower tail, where they keep all
    but a few of their digits however far out, and mirrored.
    """
    size = xp.abs(z)
    lower = _LOWER_TAILS.get(df, _no_closed_form)(xp, size, df)
    return xp.where(z > 0, 1.0 - lower, lower)


def _lower_tail_2(xp, size, df):
    squared = 2 + size**2
    return 1 / (squared * (1 + size / xp.sqrt(squared)))


def _lower_tail_3(xp, size, df):
    scaled = size / math.sqrt(3)
    near = xp.arctan2(1.0, scaled) - scaled / (1 + scaled**2)
    # Far out the two terms are nearly equal; their difference is a series in one over the square.
    if xp is np:
        near, far = np.asarray(near), np.asarray(scaled > FAR)
        inverse = 1 / np.asarray(scaled)[far]
        near[far] = _difference_far_out(inverse * inverse, inverse * inverse * inverse)
        return near / math.pi
    inverse = 1 / xp.maximum(
        scaled, FAR
    )  # by powers: PyTensor's rewriting takes many minutes over products of products
    return xp.where(scaled > FAR, _difference_far_out(inverse**2, inverse**3), near) / math.pi


def _difference_far_out(square, cube):
    series = 0.0
    for k in range(SERIES_TERMS, 0, -1):
        series = 2 * k / (2 * k + 1) - square * series
    return cube * series


def _lower_tail_4(xp, size, df):
    squared = 4 + size**2
    short = 4 / (squared * (1 + size / xp.sqrt(squared)))
    return short**2 * (3 - short) / 4


def _no_closed_form(xp, size, df):
    raise ValueError(f"the closed form is for 2, 3 or 4 degrees of freedom, not {df}")


_LOWER_TAILS = {2: _lower_tail_2, 3: _lower_tail_3, 4: _lower_tail_4}


def exact(xp, value, expected, sd, df: int):
    """Log density of the error that leads from ``expected`` to ``value``."""
    return t_logpdf(xp, (value - expected) / sd, df) - xp.log(sd)


def inside(xp, lower, upper, expected, sd, df: int):
    """Log probability that the asserter's value lies between ``lower`` and ``upper``."""
    below, above = (lower - expected) / sd, (upper - expected) / sd
    # Both ends are moved to the lower tail, where the difference keeps its digits.
    flip = below + above > 0
    left, right = xp.where(flip, -above, below), xp.where(flip, -below, above)
    return xp.log(xp.maximum(t_cdf(xp, right, df) - t_cdf(xp, left, df), FLOOR))


def at_least(xp, lower, expected, sd, df: int):
    """Log probability that a figure is not above what it is a part of: the quantity is at least
    ``lower``."""
    return xp.log(xp.maximum(t_cdf(xp, (expected - lower) / sd, df), FLOOR))


def at_most(xp, upper, expected, sd, df: int):
    """Log probability that the quantity is at most ``upper``."""
    return xp.log(xp.maximum(t_cdf(xp, (upper - expected) / sd, df), FLOOR))


def log_likelihood(xp, kind, lower, upper, expected, sd, df: int):
    """Log likelihood (..., n) of the figures, given what each one's log should be.

    Parameters
    ----------
    xp : the array module of ``expected`` and ``sd``.
    kind : (n,) index into ``reading.READING_KINDS``: ``exact`` at ``lower``, ``inside`` both,
        ``at_least`` ``lower``, ``at_most`` ``upper``.
    lower, upper : (n,) logs (or logits) of the figures; infinite where open.
    expected : (..., n) what the log of the figure would be without error.
    sd : (..., n) scale of the Student-t error with ``df`` degrees of freedom.
    """
    low = np.where(np.isfinite(lower), lower, 0.0)
    high = np.where(np.isfinite(upper), upper, 0.0)
    one_sided = xp.where(
        kind == 2, at_least(xp, low, expected, sd, df), at_most(xp, high, expected, sd, df)
    )
    two_sided = xp.where(
        kind == 1, inside(xp, low, np.maximum(low, high), expected, sd, df), one_sided
    )
    return xp.where(kind == 0, exact(xp, low, expected, sd, df), two_sided)
