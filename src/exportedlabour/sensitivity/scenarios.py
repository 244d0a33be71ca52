"""Every scenario beside the baseline: the committed table that the chapter on scenarios shows.

A refit takes a minute or two, so the book reads ``results/scenarios``. Each scenario in it has a
key, a hash of all that its models read. If the key differs from the present one, the ledger, the
model or the scenario has changed since. ``build.one_at_a_time_refits`` keeps a table of the same
form.
"""

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from ..assumptions import scenario

FOLDER = "results/scenarios"
COLUMNS = ["scenario", "what", "year", "median", "lo80", "hi80"]
WORKERS, STATE = "workers", "state"
LIBRARIES = ("numpy", "scipy", "pandas", "arviz")


@dataclass(frozen=True)
class Record:
    """One scenario's refit: the key of all that it read, and its numbers or why it has none.

    ``draws`` is the fewest effective draws behind the lines of each kind, where the fits recorded
    them. ``base`` is the key of the baseline that was in the table when the refit was made. The
    refit is compared with that baseline, even if the table has a newer one by now.
    """

    name: str
    title: str
    description: str
    changes: dict
    key: str
    base: str = ""
    failed: str = ""
    seconds: float = 0.0
    draws: dict[str, int] = field(default_factory=dict)
    rows: list[dict] = field(default_factory=list)


def superseded(key: str) -> str:
    """Return the name under which an older baseline stays in the table.

    It stays as long as a refit is compared with it.
    """
    return f"{scenario.BASELINE}-{key}"


def base_of(record: Record, records: Mapping[str, Record]) -> Record | None:
    """Return the baseline with which a record is compared, or None if the table has none.

    It is the one of the record's own state, or else the present one.
    """
    return records.get(superseded(record.base), records.get(scenario.BASELINE))


def write(folder: Path, records: list[Record]) -> None:
    """Write the numbers as a table named after its folder, and the rest as ``provenance.json``.

    The rest is what the numbers were made from, and which refits failed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    table = pd.DataFrame(
        [{"scenario": record.name, **row} for record in records for row in record.rows],
        columns=COLUMNS,
    )
    table.to_csv(
        folder / f"{folder.name}.csv", index=False, float_format="%.5g", lineterminator="\n"
    )
    told = {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "libraries": {name: version(name) for name in LIBRARIES},
        "scenarios": [
            {name: value for name, value in asdict(record).items() if name != "rows"}
            for record in records
        ],
    }
    (folder / "provenance.json").write_text(
        json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def read(folder: Path) -> list[Record]:
    """Return the records that are written in a folder; an empty list if there are none."""
    if not (folder / "provenance.json").is_file():
        return []
    table = pd.read_csv(folder / f"{folder.name}.csv")
    told = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
    return [
        Record(
            **each, rows=table[table["scenario"] == each["name"]][COLUMNS[1:]].to_dict("records")
        )
        for each in told["scenarios"]
    ]


def side_by_side(records: list[Record], present: dict[str, str]) -> pd.DataFrame:
    """Return the scenarios with their medians, intervals and ratios to the baseline.

    Parameters
    ----------
    records : as ``read`` returns them.
    present : the key that each scenario has now, by name.

    Returns
    -------
    DataFrame ``scenario, title, what, year, median, lo80, hi80, ratio, state``. ``state`` is "" for
    a line that is of the present state, else it says why the line is not: refitted from another
    state, failed, or not refitted. A scenario without numbers has one line with NaN.
    """
    known = {record.name: record for record in records}
    rows = []
    for name, now in present.items():
        record = known.get(name)
        if record is None:
            state = "not refitted yet"
        elif record.failed:
            state = f"the fit failed: {record.failed}"
        else:
            state = (
                ""
                if record.key == now
                else "of another state: ledger, model or scenario changed since"
            )
        label = {"scenario": name, "title": record.title if record else name, "state": state}
        held = base_of(record, known) if record else None
        base = {(row["what"], row["year"]): row["median"] for row in held.rows} if held else {}
        for row in record.rows if record else []:
            ratio = row["median"] / base.get((row["what"], row["year"]), np.nan)
            rows.append(label | row | {"ratio": ratio})
        if record is None or not record.rows:
            rows.append(
                label | dict.fromkeys(("what", "year", "median", "lo80", "hi80", "ratio"), np.nan)
            )
    return pd.DataFrame(rows)[
        ["scenario", "title", "what", "year", "median", "lo80", "hi80", "ratio", "state"]
    ]
