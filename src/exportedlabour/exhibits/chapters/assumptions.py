"""The chapter on what an assumption is worth."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.stats import t as student

from ...assumptions.scenario import Settings
from ...sensitivity.one_at_a_time import OUTDATED, RECOMPUTED, REFITTED, REWEIGHTED
from ...words import people, percent
from .. import plots, tables
from ..numbers import Headline

WORDS = {"world": "workers abroad", "state": "taken by the state"}
SHOWN = 15  # assumptions in a plot


def chapter(effects: pd.DataFrame, years: Mapping[str, int], settings: Settings) -> "Chapter":
    """Return the chapter of what each assumption moves.

    Parameters
    ----------
    effects : of the form of ``sensitivity.one_at_a_time.effects``.
    years : what the headlines call a year, and the year: ``{"peak": 2017, "last": 2026}``.
    """
    plots.use_style()
    return Chapter(effects, years, settings)


class Chapter:
    """Plots, table and quoted numbers of the chapter."""

    def __init__(self, effects: pd.DataFrame, years: Mapping[str, int], settings: Settings):
        self.effects, self.years, self.settings = effects, years, settings
        names = [f"{what}_{when}" for what in WORDS for when in years]
        self.headlines = [name for name in names if name in set(effects["headline"])]

    def plot(self, headline: str) -> None:
        """Display what moves a headline most, such as "world_peak"; nothing if nothing moves it.

        An effect below twice its Monte Carlo error is left out.
        """
        rows = self.effects[(self.effects["ratio"] - 1).abs() > 2 * self.effects["error"]]
        rows = rows[rows["headline"] == headline]
        rows = rows.assign(size=rows["ratio"].map(lambda ratio: abs(np.log(ratio))))
        rows = rows.nlargest(SHOWN, "size")
        if rows.empty:
            return
        what, year = self._named(headline)
        plots.show(
            plots.one_at_a_time(rows, f"{what.capitalize()}, {year}: what moves it most"),
            name=f"fig-effects-{headline.replace('_', '-')}",
            caption="Change of the median if the assumption alone rises by one standard deviation"
            " of its prior, or takes another value where it has none. Changes below twice the Monte"
            " Carlo error are left out.",
            data=rows[["assumption", "given", "moved", "ratio", "pareto_k"]],
            data_title=f"What moves it most: {what}, {year}",
            alt="; ".join(f"{row.assumption} {row.ratio - 1:+.0%}" for row in rows.itertuples())
            + ".",
        )

    def _named(self, headline: str) -> tuple[str, int]:
        """Return what a headline counts, in words, and its year."""
        what, when = headline.split("_")
        return WORDS[what], self.years[when]

    def table(self) -> None:
        """Display what each assumption moves in each headline."""
        wide = self.effects.pivot(index="assumption", columns="headline", values="ratio")
        first = self._first().reindex(wide.index)
        columns = {"assumption": wide.index, "from": first["given"], "to": first["moved"]}
        for headline in self.headlines:
            what, year = self._named(headline)
            columns[f"{what}, {year}"] = [
                "" if np.isnan(ratio) else f"{ratio - 1:+.1%}" for ratio in wide[headline]
            ]
        columns["Pareto k"] = [f"{k:.2f}" if np.isfinite(k) else "" for k in first["pareto_k"]]
        columns["how"] = first["how"]
        tables.show(pd.DataFrame(columns), "What each assumption moves")

    def _first(self) -> pd.DataFrame:
        """Return one line an assumption, which says how it was moved."""
        return self.effects.drop_duplicates("assumption").set_index("assumption")

    def headline(self) -> Headline:
        """Return the numbers that pages quote."""
        numbers = Headline()
        how = self._first()["how"]
        numbers.put("effects_all", len(how), str(len(how)))
        count = int(how.isin([REWEIGHTED, RECOMPUTED]).sum())
        numbers.put("effects_moved", count, str(count))
        count = int(how.isin([REFITTED, OUTDATED]).sum())
        numbers.put("effects_refitted", count, str(count))
        count = int((how == OUTDATED).sum())
        words = (
            f"{count} of the refits are of an earlier state of the ledger or the models, and are"
            " held against the baseline of that state."
        )
        numbers.put("effects_earlier", count, words if count else EARLIER_NONE)
        numbers.put("effects_seed", *self._of_another_seed())
        inside = float(1 - 2 * student.sf(1.0, self.settings.error_df))
        numbers.put("error_inside", inside, percent(inside))  # of errors are within their scale
        return numbers

    def _of_another_seed(self) -> tuple[float, str]:
        """Return the workers of the last year with another seed (0 if none was fitted), and what a
        sentence says of them."""
        rows = self.effects[self.effects["assumption"] == "seed"]
        rows = rows[(rows["headline"] == "world_last") & rows["after"].notna()]
        if rows.empty:
            return 0.0, SEED_NONE
        after, last = float(rows["after"].iloc[0]), self.years["last"]
        was, now = people(rows["before"].iloc[0]), people(after)
        told = (
            f"leaves the middle of {last} at {now} workers."
            if now == was
            else f"moves the middle of {last} from {was} to {now} workers."
        )
        return after, f"Another seed, which draws anew which figures are copies, {told}"


EARLIER_NONE = "All refits are of the present state."
SEED_NONE = "How far another seed moves the headlines was not fitted for these assumptions."
