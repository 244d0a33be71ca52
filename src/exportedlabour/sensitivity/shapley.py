"""Where the uncertainty comes from, and what would narrow it, from the stored draws alone.

Inputs depend on one another in the posterior, so that variances of single inputs do not add up.
Shapley effects do (Owen 2014, SIAM/ASA Journal on Uncertainty Quantification 2(1); Song, Nelson and
Staum 2016, same journal 4(1)): each input has its mean contribution to the explained variance over
all orders in which inputs could become known.
"""

import itertools
import math
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from scipy.spatial import cKDTree
from scipy.stats import norm

from ..assumptions.scenario import Settings
from ..money import revenue
from .explorer import dollars_per_worker

LOW, HIGH = 0.1, 0.9  # the ends of the 80 % interval
NEAR = 0.35  # width of the kernel of ``tornado``, in posterior standard deviations
REACH = 0.02  # share of effective draws near a value, below which it has no answer
BINS = 24
CHANCES = 12  # measurements of noise, which show what chance alone seems to narrow
COUNT_ERROR = 0.1  # sd of the log of a count, for "to a tenth"

# --- the upper tail -------------------------------------------------------------------------------


def share_of_tail(stock: np.ndarray, which: np.ndarray, above: float = HIGH) -> tuple[float, float]:
    """Return the share of all workers that some hosts have: over all draws, and in the upper tail.

    The upper tail are the draws whose total is above the quantile ``above``.

    Parameters
    ----------
    stock : draws (d, hosts).
    which : (hosts,) bool, the hosts.
    """
    total, some = stock.sum(axis=1), stock[:, which].sum(axis=1)
    upper = total >= np.quantile(total, above)
    return float(some.sum() / total.sum()), float(some[upper].sum() / total[upper].sum())


# --- Shapley effects ------------------------------------------------------------------------------


Explained = Callable[[tuple[int, ...]], float]  # Var(E[y | x]) for columns of x


def explained_by_regression(x: np.ndarray, y: np.ndarray) -> Explained:
    """Return a function that gives Var(E[y | x]) for some columns of x (n, p), by regression.

    Least squares on all terms of the columns up to the second degree, corrected for the number of
    terms. The products of all terms are computed once and serve every set of columns.
    """
    n, p = x.shape
    z, away = (x - x.mean(axis=0)) / x.std(axis=0), y - y.mean()
    pairs = [(i, j) for i in range(p) for j in range(i, p)]
    basis = np.column_stack([np.ones(n), z, *(z[:, i] * z[:, j] for i, j in pairs)])
    # The terms are standardised, so that the normal equations are well conditioned.
    products, with_y = basis.T @ basis, basis.T @ away

    def explained(some: tuple[int, ...]) -> float:
        terms = [
            0,
            *(1 + i for i in some),
            *(1 + p + k for k, pair in enumerate(pairs) if set(pair) <= set(some)),
        ]
        fitted = (
            np.linalg.lstsq(products[np.ix_(terms, terms)], with_y[terms], rcond=None)[0]
            @ with_y[terms]
        )
        return float(max(y.var(ddof=1) - (away @ away - fitted) / (n - len(terms)), 0.0))

    return explained


def explained_by_neighbours(x: np.ndarray, y: np.ndarray, k: int = 6) -> Explained:
    """Return a function that gives Var(E[y | x]) for some columns of x (n, p), by nearest
    neighbours.

    It is the variance of y less its mean variance among the ``k`` nearest draws: the given-data
    estimator of Broto, Bachoc and Depecker 2020 (SIAM/ASA Journal on Uncertainty Quantification
    8(2)). It assumes no form, and is biased downwards where x has many dimensions for the number of
    draws.
    """
    z = (x - x.mean(axis=0)) / x.std(axis=0)

    def explained(some: tuple[int, ...]) -> float:
        near = cKDTree(z[:, list(some)]).query(z[:, list(some)], k=k)[1]
        return float(y.var(ddof=1) - y[near].var(axis=1, ddof=1).mean())

    return explained


