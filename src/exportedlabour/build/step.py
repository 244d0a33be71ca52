"""The steps of pipeline.yml, what each reads, and the place where a scenario is built.

Nothing here runs a step, so that a chapter about scenarios can import it.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from .. import imports
from ..assumptions import scenario
from ..evidence import facts, ledger, schema
from ..evidence.events import dates_of
from ..project import InputError

FIELDS = {
    "notebook",
    "function",
    "assumptions",
    "for_each",
    "ledger",
    "needs",
    "inputs",
    "can_lack",
    "baseline_inputs",
    "committed",
    "refits",
    "outputs",
    "only",
}
LEDGER_PARTS = ("none", "head_counts", "pay", "host", "evidence", "all")
CLAIMS = "claims.csv"  # read by the chapter of claims and the book alone
BOOK = "book/stage.book"  # the function that makes the pages
FRESH = "verify@fresh"  # no scenario has @ in its name
HOSTS = "hosts_with_figures"  # in pipeline.yml: the hosts of the ledger at hand


@dataclass(frozen=True)
class Step:
    """One step, with {placeholders} filled in.

    Attributes
    ----------
    page : the name of the executed notebook.
    assumptions : those used by this notebook or step.
    parameters : the values of ``for_each``.
    refits : the steps of which it shows committed refits.
    """

    id: str
    page: str
    notebook: str
    function: str
    assumptions: str
    parameters: dict[str, str]
    ledger: str
    inputs: tuple[str, ...]
    baseline_inputs: tuple[str, ...]
    committed: tuple[str, ...]
    outputs: tuple[str, ...]
    refits: tuple[str, ...] = ()


@dataclass(frozen=True)
class Build:
    """The place where one scenario is built on one ledger.

    A ``fresh`` build has a folder of its own and takes nothing from other builds.
    """

    root: Path
    scenario: scenario.Scenario
    data: Path
    fresh: bool = False

    @cached_property
    def own_ledger(self) -> bool:
        """Whether the ledger is the project's own, the one that the book publishes."""
        return is_own(self.data, self.root)

    @cached_property
    def folder(self) -> Path:
        """``build/NAME``, or ``build/NAME@LEDGER-HASH`` for another ledger.

        The hash is of the ledger's place, so that two ledgers of one name stay apart.
        """
        if self.fresh:
            return self.root / "build" / FRESH
        if self.own_ledger:
            return self.root / "build" / self.scenario.name
        place = hashlib.sha256(self.data.resolve().as_posix().encode()).hexdigest()[:8]
        word = re.sub(r"[^A-Za-z0-9]+", "-", self.data.name).strip("-")[:40] or "ledger"
        return self.root / "build" / f"{self.scenario.name}@{word}-{place}"

    @property
    def results(self) -> Path:
        """Where the numbers are."""
        return self.folder / "results"

    @property
    def notebooks(self) -> Path:
        """Where the executed notebooks are."""
        return self.folder / "notebooks"

    @property
    def facts(self) -> frozenset[str]:
        """What the ledger has, see evidence/facts.py."""
        return facts.of(self.data, self.own_ledger)

    def ledger_named(self) -> dict[str, str]:
        """Return the folder of the ledger and a hash of all its tables and sources.

        The folder is named by its place in the project, or else by its own name.
        """
        inside = self.data.is_relative_to(self.root)
        return {
            "folder": self.data.relative_to(self.root).as_posix() if inside else self.data.name,
            "sha256": ledger.contents(self.data),
        }

    def baseline(self) -> "Build":
        """The baseline on the same ledger."""
        if self.fresh and self.scenario.name == scenario.BASELINE:
            return self
        return at(self.root, scenario.BASELINE, self.data)


def at(root: Path, name: str = scenario.BASELINE, data: Path | None = None) -> Build:
    """Return the build of a scenario on a ledger, by default the project's own.

    Another ledger may bring scenarios of its own.

    Raises
    ------
    InputError
        If there is no such folder, or the scenario is not allowed.
    """
    data = data or root / "data"
    if not data.is_dir():
        raise InputError(
            f"{data}: there is no such folder. --data names the folder of a ledger, with its"
            " figures.csv."
        )
    return Build(root, scenario.load(name, root, scenarios_of(data, root)), data)


def is_own(data: Path, root: Path) -> bool:
    """Return whether a folder is the project's own ledger."""
    return data.resolve() == (root / "data").resolve()


