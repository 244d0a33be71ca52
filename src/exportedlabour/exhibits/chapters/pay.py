"""The chapter on what the money is made of."""

from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from ... import words
from ...assumptions.scenario import Settings
from ...evidence.ledger import Ledger
from ...money import components, revenue
from ...money.observations import REFERENCE_YEAR
from ...project import needed
from ...workers import draws as posterior
from .. import money_plots, tables
from .. import plots as draw
from ..numbers import Headline
from ..years import peak_year, shown_years

SHORTEST = 10_000  # dollars: less than that is told by an arrow
OTHERS = "others"  # stands where a host has its code
ALL = "all hosts"
NO_PLAN = (
    "The model knows a fixed plan of one host, and this ledger has no workers there: in all its"
    " hosts the state has a share of what is paid."
)
TITLES = {"gross": "gross", "state": "to the state", "net": "net"}


def chapter(results: Path, settings: Settings, evidence: Ledger) -> "Chapter":
    """Read the stored draws and return what the chapter shows of them.

    Raises
    ------
    InputError
        If a file of ``results`` is missing.
    """
    workers, codes, years = posterior.read_draws(needed(results, "draws_workers.parquet"))
    world_workers = pd.read_csv(needed(results, "workers_world_year.csv"))
    stored, paid_hosts = revenue.read_pay(needed(results, "draws_pay.parquet"))
    world = pd.read_csv(needed(results, "revenue_world_year.csv"), dtype={"prices": str})
    at = [paid_hosts.index(code) for code in codes]
    pay = revenue.select(stored, np.arange(len(workers)), at)
    parts = components.Parts(workers, codes, years, pay, peak_year(world_workers))
    return Chapter(parts, world, settings, evidence)


