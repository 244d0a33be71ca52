"""Every figure of the book, in one style: fans of 50, 80 and 95 %, published figures as marks by class, copies hollow.

Colours are those of Okabe and Ito; classes also differ by marker, so that a grey print can be read.
"""

import html
import io
import re
import weakref
from collections.abc import Callable

import matplotlib as mpl
import numpy as np
import pandas as pd
from IPython.display import display
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from .headline import METADATA_KEY
from .lineage import is_copy
from .reading import central_value, middle_date
from .tables import address_of, number_of, period_of

INK, MUTED, FAN, ACCENT = "#222222", "#6b6b6b", "#0072B2", "#D55E00"
MARKS = {
    "register": ("s", "#009E73", "register"),
    "implementation_report": ("D", "#009E73", "report to the UN"),
    "entries": ("P", "#56B4E9", "entries, permits issued"),
    "ceiling": ("_", "#6b6b6b", "quota"),
    "government": ("o", "#0072B2", "government"),
    "us_un": ("^", "#CC79A7", "US, UN"),
    "interview": ("v", "#E69F00", "field research"),
    "employer": ("X", "#E69F00", "employer"),
    "compilation": ("h", "#D55E00", "compilation"),
    "press": ("*", "#D55E00", "press, witness"),
}
BANDS = ((95, 0.16), (80, 0.22), (50, 0.34))
WIDTH = 7.4
_titles: "weakref.WeakKeyDictionary[Figure, dict[str, str]]" = weakref.WeakKeyDictionary()


def use_style() -> None:
    """Set matplotlib to the style of the book."""
    mpl.rcParams.update({
        "figure.figsize": (WIDTH, 4.2), "figure.dpi": 100, "savefig.bbox": "tight", "font.size": 10.5,
        "font.family": "DejaVu Sans", "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": MUTED,
        "axes.labelcolor": INK, "xtick.color": MUTED, "ytick.color": MUTED, "text.color": INK, "axes.titlelocation": "left",
        "axes.titlesize": 11.5, "axes.titleweight": "bold", "axes.grid": True, "axes.grid.axis": "y", "grid.color": "#e6e6e6",
        "axes.axisbelow": True, "legend.frameon": False, "legend.fontsize": 9, "svg.hashsalt": "exportedlabour",
    })  # fmt: skip


def link(artist, row: pd.Series, said: str = "") -> None:
    """Let a mark lead to the row of the ledger that it shows, and tell that row, or what it ``said``, to whoever points at it."""
    artist.set_url(address_of(row))
    what = f"{row['figure_id']}: {said or number_of(row)}, {period_of(row)}, {row['asserted_by']}"
    _titles.setdefault(artist.get_figure(), {})[address_of(row)] = what


def show(figure: Figure, name: str, caption: str, alt: str) -> None:
    """Display a figure as SVG with its caption and alternative text, which the book's staging puts in place."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    titles = _titles.get(figure, {})

    def named(match: re.Match) -> str:
        words = html.escape(titles.get(html.unescape(match[1]), match[1]), quote=True)
        return f'<a xlink:href="{match[1]}" aria-label="{words}"><title>{words}</title>'

    drawing = re.sub(r'<a xlink:href="([^"]+)"(?: target="_blank")?>', named, buffer.getvalue())
    plt.close(figure)
    display(
        {"image/svg+xml": drawing, "text/plain": alt},
        raw=True,
        metadata={METADATA_KEY: {"name": name, "caption": caption, "alt": alt}},
    )


def thousands(axis) -> None:
    """Label an axis of counts with thin separators."""
    axis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))


def fan(ax, table: pd.DataFrame, colour: str = FAN, label: str = "", scale: float = 1.0) -> None:
    """Draw the intervals of a summary table (``year``, ``median``, ``lo50`` ... ``hi95``) as a fan."""
    years = table["year"].to_numpy()
    for level, alpha in BANDS:
        ax.fill_between(years, table[f"lo{level}"] * scale, table[f"hi{level}"] * scale, color=colour, alpha=alpha, lw=0)
    ax.plot(years, table["median"] * scale, color=colour, lw=1.8)
    if label:
        ax.annotate(label, (years[-1], table["median"].iloc[-1] * scale), xytext=(5, 0), textcoords="offset points",
                    va="center", color=colour, fontsize=9)  # fmt: skip
    ax.set_xlim(years[0] - 0.4, years[-1] + 0.6)
    ax.xaxis.set_major_locator(mpl.ticker.MaxNLocator(integer=True))


def label_bands(ax, table: pd.DataFrame, scale: float = 1.0) -> None:
    """Name the bands of a fan at its right end, in the figure itself."""
    last = table.iloc[-1]
    for level in (50, 80, 95):
        ax.annotate(f"{level} %", (last["year"], last[f"hi{level}"] * scale), xytext=(5, 0), textcoords="offset points",
                    color=FAN, fontsize=8.5, va="center")  # fmt: skip


def workers_world(table: pd.DataFrame, totals: pd.DataFrame, copy_threshold: float) -> Figure:
    """Draw the world's stock of workers with the published totals."""
    figure, ax = plt.subplots(figsize=(WIDTH, 4.4))
    fan(ax, table)
    top = max(float(table["hi95"].max()), 1.0)
    marks(ax, totals, copy_threshold, top=1.02 * top)
    label_bands(ax, table)
    ax.set_ylim(0, 1.05 * top)
    thousands(ax.yaxis)
    ax.set_title("Workers abroad, all hosts")
    if len(totals):
        marks_legend(ax, totals, copy_threshold)
    return figure


