"""The evidence ledger: reading it, checking it, and what its words mean.

``data/figures.csv`` has one published figure a row. Everything that is known to be wrong with a
row is found here, before any notebook runs, and told with its file, line, id, column, value and
rule.
"""

import csv
import hashlib
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pandera.pandas as pa
import pycountry
from pybtex.database import BibliographyData, parse_file
from pybtex.exceptions import PybtexError
from pybtex.richtext import Text
from pybtex.scanner import PybtexSyntaxError

from .. import columns
from ..columns import COLUMN_KINDS, Column
from ..project import InputError, content_hash
from . import classes, rule_checks
from .periods import published_on, year_fraction
from .regions import GROUPS, REGION_OF_GROUP, WORLD
from .schema import (
    BASIS_PROBABILITY,
    CLAIM_NEEDS,
    FIGURES,
    FLOWS,
    HEAD_COUNTS,
    PERIOD,
    RULE,
    TABLES,
    UNSAFE,
    wrong_with,
)

COLUMNS = FIGURES.names
NUMBERS = ["low", "point", "high", "copy_probability"]
FRACTIONS = {"state_share", "withheld_share", "undivided_share", "worker_share"}
RATE_UNIT = "persons/year"
LIST, RATIO = "host_countries", "ratio"
STOCK_QUANTITIES = (*HEAD_COUNTS, LIST, RATIO)  # all that the workers model can read
HEAD_UNITS = ("persons", "permits", "visas")
FLOW_UNITS = (*HEAD_UNITS, "crossings", RATE_UNIT)
PAY_QUANTITIES = (
    "wage_gross",
    "wage_net",
    "withheld_payment",
    "state_payment",
    "withheld_share",
    "worker_share",
    "state_share",
    "undivided_share",
    "plan_payment",
)
SUMS = ("wage_gross", "wage_net", "withheld_payment", "state_payment", "plan_payment")
CPI = "CPI-U"
PER = ("month", "year")
MAX_PROBLEMS_SHOWN = 20
MAX_KNOWN = 4  # ledgers that a process keeps
RULES = (
    "ledger.py",
    "schema.py",
    "rule_checks.py",
    "regions.py",
    "classes.py",
    "periods.py",
)  # and columns, and ``classes.FILE``
CHECKED_LEDGERS = "build/baseline/steps/checked_ledgers.txt"  # of the project's own ledger


@dataclass(frozen=True)
class Ledger:
    """The evidence as read and checked.

    Attributes
    ----------
    figures : DataFrame, one row a figure, the contract's columns; numbers as float, text as str (""
        if empty).
    hosts, houses, lineages, events, rates : DataFrame, see ``schema.TABLES``.
    rules, conflicts, copies, cascades, checks, gaps, recoding, ratios, populations, claims :
        DataFrame, empty where the ledger has no such table.
    sources : the bibliography by key.
    folder : where all of it was read.
    """

    figures: pd.DataFrame
    hosts: pd.DataFrame
    houses: pd.DataFrame
    lineages: pd.DataFrame
    events: pd.DataFrame
    rates: pd.DataFrame
    rules: pd.DataFrame
    conflicts: pd.DataFrame
    copies: pd.DataFrame
    cascades: pd.DataFrame
    checks: pd.DataFrame
    gaps: pd.DataFrame
    recoding: pd.DataFrame
    ratios: pd.DataFrame
    populations: pd.DataFrame
    claims: pd.DataFrame
    sources: BibliographyData
    folder: Path
    _published: dict[str, str] = field(default_factory=dict, repr=False)

    def lent(self, folder: Path) -> "Ledger":
        """Return the same ledger, as read from ``folder``; what is done to its tables is done to
        copies of them (pandas copies on write)."""
        tables = {name: getattr(self, name).copy(deep=False) for name in TABLES}
        return replace(self, folder=folder, _published={}, **tables)

    def house_of(self, figures: pd.DataFrame) -> pd.Series:
        """Return the house (the body that asserts) of each row of ``figures``."""
        return figures["asserted_by"].map(self.houses.set_index("asserted_by")["house"])

    def host_name(self, code: str) -> str:
        """Return the short English name of a host, region or group of hosts joined by ``+``."""
        names = self.hosts.set_index("iso3")["name"]
        return ", ".join(names.get(part, part) for part in code.split("+"))

    def members(self, code: str) -> list[str]:
        """Return the hosts that a code stands for: one host, several joined by ``+``, a region of
        hosts.csv, or all."""
        if code == WORLD:
            return list(self.hosts.loc[self.hosts["treatment"] != "group", "iso3"])
        if code in REGION_OF_GROUP:
            return list(
                self.hosts.loc[
                    (self.hosts["region"] == REGION_OF_GROUP[code])
                    & (self.hosts["treatment"] != "group"),
                    "iso3",
                ]
            )
        return hosts_in(code)

    def about(self, host: str) -> pd.DataFrame:
        """Return the figures that name a host, alone or among others."""
        return self.figures[[host in hosts_in(code) for code in self.figures["hosts"]]]

    def published(self, source: str) -> str:
        """Return when a source appeared, as YYYY, YYYY-MM or YYYY-MM-DD, or "" if it is undated."""
        if source not in self._published:
            self._published[source] = published_on(self.sources, source)
        return self._published[source]


