"""The model description: which figures are observed, what each one says, and of which host and
date.

Nothing here knows of a sampler. ``build`` turns the ledger and the settings into arrays; every
engine reads those.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..assumptions.scenario import Settings
from ..evidence.classes import CROSSINGS, ERAS, USUAL, registry
from ..evidence.events import KNOWN, Dates, dates_of
from ..evidence.hosts_apart import UNTIED_HOST
from ..evidence.ledger import (
    FLOWS,
    HEAD_UNITS,
    LIST,
    RATIO,
    STOCK_QUANTITIES,
    WORLD,
    Ledger,
    hosts_in,
    year_fraction,
)
from ..evidence.reading import READING_KINDS, central_value, middle_date, rounding_interval
from ..evidence.schema import LEFT_ASIDE
from ..project import InputError

LOWER_QUANTITIES = ("repatriated",)
UPPER_QUANTITIES = ("quota", "residents")
FLOW_QUANTITIES = ("entries", "entries_crew", "workers_sent")
LEAST_SPAN = (
    0.9  # years: the account has yearly rates, and knows of no day on which a whole staff flew home
)


@dataclass(frozen=True)
class Design:
    """Everything that the likelihood needs, for ``n`` observations of ``h`` hosts, ``a`` sums of
    hosts and ``t`` years.

    Attributes
    ----------
    hosts, predictive : codes of the hosts with a trajectory (h), and of those with none (no data).
    sums, members : names of the sums of hosts that a figure is about, the world among them, and (a,
        h) bool, their hosts.
    years : int array (t,).
    weights : (n, (h + a) * t), each row the part of every host-year's log stock that the figure
        reads; the last a * t columns are the logs of the sums. Rows sum to 1; those of ratios to 0.
    kind : (n,) index into READING_KINDS. ``exact``: ``lower`` = ``upper`` = log figure.
        ``interval``: between them. ``lower``: the stock is at least exp(``lower``). ``upper``: at
        most exp(``upper``).
    lower, upper : (n,) natural logs of persons; -inf or inf where open.
    margin : (n,) -1 for "at least" said of a whole host, +1 for "at most", 0 otherwise.
    flow, growth, openness : (n,) bool, entries of a period, read through the account of entries and
        exits: in a year come in as many as are replaced and as the stock grows. ``growth`` (n, (h +
        a) * t) gives the yearly change of the log stock, ``openness`` (n,) the part of the period
        in which the border was open.
    exits, start, span : (n,) bool, people sent home in a period, read through the same account:
        those leave who come in, and what the stock falls by. ``start`` (n, (h + a) * t) gives by
        how much the log stock is higher at the beginning than on average, ``span`` (n,) the length
        in years.
    coverage : (n,) how often the figure holds the world, whose sum leaves out the hosts that nobody
        counted.
    bias : (n,) index into ``biases``, the class (and era) that sets the bias and the error of a
        figure.
    coarse : (n,) bool, orders of magnitude.
    counting : (n,) sd of the log of a count of that size, one over its square root: a stock of four
        is not known to a tenth by anybody.
    house, lineage, host_class : (n,) index into the names of that effect, or -1 for none.
    uncopied : (n,) the probability that the figure is no copy.
    figures : the rows of the ledger that were read, one for each observation, in the same order (a
        list of hosts is read once for each host that it leaves out).
    dates : when the events were that the model reads.
    """

    hosts: tuple[str, ...]
    predictive: tuple[str, ...]
    sums: tuple[str, ...]
    members: np.ndarray
    years: np.ndarray
    weights: np.ndarray
    kind: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    margin: np.ndarray
    flow: np.ndarray
    growth: np.ndarray
    openness: np.ndarray
    exits: np.ndarray
    start: np.ndarray
    span: np.ndarray
    coverage: np.ndarray
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
    uncopied: np.ndarray
    figures: pd.DataFrame
    dates: Dates = KNOWN

    def keep(self, rows: np.ndarray) -> "Design":
        """Return the design with only some of its observations (n,) bool; names of effects stay, so
        priors do not move."""
        taken = {
            name: value[rows]
            for name, value in vars(self).items()
            if isinstance(value, (np.ndarray, pd.DataFrame)) and name not in ("members", "years")
        }
        return replace(self, **taken)


def fitted_figures(ledger: Ledger, settings: Settings) -> pd.DataFrame:
    """Return the figures that enter the workers model, in the ledger's order.

    Head counts, ratios and lists with ``use`` fit, of hosts with a path or of sums of them (the
    world only if the scenario says so), of a class that the scenario keeps. Copies are among them:
    ``Design.uncopied`` says how likely each is none.
    """
    figures = ledger.figures
    paths = set(ledger.hosts.query("treatment == 'trajectory'")["iso3"])

    def readable(row: pd.Series) -> bool:
        if row["quantity"] in (LIST, RATIO):
            return settings.fit_ratios_and_lists == "yes"
        if row["hosts"] == WORLD:
            return settings.fit_world_totals == "yes"
        if row["quantity"] in FLOW_QUANTITIES and settings.fit_entries == "no":
            return False
        return bool(paths & set(ledger.members(row["hosts"])))

    keep = (
        (figures["use"] == "fit")
        & figures["quantity"].isin(STOCK_QUANTITIES)
        & figures["evidence_class"].isin(settings.include_classes)
    )
    figures = figures[keep]
    figures = figures[[not left_aside(row) for _, row in figures.iterrows()]]
    middle = figures.apply(middle_date, axis=1) if len(figures) else pd.Series(dtype=float)
    figures = figures[(middle >= settings.first_year) & (middle < settings.last_year + 1)]
    return figures[[readable(row) for _, row in figures.iterrows()]]


def left_aside(figure: pd.Series, dates: Dates = KNOWN) -> bool:
    """Return whether a figure is a flow that this model cannot read, so that only an account of
    arrivals and departures can.

    The model has yearly rates of whole hosts, and with the border shut lets nobody come: it leaves
    aside the quantities of ``LEFT_ASIDE``, flows of a part of a host, in crossings or as a rate,
    and arrivals of less than a year or of a shut border.
    """
    if figure["quantity"] not in FLOWS:
        return False
    if (
        figure["quantity"] in LEFT_ASIDE
        or figure["scope"] != "national"
        or figure["unit"] not in HEAD_UNITS
    ):
        return True
    start, end = (
        year_fraction(figure["period_start"]),
        year_fraction(figure["period_end"], end=True),
    )
    shut = figure["quantity"] in FLOW_QUANTITIES and start >= dates.shut[0] and end <= dates.shut[1]
    return figure["quantity"] not in LOWER_QUANTITIES and (end - start < LEAST_SPAN or shut)


def reading(figure: pd.Series, detection_limit: float) -> tuple[str, float, float, int, bool]:
    """Say how a head count is read: (kind, low, high, margin, coarse), in persons.

    - A part of a country is a true lower bound, and so are people sent home, of whom a report need
      not know all; a quota or all residents an upper one.
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


