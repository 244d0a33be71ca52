"""Plots of the validation chapter."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from ..validation import scores
from ..validation.coverage import TARGETS
from ..validation.multiverse import CLASSES, COPIES, FIGURES
from .plots import ACCENT, FAN, INK, MUTED, WIDTH, thousands

COLOURS = {50: "#56B4E9", 80: FAN, 95: INK}
GREEN = "#009E73"
GAP = 0.16  # distance between the marks of two levels in one line


def coverage(
    table: pd.DataFrame, title: str, levels: tuple[int, ...] = (80, 95), what: str = "truths"
) -> Figure:
    """Draw how often intervals held ``what``.

    There is a line for each row, and on it a mark for each level with its confidence interval. The
    nominal levels are shaded. ``table`` has an index of names and the columns ``n, covered_L,
    low_L, high_L`` for each level L.
    """
    figure, ax = plt.subplots(figsize=(WIDTH, 1.1 + 0.38 * len(table)))
    at = np.arange(len(table))[::-1]
    for level in levels:
        if level in TARGETS:
            ax.axvspan(*TARGETS[level], color=COLOURS[level], alpha=0.1, lw=0)
        else:
            ax.axvline(level / 100, color=COLOURS[level], lw=0.8, ls=":")
        shift = GAP * ((len(levels) - 1) / 2 - levels.index(level))
        low, middle, high = (
            table[f"{name}_{level}"].to_numpy(float) for name in ("low", "covered", "high")
        )
        ax.hlines(at + shift, low, high, color=COLOURS[level], lw=1.6)
        ax.plot(middle, at + shift, "o", color=COLOURS[level], ms=5)
        ax.annotate(
            f"{level} % interval",
            (level / 100, len(table) - 0.4),
            ha="center",
            va="bottom",
            color=COLOURS[level],
            fontsize=9,
        )
    ax.set_yticks(at, [f"{name} ({int(n):,})" for name, n in zip(table.index, table["n"])])
    ax.set_ylim(-0.6, len(table) - 0.3)
    floor = float(table[[f"low_{level}" for level in levels]].min().min())
    ax.set_xlim(max(0.0, min(0.5, floor - 0.03)), 1.005)
    ax.xaxis.set_major_formatter(lambda x, _: f"{100 * x:.0f} %")
    ax.grid(axis="x", color="#e6e6e6")
    ax.grid(axis="y", visible=False)
    ax.set_xlabel(f"share of {what} inside the interval")
    ax.set_title(title, pad=20)
    return figure


def ranks(
    table: pd.DataFrame, steps: int, named: tuple[str, ...], rng: np.random.Generator, title: str
) -> Figure:
    """Draw by how much the ranks of each quantity differ from uniform ones.

    The band holds 95 % of uniform samples throughout. ``table`` has ``quantity, rank`` (0 to
    ``steps`` - 1). Quantities that leave the band are named; those in ``named`` are drawn strong.
    """
    figure, ax = plt.subplots(figsize=(WIDTH, 3.6))
    band = None
    for quantity, part in table.groupby("quantity"):
        found = scores.uniformity((part["rank"].to_numpy() + 1) / steps, rng, steps=steps)
        band = found if band is None else band
        outside = not found.inside
        strong = quantity in named
        colour = ACCENT if outside else FAN if strong else "#b5b5b5"
        off = found.observed - found.z
        ax.step(
            found.z,
            off,
            where="post",
            color=colour,
            lw=1.4 if outside or strong else 0.7,
            zorder=3 if outside else 2,
        )
        if outside:
            worst = np.abs(off).argmax()
            above = off[worst] > 0
            ax.annotate(
                quantity,
                (found.z[worst], off[worst]),
                color=ACCENT,
                fontsize=8.5,
                xytext=(0, 3 if above else -3),
                textcoords="offset points",
                ha="center",
                va="bottom" if above else "top",
            )
    if band is not None:
        ax.fill_between(
            band.z,
            band.lower - band.z,
            band.upper - band.z,
            color=FAN,
            alpha=0.12,
            lw=0,
            step="post",
        )
    ax.axhline(0, color=MUTED, lw=0.8)
    ax.set_xlim(0, 1)
    ax.margins(y=0.1)  # room for the names
    ax.set_xlabel("rank of the truth among draws of its posterior, as a share")
    ax.set_ylabel("share of worlds below,\nless what it should be")
    ax.set_title(title)
    return figure


def pit(values: np.ndarray, title: str) -> Figure:
    """Draw the histogram of PIT values.

    It is flat if predictions are calibrated, has a hump if they are too wide, a trough if too
    narrow.
    """
    figure, ax = plt.subplots(figsize=(WIDTH, 2.6))
    bins = np.linspace(0, 1, 11)
    ax.hist(values, bins, color=FAN, alpha=0.75, rwidth=0.94)
    ax.axhline(len(values) / 10, color=INK, lw=1)
    ax.annotate(
        "if calibrated",
        (1, len(values) / 10),
        xytext=(4, 0),
        textcoords="offset points",
        va="center",
        fontsize=9,
    )
    ax.set_xlim(0, 1)
    ax.set_xlabel("where the figure fell in its prediction: 0 below all draws, 1 above all")
    ax.set_ylabel("figures")
    ax.set_title(title)
    return figure


def notified(table: pd.DataFrame, title: str, floor: float = 1.0) -> Figure:
    """Draw what the model would have predicted of each figure, and the figure.

    A stated zero stands at the ``floor`` of the log axis. The rows have ``label, lo95, lo80,
    median, hi80, hi95, stated, bound``.
    """
    figure, ax = plt.subplots(figsize=(WIDTH, 1.0 + 0.42 * len(table)))
    at = np.arange(len(table))[::-1]
    clip = lambda name: table[name].clip(lower=floor)  # noqa: E731
    ax.hlines(at, clip("lo95"), clip("hi95"), color=FAN, lw=3, alpha=0.3)
    ax.hlines(at, clip("lo80"), clip("hi80"), color=FAN, lw=6, alpha=0.55)
    ax.plot(clip("median"), at, "|", color=FAN, ms=13, mew=2)
    for y, row in zip(at, table.itertuples()):
        value = max(row.stated, floor)
        ax.plot(value, y, "D", color=ACCENT, ms=6, zorder=5)
        text = f"{'at most ' if row.bound == 'at_most' and row.stated else ''}{row.stated:,.0f}"
        ax.annotate(
            text,
            (value, y),
            xytext=(0, 7),
            textcoords="offset points",
            ha="center",
            color=ACCENT,
            fontsize=9,
        )
    ax.set_yticks(at, table["label"])
    ax.set_xscale("log")
    ax.set_xlim(floor * 0.7)
    thousands(ax.xaxis)
    ax.set_ylim(-0.6, len(table) - 0.2)
    ax.grid(axis="x", color="#e6e6e6")
    ax.grid(axis="y", visible=False)
    first = table.iloc[0]
    ax.annotate(
        "predicted: 80 and 95 %",
        (max(first["hi80"], floor), at[0]),
        xytext=(0, 13),
        textcoords="offset points",
        color=FAN,
        fontsize=9,
    )
    ax.set_xlabel("persons, logarithmic")
    ax.set_title(title)
    return figure


def specification_curve(table: pd.DataFrame, years: tuple[int, ...], title: str) -> Figure:
    """Draw the world's workers by analysis, with the choices of each analysis below.

    Analyses are in the order of the first year's median. ``table`` has ``name, group, classes,
    copies, figures, year, lo80, median, hi80``; the first row is the book's own analysis.
    """
    own = table["name"].iloc[0]
    order = table[table["year"] == years[0]].sort_values("median")["name"].tolist()
    choices = {
        "figures of": ("classes", list(CLASSES)),
        "copies": ("copies", list(COPIES)),
        "kinds": ("figures", list(FIGURES)),
        "model": ("group", ["inclusion", "form", "identification"]),
    }
    lines = [(column, value) for column, values in choices.values() for value in values]
    figure, axes = plt.subplots(
        len(years) + 1,
        1,
        figsize=(WIDTH, 2.0 * len(years) + 0.19 * len(lines) + 0.6),
        sharex=True,
        height_ratios=[1.6] * len(years) + [0.19 * len(lines)],
    )
    x = np.arange(len(order))
    for ax, year in zip(axes, years):
        part = table[table["year"] == year].set_index("name").loc[order]
        mine = part.loc[own]
        ax.axhspan(mine["lo80"], mine["hi80"], color=FAN, alpha=0.1, lw=0)
        ax.vlines(x, part["lo80"], part["hi80"], color="#b5b5b5", lw=1.6)
        ax.plot(x, part["median"], "o", color=INK, ms=3.2)
        ax.plot(order.index(own), mine["median"], "o", color=FAN, ms=7, zorder=5)
        ax.set_ylim(0, 1.05 * float(part["hi80"].quantile(0.97)))
        thousands(ax.yaxis)
        ax.annotate(
            f"{year}",
            (0, 1),
            xycoords="axes fraction",
            xytext=(4, -12),
            textcoords="offset points",
            fontweight="bold",
        )
    axes[0].annotate(
        "this book",
        (
            order.index(own),
            table[(table["year"] == years[0]) & (table["name"] == own)]["median"].iloc[0],
        ),
        xytext=(6, -14),
        textcoords="offset points",
        color=FAN,
        fontsize=9,
    )
    axes[0].set_title(title)
    board = axes[-1]
    first = table.drop_duplicates("name").set_index("name").loc[order]
    for y, (column, value) in enumerate(lines):
        taken = (first[column] == value).to_numpy()
        board.plot(x[taken], np.full(taken.sum(), y), "|", color=INK, ms=5, mew=1.3)
    board.set_yticks(
        range(len(lines)), [_words(column, value) for column, value in lines], fontsize=7.5
    )
    board.set_ylim(len(lines) - 0.4, -0.6)
    board.set_xticks([])
    board.grid(visible=False)
    for side in ("left", "bottom"):
        board.spines[side].set_visible(False)
    figure.align_ylabels(axes)
    return figure


def _words(column: str, value: str) -> str:
    names = {"classes": value, "copies": f"copies {value}", "figures": value}
    groups = {
        "inclusion": "inclusion varied",
        "form": "form of the model varied",
        "identification": "what identifies the level",
    }
    return names.get(column) or groups[value]


def influence(table: pd.DataFrame, title: str) -> Figure:
    """Draw by how many per cent two medians move without each group, the largest first.

    Parameters
    ----------
    table : ``group, quantity, change``, and ``change_low, change_high``, the ends of the Monte
        Carlo interval of the change.
    """
    quantities = list(dict.fromkeys(table["quantity"]))
    groups = list(dict.fromkeys(table["group"]))
    figure, ax = plt.subplots(figsize=(WIDTH, 1.0 + 0.3 * len(groups)))
    at = {group: y for y, group in enumerate(reversed(groups))}
    for quantity, colour, marker, beside in zip(
        quantities, (FAN, ACCENT), ("o", "s"), (0.12, -0.12)
    ):
        part = table[table["quantity"] == quantity]
        y = part["group"].map(at) + beside
        ax.hlines(y, part["change_low"], part["change_high"], color=colour, lw=1.2)
        ax.plot(part["change"], y, marker, color=colour, ms=5, label=quantity)
    ax.axvline(0, color=MUTED, lw=0.8)
    ax.set_yticks(range(len(groups)), list(reversed(groups)), fontsize=9)
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:+.0f} %")
    ax.grid(axis="x", color="#e6e6e6")
    ax.grid(axis="y", visible=False)
    ax.set_xlabel("how the median would move without it")
    ax.legend(loc="upper right", bbox_to_anchor=(1, -0.1), ncol=2)
    ax.set_title(title)
    return figure


def prior_and_posterior(prior: pd.DataFrame, posterior: pd.DataFrame, title: str) -> Figure:
    """Draw the prior's intervals of the world total behind the posterior's, on a log axis.

    Both tables have ``year, lo95 ... hi95``.
    """
    figure, ax = plt.subplots(figsize=(WIDTH, 3.4))
    for table, colour, words in (
        (prior, "#8c8c8c", "before any figure"),
        (posterior, FAN, "after all figures"),
    ):
        ax.fill_between(table["year"], table["lo95"], table["hi95"], color=colour, alpha=0.18, lw=0)
        ax.fill_between(table["year"], table["lo80"], table["hi80"], color=colour, alpha=0.3, lw=0)
        ax.plot(table["year"], table["median"], color=colour, lw=1.6)
        last = table.iloc[-1]
        ax.annotate(
            words,
            (last["year"], last["median"]),
            xytext=(5, 0),
            textcoords="offset points",
            color=colour,
            va="center",
            fontsize=9,
        )
    ax.set_yscale("log")
    thousands(ax.yaxis)
    ax.set_title(title)
    return figure
