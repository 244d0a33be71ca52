"""A simulated ledger on disk: every table of the ledger's form, with its truth beside it."""

import csv
import json
from pathlib import Path

import pandas as pd
import yaml

from ..assumptions.scenario import BASELINE
from ..project import InputError
from .make import Simulated

TRUTH, RECORD = "truth.csv", "truth.json"
WARNING = """# A simulated ledger

No number in this folder is about the world. It was drawn by `exlab simulate` to try the
estimates on a truth that is known.

- World: {world}. {title}
- Seed: {seed}
- `truth.csv` has the workers in every host and year, `truth.json` everything else that was drawn.
- `scenarios/baseline.yml` has its years, so that `exlab build --data` estimates those.
"""


def write(simulated: Simulated, folder: Path) -> None:
    """Write the ledger into ``folder``, with ``truth.csv``, ``truth.json`` and a scenario with its
    years; the same simulation gives the same bytes.

    Raises
    ------
    InputError
        If the folder holds anything already.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            f"{folder}: there is something already. Name a new or empty folder; nothing was"
            " written."
        )
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in simulated.tables.items():
        _write_table(folder / f"{name}.csv", table)
    _write_table(
        folder / TRUTH,
        simulated.truth.assign(workers=simulated.truth["workers"].map("{:.3f}".format)),
    )
    entries = [
        f"@misc{{{row.key},\n  author = {{{{{row.author}}}}},\n  title = {{{{{row.title}}}}},\n "
        f" langid = {{english}},\n  year = {{{row.day[:4]}}},\n  note = {{Published"
        f" {row.day}}}\n}}\n"
        for row in simulated.sources.itertuples()
    ]
    _write_text(folder / "sources.bib", "\n".join(entries))
    _write_text(folder / RECORD, json.dumps(simulated.record, indent=1, ensure_ascii=False) + "\n")
    (folder / "scenarios").mkdir()
    _write_text(folder / "scenarios" / f"{BASELINE}.yml", _scenario(simulated))
    _write_text(folder / "README.md", WARNING.format(**simulated.record))


def _scenario(simulated: Simulated) -> str:
    """Return what the baseline changes for the ledger: its years, and nothing of what was drawn."""
    record = simulated.record
    told = {"title": f"A simulated ledger, seed {record['seed']}", "description": record["title"]}
    years = {name: int(record["settings"][name]) for name in ("first_year", "last_year")}
    return yaml.safe_dump(told | years, sort_keys=False, allow_unicode=True)


def _write_table(path: Path, table: pd.DataFrame) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(table.columns)
        writer.writerows(table.itertuples(index=False))


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
