"""A book in which one assumption about money was changed: how long it takes, beside all steps of
the book and beside the machine.

    exlab build && python benchmarks/one_assumption.py

It works on a copy of this checkout, with what was built; the book has to be up to date. Anything
that runs beside it spoils the seconds, and so does a slow machine: the seconds of a loop say how
fast this one was just then.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from exportedlabour import project

ASSUMPTION, BY = "months_paid_share", 0.02
ADDITIONS = 20_000_000


def build(root: Path) -> str:
    """Build the book of the checkout at ``root``; return what was said of it."""
    environment = os.environ | {"PYTHONPATH": str(root / "src"), "EXLAB_ROOT": str(root)}
    done = subprocess.run(
        [sys.executable, "-m", "exportedlabour.cli", "build"],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return done.stdout


def additions() -> float:
    """Return the seconds that a loop of ``ADDITIONS`` takes."""
    began, total = time.monotonic(), 0
    for i in range(ADDITIONS):
        total += i
    return time.monotonic() - began


def main() -> None:
    """Change the assumption, there and back, and print what each build took."""
    here = project.find_root()
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "book"
        subprocess.run(["git", "clone", "--quiet", str(here), str(root)], check=True)
        shutil.copytree(here / "build" / "baseline", root / "build" / "baseline")
        (
            root / "build" / "baseline" / "steps" / "book.json"
        ).unlink()  # pages that were made elsewhere are no use here
        if " 1 steps ran" not in (said := build(root)):
            sys.exit(
                f"The book is not up to date: run exlab build, with all changes committed.\n{said}"
            )
        path = root / "scenarios" / "baseline.yml"
        for step in (-BY, BY):
            text = path.read_text(encoding="utf-8")
            value = re.search(rf"^{ASSUMPTION}: \{{value: ([\d.]+)", text, re.MULTILINE)
            text = text[: value.start(1)] + f"{float(value[1]) + step:g}" + text[value.end(1) :]
            path.write_text(text, encoding="utf-8")
            began = time.monotonic()
            ran = re.search(r"(\d+) steps ran", build(root))[1]
            took = time.monotonic() - began
            print(
                f"{ASSUMPTION} changed by {step:+g}: {took:.0f} s, {ran} steps ran; {ADDITIONS:,}"
                f" additions in Python: {additions():.1f} s"
            )
        whole = sum(
            json.loads(record.read_text(encoding="utf-8"))["seconds"]
            for record in (root / "build" / "baseline" / "steps").glob("*.json")
        )
    print(f"all steps of the book, each as it last ran, one after another: {whole:.0f} s")


if __name__ == "__main__":
    main()
