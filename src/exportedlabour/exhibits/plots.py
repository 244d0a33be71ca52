"""Every plot of the book, in one style.

Estimates are fans of 50, 80 and 95 %. Published figures are marks by class, and copies are hollow.
Colours are those of Okabe and Ito; classes also differ by marker, so that a grey print can be read.
"""

import io
import textwrap
import weakref
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from IPython.display import display
from lxml import etree
from matplotlib import pyplot as plt
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from matplotlib.transforms import Bbox

from ..evidence.address import address_of
from ..evidence.classes import registry
from ..evidence.ledger import year_fraction
from ..evidence.lineage import is_copy
from ..evidence.reading import central_value, middle_date
from ..words import number_of, period_of
from . import plot_data
from .numbers import METADATA_KEY

INK, MUTED, FAN, ACCENT = "#222222", "#6b6b6b", "#0072B2", "#D55E00"
MARKS = {name: (each.marker, each.colour, each.label) for name, each in registry().classes.items()}
BANDS = ((95, 0.16), (80, 0.22), (50, 0.34))
WIDTH = 7.4
SVG, XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
SVG_DOTS = 72  # an inch, in every SVG of matplotlib
_titles: "weakref.WeakKeyDictionary[Figure, dict[str, str]]" = weakref.WeakKeyDictionary()


def use_style() -> None:
    """Set matplotlib to the style of the book."""
    mpl.rcParams.update(
        {
            "figure.figsize": (WIDTH, 4.2),
            "figure.dpi": 100,
            "savefig.bbox": "tight",
            "font.size": 10.5,
            "font.family": "DejaVu Sans",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.edgecolor": MUTED,
            "axes.labelcolor": INK,
            "xtick.color": MUTED,
            "ytick.color": MUTED,
            "text.color": INK,
            "axes.titlelocation": "left",
            "axes.titlesize": 11.5,
            "axes.titleweight": "bold",
            "axes.titley": 1.0,
            "axes.grid": True,
            "axes.grid.axis": "y",
            "grid.color": "#e6e6e6",
            "axes.axisbelow": True,
            "legend.frameon": False,
            "legend.fontsize": 9,
            "svg.hashsalt": "exportedlabour",
            "text.parse_math": False,  # a name from a ledger is never drawn as a formula
        }
    )


def link(artist, row: pd.Series, text: str = "") -> None:
    """Link a mark to the row of the ledger that it shows.

    Whoever points at the mark is shown the figure, or the words ``text`` in place of its number.
    """
    artist.set_url(address_of(row))
    what = f"{row['figure_id']}: {text or number_of(row)}, {period_of(row)}, {row['asserted_by']}"
    _titles.setdefault(artist.get_figure(), {})[address_of(row)] = what


def show(
    figure: Figure,
    name: str,
    caption: str,
    alt: str,
    data: pd.DataFrame | None = None,
    data_title: str = "",
) -> None:
    """Display a plot as SVG with its caption and alternative text, which staging puts on the page.

    ``data`` is the table that was drawn. Readers get it below the plot and as CSV. ``data_title``
    says in a few words what it is, with its unit where the columns do not give it; without it the
    first sentence of the caption does.
    """
    for axis in (axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)):
        if not axis.get_label_text():
            # To place an empty label, matplotlib would measure all ticks again and again.
            axis.set_label_coords(0.5, 0.5)
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None}, bbox_inches=tight_box(figure))
    drawing = with_titles(buffer.getvalue(), _titles.get(figure, {}))
    plt.close(figure)
    described = {"name": name, "caption": caption, "alt": alt, "data_title": data_title}
    if data is not None:
        described["data"] = plot_data.as_csv(data)
    display(
        {"image/svg+xml": drawing, "text/plain": alt}, raw=True, metadata={METADATA_KEY: described}
    )


def with_titles(drawing: str, titles: dict[str, str]) -> str:
    """Return an SVG each link of which has a title: that of its address in ``titles``, else the
    address."""
    if "<a " not in drawing:
        return drawing
    root = etree.fromstring(drawing.encode())
    for link_there in root.iter(f"{SVG}a"):
        address = link_there.get(XLINK)
        words = titles.get(address, address)
        link_there.attrib.pop("target", None)
        link_there.set("aria-label", words)
        title = etree.Element(f"{SVG}title")
        title.text = words
        link_there.insert(0, title)
    whole = etree.tostring(
        root.getroottree(), encoding="utf-8", xml_declaration=True, standalone=False
    )
    return whole.decode() + "\n"


