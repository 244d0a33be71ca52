"""What the money is made of, by hand: plans in dollars, the plan's share, months paid and idle,
hosts, and the mean worker's pay."""

import numpy as np
import pandas as pd
import pytest
from conftest import OTHER, OTHER_HOSTS, OTHER_PAY, figure, write_ledger, write_other
from hypothesis import given, settings
from hypothesis import strategies as st
from test_other_ledger import pretend, run_page

from exportedlabour.assumptions import scenario
from exportedlabour.evidence import ledger
from exportedlabour.exhibits import money_plots
from exportedlabour.money import components, revenue
from exportedlabour.workers.draws import summarise

HOSTS = ("RUS", "CHN")
ONE = {
    "wage": 300.0,
    "months": 10.0,
    "withheld": 0.8,
    "state": 0.5,
    "trend": 0.0,
    "idle": 0.5,
    "plan": 8000.0,
    "plan_trend": 0.0,
    "under_plan": 0.5,
    "plan_part": 0.8,
    "plan_costs": 0.4,
    "plan_elsewhere": 0.0,
}
PLANS = [
    figure(
        "RUS020",
        "RUS",
        "2015",
        "plan_payment",
        low=800,
        high=1000,
        bound="range",
        unit="USD/month",
        sector="construction",
    ),
    figure("RUS021", "RUS", "2020", "plan_payment", 7200, unit="USD/year", sector="construction"),
    figure(
        "RUS022",
        "RUS",
        "2020-09",
        "plan_payment",
        7200,
        unit="USD/year",
        sector="construction",
        use="exclude",
        reason="A copy.",
        lineage="family",
        copy_probability="0.95",
    ),
    figure(
        "RUS023",
        "RUS",
        "2012",
        "plan_payment",
        15000,
        unit="RUB/month",
        sector="logging",
        use="context",
        reason="No rate.",
    ),
    figure(
        "CHN020",
        "CHN",
        "2024",
        "plan_payment",
        650,
        unit="CNY/month",
        sector="seafood",
        use="context",
        reason="Another host.",
    ),
]


def pay_of(hosts=HOSTS, draws=1, **changed):
    by_host = ("wage", "months", "withheld", "state")
    return revenue.Pay(
        **{
            name: np.broadcast_to(
                np.array(changed.get(name, value), float),
                (draws, len(hosts)) if name in by_host else (draws,),
            )
            for name, value in ONE.items()
        }
    )


# --- the plan
# ------------------------------------------------------------------------------------------


def test_plans_are_told_in_dollars_of_the_price_year_and_with_what_becomes_of_them(tmp_path):
    """CPI-U of the ledger is 250 in 2015, 275 in 2020, 295 in 2024; 6.5 yuan are a dollar, and it
    has no rouble."""
    table = components.plan_payments(
        ledger.read(write_ledger(tmp_path, PLANS)), scenario.load("baseline").settings
    )
    assert list(table["figure_id"]) == [
        "RUS023",
        "RUS020",
        "RUS021",
        "RUS022",
        "CHN020",
    ]  # the oldest first
    row = table.set_index("figure_id").loc
    assert list(row["RUS020", ["dollars_low", "dollars_high"]]) == pytest.approx(
        [800 * 12 * 295 / 250, 1000 * 12 * 295 / 250]
    )
    assert row["RUS020", "dollars"] == pytest.approx(
        np.sqrt(800 * 1000) * 12 * 295 / 250
    )  # the geometric middle
    assert list(row["RUS021", ["dollars_low", "dollars", "dollars_high"]]) == pytest.approx(
        [7200 * 295 / 275] * 3
    )
    assert row["CHN020", "dollars"] == pytest.approx(650 / 6.5 * 12)
    assert np.isnan(row["RUS023", "dollars"])
    assert dict(table.set_index("figure_id")["role"]) == {
        "RUS020": "fitted",
        "RUS021": "fitted",
        "RUS022": "copy",
        "RUS023": "not fitted",
        "CHN020": "not fitted",
    }
    assert set(table["role"]) <= set(components.ROLES) and list(table["here"]) == [True] * 4 + [
        False
    ]


