"""Every notebook by itself, as a reviewer opens it: its parameters on top, and a missing result
told in words."""

import ast
import functools
import re
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, cells

from exportedlabour.project import InputError, needed

MOST_LINES = 60  # of code in a notebook, empty ones and those of its parameters aside
STEPS = yaml.safe_load((ROOT / "pipeline.yml").read_text(encoding="utf-8"))["steps"]
NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
READERS = sorted(
    fields["notebook"]
    for fields in STEPS.values()
    if fields.get("notebook") and fields.get("inputs")
)
QUOTED = re.compile(r"\{\{ (\w+) \}\}")
PAGES = sorted(path.stem for path in (ROOT / "book").glob("*.md"))


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


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_tells_and_does_not_compute(name):
    lines = [
        line
        for cell in cells(ROOT / "notebooks" / f"{name}.ipynb")
        if cell["cell_type"] == "code" and "parameters" not in cell["metadata"].get("tags", [])
        for line in "".join(cell["source"]).splitlines()
        if line.strip()
    ]
    assert len(lines) <= MOST_LINES, f"{len(lines)} lines of code; the package computes"


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


def prose(name: str) -> str:
    """Return what a page of the book, or a notebook, says in words."""
    if name in PAGES:
        return (ROOT / "book" / f"{name}.md").read_text(encoding="utf-8")
    stored = cells(ROOT / "notebooks" / f"{name}.ipynb")
    return "\n".join("".join(c["source"]) for c in stored if c["cell_type"] == "markdown")


@functools.cache
def makers() -> dict[str, tuple[set[str], set[str]]]:
    """Return for each file that makes numbers of the prose the names that it gives to them, and all
    texts in its code."""
    texts = {path: path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py")}
    for name in NOTEBOOKS:
        path = ROOT / "notebooks" / f"{name}.ipynb"
        code = [cell for cell in cells(path) if cell["cell_type"] == "code"]
        texts[path] = "\n".join("".join(cell["source"]) for cell in code)
    found = {}
    for path, text in texts.items():
        if re.search(r"\.(put|interval)\(", text):
            tree = ast.parse(text)
            found[path.relative_to(ROOT).as_posix()] = names_given(tree), strings(tree)
    return found


def strings(*trees: ast.AST) -> set[str]:
    """Return the literal texts in some code."""
    every = (node for tree in trees for node in ast.walk(tree))
    return {n.value for n in every if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def names_given(tree: ast.AST) -> set[str]:
    """Return the names that calls of ``Headline.put`` and ``Headline.interval`` give, in full.

    A name is the first argument or one of ``quoted``; where that is the variable of a loop, it is
    one of the texts that the loop goes through.
    """
    found = set()
    loops = [node for node in ast.walk(tree) if isinstance(node, ast.For)]
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            continue
        if call.func.attr not in ("put", "interval") or not call.args:
            continue
        given = [call.args[0], *(k.value for k in call.keywords if k.arg == "quoted")]
        found |= strings(*given)
        variables = {n.id for part in given for n in ast.walk(part) if isinstance(n, ast.Name)}
        for loop in loops:
            own = {n.id for n in ast.walk(loop.target) if isinstance(n, ast.Name)}
            inside = any(node is call for part in loop.body for node in ast.walk(part))
            if inside and own & variables and not strings(*given):
                found |= strings(loop.iter)
    return found


def given_by_the_book() -> set[str]:
    """Return the names that book/stage.py gives itself: what the build is called."""
    tree = ast.parse((ROOT / "src/exportedlabour/book/stage.py").read_text(encoding="utf-8"))
    every = [node for node in ast.walk(tree) if isinstance(node, ast.Dict)]
    named = [strings(*filter(None, node.keys)) for node in every]
    return set().union(*(keys for keys in named if keys & {"scenario_title", "report_address"}))


@pytest.mark.parametrize("name", [*NOTEBOOKS, *PAGES])
def test_a_search_for_a_quoted_number_finds_the_one_place_that_makes_it(name):
    claims = ROOT / "data" / "claims.csv"
    listed = re.split(r"[\s,;+\"]+", claims.read_text(encoding="utf-8")) if claims.is_file() else []
    wrong = []
    for quoted in sorted(set(QUOTED.findall(prose(name))) - given_by_the_book()):
        if quoted.startswith("this_"):  # of a template: host_RUS_name is this_name on that page
            suffix = quoted.removeprefix("this_")
            own = {file: texts for file, (_, texts) in makers().items() if Path(file).stem == name}
            places = [file for file, texts in own.items() if suffix in texts]
        else:
            places = [file for file, (names, _) in makers().items() if quoted in names]
            places += ["data/claims.csv"] if quoted in listed else []
            places = places or [f for f, (_, texts) in makers().items() if quoted in texts]
        if len(places) != 1:
            wrong.append(f"{quoted}: made in {', '.join(places) or 'no place that is found'}")
    assert not wrong, "\n".join(wrong)
