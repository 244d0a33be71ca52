"""Scores, benchmarks, hold-outs and sensitivity, against values by hand, closed forms and
simulation."""

import ast
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, SMALL, figure, write_ledger
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.regression.mixed_linear_model import MixedLM

from exportedlabour.assumptions import scenario
from exportedlabour.evidence import ledger
from exportedlabour.inference import importance
from exportedlabour.project import InputError
from exportedlabour.validation import benchmarks, exits, holdouts, multiverse, scores
from exportedlabour.workers import observations

SETTINGS = scenario.load("baseline").settings


def points(*values):
    return np.array(values, float), np.array(values, float)


def imports(module: str) -> set[str]:
    """Every module that one of the package imports, directly or through others of the package."""
    found, todo = set(), [module]
    while todo:
        name = todo.pop()
        path = ROOT / "src" / name.replace(".", "/")
        path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        if name in found or not path.is_file():
            found.add(name)
            continue
        found.add(name)
        parent = name if path.name == "__init__.py" else name.rpartition(".")[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                todo += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                base = ".".join(
                    [
                        *parent.split(".")[: len(parent.split(".")) - node.level + 1],
                        node.module or "",
                    ]
                ).strip(".")
                base = base if node.level else node.module
                todo += [base, *(f"{base}.{alias.name}" for alias in node.names)]
    return found


@pytest.mark.parametrize(
    "name",
    ["validation.scores", "validation.benchmarks", "validation.holdouts", "inference.importance"],
)
def test_nothing_here_imports_a_sampler(name):
    samplers = {"pymc", "nutpie", "pytensor", "exportedlabour.inference.pymc_setup"}
    assert not imports(f"exportedlabour.{name}") & samplers
    assert imports("exportedlabour.workers.reference") >= {
        "exportedlabour.inference.pymc_setup",
        "pymc",
        "nutpie",
    }  # where they are found


# --- scores --------------------------------------------------------------------------------------


def test_crps_of_a_normal_has_a_closed_form():
    draws = 2.0 + 0.5 * stats.norm.ppf((np.arange(20000) + 0.5) / 20000)[:, None]
    z = np.array([-3.0, 0.0, 0.4, 2.5])
    expected = 0.5 * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / np.sqrt(np.pi))
    found = scores.crps(np.repeat(draws, 4, axis=1), *points(*(2.0 + 0.5 * z)))
    assert found == pytest.approx(expected, abs=1e-4)


def test_crps_is_the_fair_estimator():
    # By hand: the mean distance of 0 and 2 from 1 is 1, half the distance of the only pair is 1.
    assert scores.crps(np.array([[0.0], [2.0]]), *points(1.0)) == pytest.approx(0.0)
    draws = np.random.default_rng(2).normal(size=(7, 1))
    pairs = np.abs(draws - draws.T)[~np.eye(7, dtype=bool)].mean()
    assert scores.crps(draws, *points(0.3)) == pytest.approx(np.abs(draws - 0.3).mean() - pairs / 2)


def test_interval_score_by_hand():
    draws = np.repeat(np.arange(101.0)[:, None], 3, axis=1)
    # The central 80 % is 10 to 90; a miss costs ten times its size.
    assert scores.interval_score(draws, *points(50.0, 95.0, 4.0), level=0.8) == pytest.approx(
        [80.0, 80 + 50, 80 + 60]
    )


@pytest.mark.parametrize(("lower", "upper"), [(-0.4, 0.7), (2.0, 5.0), (-9.0, -3.0), (1.0, 1.2)])
def test_scores_of_an_interval_are_means_over_it(lower, upper):
    draws = np.random.default_rng(3).normal(size=(50, 1))
    inside = lower + (upper - lower) * (np.arange(4000) + 0.5) / 4000
    many = np.repeat(draws, len(inside), axis=1)
    ends = np.array([lower]), np.array([upper])
    assert scores.crps(draws, *ends) == pytest.approx(
        scores.crps(many, inside, inside).mean(), rel=1e-5
    )
    expected = scores.interval_score(many, inside, inside, 0.5).mean()
    assert scores.interval_score(draws, *ends, 0.5) == pytest.approx(expected, rel=1e-5)


def test_a_bound_gets_its_probability_and_no_score():
    draws = np.arange(10.0)[:, None].repeat(3, axis=1)
    lower, upper = np.array([7.0, -np.inf, 4.0]), np.array([np.inf, 1.5, 4.0])
    table = scores.per_figure(draws, lower, upper)
    assert table["probability"].tolist()[:2] == pytest.approx([0.3, 0.2]) and np.isnan(
        table["probability"][2]
    )
    assert (
        table.loc[:1, ["crps", "pit_low", "inside_80", "interval_score_95", "error"]]
        .isna()
        .all()
        .all()
    )
    assert np.isfinite(
        table.loc[2, ["crps", "pit_low", "inside_80", "interval_score_95", "error"]].astype(float)
    ).all()


def test_pit_is_uniform_for_rounded_figures_and_few_draws():
    rng = np.random.default_rng(4)
    n = 3000
    draws, truth = rng.normal(size=(9, n)), rng.normal(size=n)
    rounded = np.arange(n) % 2 == 0
    lower = np.where(rounded, np.floor(truth), truth)
    upper = np.where(rounded, np.floor(truth) + 1, truth)
    pit = scores.randomised_pit(scores.pit_bounds(draws, lower, upper), rng)
    assert stats.kstest(pit, "uniform").pvalue > 0.001
    # Too narrow by half, it is not.
    narrow = scores.randomised_pit(scores.pit_bounds(draws / 2, lower, upper), rng)
    assert stats.kstest(narrow, "uniform").pvalue < 1e-6