def shapley_effects(
    inputs: pd.DataFrame,
    y: np.ndarray,
    explained_by: Callable[[np.ndarray, np.ndarray], Explained] = explained_by_regression,
    exact: bool = False,
) -> pd.Series:
    """Return the Shapley effect of each input as a share of the variance of ``y``.

    Parameters
    ----------
    inputs : (n, p) draws, dependent or not; all 2**p sets of them are evaluated.
    y : (n,) draws of the answer.
    explained_by : of draws (n, p) and (n,), Var(E[y | x]) for any columns of x.
    exact : whether ``y`` is a function of the inputs. All of them together then explain all of the
        variance, and the effects sum to one.
    """
    p, x = inputs.shape[1], inputs.to_numpy(float)
    total, explained = float(np.var(y, ddof=1)), explained_by(x, y)
    worth = {(): 0.0}
    for size in range(1, p + 1):
        for some in itertools.combinations(range(p), size):
            worth[some] = total if exact and size == p else explained(some)
    effects = np.zeros(p)
    for some, value in worth.items():
        for i in set(range(p)) - set(some):
            share = (
                math.factorial(len(some)) * math.factorial(p - len(some) - 1) / math.factorial(p)
            )
            effects[i] += share * (worth[tuple(sorted((*some, i)))] - value)
    return pd.Series(effects / total, index=inputs.columns, name="share")


# --- one assumption at a time ---------------------------------------------------------------------


def tornado(
    levers: Mapping[str, tuple[np.ndarray, float, float]], answers: Mapping[str, np.ndarray]
) -> pd.DataFrame:
    """Return each answer with one assumption at the 10th or the 90th percentile of its prior.

    The draws near that value are weighted by a normal kernel. A weighted regression line corrects
    for the draws not lying exactly at the value.

    Parameters
    ----------
    levers : by name its draws (d,), and the 10th and 90th percentile of its prior.
    answers : by name draws (d,), above zero.

    Returns
    -------
    DataFrame ``lever, answer, end`` (low, high), ``value, factor`` (of the middle of the answer),
    ``effective`` (draws) and ``error`` (a Monte Carlo standard error of the log of the factor). The
    factor is missing where too few draws lie near the value.
    """
    rows = []
    for lever, (draws, *ends) in levers.items():
        sd = draws.std()
        for end, value in zip(("low", "high"), ends):
            away = (draws - value) / sd
            weights = np.exp(-0.5 * (away / NEAR) ** 2)
            effective = weights.sum() ** 2 / (weights**2).sum() if weights.any() else 0.0
            for name, answer in answers.items():
                logs = np.log(answer)
                factor = error = np.nan
                if effective >= REACH * len(draws):
                    root = np.sqrt(weights)
                    line = np.column_stack([np.ones(len(away)), away])
                    at = np.linalg.lstsq(line * root[:, None], logs * root, rcond=None)[0]
                    factor = float(np.exp(at[0] - logs.mean()))
                    error = logs.std() / math.sqrt(effective)
                rows.append(
                    {
                        "lever": lever,
                        "answer": name,
                        "end": end,
                        "value": value,
                        "factor": factor,
                        "effective": effective,
                        "error": error,
                    }
                )
    return pd.DataFrame(rows)


def budget(levers: Mapping[str, tuple[np.ndarray, float, float]], y: np.ndarray) -> pd.DataFrame:
    """Return the uncertainty budget in the manner of JCGM 101: each input's prior and posterior.

    Returns
    -------
    DataFrame ``input, prior_sd`` (that of the normal with the same 80 % interval), ``posterior_sd,
    learnt`` (the share of the prior variance that the figures removed; below zero where they
    widened it) and ``share`` (of the variance of ``y``, by itself), the greatest share first.
    """
    unit = 2 * norm.ppf(HIGH)
    rows = []
    for name, (draws, low, high) in levers.items():
        before, after = (
            (high - low) / unit,
            (np.quantile(draws, HIGH) - np.quantile(draws, LOW)) / unit,
        )
        share = explained_by_regression(draws[:, None], y)((0,)) / np.var(y, ddof=1)
        rows.append(
            {
                "input": name,
                "prior_sd": before,
                "posterior_sd": after,
                "learnt": 1 - (after / before) ** 2,
                "share": share,
            }
        )
    return (
        pd.DataFrame(rows)
        .sort_values("share", ascending=False, kind="stable")
        .reset_index(drop=True)
    )


# --- what it would be worth to know ---------------------------------------------------------------


