"""The chapter of what any ledger sets aside to be judged: its tables and the number that pages
quote."""

from pathlib import Path

import pandas as pd

from ...assumptions.scenario import Settings
from ...claims import evaluation, readings
from ...evidence.ledger import Ledger
from .. import tables
from ..numbers import Headline


def chapter(results: Path, settings: Settings, evidence: Ledger) -> "Chapter":
    """Evaluate the figures that a ledger sets aside, by what is stored in ``results``.

    Raises
    ------
    InputError
        If the draws of workers are missing.
    """
    return Chapter(readings.set_aside(results, settings, evidence), evidence)


class Chapter:
    """What the page shows of them."""

    def __init__(self, found: readings.Evaluated, evidence: Ledger):
        self.found, self.evidence, self.judged = found, evidence, found.lines
        self.count = len(found.plausible)

    def table(self, name: str) -> None:
        """Display one of the tables by its name."""
        {"verdicts": self._verdicts, "claims": self._claims, "how they fared": self._fared}[name]()

    def headline(self) -> Headline:
        """Return the number that sentences quote."""
        numbers = Headline()
        numbers.put("judged_all", self.count, str(self.count))
        return numbers

    def _verdicts(self) -> None:
        tables.show(tables.vocabulary(evaluation.VERDICTS, "verdict"), "What the verdicts mean")

    def _claims(self) -> None:
        rows = [self._claim(row) for _, row in self.judged.iterrows()]
        caption = f"{self.count} claims, each under its readings"
        tables.show(pd.DataFrame(rows), caption, ledger=self.evidence)

    def _claim(self, row: pd.Series) -> dict[str, str]:
        tested = row["reading"] != "none"
        median, low, high = (
            evaluation.write_number(row[name], row["unit"]) if tested else ""
            for name in ("median", "lo80", "hi80")
        )
        return {
            "claim": row["figure_id"],
            "of": f"{self.evidence.host_name(row['hosts'])} {evaluation.period(row)}",
            "asserted by": row["asserted_by"],
            "claimed": row["claimed"],
            "verdict": row["verdict"],
            "read as": f"{row['reading']}: {row['definition']}" if tested else row["why_not"],
            "posterior median (80 %)": f"{median} ({low} to {high})" if tested else "",
        }

    def _fared(self) -> None:
        counts = self.found.plausible["verdict"].value_counts()
        tables.show(
            counts.rename_axis("verdict").reset_index(name="claims"),
            "How they fared as they most plausibly read",
        )
