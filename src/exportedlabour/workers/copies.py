"""Which figures are copies: not known for certain, and so drawn, as many times as there are
imputations."""

import zlib

import numpy as np

from ..assumptions.scenario import Settings
from ..inference.convergence import SUPERCHAINS
from .observations import Design


def imputed_copies(design: Design, settings: Settings, rng: np.random.Generator) -> np.ndarray:
    """Return (a, n) bool, which figures each imputation counts as no copies.

    With ``imputed_copies`` 1 a figure counts if its probability of copying is below
    ``copy_threshold``. With more, each imputation draws every doubtful figure by its probability:
    the uncertainty of who copied whom is integrated over, as in multiple imputation, and the
    figures themselves do not decide it. There are no more imputations than chains.

    The draws are a sliced Latin hypercube (Qian 2012, Journal of the American Statistical
    Association 107(497)): a figure counts in as near its share of all imputations as a whole number
    can be, and likewise of every fourth of them, so that a single figure of consequence adds next
    to nothing to the Monte Carlo error.
    """
    if settings.imputed_copies == 1:
        return (1.0 - design.uncopied < settings.copy_threshold)[None]
    return (
        sliced_hypercube(
            min(settings.imputed_copies, settings.chains), len(design.uncopied), SUPERCHAINS, rng
        )
        < design.uncopied
    )


def sliced_hypercube(points: int, dim: int, slices: int, rng: np.random.Generator) -> np.ndarray:
    """Return uniform numbers (points, dim), in each dimension one in each of ``points`` equal
    cells.

    The points s, s + slices, ... are slice s, which has one in each of ``points / slices`` equal
    cells. Where ``slices`` does not divide ``points``, there is one slice.
    """
    slices = slices if points % slices == 0 else 1
    coarse = np.arange(points // slices)[None, :, None]
    fine = rng.permuted(
        np.broadcast_to(np.arange(slices)[:, None, None], (slices, coarse.size, dim)), axis=0
    )
    cells = rng.permuted(coarse * slices + fine, axis=1).transpose(1, 0, 2).reshape(points, dim)
    return (cells + rng.random((points, dim))) / points


def of_figures(design: Design, uncopied: np.ndarray, chains: int, seed: int) -> np.ndarray:
    """Return (chains, n) bool, which figures each chain counts, each in its share of the chains.

    A figure counts in the same chains of every design that has it, so that analyses of other
    figures or other models differ by what they change and not by what was drawn.

    Parameters
    ----------
    uncopied : (n,) the probability that each figure of the design is no copy.
    """
    names = (
        design.figures["figure_id"]
        + " "
        + design.figures.groupby("figure_id").cumcount().astype(str)
    )
    rngs = (np.random.default_rng([seed, zlib.crc32(name.encode())]) for name in names)
    return (
        np.hstack(
            [
                np.empty((chains, 0)),
                *(sliced_hypercube(chains, 1, SUPERCHAINS, rng) for rng in rngs),
            ]
        )
        < uncopied
    )


def imputation_of_chains(settings: Settings) -> np.ndarray:
    """Return (chains,) the number of the imputation of copies that each chain counts.

    Four chains in a row count the same one where there are chains enough; otherwise they are dealt
    in turn, one further in each round. Either way ``convergence.superchains`` finds sets of chains
    that have every imputation, if it is a divisor of the chains.
    """
    chain = np.arange(settings.chains)
    count = min(settings.imputed_copies, settings.chains)
    return (
        chain // SUPERCHAINS if settings.chains >= SUPERCHAINS * count else chain + chain // count
    ) % count
