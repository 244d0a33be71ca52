"""The ledger's rules: the real one keeps them, and each broken one is told with row, column, value
and rule."""

import csv
import shutil

import pytest
from conftest import ROOT, SMALL, edit, figure, write_ledger
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exportedlabour.evidence import ledger, lineage, schema
from exportedlabour.project import InputError

GATHERED = {
    "UNO": 114,
    "RUS": 163,
    "CHN": 166,
    "GEU": 232,
    "AFA": 126,
    "TOT": 246,
}  # rows of the gathered evidence, by topic


@pytest.fixture(scope="module")
def real():
    return ledger.read(ROOT / "data")


def test_no_gathered_figure_is_lost(real):
    assert sum(GATHERED.values()) == 1047
    ids = set(real.figures["figure_id"])
    for topic, count in GATHERED.items():
        assert all(f"{topic}{number:03d}" in ids for number in range(1, count + 1))


def test_recalled_figures_are_never_fitted(real):
    recalled = real.figures[real.figures["seen"] == "recalled"]
    assert (
        0 < len(recalled) <= 15
    )  # fifteen were remembered when gathered; texts of some were found since
    assert not recalled["use"].isin(["fit", "judge"]).any()


def test_founding_claims_are_judged(real):
    founding = real.figures[real.figures["figure_id"].str.match(r"TOT00[1-8]$")]
    assert len(founding) == 8 and (founding["use"] == "judge").all()


def test_every_same_statement_points_to_a_row_that_is_kept(real):
    by_id = real.figures.set_index("figure_id")
    twins = by_id.loc[
        by_id["reason"].str.match(r"Same statement as [A-Z]{3}\d{3}"), "reason"
    ].str.extract(r"as ([A-Z]{3}\d{3})")[0]
    assert len(twins) > 50
    assert twins.isin(by_id.index).all()
    assert (by_id.loc[twins, "use"] != "exclude").all()


def test_every_source_has_an_entry_and_every_entry_a_figure(real):
    assert set(real.figures["source"]) == set(real.sources.entries)


def test_every_decision_cites_a_rule(real):
    """What is left out or judged, and why, is settled by a rule that stands in rules.csv; founding
    claims are judged as such."""
    decided = real.figures[
        real.figures["use"].isin(["exclude", "judge"])
        & ~real.figures["figure_id"].str.match(r"TOT00[1-8]$")
    ]
    assert decided["reason"].map(lambda reason: bool(schema.RULE.search(reason))).all()


def test_enough_hosts_each_with_what_the_model_gives_it(real):
    countries = real.hosts[real.hosts["treatment"] != "group"]
    assert len(countries) >= 60 and {"trajectory", "predictive", "zero"} <= set(
        countries["treatment"]
    )
    assert (countries[["named_by", "presence", "first_named"]] != "").all().all()
    fitted = real.figures[
        (real.figures["use"] == "fit") & real.figures["quantity"].isin(ledger.HEAD_COUNTS)
    ]
    with_path = set(countries.loc[countries["treatment"] == "trajectory", "iso3"])
    assert all(set(real.members(code)) & with_path for code in fitted["hosts"])


def test_the_five_cascades_run_from_origin_to_repeat(real):
    made = lineage.graph(real)
    assert set(real.cascades["cascade"]) == {
        "2.3-billion",
        "45-countries",
        "10-20-per-cent",
        "100-200-thousand",
        "russia-50-thousand",
    }
    for row in real.cascades.itertuples():
        members = row.figures.split("+")
        founding = [m for m in members if m.startswith("TOT00")]
        assert founding and len(members) >= 8
        position = {m: k for k, m in enumerate(members)}
        inside = [(a, b) for a, b in made.edges if a in position and b in position]
        assert (
            sum(position[a] > position[b] for a, b in inside) >= 0.9 * len(inside) > 0
        )  # a few undated members stand by guess
        assert any(made.edges[edge]["change"] for edge in inside)


def test_most_of_the_fitted_figures_were_read_again(real):
    again = real.checks[real.checks["result"].isin(["confirmed", "corrected", "contradicted"])]
    fitted = real.figures[real.figures["use"] == "fit"]
    assert fitted["figure_id"].isin(again["figure_id"]).sum() >= 150
    assert (again["where"] != "").all()


