"""How far independent head counts of one place are apart, by hand."""

import pytest
from conftest import figure, write_ledger

from exportedlabour.evidence import disagreement, ledger


def of(folder, rows):
    read = ledger.read(write_ledger(folder, rows))
    return disagreement.of(read.figures[read.figures["hosts"] == "RUS"], 0.5)


def test_the_year_is_told_in_which_counts_are_furthest_apart(tmp_path):
    rows = [
        figure("RUS001", point=20000, period="2013"),
        figure("RUS002", point=50000, period="2013"),
        figure("RUS003", low=10000, high=30000, bound="range", period="2017"),
        figure("RUS004", point=80000, period="2017"),
        figure("RUS005", point=9000, period="2020"),
    ]
    found = of(tmp_path, rows)
    assert (found.years, found.year) == (2, 2017)
    assert (found.low["figure_id"], found.high["figure_id"]) == ("RUS003", "RUS004")
    assert found.apart == pytest.approx(80000 / 20000)


def test_copies_parts_context_and_zeros_are_no_second_count(tmp_path):
    beside = [
        figure("RUS002", point=90000, lineage="family", copy_probability="0.95"),
        figure("RUS003", point=300, scope="region"),
        figure("RUS004", point=70000, use="context", reason="Rounded."),
        figure("RUS005", point=0, bound="exact"),
        figure("RUS006", point=60000, quantity="work_permits"),
    ]
    first = figure("RUS001", point=20000)
    assert of(tmp_path / "one", [first, *beside]) is None
    other = figure("RUS007", point=25000)
    assert of(tmp_path / "two", [first, *beside, other]).apart == pytest.approx(1.25)
