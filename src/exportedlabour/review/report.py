"""A comparison in words: on the terminal, and as HTML, Markdown, CSV or JSON for reviewers."""

import csv
import html
import io
import json
from pathlib import Path

from rich.console import Console, Group
from rich.table import Table

from ..exhibits.markdown import escape
from ..project import InputError
from .compare import BEYOND, Comparison, Difference

FORMATS = (".html", ".md", ".csv", ".json")
SHOWN = 25  # lines of each part on the terminal
MEANING = (
    f"A change is larger than Monte Carlo error if it is more than {BEYOND:g} standard errors of"
    " the difference of two runs; one in twenty would be by chance alone. Numbers counted from the"
    " ledger and words have no such error."
)


def summary(found: Comparison) -> str:
    """Return what changed, in a sentence or two."""
    if found.same:
        return (
            f"{found.old.name} and {found.new.name} have the same inputs, assumptions and numbers."
        )
    larger = int((found.headlines["larger"] == "yes").sum())
    told = int((found.headlines["old"] != found.headlines["new"]).sum())
    parts = [
        f"{len(found.inputs)} inputs and {len(found.assumptions)} assumptions differ.",
        (
            f"Of {len({*found.old.headline, *found.new.headline})} numbers in sentences"
            f" {len(found.headlines)} differ, {told} as printed; {larger} by more than Monte Carlo"
            " error."
        ),
    ]
    tables = [table.title.lower() for table in found.tables if not table.identical]
    parts.append(f"Tables that differ: {', '.join(tables)}." if tables else "No table differs.")
    return " ".join(parts)


def parts(found: Comparison) -> list[tuple[str, list[str], list[list[str]]]]:
    """Return the parts of a comparison as (title, columns, rows of text)."""

    def changes(title: str, rows: list[Difference]) -> tuple:
        return (
            title,
            ["what", "name", found.old.name, found.new.name],
            [[c.kind, c.name, c.old, c.new] for c in rows],
        )

    numbers = [
        [
            row["name"],
            row["old"],
            row["new"],
            row["change"],
            "" if row["errors"] != row["errors"] else f"{row['errors']:.1f}",
            row["larger"],
        ]
        for row in found.headlines.to_dict("records")
    ]
    tables = [
        [
            table.title,
            str(table.numbers),
            str(table.exact),
            str(table.within),
            str(table.beyond),
            f"{table.errors:.1f}",
            "; ".join(
                f"{count} {words}"
                for count, words in (
                    (table.words, "other cells"),
                    (table.borderline, "verdicts on the edge"),
                    (table.only_old, "rows gone"),
                    (table.only_new, "rows new"),
                )
                if count
            ),
        ]
        for table in found.tables
    ]
    return [
        changes("Assumptions", found.assumptions),
        changes("Inputs", found.inputs),
        changes("Versions", found.versions),
        (
            "Numbers in sentences",
            [
                "name",
                found.old.name,
                found.new.name,
                "change",
                "errors",
                "larger than Monte Carlo error",
            ],
            numbers,
        ),
        (
            "Tables",
            [
                "table",
                "numbers",
                "same to the last digit",
                "within error",
                "beyond",
                "largest, in errors",
                "else",
            ],
            tables,
        ),
        (
            "Rows that moved",
            ["table", "row"],
            [[table.title, line] for table in found.tables for line in table.moved],
        ),
    ]


def show(found: Comparison, console: Console | None = None) -> None:
    """Print a comparison; long parts are cut."""
    console = console or Console()
    console.print(summary(found), highlight=False)
    console.print(f"Seeds: {found.seeds}.", highlight=False)
    for title, columns, rows in parts(found):
        if not rows:
            continue
        table = Table(title=title, title_justify="left", header_style="bold")
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows[:SHOWN]:
            table.add_row(*(cell.replace("[", "\\[") for cell in row))
        rest = (
            [f"and {len(rows) - SHOWN} more; --out FILE.html lists all."]
            if len(rows) > SHOWN
            else []
        )
        console.print(Group("", table, *rest), highlight=False)
    if len(found.headlines):
        console.print(MEANING, highlight=False)


