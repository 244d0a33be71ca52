"""What the chapters on sensitivity read from a build: small stored draws, and answers by hand."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from exportedlabour.assumptions import scenario
from exportedlabour.assumptions.scenario import Settings
from exportedlabour.evidence import ledger
from exportedlabour.money import revenue
from exportedlabour.project import InputError
from exportedlabour.sensitivity import one_at_a_time, one_at_a_time_stored, uncertainty
from exportedlabour.workers.draws import write_draws

HOSTS, YEARS, DRAWS = ("CHN", "POL", "RUS"), np.array([2017, 2018]), 1200


@pytest.fixture
def results(tmp_path):
    """Draws of three hosts in two years; nobody counted in Poland."""
    rng = np.random.default_rng(4)
    size = np.array([20_000.0, 1_000.0, 30_000.0])[:, None]
    workers = size * rng.lognormal(0, 0.2, (DRAWS, 3, 2))
    folder = tmp_path / "results"
    folder.mkdir()
    write_draws(folder / "draws_workers.parquet", workers, HOSTS, YEARS)
    hyper = {
        "bias:press": rng.normal(0.2, 0.4, DRAWS),
        "log_turnover": rng.normal(-1.05, 0.4, DRAWS),
        "imputation": np.repeat([0, 1], DRAWS // 2),
    }
    pq.write_table(pa.table(hyper), folder / "workers_hyper.parquet")
    estimates = pd.DataFrame({"host": HOSTS, "year": 2017, "no_data": [False, True, False]})
    estimates.to_csv(folder / "workers_host_year.csv", index=False)
    return folder


def pay_of(rng):
    each = {"wage": 300.0, "months": 9.0, "withheld": 0.8, "state": 0.5}
    one = {
        "trend": 0.0,
        "idle": 0.7,
        "plan": 8000.0,
        "plan_trend": 0.0,
        "under_plan": 0.6,
        "plan_part": 0.65,
        "plan_costs": 0.4,
        "plan_elsewhere": 0.0,
    }
    shape = (DRAWS, len(HOSTS))
    return revenue.Pay(
        **{name: value * rng.uniform(0.9, 1.1, shape) for name, value in each.items()},
        **{name: value + rng.uniform(0, 0.1, DRAWS) for name, value in one.items()},
    )


def test_without_money_only_workers_are_moved(results, small_ledger):
    settings = Settings(scenario.load().used_by("assumptions"))
    years = {"peak": 2017, "last": 2018}
    found = one_at_a_time_stored.effects(results, ledger.read(small_ledger), settings, years)
    assert list(dict.fromkeys(found["headline"])) == ["world_peak", "world_last"]
    moved = found.set_index(["assumption", "headline"])
    # Poland's thousand of 51 thousand grow by the factor of one sd of the offset of the log.
    grown = 1 + (np.exp(settings.no_data_offset[1]) - 1) / 51
    assert moved.loc[("no_data_offset", "world_peak"), "ratio"] == pytest.approx(grown, rel=0.01)
    # In no draw is Poland without workers, so that the odds that it has some move nothing.
    assert moved.loc[("no_data_presence", "world_last"), "ratio"] == pytest.approx(1, abs=0.002)
    assert moved.loc[("bias_press", "world_peak"), "how"] == one_at_a_time.REWEIGHTED
    with pytest.raises(InputError, match="workers_host_year.csv is missing"):
        (results / "workers_host_year.csv").unlink()
        one_at_a_time_stored.effects(results, ledger.read(small_ledger), settings, years)


def test_a_refit_stands_in_only_where_the_draws_have_no_answer():
    def table(**how):
        rows = [{"assumption": name, "headline": "world_peak", "how": how[name]} for name in how]
        return pd.DataFrame(rows, columns=one_at_a_time.COLUMNS)

    found = one_at_a_time_stored.with_refits(
        table(
            a=one_at_a_time.REWEIGHTED, b=one_at_a_time.RECOMPUTED, c=one_at_a_time.REFIT, d="none"
        ),
        table(a=one_at_a_time.REFITTED, b=one_at_a_time.REFITTED, c=one_at_a_time.REFITTED),
    )
    assert dict(zip(found["assumption"], found["how"])) == {
        "a": one_at_a_time.REWEIGHTED,
        "b": one_at_a_time.RECOMPUTED,
        "d": "none",
        "c": one_at_a_time.REFITTED,
    }
    assert len(found) == 4


def test_uncertainty_of_two_years_from_a_build(results, small_ledger):
    settings = Settings(scenario.load().used_by("uncertainty"))
    read = ledger.read(small_ledger)
    with pytest.raises(InputError, match="draws_pay.parquet is missing"):
        uncertainty.analyse(results, settings, read, 2017, 2018)
    revenue.write_pay(results / "draws_pay.parquet", pay_of(np.random.default_rng(5)), HOSTS)
    found = uncertainty.analyse(results, settings, read, 2017, 2018)
    assert found.shapley.groupby("year")["share"].sum().to_dict() == pytest.approx(
        {2017: 1, 2018: 1}
    )
    assert {"workers in China", "workers in Russia", "workers elsewhere"} <= set(
        found.shapley["input"]
    )
    assert found.uncounted == 1 and found.tails[2017][0] == pytest.approx(1 / 51, rel=0.02)
    answers = {uncertainty.answer_name(y, what) for y in (2017, 2018) for what in uncertainty.WHATS}
    for table in (found.tornado, found.budget, found.voi):
        assert set(table["answer"]) == answers
    assert set(found.tornado["lever"]) >= {"bias_press", "turnover_log", "wage_trend"}
    found.write(results)
    stored = pd.read_csv(results / "uncertainty_voi.csv")
    assert list(stored) == ["unknown", "answer", "quality", "width", "expected", "narrowed"]
    # What bears most on the workers of a year is the number in the host with the widest interval.
    best = stored[(stored["answer"] == "workers abroad, 2017") & (stored["quality"] == "perfect")]
    assert best["unknown"].iloc[0] == "workers in Russia"
