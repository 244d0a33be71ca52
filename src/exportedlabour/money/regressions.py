"""The classical look at pay: regressions of published gross pay, which know no priors, shares or
net pay, and their diagnostics."""

import warnings

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from statsmodels.robust.norms import HuberT
from statsmodels.stats.diagnostic import het_breuschpagan, linear_reset

SPARE = 5  # figures beyond the coefficients below which a regression says nothing


def frame(
    dollars: pd.Series, regions: pd.Series, elapsed: np.ndarray, **more: pd.Series
) -> pd.DataFrame | None:
    """Return the figures of gross pay of regions that have two or more, for a regression; None if
    they are too few."""
    table = pd.DataFrame(
        {"log_pay": np.log(dollars.to_numpy()), "region": regions.to_numpy(), "elapsed": elapsed}
        | {name: column.to_numpy() for name, column in more.items()}
    )
    table = table[table.groupby("region")["region"].transform("size") > 1].reset_index(drop=True)
    return None if len(table) < table["region"].nunique() + 1 + SPARE else table


def wage_regression(
    dollars: pd.Series, regions: pd.Series, elapsed: np.ndarray
) -> dict[str, float] | None:
    """Regress the log of gross pay on region and year, with HC3 standard errors (MacKinnon and
    White 1985).

    Parameters
    ----------
    dollars, regions, elapsed : (n,) pay in constant dollars, region, years since the reference
        year.

    Returns
    -------
    ``n``, ``r_squared``, ``trend`` with ``trend_low`` and ``trend_high`` (95 %, log points a year)
    and ``residual`` (a factor), of the regions with two figures or more; None if there are too few
    figures. With them the diagnostics: ``breusch_pagan`` and ``reset``, p values of equal variance
    and of a straight line (Ramsey's, squares); ``cook`` (n,) distances, and ``figures``, the frame
    that was regressed.
    """
    table = frame(dollars, regions, elapsed)
    if table is None:
        return None
    plain = smf.ols("log_pay ~ C(region) + elapsed", data=table).fit()
    fit = plain.get_robustcov_results("HC3")
    place = plain.model.exog_names.index("elapsed")
    low, high = fit.conf_int()[place]
    return {
        "n": len(table),
        "r_squared": float(fit.rsquared),
        "trend": float(fit.params[place]),
        "trend_low": float(low),
        "trend_high": float(high),
        "residual": float(np.exp(np.sqrt(fit.scale))),
        "breusch_pagan": float(het_breuschpagan(plain.resid, plain.model.exog)[1]),
        "reset": float(linear_reset(plain, power=2, use_f=True).pvalue),
        "cook": plain.get_influence().cooks_distance[0],
        "figures": table,
    }


def other_regressions(
    dollars: pd.Series, regions: pd.Series, elapsed: np.ndarray, hosts: pd.Series
) -> pd.DataFrame:
    """Return the yearly trend by regressions that bend to other faults: ``label``, ``trend``,
    ``low``, ``high`` (95 %).

    Huber's M-estimator and the median regression give little weight to figures far off; the mixed
    model has an effect of each host, so that several figures of one host are not independent.
    Empty if there are too few figures; a regression that finds no answer is left out.
    """
    table = frame(dollars, regions, elapsed, host=hosts)
    rows = []
    if table is not None:
        formula = "log_pay ~ C(region) + elapsed"
        models = {
            "robust (Huber)": lambda: smf.rlm(formula, data=table, M=HuberT()).fit(),
            "median": lambda: smf.quantreg(formula, data=table).fit(q=0.5),
            "hosts at random (mixed)": (
                lambda: smf.mixedlm("log_pay ~ elapsed", data=table, groups=table["host"]).fit()
            ),
        }
        for label, run in models.items():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a variance at its bound is no fault here
                try:
                    fit = run()
                except np.linalg.LinAlgError:
                    continue
            low, high = fit.conf_int().loc["elapsed"]
            rows.append(
                {
                    "label": label,
                    "trend": float(fit.params["elapsed"]),
                    "low": float(low),
                    "high": float(high),
                }
            )
    return pd.DataFrame(rows, columns=["label", "trend", "low", "high"])
