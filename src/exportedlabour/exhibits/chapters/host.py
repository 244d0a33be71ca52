"""The page of one host."""

from pathlib import Path

import pandas as pd
from IPython.display import HTML, display

from ... import words
from ...assumptions.scenario import Settings
from ...evidence import disagreement, ledger
from ...evidence.ledger import Ledger
from ...evidence.lineage import effective_number, is_copy
from ...evidence.reading import middle_date
from ...evidence.regions import HOME
from ...project import InputError, needed
from .. import plots as draw
from .. import tables, why_wide
from ..numbers import Headline
from ..years import peak_year

WORLD = "WLD"
GROUP = "group"  # the treatment of a region or of the world


def chapter(host: str, results: Path, settings: Settings, evidence: Ledger) -> "Chapter":
    """Read what is estimated of a host, and return what its page shows.

    Parameters
    ----------
    host : a code of data/hosts.csv, a country, a region or the world.

    Raises
    ------
    InputError
        If there is no such host, no figure names it, or a file of ``results`` is missing.
    """
    known = list(evidence.hosts["iso3"])
    if host not in known:
        raise InputError(
            f"host {host!r} is not in {evidence.folder / 'hosts.csv'}; there are:"
            f" {', '.join(known)}."
        )
    if evidence.about(host).empty:
        raise InputError(f"host {host!r}: no figure of the ledger names it.")
    everywhere = pd.read_csv(needed(results, "workers_world_year.csv"))
    stock = everywhere
    if host != WORLD:
        every = pd.read_csv(needed(results, "workers_host_year.csv"))
        stock = every[every["host"] == host]
    return Chapter(host, stock, peak_year(everywhere), settings, evidence)


