"""Rules of coding that a machine can see broken: each check refuses a row made for it, and has its
declared way past."""

import csv

import pytest
from conftest import ROOT, figure, write_ledger

from exportedlabour.assumptions import scenario
from exportedlabour.evidence import ledger, rule_checks
from exportedlabour.project import InputError
from exportedlabour.review import outlook
from exportedlabour.workers import observations

RULES = {**rule_checks.NAMES, "C5": "Sent home"}
ENTRY = (
    "@misc{{{key},\n  author = {{A}},\n  title = {{T}},\n  year = {{{year}}},\n  note = {{Published"
    " {date}}}\n}}\n"
)
SOURCES = {"may-2016": "2016-05-03", "june-2016": "2016-06", "plain-2016": "2016"}
WORDS = {"Minister of Labour", "Unnamed official", "Diplomatic source", "Labour Ministry official"}


def read(folder, rows, rules=RULES, copies=(), populations=None):
    """Write a ledger of these rows, with rules, sources and houses of the tests, and read it."""
    write_ledger(folder, rows)
    tables = {
        "rules": [
            ("rule", "title", "text"),
            *((rule, title, "Words.") for rule, title in rules.items()),
        ]
    }
    tables["copies"] = [("figure_id", "of", "basis", "change"), *copies]
    tables["populations"] = [("figure_id", "population", "why")]
    for row in rows:
        if populations is None or row["figure_id"] in populations:
            tables["populations"].append((row["figure_id"], "not_said", "Workers."))
    for name, lines in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(lines)
    with (folder / "houses.csv").open("a", encoding="utf-8") as file:
        file.writelines(
            f"{words},{words.lower().replace(' ', '-')},press\n" for words in sorted(WORDS)
        )
    with (folder / "sources.bib").open("a", encoding="utf-8") as file:
        file.writelines(
            ENTRY.format(key=key, year=date[:4], date=date) for key, date in SOURCES.items()
        )
    return ledger.read(folder)


def told(folder, rows, **more):
    """Return what reading such a ledger is refused with, one line a problem; nothing if it is
    read."""
    try:
        read(folder, rows, **more)
    except InputError as error:
        return str(error).splitlines()
    return []


def poland(number, point=None, **cells):
    """A stock of May 2016, the month of no text."""
    when = {"period_start": "2016-05", "period_end": "2016-05"}
    return figure(
        f"POL{number:03d}",
        "POL",
        **({"point": 100 + 7 * number if point is None else point} | when | cells),
    )


def pay(number, quantity, value, unit="USD/month", **cells):
    return figure(f"POL{number:03d}", "POL", "2016", quantity, value, unit=unit, **cells)


