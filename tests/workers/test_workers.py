"""The workers model: its design, its two engines and their agreement, and the sampler under
them."""

import shutil
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from exportedlabour import project
from exportedlabour.assumptions import scenario
from exportedlabour.evidence import ledger
from exportedlabour.inference import convergence, sampling
from exportedlabour.simulation import make, prior, write
from exportedlabour.workers import copies, draws, fit, observations, uncounted
from exportedlabour.workers import density as workers_density
from exportedlabour.workers import priors as workers_priors


@pytest.fixture(scope="module")
def real():
    evidence = ledger.read(project.resolve("data"))
    settings = scenario.load().settings
    made = observations.build(evidence, settings)
    return made, workers_priors.build(made, settings), settings


@pytest.fixture(scope="module")
def density(real):
    return workers_density.Density(real[0], real[1])


@pytest.fixture(scope="module")
def through_account(real):
    """The real design where people sent home are read through the account of entries and exits."""
    settings = scenario.Settings(dict(real[2]) | {"people_sent_home": "account"})
    made = observations.build(ledger.read(project.resolve("data")), settings)
    return made, workers_priors.build(made, settings), settings


def test_draws_of_workers_are_read_once_and_anew_where_they_changed(tmp_path):
    path, years = tmp_path / "draws_workers.parquet", np.array([2017, 2018])
    first = np.arange(12.0).reshape(2, 3, 2)
    draws.write_draws(path, first, ("CHN", "RUS", "POL"), years)
    read, hosts, told = draws.read_draws(path)
    assert (read == first).all() and hosts == ("CHN", "RUS", "POL") and (told == years).all()
    copied = tmp_path / "copy" / path.name
    copied.parent.mkdir()
    shutil.copy2(path, copied)
    assert draws.read_draws(copied)[0] is read
    with pytest.raises(ValueError, match="read-only"):
        read[0] = 0
    draws.write_draws(path, first + 1, ("CHN", "RUS", "POL"), years)
    assert (draws.read_draws(path)[0] == first + 1).all()


def test_quality_is_the_same_on_one_processor_and_on_several(monkeypatch):
    rng = np.random.default_rng(3)
    named, parts = (
        {"x": rng.normal(size=(8, 30, 5)), "y": rng.normal(size=(8, 30))},
        np.arange(8) % 2,
    )
    alone = convergence.diagnostics(named, parts=parts)
    monkeypatch.setattr(convergence, "MANY", 1)
    assert set(alone["quantity"]) == {*(f"x[{i}]" for i in range(5)), "y"}
    pd.testing.assert_frame_equal(convergence.diagnostics(named, parts=parts), alone)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([0] * 8, [0, 1, 2, 3] * 2),  # one posterior
        (
            [0, 1, 2, 0, 1, 2],
            [0, 0, 0, 1, 1, 1],
        ),  # three of two chains: each superchain has all three
        ([0, 0, 0, 0, 1, 1, 1, 1], [0, 1, 2, 3] * 2),
        ([0] * 6 + [1] * 6, [0, 1, 2] * 4),  # six have no quarter
        ([0, 1, 2, 3], [0, 1, 2, 3]),  # one chain each: there is no other to compare it with
        ([0, 0, 0, 1], [0, 1, 2, 3]),
        ([0], [0]),
    ],
)
def test_superchains_have_as_many_chains_of_every_posterior_that_is_pooled(parts, expected):
    assert convergence.superchains(np.array(parts)).tolist() == expected


def test_pooled_posteriors_that_differ_are_no_failure_and_a_half_that_adapted_badly_is_one():
    rng = np.random.default_rng(4)
    parts = copies.imputation_of_chains(scenario.Settings({"chains": 64, "imputed_copies": 32}))
    apart = rng.normal(size=(64, 100)) + rng.normal(0, 1, 32)[parts][:, None]

    def r_hat(draws, parts=None):
        return convergence.diagnostics({"x": draws}, parts=parts)["r_hat"].iloc[0]

    assert r_hat(apart, parts) < 1.001 < 1.005 < r_hat(apart)
    assert r_hat(apart + 0.4 * (np.arange(64) >= 32)[:, None], parts) > 1.01


