"""What one published figure says about the quantity that it should measure: the likelihood of each kind.

Shared by the model of workers (on the log scale) and the model of money (log and logit scales).
"""

import math

import numpy as np

from .sampler import pt

FLOOR = 1e-300


def t_logpdf(z, df: int):
    """Log density of a standard Student-t at ``z``, as a PyTensor expression."""
    constant = math.lgamma((df + 1) / 2) - math.lgamma(df / 2) - 0.5 * math.log(df * math.pi)
    return constant - (df + 1) / 2 * pt.log1p(z**2 / df)


def t_cdf(z, df: int):
    """Distribution function of a standard Student-t with 2, 3 or 4 degrees of freedom, in closed form.

    The forms of Shaw 2006 (Journal of Computational Finance 9(4)); they have cheap gradients, which the incomplete beta function has not.
    """
    if df == 2:
        return 0.5 + z / (2 * pt.sqrt(2 + z**2))
    if df == 3:
        scaled = z / math.sqrt(3)
        return 0.5 + (scaled / (1 + scaled**2) + pt.arctan(scaled)) / math.pi
    if df == 4:
        root = z / pt.sqrt(4 + z**2)
        return 0.5 + 0.75 * (root - root**3 / 3)
    raise ValueError(f"the closed form is for 2, 3 or 4 degrees of freedom, not {df}")


def log_likelihood(kind, lower, upper, expected, sd, df: int):
    """Log likelihood (n,) of the figures, given what each one's log should be.

    Parameters
    ----------
    kind : (n,) index into ``reading.KINDS``.
        ``exact``: the density of the error at ``lower``. ``interval``: the probability that the asserter's value
        lies between ``lower`` and ``upper``. ``lower``: the probability that the figure, a part of the whole, is not
        above it: the quantity is at least ``lower``. ``upper``: likewise, at most ``upper``.
    lower, upper : (n,) logs (or logits) of the figures; infinite where open.
    expected : (n,) what the log of the figure would be without error, a PyTensor expression.
    sd : (n,) scale of the Student-t error with ``df`` degrees of freedom.
    """
    log_lower = np.where(np.isfinite(lower), lower, 0.0)
    log_upper = np.where(np.isfinite(upper), upper, 0.0)
    below, above = (log_lower - expected) / sd, (log_upper - expected) / sd
    exact = t_logpdf(below, df) - pt.log(sd)
    # Both ends are moved to the lower tail, where the difference keeps its digits.
    flip = below + above > 0
    left, right = pt.where(flip, -above, below), pt.where(flip, -below, above)
    inside = pt.log(pt.maximum(t_cdf(right, df) - t_cdf(left, df), FLOOR))
    at_least = pt.log(pt.maximum(t_cdf(-below, df), FLOOR))
    at_most = pt.log(pt.maximum(t_cdf(above, df), FLOOR))
    return pt.switch(kind == 0, exact, pt.switch(kind == 1, inside, pt.switch(kind == 2, at_least, at_most)))
