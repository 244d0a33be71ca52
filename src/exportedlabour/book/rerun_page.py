"""The page on reproduction.

It says whether the published numbers came out again, how to rerun, and what each step took.
"""

from ..build.record import State, published
from ..exhibits.markdown import escape
from ..inference import monte_carlo
from ..project import InputError
from ..review import report
from ..review.verify import Verdict, verify

SHOWN = 40  # lines of each part of the comparison
TITLE = "# What was run, and whether it comes out again"


def page(build, built: State) -> str:
    """Return the page as MyST; ``built`` is the build that the book is made of.

    Time and memory are those of the published run, where there is one, so that two builds of one
    commit have the same page.
    """
    reference = None
    if build.own_ledger and build.scenario.name == "baseline":
        try:
            reference = published(build.root)
        except InputError:
            reference = None
    lines = [TITLE, ""]
    if reference is not None:
        lines += _verdict(verify(reference, built))
        lines += _how()
    shown, whose = (
        (reference, "the run whose numbers are published")
        if reference is not None
        else (built, "this book, each step as it was last run")
    )
    return "\n".join([*lines, *_steps(shown, whose)]) + "\n"


def _verdict(verdict: Verdict) -> list[str]:
    found = verdict.comparison
    where = (
        "with the platform, Python and libraries of the published run"
        if found.same_machine
        else "elsewhere than the published run"
    )
    came = (
        "the published numbers came out again"
        if verdict.agrees
        else "not all published numbers came out again"
    )
    lines = ["## Beside the published numbers", "", f"This book was built {where}, and {came}.", ""]
    lines += ["| what | numbers | demanded | found |", "|---|---:|---|---|"]
    lines += [
        f"| {escape(c.name)} | {c.numbers:,} | {escape(c.demanded)} | {escape(c.found)} |"
        for c in verdict.checks
    ]
    lines.append("")
    if not found.same:
        lines += [report.as_markdown(found, level=2, limit=SHOWN).replace("\n## ", "\n### "), ""]
    return lines


def _how() -> list[str]:
    return [
        "## How to check it",
        "",
        (
            "`make verify` runs every notebook from nothing in a folder of its own and holds what"
            " comes out against `results/`, number by number; `exlab verify --no-rerun` holds the"
            " present build against it. It ends with a code that is not zero if anything published"
            " does not come out, and names the assumption or row that is not the published one and"
            " the rows of tables that moved."
        ),
        "",
        (
            "With the same platform, Python and libraries (the list below) every number must agree"
            " to the last digit printed. Elsewhere the last digits of linear algebra differ, the"
            " chains part, and two runs agree within Monte Carlo error. How large that is follows"
            " from each number itself: from its quantiles and the effective number of draws behind"
            " it, which `workers_diagnostics.csv` and `money_diagnostics.csv` record. As many"
            " errors are allowed as keep the chance of one false alarm in a whole table at one in"
            f" a hundred: {monte_carlo.allowed(1):.1f} for a single number,"
            f" {monte_carlo.allowed(1000):.1f} for a thousand, {monte_carlo.allowed(100_000):.1f}"
            " for a hundred thousand. `exlab compare` lays any two builds beside each other, see"
            " [how to review a change](../how-to-review-a-change)."
        ),
        "",
    ]


def _steps(shown: State, whose: str) -> list[str]:
    record = shown.record
    steps = record["steps"]
    seeds = (
        ", ".join(
            f"`{name}` {value}"
            for name, value in record["settings"].items()
            if name.endswith("seed")
        )
        or "none"
    )
    lines = [
        "## Time, memory, versions",
        "",
        (
            f"Of {whose}: {len(steps)} steps, {sum(step['seconds'] for step in steps) / 60:.0f}"
            " minutes of work added up (steps run side by side), at most"
            f" {max((step['peak_megabytes'] for step in steps), default=0):,} megabytes in one."
        ),
        "",
        (
            f"Platform: {escape(record['platform'])}. Python {escape(record['python'])}. Seeds:"
            f" {seeds}. Commit `{record['commit']}`, version {escape(record['version'])}."
        ),
        "",
        "Libraries: "
        + ", ".join(f"{name} {number}" for name, number in record["libraries"].items())
        + "; all pins are in `requirements.lock`.",
        "",
        (
            "The last column is the beginning of the hash of all that a step read. The pages of"
            " hosts are one line, their time added up."
        ),
        "",
        "| step | seconds | megabytes | inputs |",
        "|---|---:|---:|---|",
    ]
    pages = [step for step in steps if step["step"].startswith("host-")]
    lines += [
        f"| {escape(s['step'])} | {s['seconds']} | {s['peak_megabytes']} | `{s['key'][:12]}` |"
        for s in steps
        if s not in pages
    ]
    if pages:
        seconds, memory = (
            sum(step["seconds"] for step in pages),
            max(step["peak_megabytes"] for step in pages),
        )
        lines.append(f"| host, {len(pages)} pages | {seconds:.1f} | {memory} | |")
    return lines
