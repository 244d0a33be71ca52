"""The evidence ledger: reading it, checking it, and what its words mean.

``data/figures.csv`` has one published figure a row. Everything that is known to be wrong with a
row is found here, before any notebook runs, and told with its file, line, id, column, value and rule.
"""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pybtex.database import BibliographyData, parse_file
from pybtex.scanner import PybtexSyntaxError

from .project import InputError

COLUMNS = [
    "figure_id", "hosts", "period_start", "period_end", "quantity", "low", "point", "high", "bound",
    "unit", "sector", "scope", "asserted_by", "evidence_class", "source", "locator", "seen", "lineage",
    "copy_probability", "use", "reason", "note",
]  # fmt: skip
NUMBERS = ["low", "point", "high", "copy_probability"]

SCOPES = {
    "national": "the whole of the named host, or of the world",
    "region": "one province or city",
    "site": "one building site, plant or zone",
    "employer": "one employer, trade, visa programme or other group of people within the host",
}
CLASSES = {
    "register": "an administrative count of persons or valid permits by the authority that keeps it",
    "implementation_report": "a state's report to the Security Council's 1718 Committee",
    "entries": "flows: border crossings, visas, permits issued in a period",
    "ceiling": "a quota, an agreed number, an authorisation",
    "government": "a statement by the host's or South Korea's government",
    "us_un": "a statement by the United States, a UN body or an unnamed Member State",
    "interview": "research with interviews or field work of its own",
    "employer": "a statement by the party that pays",
    "compilation": "a table put together from other figures",
    "press": "press with unnamed sources, a single witness, activists without a stated method",
}
BOUNDS = {
    "exact": "stated to the last digit",
    "about": "rounded: an interval set by its significant digits",
    "range": "between low and high",
    "at_least": "low or more",
    "at_most": "high or less",
    "order_of_magnitude": "known to a power of ten",
}
USES = {
    "fit": "enters a model",
    "judge": "a published claim, compared with the model's answer and never fitted",
    "context": "shown, not fitted",
    "exclude": "wrong, suspect, or the same statement twice",
}
SEEN = {
    "original": "the asserting body's own text was read",
    "secondary": "another's report of it was read",
    "recalled": "no text was found; never fitted",
}
QUANTITIES = {
    "stock_workers": "workers in the host at a time",
    "residents": "all nationals of the DPRK in the host at a time",
    "work_permits": "work permits valid at a time",
    "permits_issued": "work or residence permits issued in a period",
    "visas_issued": "visas issued in a period",
    "entries": "border crossings in a period",
    "repatriated": "workers sent home in a period",
    "quota": "the number allowed",
    "planned": "an intention, not an event",
    "cumulative": "persons over several years",
    "ratio": "a change or part without a level",
    "wage_gross": "pay per worker before anything is taken",
    "wage_net": "pay that reaches the worker",
    "state_share": "part of gross pay that the state alone takes, layers told apart",
    "withheld_share": "part of gross pay kept by anyone but the worker",
    "undivided_share": "part said to be taken, with no word on which layers",
    "worker_share": "part of gross pay that the worker keeps",
    "plan_payment": "a fixed sum per worker due whatever is earned",
    "withheld_payment": "a sum per worker taken by all layers together",
    "state_payment": "a sum per worker passed to the state",
    "revenue_total": "money a year or month, all workers together",
    "host_countries": "number of host countries",
    "deaths": "deaths of workers",
    "hours_month": "hours worked (the unit says per what)",
    "modern_slavery_population": "people in modern slavery, mostly inside the country",
    "other": "anything else",
}
FRACTIONS = {"state_share", "withheld_share", "undivided_share", "worker_share"}
HEAD_COUNTS = (
    "stock_workers", "work_permits", "permits_issued", "entries", "repatriated", "quota", "residents",
)  # fmt: skip
PAY_QUANTITIES = (
    "wage_gross", "wage_net", "withheld_payment", "state_payment", "withheld_share", "worker_share", "state_share",
    "undivided_share", "plan_payment",
)  # fmt: skip
PERIOD = re.compile(r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$")
TABLES = {
    "hosts": ["iso3", "name", "region", "treatment", "main_sector", "first_named", "named_by", "presence", "source_figures"],
    "houses": ["asserted_by", "house", "kind"],
    "lineages": ["lineage", "title", "root", "basis", "description"],
    "events": ["event_id", "date_start", "date_end", "hosts", "kind", "title", "description", "source_figures", "source_text"],
    "rates": ["series", "year", "value", "unit", "days", "source", "note"],
}  # fmt: skip
TREATMENTS = {
    "trajectory": "a latent path is fitted",
    "predictive": "named as a host, no usable figure: a predictive distribution, flagged no data",
    "none": "named, but not modelled: absence, transit, refusal or only IT workers and diplomats",
    "group": "a region or the world, for figures that name no country",
}
MAX_PROBLEMS_SHOWN = 20


@dataclass(frozen=True)
class Ledger:
    """The evidence as read and checked.

    Attributes
    ----------
    figures : DataFrame, one row a figure, the contract's columns; numbers as float, text as str ("" if empty).
    hosts, houses, lineages, events, rates : DataFrame, see ``TABLES``.
    sources : the bibliography by key.
    folder : where all of it was read.
    """

    figures: pd.DataFrame
    hosts: pd.DataFrame
    houses: pd.DataFrame
    lineages: pd.DataFrame
    events: pd.DataFrame
    rates: pd.DataFrame
    sources: BibliographyData
    folder: Path

    def house_of(self, figures: pd.DataFrame) -> pd.Series:
        """Return the house (the body that asserts) of each row of ``figures``."""
        return figures["asserted_by"].map(self.houses.set_index("asserted_by")["house"])

    def host_name(self, code: str) -> str:
        """Return the short English name of a host, region or group of hosts joined by ``+``."""
        names = self.hosts.set_index("iso3")["name"]
        return ", ".join(names.get(part, part) for part in code.split("+"))


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
                    f"{path}, line 1: the columns are {', '.join(header) or 'none'}; they must be {', '.join(columns)}, in this order."
                )
            for cells in reader:
                if len(cells) != len(columns):
                    raise InputError(
                        f"{path}, line {reader.line_num}: {len(cells)} cells where the header has {len(columns)}. "
                        "A comma inside a cell needs the cell in double quotes."
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


def read(folder: Path) -> Ledger:
    """Read and check the ledger and its tables in ``folder``.

    Raises
    ------
    InputError
        With every problem found (at most ``MAX_PROBLEMS_SHOWN`` are printed), one a line.
    """
    folder = Path(folder)
    tables = {name: read_table(folder / f"{name}.csv", columns) for name, columns in TABLES.items()}
    figures = read_table(folder / "figures.csv", COLUMNS)
    sources = read_sources(folder / "sources.bib")
    problems = _check_tables(folder, tables, set(figures["figure_id"])) + _check_figures(folder / "figures.csv", figures, tables, sources)
    if problems:
        shown = problems[:MAX_PROBLEMS_SHOWN]
        more = len(problems) - len(shown)
        raise InputError("\n".join(shown + ([f"... and {more} more problems."] if more else [])))
    for column in NUMBERS:
        figures[column] = pd.to_numeric(figures[column].replace("", np.nan))
    figures["copy_probability"] = figures["copy_probability"].fillna(0.0)
    rates = tables["rates"]
    rates["year"] = rates["year"].astype(int)
    rates["value"] = rates["value"].astype(float)
    clean = {name: table.reset_index(drop=True) for name, table in tables.items()}
    return Ledger(figures=figures.reset_index(drop=True), sources=sources, folder=folder, **clean)


def hosts_in(code: str) -> list[str]:
    """Split ``CHN+RUS`` into its hosts."""
    return code.split("+")


def year_fraction(period: str, end: bool = False) -> float:
    """Return a period text as a decimal year: its beginning, or with ``end`` its end.

    ``2017`` begins at 2017.0 and ends at 2018.0; ``2017-12-31`` begins at 2017.997 and ends at 2018.0.
    """
    year, month, day = ([int(part) for part in period.split("-")] + [0, 0])[:3]
    if not month:
        return year + float(end)
    if not day:
        return year + (month - 1 + end) / 12
    return year + (month - 1) / 12 + (min(day, 30) - 1 + end) / 360


# --- rules ---------------------------------------------------------------------------------------


def _is_number(text: str) -> bool:
    try:
        return np.isfinite(float(text))
    except ValueError:
        return False


def _one_of(allowed) -> pa.Check:
    allowed = list(allowed)
    shown = ", ".join(allowed) if len(allowed) <= 30 else "the keys listed in its own table"
    return pa.Check.isin(allowed, error=f"must be one of {shown}")


def _each(test, rule: str) -> pa.Check:
    return pa.Check(lambda column: column.map(test), error=rule)


def _figure_schema(tables: dict[str, pd.DataFrame], sources: BibliographyData) -> pa.DataFrameSchema:
    hosts = set(tables["hosts"]["iso3"])
    number = _each(lambda x: x == "" or (_is_number(x) and float(x) >= 0), "must be empty or a number of zero or more")
    unit_interval = _each(lambda x: x == "" or (_is_number(x) and 0 <= float(x) <= 1), "must be empty or a number between 0 and 1")
    filled = _each(lambda x: bool(x.strip()), "must not be empty")
    period = _each(lambda x: bool(PERIOD.match(x)), "must be YYYY, YYYY-MM or YYYY-MM-DD")
    known_hosts = _each(
        lambda x: all(part in hosts for part in x.split("+")),
        "must be codes of data/hosts.csv (ISO 3166 alpha-3, WLD or a region), joined by + if several",
    )
    return pa.DataFrameSchema({
        "figure_id": pa.Column(str, [
            _each(lambda x: bool(re.match(r"^[A-Z]{3}\d{3,4}$", x)), "must be three capitals and a number, such as RUS001"),
            pa.Check(lambda column: ~column.duplicated(keep="first"), error="must be unique; this id is already taken"),
        ]),
        "hosts": pa.Column(str, known_hosts),
        "period_start": pa.Column(str, period),
        "period_end": pa.Column(str, period),
        "quantity": pa.Column(str, _one_of(QUANTITIES)),
        "low": pa.Column(str, number),
        "point": pa.Column(str, number),
        "high": pa.Column(str, number),
        "bound": pa.Column(str, _one_of(BOUNDS)),
        "unit": pa.Column(str, filled),
        "sector": pa.Column(str, filled),
        "scope": pa.Column(str, _one_of(SCOPES)),
        "asserted_by": pa.Column(str, [filled, _one_of(set(tables["houses"]["asserted_by"]))]),
        "evidence_class": pa.Column(str, _one_of(CLASSES)),
        "source": pa.Column(str, [
            _each(lambda x: bool(x.strip()), "every figure needs a source: a key of data/sources.bib"),
            _each(lambda x: not x.strip() or x in sources.entries, "must be a key of data/sources.bib"),
        ]),
        "locator": pa.Column(str, filled),
        "seen": pa.Column(str, _one_of(SEEN)),
        "lineage": pa.Column(str, _one_of({"", *tables["lineages"]["lineage"]})),
        "copy_probability": pa.Column(str, unit_interval),
        "use": pa.Column(str, _one_of(USES)),
    })  # fmt: skip


def _check_figures(path: Path, figures: pd.DataFrame, tables, sources) -> list[str]:
    """Return one message for each rule that a row breaks, in the order of the file."""
    found: list[tuple[int, str]] = []

    def tell(line: int, column: str, rule: str) -> None:
        row = figures.loc[line]
        value = row.get(column, "")
        found.append((line, f"{path}, line {line}, {row['figure_id'] or 'no id'}, {column} = {value!r}: {rule}."))

    try:
        _figure_schema(tables, sources).validate(figures, lazy=True)
    except pa.errors.SchemaErrors as errors:
        for case in errors.failure_cases.itertuples():
            tell(int(case.index), case.column, case.check)
    if not found:
        with_path = set(tables["hosts"].query("treatment == 'trajectory'")["iso3"])
        for line, row in figures.iterrows():
            for column, rule in _row_problems(row, with_path):
                tell(line, column, rule)
    return [text for _, text in sorted(found, key=lambda item: item[0])]


def _row_problems(row: pd.Series, with_path: set[str]):
    """Yield (column, rule) for each rule between the cells of one row that it breaks."""
    low, point, high = (float(row[name]) if row[name] else np.nan for name in ("low", "point", "high"))
    if year_fraction(row["period_start"]) >= year_fraction(row["period_end"], end=True):
        yield "period_end", f"must not be before period_start, {row['period_start']}"
    used = row["use"] in ("fit", "judge")
    if used and np.isnan([low, point, high]).all():
        yield "point", "a figure that is fitted or judged needs at least one of low, point, high"
    if low > high:
        yield "high", f"must not be below low, {row['low']}"
    if point < low or point > high:
        yield "point", f"must lie between low ({row['low'] or 'empty'}) and high ({row['high'] or 'empty'})"
    if used and row["bound"] == "range" and (np.isnan(low) or np.isnan(high)):
        yield "bound", "a range needs both low and high"
    if used and row["bound"] == "exact" and np.isnan(point):
        yield "bound", "an exact figure needs a point"
    if row["quantity"] in FRACTIONS and np.nanmax([low, point, high, 0]) > 1:
        yield "point", "a share must not be above 1"
    if row["quantity"] in FRACTIONS and row["unit"] != "fraction":
        yield "unit", "the unit of a share is fraction"
    fitted_count = row["use"] == "fit" and row["quantity"] in HEAD_COUNTS
    world = row["hosts"] == "WLD" and row["quantity"] == "stock_workers" and row["scope"] == "national"
    if fitted_count and row["hosts"] not in with_path and not world:
        yield "hosts", "a head count is fitted for the world or for one host whose treatment in data/hosts.csv is trajectory"
    if fitted_count and row["quantity"] == "residents" and row["bound"] == "at_least":
        yield "bound", "residents bound the workers from above, so 'at least' says nothing; use context"
    if fitted_count and row["bound"] == "at_most" and row["scope"] != "national":
        yield "use", "a part of a country of which only an upper bound is known says nothing about the country"
    if row["seen"] == "recalled" and row["use"] in ("fit", "judge"):
        yield "use", "a recalled figure, whose text nobody found, is never fitted or judged"
    if row["use"] != "fit" and not row["reason"].strip():
        yield "reason", "a figure that is not fitted needs a reason"
    if row["copy_probability"] and float(row["copy_probability"]) > 0 and not row["lineage"]:
        yield "lineage", "a probable copy needs the lineage that it copies from"


def _check_tables(folder: Path, tables: dict[str, pd.DataFrame], figure_ids: set[str]) -> list[str]:
    """Return the problems of hosts, houses, lineages, events and rates."""
    known_figures = _each(
        lambda x: all(i in figure_ids for i in x.split("+") if i), "must be figure ids of figures.csv joined by +, or empty"
    )
    year = _each(lambda x: bool(re.match(r"^(19|20)\d\d$", x)), "must be a year")
    filled = _each(lambda x: bool(x.strip()), "must not be empty")
    unique = pa.Check(lambda column: ~column.duplicated(keep="first"), error="must be unique; this key is already taken")
    hosts = set(tables["hosts"]["iso3"])
    positive = _each(lambda x: _is_number(x) and float(x) > 0, "must be a number above zero")
    schemas = {
        "hosts": {
            "iso3": pa.Column(str, [_each(lambda x: bool(re.match(r"^([A-Z]{3}|AFRICA|SEASIA|MIDEAST|GULF|EU28)$", x)),
                                          "must be an ISO 3166 alpha-3 code, WLD or a region"), unique]),
            "name": pa.Column(str, filled),
            "treatment": pa.Column(str, _one_of(TREATMENTS)),
            "source_figures": pa.Column(str, known_figures),
        },
        "houses": {"asserted_by": pa.Column(str, [filled, unique]), "house": pa.Column(str, filled)},
        "lineages": {"lineage": pa.Column(str, [filled, unique]), "title": pa.Column(str, filled),
                     "root": pa.Column(str, known_figures)},
        "events": {
            "event_id": pa.Column(str, [filled, unique]),
            "date_start": pa.Column(str, _each(lambda x: bool(PERIOD.match(x)), "must be YYYY, YYYY-MM or YYYY-MM-DD")),
            "hosts": pa.Column(str, _each(lambda x: all(p in hosts for p in x.split("+")), "must be codes of data/hosts.csv")),
            "source_figures": pa.Column(str, known_figures),
        },
        "rates": {"series": pa.Column(str, filled), "year": pa.Column(str, year),
                  "value": pa.Column(str, positive), "source": pa.Column(str, filled)},
    }  # fmt: skip
    problems = []
    for name, columns in schemas.items():
        table = tables[name]
        try:
            pa.DataFrameSchema(columns).validate(table, lazy=True)
        except pa.errors.SchemaErrors as errors:
            problems += [
                f"{folder / name}.csv, line {int(case.index)}, {table.loc[case.index].iloc[0]}, "
                f"{case.column} = {case.failure_case!r}: {case.check}."
                for case in errors.failure_cases.itertuples()
            ]
    return problems
