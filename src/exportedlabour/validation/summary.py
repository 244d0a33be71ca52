"""What the refits of the validation add up to: the tables under results/validation, which the
book reads."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from ..assumptions.scenario import Settings
from ..evidence.ledger import RATIO, Ledger
from ..evidence.reading import READING_KINDS
from ..project import InputError
from ..workers.observations import Design
from . import benchmarks, holdouts, multiverse, provenance, scores
from .experiments import SPECIFIED, WORLDS, Effort, Piece, independent, plan
from .parts import ANALYSES, HELD_OUT, LEFT_OUT, PARTS, chosen, of_world

OURS = "this model"
YEARS = (2017, 2020, 2024)
HOST_YEAR, WITH, WITHOUT = (
    "host_year",
    "host_year with a figure",
    "host_year without",
)  # scopes of worlds.csv
KEPT = [
    "median",
    "error",
    "crps",
    "interval_score_50",
    "interval_score_80",
    "interval_score_95",
    "pit_low",
    "pit_high",
    "probability",
]
TABLES = (
    HELD_OUT,
    LEFT_OUT,
    ANALYSES,
)  # parts that have tables of their own; the others are simulated worlds


def write(
    folder: Path,
    design: Design,
    ledger: Ledger,
    settings: Settings,
    effort: Effort,
    target: Path,
    parts: Iterable[str] = (),
) -> None:
    """Sum up the pieces in ``folder`` and write into ``target`` the tables of ``parts``, or of all
    parts, and how they were made.

    Only the pieces of these parts are read. Tables of other parts stay as they are, and so do the
    lines of worlds.csv and refits.csv of other parts and what is told of their making. The name
    of ``folder`` is the key of the state that its pieces were made with.

    Raises
    ------
    InputError
        If there is no part of a name, or a piece is not there yet.
    """
    pieces = chosen(plan(design, ledger, settings, effort), parts)
    done = {piece.name: _read(folder, piece) for members in pieces.values() for piece in members}
    earlier = provenance.read(target)
    target.mkdir(parents=True, exist_ok=True)
    if HELD_OUT in pieces:
        splits = {piece.name: piece.arguments[-1] for piece in pieces[HELD_OUT]}
        _save(
            held_out(independent(design), ledger, settings, splits, done), target / "holdouts.csv"
        )
        for name, table in zip(
            ("notified_stock.csv", "notified_figures.csv"), notified(splits, done)
        ):
            _save(table, target / name)
    if LEFT_OUT in pieces:
        _save(
            pd.DataFrame(without([done[piece.name] for piece in pieces[LEFT_OUT]])),
            target / "left_out.csv",
        )
    if ANALYSES in pieces:
        made = [(piece.arguments[-1], done[piece.name]) for piece in pieces[ANALYSES]]
        _save(pd.DataFrame(specifications(made)), target / "specifications.csv")
    if SPECIFIED in pieces:
        found = [(piece.arguments[-1], done[piece.name]["ranks"]) for piece in pieces[SPECIFIED]]
        ranks = [(seed, name, rank) for seed, each in found for name, rank in each.items()]
        _save(pd.DataFrame(ranks, columns=["seed", "quantity", "rank"]), target / "ranks.csv")
    simulated = [
        (*piece.arguments[3:], done[piece.name])
        for part in pieces
        if part not in TABLES
        for piece in pieces[part]
    ]
    if simulated:
        new = pd.DataFrame(worlds(simulated, counted(independent(design))))
        table = _with_kept(new, target / "worlds.csv", "world", of_world, set(pieces))
        _save(
            table.sort_values(
                "world", key=lambda kind: kind.map(list(WORLDS).index), kind="stable"
            ),
            target / "worlds.csv",
        )
    table = _with_kept(
        pd.DataFrame(agreement(pieces, done)), target / "refits.csv", "part", str, set(pieces)
    )
    _save(
        table.sort_values("part", key=lambda part: part.map(list(PARTS).index), kind="stable"),
        target / "refits.csv",
    )
    new = [
        provenance.run(
            part,
            folder.name,
            len(members),
            sum(done[piece.name]["seconds"] for piece in members),
            effort,
        )
        for part, members in pieces.items()
    ]
    provenance.write(target, provenance.renewed(earlier, new))


def _with_kept(
    table: pd.DataFrame, path: Path, column: str, part_of: Callable, renewed: set[str]
) -> pd.DataFrame:
    """Return the table with the lines that are in the file at ``path`` and belong to no renewed
    part, as ``column`` tells."""
    if path.is_file():
        before = pd.read_csv(path)
        table = pd.concat([before[~before[column].map(part_of).isin(renewed)], table])
    return table


def _read(folder: Path, piece: Piece) -> dict:
    path = folder / f"{piece.name}.json"
    if not path.is_file():
        raise InputError(f"the refit {piece.name} is not done; run exlab validate again.")
    return json.loads(path.read_text(encoding="utf-8"))


def _save(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False, float_format="%.5g", lineterminator="\n")


def agreement(pieces: dict[str, list[Piece]], done: dict[str, dict]) -> Iterator[dict]:
    """Yield for each refit how well its chains agree: ``r_hat``, the largest of any year of the
    world, and the share ``divergent``."""
    for part, members in pieces.items():
        for piece in members:
            found = done[piece.name]
            yield {
                "part": part,
                "refit": piece.name,
                "r_hat": found["r_hat"],
                "divergent": found["divergent"],
            }


def counted(design: Design) -> np.ndarray:
    """Return (hosts * years,) which host-years a figure of their own says something about, group
    and world totals aside."""
    return (design.weights[:, : len(design.hosts) * len(design.years)] != 0).any(axis=0)


def worlds(simulated: list[tuple[str, int, dict]], with_figure: np.ndarray) -> Iterator[dict]:
    """Yield for each simulated world how much of its host-years and of its years of the world total
    lies in the intervals.

    Four scopes: all host-years, those ``with_figure`` (hosts * years,) and those without, and the
    world's years. ``inside_L``, ``below_L``, ``above_L`` are shares, of the truth: below means that
    the truth lies below the interval.
    """
    for world, seed, found in simulated:
        places = np.array(found["host_year"])
        scopes = {
            HOST_YEAR: places,
            WITH: places[with_figure],
            WITHOUT: places[~with_figure],
            "world": np.array(found["world"]),
        }
        for scope, pit in scopes.items():
            if not len(pit):
                continue
            row = {"world": world, "seed": seed, "scope": scope, "n": len(pit)}
            for level in scores.LEVELS:
                name = f"{level:.0%}".removesuffix("%")
                below, above = (
                    float((pit < (1 - level) / 2).mean()),
                    float((pit > (1 + level) / 2).mean()),
                )
                row |= {
                    f"inside_{name}": 1 - below - above,
                    f"below_{name}": below,
                    f"above_{name}": above,
                }
            yield row


def held_out(
    design: Design,
    ledger: Ledger,
    settings: Settings,
    splits: dict[str, holdouts.Split],
    done: dict[str, dict],
) -> pd.DataFrame:
    """Return the scores of every figure held out, by this model and by every benchmark, one line
    each.

    No benchmark predicts a ratio; there its scores are missing.
    """
    family = holdouts.families(design.figures, ledger)
    table = benchmarks.figure_table(design, settings)
    ratio = (design.figures["quantity"] == RATIO).to_numpy()
    lower = np.where(design.kind == READING_KINDS.index("upper"), -np.inf, design.lower)
    parts = []
    for name, split in splits.items():
        ours = np.array(done[name]["draws"]).T
        predicted = {OURS: ours}
        known = (split.train & table["point_like"].to_numpy()).any()
        if known:
            theirs = benchmarks.predict(table, split.train, split.test, len(ours), settings.seed)
            predicted |= {method: prediction.draws for method, prediction in theirs.items()}
        for method, draws in predicted.items():
            scored = scores.per_figure(draws, lower[split.test], design.upper[split.test])[KEPT]
            if method != OURS:
                scored.loc[ratio[split.test], KEPT] = np.nan
            scored.insert(0, "figure_id", design.figures["figure_id"].to_numpy()[split.test])
            scored.insert(1, "family", family[split.test])
            scored.insert(
                2, "evidence_class", design.figures["evidence_class"].to_numpy()[split.test]
            )
            scored.insert(3, "flow", design.flow[split.test])
            parts.append(scored.assign(split=split.name, method=method))
    return pd.concat(parts, ignore_index=True)[
        ["split", "method", "figure_id", "family", "evidence_class", "flow", *KEPT]
    ]


def notified(
    splits: dict[str, holdouts.Split], done: dict[str, dict]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what the model would have said before the notifications to the United Nations: the
    stocks, and what figures would show.

    Two tables, ``host, year`` or ``figure_id``, with ``lo95, lo80, median, hi80, hi95``; empty if
    the ledger has no notification.
    """
    columns = ["lo95", "lo80", "median", "hi80", "hi95"]
    found = [done[name] for name, split in splits.items() if split.name == holdouts.NOTIFICATIONS]
    if not found:
        return pd.DataFrame(columns=["host", "year", *columns]), pd.DataFrame(
            columns=["figure_id", *columns]
        )
    hosts, years = found[0]["hosts"], found[0]["years"]
    stock = pd.DataFrame(np.array(found[0]["stock"]).reshape(len(columns), -1).T, columns=columns)
    stock.insert(0, "year", np.tile(years, len(hosts)))
    stock.insert(0, "host", np.repeat(hosts, len(years)))
    shown = np.exp(np.percentile(np.array(found[0]["draws"]), multiverse.PERCENTILES, axis=1)).T
    figures = pd.DataFrame(shown, columns=columns)
    figures.insert(0, "figure_id", found[0]["figures"])
    return stock, figures