@given(
    st.lists(st.floats(-50, 50), min_size=2, max_size=30),
    st.floats(-60, 60),
    st.floats(0, 20),
    st.sampled_from(scores.LEVELS),
    st.floats(0.1, 10),
    st.floats(-20, 20),
)
@settings(max_examples=60, deadline=None)
def test_shares_add_to_one_and_scores_follow_units(values, lower, width, level, scale, shift):
    draws, low, high = np.array(values)[:, None], np.array([lower]), np.array([lower + width])
    bounds = scores.pit_bounds(draws, low, high)
    assert 0 <= bounds[0, 0] < bounds[0, 1] <= 1
    parts = np.array(scores.shares(bounds, level))
    assert parts.sum() == pytest.approx(1.0) and (parts > -1e-12).all()
    moved = (draws * scale + shift, low * scale + shift, high * scale + shift)
    assert scores.crps(*moved) == pytest.approx(
        scale * scores.crps(draws, low, high), rel=1e-6, abs=1e-6 * scale * (1 + abs(shift))
    )
    plain = scores.interval_score(draws, low, high, level)
    assert scores.interval_score(*moved, level) == pytest.approx(
        scale * plain, rel=1e-6, abs=1e-5 * scale * (1 + abs(shift))
    )
    assert plain[0] >= 0


def test_coverage_tells_the_direction_of_misses():
    bounds = np.array(
        [
            [0.50, 0.51],
            [0.30, 0.31],
            [0.95, 0.96],
            [0.96, 0.97],
            [0.01, 0.02],
            [0.0, 0.2],
            [np.nan, np.nan],
        ]
    )
    line = scores.coverage(bounds, levels=(0.8,)).iloc[0]
    # Six are scored: two inside, two above, one below, and one half inside and half below.
    assert (line["n"], line["covered"], line["above"], line["below"]) == pytest.approx(
        (6, 2.5 / 6, 2 / 6, 1.5 / 6)
    )


def test_intervals_of_a_proportion():
    hits = np.array([1.0] * 8 + [0.0] * 2)
    assert scores.proportion_interval(hits) == pytest.approx(
        (0.4902, 0.9433), abs=1e-4
    )  # the textbook Wilson interval of 8 in 10
    beta = stats.beta(8.5, 2.5)
    assert scores.proportion_interval(hits, method="jeffreys") == pytest.approx(
        (beta.ppf(0.025), beta.ppf(0.975))
    )
    assert (
        scores.proportion_interval(np.ones(10))[1] == 1.0
        and scores.proportion_interval(np.zeros(10))[0] == 0.0
    )
    assert scores.proportion_interval(hits, clusters=["one"] * 10) == (0.0, 1.0)
    assert scores.proportion_interval(np.array([])) == (0.0, 1.0)
    # 20 figures of ten alike pairs, none missed, tell no more than ten figures (and less, by the t
    # quantile).
    assert (
        scores.proportion_interval(np.ones(20), np.repeat(np.arange(10), 2))[0]
        < scores.proportion_interval(np.ones(10))[0]
    )


def test_clustered_intervals_keep_their_level_where_plain_ones_do_not():
    rng = np.random.default_rng(5)
    clusters = np.repeat(np.arange(30), np.arange(30) % 6 + 1)
    held = {"plain": 0, "clustered": 0}
    for _ in range(300):
        hits = (rng.uniform(size=30) < 0.8)[clusters].astype(float)
        for name, labels in (("plain", None), ("clustered", clusters)):
            low, high = scores.proportion_interval(hits, labels)
            held[name] += low <= 0.8 <= high
    assert held["clustered"] >= 0.91 * 300
    assert held["plain"] < 0.85 * 300


def test_paired_difference_by_hand():
    found = scores.paired_difference(np.array([1.0, 2.0, np.nan]), np.array([2.0, 5.0, 1.0]))
    # Differences -1 and -3: mean -2, standard error 1, t of one degree of freedom 12.706.
    assert (found["n"], found["difference"], found["ratio"]) == pytest.approx((2, -2.0, 3 / 7))
    assert (found["low"], found["high"]) == pytest.approx((-2 - 12.7062, -2 + 12.7062), abs=1e-3)
    together = scores.paired_difference(np.array([1.0, 2.0]), np.array([2.0, 5.0]), ["a", "a"])
    assert together["high"] == np.inf


def test_summary_by_group():
    draws = np.random.default_rng(6).normal(size=(400, 40))
    lower = np.where(np.arange(40) < 36, 0.1, -np.inf)
    upper = np.full(40, 0.1)
    by = np.where(np.arange(40) % 2, "odd", "even")
    table = scores.summary(
        scores.per_figure(draws, lower, upper), clusters=np.arange(40) // 4, by=by
    )
    assert table["n"].tolist() == [18, 18] and table["bounds"].tolist() == [2, 2]
    assert table["clusters"].tolist() == [9, 9]
    assert (table["covered_80"] == 1).all() and (table["high_80"] == 1).all()
    assert table["probability"].between(0.4, 0.7).all()