@pytest.mark.parametrize(
    ("code", "start", "end"),
    [
        ("2017", 2017.0, 2018.0),
        ("2017-12", 2017 + 11 / 12, 2018.0),
        ("2017-07-01", 2017.5, 2017.5 + 1 / 360),
    ],
)
def test_year_fraction(code, start, end):
    assert ledger.year_fraction(code) == pytest.approx(start)
    assert ledger.year_fraction(code, end=True) == pytest.approx(end)


def change(**cells):
    rows = [dict(row) for row in SMALL]
    rows[1] |= cells
    return rows


BROKEN = {
    "unknown host": (change(hosts="RUS+XXX"), "hosts = 'RUS+XXX'", "codes of hosts.csv"),
    "no source": (change(source=""), "source = ''", "every figure needs a source"),
    "unknown source": (change(source="nobody-1999"), "source = 'nobody-1999'", "sources.bib"),
    "duplicate id": (change(figure_id="RUS001"), "figure_id = 'RUS001'", "unique"),
    "bad id": (change(figure_id="Russia 2"), "figure_id = 'Russia 2'", "three capitals"),
    "low above high": (
        change(point="", low="30", high="20", bound="range"),
        "high = '20'",
        "not be below low",
    ),
    "point outside": (change(point="99", low="10", high="20"), "point = '99'", "between low"),
    "share above one": (
        change(quantity="state_share", unit="fraction", point="1.2"),
        "point = '1.2'",
        "above 1",
    ),
    "not a number": (change(point="many"), "point = 'many'", "number"),
    "negative": (change(point="-5"), "point = '-5'", "zero or more"),
    "period backwards": (
        change(period_start="2018", period_end="2017"),
        "period_end = '2017'",
        "before period_start",
    ),
    "bad period": (change(period_start="Spring 2017"), "period_start = 'Spring 2017'", "YYYY"),
    "unknown class": (
        change(evidence_class="rumour"),
        "evidence_class = 'rumour'",
        "one of register",
    ),
    "unknown use": (change(use="maybe"), "use = 'maybe'", "one of fit, judge"),
    "recalled in a fit": (change(seen="recalled"), "use = 'fit'", "recalled"),
    "no reason": (change(use="context", reason=""), "reason = ''", "reason"),
    "copy of nothing": (change(copy_probability="0.7", lineage=""), "lineage = ''", "lineage"),
    "unknown lineage": (change(lineage="nowhere"), "lineage = 'nowhere'", "must be one of"),
    "unknown asserter": (change(asserted_by="Nobody"), "asserted_by = 'Nobody'", "must be one of"),
    "at least without low": (
        change(bound="at_least"),
        "low = ''",
        "at least has its number in low",
    ),
    "at most with a point": (
        change(bound="at_most"),
        "high = ''",
        "at most has its number in high",
    ),
    "empty range": (
        change(point="", low="10", bound="range"),
        "bound = 'range'",
        "both low and high",
    ),
    "nothing stated": (change(point=""), "point = ''", "at least one"),
    "host without path": (change(hosts="SAU"), "hosts = 'SAU'", "trajectory"),
    "formula": (change(note="=HYPERLINK(0)"), "note = '=HYPERLINK(0)'", "formula"),
    "formula after a tab": (change(note="\t1+1"), r"note = '\t1+1'", "formula"),
    "unknown rule": (
        change(reason="A part (C99)."),
        "reason = 'A part (C99).'",
        "C99, which rules.csv has not",
    ),
    "head count in dollars": (change(unit="USD/month"), "unit = 'USD/month'", "persons"),
    "pay in no currency": (
        change(quantity="wage_gross", unit="persons"),
        "unit = 'persons'",
        "currency",
    ),
    "a rate that is no flow": (
        change(unit="persons/year"),
        "unit = 'persons/year'",
        "a fitted head count is in persons",
    ),
    "a flow in dollars": (
        change(quantity="departures", unit="USD/month"),
        "unit = 'USD/month'",
        "a fitted flow is in persons",
    ),
    "a flow of a host without path": (
        change(quantity="entries_study", hosts="SAU"),
        "hosts = 'SAU'",
        "trajectory",
    ),
    "part with a ceiling": (
        change(scope="site", bound="at_most", point="", high="9"),
        "use = 'fit'",
        "part of a country",
    ),
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


def test_a_probable_copy_says_what_it_repeats(tmp_path):
    rows = [dict(row) for row in SMALL]
    rows[2] |= {"lineage": "family", "copy_probability": "0.7"}
    with pytest.raises(
        InputError,
        match="RUS003, copy_probability = '0.7': a probable copy needs a line in copies.csv",
    ):
        ledger.read(write_ledger(tmp_path, rows))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "TOT005,RUS002,inferred,",
            "RUS002,TOT005,inferred,\nTOT005,RUS002,inferred,",
            "cannot repeat itself",
        ),
        (
            "CHN001,RUS002,round_number",
            "CHN001,RUS002,cited",
            "copy_probability of 0.3; the basis stands for 0.95",
        ),
        (
            "TOT005,RUS002,inferred,",
            "TOT005,RUS999,inferred,",
            "must be a figure id of figures.csv",
        ),
        (
            "TOT005,RUS002,inferred,",
            "TOT005,RUS002,guessed,",
            "must be one of same_statement, cited",
        ),
    ],
)
def test_links_between_copies_are_checked(small_ledger, old, new, expected):
    edit(small_ledger / "copies.csv", old, new)
    with pytest.raises(InputError, match=r"copies\.csv, line \d") as error:
        ledger.read(small_ledger)
    assert expected in str(error.value)


