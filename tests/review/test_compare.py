"""Two states side by side: errors against simulation, what counts as moved, and what a reviewer is
told."""

import csv
import json

import numpy as np
import pandas as pd
import pytest
from conftest import edit
from hypothesis import given, settings
from hypothesis import strategies as st
from test_cli import run

from exportedlabour import results_form
from exportedlabour.book import downloads
from exportedlabour.build import record as build_record
from exportedlabour.inference import monte_carlo
from exportedlabour.review import report, verify
from exportedlabour.review.compare import compare

LEVELS = np.array(list(results_form.QUANTILES.values()))
ENDS = list(results_form.QUANTILES)
HOSTS, YEARS, DRAWS = ("RUS", "CHN"), (2017, 2018, 2019), 2000


def test_errors_of_quantiles_and_means_are_those_of_repeated_runs():
    rng = np.random.default_rng(1)
    runs = np.exp(10 + 0.5 * rng.standard_normal((500, 1000)))
    estimates = np.quantile(runs, LEVELS, axis=1).T
    found = monte_carlo.quantile_errors(estimates, LEVELS, np.full(500, 1000.0)).mean(axis=0)
    assert found == pytest.approx(estimates.std(axis=0), rel=0.2)
    means = runs.mean(axis=1)
    assert monte_carlo.mean_errors(
        means, estimates[:, 0], estimates[:, -1], np.full(500, 1000.0)
    ).mean() == pytest.approx(means.std(), rel=0.15)


def test_hand_computed_errors():
    assert monte_carlo.share_errors(np.array([0.25]), np.array([100.0])) == pytest.approx(
        0.0435806, rel=1e-5
    )  # root of (26/102)(76/102)/100
    assert monte_carlo.allowed(1) == pytest.approx(2.5758293 * 2**0.5)
    assert monte_carlo.allowed(10_000) > monte_carlo.allowed(100) > monte_carlo.allowed(1)


@given(st.lists(st.floats(0, 1e10), min_size=7, max_size=7), st.floats(5, 1e5))
@settings(max_examples=60, deadline=None)
def test_errors_are_finite_never_negative_and_nought_without_spread(values, ess):
    row = np.sort(np.array([values]), axis=1)
    found = monte_carlo.quantile_errors(row, LEVELS, np.array([ess]))
    assert np.isfinite(found).all() and (found >= 0).all()
    assert monte_carlo.quantile_errors(
        np.full((1, 7), values[0]), LEVELS, np.array([ess])
    ) == pytest.approx(np.zeros((1, 7)))


def four(x):
    return f"{float(f'{x:.4g}')}"


