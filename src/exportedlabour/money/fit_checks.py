"""What the fit of pay is held against: the wages that were published, counts by sector, and
regressions without priors."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from ..evidence.reading import READING_KINDS
from . import regressions
from .observations import TARGETS, PayDesign
from .posterior import PayFit
from .sector_mix import Counts

ANY = "any host"  # the region of a figure about all hosts
EVERY = 10  # of so many draws, one is a dot


def published_wages(design: PayDesign) -> pd.DataFrame:
    """Return the published figures of gross pay that are read, in the order of the design.

    Returns
    -------
    Their rows of the ledger with ``region``, ``elapsed`` (years since the reference year) and
    ``dollars``, of the price year a month: the middle in logs of the two ends, or the one end.
    """
    wages = design.target == TARGETS.index("wage")
    lower, upper = design.lower[wages], design.upper[wages]
    both = np.isfinite(lower) & np.isfinite(upper)
    one = np.where(np.isfinite(lower), lower, upper)
    middle = np.where(both, (lower + upper) / 2, one)
    regions = [
        design.regions[int(np.argmax(row))] if row.any() else ANY
        for row in design.region_weights[wages]
    ]
    return (
        design.figures[wages]
        .reset_index(drop=True)
        .assign(region=regions, elapsed=design.elapsed[wages], dollars=np.exp(middle))
    )


def counted_shares(fit: PayFit, design: PayDesign, counts: Counts) -> pd.DataFrame:
    """Return every share of a sector in a host that counts speak of, beside its posterior.

    Returns
    -------
    ``host`` (code), ``sector``, ``whole`` (whether the whole sector was counted), ``counted``,
    ``lo80``, ``hi80`` (shares, 0 to 1) and ``figures`` (their ids), one line an observation.
    """
    share = fit.stack("mix")
    ends = [np.percentile(share[:, i, k], [10, 90]) for i, k in zip(counts.host, counts.sector)]
    low, high = np.array(ends).reshape(-1, 2).T
    return pd.DataFrame(
        {
            "host": [design.hosts[i] for i in counts.host],
            "sector": [design.sectors[k] for k in counts.sector],
            "whole": counts.kind == READING_KINDS.index("exact"),
            "counted": np.exp(counts.lower),
            "lo80": low,
            "hi80": high,
            "figures": list(counts.figures),
        }
    )


def wage_and_share(fit: PayFit, design: PayDesign, host: str) -> tuple[pd.DataFrame, float]:
    """Return draws of gross pay (``gross_pay``, dollars a month) and of the part withheld
    (``share_withheld``) in one host, one in ``EVERY``, and the correlation of the log of the one
    with the logit of the other over all draws."""
    i = design.hosts.index(host)
    log_wage, logit = fit.stack("log_wage")[:, i], fit.stack("logit_withheld")[:, i]
    draws = pd.DataFrame(
        {"gross_pay": np.exp(log_wage[::EVERY]), "share_withheld": expit(logit[::EVERY])}
    )
    return draws, float(np.corrcoef(log_wage, logit)[0, 1])


@dataclass(frozen=True)
class Classical:
    """A regression of published wages beside the fit.

    ``regression`` is what ``regressions.wage_regression`` returns; ``trends`` has by ``label`` the
    yearly trend by each method, with ``low`` and ``high`` (95 %, log points a year), those of the
    regression and of the fit first.
    """

    regression: dict
    trends: pd.DataFrame


def classical(fit: PayFit, wages: pd.DataFrame) -> Classical | None:
    """Return the classical look at ``published_wages``, None if they are too few."""
    given = wages["dollars"], wages["region"], wages["elapsed"].to_numpy()
    found = regressions.wage_regression(*given)
    if found is None:
        return None
    trend = fit.stack("trend")
    low, high = np.percentile(trend, [2.5, 97.5])
    first = pd.DataFrame(
        {
            "label": ["least squares (HC3)", "hierarchical model"],
            "trend": [found["trend"], np.median(trend)],
            "low": [found["trend_low"], low],
            "high": [found["trend_high"], high],
        }
    )
    others = regressions.other_regressions(*given, wages["hosts"])
    return Classical(found, pd.concat([first, others]).reset_index(drop=True))