def test_a_ledger_without_plans_has_a_table_without_rows(tmp_path):
    table = components.plan_payments(
        ledger.read(write_other(tmp_path / "ledger", OTHER + OTHER_PAY)),
        scenario.load("baseline").settings,
    )
    assert table.empty and {"dollars", "role", "here"} <= set(table.columns)


def test_the_share_of_the_plan_by_hand():
    """Of 100 workers in Russia 50 owe 8,000; the state has half of 3,000 from each of the others,
    there and from 200 in China."""
    pay, years = pay_of(), np.array([2017])
    workers = np.array([[[100.0], [200.0]]])
    there, everywhere = components.plan_shares(
        workers, revenue.per_worker(pay, HOSTS, years), pay, HOSTS, years
    )
    assert there.item() == pytest.approx(50 * 8000 / (50 * 8000 + 50 * 1500))
    assert everywhere.item() == pytest.approx(50 * 8000 / (50 * 8000 + 50 * 1500 + 200 * 1500))
    none = components.plan_shares(
        0 * workers, revenue.per_worker(pay, HOSTS, years), pay, HOSTS, years
    )[1]
    assert none.item() == 0.0


# --- months
# --------------------------------------------------------------------------------------------


def test_months_of_the_mean_worker_by_hand():
    """Half of 100 workers in Russia are under the plan: 50 with 8 months beside 150 with 12 make
    11; half of them in 2021."""
    pay, years = pay_of(months=[[8.0, 12.0]]), np.array([2019, 2021])
    workers = np.array([[[100.0, 100.0], [150.0, 150.0]]])
    assert components.months_of_worker(workers, pay, HOSTS, years)[0] == pytest.approx([11.0, 5.5])
    assert components.months_of_worker(0 * workers, pay, HOSTS, years)[0] == pytest.approx(
        [10.0, 5.0]
    )
    elsewhere = components.months_of_worker(
        workers, pay, ("AGO", "CHN"), years
    )  # nobody is under a plan
    assert elsewhere[0] == pytest.approx([(100 * 8 + 150 * 12) / 250, (100 * 8 + 150 * 12) / 500])
    assert (workers == [[[100, 100], [150, 150]]]).all()


def test_what_was_lost_to_idleness_by_hand():
    """In 2021 each worker outside the plan brings the state 750 instead of 1,500; the plan is due
    all the same."""
    pay, years = pay_of(), np.array([2019, 2020, 2021])
    workers = np.tile(np.array([[[100.0], [200.0]]]), (1, 1, 3))
    lost = components.lost_to_idleness(workers, pay, HOSTS, years)
    assert lost[0] == pytest.approx([0.0, 250 * 750.0, 250 * 750.0])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 5))
def test_months_lie_within_those_of_the_hosts_and_idleness_never_pays(seed, n):
    rng = np.random.default_rng(seed)
    hosts, years = ("RUS", "CHN", "AGO", "KHM", "YEM")[:n], np.arange(2018, 2024)
    pay = pay_of(
        hosts,
        20,
        months=rng.uniform(6, 12, (20, n)),
        idle=rng.uniform(0, 1, 20),
        under_plan=rng.uniform(0, 0.9, 20),
    )
    workers = rng.uniform(0, 1000, (20, n, 6)) * (rng.random((20, n, 6)) < 0.8)
    paid = components.months_of_worker(workers, pay, hosts, years)
    assert (paid <= pay.months.max(axis=1, keepdims=True) + 1e-9).all()
    assert (paid[:, [0, 1, 5]] >= pay.months.min(axis=1, keepdims=True) - 1e-9).all()
    assert (components.lost_to_idleness(workers, pay, hosts, years) >= -1e-9).all()


# --- hosts, and the worker
# -----------------------------------------------------------------------------


