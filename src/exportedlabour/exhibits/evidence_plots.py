"""Plots of the evidence: how much there is, where and when, who copied whom, how claims spread."""

from collections.abc import Callable

import matplotlib as mpl
import networkx as nx
import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Patch
from matplotlib.path import Path

from ..evidence.classes import registry
from ..evidence.ledger import Ledger, year_fraction
from ..evidence.lineage import is_copy
from ..evidence.regions import HOME
from ..words import number_of
from .map import SMALL, outlines
from .plots import ACCENT, FAN, INK, MARKS, MUTED, WIDTH, link, show
from .years import EVERY, FEW

STRENGTH = {
    "register": ("counted by a register, or in a report to the UN", "#08519c", ""),
    "counted": ("other head counts only", "#6baed6", ""),
    "named": ("named as a host, never counted", "#fdd0a2", ""),
    "zero": ("declared that there were none", "#ffffff", "...."),
    "mentioned": ("mentioned, outside the count", "#d9d9d9", ""),
}
LAND = "#f2f2f2"


def strength_of(ledger: Ledger) -> pd.Series:
    """Return for each host (not groups) the key of STRENGTH that fits the best evidence of it."""
    figures = ledger.figures
    fitted = figures[
        (figures["use"] == "fit")
        & figures["unit"].isin(["persons", "permits"])
        & ~figures["hosts"].str.contains("+", regex=False)
    ]
    exact = set(fitted.loc[fitted["evidence_class"].isin(registry().strong), "hosts"])
    any_count = set(fitted["hosts"])
    hosts = ledger.hosts[ledger.hosts["treatment"] != "group"].set_index("iso3")

    def grade(code: str, treatment: str) -> str:
        if treatment == "trajectory":
            return "register" if code in exact else "counted" if code in any_count else "named"
        return {"predictive": "named", "zero": "zero"}.get(treatment, "mentioned")

    return pd.Series(
        {
            code: grade(code, treatment)
            for code, treatment in hosts["treatment"].items()
            if code != HOME
        },
        name="strength",
    )


def world_map(strength: pd.Series, title: str) -> Figure:
    """Draw the hosts of the world by strength of evidence."""
    figure, ax = plt.subplots(figsize=(WIDTH, 4.3))
    shapes = outlines()
    mpl.rcParams["hatch.linewidth"] = 0.6
    for code, polygons in shapes.items():
        _, colour, hatch = STRENGTH.get(strength.get(code, ""), ("", LAND, ""))
        ax.add_collection(
            PolyCollection(
                polygons,
                facecolors=colour,
                edgecolors="#8c8c8c",
                linewidths=0.35,
                hatch=hatch or None,
            )
        )
    for code, grade in strength.items():
        if code not in shapes and code in SMALL:
            ax.plot(*SMALL[code], "o", ms=4.5, mfc=STRENGTH[grade][1], mec=INK, mew=0.6)
    home = max(shapes[HOME], key=len)
    ax.annotate(
        "North Korea",
        home.mean(axis=0),
        xytext=(26, 14),
        textcoords="offset points",
        fontsize=8,
        color=INK,
        arrowprops={"arrowstyle": "-", "color": INK, "lw": 0.6},
    )
    ax.set_xlim(-122, 191)
    ax.set_ylim(-48, 80)
    ax.set_aspect(1.25)
    ax.axis("off")
    ax.set_title(title)
    counts = strength.value_counts()
    handles = [
        Patch(
            facecolor=colour,
            edgecolor="#8c8c8c",
            hatch=hatch or None,
            label=f"{words} ({counts.get(key, 0)})",
        )
        for key, (words, colour, hatch) in STRENGTH.items()
        if counts.get(key, 0)
    ]
    ax.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, 0.02), ncol=2, fontsize=8.5)
    return figure


