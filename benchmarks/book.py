"""This project's build beside plain Jupyter Book, which executes the same notebooks itself.

    python benchmarks/book.py [--only ours|plain] [--row ROW] [--runs 3] [--markdown README.md]

Whole processes are timed, from the command to its end, in four rows: ``cold`` (nothing is built;
the environment is in place), ``money`` (one assumption about money is changed), ``workers`` (one
about workers) and ``nothing``. Each row of ours is run ``--runs`` times, and its median counts.

Plain Jupyter Book has the same prose and the same notebooks, one for every host included. What it
cannot do by itself is prepared and not timed: the parameters are injected into each notebook, and
the results that a notebook reads are there before it runs. Its pages are not worked on any further.
It executes one notebook after another (``execute_notebooks: force``). It runs once, and what it
took from nothing stands for a changed assumption too. It knows neither which notebook reads what
another one makes, nor the data, the scenarios and the package; its cache (``execute_notebooks:
cache``, here ``--execute cache``) has the code of the cells as its key and knows them no better. So
``jupyter-book build --all`` is all that surely leaves no old number. Where nothing changed, neither
mode executes anything.

The checkout is never written to: both build in copies of its last commit, in a temporary folder, or
in the one that ``--keep`` names and leaves. Anything that runs beside it spoils the seconds.
"""

import argparse
import importlib.metadata
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import yaml
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

from exportedlabour import project
from exportedlabour.assumptions import scenario
from exportedlabour.build.step import Step, at, read_steps, settings_of
from exportedlabour.build.warm_parent import ONE_THREAD

ROWS = {
    "cold": "from nothing, with the environment in place",
    "money": "one assumption about money changed",
    "workers": "one assumption about workers changed",
    "nothing": "nothing changed",
}
CHANGED = {"money": ("months_paid_share", 0.02), "workers": ("no_data_presence", 0.02)}
NOT_OURS = shutil.ignore_patterns("build", ".git", ".venv", ".tools", "__pycache__", ".*_cache")
BUSY = 0.3  # load of the last minute, in processors, above which seconds are not to be trusted
ADDITIONS = 20_000_000
START, END = "<!-- made by benchmarks/book.py -->", "<!-- end -->"  # around the table of the README


def copied(here: Path, root: Path) -> Path:
    """Copy the last commit of the checkout ``here``, or all of it where there is no git; return
    ``root``."""
    if (here / ".git").exists():
        subprocess.run(["git", "clone", "--quiet", str(here), str(root)], check=True)
    else:
        shutil.copytree(here, root, ignore=NOT_OURS)
    return root


def run(root: Path, *command: str) -> tuple[float, str]:
    """Run a program on the copy at ``root``; return the seconds that it took and what it said.

    Raises
    ------
    SystemExit
        With what it said, if it failed.
    """
    # The threads and the plots of plain Jupyter Book are those that our build asks for.
    environment = os.environ | ONE_THREAD | {"EXLAB_ROOT": str(root), "MPLBACKEND": "agg"}
    if (root / "src").is_dir():
        environment["PYTHONPATH"] = str(root / "src")
    began = time.monotonic()
    done = subprocess.run(
        command,
        cwd=root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )
    took = time.monotonic() - began
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout[-4000:]}")
    return took, done.stdout


# --- ours -----------------------------------------------------------------------------------------


def build(root: Path, *options: str) -> tuple[float, int]:
    """Build our book in the copy at ``root``; return the seconds and how many steps ran."""
    took, said = run(root, sys.executable, "-m", "exportedlabour.cli", "build", *options)
    return took, int(re.findall(r"(\d+) steps ran", said)[-1])


def change(root: Path, name: str, by: float) -> None:
    """Add ``by`` to an assumption of the baseline in the copy at ``root``."""
    path = root / "scenarios" / "baseline.yml"
    text = path.read_text(encoding="utf-8")
    value = re.search(rf"^{name}: \{{value: ([\d.]+)", text, re.MULTILINE)
    changed = f"{float(value[1]) + by:g}"
    path.write_text(text[: value.start(1)] + changed + text[value.end(1) :], encoding="utf-8")


