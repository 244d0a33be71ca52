"""The chapter of who copies whom: its plots, its tables and the numbers that pages quote of it."""

from functools import cached_property
from pathlib import Path

import networkx as nx
import pandas as pd

from ... import words
from ...assumptions.scenario import Settings
from ...evidence import address, ledger, lineage, schema, summaries
from .. import evidence_plots, plots, tables
from ..numbers import Headline

SHOWN = 40  # families in the table
# Cascades that the page tells in prose, by the number that its sentences quote.
FAMOUS = {
    "cascade_2_3_billion": "2.3-billion",
    "cascade_45_countries": "45-countries",
    "cascade_10_20_per_cent": "10-20-per-cent",
    "cascade_100_200_thousand": "100-200-thousand",
    "cascade_russia_50_thousand": "russia-50-thousand",
}


def chapter(settings: Settings, evidence: ledger.Ledger) -> "Chapter":
    """Return what there is to show of lineages and copies in a ledger."""
    return Chapter(settings, evidence)


class Chapter:
    """What the page shows of lineages and copies.

    Attributes
    ----------
    graph : who repeats whom, see ``lineage.graph``.
    families : one line a lineage, see ``lineage.size_table``.
    links : one line a link, see ``summaries.links``.
    independent : head counts by host and year, see ``summaries.independent_heads``.
    """

    def __init__(self, settings: Settings, evidence: ledger.Ledger):
        self.settings, self.evidence = settings, evidence
        self.figures = evidence.figures.set_index("figure_id", drop=False)
        self.graph = lineage.graph(evidence)
        plots.use_style()

    @cached_property
    def families(self) -> pd.DataFrame:
        return lineage.size_table(self.evidence, self.settings.copy_threshold)

    @cached_property
    def links(self) -> pd.DataFrame:
        return summaries.links(self.evidence, self.graph)

    @cached_property
    def independent(self) -> pd.DataFrame:
        return summaries.independent_heads(self.evidence)

    @cached_property
    def _pairs(self) -> pd.DataFrame:
        return lineage.candidates(self.evidence)

    # --- tables and plots

    def table(self, name: str) -> None:
        """Display one of the tables by its name, if the ledger has rows for it."""
        {
            "known by": self._known_by,
            "families": self._families,
            "links": self._links,
            "not copies": self._not_copies,
        }[name]()

    def _known_by(self) -> None:
        basis = self.evidence.copies["basis"].value_counts()
        known = schema.BASIS_PROBABILITY
        table = pd.DataFrame(
            {
                "known by": [key.replace("_", " ") for key in basis.index],
                "links": basis.to_numpy(),
                "meaning": [schema.BASES[key] for key in basis.index],
                "probability": [
                    f"{known[key]:.2f}" if key in known else "as judged" for key in basis.index
                ],
            }
        )
        if len(table):
            tables.show(table, "Links from a figure to the one that it repeats")

    def _families(self) -> None:
        shown = self.families.head(SHOWN)
        if shown.empty:
            return
        roots = [
            address.address_of(self.figures.loc[root.split("+")[0]]) if root else ""
            for root in shown["root"]
        ]
        tables.show(
            pd.DataFrame(
                {
                    "family": shown["title"],
                    "figures": shown["figures"],
                    "copies": shown["copies"],
                    "worth": [f"{x:.1f}" for x in shown["independent"]],
                    "first": shown["first"],
                    "last": shown["last"],
                    "root": shown["root"].replace("", "outside the ledger"),
                    "known by": shown["basis"],
                }
            ),
            f"The largest of {len(self.families)} families: figures of one origin, and how many"
            " independent ones they are worth",
            {"root": pd.Series(roots)},
        )

    def _links(self) -> None:
        links = self.links
        if links.empty:
            return
        tables.show(
            pd.DataFrame(
                {
                    "figure": links["figure_id"],
                    "says": links["later"],
                    "by": links["by"],
                    "repeats": links["of"],
                    "which says": links["earlier"],
                    "of": links["whose"],
                    "known by": links["basis"].str.replace("_", " "),
                    "changed on the way": links["change"],
                }
            ),
            f"All {len(links)} links: who repeats whom",
            {
                "figure": self._addresses(links["figure_id"]),
                "repeats": self._addresses(links["of"]),
            },
        )

    def _not_copies(self) -> None:
        apart = self._pairs[~self._pairs["coded"]]
        if apart.empty:
            return
        rows = self.figures
        tables.show(
            pd.DataFrame(
                {
                    "figure": apart["figure_id"],
                    "says": [words.number_of(rows.loc[key]) for key in apart["figure_id"]],
                    "by": [rows.loc[key, "asserted_by"] for key in apart["figure_id"]],
                    "like": apart["of"],
                    "of": [rows.loc[key, "asserted_by"] for key in apart["of"]],
                    "rule": apart["basis"].str.replace("_", " "),
                }
            ),
            f"{len(apart)} pairs of equal figures that are not taken for copies",
            {"figure": self._addresses(apart["figure_id"]), "like": self._addresses(apart["of"])},
        )

    def _addresses(self, keys: pd.Series) -> pd.Series:
        return pd.Series([address.address_of(self.figures.loc[key]) for key in keys])

    def plot(self, name: str) -> None:
        """Display the plot ``families``, or the cascade of that key, if the ledger has it."""
        if name != "families":
            evidence_plots.show_cascade(self.evidence, self.graph, name)
        elif evidence_plots.families_in_time(self.graph):
            plots.show(
                evidence_plots.copying(
                    self.evidence,
                    self.graph,
                    "Figures and those that repeat them",
                    self.settings.copy_threshold,
                ),
                name="fig-copying",
                caption=(
                    "The largest connected families, one a lane: figures by date of publication,"
                    " with an arc from each to the one that it repeats. Colour and mark are the"
                    " class of evidence."
                ),
                data=evidence_plots.copying_table(self.evidence, self.graph),
                alt="Lanes of figures by date of publication, joined by arcs from copy to origin.",
            )

    def other_cascades(self) -> None:
        """Display the cascades of which the page tells nothing in prose."""
        for key in self.evidence.cascades["cascade"]:
            if key not in FAMOUS.values():
                self.plot(key)

    def write_graph(self, path: Path) -> None:
        """Write who repeats whom as GraphML."""
        nx.write_graphml(self.graph, path)

    # --- numbers

    def headline(self) -> Headline:
        """Return the numbers that sentences quote."""
        numbers = Headline()
        in_families = int((self.figures["lineage"] != "").sum())
        heads = self.independent
        coded = int(self._pairs["coded"].sum())
        numbers.put("figures_in_families", in_families, f"{in_families:,}")
        numbers.put("lineages_all", len(self.families), str(len(self.families)))
        numbers.put("heads_all", int(heads["n_figures"].sum()), f"{heads['n_figures'].sum():,}")
        worth = float(heads["n_effective"].sum())
        numbers.put("heads_effective", worth, f"{worth:,.0f}")
        for key, probability in schema.BASIS_PROBABILITY.items():
            numbers.put(f"p_{key}", probability, f"{probability:g}")
        numbers.quoted("p_cited", "p_rare_number", "p_round_number")
        edges = self.graph.number_of_edges()
        numbers.put("links_all", edges, str(edges))
        numbers.put("candidates_all", len(self._pairs), str(len(self._pairs)))
        numbers.put("candidates_coded", coded, str(coded))
        lessons = self.evidence.cascades.set_index("cascade")["lesson"]
        for name, cascade in FAMOUS.items():
            lesson = lessons.get(cascade, "The ledger at hand does not have this claim.")
            numbers.put(name, lesson, lesson)
        return numbers
