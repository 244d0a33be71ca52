"""What the chapter on validation tells, by hand: coverage, predictions, notifications, dependence,
engines."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from exportedlabour import project
from exportedlabour.assumptions import scenario
from exportedlabour.evidence import ledger
from exportedlabour.validation import (
    committed,
    coverage,
    dependence,
    engines,
    notifications,
    predictions,
    prior_check,
    summary,
)
from exportedlabour.validation.experiments import RANKED, SENT_HOME, SPECIFIED
from exportedlabour.workers import observations


@pytest.fixture(scope="module")
def real():
    evidence = ledger.read(project.resolve("data"))
    settings = scenario.Settings(scenario.load().used_by("workers"))
    return evidence, settings, observations.build(evidence, settings)


@pytest.fixture(scope="module")
def tables():
    return committed.read(project.resolve("results") / "validation")


# --- before any figure is read --------------------------------------------------------------------


def test_what_the_priors_allow_is_counted_by_hand():
    mean, uncut = np.array([5e3, 1e4, 2e4, 9e5]), np.array([5e3, 2e4, 1e6, 3e6])
    found = prior_check.PriorCheck(np.ones((4, 2)), 0.25, mean, uncut)
    assert (found.share, found.below) == (0.5, 0.5)
    assert (found.share_uncut, found.above_uncut) == (0.25, 0.5)


def test_the_limit_takes_away_what_is_above_it(real):
    _, settings, made = real
    found = prior_check.check(made, settings, np.random.default_rng(1))
    assert found.world.max() <= settings.world_limit and 0 < found.cut < 0.2
    assert found.above_uncut > 0 and (found.mean < prior_check.MOST).all()


# --- simulated worlds -----------------------------------------------------------------------------


def of_kind(kind, inside_80, inside_95=1.0, scope="world"):
    shares = {"inside_80": inside_80, "inside_95": inside_95}
    shares |= {f"above_{level}": 0.0 for level in coverage.LEVELS}
    shares |= {f"below_{level}": 1 - shares[f"inside_{level}"] for level in coverage.LEVELS}
    return {"world": kind, "scope": scope, "n": 22} | shares


def test_one_world_is_one_observation():
    worlds = pd.DataFrame([of_kind(SPECIFIED, 0.9), of_kind(SPECIFIED, 0.7), of_kind("wild", 0.5)])
    worlds = pd.concat([worlds, pd.DataFrame([of_kind(SPECIFIED, 0.0, scope="host_year")])])
    table = coverage.of_worlds(worlds, "world")
    assert list(table.index) == [SPECIFIED, "wild"] and table["n"].tolist() == [2, 1]
    row = table.loc[SPECIFIED]
    # The standard error of the mean of 0.9 and 0.7 is 0.1.
    assert row[["covered_80", "low_80", "high_80"]].tolist() == pytest.approx([0.8, 0.604, 0.996])
    assert (row["below_80"], row["above_80"], row["high_95"]) == pytest.approx((0.2, 0, 1))
    alone = table.loc["wild", ["covered_80", "low_80", "high_80"]]
    assert alone.tolist() == [0.5, 0.0, 1.0]  # one world says nothing of others


def test_host_years_with_and_without_a_figure_are_weighed_by_worlds():
    index = [SPECIFIED, "wild", "copies"]
    counted = pd.DataFrame(
        {"n": [3, 1, 1], "covered_80": [0.8, 0.4, np.nan], "covered_95": [0.9, 0.5, np.nan]}, index
    )
    empty = counted.assign(covered_80=[0.6, 0.2, np.nan], covered_95=[0.8, 0.4, np.nan])
    kinds, own, none = coverage.apart(counted, empty)
    assert kinds == 2 and own == pytest.approx([0.7, 0.8]) and none == pytest.approx([0.5, 0.7])
    assert coverage.apart(counted.loc[["copies"]], empty.loc[["copies"]]) is None


def test_worlds_that_are_wrong_in_one_way_are_those_besides_three():
    kinds = [SPECIFIED, "all three", SENT_HOME, "copies", "wild"]
    worlds = pd.DataFrame(
        [of_kind(kind, x, 0.95) for kind, x in zip(kinds, [0.1, 0.1, 0.1, 0.8, 0.7])]
    )
    found = coverage.wrong_worlds(coverage.of_worlds(worlds, "world"))
    assert (found.kinds, found.worst, found.covered, found.few) == (2, "wild", 0.7, 1)
    assert found.outside == {80: {"wild": 0.7}, 95: {}}
    only = coverage.of_worlds(worlds[worlds["world"] == SPECIFIED], "world")
    assert coverage.wrong_worlds(only) is None


def test_ranks_that_lean_are_outside_the_band():
    rng = np.random.default_rng(1)
    every = range(200)
    good = pd.DataFrame(
        {"seed": every, "quantity": "good", "rank": rng.integers(0, RANKED + 1, 200)}
    )
    low = pd.DataFrame({"seed": every, "quantity": "low", "rank": rng.integers(0, 40, 200)})
    found = coverage.calibration(pd.concat([good, low]), 1, rng)
    assert found.outside == found.rejected == ["low"]
    assert set(found.table["quantity"]) == {"good", "low"}


def test_fits_whose_chains_disagree_are_taken_out():
    fits = pd.DataFrame(
        {
            "part": [SPECIFIED, SPECIFIED, "held out"],
            "refit": ["world-as-specified-000", "world-as-specified-001", "out-x"],
            "r_hat": [1.01, 1.2, 1.3],
            "divergent": [0.0, 0.03, 0.0],
        }
    )
    worlds = pd.DataFrame([of_kind(SPECIFIED, 0.8), of_kind(SPECIFIED, 0.2)]).assign(seed=[0, 1])
    found = coverage.agreement(fits, worlds)
    assert (found.r_hat, found.poor, found.divergent) == pytest.approx((1.2, 1, 0.01))
    assert found.without_poor.loc["world", "inside_80"] == 0.8


# --- predictions ----------------------------------------------------------------------------------


def test_splits_are_told_by_how_figures_were_left_out():
    split = pd.Series(
        [
            "families 2 of 5",
            "house us_state",
            "class press",
            "published after 2017",
            "before the UN notifications",
        ]
    )
    assert predictions.groups(split).tolist() == [
        predictions.FAMILIES,
        predictions.HOUSE,
        predictions.CLASS,
        "published after 2017",
        predictions.NOTIFIED,
    ]


def lines(method, crps, split="families 1 of 2", flow=False):
    n = len(crps)
    return pd.DataFrame(
        {
            "split": split,
            "method": method,
            "figure_id": [f"AAA{i:03d}" for i in range(n)],
            "family": [f"F{i}" for i in range(n)],
            "flow": flow,
            "error": 0.0,
            "crps": crps,
            "pit_low": 0.49,
            "pit_high": 0.51,
            "probability": np.nan,
            **{f"interval_score_{level}": 1.0 for level in (50, 80, 95)},
        }
    )


def test_methods_are_compared_on_the_figures_that_all_of_them_predict():
    ours, theirs = [1.0, 2.0, 9.0], [2.0, 5.0, np.nan]
    held = pd.concat([lines(summary.OURS, ours), lines("median", theirs, flow=True)])
    found = predictions.held_out(held, 1, np.random.default_rng(1))
    table = predictions.against_benchmarks(held, found).set_index("method")
    assert table["n"].tolist() == [2, 2]
    assert table["crps"].tolist() == [1.5, 3.5]
    assert table.loc["median", ["difference", "flows", "inside"]].tolist() == [-2.0, 3.5, 1.0]
    assert np.isnan(table.loc[summary.OURS, "flows"])


def test_groups_come_in_the_order_of_the_chapter_and_small_classes_are_not_looked_at_alone():
    splits = ["class press", "house us_state", "families 1 of 2", "published after 2017"]
    counts = [12, 4, 5, 3]
    held = pd.concat([lines(summary.OURS, [1.0] * n, name) for n, name in zip(counts, splits)])
    found = predictions.held_out(held, 1, np.random.default_rng(1))
    assert list(found.scored.index) == [
        predictions.FAMILIES,
        predictions.HOUSE,
        predictions.CLASS,
        "published after 2017",
    ]
    assert list(found.alone.index) == ["class press"] and len(found.pit) == 5


def test_a_model_holds_the_figures_that_its_draws_are_about(real):
    _, _, made = real
    ends = np.stack([made.lower, made.upper])
    middle = np.where(np.isfinite(ends), ends, np.nan)
    predicted = np.nanmean(middle, axis=0) + np.random.default_rng(1).standard_normal(
        (400, len(made.kind))
    )
    table = predictions.of_own_figures(made, predicted)
    assert set(table.index) <= set(made.biases) and (table["n"] >= 3).all()
    assert table["n"].is_monotonic_decreasing and (table["covered_80"] == 1).all()


# --- notifications --------------------------------------------------------------------------------


def test_notifications_stand_beside_what_was_predicted(real, tables):
    evidence = real[0]
    found = notifications.famous(evidence, tables.notified_stock, tables.notified_figures)
    assert 0 < len(found) <= len(notifications.FAMOUS) + len(notifications.PERMITS)
    assert (found["lo95"] <= found["median"]).all() and (~found["like"]).sum() == 1
    nothing = notifications.famous(
        evidence, tables.notified_stock.head(0), tables.notified_figures.head(0)
    )
    assert not len(nothing) and list(nothing.columns) == notifications.COLUMNS


def test_a_number_at_the_end_of_an_interval_is_within():
    table = pd.DataFrame(
        {"stated": [1.0, 5.0, 6.0], "lo80": 1.0, "hi80": 5.0, "lo95": 0.0, "hi95": 6.0}
    )
    assert notifications.within(table, 80).tolist() == [True, True, False]
    assert notifications.within(table, 95).all()


# --- dependence -----------------------------------------------------------------------------------


def drawn_top_level(made, n=50):
    rng = np.random.default_rng(3)
    names = [f"bias:{name}" for name in made.biases]
    names += ["shock:sanctions", "shock:deadline", "shock:reopening"]
    names += ["level_mean", "log_step_median", "log_turnover", "coverage"]
    drawn = {name: rng.standard_normal(n) for name in names}
    positive = ["level_sd", *(f"error:{name}" for name in made.biases)]
    return drawn | {name: np.exp(0.3 * rng.standard_normal(n)) for name in positive}


def test_groups_of_priors_have_the_densities_that_scipy_gives(real):
    _, settings, made = real
    drawn = drawn_top_level(made)

    def normal(name, mean_sd):
        return stats.norm.logpdf(drawn[name], *mean_sd)

    step = np.log(settings.step_scale_median), settings.step_scale_median_log_sd
    expected = {
        "biases of classes": sum(normal(f"bias:{b}", settings[f"bias_{b}"]) for b in made.biases),
        "errors of classes": sum(
            stats.norm.logpdf(
                np.log(drawn[f"error:{b}"]), np.log(settings[f"error_{b}"]), settings.error_log_sd
            )
            for b in made.biases
        ),
        "shocks": sum(
            normal(f"shock:{name}", settings[f"shock_{name}"])
            for name in ("sanctions", "deadline", "reopening")
        ),
        "levels and steps": normal("level_mean", settings.level_log_mean)
        + stats.halfnorm.logpdf(drawn["level_sd"], scale=settings.level_log_sd)
        + normal("log_step_median", step),
        "turnover and coverage": normal("log_turnover", settings.turnover_log)
        + normal("coverage", settings.coverage_world),
    }
    found = dependence.densities(made, settings, drawn)
    assert list(found) == list(expected)
    for name, values in expected.items():
        assert found[name] == pytest.approx(values, rel=1e-12), name


def test_a_source_that_was_refitted_is_told_by_its_refit():
    rng = np.random.default_rng(4)
    made = SimpleNamespace(
        years=np.array([2017, 2018]),
        figures=pd.DataFrame({"lineage": ["L1", "L1", ""], "source": ["s1", "s2", "s3"]}),
    )
    world = np.exp(rng.normal(11, 0.1, (800, 2)))
    likelihood = rng.normal(0, 0.1, (800, 3))
    left_out = pd.DataFrame(
        [("", 0, year, 100.0, 0.001) for year in (2017, 2018)]
        + [("L1", 2, year, 80.0, 0.001) for year in (2017, 2018)],
        columns=["origin", "n", "year", "median", "error"],
    )
    found = dependence.on_sources(made, world, likelihood, np.zeros(800), left_out)
    assert set(found.moved["group"]) == set(found.trusted["group"]) == {"L1", "s3"}
    assert found.unknown == 0
    assert found.listed["group"].tolist() == ["L1", "L1"]
    assert found.listed["change"].tolist() == pytest.approx([-20, -20])
    assert (found.listed["change_low"] < -20).all() and (found.listed["change_high"] > -20).all()


# --- engines --------------------------------------------------------------------------------------


def test_engines_are_compared_by_quantity_by_host_and_by_speed():
    compared = pd.DataFrame(
        {
            "ledger": "real",
            "quantity": ["log_stock[0, 0]", "log_stock[0, 1]", "log_stock[1, 0]", "coverage"],
            "z": [2.0, -3.0, 0.5, 1.0],
            "ends": [0.1, 0.2, 0.05, 0.0],
        }
    )
    samplers = pd.DataFrame(
        {
            "least_ess": [400.0, 100.0, 50.0],
            "median_ess": [800.0, 400.0, 400.0],
            "processor_seconds": [10.0, 20.0, 40.0],
        }
    )
    found = engines.compare(samplers, compared)
    assert (found.inside, found.largest, found.ends) == (0.5, 3.0, 0.2)
    assert (found.hosts, found.apart) == (2, 1)
    assert found.spread == pytest.approx(np.std([-0.5, 0.5], ddof=1))
    assert found.by_ledger.loc["real"].tolist() == [4, 0.5, 3.0, 0.2]
    assert found.ratios == {
        ("least_ess", 1): 8.0,
        ("least_ess", 2): 32.0,
        ("median_ess", 1): 4.0,
        ("median_ess", 2): 8.0,
    }