def ours(root: Path, rows: list[str], runs: int, kept: Path) -> dict[str, list[float]]:
    """Return the seconds of each run of our build, by row; tell how many steps each ran.

    What was made from nothing is copied to ``kept`` before anything is changed.
    """
    seconds: dict[str, list[float]] = {row: [] for row in rows}

    def timed(row: str) -> None:
        took, steps = build(root)
        seconds[row].append(took)
        print(f"ours, {row}: {took:.1f} s, {steps} steps ran", flush=True)

    for _ in range(runs if "cold" in rows else 0):
        shutil.rmtree(root / "build", ignore_errors=True)
        timed("cold")
    if "cold" not in rows:
        build(root)
    shutil.copytree(root / "build" / scenario.BASELINE / "results", kept)
    for row in (row for row in CHANGED if row in rows):
        name, by = CHANGED[row]
        for number in range(runs):  # there and back again
            change(root, name, -by if number % 2 == 0 else by)
            timed(row)
    for _ in range(runs if "nothing" in rows else 0):
        timed("nothing")
    return seconds


# --- plain Jupyter Book ---------------------------------------------------------------------------


def parameterised(root: Path, step: Step) -> nbformat.NotebookNode:
    """Return the notebook of a step without outputs, with the parameters that our build gives
    it."""
    found = at(root)
    places = {"data_dir": "data", "results_dir": found.results.relative_to(root).as_posix()}
    stored = load_notebook_node(str(root / "notebooks" / f"{step.notebook}.ipynb"))
    ready = parameterize_notebook(stored, settings_of(found, step) | places)
    ready.metadata.pop("papermill", None)
    for cell in ready.cells:
        cell.metadata.pop("papermill", None)
    return ready


