"""How people tell a number: exactly, rounded, as a range, as a bound. What ``reading`` takes in,
given out."""

import numpy as np

LARGEST = 1e9  # persons; wild errors end here
DIGITS = (1, 2)  # "about" shows one or two significant digits
FACTOR = 20.0  # a part is a twentieth of the whole or more, a ceiling at most twenty times as much
RANGE_RATIOS = (1.25, 1.5, 2.0)  # upper over lower end of a range


def rounded(value: float, digits: int) -> float:
    """Return a number rounded to significant digits: 30,023 to two is 30,000."""
    return float(f"{value:.{digits - 1}e}")


def range_around(value: float, ratio: float, offset: float) -> tuple[float, float]:
    """Return the range that holds ``value``, out of ranges that lie end to end.

    Their ends are ``ratio`` apart, begin at ``offset`` (0 to 1 of a range) and are whole numbers of
    two digits. As they do not depend on the value, a range says that the value lies in it and
    nothing else.
    """
    ends: list[float] = []
    middle = int(np.log(value) / np.log(ratio))
    for step in range(middle - 3, middle + 4):
        end = float(round(rounded(ratio ** (step + offset), 2)))
        if not ends or end > ends[-1]:
            ends.append(end)
    place = int(np.searchsorted(ends, value, side="right"))
    return ends[place - 1], ends[place]


def tell(
    log_value: float, quantity: str, scope: str, bound: str, limit: float, rng: np.random.Generator
) -> dict[str, str]:
    """Return the cells ``low, point, high, bound`` in which an asserter tells what he believes.

    Parameters
    ----------
    log_value : log of the number of persons that he believes in for the whole host.
    quantity, scope, bound : as in the ledger.
    limit : persons; fewer are told as none.

    Notes
    -----
    A part (a region, a site, those sent home) is the whole times a factor, log-uniform from a
    twentieth to one; a quota or all residents the whole times one from one to twenty. Seen from a
    part of a given size all wholes that it may be of are then equally likely in the log, which is
    what a one-sided likelihood says.
    """
    one_sided = scope != "national" or quantity in ("repatriated", "quota", "residents")
    if one_sided:
        shift = rng.uniform(0.0, np.log(FACTOR))
        log_value += shift if quantity in ("quota", "residents") and scope == "national" else -shift
    value = float(np.exp(min(log_value, np.log(LARGEST))))
    if value < limit and not one_sided:
        return _cells("exact", point=0.0)
    value = max(value, 1.0)
    if bound == "exact":
        return _cells(bound, point=float(round(value)))
    if bound == "order_of_magnitude":
        return _cells(bound, point=10.0 ** round(np.log10(value)))
    if bound == "range":
        low, high = range_around(value, float(rng.choice(RANGE_RATIOS)), rng.uniform())
        return _cells(bound, low=low, high=high)
    about = rounded(value, int(rng.choice(DIGITS)))
    side = {"about": "point", "at_least": "low", "at_most": "high"}[bound]
    return _cells(bound, **{side: about})


def _cells(bound: str, **numbers: float) -> dict[str, str]:
    return {"low": "", "point": "", "high": "", "bound": bound} | {
        name: f"{value:.0f}" for name, value in numbers.items()
    }
