"""PyMC and nutpie, set up once: import the numerical stack from here.

Every function is compiled by numba, so that no C compiler is asked for.
"""

import itertools
import logging
import os
import time
import warnings

os.environ.setdefault("PYTENSOR_FLAGS", "cxx=")
with warnings.catch_warnings():
    warnings.simplefilter("ignore", FutureWarning)
    logging.getLogger("pytensor.configdefaults").setLevel(logging.ERROR)
    import arviz as az
    import numpy as np
    import nutpie
    import pandas as pd
    import pymc as pm
    import pytensor.tensor as pt
    from threadpoolctl import threadpool_limits

from .project import InputError

__all__ = ["az", "check", "diagnostics", "pm", "pt", "sample"]


def sample(model: pm.Model, stored: list[str], *, draws, tune, chains, target_accept, seed: int, say=print) -> az.InferenceData:
    """Sample the posterior with nutpie, keeping the variables named in ``stored`` that the model has; say how far it is.

    The same seed gives the same draws, whatever the number of cores.

    Raises
    ------
    KeyboardInterrupt
        When interrupted; the sampler is stopped first.
    """
    began = time.monotonic()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compiled = nutpie.compile_pymc_model(model, var_names=[name for name in stored if name in model.named_vars])
    say(f"compiled in {time.monotonic() - began:.0f} s: {compiled.n_dim} unknowns")
    began = time.monotonic()
    # One thread for each chain's linear algebra: with more, the order of sums, and so the draws, would depend on what else runs.
    with threadpool_limits(1):
        running = nutpie.sample(
            compiled,
            draws=draws,
            tune=tune,
            chains=chains,
            cores=min(chains, os.cpu_count() or 1),
            seed=seed,
            target_accept=target_accept,
            progress_bar=False,
            save_warmup=False,
            blocking=False,
        )
        while True:
            try:
                trace = running.wait(timeout=20)
                break
            except TimeoutError:
                say(f"sampling, {time.monotonic() - began:.0f} s")
            except KeyboardInterrupt:
                running.cancel()
                raise
    say(f"sampled {chains} chains of {draws} draws in {time.monotonic() - began:.0f} s")
    return trace


class PoorFit(InputError):
    """The sampler did not reach the posterior; the message names the quantities."""


def diagnostics(trace: az.InferenceData, stored: list[str], **derived: np.ndarray) -> pd.DataFrame:
    """Return R-hat and bulk ESS of every stored quantity and of each of ``derived``, the worst first.

    R-hat is the rank-normalised split R-hat of Vehtari et al. 2021 (Bayesian Analysis 16(2)). ``derived`` are draws
    (chains * draws, ...), chain by chain. Quantities that do not vary are left out.
    """
    chains = trace.posterior.sizes["chain"]
    extra = {name: values.reshape(chains, -1, *values.shape[1:]) for name, values in derived.items()}
    tables = []
    kept = [name for name in stored if name in trace.posterior]
    for data in (trace.posterior[kept], az.convert_to_dataset(extra) if extra else None):
        if data is None:
            continue
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore", RuntimeWarning)  # a quantity that does not vary has neither measure
            measures = {"r_hat": az.rhat(data), "ess_bulk": az.ess(data, method="bulk")}
        for name in data.data_vars:
            columns = {key: np.atleast_1d(value[name].to_numpy()).ravel() for key, value in measures.items()}
            tables.append(pd.DataFrame({"quantity": _labels(data[name]), **columns}))
    table = pd.concat(tables).dropna()
    return table.sort_values("r_hat", ascending=False).reset_index(drop=True)


def _labels(variable) -> list[str]:
    """Name each element of a variable, such as log_stock[RUS, 2019]."""
    dims = [dim for dim in variable.dims if dim not in ("chain", "draw")]
    if not dims:
        return [str(variable.name)]
    keys = itertools.product(*(variable[dim].to_numpy() for dim in dims))
    return [f"{variable.name}[{', '.join(map(str, key))}]" for key in keys]


def check(table: pd.DataFrame, divergences: int, draws: int, *, max_rhat, min_ess, max_divergent_share) -> None:
    """Refuse a fit that did not converge.

    Raises
    ------
    PoorFit
        Naming the quantities whose R-hat or effective sample size is not good enough.
    """
    problems = []
    poor = table[(table["r_hat"] >= max_rhat) | (table["ess_bulk"] <= min_ess)]
    if len(poor):
        named = "; ".join(f"{r.quantity} (R-hat {r.r_hat:.3f}, ESS {r.ess_bulk:.0f})" for r in poor.head(10).itertuples())
        more = f" and {len(poor) - 10} more" if len(poor) > 10 else ""
        problems.append(f"{len(poor)} quantities have not converged (R-hat below {max_rhat}, ESS above {min_ess}): {named}{more}")
    if divergences > max_divergent_share * draws:
        problems.append(f"{divergences} of {draws} draws diverged, more than the {max_divergent_share:.1%} allowed")
    if problems:
        raise PoorFit(
            "the fit is not good enough to publish. " + ". ".join(problems) + ". Raise tune, draws or target_accept in the scenario."
        )