def tight_box(figure: Figure) -> Bbox | str:
    """Return the box in inches around all that a plot shows.

    matplotlib's "tight" finds the same, but draws the plot once to find it. A plot with a layout
    engine is drawn nevertheless.
    """
    if figure.get_layout_engine() is not None:
        return "tight"
    (width, height), dots = figure.get_size_inches(), figure.dpi
    figure.dpi = SVG_DOTS
    box = figure.get_tightbbox(
        RendererSVG(width * SVG_DOTS, height * SVG_DOTS, io.StringIO(), image_dpi=SVG_DOTS)
    )
    figure.dpi = dots
    return box.padded(mpl.rcParams["savefig.pad_inches"])


def drawn(estimates: pd.DataFrame, published: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the data of a fan, one row a year.

    Below them are the published figures that are marked on it.
    """
    columns = [
        "year",
        "median",
        *(f"{end}{level}" for level in (50, 80, 95) for end in ("lo", "hi")),
    ]
    fan_rows = estimates[columns].assign(what="estimate")
    if published is None or published.empty:
        return fan_rows[["what", *columns]]
    marks_rows = published[
        ["figure_id", "period_start", "period_end", "low", "point", "high", "evidence_class", "use"]
    ].assign(what="published", year=[int(middle_date(row)) for _, row in published.iterrows()])
    return pd.concat([fan_rows, marks_rows], ignore_index=True).astype({"year": int})[
        ["what", *columns, *marks_rows.columns[:8]]
    ]


def strip_data(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the data of a chart with an interval a line.

    They are its labels, the ends of the claim if there is one, and the intervals.
    """
    columns = [
        "label",
        "claim_low",
        "claim_high",
        "median",
        *(f"{end}{level}" for level in (50, 80, 95) for end in ("lo", "hi")),
        "verdict",
    ]
    return rows[[name for name in columns if name in rows]]


def thousands(axis) -> None:
    """Label an axis of counts with thin separators."""
    axis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))


def fan(ax, table: pd.DataFrame, colour: str = FAN, label: str = "", scale: float = 1.0) -> None:
    """Draw the intervals of a summary table as a fan.

    ``table`` has ``year``, ``median`` and ``lo50`` ... ``hi95``.
    """
    years = table["year"].to_numpy()
    for level, alpha in BANDS:
        ax.fill_between(
            years,
            table[f"lo{level}"] * scale,
            table[f"hi{level}"] * scale,
            color=colour,
            alpha=alpha,
            lw=0,
        )
    ax.plot(years, table["median"] * scale, color=colour, lw=1.8)
    if label:
        ax.annotate(
            label,
            (years[-1], table["median"].iloc[-1] * scale),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            fontsize=9,
        )
    ax.set_xlim(years[0] - 0.4, years[-1] + 0.6)
    ax.xaxis.set_major_locator(mpl.ticker.MaxNLocator(integer=True))


def label_bands(ax, table: pd.DataFrame, scale: float = 1.0) -> None:
    """Name the bands of a fan at its right end, within the plot."""
    last = table.iloc[-1]
    for level in (50, 80, 95):
        ax.annotate(
            f"{level} %",
            (last["year"], last[f"hi{level}"] * scale),
            xytext=(5, 0),
            textcoords="offset points",
            color=FAN,
            fontsize=8.5,
            va="center",
        )


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


def simple_fan(
    table: pd.DataFrame, title: str, scale: float = 1.0, size: tuple[float, float] = (WIDTH, 3.3)
) -> Figure:
    """Draw one fan from zero with its bands named."""
    figure, ax = plt.subplots(figsize=size)
    fan(ax, table, scale=scale)
    label_bands(ax, table, scale)
    ax.set_ylim(0)
    thousands(ax.yaxis)
    ax.set_title(title)
    return figure