def test_a_ledger_may_lack_the_optional_tables(small_ledger):
    for name, table in schema.TABLES.items():
        if table.optional:
            (small_ledger / f"{name}.csv").unlink(missing_ok=True)
    read = ledger.read(small_ledger)
    assert len(read.figures) == len(SMALL) and read.copies.empty and read.rules.empty


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_a_half_typed_row_never_gets_through(small_ledger, data):
    """A row that is right, cut off at any character, or with any needed cell still empty, is
    refused."""
    path = small_ledger / "figures.csv"
    whole = path.read_text(encoding="utf-8").splitlines()[:4]
    line = whole[1].replace(",fit,,", ",fit,")  # RUS001, with nothing after use
    needed = [k for k, name in enumerate(ledger.COLUMNS) if schema.FIGURES[name].required]
    if data.draw(st.booleans()):
        cells = whole[1].split(",")
        cells[data.draw(st.sampled_from(needed))] = ""
        typed = ",".join(cells)
    else:
        typed = whole[1][: data.draw(st.integers(1, line.rindex("fit") - 1))]
    kept = path.read_text(encoding="utf-8")
    path.write_text("\n".join([whole[0], *whole[2:], typed]) + "\n", encoding="utf-8")
    try:
        with pytest.raises(InputError, match=r"figures\.csv, line 4"):
            ledger.read(small_ledger)
    finally:
        path.write_text(kept, encoding="utf-8")


def test_all_problems_are_told_at_once(tmp_path):
    rows = [
        figure("RUS001", point=-1),
        figure("RUS002", point=2, hosts="XXX"),
        figure("RUS003", point=3, source=""),
    ]
    with pytest.raises(InputError) as error:
        ledger.read(write_ledger(tmp_path, rows))
    assert [f"RUS00{k}" in line for k, line in enumerate(str(error.value).splitlines(), 1)] == [
        True,
        True,
        True,
    ]


def test_broken_csv_is_told_with_its_line(small_ledger):
    path = small_ledger / "figures.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[3] += ",one cell too many"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError, match=r"figures\.csv, line 4: 23 cells where the header has 22"):
        ledger.read(small_ledger)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "title = {{Some",
            "title = {{70% of Some",
            r"sources\.bib, some-2017, title = .*a per cent sign is written with a backslash",
        ),
        (
            "https://example.org/a?b=c&d=e",
            "javascript:alert(1)",
            r"sources\.bib, some-2017, url = 'javascript:alert\(1\)'",
        ),
        (
            "@misc{some-2017",
            "@misc{some-2017, title={x}}\n@misc{some-2017",
            r"sources\.bib: repeated bibliography entry: some-2017",
        ),
    ],
)
def test_what_is_wrong_with_a_source_is_told(small_ledger, old, new, expected):
    edit(small_ledger / "sources.bib", old, new)
    with pytest.raises(InputError, match=expected):
        ledger.read(small_ledger)