_known: dict[str, Ledger] = {}


def hosts_with_figures(folder: Path) -> list[str]:
    """Return the codes of hosts, regions and the world that at least one figure names, in the order
    of hosts.csv."""
    named = {
        host
        for code in read_table(folder / "figures.csv", COLUMNS)["hosts"]
        for host in hosts_in(code)
    }
    return [
        code
        for code in read_table(folder / "hosts.csv", TABLES["hosts"].names)["iso3"]
        if code in named
    ]


def read_table(path: Path, columns: list[str]) -> pd.DataFrame:
    """Read a CSV whose header must be ``columns``; every cell as text, ``line`` as index.

    The ``line`` of a row is that of the text file, so that an editor finds it.

    Raises
    ------
    InputError
        If the file is missing, not UTF-8, has another header or a row of another length.
    """
    if not path.is_file():
        raise InputError(f"{path}: the file is missing. The ledger needs it; see data/README.md.")
    rows, lines = [], []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            if header != columns:
                raise InputError(
                    f"{path}, line 1: the columns are {', '.join(header) or 'none'}; they must be"
                    f" {', '.join(columns)}, in this order."
                )
            for cells in reader:
                if len(cells) != len(columns):
                    raise InputError(
                        f"{path}, line {reader.line_num}: {len(cells)} cells where the header has"
                        f" {len(columns)}. A comma inside a cell needs the cell in double quotes."
                    )
                rows.append(cells)
                lines.append(reader.line_num)
    except csv.Error as error:
        raise InputError(f"{path}, line {reader.line_num}: not valid CSV ({error}).") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text ({error}). Save it as UTF-8.") from None
    return pd.DataFrame(rows, columns=columns, index=pd.Index(lines, name="line"), dtype=str)


def read_sources(path: Path) -> BibliographyData:
    """Read sources.bib.

    Raises
    ------
    InputError
        If it is missing or not BibTeX; the message has the line.
    """
    if not path.is_file():
        raise InputError(f"{path}: the file is missing. Every figure needs its source there.")
    try:
        return parse_file(str(path), "bibtex")
    except PybtexSyntaxError as error:
        raise InputError(f"{path}, line {error.lineno}: not valid BibTeX ({error}).") from None
    except PybtexError as error:
        raise InputError(f"{path}: {error}.") from None


def _refuse_links(folder: Path) -> None:
    """Refuse a link in place of a file: the book publishes the files of a ledger, and a link may
    lead anywhere."""
    for path in (*(folder / f"{table}.csv" for table in TABLES), folder / "sources.bib"):
        if path.is_symlink():
            raise InputError(
                f"{path}: this is a link to another file. A ledger is published as it is, so put"
                " the file itself there."
            )


def plain(latex: str) -> str:
    """Return a field of sources.bib as plain text, without braces and backslashes.

    Raises
    ------
    PybtexError
        If it is not LaTeX; a per cent sign needs a backslash.
    """
    return str(Text.from_latex(latex)).replace("\\$", "$")  # the one escape that pybtex leaves


def read(folder: Path, checked_ledgers: Path | None = None) -> Ledger:
    """Read and check the ledger and its tables in ``folder``; one that this process has read before
    is not checked again.

    ``checked_ledgers`` is a file of the ledgers that these rules found without fault, so that
    another process need not check them; it is kept once its folder is there.

    Raises
    ------
    InputError
        With every problem found (at most ``MAX_PROBLEMS_SHOWN`` are printed), one a line.
    """
    folder = Path(folder)
    _refuse_links(folder)
    state = contents(folder)
    if state not in _known:
        mark = _mark(state) if checked_ledgers else ""
        right = (
            checked_ledgers is not None
            and checked_ledgers.is_file()
            and mark in checked_ledgers.read_text(encoding="utf-8").split()
        )
        read_now = _read(folder, right)
        if checked_ledgers and not right and checked_ledgers.parent.is_dir():
            with checked_ledgers.open("a", encoding="utf-8") as file:
                file.write(f"{mark}\n")
        if len(_known) == MAX_KNOWN:
            del _known[next(iter(_known))]
        _known[state] = read_now
    return _known[state].lent(folder)


