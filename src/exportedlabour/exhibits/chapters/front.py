"""The two answers on the front page, and the card that other sites show of it."""

from pathlib import Path

import pandas as pd

from ... import words
from ...project import needed
from .. import plots as draw
from ..numbers import Headline
from ..years import peak_year

SIZE = (4.6, 2.9)  # inches: two plots stand side by side
TITLE = "Exported Labour: workers from North Korea"


def chapter(results: Path) -> "Chapter":
    """Read the two answers; without a figure of pay there is no money.

    Raises
    ------
    InputError
        If workers_world_year.csv is missing.
    """
    workers = pd.read_csv(needed(results, "workers_world_year.csv"))
    money = None
    if (results / "revenue_world_year.csv").is_file():
        money = pd.read_csv(needed(results, "revenue_world_year.csv"))
        money = money[(money["definition"] == "state") & (money["prices"] == "current")]
    return Chapter(workers, money)


class Chapter:
    """The plots, the card and the quoted numbers of the front page.

    Parameters
    ----------
    workers : workers_world_year.csv. money : what the state took, dollars of each year, or None.
    """

    def __init__(self, workers: pd.DataFrame, money: pd.DataFrame | None):
        self.workers, self.money = workers, money
        peak = workers[workers["year"] == peak_year(workers)].iloc[0]
        self.said = f"{words.people(peak['median'])} workers abroad in {peak['year']:.0f}"
        interval = words.span(peak["lo80"], peak["hi80"], words.people)
        self.interval = f"80 % interval {interval}"

    def plot(self, name: str) -> None:
        """Draw one of the plots: workers, or money if there is any."""
        {"workers": self.plot_workers, "money": self.plot_money}[name]()

    def plot_workers(self) -> None:
        """Draw the workers of all hosts."""
        highest = words.people(self.workers["median"].max())
        draw.show(
            draw.simple_fan(self.workers, "Workers abroad", size=SIZE),
            name="front-workers",
            caption="Workers abroad, all hosts.",
            data=draw.drawn(self.workers),
            alt=f"Fan chart of workers abroad by year, median {highest} at its highest.",
        )

    def plot_money(self) -> None:
        """Draw what the state took; nothing where nothing is known of pay."""
        if self.money is None:
            return
        highest = words.dollars(self.money["median"].max())
        draw.show(
            draw.simple_fan(
                self.money, "Taken by the state, million dollars a year", scale=1e-6, size=SIZE
            ),
            name="front-money",
            caption="Taken by the state.",
            data=draw.drawn(self.money),
            data_title="Taken by the state, dollars a year",
            alt=f"Fan chart of money taken by the state by year, median {highest} at its highest.",
        )

    def card(self, path: Path) -> None:
        """Write the card as a PNG."""
        told = f"{self.interval}. The bands hold 50, 80 and 95 %."
        draw.card(self.workers, self.said, told, TITLE, path)

    def headline(self) -> Headline:
        """Return the numbers that pages quote, and what the card says."""
        numbers = Headline()
        first = int(self.workers["year"].iloc[0])
        numbers.put("first_year", first, str(first))
        numbers.put("card", None, f"{self.said}, {self.interval}. Fan chart by year.")
        return numbers