def simple_fan(table: pd.DataFrame, title: str, scale: float = 1.0, size: tuple[float, float] = (WIDTH, 3.3)) -> Figure:
    """Draw one fan from zero with its bands named."""
    figure, ax = plt.subplots(figsize=size)
    fan(ax, table, scale=scale)
    label_bands(ax, table, scale)
    ax.set_ylim(0)
    thousands(ax.yaxis)
    ax.set_title(title)
    return figure


def marks(ax, figures: pd.DataFrame, copy_threshold: float, top: float = np.inf) -> None:
    """Draw published head counts: a mark by class, hollow if a copy, a bar for a range, an arrow for a bound.

    A part of a country is an upward arrow from a small mark, a ceiling or zero a downward one; what lies above
    ``top`` is drawn at the edge, with its numbers at the side.
    """
    copies = is_copy(figures, copy_threshold)
    beyond = []
    for (_, row), copied in zip(figures.iterrows(), copies):
        marker, colour, _ = MARKS[row["evidence_class"]]
        value, date = central_value(row), middle_date(row)
        if np.isnan(value):
            continue
        faint = row["use"] not in ("fit", "judge")
        alpha = 0.35 if faint else 0.95
        if value > top:
            (mark,) = ax.plot(
                date, top, marker, ms=5, mfc="white" if copied else colour, mec=colour, mew=1.0, alpha=alpha, zorder=4, clip_on=False
            )
            link(mark, row)
            beyond.append(value)
            continue
        face = "white" if copied else colour
        part = row["scope"] != "national" or row["quantity"] == "repatriated"
        size = 3.6 if part else 6.0
        if not np.isnan(row["low"]) and not np.isnan(row["high"]) and row["high"] > row["low"]:
            ax.plot([date, date], [row["low"], min(row["high"], top)], color=colour, lw=1.2, alpha=alpha, solid_capstyle="butt")
        up = part or row["bound"] == "at_least"
        down = not part and (row["bound"] == "at_most" or row["quantity"] in ("quota", "residents") or value == 0)
        if up or down:
            ax.annotate(
                "", (date, value), xytext=(0, 11 if up else -11), textcoords="offset points", xycoords="data",
                arrowprops={"arrowstyle": "<-", "color": colour, "lw": 0.9, "alpha": alpha, "shrinkA": 0, "shrinkB": 0},
            )  # fmt: skip
        (mark,) = ax.plot(date, value, marker, ms=size, mfc=face, mec=colour, mew=1.0, alpha=alpha, zorder=4)
        link(mark, row)
    if beyond:
        words = f"{min(beyond):,.0f}" + (f" to {max(beyond):,.0f}" if max(beyond) > min(beyond) else "")
        ax.annotate(f"↑ {len(beyond)} figures beyond the edge: {words}" if len(beyond) > 1 else f"↑ beyond the edge: {words}", (1, top),
                    xycoords=("axes fraction", "data"), xytext=(0, 5), textcoords="offset points", ha="right", fontsize=8, color=MUTED)  # fmt: skip


def marks_legend(ax, figures: pd.DataFrame, copy_threshold: float) -> None:
    """Name the classes that occur below the axes, and what hollow marks and arrows mean."""
    handles = [
        mpl.lines.Line2D([], [], marker=MARKS[c][0], color=MARKS[c][1], ls="", ms=6, label=MARKS[c][2])
        for c in MARKS
        if (figures["evidence_class"] == c).any()
    ]
    if is_copy(figures, copy_threshold).any():
        handles.append(mpl.lines.Line2D([], [], marker="o", mfc="white", mec=INK, ls="", ms=6, label="hollow: copy"))
    handles.append(mpl.lines.Line2D([], [], marker="^", mfc="none", color=INK, ls="", ms=5, label="arrow: at least, or a part"))
    ax.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.09), ncol=4, columnspacing=1.1, handletextpad=0.3)


