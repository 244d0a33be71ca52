"""Which claims are evaluated, on how many workers, by which evidence, and what a sum means a
worker and month."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, SMALL, figure, write_ledger

from exportedlabour import results_form
from exportedlabour.assumptions.scenario import Settings
from exportedlabour.claims import evaluation, founding, readings
from exportedlabour.evidence import ledger
from exportedlabour.evidence.rates import Rates
from exportedlabour.money.revenue import Mix

CODES, YEARS = ("RUS", "CHN", "POL"), np.array([2015, 2016, 2017, 2018])
SETTINGS = Settings({"price_year": 2017, "inflation_ahead": 0.0})
MORE = [
    figure(
        "TOT900",
        "WLD",
        "2017",
        "revenue_total",
        6e9,
        unit="CNY/year",
        use="context",
        reason="A sum in yuan.",
    ),
    figure(
        "RUS900",
        "RUS",
        "2017",
        "revenue_total",
        6e6,
        unit="USD/year",
        scope="region",
        lineage="family",
        use="judge",
        reason="A part.",
    ),
    figure(
        "RUS901",
        "RUS",
        "2017",
        point=1000,
        scope="region",
        lineage="family",
        use="context",
        reason="A part.",
    ),
    figure(
        "RUS902",
        "RUS",
        "2017",
        "revenue_total",
        1e6,
        unit="USD/year",
        sector="IT",
        scope="employer",
        use="context",
        reason="IT.",
    ),
    figure(
        "RUS903",
        "RUS",
        "2017",
        "work_permits",
        29000,
        unit="permits",
        use="judge",
        reason="Permits.",
    ),
    figure(
        "RUS904", "RUS", "2016", "deaths", 13, lineage="family", use="context", reason="Deaths."
    ),
    figure(
        "RUS905",
        "RUS",
        "2016",
        "deaths",
        13,
        lineage="family",
        use="context",
        reason="The same deaths.",
    ),
    figure("POL905", "POL", "2014", "deaths", 1, scope="site", use="context", reason="One death."),
    figure("RUS906", "RUS", "2017", point=123, use="exclude", reason="Wrong."),
]


@pytest.fixture
def evaluating(tmp_path):
    read = ledger.read(write_ledger(tmp_path / "data", [*SMALL, *MORE]))
    rng = np.random.default_rng(7)
    workers = np.stack(
        [rng.normal(size, size / 50, (2000, 4)) for size in (30_000, 50_000, 400)], axis=1
    )
    money = {
        "gross": 4800.0,
        "withheld": 3600.0,
        "state": 2400.0,
        "net": 1200.0,
    }  # 400 dollars a month gross
    return read, evaluation.Estimates(
        read,
        workers,
        CODES,
        YEARS,
        {name: np.full((2000, 3, 4), each) for name, each in money.items()},
        (10, 100),
    )


def by_id(read, figure_id):
    return read.figures.set_index("figure_id", drop=False).loc[figure_id]


def test_claims_money_and_totals_but_nothing_that_is_left_out(evaluating):
    chosen = set(readings.claims_in(evaluating[0].figures)["figure_id"])
    assert {
        "TOT900",
        "RUS900",
        "RUS902",
        "RUS903",
        "TOT002",
        "RUS001",
        "CHN002",
        "TOT053",
    } <= chosen
    assert (
        not {"RUS906", "RUS901", "CHN003", "POL001", "RUS010"} & chosen
    )  # wrong; parts; a host that is no total; a wage


def test_a_sum_in_another_currency_is_judged_in_dollars(evaluating):
    read, estimates = evaluating
    judged = (
        readings.evaluate_all(read, estimates, Rates(read.rates, 0.0))
        .query("reading == 'plausible'")
        .set_index("figure_id")
    )
    row = judged.loc["TOT900"]  # about 6 billion yuan at 6.5 a dollar: 5.5 to 6.5
    assert (row["claim_low"], row["claim_high"], row["unit"]) == (
        pytest.approx(5.5e9 / 6.5),
        pytest.approx(6.5e9 / 6.5),
        "USD/year",
    )
    assert row["median"] == pytest.approx(80_400 * 2400, rel=0.01)
    assert row["own_heads_id"] == "TOT002" and row["own_heads"] == pytest.approx(
        np.sqrt(2) * 1e5
    )  # 100,000 to 200,000, the same source
    assert (
        row["dollars_own"] == pytest.approx(6e9 / 6.5 / 12 / (np.sqrt(2) * 1e5))
        and row["pay_above_own"] == 0
    )  # 544 dollars; pay is 400
    assert row["own_heads_most"] == 200_000 and row["dollars_least"] == pytest.approx(
        5.5e9 / 6.5 / 12 / 200_000
    )
    assert row["pay_above"] == 1  # 353 dollars


def test_the_table_has_the_columns_of_its_form_and_no_other(evaluating):
    read, estimates = evaluating
    table = readings.evaluate_all(read, estimates, Rates(read.rates, 0.0))
    assert list(table.columns) == results_form.TABLES["claims_judged"].names
    required = [column.name for column in results_form.CLAIMS if column.required]
    assert table[required].notna().all().all()


def test_a_part_is_judged_on_its_own_workers(evaluating):
    read, estimates = evaluating
    judged = readings.evaluate_all(read, estimates, Rates(read.rates, 0.0)).set_index(
        ["figure_id", "reading"]
    )
    row = judged.loc[
        ("RUS900", "plausible")
    ]  # 6 million from 1,000 workers; the state has 2,400 from each
    assert row["median"] == pytest.approx(2.4e6) and row["own_heads_id"] == "RUS901"
    assert judged.loc[("RUS900", "charitable"), "median"] == pytest.approx(4.8e6)
    assert (
        row["dollars_own"] == pytest.approx(6e6 / 12 / 1000)
        and row["dollars_per_worker_month"] == row["dollars_own"]
    )  # as stated
    assert row["own_heads_most"] == 1500  # about 1,000
    assert row["dollars_least"] == pytest.approx(5.5e6 / 12 / 1500)
    apart = judged.loc[("RUS902", "none")]
    assert (
        apart["verdict"] == "not tested" and "IT workers" in apart["why_not"]
    )  # no part of this posterior
    permits = judged.loc[("RUS903", "plausible")]
    assert (
        "as if every permit were a worker" in permits["definition"]
        and permits["verdict"] == "consistent"
    )


def test_the_arithmetic_of_the_famous_claims(evaluating):
    """2.3 billion from 100,000 to 200,000 workers, and 120 million from 50,000 of them: divided by
    hand."""
    read, estimates = evaluating
    judged = (
        readings.evaluate_all(read, estimates, Rates(read.rates, 0.0))
        .query("reading == 'plausible'")
        .set_index("figure_id")
    )
    assert judged.loc["TOT005", "dollars_least"] == pytest.approx(958.33, abs=0.01)
    assert judged.loc["TOT005", "dollars_own"] == pytest.approx(1355.29, abs=0.01)
    assert judged.loc["TOT007", "dollars_own"] == pytest.approx(200)


def test_only_plausible_pay_is_possible(evaluating):
    read, estimates = evaluating
    judged = readings.evaluate_all(read, estimates, Rates(read.rates, 0.0))
    heads = readings.per_head(judged, read, SETTINGS).set_index("figure_id")
    assert not (heads["sector"] == "IT").any()
    assert heads.loc["TOT005", "impossible"] and heads.loc["TOT005", "group"] == "World"
    assert not heads.loc["TOT007", "impossible"]  # 120 million from 50,000: 200 dollars
    assert heads.loc["TOT007", "own"] and heads.loc["TOT007", "own_heads_id"] == "TOT006"
    pay = readings.pay_by_group(heads.reset_index(), estimates, read, SETTINGS).set_index("group")
    assert pay.loc["Russia", "median"] == pytest.approx(
        400, rel=0.2
    )  # 2016 and 2017 in dollars of 2017


def test_independence_tells_who_judges(evaluating):
    read, _ = evaluating
    assert readings.independence(by_id(read, "RUS001"), read.figures) == "fitted"
    assert (
        readings.independence(by_id(read, "RUS900"), read.figures) == "lineage fitted"
    )  # RUS002 is of its family
    assert readings.independence(by_id(read, "TOT005"), read.figures) == "independent"
    assert {readings.independence(row, read.figures) for _, row in read.figures.iterrows()} == set(
        readings.INDEPENDENCE
    )


def test_a_lineage_is_taken_out_by_the_inverse_of_its_likelihood(evaluating):
    """A normal posterior N(0.5, 1/2) of one prior N(0, 1) and one datum at 1: without the datum it
    is the prior."""
    read, _ = evaluating
    draws = np.random.default_rng(1).normal(0.5, np.sqrt(0.5), 20_000)
    likelihood = np.column_stack([-0.5 * (1 - draws) ** 2, np.zeros(len(draws))])
    removal = readings.Removal(
        pd.DataFrame({"figure_id": ["RUS002", "POL001"], "lineage": ["family", ""]}), likelihood
    )
    row = by_id(read, "CHN001")  # not fitted here itself, but of the family
    reading = [evaluation.Reading("plausible", "a number", draws)]
    found = removal.verdict(row, reading, 1)
    assert found["median_without_lineage"] == pytest.approx(0.0, abs=0.1)
    assert removal.verdict(by_id(read, "TOT005"), reading, 1) == {}  # nothing of it is fitted


def test_claims_without_a_row_are_answered_from_the_posterior(evaluating):
    read, estimates = evaluating
    share, first = founding.share_of_hosts(estimates, ("RUS", "CHN"), 2017)
    assert np.median(share) == pytest.approx(80_000 / 80_400, rel=0.01) and first == 1.0
    assert np.median(founding.growth(estimates, 2015, 2018)) == pytest.approx(1.0, abs=0.01)
    dead = founding.deaths(read).set_index("host")
    assert (
        dead.loc["RUS", "deaths"] == 13
        and dead.loc["RUS", "statements"] == 2
        and dead.loc["POL", "deaths"] == 1
    )
    assert (
        founding.chance(0.999) == "more than 99 %"
        and founding.chance(0.0) == "less than 1 %"
        and founding.chance(0.42) == "42 %"
    )


def test_a_host_is_shared_out_among_its_trades(evaluating):
    """Two trades in Russia, half of its workers builders under the plan; China sews; Poland is too
    small to matter."""
    _, estimates = evaluating
    sectors = ("construction", "logging", "textiles")
    share = np.tile([[0.5, 0.5, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]], (2000, 1, 1))
    whole = founding.sectors_of_host(
        Mix(share, np.ones((2000, 3)), sectors), np.full(2000, 0.5), CODES
    )
    assert (
        whole[0, 0] == pytest.approx([0.75, 0.25, 0.0]) and share[0, 0, 0] == 0.5
    )  # and the draws are left as they were
    found = founding.trades(estimates, whole, sectors, 2017, ("textiles", "logging")).set_index(
        "sector"
    )
    assert list(found.index) == ["textiles", "construction", "logging"]
    assert found.loc["textiles", "median"] == pytest.approx(50_000 / 80_400, rel=0.01)
    assert found.loc["logging", "median"] == pytest.approx(7_500 / 80_400, rel=0.02)
    assert found["among_largest"].to_dict() == {
        "textiles": 1.0,
        "construction": 1.0,
        "logging": 0.0,
    }
    assert list(found["verdict"]) == [evaluation.SUPPORTED, "", evaluation.NOT_SUPPORTED]


def test_a_death_that_a_larger_count_may_hold_is_not_added(tmp_path):
    dead = {"quantity": "deaths", "use": "context", "reason": "Deaths.", "sector": "construction"}
    rows = [
        figure("RUS910", "RUS", "2016-01", period_end="2016-09", point=13, **dead),
        figure(
            "RUS911", "RUS", "2016-08", period_end="2017-03", point=1, scope="site", **dead
        ),  # may be one of the thirteen
        figure("RUS912", "RUS", "2017-06", point=2, scope="site", **dead),  # later
        figure(
            "RUS913", "RUS", "2016-05", point=4, scope="site", **dead | {"sector": "logging"}
        ),  # of another trade
        figure("POL911", "POL", "2016-05", point=1, scope="site", **dead),  # of another host
    ]
    dead = founding.deaths(ledger.read(write_ledger(tmp_path / "data", [*SMALL, *rows]))).set_index(
        "host"
    )
    assert dead.loc["RUS", ["deaths", "statements", "left_out"]].tolist() == [19, 4, "RUS911"]
    assert dead.loc["POL", ["deaths", "left_out"]].tolist() == [1, ""]


def test_the_deaths_of_the_ledger_are_a_floor():
    dead = founding.deaths(ledger.read(ROOT / "data")).set_index("host")
    assert dead.loc["RUS", ["deaths", "left_out"]].tolist() == [20, "RUS258"]  # 13, 5 and 2


def test_what_speaks_for_and_against_makes_the_verdict(evaluating):
    own = ledger.read(ROOT / "data")
    known = set(own.figures["figure_id"])
    recorded = [
        each for each in founding.claims(own).values() if each.evaluation == founding.RECORD
    ]
    assert len(recorded) == 4 and {key for each in recorded for key in each.figures} <= known
    assert set(founding.record(own)["verdict"]) <= set(evaluation.RECORDED)
    for each in recorded:
        rows = founding.dated(each, own)
        assert (
            set(rows["figure_id"]) == set(each.figures)
            and rows["period_start"].is_monotonic_increasing
        )
        assert set(rows.loc[rows["against"], "figure_id"]) == set(each.against)
    read, _ = evaluating
    verdicts = [
        dataclasses.replace(recorded[0], speaking=speaking, against=against).verdict(read)
        for speaking, against in (
            (("RUS904",), ()),
            (("RUS904",), ("RUS905",)),
            (("RUS906",), ()),
            ((), ("RUS905",)),
        )
    ]  # RUS906 is left out as wrong
    assert verdicts == [
        evaluation.SUPPORTED,
        evaluation.IN_PART,
        evaluation.NOT_SUPPORTED,
        evaluation.NOT_SUPPORTED,
    ]
