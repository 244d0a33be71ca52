"""How each kind of figure is read, and its likelihood, against values computed by hand or by
SciPy."""

import numpy as np
import pytensor.tensor as pt
import pytest
from conftest import SMALL, figure, write_ledger
from hypothesis import given, settings
from hypothesis import strategies as st
from pytensor.compile.mode import Mode
from scipy import integrate, stats

from exportedlabour.assumptions import scenario
from exportedlabour.evidence import ledger
from exportedlabour.evidence.lineage import effective_number, is_copy
from exportedlabour.evidence.reading import READING_KINDS, rounding_interval
from exportedlabour.inference import likelihood
from exportedlabour.workers import account, observations

PLAIN = Mode(linker="py")  # as slow as Python, but nothing to compile


def kind_of(name):
    return np.array([READING_KINDS.index(name)])


def evaluate(kind, lower, upper, expected, sd, df=3):
    """Return the log likelihood, which must be the same in both array modules."""
    figure = (
        kind_of(kind),
        np.array([lower]),
        np.array([upper]),
        np.array([expected]),
        np.array([sd]),
        df,
    )
    plain = float(likelihood.log_likelihood(np, *figure)[0])
    there = float(likelihood.log_likelihood(pt, *figure).eval(mode=PLAIN)[0])
    if kind == "exact":
        assert there == pytest.approx(plain, rel=1e-12)
    else:  # a difference of two distribution functions, each known to the last digit of one
        assert np.exp(there) == pytest.approx(np.exp(plain), rel=1e-12, abs=1e-15)
    return plain


@pytest.mark.parametrize("df", [2, 3, 4])
@pytest.mark.parametrize("z", [-1e5, -300.0, -30.0, -17.3, -2.5, -0.3, 0.0, 0.7, 4.0, 50.0])
def test_t_distribution_agrees_with_scipy(df, z):
    here = likelihood.t_cdf(np, np.float64(z), df)
    assert float(here) == pytest.approx(stats.t.cdf(z, df), rel=1e-12, abs=0)
    assert float(
        likelihood.t_cdf(pt, pt.constant(np.float64(z)), df).eval(mode=PLAIN)
    ) == pytest.approx(float(here), rel=1e-13, abs=0)
    assert float(likelihood.t_logpdf(np, np.float64(z), df)) == pytest.approx(
        stats.t.logpdf(z, df), rel=1e-12
    )


def test_exact_figure_is_a_density():
    # 30,023 permits against an expectation of 28,000 with an error of a tenth.
    expected = stats.t.logpdf((np.log(30023) - np.log(28000)) / 0.1, 3) - np.log(0.1)
    assert evaluate("exact", np.log(30023), np.log(30023), np.log(28000), 0.1) == pytest.approx(
        expected
    )


@pytest.mark.parametrize("truth", [10_000, 48_000, 52_000, 400_000])
def test_about_is_the_probability_of_its_rounding_interval(truth):
    low, high = rounding_interval(50_000)
    assert (low, high) == (45_000, 55_000)
    z = (np.log([low, high]) - np.log(truth)) / 0.25
    by_integral, _ = integrate.quad(lambda x: stats.t.pdf(x, 3), *z)
    assert evaluate("interval", np.log(low), np.log(high), np.log(truth), 0.25) == pytest.approx(
        np.log(by_integral), rel=1e-5
    )


def test_part_and_ceiling_are_one_sided():
    # A city with 10,000 in a country expected to have 30,000: nearly certain; in one expected to
    # have 3,000: unlikely.
    z = (np.log(30_000) - np.log(10_000)) / 0.6
    assert evaluate("lower", np.log(10_000), np.inf, np.log(30_000), 0.6) == pytest.approx(
        np.log(stats.t.cdf(z, 3))
    )
    assert evaluate("lower", np.log(10_000), np.inf, np.log(3_000), 0.6) == pytest.approx(
        np.log(stats.t.cdf(np.log(0.3) / 0.6, 3))
    )
    # A quota of 2,338: the mirror image.
    assert evaluate("upper", -np.inf, np.log(2338), np.log(1221), 0.1) == pytest.approx(
        np.log(stats.t.cdf(np.log(2338 / 1221) / 0.1, 3))
    )
    # Far more than the part does not make it less likely.
    assert evaluate("lower", np.log(10), np.inf, np.log(1e6), 0.6) == pytest.approx(0.0, abs=1e-3)


@settings(deadline=None, max_examples=40)
@given(st.floats(-8, 8), st.floats(0.01, 5), st.floats(0.05, 2), st.sampled_from([2, 3, 4]))
def test_interval_never_exceeds_one_and_widens_with_its_ends(middle, half, sd, df):
    narrow = evaluate("interval", middle - half, middle + half, 0.0, sd, df)
    wide = evaluate("interval", middle - 2 * half, middle + 2 * half, 0.0, sd, df)
    assert narrow <= wide <= 1e-9


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        (50_000, 45_000, 55_000),
        (15_000, 14_500, 15_500),
        (1_234, 1_184, 1_284),
        (1_000, 950, 1_500),
        (3, 2.5, 3.5),
        (0.5, 0.45, 0.55),
    ],
)
def test_rounding_interval(value, low, high):
    assert rounding_interval(value) == pytest.approx((low, high))


