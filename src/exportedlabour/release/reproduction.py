"""Published numbers: making those of a build the published ones, and checking a build against
them."""

import json
import shutil
from pathlib import Path

from .. import results_form
from ..book import downloads
from ..build import origin, pipeline, record
from ..build.step import at
from ..project import InputError
from ..review import verify

INPUTS = 20  # changed inputs that are named


def publish(root: Path) -> tuple[list[str], str]:
    """Make the numbers of build/baseline the published ones, in results/; return the files and a
    warning, if one is due.

    Raises
    ------
    InputError
        If the book is not built, or is not that of the present files.
    """
    build = at(root)
    if not (build.results / "headline.json").is_file():
        raise InputError(
            "there is no book yet, so that there is nothing to publish; run exlab build first."
        )
    if stale := pipeline.plan(build):
        raise InputError(
            f"the book is not that of the present files: {', '.join(stale[:5])} would run. Run"
            " exlab build, then publish again."
        )
    built = record.built(build.folder, "baseline")
    target = root / record.PUBLISHED
    target.mkdir(exist_ok=True)
    for name in results_form.TABLES:
        (target / f"{name}.csv").unlink(missing_ok=True)
        if (build.results / f"{name}.csv").is_file():
            shutil.copyfile(build.results / f"{name}.csv", target / f"{name}.csv")
    shutil.copyfile(build.results / "headline.json", target / "headline.json")
    (target / record.RECORD).write_text(
        json.dumps(built.record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    downloads.write_package(target)
    made = sorted(path.name for path in target.iterdir() if path.is_file())
    name = built.record["commit"]
    unclean = name.endswith("+") or name == origin.UNKNOWN
    warning = (
        "The book was built from files that no commit holds: commit them, build and publish again"
        " before a release."
        if unclean
        else ""
    )
    return made, warning


def check(root: Path, rerun: bool, jobs: int, say) -> verify.Verdict:
    """Hold a run from nothing, or the present build, against the published numbers."""
    published = record.published(root)
    folder = pipeline.build_fresh(root, jobs=jobs, say=say) if rerun else at(root).folder
    made = record.built(folder, "this run" if rerun else "this build")
    if rerun:  # no page was made, which would have told it
        made.record["commit"] = origin.commit(root)
    return verify.verify(published, made)


def lines(verdict: verify.Verdict) -> list[str]:
    """Return a verdict in lines for the terminal."""
    found = verdict.comparison
    old, new = found.old.record, found.new.record
    lines = [
        f"published: {old['platform']}, Python {old['python']}, commit {old['commit']}",
        f"{found.new.name}: {new['platform']}, Python {new['python']}, commit {new['commit']}",
        f"seeds: {found.seeds}",
        *(
            f"other version: {c.name} {c.old or 'none'} → {c.new or 'none'}"
            for c in found.versions
            if c.kind == "library"
        ),
        (
            f"{len(new['steps'])} steps, {sum(step['seconds'] for step in new['steps']):.0f} s of"
            f" work added up, at most {max(step['peak_megabytes'] for step in new['steps'])}"
            " megabytes in one"
        ),
        "",
    ]
    lines += [
        f"not the published input: {c.kind} {c.name}: {c.old or 'none'} → {c.new or 'none'}"
        for c in verdict.inputs[:INPUTS]
    ]
    if len(verdict.inputs) > INPUTS:
        lines.append(f"and {len(verdict.inputs) - INPUTS} inputs more")
    for check in verdict.checks:
        lines.append(
            f"{'agrees ' if check.agrees else 'DIFFERS'}  {check.name}: {check.numbers} numbers,"
            f" demanded {check.demanded}; {check.found}"
        )
        lines += [f"         {line}" for line in check.moved if not check.agrees]
    lines += [
        "",
        (
            "Everything that is published came out again."
            if verdict.agrees
            else "Not everything that is published came out again."
        ),
    ]
    return lines
