"""People sent home, read a second way: what they say through the account of entries and exits.

The published fit reads them as a floor, as who left in a period was there when it began or came in
meanwhile. Over a year or more the account says more: those who leave are those who come in, and
what the stock falls by.
"""

import numpy as np
import pandas as pd

from ..evidence.reading import central_value
from ..inference import likelihood
from ..simulation.prior import expected_log_figures
from ..workers.observations import Design

COUNTED = 0.5  # a figure that is more likely a copy says nothing of its own
OFFSETS = ("coverage", "margin_at_least", "margin_at_most")


def read(
    design: Design, stock: np.ndarray, codes: tuple[str, ...], log_turnover: np.ndarray
) -> pd.DataFrame:
    """Return the figures of people sent home that the account can read and that are no copies,
    beside those who left by the account.

    Parameters
    ----------
    design : built with the assumption that they are read through the account.
    stock : draws (d, h, t) of the workers in ``codes`` and the years of the design, in persons.
    log_turnover : draws (d,) of the log of the share that is replaced in a year while the border is
        open.

    Returns
    -------
    The figures with ``said``, ``median, lo80, hi80`` of those who left, in persons, and the
    ``probability`` that they are as many as said.
    """
    asked = design.keep(design.exits & (design.uncopied > COUNTED))
    of_hosts = stock[:, [codes.index(host) for host in design.hosts]]
    drawn = {
        "log_stock": np.log(np.maximum(of_hosts, likelihood.FLOOR)),
        "log_turnover": log_turnover,
    }
    drawn |= {"bias": np.zeros((len(stock), len(design.biases)))} | dict.fromkeys(
        OFFSETS, np.zeros(len(stock))
    )
    left = np.exp(expected_log_figures(asked, drawn))
    said = np.array(
        [
            np.nanmax([central_value(figure), figure["low"]])
            for _, figure in asked.figures.iterrows()
        ],
        dtype=float,
    )
    low, median, high = np.quantile(left, [0.1, 0.5, 0.9], axis=0)
    return asked.figures.assign(
        said=said, median=median, lo80=low, hi80=high, probability=(left >= said).mean(axis=0)
    )
