"""The ledger's rules: the real one keeps them, and each broken one is told with row, column, value and rule."""

import csv

import pytest
from conftest import ROOT, SMALL, figure, write_ledger

from exportedlabour import ledger
from exportedlabour.project import InputError

GATHERED = {"UNO": 114, "RUS": 163, "CHN": 166, "GEU": 232, "AFA": 126, "TOT": 246}  # rows of the gathered evidence, by topic


@pytest.fixture(scope="module")
def real():
    return ledger.read(ROOT / "data")


def test_no_gathered_figure_is_lost(real):
    topics = real.figures["figure_id"].str[:3].value_counts()
    assert {topic: int(topics[topic]) for topic in GATHERED} == GATHERED
    assert sum(GATHERED.values()) == 1047
    for topic, count in GATHERED.items():
        ids = set(real.figures["figure_id"])
        assert all(f"{topic}{number:03d}" in ids for number in range(1, count + 1))


def test_recalled_figures_are_never_fitted(real):
    recalled = real.figures[real.figures["seen"] == "recalled"]
    assert len(recalled) == 15
    assert not recalled["use"].isin(["fit", "judge"]).any()


def test_founding_claims_are_judged(real):
    founding = real.figures[real.figures["figure_id"].str.match(r"TOT00[1-8]$")]
    assert len(founding) == 8 and (founding["use"] == "judge").all()


def test_every_same_statement_points_to_a_row_that_is_kept(real):
    by_id = real.figures.set_index("figure_id")
    twins = by_id.loc[by_id["reason"].str.match(r"Same statement as [A-Z]{3}\d{3}"), "reason"].str.extract(r"as ([A-Z]{3}\d{3})")[0]
    assert len(twins) > 50
    assert twins.isin(by_id.index).all()
    assert (by_id.loc[twins, "use"] != "exclude").all()


def test_every_source_has_an_entry_and_every_entry_a_figure(real):
    assert set(real.figures["source"]) == set(real.sources.entries)


@pytest.mark.parametrize(
    ("code", "start", "end"), [("2017", 2017.0, 2018.0), ("2017-12", 2017 + 11 / 12, 2018.0), ("2017-07-01", 2017.5, 2017.5 + 1 / 360)]
)
def test_year_fraction(code, start, end):
    assert ledger.year_fraction(code) == pytest.approx(start)
    assert ledger.year_fraction(code, end=True) == pytest.approx(end)


def change(**cells):
    rows = [dict(row) for row in SMALL]
    rows[1] |= cells
    return rows


BROKEN = {
    "unknown host": (change(hosts="RUS+XXX"), "hosts = 'RUS+XXX'", "codes of data/hosts.csv"),
    "no source": (change(source=""), "source = ''", "every figure needs a source"),
    "unknown source": (change(source="nobody-1999"), "source = 'nobody-1999'", "sources.bib"),
    "duplicate id": (change(figure_id="RUS001"), "figure_id = 'RUS001'", "unique"),
    "bad id": (change(figure_id="Russia 2"), "figure_id = 'Russia 2'", "three capitals"),
    "low above high": (change(point="", low="30", high="20", bound="range"), "high = '20'", "not be below low"),
    "point outside": (change(point="99", low="10", high="20"), "point = '99'", "between low"),
    "share above one": (change(quantity="state_share", unit="fraction", point="1.2"), "point = '1.2'", "above 1"),
    "not a number": (change(point="many"), "point = 'many'", "number"),
    "negative": (change(point="-5"), "point = '-5'", "zero or more"),
    "period backwards": (change(period_start="2018", period_end="2017"), "period_end = '2017'", "before period_start"),
    "bad period": (change(period_start="Spring 2017"), "period_start = 'Spring 2017'", "YYYY"),
    "unknown class": (change(evidence_class="rumour"), "evidence_class = 'rumour'", "one of register"),
    "unknown use": (change(use="maybe"), "use = 'maybe'", "one of fit, judge"),
    "recalled in a fit": (change(seen="recalled"), "use = 'fit'", "recalled"),
    "no reason": (change(use="context"), "reason = ''", "reason"),
    "copy of nothing": (change(copy_probability="0.7"), "lineage = ''", "lineage"),
    "unknown lineage": (change(lineage="nowhere"), "lineage = 'nowhere'", "must be one of"),
    "unknown asserter": (change(asserted_by="Nobody"), "asserted_by = 'Nobody'", "must be one of"),
    "empty range": (change(point="", low="10", bound="range"), "bound = 'range'", "both low and high"),
    "nothing stated": (change(point=""), "point = ''", "at least one"),
    "host without path": (change(hosts="SAU"), "hosts = 'SAU'", "trajectory"),
    "part with a ceiling": (change(scope="site", bound="at_most"), "use = 'fit'", "part of a country"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_row_is_told_with_line_id_column_value_and_rule(tmp_path, name):
    rows, cell, rule = BROKEN[name]
    folder = write_ledger(tmp_path / "data", rows)
    with pytest.raises(InputError) as error:
        ledger.read(folder)
    message = next(line for line in str(error.value).splitlines() if cell in line)
    assert rule in message
    assert "line 3" in message and "figures.csv" in message


def test_all_problems_are_told_at_once(tmp_path):
    rows = [figure("RUS001", point=-1), figure("RUS002", point=2, hosts="XXX"), figure("RUS003", point=3, source="")]
    with pytest.raises(InputError) as error:
        ledger.read(write_ledger(tmp_path, rows))
    assert [f"RUS00{k}" in line for k, line in enumerate(str(error.value).splitlines(), 1)] == [True, True, True]


def test_broken_csv_is_told_with_its_line(small_ledger):
    path = small_ledger / "figures.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[3] += ",one cell too many"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError, match=r"figures\.csv, line 4: 23 cells where the header has 22"):
        ledger.read(small_ledger)


def test_wrong_header_missing_file_and_broken_bibtex(small_ledger):
    (small_ledger / "sources.bib").write_text("@misc{some-2017,\n  title = {Some\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"sources\.bib, line \d+: not valid BibTeX"):
        ledger.read(small_ledger)
    (small_ledger / "hosts.csv").write_text("code,name\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"hosts\.csv, line 1: the columns are code, name"):
        ledger.read(small_ledger)
    (small_ledger / "hosts.csv").unlink()
    with pytest.raises(InputError, match=r"hosts\.csv: the file is missing"):
        ledger.read(small_ledger)


def test_cells_with_commas_and_quotes_survive(tmp_path):
    row = figure("RUS001", point=5, note='He said "about five", then left')
    folder = write_ledger(tmp_path, [row])
    assert ledger.read(folder).figures.loc[0, "note"] == row["note"]
    with (folder / "figures.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.DictReader(file))["note"] == row["note"]