# --- uniformity and calibration ------------------------------------------------------------------


@pytest.mark.parametrize("steps", [None, 21])
def test_the_band_holds_uniform_values_as_often_as_it_says(steps):
    rng = np.random.default_rng(7)
    inside = 0
    for _ in range(1000):
        values = (
            rng.uniform(size=25) if steps is None else (rng.integers(0, steps, size=25) + 1) / steps
        )
        inside += scores.uniformity(values, rng, steps, prob=0.9, trials=400).inside
    # Three standard errors of 1,000 trials; a band of 95 per cent would be outside.
    assert inside / 1000 == pytest.approx(0.9, abs=0.03)


def test_the_band_catches_what_is_not_uniform():
    rng = np.random.default_rng(8)
    for values in (rng.beta(0.5, 0.5, 150), rng.beta(2, 2, 150), rng.beta(1.5, 1, 150)):
        found = scores.uniformity(values, rng)
        assert found.p_value < 0.01 and not found.inside
    assert scores.uniformity((np.arange(150) + 0.5) / 150, rng).inside
    with pytest.raises(ValueError, match="no values"):
        scores.uniformity(np.array([np.nan]), rng)


def test_one_of_each_cluster():
    clusters = np.array(["a", "b", "a", "a", "c", "b"])
    taken = [scores.one_of_each(clusters, np.random.default_rng(seed)) for seed in range(30)]
    assert all(sorted(clusters[chosen]) == ["a", "b", "c"] for chosen in taken)
    assert {chosen[0] for chosen in taken} > {0}  # not always the first


def test_calibration_of_a_conjugate_normal():
    rng = np.random.default_rng(9)
    worlds, d = 300, 99
    truth = rng.normal(size=worlds)
    figures = truth + rng.normal(size=worlds)
    posterior = figures / 2 + np.sqrt(0.5) * rng.normal(size=(d, worlds))
    narrow = figures / 2 + 0.4 * np.sqrt(0.5) * rng.normal(size=(d, worlds))
    low = posterior - 0.5
    ranks = np.column_stack(
        [scores.calibration_ranks(draws, truth, rng) for draws in (posterior, narrow, low)]
    )
    table = scores.calibration_table(ranks, d, ["right", "narrow", "low"], rng).set_index(
        "quantity"
    )
    assert (
        table.loc["right", "p_holm"] > 0.01
        and table.loc["narrow", "p_holm"] < 0.01
        and table.loc["low", "p_holm"] < 0.01
    )
    assert table.loc["right", "low_80"] <= 0.8 <= table.loc["right", "high_80"]
    # The true coverage of the narrow one: its 80 % is 0.4 times as wide as it should be.
    assert table.loc["narrow", "covered_80"] == pytest.approx(
        2 * stats.norm.cdf(0.4 * stats.norm.isf(0.1)) - 1, abs=0.1
    )
    assert (
        table.loc["low", "mean_pit"] > 0.6
        and table.loc["low", "above_80"] > table.loc["low", "below_80"]
    )


def test_ranks_break_ties_at_random():
    ranks = [
        int(scores.calibration_ranks(np.zeros((4, 1)), np.zeros(1), np.random.default_rng(seed))[0])
        for seed in range(60)
    ]
    assert set(ranks) == {0, 1, 2, 3, 4}


# --- baselines -----------------------------------------------------------------------------------


def table_of(*rows):
    """A figure table of (host, date, log) or (host, date, log, unit, class)."""
    full = [(*row, f"F{i}", "press")[:5] if len(row) == 3 else row for i, row in enumerate(rows)]
    table = pd.DataFrame(full, columns=["host", "date", "log", "unit", "evidence_class"])
    return table.assign(
        figure_id=[f"F{i}" for i in range(len(rows))],
        year=table["date"].astype(int),
        sd=0.2,
        copy_probability=0.0,
        point_like=True,
        margin=0,
        quantity="stock_workers",
    )


def run(baseline, train, targets, draws=4000):
    train = train.sort_values(["date", "figure_id"]).reset_index(drop=True)
    return baseline(train, targets.drop(columns="log"), draws, np.random.default_rng(1))


def test_scale_is_that_of_scipys_fit():
    rng = np.random.default_rng(10)
    residuals = 0.3 * rng.standard_t(4, size=200)
    a, b = benchmarks.learn_scale(residuals)
    assert (
        np.sqrt(a) == pytest.approx(stats.t.fit(residuals, fdf=4, floc=0)[2], rel=1e-3) and b == 0
    )
    gaps = rng.uniform(0, 6, size=3000)
    a, b = benchmarks.learn_scale(np.sqrt(0.04 + 0.09 * gaps) * rng.standard_t(4, size=3000), gaps)
    assert (a, b) == pytest.approx((0.04, 0.09), rel=0.25)
    assert benchmarks.learn_scale(np.zeros(9))[0] == pytest.approx(benchmarks.SMALLEST_SCALE**2)