def write_state(folder, seed, shift=0.0, **about):
    """Write a folder of the form of results/ from independent draws: log-normal workers, ``shift``
    on the log of Russia in 2018."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True)
    rows, numbers = [], {}
    for place, host in enumerate(HOSTS):
        for year in YEARS:
            draws = np.exp(
                10
                - place
                + 0.4 * rng.standard_normal(DRAWS)
                + shift * (host == "RUS" and year == 2018)
            )
            q = dict(zip(ENDS, np.quantile(draws, LEVELS)))
            rows.append(
                {"host": host, "year": year, "median": q["median"], "mean": draws.mean()}
                | {end: q[end] for end in ENDS if end != "median"}
            )
            if year == 2018:
                key = host.lower()
                numbers |= {
                    key if end == "median" else f"{key}_{end}": {
                        "value": q[end],
                        "text": f"{q[end]:,.0f}",
                    }
                    for end in ENDS
                    if "50" not in end
                }
    numbers["figures_all"] = {"value": 21, "text": "21"}
    table = pd.DataFrame(rows)
    for name in table.columns[2:]:
        table[name] = table[name].map(four)
    table = table.assign(n_figures=1, n_effective=1.0, no_data=False)[
        results_form.TABLES["workers_host_year"].names
    ]
    table.to_csv(folder / "workers_host_year.csv", index=False)
    quantities = [f"log_stock[{host}, {year}]" for host in HOSTS for year in YEARS]
    pd.DataFrame(
        {"quantity": quantities, "r_hat": 1.0, "ess_bulk": DRAWS, "ess_tail": DRAWS}
    ).to_csv(folder / "workers_diagnostics.csv", index=False)
    (folder / "headline.json").write_text(json.dumps(numbers), encoding="utf-8")
    record = {
        "form": 1,
        "scenario": "baseline",
        "version": "0.1.0",
        "commit": "abc",
        "platform": "here",
        "python": "3.12",
        "libraries": {"numpy": "2"},
        "settings": {"seed": 5, "prior": [0, 1]},
        "files": {"notebooks/a.ipynb": "1" * 64},
        "ledger": {"tables": {"figures.csv": "1"}, "rows": {"RUS001": "1", "RUS002": "2"}},
        "steps": [{"step": "workers", "key": "k" * 64, "seconds": 1.0, "peak_megabytes": 100}],
    }
    (folder / build_record.RECORD).write_text(json.dumps(record | about), encoding="utf-8")
    return build_record.published_in(folder, folder.name)


def test_the_same_numbers_are_the_same(tmp_path):
    a, b = (
        write_state(tmp_path / "a", 1),
        write_state(tmp_path / "b", 1, commit="def", platform="there"),
    )
    found = compare(a, b)
    assert found.same and [c.name for c in found.versions] == ["commit", "platform"]
    assert verify.verify(a, b).agrees
    assert "have the same inputs" in report.summary(found)


@pytest.mark.parametrize("seed", range(2, 8))
def test_another_seed_agrees_elsewhere_and_not_on_the_same_machine(tmp_path, seed):
    published = write_state(tmp_path / "a", 1)
    elsewhere = verify.verify(published, write_state(tmp_path / "b", seed, platform="there"))
    assert elsewhere.agrees, elsewhere.checks
    here = verify.verify(published, write_state(tmp_path / "c", seed))
    assert not here.agrees and here.checks[0].demanded == "to the last digit"


def test_a_shift_larger_than_the_error_fails_elsewhere_and_is_named(tmp_path):
    # The error of a median of 2000 draws with sd 0.4 on the log is 0.4 * 1.2533 / sqrt(2000) =
    # 0.0112: 0.15 is thirteen of them.
    published, moved = (
        write_state(tmp_path / "a", 1),
        write_state(tmp_path / "b", 2, shift=0.15, platform="there"),
    )
    verdict = verify.verify(published, moved)
    table, *_, sentences = verdict.checks
    assert not verdict.agrees and not table.agrees and not sentences.agrees
    assert table.moved[0].startswith("RUS") and any(
        line.startswith("RUS 2018: median") for line in table.moved
    )
    assert any(line.startswith("rus: ") for line in sentences.moved) and not any(
        line.startswith("chn") for line in sentences.moved
    )
    numbers = compare(published, moved).headlines.set_index("name")
    assert numbers.loc["rus", "larger"] == "yes" and numbers.loc["rus", "change"].startswith("+")
    assert numbers.loc["rus", "errors"] == pytest.approx(0.15 / (0.0112 * 2**0.5), rel=0.4)


def test_a_change_of_what_went_in_fails_though_every_number_agrees(tmp_path):
    a = write_state(tmp_path / "a", 1)
    b = write_state(
        tmp_path / "b",
        1,
        settings={"seed": 5, "prior": [0, 2]},
        ledger={
            "tables": {"figures.csv": "2"},
            "rows": {"RUS001": "1", "RUS002": "3", "RUS003": "4"},
        },
    )
    verdict = verify.verify(a, b)
    assert not verdict.agrees and all(check.agrees for check in verdict.checks)
    assert {(c.kind, c.name) for c in verdict.inputs} == {
        ("assumption", "prior"),
        ("ledger table", "figures.csv"),
        ("ledger row", "RUS002"),
        ("ledger row", "RUS003"),
    }
    assert next(c for c in verdict.inputs if c.name == "prior").new == "[0, 2]"


def test_other_code_with_the_same_numbers_is_told_and_agrees(tmp_path):
    a, b = (
        write_state(tmp_path / "a", 1),
        write_state(tmp_path / "b", 1, files={"notebooks/a.ipynb": "2" * 64}),
    )
    assert verify.verify(a, b).agrees and [c.name for c in compare(a, b).inputs] == [
        "notebooks/a.ipynb"
    ]


def test_rows_and_counts_that_differ_are_no_matter_of_error(tmp_path):
    a, b = write_state(tmp_path / "a", 1), write_state(tmp_path / "b", 1, platform="there")
    b.tables["workers_host_year"].loc[0, "n_figures"] = "2"
    b.tables["workers_host_year"] = b.tables["workers_host_year"].drop(index=5)
    b.headline["figures_all"] = {"value": 22, "text": "22"}
    verdict = verify.verify(a, b)
    assert not verdict.checks[0].agrees and "CHN 2019: only in a" in verdict.checks[0].moved
    assert "RUS 2017: n_figures 1 → 2" in verdict.checks[0].moved
    assert not verdict.checks[-1].agrees and verdict.checks[-1].moved == ("figures_all: 21 → 22",)


def test_a_verdict_on_the_edge_is_told_apart(tmp_path):
    a, b = write_state(tmp_path / "a", 1), write_state(tmp_path / "b", 1, platform="there")
    cells = dict.fromkeys(results_form.TABLES["claims_judged"].names, "") | {
        "figure_id": "TOT001",
        "reading": "plausible",
        "verdict": "high",
    }
    cells |= {
        "median": "100.0",
        "mean": "105.0",
        "lo95": "50.0",
        "lo80": "65.0",
        "lo50": "80.0",
        "hi50": "125.0",
        "hi80": "150.0",
        "hi95": "200.0",
        "inside": "0.049",
    }
    a.tables["claims_judged"] = pd.DataFrame([cells])
    b.tables["claims_judged"] = pd.DataFrame([cells | {"inside": "0.051", "verdict": "consistent"}])
    edge = next(table for table in compare(a, b).tables if table.name == "claims_judged")
    assert edge.agrees and edge.borderline == 1 and not edge.identical
    b.tables["claims_judged"] = pd.DataFrame(
        [cells | {"verdict": "consistent"}]
    )  # nothing moved that could explain it
    assert not next(table for table in compare(a, b).tables if table.name == "claims_judged").agrees


@pytest.mark.parametrize(
    ("old", "new", "moved", "explained"),
    [
        (
            "31,000 (80 %: 25,000 to 39,000)",
            "31,000 (80 %: 25,000 to 39,400)",
            False,
            True,
        ),  # one in a hundred, and three are allowed
        ("31,000 (80 %: 25,000 to 39,000)", "31,000 (80 %: 25,000 to 45,000)", True, False),
        ("a share of 0.31", "a share of 0.32", False, True),  # the step of its last digit
        ("a share of 0.31", "a share of 0.36", True, False),
        ("Most depends on NIS", "Most depends on KINU", True, True),  # a name on the edge
        ("Most depends on NIS", "Most depends on KINU", False, False),
        ("2 of 8", "3 of 8", False, True),
        ("none of 8", "3 of 8", False, False),
    ],
)
def test_changed_sentences_are_explained_by_monte_carlo_error_or_not(old, new, moved, explained):
    assert verify._explained(old, new, widest=0.03, estimates_moved=moved) is explained


def test_every_form_of_the_report_has_every_change(tmp_path):
    hostile = "<script>alert(1)</script> | [x](javascript:y)"
    a, b = (
        write_state(tmp_path / "a", 1),
        write_state(tmp_path / "b", 2, settings={"seed": 6, "prior": hostile}),
    )
    found = compare(a, b)
    for ending in report.FORMATS:
        report.write(found, tmp_path / f"out{ending}")
        text = (tmp_path / f"out{ending}").read_text(encoding="utf-8")
        assert "rus_lo80" in text.replace("\\", "") and "prior" in text
        if ending in (".html", ".md"):
            assert "<script>" not in text and "alert(1)" in text.replace("\\", "")
        if ending == ".md":
            assert "[x](javascript" not in text
    rows = list(csv.DictReader((tmp_path / "out.csv").open(encoding="utf-8", newline="")))
    assert {row["name"] for row in rows if row["part"] == "headline"} == set(
        found.headlines["name"]
    )
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["same"] is False


@pytest.fixture
def published(project):
    write_state(project / "build" / "made", 1)
    for path in (project / "build" / "made").iterdir():
        path.rename(project / "results" / path.name)
    (project / "build" / "made").rmdir()
    return project


def test_mistakes_are_told_in_words(monkeypatch, capsys, published):
    write_state(published / "other", 2)
    for arguments, expected in [
        (
            ("compare", "results", "nowhere"),
            "nowhere: there is no build, scenario or folder of that name. There are: results",
        ),
        (
            ("compare", "results", "registers-only"),
            (
                "the scenario registers-only is not built yet; run exlab build --scenario"
                " registers-only"
            ),
        ),
        (("compare", "results", "book"), "book: this is no build"),
        (
            ("compare", "results", "other", "--out", "x.doc"),
            "its ending must be one of .html, .md, .csv, .json",
        ),
        (("compare", "results", "other", "--out", "no/x.md"), "there is no folder"),
        (("verify", "--no-rerun"), "nothing is built there; run exlab build first"),
        (("publish",), "there is no book yet"),
        (("release",), "is neither a git repository nor an unpacked release"),
    ]:
        code, out, err = run(monkeypatch, capsys, published, *arguments)
        assert code == 1 and expected in err and "Traceback" not in out + err, arguments
    edit(published / "other" / build_record.RECORD, '"form": 1', '"form": 0')
    code, _, err = run(monkeypatch, capsys, published, "compare", "results", "other")
    assert code == 1 and "its form is 0; this version reads form 1" in err


def test_codes_are_for_programs(monkeypatch, capsys, published):
    write_state(published / "same", 1)
    write_state(published / "other", 2)
    assert run(monkeypatch, capsys, published, "compare", "results", "same", "--fail")[0] == 0
    code, out, _ = run(monkeypatch, capsys, published, "compare", "results", "other")
    assert code == 0 and "rus" in out and "Monte Carlo error" in out
    assert run(monkeypatch, capsys, published, "compare", "results", "other", "--fail")[0] == 1


def test_only_what_a_model_reads_is_a_change_of_a_row(small_ledger):
    before = build_record.ledger_state(small_ledger)
    edit(small_ledger / "figures.csv", "A claim.,", "A mended reason.,")
    assert build_record.ledger_state(small_ledger) == before
    edit(
        small_ledger / "figures.csv",
        "RUS003,RUS,2024-10,2024-10,stock_workers,,4000",
        "RUS003,RUS,2024-10,2024-10,stock_workers,,4001",
    )
    after = build_record.ledger_state(small_ledger)
    assert {name for name in after["rows"] if after["rows"][name] != before["rows"][name]} == {
        "RUS003"
    }
    assert {
        name for name in after["tables"] if after["tables"][name] != before["tables"][name]
    } == {"figures.csv"}


def test_the_tables_of_a_state_are_a_valid_package(tmp_path):
    from frictionless import Package

    write_state(tmp_path / "a", 1)
    downloads.write_package(tmp_path / "a")
    report = Package(str(tmp_path / "a" / "datapackage.json")).validate()
    assert report.valid, [error.message for task in report.tasks for error in task.errors][:5]
    assert {task.name for task in report.tasks} == {"workers_host_year", "workers_diagnostics"}
    edit(tmp_path / "a" / "workers_host_year.csv", "RUS,2017", "RUS,2018")
    assert not Package(str(tmp_path / "a" / "datapackage.json")).validate().valid
