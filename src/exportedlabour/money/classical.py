"""The classical look at pay: ordinary least squares, which knows no priors, shares or net pay."""

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

SPARE = 5  # figures beyond the coefficients below which a regression says nothing


def wage_regression(dollars: pd.Series, regions: pd.Series, elapsed: np.ndarray) -> dict[str, float] | None:
    """Regress the log of gross pay on region and year, with HC3 standard errors (MacKinnon and White 1985).

    Parameters
    ----------
    dollars, regions, elapsed : (n,) pay in constant dollars, region, years since the reference year.

    Returns
    -------
    ``n``, ``r_squared``, ``trend`` with ``trend_low`` and ``trend_high`` (95 %, log points a year) and ``residual`` (a
    factor), of the regions with two figures or more; None if there are too few figures.
    """
    frame = pd.DataFrame({"log_pay": np.log(dollars.to_numpy()), "region": regions.to_numpy(), "elapsed": elapsed})
    frame = frame[frame.groupby("region")["region"].transform("size") > 1]
    if len(frame) < frame["region"].nunique() + 1 + SPARE:
        return None
    fit = smf.ols("log_pay ~ C(region) + elapsed", data=frame).fit(cov_type="HC3")
    low, high = fit.conf_int().loc["elapsed"]
    return {
        "n": len(frame), "r_squared": float(fit.rsquared), "trend": float(fit.params["elapsed"]), "trend_low": float(low),
        "trend_high": float(high), "residual": float(np.exp(np.sqrt(fit.scale))),
    }  # fmt: skip