def test_the_last_figure_is_carried_forward():
    train = table_of(
        ("RUS", 2010.5, 9.0), ("RUS", 2014.5, 10.0), ("CHN", 2012.5, 11.0), ("POL", 2016.0, 6.0)
    )
    targets = table_of(
        ("RUS", 2016.5, 0), ("RUS", 2013.0, 0), ("RUS", 2005.0, 0), ("QAT", 2015.0, 0)
    )
    found = run(benchmarks.last_figure, train, targets, draws=40000)
    assert np.median(found.draws, axis=0) == pytest.approx([10.0, 9.0, 9.0, 9.5], abs=0.1)
    assert found.counts() == {"host": 3, "all hosts": 1}
    # One difference teaches no scale: 95 per cent lie within about a factor of ten, of a hundred
    # for an unknown host.
    assert np.quantile(np.abs(found.draws - [10.0, 9.0, 9.0, 9.5]), 0.9, axis=0)[
        [0, 3]
    ] == pytest.approx(stats.t(4).ppf(0.95) * np.log([10, 100]) / 2, rel=0.1)


def test_the_last_figure_learns_its_error_from_other_lineages_only():
    rng = np.random.default_rng(11)
    rows = []
    for k in range(40):  # each figure is printed five times in its lineage; lineages differ by 0.5
        log = 8 + 0.5 * rng.normal()
        rows += [("RUS", 2000 + k / 100 + copy / 1000, log, f"L{k}", "press") for copy in range(5)]
    found = run(benchmarks.last_figure, table_of(*rows), table_of(("RUS", 2000.5, 0)))
    # A difference has an sd of 0.7, within a factor of 1.5 of what is learnt; four of five
    # differences would be nought if copies counted.
    assert 0.7 / 1.5 < found.draws.std() < 0.7 * 1.5


def test_the_median_climbs_from_the_year_to_the_host_to_all():
    train = table_of(
        ("RUS", 2010.1, 9.0),
        ("RUS", 2010.2, 9.4),
        ("RUS", 2010.3, 12.0),
        ("RUS", 2015.0, 10.0),
        ("CHN", 2015.0, 11.0),
    )
    targets = table_of(("RUS", 2010.9, 0), ("RUS", 2012.0, 0), ("POL", 2010.0, 0))
    found = run(benchmarks.host_median, train, targets, draws=20000)
    assert np.median(found.draws, axis=0) == pytest.approx([9.4, 9.7, 10.0], abs=0.06)
    assert found.basis.tolist() == ["host-year", "host", "all hosts"]


def test_random_effects_by_hand():
    # Two figures d apart with variance v: Q = d^2 / 2v, tau2 = d^2 / 2 - v, and the mean lies in
    # the middle.
    pairs = [
        (host, 2012.5, log)
        for host, middle in zip("ABCDEF", range(6, 12))
        for log in (middle - 0.5, middle + 0.5)
    ]
    found = run(
        benchmarks.random_effects, table_of(*pairs), table_of(("A", 2012.9, 0)), draws=40000
    )
    tau2 = 0.5 - 0.04
    assert found.draws.mean() == pytest.approx(6.0, abs=0.02)
    assert found.draws.var() == pytest.approx(tau2 + (tau2 + 0.04) / 2 + 0.04, rel=0.03)
    assert found.basis.tolist() == ["host-year"]


def test_table_of_conflict_by_hand():
    logs = np.log([1000.0, 4000.0])
    table = table_of(
        ("RUS", 2012.1, logs[0]),
        ("RUS", 2012.8, logs[1]),
        ("RUS", 2012.9, logs[1], "F1", "press"),
        ("CHN", 2012.5, 9.0),
        ("CHN", 2013.5, 9.0),
        ("POL", 2012.5, 5.0),
        ("POL", 2012.5, 5.0),
    )
    found = benchmarks.table_of_conflict(table)
    d2, v = np.log(4) ** 2, 0.04
    assert found[["host", "year", "n"]].to_numpy().tolist() == [
        ["RUS", 2012, 2],
        ["POL", 2012, 2],
    ]  # a lineage counts once
    row = found.iloc[0]
    assert (row["smallest"], row["largest"], row["ratio"]) == pytest.approx((1000, 4000, 4))
    assert (row["q"], row["tau2"]) == pytest.approx((d2 / (2 * v), d2 / 2 - v), rel=1e-4)
    assert (row["i2"], row["p"]) == pytest.approx((1 - 2 * v / d2, stats.chi2.sf(d2 / (2 * v), 1)))
    assert row["pooled"] == pytest.approx(2000)
    assert found.iloc[1][["ratio", "tau2", "i2", "q", "p"]].astype(float).tolist() == pytest.approx(
        [1, 0, 0, 0, 1]
    )
    assert benchmarks.table_of_conflict(table.iloc[:1]).empty
    assert benchmarks.table_of_conflict(table.assign(quantity="permits_issued")).empty


def simulated_hosts(rng, hosts=12, each=10):
    level = rng.normal(7, 1.5, size=hosts)
    rows = []
    for h in range(hosts):
        for k in range(each):
            kind = ("press", "register", "government")[k % 3]
            log = (
                level[h]
                + {"press": 0.4, "register": -0.1, "government": 0.0}[kind]
                + 0.1 * (k - 5)
                + 0.3 * rng.normal()
            )
            rows.append((f"H{h}", 2010.0 + k, log, f"U{h}-{k}", kind))
    return table_of(*rows), level


