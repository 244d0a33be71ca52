"""Runs the steps of pipeline.yml: what each depends on, one step, and all that changed.

What runs is decided by content: a step leaves a record of what it read and made, and runs where
that is no longer so; ``schedule`` runs what does in its order, several at once. Every notebook runs
in a process of its own and in a temporary folder, sees only the inputs that it declares, and its
outputs are moved into place when all of them are there.

The decision is made here and not by pytask, whose database was measured on an unchanged build of
the 111 steps (3,084 files and values, pytask 0.6.0, December 2026): 2.5 s of processor time and 0.4
s to import it, against 0.2 s here; and 7 s to write it the first time. A command line that says
"nothing has changed" would take twice as long.
"""

import hashlib
import importlib
import json
import os
import platform
import resource
import shutil
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import nbformat

from .. import imports, progress
from ..assumptions import scenario
from ..project import InputError, content_hash
from . import kernels, origin, schedule, warm_parent
from . import record as build_record
from .step import (
    BOOK,
    Build,
    Step,
    code_of,
    committed,
    ledger_part,
    numbers_of,
    read_steps,
    settings_of,
)

KERNEL = "python3"
LONG = 9.0  # seconds of a step that has not run yet


def dependencies(
    build: Build, step: Step, producers: dict[str, Step]
) -> tuple[list[Path], dict[str, Any]]:
    """Return the files and the values on which a step depends."""
    files = code_of(build.root, step)
    # Such a step says whether committed refits are of the present code, so it reads that code too.
    steps = {other.id: other for other in producers.values()}
    for name in step.refits:
        files += code_of(build.root, steps[name]) if name in steps else []
    if step.notebook:
        files.append(build.root / "notebooks" / f"{step.notebook}.ipynb")
    files += [build.results / name for name in _expand(step.inputs, producers)]
    files += [build.baseline().results / name for name in step.baseline_inputs]
    files += committed(build.root, step.committed)
    if step.function == BOOK:
        files += sorted(path for path in (build.root / "book").rglob("*") if path.is_file())
        files += [build.root / "_config.yml", build.root / "_toc.yml", *build.scenario.files]
        files += sorted(
            path for path in (build.root / build_record.PUBLISHED).glob("*") if path.is_file()
        )
        files += [
            build.notebooks / f"{other.page}.ipynb"
            for other in producers.values()
            if other.notebook
        ]
    values = {
        "parameters": settings_of(build, step),
        "ledger": ledger_part(build, step),
        "libraries": build_record.libraries(),
        "python": platform.python_version(),
        "commit": origin.commit(build.root) if step.function == BOOK else "",
        "scenario": (
            [build.scenario.title, build.scenario.description]
            if step.function == BOOK or step.baseline_inputs
            else ""
        ),
    }
    return list(dict.fromkeys(files)), values


def _expand(inputs: tuple[str, ...], producers: dict[str, Step]) -> list[str]:
    names = []
    for name in inputs:
        if name.endswith("/*"):
            names += [output for output in producers if output.startswith(name[:-1])]
        else:
            names.append(name)
    return names


def products(build: Build, step: Step) -> list[Path]:
    """Return the files that a step makes."""
    made = [build.results / name for name in step.outputs]
    if step.notebook:
        made.append(build.notebooks / f"{step.page}.ipynb")
    if step.function == BOOK:
        made.append(build.folder / "html" / "index.html")
    return made


# --- running one step -----------------------------------------------------------------------------


def run_step(build: Build, step: Step, steps: dict[str, Step], say=print) -> None:
    """Run one step in a temporary folder and move what it made into place.

    ``say`` is called with each line of progress that the step reports.

    Raises
    ------
    InputError
        If an input is missing, the notebook fails (named with its cell and error), or an output was
        not made.
    """
    producers = {output: other for other in steps.values() for output in other.outputs}
    files, values = dependencies(build, step, producers)
    key = _key(build, files, values)
    if _adopt(build, step, key, say):
        return
    began = time.monotonic()
    (build.folder / "tmp").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=build.folder / "tmp", prefix=f"{step.id}-") as name:
        place = Path(name)
        results = place / "results"
        results.mkdir()
        for source, inside in [
            *((build.results / n, results / n) for n in _expand(step.inputs, producers)),
            *((build.baseline().results / n, place / "baseline" / n) for n in step.baseline_inputs),
        ]:
            if not source.is_file():
                raise InputError(
                    f"step {step.id}: its input {_shown(source, build)} is missing; run exlab"
                    " build."
                )
            inside.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, inside)
        memory = 0
        if step.notebook:
            memory = _run_notebook(build, step, place, results, say)
            into_place = {place / "executed.ipynb": build.notebooks / f"{step.page}.ipynb"}
        else:
            module, function = step.function.split(".")
            getattr(
                importlib.import_module(f"exportedlabour.{module.replace('/', '.')}"), function
            )(build, step, place, results, steps)
            into_place = {}
        if ledger_part(build, step) != values["ledger"]:
            raise InputError(
                f"step {step.id}: the ledger was changed while it ran, so its result is thrown"
                " away. Run exlab build again."
            )
        missing = [name for name in step.outputs if not (results / name).is_file()]
        if missing:
            raise InputError(f"step {step.id} did not make {', '.join(missing)}.")
        into_place |= {results / name: build.results / name for name in step.outputs}
        for source, target in into_place.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(source, target)
    _write_sidecar(
        build, step, key, values, files, time.monotonic() - began, memory or _own_memory()
    )


