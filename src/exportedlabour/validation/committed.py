"""The tables under results/validation, as the chapter on validation reads them."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from . import provenance


@dataclass(frozen=True)
class Committed:
    """What the refits added up to; see ``summary`` for what makes each table.

    Attributes
    ----------
    worlds, ranks : of simulated worlds: shares of truths in the intervals, and their ranks.
    held : the scores of the figures held out, by this model and by each benchmark.
    notified_stock, notified_figures : predictions from before the UN notifications.
    specifications : the analyses of the multiverse. left_out : the refits without one source.
    refits : how well the chains of each refit agree.
    engines, engines_agreement : samplers compared (benchmarks/engines.py).
    runs : how the tables were made (``provenance``).
    """

    worlds: pd.DataFrame
    ranks: pd.DataFrame
    held: pd.DataFrame
    notified_stock: pd.DataFrame
    notified_figures: pd.DataFrame
    specifications: pd.DataFrame
    left_out: pd.DataFrame
    refits: pd.DataFrame
    engines: pd.DataFrame
    engines_agreement: pd.DataFrame
    runs: list[dict]


def read(folder: Path) -> Committed:
    """Return the tables in ``folder``.

    Raises
    ------
    FileNotFoundError
        If one is not there.
    InputError
        If provenance.json has another form.
    """
    return Committed(
        worlds=pd.read_csv(folder / "worlds.csv"),
        ranks=pd.read_csv(folder / "ranks.csv"),
        held=pd.read_csv(folder / "holdouts.csv"),
        notified_stock=pd.read_csv(folder / "notified_stock.csv"),
        notified_figures=pd.read_csv(folder / "notified_figures.csv"),
        specifications=pd.read_csv(folder / "specifications.csv"),
        left_out=pd.read_csv(folder / "left_out.csv", keep_default_na=False),
        refits=pd.read_csv(folder / "refits.csv"),
        engines=pd.read_csv(folder / "engines.csv"),
        engines_agreement=pd.read_csv(folder / "engines_agreement.csv"),
        runs=provenance.read(folder),
    )
