"""How often intervals held the truth of simulated worlds, from worlds.csv and ranks.csv."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from . import scores
from .experiments import POOR, RANKED, SENT_HOME, SPECIFIED, WORLDS
from .parts import ALL_THREE

LEVELS = (80, 95)  # per cent
TARGETS = {80: (0.75, 0.85), 95: (0.92, 0.98)}  # shares that are aimed at


def of_worlds(worlds: pd.DataFrame, scope: str) -> pd.DataFrame:
    """Return by kind of world how much of ``scope`` lay in the intervals of ``LEVELS``.

    One world is one observation: its years are right or wrong together. The confidence interval is
    that of a mean over worlds, 95 %, normal.

    Parameters
    ----------
    worlds : one line a world and scope, as ``summary.worlds`` has them.

    Returns
    -------
    DataFrame, indexed by kind in the order of ``WORLDS``: ``n``, and for each level L
    ``covered_L, low_L, high_L, below_L, above_L``, shares.
    """
    rows = {}
    for kind in WORLDS:
        part = worlds[(worlds["world"] == kind) & (worlds["scope"] == scope)]
        if part.empty:
            continue
        row = {"n": len(part)}
        for level in LEVELS:
            inside = part[f"inside_{level}"].to_numpy()
            error = inside.std(ddof=1) / np.sqrt(len(inside)) if len(inside) > 1 else np.inf
            covered, half = inside.mean(), 1.96 * error
            row |= {
                f"covered_{level}": covered,
                f"low_{level}": max(0.0, covered - half),
                f"high_{level}": min(1.0, covered + half),
                f"below_{level}": part[f"below_{level}"].mean(),
                f"above_{level}": part[f"above_{level}"].mean(),
            }
        rows[kind] = row
    shares = ("covered", "low", "high", "below", "above")
    columns = ["n", *(f"{what}_{level}" for level in LEVELS for what in shares)]
    return pd.DataFrame.from_dict(rows, orient="index").reindex(columns=columns)


def apart(counted: pd.DataFrame, empty: pd.DataFrame) -> tuple[int, np.ndarray, np.ndarray] | None:
    """Return the mean coverage (2,), at 80 and 95 %, of host-years with a figure of their own and
    of those without, over the kinds of worlds where both were looked at; and how many these are.

    Parameters
    ----------
    counted, empty : as ``of_worlds`` returns them, with the same index.

    Returns
    -------
    None if they were looked at apart in no kind.
    """
    known = counted.dropna(subset=["covered_80"])
    if not len(known):
        return None
    columns = [f"covered_{level}" for level in LEVELS]
    means = [
        np.average(table.loc[known.index, columns], axis=0, weights=known["n"])
        for table in (counted, empty)
    ]
    return len(known), *means


class WrongWorlds(NamedTuple):
    """Worlds that are wrong in one way: ``kinds``, how many; ``worst``, the kind whose 80 %
    interval holds the truth least often, and ``covered``, how often; ``outside``, by level the
    coverage of kinds that miss what is aimed at; ``few``, the worlds of the smallest kind; and
    ``chance``, half the confidence interval of the share of such a kind."""

    kinds: int
    worst: str
    covered: float
    outside: dict[int, dict[str, float]]
    few: int
    chance: float


def wrong_worlds(of_world: pd.DataFrame) -> WrongWorlds | None:
    """Return what came of the kinds of worlds that are wrong in one way; None if there is none.

    Parameters
    ----------
    of_world : of the world total, as ``of_worlds`` returns it.
    """
    others = of_world[~of_world.index.isin([SPECIFIED, ALL_THREE, SENT_HOME])]
    if not len(others):
        return None
    outside = {
        level: {
            name: float(row[f"covered_{level}"])
            for name, row in others.iterrows()
            if not low <= row[f"covered_{level}"] <= high
        }
        for level, (low, high) in TARGETS.items()
    }
    worst = others["covered_80"].idxmin()
    return WrongWorlds(
        kinds=len(others),
        worst=worst,
        covered=float(others.loc[worst, "covered_80"]),
        outside=outside,
        few=int(others["n"].min()),
        chance=float(((others["high_80"] - others["low_80"]) / 2).median()),
    )


class Calibration(NamedTuple):
    """Ranks of the truth: ``table`` as ``scores.calibration_table`` has it; ``outside``, the
    quantities whose ranks leave the band of uniform ones; ``rejected``, those that all tests taken
    together refute."""

    table: pd.DataFrame
    outside: list[str]
    rejected: list[str]


def calibration(ranks: pd.DataFrame, seed: int, rng: np.random.Generator) -> Calibration:
    """Return whether the ranks of each quantity are uniform over the worlds of the model's own
    prior (simulation-based calibration; Säilynoja, Bürkner and Vehtari 2022, Statistics and
    Computing 32, 32, for the band).

    Parameters
    ----------
    ranks : ``seed, quantity, rank``, 0 to ``RANKED``.
    seed : of the simulated band.
    """
    wide = ranks.pivot(index="seed", columns="quantity", values="rank")
    table = scores.calibration_table(wide.to_numpy(), RANKED, list(wide.columns), rng)
    steps = RANKED + 1
    outside = [
        name
        for name in wide
        if not scores.uniformity(
            (wide[name].to_numpy() + 1) / steps, np.random.default_rng(seed), steps=steps
        ).inside
    ]
    return Calibration(table, outside, table.loc[table["p_holm"] < 0.05, "quantity"].tolist())


class Agreement(NamedTuple):
    """How well the chains of refits agree: the median and the 95th percentile of ``r_hat``,
    the share ``divergent`` of draws, and ``poor``, the worlds of the model's own prior above
    ``POOR``; ``without_poor``, by scope, the coverage of the others."""

    r_hat: float
    r_hat_most: float
    divergent: float
    poor: int
    without_poor: pd.DataFrame


def agreement(refits: pd.DataFrame, worlds: pd.DataFrame) -> Agreement:
    """Return how well the chains of all refits agree, and what those that do not change."""
    half, most = refits["r_hat"].quantile([0.5, 0.95])
    poor = refits[(refits["part"] == SPECIFIED) & (refits["r_hat"] > POOR)]
    seeds = poor["refit"].str.rsplit("-", n=1).str[-1].astype(int)
    good = worlds[(worlds["world"] == SPECIFIED) & ~worlds["seed"].isin(seeds)]
    means = good.groupby("scope")[[f"inside_{level}" for level in LEVELS]].mean()
    return Agreement(half, most, refits["divergent"].mean(), len(poor), means)