def expected_widths(
    answers: np.ndarray, known: np.ndarray, error: float, rng: np.random.Generator
) -> np.ndarray:
    """Return the expected width (k,) of the 80 % intervals of ``answers`` (k, d) after a
    measurement.

    What is measured is ``known`` (d,), with the standard deviation ``error``.

    A preposterior analysis without nested simulation. Each draw makes a measurement. Draws with
    similar measurements are a sample of the posterior that this measurement would lead to, and the
    widths of their intervals are averaged. Within each of ``BINS`` a regression line corrects for
    the measurements not being quite equal.
    """
    measured = known + error * rng.standard_normal(len(known))
    bins = np.array_split(np.argsort(measured), min(BINS, max(1, len(known) // 40)))
    widths = []
    for size in sorted({len(rows) for rows in bins}):  # the sizes of bins differ by one at most
        rows = np.stack([rows for rows in bins if len(rows) == size])
        m, a = measured[rows], answers[:, rows]
        m = m - m.mean(axis=1, keepdims=True)
        squares = (m**2).sum(axis=1)
        crossed = (m * (a - a.mean(axis=2, keepdims=True))).sum(axis=2)
        slope = np.divide(crossed, squares, out=np.zeros_like(crossed), where=squares > 0)
        low, high = np.quantile(a - slope[..., None] * m, [LOW, HIGH], axis=2)
        widths.append(high - low)
    return np.concatenate(widths, axis=1).mean(axis=1)


def value_of_information(
    answers: Mapping[str, np.ndarray],
    unknowns: Mapping[str, np.ndarray],
    errors: Mapping[str, float],
    seed: int,
) -> pd.DataFrame:
    """Return by how much measuring one unknown is expected to narrow each answer's 80 % interval.

    The widths are compared with those that measuring an irrelevant quantity seems to give, so that
    chance alone narrows nothing.

    Parameters
    ----------
    answers : by name draws (d,).
    unknowns : by name draws (d,) on the scale on which they are measured, such as logs of a count.
    errors : by name the sd of a measurement, 0 for a perfect one.

    Returns
    -------
    DataFrame ``unknown, answer, quality, width`` (now), ``expected`` (then) and ``narrowed`` (a
    share), the most useful first.
    """
    draws = np.stack(list(answers.values()))
    low, high = np.quantile(draws, [LOW, HIGH], axis=1)
    rng = np.random.default_rng([seed, 11])
    chance = np.mean(
        [
            expected_widths(draws, rng.standard_normal(draws.shape[1]), 0.0, rng)
            for _ in range(CHANCES)
        ],
        axis=0,
    )
    rows = []
    for name, known in unknowns.items():
        for quality, error in errors.items():
            narrowed = (
                1 - expected_widths(draws, known, error, np.random.default_rng([seed, 12])) / chance
            )
            rows += [
                {
                    "unknown": name,
                    "answer": answer,
                    "quality": quality,
                    "width": width,
                    "expected": (1 - less) * width,
                    "narrowed": less,
                }
                for answer, width, less in zip(answers, high - low, narrowed)
            ]
    return (
        pd.DataFrame(rows)
        .sort_values("narrowed", ascending=False, kind="stable")
        .reset_index(drop=True)
    )


# --- the draws of this book -----------------------------------------------------------------------


def read_year(
    results: Path, year: int
) -> tuple[np.ndarray, dict[str, np.ndarray], tuple[str, ...]]:
    """Return draws (d, h) of one year: the stock, yearly dollars a worker by definition, and the
    hosts.

    Without money the second is empty.
    """
    path = results / "draws_workers.parquet"
    names = [name for name in pq.read_schema(path).names if name.endswith(f"_{year}")]
    hosts = tuple(name.rsplit("_", 1)[0] for name in names)
    table = pq.read_table(path, columns=names)
    stock = np.column_stack([table[name].to_numpy() for name in names]).astype(float)
    pay = results / "draws_pay.parquet"
    each = (
        dollars_per_worker(pay, np.arange(len(stock)), hosts, np.array([year]))
        if pay.is_file()
        else {}
    )
    return stock, {name: values[:, :, 0] for name, values in each.items()}, hosts


def months_paid(results: Path, hosts: tuple[str, ...], year: int) -> np.ndarray:
    """Return draws (d, h) of the months paid in a year."""
    pay, codes = revenue.read_pay(results / "draws_pay.parquet")
    usual = pay.months[:, [codes.index(code) for code in hosts]]
    return usual * pay.idle[:, None] if year in revenue.IDLE_YEARS else usual


def revenue_inputs(
    stock: np.ndarray,
    each: Mapping[str, np.ndarray],
    months: np.ndarray,
    hosts: tuple[str, ...],
    leading: Mapping[str, str],
) -> pd.DataFrame:
    """Return the inputs (logs or logits) of which the state's revenue is a function.

    Parameters
    ----------
    stock : draws (d, h) of persons.
    each : draws (d, h) of yearly dollars a worker, by definition.
    months : draws (d, h) of the months paid.
    hosts : (h,) codes.
    leading : the hosts whose workers are inputs of their own, by code, with their names. Pay,
        months and shares are means over all workers.
    """
    columns = {
        f"workers in {name}": np.log(stock[:, hosts.index(code)]) for code, name in leading.items()
    }
    others = [i for i, code in enumerate(hosts) if code not in leading]
    if others:
        columns["workers elsewhere"] = np.log(np.maximum(stock[:, others].sum(axis=1), 1.0))
    gross, withheld, state = (
        (stock * each[name]).sum(axis=1) for name in ("gross", "withheld", "state")
    )
    paid = (stock * months).sum(axis=1)
    columns["pay of a worker and month"] = np.log(gross / paid)
    columns["months paid"] = np.log(paid / stock.sum(axis=1))
    columns["share that is withheld"] = _logit(withheld / gross)
    columns["the state's part of it"] = _logit(state / withheld)
    return pd.DataFrame(columns)


def _logit(share: np.ndarray) -> np.ndarray:
    kept = np.clip(share, 1e-6, 1 - 1e-6)
    return np.log(kept / (1 - kept))


def workers_levers(results: Path, settings: Settings) -> dict[str, tuple[np.ndarray, float, float]]:
    """Return the top-level parameters of the workers model as ``tornado`` takes them.

    By name of the assumption: its draws, and the 10th and 90th percentile of its prior.
    """
    hyper = pq.read_table(results / "workers_hyper.parquet")
    levers = {}
    for column in hyper.column_names:
        name = {
            "log_turnover": "turnover_log",
            "coverage": "coverage_world",
            "level_mean": "level_log_mean",
        }.get(column)
        name = name or column.replace(":", "_")
        if name.startswith(("bias_", "shock_")) or name in (
            "turnover_log",
            "coverage_world",
            "level_log_mean",
        ):
            levers[name] = (
                hyper[column].to_numpy().astype(float),
                *norm.ppf([LOW, HIGH], *settings[name]),
            )
    return levers


def money_levers(results: Path, settings: Settings) -> dict[str, tuple[np.ndarray, float, float]]:
    """Return the assumptions about money that are one number for all hosts, as ``workers_levers``
    does."""
    if not (results / "draws_pay.parquet").is_file():
        return {}
    pay, _ = revenue.read_pay(results / "draws_pay.parquet")
    levers = {"wage_trend": (pay.trend, *norm.ppf([LOW, HIGH], *settings.wage_trend))}
    middle, sd = settings.plan_dollars_a_year
    levers["plan_dollars_a_year"] = (np.log(pay.plan), *norm.ppf([LOW, HIGH], math.log(middle), sd))
    for name, draws in (
        ("plan_share_russia", pay.under_plan),
        ("plan_part_of_gross", pay.plan_part),
        ("plan_costs_of_rest", pay.plan_costs),
        ("idle_months_factor", pay.idle),
    ):
        low, high = settings[name]
        levers[name] = (draws, low + LOW * (high - low), low + HIGH * (high - low))
    return levers


def unknowns(
    stock: np.ndarray,
    each: Mapping[str, np.ndarray],
    hosts: tuple[str, ...],
    names: Mapping[str, str],
    large: int = 6,
) -> dict[str, np.ndarray]:
    """Return draws of what somebody could count or audit.

    That is the workers of each host (log), and in the ``large`` largest hosts pay (log) and the
    state's share (logit). Hosts that have no worker in some draws are left out: a zero has no
    logarithm.
    """
    size = np.argsort(-np.median(stock, axis=0))
    found = {
        f"workers in {names[hosts[i]]}": np.log(stock[:, i])
        for i in size
        if (stock[:, i] > 0).all()
    }
    if each:
        for i in size[:large]:
            found[f"earnings in {names[hosts[i]]}"] = np.log(each["gross"][:, i])
            found[f"the state's share in {names[hosts[i]]}"] = _logit(
                each["state"][:, i] / each["gross"][:, i]
            )
    return found