def host_stock(table: pd.DataFrame, figures: pd.DataFrame, title: str, copy_threshold: float) -> Figure:
    """Draw one host's trajectory with all its head counts."""
    figure, ax = plt.subplots(figsize=(WIDTH, 4.4))
    fan(ax, table)
    values = figures.apply(central_value, axis=1) if len(figures) else pd.Series(dtype=float)
    usual = float(np.nanpercentile(values, 90)) if len(values) else 0.0
    top = 1.1 * max(float(table["hi80"].max()), usual, 12.0)
    shown = [table["year"].min() - 0.5 <= middle_date(row) <= table["year"].max() + 1.5 for _, row in figures.iterrows()]
    inside = figures[np.array(shown, dtype=bool)]
    marks(ax, inside, copy_threshold, top=top)
    ax.set_ylim(0, 1.06 * top)
    thousands(ax.yaxis)
    ax.set_title(title)
    if len(inside):
        marks_legend(ax, inside, copy_threshold)
    return figure


def ranking(table: pd.DataFrame, labels: Callable[[str], str], title: str, shown: int = 20) -> Figure:
    """Draw hosts of one year by median, with 50, 80 and 95 % intervals, on a log scale."""
    rows = table.sort_values("median").tail(shown)
    figure, ax = plt.subplots(figsize=(WIDTH, 0.27 * len(rows) + 1.0))
    at = np.arange(len(rows))
    for level, width in ((95, 1.0), (80, 2.6), (50, 5.0)):
        ax.hlines(at, rows[f"lo{level}"].clip(lower=1), rows[f"hi{level}"].clip(lower=1), color=FAN, lw=width, alpha=0.75)
    ax.plot(rows["median"].clip(lower=1), at, "o", color="white", mec=FAN, ms=4.5, zorder=4)
    ax.set_yticks(at, [labels(code) for code in rows["host"]])
    ax.set_xscale("log")
    thousands(ax.xaxis)
    ax.grid(axis="x")
    ax.grid(axis="y", visible=False)
    ax.set_title(title)
    return figure


def intervals(rows: pd.DataFrame, title: str, unit: str, scale: float = 1.0, log: bool = False) -> Figure:
    """Draw one line a row of ``rows`` (``label``, ``median``, ``lo50`` ... ``hi95``), top down."""
    rows = rows.iloc[::-1]
    figure, ax = plt.subplots(figsize=(WIDTH, 0.34 * len(rows) + 1.0))
    at = np.arange(len(rows))
    for level, width in ((95, 1.0), (80, 2.6), (50, 5.0)):
        ax.hlines(at, rows[f"lo{level}"] * scale, rows[f"hi{level}"] * scale, color=FAN, lw=width, alpha=0.75)
    ax.plot(rows["median"] * scale, at, "o", color="white", mec=FAN, ms=5, zorder=4)
    ax.set_yticks(at, rows["label"])
    if log:
        ax.set_xscale("log")
    thousands(ax.xaxis)
    ax.grid(axis="x")
    ax.grid(axis="y", visible=False)
    ax.set_xlabel(unit)
    ax.set_title(title)
    return figure


def estimates(rows: pd.DataFrame, title: str, unit: str) -> Figure:
    """Draw an estimate and one interval a row of ``rows`` (``label``, ``trend``, ``low``, ``high``), top down, with a line at zero."""
    rows = rows.iloc[::-1]
    figure, ax = plt.subplots(figsize=(WIDTH, 0.34 * len(rows) + 1.0))
    at = np.arange(len(rows))
    ax.axvline(0, color=MUTED, lw=0.8)
    ax.hlines(at, rows["low"], rows["high"], color=FAN, lw=1.6)
    ax.plot(rows["trend"], at, "o", color="white", mec=FAN, ms=5, zorder=4)
    ax.set_yticks(at, rows["label"])
    ax.grid(axis="x")
    ax.grid(axis="y", visible=False)
    ax.set_xlabel(unit)
    ax.set_title(title)
    return figure


def joint(across: np.ndarray, up: np.ndarray, names: tuple[str, str], title: str) -> Figure:
    """Draw a cloud of draws of two quantities, the middle 98 % of each, so that their correlation shows."""
    figure, ax = plt.subplots(figsize=(WIDTH * 0.7, 3.4))
    ax.plot(across, up, ".", color=FAN, ms=4, alpha=0.4, mew=0)
    ax.set_xlim(*np.percentile(across, [1, 99]))
    ax.set_ylim(*np.percentile(up, [1, 99]))
    ax.set_xlabel(names[0])
    ax.set_ylabel(names[1])
    ax.set_title(title)
    return figure


