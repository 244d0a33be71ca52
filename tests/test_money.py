"""Money: conversions by hand, readings of pay, the identities between the four definitions, and shared errors."""

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, figure, write_ledger

from exportedlabour import ledger, scenario
from exportedlabour.money import classical, design, revenue
from exportedlabour.project import InputError
from exportedlabour.rates import Rates

SETTINGS = scenario.load("baseline").settings


@pytest.fixture(scope="module")
def rates():
    table = pd.DataFrame(
        [("CNY", 2017, 6.75), ("CPI-U", 2017, 245.0), ("CPI-U", 2024, 313.6), ("CPI-U", 2025, 320.0)], columns=["series", "year", "value"]
    )
    return Rates(table, inflation_ahead=0.03)


def test_sums_are_converted_and_deflated(rates):
    assert rates.dollars_a_month(2000, "CNY/month", 2017, 2017) == pytest.approx(2000 / 6.75)
    assert rates.dollars_a_month(2000, "CNY/month", 2017, 2024) == pytest.approx(2000 / 6.75 * 313.6 / 245.0)
    assert rates.dollars_a_month(7200, "USD/year", 2024, 2024) == pytest.approx(600)
    assert rates.prices(2027) == pytest.approx(320.0 * 1.03**2)
    with pytest.raises(InputError, match="no RUB rate for 2017"):
        rates.dollars_a_month(1, "RUB/month", 2017, 2024)
    with pytest.raises(InputError, match="unit 'dollars'"):
        rates.dollars_a_month(1, "dollars", 2017, 2024)


def test_every_fitted_sum_of_the_real_ledger_can_be_converted():
    built = design.build(ledger.read(ROOT / "data"), SETTINGS)
    assert len(built.figures) > 60
    finite = np.where(np.isfinite(built.lower), built.lower, built.upper)
    assert np.isfinite(finite).all()
    wages = np.exp(finite[built.target == design.TARGETS.index("wage")])
    assert wages.min() > 50 and wages.max() < 2_500  # dollars of 2024 a month


def observe(tmp_path, **cells):
    rows = [figure("RUS001", "RUS", "2024", "wage_gross", 100, unit="USD/month"), figure("CHN001", "CHN", "2024", **cells)]
    built = design.build(ledger.read(write_ledger(tmp_path, rows)), SETTINGS)
    return design.TARGETS[built.target[1]], built.kind[1], built.lower[1], built.upper[1]


def test_share_kept_is_read_as_share_withheld_with_ends_exchanged(tmp_path):
    target, kind, lower, upper = observe(tmp_path, quantity="worker_share", low=0.1, high=0.2, bound="range", unit="fraction")
    assert (target, kind) == ("withheld", 1)
    assert (lower, upper) == pytest.approx((np.log(0.8 / 0.2), np.log(0.9 / 0.1)))
    target, kind, lower, upper = observe(tmp_path, quantity="worker_share", low=0.1, bound="at_least", unit="fraction")
    assert kind == 3 and lower == -np.inf and upper == pytest.approx(np.log(9))  # keeps a tenth or more: at most 0.9 withheld


def test_plan_is_a_sum_a_year_and_pay_a_sum_a_month(tmp_path):
    target, _, lower, upper = observe(tmp_path, quantity="plan_payment", low=800, high=1000, bound="range", unit="USD/month")
    assert target == "plan" and (np.exp(lower), np.exp(upper)) == pytest.approx((9600, 12000))
    target, _, lower, upper = observe(tmp_path, quantity="wage_net", low=7200, high=8400, bound="range", unit="USD/year")
    assert target == "net" and (np.exp(lower), np.exp(upper)) == pytest.approx((600, 700))


@pytest.mark.parametrize(("read_as", "expected"), [("withheld", "withheld"), ("state", "state")])
def test_undivided_shares_are_read_as_the_scenario_says(tmp_path, read_as, expected):
    rows = [
        figure("RUS001", "RUS", "2024", "wage_gross", 100, unit="USD/month"),
        figure("CHN001", "CHN", "2024", "undivided_share", 0.8, unit="fraction"),
    ]
    read = ledger.read(write_ledger(tmp_path, rows))
    settings = scenario.Settings(dict(SETTINGS) | {"undivided_share_read_as": read_as})
    assert design.TARGETS[design.build(read, settings).target[1]] == expected
    none = scenario.Settings(dict(SETTINGS) | {"undivided_share_read_as": "none"})
    assert list(design.build(read, none).figures["figure_id"]) == ["RUS001"]


