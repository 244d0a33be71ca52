"""Stored draws, and the intervals that are published of them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..project import InputError

INTERVALS = (50, 80, 95)
BLOCK = 64  # rows of draws that are sorted together
THIN = 2  # of so many draws, one is predicted from
SUMMARY = ["median", "mean", *(f"{end}{level}" for level in INTERVALS for end in ("lo", "hi"))]


def summarise(draws: np.ndarray) -> pd.DataFrame:
    """Return median, mean and the 50, 80 and 95 % central intervals of draws (d, rows), one line a
    row."""
    tails = [(100 - level) / 200 for level in INTERVALS]
    median, *ends = quantiles(draws, [0.5, *(p for tail in tails for p in (tail, 1 - tail))])
    columns = {"median": median, "mean": draws.mean(axis=0)}
    return pd.DataFrame(columns | dict(zip(SUMMARY[2:], ends)))


def quantiles(draws: np.ndarray, probabilities: Sequence[float]) -> np.ndarray:
    """Return quantiles (p, rows) of draws (d, rows), as ``np.quantile`` does.

    Where several are asked for it is quicker to sort first, and some rows at a time need no copy of
    all draws.
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


def write_draws(path: Path, draws: np.ndarray, hosts: tuple[str, ...], years: np.ndarray) -> None:
    """Store draws (d, hosts, years) as Parquet: one float32 column a host and year, named
    ``RUS_2019``."""
    flat = draws.reshape(len(draws), -1).astype(np.float32)
    names = [f"{host}_{year}" for host in hosts for year in years]
    pq.write_table(
        pa.table({name: flat[:, i] for i, name in enumerate(names)}), path, compression="zstd"
    )


def read_hyper(path: Path) -> dict[str, np.ndarray]:
    """Return what ``write_hyper`` stored, each (d,)."""
    return {
        name: column.to_numpy(float) for name, column in pq.read_table(path).to_pandas().items()
    }


def read_figures(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return what ``write_figures`` stored: log likelihood and predictions, both (draws, n)."""
    table = pq.read_table(path)
    stored = np.column_stack([column.to_numpy() for column in table.columns]).astype(float)
    return tuple(np.split(stored, 2, axis=1))


def read_likelihood(path: Path) -> np.ndarray:
    """Return the first of what ``read_figures`` returns, without reading the other."""
    table = pq.read_table(
        path, columns=[name for name in pq.read_schema(path).names if name.startswith("l")]
    )
    return np.column_stack([column.to_numpy() for column in table.columns]).astype(float)


def read_draws(path: Path) -> tuple[np.ndarray, tuple[str, ...], np.ndarray]:
    """Return what ``write_draws`` stored: draws (d, hosts, years), not to be written to, hosts,
    years.

    What this process, or the one that it was forked from, read last is not read again: copies of a
    file have its size and its time.

    Raises
    ------
    InputError
        If they are not there yet.
    """
    if not path.is_file():
        raise InputError(
            f"{path} is missing: run notebooks/workers.ipynb, or exlab build --only results, first."
        )
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
