"""Assumptions: what is refused, and with which words; and that notebooks have the defaults of the
baseline."""

import ast

import pytest
import yaml
from conftest import ROOT, cells, edit

from exportedlabour.assumptions import scenario
from exportedlabour.project import InputError

NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "host_error_corelation: 0.4",
            "unknown assumption 'host_error_corelation'. Did you mean host_error_correlation?",
        ),
        (
            "host_error_correlation: 1.2",
            "host_error_correlation is 1.2; it must be a number between 0 and 1",
        ),
        ("host_error_correlation: much", "host_error_correlation is 'much'; it must be a number"),
        ("host_error_correlation: true", "host_error_correlation is True; it must be a number"),
        ("draws: 100.5", "draws is 100.5; it must be a whole number"),
        ("draws: 1", "draws is 1; it must be a whole number; from 5"),
        (
            "shock_deadline: [-0.7, 0]",
            "shock_deadline is [-0.7, 0]; it must be two numbers, [mean, sd]",
        ),
        (
            "plan_share_russia: [0.8, 0.4]",
            (
                "plan_share_russia is [0.8, 0.4]; it must be two numbers, [low, high], with low"
                " below high"
            ),
        ),
        (
            "include_classes: [register, rumour]",
            "include_classes is ['register', 'rumour']; it must be a list",
        ),
        ("include_classes: []", "include_classes is []"),
        ("error_df: 7", "error_df is 7; it must be one of the listed values: 2, 3, 4"),
        ("draws: [", "line 2: not valid YAML"),
        ("draws: 100\ndraws: 200", "line 2: not valid YAML (the key 'draws' is given twice)"),
        ("- draws", "must be a list of 'name: value' lines"),
    ],
)
def test_bad_value_is_told_with_file_key_and_what_is_allowed(project, text, said):
    (project / "scenarios" / "mine.yml").write_text(text + "\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        scenario.load("mine", project)
    assert "mine.yml" in str(error.value)
    assert said in str(error.value)


@pytest.mark.parametrize(
    "name", ["../baseline", "scenarios/baseline", "baseline.yml", "/etc/passwd", "", "a b"]
)
def test_a_name_is_not_a_path(name):
    with pytest.raises(InputError, match="given by its name"):
        scenario.load(name, ROOT)


def test_unknown_scenario_names_the_near_one():
    with pytest.raises(InputError, match="Did you mean registers-only"):
        scenario.load("register-only", ROOT)


def test_baseline_itself_is_checked(project):
    path = project / "scenarios" / "baseline.yml"
    edit(path, "kind: share, unit: correlation,", "kind: shares, unit: correlation,")
    with pytest.raises(InputError, match="host_error_correlation: kind is 'shares'"):
        scenario.load("baseline", project)


def test_a_scenario_changes_only_what_it_says():
    base, other = scenario.load("baseline", ROOT), scenario.load("registers-only", ROOT)
    assert {name for name in base.settings if base.settings[name] != other.settings[name]} == set(
        other.changed
    )
    with pytest.raises(AttributeError):
        other.settings.seed = 1


@pytest.mark.parametrize("name", scenario.names(ROOT / "scenarios"))
def test_every_scenario_of_the_project_is_allowed(name):
    assert scenario.load(name, ROOT).title


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_notebook_defaults_equal_the_baseline_and_nothing_else_is_stored(notebook):
    stored = cells(ROOT / "notebooks" / f"{notebook}.ipynb")
    tagged = [cell for cell in stored if "parameters" in cell["metadata"].get("tags", [])]
    assert len(tagged) == 1
    tree = ast.parse("".join(tagged[0]["source"]))
    defaults = {node.target.id: ast.literal_eval(node.value) for node in tree.body}
    expected = scenario.load("baseline", ROOT).used_by(notebook)
    assert {name: defaults.get(name) for name in expected} == expected
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in stored)


def test_every_assumption_is_used_by_a_notebook_that_exists():
    for assumption in scenario.load("baseline", ROOT).assumptions.values():
        assert assumption.used_by and set(assumption.used_by) <= set(NOTEBOOKS), assumption.name


def test_a_notebook_takes_plain_values_and_whole_entries_and_refuses_bad_ones():
    entries = yaml.safe_load((ROOT / "scenarios" / "baseline.yml").read_text(encoding="utf-8"))
    plain = scenario.load("baseline", ROOT).used_by("pay_fit")
    whole = {name: entries[name] for name in plain}
    assert (
        dict(scenario.from_notebook(whole, "pay_fit", ROOT))
        == dict(scenario.from_notebook(plain, "pay_fit", ROOT))
        == plain
    )
    with pytest.raises(InputError, match="error_share is -1"):
        scenario.from_notebook(plain | {"error_share": -1}, "pay_fit", ROOT)
    plain.pop("seed")
    with pytest.raises(InputError, match="the parameter seed is missing"):
        scenario.from_notebook(plain, "pay_fit", ROOT)


def test_a_former_name_of_an_assumption_is_told_with_the_present_one(project):
    (project / "scenarios" / "mine.yml").write_text("copy_assignments: 1\n", encoding="utf-8")
    with pytest.raises(InputError, match="mine.yml: copy_assignments is now called imputed_copies"):
        scenario.load("mine", project)
    given = scenario.load().used_by("workers") | {"copy_assignments": 1}  # as papermill -f gives it
    with pytest.raises(InputError, match="workers.ipynb: copy_assignments is now called imputed_"):
        scenario.from_notebook(given, "workers")
    known = scenario.load().settings
    assert not set(scenario.FORMER) & set(known) and set(scenario.FORMER.values()) <= set(known)
