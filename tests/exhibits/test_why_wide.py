"""Why an interval is as wide as it is, in words."""

import pandas as pd
import pytest
from conftest import figure

from exportedlabour.exhibits import why_wide


def rows(*figures):
    table = pd.DataFrame(figures)
    for name in ("low", "point", "high", "copy_probability"):
        table[name] = pd.to_numeric(table[name].replace("", None)).astype(float)
    return table.fillna({"copy_probability": 0.0})


def test_a_year_without_a_count_says_so():
    year = pd.Series({"lo80": 1, "hi80": 9})
    assert (
        why_wide.why(year, None)
        == "no head count of its own was fitted; other years and hosts decide"
    )
    assert (
        why_wide.why(year, None, world=True)
        == "no world total was fitted; the estimate is the sum over hosts"
    )


def test_figures_are_told_as_stated_in_the_order_of_their_dates():
    two = rows(
        figure("RUS002", high=20000, bound="at_most", period="2019-09"),
        figure("RUS001", point=10000, bound="exact", evidence_class="register", period="2019-03"),
    )
    told = why_wide.why(pd.Series(dtype=float), two)
    assert (
        told
        == "2.0 independent of 2; a register among them: 10,000 (2019-03), up to 20,000 (2019-09)"
    )
    part = rows(figure("RUS003", low=500, bound="at_least", scope="region", quantity="entries"))
    assert (
        why_wide.why(pd.Series(dtype=float), part)
        == "1.0 independent of 1; no register of the whole country: at least 500 entries (2017, a"
        " part)"
    )


def test_an_estimate_beside_all_its_counts_says_so():
    two = rows(
        figure("RUS001", point=8000, period="2019-04"),
        figure("RUS002", high=10000, bound="at_most", period="2019-09"),
    )
    assert "all 2 counts of the whole country lie below the estimate" in why_wide.why(
        pd.Series({"median": 13000.0}), two
    )
    assert "all 2 counts of the whole country lie above the estimate" in why_wide.why(
        pd.Series({"median": 7000.0}), two
    )
    assert "counts of the whole country" not in why_wide.why(pd.Series({"median": 9000.0}), two)
    part = rows(figure("RUS001", point=8000), figure("RUS002", point=9000, scope="region"))
    assert "counts of the whole country" not in why_wide.why(pd.Series({"median": 13000.0}), part)


def test_the_world_has_totals_and_is_no_country():
    two = rows(
        figure("TOT001", "WLD", point=80000, period="2019-04"),
        figure("TOT002", "WLD", point=90000, period="2019-09"),
    )
    told = why_wide.why(pd.Series({"median": 130000.0}), two, world=True)
    assert (
        "all 2 totals lie below the estimate" in told
        and "no register among them" in told
        and "country" not in told
    )


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (
            (12, 3, 1),
            (
                "The ledger has 12 figures that name Angola, 3 of them probable copies; 1 head"
                " count of its own is fitted."
            ),
        ),
        (
            (2, 1, 4),
            (
                "The ledger has 2 figures that name Angola, 1 of them a probable copy; 4 head"
                " counts of its own are fitted."
            ),
        ),
        (
            (2, 0, 0),
            (
                "The ledger has 2 figures that name Angola, none of them a probable copy; no head"
                " counts of its own are fitted."
            ),
        ),
        (
            (1, 0, 1),
            (
                "The ledger has 1 figure that names Angola, not a copy as far as is known; 1 head"
                " count of its own is fitted."
            ),
        ),
        (
            (1, 1, 0),
            (
                "The ledger has 1 figure that names Angola, a probable copy; no head counts of its"
                " own are fitted."
            ),
        ),
    ],
)
def test_one_and_many(counts, expected):
    assert why_wide.evidence("Angola", *counts) == expected


def test_of_many_figures_the_first_are_told():
    many = rows(*(figure(f"RUS{i:03}", point=1000 + i, period=f"2019-0{i}") for i in range(1, 8)))
    assert why_wide.why(pd.Series(dtype=float), many).endswith("about 1,004 (2019-04), 3 more")


def test_figures_belong_to_the_year_of_their_middle_and_only_fitted_ones_count():
    found = why_wide.fitted_by_year(
        rows(
            figure("A1", period="2019"),
            figure("A2", period="2019-12-31"),
            figure("A3", period="2018", use="context"),
        )
    )
    assert {year: list(table["figure_id"]) for year, table in found.items()} == {2019: ["A1", "A2"]}


@pytest.mark.parametrize(
    ("low", "said"),
    [
        (
            5.0,
            (
                "narrowest for 2018, where its ends are a factor of 2.0 apart, and widest for 2019,"
                " where it spans a factor of 8.0"
            ),
        ),
        (0.0, "widest for 2019, where it begins at none"),
    ],
)
def test_the_narrowest_and_the_widest_year(low, said):
    stock = pd.DataFrame(
        {"year": [2018, 2019], "lo80": [10.0, low], "hi80": [20.0, 40.0], "n_effective": [1.0, 0.0]}
    )
    assert said in why_wide.sentence(stock) and why_wide.sentence(stock).startswith(
        "For 1 of 2 years"
    )


def test_a_host_that_nobody_counted_has_no_narrowest_year():
    stock = pd.DataFrame(
        {"year": [2018, 2019], "lo80": [0.0, 0.0], "hi80": [20.0, 40.0], "n_effective": [0.0, 0.0]}
    )
    assert (
        why_wide.sentence(stock)
        == "For 2 of 2 years there is no head count that the model could fit."
    )
