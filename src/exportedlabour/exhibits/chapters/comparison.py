"""The chapter that compares a scenario with the baseline: its plots, its tables and its number."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from ... import words
from ...project import needed
from ...sensitivity import two_builds
from .. import plots, tables
from ..numbers import Headline
from ..years import peak_year, shown_years

WORKERS, MONEY = "workers", "taken by the state"
WRITERS = {WORKERS: words.people, MONEY: words.dollars}


def chapter(here: Path, there: Path, title: str, changes: dict[str, list]) -> "Chapter":
    """Return what there is to show of a scenario beside the baseline.

    Parameters
    ----------
    here, there : the folders of results of the scenario and of the baseline.
    title : of the scenario.
    changes : by assumption its values in the baseline and in the scenario.

    Raises
    ------
    InputError
        If a result is missing.
    """
    return Chapter(here, there, title, changes)


class Chapter:
    """What the page shows of a scenario beside the baseline.

    Attributes
    ----------
    pairs : by quantity the tables of baseline and scenario by year; no money without a figure of
        pay.
    compared : medians and 80 % intervals of years that are shown, see ``two_builds.at_years``.
    """

    def __init__(self, here: Path, there: Path, title: str, changes: dict[str, list]):
        self.title, self.changes, self.folders = title, changes, (there, here)
        self.pairs = {WORKERS: self._read("workers_world_year.csv")}
        self.peak = peak_year(self.pairs[WORKERS][0])
        if all((folder / "revenue_world_year.csv").is_file() for folder in self.folders):
            self.pairs[MONEY] = [
                table.query("definition == 'state' and prices == 'current'")
                for table in self._read("revenue_world_year.csv")
            ]
        first, second = self.pairs[WORKERS]
        years = shown_years(sorted(set(first["year"]) & set(second["year"])), self.peak)
        self.compared = pd.concat(
            [two_builds.at_years(what, *pair, years) for what, pair in self.pairs.items()],
            ignore_index=True,
        )
        plots.use_style()

    def _read(self, name: str) -> list[pd.DataFrame]:
        return [pd.read_csv(needed(folder, name)) for folder in self.folders]

    # --- tables

    def table(self, name: str) -> None:
        """Display one of the tables by its name."""
        {"changes": self._changes, "years": self._years, "hosts": self._hosts}[name]()

    def _changes(self) -> None:
        rows = [
            {"assumption": name, "baseline": str(a), "scenario": str(b)}
            for name, (a, b) in self.changes.items()
        ]
        table = pd.DataFrame(rows, columns=["assumption", "baseline", "scenario"])
        tables.show(table, f"What the scenario '{self.title}' changes")

    def _years(self) -> None:
        rows = []
        for _, row in self.compared.iterrows():
            write = WRITERS[row["what"]]
            shown = {
                name: f"{write(row[name])} ({write(row[f'{name}_lo80'])} –"
                f" {write(row[f'{name}_hi80'])})"
                for name in ("baseline", "scenario")
            }
            same = {"what": row["what"], "year": str(row["year"])}
            rows.append(same | shown | {"ratio": f"{row['ratio']:.2f}"})
        tables.show(pd.DataFrame(rows), "Medians and 80 % intervals")

    def _hosts(self) -> None:
        pair = [table[table["year"] == self.peak] for table in self._read("workers_host_year.csv")]
        moved = two_builds.hosts_that_move(*pair)
        tables.show(
            pd.DataFrame(
                {
                    "host": moved.index,
                    "baseline": moved["median"].map(words.people),
                    "scenario": moved["median_scenario"].map(words.people),
                    "ratio": moved["ratio"].map("{:.2f}".format),
                }
            ),
            f"Hosts that move most, workers in {self.peak}",
        )

    # --- plots

    def plot(self, name: str) -> None:
        """Display the plot of ``workers`` or ``money``; none of money where none was estimated."""
        if name == "workers":
            plots.show(
                self._fans(WORKERS, "Workers abroad (median, 80 % interval)"),
                name="fig-comparison-workers",
                data=self._drawn(WORKERS),
                caption=f"Workers abroad in the baseline and under '{self.title}'.",
                alt=f"Two fans of workers abroad by year. {self._sentence(WORKERS)}",
            )
        elif MONEY in self.pairs:
            title = "Taken by the state, million dollars a year (median, 80 % interval)"
            plots.show(
                self._fans(MONEY, title, scale=1e-6),
                name="fig-comparison-money",
                data=self._drawn(MONEY),
                data_title="Taken by the state, dollars a year",
                caption=f"Taken by the state in the baseline and under '{self.title}'.",
                alt=f"Two fans of money taken by the state by year. {self._sentence(MONEY)}",
            )

    def _fans(self, what: str, title: str, scale: float = 1.0):
        return plots.two_fans(*self.pairs[what], ("baseline", self.title), title, scale=scale)

    def _drawn(self, what: str) -> pd.DataFrame:
        names = ("baseline", self.title)
        return pd.concat(
            [plots.drawn(table).assign(what=name) for table, name in zip(self.pairs[what], names)]
        )

    def _sentence(self, what: str) -> str:
        write: Callable[[float], str] = WRITERS[what]
        parts = []
        for name, table in zip(("baseline", "scenario"), self.pairs[what]):
            row = table[table["year"] == self.peak].iloc[0]
            parts.append(
                f"{name} {write(row['median'])} ({write(row['lo80'])} to {write(row['hi80'])})"
            )
        return f"{self.peak}: {', '.join(parts)}."

    def headline(self) -> Headline:
        """Return the number of the page: the scenario's median of workers, times the baseline's."""
        numbers, rows = Headline(), self.compared
        at_peak = rows[(rows["what"] == WORKERS) & (rows["year"] == self.peak)]
        ratio = float(at_peak["ratio"].iloc[0])
        numbers.put("comparison_world_ratio", ratio, f"{ratio:.2f}")
        return numbers
