"""The package keeps to what other packages offer: no name of theirs that begins with an underscore,
and nothing of theirs put in another's place."""

import ast
from collections.abc import Iterator

import pytest

from exportedlabour import imports

FILES = sorted(imports.PACKAGE.rglob("*.py"))
# Documented by Python in spite of the underscore: of named tuples, and the end without a farewell.
OFFERED = {"_replace", "_asdict", "_fields", "_make", "_exit"}
BY_NAME = {"getattr", "setattr", "delattr", "hasattr"}


def is_private(name: str) -> bool:
    """Whether a name is its owner's alone."""
    return name.startswith("_") and not name.endswith("__") and name not in OFFERED


def foreign_names(tree: ast.AST) -> set[str]:
    """The names under which a module knows things of other packages."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {
                (alias.asname or alias.name).partition(".")[0]
                for alias in node.names
                if alias.name.partition(".")[0] != imports.NAME
            }
        elif isinstance(node, ast.ImportFrom) and not is_ours(node):
            found |= {alias.asname or alias.name for alias in node.names}
    return found


def is_ours(node: ast.ImportFrom) -> bool:
    """Whether something is imported from the package itself."""
    return node.level > 0 or (node.module or "").partition(".")[0] == imports.NAME


def own_names(trees) -> set[str]:
    """The private names that a module of ours gives to a function, class, variable or attribute."""
    found = set()
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.add(node.id)
            elif (
                isinstance(node, ast.Attribute)
                and isinstance(node.ctx, ast.Store)
                and isinstance(node.value, ast.Name)
                and node.value.id in ("self", "cls")
            ):
                found.add(node.attr)
    return {name for name in found if is_private(name)}


def root_of(node: ast.AST) -> str:
    """The name that a chain of attributes, calls and items begins with."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def offences(tree: ast.AST, own: set[str]) -> Iterator[tuple[int, str]]:
    """Lines in which a module takes what is private to another package, or replaces its parts."""
    foreign = foreign_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not is_ours(node):
            names = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
            if any(is_private(name) for name in names):
                yield node.lineno, ast.unparse(node)
        elif isinstance(node, ast.Import):
            if any(is_private(part) for alias in node.names for part in alias.name.split(".")):
                yield node.lineno, ast.unparse(node)
        elif isinstance(node, ast.Attribute):
            root = root_of(node.value)
            if is_private(node.attr) and root not in ("self", "cls"):
                if root in foreign or node.attr not in own:
                    yield node.lineno, ast.unparse(node)
            elif isinstance(node.ctx, ast.Store | ast.Del) and root in foreign:
                yield node.lineno, f"{ast.unparse(node)} = ..."
        elif isinstance(node, ast.Call) and root_of(node.func) in BY_NAME and len(node.args) > 1:
            root, name = root_of(node.args[0]), node.args[1]
            named = isinstance(name, ast.Constant) and isinstance(name.value, str)
            if (
                named
                and is_private(name.value)
                and (root in foreign or name.value not in own)
                or root_of(node.func) in ("setattr", "delattr")
                and root in foreign
            ):
                yield node.lineno, ast.unparse(node)


def test_the_package_uses_nothing_that_is_private_to_another():
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}
    own = own_names(trees.values())
    found = [
        f"{path.relative_to(imports.PACKAGE)}:{line}: {text}"
        for path, tree in trees.items()
        for line, text in offences(tree, own)
    ]
    assert len(trees) > 60 and found == []


@pytest.mark.parametrize(
    "line",
    [
        "from pytask_parallel import execute\nexecute._Sleeper = lambda: 1",
        "import multiprocessing\nmultiprocessing.current_process()._config['daemon'] = False",
        "import multiprocessing as m\nm.current_process()._config",
        "from sphinx.environment import _private",
        "import sphinx._cli",
        "from sphinx._cli import main",
        "import pytask\npytask.console.quiet = True",
        "def f(app):\n    app._setting_up_extension = []",
        "import numpy as np\nsetattr(np, 'array', list)",
        "def f(app):\n    return getattr(app, '_events')",
        "from papermill import engines\nengines.nbclient_execute = None",
        "from multiprocessing import forkserver\nforkserver._forkserver._mine",
    ],
)
def test_one_that_is_planted_is_found(line):
    assert list(offences(ast.parse(line), {"_mine"}))


@pytest.mark.parametrize(
    "line",
    [
        "class A:\n    def f(self):\n        return self._secret",
        "def f(row):\n    return row._replace(a=1)",
        "import os\nos._exit(1)\nos.environ['A'] = 'b'",
        "import matplotlib as mpl\nmpl.rcParams['a'] = 1",
        "from . import other\nother._mine(1)",
        "from exportedlabour.money import it\nit._mine",
        "import numpy as np\nnp.__version__",
    ],
)
def test_what_is_offered_or_our_own_is_left(line):
    assert list(offences(ast.parse(line), {"_mine"})) == []
