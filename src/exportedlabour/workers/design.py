"""The model description: which figures are observed, what each one says, and of which host and date.

Nothing here knows of a sampler. ``build`` turns the ledger and the settings into arrays; every engine reads those.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..ledger import HEAD_COUNTS, Ledger, year_fraction
from ..lineage import is_copy
from ..project import InputError
from ..reading import KINDS, central_value, middle_date, rounding_interval
from ..scenario import Settings

WORLD = "WLD"
LARGE = ("CHN", "RUS")  # outside the pooled hyperpriors: no other host is like them
LOWER_QUANTITIES = ("repatriated",)
UPPER_QUANTITIES = ("quota", "residents")
ERAS = ("open", "winding_down", "banned")
WIND_DOWN, BAN = 2018.0, 2020.0  # the eras of registers: the 24-month order of December 2017, and its end


@dataclass(frozen=True)
class Design:
    """Everything that the likelihood needs, for ``n`` observations of ``h`` hosts and ``t`` years.

    Attributes
    ----------
    hosts, predictive : codes of the hosts with a trajectory (h), and of those with none (no data).
    years : int array (t,).
    weights : (n, (h + 1) * t), each row the part of every host-year's log stock that the figure reads; the last t
        columns are the log of the world's stock. Rows sum to 1.
    kind : (n,) index into KINDS. ``exact``: ``lower`` = ``upper`` = log figure. ``interval``: between them.
        ``lower``: the stock is at least exp(``lower``). ``upper``: at most exp(``upper``).
    lower, upper : (n,) natural logs of persons; -inf or inf where open.
    margin : (n,) -1 for "at least" said of a whole host, +1 for "at most", 0 otherwise.
    bias : (n,) index into ``biases``, the class (and era) that sets the bias and the error of a figure.
    coarse : (n,) bool, orders of magnitude.
    counting : (n,) sd of the log of a count of that size, one over its square root: a stock of four is not known
        to a tenth by anybody.
    house, lineage, host_class : (n,) index into the names of that effect, or -1 for none.
    figures : the rows of the ledger that were read, one for each observation, in the same order.
    """

    hosts: tuple[str, ...]
    predictive: tuple[str, ...]
    years: np.ndarray
    weights: np.ndarray
    kind: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    margin: np.ndarray
    bias: np.ndarray
    biases: tuple[str, ...]
    coarse: np.ndarray
    counting: np.ndarray
    house: np.ndarray
    houses: tuple[str, ...]
    lineage: np.ndarray
    lineages: tuple[str, ...]
    host_class: np.ndarray
    host_classes: tuple[tuple[str, str], ...]
    figures: pd.DataFrame


def fitted_figures(ledger: Ledger, settings: Settings) -> pd.DataFrame:
    """Return the figures that enter the workers model, in the ledger's order.

    One host (or the world, if the scenario says so), a head count or permits, ``use`` fit, a class that the scenario keeps, and not read as a copy.
    """
    figures = ledger.figures
    hosts = set(ledger.hosts.query("treatment == 'trajectory'")["iso3"])
    if settings.fit_world_totals == "yes":
        hosts.add(WORLD)
    keep = (
        (figures["use"] == "fit")
        & figures["quantity"].isin(HEAD_COUNTS)
        & figures["hosts"].isin(hosts)
        & figures["evidence_class"].isin(settings.include_classes)
        & ~is_copy(figures, settings.copy_threshold)
    )
    first, last = settings.first_year, settings.last_year
    middle = figures.apply(middle_date, axis=1)
    return figures[keep & (middle >= first) & (middle < last + 1)]


def reading(figure: pd.Series, detection_limit: float) -> tuple[str, float, float, int, bool]:
    """Say how a head count is read: (kind, low, high, margin, coarse), in persons.

    - A part of a country, and people sent home, are true lower bounds; a quota or all residents an upper one.
    - A stated zero is a claim that fewer than ``detection_limit`` were found.
    - "At least" and "at most" of a whole host are points with a margin (-1, +1).
    - "About" is an interval by its digits, a range the interval of the asserter's best value.
    """
    low, high, bound = figure["low"], figure["high"], figure["bound"]
    central = central_value(figure)
    least = low if not np.isnan(low) else central
    most = high if not np.isnan(high) else central
    part = figure["scope"] != "national"
    if figure["quantity"] in UPPER_QUANTITIES and not part:
        return "upper", -np.inf, max(most, detection_limit), 0, False
    if (central == 0 or most == 0) and not part:
        return "upper", -np.inf, detection_limit, 0, False
    if part or figure["quantity"] in LOWER_QUANTITIES:
        return "lower", least, np.inf, 0, False
    if bound == "order_of_magnitude":
        return "exact", central, central, 0, True
    if bound == "at_least":
        return "interval", *rounding_interval(least), -1, False
    if bound == "at_most":
        return "interval", *rounding_interval(most), +1, False
    if not np.isnan(low) and not np.isnan(high) and high > low:
        return "interval", max(low, 0.5), high, 0, False
    if bound == "exact":
        return "exact", central, central, 0, False
    return "interval", *rounding_interval(central), 0, False


def date_weights(start: float, end: float, years: np.ndarray) -> np.ndarray:
    """Return the weight (t,) of each year's average log stock in a figure for ``start`` to ``end``, decimal years.

    A date within a year is read by linear interpolation between mid-years; a span of whole years is their average.
    Outside the years the nearest one is read.
    """
    if end - start > 1.0:
        overlap = np.clip(np.minimum(end, years + 1.0) - np.maximum(start, years), 0.0, 1.0)
        if overlap.sum() > 0:
            return overlap / overlap.sum()
    weights = np.zeros(len(years))
    if end - start == 1.0 and start in years:
        weights[int(start - years[0])] = 1.0
        return weights
    position = np.clip((start + end) / 2 - (years[0] + 0.5), 0.0, len(years) - 1.0)
    left = min(int(position), len(years) - 2) if len(years) > 1 else 0
    weights[left] = 1.0 - (position - left)
    if len(years) > 1:
        weights[left + 1] = position - left
    return weights


def era(date: float) -> str:
    """Return the era of a register: before the order of December 2017, while it ran, and after its deadline."""
    return ERAS[0] if date < WIND_DOWN else ERAS[1] if date < BAN else ERAS[2]


def bias_name(figure: pd.Series) -> str:
    """Return the name of the bias that a figure carries: its class, for a register also its era."""
    name = figure["evidence_class"]
    return f"{name}_{era(middle_date(figure))}" if name == "register" else name


def build(ledger: Ledger, settings: Settings) -> Design:
    """Turn the ledger into arrays for the likelihood.

    Raises
    ------
    InputError
        If no figure is left to fit.
    """
    figures = fitted_figures(ledger, settings)
    if figures.empty:
        raise InputError(
            "no figure is left for the workers model: include_classes "
            f"({', '.join(settings.include_classes)}) keeps none of the rows with use = fit."
        )
    by_treatment = ledger.hosts.groupby("treatment")["iso3"].apply(tuple)
    hosts = tuple(by_treatment.get("trajectory", ()))
    years = np.arange(settings.first_year, settings.last_year + 1)
    house = ledger.house_of(figures)

    n, t = len(figures), len(years)
    weights = np.zeros((n, (len(hosts) + 1) * t))
    rows = []
    for i, (_, figure) in enumerate(figures.iterrows()):
        kind, low, high, margin, coarse = reading(figure, settings.detection_limit)
        start, end = year_fraction(figure["period_start"]), year_fraction(figure["period_end"], end=True)
        if figure["quantity"] in LOWER_QUANTITIES:
            end = year_fraction(figure["period_start"], end=True)  # who left later was there when it began
            start = year_fraction(figure["period_start"])
        at = (*hosts, WORLD).index(figure["hosts"]) * t
        weights[i, at : at + t] = date_weights(start, end, years)
        with np.errstate(divide="ignore"):
            rows.append((KINDS.index(kind), np.log(low) if low > 0 else -np.inf, np.log(high), margin, coarse))
    kind, lower, upper, margin, coarse = (np.array(column) for column in zip(*rows))

    bias_names = [bias_name(figure) for _, figure in figures.iterrows()]
    biases = tuple(sorted(set(bias_names)))
    classes = list(zip(figures["hosts"], figures["evidence_class"]))
    house_index, houses = _shared(list(house))
    lineage_index, lineages = _shared([name or None for name in figures["lineage"]])
    class_index, host_classes = _shared(classes, always=lambda pair: pair[0] == "CHN")
    return Design(
        hosts=hosts,
        predictive=tuple(by_treatment.get("predictive", ())),
        years=years,
        weights=weights,
        kind=kind,
        lower=lower,
        upper=upper,
        margin=margin,
        coarse=coarse,
        counting=np.exp(-0.5 * np.maximum(np.where(np.isfinite(lower), lower, upper), 0.0)),
        bias=np.array([biases.index(name) for name in bias_names]),
        biases=biases,
        house=house_index,
        houses=houses,
        lineage=lineage_index,
        lineages=lineages,
        host_class=class_index,
        host_classes=host_classes,
        figures=figures,
    )


def _shared(names: list, always=lambda name: False) -> tuple[np.ndarray, tuple]:
    """Index the names that occur at least twice; -1 for the others, whose effect is part of their error."""
    counts = pd.Series([name for name in names if name is not None], dtype=object).value_counts()
    kept = sorted(name for name, count in counts.items() if count > 1 or always(name))
    position = {name: i for i, name in enumerate(kept)}
    return np.array([position.get(name, -1) for name in names]), tuple(kept)
