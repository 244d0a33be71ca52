"""All that the chapter on validation tells, computed once: from the tables under
results/validation and from the draws of the published fit."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ..assumptions.scenario import Settings
from ..evidence.ledger import Ledger
from ..project import needed
from ..workers import draws, observations
from . import (
    benchmarks,
    committed,
    coverage,
    dependence,
    engines,
    exits,
    experiments,
    multiverse,
    notifications,
    predictions,
    prior_check,
    summary,
)
from .committed import Committed
from .coverage import Agreement, Calibration
from .dependence import OnPriors, OnSources
from .engines import Engines
from .predictions import HeldOut
from .prior_check import PriorCheck


@dataclass(frozen=True)
class Findings:
    """What the validation found.

    Attributes
    ----------
    settings : the assumptions. years : (t,) of the model. key : of the state of the model, the
        assumptions and the ledger (``experiments.key``). tables : what is committed.
    prior, world : the world's workers before and after reading the figures, the second as draws
        (d, t) in persons.
    calibration : ranks of the truth. of_world, of_host, of_counted, of_empty : coverage by kind of
        simulated world: of the world total, of host-years, of those with and without a figure of
        their own. agreement : of the chains of refits.
    held, against : figures held out, by this model and against simpler methods; entries : how many
        of them are of entries.
    conflict : where figures contradict each other. famous : notifications to the United Nations.
    own_figures : the figures that the fitted model has read, by class.
    on_sources, on_priors : what the answers depend on.
    sent_home : figures of people sent home beside the account; sent_home_fitted : how many figures
        of people sent home are fitted.
    engines : two samplers compared.
    """

    settings: Settings
    years: np.ndarray
    key: str
    tables: Committed
    prior: PriorCheck
    world: np.ndarray
    calibration: Calibration
    of_world: pd.DataFrame
    of_host: pd.DataFrame
    of_counted: pd.DataFrame
    of_empty: pd.DataFrame
    agreement: Agreement
    held: HeldOut
    against: pd.DataFrame
    entries: int
    conflict: pd.DataFrame
    famous: pd.DataFrame
    own_figures: pd.DataFrame
    on_sources: OnSources
    on_priors: OnPriors
    sent_home: pd.DataFrame
    sent_home_fitted: int
    engines: Engines

    def write(self, results: Path) -> None:
        """Write what readers may take further as CSV into ``results``."""
        self.conflict.round(4).to_csv(results / "conflict.csv", index=False)
        self.on_sources.moved.round(5).to_csv(results / "influence.csv", index=False)
        self.on_priors.scaled.round(5).to_csv(results / "prior_sensitivity.csv", index=False)


def analyse(results: Path, tables_in: Path, settings: Settings, ledger: Ledger) -> Findings:
    """Return what the validation found.

    Parameters
    ----------
    results : the folder with the draws of the workers model. tables_in : that of the committed
        tables, results/validation.

    Raises
    ------
    InputError
        If the draws are not there yet.
    """
    stock, codes, years = draws.read_draws(needed(results, "draws_workers.parquet"))
    top_level = draws.read_hyper(needed(results, "workers_hyper.parquet"))
    likelihood, predicted = draws.read_figures(needed(results, "workers_figures.parquet"))
    tables = committed.read(tables_in)
    design = observations.build(ledger, settings)
    rng = np.random.default_rng(settings.seed)
    prior = prior_check.check(design, settings, rng)
    calibration = coverage.calibration(tables.ranks, settings.seed, rng)
    held = predictions.held_out(tables.held, settings.seed, rng)

    of_world = coverage.of_worlds(tables.worlds, "world")
    parts = (coverage.of_worlds(tables.worlds, scope) for scope in (summary.WITH, summary.WITHOUT))
    of_counted, of_empty = (part.reindex(of_world.index) for part in parts)

    kept = np.arange(0, len(stock), len(stock) // len(likelihood))  # those with a likelihood
    thinned = {name: values[kept] for name, values in top_level.items()}
    account = Settings(dict(settings) | multiverse.ACCOUNT)
    by_account = observations.build(ledger, account)
    flows = tables.held["flow"] & (tables.held["method"] == summary.OURS)
    return Findings(
        settings=settings,
        years=years,
        key=experiments.key(design, settings, experiments.Effort()),
        tables=tables,
        prior=prior,
        world=stock.sum(axis=1),
        calibration=calibration,
        of_world=of_world,
        of_host=coverage.of_worlds(tables.worlds, summary.HOST_YEAR),
        of_counted=of_counted,
        of_empty=of_empty,
        agreement=coverage.agreement(tables.refits, tables.worlds),
        held=held,
        against=predictions.against_benchmarks(tables.held, held),
        entries=int(tables.held[flows]["figure_id"].nunique()),
        conflict=benchmarks.table_of_conflict(benchmarks.figure_table(design, settings)),
        famous=notifications.famous(ledger, tables.notified_stock, tables.notified_figures),
        own_figures=predictions.of_own_figures(design, predicted),
        on_sources=dependence.on_sources(
            design, stock[kept].sum(axis=1), likelihood, thinned["imputation"], tables.left_out
        ),
        on_priors=dependence.on_priors(
            design, settings, ledger, stock[kept], codes, thinned, likelihood
        ),
        sent_home=exits.read(by_account, stock, codes, top_level["log_turnover"]),
        sent_home_fitted=int((design.figures["quantity"] == "repatriated").sum()),
        engines=engines.compare(tables.engines, tables.engines_agreement),
    )