@pytest.mark.parametrize("name", ["as published", "through the account"])
def test_the_gradient_of_the_density_is_that_of_differences(density, through_account, name):
    density = density if name == "as published" else workers_density.Density(*through_account[:2])
    rng = np.random.default_rng(1)
    theta = 0.4 * rng.standard_normal((2, density.dim))
    value, gradient = density.value_and_gradient(theta)
    assert np.allclose(value, density(theta), rtol=1e-12)
    ends = [place.start for place, _ in density.layout.places.values() if place.stop > place.start]
    for j in {*ends, *rng.choice(density.dim, 40)}:
        moved = np.zeros_like(theta)
        moved[:, j] = 1e-5
        assert np.allclose(
            gradient[:, j],
            (density(theta + moved) - density(theta - moved)) / 2e-5,
            rtol=1e-5,
            atol=1e-5,
        ), j


@pytest.mark.parametrize("name", ["as published", "through the account"])
def test_the_gradient_in_single_precision_is_that_in_double_to_a_few_digits(
    density, through_account, name
):
    density = density if name == "as published" else workers_density.Density(*through_account[:2])
    rng = np.random.default_rng(2)
    theta, mask = (
        0.4 * rng.standard_normal((8, density.dim)),
        (rng.random((8, len(density.order))) < 0.8).astype(float),
    )
    exact, rough = density.gradient(theta, mask), density.rounded().gradient(theta, mask)
    assert exact.dtype == np.float64 and rough.dtype == np.float32
    assert np.abs(rough - exact).max() < 1e-4 * np.abs(exact).max()
    assert (density.gradient(theta, mask) == exact).all()  # what was rounded is a copy


def test_chains_whose_levels_are_nearly_one_take_shorter_steps(density):
    theta = np.zeros(
        (3, density.dim)
    )  # the log of the spread of levels over its prior's scale is 0
    theta[:, density.layout.places["level_sd"][0]] = np.log(
        [[1.0], [workers_density.CLOSE / 2], [workers_density.CLOSE / 100]]
    )
    assert np.allclose(density.share_of_step(theta), [1, 0.5, 0.01])


def test_a_masked_figure_adds_nothing(density):
    rng = np.random.default_rng(2)
    theta = 0.4 * rng.standard_normal((3, density.dim))
    terms = density.pointwise(theta)
    mask = np.ones(terms.shape)
    mask[:, [3, 50, 200]] = 0.0
    assert np.allclose(density(theta) - density(theta, mask), terms[:, [3, 50, 200]].sum(axis=1))


def simulated(world, settings, folder, **size):
    """Return the design of a ledger that was drawn from the model, or from a world that it does not
    know."""
    write.write(make.make(world, 11, settings, **size), folder)
    return observations.build(ledger.read(folder), settings)


@pytest.mark.parametrize("name", ["real", "account", "plain", "hard"])
def test_both_engines_have_one_posterior(real, through_account, tmp_path, name):
    """The log densities differ by one constant at random points of the design, real or simulated,
    to twelve digits."""
    reference = pytest.importorskip("exportedlabour.workers.reference")
    made, priors, settings = through_account if name == "account" else real
    if name in ("plain", "hard"):
        made = simulated(name, settings, tmp_path / "ledger", hosts=6, figures=60)
        priors = workers_priors.build(made, settings)
    density = workers_density.Density(made, priors)
    model = reference.build(made, priors)
    rng = np.random.default_rng(3)
    theta = 0.5 * rng.standard_normal((6, density.dim))
    named = density.name(theta)
    logp = model.compile_logp()
    unknown = {
        "level_mean": named["level_mean"],
        "level_sd_log__": np.log(named["level_sd"]),
        "level": named["level"],
        "log_step_median": named["log_step_median"],
        "shock": named["shock"],
        "bias": named["bias"],
        "coverage": named["coverage"],
        "error_log__": named["log_error"],
        "log_turnover": named["log_turnover"],
        "margin_at_least": named["margin_at_least"],
        "margin_at_most": named["margin_at_most"],
    }
    unknown["step_z"] = named["step"]
    raw = {"step_scale_z": "log_step", "shock_z": "host_shock"}
    raw |= {f"{name}_z": name for name in workers_density.EFFECTS}
    unknown |= {
        key: np.moveaxis(density.layout.get(theta.T, name), -1, 0) for key, name in raw.items()
    }
    unknown |= {f"{name}_sd_log__": np.log(named[f"{name}_sd"]) for name in workers_density.EFFECTS}
    there = np.array(
        [logp({key: value[i] for key, value in unknown.items()}) for i in range(len(theta))]
    )
    turned = (density.informed.sum(axis=(1, 2)) * named["log_step"]).sum(
        axis=1
    )  # paths, not steps, are unknowns along informed directions
    difference = there - turned - density(theta)
    assert np.ptp(difference) < 1e-12 * np.abs(there).max() + 1e-9