def test_mixed_model_gives_statsmodels_predictions():
    table, level = simulated_hosts(np.random.default_rng(12))
    classes = sorted(table["evidence_class"].unique())
    x = np.column_stack(
        [
            *((table["evidence_class"] == name).to_numpy(float) for name in classes),
            table["date"] - table["date"].mean(),
        ]
    )
    host = table["host"].to_numpy()
    fit = MixedLM(table["log"].to_numpy(), x, groups=host).fit(reml=True)
    mean, variance, coefficients = benchmarks.best_prediction(
        x, table["log"].to_numpy(), host, x[:30], host[:30], fit.cov_re.item(), fit.scale
    )
    effects = np.array([fit.random_effects[name].iloc[0] for name in host[:30]])
    assert coefficients == pytest.approx(fit.fe_params, abs=1e-4)
    assert mean == pytest.approx(x[:30] @ fit.fe_params + effects, abs=1e-4)
    targets = table_of(
        ("H0", 2015.0, 0, "T", "press"),
        ("ZZ", 2015.0, 0, "T", "press"),
        ("H0", 2015.0, 0, "T", "us_un"),
    )
    found = run(benchmarks.mixed_model, table, targets, draws=20000)
    assert found.basis.tolist() == ["host", "all hosts", "host"]
    assert found.draws[:, 0].mean() == pytest.approx(level[0] + 0.4, abs=0.3)
    # A host never seen has the spread of hosts; a class never seen that of classes too.
    assert found.draws.std(axis=0)[0] == pytest.approx(0.3, rel=0.25)
    assert found.draws.std(axis=0)[1] == pytest.approx(
        np.sqrt(fit.cov_re.item() + fit.scale), rel=0.15
    )
    assert found.draws.std(axis=0)[2] > found.draws.std(axis=0)[0]


def test_a_mixed_model_that_cannot_be_fitted_says_so(monkeypatch):
    few = table_of(("RUS", 2010.0, 9.0), ("RUS", 2011.0, 9.5), ("CHN", 2011.0, 10.0))
    found = run(benchmarks.mixed_model, few, table_of(("RUS", 2012.0, 0), ("POL", 2012.0, 0)))
    assert found.counts() == {"no fit: host": 1, "no fit: all hosts": 1}
    table, _ = simulated_hosts(np.random.default_rng(13))
    failed = SimpleNamespace(cov_re=np.array([[1.0]]), scale=1.0, converged=False)
    monkeypatch.setattr(benchmarks.MixedLM, "fit", lambda self, **options: failed)
    assert run(benchmarks.mixed_model, table, table.iloc[:2]).counts() == {"no fit: host-year": 2}


@given(
    st.lists(
        st.tuples(
            st.sampled_from("ABC"),
            st.floats(2005, 2026),
            st.floats(-1, 15),
            st.sampled_from("uvwxyz"),
            st.sampled_from(["press", "register"]),
        ),
        min_size=1,
        max_size=25,
    )
)
@settings(max_examples=25, deadline=None)
def test_absurd_training_sets_give_finite_predictions(rows):
    table = pd.concat(
        [table_of(*rows), table_of(("A", 2015.0, np.nan), ("D", 2027.0, np.nan))], ignore_index=True
    )
    test = np.arange(len(table)) >= len(rows)
    for prediction in benchmarks.predict(table, ~test, test, draws=50, seed=1).values():
        assert prediction.draws.shape == (50, 2) and np.isfinite(prediction.draws).all()
        assert (prediction.draws.std(axis=0) > 0).all() and len(prediction.basis) == 2


def test_predictions_do_not_see_what_they_predict():
    table, _ = simulated_hosts(np.random.default_rng(14), hosts=5, each=6)
    test = np.arange(len(table)) % 5 == 0
    changed = table.assign(log=np.where(test, 99.0, table["log"]))
    first, second = (
        benchmarks.predict(each, ~test, test, 100, seed=3) for each in (table, changed)
    )
    for name, prediction in first.items():
        assert (prediction.draws == second[name].draws).all()
    with pytest.raises(InputError, match="no figure that counts a whole host"):
        benchmarks.predict(table.assign(point_like=False), ~test, test, 10, seed=3)


# --- hold-outs -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real():
    read = ledger.read(ROOT / "data")
    return read, observations.build(read, SETTINGS)


def test_families_join_lineages_and_copies_by_way_of_figures_not_fitted(tmp_path):
    rows = [
        *SMALL,
        figure("POL020", "POL", point=500, period="2016"),
        figure("POL021", "POL", point=510, period="2016", use="context", reason="Only a link."),
        figure("POL022", "POL", point=500, period="2017"),
    ]
    folder = write_ledger(tmp_path, rows)
    with (folder / "copies.csv").open("a", encoding="utf-8") as file:
        file.write("POL022,POL021,inferred,\nPOL021,POL020,inferred,\n")
    read = ledger.read(folder)
    fitted = read.figures[
        read.figures["figure_id"].isin(["RUS001", "RUS002", "CHN001", "TOT005", "POL020", "POL022"])
    ]
    family = dict(zip(fitted["figure_id"], holdouts.families(fitted, read)))
    assert (
        family["POL020"] == family["POL022"]
        and family["RUS002"] == family["CHN001"] == family["TOT005"]
    )
    assert len(set(family.values())) == 3


@given(
    st.lists(st.integers(0, 12), min_size=2, max_size=60),
    st.integers(2, 8),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=60, deadline=None)