def scenarios_of(data: Path, root: Path) -> Path | None:
    """Return the folder of the scenarios that a ledger brings.

    None for the project's own ledger, whose scenarios are in scenarios/.
    """
    return None if is_own(data, root) else data / "scenarios"


def read_steps(root: Path, alternative: bool, data: Path | None = None) -> dict[str, Step]:
    """Read pipeline.yml for a ledger, by default the project's own.

    A step is left out if the ledger lacks what it needs. It is also left out if an input of it
    comes from a step that is left out, unless ``can_lack`` names that input.

    Raises
    ------
    InputError
        If a step has an unknown field, names a file, fact or input that is not there, or two steps
        make one output.
    """
    path = root / "pipeline.yml"
    data = data or root / "data"
    there = facts.of(data, is_own(data, root))
    steps: dict[str, Step] = {}
    made: dict[str, str] = {}
    lacking: set[str] = set()
    declared = scenario.read_yaml(path).get("steps", {})
    for name, fields in declared.items():
        if unknown := set(fields) - FIELDS:
            raise InputError(
                f"{path}: step {name} has the unknown field {', '.join(sorted(unknown))}; known are"
                f" {', '.join(sorted(FIELDS))}."
            )
        if fields.get("only") == "alternatives" and not alternative:
            continue
        for fact in fields.get("needs", ()):
            facts.known(fact, f"{path}: step {name}: needs")
        notebook = fields.get("notebook", "")
        for name_of in fields.get("committed", ()):
            if not committed(root, (name_of,)):
                raise InputError(f"{path}: step {name}: there is no {name_of}.")
        if notebook and not (root / "notebooks" / f"{notebook}.ipynb").is_file():
            raise InputError(f"{path}: step {name}: there is no notebooks/{notebook}.ipynb.")
        function = fields.get("function", "")
        if function and not imports.file_of(imports.module_of(function)).is_file():
            module = imports.module_of(function)
            raise InputError(f"{path}: step {name}: there is no module {module} in the package.")
        if (part := fields.get("ledger", "none")) not in LEDGER_PARTS:
            raise InputError(
                f"{path}: step {name}: ledger is {part!r}; it must be one of"
                f" {', '.join(LEDGER_PARTS)}."
            )
        for other in fields.get("refits", ()):
            if other not in declared:
                raise InputError(f"{path}: step {name}: refits: there is no step {other}.")
        needed = set(fields.get("inputs", ())) - set(fields.get("can_lack", ()))
        if not set(fields.get("needs", ())) <= there or needed & lacking:
            if function == BOOK:
                raise InputError(
                    f"{path}: step {name} would be left out, for want of"
                    f" {', '.join(needed & lacking)}; say so in its can_lack."
                )
            lacking |= set(fields["outputs"])
            continue
        for given in fields.get("inputs", ()):
            if not given.endswith("/*") and given not in {*made, *lacking}:
                raise InputError(f"{path}: step {name}: no step above it makes its input {given}.")
        for values in _combinations(fields.get("for_each", {}), data):
            suffix = "_".join(values.values())
            step = Step(
                id=f"{name}-{suffix}" if suffix else name,
                page=f"{notebook}_{suffix}" if suffix else notebook,
                notebook=notebook,
                function=function,
                assumptions=fields.get("assumptions", notebook or name),
                parameters=values,
                ledger=fields.get("ledger", "none"),
                inputs=tuple(given for given in fields.get("inputs", ()) if given not in lacking),
                baseline_inputs=tuple(
                    given for given in fields.get("baseline_inputs", ()) if given not in lacking
                ),
                committed=tuple(fields.get("committed", ())),
                outputs=tuple(output.format(**values) for output in fields["outputs"]),
                refits=tuple(fields.get("refits", ())),
            )
            for output in step.outputs:
                if other := made.get(output):
                    raise InputError(f"{path}: both {other} and {step.id} make {output}.")
                made[output] = step.id
            steps[step.id] = step
    return steps


def numbers_of(steps: dict[str, Step]) -> dict[str, Step]:
    """Return all steps but the one that makes the pages."""
    return {name: step for name, step in steps.items() if step.function != BOOK}


