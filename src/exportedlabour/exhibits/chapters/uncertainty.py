"""The chapter on where the uncertainty comes from."""

import numpy as np
import pandas as pd

from ...sensitivity.uncertainty import WHATS, Uncertainty, answer_name
from ...words import dollars, people, percent
from .. import plots, tables, uncertainty_plots
from ..numbers import Headline

TOP = 12  # assumptions in a table of the budget
BEST = 10  # unknowns in a table of what would be worth knowing
TOLD = 6  # marks of a plot that its text tells


def chapter(found: Uncertainty) -> "Chapter":
    """Return the chapter of what ``sensitivity.uncertainty.analyse`` found."""
    plots.use_style()
    return Chapter(found)


class Chapter:
    """Plots, tables and quoted numbers of the chapter."""

    def __init__(self, found: Uncertainty):
        self.found = found
        self.effects = {
            str(year): found.shapley[found.shapley["year"] == year]
            .set_index("input")["share"]
            .rename_axis(None)
            for year in (found.peak, found.last)
        }

    def plot(self, name: str) -> None:
        """Display a plot: "shapley"; "tornado-workers" or "tornado-state", of the last year; or
        "voi-workers-last" and so on, what would be worth knowing.

        Raises
        ------
        ValueError
            If there is no plot of that name.
        """
        kind, _, rest = name.partition("-")
        what, _, when = rest.partition("-")
        if name == "shapley":
            self._plot_shapley()
        elif kind == "tornado" and what in WHATS and not when:
            self._plot_tornado(what)
        elif kind == "voi" and what in WHATS and when in ("peak", "last"):
            self._plot_worth(what, when)
        else:
            raise ValueError(f"no plot is called {name!r}")

    def _plot_shapley(self) -> None:
        found, (early, late) = self.found, self.effects.values()
        alt = "; ".join(
            f"{name} {percent(value)} in {found.last}, {percent(early[name])} in {found.peak}"
            for name, value in late.sort_values(ascending=False).items()
        )
        plots.show(
            uncertainty_plots.shares(self.effects, "Share of the variance of what the state takes"),
            name="fig-shapley",
            caption=f"Shapley effects on the log of what the state took, {found.last} (bars) and"
            f" {found.peak} (marks and brackets).",
            data=found.shapley,
            alt=f"Bars of the share of the variance of revenue to the state by input. {alt}.",
        )

    def _plot_tornado(self, what: str) -> None:
        answer = answer_name(self.found.last, what)
        rows = self.found.tornado[self.found.tornado["answer"] == answer]
        if rows["factor"].isna().all():
            return
        far = rows.assign(far=np.log(rows["factor"]).abs()).dropna()
        alt = "; ".join(
            f"{row.lever.replace('_', ' ')} at its {row.end} end, times {row.factor:.2f}"
            for row in far.sort_values("far", ascending=False).head(TOLD).itertuples()
        )
        plots.show(
            uncertainty_plots.tornado(rows, f"{answer.capitalize()}: the median, by assumption"),
            name=f"fig-tornado-{what}",
            caption="Factor by which the median moves if one assumption is known to lie at an end"
            f" of its prior's 80 % interval; {answer}.",
            data=rows,
            alt=f"Tornado chart of assumptions. The largest: {alt}.",
        )

    def _plot_worth(self, what: str, when: str) -> None:
        answer = answer_name(getattr(self.found, when), what)
        rows = self._worth(answer, only_workers=what == "workers")
        alt = "; ".join(
            f"{row.unknown} {percent(row.narrowed)}"
            for row in rows[rows["quality"] == "perfect"].head(TOLD).itertuples()
        )
        plots.show(
            uncertainty_plots.worth(
                rows, f"How much narrower the 80 % interval would be: {answer}"
            ),
            name=f"fig-voi-{what}-{when}",
            caption=f"Expected narrowing of the 80 % interval of {answer}, if one thing about that"
            " year were measured.",
            data=rows,
            alt=f"Bars of the expected narrowing by what is measured. {alt}.",
        )

    def _worth(self, answer: str, only_workers: bool = False) -> pd.DataFrame:
        """Return what would be worth knowing for one answer; pay bears on no number of workers."""
        rows = self.found.voi[self.found.voi["answer"] == answer]
        return rows[rows["unknown"].str.startswith("workers in")] if only_workers else rows

    def table(self, name: str) -> None:
        """Display tables: "shapley"; "budget", one for workers and one for the state's take in the
        last year; or "voi", one for each answer.

        Raises
        ------
        ValueError
            If there is no table of that name.
        """
        if name == "shapley":
            self._table_shapley()
        elif name == "budget":
            for what in WHATS:
                self._table_budget(answer_name(self.found.last, what))
        elif name == "voi":
            for year in (self.found.peak, self.found.last):
                for what in WHATS:
                    self._table_worth(
                        answer_name(year, what), people if what == "workers" else dollars
                    )
        else:
            raise ValueError(f"no table is called {name!r}")

    def _table_shapley(self) -> None:
        rows = self.found.shapley
        shown = rows.assign(
            share=rows["share"].map(percent), by_neighbours=rows["by_neighbours"].map(percent)
        )
        tables.show(
            shown.rename(columns={"by_neighbours": "by nearest neighbours"}),
            "Shapley effects by two estimators",
        )

    def _table_budget(self, answer: str) -> None:
        rows = self.found.budget[self.found.budget["answer"] == answer].head(TOP)
        shown = pd.DataFrame(
            {
                "assumption": rows["input"],
                "prior sd": rows["prior_sd"].map("{:.2g}".format),
                "posterior sd": rows["posterior_sd"].map("{:.2g}".format),
                "learnt from figures": rows["learnt"].map(percent),
                "share of the variance": rows["share"].map(percent),
            }
        )
        tables.show(shown, f"Uncertainty budget: {answer}")

    def _table_worth(self, answer: str, write) -> None:
        rows = self._worth(answer)
        rows = rows[rows["quality"] == "perfect"].head(BEST)
        shown = pd.DataFrame(
            {
                "if this were known exactly": rows["unknown"],
                "width now": rows["width"].map(write),
                "expected width": rows["expected"].map(write),
                "narrower by": rows["narrowed"].map(percent),
            }
        )
        tables.show(shown, f"Value of information: {answer}")

    def uncounted_words(self) -> str:
        """Return how many of all workers are in hosts that nobody counted, as a paragraph."""
        if not self.found.uncounted:
            return "Somebody counted in every host."
        return f"{self.found.uncounted} hosts were named and never counted. " + " ".join(
            f"In {year} they have {percent(whole)} of all workers on average, and {percent(upper)}"
            " in the tenth of the draws with the most workers."
            for year, (whole, upper) in self.found.tails.items()
        )

    def headline(self) -> Headline:
        """Return the numbers that pages quote."""
        numbers, found = Headline(), self.found
        numbers.put("uncertainty_last", found.last, str(found.last))
        numbers.put("uncertainty_peak", found.peak, str(found.peak))
        order = self.effects[str(found.last)].sort_values(ascending=False)
        (first, share), (second, next_share) = list(order.items())[:2]
        numbers.put("uncertainty_first_input", first, first)
        numbers.put("uncertainty_first_share", float(share), percent(share))
        numbers.put("uncertainty_second_input", second, second)
        numbers.put("uncertainty_second_share", float(next_share), percent(next_share))
        best, narrowed = self._best("workers")
        numbers.put("uncertainty_voi_workers", best, best)
        numbers.put("uncertainty_voi_workers_narrowed", narrowed, percent(narrowed))
        best, narrowed = self._best("state")
        numbers.put("uncertainty_voi_state", best, best)
        numbers.put("uncertainty_voi_state_narrowed", narrowed, percent(narrowed))
        words = self.uncounted_words()
        numbers.put("uncertainty_uncounted_words", words, words)
        return numbers

    def _best(self, what: str) -> tuple[str, float]:
        """Return what would narrow an answer of the last year most if it were known exactly, and by
        which share."""
        rows = self._worth(answer_name(self.found.last, what), only_workers=what == "workers")
        best = rows[rows["quality"] == "perfect"].iloc[0]
        return best["unknown"], float(best["narrowed"])
