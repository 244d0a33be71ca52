"""Moving an assumption by one prior standard deviation, against posteriors that are known exactly."""

import numpy as np
import pandas as pd
import pytest

from exportedlabour import assumption_effects as effects
from exportedlabour import scenario
from exportedlabour.scenario import Settings


def test_a_moved_prior_moves_a_normal_posterior_as_algebra_says():
    """Prior N(0, 1), one datum at 1 with sd 1: posterior N(0.5, 1/2). With the prior's mean at 1 it is N(1, 1/2)."""
    draws = np.random.default_rng(5).normal(0.5, np.sqrt(0.5), 40_000)
    move = effects.Move("mean 0", "mean 1", effects.shifted(draws, 0.0, 1.0))
    row = effects.effects(pd.DataFrame({"world_peak": draws}), {"bias_press": move}).iloc[0]
    assert row["before"] == pytest.approx(0.5, abs=0.02) and row["after"] == pytest.approx(1.0, abs=0.05)
    assert row["high"] - row["low"] == pytest.approx(2 * 1.2816 * np.sqrt(0.5), rel=0.05)
    assert row["how"] == effects.MOVED and row["pareto_k"] < 0.7 and row["error"] < 0.05


def test_a_move_that_stretches_the_draws_too_far_gives_no_number():
    draws = np.random.default_rng(5).normal(0, 1, 500)
    far = effects.Move("mean 0", "mean 9", effects.shifted(draws, 0.0, 0.05))
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
    moves = effects.worker_moves(used, hyper, np.exp(rng.normal(9.6, 0.8, (100, 2))))
    assert (moves["bias_press"].given, moves["bias_press"].moved) == ("mean 0.2", "mean 0.6")
    assert moves["error_press"].moved == "0.81"  # 0.6 times exp(0.3)
    assert moves["shock_deadline"].log_ratio == pytest.approx(np.full(100, -0.5))  # at the mean: -z of 1 squared over two
    assert moves["bias_interview"] == effects.UNREAD and moves["margin_at_most"] == effects.REFIT
    assert moves["start_log_large"].log_ratio.shape == (100,)
    assert "error_df" not in moves and "error_log_sd" not in moves
