"""What a change of the ledger will move, said before anything runs."""

import io
import subprocess
from pathlib import Path

import pandas as pd

from ..assumptions.scenario import Settings
from ..evidence.ledger import COLUMNS, PAY_QUANTITIES, STOCK_QUANTITIES, Ledger
from ..evidence.reading import middle_date
from ..money.observations import pay_figures
from ..workers.observations import WORLD, fitted_figures, left_aside

WORDS = {
    "judge": "a claim that is evaluated: its verdict changes, no estimate does",
    "context": "shown, not fitted: no estimate moves",
    "exclude": "left out, with its reason: no estimate moves",
}


def committed(folder: Path) -> pd.DataFrame | None:
    """Return figures.csv of ``folder`` as last committed, every cell as text.

    None where there is no repository, or no such file in its last commit.
    """
    try:
        text = subprocess.run(
            ["git", "show", "HEAD:./figures.csv"],
            cwd=folder,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    table = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
    return table if list(table.columns) == COLUMNS else None


def lines(now: Ledger, before: pd.DataFrame, settings: Settings) -> list[str]:
    """Return one line for each row that is new, changed or gone since ``before``, and what it
    moves."""
    new = pd.read_csv(now.folder / "figures.csv", dtype=str, keep_default_na=False).set_index(
        "figure_id"
    )
    old = before.set_index("figure_id")
    heads, pay = (
        set(fitted_figures(now, settings)["figure_id"]),
        set(pay_figures(now, settings)["figure_id"]),
    )
    rows = now.figures.set_index("figure_id", drop=False)
    lines = []
    for figure in new.index:
        if figure not in old.index:
            lines.append(
                f"{figure} is new:"
                f" {_effect(rows.loc[figure], now, figure in heads, figure in pay)}."
            )
        elif changed := [
            column for column in new.columns if new.loc[figure, column] != old.loc[figure, column]
        ]:
            was = (
                ""
                if old.loc[figure, "use"] == new.loc[figure, "use"]
                else f" It was {old.loc[figure, 'use']} before."
            )
            effect = _effect(rows.loc[figure], now, figure in heads, figure in pay)
            if old.loc[figure, "use"] == "fit" and new.loc[figure, "use"] != "fit":
                effect += "; the estimates that it was part of move"
            elif not set(changed) - {"note", "reason", "locator"}:
                effect = "only words change: no estimate moves"
            lines.append(f"{figure} has other {', '.join(changed)}: {effect}.{was}")
    for figure in old.index.difference(new.index):
        fitted = old.loc[figure, "use"] == "fit"
        effect = "the estimates that it was part of move" if fitted else "no estimate moves"
        lines.append(f"{figure} is gone: {effect}.")
    return lines


def _effect(row: pd.Series, ledger: Ledger, counted: bool, paid: bool) -> str:
    """Return what one row moves, given whether the models of workers and of pay read it."""
    if row["use"] != "fit":
        return WORDS[row["use"]]
    name = ledger.host_name(row["hosts"])
    if counted:
        around = f"around {middle_date(row):.0f}"
        if row["hosts"] == WORLD:
            return (
                f"fitted; it moves the workers of the world {around}, of every host a little, and"
                " all revenue"
            )
        return f"fitted; it moves the workers of {name} {around}, the world's, and their revenue"
    if paid:
        return f"fitted; it moves pay and shares in {name}, and revenue everywhere a little"
    if left_aside(row):
        return "a flow that the model leaves aside: no estimate moves"
    if row["quantity"] in (*STOCK_QUANTITIES, *PAY_QUANTITIES):
        return (
            "marked fit, but read as a copy, of IT workers or outside the years of the model: no"
            " estimate moves"
        )
    return "marked fit, but no model reads this quantity: no estimate moves"
