"""Typed assumptions: scenarios/baseline.yml holds every one, another scenario only what it changes.

The names of the assumptions are the papermill parameters of the notebooks. Everything that can be
wrong with a value is found here, before any notebook runs, and told with the file, the key, what
was given and what is allowed.
"""

import difflib
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..evidence.classes import FILE, registry
from ..evidence.schema import wrong_with
from ..project import InputError, find_root
from ..strict_yaml import read_yaml, refuse_unknown

BASELINE = "baseline"
VALUE_KINDS = {
    "number": "a number",
    "integer": "a whole number",
    "share": "a number between 0 and 1",
    "normal": "two numbers, [mean, sd], with the sd above zero",
    "interval": "two numbers, [low, high], with low below high",
    "choice": "one of the listed values",
    "choices": "a list of one or more of the listed values, each once",
}
REQUIRED = {"value", "kind", "unit", "reason", "source", "used_by"}
FIELDS = REQUIRED | {"low", "high", "options", "refit", "still"}
REFIT_BY = ("scale", "odds")  # times the factor of an error's own sd, the value or its odds
REFIT_WITH = ("to", "add")  # a value, or what is added to it
MOVED_IN = "assumptions"  # the notebook that moves an assumption from the stored draws
DESCRIPTIVE = ("title", "description")
# What an assumption was called, and what it is called now.
FORMER = {"copy_assignments": "imputed_copies"}


@dataclass(frozen=True)
class Assumption:
    """One assumption as baseline.yml declares it.

    ``low`` and ``high`` bound the value (of a normal: its mean; of an interval: both ends).
    ``refit`` says how it is moved for a refit: a word of ``REFIT_BY``, or {word of ``REFIT_WITH``:
    value}. ``still`` says in words why nothing tells what happens if it moves. Without either the
    stored draws tell it.
    """

    name: str
    value: Any
    kind: str
    unit: str
    source: str
    reason: str
    used_by: tuple[str, ...]
    low: float = -math.inf
    high: float = math.inf
    options: tuple = ()
    refit: str | dict[str, Any] = ""
    still: str = ""

    def moved(self, value: Any, factor: float) -> Any:
        """Return the value to which a refit moves ``value``, ``factor`` being that of a scale; None
        if no refit moves it."""
        if not self.refit:
            return None
        if self.refit == "scale":
            larger = value * factor
            return round(larger) if isinstance(value, int) else float(f"{larger:.3g}")
        if self.refit == "odds":
            odds = value / (1 - value) * factor
            return float(f"{odds / (1 + odds):.3g}")
        if "add" in self.refit:
            return round(value + self.refit["add"], 6)
        return self.refit["to"]

    @property
    def allowed(self) -> str:
        """What a value may be, in words."""
        words = VALUE_KINDS[self.kind]
        if self.options:
            words += f": {', '.join(str(option) for option in self.options)}"
        if math.isfinite(self.low) or math.isfinite(self.high):
            words += f"; from {self.low:g} to {self.high:g}"
        return words

    def accepts(self, value: Any) -> bool:
        """Whether ``value`` has the right type and lies within the bounds."""
        if self.kind == "choice":
            return not isinstance(value, (list, dict)) and value in self.options
        if self.kind == "choices":
            return (
                isinstance(value, (list, tuple))
                and 0 < len(value) == len(set(map(str, value)))
                and all(item in self.options for item in value)
            )
        if self.kind in ("normal", "interval"):
            if not (
                isinstance(value, (list, tuple)) and len(value) == 2 and all(map(_is_real, value))
            ):
                return False
            first, second = value
            if self.kind == "normal":
                return second > 0 and self.low <= first <= self.high
            return self.low <= first < second <= self.high
        if not _is_real(value) or (self.kind == "integer" and not isinstance(value, int)):
            return False
        low, high = (
            (max(self.low, 0), min(self.high, 1)) if self.kind == "share" else (self.low, self.high)
        )
        return low <= value <= high


class Settings(Mapping):
    """The values of a scenario, by name; also as attributes. Not to be changed."""

    def __init__(self, values: dict[str, Any]):
        self.__dict__["_values"] = dict(values)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __getattr__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError:
            raise AttributeError(f"no assumption is called {name!r}") from None

    def __setattr__(self, name: str, value: Any):
        raise AttributeError("settings are read from the scenario and not changed afterwards")

    def __reduce__(self):
        return Settings, (self._values,)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


