"""From the posterior to published numbers: the world, hosts nobody counted, and their intervals."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..ledger import HEAD_COUNTS, Ledger
from ..lineage import effective_by_year
from ..project import InputError
from ..scenario import Settings
from .design import LARGE, Design
from .fit import SCALED, THIN, Fit
from .structure import SHOCKS, memory

INTERVALS = (50, 80, 95)
TRIES = 20  # for every draw, in the mean
BLOCK = 64  # rows of draws that are sorted together
SUMMARY = ["median", "mean", *(f"{end}{level}" for level in INTERVALS for end in ("lo", "hi"))]


def undocumented(
    fit: Fit, design: Design, settings: Settings, rng: np.random.Generator, rows: np.ndarray | slice = slice(None),
) -> np.ndarray:  # fmt: skip
    """Return draws (d, predictive hosts, years) for the hosts that were named but never counted, in persons.

    ``rows`` are the draws of ``fit`` that they go with, all if not given.

    Each is like any other host, lower by ``no_data_offset``, with the same steps and shocks, and is present at all with
    probability ``no_data_presence``.
    """
    years = design.years
    level_mean, level_sd = fit.stack("level_mean")[rows, None], fit.stack("level_sd")[rows, None]
    scale_median, shock = np.exp(fit.stack("log_step_median")[rows]), fit.stack("shock")[rows]
    shape = (len(level_mean), len(design.predictive))
    level = level_mean + rng.normal(*settings.no_data_offset, size=shape) + level_sd * rng.standard_normal(shape)
    scale = scale_median[:, None] * np.exp(settings.step_scale_log_sd * rng.standard_normal(shape))
    fading, _ = memory(years, settings.pull, settings.border_closed_factor, settings.border_reopened_factor)
    log_stock = level[..., None] + scale[..., None] * (rng.standard_normal((*shape, len(years))) @ fading.T)
    for k, year in enumerate(SHOCKS.values()):
        host_shock = shock[:, [k]] + settings.shock_host_sd * rng.standard_normal(shape)
        log_stock += host_shock[..., None] * (years >= year)
    present = rng.random(shape) < settings.no_data_presence
    return np.exp(log_stock) * present[:, :, None]


def undocumented_within(fit: Fit, design: Design, settings: Settings, rng: np.random.Generator) -> np.ndarray:
    """Return draws as ``undocumented`` does, drawn again where all hosts together would have more than ``world_limit`` in some year.

    Raises
    ------
    InputError
        If some still have after ``TRIES``: a draw with little room left may take thousands, all draws together may not.
    """
    drawn, counted = undocumented(fit, design, settings, rng), fit.stock.sum(axis=1)
    left, beyond = TRIES * len(drawn), np.arange(len(drawn))
    while True:
        beyond = beyond[(counted[beyond] + drawn[beyond].sum(axis=1)).max(axis=1) > settings.world_limit]
        if not len(beyond):
            return drawn
        if left < len(beyond):
            raise InputError(
                f"world_limit is {settings.world_limit:,.0f}; with hosts that nobody counted {len(beyond)} draws lie beyond it. Raise it in the scenario."
            )
        drawn[beyond] = undocumented(fit, design, settings, rng, beyond)
        left -= len(beyond)


def summarise(draws: np.ndarray) -> pd.DataFrame:
    """Return median, mean and the 50, 80 and 95 % central intervals of draws (d, rows), one line a row."""
    tails = [(100 - level) / 200 for level in INTERVALS]
    median, *ends = quantiles(draws, [0.5, *(p for tail in tails for p in (tail, 1 - tail))])
    columns = {"median": median, "mean": draws.mean(axis=0)}
    return pd.DataFrame(columns | dict(zip(SUMMARY[2:], ends)))


def quantiles(draws: np.ndarray, probabilities: Sequence[float]) -> np.ndarray:
    """Return quantiles (p, rows) of draws (d, rows), as ``np.quantile`` does.

    Where several are asked for it is quicker to sort first, and some rows at a time need no copy of all draws.
    """
    found = []
    for begin in range(0, max(draws.shape[1], 1), BLOCK):
        block = draws[:, begin : begin + BLOCK].T.copy()
        block.sort(axis=1)
        found.append(np.quantile(block, probabilities, axis=1, overwrite_input=True))
    return np.concatenate(found, axis=1)


def significant(frame: pd.DataFrame, digits: int = 4) -> pd.DataFrame:
    """Round the summary columns to significant digits, more than any interval here can justify."""
    frame = frame.copy()
    for column in frame.columns.intersection(SUMMARY):
        values = frame[column].to_numpy(float)
        size = np.floor(np.log10(np.maximum(np.abs(values), 1e-12)))
        unit = 10.0 ** (size - digits + 1)
        frame[column] = [float(f"{x:.{digits}g}") for x in np.round(values / unit) * unit]
    return frame


def host_year_table(draws: np.ndarray, hosts: tuple[str, ...], years: np.ndarray) -> pd.DataFrame:
    """Summarise draws (d, hosts, years) as one line a host and year."""
    table = summarise(draws.reshape(len(draws), -1))
    table.insert(0, "year", np.tile(years, len(hosts)))
    table.insert(0, "host", np.repeat(hosts, len(years)))
    return table


def evidence_counts(ledger: Ledger, design: Design) -> pd.DataFrame:
    """Count, by host and year, the head counts in the ledger that are not excluded, and the effective number of
    independent ones among those that were fitted."""
    figures = ledger.figures
    counted = effective_by_year(figures[figures["quantity"].isin(HEAD_COUNTS) & (figures["use"] != "exclude")])
    fitted = design.figures.drop_duplicates("figure_id")
    fitted = effective_by_year(fitted[fitted["quantity"].isin(HEAD_COUNTS)])
    table = counted[["hosts", "year", "n_figures"]].merge(fitted[["hosts", "year", "n_effective"]], on=["hosts", "year"], how="outer")
    table = table.rename(columns={"hosts": "host"})
    return table.fillna({"n_figures": 0, "n_effective": 0.0}).astype({"n_figures": int})


def write_draws(path: Path, draws: np.ndarray, hosts: tuple[str, ...], years: np.ndarray) -> None:
    """Store draws (d, hosts, years) as Parquet: one float32 column a host and year, named ``RUS_2019``."""
    flat = draws.reshape(len(draws), -1).astype(np.float32)
    names = [f"{host}_{year}" for host in hosts for year in years]
    pq.write_table(pa.table({name: flat[:, i] for i, name in enumerate(names)}), path, compression="zstd")


def write_likelihood(path: Path, fit: Fit, design: Design) -> None:
    """Store the log likelihood of each draw by class of evidence: one float32 column a class, in the order of the draws."""
    classes = design.figures["evidence_class"].to_numpy()
    counted = fit.log_likelihood  # (d, n); each chain counts its own assignment, which is part of its posterior
    columns = {name: counted[:, classes == name].sum(axis=1).astype(np.float32) for name in sorted(set(classes))}
    pq.write_table(pa.table(columns), path, compression="zstd")


def write_hyper(path: Path, fit: Fit, design: Design) -> None:
    """Store the draws of the top level of the model: float32 columns such as ``bias:register_banned``, ``error:press``, ``turnover``.

    ``log_step:CHN`` is the log of a large host's yearly step; ``squares:NAME`` and ``count:NAME`` are the sum of the squares and the
    number of the effects that the assumption NAME is the fixed scale of; ``assignment`` is the assignment of copies that the draw counts.
    """
    columns = {f"{what}:{name}": fit.stack(what)[:, i] for what in ("bias", "error") for i, name in enumerate(design.biases)}
    columns |= {f"shock:{name}": fit.stack("shock")[:, i] for i, name in enumerate(SHOCKS)}
    names = ("log_turnover", "coverage", "level_mean", "level_sd", "log_step_median", "margin_at_least", "margin_at_most",
             "house_sd", "lineage_sd", "host_class_sd")  # fmt: skip
    columns |= {name: fit.stack(name) for name in names}
    columns |= {f"log_step:{host}": fit.stack("log_step")[:, i] for i, host in enumerate(design.hosts) if host in LARGE}
    columns["assignment"] = np.repeat(fit.assignments, len(fit.stack("coverage")) // len(fit.assignments))
    for i, name in enumerate(SCALED):
        squares = fit.stack("squares")[:, i]
        columns |= {f"squares:{name}": squares, f"count:{name}": np.full(len(squares), fit.scaled[name])}
    pq.write_table(pa.table({name: values.astype(np.float32) for name, values in columns.items()}), path, compression="zstd")


def read_hyper(path: Path) -> dict[str, np.ndarray]:
    """Return what ``write_hyper`` stored, each (d,)."""
    return {name: column.to_numpy(float) for name, column in pq.read_table(path).to_pandas().items()}


def write_figures(path: Path, fit: Fit) -> None:
    """Store of one draw in ``fit.THIN``, for each figure in the design's order, its log likelihood and what the model
    would expect it to say: float32 columns ``l0, l1, ...`` and ``p0, p1, ...``."""
    columns = {f"l{i}": column for i, column in enumerate(fit.log_likelihood[::THIN].T)}
    columns |= {f"p{i}": column for i, column in enumerate(fit.predicted.T)}
    pq.write_table(pa.table({name: column.astype(np.float32) for name, column in columns.items()}), path, compression="zstd")


def read_figures(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return what ``write_figures`` stored: log likelihood and predictions, both (draws, n)."""
    table = pq.read_table(path)
    stored = np.column_stack([column.to_numpy() for column in table.columns]).astype(float)
    return tuple(np.split(stored, 2, axis=1))