def _mark(state: str) -> str:
    """Return a hash of a ledger's contents and of the rules that it is checked by."""
    rules = [
        path.read_bytes()
        for path in (*map(Path(__file__).with_name, RULES), classes.FILE, Path(columns.__file__))
    ]
    programs = [version(name) for name in ("pandera", "pandas", "pybtex", "pycountry")]
    return hashlib.sha256(
        b"\n".join([state.encode(), *rules, *(name.encode() for name in programs)])
    ).hexdigest()


def contents(folder: Path) -> str:
    """Return a hash of the files of a ledger, by which one is known again."""
    digest = hashlib.sha256()
    for name in (*(f"{table}.csv" for table in TABLES), "sources.bib"):
        if (path := folder / name).is_file():
            digest.update(f"{name}:{content_hash(path)}\n".encode())
    return digest.hexdigest()


def _read(folder: Path, right: bool = False) -> Ledger:
    tables = {}
    for name, table in TABLES.items():
        path = folder / f"{name}.csv"
        absent = table.optional and not path.is_file()
        tables[name] = (
            pd.DataFrame(columns=table.names, dtype=str)
            if absent
            else read_table(path, table.names)
        )
    sources = read_sources(folder / "sources.bib")
    if not right and (problems := _problems(folder, tables, sources)):
        shown = problems[:MAX_PROBLEMS_SHOWN]
        more = len(problems) - len(shown)
        raise InputError("\n".join(shown + ([f"... and {more} more problems."] if more else [])))
    figures = tables["figures"]
    for column in NUMBERS:
        figures[column] = pd.to_numeric(figures[column].replace("", np.nan))
    figures["copy_probability"] = figures["copy_probability"].fillna(0.0)
    rates = tables["rates"]
    rates["year"] = rates["year"].astype(int)
    rates["value"] = rates["value"].astype(float)
    clean = {name: table.reset_index(drop=True) for name, table in tables.items()}
    return Ledger(sources=sources, folder=folder, **clean)


def hosts_in(code: str) -> list[str]:
    """Split ``CHN+RUS`` into its hosts."""
    return code.split("+")


# --- rules ---------------------------------------------------------------------------------------


def _is_number(text: str) -> bool:
    try:
        return np.isfinite(float(text))
    except ValueError:
        return False


def _each(test, rule: str) -> pa.Check:
    return pa.Check(lambda column: column.map(test), error=rule)


def _one_of(allowed, rule: str = "") -> pa.Check:
    return pa.Check.isin(list(allowed), error=rule or f"must be one of {', '.join(allowed)}")


HOLDS = {  # whether a text may stand in a cell of a kind of ``columns.COLUMN_KINDS``
    "number": lambda x: _is_number(x) and float(x) >= 0,
    "share": lambda x: _is_number(x) and 0 <= float(x) <= 1,
    "year": lambda x: bool(re.match(r"^(19|20)\d\d$", x)),
    "period": lambda x: bool(PERIOD.match(x)),
    "text": lambda x: True,
}


def _column_checks(column: Column, keys: dict[str, set[str]]) -> list[pa.Check]:
    """Return the checks of one column, as schema.py declares it."""
    test, words = HOLDS[column.kind], COLUMN_KINDS[column.kind].words
    checks = []
    if column.kind != "text":
        empty = "" if column.required else "empty or "
        checks.append(
            _each(lambda x: (not x and not column.required) or test(x), f"must be {empty}{words}")
        )
    elif column.required:
        needed = (
            "must not be empty"
            if column.pattern or column.refers or not column.rule
            else column.rule
        )
        checks.append(_each(lambda x: bool(x.strip()), needed))
    if column.unique:
        checks.append(
            pa.Check(
                lambda c: ~c.duplicated(keep="first"),
                error="must be unique; this key is already taken",
            )
        )
    if column.options:
        checks.append(_one_of([*([] if column.required else [""]), *column.options]))
    if column.pattern:
        checks.append(
            _each(
                lambda x: (not x and not column.required) or bool(re.match(column.pattern, x)),
                column.rule,
            )
        )
    if column.refers:
        known = keys[column.refers]
        empty = "" if column.required else ", or empty"
        rule = column.rule or f"must be one of the keys of {column.refers}.csv{empty}"
        parts = (lambda x: x.split("+")) if column.several else (lambda x: [x])
        checks.append(
            _each(
                lambda x: (
                    (not x and not column.required) or all(part in known for part in parts(x))
                ),
                rule,
            )
        )
    if column.kind == "text":
        checks.append(_each(lambda x: not UNSAFE.match(x), wrong_with("=")))
        checks.append(_each(str.isprintable, wrong_with("\0")))
    return checks


