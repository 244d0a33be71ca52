"""The page of all assumptions.

Each has its value, bounds, source, reason and use, and what the headlines do if it moves.
"""

import html
import re
from collections.abc import Callable

import numpy as np
import pandas as pd

from .. import words
from ..assumptions.scenario import Assumption, Scenario
from ..evidence.address import address_of
from ..evidence.ledger import Ledger

FIGURE = re.compile(r"[A-Z]{3}\d{3,4}")
HEADLINES = {
    "world_peak": "workers abroad in the peak year",
    "world_last": "workers abroad in the last year",
    "state_peak": "taken by the state in the peak year",
    "state_last": "taken by the state in the last year",
}
UNMOVED = (
    "It is no prior of a quantity whose draws are stored, so it cannot be moved by weighting them:"
    " write a scenario and refit with `make scenario`."
)


def page(
    current: Scenario, evidence: Ledger, effects: pd.DataFrame, escape: Callable[[str], str]
) -> str:
    """Return every assumption as a MyST page, in the order of baseline.yml.

    The values are those of the current scenario.

    Parameters
    ----------
    effects : as ``one_at_a_time.effects`` returns them; an assumption that is not in it says why,
        or that it needs a refit.
    escape : makes free text safe in Markdown.
    """
    rows = {row["figure_id"]: row for _, row in evidence.figures[["figure_id", "hosts"]].iterrows()}
    lines = [
        "# Every assumption",
        "",
        (
            "An entry for each assumption, as `scenarios/baseline.yml` declares it. The last line"
            " of an entry is what the headlines do if it alone rises by one standard deviation of"
            " its prior, or takes another value where it has none, [by weighting the stored draws,"
            " computing with them again, or fitting again](../notebooks/assumptions)."
        ),
        "",
    ]
    if current.changed:
        lines += [
            (
                f"This book was built with the scenario *{escape(current.title)}*; values that it"
                " changes are in bold."
            ),
            "",
        ]
    by_name = dict(tuple(effects.groupby("assumption")))
    part = None
    for each in current.assumptions.values():
        first = each.used_by[0] if each.used_by else "nowhere"
        if first != part:
            part = first
            lines += [f"## Used first in {escape(first)}", ""]
        lines += _entry(
            each,
            current,
            by_name.get(each.name),
            lambda key: linked(key, rows, evidence, escape),
            escape,
        )
    return "\n".join(lines) + "\n"


def linked(
    key: str, rows: dict[str, pd.Series], evidence: Ledger, escape: Callable[[str], str]
) -> str:
    """Return one source of an assumption as a link.

    A figure leads to its row, a document to its address; a judgement stays as it is.
    """
    if FIGURE.fullmatch(key) and key in rows:
        return f'<a href="../notebooks/{html.escape(address_of(rows[key]), quote=True)}">{key}</a>'
    if key in evidence.sources.entries and (
        url := evidence.sources.entries[key].fields.get("url", "")
    ).startswith(("https://", "http://")):
        return f'<a href="{html.escape(url, quote=True)}">{escape(key)}</a>'
    return escape(key)


def _entry(
    each: Assumption,
    current: Scenario,
    effects: pd.DataFrame | None,
    link: Callable[[str], str],
    escape,
) -> list[str]:
    value = f"`{current.settings[each.name]}`"
    if each.name in current.changed:
        value = f"**{value}** (baseline `{each.value}`)"
    sources = ", ".join(link(key) for key in each.source.split("+"))
    return [
        f"### `{each.name}`",
        "",
        f"{escape(each.reason)}",
        "",
        f"- Value: {value}, {escape(each.unit)}",
        f"- Allowed: {escape(each.allowed)}",
        f"- Source: {sources}",
        f"- Used in: {escape(', '.join(each.used_by))}",
        (
            "- If it moves:"
            f" {effect_in_words(effects, escape) if effects is not None else each.still or UNMOVED}"
        ),
        "",
    ]


def effect_in_words(effects: pd.DataFrame, escape: Callable[[str], str]) -> str:
    """Return what the headlines do if an assumption moves up by one prior standard deviation."""
    first = effects.iloc[0]
    if effects["ratio"].isna().all():
        return escape(f"{first['how']}.")
    parts = []
    for row in effects.itertuples():
        if row.ratio == 1 and row.error == 0:
            continue  # the assumption has no part in this headline
        write = words.people if row.headline.startswith("world") else words.dollars
        if abs(row.ratio - 1) < 2 * row.error:
            parts.append(
                f"{HEADLINES[row.headline]} hardly (less than twice the Monte Carlo error)"
            )
            continue
        parts.append(
            f"{HEADLINES[row.headline]} {write(row.before)} → {write(row.after)}"
            f" ({row.ratio - 1:+.1%})"
        )
    how = (
        f"Pareto k {first['pareto_k']:.2f}"
        if np.isfinite(first["pareto_k"])
        else str(first["how"]).capitalize()
    )
    return escape(f"{first['given']} → {first['moved']}: {'; '.join(parts) or 'nothing'}. {how}.")
