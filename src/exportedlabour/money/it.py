"""IT workers abroad: how many, what they earn, who has it. A module of its own, added to nothing
unless a scenario says so."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..assumptions.scenario import Settings
from ..workers.draws import summarise

KNOTS = (2015, 2019, 2023, 2025)  # years that have a figure; before the first nothing is known
LABEL = "IT"  # stands where a host or a sector has its name


@dataclass(frozen=True)
class It:
    """Draws (d, t) of IT workers abroad in ``years`` (t,): heads, and money of the year by
    definition, in dollars."""

    years: np.ndarray
    heads: np.ndarray
    money: dict[str, np.ndarray]


def randomness(settings: Settings) -> np.random.Generator:
    """Return the generator of the draws, so that they can be made again."""
    return np.random.default_rng(settings.seed + 2)


def draw(settings: Settings, years: np.ndarray, draws: int, rng: np.random.Generator) -> It:
    """Draw heads, gross earnings and their division from the assumptions ``it_*``.

    Heads are log-normal in the years of ``KNOTS``, straight in logs between them, level after the
    last. The errors of the knots are shared as those of hosts are (``host_error_correlation``).
    Years before the first knot are left out. These are assumptions that rest on single figures:
    nothing is fitted.
    """
    s = settings
    kept = years[years >= KNOTS[0]]
    rho = s.host_error_correlation
    z = np.sqrt(rho) * rng.standard_normal((draws, 1)) + np.sqrt(1 - rho) * rng.standard_normal(
        (draws, len(KNOTS))
    )
    medians, sds = np.array([s[f"it_heads_{year}"] for year in KNOTS]).T
    at_knots = np.log(medians) + sds * z
    weights = np.array([np.interp(kept, KNOTS, row) for row in np.eye(len(KNOTS))])  # knots, years
    heads = np.exp(at_knots @ weights)
    median, sd = s.it_gross_month
    gross = heads * (12 * median * np.exp(sd * rng.standard_normal((draws, 1))))
    state = gross * rng.uniform(*s.it_state_share, (draws, 1))
    withheld = state + (gross - state) * rng.uniform(*s.it_others_share, (draws, 1))
    return It(
        kept, heads, {"gross": gross, "withheld": withheld, "state": state, "net": gross - withheld}
    )


def table(it: It) -> pd.DataFrame:
    """Summarise heads (persons) and money (dollars of the year), one line a ``quantity`` and
    year."""
    parts = {"heads": it.heads, **it.money}
    return pd.concat(
        [summarise(values).assign(quantity=name, year=it.years) for name, values in parts.items()]
    )[["quantity", "year", *summarise(it.heads[:, :0]).columns]].reset_index(drop=True)


def spread(it: It, years: np.ndarray, factors: np.ndarray) -> dict[str, np.ndarray]:
    """Return money (d, 1, t) in dollars of the price year over all ``years``, zero where nothing is
    known, to stand beside hosts.

    ``factors`` (t,) : what a dollar of the price year is in dollars of each year.
    """
    at = np.isin(years, it.years)
    result = {}
    for name, values in it.money.items():
        whole = np.zeros((len(values), 1, len(years)))
        whole[:, 0, at] = values / factors[at]
        result[name] = whole
    return result