def _combinations(for_each: dict[str, list[str] | str], data: Path) -> list[dict[str, str]]:
    if not for_each:
        return [{}]
    ((name, values),) = for_each.items()
    if values == HOSTS:
        values = _hosts(ledger.contents(data), data)
    return [{name: value} for value in values]


@lru_cache(maxsize=2)
def _hosts(contents: str, data: Path) -> tuple[str, ...]:
    """Return the hosts of the ledger whose files have the hash ``contents``."""
    return tuple(ledger.hosts_with_figures(data))


def code_of(root: Path, step: Step, without: Iterable[str] = ()) -> list[Path]:
    """Return the files of the package that a step reaches, found from what it imports.

    Parameters
    ----------
    without : modules, and what is reached through them alone, that are left out.
    """
    if step.notebook:
        return imports.of_notebook(root / "notebooks" / f"{step.notebook}.ipynb", without)
    started = [imports.module_of(step.function)]
    if step.function == BOOK:  # _config.yml names our extensions of Sphinx
        started += imports.named((root / "_config.yml").read_text(encoding="utf-8"))
    return imports.of_modules(started, without)


def ledger_part(build: Build, step: Step) -> str:
    """Return a hash of the part of the ledger that a step reads.

    So a new wage does not refit the head counts. The tables are read as text; ``ledger.read`` has
    checked them before.
    """
    return _part(
        ledger.contents(build.data), build.data, step.ledger, step.parameters.get("host", "")
    )


@lru_cache(maxsize=4096)
def _part(contents: str, data: Path, part: str, host: str) -> str:
    """Return the hash of a part of the ledger whose files have the hash ``contents``."""
    if part == "none":
        return ""
    others = tuple(f"{name}.csv" for name in ledger.TABLES if name != "figures") + ("sources.bib",)
    if part != "all":
        others = tuple(name for name in others if name != CLAIMS)
    words = ["locator", "reason", "note"]  # for readers; no model reads them
    if part == "host":
        return _digest(
            _lines_of_hosts(contents, data).get(host, "").encode(), _texts(contents, data, others)
        )
    figures = _figures(contents, data)
    if part == "head_counts":
        figures = figures[figures["quantity"].isin(ledger.STOCK_QUANTITIES)].drop(columns=words)
        others = ("hosts.csv", "houses.csv", "ratios.csv")
        dates = dates_of(_events(contents, data), f"{data / 'events.csv'}")
        return _digest(
            figures.to_csv(index=False).encode(),
            _texts(contents, data, others),
            repr(dates).encode(),
        )
    elif part == "pay":
        figures, others = (
            figures[figures["quantity"].isin(ledger.PAY_QUANTITIES)].drop(columns=words),
            ("hosts.csv", "rates.csv"),
        )
    return _digest(figures.to_csv(index=False).encode(), _texts(contents, data, others))


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(parts)).hexdigest()


@lru_cache(maxsize=2)
def _lines_of_hosts(contents: str, data: Path) -> dict[str, str]:
    """Return by host the rows that name it, as text.

    ``contents`` is the hash of the ledger's files.
    """
    figures = _figures(contents, data)
    lines: dict[str, list[str]] = {}
    for codes, row in zip(figures["hosts"], figures.to_numpy().tolist()):
        for host in ledger.hosts_in(codes):
            lines.setdefault(host, []).append(json.dumps(row, default=str))
    return {host: "\n".join(found) for host, found in lines.items()}


@lru_cache(maxsize=8)
def _texts(contents: str, data: Path, names: tuple[str, ...]) -> bytes:
    # A ledger may lack some tables.
    return b"".join((data / name).read_bytes() for name in names if (data / name).is_file())


@lru_cache(maxsize=2)
def _figures(contents: str, data: Path) -> pd.DataFrame:
    return ledger.read_table(data / "figures.csv", ledger.COLUMNS)


def _events(contents: str, data: Path) -> pd.DataFrame:
    return ledger.read_table(data / "events.csv", schema.TABLES["events"].names)


def settings_of(build: Build, step: Step) -> dict[str, Any]:
    """Return the assumptions and the values of ``for_each`` that a step takes as parameters."""
    return build.scenario.used_by(step.assumptions) | step.parameters


def committed(root: Path, names: tuple[str, ...]) -> list[Path]:
    """Return the files of the repository that a step reads.

    A * in a name stands for any part of a file's name.
    """
    return [path for name in names for path in sorted(root.glob(name)) if path.is_file()]
