"""The chapter that shows other people's assumptions beside the baseline."""

import pandas as pd

from ...evidence.ledger import Ledger
from ...sensitivity.scenarios import STATE, WORKERS
from ...words import dollars, people
from .. import plots, tables
from ..numbers import Headline

PLOTS = {  # title, unit of the axis, scale to that unit
    WORKERS: ("Workers abroad under every scenario", "thousand workers", 1e-3),
    STATE: ("What the state takes under every scenario", "million current dollars a year", 1e-6),
}
TABLES = {
    WORKERS: "Workers abroad, median (80 % interval)",
    STATE: "Taken by the state, median (80 % interval)",
}
WRITE = {WORKERS: people, STATE: dollars}


def chapter(compared: pd.DataFrame, reasons: pd.DataFrame, ledger: Ledger) -> "Chapter":
    """Return the chapter of the scenarios.

    Parameters
    ----------
    compared : of the form of ``sensitivity.scenarios.side_by_side``, the baseline among them.
    reasons : ``scenario, the case, what it changes, rebuild``, one line a scenario.
    """
    plots.use_style()
    return Chapter(compared, reasons, ledger)


class Chapter:
    """Plots, tables and quoted numbers of the chapter."""

    def __init__(self, compared: pd.DataFrame, reasons: pd.DataFrame, ledger: Ledger):
        self.known = compared[compared["median"].notna()]
        self.troubled = compared[compared["state"] != ""].drop_duplicates("scenario")
        self.reasons, self.ledger = reasons, ledger

    def plot(self, what: str) -> None:
        """Display all scenarios, for "workers" or "state"; nothing if none has numbers of it."""
        rows = self.known[self.known["what"] == what]
        if rows.empty:
            return
        (title, unit, scale), write = PLOTS[what], WRITE[what]
        last = rows["year"].max()
        alt = "; ".join(
            f"{row.title}: {write(row.median)} ({write(row.lo80)} to {write(row.hi80)})"
            for row in rows[rows["year"] == last].itertuples()
        )
        plots.show(
            plots.scenarios(rows, title, unit, scale),
            name=f"fig-scenarios-{what}",
            caption="Medians and 80 % intervals; the grey band and line are the baseline.",
            data_title=f"{title}: medians and 80 % intervals by year",
            data=rows[["scenario", "title", "year", "median", "lo80", "hi80"]],
            alt=f"In {last:.0f}: {alt}.",
        )

    def table(self, name: str) -> None:
        """Display a table: "workers" or "state" has the numbers, "reasons" what each scenario
        changes and why, and "troubled", if there are any, the lines that do not hold.

        Raises
        ------
        ValueError
            If there is no table of that name.
        """
        if name in TABLES:
            tables.show(self._numbers(name), TABLES[name])
        elif name == "reasons":
            tables.show(self.reasons, "The scenarios and their reasons", ledger=self.ledger)
        elif name != "troubled":
            raise ValueError(f"no table is called {name!r}")
        elif len(self.troubled):
            names = {"title": "scenario", "state": "what is wrong with its numbers"}
            shown = self.troubled[list(names)].rename(columns=names)
            tables.show(shown, "Missing or outdated lines")

    def _numbers(self, what: str) -> pd.DataFrame:
        """Return the medians and intervals of each scenario as text, a column a year."""
        rows, write = self.known[self.known["what"] == what], WRITE[what]
        years = sorted(int(year) for year in rows["year"].unique())
        lines = []
        for _, own in rows.groupby("scenario", sort=False):
            own = own.set_index(own["year"].astype(int))
            line = {"scenario": own["title"].iloc[0]}
            for year in years:
                median, low, high = (write(x) for x in own.loc[year, ["median", "lo80", "hi80"]])
                line[str(year)] = f"{median} ({low} – {high})"
            line[f"× baseline, {years[-1]}"] = f"{own.loc[years[-1], 'ratio']:.2f}"
            lines.append(line)
        return pd.DataFrame(lines)

    def headline(self) -> Headline:
        """Return the numbers that pages quote."""
        numbers, total, troubled = Headline(), len(self.reasons), len(self.troubled)
        numbers.put("scenarios_all", total - 1, str(total - 1))  # without the baseline
        words = (
            f"{troubled} of the {total} lines, of the baseline and of scenarios, are missing or"
            " outdated: the table at the end says why, and make scenarios refits them."
            if troubled
            else "All numbers are of the present ledger, model and scenarios."
        )
        numbers.put("scenarios_state", troubled, words)
        return numbers
