"""What the state took, one plot a host, for the pages of the hosts."""

from pathlib import Path

import pandas as pd

from ... import words
from ...evidence.ledger import Ledger
from ...project import needed
from .. import plots as draw
from ..numbers import Headline


def chapter(results: Path, evidence: Ledger) -> "Chapter":
    """Read the money of every host and of the world, and return what is shown of it.

    Raises
    ------
    InputError
        If a file of ``results`` is missing.
    """
    money = pd.concat(
        [pd.read_csv(needed(results, f"revenue_{kind}_year.csv")) for kind in ("host", "world")],
        ignore_index=True,
    )
    state = money[(money["definition"] == "state") & (money["prices"] == "current")]
    return Chapter(state, evidence)


class Chapter:
    """The plots of all hosts.

    Parameters
    ----------
    state : what the state took by ``host`` and ``year``, dollars of each year.
    """

    def __init__(self, state: pd.DataFrame, evidence: Ledger):
        self.state, self.evidence = state, evidence

    def plots(self) -> None:
        """Draw what the state took in each host, in the order of the table."""
        for host, paid in self.state.groupby("host", sort=False):
            name, top = self.evidence.host_name(host), paid.loc[paid["median"].idxmax()]
            draw.show(
                draw.simple_fan(
                    paid, f"Taken by the state, {name}, million dollars a year", scale=1e-6
                ),
                name=f"fig-host-money-{host}",
                caption="Median and 50, 80 and 95 % intervals, current dollars.",
                data=draw.drawn(paid),
                data_title=f"Taken by the state, {name}, dollars a year",
                alt=f"Fan chart of yearly revenue to the state, {name}; the median is highest in"
                f" {top['year']:.0f} with {words.dollars(top['median'])}.",
            )

    def headline(self) -> Headline:
        """Return no numbers, as no page quotes one of these plots."""
        return Headline()
