"""The parameters cells: made from the registry, readable by papermill, and kept up to date."""

import json
import shutil
import subprocess
import sys

import nbformat
import papermill
import pytest
import yaml
from conftest import ROOT, cells, edit

from exportedlabour import cli
from exportedlabour.assumptions import parameters, scenario
from exportedlabour.project import InputError

ASSUMPTIONS = scenario.read_assumptions(ROOT / "scenarios" / "baseline.yml")
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_has_the_parameters_of_the_registry_and_is_stored_as_nbformat_writes_it(path):
    assert path.read_text(encoding="utf-8") == parameters.written(path, ASSUMPTIONS)
    stored = cells(path)
    assert all(isinstance(cell["source"], list) and cell["id"] for cell in stored)
    assert all(line.count("\n") <= 1 for cell in stored for line in cell["source"])
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in stored)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_papermill_reads_names_types_values_and_help(path):
    found = papermill.inspect_notebook(str(path))
    expected = {name: a for name, a in ASSUMPTIONS.items() if path.stem in a.used_by}
    places = [p for p in parameters.PLACES if not p.notebooks or path.stem in p.notebooks]
    assert list(found) == [*(place.name for place in places), *expected]
    for name, assumption in expected.items():
        told = found[name]
        assert told["help"] and "=" not in told["help"], name
        assert told["help"] == assumption.unit or assumption.unit == "none"
        assert yaml.safe_load(told["default"]) == assumption.value
        item = told["inferred_type_name"].removeprefix("list[").rstrip("]")
        assert item in ("int", "float", "str")
        assert told["inferred_type_name"].startswith("list") == isinstance(assumption.value, list)
    for place in places:
        assert found[place.name]["inferred_type_name"] == place.type


@pytest.mark.parametrize("name", ["baseline", "registers-only"])
def test_a_notebook_runs_with_plain_papermill_and_the_file_of_a_scenario(name, tmp_path):
    command = [sys.executable, "-m", "papermill", "notebooks/hosts.ipynb", tmp_path / "out.ipynb"]
    command += ["-f", f"scenarios/{name}.yml", "-p", "results_dir", tmp_path / "results"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    hosts = json.loads((tmp_path / "results/headline/hosts.json").read_text(encoding="utf-8"))
    assert hosts["hosts_named"]["value"] > 0


def test_the_command_says_what_is_out_of_date_and_writes_it(tmp_path, monkeypatch, capsys):
    for folder in ("notebooks", "scenarios"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copy(ROOT / "pipeline.yml", tmp_path)
    monkeypatch.setenv("EXLAB_ROOT", str(tmp_path))

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["exlab", "parameters", *arguments])
        cli.main()
        return capsys.readouterr().out

    assert run("--check") == "Every notebook is up to date.\n"
    registry = tmp_path / "scenarios" / "baseline.yml"
    edit(registry, "copy_threshold: {value: 0.5", "copy_threshold: {value: 0.4")
    hosts = tmp_path / "notebooks" / "hosts.ipynb"
    kept = nbformat.read(hosts, as_version=4)
    flat = json.loads(hosts.read_text(encoding="utf-8"))
    for cell in flat["cells"]:
        cell["source"] = "".join(cell["source"])
    hosts.write_text(json.dumps(flat), encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        run("--check")
    said = capsys.readouterr().err
    assert ended.value.code == 1
    assert "hosts.ipynb" in said and "workers.ipynb" in said and "ledger.ipynb" not in said
    assert "hosts.ipynb" in run() and run("--check").startswith("Every")
    assert "copy_threshold: float = 0.4  # probability" in "".join(
        "".join(cell["source"]) for cell in cells(tmp_path / "notebooks" / "workers.ipynb")
    )
    assert nbformat.read(hosts, as_version=4) == kept


def test_a_notebook_has_one_cell_of_parameters(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 1")])
    nbformat.write(notebook, tmp_path / "none.ipynb")
    with pytest.raises(InputError, match="none.ipynb: 0 of its cells are tagged parameters"):
        parameters.written(tmp_path / "none.ipynb", ASSUMPTIONS)


def test_a_long_list_has_an_item_a_line_and_a_choice_the_type_of_what_is_chosen_from():
    lines = parameters.cell_of("workers", ASSUMPTIONS).splitlines()
    assert "include_classes: list[str] = [" in lines and "]  # evidence classes" in lines
    assert "error_df: int = 3  # degrees of freedom" in lines
    assert 'fit_entries: str = "yes"  # one of yes, no' in lines
    assert max(map(len, lines)) <= parameters.LONGEST
