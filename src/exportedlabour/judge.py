"""Published claims on trial: where a claim falls in the posterior of the quantity that it claims."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import headline
from .ledger import Ledger
from .rates import PER_MONTH, UNIT, Rates
from .reading import middle_date, rounding_interval
from .tables import number_of
from .workers.draws import summarise

CONSISTENT, DOUBTFUL = 0.10, 0.01  # probabilities of the posterior beyond the claim: the one home of all verdicts
VERDICTS = {
    "consistent": f"the claim, or its end nearest to the median, lies within the central {headline.percent(1 - 2 * CONSISTENT)} of the posterior",
    "high": f"between {headline.percent(CONSISTENT)} and {headline.percent(DOUBTFUL)} of the posterior lies above it",
    "low": f"between {headline.percent(CONSISTENT)} and {headline.percent(DOUBTFUL)} of the posterior lies below it",
    "not credible": f"less than {headline.percent(DOUBTFUL)} of the posterior lies beyond it",
    "not tested": "about something that this book does not estimate",
}


@dataclass(frozen=True)
class Reading:
    """One way to read a claim: the quantity in words, its draws (d,), and the worker-months behind it, if any."""

    name: str  # plausible or charitable
    definition: str
    draws: np.ndarray
    worker_months: np.ndarray | None = None


def span(figure: pd.Series) -> tuple[float, float]:
    """Return the interval that a claim asserts: its range, its rounding, everything above "at least"; nan without a number.

    "Up to" is read as its number alone: it asserts that so much is possible, and everything below would be trivial.
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
    """Return the share of the posterior that lies below a claim; ``weights`` (d,) sum to one, equal unless given."""
    return float(np.average(draws < claim, weights=weights))


