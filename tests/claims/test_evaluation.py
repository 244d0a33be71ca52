"""Claims: verdicts at their borders, readings of bounds, and whole claims compared with draws that
are known."""

import numpy as np
import pandas as pd
import pytest
from conftest import figure, write_ledger

from exportedlabour import words
from exportedlabour.claims import evaluation
from exportedlabour.evidence import ledger
from exportedlabour.evidence.rates import Rates
from exportedlabour.money.it import It

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
    assert evaluation.verdict(low, high, DRAWS) == expected
    assert expected in evaluation.VERDICTS


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
    assert evaluation.span(row) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"high": 2.3e9, "bound": "at_most", "unit": "USD/year"}, "up to 2.3 billion dollars"),
        (
            {"low": 100000, "high": 200000, "bound": "range", "unit": "persons"},
            "100,000 to 200,000",
        ),
        ({"point": 45, "unit": "countries"}, "about 45"),
        ({"low": 0.1, "high": 0.2, "bound": "range", "unit": "fraction"}, "10 to 20 %"),
        ({"point": 2012, "bound": "exact", "unit": "year"}, "2012"),
        ({"low": 1e6, "bound": "at_least", "unit": "persons"}, "at least 1,000,000"),
    ],
)
def test_a_claim_is_shown_as_it_was_made(cells, expected):
    assert (
        words.number_of(
            pd.Series({"low": np.nan, "point": np.nan, "high": np.nan, "bound": "about"} | cells)
        )
        == expected
    )


@pytest.fixture
def estimates(small_ledger):
    read = ledger.read(small_ledger)
    codes, years = ("RUS", "CHN"), np.array([2015, 2016, 2017, 2018])
    rng = np.random.default_rng(3)
    workers = np.stack(
        [rng.normal(30_000, 1_000, (500, 4)), rng.normal(40_000, 1_000, (500, 4))], axis=1
    )
    workers[:, :, 3] *= 2  # 2018 is higher, but later than most claims
    each = {
        name: np.full((500, 2, 4), value)
        for name, value in (
            ("gross", 4000.0),
            ("withheld", 3200.0),
            ("state", 2000.0),
            ("net", 800.0),
        )
    }
    return read, evaluation.Estimates(read, workers, codes, years, each, (10, 100))


def sentence(estimates, figure_id):
    read, judged_by = estimates
    row = read.figures.set_index("figure_id", drop=False).loc[figure_id]
    return evaluation.evaluate_readings(row, judged_by.readings(row)).set_index("reading")


def test_world_total_russian_total_and_money(estimates):
    world = sentence(estimates, "TOT002")
    assert world.loc["plausible", "median"] == pytest.approx(70_000, rel=0.01)
    assert world.loc["plausible", "verdict"] == "not credible"
    russia = sentence(estimates, "TOT006")
    assert russia.loc["plausible", "median"] == pytest.approx(30_000, rel=0.01)
    assert russia.loc["plausible", "verdict"] == "not credible"
    money = sentence(
        estimates, "TOT007"
    )  # 120 million; the state has 30,000 x 2,000, the gross is 30,000 x 4,000
    assert money.loc["plausible", "median"] == pytest.approx(60e6, rel=0.01)
    assert money.loc["charitable", "median"] == pytest.approx(120e6, rel=0.01)
    assert money.loc["charitable", "verdict"] == "consistent"
    assert money.loc["plausible", "dollars_per_worker_month"] == pytest.approx(
        1.2e8 / (12 * 30_000), rel=0.01
    )


def test_charity_does_not_look_into_the_future(estimates):
    assert "2018" not in sentence(estimates, "TOT006").loc["charitable", "definition"]


def test_shares_and_hosts(estimates):
    kept = sentence(estimates, "TOT004")
    assert kept.loc["plausible", "median"] == pytest.approx(0.2)
    hosts = sentence(estimates, "TOT003")
    assert hosts.loc["plausible", "median"] == 2


def claim(tmp_path, *cells, **more):
    row = figure("TOT900", *cells, use="judge", reason="A claim.", **more)
    return ledger.read(write_ledger(tmp_path / "claim", [row])).figures.iloc[0]