def test_wrong_header_missing_file_and_broken_bibtex(small_ledger):
    (small_ledger / "sources.bib").write_text(
        "@misc{some-2017,\n  title = {Some\n", encoding="utf-8"
    )
    with pytest.raises(InputError, match=r"sources\.bib, line \d+: not valid BibTeX"):
        ledger.read(small_ledger)
    (small_ledger / "hosts.csv").write_text("code,name\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"hosts\.csv, line 1: the columns are code, name"):
        ledger.read(small_ledger)
    (small_ledger / "hosts.csv").unlink()
    with pytest.raises(InputError, match=r"hosts\.csv: the file is missing"):
        ledger.read(small_ledger)


def test_cells_with_commas_and_quotes_survive(tmp_path):
    row = figure("RUS002", point=5, note='He said "about five", then left')
    folder = write_ledger(tmp_path, [row])
    assert ledger.read(folder).figures.loc[0, "note"] == row["note"]
    with (folder / "figures.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.DictReader(file))["note"] == row["note"]


def test_a_ledger_known_already_is_lent_as_copies_and_read_again_when_it_changed(
    tmp_path, monkeypatch
):
    folder = tmp_path / "ledger"
    shutil.copytree(ROOT / "data", folder)
    first = ledger.read(folder)
    first.figures.loc[0, "asserted_by"] = "somebody"
    first.figures["new"] = 1
    monkeypatch.setattr(ledger, "_problems", lambda *given: pytest.fail("checked again"))
    again = ledger.read(ROOT / "data")  # the same files elsewhere
    assert (
        again.folder == ROOT / "data"
        and "new" not in again.figures
        and again.figures.loc[0, "asserted_by"] != "somebody"
    )
    monkeypatch.undo()
    text = (folder / "houses.csv").read_text(encoding="utf-8")
    (folder / "houses.csv").write_text(text.replace("\n", "\nnot,enough\n", 1), encoding="utf-8")
    with pytest.raises(InputError, match="houses.csv, line 2"):
        ledger.read(folder)


def test_a_ledger_that_was_checked_is_not_checked_again_by_another_process(tmp_path, monkeypatch):
    folder, known = write_ledger(tmp_path, [figure("RUS002", point=5)]), tmp_path / "right.txt"
    nowhere = tmp_path / "build" / "right.txt"
    ledger.read(folder, nowhere)
    assert not nowhere.parent.exists()
    monkeypatch.setattr(ledger, "_known", {})
    read = {name: ledger.read(folder, known).figures for name in ("checked", "once more")}
    assert len(known.read_text(encoding="utf-8").split()) == 1
    monkeypatch.setattr(ledger, "_known", {})  # as a new process
    with monkeypatch.context() as patch:
        patch.setattr(ledger, "_problems", lambda *given: pytest.fail("checked again"))
        read["known again"] = ledger.read(folder, known).figures
    assert all(figures.equals(read["checked"]) for figures in read.values())

    edit(folder / "figures.csv", "RUS002,", "RUS 2,")
    for _ in range(2):  # what is wrong is told every time
        with pytest.raises(InputError, match="figures.csv, line 2"):
            ledger.read(folder, known)
    edit(folder / "figures.csv", "RUS 2,", "RUS002,")
    monkeypatch.setattr(ledger, "_known", {})
    monkeypatch.setattr(ledger, "version", lambda name: "another")
    with (
        monkeypatch.context() as patch,
        pytest.raises(AssertionError, match="checked"),
    ):  # by other programs
        patch.setattr(
            ledger, "_problems", lambda *given: (_ for _ in ()).throw(AssertionError("checked"))
        )
        ledger.read(folder, known)
