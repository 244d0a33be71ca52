"""Rules of coding that a machine can see broken, told before anything runs.

Each check belongs to a rule of rules.csv and holds a ledger only if that has the rule under the
same number and name, so that a ledger with rules of its own is not held to these. A row that is
right although a check would refuse it says so in its reason: it cites the rule and names the other
rows. There is no other way past a check.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

import networkx as nx
import pandas as pd
from pybtex.database import BibliographyData

from .hosts_apart import UNPOOLED
from .periods import published_on, year_fraction
from .regions import WORLD
from .schema import FLOWS, HEAD_COUNTS, PERIOD, RULE

NAMES = {
    "C7": "World",
    "C8": "Compilation",
    "C9": "Same statement",
    "C13": "Date",
    "C15": "Class",
    "C16": "Conflict",
    "C26": "Equal numbers",
    "C27": "Reference population",
}
NAMED_CLASSES = (
    "register",
    "implementation_report",
    "government",
    "us_un",
)  # of somebody who stands by what is said
UNNAMED = re.compile(
    r"\b(unnamed|anonymous|sources?|officials?|diplomats?|insiders?|agents?)\b", re.IGNORECASE
)
AT_A_TIME = ("stock_workers", "work_permits", "residents")
PEOPLE = tuple(
    name for name in (*HEAD_COUNTS, *FLOWS) if name not in ("quota", "repatriated", "departures")
)
GROSS, KEPT = "wage_gross", "wage_net"
TAKEN = ("withheld_share", "undivided_share", "worker_share", "withheld_payment")
TAKEN_BACK = re.compile(r"\b(denied|taken back|took back|withdrawn|withdrew)\b", re.IGNORECASE)
WITHIN = 1.0  # years between equal numbers that are gone through

Row = dict[str, str]
Found = Iterator[tuple[int, str, str]]


def problems(tables: dict[str, pd.DataFrame], sources: BibliographyData) -> Found:
    """Yield (line of figures.csv, column, what is wrong, by which rule, and what to do) for each
    rule that a row breaks."""
    stated = dict(zip(tables["rules"]["rule"], tables["rules"]["title"]))
    rows = list(tables["figures"].to_dict("index").items())
    checks = {
        "C7": lambda: world(rows),
        "C8": lambda: compilations(rows),
        "C9": lambda: third_terms(
            rows, dict(zip(tables["houses"]["asserted_by"], tables["houses"]["house"]))
        ),
        "C13": lambda: months(rows, sources),
        "C15": lambda: classes(rows),
        "C16": lambda: conflicts(rows),
        "C26": lambda: equal_numbers(rows, tables["copies"]),
        "C27": lambda: populations(rows, set(tables["populations"]["figure_id"])),
    }
    for rule, check in checks.items():
        if stated.get(rule) == NAMES[rule]:
            yield from check()


def classes(rows: list[tuple[int, Row]]) -> Found:
    """C15: who has neither name nor office is press, and a count at a date in a state's report is a
    register."""
    for line, row in rows:
        if row["use"] == "exclude" or cites(row, "C15"):
            continue
        if row["evidence_class"] in NAMED_CLASSES and UNNAMED.search(row["asserted_by"]):
            yield (
                line,
                "evidence_class",
                (
                    f"{row['asserted_by']!r} names neither a person nor an office, which is press"
                    " by C15; make it press, or name in the reason who speaks and cite (C15)"
                ),
            )
        if (
            row["evidence_class"] == "implementation_report"
            and row["use"] == "fit"
            and row["quantity"] in AT_A_TIME
            and value(row) > 0
        ):
            yield (
                line,
                "evidence_class",
                (
                    "a count at a date in a state's report is a register by C15; make it one, or"
                    " say in the reason what it counts and cite (C15)"
                ),
            )


def world(rows: list[tuple[int, Row]]) -> Found:
    """C7: the world's total of nobody by name, or of other people's figures, is not fitted."""
    for line, row in rows:
        total = row["hosts"] == WORLD and row["quantity"] == "stock_workers"
        if total and row["use"] == "fit" and row["evidence_class"] in ("press", "compilation"):
            yield (
                line,
                "use",
                (
                    f"a world total of class {row['evidence_class']} is judged by C7 and not"
                    " fitted; make it judge"
                ),
            )


def compilations(rows: list[tuple[int, Row]]) -> Found:
    """C8: a compilation is fitted only where nobody has a figure of another class for the same
    whole host and year."""
    own = defaultdict(set)
    for _, row in rows:
        whole = row["use"] == "fit" and row["quantity"] in PEOPLE and row["scope"] == "national"
        if whole and row["evidence_class"] not in ("compilation", "ceiling"):
            for year in years(row):
                own[row["hosts"], year].add(row["figure_id"])
    for line, row in rows:
        if (
            row["use"] == "fit"
            and row["evidence_class"] == "compilation"
            and row["quantity"] in PEOPLE
            and row["hosts"] != WORLD
        ):
            beside = sorted(set().union(*(own[row["hosts"], year] for year in years(row))))
            if beside and not (
                cites(row, "C8") and all(other in row["reason"] for other in beside)
            ):
                yield (
                    line,
                    "use",
                    (
                        "a compilation is not fitted by C8 beside a figure of another class for"
                        f" the same host and year, {' and '.join(beside)}; make it judge, or name"
                        " them in the reason, say why they are no figures of the same thing, and"
                        " cite (C8)"
                    ),
                )


def third_terms(rows: list[tuple[int, Row]], houses: dict[str, str]) -> Found:
    """C9: of gross pay, pay kept and the sum or share taken, told by one house in one text, two are
    fitted."""
    told = defaultdict(list)
    for line, row in rows:
        if row["use"] == "fit" and row["quantity"] in (GROSS, KEPT, *TAKEN):
            told[row["source"], row["hosts"], houses.get(row["asserted_by"], "")].append(
                (line, row)
            )
    for group in told.values():
        pay = {
            kind: [row["figure_id"] for _, row in group if row["quantity"] == kind]
            for kind in (GROSS, KEPT)
        }
        if not pay[GROSS] or not pay[KEPT]:
            continue
        others = pay[GROSS] + pay[KEPT]
        for line, row in group:
            if row["quantity"] in TAKEN and not (
                cites(row, "C9") and all(other in row["reason"] for other in others)
            ):
                yield (
                    line,
                    "use",
                    (
                        f"follows from gross and net pay in the same text, {' and '.join(others)},"
                        " of which by C9 two are fitted; make it context, or name them in the"
                        " reason, say why it does not follow, and cite (C9)"
                    ),
                )


def months(rows: list[tuple[int, Row]], sources: BibliographyData) -> Found:
    """C13: a stock in a text of a known month is of that month, unless the text says of which time
    it speaks."""
    for line, row in rows:
        if (
            row["use"] not in ("fit", "judge")
            or row["quantity"] not in AT_A_TIME
            or row["evidence_class"] == "compilation"
        ):
            continue
        printed = published_on(sources, row["source"])
        by_year = len(row["period_start"]) == 4 and len(row["period_end"]) == 4
        if (
            by_year
            and len(printed) > 4
            and PERIOD.match(printed)
            and row["period_end"] == printed[:4]
            and not cites(row, "C13")
        ):
            yield (
                line,
                "period_start",
                (
                    f"the text is of {printed[:7]}, and a stock is of the month of its text by C13;"
                    " give that month, or say in the reason that the text speaks of the year and"
                    " cite (C13)"
                ),
            )


def conflicts(rows: list[tuple[int, Row]]) -> Found:
    """C16: only what was denied or taken back is not fitted; that other figures stand against it is
    no reason."""
    for line, row in rows:
        if row["use"] != "fit" and cites(row, "C16") and not TAKEN_BACK.search(row["reason"]):
            yield (
                line,
                "reason",
                (
                    "by C16 figures that cannot all be right are all fitted; make it fit, or say"
                    " who denied it or took it back, or cite the rule that leaves it out for what"
                    " it is"
                ),
            )


def equal_numbers(rows: list[tuple[int, Row]], copies: pd.DataFrame) -> Found:
    """C26: the same number of one host within a year in two texts is linked, or somebody says why
    it is another thing.

    Of two figures of which none is fitted it is enough that one has its origin in copies.csv.
    """
    family, known = families(copies), set(copies["figure_id"])
    alike = defaultdict(list)
    for line, row in rows:
        if row["use"] in ("fit", "judge") and value(row) > 0:
            alike[row["hosts"], row["quantity"], row["unit"], value(row)].append((line, row))
    for group in alike.values():
        for (_, one), (line, other) in combinations(group, 2):
            apart = one["source"] != other["source"] and abs(middle(one) - middle(other)) <= WITHIN
            idle = "fit" not in (one["use"], other["use"]) and known & {
                one["figure_id"],
                other["figure_id"],
            }
            if apart and not idle and not _linked(one, other, family):
                yield (
                    line,
                    "lineage",
                    (
                        f"{one['figure_id']} has the same number within a year, which is gone"
                        " through by C26; link the later one in copies.csv and give it the"
                        " lineage, or name the other row in the reason, say why it is another"
                        " thing, and cite (C26)"
                    ),
                )


def populations(rows: list[tuple[int, Row]], there: set[str]) -> Found:
    """C27: a stock of all workers in China or Russia says who is meant."""
    for line, row in rows:
        whole = (
            row["hosts"] in UNPOOLED and row["scope"] == "national" and row["quantity"] in AT_A_TIME
        )
        if whole and row["use"] in ("fit", "judge") and row["figure_id"] not in there:
            yield (
                line,
                "figure_id",
                (
                    "who is meant has to be said by C27; add a line to populations.csv, not_said if"
                    " the text has no word on it"
                ),
            )


def cites(row: Row, rule: str) -> bool:
    """Return whether the reason of a row cites a rule in brackets."""
    return rule in re.split(r",\s*", ", ".join(RULE.findall(row["reason"])))


def years(row: Row) -> range:
    """Return the calendar years that the period of a row touches."""
    return range(int(row["period_start"][:4]), int(row["period_end"][:4]) + 1)


def middle(row: Row) -> float:
    """Return the decimal year in the middle of the period of a row."""
    return (year_fraction(row["period_start"]) + year_fraction(row["period_end"], end=True)) / 2


def value(row: Row) -> float:
    """Return the point of a row, or the geometric middle of its ends, or its one end; nan if it has
    none."""
    if row["point"]:
        return float(row["point"])
    ends = [max(float(row[end]), 1e-9) for end in ("low", "high") if row[end]]
    return round(math.exp(sum(map(math.log, ends)) / len(ends)), 6) if ends else math.nan


def families(copies: pd.DataFrame) -> dict[str, int]:
    """Return the number of the family of each figure of copies.csv: of those that links lead to
    from each other."""
    graph = nx.Graph(zip(copies["figure_id"], copies["of"]))
    return {
        figure: number
        for number, family in enumerate(nx.connected_components(graph))
        for figure in family
    }


def _linked(one: Row, other: Row, family: dict[str, int]) -> bool:
    ids = one["figure_id"], other["figure_id"]
    if one["lineage"] and one["lineage"] == other["lineage"]:
        return True
    if ids[0] in family and family[ids[0]] == family.get(ids[1]):
        return True
    return ids[1] in one["reason"] + one["note"] or ids[0] in other["reason"] + other["note"]