def median_of(draws: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Return the median of draws (d,), weighted if ``weights`` (d,) are given."""
    if weights is None:
        return float(np.median(draws))
    return float(np.quantile(draws, 0.5, weights=weights, method="inverted_cdf"))


def distance(low: float, high: float, draws: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Return how far a claim of ``low`` to ``high`` falls from the posterior median: 0 if it holds it, up to 0.5."""
    median = median_of(draws, weights)
    if low <= median <= high:
        return 0.0
    return abs(position(low if low > median else high, draws, weights) - 0.5)


def ratio_to_median(low: float, high: float, draws: np.ndarray) -> float:
    """Return by how many log units the nearest end of a claim misses the posterior median: 0 if it holds it."""
    median = max(float(np.median(draws)), 1e-12)
    return float(max(np.log(max(low, 1e-12) / median), -np.log(max(high, 1e-12) / median), 0.0))


def verdict(low: float, high: float, draws: np.ndarray, weights: np.ndarray | None = None) -> str:
    """Return the verdict on a claim of ``low`` to ``high``: that of its end nearest to the posterior median.

    A claim that holds the median is consistent.
    """
    tail = 0.5 - distance(low, high, draws, weights)
    if tail >= CONSISTENT:
        return "consistent"
    if tail >= DOUBTFUL:
        return "high" if low > median_of(draws, weights) else "low"
    return "not credible"


def units_per_dollar(figure: pd.Series, rates: Rates) -> float:
    """Return by what a claim is divided to stand in dollars of its own year: 1 for dollars, and for all that is no money.

    Raises
    ------
    InputError
        If rates.csv lacks the rate.
    """
    money = UNIT.match(figure["unit"])
    return rates.per_dollar(money[1], int(middle_date(figure))) if money else 1.0


def write_number(value: float, unit: str) -> str:
    """Return a number of a claim or of the posterior in words fit for its unit."""
    if np.isnan(value):
        return ""
    if unit == "year":
        return f"{value:.0f}"
    writers = {"fraction": headline.percent, "USD/year": headline.dollars, "USD/month": headline.dollars}
    return writers.get(unit, headline.people)(value)


def try_claim(figure: pd.Series, readings: list[Reading], per_dollar: float = 1.0) -> pd.DataFrame:
    """Judge one claim under each reading; without a reading it is not tested.

    ``per_dollar`` is the rate of the claim's currency (see ``units_per_dollar``): claim and posterior are told in dollars.

    Returns
    -------
    DataFrame with one line a reading: the claim's span, the posterior's median and intervals, the places of both ends
    in the posterior, the probability inside the span, implied dollars per worker-month, and the verdict.
    """
    low, high = (end / per_dollar for end in span(figure))
    money = UNIT.match(figure["unit"])
    base = {
        "figure_id": figure["figure_id"], "hosts": figure["hosts"], "quantity": figure["quantity"],
        "period_start": figure["period_start"], "period_end": figure["period_end"], "bound": figure["bound"],
        "claim_low": low, "claim_high": high, "claimed": number_of(figure), "unit": f"USD/{money[2]}" if money else figure["unit"],
        "lineage": figure["lineage"], "asserted_by": figure["asserted_by"],
    }  # fmt: skip
    if not readings:
        return pd.DataFrame([base | {"reading": "none", "definition": "", "verdict": "not tested"}])
    rows = []
    for reading in readings:
        row = base | {"reading": reading.name, "definition": reading.definition}
        row |= summarise(reading.draws[:, None]).iloc[0].to_dict()
        row |= {
            "position_low": position(low, reading.draws),
            "position_high": position(high, reading.draws),
            "inside": float(((reading.draws >= low) & (reading.draws <= high)).mean()),
            "verdict": verdict(low, high, reading.draws),
        }
        if reading.worker_months is not None:
            row["dollars_per_worker_month"] = (high if np.isfinite(high) else low) / float(np.median(reading.worker_months))
        rows.append(row)
    return pd.DataFrame(rows)


def hear(figure: pd.Series, court: "Court", rates: Rates | None, own_heads: float = np.nan) -> tuple[pd.DataFrame, list[Reading]]:
    """Return the verdicts on one claim (see ``try_claim``) and its readings; none if it has no number or no year of the posterior.

    Without ``rates`` a sum in another currency than dollars is not tested.
    """
    money = UNIT.match(figure["unit"])
    foreign = money is not None and money[1] != "USD"
    testable = court.claimed_years(figure).any() and not np.isnan(span(figure)[0]) and not (foreign and rates is None)
    rate = units_per_dollar(figure, rates) if testable and foreign else 1.0
    readings = court.readings(figure, own_heads, rate) if testable else []
    return try_claim(figure, readings, rate), readings


FOUNDING = tuple(f"TOT00{i}" for i in range(1, 9))
SHORT = {
    "TOT001": "1 million, slavery index",
    "TOT002": "100,000–200,000 abroad",
    "TOT003": "45 host countries",
    "TOT004": "10–20 % kept",
    "TOT005": "up to $2.3 billion",
    "TOT006": "50,000 in Russia, 2016",
    "TOT007": "$120 million, Russia",
    "TOT008": "since 2012",
}
TAKEN = {"state": "paid to the state", "withheld": "kept by anyone but the workers", "gross": "gross"}  # the most plausible first
WIDER = {"MIDEAST": ("MIDEAST", "GULF")}  # who says Middle East means the Gulf too
PRESENT = 10  # workers from which a country counts as a host, the detection limit of a stated zero


class Court:
    """The posterior as claims see it: head counts, money in current dollars, shares, and numbers of hosts.

    Parameters
    ----------
    workers : draws (d, h, t) for ``codes`` and ``years``.
    each : by definition, draws (d, h, t) of current dollars per worker and year; empty if no money was estimated.
    """

    def __init__(self, ledger: Ledger, workers: np.ndarray, codes: tuple[str, ...], years: np.ndarray, each: dict[str, np.ndarray]):
        self.workers, self.codes, self.years, self.each = workers, codes, years, each
        self.ledger = ledger
        self._people: dict[tuple[int, ...], np.ndarray] = {}
        self._money: dict[tuple[int, ...], dict[str, np.ndarray]] = {}

    def readings(self, figure: pd.Series, own_heads: float = np.nan, per_dollar: float = 1.0) -> list[Reading]:
        """Return the plausible and the charitable reading of a claim, or none if it can't be tested.

        The charitable one is the candidate under which the claim falls nearest to the median: by its place in the posterior, and
        where it lies beyond all draws of several, by its ratio to the median. ``own_heads`` is the number of
        workers that the claim itself goes with: a sum of money about a part of a country is tested on that number.
        ``per_dollar`` is the rate of the claim's currency.
        """
        found = self.candidates(figure, own_heads)
        if not found:
            return []
        low, high = (end / per_dollar for end in span(figure))
        kindest = min(found, key=lambda reading: (distance(low, high, reading.draws), ratio_to_median(low, high, reading.draws)))
        return [found[0], Reading("charitable", kindest.definition, kindest.draws, kindest.worker_months)]

    def candidates(self, figure: pd.Series, own_heads: float = np.nan) -> list[Reading]:
        """Return every reading of a claim, the most plausible first."""
        quantity, money = figure["quantity"], UNIT.match(figure["unit"])
        hosts = self.hosts(figure["hosts"])
        years = self.claimed_years(figure)
        if not hosts or not years.any() or figure["sector"] == "IT":
            return []
        if quantity == "revenue_total" and money and self.each:
            per = 12.0 / PER_MONTH[money[2]]
            if figure["scope"] == "national":
                return self._revenue(hosts, years, per)
            return self._part(hosts, years, per, own_heads) if own_heads > 0 else []
        if figure["scope"] != "national":
            return []
        if quantity == "stock_workers":
            return self._stock(hosts, years)
        if quantity == "work_permits":
            return [
                Reading(each.name, f"{each.definition}, as if every permit were a worker", each.draws) for each in self._stock(hosts, years)
            ]
        if quantity == "worker_share" and self.each:
            return self._kept(years)
        if quantity == "host_countries":
            return self._countries(years)
        return []

    def hosts(self, code: str) -> list[int]:
        """Return the positions of the hosts that a claim is about: all for the world, those estimated of a region."""
        if code == "WLD":
            return list(range(len(self.codes)))
        named = code.split("+")
        if all(name in self.codes for name in named):
            return [self.codes.index(name) for name in named]
        members = {name for region in WIDER.get(code, (code,)) for name in self.ledger.members(region)} if len(named) == 1 else set()
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
        """Return by definition draws (d, t) of the current dollars a year of several hosts together."""
        key = tuple(hosts)
        if key not in self._money:
            self._money[key] = {name: sum(self.workers[:, i] * each[:, i] for i in hosts) for name, each in self.each.items()}
        return self._money[key]

    def pay_a_month(self, hosts: list[int], years: np.ndarray, definition: str = "gross") -> np.ndarray:
        """Return draws (d,) of the current dollars that a worker and calendar month bring, averaged over hosts and years."""
        return self.money(hosts)[definition][:, years].sum(axis=1) / self.people(hosts)[:, years].sum(axis=1) / 12

    def _highest(self, by_year: np.ndarray, years: np.ndarray) -> int:
        """Return the position of the year of the highest median, among those claimed and the ones before."""
        known = np.arange(len(self.years)) <= np.flatnonzero(years).max()
        return int(np.where(known, np.median(by_year, axis=0), -1).argmax())

    def _stock(self, hosts: list[int], years: np.ndarray) -> list[Reading]:
        by_year = self.people(hosts)
        best = self._highest(by_year, years)
        return [
            Reading("plausible", "workers, average of the years claimed", by_year[:, years].mean(axis=1)),
            Reading("candidate", f"workers in the highest year until then, {self.years[best]}", by_year[:, best]),
        ]

    def _revenue(self, hosts: list[int], years: np.ndarray, per: float) -> list[Reading]:
        people = self.people(hosts)
        money = {name: self.money(hosts)[name] / per for name in TAKEN}
        best = self._highest(money["gross"], years)
        found = []
        for when, chosen in (("years claimed", years), (f"highest year until then, {self.years[best]}", [best])):
            worked = 12.0 / per * people[:, chosen].mean(axis=1)
            found += [
                Reading("plausible", f"{TAKEN[name]}, {when}", value[:, chosen].mean(axis=1), worked) for name, value in money.items()
            ]
        return found

    def _part(self, hosts: list[int], years: np.ndarray, per: float, heads: float) -> list[Reading]:
        """Read a sum of money about a part as what so many workers bring at the pay of their host."""
        worked = np.full(len(self.workers), 12.0 / per * heads)
        return [
            Reading("plausible", f"{words}, on its own {heads:,.0f} workers", self.pay_a_month(hosts, years, name) * worked, worked)
            for name, words in TAKEN.items()
        ]

    def _kept(self, years: np.ndarray) -> list[Reading]:
        money = {name: (self.workers[:, :, years] * self.each[name][:, :, years]).sum(axis=2) for name in ("net", "gross")}
        world = money["net"].sum(axis=1) / money["gross"].sum(axis=1)
        several = np.median(self.workers[:, :, years].mean(axis=2), axis=0) >= 100
        by_host = np.where(
            several, np.median(self.each["net"][:, :, years].mean(axis=2) / self.each["gross"][:, :, years].mean(axis=2), axis=0), 1
        )
        least = int(by_host.argmin())
        own = money["net"][:, least] / money["gross"][:, least]
        return [
            Reading("plausible", "net part of gross pay, all workers", world),
            Reading("candidate", f"net part of gross pay in the host where it is least, {self.codes[least]}", own),
        ]

    def _countries(self, years: np.ndarray) -> list[Reading]:
        present = (self.workers[:, :, years].mean(axis=2) >= PRESENT).sum(axis=1).astype(float)
        until = np.arange(len(self.years)) <= np.flatnonzero(years).max()
        ever = (self.workers[:, :, until].max(axis=2) >= PRESENT).sum(axis=1).astype(float)
        return [
            Reading("plausible", f"hosts with {PRESENT} workers or more in the years claimed", present),
            Reading("candidate", f"hosts with {PRESENT} workers or more in any year until then", ever),
        ]


def verdict_table(judged: pd.DataFrame) -> pd.DataFrame:
    """Return judged claims as text for a table, one line a claim and reading."""
    rows = []
    for _, row in judged.iterrows():
        median, low, high = (write_number(row.get(name, np.nan), row["unit"]) for name in ("median", "lo80", "hi80"))
        tested = row["reading"] != "none"
        cost = row.get("dollars_per_worker_month", np.nan)
        rows.append({
            "claim": SHORT.get(row["figure_id"], row["figure_id"]),
            "of": f"{row['hosts']} {period(row)}",
            "asserted by": row["asserted_by"],
            "claimed": row["claimed"],
            "verdict": row["verdict"],
            "read as": f"{row['reading']}: {row['definition']}" if tested else "",
            "posterior median (80 %)": f"{median} ({low} to {high})" if tested else "",
            "place in posterior": " – ".join(headline.percent(row[end]) for end in ("position_low", "position_high")) if tested else "",
            "dollars per worker-month": f"{cost:,.0f}" if cost > 0 else "",
        })  # fmt: skip
    return pd.DataFrame(rows)


def period(row: pd.Series) -> str:
    """Return the years that a claim is about."""
    first, last = row["period_start"][:4], row["period_end"][:4]
    return first if first == last else f"{first}–{last}"
