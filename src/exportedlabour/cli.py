"""The command ``exlab``: check, parameters, build, step, simulate, validate, and those of
cli_review.py. Errors are told in words and end with code 1."""

import gc
import os
import sys
from pathlib import Path

import click

from . import cli_review
from .assumptions import scenario
from .book import citing
from .build import warm_parent
from .evidence import ledger, schema
from .project import InputError, find_root
from .review import changes, outlook


def _build(name: str, data: str | None):
    from .build.step import at

    return at(find_root(), name, Path(data).resolve() if data else None)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="exportedlabour")
def cli() -> None:
    """Exported Labour: estimates of North Korean workers abroad, and the book made of them."""


with_data = click.option(
    "--data", metavar="DIR", help="Another ledger, a folder of the same form as data/."
)
with_scenario = click.option(
    "--scenario",
    "name",
    default=scenario.BASELINE,
    metavar="NAME",
    help="A file of scenarios/, or of DIR/scenarios/, without .yml.",
)


@cli.command()
@with_data
def check(data: str | None) -> None:
    """Check the ledger and all scenarios; say what is wrong and where, and which estimates a
    changed row will move."""
    from .build.step import at, scenarios_of

    root = find_root()
    base = at(root, data=Path(data) if data else None)
    read = ledger.read(base.data)
    citing.require_keys(root, read)
    own = scenarios_of(base.data, root)
    found = scenario.names(root / "scenarios", *([own] if own else []))
    for name in found:
        scenario.load(name, root, own)
    uses = read.figures["use"].value_counts()
    counts = ", ".join(f"{uses.get(use, 0)} {use}" for use in schema.USES)
    click.echo(
        f"{len(read.figures)} figures ({counts}) from {len(read.sources.entries)} sources: no"
        " problem found."
    )
    click.echo(f"{len(found)} scenarios: {', '.join(found)}.")
    outlook.require_heads(read, base.scenario)
    for line in outlook.lines(read, base.scenario):
        click.echo(line)
    if (before := changes.committed(base.data)) is not None:
        for line in changes.lines(read, before, base.scenario.settings):
            click.echo(line)


@cli.command()
@click.option(
    "--check", "only_check", is_flag=True, help="Only say which are out of date; code 1 if any is."
)
def parameters(only_check: bool) -> None:
    """Write the parameters cells of the notebooks from scenarios/baseline.yml, and store each
    notebook without outputs, one line a line."""
    from .assumptions import parameters as of_notebooks

    root = find_root()
    found = of_notebooks.outdated(root)
    names = ", ".join(path.relative_to(root).as_posix() for path in found)
    if only_check and found:
        raise InputError(
            f"{names}: not as scenarios/baseline.yml and nbformat would have it; exlab parameters"
            " writes it anew."
        )
    for path, text in found.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    click.echo(f"Written: {names}." if found else "Every notebook is up to date.")


@cli.command()
@with_scenario
@with_data
@click.option(
    "--only", type=click.Choice(["results"]), help="Stop after the numbers; make no pages."
)
@click.option("--plan", is_flag=True, help="Only say which steps would run.")
@cli_review.with_jobs
def build(name: str, data: str | None, only: str | None, plan: bool, jobs: int) -> None:
    """Build the book of a scenario; run only what changed."""
    if not plan:
        root = find_root()
        draws = (
            None if data else root / "build" / name / "results" / "draws_workers.parquet"
        )  # no more than a guess, which costs little
        warm_parent.start(
            Path(data).resolve() if data else root / "data", draws
        )  # beside the checks, which take as long
    from .build import pipeline

    place = _build(name, data)
    read = ledger.read(
        place.data, place.root / ledger.CHECKED_LEDGERS if place.own_ledger else None
    )
    citing.require_keys(place.root, read)
    for build in (place.baseline(), place):
        outlook.require_heads(read, build.scenario)
    if plan:
        names = pipeline.plan(place)
        click.echo(f"{len(names)} steps would run{': ' + ', '.join(names) if names else ''}")
        return
    folder = pipeline.build_all(place, only_results=only == "results", jobs=jobs, say=click.echo)
    if not only:
        click.echo(f"The book is at {(folder / 'html' / 'index.html').relative_to(place.root)}")