def test_folds_are_a_partition_that_splits_no_family(numbers, k, seed):
    family = np.array([f"F{i}" for i in numbers], dtype=object)
    if len(set(numbers)) == 1:
        with pytest.raises(InputError, match="one lineage"):
            holdouts.folds(family, k, seed)
        return
    splits = holdouts.folds(family, k, seed)
    assert (np.sum([split.test for split in splits], axis=0) == 1).all()
    sizes = []
    for split in splits:
        assert (split.train == ~split.test).all() and split.train.any() and split.test.any()
        assert not set(family[split.train]) & set(family[split.test])
        sizes.append(len(set(family[split.test])))
    assert max(sizes) - min(sizes) <= 1
    order = np.random.default_rng(1).permutation(len(family))
    again = holdouts.folds(family[order], k, seed)
    assert all((one.test[order] == other.test).all() for one, other in zip(splits, again))


def test_one_label_out_drops_relatives():
    labels = np.array(["a", "a", "a", "b", "b", "b", "c"], dtype=object)
    family = np.array(["1", "2", "3", "3", "4", "5", "6"], dtype=object)
    first, second = holdouts.one_label_out(labels, family, "house")
    assert (first.name, second.name) == ("house a", "house b")
    assert first.test.tolist() == [True] * 3 + [False] * 4
    assert (
        first.train.tolist() == [False] * 4 + [True] * 3
    )  # b's copy of a's figure is not learnt from
    assert holdouts.one_label_out(labels[:3], family[:3], "house") == []


def test_the_future_repeats_nothing_known_and_undated_figures_are_neither():
    published = np.array([2014, 2015, 2016, 2018, np.nan, 2020])
    family = np.array(["1", "2", "2", "3", "4", "5"], dtype=object)
    early, late = holdouts.future(published, family, years=(2015, 2019, 2030))
    assert early.name == "published after 2015" and early.train.tolist() == [
        True,
        True,
        False,
        False,
        False,
        False,
    ]
    assert early.test.tolist() == [
        False,
        False,
        False,
        True,
        False,
        True,
    ]  # the third is a copy of the second
    assert late.train.tolist() == [True, True, True, True, False, False] and late.test.tolist() == [
        False
    ] * 5 + [True]


def test_every_split_of_the_real_ledger_keeps_families_apart(real):
    read, built = real
    figures = built.figures
    family = holdouts.families(figures, read)
    published = holdouts.publication_years(figures, read)
    splits = {split.name: split for split in holdouts.every_split(figures, read, 5, seed=1)}
    assert len(splits) > 30 and {
        "class register",
        "published after 2017",
        "before the UN notifications",
    } <= set(splits)
    for split in splits.values():
        assert split.train.any() and split.test.any() and not (split.train & split.test).any()
        assert not set(family[split.train]) & set(family[split.test])
    famous = splits["before the UN notifications"]
    held = set(figures["figure_id"][famous.test])
    assert {"RUS062", "RUS063", "GEU216", "GEU219", "GEU036", "AFA088", "AFA091"} <= held
    assert published[famous.train].max() <= 2017


def test_the_baselines_predict_the_real_ledger(real):
    read, built = real
    table = benchmarks.figure_table(built, SETTINGS)
    ratio = built.figures["quantity"].to_numpy() == "ratio"
    assert len(table) == len(built.figures) and ratio.any()
    assert (table["log"].notna() == (scores.is_scored(built.lower, built.upper) & ~ratio)).all()
    assert (
        set(table["host"][built.flow]) & {"RUS, entries", "CHN, entries"}
        and not table["host"][~built.flow].str.contains(",").any()
    )
    split = holdouts.folds(holdouts.families(built.figures, read), 5, seed=1)[0]
    for name, prediction in benchmarks.predict(
        table, split.train, split.test, draws=400, seed=1
    ).items():
        scored = scores.per_figure(
            prediction.draws, built.lower[split.test], built.upper[split.test]
        )
        assert 0.1 < scored["crps"].mean() < 3, name
        assert scored["inside_95"].mean() > 0.6, name
        assert not any(basis.startswith("no fit") for basis in prediction.counts()), name


# --- sensitivity ---------------------------------------------------------------------------------


def conjugate(prior_mean, figures, draws, rng, power=1.0):
    """Draws, mean and sd of a normal mean with prior N(prior_mean, 1) raised to a power, from
    ``figures`` with unit error."""
    precision = power + len(figures)
    mean, sd = (power * prior_mean + np.sum(figures)) / precision, precision**-0.5
    return mean + sd * rng.normal(size=draws), mean, sd


def jensen_shannon(p, q, grid):
    """The cumulative Jensen-Shannon distance of two distribution functions over a grid, by the
    definition."""
    step = np.diff(grid)
    middle = (grid[1:] + grid[:-1]) / 2
    f, g = p(middle), q(middle)

    def one_way(a, b):
        return (step * a * (np.log2(a) - np.log2((a + b) / 2))).sum() + (step * (b - a)).sum() / (
            2 * np.log(2)
        )

    return np.sqrt((one_way(f, g) + one_way(g, f)) / (step * (f + g)).sum())


