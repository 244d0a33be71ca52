"""Did a sampler reach the posterior? R-hat and effective sample size of every quantity that is
published."""

import itertools
import multiprocessing
import os
import warnings
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pandas as pd

from ..project import InputError

# effective sizes, one a quantity and part: it takes some seconds to compute more, and other
# processors help
MANY = 5000
SUPERCHAINS = 4  # chains are compared in so many sets, where each can have what the others have


class PoorFit(InputError):
    """The sampler did not reach the posterior; the message names the quantities."""


def diagnostics(
    named: dict[str, np.ndarray],
    labels: dict[str, list] | None = None,
    parts: np.ndarray | None = None,
    together: int = SUPERCHAINS,
) -> pd.DataFrame:
    """Return R-hat, bulk ESS and tail ESS of every quantity, the worst R-hat first; quantities that
    don't vary are left out.

    R-hat is the rank-normalised split R-hat of Vehtari et al. 2021 (Bayesian Analysis 16(2)). Many
    short chains are taken together as superchains (see ``superchains``), as in the nested R-hat of
    Margossian et al. 2024 (Bayesian Analysis): what is compared are the means of superchains, so
    that it is the length of all draws that counts and not that of each chain.

    Parameters
    ----------
    named : draws (chains, draws, ...) by name.
    labels : names along the further axes of a quantity, for the table.
    parts : (chains,) which posterior each chain samples, where draws of several are pooled:
        effective sample sizes are those within each, summed.
    together : the number of superchains, at most.
    """
    flat = np.concatenate(
        [values.reshape(*values.shape[:2], -1).astype(float) for values in named.values()], axis=2
    )
    parts = np.zeros(len(flat)) if parts is None else parts
    sets = superchains(parts, together)
    names = []
    for name, values in named.items():
        keys = (labels or {}).get(name) or [range(size) for size in values.shape[2:]]
        names += [
            f"{name}[{', '.join(map(str, key))}]" if key else name
            for key in itertools.product(*keys)
        ]
    shares = os.cpu_count() or 1 if flat.shape[2] * len(np.unique(parts)) > MANY else 1
    jobs = [(share, parts, sets) for share in np.array_split(flat, shares, axis=2)]
    if shares > 1:
        with ProcessPoolExecutor(shares, mp_context=multiprocessing.get_context("spawn")) as pool:
            found = list(pool.map(_measures, jobs))
    else:
        found = [_measures(job) for job in jobs]
    table = pd.DataFrame(np.concatenate(found, axis=1).T, columns=["r_hat", "ess_bulk", "ess_tail"])
    table.insert(0, "quantity", names)
    return table.dropna().sort_values("r_hat", ascending=False).reset_index(drop=True)


def superchains(parts: np.ndarray, together: int = SUPERCHAINS) -> np.ndarray:
    """Return (chains,) the number of the superchain that each chain belongs to; all have the same
    size.

    R-hat asks whether superchains sample one distribution. Where every part has the same number of
    chains, and more than one, each superchain therefore has as many of every part as the others,
    and there are no more superchains than that allows. Otherwise the parts are no matter, and chain
    k belongs to superchain k modulo their number.

    Parameters
    ----------
    parts : (chains,) which posterior each chain samples, where draws of several are pooled.
    together : the number of superchains, at most.
    """
    sizes = np.unique(parts, return_counts=True)[1]
    alike = sizes.min() == sizes.max() > 1
    each = sizes[0] if alike else len(parts)
    turn = pd.Series(parts).groupby(parts).cumcount().to_numpy() if alike else np.arange(len(parts))
    return turn % max(k for k in range(1, min(together, each) + 1) if each % k == 0)


def _measures(job: tuple[np.ndarray, np.ndarray, np.ndarray]) -> np.ndarray:
    """Return R-hat, bulk ESS and tail ESS (3, k) of draws (chains, draws, k), as ``diagnostics``
    tells."""
    flat, parts, sets = job
    supers = np.stack(
        [flat[sets == s].swapaxes(0, 1).reshape(-1, flat.shape[-1]) for s in np.unique(sets)]
    )
    sizes_of = (
        np.sum([_measure("ess", flat[parts == p], method=m) for p in np.unique(parts)], axis=0)
        for m in ("bulk", "tail")
    )
    return np.stack([_measure("rhat", supers), *sizes_of])


def _measure(measure: str, flat: np.ndarray, **given) -> np.ndarray:
    """Return a measure of arviz, by name, (k,) of draws (chains, draws, k)."""
    import arviz as az  # it takes long, and most that import this module measure nothing

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter(
            "ignore"
        )  # a quantity that does not vary has none of the measures, and many chains are no mistake
        return np.atleast_1d(
            getattr(az, measure)(az.convert_to_dataset({"x": flat}), **given)["x"].to_numpy()
        )


def sizes(draws: np.ndarray) -> np.ndarray:
    """Return the bulk effective sample size (k,) of draws (chains, draws, k)."""
    return _measure("ess", draws.astype(float), method="bulk")


def worst(table: pd.DataFrame, count: int) -> pd.DataFrame:
    """Return the first ``count`` lines of ``diagnostics`` for readers."""
    whole = dict.fromkeys(("ess_bulk", "ess_tail"), "{:,.0f}".format)
    return table.head(count).assign(
        **{
            name: table[name].map(write)
            for name, write in {"r_hat": "{:.4f}".format, **whole}.items()
        }
    )


def check(
    table: pd.DataFrame, divergences: int, draws: int, *, max_rhat, min_ess, max_divergent_share
) -> None:
    """Refuse a fit that did not converge.

    Raises
    ------
    PoorFit
        Naming the quantities whose R-hat or effective sample size is not good enough.
    """
    problems = []
    poor = table[(table["r_hat"] >= max_rhat) | (table["ess_bulk"] <= min_ess)]
    if len(poor):
        named = "; ".join(
            f"{r.quantity} (R-hat {r.r_hat:.3f}, ESS {r.ess_bulk:.0f})"
            for r in poor.head(10).itertuples()
        )
        more = f" and {len(poor) - 10} more" if len(poor) > 10 else ""
        problems.append(
            f"{len(poor)} quantities have not converged (R-hat below {max_rhat}, ESS above"
            f" {min_ess}): {named}{more}"
        )
    if divergences > max_divergent_share * draws:
        problems.append(
            f"{divergences} of {draws} draws diverged, more than the {max_divergent_share:.1%}"
            " allowed"
        )
    if problems:
        raise PoorFit(
            "the fit is not good enough to publish. "
            + ". ".join(problems)
            + ". Raise tune or draws in the scenario."
        )