def card(table: pd.DataFrame, headline: str, subline: str, title: str, path: Path) -> None:
    """Write the picture that other sites show beside a link to the book.

    It has 1200 by 630 pixels: what is ``headline``, large, over a fan.
    """
    figure, ax = plt.subplots(figsize=(12, 6.3))
    fan(ax, table)
    ax.set_ylim(0)
    thousands(ax.yaxis)
    ax.tick_params(labelsize=15)
    figure.subplots_adjust(left=0.09, right=0.96, bottom=0.09, top=0.66)
    for height, words, size, weight in (
        (0.9, title, 19, "normal"),
        (0.8, headline, 34, "bold"),
        (0.73, subline, 19, "normal"),
    ):
        figure.text(
            0.04,
            height,
            words,
            fontsize=size,
            fontweight=weight,
            color=MUTED if size == 19 else INK,
        )
    with mpl.rc_context({"savefig.bbox": "standard"}):
        figure.savefig(path, dpi=100, metadata={"Software": None})
    plt.close(figure)


def marks(ax, figures: pd.DataFrame, copy_threshold: float, top: float = np.inf) -> None:
    """Draw published head counts as marks.

    The class gives the mark. It is hollow for a copy, a bar for a range, an arrow for a bound. A
    figure of a part of a country is a small mark with an arrow up; a ceiling or a zero has an arrow
    down. What lies above ``top`` is drawn at the edge, with its number at the side.
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
                date,
                top,
                marker,
                ms=5,
                mfc="white" if copied else colour,
                mec=colour,
                mew=1.0,
                alpha=alpha,
                zorder=4,
                clip_on=False,
            )
            link(mark, row)
            beyond.append(value)
            continue
        face = "white" if copied else colour
        part = row["scope"] != "national" or row["quantity"] == "repatriated"
        size = 3.6 if part else 6.0
        if not np.isnan(row["low"]) and not np.isnan(row["high"]) and row["high"] > row["low"]:
            ax.plot(
                [date, date],
                [row["low"], min(row["high"], top)],
                color=colour,
                lw=1.2,
                alpha=alpha,
                solid_capstyle="butt",
            )
        up = part or row["bound"] == "at_least"
        down = not part and (
            row["bound"] == "at_most" or row["quantity"] in ("quota", "residents") or value == 0
        )
        if up or down:
            ax.annotate(
                "",
                (date, value),
                xytext=(0, 11 if up else -11),
                textcoords="offset points",
                xycoords="data",
                arrowprops={
                    "arrowstyle": "<-",
                    "color": colour,
                    "lw": 0.9,
                    "alpha": alpha,
                    "shrinkA": 0,
                    "shrinkB": 0,
                },
            )
        (mark,) = ax.plot(
            date, value, marker, ms=size, mfc=face, mec=colour, mew=1.0, alpha=alpha, zorder=4
        )
        link(mark, row)
    if beyond:
        words = f"{min(beyond):,.0f}" + (
            f" to {max(beyond):,.0f}" if max(beyond) > min(beyond) else ""
        )
        ax.annotate(
            (
                f"↑ {len(beyond)} figures beyond the edge: {words}"
                if len(beyond) > 1
                else f"↑ beyond the edge: {words}"
            ),
            (1, top),
            xycoords=("axes fraction", "data"),
            xytext=(0, 5),
            textcoords="offset points",
            ha="right",
            fontsize=8,
            color=MUTED,
        )


def marks_legend(ax, figures: pd.DataFrame, copy_threshold: float) -> None:
    """Draw the legend below the axes: the classes that occur, hollow marks and arrows."""
    handles = [
        mpl.lines.Line2D(
            [], [], marker=MARKS[c][0], color=MARKS[c][1], ls="", ms=6, label=MARKS[c][2]
        )
        for c in MARKS
        if (figures["evidence_class"] == c).any()
    ]
    if is_copy(figures, copy_threshold).any():
        handles.append(
            mpl.lines.Line2D(
                [], [], marker="o", mfc="white", mec=INK, ls="", ms=6, label="hollow: copy"
            )
        )
    handles.append(
        mpl.lines.Line2D(
            [],
            [],
            marker="^",
            mfc="none",
            color=INK,
            ls="",
            ms=5,
            label="arrow: at least, or a part",
        )
    )
    ax.legend(
        handles=handles,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.09),
        ncol=4,
        columnspacing=1.1,
        handletextpad=0.3,
    )


def host_stock(
    table: pd.DataFrame, figures: pd.DataFrame, title: str, copy_threshold: float
) -> Figure:
    """Draw one host's trajectory with all its head counts."""
    figure, ax = plt.subplots(figsize=(WIDTH, 4.4))
    fan(ax, table)
    values = figures.apply(central_value, axis=1) if len(figures) else pd.Series(dtype=float)
    usual = float(np.nanpercentile(values, 90)) if len(values) else 0.0
    top = 1.1 * max(float(table["hi80"].max()), usual, 12.0)
    shown = [
        table["year"].min() - 0.5 <= middle_date(row) <= table["year"].max() + 1.5
        for _, row in figures.iterrows()
    ]
    inside = figures[np.array(shown, dtype=bool)]
    marks(ax, inside, copy_threshold, top=top)
    ax.set_ylim(0, 1.06 * top)
    thousands(ax.yaxis)
    ax.set_title(title)
    if len(inside):
        marks_legend(ax, inside, copy_threshold)
    return figure