@pytest.mark.slow
@pytest.mark.parametrize("world", ["plain", "hard"])
def test_draws_of_both_engines_agree_within_monte_carlo_error(real, tmp_path, world):
    reference = pytest.importorskip("exportedlabour.workers.reference")
    settings = scenario.Settings(
        dict(real[2])
        | {"imputed_copies": 1, "world_limit": 1e12, "chains": 32, "tune": 200, "draws": 400}
    )
    made = simulated(world, settings, tmp_path / "ledger", hosts=5, figures=50)
    counted = copies.imputed_copies(made, settings, np.random.default_rng(settings.seed))[0]
    ours = fit.fit(made, settings, say=lambda text: None)
    theirs = reference.fit(
        made,
        settings,
        draws=2000,
        tune=1000,
        target_accept=0.9,
        counted=counted,
        say=lambda text: None,
    )
    names = ("log_stock", "log_world", "bias", "level_mean", "log_turnover")
    first, second = (
        convergence.diagnostics({n: f.named[n] for n in names}).set_index("quantity")["ess_bulk"]
        for f in (ours, theirs)
    )
    shared = first.index.intersection(second.index)
    assert len(shared) > 100
    flat = [
        {
            f"{n}[{', '.join(map(str, at))}]" if at else n: f.stack(n)[(slice(None), *at)]
            for n in names
            for at in np.ndindex(f.named[n].shape[2:])
        }
        for f in (ours, theirs)
    ]
    apart = []
    for quantity in shared[(first[shared] > 400) & (second[shared] > 400)]:
        a, b = (draws[quantity] for draws in flat)
        apart.append(
            (a.mean() - b.mean()) / np.sqrt(a.var() / first[quantity] + b.var() / second[quantity])
        )
        assert (
            np.abs(np.percentile(a, [10, 90]) - np.percentile(b, [10, 90])).max() < 0.2 * b.std()
        ), quantity
    assert len(apart) > 100 and np.abs(apart).max() < stats.norm.isf(
        0.001 / (2 * len(apart))
    )  # Bonferroni's bound at one in a thousand


def test_interweaving_leaves_stocks_and_effects_as_they_were(density):
    rng = np.random.default_rng(4)
    theta = 0.5 * rng.standard_normal((5, density.dim))
    before, after = density.name(theta), density.name(density.interweave(theta.copy(), rng))
    for name in ("log_stock", *workers_density.EFFECTS, "bias"):
        assert np.allclose(before[name], after[name], atol=1e-9), name
    for name in (
        "level",
        "host_shock",
        "level_mean",
        "level_sd",
        "log_step_median",
        "log_step",
        "shock",
        "house_sd",
    ):
        assert not np.allclose(before[name], after[name]), name


