"""Claims: verdicts at their borders, readings of bounds, and the whole court on draws that are known."""

import numpy as np
import pandas as pd
import pytest
from conftest import figure, write_ledger

from exportedlabour import judge, ledger, tables
from exportedlabour.rates import Rates

DRAWS = np.arange(1.0, 1001.0)  # percentiles are known: 0.1 % a draw


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (400, 600, "consistent"),  # holds the median
        (850, 850, "consistent"),
        (950, 950, "high"),
        (995, 995, "not credible"),
        (850, 5000, "consistent"),  # its nearest end counts
        (50, 50, "low"),
        (5, 5, "not credible"),
        (300, np.inf, "consistent"),  # at least 300, and it is more
        (995, np.inf, "not credible"),
    ],
)
def test_verdicts(low, high, expected):
    assert judge.verdict(low, high, DRAWS) == expected
    assert expected in judge.VERDICTS


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"low": 100000, "high": 200000, "bound": "range"}, (100000, 200000)),
        ({"point": 50000}, (45000, 55000)),
        ({"high": 2.3e9, "bound": "at_most"}, (2.3e9, 2.3e9)),
        ({"low": 50000, "bound": "at_least"}, (50000, np.inf)),
        ({"point": 58000, "bound": "exact"}, (58000, 58000)),
    ],
)
def test_span_of_a_claim(cells, expected):
    row = pd.Series({"low": np.nan, "point": np.nan, "high": np.nan, "bound": "about"} | cells)
    assert judge.span(row) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"high": 2.3e9, "bound": "at_most", "unit": "USD/year"}, "up to 2.3 billion dollars"),
        ({"low": 100000, "high": 200000, "bound": "range", "unit": "persons"}, "100,000 to 200,000"),
        ({"point": 45, "unit": "countries"}, "about 45"),
        ({"low": 0.1, "high": 0.2, "bound": "range", "unit": "fraction"}, "10 to 20 %"),
        ({"point": 2012, "bound": "exact", "unit": "year"}, "2012"),
        ({"low": 1e6, "bound": "at_least", "unit": "persons"}, "at least 1,000,000"),
    ],
)
def test_a_claim_is_shown_as_it_was_made(cells, expected):
    assert tables.number_of(pd.Series({"low": np.nan, "point": np.nan, "high": np.nan, "bound": "about"} | cells)) == expected


@pytest.fixture
def court(small_ledger):
    read = ledger.read(small_ledger)
    codes, years = ("RUS", "CHN"), np.array([2015, 2016, 2017, 2018])
    rng = np.random.default_rng(3)
    workers = np.stack([rng.normal(30_000, 1_000, (500, 4)), rng.normal(40_000, 1_000, (500, 4))], axis=1)
    workers[:, :, 3] *= 2  # 2018 is higher, but later than most claims
    each = {
        name: np.full((500, 2, 4), value) for name, value in (("gross", 4000.0), ("withheld", 3200.0), ("state", 2000.0), ("net", 800.0))
    }
    return read, judge.Court(read, workers, codes, years, each, (10, 100))


def sentence(court, figure_id):
    read, judged_by = court
    row = read.figures.set_index("figure_id", drop=False).loc[figure_id]
    return judge.try_claim(row, judged_by.readings(row)).set_index("reading")


def test_world_total_russian_total_and_money(court):
    world = sentence(court, "TOT002")
    assert world.loc["plausible", "median"] == pytest.approx(70_000, rel=0.01)
    assert world.loc["plausible", "verdict"] == "not credible"
    russia = sentence(court, "TOT006")
    assert russia.loc["plausible", "median"] == pytest.approx(30_000, rel=0.01)
    assert russia.loc["plausible", "verdict"] == "not credible"
    money = sentence(court, "TOT007")  # 120 million; the state has 30,000 x 2,000, the gross is 30,000 x 4,000
    assert money.loc["plausible", "median"] == pytest.approx(60e6, rel=0.01)
    assert money.loc["charitable", "median"] == pytest.approx(120e6, rel=0.01)
    assert money.loc["charitable", "verdict"] == "consistent"
    assert money.loc["plausible", "dollars_per_worker_month"] == pytest.approx(1.25e8 / (12 * 30_000), rel=0.01)


def test_charity_does_not_look_into_the_future(court):
    assert "2018" not in sentence(court, "TOT006").loc["charitable", "definition"]


def test_shares_and_hosts(court):
    kept = sentence(court, "TOT004")
    assert kept.loc["plausible", "median"] == pytest.approx(0.2)
    hosts = sentence(court, "TOT003")
    assert hosts.loc["plausible", "median"] == 2


def test_what_cannot_be_tested_says_so(court, tmp_path):
    read, judged_by = court
    rows = [figure("TOT001", "PRK", "2016", "modern_slavery_population", 1e6, use="judge", reason="A claim."),
            figure("TOT002", "RUS", point=5, scope="region", use="judge", reason="A claim.")]  # fmt: skip
    for _, row in ledger.read(write_ledger(tmp_path / "other", rows)).figures.iterrows():
        table = judge.try_claim(row, judged_by.readings(row))
        assert list(table["verdict"]) == ["not tested"]


def test_a_currency_without_a_rate_or_a_year_outside_is_not_tested(court, tmp_path):
    read, judged_by = court
    rows = [
        figure("TOT001", "WLD", "2016", "revenue_total", 6.5e8, unit="CNY/year", use="judge", reason="A claim."),
        figure("TOT002", "WLD", "2009", "revenue_total", 6.5e8, unit="USD/year", use="judge", reason="A claim."),
        figure("TOT003", "WLD", "2016", "revenue_total", bound="order_of_magnitude", unit="USD/year", use="context", reason="Words."),
    ]  # fmt: skip
    figures = ledger.read(write_ledger(tmp_path / "other", rows)).figures.set_index("figure_id", drop=False)
    rates = Rates(read.rates, 0.0)
    dollars, _ = judge.hear(figures.loc["TOT001"], judged_by, rates)
    assert dollars["claim_low"].iloc[0] == pytest.approx(6.45e8 / 6.5) and set(dollars["reading"]) == {"plausible", "charitable"}
    assert list(judge.hear(figures.loc["TOT001"], judged_by, None)[0]["verdict"]) == ["not tested"]
    for figure_id in ("TOT002", "TOT003"):
        assert list(judge.hear(figures.loc[figure_id], judged_by, rates)[0]["verdict"]) == ["not tested"]


def test_the_thresholds_are_told_as_they_are_used():
    assert f"{100 * (1 - 2 * judge.CONSISTENT):.0f} %" in judge.VERDICTS["consistent"]
    assert f"{100 * judge.DOUBTFUL:.0f} %" in judge.VERDICTS["not credible"]


@pytest.mark.parametrize(("low", "high", "expected"), [(5, 20, 0.0), (20, 40, np.log(2)), (1, 5, np.log(2)), (40, np.inf, np.log(4))])
def test_distance_beyond_all_draws(low, high, expected):
    assert judge.ratio_to_median(low, high, np.full(9, 10.0)) == pytest.approx(expected)


def test_weights_move_a_verdict():
    weights = np.where(DRAWS > 900, 1.0, 0.0) / 100
    assert judge.verdict(950, 950, DRAWS) == "high" and judge.verdict(950, 950, DRAWS, weights) == "consistent"
    assert judge.position(951, DRAWS, weights) == pytest.approx(0.5)
