"""The chapter that lists all hosts."""

import pandas as pd

from ...assumptions.scenario import Settings
from ...evidence import ledger, lineage, schema
from ...evidence.ledger import Ledger
from ...evidence.regions import HOME
from .. import evidence_plots, plots, tables
from ..numbers import Headline


def chapter(settings: Settings, evidence: Ledger) -> "Chapter":
    """Return what the chapter shows of the hosts of a ledger."""
    return Chapter(settings, evidence)


class Chapter:
    """Plots, tables and quoted numbers of the chapter.

    Attributes
    ----------
    coverage : effective numbers of independent head counts, a row a host and a column a year.
    listed : hosts.csv with the ``strength`` of evidence and the number of ``figures``.
    """

    def __init__(self, settings: Settings, evidence: Ledger):
        self.settings, self.evidence = settings, evidence
        self.strength = evidence_plots.strength_of(evidence)
        rows = evidence.figures
        heads = rows[
            rows["quantity"].isin(ledger.HEAD_COUNTS)
            & (rows["use"] != "exclude")
            & ~rows["hosts"].str.contains("+", regex=False)
        ]
        years = range(settings.first_year, settings.last_year + 1)
        self.coverage = lineage.coverage(heads, years)
        listed = evidence.hosts.merge(
            self.strength, left_on="iso3", right_index=True, how="left"
        ).fillna({"strength": ""})
        counted = [len(evidence.about(code)) for code in listed["iso3"]]
        listed = listed.assign(figures=counted)
        self.listed = listed.sort_values(["region", "name"]).reset_index(drop=True)

    def plot(self, name: str) -> None:
        """Draw one of the plots: map or coverage."""
        {"map": self.plot_map, "coverage": self.plot_coverage}[name]()

    def table(self, name: str) -> None:
        """Show one of the tables: hosts, or the meaning of their treatments."""
        {"hosts": self.table_hosts, "treatments": self.table_treatments}[name]()

    def plot_map(self) -> None:
        """Draw every country ever named as a host, by the best evidence."""
        counts = self.strength.value_counts()
        told = [
            f"{words}: {counts[key]} countries"
            for key, (words, _, _) in evidence_plots.STRENGTH.items()
            if key in counts
        ]
        plots.show(
            evidence_plots.world_map(self.strength, "Hosts by strength of evidence"),
            name="fig-hosts-map",
            caption="Every country ever named as a host, by the best evidence of workers there.",
            data=self.strength.rename_axis("iso3").rename("evidence").reset_index(),
            alt=f"World map. {'; '.join(told)}.",
        )

    def plot_coverage(self) -> None:
        """Draw how many independent head counts there are; nothing without any."""
        table, name = self.coverage, self.evidence.host_name
        if table.empty:
            return
        empty = int((table == 0).to_numpy().mean() * 100)
        plots.show(
            evidence_plots.coverage(table, name, "Independent head counts by host and year"),
            name="fig-hosts-coverage",
            caption="Effective number of independent head counts.",
            data=table.rename_axis("host").reset_index(),
            alt=f"Table of shaded cells, {len(table)} hosts in rows and years from"
            f" {self.settings.first_year} in columns. {name(table.index[0])} has most,"
            f" {table.sum().idxmax()} is the year with most; {empty} per cent of the cells are"
            " empty.",
        )

    def table_hosts(self) -> None:
        """Show all hosts, each with the address of its page if it has one."""
        rows, strength = self.listed, evidence_plots.STRENGTH
        table = {
            "host": rows["name"],
            "region": rows["region"],
            "figures": rows["figures"],
            "evidence": [strength[key][0] if key in strength else "" for key in rows["strength"]],
            "in the model": rows["treatment"],
            "first named": rows["first_named"],
            "by": rows["named_by"],
            "what is known": rows["presence"],
        }
        pages = [
            f"host_{code}.html" if figures else ""
            for code, figures in zip(rows["iso3"], rows["figures"])
        ]
        tables.show(
            pd.DataFrame(table),
            f"{len(rows)} countries, regions and the world",
            {"host": pd.Series(pages)},
        )

    def table_treatments(self) -> None:
        """Show what the model gives a host."""
        tables.show(
            tables.vocabulary(schema.TREATMENTS, "in the model"), "What the model gives a host"
        )

    def headline(self) -> Headline:
        """Return the numbers that pages quote."""
        numbers = Headline()
        hosts = self.evidence.hosts
        countries = hosts[(hosts["treatment"] != "group") & (hosts["iso3"] != HOME)]
        treated = countries["treatment"].value_counts()
        counted = {
            "hosts_named": len(countries),
            "hosts_trajectory": treated.get("trajectory", 0),
            "hosts_predictive": treated.get("predictive", 0),
            "hosts_zero": treated.get("zero", 0),
            "hosts_none": treated.get("none", 0),
            "hosts_register": (self.strength == "register").sum(),
        }
        for name, count in counted.items():
            numbers.put(name, int(count), str(count))
        return numbers
