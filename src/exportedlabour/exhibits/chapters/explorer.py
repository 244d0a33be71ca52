"""The chapter in which a reader moves assumptions."""

import pandas as pd
from IPython.display import HTML, display

from ...assumptions.scenario import Settings
from ...sensitivity import explorer
from ...sensitivity.explorer import Shipped
from .. import tables
from ..numbers import Headline


def chapter(
    shipped: Shipped, thinning: pd.DataFrame, examples: pd.DataFrame, settings: Settings
) -> "Chapter":
    """Return the chapter of what ``sensitivity.explorer.make`` and ``examples`` return."""
    return Chapter(shipped, thinning, examples, settings)


class Chapter:
    """The explorer itself, a table, a list of questions and the quoted numbers of the chapter."""

    def __init__(
        self, shipped: Shipped, thinning: pd.DataFrame, examples: pd.DataFrame, settings: Settings
    ):
        self.shipped, self.thinning, self.settings = shipped, thinning, settings
        self.examples = examples

    def sliders(self) -> None:
        """Display the explorer."""
        display(HTML(explorer.markup(self.shipped)))

    def table(self) -> None:
        """Display how the quantiles of the shipped draws differ from those of all draws."""
        rows = explorer.largest_differences(self.thinning)
        shown = pd.DataFrame(
            {
                "quantity": rows["quantity"],
                "quantile": [f"{100 * p:g} %" for p in rows["probability"]],
                "largest difference": [f"{100 * x:+.1f} %" for x in rows["difference"]],
                "in": rows["year"],
                "typical": [f"{100 * x:.1f} %" for x in rows["typical"]],
            }
        )
        tables.show(
            shown,
            "Quantiles of the world in the page, against those of all draws: the largest difference"
            " over years, and the median one",
        )

    def questions(self) -> None:
        """Display a list of questions that the draws of the page can answer, with their answers and
        addresses."""
        shown = self.examples[self.examples["trusted"]]
        display(HTML(explorer.questions(dict(zip(shown["state"], shown["headline"])))))

    def headline(self) -> Headline:
        """Return the numbers that pages quote."""
        numbers = Headline()
        kept = self.shipped.stock.shape[2]
        numbers.put("explorer_draws", kept, f"{kept:,}")
        every = self.settings.chains * self.settings.draws
        numbers.put("explorer_all_draws", every, f"{every:,}")
        numbers.put("explorer_candidates", explorer.CANDIDATES, str(explorer.CANDIDATES))
        inside = self.thinning["probability"].between(0.09, 0.91)
        away = self.thinning["difference"].abs()
        worst = float(away[inside].max())
        numbers.put("explorer_off_80", worst, f"{100 * worst:.1f} %")
        worst = float(away[~inside].max())
        numbers.put("explorer_off_95", worst, f"{100 * worst:.1f} %")
        same, quoted = explorer.printed_alike(self.thinning, self.shipped)
        numbers.put("explorer_said", same, str(same))
        numbers.put("explorer_quoted", quoted, str(quoted))
        return numbers