PAY = [pay(1, "wage_gross", 500), pay(2, "wage_net", 100), pay(3, "worker_share", 0.2, "fraction")]
TABLE = {"evidence_class": "compilation", "period_start": "2016-01", "period_end": "2016-01"}
BROKEN = {
    "C7": (
        [figure("TOT001", "WLD", "2016", point=50000, evidence_class="press")],
        "TOT001, use = 'fit'",
        "judged by C7",
    ),
    "C8": (
        [poland(1, **TABLE), poland(2, period_start="2016-06", period_end="2016-06")],
        "POL001, use = 'fit'",
        "by C8 beside",
    ),
    "C9": (PAY, "POL003, use = 'fit'", "POL001 and POL002"),
    "C13": (
        [poland(1, period_start="2016", period_end="2016", source="may-2016")],
        "period_start = '2016'",
        "of 2016-05",
    ),
    "C15": (
        [poland(1, asserted_by="Unnamed official")],
        "evidence_class = 'government'",
        "press by C15",
    ),
    "C16": (
        [poland(1, use="judge", reason="Twice the register (C16).")],
        "POL001, reason",
        "are all fitted",
    ),
    "C26": (
        [poland(1, 300), poland(2, 300, source="plain-2016")],
        "POL002, lineage = ''",
        "POL001 has the same number",
    ),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_rule_is_told_with_file_row_value_rule_and_what_to_do(tmp_path, rule):
    rows, cell, words = BROKEN[rule]
    (line,) = told(tmp_path, rows)
    assert "figures.csv, line " in line and cell in line and words in line and rule in line
    assert any(word in line for word in ("make it", "give that month", "link the later one"))


@pytest.mark.parametrize("rule", BROKEN)
@pytest.mark.parametrize("title", [None, "Another rule"])
def test_a_ledger_without_the_rule_is_not_held_to_it(tmp_path, rule, title):
    others = {name: words for name, words in RULES.items() if name != rule} | (
        {rule: title} if title else {}
    )
    others = {"C1": "Part"} if rule == "C16" and not title else others
    rows = [
        row | {"reason": row["reason"].replace(" (C16)", "")} if rule == "C16" else row
        for row in BROKEN[rule][0]
    ]
    assert told(tmp_path, rows, rules=others) == []


WAYS = {
    "a named source": [poland(1, asserted_by="Minister of Labour")],
    "unnamed, and press": [poland(1, asserted_by="Diplomatic source", evidence_class="press")],
    "an office named in the reason": [
        poland(
            1, asserted_by="Labour Ministry official", reason="An official of a named office (C15)."
        )
    ],
    "left out anyway": [
        poland(1, asserted_by="Unnamed official", use="exclude", reason="Said twice.")
    ],
    "a world total by name": [figure("TOT001", "WLD", "2016", point=50000)],
    "a compilation alone": [
        poland(1, **TABLE),
        poland(2, period_start="2017-02", period_end="2017-02"),
    ],
    "a compilation beside a part": [
        poland(1, **TABLE),
        poland(2, period_start="2016", period_end="2016", scope="site"),
    ],
    "a compilation that names the other": [
        poland(1, **TABLE, reason="Of another trade than POL002 (C8)."),
        poland(2, period_start="2016", period_end="2016"),
    ],
    "two of three": PAY[:2],
    "a third term held back": [*PAY[:2], PAY[2] | {"use": "context", "reason": "Follows (C9)."}],
    "a third term of another text": [*PAY[:2], PAY[2] | {"source": "plain-2016"}],
    "a third term that does not follow": [
        *PAY[:2],
        PAY[2] | {"reason": "Of others than POL001 and POL002 (C9)."},
    ],
    "the month of the text": [
        poland(1, period_start="2016-05", period_end="2016-05", source="may-2016")
    ],
    "a year before the text": [
        poland(1, period_start="2015", period_end="2015", source="may-2016")
    ],
    "a text without a month": [
        poland(1, period_start="2016", period_end="2016", source="plain-2016")
    ],
    "a text of a year": [
        poland(
            1,
            period_start="2016",
            period_end="2016",
            source="may-2016",
            reason="Of the year (C13).",
        )
    ],
    "a flow of a year": [
        poland(
            1, period_start="2016", period_end="2016", source="may-2016", quantity="permits_issued"
        )
    ],
    "denied": [poland(1, use="judge", reason="Denied the next day (C16).")],
    "other numbers": [poland(1, 300), poland(2, 301, source="plain-2016")],
    "equal, of one text": [poland(1, 300), poland(2, 300)],
    "equal, years apart": [
        poland(1, 300),
        poland(2, 300, source="plain-2016", period_start="2014", period_end="2014"),
    ],
    "equal, of one family": [
        poland(1, 300, lineage="family"),
        poland(2, 300, source="plain-2016", lineage="family"),
    ],
    "equal, and gone through": [
        poland(1, 300),
        poland(2, 300, source="plain-2016", reason="Other people than POL001 (C26)."),
    ],
}


@pytest.mark.parametrize("way", WAYS)
def test_what_keeps_the_rules_passes(tmp_path, way):
    assert told(tmp_path, WAYS[way]) == []


def test_equal_numbers_that_copies_csv_links_pass(tmp_path):
    rows = [poland(1, 300), poland(2, 300, source="plain-2016"), poland(3, 300, source="june-2016")]
    links = [("POL002", "POL001", "round_number", ""), ("POL003", "POL001", "round_number", "")]
    assert len(told(tmp_path / "a", rows)) == 3
    assert len(told(tmp_path / "b", rows, copies=links[:1])) == 2
    assert told(tmp_path / "c", rows, copies=links) == []  # two that repeat one are of one family


def test_citing_a_rule_without_naming_the_other_row_is_no_way_past(tmp_path):
    rows = [
        poland(1, **TABLE, reason="A cell of a table (C8)."),
        poland(2, period_start="2016", period_end="2016"),
    ]
    assert len(told(tmp_path / "a", rows)) == 1
    assert (
        len(
            told(
                tmp_path / "b",
                [*PAY[:2], PAY[2] | {"reason": "All layers (C9, C20)."}],
                rules=RULES | {"C20": "Shares"},
            )
        )
        == 1
    )


def test_a_count_in_a_report_is_a_register_and_a_zero_is_not(tmp_path):
    cells = {"evidence_class": "implementation_report", "bound": "exact"}
    assert "is a register by C15" in told(tmp_path / "a", [poland(1, 94, **cells)])[0]
    assert (
        told(
            tmp_path / "b", [poland(1, 0, **cells), poland(2, 50, **cells, quantity="repatriated")]
        )
        == []
    )
    assert told(tmp_path / "c", [poland(1, 94, **cells, reason="People still to go (C15).")]) == []


def test_every_stock_of_all_workers_in_china_or_russia_says_who_is_meant(tmp_path):
    rows = [
        figure("CHN001", "CHN", "2016", point=19000),
        figure("RUS001", period="2016", point=500, scope="site"),
        poland(1),
    ]
    (line,) = told(tmp_path / "a", rows, populations={"RUS001"})
    assert "CHN001" in line and "populations.csv" in line and "C27" in line
    assert told(tmp_path / "b", rows, populations={"CHN001"}) == []


def test_all_broken_rules_are_told_at_once_in_the_order_of_the_rows(tmp_path):
    rows = [
        poland(1, asserted_by="Unnamed official"),
        *[row | {"figure_id": f"POL01{k}"} for k, row in enumerate(PAY)],
    ]
    lines = told(tmp_path, rows)
    assert ["POL001" in lines[0], "POL012" in lines[1]] == [True, True] and len(lines) == 2


def test_the_projects_own_ledger_has_every_rule_that_is_checked():
    rules = ledger.read(ROOT / "data").rules.set_index("rule")["title"]
    assert {rule: rules[rule] for rule in rule_checks.NAMES} == rule_checks.NAMES


@pytest.mark.parametrize(
    ("cells", "aside"),
    [
        ({"quantity": "entries"}, False),
        ({"quantity": "entries_crew"}, False),
        ({"quantity": "workers_sent"}, False),
        ({"quantity": "permits_issued", "unit": "permits"}, False),
        ({"quantity": "repatriated", "period_start": "2016-03"}, False),
        ({"quantity": "stock_workers", "scope": "site"}, False),
        ({"quantity": "visas_issued"}, True),
        ({"quantity": "departures"}, True),
        ({"quantity": "entries_study"}, True),
        ({"quantity": "entries", "scope": "region"}, True),
        ({"quantity": "entries", "unit": "crossings"}, True),
        ({"quantity": "workers_sent", "unit": "persons/year"}, True),
        ({"quantity": "entries", "period_start": "2016-07"}, True),
        ({"quantity": "permits_issued", "period_start": "2016-03"}, True),
        ({"quantity": "entries", "period_start": "2021", "period_end": "2021"}, True),
        ({"quantity": "entries", "period_start": "2023", "period_end": "2023"}, False),
    ],
)
def test_the_present_model_leaves_aside_the_flows_that_it_cannot_read(tmp_path, cells, aside):
    row = figure(
        "POL001", "POL", "2016", point=300, **{"period_start": "2016", "period_end": "2016"} | cells
    )
    evidence = read(tmp_path, [row, poland(2)], rules={"C1": "Part"})
    settings = scenario.load("baseline", ROOT).settings
    assert observations.left_aside(evidence.figures.iloc[0]) is aside
    assert (
        "POL001" in set(observations.build(evidence, settings).figures["figure_id"])
    ) is not aside
    (line,) = [
        line
        for line in outlook.lines(evidence, scenario.load("baseline", ROOT))
        if "left aside" in line
    ] or [""]
    assert (
        "1 flows are marked fit and left aside by this model, which cannot read them: 1"
        f" {row['quantity'].replace('_', ' ')}" in line
    ) is aside


@pytest.mark.parametrize(
    ("low", "point", "high", "expected"),
    [("", "300", "", 300), ("200", "", "300", 244.948974), ("", "", "9", 9), ("0", "", "0", 0.0)],
)
def test_the_value_of_a_row(low, point, high, expected):
    assert rule_checks.value({"low": low, "point": point, "high": high}) == pytest.approx(
        expected, abs=1e-6
    )