def read_likelihood(path: Path) -> np.ndarray:
    """Return the first of what ``read_figures`` returns, without reading the other."""
    table = pq.read_table(path, columns=[name for name in pq.read_schema(path).names if name.startswith("l")])
    return np.column_stack([column.to_numpy() for column in table.columns]).astype(float)


def read_draws(path: Path) -> tuple[np.ndarray, tuple[str, ...], np.ndarray]:
    """Return what ``write_draws`` stored: draws (d, hosts, years), not to be written to, hosts, years.

    What this process, or the one that it was forked from, read last is not read again: copies of a file have its size and its time.

    Raises
    ------
    InputError
        If they are not there yet.
    """
    if not path.is_file():
        raise InputError(f"{path} is missing: run notebooks/workers.ipynb, or exlab build --only results, first.")
    written = path.stat()
    known = (path.name, written.st_mtime_ns, written.st_size)
    if known not in _last_read:
        _last_read.clear()
        _last_read[known] = _read_draws(path)
    return _last_read[known]


_last_read: dict[tuple[str, int, int], tuple[np.ndarray, tuple[str, ...], np.ndarray]] = {}


def _read_draws(path: Path) -> tuple[np.ndarray, tuple[str, ...], np.ndarray]:
    table = pq.read_table(path)
    split = [name.rsplit("_", 1) for name in table.column_names]
    hosts = tuple(dict.fromkeys(host for host, _ in split))
    years = np.array(sorted({int(year) for _, year in split}))
    flat = np.column_stack([column.to_numpy() for column in table.columns]).astype(float)
    flat.setflags(write=False)
    return flat.reshape(len(flat), len(hosts), len(years)), hosts, years
