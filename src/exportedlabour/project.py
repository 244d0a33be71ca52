"""Where the project's files are, and the one kind of error that is a user's to mend."""

import os
from pathlib import Path


class InputError(Exception):
    """Something that a person gave is wrong; the message says what, where, and what to do.

    The command line prints these without a traceback and exits with code 1.
    """


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