def test_interweaving_leaves_the_prior_as_it_is(density):
    """Draws from the prior stay draws from it: without figures the moments of scales are known."""
    rng = np.random.default_rng(5)
    theta = rng.standard_normal((2000, density.dim))
    for name in workers_density.SPREADS:
        theta[:, density.layout.places[name][0]] = np.log(np.abs(rng.standard_normal((2000, 1))))
    place, _ = density.layout.places["level"]
    named = density.name(theta)
    pooled = density.pooled
    levels = named["level_mean"][:, None] + named["level_sd"][:, None] * rng.standard_normal(
        (2000, len(pooled))
    )
    theta[:, np.arange(place.start, place.stop)[pooled]] = (
        levels - density.priors.level_mean.mean
    ) / workers_density.LEVEL_UNIT
    moved = theta
    for _ in range(3):
        moved = density.interweave(moved, rng)
    named = density.name(moved)
    p = density.priors
    for name in workers_density.SPREADS:
        assert stats.kstest(named[name] / getattr(p, name).scale, "halfnorm").pvalue > 1e-3, name
    for name, mean, sd in (
        ("level_mean", p.level_mean.mean, p.level_mean.sd),
        ("log_step_median", p.log_step_median.mean, p.log_step_median.sd),
        ("shock", p.shock.mean[0], p.shock.sd[0]),
    ):
        values = named[name] if named[name].ndim == 1 else named[name][:, 0]
        assert stats.kstest((values - mean) / sd, "norm").pvalue > 1e-3, name


class Correlated:
    """A normal density with a known covariance, in a class so that processes can take it."""

    def __init__(self, dim: int):
        rng = np.random.default_rng(6)
        root = rng.standard_normal((dim, dim)) / np.sqrt(dim) + 0.3 * np.eye(dim)
        self.covariance = root @ root.T
        self.precision = np.linalg.inv(self.covariance)

    def __call__(self, theta, rows=None):
        import autograd.numpy as anp

        theta = theta if rows is None else theta - rows
        return -0.5 * anp.sum(anp.dot(theta, self.precision) * theta, axis=1)


def test_the_sampler_finds_a_correlated_normal():
    target = Correlated(20)
    run = sampling.sample(
        target, 20, chains=16, draws=400, tune=200, seed=1, workers=1, say=lambda text: None
    )
    flat = run.draws.reshape(-1, 20).astype(float)
    sd = np.sqrt(np.diag(target.covariance))
    assert np.allclose(flat.mean(axis=0) / sd, 0, atol=0.1)
    assert np.allclose(flat.std(axis=0) / sd, 1, atol=0.08)
    assert convergence.diagnostics({"x": run.draws})["r_hat"].max() < 1.02
    assert run.divergences == 0


def test_kicks_may_be_wrong_and_the_draws_are_right():
    target = Correlated(20)
    wrong = lambda theta: -(1.02 * theta @ target.precision).astype(np.float32)  # noqa: E731
    run = sampling.sample(
        target,
        20,
        chains=16,
        draws=400,
        tune=200,
        seed=1,
        kicks=wrong,
        probes=12,
        early_steps=8,
        workers=1,
        say=lambda text: None,
    )
    flat, sd = run.draws.reshape(-1, 20).astype(float), np.sqrt(np.diag(target.covariance))
    assert np.allclose(flat.mean(axis=0) / sd, 0, atol=0.1)
    assert np.allclose(flat.std(axis=0) / sd, 1, atol=0.08)


class Funnel:
    """Normal effects and the log of their scale (Neal 2003), which a move of its own draws anew
    with the effects along."""

    def value_and_gradient(self, theta):
        log_scale, effects = theta[:, :1], theta[:, 1:]
        size = effects.shape[1]
        squares = (effects**2).sum(axis=1, keepdims=True) * np.exp(-2 * log_scale)
        value = -0.5 * (log_scale / 2) ** 2 - size * log_scale - 0.5 * squares
        return value[:, 0], np.hstack(
            [-log_scale / 4 - size + squares, -effects * np.exp(-2 * log_scale)]
        )

    @staticmethod
    def interweave(theta, rng):
        drawn = 2 * rng.standard_normal(len(theta))
        return np.column_stack([drawn, theta[:, 1:] * np.exp(drawn - theta[:, 0])[:, None]])