def _problems(
    folder: Path, tables: dict[str, pd.DataFrame], sources: BibliographyData
) -> list[str]:
    """Return one message for each rule that a cell breaks: file, line, key, column, value, rule."""
    found: list[tuple[str, int, str]] = []

    def tell(table: str, line: int, column: str, rule: str) -> None:
        row = tables[table].loc[line]
        found.append(
            (
                table,
                line,
                (
                    f"{folder / table}.csv, line {line}, {row.iloc[0] or 'no id'}, {column} ="
                    f" {row[column]!r}: {rule}."
                ),
            )
        )

    keys = {name: set(table.iloc[:, 0]) for name, table in tables.items()}
    for name, table in TABLES.items():
        schema = pa.DataFrameSchema(
            {column.name: pa.Column(str, _column_checks(column, keys)) for column in table.columns}
        )
        try:
            schema.validate(tables[name], lazy=True)
        except pa.errors.SchemaErrors as errors:
            for case in errors.failure_cases.itertuples():
                tell(name, int(case.index), case.column, case.check)
    for line, key in tables["figures"]["source"].items():
        if key.strip() and key not in sources.entries:
            tell("figures", line, "source", "must be a key of sources.bib")
    for line, code in tables["hosts"]["iso3"].items():
        if code not in GROUPS and not pycountry.countries.get(alpha_3=code):
            tell("hosts", line, "iso3", "must be an ISO 3166 alpha-3 code, WLD or a region")
    if not found:
        for name, check in CROSS_CHECKS.items():
            for line, column, rule in check(tables):
                tell(name, line, column, rule)
        for line, column, rule in rule_checks.problems(tables, sources):
            tell("figures", line, column, rule)
    messages = [
        text
        for _, _, text in sorted(
            dict.fromkeys(found), key=lambda item: (list(TABLES).index(item[0]), item[1])
        )
    ]
    messages += _bibliography_problems(folder / "sources.bib", sources)
    for key, entry in sources.entries.items():
        for name in ("author", "title"):
            text = " and ".join(map(str, entry.persons.get(name, []))) or entry.fields.get(name, "")
            try:
                plain(text)
            except PybtexError as error:
                messages.append(
                    f"{folder / 'sources.bib'}, {key}, {name} = {text!r}: not LaTeX ({error}); a"
                    " per cent sign is written with a backslash."
                )
    return messages + [
        f"{folder / 'sources.bib'}, {key}, url = {entry.fields['url']!r}: must begin with https://"
        " or http:// and have no space or quote."
        for key, entry in sources.entries.items()
        if "url" in entry.fields and not re.match(r"^https?://[^\s<>\"]+$", entry.fields["url"])
    ]


BIB_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]*")
BIB_TYPES = (
    "article",
    "book",
    "booklet",
    "inbook",
    "incollection",
    "inproceedings",
    "manual",
    "mastersthesis",
    "misc",
    "online",
    "phdthesis",
    "proceedings",
    "techreport",
    "unpublished",
)
COMMAND = re.compile(r"\\[A-Za-z]+")  # of LaTeX; an escaped character or an accent is none


def _bibliography_problems(path: Path, sources: BibliographyData) -> Iterator[str]:
    """Return one message for each key, type and field of the bibliography that is no plain text: it
    is shown, never carried out."""
    for key, entry in sources.entries.items():
        if not BIB_KEY.fullmatch(key):
            yield (
                f"{path}: the key {key!r}: must be letters, digits and . _ : + - only, a letter or"
                " digit first."
            )
        if entry.type not in BIB_TYPES:
            yield (
                f"{path}, {key}: the type {entry.type!r} is not known; it must be one of"
                f" {', '.join(BIB_TYPES)}."
            )
        people = {role: " and ".join(map(str, persons)) for role, persons in entry.persons.items()}
        for name, text in {**people, **entry.fields}.items():
            if rule := wrong_with(" ".join(text.replace("{", "").split())) or wrong_with(name):
                yield f"{path}, {key}, {name} = {text!r}: {rule}."
            elif name != "url" and (command := COMMAND.search(text)):
                yield (
                    f"{path}, {key}, {name} = {text!r}: {command[0]} is a command of LaTeX; write"
                    " the letters themselves, in UTF-8."
                )