@dataclass(frozen=True)
class Scenario:
    """A named set of assumptions: the baseline with the changes of one file.

    ``files`` are those that were read, the project's baseline.yml first.
    """

    name: str
    title: str
    description: str
    settings: Settings
    changed: tuple[str, ...]
    assumptions: dict[str, Assumption]
    files: tuple[Path, ...] = ()

    def used_by(self, notebook: str) -> dict[str, Any]:
        """Return the parameters of one notebook."""
        return {
            name: self.settings[name]
            for name, a in self.assumptions.items()
            if notebook in a.used_by
        }

    def override(self, values: dict[str, Any]) -> Settings:
        """Return the settings with some values given on the command line, such as ``first_year``.

        Raises
        ------
        InputError
            If a value is not allowed, or the years are in the wrong order; the message names the
            option.
        """
        for name, value in values.items():
            assumption = self.assumptions[name]
            if not assumption.accepts(value):
                raise InputError(
                    f"--{name.replace('_', '-')} is {value!r}; it must be {assumption.allowed}."
                )
        changed = dict(self.settings) | values
        _check_years(changed, "--first-year", "--last-year")
        return Settings(changed)


def read_assumptions(path: Path) -> dict[str, Assumption]:
    """Read and check baseline.yml.

    Raises
    ------
    InputError
        With the file and the line (broken YAML) or the key (a field or value that is not allowed).
    """
    assumptions = {}
    for name, fields in read_yaml(path).items():
        if name in DESCRIPTIVE:
            continue
        if not isinstance(fields, dict):
            raise InputError(
                f"{path}: {name} must have the fields {', '.join(sorted(REQUIRED))}; it has"
                f" {fields!r}."
            )
        refuse_unknown(path, f"{name}: field", set(fields), FIELDS)
        if missing := REQUIRED - set(fields):
            raise InputError(f"{path}: {name} lacks {', '.join(sorted(missing))}.")
        if fields["kind"] not in VALUE_KINDS:
            raise InputError(
                f"{path}: {name}: kind is {fields['kind']!r}; it must be one of"
                f" {', '.join(VALUE_KINDS)}."
            )
        for text in ("unit", "source", "reason"):
            _text(path, f"{name}: {text}", fields[text])
        fields = fields | {
            "used_by": tuple(fields["used_by"]),
            "options": tuple(fields.get("options", ())),
        }
        assumption = Assumption(name=name, **fields)
        _check(path, assumption, assumption.value)
        _check_move(path, assumption)
        assumptions[name] = assumption
    _check_classes(path, assumptions)
    return assumptions


def load(name: str = BASELINE, root: Path | None = None, of_ledger: Path | None = None) -> Scenario:
    """Read ``scenarios/NAME.yml`` over the baseline.

    ``of_ledger`` is the folder of the scenarios that a ledger brings, if it brings any. Its
    ``baseline.yml`` holds what the baseline changes for that ledger, such as its years, and every
    other scenario is read over both. A scenario of the ledger goes before one of the project with
    the same name.

    Raises
    ------
    InputError
        If the name is a path, no such scenario exists, or a key or value is not allowed.
    """
    folder = (root or find_root()) / "scenarios"
    folders = [folder] if of_ledger is None else [of_ledger, folder]
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name):
        raise InputError(
            f"scenario {name!r}: a scenario is given by its name, letters, digits, - and _ only, "
            f"without a folder or .yml. There are: {', '.join(names(*folders))}."
        )
    baseline = folder / f"{BASELINE}.yml"
    assumptions = read_assumptions(baseline)
    base = read_yaml(baseline)
    told = {
        name: _text(baseline, name, base.get(name, default))
        for name, default in (("title", BASELINE), ("description", ""))
    }
    values, changed, files = {key: a.value for key, a in assumptions.items()}, {}, [baseline]
    for path in _over_the_baseline(name, folders):
        given = read_yaml(path)
        _refuse_former(path, given)
        refuse_unknown(path, "assumption", set(given) - set(DESCRIPTIVE), set(assumptions))
        changes = {key: value for key, value in given.items() if key not in DESCRIPTIVE}
        for key, value in changes.items():
            _check(path, assumptions[key], value)
        told = {
            name: _text(path, name, given.get(name, default))
            for name, default in (("title", path.stem), ("description", ""))
        }
        changed |= changes
        files.append(path)
    values |= changed
    _check_years(values, f"{files[-1]}: first_year", "last_year")
    return Scenario(
        name,
        **told,
        settings=Settings(values),
        changed=tuple(changed),
        assumptions=assumptions,
        files=tuple(files),
    )