def _key(build: Build, files: list[Path], values: dict[str, Any]) -> str:
    states = {_shown(path, build): content_hash(path) for path in files if path.is_file()}
    # The name of the scenario's folder must not matter, so that another scenario has the same key.
    states = {
        name.replace(f"build/{build.folder.name}/", "build/*/"): state
        for name, state in states.items()
    }
    return hashlib.sha256(
        json.dumps([states, values], sort_keys=True, default=str).encode()
    ).hexdigest()


def _shown(path: Path, build: Build) -> str:
    """Return a file's place in the project or in the ledger.

    So no record names a folder of this machine.
    """
    package = imports.PACKAGE
    places = ((build.root, ""), (build.data, f"{build.data.name}/"), (package, f"{package.name}/"))
    for base, name in places:
        if path.is_relative_to(base):
            return name + path.relative_to(base).as_posix()
    return path.name


def _adopt(build: Build, step: Step, key: str, say) -> bool:
    """Copy the outputs of the same step of another scenario if it read exactly the same.

    Return whether there was one.
    """
    if step.function == BOOK or step.baseline_inputs or build.fresh:
        return False
    for sidecar in sorted((build.root / "build").glob(f"*/steps/{step.id}.json")):
        other = sidecar.parent.parent
        record = json.loads(sidecar.read_text(encoding="utf-8"))
        if other == build.folder or record["key"] != key:
            continue
        pairs = [
            (other / name, build.folder / name, state) for name, state in record["outputs"].items()
        ]
        if all(source.is_file() and content_hash(source) == state for source, _, state in pairs):
            for source, target, _ in pairs:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target.with_name(target.name + ".new"))
                os.replace(target.with_name(target.name + ".new"), target)
            _write_json(
                build.folder / "steps" / sidecar.name, record | {"data": build.ledger_named()}
            )
            say(f"same as in {other.name}, taken from there")
            return True
    return False


def _run_notebook(build: Build, step: Step, place: Path, results: Path, say) -> int:
    """Execute a step's notebook with papermill.

    Return the peak memory of its kernel in megabytes, 0 if it is not known.
    """
    import papermill
    from papermill.exceptions import PapermillExecutionError

    parameters = settings_of(build, step) | {
        "data_dir": (
            (
                build.data.relative_to(build.root)
                if build.data.is_relative_to(build.root)
                else build.data
            ).as_posix()
        ),
        "results_dir": results.relative_to(build.root).as_posix(),
    }
    if step.baseline_inputs:
        parameters |= {
            "baseline_dir": (place / "baseline").relative_to(build.root).as_posix(),
            "title": build.scenario.title,
            "description": build.scenario.description,
            "changes": {
                name: [was, build.scenario.settings[name]]
                for name, was in build.baseline().scenario.settings.items()
                if was != build.scenario.settings[name]
            },
        }
    source = build.root / "notebooks" / f"{step.notebook}.ipynb"
    target = place / "executed.ipynb"
    memory = place / "memory.txt"
    with _watched(place / "progress.txt", say):
        environment = (
            os.environ
            | warm_parent.ONE_THREAD
            | {
                progress.VARIABLE: str(place / "progress.txt"),
                kernels.MEMORY: str(memory),
                "MPLBACKEND": "agg",
            }
        )
        try:
            papermill.execute_notebook(
                str(source),
                str(target),
                parameters=parameters,
                kernel_name=KERNEL,
                engine_name=kernels.NAME,
                kernel_env=environment,
                kernel_folder=str(build.root),
                progress_bar=False,
                log_output=False,
                request_save_on_cell_execute=False,
            )
        except PapermillExecutionError as error:
            kept = build.folder / "failed" / f"{step.page}.ipynb"
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(target, kept)
            what = (
                error.evalue.strip()
                if error.ename in ("InputError", "PoorFit")
                else f"{error.ename}: {error.evalue.strip()}"
            )
            raise InputError(
                f"notebooks/{step.notebook}.ipynb, cell {error.cell_index + 1}: {what}\n"
                f"The notebook up to there is kept as {_shown(kept, build)}."
            ) from None
    places = {parameters["results_dir"]: _shown(build.results, build)}
    if step.baseline_inputs:
        places[parameters["baseline_dir"]] = _shown(build.baseline().results, build)
    _settle(target, places)
    return int(memory.read_text(encoding="utf-8")) if memory.is_file() else 0


