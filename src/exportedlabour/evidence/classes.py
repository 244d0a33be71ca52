"""The classes of evidence: evidence_classes.yml, read once and strictly.

The file lies beside this module, as a change in it reruns what reads it (see ``imports``), as code
does.
"""

from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..project import InputError
from ..strict_yaml import read_yaml, refuse_unknown

FILE = Path(__file__).with_name("evidence_classes.yml")
SECTIONS = ("classes", "leave_out", "groups")
GROUPS = (
    "anchor",
    "notified",
    "disfavoured",
    "scandalous",
    "tells_of_the_world",
    "tells_of_the_whole",
    "tells_of_pay",
    "copies_others",
)
ERAS = ("open", "winding_down", "banned")
USUAL, CROSSINGS = "usual", "crossings"
BIASES = (set(ERAS), {USUAL, CROSSINGS})  # what a bias that is told apart has the names of

Form = tuple[int, str, str, str]  # weight, quantity, scope, bound


@dataclass(frozen=True)
class Simulated:
    """How simulated ledgers have a class.

    ``share`` is how often it speaks, ``house`` what kind of house does, ``after`` an event before
    which it did not ("" for none), ``forms`` in which form it speaks.
    """

    share: float
    house: str
    forms: tuple[Form, ...]
    after: str = ""


@dataclass(frozen=True)
class EvidenceClass:
    """One class of evidence; evidence_classes.yml says what its fields are.

    ``bias`` has the NAME of the assumptions bias_NAME and error_NAME, by era or by whether the
    figure is of border crossings where they differ, else under ``usual``.
    """

    name: str
    meaning: str
    label: str
    slider: str
    marker: str
    colour: str
    bias: MappingProxyType[str, str]
    strong: bool
    simulated: Simulated

    @property
    def has_eras(self) -> bool:
        """Whether its bias differs before, during and after the order to send workers home."""
        return set(self.bias) == set(ERAS)

    @property
    def holds_crossings(self) -> bool:
        """Whether its figures of border crossings have a bias of their own."""
        return CROSSINGS in self.bias


@dataclass(frozen=True)
class Registry:
    """All of evidence_classes.yml: classes by name, and tuples of their names by analysis and
    group."""

    classes: MappingProxyType[str, EvidenceClass]
    leave_out: MappingProxyType[str, tuple[str, ...]]
    groups: MappingProxyType[str, tuple[str, ...]]

    @property
    def strong(self) -> tuple[str, ...]:
        """The classes that count persons or papers one by one."""
        return tuple(name for name, each in self.classes.items() if each.strong)

    @property
    def biases(self) -> tuple[str, ...]:
        """Every NAME of a bias_NAME and an error_NAME, in the order of the classes."""
        return tuple(bias for each in self.classes.values() for bias in each.bias.values())


def read(path: Path = FILE) -> Registry:
    """Read and check a registry of classes.

    Raises
    ------
    InputError
        With the file, the key, what was given and what is allowed.
    """
    given = read_yaml(path)
    _fields(path, "the file", given, SECTIONS)
    for section in SECTIONS:
        _mapping(path, section, given[section])
    classes = {name: _class(path, name, each) for name, each in given["classes"].items()}
    taken = [bias for each in classes.values() for bias in each.bias.values()]
    if twice := next((bias for bias in taken if taken.count(bias) > 1), ""):
        raise InputError(f"{path}: classes: bias {twice!r} is of two classes; each has its own.")
    _fields(path, "groups", given["groups"], GROUPS)
    lists = {
        section: {
            name: _members(path, f"{section}: {name}", members, classes)
            for name, members in given[section].items()
        }
        for section in ("leave_out", "groups")
    }
    return Registry(MappingProxyType(classes), *map(MappingProxyType, lists.values()))


@lru_cache(maxsize=1)
def registry() -> Registry:
    """Return the classes of this package, read once in a process."""
    return read()


def _class(path: Path, name: str, given: Any) -> EvidenceClass:
    at = f"classes: {name}"
    if not isinstance(name, str) or not name.replace("_", "").isalpha() or name != name.lower():
        raise InputError(
            f"{path}: {at}: the name must be lower-case letters and _, as it is part of the names"
            " of assumptions."
        )
    _fields(path, at, given, [field.name for field in fields(EvidenceClass)][1:])
    texts = {
        key: _text(path, f"{at}: {key}", given[key])
        for key in ("meaning", "label", "slider", "marker", "colour")
    }
    if not isinstance(given["strong"], bool):
        raise InputError(f"{path}: {at}: strong is {given['strong']!r}; it must be true or false.")
    bias = given["bias"] if isinstance(given["bias"], dict) else {USUAL: given["bias"]}
    if set(bias) != {USUAL} and set(bias) not in BIASES:
        told = " or ".join(", ".join(sorted(names)) for names in BIASES)
        raise InputError(
            f"{path}: {at}: bias has {', '.join(map(str, bias))}; it must be one name, or names for"
            f" {told}."
        )
    return EvidenceClass(
        name=name,
        **texts,
        bias=MappingProxyType(
            {key: _text(path, f"{at}: bias: {key}", value) for key, value in bias.items()}
        ),
        strong=given["strong"],
        simulated=_simulated(path, f"{at}: simulated", given["simulated"]),
    )


def _simulated(path: Path, at: str, given: Any) -> Simulated:
    _fields(path, at, given, ["share", "house", "forms"], ["after"])
    if not _above_zero(given["share"]):
        raise InputError(
            f"{path}: {at}: share is {given['share']!r}; it must be a number above zero."
        )
    forms = given["forms"]
    if not isinstance(forms, list) or not forms:
        raise InputError(f"{path}: {at}: forms is {forms!r}; it must be a list of one or more.")
    for form in forms:
        if not (
            isinstance(form, list)
            and len(form) == 4
            and _above_zero(form[0])
            and all(isinstance(word, str) for word in form[1:])
        ):
            raise InputError(
                f"{path}: {at}: forms has {form!r}; a form must be [weight, quantity, scope,"
                " bound]."
            )
    return Simulated(
        share=given["share"],
        house=_text(path, f"{at}: house", given["house"]),
        forms=tuple(map(tuple, forms)),
        after=_text(path, f"{at}: after", given["after"]) if "after" in given else "",
    )


def _members(path: Path, at: str, given: Any, classes: dict) -> tuple[str, ...]:
    if not isinstance(given, list) or not given:
        raise InputError(f"{path}: {at} is {given!r}; it must be a list of classes.")
    refuse_unknown(path, f"{at}: class", set(map(str, given)), set(classes))
    return tuple(given)


def _fields(path: Path, at: str, given: Any, required, optional=()) -> None:
    _mapping(path, at, given)
    refuse_unknown(path, f"{at}: key", set(given), {*required, *optional})
    if missing := [key for key in required if key not in given]:
        raise InputError(f"{path}: {at} lacks {', '.join(missing)}.")


def _mapping(path: Path, at: str, given: Any) -> None:
    if not isinstance(given, dict) or not given:
        raise InputError(f"{path}: {at} is {given!r}; it must be lines of 'name: value'.")


def _text(path: Path, at: str, given: Any) -> str:
    if not isinstance(given, str) or not given.strip():
        raise InputError(f"{path}: {at} is {given!r}; it must be a text.")
    return given


def _above_zero(given: Any) -> bool:
    return isinstance(given, (int, float)) and not isinstance(given, bool) and given > 0
