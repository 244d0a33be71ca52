"""Refits of scenarios, and of assumptions moved one at a time, and the tables of both."""

import shutil
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from .. import results_form
from ..assumptions import scenario
from ..project import InputError
from ..sensitivity.scenarios import COLUMNS, STATE, WORKERS, Record, read, superseded, write
from . import one_at_a_time_refits, pipeline, record
from .refits import FITS, changes_of, key, left
from .step import Build

YEARS = (2017, 2020, 2024)  # and the last year of the build
TABLES = {WORKERS: "workers_world_year", STATE: "revenue_world_year"}


def numbers(results: Path) -> list[dict]:
    """Return the numbers of one build that the table keeps.

    They are the world's workers and what the state takes (current dollars) in ``YEARS`` and the
    last year.
    """
    workers = pd.read_csv(results / "workers_world_year.csv").assign(what=WORKERS)
    parts = [workers]
    if (results / "revenue_world_year.csv").is_file():
        money = pd.read_csv(results / "revenue_world_year.csv")
        parts.append(
            money[(money["definition"] == "state") & (money["prices"] == "current")].assign(
                what=STATE
            )
        )
    told = {*YEARS, int(workers["year"].max())}
    table = pd.concat(parts)
    return table[table["year"].isin(told)][COLUMNS[1:]].to_dict("records")


def effective_draws(results: Path) -> dict[str, int]:
    """Return the fewest effective draws behind the numbers of one build, workers and state."""
    made = record.State("", results, {}, record.tables(results), {})
    found = {}
    for what, name in TABLES.items():
        if name in made.tables and np.isfinite(
            fewest := made.effective_draws(results_form.TABLES[name], made.tables[name]).min()
        ):
            found[what] = int(fewest)
    return found


def refit(build: Build, jobs: int, say) -> Record:
    """Fit what a scenario changes and return its record.

    A fit that fails is noted in the record and does not stop the others. The steps decide
    themselves what runs: where only assumptions about money differ, the workers model is taken from
    the baseline.
    """
    began = time.monotonic()
    told = {
        "title": build.scenario.title,
        "description": build.scenario.description,
        "changes": changes_of(build),
        "key": key(build),
    }
    try:
        pipeline.build_all(build, only=FITS, jobs=jobs, say=say)
    except InputError as error:
        return Record(
            build.scenario.name,
            **told,
            failed=str(error),
            seconds=round(time.monotonic() - began, 1),
        )
    seconds = round(time.monotonic() - began, 1)
    return Record(
        build.scenario.name,
        **told,
        rows=numbers(build.results),
        draws=effective_draws(build.results),
        seconds=seconds,
    )


def update(
    every: Mapping[str, Build], wanted: list[str], folder: Path, jobs: int, say
) -> list[Record]:
    """Refit those of the wanted builds that are out of date, the baseline first.

    The table is written after each refit. Records of builds that no longer exist are dropped.

    Parameters
    ----------
    every : all builds that the table may have, in its order.
    wanted : names of builds.
    folder : of the table, ``FOLDER`` of the project for its scenarios.
    """
    kept = {record.name: record for record in read(folder)}
    wanted = [scenario.BASELINE, *(name for name in wanted if name != scenario.BASELINE)]
    due = left(every, wanted, folder)
    for name in wanted:
        if name not in due:
            say(f"{name}: as it was")
            continue
        made = refit(every[name], jobs, say)
        if name == scenario.BASELINE and name in kept and kept[name].key != made.key:
            kept[superseded(kept[name].key)] = replace(kept[name], name=superseded(kept[name].key))
        kept[name] = replace(
            made, base=made.key if name == scenario.BASELINE else kept[scenario.BASELINE].key
        )
        say(
            f"{name}: {'FAILED, told in the table' if kept[name].failed else 'done'},"
            f" {kept[name].seconds:.0f} s"
        )
        told = [kept[other] for other in every if other in kept]
        still = {superseded(record.base) for record in told}
        write(folder, told + [record for other, record in kept.items() if other in still])
    return [kept[other] for other in every if other in kept]


def update_one_at_a_time(
    root: Path, every: Mapping[str, Build], wanted: list[str], jobs: int, say
) -> list[Record]:
    """Refit those of the wanted moved assumptions that are out of date, as ``update`` does.

    ``wanted`` are names of ``one_at_a_time_refits.builds``. The draws of these refits are not kept.
    """
    records = update(every, wanted, root / one_at_a_time_refits.FOLDER, jobs, say)
    for name in wanted:
        if name != scenario.BASELINE:
            shutil.rmtree(every[name].folder, ignore_errors=True)
    return records
