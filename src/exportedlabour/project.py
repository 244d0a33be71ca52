"""Where the project's files are, what is in them, and the one kind of error that is a user's to
mend."""

import hashlib
import os
from functools import cache
from pathlib import Path

import yaml


class InputError(Exception):
    """Something that a person gave is wrong; the message says what, where, and what to do.

    The command line prints these without a traceback and exits with code 1; so does a notebook.
    """

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows of the error: the message alone, for the way through the code
        helps nobody to mend it."""
        return [f"{type(self).__name__}: {self}"]


def find_root(start: Path | None = None) -> Path:
    """Return the project folder: the nearest folder at or above ``start`` with a pipeline.yml.

    Notebooks are opened from notebooks/, the command line from anywhere below the root.

    Raises
    ------
    InputError
        If no folder above ``start`` is a checkout of the project.
    """
    start = Path(start or os.environ.get("EXLAB_ROOT") or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / "pipeline.yml").is_file() and (folder / "scenarios").is_dir():
            return folder
    raise InputError(
        f"{start} is not inside a copy of the project: no folder above it has pipeline.yml "
        "and scenarios/. Change to the folder that you cloned and try again."
    )


def resolve(path: str | Path, root: Path | None = None) -> Path:
    """Return ``path`` as absolute, reading a relative one from the project folder."""
    path = Path(path)
    return path if path.is_absolute() else (root or find_root()) / path


def needed(results: Path, name: str) -> Path:
    """Return a file of the results that a notebook reads.

    Raises
    ------
    InputError
        If it is not there, with the step of pipeline.yml that makes it and the command to run.
    """
    path = results / name
    if path.is_file():
        return path
    root = find_root()
    shown = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
    steps = yaml.safe_load((root / "pipeline.yml").read_text(encoding="utf-8"))["steps"]
    maker = next((step for step, fields in steps.items() if name in fields["outputs"]), None)
    if maker is None:
        raise InputError(
            f"{shown} is missing, and no step of pipeline.yml makes a file of that name; see"
            " outputs there."
        )
    scenario, _, other_ledger = (
        results.parent.name.partition("@")
        if results.parent.parent == root / "build"
        else ("baseline", "", "")
    )
    options = ("" if scenario == "baseline" else f" --scenario {scenario}") + (
        " --data DIR, where DIR is the ledger" if other_ledger else ""
    )
    raise InputError(
        f"{shown} is missing, which this notebook reads. The step {maker} of pipeline.yml makes it;"
        " in the folder of the project, this command makes all results: exlab build --only"
        f" results{options}"
    )


def content_hash(path: Path) -> str:
    """Return the hash of a file; one that did not change since this process read it is not read
    again."""
    now = path.stat()
    return _hash_of(path, now.st_mtime_ns, now.st_size)


@cache
def _hash_of(path: Path, changed: int, size: int) -> str:
    """Return the hash of a file that was ``changed`` then, in nanoseconds."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
