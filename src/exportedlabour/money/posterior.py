"""The posterior of pay: what a fit holds, how good it is, and the file that keeps it."""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..inference import convergence
from .observations import PayDesign

SPREADS = ("wage_host", "wage_region", "sector", "withheld_host", "withheld_region", "state_host")
PUBLISHED = (
    "log_wage",
    "logit_withheld",
    "logit_state_of_withheld",
    "trend",
    "sector_effect",
    "mix",
    "log_plan",
    "plan_trend",
    "error_wage",
    "error_share",
    "error_plan",
)
MEANS = ("wage_mean", "withheld_mean", "state_mean")
# What assumptions are priors of, beside the trends and the plan.
TOP = (
    *MEANS,
    *(f"{name}_sd" for name in SPREADS),
    "error_wage",
    "error_share",
    "error_plan",
    "plan_logging_offset",
)


@dataclass(frozen=True)
class PayFit:
    """Draws (chains, draws, ...) by name, ``PUBLISHED`` at least and ``TOP`` of the model's own
    engine; divergent draws, and seconds taken."""

    named: dict[str, np.ndarray]
    divergences: int
    seconds: float

    def stack(self, name: str) -> np.ndarray:
        """Return the draws of a quantity as (chains * draws, ...), chain by chain."""
        values = self.named[name]
        return values.reshape(-1, *values.shape[2:])

    def quality(self, design: PayDesign) -> pd.DataFrame:
        """Return R-hat and effective sample sizes of what is published (see
        ``convergence.diagnostics``)."""
        labels = {
            name: [design.hosts]
            for name in ("log_wage", "logit_withheld", "logit_state_of_withheld")
        }
        labels |= {"sector_effect": [design.sectors], "mix": [design.hosts, design.sectors]}
        return convergence.diagnostics({name: self.named[name] for name in PUBLISHED}, labels)


def write_fit(path: Path, fit: PayFit) -> None:
    """Write a fit as Parquet, a row a draw in the order of chains; the shapes of its quantities are
    in the file's metadata."""
    columns, shapes = {}, {}
    for name, values in fit.named.items():
        shapes[name] = values.shape
        size = math.prod(values.shape[2:])
        flat = pa.array(np.ascontiguousarray(values, dtype=float).ravel())
        columns[name] = (
            pa.FixedSizeListArray.from_arrays(flat, size) if len(values.shape) > 2 else flat
        )
    told = {"shapes": json.dumps(shapes), "divergences": str(fit.divergences)}
    pq.write_table(
        pa.table(columns).replace_schema_metadata(told),
        path,
        compression="zstd",
        compression_level=1,
    )


def read_fit(path: Path) -> PayFit:
    """Return a fit as ``write_fit`` wrote it; how long it took is not told."""
    table = pq.read_table(path)
    told = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    named = {}
    for name, shape in json.loads(told["shapes"]).items():
        column = table[name].combine_chunks()
        named[name] = (
            (column.flatten() if len(shape) > 2 else column)
            .to_numpy(zero_copy_only=False)
            .reshape(shape)
        )
    return PayFit(named, int(told["divergences"]), math.nan)
