"""What is published of a fit of the workers model: the draws of all hosts, tables by host and year,
and what the figures turned out to be worth."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ..assumptions.scenario import Settings
from ..evidence.ledger import Ledger
from ..inference import convergence
from . import draws, stored
from .observations import Design
from .posterior import Fit
from .uncounted import undocumented_within

COUNTS = ["n_figures", "n_effective"]


@dataclass(frozen=True)
class Published:
    """A fit that passed the criteria of convergence, ready to be written.

    Attributes
    ----------
    fit, design, settings : what was fitted.
    quality : R-hat and effective sample sizes of what is published.
    stock : draws (d, h, t) in persons of every host, those that nobody counted last; codes : (h,)
        their names.
    effects : ``quantity`` (bias or error), ``name`` of the class, and the columns of
        ``draws.SUMMARY``, as factors.
    """

    fit: Fit
    design: Design
    settings: Settings
    quality: pd.DataFrame
    stock: np.ndarray
    codes: tuple[str, ...]
    effects: pd.DataFrame

    def write(self, results: Path, ledger: Ledger) -> None:
        """Write the draws and the tables that other chapters read into ``results``."""
        years = self.design.years
        draws.write_draws(results / "draws_workers.parquet", self.stock, self.codes, years)
        stored.write_likelihood(results / "workers_loglik.parquet", self.fit, self.design)
        stored.write_hyper(results / "workers_hyper.parquet", self.fit, self.design)
        stored.write_figures(results / "workers_figures.parquet", self.fit)
        host_year, world = tables(self.stock, self.codes, self.design, ledger)
        draws.significant(host_year).to_csv(results / "workers_host_year.csv", index=False)
        draws.significant(world).to_csv(results / "workers_world_year.csv", index=False)
        draws.significant(self.effects).to_csv(results / "workers_effects.csv", index=False)


def publish(fit: Fit, design: Design, settings: Settings, results: Path) -> Published:
    """Return what is published of a fit, its diagnostics written into ``results`` first.

    Raises
    ------
    PoorFit
        If a quantity that the book quotes fails the criteria of ``settings``; the diagnostics are
        there then, and nothing else.
    InputError
        If hosts that nobody counted leave no room below ``world_limit``.
    """
    rng = np.random.default_rng(settings.seed)
    counted = fit.stock
    uncounted = undocumented_within(fit, design, settings, rng)
    quality = fit.quality(design)
    results.mkdir(parents=True, exist_ok=True)
    quality.round(4).to_csv(results / "workers_diagnostics.csv", index=False)
    convergence.check(
        quality,
        fit.divergences,
        len(counted),
        max_rhat=settings.max_rhat,
        min_ess=settings.min_ess,
        max_divergent_share=settings.max_divergent_share,
    )
    stock = np.concatenate([counted, uncounted], axis=1)
    codes = (*design.hosts, *design.predictive)
    return Published(fit, design, settings, quality, stock, codes, effects_of(fit, design))


def effects_of(fit: Fit, design: Design) -> pd.DataFrame:
    """Return the bias and the error of each class as factors; see ``Published``."""
    factors = {"bias": np.exp(fit.stack("bias")), "error": np.exp(fit.stack("error"))}
    table = pd.concat(
        [
            draws.summarise(values).assign(quantity=quantity, name=list(design.biases))
            for quantity, values in factors.items()
        ]
    )
    return table[["quantity", "name", *draws.SUMMARY]]


def tables(
    stock: np.ndarray, codes: tuple[str, ...], design: Design, ledger: Ledger
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the workers by host and year, and those of the world by year.

    Parameters
    ----------
    stock : draws (d, h, t) in persons of the hosts ``codes`` and the years of ``design``.

    Returns
    -------
    Two DataFrames ``host, year``, the columns of ``draws.SUMMARY``, ``n_figures, n_effective`` (how
    many head counts, and how many independent ones) and ``no_data``, whether nobody counted.
    """
    columns = ["host", "year", *draws.SUMMARY, *COUNTS, "no_data"]
    counts = stored.evidence_counts(ledger, design)
    host_year = draws.host_year_table(stock, codes, design.years)
    host_year = host_year.merge(counts, on=["host", "year"], how="left")
    host_year = host_year.fillna(dict.fromkeys(COUNTS, 0)).astype({"n_figures": int})
    host_year["no_data"] = host_year["host"].isin(design.predictive)
    world = draws.summarise(stock.sum(axis=1)).assign(host="WLD", year=design.years)
    of_year = host_year.groupby("year")[COUNTS].sum().reset_index()
    world = world.merge(of_year, on="year").assign(no_data=False)
    return host_year[columns], world[columns]
