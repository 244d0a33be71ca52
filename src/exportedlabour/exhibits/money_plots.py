"""Plots of the chapter on what the money is made of."""

import matplotlib as mpl
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from .plots import ACCENT, FAN, INK, MUTED, WIDTH, fan, label_bands, link, thousands

SECTOR_MARKS = {"construction": "o", "logging": "^"}
OTHER_MARK = "s"


def plan(table: pd.DataFrame, payments: pd.DataFrame, title: str) -> Figure:
    """Draw the plan by year (a fan) and its published figures.

    Each figure is a mark by sector, a bar for a range, and a ring if it is not fitted.
    """
    figure, ax = plt.subplots(figsize=(WIDTH, 4.2))
    fan(ax, table)
    label_bands(ax, table)
    for _, row in payments.iterrows():
        marker, fitted = SECTOR_MARKS.get(row["sector"], OTHER_MARK), row["role"] == "fitted"
        if row["dollars_high"] > row["dollars_low"]:
            ax.plot(
                [row["date"]] * 2,
                [row["dollars_low"], row["dollars_high"]],
                color=ACCENT,
                lw=1.2,
                alpha=1 if fitted else 0.45,
            )
        # What is not fitted is a wider ring, so that it shows behind the figure that it copies.
        (mark,) = ax.plot(
            row["date"],
            row["dollars"],
            marker,
            ms=6 if fitted else 9,
            mfc=ACCENT if fitted else "none",
            mec=ACCENT,
            zorder=4,
        )
        link(mark, row)
    ax.set_ylim(0)
    thousands(ax.yaxis)
    ax.set_title(title)
    handles = [
        mpl.lines.Line2D(
            [], [], marker=marker, color=ACCENT, ls="", ms=6, label=f"figure of {name}"
        )
        for name, marker in SECTOR_MARKS.items()
        if (payments["sector"] == name).any()
    ]
    if (payments["role"] != "fitted").any():
        handles.append(
            mpl.lines.Line2D(
                [],
                [],
                marker="o",
                mfc="none",
                mec=ACCENT,
                ls="",
                ms=8,
                label="ring: a copy, or not fitted",
            )
        )
    if handles:
        ax.legend(
            handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.08), ncol=len(handles)
        )
    return figure


def months(table: pd.DataFrame, idle_years: tuple[int, ...], title: str) -> Figure:
    """Draw the months of a year that are paid; idle years are named."""
    figure, ax = plt.subplots(figsize=(WIDTH, 3.3))
    years = table["year"].to_numpy()
    for level, width in ((95, 1.0), (80, 3.0), (50, 6.0)):
        ax.vlines(years, table[f"lo{level}"], table[f"hi{level}"], color=FAN, lw=width, alpha=0.75)
    ax.plot(years, table["median"], "o", color="white", mec=FAN, ms=4.5, zorder=4)
    idle = table[table["year"].isin(idle_years)]
    if len(idle):
        ax.annotate(
            "sites locked down,\nplants without orders",
            (idle["year"].iloc[0] - 0.3, float(idle["median"].iloc[0])),
            xytext=(-8, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            color=MUTED,
            fontsize=9,
        )
    ax.axhline(12, color=MUTED, lw=0.8)
    ax.set_ylim(0, 12.6)
    ax.set_yticks(range(0, 13, 3))
    ax.set_xlim(years[0] - 0.6, years[-1] + 0.6)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_title(title)
    return figure


def two_years(
    table: pd.DataFrame, title: str, unit: str, scale: float = 1.0, shortest: float = 1.0
) -> Figure:
    """Draw median and 80 % interval of two years by host, on a log scale.

    The first year is above in grey, the second below in blue. ``table`` has ``label``, ``year``,
    ``median``, ``lo80``, ``hi80``; the rows of a label are together, top down. What lies below
    ``shortest`` (after scaling) is drawn at the edge, with an arrow.
    """
    labels = list(dict.fromkeys(table["label"]))[::-1]
    years = sorted(table["year"].unique())
    figure, ax = plt.subplots(figsize=(WIDTH, 0.46 * len(labels) + 1.2))
    ax.set_xscale("log")
    # matplotlib finds no limits of its own where all draws are one number.
    ax.set_xlim(shortest, max(1.2 * scale * table["hi80"].max(), 10 * shortest))
    for i, label in enumerate(labels):
        for year, offset, colour in zip(years, (0.17, -0.17), (INK, FAN)):
            row = table[(table["label"] == label) & (table["year"] == year)].iloc[0]
            low, middle, high = (
                max(float(row[name]) * scale, shortest) for name in ("lo80", "median", "hi80")
            )
            below = row["lo80"] * scale < shortest
            ax.hlines(i + offset, low, high, color=colour, lw=2.8, alpha=0.8)
            if below:
                ax.plot(shortest, i + offset, "<", color=colour, ms=5, clip_on=False, zorder=4)
            if row["median"] * scale >= shortest:
                ax.plot(middle, i + offset, "o", color="white", mec=colour, ms=5, zorder=4)
            if i == len(labels) - 1:
                ax.annotate(
                    str(year),
                    (high, i + offset),
                    xytext=(6, 0),
                    textcoords="offset points",
                    va="center",
                    color=colour,
                    fontsize=9,
                )
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(-0.6, len(labels) - 0.4)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}" if x >= 1 else f"{x:g}"))
    ax.grid(axis="x")
    ax.grid(axis="y", visible=False)
    ax.set_xlabel(unit)
    ax.set_title(title)
    return figure


def two_prices(
    constant: pd.DataFrame, current: pd.DataFrame, price_year: int, title: str, scale: float = 1.0
) -> Figure:
    """Draw one sum in dollars of the price year (blue) and of each year (grey, dashed).

    Both have 80 % intervals and their names at the left end.
    """
    figure, ax = plt.subplots(figsize=(WIDTH, 3.8))
    for table, colour, style, name in (
        (current, INK, "--", "dollars of each year"),
        (constant, FAN, "-", f"dollars of {price_year}"),
    ):
        years = table["year"].to_numpy()
        ax.fill_between(
            years, table["lo80"] * scale, table["hi80"] * scale, color=colour, alpha=0.2, lw=0
        )
        ax.plot(years, table["median"] * scale, style, color=colour, lw=1.8)
        ax.annotate(
            name,
            (years[0], table["median"].iloc[0] * scale),
            xytext=(4, 7 if style == "-" else -7),
            textcoords="offset points",
            va="bottom" if style == "-" else "top",
            color=colour,
            fontsize=9,
        )
    ax.set_ylim(0)
    ax.set_xlim(years[0] - 0.4, years[-1] + 0.4)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    thousands(ax.yaxis)
    ax.set_title(title)
    return figure
