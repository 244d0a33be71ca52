"""What states told the United Nations from 2018, beside what the model had said before."""

import numpy as np
import pandas as pd

from ..evidence.ledger import Ledger

# Figures that were notified, and permits that are set against the people of a host and a year.
FAMOUS = ("RUS062", "RUS063", "GEU216", "GEU219", "GEU036", "GEU038", "AFA088", "AFA091")
PERMITS = (("MNG", 2017, "CHN154"),)  # of ten months, which are not fitted
COLUMNS = ["label", "stated", "bound", "like", "lo95", "lo80", "median", "hi80", "hi95"]


def famous(ledger: Ledger, stock: pd.DataFrame, figures: pd.DataFrame) -> pd.DataFrame:
    """Return the notifications that the ledger has, with their predictions.

    Parameters
    ----------
    stock, figures : predictions by host and year and by figure, as ``summary.notified`` has them.

    Returns
    -------
    DataFrame ``label``; ``stated``, persons; ``bound``; ``like``, whether what was predicted is
    what was stated; ``lo95, lo80, median, hi80, hi95``, persons. Without a line if the ledger has
    none of them.
    """
    shown, rows = figures.set_index("figure_id"), ledger.figures.set_index("figure_id")
    lines = []
    for key in FAMOUS:
        if key in shown.index and key in rows.index:
            row = rows.loc[key]
            lines.append(
                {
                    "label": f"{ledger.host_name(row['hosts'])}, {row['period_end'][:7]}",
                    "stated": row["point"] if np.isfinite(row["point"]) else row["high"],
                    "bound": row["bound"],
                    "like": True,
                    **shown.loc[key].to_dict(),
                }
            )
    for host, year, key in PERMITS:
        place = stock[(stock["host"] == host) & (stock["year"] == year)]
        if len(place) and key in rows.index:
            lines.append(
                {
                    "label": f"{ledger.host_name(host)}, {year}: permits, and people predicted",
                    "stated": rows.loc[key, "point"],
                    "bound": "exact",
                    "like": False,
                    **place.iloc[0].drop(["host", "year"]).to_dict(),
                }
            )
    return pd.DataFrame(lines, columns=COLUMNS)


def within(table: pd.DataFrame, level: int) -> pd.Series:
    """Return (n,) whether what was stated lies in the interval of ``level`` per cent."""
    return (table["stated"] >= table[f"lo{level}"]) & (table["stated"] <= table[f"hi{level}"])