def by_class(counts: pd.DataFrame, title: str) -> Figure:
    """Draw how many figures of each class are fitted, judged, shown and excluded, a bar a class."""
    figure, ax = plt.subplots(figsize=(WIDTH, 0.36 * len(counts) + 1.3))
    counts = counts.loc[counts.sum(axis=1).sort_values().index]
    left = np.zeros(len(counts))
    shades = {"fit": FAN, "judge": "#E69F00", "context": "#b3b3b3", "exclude": "#ffffff"}
    for use, colour in shades.items():
        if use in counts:
            ax.barh(
                range(len(counts)),
                counts[use],
                left=left,
                color=colour,
                edgecolor=MUTED,
                lw=0.6,
                height=0.68,
                label=use,
            )
            left += counts[use].to_numpy()
    ax.set_yticks(range(len(counts)), [MARKS[c][2] for c in counts.index])
    ax.grid(axis="x")
    ax.grid(axis="y", visible=False)
    ax.set_xlabel("figures")
    ax.set_title(title)
    ax.legend(loc="lower right", ncol=1)
    return figure


def bias(rows: pd.DataFrame, title: str) -> Figure:
    """Draw the bias of each class as a factor: its prior (grey) and its posterior (blue).

    ``rows`` has ``label, prior_lo, prior_hi, median, lo80, hi80``, 80 % intervals; NaN where
    nothing was fitted.
    """
    rows = rows.iloc[::-1].reset_index(drop=True)
    figure, ax = plt.subplots(figsize=(WIDTH, 0.38 * len(rows) + 1.3))
    at = np.arange(len(rows))
    ax.hlines(
        at + 0.16, rows["prior_lo"], rows["prior_hi"], color="#b3b3b3", lw=5, label="assumed, 80 %"
    )
    ax.hlines(at - 0.16, rows["lo80"], rows["hi80"], color=FAN, lw=2.6, label="after the fit, 80 %")
    ax.plot(rows["median"], at - 0.16, "o", color="white", mec=FAN, ms=5, zorder=4)
    ax.axvline(1, color=INK, lw=0.8)
    ax.set_xscale("log")
    ticks = [0.1, 0.2, 0.5, 1, 2]
    ax.set_xticks(ticks, [f"{t:g}×" for t in ticks])
    ax.minorticks_off()
    ax.set_yticks(at, rows["label"])
    ax.grid(axis="x")
    ax.grid(axis="y", visible=False)
    ax.set_xlabel("figures as a multiple of the number of workers: left too low, right too high")
    ax.set_title(title)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncol=2)
    return figure


def coverage(table: pd.DataFrame, labels: Callable[[str], str], title: str) -> Figure:
    """Draw the effective number of independent head counts by host and year, in shaded cells."""
    values = table.to_numpy(float)
    figure, ax = plt.subplots(figsize=(WIDTH, 0.185 * len(table) + 1.0))
    edges = [np.arange(length + 1) - 0.5 for length in values.shape[::-1]]
    # Cells that stay sharp when the plot is enlarged, unlike those of an image.
    cells = np.ma.masked_less_equal(values, 0)
    ax.pcolormesh(*edges, cells, cmap="Blues", vmin=-1.0, vmax=6.0)
    ax.invert_yaxis()
    for (i, j), value in np.ndenumerate(values):
        if value > 0:
            dark = value > 3.5
            text = f"{value:.0f}" if value >= 0.95 else "<1"
            ax.text(
                j, i, text, ha="center", va="center", fontsize=6.5, color="white" if dark else INK
            )
    ax.set_yticks(range(len(table)), [labels(code) for code in table.index], fontsize=8)
    years = list(table.columns)
    told = [year for year in years if len(years) <= FEW or year % EVERY == 0]
    ax.set_xticks([years.index(year) for year in told], told)
    ax.xaxis.tick_top()
    ax.set_xticks(np.arange(len(years)) - 0.5, minor=True)
    ax.set_yticks(np.arange(len(table)) - 0.5, minor=True)
    ax.grid(visible=False)
    ax.grid(which="minor", color="#ececec", lw=0.5, visible=True)
    ax.tick_params(which="minor", length=0)
    ax.tick_params(which="major", length=0)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    ax.set_title(title, pad=18)
    return figure


def bars(counts: pd.Series, title: str, unit: str) -> Figure:
    """Draw counts as bars with their numbers, the largest on top."""
    counts = counts.sort_values()
    figure, ax = plt.subplots(figsize=(WIDTH, 0.32 * len(counts) + 0.9))
    ax.barh(range(len(counts)), counts, color=FAN, height=0.66)
    for i, value in enumerate(counts):
        ax.text(value, i, f" {value:,}", va="center", fontsize=9, color=INK)
    ax.set_yticks(range(len(counts)), counts.index)
    ax.grid(axis="x")
    ax.grid(axis="y", visible=False)
    ax.set_xlabel(unit)
    ax.set_title(title)
    return figure