def prepare(root: Path, execute: str) -> tuple[Path, int]:
    """Write the sources of a plain Jupyter Book into the copy at ``root``; return their folder and
    the number of notebooks.

    It has the prose as it stands, the names of numbers included, and no page that our build
    generates.
    """
    pages = root / "plain"
    shutil.copytree(root / "book", pages)
    shutil.copy2(root / "data" / "sources.bib", pages)
    (pages / "notebooks").mkdir()
    steps = [step for step in read_steps(root, alternative=False).values() if step.notebook]
    for step in steps:
        nbformat.write(parameterised(root, step), pages / "notebooks" / f"{step.page}.ipynb")
    contents = _contents(root, pages, steps)
    (pages / "_toc.yml").write_text(yaml.safe_dump(contents, sort_keys=False), encoding="utf-8")
    own = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    config = {
        **{name: own[name] for name in ("title", "author", "parse", "bibtex_bibfiles")},
        "only_build_toc_files": True,
        "execute": {"execute_notebooks": execute, "timeout": -1},
        "sphinx": {"config": {"nb_execution_raise_on_error": True}},
    }
    (pages / "_config.yml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    return pages, len(steps)


def _contents(root: Path, pages: Path, steps: list[Step]) -> dict:
    """Return the contents of the book: its own, without pages that are not there, with the host
    pages and at the end the notebooks that only lend their plots."""

    def there(name: str) -> bool:
        return any((pages / f"{name}{suffix}").is_file() for suffix in (".md", ".ipynb"))

    contents = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    for part in contents["parts"]:
        part["chapters"] = [page for page in part["chapters"] if there(page["file"])]
    chapters = [page for part in contents["parts"] for page in part["chapters"]]
    hosts = [{"file": f"notebooks/{step.page}"} for step in steps if step.parameters]
    for page in chapters:
        if page["file"] == "notebooks/hosts" and hosts:
            page["sections"] = hosts
    listed = {page["file"] for page in (*chapters, *hosts)}
    names = [f"notebooks/{step.page}" for step in steps]
    rest = [{"file": name} for name in names if name not in listed]
    contents["parts"].append({"caption": "Not among the chapters", "chapters": rest})
    contents["parts"] = [part for part in contents["parts"] if part["chapters"]]
    return contents


def jupyter_book(root: Path, pages: Path, *options: str) -> tuple[float, int]:
    """Let Jupyter Book build ``pages``; return the seconds and how many notebooks it executed."""
    program = "from jupyter_book.cli.main import main; main()"
    took, said = run(root, sys.executable, "-c", program, "build", str(pages), *options)
    return took, len(re.findall(r"Executed notebook in", said))


def plain(root: Path, rows: list[str], execute: str) -> dict[str, list[float]]:
    """Return the seconds of plain Jupyter Book by row; the copy at ``root`` has its results."""
    pages, count = prepare(root, execute)
    took, executed = jupyter_book(root, pages, "--all")
    print(f"plain Jupyter Book, cold: {took:.1f} s, {executed} notebooks executed", flush=True)
    if executed != count:
        sys.exit(f"it executed {executed} of {count} notebooks; the comparison would not be fair")
    seconds = {row: [took] for row in rows if row != "nothing"}
    if "nothing" in rows:
        took, executed = jupyter_book(root, pages)
        print(f"plain Jupyter Book, nothing: {took:.1f} s, {executed} notebooks executed")
        seconds["nothing"] = [took]
    return seconds


# --- what is told ---------------------------------------------------------------------------------


def table(seconds: dict[str, dict[str, list[float]]]) -> str:
    """Return the medians of ours and of plain Jupyter Book, and their ratios, as a Markdown table;
    ``seconds`` by contestant and row."""
    lines = ["| | this project | plain Jupyter Book | ratio |", "|---|---:|---:|---:|"]
    for row, meaning in ROWS.items():
        both = [seconds.get(who, {}).get(row) for who in ("ours", "plain")]
        if any(both):
            told = ["" if not each else _told(statistics.median(each)) for each in both]
            mine, other = (statistics.median(each) if each else None for each in both)
            ratio = f"{other / mine:.1f}" if mine and other else ""
            lines.append(f"| {meaning} | {told[0]} | {told[1]} | {ratio} |")
    return "\n".join(lines)


def _told(took: float) -> str:
    return f"{took:.0f} s" if took >= 10 else f"{took:.1f} s"


def machine() -> str:
    """Return in a sentence what this runs on: processors, system, versions, and how fast a loop
    is."""
    began, total = time.monotonic(), 0
    for i in range(ADDITIONS):
        total += i
    loop = time.monotonic() - began
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # only Linux has it
        cores = os.cpu_count()
    version = importlib.metadata.version("jupyter-book")
    return (
        f"{cores} cores, {platform.system()} {platform.machine()}, Python"
        f" {platform.python_version()}, Jupyter Book {version};"
        f" {ADDITIONS:,} additions in Python took {loop:.1f} s."
    )


def load() -> float | None:
    """Return the load of the last minute, in processors; None where the system does not tell."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def write_into(path: Path, text: str) -> None:
    """Put ``text`` between the two marks of a Markdown file.

    Raises
    ------
    SystemExit
        If the file has not these marks.
    """
    whole = path.read_text(encoding="utf-8")
    before, start, rest = whole.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        sys.exit(f"{path} has no place for the table: a line {START} and, below it, {END}")
    path.write_text(f"{before}{start}\n{text}\n{end}{after}", encoding="utf-8")


def arguments(given: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--only", choices=("ours", "plain"), help="measure one of the two")
    parser.add_argument(
        "--row", choices=list(ROWS), action="append", help="only this row; can be given again"
    )
    parser.add_argument("--runs", type=int, default=3, help="of each row of ours (default: 3)")
    parser.add_argument("--execute", choices=("force", "cache"), default="force")
    parser.add_argument("--keep", type=Path, help="build in this new folder, and leave it")
    parser.add_argument("--markdown", type=Path, help="write the table into this file as well")
    return parser.parse_args(given)


def main(given: list[str] | None = None) -> None:
    """Measure what is asked for, and print it with the ratios."""
    asked = arguments(given)
    here, rows = project.find_root(), [row for row in ROWS if row in (asked.row or ROWS)]
    if (here / ".git").exists():
        differs = ["git", "status", "--porcelain", "--untracked-files=no"]
        if subprocess.run(differs, cwd=here, capture_output=True, check=False).stdout.strip():
            print("What is not committed is not measured.")
    print(about := machine())
    if (before := load()) is not None:
        print(f"load before: {before:.2f}{'; something else is running' * (before > BUSY)}")
    with tempfile.TemporaryDirectory() as temporary:
        place = asked.keep.resolve() if asked.keep else Path(temporary)
        place.mkdir(parents=True, exist_ok=True)
        mine, other = copied(here, place / "ours"), copied(here, place / "plain")
        results = other / "build" / scenario.BASELINE / "results"
        seconds = {}
        if asked.only != "plain":
            seconds["ours"] = ours(mine, rows, asked.runs, results)
        else:
            build(mine, "--only", "results")
            shutil.copytree(mine / "build" / scenario.BASELINE / "results", results)
        if asked.only != "ours":
            seconds["plain"] = plain(other, rows, asked.execute)
        if asked.keep:
            (place / "seconds.json").write_text(json.dumps(seconds, indent=1), encoding="utf-8")
    print(f"\n{(made := table(seconds))}")
    if asked.markdown:
        write_into(asked.markdown, f"{made}\n\n{about}")


if __name__ == "__main__":
    main()
