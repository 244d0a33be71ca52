"""The chapter on how many workers there are."""

from pathlib import Path

import pandas as pd

from ... import words
from ...assumptions.scenario import Settings
from ...evidence.hosts_apart import CHINA, RUSSIA, UNPOOLED
from ...evidence.ledger import Ledger
from ...project import needed
from ...workers import largest
from ...workers.draws import read_draws
from .. import plots as draw
from .. import tables
from ..numbers import Headline
from ..years import peak_year, shown_years

RANKED = 20  # hosts of the ranking


def chapter(results: Path, settings: Settings, evidence: Ledger) -> "Chapter":
    """Read what is stored of the fit, and return what the chapter shows of it.

    Raises
    ------
    InputError
        If a file of ``results`` is missing.
    """
    world = pd.read_csv(needed(results, "workers_world_year.csv"))
    host_year = pd.read_csv(needed(results, "workers_host_year.csv"))
    draws, codes, years = read_draws(needed(results, "draws_workers.parquet"))
    peak = peak_year(world)
    share = largest.share_of(draws, codes, years, UNPOOLED, peak)
    return Chapter(world, host_year, share, settings, evidence)


class Chapter:
    """Plots, tables and quoted numbers of the chapter.

    Parameters
    ----------
    world, host_year : workers_world_year.csv and workers_host_year.csv.
    share_of_large : summary of the share of the hosts ``UNPOOLED`` in the peak year, if any is
        there.
    """

    def __init__(
        self,
        world: pd.DataFrame,
        host_year: pd.DataFrame,
        share_of_large: pd.Series | None,
        settings: Settings,
        evidence: Ledger,
    ):
        self.world, self.host_year, self.share_of_large = world, host_year, share_of_large
        self.settings, self.evidence = settings, evidence
        self.years = world["year"].astype(int).tolist()
        self.peak_year, self.last_year = peak_year(world), self.years[-1]
        self.peak = world[world["year"] == self.peak_year].iloc[0]
        self.last = world.iloc[-1]
        totals = evidence.figures.query(
            "hosts == 'WLD' and quantity == 'stock_workers' and scope == 'national'"
            " and use in ['fit', 'judge']"
        )
        begins = totals["period_start"].str[:4].astype(int)
        self.totals = totals[begins.between(self.years[0], self.last_year)]
        of_peak = host_year[(host_year["year"] == self.peak_year) & ~host_year["no_data"]]
        self.of_peak = of_peak

    def plot(self, name: str) -> None:
        """Draw one of the plots: world or hosts."""
        {"world": self.plot_world, "hosts": self.plot_hosts}[name]()

    def table(self, name: str) -> None:
        """Show one of the tables: world or hosts."""
        {"world": self.table_world, "hosts": self.table_hosts}[name]()

    def plot_world(self) -> None:
        """Draw the workers of all hosts by year, and the published totals."""
        peak, last, totals = self.peak, self.last, self.totals
        with_totals = len(totals) > 0
        marked = (
            f" {len(totals)} published totals are marked by class of source; copies are hollow."
        )
        draw.show(
            draw.workers_world(self.world, totals, self.settings.copy_threshold),
            name="fig-workers-world",
            caption="Workers abroad: median and 50, 80 and 95 % intervals"
            + (
                ", with the published world totals."
                if with_totals
                else ". No total of all hosts was published."
            ),
            data=draw.drawn(self.world, totals),
            data_title="Workers abroad: estimates by year, and published totals",
            alt=f"Fan chart from {self.years[0]} to {self.last_year}. The median is"
            f" {words.people(peak['median'])} in {self.peak_year} and"
            f" {words.people(last['median'])} in {self.last_year} with a 95 % interval of"
            f" {words.people(last['lo95'])} to {words.people(last['hi95'])}."
            + (marked if with_totals else ""),
        )

    def table_world(self) -> None:
        """Show the workers of all hosts in some years."""
        shown = self.world[self.world["year"].isin(shown_years(self.years, self.peak_year))]
        tables.show(tables.interval_rows(shown, "year"), "Workers abroad, all hosts")

    def plot_hosts(self) -> None:
        """Draw the hosts with most workers in the peak year."""
        named = [
            f"{self.evidence.host_name(r.host)} {words.people(r.median)}"
            for r in self.of_peak.nlargest(5, "median").itertuples()
        ]
        most = self.of_peak.nlargest(RANKED, "median")
        draw.show(
            draw.ranking(
                self.of_peak, self.evidence.host_name, f"Workers by host, {self.peak_year}"
            ),
            name="fig-workers-hosts",
            caption=f"The hosts with most workers in {self.peak_year}, at most twenty: median, 50,"
            " 80 and 95 % intervals on a log scale. Each line to the right is ten times more.",
            data=most.drop(columns=["n_figures", "n_effective", "no_data"]),
            alt=f"Hosts in order of the median number of workers in {self.peak_year}, on a log"
            f" scale with intervals. {'; '.join(named)}.",
        )

    def table_hosts(self) -> None:
        """Show the same as a table."""
        rows = self.of_peak.nlargest(RANKED, "median")
        rows = rows.assign(host=rows["host"].map(self.evidence.host_name))
        tables.show(tables.interval_rows(rows, "host"), f"Workers by host in {self.peak_year}")

    def last_counted(self) -> str:
        """Return whether a head count of the last year was fitted."""
        ends = self.totals["period_end"].str[:4].astype(int)
        of_last = (self.totals["use"] == "fit") & (ends >= self.last_year)
        if self.last["n_effective"] > 0 or of_last.any():
            return f"Head counts of {self.last_year} were fitted."
        return f"No head count of {self.last_year} was fitted: its number is carried forward."

    def headline(self) -> Headline:
        """Return the numbers that pages quote."""
        numbers, people = Headline(), words.people
        numbers.put("peak_year", self.peak_year, str(self.peak_year))
        numbers.put("last_year", self.last_year, str(self.last_year))
        numbers.interval("world_peak", self.peak, people, quoted=("world_peak_80", "world_peak_95"))
        numbers.interval("world_last", self.last, people, quoted=("world_last_80", "world_last_95"))
        numbers.put("last_counted", self.last_counted(), self.last_counted())
        if self.share_of_large is not None:
            numbers.interval(
                "rus_chn_share", self.share_of_large, words.percent, quoted=("rus_chn_share_80",)
            )
        russia, china = self._of(RUSSIA), self._of(CHINA)
        if len(russia):
            peak, last = russia.loc[self.peak_year], russia.loc[self.last_year]
            numbers.interval("rus_peak", peak, people, quoted=("rus_peak_80",))
            numbers.interval("rus_last", last, people, quoted=("rus_last_80",))
        if len(china):
            peak, last = china.loc[self.peak_year], china.loc[self.last_year]
            numbers.interval("chn_peak", peak, people, quoted=("chn_peak_80",))
            numbers.interval("chn_last", last, people, quoted=("chn_last_80",))
            since = largest.largest_since(self.host_year, CHINA)
            numbers.put("chn_rank", since, self._rank(since))
        return numbers

    def _of(self, host: str) -> pd.DataFrame:
        """Return the lines of a host by year."""
        return self.host_year[self.host_year["host"] == host].set_index("year")

    def _rank(self, since: int | None) -> str:
        if since is None:
            return "the largest host in every year"
        if since <= self.last_year:
            return f"the largest host since {since}"
        return "one of the two largest hosts"
