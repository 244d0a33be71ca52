"""The step that stores the draws of pay and of sectors, from which chapters about money can start
before its tables are made."""

from pathlib import Path

import pyarrow.parquet as pq

from ..assumptions.scenario import Settings
from ..evidence import ledger
from . import observations, posterior, revenue, unmeasured


def draws(build, step, place: Path, results: Path, steps) -> None:
    """Store what ``notebooks/money.ipynb`` multiplies with the workers: draws_pay.parquet and
    draws_mix.parquet."""
    settings = Settings(build.scenario.used_by(step.assumptions))
    workers = pq.ParquetFile(results / "draws_workers.parquet")
    hosts = tuple(dict.fromkeys(name.rsplit("_", 1)[0] for name in workers.schema.names))
    fitted = posterior.read_fit(results / "pay_fit.parquet")
    pay, mix, chosen = unmeasured.paired(
        fitted,
        observations.build(ledger.read(build.data), settings),
        settings,
        hosts,
        workers.metadata.num_rows,
    )
    revenue.write_pay(
        results / "draws_pay.parquet",
        pay,
        hosts,
        {name: fitted.stack(name)[chosen] for name in posterior.TOP},
    )
    revenue.write_mix(results / "draws_mix.parquet", mix, hosts)
