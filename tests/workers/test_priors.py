"""The priors of the workers model: each agrees with SciPy, with its own draws and with the
referee."""

import numpy as np
import pytest
from scipy import stats

from exportedlabour import project
from exportedlabour.assumptions import scenario
from exportedlabour.evidence import ledger
from exportedlabour.simulation import prior
from exportedlabour.workers import density, observations, priors

MEDIAN = np.array([0.2, 0.6])
SHIFTED = priors.Normal(np.array([5.0, -1.0]), np.array([0.5, 2.0]))
FAMILIES = {
    "normal": (SHIFTED, stats.norm([5.0, -1.0], [0.5, 2.0])),
    "half-normal": (priors.HalfNormal(1.5), stats.halfnorm(scale=1.5)),
    "log-normal": (priors.LogNormal(MEDIAN, 0.3), stats.lognorm(0.3, scale=MEDIAN)),
}


@pytest.fixture(scope="module")
def real():
    settings = scenario.load().settings
    made = observations.build(ledger.read(project.resolve("data")), settings)
    return made, settings, priors.build(made, settings)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_density_is_that_of_scipy_and_draws_come_from_it(name):
    ours, theirs = FAMILIES[name]
    values = theirs.rvs(size=(20, 2), random_state=1) * np.array([1.0, 1.2])
    assert ours.log_density(values) == pytest.approx(theirs.logpdf(values), rel=1e-12)
    drawn = ours.draw(np.random.default_rng(2), (20_000, 2))
    for column, uniform in enumerate(theirs.cdf(drawn).T):
        assert stats.kstest(uniform, "uniform").pvalue > 1e-3, column


def test_a_normal_is_made_of_standard_normals():
    assert SHIFTED.of_standard(np.array([0.0, 1.5])) == pytest.approx([5.0, 2.0])


def test_what_is_so_or_not_has_its_probability():
    so = priors.Bernoulli(0.3)
    assert so.log_density(np.array([True, False])) == pytest.approx(
        stats.bernoulli(0.3).logpmf([1, 0])
    )
    assert so.draw(np.random.default_rng(3), 40_000).mean() == pytest.approx(0.3, abs=0.01)
    assert priors.Bernoulli(1.0).log_density(np.array([True, False])).tolist() == [0.0, -np.inf]


@pytest.mark.parametrize("name", [*FAMILIES, "bernoulli"])
def test_the_variable_of_the_referee_has_the_same_density(name):
    pm = pytest.importorskip("pymc")
    ours = priors.Bernoulli(0.3) if name == "bernoulli" else FAMILIES[name][0]
    values = [0, 1, 1] if name == "bernoulli" else [0.3, 0.7, 2.5]
    with pm.Model():
        variable = ours.in_pymc(pm, "x", shape=() if name in ("half-normal", "bernoulli") else 2)
        for value in values:
            at = np.full(variable.shape.eval(), value)
            there = pm.logp(variable, at).eval()
            assert there == pytest.approx(np.broadcast_to(ours.log_density(at), at.shape))


def test_the_density_of_the_referee_is_the_sum_of_these(real):
    """Without figures, at draws of the simulator: no prior of the model is missing in PyMC, none
    stands there twice."""
    reference = pytest.importorskip("exportedlabour.workers.reference")
    made, settings, given = real
    drawn = prior.draw_prior(made, settings, np.random.default_rng(4))
    drawn = {name: value[0] for name, value in drawn.items()}
    log_step = given.log_step(np.where, drawn["log_step_median"])
    raw = {"step_scale_z": (np.log(drawn["step_scale"]) - log_step.mean) / log_step.sd}
    shock = given.host_shock(drawn["shock"])
    raw["shock_z"] = (drawn["host_shock"] - shock.mean) / shock.sd
    raw["step_z"] = np.random.default_rng(5).standard_normal((len(made.hosts), len(made.years)))
    sd = {name: drawn[f"{name}_sd"] for name in ("house", "lineage")}
    sd["host_class"] = given.class_effect_sd(np.where, drawn["host_class_sd"])
    raw |= {f"{name}_z": drawn[f"{name}_effect"] / scale for name, scale in sd.items()}

    named = {name: drawn[name] for name in (*density.NORMAL, "shock", "bias")}
    positive = {name: drawn[name] for name in ("level_sd", "error", *(f"{n}_sd" for n in sd))}
    ours = sum(
        getattr(given, name).log_density(value).sum() for name, value in (named | positive).items()
    )
    level = given.level(np.where, drawn["level_mean"], drawn["level_sd"])
    ours += level.log_density(drawn["level"]).sum()
    ours += sum(priors.Normal(0.0, 1.0).log_density(z).sum() for z in raw.values())
    ours += sum(np.log(value).sum() for value in positive.values())  # unknown there: the log

    model = reference.build(made, given, np.zeros(len(made.kind)))
    there = model.compile_logp()(
        named
        | raw
        | {"level": drawn["level"]}
        | {f"{name}_log__": np.log(value) for name, value in positive.items()}
    )
    assert there == pytest.approx(ours, rel=1e-10)
