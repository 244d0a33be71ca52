"""Assumptions that only a refit can move: to what, when they are fitted, and what their table
says."""

import numpy as np
import pandas as pd
import pytest
from conftest import edit

from exportedlabour.assumptions import scenario
from exportedlabour.build import one_at_a_time_refits, pipeline, refits, refitting
from exportedlabour.build.step import at
from exportedlabour.sensitivity import scenarios
from exportedlabour.sensitivity.scenarios import Record


def test_every_assumption_is_moved_or_says_why_not():
    """By weights, by computing again, by a refit; or it is told in words what another value would
    do."""
    baseline = scenario.load().assumptions
    moved, told = (
        set(one_at_a_time_refits.moved(baseline)),
        {name for name, each in baseline.items() if each.still},
    )
    assert moved <= set(baseline) and told <= set(baseline) and not moved & told
    left = (
        set(baseline) - moved - told
    )  # these the chapter moves by itself, and takes as parameters for that alone
    assert left and all("assumptions" in baseline[name].used_by for name in left), left
    for name, value in one_at_a_time_refits.moved(baseline).items():
        assert baseline[name].accepts(value) and value != baseline[name].value, name


def test_values_move_by_the_factor_of_an_error_by_hand():
    values = one_at_a_time_refits.moved(
        scenario.load().assumptions,
        dict(scenario.load().settings)
        | {"error_log_sd": np.log(2), "pull": 0.75, "detection_limit": 10, "pay_error_df": 3},
    )
    assert values["detection_limit"] == 20 and values["order_of_magnitude_sd"] == 2.2
    assert values["pull"] == pytest.approx(6 / 7, abs=1e-3)  # odds of three become six
    assert values["world_limit"] == 2_000_000 and isinstance(values["world_limit"], int)
    assert values["fit_entries"] == "no" and values["seed"] == scenario.load().settings.seed + 1


def test_one_assumption_alone_is_changed(project):
    base = at(project)
    every = one_at_a_time_refits.builds(project)
    assert next(iter(every)) == scenario.BASELINE
    build = every["moved-border-reopened-factor"]
    assert refits.changes_of(build) == {"border_reopened_factor": [2.5, 3.37]}
    assert (
        build.folder == project / "build" / "moved-border-reopened-factor"
        and build.baseline().folder == base.folder
    )
    changed = {
        name
        for name in base.scenario.settings
        if base.scenario.settings[name] != build.scenario.settings[name]
    }
    assert changed == {"border_reopened_factor"}
    assert refits.changes_of(every["moved-pull"]) == {"pull": [0.85, 0.884]}
    refitted = [
        refits.changes_of(build) for name, build in every.items() if name != scenario.BASELINE
    ]
    assert len(refitted) > 20 and all(len(changes) == 1 for changes in refitted)
    assert len({refits.key(build) for build in every.values()}) == len(every)


@pytest.fixture
def builder(project, monkeypatch):
    """A project whose fits are told instead of made: with pull moved the world is a tenth larger,
    and with another code of the notebook twice as large."""
    made = []

    def build_all(build, *, only, jobs, say):
        made.append(build.scenario.name)
        build.results.mkdir(parents=True, exist_ok=True)
        factor = 1.1 if build.scenario.name == "moved-pull" else 1.0
        factor *= (
            2
            if "chosen = scenario."
            in (build.root / "notebooks" / "workers.ipynb").read_text(encoding="utf-8")
            else 1
        )
        table = pd.DataFrame(
            {"host": "WLD", "year": [2016, 2017, 2026], "median": [900.0, 1000.0, 2000.0]}
        )
        table.assign(
            median=lambda t: t["median"] * factor,
            lo80=lambda t: t["median"] * 0.8,
            hi80=lambda t: t["median"] * 1.25,
        ).to_csv(build.results / "workers_world_year.csv", index=False)
        pd.DataFrame(
            {
                "quantity": ["log_world[2017]", "log_world[2026]"],
                "r_hat": 1.0,
                "ess_bulk": [2500.0, 3600.0],
                "ess_tail": 9e3,
            }
        ).to_csv(build.results / "workers_diagnostics.csv", index=False)

    monkeypatch.setattr(pipeline, "build_all", build_all)
    return project, made


def renew(root, *names):
    return refitting.update_one_at_a_time(
        root,
        one_at_a_time_refits.builds(root),
        [one_at_a_time_refits.named(name) for name in names],
        1,
        lambda text: None,
    )