def _settle(path: Path, places: dict[str, str]) -> None:
    """Remove times, random ids and temporary places from an executed notebook.

    So equal runs give equal files.
    """
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.pop("papermill", None)
    for number, cell in enumerate(notebook.cells):
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        cell["id"] = f"cell-{number}"
    text = nbformat.writes(notebook)
    for temporary, final in places.items():
        text = text.replace(temporary, final)
    path.write_text(text + "\n", encoding="utf-8")


class _watched:
    """Report the progress that a notebook writes to a file while it runs."""

    def __init__(self, path: Path, say):
        self.path, self.say, self.done = path, say, threading.Event()

    def __enter__(self):
        self.path.touch()
        self.thread = threading.Thread(target=self._follow, daemon=True)
        self.thread.start()

    def _follow(self):
        seen = 0
        while True:
            last = self.done.wait(0.5)
            lines = self.path.read_text(encoding="utf-8").splitlines()
            for line in lines[seen:]:
                self.say(line)
            seen = len(lines)
            if last:
                return

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()


def _own_memory() -> int:
    """Return the peak memory of this process and of its ended children, in megabytes."""
    return round(
        max(
            resource.getrusage(who).ru_maxrss
            for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )
        / 1024
    )


def _write_sidecar(
    build: Build, step: Step, key: str, values, files: list[Path], seconds: float, memory: int
) -> None:
    record = {
        "step": step.id,
        "key": key,
        "inputs": {_shown(path, build): content_hash(path) for path in files if path.is_file()},
        "parameters": values["parameters"],
        "ledger": values["ledger"],
        "data": build.ledger_named(),
        "libraries": values["libraries"],
        "python": values["python"],
        "platform": build_record.machine(),
        "seconds": round(seconds, 1),
        "peak_megabytes": memory,
        "outputs": {
            path.relative_to(build.folder).as_posix(): content_hash(path)
            for path in products(build, step)
            if path.is_file()
        },
    }
    _write_json(build.folder / "steps" / f"{step.id}.json", record)


