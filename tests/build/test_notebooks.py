"""Every notebook by itself, as a reviewer opens it: its parameters on top, and a missing result
told in words."""

import ast
import re

import pytest
import yaml
from conftest import ROOT, cells

from exportedlabour.project import InputError, needed

STEPS = yaml.safe_load((ROOT / "pipeline.yml").read_text(encoding="utf-8"))["steps"]
NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
READERS = sorted(
    fields["notebook"]
    for fields in STEPS.values()
    if fields.get("notebook") and fields.get("inputs")
)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_first_code_cell_is_that_of_the_parameters_and_imports_come_next(name):
    code = [
        cell for cell in cells(ROOT / "notebooks" / f"{name}.ipynb") if cell["cell_type"] == "code"
    ]
    assert "parameters" in code[0]["metadata"]["tags"]
    assert all(
        isinstance(line, ast.AnnAssign) for line in ast.parse("".join(code[0]["source"])).body
    )
    assert isinstance(ast.parse("".join(code[1]["source"])).body[0], (ast.Import, ast.ImportFrom))


@pytest.mark.parametrize("name", READERS)
def test_a_notebook_run_before_the_build_says_which_file_is_missing_and_how_to_make_it(
    name, tmp_path, monkeypatch
):
    monkeypatch.chdir(ROOT / "notebooks")  # where JupyterLab starts a notebook
    monkeypatch.setenv("MPLBACKEND", "agg")
    space = {"__name__": "__main__"}
    with pytest.raises(InputError) as said:
        for cell in cells(ROOT / "notebooks" / f"{name}.ipynb"):
            if cell["cell_type"] == "code":
                exec(compile("".join(cell["source"]), name, "exec"), space)
                for folder in ("results_dir", "baseline_dir"):
                    if folder in space:
                        space[folder] = str(tmp_path / "results")
    missing = {file for file in STEPS[name]["inputs"] if file in str(said.value)}
    assert len(missing) == 1 and "is missing" in str(said.value)
    maker = next(step for step, fields in STEPS.items() if missing & set(fields["outputs"]))
    assert f"The step {maker} of" in str(said.value) and "exlab build --only results" in str(
        said.value
    )


def test_no_notebook_reads_a_result_that_could_be_missing_without_a_word():
    for name in NOTEBOOKS:
        text = "".join(
            "".join(cell["source"]) for cell in cells(ROOT / "notebooks" / f"{name}.ipynb")
        )
        assert not re.search(r"\bread_\w+\((?!committed)\w+ / ", text), name


@pytest.mark.parametrize(
    ("folder", "command"),
    [
        ("build/baseline", "exlab build --only results"),
        ("build/no-anchor", "exlab build --only results --scenario no-anchor"),
        (
            "build/baseline@mine-0123abcd",
            "exlab build --only results --data DIR, where DIR is the ledger",
        ),
        ("elsewhere", "exlab build --only results"),
    ],
)
def test_the_command_is_that_of_the_build(folder, command, project, monkeypatch):
    monkeypatch.chdir(project)
    with pytest.raises(InputError) as said:
        needed(project / folder / "results", "workers_effects.csv")
    assert str(said.value).startswith(f"{folder}/results/workers_effects.csv is missing") and str(
        said.value
    ).endswith(f": {command}")
    with pytest.raises(InputError, match="no step of pipeline.yml makes"):
        needed(project / folder / "results", "nobody.csv")


def test_a_notebook_shows_the_message_and_not_the_way_through_the_code():
    assert InputError("a.csv is missing")._render_traceback_() == ["InputError: a.csv is missing"]
