"""Money: conversions by hand, readings of pay, the identities between the four definitions, and
shared errors."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, figure, write_ledger

from exportedlabour import imports
from exportedlabour.assumptions import scenario
from exportedlabour.build import pipeline
from exportedlabour.evidence import ledger
from exportedlabour.evidence.rates import Rates
from exportedlabour.money import (
    it,
    observations,
    pay_model,
    posterior,
    regressions,
    revenue,
    sector_mix,
)
from exportedlabour.project import InputError

SETTINGS = scenario.load("baseline").settings


@pytest.fixture(scope="module")
def rates():
    table = pd.DataFrame(
        [
            ("CNY", 2017, 6.75),
            ("CPI-U", 2017, 245.0),
            ("CPI-U", 2024, 313.6),
            ("CPI-U", 2025, 320.0),
        ],
        columns=["series", "year", "value"],
    )
    return Rates(table, inflation_ahead=0.03)


def test_sums_are_converted_and_deflated(rates):
    assert rates.dollars_a_month(2000, "CNY/month", 2017, 2017) == pytest.approx(2000 / 6.75)
    assert rates.dollars_a_month(2000, "CNY/month", 2017, 2024) == pytest.approx(
        2000 / 6.75 * 313.6 / 245.0
    )
    assert rates.dollars_a_month(7200, "USD/year", 2024, 2024) == pytest.approx(600)
    assert rates.prices(2027) == pytest.approx(320.0 * 1.03**2)
    with pytest.raises(InputError, match="no RUB rate for 2017"):
        rates.dollars_a_month(1, "RUB/month", 2017, 2024)
    with pytest.raises(InputError, match="unit 'dollars'"):
        rates.dollars_a_month(1, "dollars", 2017, 2024)


def test_every_fitted_sum_of_the_real_ledger_can_be_converted():
    built = observations.build(ledger.read(ROOT / "data"), SETTINGS)
    assert len(built.figures) > 60
    finite = np.where(np.isfinite(built.lower), built.lower, built.upper)
    assert np.isfinite(finite).all()
    wage = built.target == observations.TARGETS.index("wage")
    wages, names = np.exp(finite[wage]), built.figures["figure_id"].to_numpy()[wage]
    assert wages.min() > 50  # dollars of 2024 a month
    # One source has 5,000 dollars a month in Kuwait, and by the rules of coding it is no slip.
    assert set(names[wages >= 2_500]) == {"TOT016"}


def observe(tmp_path, **cells):
    rows = [
        figure("RUS001", "RUS", "2024", "wage_gross", 100, unit="USD/month"),
        figure("CHN001", "CHN", "2024", **cells),
    ]
    built = observations.build(ledger.read(write_ledger(tmp_path, rows)), SETTINGS)
    return observations.TARGETS[built.target[1]], built.kind[1], built.lower[1], built.upper[1]


def test_share_kept_is_read_as_share_withheld_with_ends_exchanged(tmp_path):
    target, kind, lower, upper = observe(
        tmp_path, quantity="worker_share", low=0.1, high=0.2, bound="range", unit="fraction"
    )
    assert (target, kind) == ("withheld", 1)
    assert (lower, upper) == pytest.approx((np.log(0.8 / 0.2), np.log(0.9 / 0.1)))
    target, kind, lower, upper = observe(
        tmp_path, quantity="worker_share", low=0.1, bound="at_least", unit="fraction"
    )
    assert (
        kind == 3 and lower == -np.inf and upper == pytest.approx(np.log(9))
    )  # keeps a tenth or more: at most 0.9 withheld


def test_plan_is_a_sum_a_year_and_pay_a_sum_a_month(tmp_path):
    target, _, lower, upper = observe(
        tmp_path, quantity="plan_payment", low=800, high=1000, bound="range", unit="USD/month"
    )
    assert target == "plan" and (np.exp(lower), np.exp(upper)) == pytest.approx((9600, 12000))
    target, _, lower, upper = observe(
        tmp_path, quantity="wage_net", low=7200, high=8400, bound="range", unit="USD/year"
    )
    assert target == "net" and (np.exp(lower), np.exp(upper)) == pytest.approx((600, 700))


@pytest.mark.parametrize(("read_as", "expected"), [("withheld", "withheld"), ("state", "state")])
def test_undivided_shares_are_read_as_the_scenario_says(tmp_path, read_as, expected):
    rows = [
        figure("RUS001", "RUS", "2024", "wage_gross", 100, unit="USD/month"),
        figure("CHN001", "CHN", "2024", "undivided_share", 0.8, unit="fraction"),
    ]
    read = ledger.read(write_ledger(tmp_path, rows))
    settings = scenario.Settings(dict(SETTINGS) | {"undivided_share_read_as": read_as})
    assert observations.TARGETS[observations.build(read, settings).target[1]] == expected
    none = scenario.Settings(dict(SETTINGS) | {"undivided_share_read_as": "none"})
    assert list(observations.build(read, none).figures["figure_id"]) == ["RUS001"]


def some_pay(d=400, h=2, seed=1):
    rng = np.random.default_rng(seed)
    withheld = rng.uniform(0.6, 0.95, (d, h))
    return revenue.Pay(
        wage=rng.uniform(200, 900, (d, h)),
        months=rng.uniform(9, 12, (d, h)),
        withheld=withheld,
        state=withheld * rng.uniform(0.3, 0.9, (d, h)),
        trend=rng.normal(0, 0.01, d),
        idle=rng.uniform(0.5, 0.9, d),
        plan=rng.uniform(6000, 10000, d),
        plan_trend=rng.normal(0, 0.01, d),
        under_plan=rng.uniform(0.4, 0.8, d),
        plan_part=rng.uniform(0.5, 0.8, d),
        plan_costs=rng.uniform(0.2, 0.6, d),
        plan_elsewhere=np.zeros(d),
    )


def test_the_four_definitions_are_ordered_and_add_up():
    years = np.arange(2005, 2027)
    each = revenue.per_worker(some_pay(), ("RUS", "CHN"), years)
    assert (
        (each["gross"] >= each["withheld"]).all()
        and (each["withheld"] >= each["state"]).all()
        and (each["state"] > 0).all()
    )
    assert np.allclose(each["withheld"] + each["net"], each["gross"])


def test_one_worker_by_hand():
    one = {
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
    pay = revenue.Pay(
        **{
            name: (
                np.array([[value] * 2])
                if name in ("wage", "months", "withheld", "state")
                else np.array([value])
            )
            for name, value in one.items()
        }
    )
    each = revenue.per_worker(pay, ("RUS", "CHN"), np.array([2016, 2021]))
    # China: 3,000 a year in 2016, half of it in 2021; 80 % withheld, 50 % to the state.
    assert each["gross"][0, 1] == pytest.approx([3000, 1500])
    assert each["state"][0, 1] == pytest.approx([1500, 750])
    assert each["net"][0, 1] == pytest.approx([600, 300])
    # Russia in 2016: half on a plan of 8,000 that is 0.8 of 10,000 gross; of the other 2,000 the
    # costs take 800.
    assert each["gross"][0, 0, 0] == pytest.approx(0.5 * 10_000 + 0.5 * 3_000)
    assert each["state"][0, 0, 0] == pytest.approx(0.5 * 8_000 + 0.5 * 1_500)
    assert each["net"][0, 0, 0] == pytest.approx(0.5 * 1_200 + 0.5 * 600)


def test_a_plan_everywhere_by_hand():
    """China: 3,000 a year; the plan is 0.8 of it, 2,400, and due in an idle year too, when 1,500 is
    all that there is."""
    given = {
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
        "plan_elsewhere": 1.0,
    }
    pay = revenue.Pay(
        **{
            n: np.full((1, 2), v) if n in ("wage", "months", "withheld", "state") else np.array([v])
            for n, v in given.items()
        }
    )
    years = np.array([2016, 2021])
    each = revenue.per_worker(pay, ("RUS", "CHN"), years)
    assert each["gross"][0, 1] == pytest.approx([3000, 1500])
    assert each["state"][0, 1] == pytest.approx([2400, 1500])
    assert each["net"][0, 1] == pytest.approx([600 * 0.6, 0])
    half = revenue.per_worker(replace(pay, plan_elsewhere=np.array([0.5])), ("RUS", "CHN"), years)
    assert half["state"][0, 1] == pytest.approx([(2400 + 1500) / 2, (1500 + 750) / 2])
    none = revenue.per_worker(replace(pay, plan_elsewhere=np.array([0.0])), ("RUS", "CHN"), years)
    assert all(
        np.allclose(each[name][:, 0], none[name][:, 0]) for name in each
    )  # Russia has a plan of its own
    assert none["state"][0, 1] == pytest.approx([1500, 750])


def test_the_fixed_plan_is_a_scenario_of_every_host():
    settings = scenario.load("fixed-plan", ROOT).settings
    assert settings.plan_share_elsewhere > 0.9 and settings.plan_share_russia[0] >= 0.9
    assert scenario.load("baseline", ROOT).settings.plan_share_elsewhere == 0


def test_more_workers_under_the_plan_leave_the_wage_of_the_others():
    """Half are builders, paid twice as much. With 0.2 of all under the plan, 0.3 builders stand
    beside 0.5 others: 11 / 8 of one wage."""
    whole, relative = np.tile([0.5, 0.5], (3, 1)), np.tile([2.0, 1.0], (3, 1))
    asked = np.array([0.2, 0.4, 0.9])
    planned, rest, change = revenue.outside_plan(asked, whole, relative, 0)
    assert planned == pytest.approx([0.2, 0.4, 0.495])
    assert rest[0] == pytest.approx([3 / 8, 5 / 8]) and change[0] == pytest.approx((11 / 8) / 1.5)
    # What is moved from there is what it would have been from the beginning; no more than there are
    # builders.
    pay = replace(some_pay(3, 2), under_plan=planned)
    base = pay.wage[:, 0] / change
    hosts, share = ("RUS", "CHN"), np.stack([rest, whole], axis=1)
    moved = revenue.with_share_under_plan(
        pay, revenue.Mix(share, relative, (revenue.BUILDING, "textiles")), hosts, 0.05
    )
    direct, _, then = revenue.outside_plan(asked + 0.05, whole, relative, 0)
    assert moved.under_plan == pytest.approx(direct) and moved.wage[:, 0] == pytest.approx(
        base * then
    )
    assert (moved.wage[:, 1] == pay.wage[:, 1]).all()


def test_stored_pay_comes_back(tmp_path):
    pay = some_pay()
    revenue.write_pay(tmp_path / "pay.parquet", pay, ("RUS", "CHN"))
    back, hosts = revenue.read_pay(tmp_path / "pay.parquet")
    assert hosts == ("RUS", "CHN")
    assert all(
        np.allclose(getattr(back, name), value, rtol=1e-6) for name, value in vars(pay).items()
    )


def test_the_top_level_and_the_mix_are_stored_beside_pay(tmp_path):
    rng = np.random.default_rng(3)
    top = {"wage_mean": rng.normal(6, 1, 400), "sector_sd": rng.uniform(0, 1, 400)}
    revenue.write_pay(tmp_path / "pay.parquet", some_pay(), ("RUS", "CHN"), top)
    back = revenue.read_top(tmp_path / "pay.parquet")
    assert set(back) == set(top) and all(
        np.allclose(back[name], top[name], rtol=1e-6) for name in top
    )
    assert revenue.read_pay(tmp_path / "pay.parquet")[1] == ("RUS", "CHN")
    revenue.write_pay(tmp_path / "pay.parquet", some_pay(), ("RUS", "CHN"))
    assert revenue.read_top(tmp_path / "pay.parquet") == {}
    made = revenue.Mix(
        rng.dirichlet([1, 1, 1], (400, 2)),
        rng.uniform(0.5, 2, (400, 3)),
        ("construction", "logging", "textiles"),
    )
    revenue.write_mix(tmp_path / "mix.parquet", made, ("RUS", "CHN"))
    read = revenue.read_mix(tmp_path / "mix.parquet", ("CHN", "RUS"))
    assert (
        read.sectors == made.sectors
        and np.allclose(read.share, made.share[:, ::-1], rtol=1e-5)
        and np.allclose(read.pay, made.pay, rtol=1e-5)
    )


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
    assert row[2017, "current"] == pytest.approx(
        100 * (200 + 5 * 12) / (200 + 5 * 19)
    )  # the tests' own price index
    assert len(host) == 4


def test_wage_regression_recovers_known_coefficients():
    rng = np.random.default_rng(4)
    region = pd.Series(np.repeat(["Gulf", "China"], 40))
    elapsed = rng.uniform(-8, 8, 80)
    dollars = pd.Series(
        np.exp(np.where(region == "Gulf", 6.9, 5.7) + 0.03 * elapsed + rng.normal(0, 0.1, 80))
    )
    fit = regressions.wage_regression(dollars, region, elapsed)
    assert fit["n"] == 80 and fit["trend"] == pytest.approx(0.03, abs=0.006)
    assert fit["trend_low"] < 0.03 < fit["trend_high"] and fit["residual"] == pytest.approx(
        np.exp(0.1), rel=0.05
    )
    assert regressions.wage_regression(dollars[:3], region[:3], elapsed[:3]) is None


def test_diagnostics_see_what_is_wrong_with_a_regression():
    rng = np.random.default_rng(5)
    region, elapsed = pd.Series(["Gulf", "China"] * 60), np.linspace(-8, 8, 120)
    clean = np.exp(6 + 0.03 * elapsed + rng.normal(0, 0.1, 120))
    bent = np.exp(6 + 0.02 * elapsed**2 + rng.normal(0, 0.1, 120))
    fanned = np.exp(6 + 0.03 * elapsed + rng.normal(0, 1, 120) * (0.02 + 0.04 * (elapsed + 8)))
    pulled = clean.copy()
    pulled[0] *= 30
    fits = [
        regressions.wage_regression(pd.Series(dollars), region, elapsed)
        for dollars in (clean, bent, fanned, pulled)
    ]
    assert fits[0]["breusch_pagan"] > 0.01 and fits[0]["reset"] > 0.01
    assert (
        fits[1]["reset"] < 1e-6
        and fits[2]["breusch_pagan"] < 1e-4
        and int(np.argmax(fits[3]["cook"])) == 0
    )
    hosts = pd.Series(np.tile(["QAT", "CHN", "KWT", "CHN"], 30))
    others = regressions.other_regressions(pd.Series(pulled), region, elapsed, hosts).set_index(
        "label"
    )
    assert others.loc["robust (Huber)", "trend"] == pytest.approx(0.03, abs=0.005)
    assert others.loc["median", "trend"] == pytest.approx(0.03, abs=0.006)


# --- the density and its sampler -----------------------------------------------------------------


@pytest.fixture(scope="module")
def real():
    read = ledger.read(ROOT / "data")
    made = observations.build(read, SETTINGS)
    years = np.arange(2005, 2027)
    workers = np.exp(np.random.default_rng(7).normal(7, 0.3, (50, len(made.hosts), len(years))))
    return made, sector_mix.read(read, made, SETTINGS, workers, made.hosts, years)


def test_the_gradient_of_pay_is_that_of_differences(real):
    density = pay_model.Density(*real, SETTINGS)
    theta = 0.4 * np.random.default_rng(1).standard_normal((2, density.dim))
    value, gradient = density.value_and_gradient(theta)
    assert np.array_equal(value, density(theta))
    for j in range(0, density.dim, 17):
        moved = np.zeros_like(theta)
        moved[:, j] = 1e-5
        assert np.allclose(
            gradient[:, j],
            (density(theta + moved) - density(theta - moved)) / 2e-5,
            rtol=1e-5,
            atol=1e-5,
        ), j


def test_both_engines_of_pay_have_one_posterior(real):
    """The log densities differ by one constant at random points of the real design."""
    pytest.importorskip("pymc")
    from exportedlabour.money import reference

    made, counts = real
    density = pay_model.Density(made, counts, SETTINGS)
    theta = 0.5 * np.random.default_rng(3).standard_normal((5, density.dim))
    named, raw = (
        density.name(theta),
        {
            name: np.moveaxis(density.layout.get(theta.T, name), -1, 0)
            for name in density.layout.places
        },
    )
    unknown = {f"{name}_sd_log__": np.log(named[f"{name}_sd"]) for name in posterior.SPREADS}
    unknown |= {f"{name}_z": raw[name] for name in (*posterior.SPREADS, "mix")}
    same = (
        "wage_mean",
        "trend",
        "withheld_mean",
        "state_mean",
        "log_plan",
        "plan_trend",
        "plan_logging_offset",
    )
    unknown |= {name: named[name] for name in same} | {
        f"error_{name}_log__": np.log(named[f"error_{name}"]) for name in ("wage", "share", "plan")
    }
    logp = reference.build(made, counts, SETTINGS).compile_logp()
    there = np.array(
        [logp({name: value[i] for name, value in unknown.items()}) for i in range(len(theta))]
    )
    assert np.ptp(there - density(theta)) < 1e-9 * np.abs(there).max() + 1e-8
    assert np.ptp(there) > 1


def paid_ledger(tmp_path, wage, kept, gross=12):
    """A ledger in which, by host, ``gross`` figures say what is earned and twelve what is left of
    it."""
    rows = []
    for i in range(12):
        for code in wage:
            if i < gross:
                rows.append(
                    figure(
                        f"{code}1{i:02d}",
                        code,
                        "2016",
                        "wage_gross",
                        wage[code],
                        bound="exact",
                        unit="USD/month",
                    )
                )
            rows.append(
                figure(
                    f"{code}2{i:02d}",
                    code,
                    "2016",
                    "wage_net",
                    round(wage[code] * kept),
                    bound="exact",
                    unit="USD/month",
                )
            )
    return ledger.read(write_ledger(tmp_path, rows))


def test_a_fit_recovers_wages_and_the_share_that_figures_of_net_pay_imply(tmp_path):
    settings = scenario.Settings(
        dict(SETTINGS) | {"pay_chains": 8, "pay_tune": 40, "pay_draws": 40, "price_year": 2016}
    )
    made = observations.build(paid_ledger(tmp_path, {"RUS": 800, "CHN": 400}, 0.25), settings)
    fit = pay_model.fit(made, sector_mix.none(), settings, workers=1, say=lambda text: None)
    wage, withheld = np.exp(fit.stack("log_wage")), 1 / (1 + np.exp(-fit.stack("logit_withheld")))
    for code, truth in (("RUS", 800), ("CHN", 400)):
        i = made.hosts.index(code)
        low, high = np.percentile(wage[:, i], [1, 99])
        assert low < truth < high and high / low < 1.8, code
        assert np.median(withheld[:, i]) == pytest.approx(0.75, abs=0.06), code
    assert np.allclose(fit.stack("mix").sum(axis=2), 1)


def test_net_pay_ties_the_wage_to_the_share_withheld(tmp_path):
    """Where hardly anybody says what is earned, a higher wage goes with a higher share, as what is
    left is known."""
    settings = scenario.Settings(
        dict(SETTINGS) | {"pay_chains": 16, "pay_tune": 60, "pay_draws": 60, "price_year": 2016}
    )
    made = observations.build(paid_ledger(tmp_path, {"RUS": 800}, 0.25, gross=1), settings)
    fit = pay_model.fit(made, sector_mix.none(), settings, workers=1, say=lambda text: None)
    i = made.hosts.index("RUS")
    log_wage, logit = fit.stack("log_wage")[:, i], fit.stack("logit_withheld")[:, i]
    assert np.corrcoef(log_wage, logit)[0, 1] > 0.5
    left = np.exp(log_wage) / (1 + np.exp(logit))
    assert (
        np.median(left) == pytest.approx(200, rel=0.1) and np.log(left).std() < 0.5 * log_wage.std()
    )


# --- sectors, IT, and what a build imports
# ---------------------------------------------------------


def test_revenue_by_sector_by_hand_adds_up_to_all():
    pay = some_pay(3)
    years, hosts, names = np.array([2016, 2021]), ("RUS", "CHN"), ("construction", "textiles")
    share = np.tile(np.array([[0.5, 0.5], [0.0, 1.0]]), (3, 1, 1))
    mixed = revenue.Mix(share, np.tile([2.0, 1.0], (3, 1)), names)
    workers = np.full((3, 2, 2), 10.0)
    total = revenue.revenue(workers, revenue.per_worker(pay, hosts, years))
    sectors = revenue.by_sector(total, workers, pay, mixed, hosts, years)
    for name in revenue.DEFINITIONS:
        assert np.allclose(sectors[name].sum(axis=1), total[name].sum(axis=1))
    # Russia: five builders in ten outside the plan earn twice as much as the others, so that
    # textiles have a third of that money.
    outside = 10 * (1 - pay.under_plan) * pay.wage[:, 0] * pay.months[:, 0] / 3
    assert sectors["gross"][:, 1, 0] == pytest.approx(outside + total["gross"][:, 1, 0])


def test_it_workers_by_hand_and_only_where_they_are_known():
    fixed = {
        f"it_heads_{year}": [heads, 1e-9] for year, heads in zip(it.KNOTS, (1000, 4000, 4000, 1000))
    }
    fixed |= {
        "it_gross_month": [5000, 1e-9],
        "it_state_share": [0.5, 0.5],
        "it_others_share": [0.2, 0.2],
    }
    drawn = it.draw(
        scenario.Settings(dict(SETTINGS) | fixed),
        np.arange(2013, 2027),
        3,
        np.random.default_rng(1),
    )
    assert list(drawn.years) == list(range(2015, 2027))
    assert drawn.heads[0, [0, 2, 4, -1]] == pytest.approx(
        [1000, 2000, 4000, 1000], rel=1e-6
    )  # straight in logs
    assert drawn.money["gross"][0, 0] == pytest.approx(60e6, rel=1e-6) and drawn.money["state"][
        0, 0
    ] == pytest.approx(30e6, rel=1e-6)
    assert drawn.money["net"][0, 0] == pytest.approx(24e6, rel=1e-6)
    whole = it.spread(drawn, np.arange(2013, 2027), np.full(14, 0.5))["state"]
    assert (
        whole.shape == (3, 1, 14)
        and (whole[:, 0, :2] == 0).all()
        and whole[0, 0, 2] == pytest.approx(60e6, rel=1e-6)
    )


def test_what_the_pipeline_names_needs_no_compiler():
    steps = pipeline.read_steps(ROOT, alternative=True).values()
    files = {path for step in steps for path in pipeline.code_of(ROOT, step)}
    files = [path.relative_to(imports.PACKAGE) for path in files if path.suffix == ".py"]
    names = sorted(".".join(["exportedlabour", *path.with_suffix("").parts]) for path in files)
    names.append("exportedlabour.cli")
    assert "exportedlabour.money.pay_model" in names and len(names) > 20
    program = (
        "import sys, importlib\nfor name in ('pymc', 'pytensor', 'numba', 'nutpie', 'llvmlite'):"
        f" sys.modules[name] = None\nfor name in {names!r}: importlib.import_module(name)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr[-2000:]


def test_a_fit_of_pay_is_read_as_it_was_written(tmp_path):
    rng = np.random.default_rng(4)
    named = {
        "trend": rng.normal(size=(3, 5)),
        "log_wage": rng.normal(size=(3, 5, 2)),
        "mix": rng.normal(size=(3, 5, 2, 4)),
    }
    posterior.write_fit(tmp_path / "fit.parquet", posterior.PayFit(named, 7, 1.5))
    found = posterior.read_fit(tmp_path / "fit.parquet")
    assert found.divergences == 7 and list(found.named) == list(named)
    for name, values in named.items():
        assert np.array_equal(found.named[name], values) and found.named[name].dtype == values.dtype
    assert np.array_equal(found.stack("mix"), named["mix"].reshape(15, 2, 4))