def ranking(
    table: pd.DataFrame, labels: Callable[[str], str], title: str, shown: int = 20
) -> Figure:
    """Draw hosts of one year by median, with 50, 80 and 95 % intervals, on a log scale."""
    rows = table.sort_values("median").tail(shown)
    figure, ax = plt.subplots(figsize=(WIDTH, 0.27 * len(rows) + 1.0))
    at = np.arange(len(rows))
    for level, width in ((95, 1.0), (80, 2.6), (50, 5.0)):
        ax.hlines(
            at,
            rows[f"lo{level}"].clip(lower=1),
            rows[f"hi{level}"].clip(lower=1),
            color=FAN,
            lw=width,
            alpha=0.75,
        )
    ax.plot(rows["median"].clip(lower=1), at, "o", color="white", mec=FAN, ms=4.5, zorder=4)
    ax.set_yticks(at, [labels(code) for code in rows["host"]])
    ax.set_xscale("log")
    thousands(ax.xaxis)
    ax.grid(axis="x")
    ax.grid(axis="y", visible=False)
    ax.set_title(title)
    return figure


def intervals(
    rows: pd.DataFrame, title: str, unit: str, scale: float = 1.0, log: bool = False
) -> Figure:
    """Draw one line a row of ``rows`` (``label``, ``median``, ``lo50`` ... ``hi95``), top down."""
    rows = rows.iloc[::-1]
    figure, ax = plt.subplots(figsize=(WIDTH, 0.34 * len(rows) + 1.0))
    at = np.arange(len(rows))
    for level, width in ((95, 1.0), (80, 2.6), (50, 5.0)):
        ax.hlines(
            at,
            rows[f"lo{level}"] * scale,
            rows[f"hi{level}"] * scale,
            color=FAN,
            lw=width,
            alpha=0.75,
        )
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
    """Draw an estimate and one interval a row of ``rows`` (``label``, ``trend``, ``low``,
    ``high``), top down, with a line at zero."""
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
    """Draw a cloud of draws of two quantities, to show their correlation.

    Only the middle 98 % of each are drawn.
    """
    figure, ax = plt.subplots(figsize=(WIDTH * 0.7, 3.4))
    ax.plot(across, up, ".", color=FAN, ms=4, alpha=0.4, mew=0)
    ax.set_xlim(*np.percentile(across, [1, 99]))
    ax.set_ylim(*np.percentile(up, [1, 99]))
    ax.set_xlabel(names[0])
    ax.set_ylabel(names[1])
    ax.set_title(title)
    return figure


def division(shares: pd.DataFrame, title: str) -> Figure:
    """Draw who gets which part of gross pay, one bar a row, with the numbers in the bars.

    ``shares`` has ``label``, ``state``, ``others``, ``worker``: fractions that sum to one.
    """
    rows = shares.iloc[::-1].reset_index(drop=True)
    figure, ax = plt.subplots(figsize=(WIDTH, 0.42 * len(rows) + 1.2))
    left = np.zeros(len(rows))
    parts = (
        ("state", ACCENT, "the state"),
        ("others", "#999999", "company, managers, board"),
        ("worker", "#009E73", "the worker"),
    )
    for column, colour, label in parts:
        ax.barh(rows.index, rows[column], left=left, color=colour, height=0.66, label=label)
        for i, value in enumerate(rows[column]):
            ax.text(
                left[i] + value / 2,
                i,
                f"{value:.0%}",
                ha="center",
                va="center",
                color="white",
                fontsize=9,
            )
        left += rows[column].to_numpy()
    ax.set_yticks(rows.index, rows["label"])
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(mpl.ticker.PercentFormatter(1.0))
    ax.grid(visible=False)
    ax.set_title(title)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncol=3)
    return figure