def test_where_a_scale_is_near_zero_a_share_of_the_step_keeps_chains_moving():
    runs = [
        sampling.sample(
            Funnel(),
            11,
            chains=16,
            draws=200,
            tune=100,
            seed=2,
            interweave=Funnel.interweave,
            scales=np.array([0]),
            share_of_step=share,
            groups=1,
            workers=1,
            say=lambda text: None,
        )
        for share in (None, lambda theta: np.minimum(1.0, np.exp(theta[:, 0])))
    ]
    assert runs[0].divergences > 100 and runs[1].divergences == 0
    log_scale, effects = runs[1].draws[..., 0], runs[1].draws[..., 1:]
    small = log_scale < -2
    assert abs(small.mean() - 0.159) < 0.03
    assert abs((effects / np.exp(log_scale)[..., None])[small].std() - 1) < 0.05


def test_trajectories_are_short_until_the_metric_is_measured_for_the_last_time():
    lengths = []

    class Counted(Normals):
        def value_and_gradient(self, theta, precision):
            lengths.append(0)
            return super().value_and_gradient(theta, precision)

    def kicks(theta, precision):
        lengths[-1] += 1
        return -precision[:, None] * theta

    precision = np.repeat([1.0, 400.0], 8)
    sampling.sample(
        Counted(),
        5,
        chains=16,
        draws=1,
        tune=100,
        seed=1,
        data=precision,
        groups=1,
        workers=1,
        kicks=kicks,
        early_steps=7,
        say=lambda text: None,
    )
    lengths = [inside + 1 for inside in lengths]  # a trajectory's end is told by the density itself
    assert max(lengths[:75]) == 7 < max(lengths[75:])


def test_the_same_seed_gives_the_same_draws_on_any_number_of_processes():
    target = Correlated(5)
    one, two = (
        sampling.sample(
            target, 5, chains=4, draws=20, tune=20, seed=3, workers=k, say=lambda text: None
        ).draws
        for k in (1, 2)
    )
    assert np.array_equal(one, two)


def test_chains_may_have_densities_of_their_own():
    target = Correlated(3)
    shift = np.array([[0.0, 0, 0], [5.0, 0, 0]])
    run = sampling.sample(
        target,
        3,
        chains=8,
        draws=300,
        tune=100,
        seed=4,
        data=np.repeat(shift, 4, axis=0),
        workers=1,
        say=lambda text: None,
    )
    means = run.draws.mean(axis=1)
    assert np.allclose(means[:4, 0].mean(), 0, atol=0.3) and np.allclose(
        means[4:, 0].mean(), 5, atol=0.3
    )


class Normals:
    """Independent normals, each chain's with a precision of its own."""

    def __call__(self, theta, precision):
        return -0.5 * precision * (theta**2).sum(axis=1)

    def value_and_gradient(self, theta, precision):
        return self(theta, precision), -precision[:, None] * theta


def test_a_density_that_is_nowhere_finite_is_refused():
    with pytest.raises(project.InputError, match="no starting point"):
        sampling.sample(
            lambda theta: theta[:, 0] * np.nan,
            2,
            chains=2,
            draws=5,
            tune=5,
            seed=1,
            groups=1,
            say=lambda text: None,
        )


def test_imputations_draw_the_doubtful_copies_and_keep_the_others(real):
    made, _, settings = real
    many = scenario.Settings({**settings, "imputed_copies": 4000, "chains": 4000})
    drawn = copies.imputed_copies(made, many, np.random.default_rng(1))
    assert drawn[:, made.uncopied == 1].all()
    doubtful = made.uncopied < 1
    assert np.allclose(drawn[:, doubtful].mean(axis=0), made.uncopied[doubtful], atol=0.04)
    few = copies.imputed_copies(
        made,
        scenario.Settings({**settings, "imputed_copies": 4000, "chains": 6}),
        np.random.default_rng(1),
    )
    assert len(few) == 6  # no more than there are chains to fit them
    decided = copies.imputed_copies(
        made, scenario.Settings({**settings, "imputed_copies": 1}), np.random.default_rng(1)
    )
    assert np.array_equal(decided[0], made.uncopied > 1 - settings.copy_threshold)


