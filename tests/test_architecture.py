"""ARCHITECTURE.md is true: its files are there, and each stands beside what it reads or makes."""

import re
import tomllib
from fnmatch import fnmatch
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, cells

from exportedlabour import imports

PAGE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
PACKAGE = ROOT / "src" / "exportedlabour"
STEPS = yaml.safe_load((ROOT / "pipeline.yml").read_text(encoding="utf-8"))["steps"]
OUTPUTS = {name for step in STEPS.values() for name in step["outputs"]}
PATH = re.compile(r"`([\w./-]+\.(?:py|ipynb|csv|yml|md|json))`")
ITEM = re.compile(r"^\d+\. `([^`]+)`", re.MULTILINE)
QUOTED = re.compile(r"\{\{ (\w+) \}\}")


def lists() -> dict[str, list[str]]:
    """The numbered lists of the page: the files of each, by the heading above it."""
    parts = re.split(r"^#+ (.+)$", PAGE, flags=re.MULTILINE)[1:]
    found = {title: ITEM.findall(text) for title, text in zip(parts[::2], parts[1::2])}
    return {title: names for title, names in found.items() if names}


LISTS = lists()
WAYS = [title for title in LISTS if title.startswith("The way of")]
NUMBERS = [title for title in LISTS if title not in WAYS]
LINKS = [(title, *pair) for title, names in LISTS.items() for pair in pairwise(names)]


def place(name: str) -> Path | None:
    """Where a file of the page lies; None if it is nowhere, as a result is in a clone."""
    return next((path for path in (ROOT / name, PACKAGE / name) if path.is_file()), None)


@cache
def text(name: str) -> str:
    path = place(name)
    if path.suffix == ".ipynb":
        return "\n".join("".join(cell["source"]) for cell in cells(path))
    return path.read_text(encoding="utf-8")


def imported(name: str) -> set[str]:
    """The modules that a file of Python or a notebook imports, as the page names them."""
    if name.endswith(".ipynb"):
        modules = imports.imports_of_notebook(ROOT / name)
    else:
        modules = imports.imported(text(name), name.removesuffix(".py"))
    return {f"{module}.py" for module in modules}


def steps_of(name: str) -> list[dict]:
    """The steps that run a notebook, or a function of a module."""
    stem = name.removeprefix("notebooks/").removesuffix(".ipynb").removesuffix(".py")
    own = (
        (step.get("notebook"), step.get("function", "").split(".")[0]) for step in STEPS.values()
    )
    return [step for step, names in zip(STEPS.values(), own) if stem in names]


def linked(one: str, other: str) -> bool:
    """Whether one of two files imports, reads, makes, names or quotes the other."""
    return any(_reaches(*pair) for pair in ((one, other), (other, one)))


def _reaches(one: str, other: str) -> bool:
    """Whether ``one``, a module or a notebook, has to do with ``other`` by itself."""
    if not one.endswith((".py", ".ipynb")):
        return False
    read = {name for step in steps_of(one) for name in step.get("inputs", ())}
    read |= {name for name in OUTPUTS if f'"{name}"' in text(one)}
    if other in OUTPUTS:
        made = {name for step in steps_of(one) for name in step["outputs"]}
        return any(fnmatch(other, name) for name in read | made)
    if other.endswith((".py", ".ipynb")):
        made = {name for step in steps_of(other) for name in step["outputs"]}
        made |= {name for name in OUTPUTS if re.search(rf'\bto_\w+\([^()]*"{name}"', text(other))}
        if other in imported(one) or read & made:
            return True
    names = {Path(other).name, Path(other).stem} if not other.endswith(".py") else set()
    if other.startswith(("book/", "notebooks/")) and names:  # a folder that is gone through
        names.add(Path(other).parts[0])
    if one.endswith(".py") and any(f'"{name}"' in text(one) for name in names):
        return True
    quoted = QUOTED.findall(text(other)) if other.endswith(".md") else ()
    return any(f'"{name}"' in text(one) for name in quoted)


def test_every_file_that_is_named_is_there():
    named = {name for name in PATH.findall(PAGE) if "NAME" not in name}
    assert len(named) > 30
    assert [name for name in named if name not in OUTPUTS and place(name) is None] == []


def test_the_rooms_are_those_of_the_package_in_their_order():
    said = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    command, *rooms, ground = layers
    assert said == rooms[::-1]
    assert said == sorted(
        (path.parent.name for path in PACKAGE.glob("*/__init__.py")), key=said.index
    )
    for module in (*command.split(" : "), *ground.split(" : ")):
        assert f"`{module}.py`" in PAGE


def test_there_are_three_ways_and_three_numbers_of_at_most_four_files():
    assert len(WAYS) == 3 and len(NUMBERS) == 3
    assert all(len(LISTS[title]) <= 4 for title in NUMBERS)


def test_a_quoted_number_is_found_by_its_name():
    for title in NUMBERS:
        for name in re.findall(r"^`(\w+)`$", title):
            assert f'"{name}"' in text(LISTS[title][1]) and f"{{{{ {name} }}}}" in text(
                LISTS[title][0]
            )


@pytest.mark.parametrize(("title", "one", "other"), LINKS, ids=lambda value: value)
def test_each_file_of_a_list_has_to_do_with_the_next(title, one, other):
    assert linked(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("data/figures.csv", "book/pdf.py"),
        ("workers/density.py", "notebooks/money.ipynb"),
        ("notebooks/money.ipynb", "workers_hyper.parquet"),
        ("notebooks/gathering.ipynb", "notebooks/workers.ipynb"),
        ("book/ethics.md", "notebooks/workers.ipynb"),
        ("scenarios/baseline.yml", "workers/draws.py"),
        ("workers_world_year.csv", "inference/likelihood.py"),
    ],
)
def test_files_that_have_nothing_to_do_with_one_another_are_not_linked(one, other):
    assert not linked(one, other)


def test_the_page_is_one_page():
    assert len(PAGE.split()) < 1400
