"""The parts of the validation: each can be done by itself, and then only its tables, or its lines
of them, are renewed."""

from collections.abc import Iterable

from ..project import InputError
from . import experiments
from .experiments import SPECIFIED, WORLDS, Piece

HELD_OUT, LEFT_OUT, ANALYSES, ALL_THREE, OTHERS = (
    "held out",
    "left out",
    "analyses",
    "all three",
    "other worlds",
)
PARTS = {
    HELD_OUT: "the figures held out",
    LEFT_OUT: "the sources left out",
    ANALYSES: "the other analyses",
    SPECIFIED: "the worlds drawn from the model itself",
    ALL_THREE: "the worlds with copies, wild figures and a biased class at once",
    OTHERS: "the worlds of other kinds",
}
_FUNCTIONS = {
    experiments.held_out: HELD_OUT,
    experiments.left_out: LEFT_OUT,
    experiments.specified: ANALYSES,
}


def of_world(kind: str) -> str:
    """Return the part that simulated worlds of one of the ``WORLDS`` belong to."""
    return kind if kind in (SPECIFIED, ALL_THREE) else OTHERS


def part_of(piece: Piece) -> str:
    """Return which of the ``PARTS`` a piece belongs to."""
    return (
        of_world(piece.arguments[3])
        if piece.function is experiments.simulated
        else _FUNCTIONS[piece.function]
    )


def chosen(pieces: Iterable[Piece], names: Iterable[str] = ()) -> dict[str, list[Piece]]:
    """Return the pieces of each of the named parts, or of all of them, in the order of ``PARTS``; a
    part without pieces is not in it.

    Raises
    ------
    InputError
        If there is no part of a name, or a part that was named has no pieces.
    """
    names = list(names)
    for name in names:
        if name not in PARTS:
            raise InputError(
                f"part {name!r}: the validation has none of that name. There are:"
                f" {', '.join(PARTS)}."
            )
    found = {name: [] for name in PARTS if name in names or not names}
    for piece in pieces:
        if (part := part_of(piece)) in found:
            found[part].append(piece)
    for name in names:
        if not found[name]:
            raise InputError(
                f"part {name!r}: no refit of it is asked for; give --worlds, --bent or --others"
                " a number above 0."
            )
    return {name: members for name, members in found.items() if members}


def kinds(part: str) -> list[str]:
    """Return the kinds of simulated worlds of a part."""
    return [kind for kind in WORLDS if of_world(kind) == part]
