"""How the answers would move with weaker or stronger priors, or without one source, from the stored
draws alone.

Both work by importance weights on the draws, smoothed by a generalised Pareto tail whose shape k
says whether they can be trusted (PSIS; Vehtari, Simpson, Gelman, Yao and Gabry 2024, Journal of
Machine Learning Research 25(72)), as ArviZ computes them.
"""

import warnings
from collections.abc import Mapping

import numpy as np
import pandas as pd

with warnings.catch_warnings():
    warnings.simplefilter("ignore", FutureWarning)  # ArviZ announces its next release on import
    import arviz as az

SENSITIVE = 0.05  # the threshold of Kallioinen et al. 2024
GOOD_K = 0.7
SCALED = 1.25  # the powers at which shifts are shown: this and its inverse
LOW, HIGH = 0.1, 0.9  # the ends of the 80 % interval


def largest_good_k(draws: int) -> float:
    """Return the Pareto k up to which ``draws`` give a reliable estimate: min(1 - 1 / log10(draws),
    0.7) (Vehtari et al. 2024)."""
    return min(1.0 - 1.0 / np.log10(draws), GOOD_K) if draws > 10 else 0.0


def smoothed_weights(
    log_ratios: np.ndarray, imputation: np.ndarray | None = None
) -> tuple[np.ndarray, float]:
    """Return normalised weights (d,) and Pareto k of importance ratios given by their logs (d,).

    Ratios that do not vary give equal weights and k of minus infinity: nothing is extrapolated.
    With ``imputation``, see ``within_imputations``.
    """
    if imputation is not None:
        log_ratios = within_imputations(log_ratios, imputation)
    if np.ptp(log_ratios) < 1e-12:
        return np.full(len(log_ratios), 1.0 / len(log_ratios)), -np.inf
    logs, k = az.psislw(np.asarray(log_ratios, float))
    return np.exp(logs), float(k)


def within_imputations(log_ratios: np.ndarray, imputation: np.ndarray) -> np.ndarray:
    """Return the logs of ratios (d,) scaled so that the draws of each imputation of copies keep
    their share of the weight.

    Which figures are copies is drawn with the coded probabilities and not decided by the figures,
    and that must hold under other weights too. ``imputation`` (d,) says which imputation each draw
    counts.
    """
    ratios = np.array(log_ratios, dtype=float)
    for number in np.unique(imputation):
        rows = imputation == number
        highest = ratios[rows].max()
        ratios[rows] -= highest + np.log(np.exp(ratios[rows] - highest).mean())
    return ratios


def weighted_quantiles(draws: np.ndarray, weights: np.ndarray, probabilities) -> np.ndarray:
    """Return quantiles (p, q) of ``draws`` (d, q) with ``weights`` (d,)."""
    # Without interpolation between draws: NumPy has none with weights.
    return np.quantile(draws, probabilities, axis=0, weights=weights, method="inverted_cdf")


def _total(component: np.ndarray) -> np.ndarray:
    """Sum a pointwise log density (d, ...) over everything but the draws."""
    component = np.asarray(component, float)
    return component.reshape(len(component), -1).sum(axis=1)


def power_scaling(
    quantities: pd.DataFrame,
    components: Mapping[str, np.ndarray],
    delta: float = 0.01,
    imputation: np.ndarray | None = None,
) -> pd.DataFrame:
    """Return how strongly each quantity reacts when a part of the joint density is raised to a
    power near one.

    The measure is the derivative, by the logarithm of the power in base two, of the cumulative
    Jensen-Shannon distance between the posterior and the scaled one, by differences of ``delta``
    (Kallioinen, Paananen, Bürkner and Vehtari 2024, Statistics and Computing 34, 57;
    ``arviz.psens``). Above 0.05 the quantity is sensitive.

    Parameters
    ----------
    quantities : (d, q) draws, one column each.
    components : by name the pointwise log density (d,) or (d, m) of a part, of which the first axis
        are the same draws, such as ``prior``, ``prior of biases`` or ``likelihood``. Of a
        hierarchical prior only the top level belongs to it: scaling the distribution of host
        effects would scale the hosts' number.
    imputation : (d,) the imputation of copies that each draw counts; each keeps its share of the
        weight.

    Returns
    -------
    DataFrame ``quantity, component, sensitivity, sensitive, pareto_k`` (of the weights at the
    powers 0.8 and 1.25), ``trusted``, and the shifts of the median and of the log standard
    deviation at these powers: ``median_weaker, median_stronger, spread_weaker, spread_stronger``.
    """
    draws = quantities.to_numpy(float)
    median, sd = (
        weighted_quantiles(draws, np.full(len(draws), 1.0 / len(draws)), 0.5),
        draws.std(axis=0),
    )
    rows = []
    for name, component in components.items():
        total = _total(component)
        if imputation is not None:  # to first order in the power, that is to keep the shares
            total = (
                total
                - pd.Series(total).groupby(np.asarray(imputation)).transform("mean").to_numpy()
            )
        measure = _sensitivity(draws, total, delta)
        weaker, stronger = (
            smoothed_weights((power - 1) * total, imputation) for power in (1 / SCALED, SCALED)
        )
        k = max(weaker[1], stronger[1])
        moved = {}
        for label, (weights, _) in (("weaker", weaker), ("stronger", stronger)):
            moved[f"median_{label}"] = weighted_quantiles(draws, weights, 0.5) - median
            with np.errstate(divide="ignore", invalid="ignore"):
                moved[f"spread_{label}"] = np.log(np.sqrt(_weighted_variance(draws, weights)) / sd)
        for j, quantity in enumerate(quantities.columns):
            rows.append(
                {
                    "quantity": quantity,
                    "component": name,
                    "sensitivity": measure[j],
                    "sensitive": bool(measure[j] >= SENSITIVE),
                    "pareto_k": k,
                    "trusted": bool(k <= largest_good_k(len(draws))),
                    **{key: value[j] for key, value in moved.items()},
                }
            )
    return pd.DataFrame(rows)


