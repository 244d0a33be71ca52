"""The chapter of the evidence: its plots, its tables and the numbers that pages quote of it."""

from pathlib import Path

import numpy as np
import pandas as pd

from ... import words
from ...assumptions.scenario import Settings
from ...evidence import ledger, lineage, schema, summaries
from ...project import needed
from .. import evidence_plots, plots, tables
from ..numbers import Headline

Z80 = 1.2816  # standard errors on each side of the mean that hold 80 per cent
# Classes of bias that are no class of evidence; the others are named as in plots.
BIAS_NAMES = {
    "register_open": "register, before 2018",
    "register_winding_down": "register, 2018 and 2019",
    "register_banned": "register, from 2020",
    "crossings": "border crossings",
    "ratio": "ratios of two stocks",
    "list": "complete lists of hosts",
}


def chapter(results: Path, settings: Settings, evidence: ledger.Ledger) -> "Chapter":
    """Return what there is to show of the evidence; ``results`` has what the fit made of it.

    Raises
    ------
    InputError
        If a result is missing.
    """
    return Chapter(pd.read_csv(needed(results, "workers_effects.csv")), settings, evidence)


class Chapter:
    """What the page shows of the evidence.

    Attributes
    ----------
    counts : figures by class (rows) and use (columns).
    """

    def __init__(self, effects: pd.DataFrame, settings: Settings, evidence: ledger.Ledger):
        self.effects, self.settings, self.evidence = effects, settings, evidence
        self.rows = evidence.figures
        self.counts = self.rows.groupby(["evidence_class", "use"]).size().unstack(fill_value=0)
        plots.use_style()

    # --- tables

    def table(self, name: str) -> None:
        """Display one of the tables by its name, if the ledger has rows for it."""
        {
            "classes": self._classes,
            "conflicts": self._conflicts,
            "checks": self._checks,
            "coded apart": self._coded_apart,
        }[name]()

    def _classes(self) -> None:
        tables.show(tables.vocabulary(schema.CLASSES, "class"), "Classes of evidence")

    def _conflicts(self) -> None:
        conflicts = self.evidence.conflicts
        tables.show(
            pd.DataFrame(
                {
                    "about": [self.evidence.host_name(code) for code in conflicts["hosts"]],
                    "figures": conflicts["figures"].str.replace("+", ", "),
                    "what they say": conflicts["what"],
                    "settled": conflicts["reason"],
                    "rule": conflicts["rule"],
                }
            ),
            "Conflicts in the evidence, and how each was settled",
            ledger=self.evidence,
        )

    def _checks(self) -> None:
        checked = self.evidence.checks.merge(self.rows[["figure_id", "use"]], on="figure_id")
        if checked.empty:
            return
        table = checked.groupby(["result", "use"]).size().unstack(fill_value=0)
        table = table.reindex(columns=list(schema.USES), fill_value=0).reset_index()
        tables.show(
            table.assign(result=table["result"].str.replace("_", " ")),
            "Rows read again, by what came of it and by use",
        )

    def _coded_apart(self) -> None:
        differ = summaries.coded_apart(self.evidence.recoding)
        rows = [
            {
                "id": row["figure_id"],
                **{name.replace("_", " "): _both(row, name) for name in summaries.TWICE},
                "settled": row["settled"],
            }
            for _, row in differ.iterrows()
        ]
        if rows:
            tables.show(
                pd.DataFrame(rows),
                "Rows on which the codings differ: first / second, and what was kept",
                ledger=self.evidence,
            )

    # --- plots

    def plot(self, name: str) -> None:
        """Display one of the plots by its name, if the ledger has rows for it."""
        {"classes": self._by_class, "bias": self._bias, "agreement": self._agreement}[name]()

    def _by_class(self) -> None:
        counts, rows = self.counts, self.rows
        largest = counts.sum(axis=1).idxmax()
        registers = counts.loc["register"].sum() if "register" in counts.index else 0
        plots.show(
            evidence_plots.by_class(counts, "Figures by class of evidence and use"),
            name="fig-evidence-class",
            caption=(
                "Figures by class of evidence and by what is done with them. Of"
                f" {len(rows):,} figures {(rows['use'] == 'fit').sum():,} are fitted."
            ),
            data=counts.reset_index(),
            alt=(
                "Bar chart of the number of figures in the ledger by class of evidence, divided"
                " into fitted, judged, context and excluded. Largest class:"
                f" {plots.MARKS[largest][2]} with {counts.sum(axis=1).max()} figures; registers"
                f" have {registers}."
            ),
        )

    def _bias(self) -> None:
        table = biases(self.settings, self.effects)
        said = "; ".join(
            f"{r.label}: {r.median:.2f}" for r in table.itertuples() if r.median == r.median
        )
        plots.show(
            evidence_plots.bias(table, "How many times the true number each class says"),
            name="fig-evidence-bias",
            caption=(
                "Bias by class, as a factor: what was assumed and what the figures made of it,"
                " 80 % intervals. A class of which nothing was fitted has its assumption alone."
            ),
            data=table,
            alt=(
                "Intervals of the bias of each class of evidence, assumed and after the fit."
                f" {said}."
            ),
        )

    def _agreement(self) -> None:
        compared = summaries.agreement(self.evidence.recoding)
        if compared.empty:
            return
        said = "; ".join(
            f"{r.column} {r.agreed:.0%}, kappa {r.kappa:.2f}" for r in compared.itertuples()
        )
        plots.show(
            evidence_plots.agreement(compared, "Rows on which two codings agree"),
            name="fig-evidence-agreement",
            caption=(
                "Agreement of the first and the second coding, before differences were settled;"
                " kappa is agreement beyond chance."
            ),
            data=compared,
            alt=f"Share of rows on which two codings agree: {said}.",
        )

    # --- numbers

    def headline(self) -> Headline:
        """Return the numbers that sentences quote."""
        numbers, rows, checks = Headline(), self.rows, self.evidence.checks

        def count(name: str, number: int) -> None:
            numbers.put(name, int(number), f"{number:,}")

        count("figures_all", len(rows))
        for use in schema.USES:
            count(f"figures_{use}", (rows["use"] == use).sum())
        numbers.quoted("figures_fit", "figures_judge", "figures_context", "figures_exclude")
        for seen in schema.SEEN:
            count(f"figures_{seen}", (rows["seen"] == seen).sum())
        numbers.quoted("figures_original", "figures_secondary", "figures_recalled")
        count("figures_copies", lineage.is_copy(rows, self.settings.copy_threshold).sum())
        count("sources_all", len(self.evidence.sources.entries))
        count("checks_all", len(checks))
        for result in schema.CHECKS:
            count(f"checks_{result}", (checks["result"] == result).sum())
        numbers.quoted("checks_confirmed", "checks_corrected")
        numbers.quoted("checks_contradicted", "checks_not_found")
        count("checks_original", (checks["read"] == "original").sum())
        again, fitted = summaries.fitted_and_checked(self.evidence)
        numbers.put("fit_checked", again, f"{again:,} of {fitted:,}")
        recoded = len(self.evidence.recoding)
        numbers.put("recoded", recoded, str(recoded))
        for row in summaries.agreement(self.evidence.recoding).itertuples():
            name = f"agreement_{row.column.replace(' ', '_')}"
            numbers.put(name, row.agreed, words.percent(row.agreed))
        published = map(self.evidence.published, self.evidence.sources.entries)
        latest = max(published)[:7]
        numbers.put("evidence_date", latest, words.month(latest))
        return numbers