def test_power_scaling_of_a_conjugate_normal():
    rng = np.random.default_rng(15)
    figures = np.array([3.0, 4.0])
    draws, _, _ = conjugate(0.0, figures, 20000, rng)
    components = {
        "prior": stats.norm.logpdf(draws),
        "likelihood": stats.norm.logpdf(figures, draws[:, None]),
        "nothing": np.zeros(len(draws)),
    }
    quantities = pd.DataFrame(
        {"mean": draws, "unrelated": rng.normal(size=len(draws)), "fixed": 1.0}
    )
    table = importance.power_scaling(quantities, components).set_index(["quantity", "component"])
    delta = 0.01
    grid = np.linspace(draws.min(), draws.max(), 20001)
    centre = stats.norm(*conjugate(0.0, figures, 1, rng)[1:])
    total = 0.0
    for power in (1 / (1 + delta), 1 + delta):
        moved = stats.norm(*conjugate(0.0, figures, 1, rng, power)[1:])
        mirrored = jensen_shannon(lambda x: centre.sf(-x), lambda x, m=moved: m.sf(-x), -grid[::-1])
        total += max(jensen_shannon(centre.cdf, moved.cdf, grid), mirrored)
    expected = total / (2 * np.log2(1 + delta))
    assert table.loc[("mean", "prior"), "sensitivity"] == pytest.approx(expected, rel=0.05)
    for label, power in (("weaker", 0.8), ("stronger", 1.25)):
        _, mean, sd = conjugate(0.0, figures, 1, rng, power)
        shift = table.loc[("mean", "prior"), f"median_{label}"]
        assert shift == pytest.approx(mean - 7 / 3, abs=0.02)
        assert table.loc[("mean", "prior"), f"spread_{label}"] == pytest.approx(
            np.log(sd * np.sqrt(3)), abs=0.02
        )
    assert (
        table.loc[("mean", "prior"), "sensitive"] and table.loc[("mean", "likelihood"), "sensitive"]
    )
    assert not table.loc["unrelated", "sensitive"].any()
    assert (table.loc["fixed", "sensitivity"] == 0).all()
    assert (
        (table.xs("nothing", level="component")[["sensitivity", "median_weaker"]] == 0).all().all()
    )
    assert table["trusted"].all()
    assert importance.diagnosis(table.reset_index()).to_dict()["mean"] == "prior and data disagree"


def test_prior_that_says_little_is_found_harmless():
    rng = np.random.default_rng(16)
    figures = rng.normal(0.0, 1.0, size=200)
    draws, _, _ = conjugate(0.0, figures, 4000, rng)
    components = {
        "prior": stats.norm.logpdf(draws),
        "likelihood": stats.norm.logpdf(figures, draws[:, None]),
    }
    assert importance.diagnosis(
        importance.power_scaling(pd.DataFrame({"mean": draws}), components)
    ).tolist() == ["the data decide"]


def test_influence_is_that_of_the_refitted_conjugate_normal():
    rng = np.random.default_rng(17)
    figures = np.array([0.0, 0.2, -0.1, 0.1, 1.5, 1.6])
    groups = np.array(["a", "a", "b", "b", "high", "high"])
    draws, full, sd = conjugate(0.0, figures, 20000, rng)
    table = importance.influence(
        pd.DataFrame({"mean": draws}), stats.norm.logpdf(figures, draws[:, None]), groups
    )
    assert table["group"].iloc[0] == "high" and table["n"].tolist() == [2, 2, 2]
    for row in table.itertuples():
        _, mean, without = conjugate(0.0, figures[groups != row.group], 1, rng)
        assert row.median == pytest.approx(mean, abs=0.03) and row.shift == pytest.approx(
            mean - full, abs=0.03
        )
        assert (row.low, row.high) == pytest.approx(
            (mean - 1.2816 * without, mean + 1.2816 * without), abs=0.05
        )
        assert row.shift_sd == pytest.approx((mean - full) / sd, abs=0.1)
        assert not row.refit


def test_the_error_of_an_influence_is_no_smaller_than_that_of_repeated_draws():
    rng = np.random.default_rng(19)
    figures = np.array([0.0, 0.3, 1.2])
    shifts, errors = [], []
    for _ in range(200):
        draws, _, _ = conjugate(0.0, figures, 1000, rng)
        row = (
            importance.influence(
                pd.DataFrame({"mean": draws}),
                stats.norm.logpdf(figures, draws[:, None]),
                ["a", "b", "c"],
            )
            .set_index("group")
            .loc["c"]
        )
        shifts.append(row["shift"])
        errors.append(row["error"])
    assert 0.9 * np.std(shifts) < np.mean(errors) < 2 * np.std(shifts)


def test_a_group_that_carries_everything_needs_a_refit():
    rng = np.random.default_rng(18)
    figures = np.r_[np.full(60, 6.0), 0.0]
    draws, _, _ = conjugate(0.0, figures, 2000, rng)
    table = importance.influence(
        pd.DataFrame({"mean": draws}),
        stats.norm.logpdf(figures, draws[:, None]),
        ["many"] * 60 + ["one"],
    )
    assert table.set_index("group")["refit"].to_dict() == {"many": True, "one": False}
    assert (
        importance.largest_good_k(1000) == pytest.approx(2 / 3)
        and importance.largest_good_k(10**6) == 0.7
    )


def test_weighted_quantiles_are_those_of_repeated_draws():
    draws = np.array([[3.0], [1.0], [2.0], [5.0]])
    weights = np.array([2, 1, 4, 1]) / 8
    repeated = np.repeat(draws, [2, 1, 4, 1], axis=0)
    probabilities = [0.1, 0.5, 0.6, 0.9]
    expected = np.quantile(repeated, probabilities, axis=0, method="inverted_cdf")
    assert (importance.weighted_quantiles(draws, weights, probabilities) == expected).all()