def _sensitivity(draws: np.ndarray, total: np.ndarray, delta: float) -> np.ndarray:
    """``arviz.psens`` of each column; a part that does not vary moves nothing."""
    if np.ptp(total) < 1e-12:
        return np.zeros(draws.shape[1])
    # One long chain: psens looks at the draws alone. Any part of the density is scaled as a
    # likelihood is.
    stored = az.from_dict(
        posterior={"quantity": draws[None]}, log_likelihood={"part": total[None, :, None]}
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        found = az.psens(stored, component="likelihood", delta=delta)["quantity"].to_numpy()
    return np.where(np.ptp(draws, axis=0) > 0, found, 0.0)


def _weighted_variance(draws: np.ndarray, weights: np.ndarray) -> np.ndarray:
    mean = weights @ draws
    return weights @ (draws - mean) ** 2


def diagnosis(
    sensitivities: pd.DataFrame, prior: str = "prior", likelihood: str = "likelihood"
) -> pd.Series:
    """Return in words, by quantity, what the two sensitivities mean together (Kallioinen et al.
    2024, table 1).

    Parameters
    ----------
    sensitivities : the table of ``power_scaling``, with the components ``prior`` and
        ``likelihood``.
    """
    wide = sensitivities.pivot(index="quantity", columns="component", values="sensitive").reindex(
        sensitivities["quantity"].unique()
    )
    words = np.where(
        wide[prior],
        np.where(wide[likelihood], "prior and data disagree", "the prior decides"),
        np.where(wide[likelihood], "the data decide", "neither moves it"),
    )
    return pd.Series(words, index=wide.index, name="diagnosis")


def influence(
    quantities: pd.DataFrame,
    log_likelihood: np.ndarray,
    groups,
    imputation: np.ndarray | None = None,
) -> pd.DataFrame:
    """Return how each quantity would move without one group of figures (a lineage, a source),
    without a refit.

    The weights are one over the group's likelihood in each draw. Groups whose k is above
    ``largest_good_k`` need a refit, and are flagged: their shifts are not to be published.

    Parameters
    ----------
    quantities : (d, q) draws, one column each, on the scale on which shifts are to be told.
    log_likelihood : (d, n) pointwise, each figure given the unknowns of the draw, with augmented
        data (an interval's true value, the scale of a t error) integrated out.
    groups : (n,) the group of each figure.
    imputation : (d,) the imputation of copies that each draw counts; each keeps its share of the
        weight.

    Returns
    -------
    DataFrame ``group, n, quantity, median, low, high`` (80 %) without the group, ``shift,
    shift_low, shift_high`` (without less with), ``shift_sd`` (the shift of the median in standard
    deviations), ``error`` (a cautious Monte Carlo standard error of the shift: that of a weighted
    median of normal draws), ``pareto_k, refit``, the greatest absolute shift in sds first.
    """
    draws, labels = quantities.to_numpy(float), np.asarray(groups)
    probabilities = [0.5, LOW, HIGH]
    full = weighted_quantiles(draws, np.full(len(draws), 1.0 / len(draws)), probabilities)
    sd = draws.std(axis=0)
    limit = largest_good_k(len(draws))
    rows = []
    for group in sorted(set(labels)):
        members = labels == group
        weights, k = smoothed_weights(-_total(log_likelihood[:, members]), imputation)
        without = weighted_quantiles(draws, weights, probabilities)
        errors = np.sqrt(np.pi / 2 * (weights**2).sum() * _weighted_variance(draws, weights))
        for j, quantity in enumerate(quantities.columns):
            median, low, high = without[:, j]
            shift = without[:, j] - full[:, j]
            rows.append(
                {
                    "group": group,
                    "n": int(members.sum()),
                    "quantity": quantity,
                    "median": median,
                    "low": low,
                    "high": high,
                    "shift": shift[0],
                    "shift_low": shift[1],
                    "shift_high": shift[2],
                    "shift_sd": shift[0] / sd[j] if sd[j] > 0 else 0.0,
                    "error": errors[j],
                    "pareto_k": k,
                    "refit": bool(k > limit),
                }
            )
    table = pd.DataFrame(rows)
    return table.sort_values("shift_sd", key=np.abs, ascending=False, kind="stable").reset_index(
        drop=True
    )


def refitted_influence(without: pd.DataFrame, quantities: pd.DataFrame) -> pd.DataFrame:
    """Return how each quantity moves without one source, by refits, in the columns of ``influence``
    that a refit has.

    Parameters
    ----------
    without : ``left_out.csv``: ``origin, n, year, median, error``, the line with an empty origin
        being the fit of all figures.
    quantities : columns named ``world YEAR``, the years that are asked for; draws of their logs,
        for the scale of ``shift_sd``.
    """
    rows = []
    for quantity in quantities:
        of_year = without[without["year"] == int(quantity.split()[-1])].set_index("origin")
        everything = of_year.loc[""]
        for origin, row in of_year.drop(index="").iterrows():
            shift = np.log(row["median"] / everything["median"])
            rows.append(
                {
                    "group": origin,
                    "n": row["n"],
                    "quantity": quantity,
                    "shift": shift,
                    "shift_sd": shift / quantities[quantity].std(),
                    "error": np.hypot(row["error"], everything["error"]),
                    "refit": True,
                }
            )
    return pd.DataFrame(rows)