def over_time(published: pd.Series, about: pd.Series, title: str) -> Figure:
    """Draw how many figures were published in each year, and how many are about it.

    The oldest hundredth of the figures is left out: they lie one by one over decades.
    """
    both = pd.concat([published, about])
    years = range(int(both.quantile(0.01)), int(both.max()) + 1)
    figure, ax = plt.subplots(figsize=(WIDTH, 3.4))
    for values, colour, style, label in (
        (published, FAN, "-", "published in the year"),
        (about, ACCENT, "--", "about the year"),
    ):
        if values.empty:
            continue
        counted = values.value_counts().reindex(years, fill_value=0)
        ax.plot(counted.index, counted, style, color=colour, lw=1.8)
        at = int(counted.idxmax())
        ax.annotate(
            label,
            (at, counted[at]),
            xytext=(6, 2),
            textcoords="offset points",
            color=colour,
            fontsize=9,
        )
    ax.set_ylim(0)
    ax.xaxis.set_major_locator(mpl.ticker.MaxNLocator(integer=True))
    ax.set_ylabel("figures")
    ax.set_title(title)
    return figure


def _arc(
    ax,
    start: tuple[float, float],
    end: tuple[float, float],
    bend: tuple[float, float],
    sure: bool,
    colour: str,
) -> None:
    """Draw a curved arrow, bent by ``bend`` (data units); dashed unless ``sure``."""
    middle = [(start[0] + bend[0], start[1] + bend[1]), (end[0] + bend[0], end[1] + bend[1])]
    curve = Path([start, *middle, end], [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4])
    ax.add_patch(
        FancyArrowPatch(
            path=curve,
            arrowstyle="-|>",
            mutation_scale=7,
            shrinkA=2,
            shrinkB=3,
            lw=0.9,
            color=colour,
            alpha=0.9 if sure else 0.6,
            ls="-" if sure else (0, (3, 2)),
            clip_on=False,
            zorder=2,
        )
    )


def families_in_time(links: nx.DiGraph) -> list[list[str]]:
    """Return the connected families of a graph of copying, the largest first.

    A family is left out if all its figures were published within half a year.
    """
    when = _publication(links)
    families = [sorted(part) for part in nx.weakly_connected_components(links.subgraph(when))]
    families = [
        part for part in families if max(map(when.get, part)) - min(map(when.get, part)) > 0.5
    ]
    return sorted(families, key=len, reverse=True)


def _publication(links: nx.DiGraph) -> dict[str, float]:
    return {
        node: year_fraction(links.nodes[node]["published"])
        for node in links
        if links.nodes[node]["published"]
    }