def _write_json(path: Path, record: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps(record, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def build_fresh(root: Path, *, jobs: int = 2, say=print) -> Path:
    """Build the results of the baseline from nothing, in a folder of their own.

    Return the folder.
    """
    build = Build(root, scenario.load(scenario.BASELINE, root), root / "data", fresh=True)
    shutil.rmtree(build.folder, ignore_errors=True)
    return build_all(build, only_results=True, jobs=jobs, say=say)


# --- building all that changed --------------------------------------------------------------------


def build_all(
    build: Build,
    *,
    only_results: bool = False,
    only: tuple[str, ...] = (),
    jobs: int = 2,
    say=print,
) -> Path:
    """Run every step whose inputs, parameters, code or libraries changed.

    ``only_results`` leaves out the pages. ``only`` names the steps to run instead of all, in the
    baseline too. Return the folder of the build.

    Raises
    ------
    InputError
        With the message of each step that failed; the last good book is left as it was.
    """
    steps = read_steps(
        build.root, alternative=build.scenario.name != scenario.BASELINE, data=build.data
    )
    _clear(build, steps)
    if only_results:
        steps = numbers_of(steps)
    if only:
        steps = {name: step for name, step in steps.items() if name in only}
    if build.scenario.name != scenario.BASELINE:
        build_all(build.baseline(), only_results=True, only=only, jobs=jobs, say=say)
    say(f"scenario {build.scenario.name}: {len(steps)} steps")
    began = time.monotonic()
    shutil.rmtree(build.folder / "tmp", ignore_errors=True)
    build_record.write_ledger_state(build.data, build.folder)
    outcome = _Outcome(say)
    blocked = _run_all(build, steps, _would_run(build, steps), outcome, jobs)
    reused = [
        name
        for name in steps
        if name not in outcome.seconds and name not in outcome.failures and name not in blocked
    ]
    if reused:
        say(f"  reused  {len(reused)}: {', '.join(reused)}")
    total = time.monotonic() - began
    if outcome.failures:
        raise InputError(
            "\n".join(
                f"step {name} failed. {message}" for name, message in outcome.failures.items()
            )
        )
    say(
        f"scenario {build.scenario.name}: {len(outcome.seconds)} steps ran, {len(reused)} reused,"
        f" {total:.0f} s"
    )
    return build.folder


def _clear(build: Build, steps: dict[str, Step]) -> None:
    """Remove the outputs of steps that no longer exist.

    Such are the page of a host that no figure names any more, or money after the last wage has
    gone.
    """
    for sidecar in sorted((build.folder / "steps").glob("*.json")):
        if sidecar.stem not in steps:
            for name in json.loads(sidecar.read_text(encoding="utf-8"))["outputs"]:
                (build.folder / name).unlink(missing_ok=True)
            sidecar.unlink()


def plan(build: Build) -> list[str]:
    """Return the steps that a build would run, without running any."""
    return _would_run(
        build,
        read_steps(
            build.root, alternative=build.scenario.name != scenario.BASELINE, data=build.data
        ),
    )


def _would_run(build: Build, steps: dict[str, Step]) -> list[str]:
    """Return the steps that changed, and the steps that come after one of these."""
    producers = {output: other for other in steps.values() for output in other.outputs}
    changed, made_anew = [], set()
    for step in steps.values():  # in their order: a step reads outputs of earlier ones
        files, values = dependencies(build, step, producers)
        if not made_anew.isdisjoint(files) or not _stands(build, step, _key(build, files, values)):
            changed.append(step.id)
            made_anew.update(products(build, step))
    return changed


def _stands(build: Build, step: Step, key: str) -> bool:
    """Return whether the outputs of a step are still right.

    Its record must have this ``key``, and every output must be there and unchanged.
    """
    path = build.folder / "steps" / f"{step.id}.json"
    if not path.is_file():
        return False
    record = json.loads(path.read_text(encoding="utf-8"))
    made = {
        product.relative_to(build.folder).as_posix(): product for product in products(build, step)
    }
    return record["key"] == key and all(
        product.is_file() and content_hash(product) == record["outputs"].get(name)
        for name, product in made.items()
    )


class _Outcome:
    """How the steps of one build ended; prints each as it ends."""

    def __init__(self, say):
        self.say, self.lock = say, threading.Lock()
        self.seconds: dict[str, float] = {}
        self.failures: dict[str, str] = {}

    def line(self, text: str) -> None:
        with self.lock:
            self.say(text)


def _run_all(
    build: Build, steps: dict[str, Step], wanted: list[str], outcome: _Outcome, jobs: int
) -> set[str]:
    """Run the ``wanted`` of ``steps``, several at once, each when those before it are done; return
    those that one before them kept from running.

    Those with the longest chain behind them begin first, as long as it took when it last ran;
    before them what needs no kernel, as it need not wait until the kernels are warm.
    """
    if not wanted:
        return set()
    producers = {output: other for other in steps.values() for output in other.outputs}
    makes = {path: name for name in wanted for path in products(build, steps[name])}
    before, seconds = {}, {}
    for name in wanted:
        files, _ = dependencies(build, steps[name], producers)
        before[name] = {makes[path] for path in files if path in makes}
        record = build.folder / "steps" / f"{name}.json"
        known = json.loads(record.read_text(encoding="utf-8")) if record.is_file() else {}
        seconds[name] = known.get("seconds", LONG)
    ways = schedule.longest_chains(before, seconds)
    with kernels.warm(build.data):
        return schedule.run(
            before,
            lambda name: _run_one(build, steps[name], steps, producers, outcome),
            jobs,
            lambda name: (not steps[name].function, -ways[name]),
        )


def _run_one(
    build: Build, step: Step, steps: dict[str, Step], producers: dict[str, Step], outcome: _Outcome
) -> bool:
    """Run one step and tell of it; return whether that went well."""
    began = time.monotonic()
    if _stands(build, step, _key(build, *dependencies(build, step, producers))):
        return True  # a step before it made the same things again
    outcome.line(f"  run     {step.id}")
    try:
        run_step(build, step, steps, say=lambda text: outcome.line(f"          {step.id}: {text}"))
    except Exception as error:
        outcome.failures[step.id] = (
            str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
        )
        outcome.line(f"  FAILED  {step.id}")
        return False
    outcome.seconds[step.id] = time.monotonic() - began
    outcome.line(f"  done    {step.id}, {outcome.seconds[step.id]:.0f} s")
    return True