def test_refits_are_made_once_and_told_as_effects(builder):
    root, made = builder
    scenarios.write(root / one_at_a_time_refits.FOLDER, [])
    records = renew(root, "pull", "sector_mix_sd")
    assert made == ["baseline", "moved-pull", "moved-sector-mix-sd"]
    assert [record.draws for record in records] == [{"workers": 2500}] * 3
    assert not (root / "build" / "moved-pull").exists() and (root / "build" / "baseline").exists()
    made.clear()
    renew(root, "pull", "sector_mix_sd")
    assert made == []
    table = one_at_a_time_refits.effects(root, {"peak": 2017, "last": 2026}).set_index(
        ["assumption", "headline"]
    )
    assert set(table.index.get_level_values(0)) == {
        "pull",
        "sector_mix_sd",
    }  # what is not fitted yet has no line
    row = table.loc[("pull", "world_peak")]
    assert (row["before"], row["after"], row["low"], row["high"]) == pytest.approx(
        (1000, 1100, 880, 1375)
    )
    assert (row["given"], row["moved"], row["how"]) == (
        "0.85",
        "0.884",
        one_at_a_time_refits.REFITTED,
    )
    # The error of a median of n normal draws is sd times the root of pi / 2n; two of them, on the
    # log scale.
    sd = np.log(1.25) / 1.2816
    assert row["error"] == pytest.approx(
        1.1 * sd * np.sqrt(np.pi / 2 / 2500) * np.sqrt(2), rel=0.03
    )
    still = table.loc[("sector_mix_sd", "world_last")]
    assert still["ratio"] == 1 and still["error"] == 0


def test_an_outdated_or_failed_refit_says_so(builder, monkeypatch):
    root, _ = builder
    scenarios.write(root / one_at_a_time_refits.FOLDER, [])
    renew(root, "pull")
    edit(root / "notebooks" / "workers.ipynb", "settings = scenario.", "chosen = scenario.")
    found = one_at_a_time_refits.effects(root, {"peak": 2017})
    assert set(found["how"]) == {one_at_a_time_refits.OUTDATED} and found["after"].notna().all()
    records = scenarios.read(root / one_at_a_time_refits.FOLDER)
    failed = Record(
        "moved-pull", "", "", records[1].changes, records[1].key, failed="R-hat is 1.2."
    )
    scenarios.write(root / one_at_a_time_refits.FOLDER, [records[0], failed])
    found = one_at_a_time_refits.effects(root, {"peak": 2017})
    assert found["how"].iloc[0] == one_at_a_time_refits.FAILED and found["after"].isna().all()


def test_a_refit_of_an_earlier_state_is_held_against_the_baseline_of_that_state(builder):
    root, _ = builder
    scenarios.write(root / one_at_a_time_refits.FOLDER, [])
    renew(root, "pull", "sector_mix_sd")
    edit(root / "notebooks" / "workers.ipynb", "settings = scenario.", "chosen = scenario.")

    def told():
        table = one_at_a_time_refits.effects(root, {"peak": 2017}).set_index("assumption")
        return {name: (row["before"], row["after"], row["how"]) for name, row in table.iterrows()}

    renew(root, "sector_mix_sd")  # and with it the baseline
    earlier = [
        record.name
        for record in scenarios.read(root / one_at_a_time_refits.FOLDER)
        if record.name.startswith("baseline-")
    ]
    assert len(earlier) == 1
    assert told() == {
        "pull": (1000, 1100, one_at_a_time_refits.OUTDATED),
        "sector_mix_sd": (2000, 2000, one_at_a_time_refits.REFITTED),
    }
    renew(root, "pull")  # now nobody is left who was held by the earlier one
    assert [record.name for record in scenarios.read(root / one_at_a_time_refits.FOLDER)][
        0
    ] == "baseline"
    assert not any(
        record.name.startswith("baseline-")
        for record in scenarios.read(root / one_at_a_time_refits.FOLDER)
    )
    assert told() == {
        "pull": (2000, pytest.approx(2200), one_at_a_time_refits.REFITTED),
        "sector_mix_sd": (2000, 2000, one_at_a_time_refits.REFITTED),
    }


def test_the_table_is_of_the_own_ledger_and_the_baseline_alone(project, tmp_path):
    settings = scenario.load().used_by("assumptions")
    assert one_at_a_time_refits.of_this(project, project / "data", settings)
    assert not one_at_a_time_refits.of_this(project, tmp_path, settings)
    assert not one_at_a_time_refits.of_this(project, project / "data", settings | {"house_sd": 0.3})
