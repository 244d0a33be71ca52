"""What happens to the headlines if one assumption moves by one standard deviation of its prior, from the stored draws alone.

An assumption that is the prior of a quantity whose draws are stored can be moved by importance weights, the ratio of the new prior
density to the old one, smoothed as ``validate.sensitivity`` does (PSIS; its Pareto k says whether they can be trusted). What is not the
prior of a stored quantity needs a refit, and says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .scenario import Settings
from .validate.sensitivity import HIGH, LOW, largest_good_k, smoothed_weights, weighted_quantiles

SHOCKS = ("sanctions", "deadline", "reopening")
LARGE = ("RUS", "CHN")
REFIT = "not reweightable: refit with make scenario"
MOVED = "reweighted"
UNTRUSTED = "the move is too large to reweight: refit with make scenario"
UNREAD = "no figure of this kind is fitted"


@dataclass(frozen=True)
class Move:
    """One assumption moved up by one prior standard deviation.

    ``given`` and ``moved`` are its value before and after, in words; ``log_ratio`` (d,) is the log density of the draws under the
    moved prior less that under the given one, up to a constant.
    """

    given: str
    moved: str
    log_ratio: np.ndarray


def shifted(draws: np.ndarray, mean: float, sd: float) -> np.ndarray:
    """Return log N(x; mean + sd, sd) - log N(x; mean, sd) of draws (d,) or (d, k) of independent quantities with one prior."""
    z = (np.asarray(draws, float) - mean) / sd
    ratio = z - 0.5
    return ratio if ratio.ndim == 1 else ratio.sum(axis=1)


def worker_moves(settings: Settings, hyper: Mapping[str, np.ndarray], first_stocks: np.ndarray | None) -> dict[str, Move | str]:
    """Return, by assumption of the workers model, its move, or a word why there is none.

    Parameters
    ----------
    hyper : draws (d,) by name, as ``workers.draws.write_hyper`` stores them.
    first_stocks : draws (d, k) of the stocks of China and Russia in the first year, where their paths begin; None if neither has one.
    """
    moves: dict[str, Move | str] = {}

    def normal(name: str, draws: np.ndarray | None) -> None:
        mean, sd = settings[name]
        moves[name] = UNREAD if draws is None else Move(f"mean {mean:g}", f"mean {mean + sd:.3g}", shifted(draws, mean, sd))

    def scale(name: str, log_draws: np.ndarray | None, log_sd: float) -> None:
        value = settings[name]
        found = None if log_draws is None else shifted(log_draws, np.log(value), log_sd)
        moves[name] = UNREAD if found is None else Move(f"{value:g}", f"{value * np.exp(log_sd):.3g}", found)

    for name in settings:
        kind, _, rest = name.partition("_")
        if kind == "bias":
            normal(name, hyper.get(f"bias:{rest}"))
        elif kind == "error" and name not in ("error_log_sd", "error_df") and f"bias_{rest}" in settings:
            draws = hyper.get(f"error:{rest}")
            scale(name, None if draws is None else np.log(draws), settings.error_log_sd)
        elif kind == "shock" and rest in SHOCKS:
            normal(name, hyper.get(f"shock:{rest}"))
        elif name in ("margin_at_least", "margin_at_most") and name not in hyper:
            moves[name] = REFIT
        elif name in STORED:
            normal(name, hyper.get(STORED[name]))
    if "start_log_large" in settings:
        normal("start_log_large", None if first_stocks is None else np.log(first_stocks))
    return moves


STORED = {
    "turnover_log": "log_turnover", "coverage_world": "coverage", "level_log_mean": "level_mean",
    "margin_at_least": "margin_at_least", "margin_at_most": "margin_at_most",
}  # fmt: skip


def effects(headlines: pd.DataFrame, moves: Mapping[str, Move | str]) -> pd.DataFrame:
    """Return what each move does to each headline.

    Parameters
    ----------
    headlines : draws (d, q), one column a headline, in the order of the draws of the moves.
    moves : by assumption, from ``worker_moves`` or another model's function of the same form, whose draws are paired with these.

    Returns
    -------
    DataFrame ``assumption, given, moved, headline, before, after, low, high`` (medians; the 80 % interval after), ``ratio, error,
    pareto_k, how``; ``error`` is the Monte Carlo standard error of the ratio, that of a weighted median of normal draws. Numbers are nan where
    ``how`` says that there is no trusted answer.
    """
    draws = headlines.to_numpy(float)
    before = np.median(draws, axis=0)
    rows = []
    for name, move in moves.items():
        nothing = dict.fromkeys(("after", "low", "high", "ratio", "error"), np.nan)
        if isinstance(move, str):
            base = {"assumption": name, "given": "", "moved": "", "pareto_k": np.nan, "how": move}
            after = None
        else:
            weights, k = smoothed_weights(move.log_ratio)
            good = k <= largest_good_k(len(draws))
            base = {"assumption": name, "given": move.given, "moved": move.moved, "pareto_k": k, "how": MOVED if good else UNTRUSTED}
            after = weighted_quantiles(draws, weights, [0.5, LOW, HIGH]) if good else None
            spread = weights @ (draws - weights @ draws) ** 2
            error = np.sqrt(np.pi / 2 * (weights**2).sum() * spread) / before
        for j, headline in enumerate(headlines.columns):
            found = (
                nothing
                if after is None
                else dict(zip(("after", "low", "high"), after[:, j])) | {"ratio": after[0, j] / before[j], "error": error[j]}
            )
            rows.append(base | {"headline": headline, "before": before[j]} | found)
    columns = ["assumption", "given", "moved", "headline", "before", "after", "low", "high", "ratio", "error", "pareto_k", "how"]
    return pd.DataFrame(rows, columns=columns)
