"""The comparison of scenarios: what is refitted, what a failed or outdated scenario says, and what
its numbers are."""

import numpy as np
import pandas as pd
import pytest
from conftest import edit

from exportedlabour.build import pipeline, refits, refitting
from exportedlabour.build.step import at
from exportedlabour.project import InputError
from exportedlabour.sensitivity import scenarios
from exportedlabour.sensitivity.scenarios import Record


@pytest.fixture
def builder(project, monkeypatch):
    """A project whose fits are told instead of made."""
    made = []

    def build_all(build, *, only, jobs, say):
        made.append(build.scenario.name)
        assert only == ("workers", "pay_fit", "money")
        if build.scenario.name == "no-anchor":
            raise InputError("step workers failed. The fit is not good enough to publish.")
        build.results.mkdir(parents=True, exist_ok=True)
        factor = 2.0 if build.scenario.name == "registers-only" else 1.0
        years = [2016, 2017, 2020, 2024, 2026]
        pd.DataFrame(
            {
                "host": "WLD",
                "year": years,
                "median": np.array([1, 2, 3, 4, 5]) * factor,
                "lo80": 1.0,
                "hi80": 9.0,
            }
        ).to_csv(build.results / "workers_world_year.csv", index=False)

    monkeypatch.setattr(pipeline, "build_all", build_all)
    return project, made


def update(root, names):
    return refitting.update(
        refits.builds(root), names, root / scenarios.FOLDER, 1, lambda text: None
    )


def test_scenarios_are_refitted_once_and_a_failure_stops_nothing(builder):
    root, made = builder
    names = ["no-anchor", "registers-only"]
    records = {record.name: record for record in update(root, names)}
    assert made == ["baseline", "no-anchor", "registers-only"]
    assert "not good enough" in records["no-anchor"].failed and records["no-anchor"].rows == []
    assert [row["year"] for row in records["baseline"].rows] == [2017, 2020, 2024, 2026]
    made.clear()
    update(root, names)
    assert made == ["no-anchor"]  # the others are as they were; what failed is tried again
    (root / "scenarios" / "registers-only.yml").write_text(
        (root / "scenarios" / "registers-only.yml").read_text(encoding="utf-8") + "house_sd: 0.3\n",
        encoding="utf-8",
    )
    made.clear()
    update(root, ["registers-only"])
    assert made == ["registers-only"]


def test_a_key_follows_what_the_models_read_and_nothing_else(builder):
    root, _ = builder
    before = refits.key(at(root, "registers-only"))
    path = root / "scenarios" / "registers-only.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("title: Registers only", "title: Another title"), encoding="utf-8")
    assert refits.key(at(root, "registers-only")) == before
    notebook = root / "notebooks" / "pay_fit.ipynb"
    edit(notebook, "# probability", "# a probability")  # in its parameters cell
    assert refits.key(at(root, "registers-only")) == before
    edit(notebook, "counts = sector_mix.read", "counted = sector_mix.read")
    changed = refits.key(at(root, "registers-only"))
    assert changed != before
    path.write_text(text + "error_share: 0.5\n", encoding="utf-8")
    assert refits.key(at(root, "registers-only")) != changed


def test_the_page_has_the_present_titles_and_what_each_scenario_changes(builder):
    root, _ = builder
    update(root, ["registers-only"])
    every = {name: at(root, name) for name in ("baseline", "registers-only", "no-anchor")}
    path = root / "scenarios" / "registers-only.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("title: Registers only", "title: Another title"), encoding="utf-8")
    every["registers-only"] = at(root, "registers-only")
    table = refits.compared(root, every).drop_duplicates("scenario").set_index("scenario")
    assert table.loc["registers-only", "title"] == "Another title"
    assert table.loc["registers-only", "state"] == ""
    assert table.loc["no-anchor", "state"].startswith("of another state")
    reasons = refits.reasons(every).set_index("scenario")
    assert reasons.loc["Baseline", "what it changes"] == "nothing"
    assert "include_classes: " in reasons.loc["Another title", "what it changes"]
    assert reasons.loc["Another title", "rebuild"] == "make scenario SCENARIO=registers-only"


def test_the_table_says_what_is_out_of_date():
    rows = [{"what": "workers", "year": 2017, "median": 80.0, "lo80": 60.0, "hi80": 100.0}]
    double = [rows[0] | {"median": 160.0}]
    records = [
        Record("baseline", "Baseline", "", {}, "a", rows=rows),
        Record("twice", "Twice", "", {}, "b", rows=double),
        Record("old", "Old", "", {}, "c", rows=double),
        Record("bad", "Bad", "", {}, "d", failed="R-hat"),
    ]
    table = scenarios.side_by_side(
        records, {"baseline": "a", "twice": "b", "old": "x", "bad": "d", "new": "e"}
    ).set_index("scenario")
    assert table.loc["twice", "ratio"] == 2.0 and table.loc["twice", "state"] == ""
    assert "another state" in table.loc["old", "state"] and table.loc["old", "median"] == 160.0
    assert "R-hat" in table.loc["bad", "state"] and np.isnan(table.loc["bad", "median"])
    assert table.loc["new", "state"] == "not refitted yet"


def test_records_survive_the_files(tmp_path):
    rows = [{"what": "state", "year": 2026, "median": 3.052e8, "lo80": 1.582e8, "hi80": 6.362e8}]
    given = [
        Record(
            "baseline",
            "Baseline",
            "As published.",
            {"house_sd": [0.2, 0.3]},
            "abc",
            seconds=1.5,
            draws={"state": 450},
            rows=rows,
        )
    ]
    scenarios.write(tmp_path, given)
    assert scenarios.read(tmp_path) == given
