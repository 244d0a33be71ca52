"""Claims evaluated: where a published claim falls in the posterior of what it claims."""

import re
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from .. import words
from ..evidence.ledger import WORLD, Ledger, year_fraction
from ..evidence.rates import PER_MONTH, Rates
from ..evidence.reading import central_value, middle_date, rounding_interval
from ..evidence.regions import WIDER
from ..money.it import It
from ..words import number_of
from ..workers.draws import summarise
from ..workers.observations import date_weights

MONEY = re.compile(
    r"^([A-Z]{3})(?:/(month|year))?$"
)  # without a period: the sum of all that the figure refers to
CONSISTENT, DOUBTFUL = (
    0.10,
    0.01,
)  # probabilities of the posterior beyond the claim: the one home of all verdicts
VERDICTS = {
    "consistent": (
        "the claim, or its end nearest to the median, lies within the central"
        f" {words.percent(1 - 2 * CONSISTENT)} of the posterior"
    ),
    "high": (
        f"between {words.percent(CONSISTENT)} and {words.percent(DOUBTFUL)} of the posterior lies"
        " above it"
    ),
    "low": (
        f"between {words.percent(CONSISTENT)} and {words.percent(DOUBTFUL)} of the posterior lies"
        " below it"
    ),
    "not credible": f"less than {words.percent(DOUBTFUL)} of the posterior lies beyond it",
    "not tested": "nothing in this book can test it; the reason stands beside it",
}
SUPPORTED, IN_PART, NOT_DECIDED, NOT_SUPPORTED = (
    f"{word} by the ledger"
    for word in ("supported", "supported in part", "not decided", "not supported")
)
RECORDED = {  # for claims that are no quantity
    SUPPORTED: (
        "statements of the ledger say so, and none speaks against it or its reach; of a trade in a"
        f" list: it is among as many largest with a probability of {words.percent(1 - CONSISTENT)}"
        " or more"
    ),
    IN_PART: (
        "statements say so, and others speak against it or its reach; of a claim of several parts:"
        " not all are supported"
    ),
    NOT_DECIDED: (
        "of a trade in a list: it is among as many largest with a probability between"
        f" {words.percent(CONSISTENT)} and {words.percent(1 - CONSISTENT)}"
    ),
    NOT_SUPPORTED: (
        "no statement says so; of a trade in a list: the probability is below"
        f" {words.percent(CONSISTENT)}"
    ),
}


@dataclass(frozen=True)
class Reading:
    """One way to read a claim.

    The quantity in words, its draws (d,), and of money the worker-months (d,) behind it and the
    current dollars (d,) that employers pay for each of them.
    """

    name: str  # plausible, charitable, or candidate: one that may become the charitable
    definition: str
    draws: np.ndarray
    worker_months: np.ndarray | None = None
    pay: np.ndarray | None = None

    @cached_property
    def ordered(self) -> np.ndarray:
        """The draws in order, of which a median and a place are found at once."""
        return np.sort(self.draws)


def recorded(speaking: int, against: int = 0) -> str:
    """Return the verdict on a claim that is no quantity, from the number of statements that say so
    and that speak against it."""
    if not speaking:
        return NOT_SUPPORTED
    return IN_PART if against else SUPPORTED


def of_trade(probability: float) -> str:
    """Return the verdict on a trade in a list, from the probability that it is among as many
    largest."""
    if probability >= 1 - CONSISTENT:
        return SUPPORTED
    return NOT_DECIDED if probability >= CONSISTENT else NOT_SUPPORTED


def of_parts(verdicts: list[str]) -> str:
    """Return the verdict on a claim of several parts: theirs if they share one, else that it is
    supported in part, if any is."""
    if len(set(verdicts)) == 1:
        return verdicts[0]
    return IN_PART if {SUPPORTED, IN_PART} & set(verdicts) else NOT_DECIDED


def span(figure: pd.Series) -> tuple[float, float]:
    """Return the interval that a claim asserts: its range, its rounding, everything above "at
    least"; nan without a number.

    "Up to" is read as its number alone: it asserts that so much is possible, and everything below
    would be trivial.
    """
    low, point, high = figure["low"], figure["point"], figure["high"]
    if not np.isnan(low) and not np.isnan(high):
        return low, high
    value = next((x for x in (point, low, high) if not np.isnan(x)), np.nan)
    if figure["bound"] == "at_least":
        return value, np.inf
    if figure["bound"] in ("about", "order_of_magnitude") and value > 0:
        return rounding_interval(value)
    return value, value


