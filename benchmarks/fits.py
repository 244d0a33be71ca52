"""The published fit of the workers model and a refit of the validation, each alone: seconds,
memory, and how well they mixed.

    python benchmarks/fits.py

Some two minutes on two idle cores; anything that runs beside it spoils the seconds. Memory is the
peak of this process, which gathers the draws, and of its two samplers, each by itself.
"""

import multiprocessing
import resource
import time

import numpy as np

from exportedlabour import project
from exportedlabour.assumptions import scenario
from exportedlabour.evidence import ledger
from exportedlabour.validation import experiments
from exportedlabour.workers import copies, fit, observations


def peak(who: int) -> float:
    """Return the peak memory in gigabytes of this process, or of the largest of its finished
    children."""
    return resource.getrusage(who).ru_maxrss / 1024**2


def small(made: observations.Design, settings: scenario.Settings) -> None:
    """Fit once as every piece of the validation does, with one core."""
    effort = experiments.Effort()
    counted = copies.of_figures(made, made.uncopied, effort.chains, settings.seed)
    began = time.monotonic()
    experiments.refit(made, settings, effort, settings.seed, counted)
    print(
        f"a refit of the validation ({effort.chains} chains of {effort.draws} draws, one core):"
        f" {time.monotonic() - began:.0f} s"
    )


def main() -> None:
    """Run both and print what they took."""
    settings = scenario.Settings(scenario.load().used_by("workers"))
    made = observations.build(ledger.read(project.find_root() / "data"), settings)
    one = multiprocessing.get_context("spawn").Process(target=small, args=(made, settings))
    one.start()
    one.join()
    began = time.monotonic()
    found = fit.fit(made, settings, keep_likelihood=True)
    took = time.monotonic() - began
    samplers = peak(resource.RUSAGE_CHILDREN)  # before others are started for the effective sizes
    quality = found.quality(made)
    print(
        f"the published fit ({settings.chains} chains of {settings.draws} draws): {took:.0f} s, of"
        f" them {found.seconds:.0f} s sampling"
    )
    print(f"  {peak(resource.RUSAGE_SELF):.1f} GB, and {samplers:.1f} GB in each of two samplers")
    print(
        f"  worst R-hat {quality['r_hat'].max():.4f}, least bulk ESS"
        f" {np.min(quality['ess_bulk']):.0f}, {found.divergences} divergent draws"
    )


if __name__ == "__main__":
    main()