@cli.command()
@click.argument("step_id")
@with_scenario
@with_data
def step(step_id: str, name: str, data: str | None) -> None:
    """Run one step of pipeline.yml, whether or not it changed."""
    from .build import pipeline

    place = _build(name, data)
    steps = pipeline.read_steps(place.root, alternative=name != scenario.BASELINE, data=place.data)
    if step_id not in steps:
        raise InputError(
            f"step {step_id!r}: pipeline.yml has none of that name. There are: {', '.join(steps)}."
        )
    pipeline.run_step(place, steps[step_id], steps)


@cli.command()
@with_scenario
@with_data
@click.option(
    "--beside", is_flag=True, help="Put it beside the pages too, with links to it, for a site."
)
def pdf(name: str, data: str | None, beside: bool) -> None:
    """Print the built book as one PDF; needs an installed Chromium or Chrome."""
    from .book import pdf as printing
    from .build import pipeline

    place = _build(name, data)
    steps = pipeline.read_steps(place.root, alternative=name != scenario.BASELINE, data=place.data)
    made = printing.make(place, steps, say=lambda text: click.echo(f"  {text}"))
    if beside:
        printing.beside(made, place.folder / "html")
    click.echo(f"The PDF is at {made.relative_to(place.root)}")


@cli.command()
@click.argument("folder", metavar="DIR")
@click.option(
    "--seed", required=True, type=click.IntRange(0), help="The same seed gives the same bytes."
)
@click.option(
    "--hosts",
    default=36,
    show_default=True,
    type=click.IntRange(1),
    help="Hosts that somebody counted.",
)
@click.option(
    "--figures",
    default=400,
    show_default=True,
    type=click.IntRange(1, 9999),
    help="Published head counts, copies among them.",
)
@click.option("--first-year", type=int, help="The scenario's, unless given.")
@click.option("--last-year", type=int, help="The scenario's, unless given.")
@click.option(
    "--world",
    default="plain",
    show_default=True,
    metavar="NAME",
    help="What the figures are like; an unknown name lists them.",
)
@with_scenario
def simulate(
    folder: str,
    seed: int,
    hosts: int,
    figures: int,
    first_year: int | None,
    last_year: int | None,
    world: str,
    name: str,
) -> None:
    """Write a simulated ledger into DIR, with its truth beside it: truth.csv and truth.json."""
    from .simulation import make, write

    chosen = scenario.load(name, find_root())
    given = {"first_year": first_year, "last_year": last_year}
    settings = chosen.override({key: value for key, value in given.items() if value is not None})
    made = make.make(world, seed, settings, hosts=hosts, figures=figures)
    write.write(made, Path(folder))
    click.echo(
        f"{len(made.tables['figures'])} figures in {folder}, the truth beside them in truth.csv and"
        " truth.json."
    )


@cli.command()
@click.option(
    "--jobs", default=2, show_default=True, type=click.IntRange(1, 256), help="Refits at once."
)
@click.option(
    "--worlds",
    default=200,
    show_default=True,
    type=click.IntRange(1),
    help="Simulated worlds that the model is right about.",
)
@click.option(
    "--bent",
    default=65,
    show_default=True,
    type=click.IntRange(0),
    help="Worlds with copies, wild figures and a biased class.",
)
@click.option(
    "--others",
    default=20,
    show_default=True,
    type=click.IntRange(0),
    help="Worlds of each other kind that the model is wrong about.",
)
@click.option(
    "--part",
    "chosen",
    multiple=True,
    metavar="NAME",
    help="Renew only this part; can be given again. An unknown name lists them.  [default: all]",
)
@click.option(
    "--dask",
    metavar="ADDRESS",
    help="A Dask scheduler that does the refits, such as tcp://10.0.0.1:8786.",
)
@click.option("--plan", "only_plan", is_flag=True, help="Only say how many refits are left to do.")
@with_scenario
@with_data
def validate(
    jobs: int,
    worlds: int,
    bent: int,
    others: int,
    chosen: tuple[str, ...],
    dask: str | None,
    only_plan: bool,
    name: str,
    data: str | None,
) -> None:
    """Test the workers model from nothing: hours of refits that can be stopped and go on;
    results/validation is renewed."""
    from .validation import experiments, parts, running, summary
    from .workers import observations

    place = _build(name, data)
    evidence, settings = (
        ledger.read(place.data),
        scenario.Settings(place.scenario.used_by("workers")),
    )
    made = observations.build(evidence, settings)
    kinds = dict.fromkeys(experiments.WORLDS, others) | {"all three": bent}
    effort = experiments.Effort(
        worlds=worlds,
        bent={kind: count for kind, count in kinds.items() if kind != experiments.SPECIFIED},
    )
    pieces = sum(
        parts.chosen(experiments.plan(made, evidence, settings, effort), chosen).values(), []
    )
    folder = place.root / "build" / "validation" / experiments.key(made, settings, effort)
    if only_plan:
        left = sum(not (folder / f"{piece.name}.json").exists() for piece in pieces)
        click.echo(
            f"{left} of {len(pieces)} refits are left to do, in {folder.relative_to(place.root)}"
        )
        return
    with running.processes(jobs, dask) as pool:
        running.run(pieces, folder, pool, say=click.echo)
    own = place.data == place.root / "data" and name == scenario.BASELINE
    target = place.root / "results" / "validation" if own else place.folder / "validation"
    summary.write(folder, made, evidence, settings, effort, target, chosen)
    then = "; exlab build makes the chapter of them" if own else ""
    click.echo(f"The tables are in {target.relative_to(place.root)}{then}.")