def position(claim: float, draws: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Return the share of the posterior that lies below a claim; ``weights`` (d,) sum to one, equal
    unless given."""
    return float(np.average(draws < claim, weights=weights))


def median_of(draws: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Return the median of draws (d,), weighted if ``weights`` (d,) are given."""
    if weights is None:
        return float(np.median(draws))
    return float(np.quantile(draws, 0.5, weights=weights, method="inverted_cdf"))


def distance(
    low: float, high: float, draws: np.ndarray, weights: np.ndarray | None = None
) -> float:
    """Return how far a claim of ``low`` to ``high`` falls from the posterior median: 0 if it holds
    it, up to 0.5."""
    median = median_of(draws, weights)
    if low <= median <= high:
        return 0.0
    return abs(position(low if low > median else high, draws, weights) - 0.5)


def ratio_to_median(low: float, high: float, draws: np.ndarray) -> float:
    """Return by how many log units the nearest end of a claim misses the posterior median: 0 if it
    holds it."""
    median = max(float(np.median(draws)), 1e-12)
    return float(max(np.log(max(low, 1e-12) / median), -np.log(max(high, 1e-12) / median), 0.0))


def verdict(low: float, high: float, draws: np.ndarray, weights: np.ndarray | None = None) -> str:
    """Return the verdict on a claim of ``low`` to ``high``: that of its end nearest to the
    posterior median.

    A claim that holds the median is consistent.
    """
    tail = 0.5 - distance(low, high, draws, weights)
    if tail >= CONSISTENT:
        return "consistent"
    if tail >= DOUBTFUL:
        return "high" if low > median_of(draws, weights) else "low"
    return "not credible"


def units_per_dollar(figure: pd.Series, rates: Rates) -> float:
    """Return by what a claim is divided to stand in dollars of its own year: 1 for dollars, and for
    all that is no money.

    Raises
    ------
    InputError
        If rates.csv lacks the rate.
    """
    money = MONEY.match(figure["unit"])
    return rates.per_dollar(money[1], int(middle_date(figure))) if money else 1.0


def write_number(value: float, unit: str) -> str:
    """Return a number of a claim or of the posterior in words fit for its unit."""
    if np.isnan(value):
        return ""
    if unit == "year":
        return f"{value:.0f}"
    writers = {"fraction": words.percent} | dict.fromkeys(
        ("USD", "USD/year", "USD/month"), words.dollars
    )
    return writers.get(unit, words.people)(value)


def evaluate_readings(
    figure: pd.Series, readings: list[Reading], per_dollar: float = 1.0, why_not: str = ""
) -> pd.DataFrame:
    """Evaluate one claim under each of its readings.

    Without a reading it is not tested, and ``why_not`` says why.

    ``per_dollar`` is the rate of the claim's currency (see ``units_per_dollar``): claim and
    posterior are told in dollars.

    Returns
    -------
    DataFrame with one line a reading: the claim's span, the posterior's median and intervals, the
    places of both ends in the posterior, the probability inside the span, implied dollars per
    worker-month at the number as stated, and the verdict.
    """
    low, high = (end / per_dollar for end in span(figure))
    money = MONEY.match(figure["unit"])
    base = {
        "figure_id": figure["figure_id"],
        "hosts": figure["hosts"],
        "quantity": figure["quantity"],
        "period_start": figure["period_start"],
        "period_end": figure["period_end"],
        "bound": figure["bound"],
        "claim_low": low,
        "claim_high": high,
        "claimed": number_of(figure),
        "unit": (
            figure["unit"].replace(money[1], "USD")
            if money and per_dollar != 1.0
            else figure["unit"]
        ),
        "lineage": figure["lineage"],
        "asserted_by": figure["asserted_by"],
        "why_not": why_not,
    }
    if not readings:
        return pd.DataFrame([base | {"reading": "none", "definition": "", "verdict": "not tested"}])
    rows = []
    for reading in readings:
        row = base | {"reading": reading.name, "definition": reading.definition}
        row |= summarise(reading.draws[:, None]).iloc[0].to_dict()
        row |= {
            "position_low": position(low, reading.ordered),
            "position_high": position(high, reading.ordered),
            "inside": float(((reading.draws >= low) & (reading.draws <= high)).mean()),
            "verdict": verdict(low, high, reading.ordered),
        }
        if reading.worker_months is not None:
            row["dollars_per_worker_month"] = (
                central_value(figure) / per_dollar / float(np.median(reading.worker_months))
            )
        rows.append(row)
    return pd.DataFrame(rows)


def evaluate(
    figure: pd.Series, estimates: "Estimates", rates: Rates | None, own_heads: float = np.nan
) -> tuple[pd.DataFrame, list[Reading]]:
    """Return the verdicts on one claim (see ``evaluate_readings``) and its readings.

    It has none if nothing here can test it (``Estimates.obstacle``).

    Without ``rates`` a sum in another currency than dollars is not tested.
    """
    money = MONEY.match(figure["unit"])
    foreign = money is not None and money[1] != "USD"
    why_not = estimates.obstacle(figure, own_heads) or (
        f"in {money[1]}, without a rate of exchange" if foreign and rates is None else ""
    )
    told = foreign and rates is not None and estimates.claimed_years(figure).any()
    rate = units_per_dollar(figure, rates) if told else 1.0
    readings = [] if why_not else estimates.readings(figure, own_heads, rate)
    return evaluate_readings(figure, readings, rate, why_not), readings


TAKEN = {
    "state": "paid to the state",
    "withheld": "kept by anyone but the workers",
    "gross": "gross",
}  # the most plausible first
TAKEN_IT = {
    name: TAKEN[name] for name in reversed(TAKEN)
}  # published sums of IT workers are heads times earnings, hence gross


class Estimates:
    """The posterior as claims see it: head counts, money in current dollars, shares, and numbers of
    hosts.

    Parameters
    ----------
    workers : draws (d, h, t) for ``codes`` and ``years``.
    each : by definition, draws (d, h, t) of current dollars per worker and year; empty if no money
        was estimated.
    present : workers from which a country counts as a host, the most plausible number first: the
        detection limits of a stated zero and of makers of lists.
    it : IT workers abroad, apart from all others; None if nothing is known of them here.
    """

    def __init__(
        self,
        ledger: Ledger,
        workers: np.ndarray,
        codes: tuple[str, ...],
        years: np.ndarray,
        each: dict[str, np.ndarray],
        present: tuple[float, ...],
        it: It | None = None,
    ):
        self.workers, self.codes, self.years, self.each = workers, codes, years, each
        self.ledger, self.present, self.it = ledger, present, it
        self._people: dict[tuple[int, ...], np.ndarray] = {}
        self._money: dict[tuple[int, ...], dict[str, np.ndarray]] = {}
        self._medians: dict[tuple[str, tuple[int, ...]], np.ndarray] = {}

    def readings(
        self, figure: pd.Series, own_heads: float = np.nan, per_dollar: float = 1.0
    ) -> list[Reading]:
        """Return the plausible and the charitable reading of a claim, or none if it can't be
        tested.

        The charitable one is the candidate under which the claim falls nearest to the median: by
        its place in the posterior, and where it lies beyond all draws of several, by its ratio to
        the median. ``own_heads`` is the number of workers that the claim itself goes with: a sum of
        money about a part of a country is tested on that number. ``per_dollar`` is the rate of the
        claim's currency.
        """
        found = self.candidates(figure, own_heads)
        if not found:
            return []
        low, high = (end / per_dollar for end in span(figure))
        kindest = min(
            found,
            key=lambda reading: (
                distance(low, high, reading.ordered),
                ratio_to_median(low, high, reading.ordered),
            ),
        )
        return [found[0], replace(kindest, name="charitable")]

    def obstacle(self, figure: pd.Series, own_heads: float = np.nan) -> str:
        """Return why nothing here can test a claim, as words for a table, or "" if something
        can."""
        quantity, part = figure["quantity"], figure["scope"] != "national"
        if np.isnan(span(figure)[0]):
            return "it gives no number"
        if not self.hosts(figure["hosts"]):
            return "of a place in which this book estimates no workers abroad"
        if not self.claimed_years(figure).any():
            return f"of a time outside {self.years[0]} to {self.years[-1]}"
        if figure["sector"] == "IT":
            return self._obstacle_of_it(figure)
        if quantity in ("revenue_total", "worker_share") and not self.each:
            return "about money, and no pay was estimated"
        if quantity == "revenue_total":
            if not MONEY.match(figure["unit"]):
                return f"in {figure['unit']}, which is no sum of money a month, a year or in all"
            if part and np.isnan(months_of(figure)):
                return "of no stated time"
            return (
                "about a part of a host, without a number of workers that it goes with"
                if part and not own_heads > 0
                else ""
            )
        if quantity not in ("stock_workers", "work_permits", "worker_share", "host_countries"):
            return f"of a kind that this book does not estimate: {quantity.replace('_', ' ')}"
        return "about a part of a host, and the book estimates whole ones" if part else ""

    def _obstacle_of_it(self, figure: pd.Series) -> str:
        if self.it is None:
            return "about IT workers, who are not among those estimated here"
        if figure["hosts"] != WORLD:
            return "about IT workers in one place, and the book has them for the world alone"
        if not np.isin(self.it.years, self.years[self.claimed_years(figure)]).any():
            return "of a time in which no number of IT workers is known"
        money = figure["quantity"] == "revenue_total" and MONEY.match(figure["unit"])
        if money and np.isnan(months_of(figure)):
            return "of no stated time"
        tested = figure["quantity"] == "stock_workers" or money
        return (
            ""
            if tested
            else (
                "of a kind that this book does not estimate of IT workers:"
                f" {figure['quantity'].replace('_', ' ')}"
            )
        )

    def candidates(self, figure: pd.Series, own_heads: float = np.nan) -> list[Reading]:
        """Return every reading of a claim, the most plausible first; none if there is an
        ``obstacle``."""
        if self.obstacle(figure, own_heads):
            return []
        quantity, hosts, years = (
            figure["quantity"],
            self.hosts(figure["hosts"]),
            self.claimed_years(figure),
        )
        if figure["sector"] == "IT":
            return self._it(figure, years, own_heads)
        if quantity == "revenue_total":
            period = MONEY.match(figure["unit"])[2]
            if figure["scope"] != "national":
                return self._part(figure, hosts, years, own_heads)
            return (
                self._revenue(hosts, years, 12.0 / PER_MONTH[period])
                if period
                else self._sum(hosts, figure)
            )
        if quantity == "stock_workers":
            return self._stock(figure, hosts, years)
        if quantity == "work_permits":
            return [
                replace(each, definition=f"{each.definition}, as if every permit were a worker")
                for each in self._stock(figure, hosts, years)
            ]
        return self._kept(years) if quantity == "worker_share" else self._countries(years)

    def hosts(self, code: str) -> list[int]:
        """Return the positions of the hosts that a claim is about: all for the world, those
        estimated of a region."""
        if code == WORLD:
            return list(range(len(self.codes)))
        named = code.split("+")
        if all(name in self.codes for name in named):
            return [self.codes.index(name) for name in named]
        members = (
            {name for region in WIDER.get(code, (code,)) for name in self.ledger.members(region)}
            if len(named) == 1
            else set()
        )
        return [position for position, name in enumerate(self.codes) if name in members]

    def claimed_years(self, figure: pd.Series) -> np.ndarray:
        """Return which of the years (t,) bool a claim is about."""
        first, last = int(figure["period_start"][:4]), int(figure["period_end"][:4])
        return (self.years >= first) & (self.years <= last)

    def people(self, hosts: list[int]) -> np.ndarray:
        """Return draws (d, t) of the workers in several hosts together."""
        key = tuple(hosts)
        if key not in self._people:
            self._people[key] = self.workers[:, hosts].sum(axis=1)
        return self._people[key]

    def money(self, hosts: list[int]) -> dict[str, np.ndarray]:
        """Return by definition draws (d, t) of the current dollars a year of several hosts
        together."""
        key = tuple(hosts)
        if key not in self._money:
            self._money[key] = {
                name: sum(self.workers[:, i] * each[:, i] for i in hosts)
                for name, each in self.each.items()
            }
        return self._money[key]

    def pay_a_month(
        self, hosts: list[int], years: np.ndarray, definition: str = "gross"
    ) -> np.ndarray:
        """Return draws (d,) of the current dollars that a worker and calendar month bring, averaged
        over hosts and years."""
        return (
            self.money(hosts)[definition][:, years].sum(axis=1)
            / self.people(hosts)[:, years].sum(axis=1)
            / 12
        )

    def _highest(self, what: str, hosts: list[int], years: np.ndarray) -> int:
        """Return the position of the year of the highest median of ``people`` or ``gross``, among
        those claimed and the ones before."""
        key = what, tuple(hosts)
        if key not in self._medians:
            self._medians[key] = np.median(
                self.people(hosts) if what == "people" else self.money(hosts)[what], axis=0
            )
        known = np.arange(len(self.years)) <= np.flatnonzero(years).max()
        return int(np.where(known, self._medians[key], -1).argmax())

    def _stock(self, figure: pd.Series, hosts: list[int], years: np.ndarray) -> list[Reading]:
        by_year = self.people(hosts)
        best = self._highest("people", hosts, years)
        mean = Reading(
            "plausible", "workers, average of the years claimed", by_year[:, years].mean(axis=1)
        )
        start, end = _extent(figure)
        found = [mean]
        if end - start < 1.0:  # as the workers model reads a date within a year
            at_date = np.exp(
                np.log(np.maximum(by_year, 1e-9)) @ date_weights(start, end, self.years)
            )
            words = "workers at the date claimed, between the averages of the years around it"
            found = [
                Reading("plausible", words, at_date),
                replace(mean, name="candidate", definition="workers, average of the year claimed"),
            ]
        return [
            *found,
            Reading(
                "candidate",
                f"workers in the highest year until then, {self.years[best]}",
                by_year[:, best],
            ),
        ]

    def _revenue(self, hosts: list[int], years: np.ndarray, per: float) -> list[Reading]:
        people, money = self.people(hosts), self.money(hosts)
        best = self._highest("gross", hosts, years)
        found = []
        for when, chosen in (
            ("years claimed", years),
            (f"highest year until then, {self.years[best]}", np.arange(len(self.years)) == best),
        ):
            worked, pay = (
                12.0 / per * people[:, chosen].mean(axis=1),
                self.pay_a_month(hosts, chosen),
            )
            found += [
                Reading(
                    "plausible",
                    f"{words}, {when}",
                    money[name][:, chosen].mean(axis=1) / per,
                    worked,
                    pay,
                )
                for name, words in TAKEN.items()
            ]
        return found

    def _sum(self, hosts: list[int], figure: pd.Series) -> list[Reading]:
        """Read a sum of money without "a year" as all of its period; one with a date alone as all
        until then, or that year's."""
        people, money = self.people(hosts), self.money(hosts)
        start, end = _extent(figure)
        spans = [("in all", start, end)]
        if end - start < 1.0:
            spans = [
                (f"in all from {self.years[0]} until then", float(self.years[0]), end),
                ("year claimed", np.floor(start), np.floor(start) + 1),
            ]
        found = []
        for when, first, last in spans:
            parts = np.clip(
                np.minimum(last, self.years + 1.0) - np.maximum(first, self.years), 0.0, 1.0
            )  # of each year
            worked = 12.0 * people @ parts
            pay = money["gross"] @ parts / worked
            found += [
                Reading("plausible", f"{words}, {when}", money[name] @ parts, worked, pay)
                for name, words in TAKEN.items()
            ]
        return found

    def _part(
        self, figure: pd.Series, hosts: list[int], years: np.ndarray, heads: float
    ) -> list[Reading]:
        """Read a sum of money about a part as what so many workers bring at the pay of their
        host."""
        worked = np.full(len(self.workers), months_of(figure) * heads)
        pay = self.pay_a_month(hosts, years)
        return [
            Reading(
                "plausible",
                f"{words}, on its own {heads:,.0f} workers",
                self.pay_a_month(hosts, years, name) * worked,
                worked,
                pay,
            )
            for name, words in TAKEN.items()
        ]

    def _it(self, figure: pd.Series, years: np.ndarray, own_heads: float) -> list[Reading]:
        """Read a claim about IT workers of the world: heads, or the money of so many as it goes
        with, or of all."""
        at = np.isin(self.it.years, self.years[years])
        heads = self.it.heads[:, at].mean(axis=1)
        if figure["quantity"] == "stock_workers":
            return [Reading("plausible", "IT workers abroad, average of the years claimed", heads)]
        months = months_of(figure)
        a_month = {name: self.it.money[name][:, at].mean(axis=1) / 12 for name in TAKEN_IT}
        pay = a_month["gross"] / heads
        found = []
        if figure["scope"] != "national" and own_heads > 0:  # as other parts are
            worked = np.full(len(heads), own_heads * months)
            found += [
                Reading(
                    "plausible",
                    f"IT workers: {words}, on its own {own_heads:,.0f}",
                    a_month[name] / heads * worked,
                    worked,
                    pay,
                )
                for name, words in TAKEN_IT.items()
            ]
        return found + [
            Reading(
                "plausible",
                f"IT workers abroad: {words}, years claimed",
                a_month[name] * months,
                heads * months,
                pay,
            )
            for name, words in TAKEN_IT.items()
        ]

    def _kept(self, years: np.ndarray) -> list[Reading]:
        money = {
            name: (self.workers[:, :, years] * self.each[name][:, :, years]).sum(axis=2)
            for name in ("net", "gross")
        }
        world = money["net"].sum(axis=1) / money["gross"].sum(axis=1)
        several = np.median(self.workers[:, :, years].mean(axis=2), axis=0) >= 100
        by_host = np.where(
            several,
            np.median(
                self.each["net"][:, :, years].mean(axis=2)
                / self.each["gross"][:, :, years].mean(axis=2),
                axis=0,
            ),
            1,
        )
        least = int(by_host.argmin())
        own = money["net"][:, least] / money["gross"][:, least]
        return [
            Reading("plausible", "net part of gross pay, all workers", world),
            Reading(
                "candidate",
                "net part of gross pay in the host where it is least,"
                f" {self.ledger.host_name(self.codes[least])}",
                own,
            ),
        ]

    def _countries(self, years: np.ndarray) -> list[Reading]:
        first, last = np.flatnonzero(years)[[0, -1]]
        stocks = {
            "the years claimed": self.workers[:, :, first : last + 1].mean(axis=2),
            "any year until then": self.workers[:, :, : last + 1].max(axis=2),
        }
        return [
            Reading(
                "plausible",
                f"hosts with {least:,.0f} workers or more in {when}",
                (stock >= least).sum(axis=1).astype(float),
            )
            for least in self.present
            for when, stock in stocks.items()
        ]


def _extent(figure: pd.Series) -> tuple[float, float]:
    """Return the beginning and the end of what a claim refers to, decimal years."""
    return year_fraction(figure["period_start"]), year_fraction(figure["period_end"], end=True)


def months_of(figure: pd.Series) -> float:
    """Return for how many months of work a sum of money is: those of its unit, else of its period,
    NaN if that is a date alone."""
    period = MONEY.match(figure["unit"])[2]
    if period:
        return PER_MONTH[period]
    start, end = _extent(figure)
    return 12.0 * (end - start) if end - start >= 1.0 else np.nan


def verdict_table(judged: pd.DataFrame, titles: dict[str, str]) -> pd.DataFrame:
    """Return evaluated claims as text for a table, one line a claim and reading; ``titles`` are
    the names of claims by figure id."""
    rows = []
    for _, row in judged.iterrows():
        median, low, high = (
            write_number(row.get(name, np.nan), row["unit"]) for name in ("median", "lo80", "hi80")
        )
        tested = row["reading"] != "none"
        cost = row.get("dollars_per_worker_month", np.nan)
        rows.append(
            {
                "claim": titles.get(row["figure_id"], row["figure_id"]),
                "of": f"{row['hosts']} {period(row)}",
                "asserted by": row["asserted_by"],
                "claimed": row["claimed"],
                "verdict": row["verdict"],
                "read as": f"{row['reading']}: {row['definition']}" if tested else row["why_not"],
                "posterior median (80 %)": f"{median} ({low} to {high})" if tested else "",
                "place in posterior": (
                    " – ".join(words.percent(row[end]) for end in ("position_low", "position_high"))
                    if tested
                    else ""
                ),
                "dollars per worker-month": f"{cost:,.0f}" if cost > 0 else "",
            }
        )
    return pd.DataFrame(rows)


def period(row: pd.Series) -> str:
    """Return the years that a claim is about."""
    first, last = row["period_start"][:4], row["period_end"][:4]
    return first if first == last else f"{first}–{last}"