def test_a_claim_is_judged_at_its_date(estimates, tmp_path):
    """Russia falls from 40,000 to 10,000 between two years: at their turn it has 20,000, in the
    logs half way."""
    read, judged_by = estimates
    workers = np.tile(np.array([40_000.0, 10_000.0])[None, None, :], (50, 1, 1))
    moving = evaluation.Estimates(read, workers, ("RUS",), np.array([2018, 2019]), {}, (10, 100))
    at = {
        when: moving.readings(claim(tmp_path, "RUS", when, point=20_000))[0]
        for when in ("2018-12-31", "2019-06", "2019-03", "2018")
    }
    assert (
        at["2018-12-31"].draws == pytest.approx(np.full(50, 20_000.0), rel=0.01)
        and "date" in at["2018-12-31"].definition
    )
    assert at["2019-06"].draws == pytest.approx(np.full(50, 10_000.0), rel=0.07)
    assert 10_000 < at["2019-03"].draws[0] < 20_000
    assert at["2018"].draws == pytest.approx(np.full(50, 40_000.0))  # a year is its average
    charitable = moving.readings(claim(tmp_path, "RUS", "2019-06", point=10_000, bound="exact"))[1]
    assert charitable.draws == pytest.approx(np.full(50, 10_000.0))  # or the average of its year


def test_a_host_may_be_one_that_makers_of_lists_overlook(estimates, tmp_path):
    read, _ = estimates
    workers = np.tile(np.array([5.0, 50.0, 500.0])[None, :, None], (50, 1, 2))
    several = evaluation.Estimates(
        read, workers, ("POL", "CHN", "RUS"), np.array([2016, 2017]), {}, (10, 100)
    )
    stated = claim(tmp_path, "WLD", "2017", "host_countries", 1, unit="countries", bound="exact")
    plausible, charitable = several.readings(stated)
    assert set(plausible.draws) == {2} and "10 workers" in plausible.definition
    assert set(charitable.draws) == {1} and "100 workers" in charitable.definition


def test_a_sum_without_a_year_is_that_of_its_period(estimates, tmp_path):
    """30,000 in Russia and 40,000 in China, twice as many in 2018, and the state has 2,000 dollars
    a year of each."""
    _, judged_by = estimates
    stated = claim(tmp_path, "WLD", "2016", "revenue_total", 3e8, period_end="2017", unit="USD")
    plausible, charitable = judged_by.readings(stated)
    assert (
        np.median(plausible.draws) == pytest.approx(2 * 70_000 * 2000, rel=0.01)
        and "in all" in plausible.definition
    )
    assert np.median(plausible.worker_months) == pytest.approx(24 * 70_000, rel=0.01)
    assert (
        plausible.pay == pytest.approx(np.full(500, 4000 / 12))
        and evaluation.months_of(stated) == 24
    )
    so_far = claim(tmp_path, "WLD", "2018-06", "revenue_total", 3e8, unit="USD")
    plausible, charitable = judged_by.readings(so_far)  # all of 2015 to 2017, and half of 2018
    assert np.median(plausible.draws) == pytest.approx(4 * 70_000 * 2000, rel=0.01) and np.isnan(
        evaluation.months_of(so_far)
    )
    assert (
        np.median(charitable.draws) == pytest.approx(2 * 70_000 * 2000, rel=0.01)
        and "year claimed" in charitable.definition
    )


def test_it_workers_are_judged_by_their_own_module(estimates, tmp_path):
    read, judged_by = estimates
    money = {"gross": 48e6, "withheld": 36e6, "state": 24e6, "net": 12e6}
    apart = It(
        np.array([2017, 2018]),
        np.full((500, 2), 1000.0),
        {name: np.full((500, 2), value) for name, value in money.items()},
    )
    knowing = evaluation.Estimates(
        read, judged_by.workers, judged_by.codes, judged_by.years, judged_by.each, (10, 100), apart
    )
    stated = claim(
        tmp_path,
        "WLD",
        "2017",
        "revenue_total",
        24e6,
        unit="USD/year",
        sector="IT",
        scope="employer",
    )
    plausible, charitable = knowing.readings(stated)
    assert (
        set(plausible.draws) == {48e6}
        and set(charitable.draws) == {24e6}
        and set(plausible.pay) == {4000.0}
    )
    assert "paid to the state" in charitable.definition
    part, _ = knowing.readings(stated, 250)
    assert part.draws == pytest.approx(np.full(500, 12e6)) and "its own 250" in part.definition
    assert judged_by.obstacle(stated) == "about IT workers, who are not among those estimated here"
    for cells, why in (
        ({"hosts": "RUS"}, "one place"),
        ({"period_start": "2015", "period_end": "2015"}, "no number of IT workers"),
    ):
        assert why in knowing.obstacle(pd.Series(stated.to_dict() | cells))


@pytest.mark.parametrize(
    ("cells", "more", "why"),
    [
        (
            ("PRK", "2016", "modern_slavery_population", 1e6),
            {},
            "a place in which this book estimates no workers",
        ),
        (("RUS", "1999"), {"point": 12_000}, "outside 2015 to 2018"),
        (("RUS", "2017"), {"point": 5, "scope": "region"}, "a part of a host"),
        (
            ("RUS", "2017", "revenue_total", 5e6),
            {"unit": "USD/year", "scope": "region"},
            "without a number of workers",
        ),
        (("WLD", "2017", "residents", 5e5), {}, "does not estimate: residents"),
    ],
)
def test_a_claim_that_nothing_can_test_has_its_reason(estimates, tmp_path, cells, more, why):
    _, judged_by = estimates
    table, readings = evaluation.evaluate(claim(tmp_path, *cells, **more), judged_by, None)
    assert (
        why in table["why_not"].iloc[0]
        and list(table["verdict"]) == ["not tested"]
        and readings == []
    )
    assert evaluation.verdict_table(table, {})["read as"].iloc[0] == table["why_not"].iloc[0]


