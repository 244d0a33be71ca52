"""Tables and their columns: the one form in which the ledger and the results say what a cell holds.

``evidence.schema`` has the tables of the ledger, ``results_form`` those of the results; data
packages, the data dictionary, the check of the ledger and the comparison of two builds are made
from them.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Kind:
    """What cells of a kind hold.

    ``words`` says it to a reader, ``frictionless`` and ``json`` name the type of the Data Package
    standard and of JSON Schema; ``least`` and ``most`` are bounds that hold for every such cell.
    """

    words: str
    frictionless: str = "string"
    json: str = "string"
    least: float | None = None
    most: float | None = None


def _number(words: str, **bounds: float) -> Kind:
    return Kind(words, "number", "number", **bounds)


COLUMN_KINDS = {
    # of the ledger
    "text": Kind("text"),
    "number": _number("a number of zero or more", least=0),
    "share": _number("a number from 0 to 1", least=0, most=1),
    "year": Kind("a year", "year", "integer"),
    "period": Kind("YYYY, YYYY-MM or YYYY-MM-DD"),
    # of the results
    "code": Kind("a code"),
    "words": Kind("words"),
    "calendar_year": Kind("a year", "integer", "integer"),
    "count": _number("a number that is counted, not sampled"),
    "estimate": _number("a number computed from draws, rounded to four significant digits"),
    "probability": _number("a share of the draws, from 0 to 1", least=0, most=1),
    "flag": Kind("True or False", "boolean", "boolean"),
    "verdict": Kind("a word that follows from the numbers of its row"),
    "diagnostic": _number("a number that says how well the sampler did"),
}


@dataclass(frozen=True)
class Column:
    """One column of a table.

    ``kind`` is a key of ``COLUMN_KINDS``; a cell that is not ``required`` may be empty. ``options``
    is a vocabulary. ``refers`` names the table whose key the cell must be; with ``several`` the
    cell holds keys joined by +. ``pattern`` and ``rule`` are a regular expression and its meaning
    in words.
    """

    name: str
    meaning: str
    kind: str = "text"
    required: bool = True
    unique: bool = False
    options: dict | None = None
    refers: str = ""
    several: bool = False
    pattern: str = ""
    rule: str = ""


@dataclass(frozen=True)
class Table:
    """One table.

    ``key`` names the columns that tell its rows apart, none if nothing does. A ledger may lack an
    ``optional`` one. ``draws`` names the fits whose draws it sums up.
    """

    name: str
    title: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    optional: bool = False
    draws: tuple[str, ...] = ()
    names: list[str] = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "names", [column.name for column in self.columns])

    def __getitem__(self, name: str) -> Column:
        return self.columns[self.names.index(name)]

    def of_kind(self, *kinds: str) -> list[str]:
        """Return the names of the columns of some kinds."""
        return [column.name for column in self.columns if column.kind in kinds]