def test_the_largest_hosts_are_named_and_the_others_added_up():
    total = np.array([[[9.0, 1.0], [5.0, 6.0], [2.0, 3.0], [2.0, 2.0]]]).repeat(
        3, axis=0
    )  # three draws alike
    codes, years = ("A", "B", "C", "D"), np.array([2017, 2026])
    table, shares = components.by_host(total, codes, years, {code: code * 2 for code in codes}, 2)
    assert list(zip(table["label"], table["year"], table["median"])) == [
        ("AA", 2017, 9),
        ("AA", 2026, 1),
        ("BB", 2017, 5),
        ("BB", 2026, 6),
        ("2 other hosts", 2017, 4),
        ("2 other hosts", 2026, 5),
    ]
    assert shares == pytest.approx({2017: 14 / 18, 2026: 7 / 12})
    whole, shares = components.by_host(0 * total, codes, years, {code: code for code in codes}, 9)
    assert (
        len(whole) == 8 and "others" not in set(whole["host"]) and shares == {2017: 0.0, 2026: 0.0}
    )


def test_what_the_others_have_is_no_sum_of_medians():
    total = np.array([[100, 1, 0], [100, 0, 1], [100, 0, 0]], float)[:, :, None]
    table, _ = components.by_host(
        total, ("A", "B", "C"), np.array([2017]), dict(zip("ABC", "ABC")), 1
    )
    assert list(table["median"]) == [100, 1]  # the medians of B and C are 0 each


def test_pay_of_the_mean_worker_by_hand():
    workers, dollars = np.array([[30.0, 10.0, 0.0]]), np.array([[100.0, 200.0, 900.0]])
    table = components.of_mean_worker(
        workers, dollars, {"all": range(3), "first": [0], "last two": [1, 2], "nobody": [2]}
    )
    assert list(table["median"]) == pytest.approx([125, 100, 200, 900])
    assert list(table["label"]) == ["all", "first", "last two", "nobody"]


# --- figures
# -------------------------------------------------------------------------------------------


def test_an_interval_that_goes_on_below_the_axis_ends_in_an_arrow():
    rows = summarise(np.array([[5.0, 0.001], [6.0, 0.002], [7.0, 3.0]])).assign(
        label="Angola", year=[2017, 2026]
    )
    axes = money_plots.two_years(rows, "Title", "million dollars", shortest=0.01).axes[0]
    arrows = [line for line in axes.lines if line.get_marker() == "<"]
    circles = [line for line in axes.lines if line.get_marker() == "o"]
    assert len(arrows) == 1 and arrows[0].get_xdata()[0] == 0.01
    assert [float(line.get_xdata()[0]) for line in circles] == [
        6.0
    ]  # a median below the axis is no mark on it
    assert {text.get_text() for text in axes.texts} == {"2017", "2026"}


def test_every_plan_is_a_mark_and_those_not_fitted_are_rings(tmp_path):
    plans = components.plan_payments(
        ledger.read(write_ledger(tmp_path, PLANS)), scenario.load("baseline").settings
    )
    here = plans[plans["here"] & plans["dollars"].notna()]
    years = np.arange(2010, 2026)
    fan = summarise(np.random.default_rng(1).uniform(7000, 9000, (50, len(years)))).assign(
        year=years
    )
    axes = money_plots.plan(fan, here, "Title").axes[0]
    marks = [line for line in axes.lines if line.get_url()]
    assert [line.get_url() for line in marks] == [
        f"host_RUS.html#{name}" for name in ("RUS020", "RUS021", "RUS022")
    ]
    assert [line.get_markerfacecolor() == "none" for line in marks] == [False, False, True]


# --- the page on other ledgers
# -------------------------------------------------------------------------


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("plans", "said"),
    [
        ([], "No published figure of it is fitted"),
        (
            [figure("RUS020", "RUS", "2001", "plan_payment", 7000, unit="USD/year")],
            "Fitted are 1 of the ledger's 1",
        ),
    ],
)
def test_the_page_of_a_ledger_with_the_host_of_the_plan(tmp_path, plans, said):
    data = write_other(
        tmp_path / "ledger",
        OTHER + OTHER_PAY + [figure("RUS001", "RUS", "2000", point=9000), *plans],
    )
    hosts = [
        *OTHER_HOSTS[:-1],
        ("RUS", "Russia", "Russia and Eurasia", "trajectory", "construction"),
        OTHER_HOSTS[-1],
    ]
    write_ledger(
        data,
        OTHER + OTHER_PAY + [figure("RUS001", "RUS", "2000", point=9000), *plans],
        hosts,
        range(1995, 2026),
    )
    results = tmp_path / "results"
    told = run_page("pay", data, results, pretend(data, results, with_pay=True))
    assert said in told["pay_plan_words"]["text"] and told["pay_plan_peak"]["value"] > 0
    assert (
        "No year of this book" in told["pay_months_words"]["text"] and "pay_idle_lost" not in told
    )


