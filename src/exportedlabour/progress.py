"""One line of progress, to whoever watches: the build, or the notebook's reader."""

import os
from pathlib import Path

VARIABLE = "EXLAB_PROGRESS"


def say(text: str) -> None:
    """Tell how far long work is: to the file that the build watches, or else to standard output."""
    target = os.environ.get(VARIABLE)
    if target:
        with Path(target).open("a", encoding="utf-8") as file:
            file.write(text + "\n")
    else:
        print(text, flush=True)