def division(shares: pd.DataFrame, title: str) -> Figure:
    """Draw who has which part of gross pay, one bar a row of ``shares`` (``label``, ``state``, ``others``, ``worker``,
    fractions that sum to one), with the numbers in the bars."""
    rows = shares.iloc[::-1].reset_index(drop=True)
    figure, ax = plt.subplots(figsize=(WIDTH, 0.42 * len(rows) + 1.2))
    left = np.zeros(len(rows))
    parts = (("state", ACCENT, "the state"), ("others", "#999999", "company, managers, board"), ("worker", "#009E73", "the worker"))
    for column, colour, label in parts:
        ax.barh(rows.index, rows[column], left=left, color=colour, height=0.66, label=label)
        for i, value in enumerate(rows[column]):
            ax.text(left[i] + value / 2, i, f"{value:.0%}", ha="center", va="center", color="white", fontsize=9)
        left += rows[column].to_numpy()
    ax.set_yticks(rows.index, rows["label"])
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(mpl.ticker.PercentFormatter(1.0))
    ax.grid(visible=False)
    ax.set_title(title)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncol=3)
    return figure


def pay_by_region(figures: pd.DataFrame, dollars: pd.Series, regions: pd.Series, title: str) -> Figure:
    """Draw published gross pay (2024 dollars a month) by region: one dot a figure."""
    order = dollars.groupby(regions).median().sort_values().index
    figure, ax = plt.subplots(figsize=(WIDTH, 0.42 * len(order) + 1.2))
    for k, region in enumerate(order):
        here = regions == region
        offsets = np.linspace(-0.22, 0.22, int(here.sum())) if here.sum() > 1 else [0.0]
        for (_, row), value, offset in zip(figures[here].iterrows(), dollars[here], offsets):
            marker, colour, _ = MARKS[row["evidence_class"]]
            (mark,) = ax.plot(value, k + offset, marker, color=colour, ms=5, alpha=0.85)
            link(mark, row)
    ax.set_yticks(range(len(order)), order)
    ax.set_xlim(0)
    thousands(ax.xaxis)
    ax.grid(axis="x")
    ax.grid(axis="y", visible=False)
    ax.set_xlabel("2024 dollars a month")
    ax.set_title(title)
    marks_legend_only(ax, figures["evidence_class"].unique())
    return figure


def marks_legend_only(ax, classes) -> None:
    """Name the classes by their marks, below the axes."""
    handles = [
        mpl.lines.Line2D([], [], marker=MARKS[c][0], color=MARKS[c][1], ls="", ms=6, label=MARKS[c][2]) for c in MARKS if c in classes
    ]
    ax.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.2), ncol=5, columnspacing=1.1, handletextpad=0.3)


def claims(rows: pd.DataFrame, title: str) -> Figure:
    """Draw each claim against the posterior of what it claims, as a multiple of the posterior median, log scale."""
    rows = rows.iloc[::-1].reset_index(drop=True)
    figure, ax = plt.subplots(figsize=(WIDTH, 0.5 * len(rows) + 1.2))
    for i, row in rows.iterrows():
        for level, width in ((95, 1.0), (80, 3.0), (50, 6.0)):
            ax.hlines(i, row[f"lo{level}"] / row["median"], row[f"hi{level}"] / row["median"], color=FAN, lw=width, alpha=0.7)
        ends = [row["claim_low"] / row["median"], row["claim_high"] / row["median"]]
        ax.plot(ends, [i, i], "-", color=ACCENT, lw=2.2)
        (mark,) = ax.plot(ends, [i, i], "D", color=ACCENT, ms=6)
        link(mark, row, said=row["claimed"])
    ax.axvline(1, color=MUTED, lw=0.8)
    ax.set_yticks(rows.index, rows["label"])
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}×"))
    ax.xaxis.set_minor_formatter(FuncFormatter(lambda x, _: f"{x:g}×" if f"{x:.1e}"[0] in "25" else ""))
    ax.tick_params(axis="x", which="minor", labelsize=8)
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x")
    ax.set_xlabel("claim (orange) and posterior (blue) as multiples of the posterior median")
    ax.set_title(title)
    return figure


def two_fans(first: pd.DataFrame, second: pd.DataFrame, names: tuple[str, str], title: str, scale: float = 1.0) -> Figure:
    """Draw the 80 % fans of two builds over one another, directly labelled."""
    figure, ax = plt.subplots(figsize=(WIDTH, 3.6))
    for table, colour, name, style in ((first, MUTED, names[0], "--"), (second, FAN, names[1], "-")):
        years = table["year"]
        ax.fill_between(years, table["lo80"] * scale, table["hi80"] * scale, color=colour, alpha=0.22, lw=0)
        ax.plot(years, table["median"] * scale, style, color=colour, lw=1.8, label=name)
    ax.set_ylim(0)
    thousands(ax.yaxis)
    ax.xaxis.set_major_locator(mpl.ticker.MaxNLocator(integer=True))
    ax.set_title(title)
    ax.legend(loc="upper left")
    return figure
