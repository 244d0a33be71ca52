"""PyMC and nutpie for the reference models, set up once: import them from here. They are the extra
``reference``.

Every function is compiled by numba, so that no C compiler is asked for.
"""

import logging
import os
import time
import warnings

os.environ.setdefault("PYTENSOR_FLAGS", "cxx=")
with warnings.catch_warnings():
    warnings.simplefilter("ignore", FutureWarning)
    logging.getLogger("pytensor.configdefaults").setLevel(logging.ERROR)
    import numpy as np
    import nutpie
    import pymc as pm
    import pytensor.tensor as pt
    from threadpoolctl import threadpool_limits

__all__ = ["pm", "pt", "sample", "stack"]


def sample(
    model: pm.Model, stored: list[str], *, draws, tune, chains, target_accept, seed: int, say=print
) -> tuple:
    """Sample the posterior with nutpie, keeping the variables named in ``stored`` that the model
    has; say how far it is.

    Returns the trace, the seconds of sampling without compiling, and the gradients of a draw.

    The same seed gives the same draws, whatever the number of cores.

    Raises
    ------
    KeyboardInterrupt
        When interrupted; the sampler is stopped first.
    """
    began = time.monotonic()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compiled = nutpie.compile_pymc_model(
            model, var_names=[name for name in stored if name in model.named_vars]
        )
    say(f"compiled in {time.monotonic() - began:.0f} s: {compiled.n_dim} unknowns")
    began = time.monotonic()
    # One thread for each chain's linear algebra: with more, the order of sums, and so the draws,
    # would depend on what else runs.
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
    gradients = float(trace.sample_stats["n_steps"].mean())
    return trace, time.monotonic() - began, gradients


def stack(trace, name: str) -> np.ndarray:
    """Return the draws of a variable as (chains * draws, ...), chain by chain."""
    values = trace.posterior[name].to_numpy()
    return values.reshape(-1, *values.shape[2:])
