"""The code of a step is found: an edit reruns every step that reaches it, and no other."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, edit

from exportedlabour import imports
from exportedlabour.build import pipeline, refits
from exportedlabour.build.step import at
from exportedlabour.project import InputError
from exportedlabour.validation import experiments

PLACES = [path.relative_to(imports.PACKAGE) for path in imports.PACKAGE.rglob("*.py")]
MODULES = sorted(place.with_suffix("").as_posix() for place in PLACES)
STEPS = pipeline.read_steps(ROOT, alternative=True)
CHANGED = "  # changed\n    "

# Those that fit, and those that say whether committed refits are of the present code.
USE_LIKELIHOOD = {"workers", "pay_fit", "validation", "assumptions", "scenarios"}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A copy of the package, and a function that tells which steps an edit in it would rerun."""
    copy = tmp_path / "exportedlabour"
    shutil.copytree(imports.PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(imports, "PACKAGE", copy)
    build = at(ROOT)
    steps = pipeline.read_steps(ROOT, alternative=True)
    producers = {output: step for step in steps.values() for output in step.outputs}

    def keys() -> dict[str, str]:
        every = [pipeline.dependencies(build, step, producers) for step in steps.values()]
        return dict(zip(steps, (pipeline._key(build, *read) for read in every)))

    def rerun_by(module: str, old: str, new: str) -> set[str]:
        before = keys()
        edit(copy / f"{module}.py", old, new)
        return {_family(name) for name, key in keys().items() if key != before[name]}

    return rerun_by, {_family(name) for name in steps}


def _family(step: str) -> str:
    return step.partition("-")[0]


def imports_away() -> dict[str, dict[str, int]]:
    """By step, and for each module that it reaches, the least number of imports on the way there,
    found from what Python's own parser sees in each module."""
    direct = {module: _parsed(module) for module in MODULES}
    found = {}
    for name, step in STEPS.items():
        if step.notebook:
            queue = list(imports.imports_of_notebook(ROOT / "notebooks" / f"{step.notebook}.ipynb"))
        else:
            queue = [imports.module_of(step.function)]
        away = dict.fromkeys(queue, 1)
        for module in queue:
            for other in sorted(direct[module] - set(away)):
                away[other] = away[module] + 1
                queue.append(other)
        found[_family(name)] = away
    return found


def _parsed(module: str) -> set[str]:
    nodes = ast.walk(ast.parse(imports.file_of(module).read_text(encoding="utf-8")))
    found = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    return imports.imported("\n".join(map(ast.unparse, found)), module)


def test_a_changed_number_of_reruns_every_step_that_uses_it_and_no_other(package):
    rerun_by, every = package
    away = imports_away()
    found = rerun_by("words", "def number_of(", f"def number_of({CHANGED}")
    assert found == {step for step in every if "words" in away[step]}
    assert every - found == {"pay_draws", "explorer_grammar"}
    assert away["claims_on_head_counts"]["words"] >= 3  # it stores the texts that number_of returns


def test_a_function_three_imports_away_reruns_every_step_that_uses_it_and_no_other(package):
    rerun_by, every = package
    away = imports_away()
    found = rerun_by("inference/likelihood", "def t_logpdf(", f"def t_logpdf({CHANGED}")
    show = {name for name, step in STEPS.items() if step.refits}  # of this model, or of another
    assert found == {step for step in every if "inference/likelihood" in away[step]} | show
    assert found == USE_LIKELIHOOD
    assert away["workers"]["inference/likelihood"] >= 3


def test_a_build_runs_again_what_reaches_an_edited_module_and_reuses_the_rest(project, package):
    rerun_by, _ = package
    steps = yaml.safe_load((project / "pipeline.yml").read_text(encoding="utf-8"))["steps"]
    two = {name: steps[name] for name in ("gathering", "explorer_grammar")}
    (project / "pipeline.yml").write_text(yaml.safe_dump({"steps": two}), encoding="utf-8")

    def ran() -> list[str]:
        told = []
        pipeline.build_all(at(project), say=told.append)
        return sorted(line.split()[1].rstrip(",") for line in told if line.startswith("  done"))

    assert ran() == ["explorer_grammar", "gathering"]
    assert ran() == []
    assert imports_away()["gathering"]["exhibits/markdown"] >= 3
    rerun_by("exhibits/markdown", '"""', '"""Changed. ')
    assert ran() == ["gathering"]
    assert ran() == []


def test_what_shows_refits_names_the_steps_that_their_keys_are_of():
    steps = pipeline.read_steps(ROOT, alternative=True)
    table = imports.file_of("build/refits")
    shows = {name for name, step in steps.items() if table in pipeline.code_of(ROOT, step)}
    assert shows == {name for name, step in steps.items() if step.refits}
    assert all(steps[name].refits == refits.FITS for name in shows)


def test_an_edit_outside_the_steps_reruns_nothing(package):
    rerun_by, _ = package
    assert rerun_by("book/pdf", '"""', '"""Changed. ') == set()


def test_the_imports_of_every_module_are_those_that_python_parses():
    for module in MODULES:
        text, parsed = imports.file_of(module).read_text(encoding="utf-8"), _parsed(module)
        assert imports.imported(text, module) == parsed, module
        assert all(imports.file_of(name).is_file() for name in parsed), module


def test_what_python_imports_for_a_step_is_found():
    program = "import sys\nfrom exportedlabour.claims import head_counts\nprint(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=True)
    names = [name.split(".") for name in ran.stdout.decode().split()]
    package = imports.PACKAGE
    loaded = {package.joinpath(*name[1:]) for name in names if name[0] == "exportedlabour"}
    found = set(imports.of_function("claims/head_counts.lines"))
    assert len(loaded) > 10
    assert {path.with_suffix(".py") for path in loaded if not path.is_dir()} <= found


def test_files_of_data_count_for_the_modules_that_name_them():
    read = [imports._direct(module, imports.PACKAGE, "now")[1] for module in MODULES]
    named = {path for paths in read for path in paths}
    assert named == set(imports.data_files(imports.PACKAGE))
    outlines = imports.PACKAGE / "exhibits" / "shapes" / "countries-110m.json"
    assert outlines in imports.of_modules(["exhibits/evidence_plots"])
    assert outlines not in imports.of_modules(["exhibits/plots"])


def _write(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        path = folder / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_every_form_of_import_is_followed(tmp_path, monkeypatch):
    monkeypatch.setattr(imports, "PACKAGE", tmp_path)
    _write(
        tmp_path,
        a=(
            "import numpy\nfrom . import b, f  # both\nfrom .room import (\n    c,  # (1)\n   "
            " N,\n)\n"
        ),
        b="def late():\n    from .d import thing\n    return thing\n",
        d='import exportedlabour.e as other\n"""import g\n"""\n',
        e="READ = 'words.yml'\n",
        f="from exportedlabour.a import late\n",  # a circle
        g="",
        room__c="from ..room.h import x\nfrom .. import __version__\n",
        room__h="",
    )
    (tmp_path / "__init__.py").write_text("__version__ = '1'\n", encoding="utf-8")
    (tmp_path / "room" / "__init__.py").write_text('"""What it is for."""\n', encoding="utf-8")
    (tmp_path / "words.yml").touch()
    found = {path.relative_to(tmp_path).as_posix() for path in imports.of_modules(["a"])}
    files = {f"{name}.py" for name in ("__init__", "a", "b", "d", "e", "f", "room/c", "room/h")}
    assert found == files | {"words.yml"}
    (tmp_path / "room" / "__init__.py").write_text("from ..g import y\n", encoding="utf-8")
    assert tmp_path / "g.py" in imports.of_modules(["a"])
    assert tmp_path / "d.py" not in imports.of_modules(["a"], without=["b"])


def test_a_notebook_is_read_by_its_code_cells_in_either_form_and_magics_break_nothing(tmp_path):
    cells = [
        {"cell_type": "markdown", "source": ["from exportedlabour.book import pdf"]},
        {
            "cell_type": "code",
            "source": [
                "%matplotlib inline\n",
                "!ls\n",
                "from exportedlabour.exhibits import tables as t",
            ],
        },
        {
            "cell_type": "code",
            "source": "%%time\nif True:\n    import exportedlabour.money.it as it\n",
        },
        {
            "cell_type": "code",
            "source": "from exportedlabour import __version__\nfrom pandas import read_csv",
        },
    ]
    (tmp_path / "one.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    assert imports.imports_of_notebook(tmp_path / "one.ipynb") == (
        "__init__",
        "exhibits/tables",
        "money/it",
    )


def test_what_keys_leave_out_are_modules_that_there_are():
    for module in (*refits.UNREAD, *experiments.UNREAD):
        assert imports.file_of(module).is_file(), module


def test_a_step_of_a_module_that_is_not_there_is_told(project):
    edit(
        project / "pipeline.yml",
        "function: sensitivity/explorer_grammar.grammar",
        "function: sensitivity/vega.grammar",
    )
    with pytest.raises(
        InputError, match="step explorer_grammar: there is no module sensitivity/vega"
    ):
        pipeline.read_steps(project, alternative=False)
