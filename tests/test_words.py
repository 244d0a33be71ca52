"""One word for one thing: names and phrases that were given up do not come back.

Searched are the package, tests, notebooks, pages, scenarios and the files at the top; not the
ledger, works of others, locks and the history in CHANGELOG.md.
"""

import ast
import io
import json
import re
import tokenize
from pathlib import Path

import pytest
from conftest import ROOT

# A name in code, whole, and the word that is used instead.
NAMES = {
    r"moves|Moves?|MOVE[SD]?|\w+_moves": "one-at-a-time sensitivity; a shift",
    r"(worker|money|presence|uncounted)_moves?": "one-at-a-time sensitivity; a shift",
    r"(\w+_)?assignments?(_\w+)?|ASSIGNMENTS?": "imputed copies; an imputation",
    r"(\w+_)?small_fits?(_\w+)?|SmallFits?": "refit",
    r"(\w+_)?(docket|court|hear|hearing)(_\w+)?|Court": "claim, evaluation, verdict",
    r"(\w+_)?on_trial|try_(claim|all|heads)|heads_tried": "evaluation",
    r"standings?|STANDINGS?": "independence",
    r"(\w+_)?LARGE(_\w+)?": "unpooled hosts",
    r"save_figures?": "plot",
    r"(\w+_)?(found_right|FOUND_RIGHT)(_\w+)?": "checked ledgers",
    r"telling|warmed|figuredata|worldmap": "reporting, preload, plot_data, map",
    r"KINDS": "say kinds of what",
}
# Words in any text, and what is said instead.
PHRASES = {
    r"\bresults/moves\b|\bmoves\.csv|\b(exlab|make) moves\b": "one-at-a-time",
    r"\bassignments? of copies\b|\bcopy_assignments\b": "imputation, imputed copies",
    r"\bsmall[ _-]fits?\b|\bsmall_fits": "refit",
    r"\bdocket": "claims",
    r"\bclaims? on trial\b|\bon trial\b": "evaluated",
    r"\b(the|that) courts?\b|\ba court that\b": "evaluation",
    r"\bFigure as SVG\b|\bData of (the|this) figure\b|\bfigure-data\b|\bborrowed-figure\b": "plot",
    r"(?i)\b(draws?|displays?) (a|the|this|each|every) figures?\b": "plot",
    r"found_right": "checked ledgers",
}
# What may stay, by file: a command and an assumption under their former names.
ALLOWED = {
    "src/exportedlabour/assumptions/scenario.py": {"copy_assignments"},
    "tests/assumptions/test_scenario.py": {"copy_assignments"},
}
# Parameters and public names that say nothing of what they hold.
EMPTY = {"told", "said", "own"}

TOP = ("*.md", "*.yml", "*.toml", "*.cff", "Makefile", ".ci/*", ".github/**/*")
SUFFIXES = {".py", ".ipynb", ".md", ".yml", ".js", ".css"}
FOLDERS = ("src", "tests", "notebooks", "book", "scenarios", "benchmarks")
UNREAD = {"CHANGELOG.md", "environment.yml", "tests/test_words.py"}


def sources() -> list[str]:
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    paths = [path for path in paths if path.suffix in SUFFIXES]
    paths += [path for pattern in TOP for path in ROOT.glob(pattern)]
    names = {path.relative_to(ROOT).as_posix() for path in paths if path.is_file()}
    return sorted(name for name in names - UNREAD if "__pycache__" not in name)


def code_of(name: str, text: str) -> list[str]:
    """Return the Python of a file, cell by cell of a notebook."""
    if name.endswith(".py"):
        return [text]
    if name.endswith(".ipynb"):
        cells = json.loads(text)["cells"]
        return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return []


def names_in(code: str) -> set[str]:
    """Return all names of Python code, those between the braces of f-strings among them."""
    found = set()
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.NAME:
            found.add(token.string)
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.JoinedStr):
            inner = [part for part in ast.walk(node) if isinstance(part, ast.Name | ast.Attribute)]
            found |= {part.id if isinstance(part, ast.Name) else part.attr for part in inner}
    return found


def retired(name: str, text: str) -> list[str]:
    """Return each retired word in a file, with what is said instead."""
    found = [
        f"{word}: {instead}"
        for code in code_of(name, text)
        for word in sorted(names_in(code))
        for pattern, instead in NAMES.items()
        if re.fullmatch(pattern, word)
    ]
    if name.endswith(".ipynb"):
        text = "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
    one_line = re.sub(r"\s+(?:# )?", " ", text)
    found += [
        f"{match[0]}: {instead}"
        for pattern, instead in PHRASES.items()
        for match in re.finditer(pattern, one_line)
        if match[0] not in ALLOWED.get(name, ())
    ]
    return found


@pytest.mark.parametrize("name", sources())
def test_no_retired_word_stands_in_a_file(name):
    assert retired(name, (ROOT / name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("folder", ["results", "src", "tests", "notebooks", "book"])
def test_no_file_has_a_retired_word_for_a_name(folder):
    files = [path.relative_to(ROOT) for path in (ROOT / folder).rglob("*") if path.is_file()]
    parts = {Path(part).stem.removeprefix("test_") for path in files for part in path.parts}
    wrong = [part for part in sorted(parts) for name in NAMES if re.fullmatch(name, part)]
    assert wrong == []


def test_public_functions_and_their_parameters_say_what_they_hold():
    wrong = []
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = [getattr(node, "name", "")]
            if isinstance(node, ast.FunctionDef):
                given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                names += [argument.arg for argument in given]
            elif isinstance(node, ast.ClassDef):
                names += [
                    getattr(part, "name", "") or getattr(getattr(part, "target", None), "id", "")
                    for part in node.body
                ]
            if not names[0].startswith("_"):
                wrong += [f"{path.name}: {names[0]}: {name}" for name in names if name in EMPTY]
    assert wrong == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", "from exportedlabour.sensitivity import money\nmoney.money_moves()"),
        ("a.py", "fit.assignments[0]"),
        ("a.py", 'f"{small_fit(design)}"'),
        ("a.py", "def hear(figure, rates):\n    return rates"),
        ("a.py", '"""The claims of the\n    docket."""'),
        ("a.py", "# They are drawn in an\n# order, as each small\n# fit is."),
        ("a.md", "Run `make moves` to see."),
        ("a.md", "Each assignment of\ncopies keeps its share."),
        ("a.yml", "copy_assignments: {value: 32}"),
        ("a.js", 'link.textContent = "Figure as SVG";'),
        ("a.ipynb", '{"cells": [{"cell_type": "code", "source": ["moves = 1\\n", "moves + 1"]}]}'),
        ("a.ipynb", '{"cells": [{"cell_type": "markdown", "source": ["Claims on ", "trial."]}]}'),
    ],
)
def test_a_retired_word_is_found(name, text):
    assert retired(name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", "import shutil\nshutil.move(a, b)  # an edit moves the estimate"),
        ("a.py", 'note = "A court in Poland fined the shipyard."'),
        ("a.md", "Say which figure moves the answer; no assumption has a small spread."),
    ],
)
def test_ordinary_english_is_not(name, text):
    assert retired(name, text) == []
