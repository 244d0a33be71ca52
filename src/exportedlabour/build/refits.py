"""What is refitted: the keys of refits, and the builds of all scenarios.

A key is a hash of all that the models of a scenario read. A line of a committed table whose key
differs from the present one is of another state of the ledger, the model or the scenario.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

import pandas as pd

from .. import imports
from ..assumptions import scenario
from ..project import content_hash
from ..sensitivity import scenarios
from ..sensitivity.scenarios import read
from .step import Build, Step, at, code_of, ledger_part, read_steps, settings_of

FITS = ("workers", "pay_fit", "money")  # the steps of which a scenario's numbers come
# Modules that no number comes from: they show what was found, or find what the key holds itself.
SHOWN = (
    *("plots", "plot_data", "tables", "numbers", "years"),
    *("chapters/money", "chapters/pay_fit", "chapters/workers"),
)
UNREAD = (*(f"exhibits/{name}" for name in SHOWN), "words", *imports.AROUND)


def key(build: Build) -> str:
    """Return a short hash of what the models of a scenario read.

    That is the assumptions, the ledger, and the code of notebooks and package. Prose is no part of
    it, nor are modules that only show results.
    """
    return keys([build])[0]


def keys(builds: Iterable[Build]) -> list[str]:
    """Return the ``key`` of several builds.

    Builds of one ledger have the same steps and code, which are hashed once.
    """
    found, read_by = [], {}
    for build in builds:
        place = build.root, build.data
        if place not in read_by:
            steps = read_steps(build.root, alternative=False, data=build.data)
            read_by[place] = [
                (steps[name], _code_of(steps[name], build.root)) for name in FITS if name in steps
            ]
        digest = hashlib.sha256()
        for step, code in read_by[place]:
            read = [settings_of(build, step), ledger_part(build, step)]
            digest.update(json.dumps(read, sort_keys=True, default=str).encode() + code)
        found.append(digest.hexdigest()[:12])
    return found


def _code_of(step: Step, root: Path) -> bytes:
    """Return the hashes of the modules of a step, and the code of its notebook."""
    notebook = root / "notebooks" / f"{step.notebook}.ipynb"
    modules = [content_hash(path) for path in code_of(root, step, without=UNREAD)]
    return "".join([*modules, _code(notebook, content_hash(notebook))]).encode()


@lru_cache(maxsize=64)
def _code(notebook: Path, contents: str) -> str:
    """Return the code of a notebook that has these ``contents``, without its parameters cell: the
    key holds their values itself, and the cell changes whenever the words of a unit do."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    read = [cell for cell in code if "parameters" not in cell["metadata"].get("tags", [])]
    return json.dumps(["".join(cell["source"]) for cell in read])


def changes_of(build: Build) -> dict:
    """Return what a scenario changes: by name the value of the baseline and its own."""
    base = build.baseline().scenario.settings
    return {
        name: [base[name], build.scenario.settings[name]]
        for name in build.scenario.changed
        if base[name] != build.scenario.settings[name]
    }


def builds(root: Path) -> dict[str, Build]:
    """Return every scenario of the project as it is built, by name, the baseline first."""
    return {name: at(root, name) for name in scenario.names(root / "scenarios")}


def compared(root: Path, every: Mapping[str, Build]) -> pd.DataFrame:
    """Return the committed table of scenarios, in the form of
    ``sensitivity.scenarios.side_by_side``.

    The builds ``every`` say which lines are of the present state, and how the scenarios are called
    now.
    """
    present = dict(zip(every, keys(every.values())))
    table = scenarios.side_by_side(read(root / scenarios.FOLDER), present)
    table["title"] = [every[name].scenario.title for name in table["scenario"]]
    return table


def reasons(every: Mapping[str, Build]) -> pd.DataFrame:
    """Return what each scenario changes and why, one line a build.

    Returns
    -------
    DataFrame ``scenario`` (its title), ``the case``, ``what it changes`` and ``rebuild`` (the
    command).
    """
    return pd.DataFrame(
        [
            {
                "scenario": build.scenario.title,
                "the case": build.scenario.description,
                "what it changes": "; ".join(
                    f"{changed}: {was} → {value}"
                    for changed, (was, value) in changes_of(build).items()
                )
                or "nothing",
                "rebuild": f"make scenario SCENARIO={name}",
            }
            for name, build in every.items()
        ]
    )


def left(every: Mapping[str, Build], wanted: list[str], folder: Path) -> list[str]:
    """Return which of the wanted builds are still to be refitted.

    They have no record, or one of a fit that failed, or one with another key.
    """
    kept = {record.name: record.key for record in read(folder) if not record.failed}
    present = keys(every[name] for name in wanted)
    return [name for name, now in zip(wanted, present) if kept.get(name) != now]
