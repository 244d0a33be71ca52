"""Plots of the chapter on where the uncertainty comes from."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from .plots import ACCENT, FAN, MUTED, WIDTH


def _rows(count: int) -> tuple[Figure, plt.Axes]:
    figure, ax = plt.subplots(figsize=(WIDTH, 0.36 * count + 1.1))
    ax.grid(axis="x")
    ax.grid(axis="y", visible=False)
    return figure, ax


def shares(effects: Mapping[str, pd.Series], title: str) -> Figure:
    """Draw the share of the variance that each input accounts for.

    ``effects`` has two years: bars are of the last, hollow marks of the first.
    """
    (early, first), (late, last) = effects.items()
    order = last.sort_values().index
    figure, ax = _rows(len(order))
    at = np.arange(len(order))
    ax.barh(at, last[order], color=FAN, height=0.62)
    ax.plot(first[order], at, "D", mfc="white", mec=ACCENT, ms=6, ls="")
    for i, name in enumerate(order):
        ax.text(
            max(last[name], first[name], 0) + 0.015,
            i,
            f"{last[name]:.0%}  ({first[name]:.0%})",
            va="center",
            fontsize=9,
        )
    ax.set_yticks(at, order)
    ax.set_xlim(
        min(0, float(last.min()), float(first.min())),
        1.2 * max(float(last.max()), float(first.max())),
    )
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:.0%}"))
    ax.set_title(f"{title}\nbar: {late}; mark and brackets: {early}")
    return figure


def tornado(table: pd.DataFrame, title: str, shown: int = 12) -> Figure:
    """Draw by what factor the median moves with each assumption.

    Blue is the 10th percentile of the assumption's prior, red the 90th.
    """
    wide = table.pivot(index="lever", columns="end", values="factor")
    reach = np.log(wide).abs().max(axis=1)
    wide = wide.loc[reach.dropna().sort_values().index].tail(shown)
    figure, ax = _rows(len(wide))
    for i, (_, row) in enumerate(wide.iterrows()):
        pair = [row["low"], row["high"]]
        for value, colour in zip(pair, (FAN, ACCENT)):
            if np.isfinite(value):
                ax.plot([1, value], [i, i], color=colour, lw=7, solid_capstyle="butt")
        right = np.nanmax([*pair, 1.0])
        words = " / ".join(
            "out of reach" if not np.isfinite(value) else f"×{value:.2f}" for value in pair
        )
        ax.annotate(
            words, (right, i), xytext=(6, 0), textcoords="offset points", va="center", fontsize=8.5
        )
    ax.axvline(1, color=MUTED, lw=0.8)
    ax.set_yticks(range(len(wide)), [str(name).replace("_", " ") for name in wide.index])
    low, high = np.nanmin(wide.to_numpy()), np.nanmax(wide.to_numpy())
    ax.set_xlim(min(low, 1) - 0.02, max(high, 1) + 0.32 * max(high - low, 0.05))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"×{x:.2f}"))
    ax.set_title(f"{title}\nblue: 10th percentile of the prior, red: 90th")
    return figure


def worth(table: pd.DataFrame, title: str, shown: int = 12) -> Figure:
    """Draw by how much knowing one thing narrows the 80 % interval.

    A bar is for a measurement to a tenth, a line for a perfect one. ``table`` has ``unknown,
    quality`` (perfect, to a tenth) and ``narrowed``, of one answer.
    """
    wide = (
        table.pivot(index="unknown", columns="quality", values="narrowed")
        .sort_values("perfect")
        .tail(shown)
    )
    figure, ax = _rows(len(wide))
    at = np.arange(len(wide))
    ax.barh(at, wide["to a tenth"].clip(lower=0), color=FAN, height=0.6)
    ax.plot(wide["perfect"].clip(lower=0), at, "|", color=ACCENT, ms=13, mew=2.2)
    for i, row in enumerate(wide.itertuples()):
        ax.text(
            max(row.perfect, 0) + 0.008, i, f"{max(row.perfect, 0):.0%}", va="center", fontsize=9
        )
    ax.set_yticks(at, wide.index)
    ax.set_xlim(0, 1.15 * max(float(wide.max().max()), 0.05))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:.0%}"))
    ax.set_title(f"{title}\nbar: measured to a tenth; line and number: exactly")
    return figure