def pay_by_region(
    figures: pd.DataFrame, dollars: pd.Series, regions: pd.Series, title: str
) -> Figure:
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
        mpl.lines.Line2D(
            [], [], marker=MARKS[c][0], color=MARKS[c][1], ls="", ms=6, label=MARKS[c][2]
        )
        for c in MARKS
        if c in classes
    ]
    ax.legend(
        handles=handles,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.2),
        ncol=5,
        columnspacing=1.1,
        handletextpad=0.3,
    )


def claims(rows: pd.DataFrame, title: str) -> Figure:
    """Draw each claim against the posterior of what it claims.

    Both are multiples of the posterior median, on a log scale.
    """
    rows = rows.iloc[::-1].reset_index(drop=True)
    figure, ax = plt.subplots(figsize=(WIDTH, 0.5 * len(rows) + 1.2))
    for i, row in rows.iterrows():
        for level, width in ((95, 1.0), (80, 3.0), (50, 6.0)):
            ax.hlines(
                i,
                row[f"lo{level}"] / row["median"],
                row[f"hi{level}"] / row["median"],
                color=FAN,
                lw=width,
                alpha=0.7,
            )
        ends = [row["claim_low"] / row["median"], row["claim_high"] / row["median"]]
        ax.plot(ends, [i, i], "-", color=ACCENT, lw=2.2)
        (mark,) = ax.plot(ends, [i, i], "D", color=ACCENT, ms=6)
        link(mark, row, text=row["claimed"])
    ax.axvline(1, color=MUTED, lw=0.8)
    ax.set_yticks(rows.index, rows["label"])
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}×"))
    ax.xaxis.set_minor_formatter(
        FuncFormatter(lambda x, _: f"{x:g}×" if f"{x:.1e}"[0] in "25" else "")
    )
    ax.tick_params(axis="x", which="minor", labelsize=8)
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x")
    ax.set_xlabel("claim (orange) and posterior (blue) as multiples of the posterior median")
    ax.set_title(title)
    return figure


def two_fans(
    first: pd.DataFrame,
    second: pd.DataFrame,
    names: tuple[str, str],
    title: str,
    scale: float = 1.0,
) -> Figure:
    """Draw the 80 % fans of two builds in one plot, labelled directly."""
    figure, ax = plt.subplots(figsize=(WIDTH, 3.6))
    for table, colour, name, style in (
        (first, MUTED, names[0], "--"),
        (second, FAN, names[1], "-"),
    ):
        years = table["year"]
        ax.fill_between(
            years, table["lo80"] * scale, table["hi80"] * scale, color=colour, alpha=0.22, lw=0
        )
        ax.plot(years, table["median"] * scale, style, color=colour, lw=1.8, label=name)
    ax.set_ylim(0)
    thousands(ax.yaxis)
    ax.xaxis.set_major_locator(mpl.ticker.MaxNLocator(integer=True))
    ax.set_title(title)
    ax.legend(loc="upper left")
    return figure


