"""People sent home, read a second way: through the account of entries and exits, by weights on the stored draws.

The model reads them as a floor, as who left in a period was there when it began or came in meanwhile. Over a year or more the
account says more: those who leave are those who come in, and what the stock falls by.
"""

import numpy as np
import pandas as pd

from .. import likelihood
from ..ledger import year_fraction
from ..reading import central_value
from ..workers.design import BORDER_SHUT, Design, bias_name, date_weights, tells_exits
from ..workers.structure import SOFTNESS

COUNTED = 0.5  # a figure that is more likely a copy says nothing of its own


def figures(design: Design) -> pd.DataFrame:
    """Return those fitted figures of people sent home that the account can read (``tells_exits``), and that are no copies.

    With ``start`` and ``end`` in decimal years.
    """
    rows = design.figures[design.own > COUNTED]
    rows = rows[[tells_exits(row) for _, row in rows.iterrows()]]
    rows = rows[rows["hosts"].isin(design.hosts)]
    return rows.assign(
        start=[year_fraction(date) for date in rows["period_start"]], end=[year_fraction(date, end=True) for date in rows["period_end"]]
    )


def exits(log_stock: np.ndarray, turnover: np.ndarray, years: np.ndarray, start: float, end: float) -> np.ndarray:
    """Return draws (d,) of the workers who left between two dates, decimal years.

    Parameters
    ----------
    log_stock : draws (d, t) of the log of a host's workers.
    turnover : draws (d,) of the share that is replaced in a year while the border is open.
    """

    def at(first: float, last: float) -> np.ndarray:
        return log_stock @ date_weights(first, last, years)

    span = end - start
    growth = (at(end, end) - at(start, start)) / span
    shut = max(0.0, min(end, BORDER_SHUT[1]) - max(start, BORDER_SHUT[0]))
    rate = turnover * (1 - shut / span) + growth
    entries = np.exp(at(start, end)) * SOFTNESS * np.logaddexp(0.0, rate / SOFTNESS) * span
    return np.maximum(entries + np.exp(at(start, start)) - np.exp(at(end, end)), likelihood.FLOOR)


def read(
    design: Design, stock: np.ndarray, codes: tuple[str, ...], years: np.ndarray, top_level: dict[str, np.ndarray], df: int
) -> tuple[pd.DataFrame, np.ndarray]:
    """Read the ``figures`` as floors of what left.

    Parameters
    ----------
    stock : draws (d, h, t) of the workers in ``codes`` and ``years``.
    top_level : draws (d,) by name, as ``workers.draws.read_hyper`` returns them.
    df : degrees of freedom of the errors.

    Returns
    -------
    The figures with ``said``, the ``median, lo80, hi80`` of those who left by the account and the ``probability`` that they are as many as
    it says; and the log (d,) of the weight of each draw. Effects of houses, lineages and hosts by class are not stored, and left out.
    """
    found, weights = [], np.zeros(len(stock))
    turnover = np.exp(top_level["log_turnover"])
    for _, figure in figures(design).iterrows():
        log_stock = np.log(np.maximum(stock[:, codes.index(figure["hosts"])], likelihood.FLOOR))
        left = exits(log_stock, turnover, years, figure["start"], figure["end"])
        said, name = float(np.nanmax([central_value(figure), figure["low"]])), bias_name(figure)
        sd = np.sqrt(top_level[f"error:{name}"] ** 2 + 1 / said)
        weights += likelihood.at_least(np, np.log(said), np.log(left) + top_level[f"bias:{name}"], sd, df)
        low, median, high = np.quantile(left, [0.1, 0.5, 0.9])
        found.append(figure.to_dict() | {"said": said, "median": median, "lo80": low, "hi80": high, "probability": (left >= said).mean()})
    return pd.DataFrame(found), weights