class Chapter:
    """Plots, tables and quoted numbers of the page.

    Parameters
    ----------
    stock : the lines of the host in workers_host_year.csv, none if it has no estimate of its own.
    peak : the year that is told of every host.
    """

    def __init__(
        self, host: str, stock: pd.DataFrame, peak: int, settings: Settings, evidence: Ledger
    ):
        self.host, self.stock, self.peak = host, stock, peak
        self.settings, self.evidence = settings, evidence
        self.row, self.name = evidence.hosts.set_index("iso3").loc[host], evidence.host_name(host)
        self.figures = evidence.about(host)
        self.own = self.figures[
            (self.figures["hosts"] == host)
            & self.figures["quantity"].isin(ledger.HEAD_COUNTS)
            & (self.figures["use"] != "exclude")
        ]
        self.world, self.estimated = host == WORLD, len(stock) > 0
        at = [middle_date(figure) for _, figure in self.figures.iterrows()]
        dated = self.figures.assign(at=at).sort_values(["at", "figure_id"])
        self.ordered = dated.drop(columns="at")  # the oldest first

    def plot(self, name: str) -> None:
        """Draw the plot of workers; nothing where there is no estimate."""
        {"workers": self.plot_workers}[name]()

    def table(self, name: str) -> None:
        """Show one of the tables: years, conflicts, figures or sources."""
        shown = {
            "years": self.table_years,
            "conflicts": self.table_conflicts,
            "figures": self.table_figures,
            "sources": self.table_sources,
        }
        shown[name]()

    def plot_workers(self) -> None:
        """Draw the workers by year and all published head counts; nothing without an estimate."""
        if not self.estimated:
            return
        stock = self.stock
        best, last = stock.loc[stock["median"].idxmax()], stock.iloc[-1]
        not_read = (self.own["quantity"] == "entries") & (self.own["use"] != "fit")
        drawn = self.own[~not_read]
        title = "Workers abroad" if self.world else f"Workers in {self.name}"
        draw.show(
            draw.host_stock(stock, drawn, title, self.settings.copy_threshold),
            name=f"fig-host-{self.host}",
            caption=f"Workers, {self.name}: median and 50, 80 and 95 % intervals, with all"
            " published head counts. Pale marks were not fitted. Each mark leads to its row"
            " below.",
            data=draw.drawn(stock, drawn),
            data_title=f"Workers, {self.name}: estimates by year, and published head counts",
            alt=f"Fan chart of workers, {self.name}. The median is highest in"
            f" {best['year']:.0f} with {words.people(best['median'])} and is"
            f" {words.people(last['median'])} in {last['year']:.0f}, 95 % interval"
            f" {words.people(last['lo95'])} to {words.people(last['hi95'])}. {len(drawn)}"
            " published figures are marked by class of source.",
        )

    def table_years(self) -> None:
        """Show every year's interval and what it rests on; nothing without an estimate."""
        if not self.estimated:
            return
        stock, fitted = self.stock, why_wide.fitted_by_year(self.own)
        years = stock["year"].astype(int)
        table = tables.interval_rows(stock, "year")
        table["figures"] = stock["n_figures"].to_numpy()
        table["why this wide"] = [
            why_wide.why(row, fitted.get(year), self.world)
            for year, (_, row) in zip(years, stock.iterrows())
        ]
        table["fitted for the year"] = [
            ", ".join(fitted[year]["figure_id"]) if year in fitted else "none" for year in years
        ]
        tables.show(
            table,
            f"Workers, {self.name}, year by year, with the figures published for the year and"
            " those that the model read",
            anchors=stock["year"].map("y{:.0f}".format),
            ledger=self.evidence,
        )

    def table_conflicts(self) -> None:
        """Show conflicts of figures, events and gaps that concern the host, where there are any."""
        conflicts, events, gaps = (
            table[[self.host in ledger.hosts_in(code) for code in table["hosts"]]]
            for table in (self.evidence.conflicts, self.evidence.events, self.evidence.gaps)
        )
        if len(conflicts):
            shown = {
                "figures": conflicts["figures"].str.replace("+", ", "),
                "what they say": conflicts["what"],
                "settled": conflicts["reason"],
                "rule": conflicts["rule"],
            }
            caption = f"Conflicts about {self.name}, and how each was settled"
            tables.show(pd.DataFrame(shown), caption, ledger=self.evidence)
        if len(events):
            events = events.sort_values("date_start")
            dates = events.rename(columns={"date_start": "period_start", "date_end": "period_end"})
            shown = {
                "date": [words.period_of(event) for _, event in dates.iterrows()],
                "event": events["title"],
                "what happened": events["description"],
                "shown by": [
                    event.source_figures.replace("+", ", ") or event.source_text
                    for event in events.itertuples()
                ],
            }
            caption = f"Events that concern {self.name}"
            tables.show(pd.DataFrame(shown), caption, ledger=self.evidence)
        if len(gaps):
            told = {"sought": "looked for, not found", "outcome": "found instead"}
            tables.show(gaps[list(told)].rename(columns=told), f"Gaps, {self.name}")

    def table_figures(self) -> None:
        """Show every row of the ledger that names the host, and lead to them as CSV."""
        rows = self.ordered
        table, links = tables.figures_table(self.evidence, rows)
        one_place = (rows["hosts"] == rows["hosts"].iloc[0]).all()
        table = table.drop(columns=["sector", "copy"] if one_place else ["sector"])
        if (rows["hosts"] == self.host).all():
            table = table.drop(columns=["host"], errors="ignore")
        links.pop("id")
        caption = f"{len(rows)} figures about {self.name}"
        tables.show(table, caption, links, anchors=table["id"], ledger=self.evidence)
        display(
            HTML(
                '<p><a class="reference download"'
                f' href="../data/hosts/{self.host}_figures.csv" download>These rows as CSV</a></p>'
            )
        )

    def table_sources(self) -> None:
        """Show the sources of those rows."""
        by_source = self.ordered.groupby("source", sort=False)["figure_id"].agg(", ".join)
        keys = list(by_source.index)
        entries = self.evidence.sources.entries
        named = [tables.source_of(self.evidence, key) for key in keys]
        shown = {
            "source": [label for label, _ in named],
            "title": [ledger.plain(entries[key].fields.get("title", "")) for key in keys],
            "published": [self.evidence.published(key) or "undated" for key in keys],
            "figures": by_source.to_numpy(),
        }
        tables.show(
            pd.DataFrame(shown),
            f"{len(by_source)} sources on {self.name}",
            {"source": pd.Series([address for _, address in named])},
        )

    def of_year(self, year: int, what: tuple[str, str] = ("", "")) -> str:
        """Return the estimate of a year in words; ``what`` follows one person, and several."""
        at = self.stock[self.stock["year"] == year].iloc[0]
        number = words.people(at["median"])
        return (
            f"{number}{what[0] if number == '1' else what[1]} (80 % interval"
            f" {words.people(at['lo80'])} to {words.people(at['hi80'])})"
        )

    def sentence(self) -> str:
        """Return the estimates of the peak and of the last year, and what they rest on."""
        copies = int(is_copy(self.figures, self.settings.copy_threshold).sum())
        fitted = int((self.own["use"] == "fit").sum())
        place = "the world" if self.world else self.name
        evidence = why_wide.evidence(place, len(self.figures), copies, fitted)
        if not self.estimated:
            return f"No estimate of its own is made. {evidence}"
        last = int(self.stock["year"].iloc[-1])
        said = f"Workers in {self.peak}: {self.of_year(self.peak)}. "
        said += f"In {last}: {self.of_year(last)}. " if last != self.peak else ""
        said += evidence
        if bool(self.stock["no_data"].iloc[0]):
            said += (
                " Nobody has counted them: the estimate is that of any host that was named and"
                " never counted, and is flagged as such."
            )
        return said

    def disagreement(self) -> str:
        """Return in which year independent counts of the whole place are furthest apart."""
        place = "region" if self.row["treatment"] == GROUP else "country"
        place = "world" if self.world else place
        found = disagreement.of(self.own, self.settings.copy_threshold)
        if found is None:
            return (
                f"In no year were there two head counts for the whole {place} that were not copies"
                " of one another."
            )
        low, high = (
            f"{words.number_of(figure)} ({figure['figure_id']}, {figure['asserted_by']})"
            for figure in (found.low, found.high)
        )
        years = f"In {found.years} years" if found.years > 1 else "In one year"
        return (
            f"{years} more than one figure was published for the whole {place}, copies, context"
            f" and excluded rows aside. They are furthest apart for {found.year}: {low} and {high}."
        )

    def first_named(self) -> str:
        """Return who named the host first, nothing for a region and for North Korea."""
        if self.row["treatment"] == GROUP or self.host == HOME:
            return ""
        return f"First named as a host in {self.row['first_named']} by {self.row['named_by']}."

    def headline(self) -> Headline:
        """Return the numbers that the page quotes; a page calls ``host_RUS_name`` ``this_name``."""
        numbers = Headline()
        said = {
            "name": self.name,
            "code": self.host,
            "presence": self.row["presence"],
            "sentence": self.sentence(),
            "disagreement": self.disagreement(),
            "named": self.first_named(),
            "estimated": "yes" if self.estimated else "no",
        }
        if self.estimated:
            place = "all hosts" if self.world else self.name
            number = self.of_year(self.peak, (" worker", " workers"))
            said |= {
                "width": why_wide.sentence(self.stock),
                "cited": f"{place}, {self.peak}: {number}, average of the year.",
                "cited_year": str(self.peak),
            }
        for name, text in said.items():
            numbers.put(f"host_{self.host}_{name}", text, text)
        independent = effective_number(self.own[self.own["use"] == "fit"])
        numbers.put(f"host_{self.host}_independent", independent, f"{independent:.0f}")
        return numbers