def test_a_figure_counts_in_its_share_of_the_imputations_of_each_superchain(real):
    made, _, settings = real
    drawn = copies.imputed_copies(
        made,
        scenario.Settings({**settings, "chains": 64, "imputed_copies": 32}),
        np.random.default_rng(5),
    )
    assert (np.abs(drawn.sum(axis=0) - 32 * made.uncopied) < 1).all()
    for superchain in range(4):
        assert (np.abs(drawn[superchain::4].sum(axis=0) - 8 * made.uncopied) < 1).all()
    assert len(np.unique(drawn, axis=0)) == 32


@pytest.mark.parametrize(("points", "slices"), [(12, 4), (8, 1), (10, 4), (1, 4)])
def test_a_sliced_hypercube_has_one_point_in_each_cell_of_the_whole_and_of_each_slice(
    points, slices
):
    drawn = copies.sliced_hypercube(points, 50, slices, np.random.default_rng(2))
    count = slices if points % slices == 0 else 1
    for part in [drawn, *(drawn[s::count] for s in range(count))]:
        cells = np.sort(np.floor(drawn * points if part is drawn else part * len(part)), axis=0)
        assert np.array_equal(cells, np.tile(np.arange(len(part))[:, None], 50))
    pairs = np.corrcoef(copies.sliced_hypercube(400, 8, 4, np.random.default_rng(3)).T)[
        np.triu_indices(8, 1)
    ]
    assert np.abs(pairs).max() < 0.2  # dimensions are permuted apart


@pytest.mark.parametrize(
    ("chains", "count", "each"), [(32, 8, 4), (64, 32, 2), (32, 32, 1), (4, 2, 2), (8, 20, 1)]
)
def test_every_imputation_is_counted_by_as_many_chains(chains, count, each):
    dealt = copies.imputation_of_chains(
        scenario.Settings({"chains": chains, "imputed_copies": count})
    )
    assert np.array_equal(np.bincount(dealt), np.full(min(chains, count), each))
    if each == 4:  # of each superchain one
        assert all(len(set(dealt[superchain::4])) == count for superchain in range(4))


def test_draws_beyond_the_limit_are_replaced_by_the_one_before_in_their_chain():
    class Stock:  # one host in two years, its log stock the unknown itself
        def name(self, theta):
            return {"log_stock": theta[:, None, :]}

    log = np.log
    small, large = [log(10.0), log(20.0)], [log(10.0), log(2e6)]
    other = [log(30.0), log(30.0)]
    draws = np.array([[small, large, large, other], [large, other, small, large]])
    kept = fit.within(draws, Stock(), 1e6)
    assert np.array_equal(
        kept, np.array([[small, small, small, other], [other, other, small, small]])
    )
    with pytest.raises(project.InputError, match="world_limit is 15"):
        fit.within(draws, Stock(), 15)


def test_hosts_that_nobody_counted_are_drawn_again_beyond_the_limit(real):
    made, _, settings = real
    prior_draws = prior.draw_prior(made, settings, np.random.default_rng(1), draws=3000)
    counted = np.full((3000, 1, len(made.years)), 1000.0)
    drawn = SimpleNamespace(stack=prior_draws.__getitem__, stock=counted)
    free = (
        uncounted.undocumented(drawn, made, settings, np.random.default_rng(2))
        .sum(axis=1)
        .max(axis=1)
    )
    limit = float(np.quantile(free, 0.98))
    kept = uncounted.undocumented_within(
        drawn,
        made,
        scenario.Settings({**settings, "world_limit": limit + 1000}),
        np.random.default_rng(2),
    )
    whole = kept.sum(axis=1).max(axis=1)
    assert whole.max() <= limit and np.array_equal(whole[free <= limit], free[free <= limit])
    alike = SimpleNamespace(stack=lambda name: np.repeat(prior_draws[name][:1], 4000, axis=0))
    room = np.quantile(
        uncounted.undocumented(alike, made, settings, np.random.default_rng(3))
        .sum(axis=1)
        .max(axis=1),
        0.002,
    )
    counted[0] = 1000 + limit - room  # one of five hundred that are drawn for it is allowed
    tight = uncounted.undocumented_within(
        drawn,
        made,
        scenario.Settings({**settings, "world_limit": limit + 1000}),
        np.random.default_rng(2),
    )
    assert (counted[0, 0] + tight[0].sum(axis=0)).max() <= limit + 1000
    with pytest.raises(project.InputError, match="world_limit is 1,000"):
        uncounted.undocumented_within(
            drawn,
            made,
            scenario.Settings({**settings, "world_limit": 1000}),
            np.random.default_rng(2),
        )