@pytest.mark.parametrize(
    ("probability", "expected"),
    [
        (0.95, evaluation.SUPPORTED),
        (0.9, evaluation.SUPPORTED),
        (0.5, evaluation.NOT_DECIDED),
        (0.05, evaluation.NOT_SUPPORTED),
    ],
)
def test_a_trade_is_supported_by_its_probability(probability, expected):
    assert evaluation.of_trade(probability) == expected and expected in evaluation.RECORDED


def test_a_claim_of_several_parts_is_supported_if_all_are():
    assert (
        evaluation.of_parts([evaluation.SUPPORTED] * 3) == evaluation.SUPPORTED
        and evaluation.of_parts([evaluation.NOT_SUPPORTED] * 2) == evaluation.NOT_SUPPORTED
    )
    assert evaluation.of_parts([evaluation.SUPPORTED, evaluation.NOT_DECIDED]) == evaluation.IN_PART
    assert (
        evaluation.of_parts([evaluation.NOT_DECIDED, evaluation.NOT_SUPPORTED])
        == evaluation.NOT_DECIDED
    )


def test_what_cannot_be_tested_says_so(estimates, tmp_path):
    read, judged_by = estimates
    rows = [
        figure(
            "TOT001",
            "PRK",
            "2016",
            "modern_slavery_population",
            1e6,
            use="judge",
            reason="A claim.",
        ),
        figure("TOT002", "RUS", point=5, scope="region", use="judge", reason="A claim."),
    ]
    for _, row in ledger.read(write_ledger(tmp_path / "other", rows)).figures.iterrows():
        table = evaluation.evaluate_readings(row, judged_by.readings(row))
        assert list(table["verdict"]) == ["not tested"]


def test_a_currency_without_a_rate_or_a_year_outside_is_not_tested(estimates, tmp_path):
    read, judged_by = estimates
    rows = [
        figure(
            "TOT001",
            "WLD",
            "2016",
            "revenue_total",
            6.5e8,
            unit="CNY/year",
            use="judge",
            reason="A claim.",
        ),
        figure(
            "TOT002",
            "WLD",
            "2009",
            "revenue_total",
            6.5e8,
            unit="USD/year",
            use="judge",
            reason="A claim.",
        ),
        figure(
            "TOT003",
            "WLD",
            "2016",
            "revenue_total",
            bound="order_of_magnitude",
            unit="USD/year",
            use="context",
            reason="Words.",
        ),
    ]
    figures = ledger.read(write_ledger(tmp_path / "other", rows)).figures.set_index(
        "figure_id", drop=False
    )
    rates = Rates(read.rates, 0.0)
    dollars, _ = evaluation.evaluate(figures.loc["TOT001"], judged_by, rates)
    assert dollars["claim_low"].iloc[0] == pytest.approx(6.45e8 / 6.5) and set(
        dollars["reading"]
    ) == {"plausible", "charitable"}
    assert list(evaluation.evaluate(figures.loc["TOT001"], judged_by, None)[0]["verdict"]) == [
        "not tested"
    ]
    for figure_id in ("TOT002", "TOT003"):
        assert list(
            evaluation.evaluate(figures.loc[figure_id], judged_by, rates)[0]["verdict"]
        ) == ["not tested"]


def test_the_thresholds_are_told_as_they_are_used():
    assert f"{100 * (1 - 2 * evaluation.CONSISTENT):.0f} %" in evaluation.VERDICTS["consistent"]
    assert f"{100 * evaluation.DOUBTFUL:.0f} %" in evaluation.VERDICTS["not credible"]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(5, 20, 0.0), (20, 40, np.log(2)), (1, 5, np.log(2)), (40, np.inf, np.log(4))],
)
def test_distance_beyond_all_draws(low, high, expected):
    assert evaluation.ratio_to_median(low, high, np.full(9, 10.0)) == pytest.approx(expected)


def test_weights_move_a_verdict():
    weights = np.where(DRAWS > 900, 1.0, 0.0) / 100
    assert (
        evaluation.verdict(950, 950, DRAWS) == "high"
        and evaluation.verdict(950, 950, DRAWS, weights) == "consistent"
    )
    assert evaluation.position(951, DRAWS, weights) == pytest.approx(0.5)