def specifications(chosen: list[tuple[multiverse.Specification, dict]]) -> Iterator[dict]:
    """Yield for each analysis of the multiverse and each of YEARS the median and the intervals of
    the world's workers."""
    for made, found in chosen:
        for year in (year for year in YEARS if year in found["years"]):
            marks = np.array(found["percentiles"])[:, found["years"].index(year)]
            yield {
                "name": made.name,
                "group": made.group,
                "classes": made.classes,
                "copies": made.copies,
                "figures": made.figures,
                "n": found["figures"],
                "year": year,
                **dict(zip(("lo95", "lo80", "median", "hi80", "hi95"), marks)),
            }


def without(dropped: list[dict]) -> Iterator[dict]:
    """Yield for each source that was left out, and each year, the world's workers; ``error`` is
    that of the log of the median.

    The line whose ``origin`` is empty has all figures, fitted as shortly as the others.
    """
    for found in dropped:
        for year, error, *marks in zip(found["years"], found["error"], *found["percentiles"]):
            yield {
                "origin": found["origin"],
                "n": found["figures"],
                "year": year,
                "error": error,
                **dict(zip(("lo95", "lo80", "median", "hi80", "hi95"), marks)),
            }


def kinds() -> pd.DataFrame:
    """Return the kinds of simulated worlds and what each is, for a table."""
    return pd.DataFrame({"world": list(WORLDS), "meaning": list(WORLDS.values())})