def write(found: Comparison, path: Path) -> None:
    """Write a comparison in the format that the ending of ``path`` names.

    Raises
    ------
    InputError
        If the ending names no format, or the folder does not exist.
    """
    makers = {".html": as_html, ".md": as_markdown, ".csv": as_csv, ".json": as_json}
    if path.suffix not in makers:
        raise InputError(f"--out {path}: its ending must be one of {', '.join(FORMATS)}.")
    if not path.resolve().parent.is_dir():
        raise InputError(f"--out {path}: there is no folder {path.parent}.")
    path.write_text(makers[path.suffix](found), encoding="utf-8", newline="")


def as_markdown(found: Comparison, level: int = 1, limit: int | None = None) -> str:
    """Return a comparison as Markdown, with headings from ``level`` down.

    Each part has at most ``limit`` lines.
    """
    lines = [f"{'#' * level} {found.old.name} and {found.new.name}", ""] if level == 1 else []
    lines += [escape(summary(found)), "", f"Seeds: {escape(found.seeds)}.", ""]
    for title, columns, rows in parts(found):
        if rows:
            lines += [
                f"{'#' * (level + 1)} {title}",
                "",
                "| " + " | ".join(map(escape, columns)) + " |",
                "|" + "---|" * len(columns),
            ]
            lines += ["| " + " | ".join(map(escape, row)) + " |" for row in rows[:limit]]
            if limit and len(rows) > limit:
                lines += ["", f"And {len(rows) - limit} more."]
            lines.append("")
    return "\n".join([*lines, MEANING]) + "\n"


def as_html(found: Comparison) -> str:
    """Return a comparison as one page of HTML that loads nothing else."""
    e = html.escape
    body = [
        f"<h1>{e(found.old.name)} and {e(found.new.name)}</h1><p>{e(summary(found))}</p><p>Seeds:"
        f" {e(found.seeds)}.</p>"
    ]
    for title, columns, rows in parts(found):
        if rows:
            head = "".join(f'<th scope="col">{e(column)}</th>' for column in columns)
            cells = "".join(
                "<tr>" + "".join(f"<td>{e(cell)}</td>" for cell in row) + "</tr>" for row in rows
            )
            body.append(
                f"<h2>{e(title)}</h2><table><thead><tr>{head}</tr></thead>"
                f"<tbody>{cells}</tbody></table>"
            )
    style = (
        "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0"
        " 1rem}table{border-collapse:collapse;display:block;overflow-x:auto}th,td{border:1px solid"
        " #999;padding:.2rem .5rem;text-align:left;vertical-align:top}"
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{e(found.old.name)} and {e(found.new.name)}</title>"
        '<meta name="viewport" content="width=device-width">'
        f"<style>{style}</style></head><body>{''.join(body)}<p>{e(MEANING)}</p></body></html>\n"
    )


def as_csv(found: Comparison) -> str:
    """Return every change as one table: ``part, name, old, new, change, errors, larger``."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["part", "name", "old", "new", "change", "errors", "larger"])
    for change in [*found.assumptions, *found.inputs, *found.versions]:
        writer.writerow([change.kind, change.name, change.old, change.new, "", "", ""])
    for row in found.headlines.to_dict("records"):
        errors = "" if row["errors"] != row["errors"] else f"{row['errors']:.3g}"
        writer.writerow(
            ["headline", row["name"], row["old"], row["new"], row["change"], errors, row["larger"]]
        )
    for table in found.tables:
        for line in table.moved:
            writer.writerow(["row", table.name, "", "", line, "", ""])
    return out.getvalue()


def as_json(found: Comparison) -> str:
    """Return a comparison as JSON."""
    numbers = [
        {key: None if value != value else value for key, value in row.items()}
        for row in found.headlines.to_dict("records")
    ]
    return (
        json.dumps(
            {
                "old": found.old.name,
                "new": found.new.name,
                "same": found.same,
                "same_machine": found.same_machine,
                "summary": summary(found),
                "seeds": found.seeds,
                "assumptions": [vars(c) for c in found.assumptions],
                "inputs": [vars(c) for c in found.inputs],
                "versions": [vars(c) for c in found.versions],
                "headlines": numbers,
                "tables": [vars(table) | {"identical": table.identical} for table in found.tables],
            },
            indent=1,
            ensure_ascii=False,
            allow_nan=False,
        )
        + "\n"
    )