@given(st.floats(0.5, 1e7))
def test_rounding_interval_holds_its_number_and_stays_above_zero(value):
    low, high = rounding_interval(value)
    assert 0 < low < value < high <= 2 * value


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"point": 50000}, ("interval", 45000, 55000, 0, False)),
        ({"point": 30023, "bound": "exact"}, ("exact", 30023, 30023, 0, False)),
        ({"low": 50000, "high": 60000, "bound": "range"}, ("interval", 50000, 60000, 0, False)),
        ({"low": 30000, "bound": "at_least"}, ("interval", 25000, 35000, -1, False)),
        ({"high": 5000, "bound": "at_most"}, ("interval", 4500, 5500, 1, False)),
        ({"point": 10000, "scope": "region"}, ("lower", 10000, np.inf, 0, False)),
        (
            {"point": 904, "quantity": "repatriated", "bound": "exact"},
            ("lower", 904, np.inf, 0, False),
        ),
        (
            {"point": 2338, "quantity": "quota", "bound": "exact"},
            ("upper", -np.inf, 2338, 0, False),
        ),
        (
            {"point": 969, "quantity": "residents", "bound": "exact"},
            ("upper", -np.inf, 969, 0, False),
        ),
        ({"point": 0, "bound": "exact"}, ("upper", -np.inf, 10, 0, False)),
        ({"point": 30000, "bound": "order_of_magnitude"}, ("exact", 30000, 30000, 0, True)),
    ],
)
def test_how_a_head_count_is_read(tmp_path, cells, expected):
    row = ledger.read(write_ledger(tmp_path, [figure("RUS001", **cells)])).figures.iloc[0]
    assert observations.reading(row, detection_limit=10) == pytest.approx(expected)


YEARS = np.arange(2005, 2027)


def test_dates_are_read_between_mid_years():
    whole = observations.date_weights(2013.0, 2014.0, YEARS)
    assert whole[8] == 1 and whole.sum() == 1
    end = observations.date_weights(
        2017 + 359 / 360, 2018.0, YEARS
    )  # 31 December: half of each year
    assert end[12] == pytest.approx(0.5, abs=2e-3) and end[13] == pytest.approx(0.5, abs=2e-3)
    several = observations.date_weights(2012.0, 2015.0, YEARS)
    assert several[7:10] == pytest.approx([1 / 3] * 3)
    assert observations.date_weights(2030.0, 2031.0, YEARS)[-1] == 1


@given(st.floats(2000, 2030), st.floats(0.003, 12))
def test_weights_are_a_distribution(start, length):
    weights = observations.date_weights(start, start + length, YEARS)
    assert (weights >= 0).all() and weights.sum() == pytest.approx(1)


def test_era_changes_the_bias_of_a_register_only(tmp_path):
    rows = [
        figure(f"RUS00{k}", point=10, period=period, evidence_class="register")
        for k, period in enumerate(("2017-12-31", "2018-12-31", "2020-01"), 1)
    ]
    rows += [figure("RUS009", point=10, period="2020-01")]
    figures = ledger.read(write_ledger(tmp_path, rows)).figures
    names = [observations.bias_name(row) for _, row in figures.iterrows()]
    assert names == ["register_open", "register_winding_down", "register_banned", "government"]


def test_design_knows_copies_and_leaves_out_claims_other_classes_and_the_world_if_told(
    small_ledger,
):
    baseline = scenario.load("baseline").settings
    read = ledger.read(small_ledger)
    built = observations.build(read, baseline)
    assert "TOT002" not in set(built.figures["figure_id"]) and "TOT053" in set(
        built.figures["figure_id"]
    )
    assert (
        built.weights.shape == (9, 4 * 22)
        and np.allclose(built.weights.sum(axis=1), 1)
        and built.sums == ("WLD",)
    )
    assert built.predictive == ("SAU",)
    registers = scenario.load("registers-only").settings
    assert set(observations.build(read, registers).figures["evidence_class"]) == {"register"}
    copies = [
        (
            row | {"lineage": "family", "copy_probability": "0.7"}
            if row["figure_id"] == "RUS002"
            else row
        )
        for row in SMALL
    ]
    doubtful = observations.build(ledger.read(write_ledger(small_ledger, copies)), baseline)
    assert doubtful.uncopied[list(doubtful.figures["figure_id"]).index("RUS002")] == pytest.approx(
        0.3
    )


def test_effective_number_counts_a_lineage_once(tmp_path):
    rows = [
        figure("RUS001", point=1),
        figure("RUS002", point=2, lineage="family"),
        figure("RUS003", point=3, lineage="family", copy_probability=0.3),
        figure("RUS004", point=4, copy_probability=0.5, lineage="family"),
    ]
    figures = ledger.read(write_ledger(tmp_path, rows)).figures
    assert effective_number(figures) == pytest.approx(2.0)
    assert effective_number(figures.iloc[[0, 3]]) == pytest.approx(1.5)
    assert list(is_copy(figures, 0.5)) == [False, False, False, True]


def test_steps_by_hand_while_the_border_was_closed_and_after():
    years = np.array([2020, 2021, 2024])
    fading, walk = account.memory(years, pull=0.5, closed_factor=0.3, reopened_factor=2.5)
    first = 1 / np.sqrt(1 - 0.25)  # the stationary spread
    np.testing.assert_allclose(
        fading, [[first, 0, 0], [0.5 * first, 0.3, 0], [0.25 * first, 0.15, 1.0]]
    )
    np.testing.assert_allclose(walk, [[0, 0, 0], [0, 0.3, 0], [0, 0.3, 2.5]])
