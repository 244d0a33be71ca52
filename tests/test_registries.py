"""Facts that stand in one place: a copy of the project gets a new class of evidence and a new
assumption, and works."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT, edit
from matplotlib import colors, markers

from exportedlabour.assumptions import scenario
from exportedlabour.build import step
from exportedlabour.evidence import classes, events, hosts_apart, ledger, regions, schema
from exportedlabour.exhibits import plots
from exportedlabour.project import InputError
from exportedlabour.simulation.make import make
from exportedlabour.workers import observations, priors

COPIED = ("src", "scenarios", "notebooks", "book", "pipeline.yml", "_config.yml")
REGISTRY = "src/exportedlabour/evidence/evidence_classes.yml"
BASELINE = "scenarios/baseline.yml"

NEW_CLASS = """  defector_survey:
    meaning: a survey of those who left
    label: survey of those who left
    slider: survey
    marker: d
    colour: "#F0E442"
    bias: defector_survey
    strong: false
    simulated:
      share: 60
      house: scholar
      after: unscr-2397
      forms:
        - [1, stock_workers, national, about]
"""
NEW_PRIORS = """bias_defector_survey: {value: [0.1, 0.3], kind: normal, unit: log ratio,
  source: judgement,
  used_by: [workers, assumptions], reason: "Who left may tell of more than were there."}
error_defector_survey: {value: 0.4, kind: number, unit: log, low: 0.01, high: 3, source: judgement,
  used_by: [workers, assumptions], reason: "Memory is rounded."}
"""
TRY_A_CLASS = """
import json, sys
from pathlib import Path
import numpy as np
from exportedlabour import cli
from exportedlabour.assumptions import scenario
from exportedlabour.book import datapackage, dictionary
from exportedlabour.evidence import ledger
from exportedlabour.exhibits import plots, why_wide
from exportedlabour.sensitivity import explorer
from exportedlabour.simulation import make, write
from exportedlabour.validation import experiments, multiverse
from exportedlabour.workers import observations
settings = scenario.load().settings
folder = Path("simulated")
write.write(make.make("plain", 1, settings, hosts=4, figures=40), folder)
evidence = ledger.read(folder)
design = observations.build(evidence, settings)
found = experiments.refit(design, settings, experiments.Effort(4, 10, 10), 1)
i = design.biases.index("defector_survey")
page = dictionary.page(evidence, str)
fields = datapackage.descriptor(folder, "x")["resources"][0]["schema"]["fields"]
told = next(f["constraints"]["enum"] for f in fields if f["name"] == "evidence_class")
rows = evidence.figures[evidence.figures["evidence_class"] == "defector_survey"]
cli.cli(["check", "--data", str(folder)], standalone_mode=False)
print(json.dumps({
    "figures": len(rows),
    "first": rows["period_start"].str[:4].astype(int)[rows["lineage"] == ""].min().item(),
    "bias": bool(np.isfinite(found.named["bias"][:, i]).all()),
    "world": bool(np.isfinite(found.log_world).all()),
    "dictionary": "a survey of those who left" in page,
    "package": told[-1],
    "mark": plots.MARKS["defector_survey"],
    "slider": explorer.weight_lever("defector_survey").label,
    "left out": multiverse.CLASSES["no surveys"],
}))
"""
NEW_ASSUMPTION = """early_steps: {value: 16, kind: integer, unit: steps, low: 1, high: 512,
  source: judgement,
  used_by: [workers], refit: scale, reason: "Half the warm-up's time, at no loss."}
"""
TRY_AN_ASSUMPTION = """
import json, sys
from pathlib import Path
import pandas as pd
from exportedlabour.assumptions import scenario
from exportedlabour.book import assumption_page
from exportedlabour.build import one_at_a_time_refits
from exportedlabour.evidence import ledger
from exportedlabour.sensitivity import one_at_a_time
from exportedlabour.simulation import make, write
from exportedlabour.workers import fit, observations
current = scenario.load()
short = {"chains": 4, "tune": 10, "draws": 10, "imputed_copies": 2, "early_steps": 3}
settings = scenario.Settings(dict(current.settings) | short)
folder = Path("simulated")
write.write(make.make("plain", 1, settings, hosts=4, figures=40), folder)
evidence = ledger.read(folder)
design = observations.build(evidence, settings)
steps = []
fit.sampling.sample, real = (
    lambda *a, **k: steps.append(k["early_steps"]) or real(*a, **k), fit.sampling.sample)