@cli.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@cli_review.with_jobs
@click.option(
    "--plan", "only_plan", is_flag=True, help="Only say which scenarios would be refitted."
)
def scenarios(names: tuple[str, ...], jobs: int, only_plan: bool) -> None:
    """Refit all scenarios, or those named, for the table that compares them; what is up to date is
    kept, so it can be stopped."""
    from .build import refits, refitting
    from .sensitivity import scenarios as sensitivity_scenarios

    root = find_root()
    every, folder = refits.builds(root), root / sensitivity_scenarios.FOLDER
    wanted = [scenario.load(name, root).name for name in names] or list(every)
    if only_plan:
        _tell_refits(refits.left(every, wanted, folder), len(wanted), "scenarios")
        return
    _tell_records(
        refitting.update(every, wanted, folder, jobs, click.echo),
        sensitivity_scenarios.FOLDER,
        "scenarios",
    )


@cli.command()
@click.argument("names", nargs=-1, metavar="[ASSUMPTION]...")
@cli_review.with_jobs
@click.option("--plan", "only_plan", is_flag=True, help="Only say what would be refitted.")
def one_at_a_time(names: tuple[str, ...], jobs: int, only_plan: bool) -> None:
    """Refit with each assumption moved that weights cannot move, or those named; what is up to date
    is kept, so it can be stopped."""
    from .build import one_at_a_time_refits, refits, refitting

    root = find_root()
    every = one_at_a_time_refits.builds(root)
    for name in names:
        if one_at_a_time_refits.named(name) not in every:
            known = ", ".join(
                build.scenario.changed[0] for build in every.values() if build.scenario.changed
            )
            raise InputError(
                f"{name}: this is no assumption that is moved by a refit. There are: {known}."
            )
    wanted = [one_at_a_time_refits.named(name) for name in names] or list(every)
    if only_plan:
        _tell_refits(
            refits.left(every, wanted, root / one_at_a_time_refits.FOLDER), len(wanted), "fits"
        )
        return
    _tell_records(
        refitting.update_one_at_a_time(root, every, wanted, jobs, click.echo),
        one_at_a_time_refits.FOLDER,
        "fits",
    )


@cli.command("moves", hidden=True, params=one_at_a_time.params)
@click.pass_context
def former_name(context: click.Context, **given) -> None:
    """Say what the command is called now, and do it."""
    click.echo("exlab: moves is now called one-at-a-time.", err=True)
    context.forward(one_at_a_time)


def _tell_refits(left: list[str], among: int, what: str) -> None:
    click.echo(
        f"{len(left)} of {among} {what} would be refitted{': ' + ', '.join(left) if left else ''}"
    )


def _tell_records(records: list, folder: str, what: str) -> None:
    failed = [record.name for record in records if record.failed]
    click.echo(
        f"{folder} has {len(records)} {what}{'; failed: ' + ', '.join(failed) if failed else ''}."
    )


for command in cli_review.COMMANDS:
    cli.add_command(command)


def main() -> None:
    """Run the command line; a user's mistake is told without a traceback."""
    try:
        cli(standalone_mode=False)
    except InputError as error:
        click.echo(f"exlab: {error}", err=True)
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("exlab: interrupted; what was done is kept, run it again to go on.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        os._exit(1)
    gc.freeze()  # Python would go through all objects once more to end


if __name__ == "__main__":
    main()
