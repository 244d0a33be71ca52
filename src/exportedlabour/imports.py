"""The code that a step runs on, found from what it imports: no list of modules is typed anywhere.

A change of a file that is found here makes a step run again, so that it has to be all that the step
can reach: modules imported at the top of a file or inside a function, by a module that another one
imports, the ``__init__`` of a package that does anything, and files of data that a module reads.

A module is named by its place in the package, with slashes: ``money/revenue``.
"""

import ast
import json
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from .project import content_hash

PACKAGE = Path(__file__).parent
NAME = PACKAGE.name
INIT = "__init__"
# They find files and settings, and tell of progress: a key that holds the settings needs none.
AROUND = (INIT, "progress", "project", "strict_yaml", "assumptions/scenario", "imports")
# Only these are parsed: to parse all of the package would take longer than the whole plan.
IMPORT = re.compile(
    r"^[ \t]*(import[ \t]+[\w., \t]+"
    r"|from[ \t]+[\w.]+[ \t]+import[ \t]+(?:\((?:[^()#]|#.*)*\)|[\w,* \t]+))",
    re.MULTILINE,
)
COMMENT = re.compile(r"#.*")
OURS = re.compile(rf"\b{NAME}\.([\w.]+)")


def of_modules(names: Iterable[str], without: Iterable[str] = ()) -> list[Path]:
    """Return the files of modules of the package, and of all that they reach, sorted.

    Parameters
    ----------
    names : modules; one that has no file reaches nothing.
    without : modules that are left out, with what is reached through them alone.
    """
    left, found = list(names), set(without)
    files: set[Path] = set()
    while left:
        name = left.pop()
        if name in found or not (path := file_of(name)).is_file():
            continue
        found.add(name)
        imported, data = _direct(name, PACKAGE, content_hash(path))
        if _does_something(name, path, content_hash(path)):
            files.add(path)
        files.update(data)
        left += imported
        left += _packages(name)
    return sorted(files)


def of_notebook(path: Path, without: Iterable[str] = ()) -> list[Path]:
    """Return the files of the package that the code of a notebook reaches, without the notebook."""
    return of_modules(imports_of_notebook(path), without)


def imports_of_notebook(path: Path) -> tuple[str, ...]:
    """Return the modules of the package that the code cells of a notebook name; magics are none."""
    return _of_cells(path, PACKAGE, content_hash(path))


def of_function(function: str, without: Iterable[str] = ()) -> list[Path]:
    """Return the files of the package that a function reaches, such as ``money/stored.draws``."""
    return of_modules([module_of(function)], without)


def module_of(function: str) -> str:
    """Return the module of a function that is named as in pipeline.yml, ``money/stored.draws``."""
    return function.rpartition(".")[0]


def file_of(module: str) -> Path:
    """Return the file of a module, whether or not there is one."""
    return PACKAGE / f"{module}.py"


def named(text: str) -> list[str]:
    """Return the modules that a configuration names, as Sphinx has its extensions."""
    names = {name.replace(".", "/") for name in OURS.findall(text)}
    return sorted(name for name in names if file_of(name).is_file())


def imported(text: str, module: str = "") -> set[str]:
    """Return the modules of the package that a text of Python imports, in whatever place.

    Parameters
    ----------
    module : the module that the text is of, from which relative imports start.
    """
    parts = module.split("/")[:-1]
    found = set()
    for statement in IMPORT.findall(text):
        node = ast.parse(COMMENT.sub("", statement).strip()).body[0]
        if isinstance(node, ast.Import):
            every = [alias.name.split(".") for alias in node.names]
            found |= {_resolved(name[1:]) for name in every if name[0] == NAME}
            continue
        base = node.module.split(".") if node.module else []
        if node.level:
            base = parts[: len(parts) + 1 - node.level] + base
        elif base[0] == NAME:
            base = base[1:]
        else:
            continue
        found |= {_resolved([*base, alias.name]) or _resolved(base) for alias in node.names}
    return found - {""}


def _resolved(parts: list[str]) -> str:
    """Return the module that a dotted name is of, "" if the package has none of that name."""
    module, package = "/".join(parts), "/".join([*parts, INIT])
    return next((name for name in (module, package) if name and file_of(name).is_file()), "")


def _packages(module: str) -> list[str]:
    """Return the packages, as modules, that Python executes before a module."""
    parts = module.split("/")[:-1]
    return ["/".join([*parts[:depth], INIT]) for depth in range(len(parts) + 1)]


@lru_cache(maxsize=1024)
def _direct(module: str, package: Path, contents: str) -> tuple[frozenset[str], tuple[Path, ...]]:
    """Return what a module with these ``contents`` imports itself, and the files that it names.

    A file beside a module, or in a folder beside it, is its data if its name is a text in it.
    """
    path = file_of(module)
    text = path.read_text(encoding="utf-8")
    data = [file for file in data_files(package) if file.is_relative_to(path.parent)]
    named = tuple(file for file in data if f'"{file.name}"' in text or f"'{file.name}'" in text)
    return frozenset(imported(text, module)), named


@lru_cache(maxsize=8)
def data_files(package: Path) -> tuple[Path, ...]:
    """Return the files of the package that are no modules."""
    every = sorted(path for path in package.rglob("*") if path.is_file())
    return tuple(path for path in every if path.suffix not in (".py", ".pyc"))


@lru_cache(maxsize=1024)
def _does_something(module: str, path: Path, contents: str) -> bool:
    """Return whether a module is more than an ``__init__`` that only says what a package is for."""
    if module.rpartition("/")[2] != INIT:
        return True
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return len(tree.body) > (ast.get_docstring(tree) is not None)


@lru_cache(maxsize=256)
def _of_cells(path: Path, package: Path, contents: str) -> tuple[str, ...]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return tuple(sorted(imported("\n".join(code))))