def test_a_refit_without_a_source_is_compared_with_the_short_fit_of_everything():
    without = pd.DataFrame(
        {
            "origin": ["", "one", "", "one"],
            "n": [0, 3, 0, 3],
            "year": [2017, 2017, 2024, 2024],
            "median": [80_000, 100_000, 50_000, 50_000],
            "error": [0.03, 0.04, 0.03, 0.04],
        }
    )
    draws = pd.DataFrame({"world 2017": [-0.5, 0.5], "world 2024": [0.0, 1.0]})
    found = importance.refitted_influence(without, draws).set_index("quantity")
    assert (
        found.loc["world 2017", "shift"] == pytest.approx(np.log(1.25))
        and found.loc["world 2024", "shift"] == 0
    )
    assert found.loc["world 2017", "error"] == pytest.approx(0.05)
    assert found.loc["world 2017", "shift_sd"] == pytest.approx(np.log(1.25) / np.sqrt(0.5))


def test_each_imputation_of_copies_keeps_its_share_under_other_weights():
    """Two imputations with two and one draws: ratios of 1 to 3 within the first, and any ratio of
    the second, leave 2/3 and 1/3."""
    log_ratios, imputation = np.log([1.0, 3.0, 100.0]), np.array([0, 0, 1])
    kept = np.exp(importance.within_imputations(log_ratios, imputation)) / 3
    assert kept == pytest.approx([2 / 3 * 1 / 4, 2 / 3 * 3 / 4, 1 / 3])
    assert np.exp(log_ratios) == pytest.approx([1, 3, 100])  # what was given stays


def test_a_source_that_only_one_imputation_counts_has_no_say_in_which_is_right():
    """Where a figure has the same likelihood in all draws that count it, to leave it out changes
    nothing."""
    rng = np.random.default_rng(3)
    imputation = np.repeat([0, 1], 200)
    draws = pd.DataFrame(
        {"world 2017": np.where(imputation == 0, 11.0, 12.0) + 0.1 * rng.standard_normal(400)}
    )
    likelihood = np.where(imputation == 0, -3.0, 0.0)[:, None]
    apart = importance.influence(draws, likelihood, ["one"], imputation).iloc[0]
    pooled = importance.influence(draws, likelihood, ["one"]).iloc[0]
    assert apart["shift"] == 0 and pooled["shift"] < -0.2


def left(
    rows: dict[str, tuple], paths: dict[str, list[float]], log_turnover: list[float], folder
) -> pd.DataFrame:
    """Return what ``exits.read`` tells of figures (first and last day, number) of people sent home
    by host, at one draw of the stocks from 2015."""
    written = [
        figure(
            f"{host}001",
            host,
            point=number,
            quantity="repatriated",
            period_start=start,
            period_end=end,
        )
        for host, (start, end, number) in rows.items()
    ]
    settings = scenario.Settings(
        dict(SETTINGS) | {"first_year": 2015, "last_year": 2022, "people_sent_home": "account"}
    )
    made = observations.build(ledger.read(write_ledger(folder, written)), settings)
    stock = np.array([[paths[host] for host in made.hosts]])
    return exits.read(made, stock, made.hosts, np.array(log_turnover)).set_index("hosts")


def test_people_who_left_are_those_who_came_in_and_what_the_stock_fell_by(tmp_path):
    falling = list(1000.0 * np.exp(-np.arange(8.0)))
    rows = {
        "POL": ("2016", "2016", 250),
        "RUS": ("2015-07", "2016-06", 700),
        "CHN": ("2021", "2021", 100),
    }
    found = left(
        rows, {"POL": [1000.0] * 8, "RUS": falling, "CHN": [1000.0] * 8}, [np.log(0.3)], tmp_path
    )
    # A constant stock of which three tenths are replaced in a year: as many leave (the corner of
    # the inflow is rounded).
    assert (
        found.loc["POL", "median"] == pytest.approx(300.0, rel=1e-3)
        and found.loc["POL", "probability"] == 1
    )
    # A stock that falls to an e-th in a year, from mid-year to mid-year: nobody comes in, and the
    # rest have left.
    assert (
        found.loc["RUS", "median"] == pytest.approx(1000 * (1 - np.exp(-1)), rel=1e-2)
        and found.loc["RUS", "probability"] == 0
    )
    # With the border shut nobody is replaced: the two rounded corners of the account alone leave a
    # few.
    assert found.loc["CHN", "median"] == pytest.approx(1000 * 0.05 * np.log(1 + 2), rel=1e-3)
    assert found["said"].to_dict() == {"POL": 250, "RUS": 700, "CHN": 100}


def test_people_sent_home_are_told_beside_those_who_left(real):
    evidence, floor = real
    made = observations.build(evidence, scenario.Settings(dict(SETTINGS) | multiverse.ACCOUNT))
    d = 2
    stock = np.full((d, len(made.hosts), len(made.years)), 1.0)
    stock[1] = 1e5  # of so many each figure is a small part
    table = exits.read(made, stock, made.hosts, np.log(np.full(d, 0.35)))
    assert (
        len(table) == (made.exits & (made.uncopied > 0.5)).sum() > 0
        and (table["quantity"] == "repatriated").all()
    )
    assert table["probability"].between(0.49, 0.51).all() and not floor.exits.any()