def _over_the_baseline(name: str, folders: list[Path]) -> list[Path]:
    """Return the files that are read over the project's baseline, in order; the last of ``folders``
    is the project's."""
    *own, _ = folders
    layers = [path for folder in own if (path := folder / f"{BASELINE}.yml").is_file()]
    if name == BASELINE:
        return layers
    found = [path for folder in folders if (path := folder / f"{name}.yml").is_file()]
    if not found:
        near = difflib.get_close_matches(name, names(*folders), n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        places = " and no ".join(str(folder / f"{name}.yml") for folder in folders)
        raise InputError(
            f"scenario {name!r}: there is no {places}.{hint} There are:"
            f" {', '.join(names(*folders))}."
        )
    return [*layers, found[0]]


def from_notebook(variables: dict[str, Any], notebook: str, root: Path | None = None) -> Settings:
    """Return the checked settings of ``notebook`` from its own variables, as papermill left them.

    A value may be plain, or the whole entry of baseline.yml, which is what
    ``papermill -f scenarios/baseline.yml`` injects.

    Raises
    ------
    InputError
        If a parameter is missing or not allowed.
    """
    _refuse_former(Path(f"notebooks/{notebook}.ipynb"), variables)
    assumptions = read_assumptions((root or find_root()) / "scenarios" / f"{BASELINE}.yml")
    values = {}
    for name, assumption in assumptions.items():
        if notebook not in assumption.used_by:
            continue
        if name not in variables:
            raise InputError(
                f"notebooks/{notebook}.ipynb: the parameter {name} is missing from its parameters"
                " cell."
            )
        value = variables[name]
        if isinstance(value, dict) and "value" in value:
            value = value["value"]
        _check(Path(f"notebooks/{notebook}.ipynb"), assumption, value)
        values[name] = value
    return Settings(values)


def names(*folders: Path) -> list[str]:
    """Return the names of all scenarios in the folders, the baseline first."""
    return [
        BASELINE,
        *sorted({path.stem for folder in folders for path in folder.glob("*.yml")} - {BASELINE}),
    ]


def _is_real(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _text(path: Path, name: str, given: Any) -> str:
    """Return a free text of a scenario on one line.

    Raises
    ------
    InputError
        If it is no text, or none that may stand in a table.
    """
    if not isinstance(given, str):
        raise InputError(f"{path}: {name} is {given!r}; it must be a text. Put it in quotes.")
    text = " ".join(given.split())
    if rule := wrong_with(text):
        raise InputError(f"{path}: {name} is {given!r}; it {rule}.")
    return text


def _check(path: Path, assumption: Assumption, value: Any) -> None:
    if not assumption.accepts(value):
        raise InputError(
            f"{path}: {assumption.name} is {value!r}; it must be {assumption.allowed}."
        )


def _check_move(path: Path, assumption: Assumption) -> None:
    """Refuse an assumption that does not say what happens if it moves, or says so twice."""
    name, refit, still = assumption.name, assumption.refit, assumption.still
    _text(path, f"{name}: still", still)
    by_word = isinstance(refit, str) and refit in ("", *REFIT_BY)
    with_value = isinstance(refit, dict) and len(refit) == 1 and set(refit) <= set(REFIT_WITH)
    if not by_word and not with_value:
        raise InputError(
            f"{path}: {name}: refit is {refit!r}; it must be {', '.join(REFIT_BY)}, {{to: VALUE}}"
            " or {add: NUMBER}."
        )
    if refit and still:
        raise InputError(f"{path}: {name} has both refit and still; only one can be true.")
    if not refit and not still and MOVED_IN not in assumption.used_by:
        raise InputError(
            f"{path}: {name} does not say what happens if it is moved: give it refit or still, or"
            f" let the notebook {MOVED_IN} move it (used_by)."
        )


def _check_classes(path: Path, assumptions: Mapping[str, Assumption]) -> None:
    """Refuse a list of classes, or biases and errors, that are not those of the registry of
    classes."""
    if "include_classes" not in assumptions:
        return
    known, listed = registry().classes, assumptions["include_classes"].options
    if set(known) != set(listed):
        odd = ", ".join(sorted(set(known) ^ set(listed)))
        raise InputError(
            f"{path}: include_classes: the options and {FILE.name} differ in {odd}; both must have"
            " the same classes."
        )
    for bias in registry().biases:
        for name in (f"bias_{bias}", f"error_{bias}"):
            if name not in assumptions:
                raise InputError(
                    f"{path}: {name} is missing; {FILE.name} names it as an assumption of a class."
                )


def _refuse_former(place: Path, given: Iterable[str]) -> None:
    """Refuse the name that an assumption had before, and tell its present one.

    Raises
    ------
    InputError
        If one of the names that were ``given`` is a former one.
    """
    for name, present in FORMER.items():
        if name in given:
            raise InputError(f"{place}: {name} is now called {present}; write {present} there.")


def _check_years(values: Mapping[str, Any], first: str, last: str) -> None:
    """Refuse years in the wrong order; ``first`` and ``last`` are what the message calls them."""
    if {"first_year", "last_year"} <= set(values) and values["first_year"] >= values["last_year"]:
        raise InputError(
            f"{first} is {values['first_year']}; it must be before {last}, {values['last_year']}."
        )