def some_pay(d=400, h=2, seed=1):
    rng = np.random.default_rng(seed)
    withheld = rng.uniform(0.6, 0.95, (d, h))
    return revenue.Pay(
        wage=rng.uniform(200, 900, (d, h)), months=rng.uniform(9, 12, (d, h)), withheld=withheld, state=withheld * rng.uniform(0.3, 0.9, (d, h)),
        trend=rng.normal(0, 0.01, d), idle=rng.uniform(0.5, 0.9, d), plan=rng.uniform(6000, 10000, d), plan_trend=rng.normal(0, 0.01, d),
        under_plan=rng.uniform(0.4, 0.8, d), plan_part=rng.uniform(0.5, 0.8, d), plan_costs=rng.uniform(0.2, 0.6, d),
    )  # fmt: skip


def test_the_four_definitions_are_ordered_and_add_up():
    years = np.arange(2005, 2027)
    each = revenue.per_worker(some_pay(), ("RUS", "CHN"), years)
    assert (each["gross"] >= each["withheld"]).all() and (each["withheld"] >= each["state"]).all() and (each["state"] > 0).all()
    assert np.allclose(each["withheld"] + each["net"], each["gross"])


def test_one_worker_by_hand():
    one = {"wage": 300.0, "months": 10.0, "withheld": 0.8, "state": 0.5, "trend": 0.0, "idle": 0.5, "plan": 8000.0, "plan_trend": 0.0,
           "under_plan": 0.5, "plan_part": 0.8, "plan_costs": 0.4}  # fmt: skip
    pay = revenue.Pay(
        **{
            name: np.array([[value] * 2]) if name in ("wage", "months", "withheld", "state") else np.array([value])
            for name, value in one.items()
        }
    )
    each = revenue.per_worker(pay, ("RUS", "CHN"), np.array([2016, 2021]))
    # China: 3,000 a year in 2016, half of it in 2021; 80 % withheld, 50 % to the state.
    assert each["gross"][0, 1] == pytest.approx([3000, 1500])
    assert each["state"][0, 1] == pytest.approx([1500, 750])
    assert each["net"][0, 1] == pytest.approx([600, 300])
    # Russia in 2016: half on a plan of 8,000 that is 0.8 of 10,000 gross; of the other 2,000 the costs take 800.
    assert each["gross"][0, 0, 0] == pytest.approx(0.5 * 10_000 + 0.5 * 3_000)
    assert each["state"][0, 0, 0] == pytest.approx(0.5 * 8_000 + 0.5 * 1_500)
    assert each["net"][0, 0, 0] == pytest.approx(0.5 * 1_200 + 0.5 * 600)


def test_stored_pay_comes_back(tmp_path):
    pay = some_pay()
    revenue.write_pay(tmp_path / "pay.parquet", pay, ("RUS", "CHN"))
    back, hosts = revenue.read_pay(tmp_path / "pay.parquet")
    assert hosts == ("RUS", "CHN")
    assert all(np.allclose(getattr(back, name), value, rtol=1e-6) for name, value in vars(pay).items())


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.8])
def test_errors_are_shared_between_hosts(correlation):
    errors = revenue.shared_errors(np.random.default_rng(2), (40_000, 3), correlation)
    assert np.corrcoef(errors.T)[0, 1] == pytest.approx(correlation, abs=0.02)
    assert errors.std(axis=0) == pytest.approx([1, 1, 1], abs=0.02)


def test_current_and_constant_prices(rates, small_ledger):
    read = ledger.read(small_ledger)
    years = np.array([2017, 2024])
    total = {"state": np.full((50, 1, 2), 100.0)}
    host, world = revenue.tables(total, ("RUS",), years, read, SETTINGS)
    row = world.set_index(["year", "prices"])["median"]
    assert row[2024, "current"] == row[2024, "2024"] == row[2017, "2024"] == 100
    assert row[2017, "current"] == pytest.approx(100 * (200 + 5 * 12) / (200 + 5 * 19))  # the tests' own price index
    assert len(host) == 4


def test_wage_regression_recovers_known_coefficients():
    rng = np.random.default_rng(4)
    region = pd.Series(np.repeat(["Gulf", "China"], 40))
    elapsed = rng.uniform(-8, 8, 80)
    dollars = pd.Series(np.exp(np.where(region == "Gulf", 6.9, 5.7) + 0.03 * elapsed + rng.normal(0, 0.1, 80)))
    fit = classical.wage_regression(dollars, region, elapsed)
    assert fit["n"] == 80 and fit["trend"] == pytest.approx(0.03, abs=0.006)
    assert fit["trend_low"] < 0.03 < fit["trend_high"] and fit["residual"] == pytest.approx(np.exp(0.1), rel=0.05)
    assert classical.wage_regression(dollars[:3], region[:3], elapsed[:3]) is None