def _figure_problems(tables: dict[str, pd.DataFrame]):
    with_path = set(tables["hosts"].query("treatment == 'trajectory'")["iso3"])
    currencies = set(tables["rates"]["series"]) - {CPI} | {"USD"}
    rates = set(zip(tables["rates"]["series"], tables["rates"]["year"].astype(int)))
    rules = set(tables["rules"]["rule"])
    named = set(tables["copies"]["figure_id"])
    ratios = set(tables["ratios"]["figure_id"])
    roots = tables["lineages"].set_index("lineage")["root"]
    for line, row in tables["figures"].to_dict("index").items():
        for column, rule in _row_problems(row, with_path, currencies, rates, ratios):
            yield line, column, rule
        for cited in ", ".join(RULE.findall(row["reason"])).split(", "):
            if rules and cited.replace(" ", "") and cited not in rules:
                yield line, "reason", f"cites the rule {cited}, which rules.csv has not"
        likely = row["copy_probability"] and float(row["copy_probability"]) > 0
        if (
            likely
            and len(named)
            and row["figure_id"] not in named
            and row["figure_id"] not in roots.get(row["lineage"], "")
            and roots.get(row["lineage"], "")
        ):
            yield (
                line,
                "copy_probability",
                "a probable copy needs a line in copies.csv that says which figure it repeats",
            )


def _copy_problems(tables: dict[str, pd.DataFrame]):
    copies = tables["copies"]
    figures = tables["figures"].set_index("figure_id")
    graph = nx.DiGraph(zip(copies["figure_id"], copies["of"]))
    on_cycles = set().union(
        *(part for part in nx.strongly_connected_components(graph) if len(part) > 1), set()
    )
    best = copies.assign(p=copies["basis"].map(BASIS_PROBABILITY)).groupby("figure_id")["p"].max()
    for line, row in copies.iterrows():
        if row["figure_id"] == row["of"] or {row["figure_id"], row["of"]} <= on_cycles:
            yield line, "of", "a figure cannot repeat itself, directly or by way of others"
        stated = figures.loc[row["figure_id"], "copy_probability"]
        due = best[row["figure_id"]]
        if stated and not np.isnan(due) and float(stated) != due:
            yield (
                line,
                "basis",
                (
                    f"figures.csv gives it a copy_probability of {stated}; the basis stands for"
                    f" {due:g}"
                ),
            )


def _claim_problems(tables: dict[str, pd.DataFrame]):
    use = tables["figures"].set_index("figure_id")["use"]
    for line, row in tables["claims"].iterrows():
        for column in CLAIM_NEEDS[row["evaluation"]]:
            if not row[column]:
                yield line, column, f"must not be empty, as evaluation is {row['evaluation']}"
        if row["figure"] and use[row["figure"]] != "judge":
            yield line, "figure", "must be a figure whose use is judge"
        if row["period_end"] and row["period_end"] <= row["period_start"]:
            yield line, "period_end", f"must be after period_start, {row['period_start']}"
        if row["low"] and row["high"] and float(row["high"]) < float(row["low"]):
            yield line, "high", f"must not be below low, {row['low']}"


CROSS_CHECKS = {"figures": _figure_problems, "copies": _copy_problems, "claims": _claim_problems}