def claim_strip(
    rows: pd.DataFrame, title: str, unit: str, scale: float = 1.0, log: bool = False
) -> Figure:
    """Draw one claim against the posterior of what it claims, one line a reading.

    ``rows`` has ``label``, ``claim_low``, ``claim_high``, ``median`` and ``lo50`` ... ``hi95``; a
    claim without an upper end is open to the right. Numbers are multiplied by ``scale``.
    """
    rows = rows.iloc[::-1].reset_index(drop=True)
    figure, ax = plt.subplots(figsize=(WIDTH, 0.5 * len(rows) + 1.3))
    if log:
        ax.set_xscale("log")
    for i, row in rows.iterrows():
        for level, width in ((95, 1.2), (80, 4.0), (50, 8.0)):
            ax.hlines(
                i,
                row[f"lo{level}"] * scale,
                row[f"hi{level}"] * scale,
                color=FAN,
                lw=width,
                alpha=0.7,
            )
        ax.plot(row["median"] * scale, i, "o", color="white", mec=FAN, ms=6, zorder=4)
    low, high = rows["claim_low"].iloc[0] * scale, rows["claim_high"].iloc[0] * scale
    if np.isinf(high):
        edge = max(ax.get_xlim()[1], 1.3 * low)
        ax.axvspan(low, edge, color=ACCENT, alpha=0.25, lw=0)
        ax.axvline(low, color=ACCENT, lw=2)
        ax.set_xlim(right=edge)
    elif high > low:
        ax.axvspan(low, high, color=ACCENT, alpha=0.25, lw=0)
        for end in (low, high):
            ax.axvline(end, color=ACCENT, lw=1.2)
    else:
        ax.axvline(low, color=ACCENT, lw=2)
    ax.set_yticks(rows.index, rows["label"])
    ax.set_ylim(-0.6, len(rows) - 0.4)
    if not log:
        ax.set_xlim(left=0)
    ax.xaxis.set_major_formatter(
        FuncFormatter(lambda x, _: f"{x:,.0f}" if x >= 10 or x == int(x) else f"{x:g}")
    )
    if log:
        ax.xaxis.set_minor_formatter(
            FuncFormatter(lambda x, _: f"{x:,.0f}" if f"{x:.1e}"[0] in "25" else "")
        )
        ax.tick_params(axis="x", which="minor", labelsize=8)
    ax.grid(axis="x")
    ax.grid(axis="y", visible=False)
    ax.set_xlabel(f"{unit}: claim orange, posterior blue (50, 80, 95 %)")
    ax.set_title(title)
    return figure


def per_head(rows: pd.DataFrame, pay: pd.DataFrame, title: str) -> Figure:
    """Draw what each claim of revenue implies per worker and month, by group, on a log scale.

    It stands against all that employers pay.

    Parameters
    ----------
    rows : one line a claim: ``group``, ``dollars``, ``own`` (bool: on its own head count),
        ``impossible`` (bool), ``label`` (drawn beside its mark, mostly empty) and the columns of
        the ledger that a link needs, with ``claimed``.
    pay : one line a group, top down: ``group``, ``median``, ``lo50`` ... ``hi95`` of gross pay,
        same dollars.
    """
    order = list(pay["group"])[::-1]
    figure, ax = plt.subplots(figsize=(WIDTH, 1.15 * len(order) + 1.6))
    for k, group in enumerate(order):
        own = pay[pay["group"] == group].iloc[0]
        for level, alpha in BANDS:
            ax.fill_between(
                [own[f"lo{level}"], own[f"hi{level}"]],
                k - 0.44,
                k + 0.44,
                color=FAN,
                alpha=alpha,
                lw=0,
            )
        ax.plot([own["median"]] * 2, [k - 0.44, k + 0.44], color=FAN, lw=1.2)
        here = rows[rows["group"] == group].sort_values("dollars")
        placed: list[tuple[float, float]] = []
        for _, row in here.iterrows():
            at = np.log10(row["dollars"])
            level = next(
                j
                for j in range(99)
                if all(abs(at - x) > 0.045 or abs(j - y) > 0 for x, y in placed)
            )
            placed.append((at, level))
            offset = (level + 1) // 2 * (1 if level % 2 else -1) * 0.13
            colour = ACCENT if row["impossible"] else INK
            (mark,) = ax.plot(
                row["dollars"],
                k + offset,
                "o" if row["own"] else "D",
                color=colour if row["own"] else "none",
                mec=colour,
                ms=5.5,
            )
            link(mark, row, text=row["claimed"])
            if row["label"]:
                ax.annotate(
                    row["label"],
                    (row["dollars"], k + offset),
                    xytext=(0.75 * row["dollars"], k + 0.46),
                    ha="center",
                    va="bottom",
                    fontsize=8.5,
                    color=colour,
                    arrowprops={
                        "arrowstyle": "-",
                        "color": colour,
                        "lw": 0.8,
                        "shrinkA": 0,
                        "shrinkB": 3,
                    },
                )
    beyond = rows[rows["impossible"]]
    if len(beyond):
        ax.annotate(
            f"{len(beyond)} claims ask more of each worker\nthan employers pay for him in all",
            (0.985, 0.97),
            xycoords="axes fraction",
            ha="right",
            va="top",
            color=ACCENT,
            fontsize=9,
        )
    ax.set_yticks(range(len(order)), order)
    ax.set_ylim(-0.6, len(order) + 0.05)
    ax.set_xscale("log")
    thousands(ax.xaxis)
    ax.xaxis.set_minor_formatter(
        FuncFormatter(lambda x, _: f"{x:,.0f}" if f"{x:.1e}"[0] in "25" else "")
    )
    ax.tick_params(axis="x", which="minor", labelsize=8)
    ax.grid(axis="x", which="both")
    ax.grid(axis="y", visible=False)
    ax.set_xlabel("dollars a worker and month; blue: all that employers pay (50, 80, 95 %)")
    ax.set_title(title)
    handles = [
        mpl.lines.Line2D(
            [], [], marker="o", color=INK, ls="", ms=5.5, label="on the claim's own head count"
        ),
        mpl.lines.Line2D(
            [], [], marker="D", mfc="none", color=INK, ls="", ms=5.5, label="on the posterior's"
        ),
    ]
    ax.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.17), ncol=2)
    return figure