def tells_exits(figure: pd.Series) -> bool:
    """Return whether the account of entries and exits can read how many were sent home: of a whole
    host, over a year or about."""
    span = year_fraction(figure["period_end"], end=True) - year_fraction(figure["period_start"])
    return (
        figure["quantity"] in LOWER_QUANTITIES
        and figure["scope"] == "national"
        and span >= LEAST_SPAN
    )


def date_weights(start: float, end: float, years: np.ndarray) -> np.ndarray:
    """Return the weight (t,) of each year's average log stock in a figure for ``start`` to ``end``,
    decimal years.

    A date within a year is read by linear interpolation between mid-years; a span of whole years is
    their average. Outside the years the nearest one is read.
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


def era(date: float, dates: Dates = KNOWN) -> str:
    """Return the era of a register: before the order to send workers home, while it ran, and after
    its deadline."""
    return ERAS[sum(date >= year for year in (dates.winding_down, dates.banned))]


def bias_name(figure: pd.Series, dates: Dates = KNOWN) -> str:
    """Return the name of the bias that a figure carries: its class's, for a register also its
    era's.

    Ratios, lists of hosts and counts of border crossings err in ways of their own, whoever asserts
    them.
    """
    if figure["quantity"] in (RATIO, LIST):
        return {RATIO: "ratio", LIST: "list"}[figure["quantity"]]
    evidence = registry().classes[figure["evidence_class"]]
    if evidence.has_eras:
        return evidence.bias[era(middle_date(figure), dates)]
    return evidence.bias[CROSSINGS if _is_crossings(figure) else USUAL]


def _is_crossings(figure: pd.Series) -> bool:
    evidence = registry().classes[figure["evidence_class"]]
    return evidence.holds_crossings and figure["quantity"] in FLOW_QUANTITIES


def _class_name(figure: pd.Series) -> str:
    """Return the class within which the figures of a host share an error: crossings stand apart
    from other entries."""
    evidence = registry().classes[figure["evidence_class"]]
    return evidence.bias[CROSSINGS] if _is_crossings(figure) else evidence.name


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
    where = f"{ledger.folder / 'events.csv'}" if ledger.folder else "events.csv"
    dates = dates_of(ledger.events, where)
    by_treatment = ledger.hosts.groupby("treatment")["iso3"].apply(tuple)
    reader = _Reader(ledger, settings, dates, tuple(by_treatment.get("trajectory", ())), figures)
    rows, read = [], []
    for _, figure in figures.iterrows():
        for observation in reader.observations(figure):
            rows.append(observation)
            read.append(figure)
    figures = pd.DataFrame(read)
    column = {name: np.array([row[name] for row in rows]) for name in rows[0]}

    bias_names = [bias_name(figure, dates) for figure in read]
    biases = tuple(sorted(set(bias_names)))
    classes = [
        None if figure["quantity"] in (LIST, RATIO) else (figure["hosts"], _class_name(figure))
        for figure in read
    ]
    house_index, houses = _shared(
        [None if f["quantity"] == LIST else h for f, h in zip(read, ledger.house_of(figures))]
    )
    lineage_index, lineages = _shared([name or None for name in figures["lineage"]])
    class_index, host_classes = _shared(classes, always=lambda pair: pair[0] == UNTIED_HOST)
    return Design(
        hosts=reader.hosts,
        predictive=tuple(by_treatment.get("predictive", ())),
        sums=reader.sums,
        members=reader.members,
        years=reader.years,
        **column,
        counting=np.where(
            figures["quantity"] == RATIO, 0.0, np.exp(-0.5 * np.maximum(reader.size(column), 0.0))
        ),
        bias=np.array([biases.index(name) for name in bias_names]),
        biases=biases,
        house=house_index,
        houses=houses,
        lineage=lineage_index,
        lineages=lineages,
        host_class=class_index,
        host_classes=host_classes,
        uncopied=1.0 - figures["copy_probability"].to_numpy(float),
        figures=figures,
        dates=dates,
    )


class _Reader:
    """Turns figures into rows of the design, for given hosts and years."""

    def __init__(
        self,
        ledger: Ledger,
        settings: Settings,
        dates: Dates,
        hosts: tuple[str, ...],
        figures: pd.DataFrame,
    ):
        self.ledger, self.settings, self.dates, self.hosts = ledger, settings, dates, hosts
        self.years = np.arange(settings.first_year, settings.last_year + 1)
        self.ratios = ledger.ratios.set_index("figure_id") if len(ledger.ratios) else None
        named = [code for _, figure in figures.iterrows() for code in self._codes(figure)]
        self.sums = tuple(sorted(set(named) - set(hosts)))
        self.members = np.array(
            [[h in ledger.members(code) or code == WORLD for h in hosts] for code in self.sums],
            dtype=bool,
        ).reshape(len(self.sums), len(hosts))

    def _codes(self, figure: pd.Series) -> list[str]:
        """Return the hosts or sums whose stocks a figure reads."""
        if figure["quantity"] == LIST:
            return []
        if figure["quantity"] == RATIO:
            ratio = self.ratios.loc[figure["figure_id"]]
            return [ratio["of_hosts"], ratio["to_hosts"]]
        return [figure["hosts"]]

    def weights(self, code: str, start: float, end: float) -> np.ndarray:
        """Return the row of weights that reads the log stock of a host or sum over a time."""
        t = len(self.years)
        row = np.zeros((len(self.hosts) + len(self.sums)) * t)
        at = (*self.hosts, *self.sums).index(code) * t
        row[at : at + t] = date_weights(start, end, self.years)
        return row

    def observations(self, figure: pd.Series):
        """Yield the observations of one figure, each a dict of the design's columns."""
        start, end = (
            year_fraction(figure["period_start"]),
            year_fraction(figure["period_end"], end=True),
        )
        if figure["quantity"] == LIST:
            for host in self.hosts:
                if host not in hosts_in(figure["hosts"]):
                    yield self._row(
                        self.weights(host, start, end),
                        "upper",
                        -np.inf,
                        self.settings.list_detection_limit,
                    )
            return
        if figure["quantity"] == RATIO:
            yield self._ratio(figure)
            return
        kind, low, high, margin, coarse = reading(figure, self.settings.detection_limit)
        code = figure["hosts"]
        through_account = self.settings.people_sent_home == "account" and tells_exits(figure)
        if figure["quantity"] in LOWER_QUANTITIES and not through_account:
            end = year_fraction(
                figure["period_start"], end=True
            )  # who left later was there when it began
        extra = {"margin": margin, "coarse": coarse, "coverage": float(code == WORLD)}
        if figure["quantity"] in FLOW_QUANTITIES:
            low, high = low / (end - start), high / (end - start)  # persons a year
            extra |= {"flow": True} | self._account(code, start, end)
        elif through_account:
            at_start = self.weights(code, start, start) - self.weights(code, start, end)
            extra |= {"exits": True, "start": at_start, "span": end - start} | self._account(
                code, start, end
            )
        yield self._row(self.weights(code, start, end), kind, low, high, **extra)

    def _account(self, code: str, start: float, end: float) -> dict:
        """Return the columns that say what the account of entries and exits reads of a period."""
        closed, opened = self.dates.shut
        shut = max(0.0, min(end, opened) - max(start, closed))
        growth = (self.weights(code, end, end) - self.weights(code, start, start)) / (end - start)
        return {"growth": growth, "openness": 1.0 - shut / (end - start)}

    def _ratio(self, figure: pd.Series) -> dict:
        """A share of another stock, or what is left after a fall; the bias of the class cancels."""
        ratio = self.ratios.loc[figure["figure_id"]]
        kind, low, high, margin, coarse = reading(figure, 0.0)
        if ratio["reads"] == "fall":
            low, high, margin = 1 - high, 1 - low, -margin
        of, to = ratio["of_hosts"], ratio["to_hosts"]
        above = self.weights(
            of, year_fraction(ratio["of_date"]), year_fraction(ratio["of_date"], end=True)
        )
        below = self.weights(
            to, year_fraction(ratio["to_date"]), year_fraction(ratio["to_date"], end=True)
        )
        coverage = float(of == WORLD) - float(to == WORLD)
        return self._row(
            above - below, kind, low, high, margin=margin, coarse=coarse, coverage=coverage
        )

    def _row(self, weights, kind, low, high, **more) -> dict:
        with np.errstate(divide="ignore"):
            lower, upper = (np.log(low) if low > 0 else -np.inf), np.log(high)
        row = {
            "weights": weights,
            "kind": READING_KINDS.index(kind),
            "lower": lower,
            "upper": upper,
            "margin": 0,
            "coarse": False,
            "coverage": 0.0,
            "flow": False,
            "growth": np.zeros_like(weights),
            "openness": 1.0,
            "exits": False,
            "start": np.zeros_like(weights),
            "span": 1.0,
        }
        return row | more

    @staticmethod
    def size(column: dict[str, np.ndarray]) -> np.ndarray:
        """Return the log of the number that each figure states."""
        return np.where(np.isfinite(column["lower"]), column["lower"], column["upper"])


def _shared(names: list, always=lambda name: False) -> tuple[np.ndarray, tuple]:
    """Index the names that occur at least twice; -1 for the others, whose effect is part of their
    error."""
    counts = pd.Series([name for name in names if name is not None], dtype=object).value_counts()
    kept = sorted(name for name, count in counts.items() if count > 1 or always(name))
    position = {name: i for i, name in enumerate(kept)}
    return np.array([position.get(name, -1) for name in names]), tuple(kept)