def _row_problems(
    row: dict[str, str],
    with_path: set[str],
    currencies: set[str],
    rates: set[tuple[str, int]],
    ratios: set[str],
):
    """Yield (column, rule) for each rule between the cells of one row that it breaks."""
    low, point, high = (
        float(row[name]) if row[name] else math.nan for name in ("low", "point", "high")
    )
    if year_fraction(row["period_start"]) >= year_fraction(row["period_end"], end=True):
        yield "period_end", f"must not be before period_start, {row['period_start']}"
    used = row["use"] in ("fit", "judge")
    stated = [value for value in (low, point, high) if not math.isnan(value)]
    if used and not stated:
        yield "point", "a figure that is fitted or judged needs at least one of low, point, high"
    if low > high:
        yield "high", f"must not be below low, {row['low']}"
    if point < low or point > high:
        yield (
            "point",
            f"must lie between low ({row['low'] or 'empty'}) and high ({row['high'] or 'empty'})",
        )
    if used and row["bound"] == "range" and (math.isnan(low) or math.isnan(high)):
        yield "bound", "a range needs both low and high"
    if used and row["bound"] == "exact" and math.isnan(point):
        yield "bound", "an exact figure needs a point"
    if stated and row["bound"] == "at_least" and (math.isnan(low) or not math.isnan(point)):
        yield "low", "at least has its number in low, and no point"
    if stated and row["bound"] == "at_most" and (math.isnan(high) or not math.isnan(point)):
        yield "high", "at most has its number in high, and no point"
    if row["quantity"] in FRACTIONS and max(stated, default=0) > 1:
        yield "point", "a share must not be above 1"
    if row["quantity"] in FRACTIONS and row["unit"] != "fraction":
        yield "unit", "the unit of a share is fraction"
    fitted_count = row["use"] == "fit" and row["quantity"] in (*HEAD_COUNTS, *FLOWS)
    sum_of_hosts = row["hosts"] in GROUPS or "+" in row["hosts"]
    if fitted_count and not sum_of_hosts and row["hosts"] not in with_path:
        yield (
            "hosts",
            (
                "a head count is fitted for the world, for several hosts, or for one whose"
                " treatment in hosts.csv is trajectory"
            ),
        )
    if (
        fitted_count
        and sum_of_hosts
        and (row["quantity"] != "stock_workers" or row["scope"] != "national")
    ):
        yield "hosts", "of several hosts together only whole stocks of workers are fitted"
    if (
        row["use"] == "fit"
        and row["quantity"] == LIST
        and (row["scope"] != "national" or row["bound"] != "exact")
    ):
        yield (
            "bound",
            "a list of hosts is fitted only if it is of all hosts (national) and complete (exact)",
        )
    if row["use"] == "fit" and row["quantity"] == RATIO and row["figure_id"] not in ratios:
        yield "use", "a ratio is fitted only with a line in ratios.csv that says of what it is one"
    if fitted_count and row["quantity"] == "residents" and row["bound"] == "at_least":
        yield (
            "bound",
            "residents bound the workers from above, so 'at least' says nothing; use context",
        )
    if fitted_count and row["bound"] == "at_most" and row["scope"] != "national":
        yield (
            "use",
            (
                "a part of a country of which only an upper bound is known says nothing about the"
                " country"
            ),
        )
    if row["seen"] == "recalled" and row["use"] in ("fit", "judge"):
        yield "use", "a recalled figure, whose text nobody found, is never fitted or judged"
    units = FLOW_UNITS if row["quantity"] in FLOWS else HEAD_UNITS
    if fitted_count and row["unit"] not in units:
        yield (
            "unit",
            f"a fitted {'flow' if units is FLOW_UNITS else 'head count'} is in {', '.join(units)}",
        )
    if row["use"] == "fit" and row["quantity"] in SUMS:
        currency, _, per = row["unit"].partition("/")
        if currency not in currencies or per not in PER:
            yield (
                "unit",
                (
                    "a fitted payment is in a currency of rates.csv a month or year, such as"
                    f" USD/month; there are {', '.join(sorted(currencies))}"
                ),
            )
        else:
            yield from _rate_problems(row, currency, rates)
    if row["use"] != "fit" and not row["reason"].strip():
        yield "reason", "a figure that is not fitted needs a reason"
    if row["copy_probability"] and float(row["copy_probability"]) > 0 and not row["lineage"]:
        yield "lineage", "a probable copy needs the lineage that it copies from"


def _rate_problems(row: dict[str, str], currency: str, rates: set[tuple[str, int]]):
    """Yield (column, rule) if a fitted payment has no exchange rate, or no consumer prices, in the
    middle year of its period.

    Prices after the last published year are continued, so only an earlier one can be missing.
    """
    year = int(
        (year_fraction(row["period_start"]) + year_fraction(row["period_end"], end=True)) / 2
    )
    if currency != "USD" and (currency, year) not in rates:
        yield "unit", f"rates.csv has no {currency} rate for {year}; add the row with its source"
    if (CPI, year) not in rates and year <= max(
        (y for series, y in rates if series == CPI), default=year
    ):
        yield (
            "unit",
            (
                f"rates.csv has no {CPI} for {year}, the US consumer prices; add the row with its"
                " source"
            ),
        )
