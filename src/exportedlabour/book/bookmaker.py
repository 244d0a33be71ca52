"""Jupyter Book in a process of its own, which does its imports while the pages are staged and then
waits to be told what to build.

Sphinx keeps state, and a crash must not take a build along. It fetches nothing. Run as ``python -m
exportedlabour.book.bookmaker``; the arguments of ``jupyter-book`` come as a line of JSON.
"""

import contextlib
import gc
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

# Modules that Jupyter Book imports for this book; here they are imported early.
EARLY = (
    "jupyter_book.cli.main",
    "jupyter_book.sphinx",
    "sphinx.builders.html",
    "sphinx.builders.singlehtml",
    "myst_nb.sphinx_ext",
    "nbclient",
    "sphinx_book_theme",
    "pydata_sphinx_theme",
    "sphinx_design.extension",
    "sphinx_jupyterbook_latex",
    "sphinx_multitoc_numbering",
    "sphinx_external_toc",
    "sphinx_togglebutton",
    "sphinx_copybutton",
    "sphinx_thebe",
    "sphinx_comments",
    "sphinxcontrib.bibtex",
    "sphinx.ext.intersphinx",
    "sphinx.ext.mathjax",
    "docutils.parsers.rst.directives.images",
    "exportedlabour.book.parallel_pages",
    "exportedlabour.book.shared_parts",
    "exportedlabour.book.shown_elsewhere",
    "exportedlabour.book.safe_titles",
    "exportedlabour.book.mathml",
)


@contextlib.contextmanager
def started() -> Iterator[subprocess.Popen]:
    """Start Jupyter Book, for ``build``; if it is not asked to build anything it ends with the
    block."""
    process = subprocess.Popen(
        [sys.executable, "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONUTF8": "1", "NO_COLOR": "1", "MPLBACKEND": "agg"},
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def build(process: subprocess.Popen, folder: Path, place: Path, builder: str) -> tuple[int, str]:
    """Let a ``started`` Jupyter Book build a folder of sources into ``place``; return its exit code
    and what it said."""
    told = [
        "build",
        str(folder),
        "--path-output",
        str(place),
        "--builder",
        builder,
        "-W",
        "-n",
        "--keep-going",
    ]
    said, _ = process.communicate(json.dumps(told) + "\n")
    return process.returncode, said


def main() -> None:
    """Do the imports, wait for the arguments on standard input, and run Jupyter Book."""
    from sphinx.application import builtin_extensions

    gc.disable()  # imports stay in memory, so that the collector need not look at them
    for name in (*EARLY, *builtin_extensions):
        with contextlib.suppress(ImportError):
            import_module(name)
    gc.freeze()
    gc.enable()
    told = sys.stdin.readline()
    if told:
        sys.argv = ["jupyter-book", *json.loads(told)]
        try:
            import_module("jupyter_book.cli.main").main()
        finally:
            gc.freeze()


if __name__ == "__main__":
    main()