def copying(
    ledger: Ledger, links: nx.DiGraph, title: str, threshold: float, shown: int = 14
) -> Figure:
    """Draw who copied whom.

    There is a lane for each of the largest families. Figures stand at their date of publication,
    and arcs lead from each copy to its origin.
    """
    figures = ledger.figures.set_index("figure_id", drop=False)
    copies = is_copy(figures, threshold)
    when, families = _publication(links), families_in_time(links)[:shown]
    names = [_family_name(ledger, figures.loc[part]) for part in families]
    names = [
        (
            name
            if names.count(name) == 1
            else f"{name}: {ledger.host_name(figures.loc[part[0], 'hosts'])}"
        )
        for name, part in zip(names, families)
    ]
    figure, ax = plt.subplots(figsize=(WIDTH, 0.62 * len(families) + 1.6))
    for k, part in enumerate(families):
        ax.axhline(-k, color="#e6e6e6", lw=0.8, zorder=0)
        # Sorted, as networkx gives the edges of a subgraph in any order.
        for later, earlier in sorted(links.subgraph(part).edges):
            depth = min(0.55, 0.25 + 0.06 * abs(when[later] - when[earlier]))
            sure = links.edges[later, earlier]["basis"] in ("cited", "same_statement")
            _arc(ax, (when[later], -k), (when[earlier], -k), (0, -depth), sure, MUTED)
        for node in part:
            marker, colour, _ = MARKS[figures.loc[node, "evidence_class"]]
            (mark,) = ax.plot(
                when[node],
                -k,
                marker,
                ms=5.5,
                mfc="white" if copies[node] else colour,
                mec=colour,
                zorder=4,
            )
            link(mark, figures.loc[node])
        ax.text(
            0.0,
            -k + 0.22,
            shorten(names[k], 70),
            fontsize=8.5,
            color=INK,
            transform=ax.get_yaxis_transform(),
        )
    ax.set_ylim(-len(families) + 0.4, 0.8)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x")
    ax.grid(axis="y", visible=False)
    ax.xaxis.set_major_locator(mpl.ticker.MaxNLocator(integer=True))
    ax.set_title(title, pad=10)
    ax.set_xlabel(
        "year of publication\nhollow: read as a copy; full arrow: it cites the other, dashed:"
        " inferred",
        fontsize=9,
    )
    present = [
        c
        for c in MARKS
        if figures.loc[[node for part in families for node in part], "evidence_class"].eq(c).any()
    ]
    handles = [
        mpl.lines.Line2D(
            [], [], marker=MARKS[c][0], color=MARKS[c][1], ls="", ms=6, label=MARKS[c][2]
        )
        for c in present
    ]
    if handles:
        ax.legend(
            handles=handles,
            loc="upper center",
            bbox_to_anchor=(0.5, -0.9 / (0.62 * len(families) + 0.6)),
            ncol=5,
            columnspacing=1.0,
        )
    return figure


def copying_table(ledger: Ledger, links: nx.DiGraph, shown: int = 14) -> pd.DataFrame:
    """Return the data of ``copying``.

    A row for each figure of the largest families, with the figure that it is drawn as repeating.
    """
    figures = ledger.figures.set_index("figure_id", drop=False)
    rows = []
    for part in families_in_time(links)[:shown]:
        family = _family_name(ledger, figures.loc[part])
        rows += [
            {"family": family, **_travelled(ledger, links, figures.loc[node], part)}
            for node in part
        ]
    return pd.DataFrame(rows)


def _travelled(
    ledger: Ledger, links: nx.DiGraph, row: pd.Series, among: list[str]
) -> dict[str, str]:
    origins = (
        [origin for origin in links.successors(row["figure_id"]) if origin in among]
        if row["figure_id"] in links
        else []
    )
    return {
        "figure_id": row["figure_id"],
        "published": ledger.published(row["source"]),
        "asserted_by": row["asserted_by"],
        "says": number_of(row),
        "evidence_class": row["evidence_class"],
        "repeats": "+".join(origins),
        "known_by": "+".join(links.edges[row["figure_id"], origin]["basis"] for origin in origins),
    }


def _family_name(ledger: Ledger, members: pd.DataFrame) -> str:
    """Return the title of the lineage that most members have, or the id of the first."""
    named = members.loc[members["lineage"] != "", "lineage"]
    if named.empty:
        return members["figure_id"].iloc[0]
    return ledger.lineages.set_index("lineage")["title"][named.value_counts().index[0]]


