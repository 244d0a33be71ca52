"""The commands of reviewers and publishers: compare, verify, publish, release."""

import sys
from pathlib import Path

import click

from .project import find_root

JOBS = 3  # for two processors: a step waits for its kernel now and then
with_jobs = click.option(
    "--jobs", default=JOBS, show_default=True, type=click.IntRange(1, 64), help="Steps at once."
)


@click.command()
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@click.option("--out", metavar="FILE", help="Write all of it to FILE.html, .md, .csv or .json.")
@click.option(
    "--fail", is_flag=True, help="End with code 1 if an input, an assumption or a number differs."
)
def compare(old: str, new: str, out: str | None, fail: bool) -> None:
    """Say what changed from A to B: inputs, assumptions, versions, every number, and whether by
    more than Monte Carlo error.

    A and B are scenarios, folders of builds such as ../other/build/baseline, or "results", the
    published numbers.
    """
    from .build import record
    from .review import report
    from .review.compare import compare as lay

    root = find_root()
    found = lay(record.find(old, root), record.find(new, root))
    if out:
        report.write(found, Path(out))
        click.echo(report.summary(found))
        click.echo(f"All of it is in {out}")
    else:
        report.show(found)
    if fail and not found.same:
        sys.exit(1)


@click.command()
@click.option(
    "--no-rerun", is_flag=True, help="Look at the present build instead of making one from nothing."
)
@with_jobs
def verify(no_rerun: bool, jobs: int) -> None:
    """Run everything from nothing and hold each number against the published ones in results/; code
    1 if they do not come out."""
    from .release import reproduction

    verdict = reproduction.check(find_root(), rerun=not no_rerun, jobs=jobs, say=click.echo)
    click.echo("\n".join(reproduction.lines(verdict)))
    if not verdict.agrees:
        sys.exit(1)


@click.command()
def publish() -> None:
    """Make the numbers of build/baseline the published ones: renew results/."""
    from .release import reproduction

    made, warning = reproduction.publish(find_root())
    click.echo(
        f"results/ now has {', '.join(made)}. Say in CHANGELOG.md which headline moved and why, and"
        " commit them."
    )
    if warning:
        click.echo(warning)


@click.command()
@click.option(
    "--draft",
    is_flag=True,
    help="Also with uncommitted files or other numbers than the published ones; the name says so.",
)
@click.option("--out", metavar="FILE.zip", help="Where to; build/release/ unless given.")
def release(draft: bool, out: str | None) -> None:
    """Archive sources, results, executed notebooks and the book as an RO-Crate, the same to the
    byte for the same build."""
    from .build import origin
    from .release import archive

    path = archive.write(find_root(), Path(out).resolve() if out else None, draft)
    click.echo(f"{path}  {path.stat().st_size / 1e6:.0f} MB")
    click.echo(f"SHA-256 {origin.sha256(path)}")


COMMANDS = (compare, verify, publish, release)
