"""Copies: how many figures are worth how much, who copies whom, and what the rules alone would
find."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, SMALL, figure, write_ledger

from exportedlabour.evidence import ledger, lineage


@pytest.fixture
def small(small_ledger):
    return ledger.read(small_ledger)


def test_the_graph_leads_from_copy_to_origin(small):
    made = lineage.graph(small)
    assert set(made.edges) == {("CHN001", "RUS002"), ("TOT005", "RUS002")}
    assert made.edges["CHN001", "RUS002"] == {
        "basis": "round_number",
        "change": "Russia became China",
    }
    assert (
        made.nodes["RUS002"]["published"] == "2017-05-01"
        and made.nodes["RUS002"]["house"] == "hostile"
    )


def test_origins_are_the_ends_of_all_chains():
    made = nx.DiGraph([("d", "b"), ("d", "c"), ("b", "a"), ("c", "a"), ("e", "x")])
    assert lineage.origins(made, "d") == ["a"]
    assert lineage.origins(made, "a") == ["a"]
    assert lineage.origins(nx.DiGraph([("d", "b"), ("d", "c")]), "d") == ["b", "c"]
    assert lineage.origins(made, "alone") == ["alone"]


def test_effective_number_by_year_by_hand():
    rows = pd.DataFrame(
        [
            figure("RUS001", period="2017", lineage="", copy_probability=0.0),
            figure("RUS002", period="2017", lineage="a", copy_probability=0.0),
            figure("RUS003", period="2017", lineage="a", copy_probability=0.3),
            figure("RUS004", period="2017", lineage="b", copy_probability=0.7),
            figure("RUS005", period="2018", lineage="b", copy_probability=0.95),
        ]
    ).astype({"copy_probability": float})
    found = lineage.effective_by_year(rows).set_index("year")
    # 2017: one alone, a family that counts once at most, and 0.3 of a probable copy. 2018: a
    # twentieth of a figure.
    assert found.loc[2017, "n_effective"] == pytest.approx(1 + 1 + 0.3)
    assert found.loc[2018, "n_effective"] == pytest.approx(0.05)
    assert list(found["n_figures"]) == [4, 1]


def later(key, published):
    return (
        f"@misc{{{key},\n  author = {{A}},\n  title = {{T}},\n  year = {{{published[:4]}}},\n  note"
        f" = {{Published {published}}}\n}}\n"
    )


def test_rules_find_equal_figures_and_tell_rare_from_round(tmp_path):
    rows = [
        *SMALL,
        figure("RUS020", point=11490, period="2018-12"),
        figure("RUS021", point=11490, period="2018-12", source="b-2019"),  # rare, later: 0.7
        figure("RUS022", point=11490, period="2012", source="b-2019"),  # another time
        figure(
            "RUS023",
            point=11490,
            period="2018-12",
            source="b-2019",
            unit="permits",
            quantity="work_permits",
        ),  # another thing
        figure("POL020", "POL", point=500, period="2016"),
        figure("POL021", "POL", point=500, period="2017", source="b-2019"),  # round, later: 0.3
    ]
    folder = write_ledger(tmp_path, rows)
    with (folder / "sources.bib").open("a", encoding="utf-8") as file:
        file.write(later("b-2019", "2019-01"))
    found = lineage.candidates(ledger.read(folder)).set_index("figure_id")
    assert set(found.index) == {"RUS021", "POL021"}
    assert tuple(found.loc["RUS021", ["of", "basis", "probability"]]) == (
        "RUS020",
        "rare_number",
        0.7,
    )
    assert tuple(found.loc["POL021", ["of", "basis", "probability"]]) == (
        "POL020",
        "round_number",
        0.3,
    )
    assert not found["coded"].any()


def test_a_range_of_two_round_ends_is_a_round_number():
    ranges = [
        (50000, np.nan, 60000),
        (np.nan, 30023, np.nan),
        (4000, np.nan, np.nan),
        (np.nan, np.nan, np.nan),
    ]
    rows = pd.DataFrame(ranges, columns=["low", "point", "high"])
    assert [lineage.shown_digits(row) for row in rows.itertuples()] == [1, 5, 1, 0]


def test_a_pair_is_settled_once_it_is_linked_or_somebody_says_why_it_is_not(tmp_path):
    rows = [
        *SMALL,
        figure("POL020", "POL", point=500, period="2016"),
        figure("POL021", "POL", point=500, period="2017", source="b-2019"),
        figure("POL030", "POL", point=700, period="2016"),
        figure(
            "POL031",
            "POL",
            point=700,
            period="2017",
            source="b-2019",
            reason="Other people than POL030.",
        ),
    ]
    folder = write_ledger(tmp_path, rows)
    with (folder / "sources.bib").open("a", encoding="utf-8") as file:
        file.write(later("b-2019", "2019-01"))
    found = lineage.candidates(ledger.read(folder)).set_index("figure_id")
    assert found["settled"].to_dict() == {"POL021": False, "POL031": True}


def test_nobody_has_to_go_through_a_pair_of_the_project_s_ledger():
    found = lineage.candidates(ledger.read(ROOT / "data"))
    assert len(found) > 50 and found["settled"].all()


def test_a_ledger_without_equal_figures_has_no_candidates(small):
    found = lineage.candidates(small)
    assert found[~found["coded"]].empty and "figure_id" in found[~found["coded"]]


@pytest.mark.parametrize(
    ("value", "digits"), [(30023, 5), (50000, 1), (45, 2), (1221, 4), (2.3e9, 2), (0.35, 2), (7, 1)]
)
def test_significant_digits(value, digits):
    assert lineage.significant_digits(value) == digits


def test_kappa_of_a_known_table():
    # The usual textbook table: 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no: agreement 0.7, chance
    # 0.5, kappa 0.4.
    first = pd.Series(["yes"] * 25 + ["no"] * 25)
    second = pd.Series(["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15)
    assert lineage.agreement(first, second) == pytest.approx((0.7, 0.4))
    assert lineage.agreement(first, first) == pytest.approx((1.0, 1.0))
    agreed, kappa = lineage.agreement(pd.Series(["a", "a"]), pd.Series(["a", "a"]))
    assert agreed == 1.0 and np.isnan(kappa)
