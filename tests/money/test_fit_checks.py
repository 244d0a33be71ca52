"""What a fit of pay is held against, by hand."""

import numpy as np
import pandas as pd
import pytest
from conftest import figure, write_ledger

from exportedlabour.assumptions import scenario
from exportedlabour.evidence import ledger
from exportedlabour.exhibits import tables
from exportedlabour.exhibits.chapters import pay_fit
from exportedlabour.money import fit_checks, observations, sector_mix
from exportedlabour.money.posterior import PayFit

SETTINGS = scenario.Settings(dict(scenario.load("baseline").settings) | {"price_year": 2017})
MONTHLY = {"period": "2017", "unit": "USD/month"}
PAY = [
    figure("RUS010", "RUS", quantity="wage_gross", low=400, high=900, bound="range", **MONTHLY),
    figure("RUS011", "RUS", quantity="wage_net", point=100, **MONTHLY),
    figure("CHN010", "CHN", quantity="wage_gross", high=300, bound="at_most", **MONTHLY),
    figure("TOT010", "WLD", quantity="wage_gross", low=200, bound="at_least", **MONTHLY),
]


@pytest.fixture
def design(tmp_path):
    return observations.build(ledger.read(write_ledger(tmp_path, PAY)), SETTINGS)


def fit_of(design, **named):
    """A fit of two chains with 50 draws each."""
    shapes = {"mix": (len(design.hosts), len(design.sectors))}
    rng = np.random.default_rng(1)
    found = {
        "log_wage": rng.normal(6, 0.1, (2, 50, len(design.hosts))),
        "logit_withheld": rng.normal(1, 0.1, (2, 50, len(design.hosts))),
        "mix": np.full((2, 50, *shapes["mix"]), 0.25),
        "trend": np.full((2, 50), 0.01),
    }
    return PayFit(found | named, divergences=0, seconds=0.0)


def test_published_wages_are_gross_and_told_by_their_middle_or_their_one_end(design):
    wages = fit_checks.published_wages(design).set_index("figure_id")
    assert set(wages.index) == {"RUS010", "CHN010", "TOT010"}
    assert wages.loc["RUS010", "dollars"] == pytest.approx(np.sqrt(400 * 900), rel=0.02)
    assert wages.loc["CHN010", "dollars"] == pytest.approx(300, rel=0.02)
    assert wages.loc["TOT010", "region"] == fit_checks.ANY
    assert wages.loc["RUS010", "region"] == "Russia and Eurasia"
    assert set(wages["elapsed"]) == {2017.5 - observations.REFERENCE_YEAR}


def test_shares_counted_stand_beside_the_posterior(design):
    russia, sector = design.hosts.index("RUS"), 0
    whole = np.zeros(1, dtype=int)
    real = np.log(np.full(1, 0.4))
    counts = sector_mix.Counts(
        whole + russia, whole + sector, whole, real, real, real * 0 + 1, ("RUS001+RUS002",)
    )
    row = fit_checks.counted_shares(fit_of(design), design, counts).iloc[0]
    assert (row["host"], row["sector"]) == ("RUS", design.sectors[sector])
    assert row["whole"] and row["figures"] == "RUS001+RUS002"
    assert [row["counted"], row["lo80"], row["hi80"]] == pytest.approx([0.4, 0.25, 0.25])
    assert fit_checks.counted_shares(fit_of(design), design, sector_mix.none()).empty


def test_the_chapter_says_what_is_there_on_a_ledger_without_counts_by_sector(
    design, tmp_path, monkeypatch
):
    shown = []
    monkeypatch.setattr(tables, "show", lambda table, caption, **_: shown.append(table))
    fit, read = fit_of(design), ledger.read(tmp_path)
    chapter = pay_fit.chapter(fit, pd.DataFrame(), sector_mix.none(), design, read)
    chapter.table("sectors")
    chapter.table("classical")  # too few wages: words and no table
    chapter.plot("classical")
    assert len(shown) == 1 and shown[0].empty and "share counted" in shown[0]


def test_wage_and_share_are_those_of_one_host(design):
    i = design.hosts.index("CHN")
    log_wage = np.zeros((2, 50, len(design.hosts)))
    log_wage[:, :, i] = np.linspace(5, 7, 100).reshape(2, 50)
    fit = fit_of(design, log_wage=log_wage, logit_withheld=2 * log_wage)
    draws, correlation = fit_checks.wage_and_share(fit, design, "CHN")
    assert len(draws) == 100 // fit_checks.EVERY and correlation == pytest.approx(1)
    assert draws["gross_pay"].iloc[0] == pytest.approx(np.exp(5))
    assert draws["share_withheld"].iloc[0] == pytest.approx(1 / (1 + np.exp(-10)))


def test_too_few_wages_have_no_regression_and_enough_have_one_beside_the_fit(design, tmp_path):
    few = fit_checks.published_wages(design)
    assert fit_checks.classical(fit_of(design), few) is None
    rows = [
        figure(f"{host}1{i:02d}", host, str(year), "wage_gross", 300 + i, unit="USD/month")
        for host in ("RUS", "CHN")
        for i, year in enumerate(range(2008, 2018))
    ]
    many = observations.build(ledger.read(write_ledger(tmp_path / "many", rows)), SETTINGS)
    found = fit_checks.classical(fit_of(many), fit_checks.published_wages(many))
    labels = list(found.trends["label"])
    assert labels[:2] == ["least squares (HC3)", "hierarchical model"] and len(labels) >= 4
    assert found.trends["trend"].iloc[1] == pytest.approx(0.01)
    assert found.regression["n"] == 20