UNIT_WORDS = {
    "stock_workers": " workers",
    "cumulative": " workers in all",
    "deaths": " deaths",
    "revenue_total": " a year",
    "withheld_share": " of pay kept",
}


def with_unit(row: pd.Series) -> str:
    """Return a published figure with its unit, as a label beside a mark.

    Such as: about 3,000 workers; at least 2,000 tons a year.
    """
    what = UNIT_WORDS.get(row["quantity"], f" {row['unit']}".replace("/", " a "))
    words = f"{number_of(row)}{what}"
    return (
        words.removesuffix("s")
        if row["quantity"] == "deaths" and central_value(row) == 1
        else words
    )


def dated(rows: pd.DataFrame, title: str) -> Figure:
    """Draw published figures of any kind at their dates, one line a figure, top down.

    Each has its number and who asserts it. ``rows`` are rows of the ledger with ``against`` (bool):
    blue ones speak for a claim, orange ones against it or its reach.
    """
    figure, ax = plt.subplots(figsize=(WIDTH, 0.46 * len(rows) + 1.0))
    starts = np.array([year_fraction(start) for start in rows["period_start"]])
    ends = np.array([year_fraction(end, end=True) for end in rows["period_end"]])
    first, last = np.floor(starts.min()) - 1, np.ceil(ends.max()) + 1
    for i, (_, row) in enumerate(rows.iterrows()):
        at, colour = len(rows) - 1 - i, ACCENT if row["against"] else FAN
        ax.plot([starts[i], ends[i]], [at, at], color=colour, lw=3, solid_capstyle="butt")
        (mark,) = ax.plot(
            (starts[i] + ends[i]) / 2, at, "D" if row["against"] else "o", color=colour, ms=6
        )
        link(mark, row)
        early = (starts[i] + ends[i]) / 2 < (first + last) / 2
        ax.annotate(
            with_unit(row),
            (ends[i] if early else starts[i], at),
            xytext=(7 if early else -7, 0),
            textcoords="offset points",
            ha="left" if early else "right",
            va="center",
            fontsize=9,
            color=colour,
        )
    ax.set_yticks(
        range(len(rows)),
        ["\n".join(textwrap.wrap(who, 34)) for who in rows["asserted_by"][::-1]],
        fontsize=8.5,
    )
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.set_xlim(first, last)
    ax.xaxis.set_major_locator(mpl.ticker.MaxNLocator(integer=True))
    ax.grid(axis="x")
    ax.grid(axis="y", visible=False)
    if rows["against"].any():
        ax.set_xlabel("blue, round: for it; orange, diamond: against it or its reach")
    ax.set_title(title)
    return figure


