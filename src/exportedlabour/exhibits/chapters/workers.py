"""The chapter on the fit of the workers model."""

import pandas as pd

from ...inference import convergence
from ...workers.published import Published
from .. import tables
from ..numbers import Headline

WORST = 5  # quantities
ERAS = {  # of registers, whose bias depends on what the law was
    "register open": "register before 2018",
    "register winding down": "register 2018-19",
    "register banned": "register from 2020",
}


def chapter(found: Published) -> "Chapter":
    """Return the chapter of what ``workers.published.publish`` returned."""
    return Chapter(found)


class Chapter:
    """Tables and quoted numbers of the chapter."""

    def __init__(self, found: Published):
        self.found = found

    def table(self, name: str) -> None:
        """Display a table: "quality", of the quantities that are sampled worst; "bias" or "error",
        of each class.

        Raises
        ------
        ValueError
            If there is no table of that name.
        """
        if name == "quality":
            self._table_quality()
        elif name == "bias":
            tables.show(
                self._factors("bias"),
                "Bias of each class: the factor by which its figures exceed the truth",
            )
        elif name == "error":
            tables.show(self._factors("error"), "Error of each class, as a factor up or down")
        else:
            raise ValueError(f"no table is called {name!r}")

    def _table_quality(self) -> None:
        fit, quality = self.found.fit, self.found.quality
        tables.show(
            convergence.worst(quality, WORST),
            f"The five worst of {len(quality):,} quantities by R-hat; {fit.divergences} divergent"
            f" draws of {len(self.found.stock):,}",
        )

    def _factors(self, quantity: str) -> pd.DataFrame:
        """Return the bias or the error of each class, as text."""
        effects = self.found.effects
        effects = effects[effects["quantity"] == quantity]
        labels = effects["name"].str.replace("_", " ")
        for era, words in ERAS.items():
            labels = labels.str.replace(era, words)
        return pd.DataFrame(
            {
                "class": labels,
                "factor": effects["median"].map("{:.2f}".format),
                "80 % interval": [
                    f"{low:.2f} – {high:.2f}" for low, high in zip(effects["lo80"], effects["hi80"])
                ],
            }
        )

    def headline(self) -> Headline:
        """Return the numbers that pages quote."""
        numbers, design, settings = Headline(), self.found.design, self.found.settings
        fitted, hosts, uncounted = len(design.figures), len(design.hosts), len(design.predictive)
        numbers.put("n_fitted", fitted, f"{fitted:,}")
        numbers.put("n_hosts", hosts, str(hosts))
        numbers.put("n_uncounted", uncounted, str(uncounted))
        limit = settings.list_detection_limit
        numbers.put("list_detection_limit", limit, f"{limit:g}")
        copies = settings.imputed_copies
        numbers.put("imputed_copies", copies, str(copies))
        numbers.put("chains", settings.chains, str(settings.chains))
        numbers.put("detection_limit", settings.detection_limit, f"{settings.detection_limit:g}")
        numbers.put("max_rhat", settings.max_rhat, f"{settings.max_rhat:g}")
        numbers.put("min_ess", settings.min_ess, f"{settings.min_ess:g}")
        return numbers
