"""What is published of a fit of the workers: tables by host and year, and effects of classes."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from exportedlabour.inference.convergence import PoorFit
from exportedlabour.workers import draws, published, stored

YEARS = np.array([2017, 2018])


@pytest.fixture
def design():
    return SimpleNamespace(
        hosts=("CHN", "RUS"), predictive=("MLI",), years=YEARS, biases=("press",)
    )


def test_tables_have_counts_where_somebody_counted_and_sum_to_the_world(design, monkeypatch):
    counts = pd.DataFrame(
        {"host": ["CHN", "RUS"], "year": [2017, 2017], "n_figures": [3, 1], "n_effective": [2.5, 1]}
    )
    monkeypatch.setattr(stored, "evidence_counts", lambda ledger, design: counts)
    stock = np.arange(1.0, 7.0).reshape(1, 3, 2) * np.ones((50, 1, 1))
    host_year, world = published.tables(stock, ("CHN", "RUS", "MLI"), design, None)
    assert list(host_year.columns) == [
        "host",
        "year",
        *draws.SUMMARY,
        "n_figures",
        "n_effective",
        "no_data",
    ]
    assert host_year["n_figures"].tolist() == [3, 0, 1, 0, 0, 0]
    assert host_year["no_data"].tolist() == [False] * 4 + [True] * 2
    assert world["median"].tolist() == [9.0, 12.0] and world["n_effective"].tolist() == [3.5, 0.0]
    assert not world["no_data"].any() and set(world["host"]) == {"WLD"}


def test_biases_and_errors_are_told_as_factors(design):
    values = {"bias": np.full((10, 1), np.log(2)), "error": np.full((10, 1), np.log(1.5))}
    table = published.effects_of(SimpleNamespace(stack=values.__getitem__), design)
    assert table["quantity"].tolist() == ["bias", "error"] and set(table["name"]) == {"press"}
    assert table["median"].tolist() == pytest.approx([2.0, 1.5])


def test_a_fit_that_did_not_converge_leaves_its_diagnostics_and_no_number(
    design, tmp_path, monkeypatch
):
    monkeypatch.setattr(published, "undocumented_within", lambda *given: np.ones((8, 1, 2)))
    quality = pd.DataFrame(
        {"quantity": ["log_world[2017]"], "r_hat": [1.5], "ess_bulk": [30.0], "ess_tail": [30.0]}
    )
    fit = SimpleNamespace(stock=np.ones((8, 2, 2)), quality=lambda design: quality, divergences=0)
    asked = SimpleNamespace(seed=1, max_rhat=1.01, min_ess=400, max_divergent_share=0.005)
    with pytest.raises(PoorFit, match="log_world"):
        published.publish(fit, design, asked, tmp_path / "results")
    assert [path.name for path in (tmp_path / "results").iterdir()] == ["workers_diagnostics.csv"]
