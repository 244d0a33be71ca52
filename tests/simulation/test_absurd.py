"""Absurd but well-formed ledgers: the model's answer is finite and wide, and never a confident
nonsense."""

import numpy as np
import pytest

from exportedlabour.assumptions import scenario
from exportedlabour.evidence import ledger
from exportedlabour.simulation import make, write
from exportedlabour.workers import fit, observations

HOSTS, FIGURES = 6, 40
SHORT = {"chains": 16, "tune": 100, "draws": 40}


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    """Return of a world what is to be known (``truth`` (hosts, years)) and what a short fit found
    (``stock`` (draws, hosts, years))."""
    settings = scenario.Settings({**scenario.load().settings, **SHORT})
    made = {}

    def of(name):
        if name not in made:
            simulated = make.make(name, 7, settings, hosts=HOSTS, figures=FIGURES)
            folder = tmp_path_factory.mktemp("absurd") / name
            write.write(simulated, folder)
            built = observations.build(ledger.read(folder), settings)
            found = fit.fit(built, settings, workers=1, say=lambda text: None)
            workers = simulated.truth.set_index(["host", "year"])["workers"]
            truth = np.array(
                [[workers[host, year] for year in built.years] for host in built.hosts]
            )
            made[name] = built, truth, found.stock
        return made[name]

    return of


def width(stock, axis=0):
    """The 80 % interval as a log ratio of its ends."""
    low, high = np.quantile(stock, [0.1, 0.9], axis=axis)
    return np.log(high / low)


@pytest.mark.parametrize(
    "name", ["one-figure", "one-host", "one-lineage", "contradictions", "only-zeros"]
)
def test_the_answer_is_finite_and_holds_the_truth_as_a_rule(answered, name):
    built, truth, stock = answered(name)
    assert np.isfinite(stock).all() and (stock > 0).all()
    low, high = np.quantile(stock, [0.025, 0.975], axis=0)
    assert ((low <= truth) & (truth <= high)).mean() > 0.75


def test_one_figure_says_something_of_its_host_and_little_of_the_others(answered):
    built, _, stock = answered("one-figure")
    weights = np.abs(built.weights[0, : len(built.hosts) * len(built.years)]).reshape(
        len(built.hosts), -1
    )
    named = weights.sum(axis=1) > 0
    assert len(built.kind) == 1 and named.any() and not named.all()
    assert np.median(width(stock)[~named]) > np.log(10)


def test_forty_figures_of_one_host_do_not_tell_the_bias_that_they_share(answered):
    """With one host nothing says whether a class counts right: its stock stays as uncertain as the
    bias of the best class is."""
    built, _, stock = answered("one-host")
    assert len(built.hosts) == 1 and len(built.kind) > 30
    best = min(scenario.load().settings[f"bias_{name}"][1] for name in built.biases)
    assert width(stock[:, 0]).min() > 2 * 1.2816 * best


def test_figures_of_one_lineage_leave_the_world_wider_than_independent_ones(answered):
    """Six figures of a host that share one error say less than six that do not."""
    one, many = (answered(name)[2].sum(axis=1) for name in ("one-lineage", "plain"))
    assert np.median(width(one)) > np.median(width(many))


def test_figures_a_hundred_times_apart_leave_an_interval_of_many_times(answered):
    _, _, stock = answered("contradictions")
    assert width(stock).min() > np.log(3)


def test_a_host_of_zeros_is_small_and_not_certainly_empty(answered):
    built, truth, stock = answered("only-zeros")
    host = int(np.argmin(truth.max(axis=1)))
    low, high = np.quantile(stock[:, host], [0.025, 0.975], axis=0)
    assert truth[host].max() == pytest.approx(5.0)
    assert (low < truth[host]).all() and (truth[host] < high).all()
    assert (
        np.median(high)
        < 1000
        < np.median(np.quantile(stock[:, np.arange(len(truth)) != host], 0.975, axis=0))
    )