class Chapter:
    """Plots, tables and quoted numbers of the chapter.

    Parameters
    ----------
    world : revenue_world_year.csv, with ``prices`` as text.
    """

    def __init__(
        self, parts: components.Parts, world: pd.DataFrame, settings: Settings, evidence: Ledger
    ):
        self.parts, self.settings, self.evidence = parts, settings, evidence
        self.names = {code: evidence.host_name(code) for code in parts.codes}
        self.prices = f"dollars of {settings.price_year}"
        self.payments = components.plan_payments(evidence, settings)
        self.plan = components.plan_of(parts, settings)
        self.months = components.months_by_year(parts)
        self.by_host, self.share_of_largest = components.by_host(
            parts.total["state"], parts.codes, parts.two, self.names, components.DOZEN
        )
        self.constant, self.current = components.in_two_prices(world, settings.price_year)
        everybody = {ALL: range(len(parts.codes))}
        most = components.most_workers(parts)
        named = {self.names[parts.codes[i]]: [i] for i in most}
        self.net = components.a_month(parts, everybody | named, ["net"])["net"]
        region_of = evidence.hosts.set_index("iso3")["region"]
        of = [region_of[code] for code in parts.codes]
        self.regions = everybody | {
            name: [i for i, region in enumerate(of) if region == name] for name in sorted(set(of))
        }
        self.by_region = components.a_month(parts, self.regions)

    def plot(self, name: str) -> None:
        """Draw one of the plots: plan, months, hosts, prices or net."""
        drawn = {
            "plan": self.plot_plan,
            "months": self.plot_months,
            "hosts": self.plot_hosts,
            "prices": self.plot_prices,
            "net": self.plot_net,
        }
        drawn[name]()

    def table(self, name: str) -> None:
        """Show one of the tables: plan, hosts or net."""
        shown = {"plan": self.table_plan, "hosts": self.table_hosts, "net": self.table_net}
        shown[name]()

    # --- the plan

    @property
    def published_plans(self) -> pd.DataFrame:
        """The figures of the plan of its host that are known in dollars."""
        return self.payments[self.payments["here"] & self.payments["dollars"].notna()]

    def plot_plan(self) -> None:
        """Draw the plan by year and its published figures; without its host, say so."""
        if self.plan is None:
            print(NO_PLAN)
            return
        here, peak, last = self.published_plans, self.parts.peak, self.parts.last
        host = self.names[components.PLAN_HOST]
        then, now = (words.dollars(self.plan.of(year)["median"]) for year in (peak, last))
        marked = here[
            ["figure_id", "date", "sector", "dollars_low", "dollars", "dollars_high", "role"]
        ]
        marked = marked.assign(what="published", year=here["date"].astype(int))
        if len(here):
            low, high = (
                words.dollars(value) for value in (here["dollars"].min(), here["dollars"].max())
            )
            alt = (
                f"Fan chart of the yearly plan. Median {then} in {peak} and {now} in {last}; "
                f"{len(here)} published figures lie between {low} and {high}."
            )
        else:
            alt = (
                f"Fan chart of the yearly plan, from the assumption alone; median {then} in {peak}."
            )
        draw.show(
            money_plots.plan(
                self.plan.by_year,
                here,
                f"The plan of a builder in {host}, {self.settings.price_year} dollars a year",
            ),
            name="fig-pay-plan",
            caption="What a builder owes by plan: median with 50, 80 and 95 % intervals, and the"
            " published figures, each at the mean rate and the prices of its year.",
            data=pd.concat([draw.drawn(self.plan.by_year), marked]),
            data_title=f"The plan, {self.prices} a worker and year",
            alt=alt,
        )

    def table_plan(self) -> None:
        """Show every published figure of a fixed plan."""
        rows = self.payments
        if rows.empty:
            print("The ledger has no figure of a fixed plan.")
            return
        every = [row for _, row in rows.iterrows()]
        table = {
            "figure": rows["figure_id"],
            "host": rows["hosts"].map(self.evidence.host_name),
            "sector": rows["sector"],
            "period": [words.period_of(row) for row in every],
            "as published": [
                f"{words.number_of(row)} a {row['unit'].split('/')[-1]}" for row in every
            ],
            f"{self.settings.price_year} dollars a year": [_in_dollars(row) for row in every],
            "asserted by": rows["asserted_by"],
            "in the model": rows["role"],
            "reason": rows["reason"],
        }
        caption = "Every published figure of a fixed plan, the oldest first"
        tables.show(pd.DataFrame(table), caption, ledger=self.evidence)

    def plan_words(self) -> str:
        """Return how large the plan is, what of it is fitted, and its part in the money."""
        if self.plan is None:
            return NO_PLAN
        settings, peak, last = self.settings, self.parts.peak, self.parts.last
        host = self.names[components.PLAN_HOST]
        prior = words.span(*self.plan.prior, words.dollars)
        fitted = self.published_plans["role"].eq("fitted").sum()
        low, high = (words.percent(share) for share in settings.plan_share_russia)
        said = (
            f"A builder in {host} who works on a plan owed the state"
            f" {_dollars(self.plan.of(peak))} a year in {peak}, and {_dollars(self.plan.of(last))}"
            f" in {last}, in {self.prices}. "
        )
        if fitted:
            reference = self.plan.of(REFERENCE_YEAR)
            said += (
                f"Fitted are {fitted} of the ledger's {len(self.payments)} figures of such plans."
                f" The prior of the plan alone would have said {prior} for {REFERENCE_YEAR}"
            )
            if reference is not None:
                left = words.span(reference["lo80"], reference["hi80"], words.dollars)
                said += f"; the figures leave {left}"
            said += (
                ". They are read with an error of their own and a common trend; those of loggers"
                " differ by a factor, and what is drawn is the builders' plan. "
            )
        else:
            said += (
                "No published figure of it is fitted: this is the prior of the plan,"
                f" {prior} for {REFERENCE_YEAR}. "
            )
        there, everywhere = (
            _told(share, words.percent) for share in (self.plan.in_host, self.plan.everywhere)
        )
        return said + (
            "The plan is due whatever is earned, also in months without work, so that it does not"
            f" follow the wage. Between {low} and {high} of the workers in {host} are taken to be"
            " under it, and no more than there are builders; their plan is"
            f" {there} of what the state took there in {peak}, and {everywhere} of what it took in"
            " all hosts."
        )

    # --- months

    @property
    def idle_years(self) -> pd.DataFrame:
        """The months paid in the years in which sites stood idle."""
        return self.months[self.months["year"].isin(revenue.IDLE_YEARS)]

    def plot_months(self) -> None:
        """Draw the months of a year that the mean worker is paid for."""
        years = shown_years(self.parts.years, self.parts.peak)
        shown = self.months[self.months["year"].isin(years)]
        shown = shown.assign(label=shown["year"].astype(str))
        draw.show(
            money_plots.months(
                self.months, revenue.IDLE_YEARS, "Months of a year that are paid, mean worker"
            ),
            name="fig-pay-months",
            caption="Months paid in a year, mean over all workers who are paid by the month: median"
            " with 50, 80 and 95 % intervals. What is missing from twelve is travel, waiting and"
            " idleness.",
            data=draw.drawn(self.months),
            data_title="Months paid in a year, mean worker",
            alt="Intervals of the months paid by year. " + _lines(shown, _months),
        )

    def months_words(self) -> str:
        """Return how many months are paid, and what idleness cost the state."""
        usual_years = self.months[~self.months["year"].isin(revenue.IDLE_YEARS)]
        said = ""
        if len(usual_years):
            usual = usual_years.iloc[(usual_years["year"] - self.parts.peak).abs().argmin()]
            one_host = words.span(*components.months_assumed(self.settings), _months)
            said = (
                f"Outside the plan, the mean worker was paid for {_told(usual, _months)} of"
                f" {int(usual['year'])}; the assumption for any one host is {one_host}. "
            )
        idle = self.idle_years
        if idle.empty:
            return said + "No year of this book is among those in which sites stood idle."
        first, last = idle["year"].iloc[0], idle["year"].iloc[-1]
        span = f"{first} to {last}" if len(idle) > 1 else f"{first}"
        during = idle.iloc[len(idle) // 2]
        return said + (
            f"In {span} sites were locked down and plants had no orders: of {int(during['year'])},"
            f" {_told(during, _months)} were paid. Had those who were abroad worked as in other"
            f" years, the state would have had {_dollars(self.lost)} more from them in {span}, in"
            f" {self.prices}. {'The fixed plan was due all the same.' if self.plan else ''}"
        )

    @cached_property
    def lost(self) -> pd.Series:
        """The summary of what the state lost to idleness in all idle years, dollars."""
        return components.lost_in(self.parts, self.idle_years["year"].to_numpy())

    # --- hosts

    def plot_hosts(self) -> None:
        """Draw what the state took by host in the two years."""
        rows = self.by_host
        labelled = rows.assign(label=rows["label"] + ", " + rows["year"].astype(str))
        draw.show(
            money_plots.two_years(
                rows,
                "Taken by the state, by host",
                f"million {self.prices} a year",
                scale=1e-6,
                shortest=SHORTEST / 1e6,
            ),
            name="fig-pay-hosts",
            caption="What the state took by host,"
            f" {' and '.join(str(year) for year in self.parts.two)}: medians and 80 % intervals,"
            " log scale; an arrow where an interval goes on to less than"
            f" {words.dollars(SHORTEST)}.",
            data=draw.strip_data(labelled),
            data_title=f"Taken by the state by host, {self.prices} a year",
            alt="Intervals by host and year. " + _lines(labelled, words.dollars),
        )

    def table_hosts(self) -> None:
        """Show the same as one table a year."""

        def million(value: float) -> str:
            return f"{words.rounded(value / 1e6):,.3g}"

        for year in self.parts.two:
            rows = self.by_host[self.by_host["year"] == year]
            share = words.percent(self.share_of_largest[int(year)])
            more = (rows["host"] == OTHERS).any()
            caption = f"Taken by the state, {year}, million {self.prices}"
            caption += f"; the hosts named have {share} of it" if more else ""
            table = tables.interval_rows(rows, "label", million)
            tables.show(table.rename(columns={"label": "host"}), caption)

    def hosts_words(self) -> str:
        """Return which host brought the state most in each of the two years."""
        lines = self.by_host[self.by_host["host"] != OTHERS]
        said = []
        for year in self.parts.two:
            of_year = lines[lines["year"] == year].sort_values("median", ascending=False)
            first = of_year.iloc[0]
            said.append(f"In {year} {first['label']} brought the state most: {_dollars(first)}.")
        return " ".join(said)

    # --- prices

    @property
    def highest(self) -> list[int]:
        """The years of the highest median, in constant and in current dollars."""
        return [
            int(table.loc[table["median"].idxmax(), "year"])
            for table in (self.constant, self.current)
        ]

    def plot_prices(self) -> None:
        """Draw what the state took in dollars of each year and of the price year."""
        year, first, last = self.settings.price_year, self.parts.years[0], self.parts.last
        highest = self.highest
        begin, top, end = (
            [words.dollars(value) for value in values]
            for values in zip(
                *(
                    (table["median"].iloc[0], table["median"].max(), table["median"].iloc[-1])
                    for table in (self.constant, self.current)
                )
            )
        )
        draw.show(
            money_plots.two_prices(
                self.constant,
                self.current,
                year,
                "Taken by the state, million dollars a year",
                scale=1e-6,
            ),
            name="fig-pay-prices",
            caption=f"The same sums in dollars of {year} and in those of each year: medians with"
            " 80 % intervals. US consumer prices turn one into the other.",
            data=pd.concat(
                [
                    draw.drawn(table).assign(prices=name)
                    for name, table in ((str(year), self.constant), ("current", self.current))
                ]
            ),
            data_title="Taken by the state, dollars a year in two prices",
            alt=f"Two lines with bands. In dollars of {year}: median {begin[0]} in {first},"
            f" {top[0]} in {highest[0]}, {end[0]} in {last}. In dollars of each year:"
            f" {begin[1]}, {top[1]} in {highest[1]}, {end[1]}.",
        )

    def prices_words(self) -> str:
        """Return what the state took in the first and last year, and what of it is inflation."""
        first, last = self.parts.years[0], self.parts.last
        constant, current = (
            [_dollars(table.iloc[i]) for i in (0, -1)] for table in (self.constant, self.current)
        )
        times = [
            f"{table['median'].iloc[-1] / table['median'].iloc[0]:.2g}"
            for table in (self.constant, self.current)
        ]
        return (
            f"Told in dollars of each year, the state took {current[0]} in {first} and"
            f" {current[1]} in {last}, {times[1]} times as much. In {self.prices} it took"
            f" {constant[0]} and {constant[1]}, {times[0]} times as much: the rest is inflation."
            f" The highest median is that of {self.highest[0]} in constant dollars and of"
            f" {self.highest[1]} in current ones."
        )

    # --- the worker

    @property
    def net_of_hosts(self) -> pd.DataFrame:
        """Net pay a month in the hosts with most workers, the highest first."""
        rows = self.net[self.net["label"] != ALL]
        return rows.sort_values("median", ascending=False)

    @property
    def net_of_all(self) -> pd.DataFrame:
        """Net pay a month over all hosts, one row."""
        return self.net[self.net["label"] == ALL]

    def plot_net(self) -> None:
        """Draw net pay by host."""
        draw.show(
            draw.intervals(
                pd.concat([self.net_of_all, self.net_of_hosts]),
                f"Net pay of a worker and month, {self.parts.peak}",
                f"{self.prices} a month of the year",
            ),
            name="fig-pay-net",
            caption="What reaches the worker, mean over the workers of a host, for the hosts with"
            " the most workers: medians with 50, 80 and 95 % intervals.",
            data=draw.strip_data(self.net),
            data_title=f"Net pay by host, {self.prices} a worker and month",
            alt="Intervals of net monthly pay. " + _lines(self.net, words.dollars),
        )

    def table_net(self) -> None:
        """Show what a worker brought, and had, by region."""

        def rounded(value: float) -> str:
            return f"{words.rounded(value):,.0f}"

        of_region = {
            TITLES[name]: [_told(row, rounded) for _, row in rows.iterrows()]
            for name, rows in self.by_region.items()
        }
        counted = [len(at) for at in self.regions.values()]
        table = pd.DataFrame({"region": list(self.regions), "hosts": counted} | of_region)
        tables.show(
            table,
            f"Dollars of {self.settings.price_year} a worker and month of the year,"
            f" {self.parts.peak}: median (80 % interval)",
        )

    def net_words(self) -> str:
        """Return in which of the large hosts net pay is highest and lowest."""
        rows = self.net_of_hosts
        if len(rows) < 2:
            return ""
        highest, lowest = rows.iloc[0], rows.iloc[-1]
        return (
            "Among the hosts with the most workers the median is highest in"
            f" {highest['label']}, {_dollars(highest)}, and lowest in {lowest['label']},"
            f" {_dollars(lowest)}."
        )

    def headline(self) -> Headline:
        """Return the numbers and words that pages quote."""
        numbers = Headline()
        net, gross = self.net_of_all.iloc[0], self.by_region["gross"].iloc[0]
        numbers.interval("pay_net", net, words.dollars, quoted=("pay_net_80",))
        numbers.interval("pay_gross", gross, words.dollars)
        if self.plan is not None:
            peak, last = (self.plan.of(year) for year in (self.parts.peak, self.parts.last))
            numbers.interval("pay_plan_peak", peak, words.dollars)
            numbers.interval("pay_plan_last", last, words.dollars)
            numbers.interval("pay_plan_share", self.plan.in_host, words.percent)
        if len(self.idle_years):
            numbers.interval("pay_idle_lost", self.lost, words.dollars)
        said = {
            "pay_plan_words": self.plan_words(),
            "pay_months_words": self.months_words(),
            "pay_hosts_words": self.hosts_words(),
            "pay_prices_words": self.prices_words(),
            "pay_net_words": self.net_words(),
        }
        for name, text in said.items():
            numbers.put(name, text, text)
        return numbers


def _told(row: pd.Series, write) -> str:
    """Return a median with its 80 % interval in brackets."""
    return f"{write(row['median'])} ({words.span(row['lo80'], row['hi80'], write)})"


def _dollars(row: pd.Series) -> str:
    return _told(row, words.dollars)


def _lines(rows: pd.DataFrame, write) -> str:
    """Return what each row says, for those who cannot see the plot."""
    told = [
        f"{r.label}: median {write(r.median)}, 80 % interval {words.span(r.lo80, r.hi80, write)}"
        for r in rows.itertuples()
    ]
    return "; ".join(told) + "."


def _months(value: float) -> str:
    return f"{value:.1f} months"


def _in_dollars(row: pd.Series) -> str:
    """Return a plan in dollars of the price year: one number, or the ends of its range."""
    if np.isnan(row["dollars"]):
        return "no rate for its year"
    low, high = (f"{words.rounded(row[f'dollars_{end}']):,.0f}" for end in ("low", "high"))
    return low if row["dollars_low"] == row["dollars_high"] else f"{low} to {high}"
