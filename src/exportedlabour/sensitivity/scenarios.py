"""Every scenario beside the baseline: the committed table that the book's comparison is made of.

A refit takes a minute or two, so the book reads ``results/scenarios``. Each scenario in it has a
key, a hash of all that its models read; a key that differs from the present one says that the line
is of another state of the ledger, the model or the scenario. ``build.one_at_a_time_refits`` keeps a
table of the same form.
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
    """What is known of one scenario's refit: the key of all that it read, and either its numbers or
    why it has none.

    ``draws`` is the fewest effective draws behind the lines of each kind, where the fits told them.
    ``base`` is the key of the baseline's record that was in the table when it was made: by that one
    it is to be held, also when there is another since.
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
    """Return the name under which a baseline stays in the table while lines that were held by it
    are left."""
    return f"{scenario.BASELINE}-{key}"


def base_of(record: Record, records: Mapping[str, Record]) -> Record | None:
    """Return, of the records by name, the baseline by which one is to be held: that of its own
    state, or the present one."""
    return records.get(superseded(record.base), records.get(scenario.BASELINE))


def write(folder: Path, records: list[Record]) -> None:
    """Write the numbers as a table named after its folder, and in ``provenance.json`` of what they
    were made, and what failed."""
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
    """Return the records that are written in a folder, none if there are none."""
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


def compared(records: list[Record], present: dict[str, str]) -> pd.DataFrame:
    """Return ``scenario, title, state`` and, by what and year, medians, intervals and ratios to the
    baseline, one line each.

    Parameters
    ----------
    records : as ``read`` returns them.
    present : the key that each scenario has now, by name; those without a record are told as not
        refitted.

    Returns
    -------
    DataFrame ``scenario, title, what, year, median, lo80, hi80, ratio, state``; ``state`` is "" for
    a line that holds, else why it does not: refitted from another state, failed, or not refitted.
    Scenarios without numbers have one line with nan.
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