def biases(settings: Settings, effects: pd.DataFrame) -> pd.DataFrame:
    """Return the bias of each class as a factor, assumed and fitted.

    Parameters
    ----------
    settings : those whose names begin with bias_ have a mean and sd of the log ratio.
    effects : workers_effects.csv, with ``quantity``, ``name``, ``median``, ``lo80``, ``hi80``.

    Returns
    -------
    DataFrame with ``label``, ``prior_lo``, ``prior_hi`` (80 % of what is assumed) and ``median``,
    ``lo80``, ``hi80``, nan where nothing of the class was fitted.
    """
    fitted = effects[effects["quantity"] == "bias"].set_index("name")
    columns = ["median", "lo80", "hi80"]
    rows = []
    for key, value in settings.items():
        if key.startswith("bias_"):
            (mean, sd), of = value, key.removeprefix("bias_")
            row = {
                "label": BIAS_NAMES.get(of) or plots.MARKS[of][2],
                "prior_lo": np.exp(mean - Z80 * sd),
                "prior_hi": np.exp(mean + Z80 * sd),
            }
            found = (
                fitted.loc[of, columns] if of in fitted.index else dict.fromkeys(columns, np.nan)
            )
            rows.append(row | dict(found))
    return pd.DataFrame(rows)


def _both(row: pd.Series, column: str) -> str:
    """Return what two codings say, once if they agree."""
    one, two = (row[name].replace("_", " ") for name in (f"first_{column}", column))
    return one if one == two else f"{one} / {two}"