def cascade(ledger: Ledger, links: nx.DiGraph, members: list[str], title: str) -> Figure:
    """Draw how one claim spread, from its first appearance down to its latest.

    Arcs lead from each figure to what it repeats; what changed on the way is in colour.
    """
    figures = ledger.figures.set_index("figure_id", drop=False)
    at = {node: -k for k, node in enumerate(members)}
    figure, ax = plt.subplots(figsize=(WIDTH, 0.42 * len(members) + 0.8))
    inside = [
        (later, earlier)
        for later in members
        if later in links
        for earlier in links.successors(later)
        if earlier in at
    ]
    ax.text(0.3, 0.75, "text read of", fontsize=8, color=MUTED, style="italic", va="bottom")
    ax.text(
        1.95,
        0.75,
        "what it says, and who says it",
        fontsize=8,
        color=MUTED,
        style="italic",
        va="bottom",
    )
    if any(links.edges[pair]["change"] for pair in inside):
        ax.text(
            6.35,
            0.75,
            "what changed on the way",
            fontsize=8,
            color=ACCENT,
            style="italic",
            va="bottom",
        )
    for later, earlier in inside:
        edge = links.edges[later, earlier]
        reach = 0.35 + 1.9 * (abs(at[later] - at[earlier]) / len(members)) ** 0.6
        _arc(
            ax,
            (0, at[later]),
            (0, at[earlier]),
            (-reach, 0),
            edge["basis"] in ("cited", "same_statement"),
            ACCENT if edge["change"] else MUTED,
        )
    for node in members:
        row = figures.loc[node]
        changes = dict.fromkeys(links.edges[pair]["change"] for pair in inside if pair[0] == node)
        changed = "; ".join(change for change in changes if change)
        (mark,) = ax.plot(
            0, at[node], "o", ms=5.5, mfc=ACCENT if changed else FAN, mec="white", zorder=4
        )
        link(mark, row)
        ax.text(
            0.3,
            at[node] + 0.04,
            ledger.published(row["source"]) or "undated",
            fontsize=8.5,
            color=MUTED,
            va="bottom",
        )
        words = ax.text(
            1.95,
            at[node] + 0.04,
            number_of(row),
            fontsize=9,
            color=INK,
            va="bottom",
            fontweight="bold",
        )
        link(words, row)
        ax.text(
            1.95,
            at[node] + 0.02,
            shorten(row["asserted_by"], 62),
            fontsize=8,
            color=MUTED,
            va="top",
        )
        if changed:
            ax.text(6.35, at[node] + 0.04, changed, fontsize=8.5, color=ACCENT, va="bottom")
    ax.set_xlim(-1.75, 10.6)
    ax.set_ylim(-len(members) + 0.4, 1.1)
    ax.axis("off")
    ax.set_title(title)
    return figure


def shorten(text: str, length: int) -> str:
    """Cut a text between words and end it with an ellipsis."""
    return text if len(text) <= length else text[: length - 2].rsplit(" ", 1)[0] + " …"


def show_cascade(ledger: Ledger, links: nx.DiGraph, key: str) -> None:
    """Display the cascade ``key``, if the ledger has it.

    Its members in words are the alternative text.
    """
    found = ledger.cascades[ledger.cascades["cascade"] == key]
    if found.empty:
        return
    row = found.iloc[0]
    members = row["figures"].split("+")
    figures = ledger.figures.set_index("figure_id", drop=False)
    told = "; ".join(
        f"{ledger.published(figures.loc[m, 'source'])} {figures.loc[m, 'asserted_by']}:"
        f" {number_of(figures.loc[m])}"
        for m in members
    )
    show(
        cascade(ledger, links, members, row["title"]),
        name=f"fig-cascade-{key.replace('.', '-')}",
        caption=f"{row['title']}: from its first appearance to the latest repeat that was found.",
        data=pd.DataFrame([_travelled(ledger, links, figures.loc[m], members) for m in members]),
        alt=f"How the claim travelled, from first to last: {told}.",
    )


def agreement(rows: pd.DataFrame, title: str) -> Figure:
    """Draw how far two codings agree, by column: the share of equal rows, and Cohen's kappa in
    words."""
    rows = rows.iloc[::-1].reset_index(drop=True)
    figure, ax = plt.subplots(figsize=(WIDTH, 0.4 * len(rows) + 0.9))
    ax.hlines(rows.index, 0, rows["agreed"], color="#cfcfcf", lw=2)
    ax.plot(rows["agreed"], rows.index, "o", color=FAN, ms=7)
    for i, row in rows.iterrows():
        ax.text(
            row["agreed"],
            i + 0.22,
            f"{row['agreed']:.0%}, kappa {row['kappa']:.2f}",
            ha="right",
            fontsize=9,
            color=INK,
        )
    ax.set_yticks(rows.index, rows["column"])
    ax.set_xlim(0, 1.02)
    ax.set_ylim(-0.5, len(rows) - 0.3)
    ax.xaxis.set_major_formatter(mpl.ticker.PercentFormatter(1.0))
    ax.grid(axis="x")
    ax.grid(axis="y", visible=False)
    ax.set_title(title)
    return figure
