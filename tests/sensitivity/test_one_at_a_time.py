"""Moving an assumption by one prior standard deviation, against posteriors that are known
exactly."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import halfnorm, norm

from exportedlabour.assumptions import scenario
from exportedlabour.assumptions.scenario import Settings
from exportedlabour.book import assumption_page
from exportedlabour.money import it, revenue
from exportedlabour.sensitivity import one_at_a_time as effects
from exportedlabour.sensitivity import one_at_a_time_money

SETTINGS = Settings(scenario.load().used_by("assumptions"))
YEARS = np.array([2017, 2021])


def test_a_moved_prior_moves_a_normal_posterior_as_algebra_says():
    """Prior N(0, 1), one datum at 1 with sd 1: posterior N(0.5, 1/2). With the prior's mean at 1 it
    is N(1, 1/2)."""
    draws = np.random.default_rng(5).normal(0.5, np.sqrt(0.5), 40_000)
    shift = effects.Reweighted("mean 0", "mean 1", effects.shifted(draws, 0.0, 1.0))
    row = effects.effects(pd.DataFrame({"world_peak": draws}), {"bias_press": shift}).iloc[0]
    assert row["before"] == pytest.approx(0.5, abs=0.02) and row["after"] == pytest.approx(
        1.0, abs=0.05
    )
    assert row["high"] - row["low"] == pytest.approx(2 * 1.2816 * np.sqrt(0.5), rel=0.05)
    assert row["how"] == effects.REWEIGHTED and row["pareto_k"] < 0.7 and row["error"] < 0.05


def test_a_move_that_stretches_the_draws_too_far_gives_no_number():
    draws = np.random.default_rng(5).normal(0, 1, 500)
    far = effects.Reweighted("mean 0", "mean 9", effects.shifted(draws, 0.0, 0.05))
    row = effects.effects(pd.DataFrame({"world_peak": draws + 10}), {"bias_press": far}).iloc[0]
    assert np.isnan(row["after"]) and row["how"] == effects.UNTRUSTED


def test_moves_are_of_the_stored_priors_only():
    baseline = scenario.load().assumptions
    used = Settings({name: a.value for name, a in baseline.items() if "assumptions" in a.used_by})
    rng = np.random.default_rng(0)
    hyper = {
        "bias:press": rng.normal(0.2, 0.4, 100),
        "error:press": np.exp(rng.normal(np.log(0.6), 0.3, 100)),
        "shock:deadline": np.full(100, -0.7),
    }
    shifts = effects.worker_shifts(used, hyper, np.exp(rng.normal(9.6, 0.8, (100, 2))))
    assert (shifts["bias_press"].given, shifts["bias_press"].moved) == ("mean 0.2", "mean 0.6")
    assert shifts["error_press"].moved == "0.81"  # 0.6 times exp(0.3)
    assert shifts["shock_deadline"].log_ratio == pytest.approx(
        np.full(100, -0.5)
    )  # at the mean: -z of 1 squared over two
    assert shifts["bias_interview"] == effects.UNREAD and shifts["margin_at_most"] == effects.REFIT
    assert shifts["start_log_large"].log_ratio.shape == (100,)
    assert "error_df" not in shifts and "error_log_sd" not in shifts


# --- money
# ---------------------------------------------------------------------------------------------


def take_of(d=2, **changed):
    """Ten workers in China and four in Russia, every draw alike: 300 a month, 9 months, half to the
    state."""
    each = {
        "wage": 300.0,
        "months": 9.0,
        "withheld": 0.8,
        "state": 0.5,
        "trend": 0.0,
        "idle": 0.5,
        "plan": 8000.0,
        "plan_trend": 0.0,
        "under_plan": 0.25,
        "plan_part": 0.6,
        "plan_costs": 0.4,
        "plan_elsewhere": 0.0,
    } | changed
    pay = revenue.Pay(
        **{
            n: (
                np.full((d, 2), v)
                if n in ("wage", "months", "withheld", "state")
                else np.full(d, float(v))
            )
            for n, v in each.items()
        }
    )
    # Of Russia's four, one is under the plan, one is a builder outside it, two are in textiles and
    # paid half as much.
    mix = revenue.Mix(
        np.tile([[1 / 3, 2 / 3], [0.0, 1.0]], (d, 1, 1)),
        np.tile([2.0, 1.0], (d, 1)),
        ("construction", "textiles"),
    )
    workers = np.tile(np.array([[4.0], [10.0]]), (d, 1, 2))
    return one_at_a_time_money.Take(
        workers, pay, mix, ("RUS", "CHN"), YEARS, ("state_peak", "state_last"), np.array([1.0, 1.5])
    )


def after(shifts, name, headline):
    return float(np.median(shifts[name].after[headline]))


def test_what_acts_after_the_fit_is_computed_again_by_hand():
    take = take_of()
    base = take.of(take.pay, SETTINGS)
    # 2017: China 10 x 2,700 / 2; Russia 3 x 2,700 / 2 and a plan of 8,000. 2021: months by half, in
    # dollars worth half as much again.
    assert base["state_peak"] == pytest.approx(13_500 + 4_050 + 8_000) and base[
        "state_last"
    ] == pytest.approx(1.5 * (6_750 + 2_025 + 8_000))
    shifts = one_at_a_time_money.money_shifts(SETTINGS, take, {})
    # idle_months_factor, 0.5 to 0.9: one standard deviation is 0.4 over the root of twelve.
    idle = 0.5 + 0.4 / np.sqrt(12)
    assert (shifts["idle_months_factor"].given, shifts["idle_months_factor"].moved) == (
        "0.5 to 0.9",
        "0.615 to 1",
    )
    assert after(shifts, "idle_months_factor", "state_last") == pytest.approx(
        1.5 * (idle * 17_550 + 8_000)
    )
    assert after(shifts, "idle_months_factor", "state_peak") == pytest.approx(25_550)
    # The plan's part and costs change what is earned and kept, but not what the state has.
    assert (
        after(shifts, "plan_part_of_gross", "state_peak")
        == after(shifts, "plan_costs_of_rest", "state_peak")
        == pytest.approx(25_550)
    )
    # plan_share_russia, 0.4 to 0.8. Outside the plan one builder at two parts and two others at one
    # have 300 on average, so that a
    # part is 225; with more under the plan fewer builders stand beside the others, who are half of
    # all workers.
    more = 0.25 + 0.4 / np.sqrt(12)
    wage = 225 * ((0.5 - more) * 2 + 0.5) / (1 - more)
    outside = 4 * (1 - more) * wage * 9 / 2
    assert after(shifts, "plan_share_russia", "state_peak") == pytest.approx(
        13_500 + outside + 4 * more * 8_000
    )


def test_months_move_with_their_rank():
    """Of a beta whose second parameter is 1 the quantile of a rank is its power: Beta(19, 1)
    becomes Beta(9, 1)."""
    ranks = np.array([0.1, 0.5, 0.9])
    months = 12 * ranks ** (1 / 19)
    assert one_at_a_time_money.months_with(months, (0.95, 20), (0.9, 10)) == pytest.approx(
        12 * ranks ** (1 / 9)
    )
    assert one_at_a_time_money.months_with(months, (0.95, 20), (0.95, 20)) == pytest.approx(months)
    shifts = one_at_a_time_money.money_shifts(SETTINGS, take_of(), {})
    assert (
        shifts["months_paid_share"].moved == f"{0.9 + np.sqrt(0.9 * 0.1 / 21):.3g}"
        and shifts["months_paid_strength"].moved == "27"
    )


def test_a_wider_error_of_definition_has_the_spread_that_it_should():
    take = take_of(20_000)
    noise = 0.12 * revenue.shared_errors(
        np.random.default_rng(3), take.pay.wage.shape, SETTINGS.host_error_correlation
    )
    take = replace(
        take, pay=replace(take.pay, wage=300 * np.exp(noise), under_plan=np.zeros(20_000))
    )
    moved = one_at_a_time_money.money_shifts(SETTINGS, take, {})["definition_wage_sd"]
    assert (moved.given, moved.moved) == ("0.12", "0.162")
    # Fourteen workers who share half of their error's variance: the sd of the log is a little below
    # that of one.
    weights = np.array([4, 10]) / 14
    expected = 0.162 * np.sqrt(0.5 + 0.5 * (weights**2).sum())
    assert np.log(moved.after["state_peak"]).std() == pytest.approx(expected, rel=0.03)


def test_priors_of_money_are_reweighted_and_reach_the_state_alone():
    take = take_of(3)
    top = {
        "wage_mean": np.array([6.1, 6.5, 6.9]),
        "wage_region_sd": np.array([0.2, 0.4, 0.8]),
        "error_wage": np.full(3, 0.2),
        "error_plan": np.full(3, 0.2),
    }
    shifts = one_at_a_time_money.money_shifts(SETTINGS, take, top)
    assert shifts["wage_log_mean"].log_ratio == pytest.approx([-0.5, 0.5, 1.5])
    assert shifts["error_wage"].log_ratio == pytest.approx([-1.0] * 3)  # two errors with one median
    assert shifts["plan_dollars_a_year"].log_ratio == pytest.approx([-0.5] * 3)
    assert shifts["wage_trend"].log_ratio == pytest.approx([-1.0] * 3)  # of pay and of the plan
    step = np.exp(0.3)
    exact = halfnorm(scale=0.4 * step).logpdf(top["wage_region_sd"]) - halfnorm(scale=0.4).logpdf(
        top["wage_region_sd"]
    )
    assert np.diff(shifts["wage_region_sd"].log_ratio) == pytest.approx(np.diff(exact))
    assert shifts["withheld_logit"] == shifts["share_host_sd"] == effects.REFIT  # not stored here
    draws = np.random.default_rng(1).normal(6.5, 0.2, 2000)
    shift = effects.Reweighted(
        "", "", effects.shifted(draws, 6.1, 0.4), one_at_a_time_money.REACHES
    )
    table = effects.effects(
        pd.DataFrame({"world_peak": draws, "state_peak": np.exp(draws)}), {"wage_log_mean": shift}
    ).set_index("headline")
    assert table.at["world_peak", "ratio"] == 1 and table.at["world_peak", "error"] == 0
    # A posterior N(6.5, 0.04) under a prior of sd 0.4 moved by 0.4: its mean rises by 0.04 / 0.4.
    assert table.at["state_peak", "ratio"] == pytest.approx(
        np.exp(0.1), abs=3 * table.at["state_peak", "error"]
    )


def test_what_is_recomputed_is_told_with_a_paired_error():
    draws = np.exp(np.random.default_rng(2).normal(3, 0.4, 4000))
    table = effects.effects(
        pd.DataFrame({"world_peak": draws, "state_peak": draws}),
        {"months_paid_share": effects.Recomputed("a", "b", {"state_peak": 1.2 * draws})},
    ).set_index("headline")
    row = table.loc["state_peak"]
    assert (
        row["ratio"] == pytest.approx(1.2, abs=0.005)
        and row["error"] == pytest.approx(0, abs=1e-9)
        and row["how"] == effects.RECOMPUTED
    )
    assert table.at["world_peak", "after"] == table.at["world_peak", "before"]
    told = assumption_page.effect_in_words(
        table.reset_index().assign(before=300e6, after=360e6), str
    )
    assert (
        told
        == "a → b: taken by the state in the peak year 300 million dollars → 360 million dollars"
        " (+20.0%). Recomputed draw by draw."
    )
    wild = np.append(draws, 1e12)  # a draw beyond all measure says nothing of the middle
    assert effects.paired_error(wild, np.sort(wild)) < 0.02
    rng = np.random.default_rng(4)
    pairs = [np.exp(rng.normal(3, 0.1, (2, 400))) for _ in range(300)]
    ratios = [np.median(b) / np.median(a) for a, b in pairs]
    assert np.mean([effects.paired_error(a, b) for a, b in pairs]) == pytest.approx(
        np.std(ratios), rel=0.15
    )


def test_it_workers_move_nothing_until_they_are_included():
    take = take_of(500)
    assert set(one_at_a_time_money.HEADS) <= {
        n
        for n, m in one_at_a_time_money.money_shifts(SETTINGS, take, {}).items()
        if m == one_at_a_time_money.OUTSIDE
    }
    included = Settings(dict(SETTINGS) | {"include_it": "yes"})
    base = take.of(take.pay, included)
    apart = it.draw(included, YEARS, 500, it.randomness(included)).money["state"]
    assert base["state_last"] == pytest.approx(apart[:, 1] + 1.5 * 16_775)
    shifts = one_at_a_time_money.money_shifts(included, take, {})
    # Earnings rise by a factor exp(0.4), draw by draw; heads of 2025 have no part in 2017 and 2021.
    moved = shifts["it_gross_month"].after["state_peak"]
    assert moved == pytest.approx(25_550 + np.exp(0.4) * apart[:, 0])
    assert shifts["it_heads_2025"].after["state_last"] == pytest.approx(base["state_last"])
    assert shifts["it_heads_2019"].after["state_peak"] == pytest.approx(
        25_550 + apart[:, 0] * np.exp(0.4 / 2)
    )


def test_more_workers_where_nobody_counted_by_hand():
    used = {"no_data_offset": [-1.0, 0.5]}
    found = effects.uncounted_shift(
        scenario.Settings(used),
        {"world_peak": np.array([100.0, 50.0])},
        {"world_peak": np.array([10.0, 0.0])},
    )
    assert found.after["world_peak"] == pytest.approx([100 + 10 * (np.exp(0.5) - 1), 50])
    assert (found.given, found.moved) == ("mean -1", "mean -0.5")


def test_a_wider_spread_of_levels_prefers_draws_with_a_wide_one():
    hyper = {"level_sd": np.array([1.0, 3.0])}
    used = {"level_log_sd": 1.5, "error_log_sd": 0.3}
    shift = effects.worker_shifts(scenario.Settings(used), hyper, None)["level_log_sd"]
    wide = 1.5 * np.exp(0.3)
    by_hand = 0.5 * hyper["level_sd"] ** 2 * (1 / 1.5**2 - 1 / wide**2) - 0.3
    assert shift.log_ratio == pytest.approx(by_hand) and (shift.given, shift.moved) == (
        "1.5",
        "2.02",
    )


def test_wider_effects_prefer_draws_with_large_ones():
    """Two effects with squares that sum to 5: under a scale of 0.8 times e to the 0.3 each density
    is N(0, e to the 0.3)."""
    hyper = {
        "squares:shock_host_sd": np.array([5.0, 2.0]),
        "count:shock_host_sd": np.array([2.0, 2.0]),
    }
    shift = effects.worker_shifts(
        scenario.Settings({"shock_host_sd": 0.8, "error_log_sd": 0.3}), hyper, None
    )["shock_host_sd"]
    wide = np.exp(0.3)
    of_two_and_one = norm.logpdf([2.0, 1.0], 0, wide).sum() - norm.logpdf([2.0, 1.0]).sum()
    assert (
        shift.log_ratio[0] == pytest.approx(of_two_and_one)
        and shift.log_ratio[0] > shift.log_ratio[1]
    )
    assert (shift.given, shift.moved) == ("0.8", "1.08")
    none = {name: np.zeros(2) for name in hyper}
    assert (
        effects.worker_shifts(
            scenario.Settings({"shock_host_sd": 0.8, "error_log_sd": 0.3}), none, None
        )["shock_host_sd"]
        == effects.UNREAD
    )


def test_larger_steps_move_the_pooled_median_and_the_large_hosts():
    used = scenario.Settings(
        {
            "step_scale_median": 0.2,
            "step_scale_median_log_sd": 0.25,
            "step_scale_log_sd": 0.5,
            "error_log_sd": 0.3,
        }
    )
    hyper = {"log_step_median": np.log([0.2, 0.3]), "log_step:CHN": np.log([0.2, 0.4])}
    shift = effects.worker_shifts(used, hyper, None)["step_scale_median"]
    given, moved = np.log(0.2), np.log(0.2) + 0.25
    by_hand = [
        norm.logpdf(m, moved, 0.25)
        - norm.logpdf(m, given, 0.25)
        + norm.logpdf(c, moved, 0.5)
        - norm.logpdf(c, given, 0.5)
        for m, c in zip(np.log([0.2, 0.3]), np.log([0.2, 0.4]), strict=True)
    ]
    assert shift.log_ratio == pytest.approx(by_hand) and shift.moved == "0.257"


def test_hosts_that_nobody_counted_are_more_often_present_by_hand():
    used = scenario.Settings({"no_data_presence": 0.5, "error_log_sd": np.log(3)})
    shift = effects.presence_shift(used, np.array([0, 2]), 2)
    assert shift.moved == "0.75" and np.exp(shift.log_ratio) == pytest.approx(
        [0.25**2 / 0.25, 0.75**2 / 0.25]
    )
