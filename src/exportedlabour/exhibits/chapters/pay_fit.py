"""The chapter on the fit of the pay model."""

import numpy as np
import pandas as pd

from ... import words
from ...assumptions.scenario import Settings
from ...evidence.ledger import Ledger
from ...inference import convergence
from ...money import fit_checks
from ...money.observations import PayDesign
from ...money.posterior import PayFit
from ...money.sector_mix import Counts
from .. import plots as draw
from .. import tables
from ..numbers import Headline

WORST = 3  # quantities of which the diagnostics are shown


def plot_published(design: PayDesign, settings: Settings) -> None:
    """Draw the published figures of gross pay by region."""
    wages = fit_checks.published_wages(design)
    middle = wages["dollars"].groupby(wages["region"]).median().sort_values()
    told = "; ".join(f"{name}: median {value:,.0f}" for name, value in middle.items())
    data = wages[["figure_id", "region", "evidence_class", "dollars"]]
    draw.show(
        draw.pay_by_region(
            wages,
            wages["dollars"],
            wages["region"],
            f"Published gross pay, {settings.price_year} dollars a month",
        ),
        name="fig-pay",
        caption="Gross pay by region, one mark a figure.",
        data=data.rename(columns={"dollars": "dollars_a_month"}),
        alt="Dot plot of published gross monthly pay by region in constant dollars. " + told + ".",
    )


def chapter(
    fitted: PayFit, quality: pd.DataFrame, counts: Counts, design: PayDesign, evidence: Ledger
) -> "Chapter":
    """Return what the chapter shows of a fit. ``quality`` is what ``PayFit.quality`` returns."""
    return Chapter(fitted, quality, counts, design, evidence)


class Chapter:
    """Plots and tables of a fit; the chapter has no number that prose quotes."""

    def __init__(
        self,
        fitted: PayFit,
        quality: pd.DataFrame,
        counts: Counts,
        design: PayDesign,
        evidence: Ledger,
    ):
        self.fitted, self.quality, self.counts = fitted, quality, counts
        self.design, self.evidence = design, evidence
        self.classical = fit_checks.classical(fitted, fit_checks.published_wages(design))

    def table(self, name: str) -> None:
        """Show one of the tables: worst, sectors or classical."""
        shown = {
            "worst": self.table_worst,
            "sectors": self.table_sectors,
            "classical": self.table_classical,
        }
        shown[name]()

    def plot(self, name: str, host: str = "") -> None:
        """Draw one of the plots: wage_and_share, of a host, or classical."""
        drawn = {
            "wage_and_share": lambda: self.plot_wage_and_share(host),
            "classical": self.plot_classical,
        }
        drawn[name]()

    def table_worst(self) -> None:
        """Show the quantities that mixed worst."""
        draws = len(self.fitted.stack("trend"))
        tables.show(
            convergence.worst(self.quality, WORST),
            f"The three worst of {len(self.quality):,} quantities by R-hat;"
            f" {self.fitted.divergences} divergent draws of {draws:,}",
        )

    def table_sectors(self) -> None:
        """Show every share of a sector that counts speak of."""
        rows = fit_checks.counted_shares(self.fitted, self.design, self.counts)
        table = {
            "host": rows["host"].map(self.evidence.host_name),
            "sector": rows["sector"],
            "read as": np.where(rows["whole"], "whole sector", "a part of it"),
            "share counted": rows["counted"].map(words.percent),
            "posterior, 80 %": [
                words.span(low, high, words.percent)
                for low, high in zip(rows["lo80"], rows["hi80"])
            ],
            "figures": [ids.replace("+", ", ") for ids in rows["figures"]],
        }
        tables.show(
            pd.DataFrame(table),
            "Shares of a sector in the workers of a host, where figures speak of them",
            ledger=self.evidence,
        )

    def plot_wage_and_share(self, host: str) -> None:
        """Draw the wage and the share withheld in one host, draw by draw."""
        data, correlation = fit_checks.wage_and_share(self.fitted, self.design, host)
        name = self.evidence.host_name(host)
        draw.show(
            draw.joint(
                data["gross_pay"].to_numpy(),
                data["share_withheld"].to_numpy(),
                ("gross pay, dollars a month", "share withheld"),
                f"{name}: wage and share withheld, correlation {correlation:.2f}",
            ),
            name="fig-wage-share",
            caption="Draws of gross pay and of the share that is withheld, before errors of"
            " definition.",
            data=data,
            alt="Scatter of posterior draws of gross monthly pay and share withheld in"
            f" {name}; correlation {correlation:.2f}.",
        )

    def table_classical(self) -> None:
        """Show the regression and its diagnostics beside the hierarchical model."""
        if self.classical is None:
            print("Too few figures for a regression.")
            return
        fit, trends = self.classical.regression, self.classical.trends
        pull = np.nan_to_num(fit["cook"])
        trend = [
            f"{100 * r.trend:.1f} ({100 * r.low:.1f} to {100 * r.high:.1f})"
            for r in trends.itertuples()
        ]
        error = np.exp(np.median(self.fitted.stack("error_wage")))
        lines = [
            ("figures", f"{fit['n']}", f"{len(self.design.figures)}, of all kinds"),
            ("R-squared", f"{fit['r_squared']:.2f}", ""),
            ("trend, per cent a year (95 %)", trend[0], trend[1]),
            ("residual factor", f"{fit['residual']:.2f}", f"{error:.2f}"),
            ("equal variance, p (Breusch-Pagan)", f"{fit['breusch_pagan']:.3f}", ""),
            ("straight line, p (RESET)", f"{fit['reset']:.3f}", ""),
            ("largest Cook's distance", f"{pull.max():.2f}", ""),
            ("figures above 4/n", f"{(pull > 4 / fit['n']).sum()}", ""),
        ]
        tables.show(
            pd.DataFrame(lines, columns=["quantity", "regression", "hierarchical model"]),
            "Wage regression with robust standard errors, beside the hierarchical model",
        )

    def plot_classical(self) -> None:
        """Draw the yearly trend of pay by method; nothing where there is no regression."""
        if self.classical is None:
            return
        trends = self.classical.trends[["label", "trend", "low", "high"]]
        per_cent = trends.assign(**{c: 100 * trends[c] for c in ("trend", "low", "high")})
        told = [
            f"{r.label}: {r.trend:.1f} ({r.low:.1f} to {r.high:.1f}) per cent a year"
            for r in per_cent.itertuples()
        ]
        draw.show(
            draw.estimates(per_cent, "Trend of real gross pay by method", "per cent a year"),
            name="fig-classical",
            caption="The yearly trend of real gross pay by each method, with 95 % intervals.",
            data=trends,
            alt="; ".join(told) + ".",
        )

    def headline(self) -> Headline:
        """Return no numbers, as no page quotes one of this chapter."""
        return Headline()