def bars(table: pd.DataFrame, title: str, unit: str) -> Figure:
    """Draw one bar a row of ``table`` (``label``, ``value``, ``said`` beside the bar), top down."""
    rows = table.iloc[::-1].reset_index(drop=True)
    figure, ax = plt.subplots(figsize=(WIDTH, 0.3 * len(rows) + 1.0))
    ax.barh(rows.index, rows["value"], color=FAN, height=0.66)
    for i, row in rows.iterrows():
        ax.text(row["value"], i, f" {row['said']}", va="center", fontsize=9)
    ax.set_yticks(rows.index, rows["label"])
    ax.set_xlim(0, 1.25 * rows["value"].max() if len(rows) else 1)
    ax.grid(axis="x")
    ax.grid(axis="y", visible=False)
    ax.set_xlabel(unit)
    ax.set_title(title)
    return figure


def scenarios(
    rows: pd.DataFrame, title: str, unit: str, scale: float = 1.0, baseline: str = "baseline"
) -> Figure:
    """Draw medians and 80 % intervals of every scenario, a panel a year.

    The baseline's interval is a band behind them. ``rows`` has ``scenario``, ``title``, ``year``,
    ``median``, ``lo80``, ``hi80``, in the order of the scenarios, top down.
    """
    years = sorted(rows["year"].astype(int).unique())
    names = list(dict.fromkeys(rows["scenario"]))[::-1]
    labels = rows.drop_duplicates("scenario").set_index("scenario")["title"]
    figure, axes = plt.subplots(
        1, len(years), figsize=(WIDTH, 0.32 * len(names) + 1.4), sharey=True, squeeze=False
    )
    for ax, year in zip(axes[0], years):
        here = rows[rows["year"] == year].set_index("scenario")
        if baseline in here.index:
            own = here.loc[baseline]
            ax.axvspan(own["lo80"] * scale, own["hi80"] * scale, color=MUTED, alpha=0.15, lw=0)
            ax.axvline(own["median"] * scale, color=MUTED, lw=0.8)
        for i, name in enumerate(names):
            if name in here.index:
                row = here.loc[name]
                ax.hlines(
                    i,
                    row["lo80"] * scale,
                    row["hi80"] * scale,
                    color=MUTED if name == baseline else FAN,
                    lw=2.4,
                )
                ax.plot(
                    row["median"] * scale,
                    i,
                    "o",
                    color="white",
                    mec=MUTED if name == baseline else FAN,
                    ms=4.5,
                    zorder=4,
                )
        ax.set_xlim(0)
        thousands(ax.xaxis)
        ax.xaxis.set_major_locator(mpl.ticker.MaxNLocator(3))
        ax.tick_params(axis="x", labelsize=8)
        ax.grid(axis="x")
        ax.grid(axis="y", visible=False)
        ax.set_title(str(year), fontsize=10)
    axes[0, 0].set_yticks(range(len(names)), [labels[name] for name in names], fontsize=8.5)
    axes[0, 0].set_ylim(-0.7, len(names) - 0.3)
    figure.suptitle(title, x=0.02, ha="left", fontsize=11.5, fontweight="bold")
    figure.supxlabel(unit, fontsize=9)
    figure.tight_layout()
    return figure


def one_at_a_time(rows: pd.DataFrame, title: str) -> Figure:
    """Draw by how much a median changes with each assumption, one bar a row, top down.

    ``rows`` has ``assumption``, ``moved``, ``ratio``.
    """
    rows = rows.iloc[::-1].reset_index(drop=True)
    figure, ax = plt.subplots(figsize=(WIDTH, 0.3 * len(rows) + 1.0))
    change = 100 * (rows["ratio"] - 1)
    ax.barh(
        rows.index, change, color=[FAN if value >= 0 else ACCENT for value in change], height=0.66
    )
    reach = max(1.0, 1.25 * change.abs().max())
    for i, value in enumerate(change):
        ax.text(
            value,
            i,
            f" {value:+.1f} % ",
            va="center",
            ha="left" if value >= 0 else "right",
            fontsize=8.5,
        )
    ax.set_yticks(
        rows.index,
        [f"{row['assumption']} → {row['moved']}" for _, row in rows.iterrows()],
        fontsize=8.5,
    )
    ax.axvline(0, color=MUTED, lw=0.8)
    ax.set_xlim(-1.25 * reach, 1.25 * reach)
    ax.grid(axis="x")
    ax.grid(axis="y", visible=False)
    ax.set_xlabel("change of the median, per cent")
    ax.set_title(title, x=-0.35)
    return figure
