"""One-at-a-time sensitivity: what the headlines do if one assumption moves by one standard
deviation.

Only the stored draws are used. An assumption that is the prior of a stored quantity is moved by
importance weights: the ratio of the new prior density to the old one, smoothed as
``inference.importance`` does (PSIS; its Pareto k says whether they can be trusted). What acts on
each draw after the fit is computed again (``one_at_a_time_money``). Any other assumption needs a
refit, and is said to need one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from ..assumptions.scenario import Settings
from ..evidence.events import SHOCKS
from ..evidence.hosts_apart import UNPOOLED
from ..inference.importance import HIGH, LOW, largest_good_k, smoothed_weights, weighted_quantiles
from ..workers.account import SCALED

COLUMNS = [
    "assumption",
    "given",
    "moved",
    "headline",
    "before",
    "after",
    "low",
    "high",
    "ratio",
    "error",
    "pareto_k",
    "how",
]
REFIT = "not reweightable: refit with make scenario"
REWEIGHTED = "reweighted"
RECOMPUTED = "recomputed draw by draw"
UNTRUSTED = "the shift is too large to reweight: refit with make scenario"
REFITTED = "refitted"
FAILED = "the refit did not converge: refit with more draws"
OUTDATED = "refitted, of an earlier state of the ledger or the models"
# The width of a normal's 80 % interval in standard deviations; unlike a standard deviation, the
# interval of draws is not moved by a few outliers.
NORMAL_80 = 2 * norm.ppf(HIGH)
UNREAD = "no figure of this kind is fitted"


@dataclass(frozen=True)
class Reweighted:
    """One assumption moved up by one standard deviation of its prior.

    Attributes
    ----------
    given, moved : its value before and after, in words.
    log_ratio : (d,), the log density of the draws under the moved prior less that under the given
        one, up to a constant.
    reaches : how the names of the headlines begin that depend on it; the others stay as they are.
    """

    given: str
    moved: str
    log_ratio: np.ndarray
    reaches: str = ""


@dataclass(frozen=True)
class Recomputed:
    """One assumption moved up, and the headlines that change with it.

    ``after`` has the new draws (d,) of these headlines by name.
    """

    given: str
    moved: str
    after: Mapping[str, np.ndarray]


def shifted(draws: np.ndarray, mean: float, sd: float) -> np.ndarray:
    """Return log N(x; mean + sd, sd) - log N(x; mean, sd) of draws (d,).

    Draws (d, k) are of independent quantities with one prior; their log ratios are summed.
    """
    z = (np.asarray(draws, float) - mean) / sd
    ratio = z - 0.5
    return ratio if ratio.ndim == 1 else ratio.sum(axis=1)


def half_normal_ratio(draws: np.ndarray, scale: float, factor: float) -> np.ndarray:
    """Return the log ratio of two half-normal densities at draws (d,).

    The scale of the first is ``factor`` times that of the second.
    """
    return 0.5 * (draws / scale) ** 2 * (1 - factor**-2) - np.log(factor)


def scale_factor(settings: Settings) -> float:
    """Return the factor by which an assumption that is a scale without a prior of its own is moved.

    It is that of one standard deviation of the log of an error.
    """
    return float(np.exp(settings.error_log_sd))


def worker_shifts(
    settings: Settings, hyper: Mapping[str, np.ndarray], first_stocks: np.ndarray | None
) -> dict[str, Reweighted | str]:
    """Return, by assumption of the workers model, its shift, or the reason why there is none.

    Parameters
    ----------
    hyper : draws (d,) by name, as ``workers.stored.write_hyper`` stores them.
    first_stocks : draws (d, k) of the stocks of China and Russia in the first year, where their
        paths begin; None if neither has one.
    """
    shifts: dict[str, Reweighted | str] = {}

    def normal(name: str, draws: np.ndarray | None) -> None:
        mean, sd = settings[name]
        shifts[name] = (
            UNREAD
            if draws is None
            else Reweighted(f"mean {mean:g}", f"mean {mean + sd:.3g}", shifted(draws, mean, sd))
        )

    def scale(name: str, log_draws: np.ndarray | None, log_sd: float) -> None:
        value = settings[name]
        found = None if log_draws is None else shifted(log_draws, np.log(value), log_sd)
        shifts[name] = (
            UNREAD
            if found is None
            else Reweighted(f"{value:g}", f"{value * np.exp(log_sd):.3g}", found)
        )

    for name in settings:
        kind, _, rest = name.partition("_")
        if kind == "bias":
            normal(name, hyper.get(f"bias:{rest}"))
        elif (
            kind == "error"
            and name not in ("error_log_sd", "error_df")
            and f"bias_{rest}" in settings
        ):
            draws = hyper.get(f"error:{rest}")
            scale(name, None if draws is None else np.log(draws), settings.error_log_sd)
        elif kind == "shock" and rest in SHOCKS:
            normal(name, hyper.get(f"shock:{rest}"))
        elif name in ("margin_at_least", "margin_at_most") and name not in hyper:
            shifts[name] = REFIT
        elif name in STORED:
            normal(name, hyper.get(STORED[name]))
    for name, stored in HALF_NORMAL.items():
        if name in settings and stored in hyper:
            factor = scale_factor(settings)
            wider = half_normal_ratio(hyper[stored], settings[name], factor)
            shifts[name] = Reweighted(
                f"{settings[name]:g}", f"{settings[name] * factor:.3g}", wider
            )
    for name in SCALED:
        if name in settings and f"squares:{name}" in hyper:
            shifts[name] = _wider_effects(name, settings, hyper)
    if "step_scale_median" in settings and "log_step_median" in hyper:
        shifts["step_scale_median"] = _larger_steps(settings, hyper)
    if "start_log_large" in settings:
        normal("start_log_large", None if first_stocks is None else np.log(first_stocks))
    return shifts


def _wider_effects(
    name: str, settings: Settings, hyper: Mapping[str, np.ndarray]
) -> Reweighted | str:
    """Return the shift of a fixed scale of normal effects, from the sum of their squares."""
    count, factor = float(hyper[f"count:{name}"][0]), scale_factor(settings)
    if count == 0:
        return UNREAD
    ratio = 0.5 * hyper[f"squares:{name}"] * (1 - factor**-2) - count * np.log(factor)
    return Reweighted(f"{settings[name]:g}", f"{settings[name] * factor:.3g}", ratio)


def _larger_steps(settings: Settings, hyper: Mapping[str, np.ndarray]) -> Reweighted:
    """Return the shift of the median yearly step.

    The posterior has the median step of pooled hosts; for an unpooled host the assumption itself is
    the median of the prior.
    """
    value, sd, spread = (
        settings.step_scale_median,
        settings.step_scale_median_log_sd,
        settings.step_scale_log_sd,
    )
    middle = np.log(value)
    ratio = shifted(hyper["log_step_median"], middle, sd)
    for host in UNPOOLED:
        if f"log_step:{host}" in hyper:
            ratio = ratio + sd * (hyper[f"log_step:{host}"] - middle - sd / 2) / spread**2
    return Reweighted(f"{value:g}", f"{value * np.exp(sd):.3g}", ratio)


def uncounted_shift(
    settings: Settings, headlines: Mapping[str, np.ndarray], uncounted: Mapping[str, np.ndarray]
) -> Recomputed:
    """Return the shift of ``no_data_offset``: more workers in hosts that nobody counted.

    Every draw of theirs grows by one factor.

    Parameters
    ----------
    headlines : draws (d,) of each headline.
    uncounted : draws (d,) of the part of each headline that is in hosts that nobody counted.
    """
    mean, sd = settings.no_data_offset
    after = {
        name: draws + (np.exp(sd) - 1) * uncounted[name]
        for name, draws in headlines.items()
        if name in uncounted
    }
    return Recomputed(f"mean {mean:g}", f"mean {mean + sd:.3g}", after)


def presence_shift(settings: Settings, present: np.ndarray, among: int) -> Reweighted:
    """Return the shift of ``no_data_presence``, whose odds rise by the factor of a scale.

    It has no prior of its own.

    Parameters
    ----------
    present : (d,), in how many of the ``among`` hosts that nobody counted a draw has workers.
    """
    value = settings.no_data_presence
    odds = value / (1 - value) * scale_factor(settings)
    moved = odds / (1 + odds)
    ratio = present * np.log(moved / value) + (among - present) * np.log((1 - moved) / (1 - value))
    return Reweighted(f"{value:g}", f"{moved:.3g}", ratio)


STORED = {
    "turnover_log": "log_turnover",
    "coverage_world": "coverage",
    "level_log_mean": "level_mean",
    "margin_at_least": "margin_at_least",
    "margin_at_most": "margin_at_most",
}
HALF_NORMAL = {
    "level_log_sd": "level_sd",
    "house_sd": "house_sd",
    "lineage_sd": "lineage_sd",
    "host_class_sd": "host_class_sd",
}


def effects(
    headlines: pd.DataFrame,
    shifts: Mapping[str, Reweighted | Recomputed | str],
    imputation: np.ndarray | None = None,
) -> pd.DataFrame:
    """Return what each shift does to each headline.

    Parameters
    ----------
    headlines : draws (d, q), one column a headline, in the order of the draws of the shifts.
    shifts : by assumption, from ``worker_shifts`` or another model's function of the same form,
        whose draws are paired with these.
    imputation : (d,), the imputation of copies that each draw counts; each keeps its share of the
        weight.

    Returns
    -------
    DataFrame ``assumption, given, moved, headline, before, after, low, high`` (medians; the 80 %
    interval after), ``ratio, error, pareto_k, how``. ``error`` is the Monte Carlo standard error of
    the ratio: for weights that of a weighted median of normal draws with this 80 % interval, for
    recomputed draws that of two medians of paired draws. Numbers are NaN where ``how`` says that
    there is no trusted answer.
    """
    rows = []
    for name, shift in shifts.items():
        base, found = _effect_of(headlines, shift, imputation)
        for headline, draws in headlines.items():
            before = float(np.median(draws))
            # A headline of zero workers has no ratio.
            with np.errstate(divide="ignore", invalid="ignore"):
                told = found(headline)
            rows.append(
                {"assumption": name} | base | {"headline": headline, "before": before} | told
            )
    return pd.DataFrame(rows, columns=COLUMNS)


def _effect_of(
    headlines: pd.DataFrame, shift: Reweighted | Recomputed | str, imputation: np.ndarray | None
) -> tuple[dict, Callable[[str], dict]]:
    """Return what all headlines of one shift have in common, and a function for what they have not.

    The function takes the name of a headline.
    """

    def numbers(after: float, low: float, high: float, before: float, error: float) -> dict:
        return {"after": after, "low": low, "high": high, "ratio": after / before, "error": error}

    def as_it_was(headline: str) -> dict:
        draws = headlines[headline].to_numpy(float)
        low, before, high = np.quantile(draws, [LOW, 0.5, HIGH])
        return {"after": before, "low": low, "high": high, "ratio": 1.0, "error": 0.0}

    nothing = dict.fromkeys(("after", "low", "high", "ratio", "error"), np.nan)
    if isinstance(shift, str):
        return {
            "given": "",
            "moved": "",
            "pareto_k": np.nan,
            "how": shift,
        }, lambda headline: nothing
    base = {"given": shift.given, "moved": shift.moved}
    if isinstance(shift, Recomputed):

        def recomputed(headline: str) -> dict:
            if headline not in shift.after:
                return as_it_was(headline)
            draws, after = (
                headlines[headline].to_numpy(float),
                np.asarray(shift.after[headline], float),
            )
            low, middle, high = np.quantile(after, [LOW, 0.5, HIGH])
            return numbers(middle, low, high, np.median(draws), paired_error(draws, after))

        return base | {"pareto_k": np.nan, "how": RECOMPUTED}, recomputed
    weights, k = smoothed_weights(shift.log_ratio, imputation)
    good = k <= largest_good_k(len(headlines))

    def reweighted(headline: str) -> dict:
        if not headline.startswith(shift.reaches):
            return as_it_was(headline)
        draws = headlines[headline].to_numpy(float)
        after, low, high = weighted_quantiles(draws[:, None], weights, [0.5, LOW, HIGH])[:, 0]
        error = (
            np.sqrt(np.pi / 2 * (weights**2).sum()) * (high - low) / NORMAL_80 / np.median(draws)
        )
        return numbers(after, low, high, np.median(draws), error)

    return base | {"pareto_k": k, "how": REWEIGHTED if good else UNTRUSTED}, (
        reweighted if good else lambda headline: nothing
    )


def paired_error(before: np.ndarray, after: np.ndarray) -> float:
    """Return the Monte Carlo standard error of the ratio of two medians of paired draws (d,).

    By the influence functions of the medians. The density at a median is taken from the normal with
    the same 80 % interval.
    """
    influence = []
    for x in (before, after):
        low, median, high = np.quantile(x, [LOW, 0.5, HIGH])
        influence.append(
            np.sign(x - median) * np.sqrt(np.pi / 2) * (high - low) / NORMAL_80 / median
        )
    return float(
        np.median(after)
        / np.median(before)
        * (influence[1] - influence[0]).std()
        / np.sqrt(len(before))
    )
