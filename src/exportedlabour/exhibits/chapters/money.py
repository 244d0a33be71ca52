"""The chapter on how much money the state takes."""

import pandas as pd

from ... import words
from ...assumptions.scenario import Settings
from ...evidence.ledger import Ledger
from ...money import it, revenue
from ...money.totals import Totals
from .. import plots as draw
from .. import tables
from ..numbers import Headline
from ..years import shown_years

PANEL = "UNO100"  # what the UN Panel said of IT workers, at home and abroad


def chapter(totals: Totals, settings: Settings, evidence: Ledger) -> "Chapter":
    """Return what the chapter shows of the money of a build."""
    return Chapter(totals, settings, evidence)


class Chapter:
    """Plots, tables and quoted numbers of the chapter; dollars of each year unless it says so."""

    def __init__(self, totals: Totals, settings: Settings, evidence: Ledger):
        self.totals, self.settings, self.evidence = totals, settings, evidence
        self.peak, self.years = totals.peak, totals.years
        self.whose = "manual and IT workers together" if totals.with_it else "without IT workers"
        self.it = it.table(totals.it)

    def world(self, definition: str) -> pd.DataFrame:
        """Return the money of all hosts by year under one definition."""
        table = self.totals.world
        return table[(table["definition"] == definition) & (table["prices"] == revenue.PRICES[0])]

    def at_peak(self, definition: str) -> pd.Series:
        """Return the money of all hosts in the peak year."""
        table = self.world(definition)
        return table[table["year"] == self.peak].iloc[0]

    def plot(self, name: str) -> None:
        """Draw one of the plots: state, definitions, sectors, division or it."""
        drawn = {
            "state": self.plot_state,
            "definitions": self.plot_definitions,
            "sectors": self.plot_sectors,
            "division": self.plot_division,
            "it": self.plot_it,
        }
        drawn[name]()

    def table(self, name: str) -> None:
        """Show one of the tables: years (one for each definition) or pay."""
        shown = {"years": self.table_years, "pay": self.table_pay}
        shown[name]()

    def plot_state(self) -> None:
        """Draw what the state took by year."""
        state = self.world("state")
        then, last = self.at_peak("state"), state.iloc[-1]
        draw.show(
            draw.simple_fan(
                state,
                f"Taken by the state, million dollars a year, current prices ({self.whose})",
                scale=1e-6,
            ),
            name="fig-revenue-state",
            caption="What the state took from workers abroad: median and 50, 80 and 95 %"
            " intervals.",
            data=draw.drawn(state),
            data_title="Taken by the state, current dollars a year",
            alt="Fan chart of yearly revenue to the state. Median"
            f" {words.dollars(then['median'])} in {self.peak} and"
            f" {words.dollars(last['median'])} in {self.years[-1]}, 95 % interval"
            f" {words.span(last['lo95'], last['hi95'], words.dollars)}.",
        )

    def plot_definitions(self) -> None:
        """Draw the money of the peak year under the four definitions."""
        rows = pd.DataFrame([self.at_peak(name) for name in revenue.DEFINITIONS])
        rows = rows.assign(label=list(revenue.DEFINITIONS))
        intervals = [f"{end}{level}" for level in (50, 80, 95) for end in ("lo", "hi")]
        draw.show(
            draw.intervals(
                rows,
                f"Four definitions of the money, world, {self.peak}",
                f"million dollars of {self.peak}",
                scale=1e-6,
            ),
            name="fig-revenue-definitions",
            caption="The same workers under four definitions. What is often quoted as taken by the"
            " state includes what the company, managers, board and lodging cost.",
            data=rows[["label", "median", *intervals]],
            data_title=f"Four definitions of the money, dollars of {self.peak}",
            alt=_lines(rows),
        )

    def table_years(self) -> None:
        """Show one table a definition, with a line for each of some years."""

        def million(value: float) -> str:
            return f"{words.rounded(value / 1e6):,.0f}"

        years = shown_years(self.years, self.peak)
        for name, meaning in revenue.DEFINITIONS.items():
            table = self.world(name)
            tables.show(
                tables.interval_rows(table[table["year"].isin(years)], "year", million),
                f"{name}: {meaning}; million dollars a year, current prices",
            )

    def plot_sectors(self) -> None:
        """Draw what the state took in the peak year by sector."""
        table = self.totals.by_sector
        rows = table[
            (table["definition"] == "state")
            & (table["prices"] == revenue.PRICES[0])
            & (table["year"] == self.peak)
        ]
        rows = rows.assign(label=rows["sector"]).sort_values("median", ascending=False)
        draw.show(
            draw.intervals(
                rows,
                f"Taken by the state by sector, {self.peak}",
                f"million dollars of {self.peak}",
                scale=1e-6,
            ),
            name="fig-revenue-sector",
            caption="What the state took, by sector of work: medians with 50, 80 and 95 %"
            " intervals.",
            data=draw.strip_data(rows),
            alt=_lines(rows),
        )

    def plot_division(self) -> None:
        """Draw who has which part of gross pay in the largest hosts."""
        shares = self.totals.division.copy()
        shares.insert(0, "label", shares["host"].map(self.evidence.host_name))
        shares = shares.drop(columns="host")
        told = [
            f"{r.label}: state {r.state:.0%}, worker {r.worker:.0%}" for r in shares.itertuples()
        ]
        draw.show(
            draw.division(shares, f"Division of gross pay, {self.peak} (posterior medians)"),
            name="fig-division",
            caption="Shares of gross pay. The state's part and the worker's are medians of the"
            " posterior; the middle is what is left.",
            data=shares,
            alt=f"Stacked bars of gross pay by host: {'; '.join(told)}.",
        )

    def table_pay(self) -> None:
        """Show gross earnings in the largest hosts."""
        table = self.totals.pay_by_host
        main = table[
            (table["definition"] == "gross") & table["host"].isin(self.totals.division["host"])
        ]
        main = main.assign(host=main["host"].map(self.evidence.host_name))
        tables.show(
            tables.interval_rows(main, "host"),
            f"Gross earnings per worker and month of the year, {self.peak},"
            f" in {self.settings.price_year} dollars",
        )

    def plot_it(self) -> None:
        """Draw what the state took from IT workers; where no year has a figure of them, say so."""
        if not len(self.totals.it.years):
            print("No year of this ledger has a figure of IT workers.")
            return
        rows = self.it[self.it["quantity"] == "state"]
        draw.show(
            draw.simple_fan(
                rows,
                "IT workers abroad: taken by the state, million dollars a year, current prices",
                scale=1e-6,
            ),
            name="fig-it",
            caption="What the state took from IT workers abroad, by assumption; in no other total"
            " of this chapter unless it says so.",
            data=draw.drawn(rows),
            alt="Fan chart of yearly money from IT workers abroad to the state,"
            f" {self.totals.it.years[0]} to {self.years[-1]}.",
        )

    def headline(self) -> Headline:
        """Return the numbers that pages quote."""
        numbers, dollars = Headline(), words.dollars
        numbers.put("price_year", self.settings.price_year, str(self.settings.price_year))
        peak = {name: self.at_peak(name) for name in revenue.DEFINITIONS}
        last = {name: self.world(name).iloc[-1] for name in revenue.DEFINITIONS}
        numbers.interval("gross_peak", peak["gross"], dollars, quoted=("gross_peak_80",))
        numbers.interval("gross_last", last["gross"], dollars)
        numbers.interval("withheld_peak", peak["withheld"], dollars)
        numbers.interval("withheld_last", last["withheld"], dollars)
        numbers.interval(
            "state_peak", peak["state"], dollars, quoted=("state_peak_80", "state_peak_95")
        )
        numbers.interval(
            "state_last", last["state"], dollars, quoted=("state_last_80", "state_last_95")
        )
        numbers.interval("net_peak", peak["net"], dollars, quoted=("net_peak_80",))
        numbers.interval("net_last", last["net"], dollars)
        apart = self.totals.it.years
        if len(apart):
            numbers.put("it_year", int(apart[-1]), str(apart[-1]))
            heads, state = (
                self.it[self.it["quantity"] == name].iloc[-1] for name in ("heads", "state")
            )
            numbers.interval("it_heads", heads, words.people, quoted=("it_heads_80",))
            numbers.interval("it_state", state, dollars, quoted=("it_state_80",))
        panel = self.evidence.figures[self.evidence.figures["figure_id"] == PANEL]
        low, said = None, "sum, which is not in this ledger,"
        if len(panel):
            low = float(panel["low"].iloc[0])
            said = f"{low / 1e6:.0f} to {dollars(panel['high'].iloc[0])}"
        numbers.put("stated_UNO100", low, said)
        numbers.put("it_included", self.settings.include_it, self.whose)
        return numbers


def _lines(rows: pd.DataFrame) -> str:
    """Return what each row says, for those who cannot see the plot."""
    told = [
        f"{r.label}: median {words.dollars(r.median)},"
        f" 80 % interval {words.dollars(r.lo80)} to {words.dollars(r.hi80)}"
        for r in rows.itertuples()
    ]
    return "; ".join(told) + "."
