"""Shapley effects, the tornado, the budget and the value of information, against answers known by
formula."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exportedlabour.sensitivity import shapley

WIDTH = 2 * 1.2815515655446004  # of the 80 % interval, in sds


def gaussian(n=6000, seed=1):
    rng = np.random.default_rng(seed)
    covariance = np.array([[1.0, 0.6, 0.0], [0.6, 2.0, 0.3], [0.0, 0.3, 0.5]])
    x = rng.multivariate_normal(np.zeros(3), covariance, size=n)
    return pd.DataFrame(x, columns=list("abc")), covariance


def test_shapley_effects_of_two_dependent_gaussians():
    rho, b1, b2 = 0.7, 1.0, 2.0
    rng = np.random.default_rng(3)
    x = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], size=8000)
    y = b1 * x[:, 0] + b2 * x[:, 1]
    total = b1**2 + b2**2 + 2 * rho * b1 * b2
    first = b1**2 * (1 - rho**2 / 2) + rho * b1 * b2 + b2**2 * rho**2 / 2  # Owen and Prieur 2017
    for explained in (shapley.explained_by_regression, shapley.explained_by_neighbours):
        effects = shapley.shapley_effects(
            pd.DataFrame(x, columns=["a", "b"]), y, explained, exact=True
        )
        assert effects["a"] == pytest.approx(first / total, abs=0.02)
        assert effects.sum() == pytest.approx(1.0)


def test_shapley_effects_of_three_gaussians_by_conditional_variances():
    frame, covariance = gaussian()
    beta = np.array([1.0, -1.0, 2.0])
    y = frame.to_numpy() @ beta

    def worth(some):
        some = list(some)
        if not some:
            return 0.0
        c = covariance[:, some]
        return float(beta @ c @ np.linalg.inv(covariance[np.ix_(some, some)]) @ c.T @ beta)

    known = {
        0: (
            (
                2 * worth([0])
                + worth([0, 1])
                - worth([1])
                + worth([0, 2])
                - worth([2])
                + 2 * (worth([0, 1, 2]) - worth([1, 2]))
            )
            / 6
        ),
        1: (
            (
                2 * worth([1])
                + worth([0, 1])
                - worth([0])
                + worth([1, 2])
                - worth([2])
                + 2 * (worth([0, 1, 2]) - worth([0, 2]))
            )
            / 6
        ),
        2: (
            (
                2 * worth([2])
                + worth([0, 2])
                - worth([0])
                + worth([1, 2])
                - worth([1])
                + 2 * (worth([0, 1, 2]) - worth([0, 1]))
            )
            / 6
        ),
    }
    effects = shapley.shapley_effects(frame, y)
    assert list(effects) == pytest.approx(
        [known[i] / worth([0, 1, 2]) for i in range(3)], abs=0.025
    )


def test_shapley_effects_of_the_ishigami_function():
    rng = np.random.default_rng(2)
    x = rng.uniform(-np.pi, np.pi, (9000, 3))
    y = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    v1, v2, v13 = 0.5 * (1 + 0.1 * np.pi**4 / 5) ** 2, 49 / 8, 0.01 * np.pi**8 * (1 / 18 - 1 / 50)
    known = np.array([v1 + v13 / 2, v2, v13 / 2]) / (v1 + v2 + v13)
    effects = shapley.shapley_effects(
        pd.DataFrame(x, columns=list("abc")), y, shapley.explained_by_neighbours, exact=True
    )
    assert list(effects) == pytest.approx(list(known), abs=0.03)


@settings(max_examples=15, deadline=None)
@given(st.floats(-0.9, 0.9), st.floats(-3, 3), st.integers(0, 1000))
def test_effects_of_a_function_sum_to_one_and_none_is_below_zero(rho, slope, seed):
    rng = np.random.default_rng(seed)
    x = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], size=1500)
    effects = shapley.shapley_effects(
        pd.DataFrame(x, columns=["a", "b"]), x[:, 0] + slope * x[:, 1], exact=True
    )
    assert effects.sum() == pytest.approx(1.0) and (effects > -0.02).all()


def test_the_tornado_reads_the_slope_and_owns_up_where_no_draw_lies():
    rng = np.random.default_rng(4)
    lever = rng.normal(0.0, 1.0, 12_000)
    answer = np.exp(0.3 * lever + 0.2 * rng.standard_normal(12_000))
    table = shapley.tornado(
        {
            "slope": (lever, -1.28, 1.28),
            "none": (rng.normal(size=12_000), -1.28, 1.28),
            "far": (lever, -9.0, 9.0),
        },
        {"answer": answer},
    ).set_index(["lever", "end"])
    assert table.loc[("slope", "low"), "factor"] == pytest.approx(np.exp(-0.3 * 1.28), rel=0.02)
    assert table.loc[("slope", "high"), "factor"] == pytest.approx(np.exp(0.3 * 1.28), rel=0.02)
    assert table.loc[("none", "high"), "factor"] == pytest.approx(1.0, abs=0.02)
    assert np.isnan(table.loc["far", "factor"]).all()


def test_the_budget_says_what_figures_took_away():
    rng = np.random.default_rng(5)
    known, unmoved = rng.normal(0, 0.5, 9000), rng.normal(0, 1, 9000)
    y = known + unmoved
    table = shapley.budget(
        {"known": (known, -1.2816, 1.2816), "unmoved": (unmoved, -1.2816, 1.2816)}, y
    ).set_index("input")
    assert table.loc["known", "learnt"] == pytest.approx(0.75, abs=0.03)
    assert table.loc["unmoved", "learnt"] == pytest.approx(0.0, abs=0.06)
    assert (
        table.loc["unmoved", "share"] == pytest.approx(0.8, abs=0.03)
        and table.index[0] == "unmoved"
    )


@pytest.mark.parametrize("error", [0.0, 0.5, 2.0])
def test_a_count_narrows_a_gaussian_sum_as_the_formula_says(error):
    rng = np.random.default_rng(6)
    counted, rest = rng.normal(0, 1.5, 20_000), rng.normal(0, 1.0, 20_000)
    left = 1.5**2 * error**2 / (1.5**2 + error**2) + 1.0
    table = shapley.value_of_information(
        {"sum": counted + rest},
        {"counted": counted, "elsewhere": rng.normal(size=20_000)},
        {"count": error},
        1,
    ).set_index("unknown")
    assert table.loc["counted", "expected"] == pytest.approx(WIDTH * np.sqrt(left), rel=0.03)
    assert table.loc["counted", "width"] == pytest.approx(WIDTH * np.sqrt(1.5**2 + 1.0), rel=0.03)
    assert (
        table.loc["elsewhere", "narrowed"] == pytest.approx(0.0, abs=0.02)
        and table.index[0] == "counted"
    )


@pytest.mark.parametrize("size", [960, 1003])  # bins of one size, and of two
def test_expected_widths_are_the_mean_width_of_the_bins_whatever_their_sizes(size):
    rng = np.random.default_rng(size)
    known = rng.normal(size=size)
    answers = np.stack(
        [known**2 + rng.normal(size=size), np.exp(0.3 * known) + rng.normal(size=size)]
    )
    by_hand = []
    for answer in answers:
        widths = []
        for rows in np.array_split(np.argsort(known), shapley.BINS):
            slope = np.polyfit(known[rows], answer[rows], 1)[0]
            widths.append(
                np.subtract(
                    *np.quantile(answer[rows] - slope * known[rows], [shapley.HIGH, shapley.LOW])
                )
            )
        by_hand.append(np.mean(widths))
    assert shapley.expected_widths(answers, known, 0.0, rng) == pytest.approx(by_hand, rel=1e-9)


def test_revenue_is_a_function_of_its_inputs():
    rng = np.random.default_rng(7)
    stock = rng.lognormal(8, 0.5, (800, 3))
    gross = rng.lognormal(8, 0.3, (800, 3))
    each = {
        "gross": gross,
        "withheld": 0.7 * gross,
        "state": 0.7 * gross * rng.uniform(0.4, 0.6, (800, 1)),
    }
    months = rng.uniform(9, 12, (800, 3))
    inputs = shapley.revenue_inputs(
        stock, each, months, ("CHN", "RUS", "POL"), {"CHN": "China", "RUS": "Russia"}
    )
    workers = np.exp(inputs[["workers in China", "workers in Russia", "workers elsewhere"]]).sum(
        axis=1
    )
    share = (
        1
        / (1 + np.exp(-inputs["share that is withheld"]))
        / (1 + np.exp(-inputs["the state's part of it"]))
    )
    np.testing.assert_allclose(
        workers * np.exp(inputs["pay of a worker and month"] + inputs["months paid"]) * share,
        (stock * each["state"]).sum(axis=1),
        rtol=1e-9,
    )


def test_the_share_of_the_upper_tail_by_hand():
    stock = np.column_stack([np.full(10, 10.0), [0, 0, 0, 0, 0, 0, 0, 0, 0, 90.0]])
    assert shapley.share_of_tail(stock, np.array([False, True])) == pytest.approx(
        (90 / 190, 90 / 100)
    )
    assert shapley.share_of_tail(stock, np.array([False, False])) == (0.0, 0.0)