def test_the_page_of_a_ledger_without_it_says_in_words_what_is_not_there(tmp_path):
    data, results = write_other(tmp_path / "ledger", OTHER + OTHER_PAY), tmp_path / "results"
    told = run_page("pay", data, results, pretend(data, results, with_pay=True))
    assert "this ledger has no workers there" in told["pay_plan_words"]["text"] and not {
        "pay_plan_peak",
        "pay_plan_share",
    } & set(told)
    assert (
        pd.notna(told["pay_net"]["value"])
        and "brought the state most" in told["pay_hosts_words"]["text"]
    )


# --- what the chapter is told
# ----------------------------------------------------------------------------


def parts_of(**changed):
    """One draw of 100 workers in Russia and 200 in China, 2016 to 2021, with a peak in 2017."""
    years = np.arange(2016, 2022)
    workers = np.tile(np.array([[[100.0], [200.0]]]), (1, 1, len(years)))
    return components.Parts(workers, HOSTS, years, pay_of(**changed), 2017)


def test_the_two_years_that_are_told_are_the_peak_and_the_last():
    parts = parts_of()
    assert (list(parts.two), parts.last, parts.peak_at) == ([2017, 2021], 2021, 0)
    assert parts.heads.tolist() == [[100.0, 200.0]] and parts.each["net"].shape == (1, 2, 2)
    assert parts.total["state"][0, 1].tolist() == pytest.approx([200 * 1500, 200 * 750])
    one = components.Parts(parts.workers[:, :, :2], HOSTS, parts.years[:2], parts.pay, 2017)
    assert list(one.two) == [2017]


def test_the_plan_of_a_build_and_of_one_without_its_host():
    assumed = scenario.Settings(
        dict(scenario.load("baseline").settings) | {"plan_dollars_a_year": [8000, 0.5]}
    )
    plan = components.plan_of(parts_of(), assumed)
    assert plan.of(2017)["median"] == pytest.approx(8000) and plan.of(1999) is None
    assert plan.prior == pytest.approx((8000 * np.exp(-0.6408), 8000 * np.exp(0.6408)), rel=1e-4)
    assert plan.in_host["median"] == pytest.approx(50 * 8000 / (50 * 8000 + 50 * 1500))
    assert plan.everywhere["median"] == pytest.approx(50 * 8000 / (50 * 8000 + 250 * 1500))
    elsewhere = components.Parts(
        np.ones((1, 1, 2)), ("CHN",), np.array([2016, 2017]), pay_of(("CHN",)), 2017
    )
    assert components.plan_of(elsewhere, assumed) is None


def test_months_by_year_what_is_assumed_of_them_and_what_idleness_cost():
    months = components.months_by_year(parts_of()).set_index("year")["median"]
    assert months[2019] == pytest.approx(10) and months[2021] == pytest.approx(5)
    low, high = components.months_assumed(scenario.load("baseline").settings)
    assert 8 < low < 0.9 * 12 < high < 12
    lost = components.lost_in(parts_of(), np.array([2020, 2021]))
    assert lost["median"] == pytest.approx(2 * 250 * 750)


def test_net_pay_is_told_by_month_and_the_hosts_with_most_workers_first():
    parts = parts_of()
    assert components.most_workers(parts) == [1, 0] and components.most_workers(parts, 1) == [1]
    told = components.a_month(parts, {"all": [0, 1], "China": [1]})
    assert list(told) == ["gross", "state", "net"]
    assert told["net"].set_index("label")["median"]["China"] == pytest.approx(600 / 12)


def test_the_same_money_in_two_prices():
    rows = [("state", "2024", 2016, 3.0), ("state", "current", 2016, 2.0), ("net", "2024", 2016, 1)]
    table = pd.DataFrame(rows, columns=["definition", "prices", "year", "median"])
    constant, current = components.in_two_prices(table, 2024)
    assert (constant["median"].to_list(), current["median"].to_list()) == ([3.0], [2.0])
