"""The parameters cells of the notebooks, made from the registry of assumptions.

Each notebook has one cell tagged ``parameters``, which papermill reads: the places that it works
in, then the assumptions whose ``used_by`` in scenarios/baseline.yml names the notebook, in the
order of that file. A line has name, type, value, and its unit as a comment, which is what
``papermill --help-notebook`` shows.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import nbformat

from ..evidence.hosts_apart import RUSSIA
from ..project import InputError
from .scenario import BASELINE, Assumption, read_assumptions

TAG = "parameters"
LONGEST = 100  # characters; a longer list has an item a line
TYPES = {  # by kind of assumption
    "number": "float",
    "integer": "int",
    "share": "float",
    "normal": "list[float]",
    "interval": "list[float]",
    "choices": "list[str]",
}


class Place(NamedTuple):
    """A parameter that is no assumption: which files a notebook reads, and what it is about.

    ``notebooks`` are those that take it; none means all of them.
    """

    name: str
    value: Any
    type: str
    help: str = ""
    notebooks: tuple[str, ...] = ()


PLACES = (
    Place("data_dir", "data", "str", "folder of the ledger"),
    Place("results_dir", "build/baseline/results", "str", "folder of the results"),
    Place(
        "baseline_dir",
        "build/baseline/results",
        "str",
        "folder of the baseline's results",
        ("comparison",),
    ),
    Place("title", "Scenario", "str", "title of the scenario", ("comparison",)),
    Place("description", "", "str", "description of the scenario", ("comparison",)),
    Place("changes", {}, "dict", "name: [baseline, scenario]", ("comparison",)),
    Place(
        "host",
        RUSSIA,
        "str",
        "ISO 3166 alpha-3 code of a host in data/hosts.csv, WLD, or a region",
        ("host",),
    ),
)


def cell_of(notebook: str, assumptions: Mapping[str, Assumption]) -> str:
    """Return the source of the parameters cell of a notebook, named without ``.ipynb``."""
    places = [place for place in PLACES if not place.notebooks or notebook in place.notebooks]
    lines = [_line(place.name, place.type, place.value, place.help) for place in places]
    lines += [
        _line(name, _type(assumption), assumption.value, _help(assumption))
        for name, assumption in assumptions.items()
        if notebook in assumption.used_by
    ]
    return "\n".join(lines)


def _type(assumption: Assumption) -> str:
    """Return the type of a value as Python writes it; a choice has that of what is chosen from."""
    return TYPES.get(assumption.kind, type(assumption.value).__name__)


def _help(assumption: Assumption) -> str:
    """Return the unit; without one what may be chosen, or else the reason."""
    if assumption.unit != "none":
        return assumption.unit
    options = [str(option) for option in assumption.options]
    return f"one of {', '.join(options)}" if options else assumption.reason.rstrip(".")


def _line(name: str, kind: str, value: Any, told: str) -> str:
    """Return one line of the cell: name, type and value. JSON is Python here, as no value is
    true, false or null."""
    comment = f"  # {told}" if told else ""
    line = f"{name}: {kind} = {json.dumps(value, ensure_ascii=False)}{comment}"
    if not isinstance(value, list) or len(line) <= LONGEST:
        return line
    items = "".join(f"    {json.dumps(item, ensure_ascii=False)},\n" for item in value)
    return f"{name}: {kind} = [\n{items}]{comment}"


def written(path: Path, assumptions: Mapping[str, Assumption]) -> str:
    """Return the text that the file of a notebook should have.

    The parameters cell is that of the registry; there are no outputs, and every line of a source
    is a line of the file, as nbformat writes it. All else is kept, ids of cells too.

    Raises
    ------
    InputError
        If the notebook has not exactly one cell tagged ``parameters``.
    """
    notebook = nbformat.read(path, as_version=4)
    tagged = [cell for cell in notebook.cells if TAG in cell.metadata.get("tags", [])]
    if len(tagged) != 1:
        raise InputError(
            f"{path}: {len(tagged)} of its cells are tagged {TAG}; it must be one, which"
            " exlab parameters then writes."
        )
    tagged[0].source = cell_of(path.stem, assumptions)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return nbformat.writes(notebook) + "\n"


def outdated(root: Path) -> dict[Path, str]:
    """Return the notebooks of a project whose file is not what it should be, with the text that it
    should have (see ``written``)."""
    assumptions = read_assumptions(root / "scenarios" / f"{BASELINE}.yml")
    found = {}
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        text = written(path, assumptions)
        if path.read_text(encoding="utf-8") != text:
            found[path] = text
    return found
