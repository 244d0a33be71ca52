"""What a ledger has, by name: from it follow the chapters that are built and the sentences that
hold.

A step of pipeline.yml needs facts; a cell of a notebook is tagged ``only-FACT`` or ``unless-FACT``;
in a page of book/ a passage stands between ``<!-- only-FACT -->`` and ``<!-- end -->``; several
conditions are all to hold. So a book of another ledger says nothing that this one alone can say.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from ..project import InputError
from . import ledger, schema

OPTIONAL = tuple(name for name, table in schema.TABLES.items() if table.optional)
FACTS = {
    "own": "it is the ledger that this book publishes, the project's data/",
    "other": "it is another",
    "pay": "a figure of gross pay is fitted, so that money can be estimated",
    "judged": "it has figures to judge",
    "families": "it knows figures of one origin",
    **{name: f"{name}.csv has rows" for name in OPTIONAL},
    "estimated": "the page is of a host that has an estimate",
}
CONDITION = re.compile(r"(only|unless)-(.+)")
MARK = r"<!-- ((?:only|unless)-[^>]+) -->"
PASSAGE = re.compile(MARK + r"\n?(.*?)<!-- end -->\n?", re.DOTALL)


def of(folder: Path, own_ledger: bool) -> frozenset[str]:
    """Return the facts of the ledger in ``folder``, read as text; ``own_ledger`` says whether it is
    the project's.

    Raises
    ------
    InputError
        If a table is missing or can't be read.
    """
    return _of(ledger.contents(folder), folder, own_ledger)


@lru_cache(maxsize=8)
def _of(contents: str, folder: Path, own_ledger: bool) -> frozenset[str]:
    """Return the facts of the ledger whose files have the hash ``contents``."""
    figures = ledger.read_table(folder / "figures.csv", ledger.COLUMNS)
    found = {
        "own": own_ledger,
        "other": not own_ledger,
        "pay": (
            (
                (figures["quantity"] == "wage_gross")
                & (figures["use"] == "fit")
                & (figures["sector"] != "IT")
            ).any()
        ),
        "judged": (figures["use"] == "judge").any(),
        "families": (figures["lineage"] != "").any(),
    }
    for name in OPTIONAL:
        path = folder / f"{name}.csv"
        found[name] = path.is_file() and len(ledger.read_table(path, schema.TABLES[name].names)) > 0
    return frozenset(name for name, holds in found.items() if holds)


def holds(condition: str, facts: Iterable[str]) -> bool:
    """Return whether ``only-FACT`` or ``unless-FACT`` holds; any other word is no condition, and
    holds.

    Raises
    ------
    InputError
        If there is no such fact.
    """
    if not (match := CONDITION.fullmatch(condition)):
        return True
    kind, fact = match.groups()
    known(fact, condition)
    return (fact in facts) == (kind == "only")


def known(fact: str, where: str) -> None:
    """Refuse a word that is no fact.

    Raises
    ------
    InputError
        With the facts that there are.
    """
    if fact not in FACTS:
        raise InputError(f"{where}: there is no fact {fact!r}. There are: {', '.join(FACTS)}.")


def passages(text: str, facts: Iterable[str]) -> str:
    """Return a page of prose with those of its passages that hold, their marks taken away. Passages
    do not nest.

    Raises
    ------
    InputError
        If a passage names an unknown fact, or one of its two marks is missing.
    """
    facts = frozenset(facts)
    kept = PASSAGE.sub(
        lambda match: match[2] if all(holds(word, facts) for word in match[1].split()) else "", text
    )
    if left := re.search(rf"{MARK}|<!-- end -->", kept):
        raise InputError(
            f"the mark {left[0]} has no partner: a passage begins with <!-- only-FACT --> and ends"
            " with <!-- end -->."
        )
    return kept
