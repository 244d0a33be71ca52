"""The chapter of how the evidence was gathered: its plots, its tables and the numbers that pages
quote of it."""

from functools import cached_property

import pandas as pd

from ... import words
from ...evidence import schema, summaries
from ...evidence.ledger import Ledger
from .. import evidence_plots, plots, tables
from ..numbers import Headline

LATE = 2017  # when the sanctions made these workers news
NAME_LENGTH = 40  # characters of a house's name beside a bar


def chapter(evidence: Ledger) -> "Chapter":
    """Return what there is to show of how a ledger was gathered."""
    return Chapter(evidence)


class Chapter:
    """What the page shows of the gathering.

    Attributes
    ----------
    languages : documents by language, most first.
    """

    def __init__(self, evidence: Ledger):
        self.evidence = evidence
        self.languages = summaries.languages(evidence).rename_axis("language").rename("documents")
        plots.use_style()

    @cached_property
    def years(self) -> summaries.Years:
        """When figures were published, and what years they are about."""
        return summaries.years(self.evidence)

    def table(self, name: str) -> None:
        """Display one of the tables by its name."""
        {"houses": self._kinds, "gaps": self._gaps}[name]()

    def _kinds(self) -> None:
        kind = self.evidence.houses.set_index("asserted_by")["kind"]
        kinds = self.evidence.figures["asserted_by"].map(kind).value_counts()
        tables.show(
            pd.DataFrame(
                {
                    "kind of house": kinds.index.str.replace("_", " "),
                    "figures": kinds.to_numpy(),
                    "meaning": [schema.HOUSE_KINDS[kind] for kind in kinds.index],
                }
            ),
            "Figures by who asserts them",
        )

    def _gaps(self) -> None:
        gaps = self.evidence.gaps
        tables.show(
            pd.DataFrame(
                {
                    "about": [self.evidence.host_name(code) for code in gaps["hosts"]],
                    "sought": gaps["sought"],
                    "outcome": gaps["outcome"],
                }
            ),
            "Looked for and not found",
        )

    def plot(self, name: str) -> None:
        """Display one of the plots by its name."""
        {"languages": self._languages, "houses": self._houses, "years": self._years}[name]()

    def _languages(self) -> None:
        said = "; ".join(f"{name} {count}" for name, count in self.languages.items())
        plots.show(
            evidence_plots.bars(self.languages, "Documents by language", "documents"),
            name="fig-sources-language",
            caption="The language of the page in which a figure was read.",
            data=self.languages.reset_index(),
            alt=f"Bar chart of documents by language: {said}.",
        )

    def _houses(self) -> None:
        houses = summaries.houses(self.evidence)
        houses.index = [
            evidence_plots.shorten(name.split(" (")[0], NAME_LENGTH) for name in houses.index
        ]
        said = "; ".join(f"{name} {count}" for name, count in houses.items())
        plots.show(
            evidence_plots.bars(houses, "Houses with most figures, fifteen at most", "figures"),
            name="fig-houses",
            caption="Houses by the number of their figures in the ledger.",
            data=houses.rename_axis("house").rename("figures").reset_index(),
            alt=f"Bar chart of houses: {said}.",
        )

    def _years(self) -> None:
        published, about = self.years
        said = (
            f" and were published in {published.value_counts().idxmax()}."
            if len(published)
            else "; no source is dated."
        )
        plots.show(
            evidence_plots.over_time(
                published,
                about,
                "Figures by year of publication and by the year that they are about",
            ),
            name="fig-evidence-time",
            caption=(
                "Figures by the year in which they were published, and by the middle of the time"
                " that they are about."
            ),
            data=self.years.counts(),
            alt=(
                f"Two lines by year. Most figures are about {about.value_counts().idxmax()}{said}"
            ),
        )

    def headline(self) -> Headline:
        """Return the numbers that sentences quote."""
        numbers, published, gaps = Headline(), self.years.published, self.evidence.gaps
        late = float((published >= LATE).mean()) if len(published) else 0.0
        numbers.put("languages_all", len(self.languages), str(len(self.languages)))
        numbers.put("published_late", late, words.percent(late))
        numbers.put("gaps_all", len(gaps), str(len(gaps)))
        return numbers