def test_entries_are_read_as_what_is_replaced_and_what_the_stock_grows_by(real):
    made, priors, _ = real
    row = int(np.flatnonzero(made.flow & (made.figures["figure_id"] == "RUS134").to_numpy())[0])
    at = made.hosts.index("RUS") * len(made.years)
    years = list(made.years)
    growth = made.growth[row, at : at + len(years)]
    assert growth[years.index(2025)] == pytest.approx(0.5) and growth[
        years.index(2023)
    ] == pytest.approx(-0.5)
    assert np.count_nonzero(made.growth[row]) == 2
    assert made.openness[row] == 1.0


def test_people_sent_home_are_a_floor_or_what_leaves_by_the_account(real, through_account):
    floor, account = real[0], through_account[0]
    sent_home = (floor.figures["quantity"] == "repatriated").to_numpy()
    assert (
        not floor.exits.any() and 0 < account.exits.sum() < sent_home.sum()
    )  # a day on which a staff flew home stays a floor
    assert (
        set(np.flatnonzero(account.exits)) <= set(np.flatnonzero(sent_home))
        and not (account.exits & account.flow).any()
    )
    others = ~account.exits
    for name in ("weights", "growth", "openness", "lower", "upper", "kind"):
        assert np.array_equal(getattr(floor, name)[others], getattr(account, name)[others]), name

    # Mongolia in 2016: 1,414 when it began, 707 when it ended, 1,000 on average, of whom as many
    # are replaced in a year.
    row = int(np.flatnonzero(account.figures["figure_id"] == "CHN156")[0])
    years = list(account.years)
    drawn = prior.draw_prior(account, through_account[2], np.random.default_rng(1))
    i = account.hosts.index("MNG")
    drawn["log_stock"][0, i, [years.index(year) for year in (2015, 2016, 2017)]] = np.log(
        [2000.0, 1000.0, 500.0]
    )
    drawn["log_turnover"][:] = 0.0
    offsets = prior.expected_log_figures(account, drawn)[0, row] - np.log(
        1000 * (1 - np.log(2)) + 1414.2 - 707.1
    )
    drawn["log_turnover"][:] = -30.0  # nobody is replaced: what it fell by
    assert prior.expected_log_figures(account, drawn)[0, row] - offsets == pytest.approx(
        np.log(707.1), abs=1e-3
    )
    drawn["log_stock"][0, i] = np.log(800.0)  # nobody goes
    drawn["log_turnover"][:] = np.log(0.5)
    assert prior.expected_log_figures(account, drawn)[0, row] - offsets == pytest.approx(
        np.log(400.0), abs=1e-3
    )


def test_ratios_compare_two_stocks_and_lists_bound_the_hosts_they_leave_out(real):
    made, *_ = real
    ids = made.figures["figure_id"].to_numpy()
    t = len(made.years)
    fall = int(np.flatnonzero(ids == "CHN057")[0])
    assert made.weights[fall].sum() == pytest.approx(0.0)
    assert np.exp([made.lower[fall], made.upper[fall]]) == pytest.approx(
        [0.55, 0.65]
    )  # 40 per cent fewer
    world = (len(made.hosts) + made.sums.index("WLD")) * t
    assert np.count_nonzero(made.weights[fall, world : world + t]) == np.count_nonzero(
        made.weights[fall]
    )
    listed = ids == "AFA115"
    left_out = {made.hosts[int(np.flatnonzero(row)[0]) // t] for row in made.weights[listed]}
    assert "DZA" in left_out and "POL" not in left_out and "RUS" not in left_out
    assert (made.kind[listed] == 3).all()