found = fit.fit(design, settings, workers=1, say=lambda text: None)
cells = json.loads(Path("notebooks/workers.ipynb").read_text(encoding="utf-8"))["cells"]
cell = next(c for c in cells if "parameters" in c["metadata"].get("tags", []))
variables = {}
exec("".join(cell["source"]), variables)
none = pd.DataFrame(columns=one_at_a_time.COLUMNS)
page = assumption_page.page(current, evidence, none, str)
(folder / "scenarios" / "early.yml").write_text("early_steps: 7")
print(json.dumps({
    "steps": steps,
    "draws": len(found.stack("coverage")),
    "notebook": scenario.from_notebook(variables, "workers").early_steps,
    "moved": one_at_a_time_refits.moved(current.assumptions)["early_steps"],
    "page": "### `early_steps`" in page,
    "scenario": scenario.load("early", of_ledger=folder / "scenarios").settings.early_steps,
}))
"""


@pytest.fixture
def copy(tmp_path):
    """A copy of the sources, a function that tells which files differ from it, and one that runs a
    script in it and returns the last line as JSON."""
    folder = tmp_path / "project"
    folder.mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copy(ROOT / name, folder / name)
    (folder / "results" / "moves").mkdir(parents=True)
    before = _hashes(folder)

    def touched() -> set[str]:
        now = _hashes(folder)
        return {name for name in before | now if before.get(name) != now.get(name)}

    def run(script: str) -> dict:
        own = {"PYTHONPATH": str(folder / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
        ran = subprocess.run(
            [sys.executable, "-c", script],
            cwd=folder,
            env=os.environ | own,
            capture_output=True,
            text=True,
        )
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout.splitlines()[-1])

    return folder, touched, run


def _hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_new_class_of_evidence_touches_two_files(copy):
    folder, touched, run = copy
    edit(
        folder / REGISTRY,
        "\n# Which classes an analysis",
        f"{NEW_CLASS}\n# Which classes an analysis",
    )
    edit(
        folder / REGISTRY,
        "  no press: [press]",
        "  no surveys: [defector_survey]\n  no press: [press]",
    )
    path = folder / BASELINE
    text = path.read_text(encoding="utf-8").replace(
        "compilation, press]", "compilation, press, defector_survey]"
    )
    path.write_text(text + NEW_PRIORS, encoding="utf-8")
    assert touched() == {REGISTRY, BASELINE}
    told = run(TRY_A_CLASS)
    assert told.pop("figures") > 5 and told.pop("first") >= 2018
    assert told == {
        "bias": True,
        "world": True,
        "dictionary": True,
        "package": "defector_survey",
        "mark": ["d", "#F0E442", "survey of those who left"],
        "slider": "survey",
        "left out": ["defector_survey"],
    }


def test_a_new_assumption_touches_three_files(copy):
    folder, touched, run = copy
    path = folder / BASELINE
    path.write_text(path.read_text(encoding="utf-8") + NEW_ASSUMPTION, encoding="utf-8")
    code = "src/exportedlabour/workers/fit.py"
    edit(folder / code, "early_steps=EARLY_STEPS", "early_steps=settings.early_steps")
    notebook = folder / "notebooks" / "workers.ipynb"
    cells = json.loads(notebook.read_text(encoding="utf-8"))
    cell = next(c for c in cells["cells"] if "parameters" in c["metadata"].get("tags", []))
    cell["source"] = ["".join(cell["source"]) + "\nearly_steps = 16  # steps"]
    notebook.write_text(json.dumps(cells), encoding="utf-8")
    assert touched() == {BASELINE, code, "notebooks/workers.ipynb"}
    assert run(TRY_AN_ASSUMPTION) == {
        "steps": [3],
        "draws": 40,
        "notebook": 16,
        "moved": 22,
        "page": True,
        "scenario": 7,
    }


# --- what the registries say, and what they refuse
# --------------------------------------------------------------


def test_classes_use_the_words_of_the_ledger_and_marks_that_can_be_drawn():
    registry = classes.registry()
    for name, each in registry.classes.items():
        assert each.marker in markers.MarkerStyle.markers and colors.is_color_like(each.colour)
        assert each.simulated.house in schema.HOUSE_KINDS, name
        assert each.simulated.after in ("", *events.DEFAULTS), name
        for _, quantity, scope, bound in each.simulated.forms:
            assert quantity in schema.QUANTITIES and scope in schema.SCOPES, name
            assert bound in schema.BOUNDS, name
    assert list(plots.MARKS) == list(schema.CLASSES) == list(registry.classes)
    marks = [mark[:2] for mark in plots.MARKS.values()]
    assert len(set(marks)) == len(marks)  # told apart in a grey print, too
    assert len({mark for mark, _ in marks}) == len(marks)


@pytest.mark.parametrize(
    "old, new, said",
    [
        ("    label: quota\n", "", "classes: ceiling lacks label"),
        ("    label: quota\n", "    lable: quota\n",
        "unknown classes: ceiling: key 'lable'. Did you mean label?"),
        ("    strong: true\n", "    strong: very\n", "strong is 'very'; it must be true or false"),
        ("bias: press\n", "bias: {open: a, shut: b}\n",
        "press: bias has open, shut; it must be one name"),
        ("bias: press\n", "bias: ceiling\n", "bias 'ceiling' is of two classes"),
        ("share: 26\n", "share: 0\n",
        "press: simulated: share is 0; it must be a number above zero"),
        ("[1, quota, national, exact]", "[quota, national]",
        "a form must be [weight, quantity, scope, bound]"),
        ("no press: [press]", "no press: [pres]",
        "leave_out: no press: class 'pres'. Did you mean press?"),
        ("  anchor: [register]", "  anchr: [register]",
        "unknown groups: key 'anchr'. Did you mean anchor?"),
    ],
)  # fmt: skip
def test_a_registry_of_classes_that_is_wrong_says_where_and_what_is_allowed(
    tmp_path, old, new, said
):
    path = tmp_path / "evidence_classes.yml"
    text = classes.FILE.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=re.escape(said)) as error:
        classes.read(path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    "old, new, said",
    [
        ("compilation, press]", "compilation]",
        "include_classes: the options and evidence_classes.yml differ in press"),
        ("bias_press:", "bias_pres:", "bias_press is missing; evidence_classes.yml names it"),
        ("refit: odds", "refit: odd",
        "refit is 'odd'; it must be scale, odds, {to: VALUE} or {add: NUMBER}"),
        ("used_by: [workers, validation], refit: odds", "used_by: [workers, validation]",
         "pull does not say what happens if it is moved"),
        ("refit: {add: 1},", "refit: {add: 1}, still: \"Nothing.\",",
        "seed has both refit and still"),
    ],
)  # fmt: skip
def test_a_baseline_that_does_not_go_with_the_classes_or_tells_no_move_is_refused(
    tmp_path, old, new, said
):
    path = tmp_path / "baseline.yml"
    text = (ROOT / BASELINE).read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=re.escape(said)):
        scenario.read_assumptions(path)


def test_the_dates_that_are_known_are_those_of_the_ledger():
    dates = events.dates_of(ledger.read(ROOT / "data").events)
    assert dates == events.KNOWN
    assert dates.shocks == {"sanctions": 2018, "deadline": 2020, "reopening": 2024}
    assert dates.shut == (ledger.year_fraction("2020-02"), ledger.year_fraction("2023-09"))
    assert (dates.closed_years, dates.new_course_years) == ((2021, 2022, 2023), (2024, 2025))
    assert dates.idle_years == (2020, 2021, 2022)


def test_a_ledger_without_the_events_takes_the_known_dates_and_one_with_some_is_told():
    table = ledger.read(ROOT / "data").events
    without = table[~table["event_id"].isin(events.DEFAULTS)]
    assert events.dates_of(without) == events.KNOWN
    some = table[table["event_id"] != events.REOPENING]
    with pytest.raises(InputError, match="there is no event border-reopening, whose date"):
        events.dates_of(some, "data/events.csv")


def test_a_date_of_the_ledger_moves_the_eras_and_the_shocks():
    evidence, settings = ledger.read(ROOT / "data"), scenario.load().settings
    table = evidence.events.copy()
    at = table["event_id"] == events.DEADLINE
    table.loc[at, ["date_start", "date_end"]] = "2020-12-22"
    later = replace(evidence, events=table)
    before, after = (observations.build(each, settings) for each in (evidence, later))
    assert after.dates.banned == 2021
    names = [[design.biases[i] for i in design.bias] for design in (before, after)]
    changed = {pair for pair in zip(*names) if pair[0] != pair[1]}
    assert changed == {("register_banned", "register_winding_down")}
    shock = [priors.build(design, settings).after[1] for design in (before, after)]
    assert (shock[0] - shock[1]).tolist() == [float(year == 2020) for year in before.years]


def test_a_date_that_models_read_reruns_the_fit_of_workers_and_words_about_it_do_not(tmp_path):
    folder = tmp_path / "ledger"
    shutil.copytree(ROOT / "data", folder)
    steps = step.read_steps(ROOT, alternative=False)

    def parts() -> dict[str, str]:
        build = step.at(ROOT, data=folder)
        return {name: step.ledger_part(build, steps[name]) for name in ("workers", "money")}

    before = parts()
    edit(folder / "events.csv", "Deadline for repatriation", "The deadline")
    assert parts() == before
    edit(folder / "events.csv", "deadline,2019-12-22,2019-12-22", "deadline,2019-12-21,2019-12-22")
    after = parts()
    assert after["workers"] != before["workers"] and after["money"] == before["money"]


def test_a_simulated_ledger_has_the_dates_of_the_model():
    simulated = make("plain", 1, scenario.load().settings, hosts=3, figures=12)
    assert events.dates_of(simulated.tables["events"]) == events.KNOWN


def test_regions_and_hosts_apart_are_named_in_one_place():
    evidence = ledger.read(ROOT / "data")
    listed = set(evidence.hosts["region"])
    assert set(regions.REGION_OF_GROUP.values()) <= listed | {"Europe"}
    assert set(hosts_apart.UNPOOLED) <= set(evidence.hosts["iso3"])
    code = re.compile('"(CHN|RUS|AFRICA|SEASIA|MIDEAST|GULF|EU28)"')
    homes = {"hosts_apart.py", "regions.py"}
    package = ROOT / "src" / "exportedlabour"
    found = {
        path.name
        for path in package.rglob("*.py")
        if path.name not in homes and code.search(path.read_text(encoding="utf-8"))
    }
    assert not found, found
