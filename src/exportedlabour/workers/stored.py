"""What the fit of the workers leaves for other chapters, beside the draws themselves."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..evidence.events import SHOCKS
from ..evidence.hosts_apart import UNPOOLED
from ..evidence.ledger import HEAD_COUNTS, Ledger
from ..evidence.lineage import effective_by_year
from .account import SCALED
from .draws import THIN
from .observations import Design
from .posterior import Fit


def evidence_counts(ledger: Ledger, design: Design) -> pd.DataFrame:
    """Count, by host and year, the head counts in the ledger that are not excluded, and the
    effective number of independent ones among those that were fitted."""
    figures = ledger.figures
    counted = effective_by_year(
        figures[figures["quantity"].isin(HEAD_COUNTS) & (figures["use"] != "exclude")]
    )
    fitted = design.figures.drop_duplicates("figure_id")
    fitted = effective_by_year(fitted[fitted["quantity"].isin(HEAD_COUNTS)])
    table = counted[["hosts", "year", "n_figures"]].merge(
        fitted[["hosts", "year", "n_effective"]], on=["hosts", "year"], how="outer"
    )
    table = table.rename(columns={"hosts": "host"})
    return table.fillna({"n_figures": 0, "n_effective": 0.0}).astype({"n_figures": int})


def write_likelihood(path: Path, fit: Fit, design: Design) -> None:
    """Store the log likelihood of each draw by class of evidence: one float32 column a class, in
    the order of the draws."""
    classes = design.figures["evidence_class"].to_numpy()
    counted = (
        fit.log_likelihood
    )  # (d, n); each chain counts its own imputation, which is part of its posterior
    columns = {
        name: counted[:, classes == name].sum(axis=1).astype(np.float32)
        for name in sorted(set(classes))
    }
    pq.write_table(pa.table(columns), path, compression="zstd")


def write_hyper(path: Path, fit: Fit, design: Design) -> None:
    """Store the draws of the top level of the model: float32 columns such as
    ``bias:register_banned``, ``error:press``, ``turnover``.

    ``log_step:CHN`` is the log of an unpooled host's yearly step; ``squares:NAME`` and
    ``count:NAME`` are the sum of the squares and the number of the effects that the assumption NAME
    is the fixed scale of; ``imputation`` is the imputation of copies that the draw counts.
    """
    columns = {
        f"{what}:{name}": fit.stack(what)[:, i]
        for what in ("bias", "error")
        for i, name in enumerate(design.biases)
    }
    columns |= {f"shock:{name}": fit.stack("shock")[:, i] for i, name in enumerate(SHOCKS)}
    names = (
        "log_turnover",
        "coverage",
        "level_mean",
        "level_sd",
        "log_step_median",
        "margin_at_least",
        "margin_at_most",
        "house_sd",
        "lineage_sd",
        "host_class_sd",
    )
    columns |= {name: fit.stack(name) for name in names}
    columns |= {
        f"log_step:{host}": fit.stack("log_step")[:, i]
        for i, host in enumerate(design.hosts)
        if host in UNPOOLED
    }
    columns["imputation"] = np.repeat(
        fit.imputations, len(fit.stack("coverage")) // len(fit.imputations)
    )
    for i, name in enumerate(SCALED):
        squares = fit.stack("squares")[:, i]
        columns |= {
            f"squares:{name}": squares,
            f"count:{name}": np.full(len(squares), fit.scaled[name]),
        }
    pq.write_table(
        pa.table({name: values.astype(np.float32) for name, values in columns.items()}),
        path,
        compression="zstd",
    )


def write_figures(path: Path, fit: Fit) -> None:
    """Store of one draw in ``draws.THIN``, for each figure in the design's order, its log
    likelihood and what the model would expect it to say: float32 columns ``l0, l1, ...`` and ``p0,
    p1, ...``."""
    columns = {f"l{i}": column for i, column in enumerate(fit.log_likelihood[::THIN].T)}
    columns |= {f"p{i}": column for i, column in enumerate(fit.predicted.T)}
    pq.write_table(
        pa.table({name: column.astype(np.float32) for name, column in columns.items()}),
        path,
        compression="zstd",
    )
