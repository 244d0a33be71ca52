"""Both engines of the workers model, and PyMC's own sampler, on one posterior in one run: do they
agree, and at what cost?

    python benchmarks/engines.py [--draws 3000] [--own-draws 1000] [--out results/validation]

The posterior is that of the real ledger with every doubtful copy decided at one half; whether the
engines agree is also asked of two simulated ledgers, of quantities that both have an effective
sample size above 400 of. The limit of the world is off, as only one of them has it. Writes
``engines.csv`` (seconds, effective sample sizes) and ``engines_agreement.csv`` (difference of
posterior means over its Monte Carlo error, and of the ends of the 80 % interval over the
posterior's sd). Some twenty-five minutes on two idle cores; anything that runs beside it spoils the
seconds, and less so those of the processors, which are told beside them.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from exportedlabour import project
from exportedlabour.assumptions import scenario
from exportedlabour.evidence import ledger
from exportedlabour.inference import convergence
from exportedlabour.simulation import make, write
from exportedlabour.workers import copies, fit, observations, priors, reference

SIMULATED = {
    "simulated, as the model has it": "plain",
    "simulated, a quarter unmarked copies and a tenth wild": "hard",
}
ENOUGH = 400  # effective sample size; with less, a Monte Carlo error is itself uncertain
COMPARED = ("log_stock", "log_world", "bias", "level_mean", "log_turnover")


def pymc_own(
    made: observations.Design, settings: scenario.Settings, counted: np.ndarray, draws: int
) -> fit.Fit:
    """Sample with ``pm.sample`` as it comes, its functions compiled by numba as those of nutpie
    are; its seconds are without compiling."""
    from exportedlabour.inference.pymc_setup import pm

    model = reference.build(made, priors.build(made, settings), counted.astype(float))
    with model:
        trace = pm.sample(
            draws,
            tune=draws,
            chains=4,
            cores=2,
            random_seed=settings.seed,
            progressbar=False,
            compute_convergence_checks=False,
            compile_kwargs={"mode": "NUMBA"},
        )
    named = {name: trace.posterior[name].to_numpy() for name in reference.STORED}
    named["log_world"] = np.log(np.exp(named["log_stock"]).sum(axis=2))
    seconds, stats = trace.posterior.attrs["sampling_time"], trace.sample_stats
    return fit.Fit(
        named,
        np.zeros(4, dtype=int),
        int(stats["diverging"].sum()),
        seconds,
        float(stats["n_steps"].mean()),
        {},
    )


def sizes(found: fit.Fit) -> pd.DataFrame:
    """Return R-hat and effective sample sizes of what is compared."""
    return convergence.diagnostics(
        {name: found.named[name] for name in COMPARED}, None, found.imputations
    )


def processor() -> float:
    """Return the seconds of processors that this process and its finished children have had."""
    return sum(os.times()[:4])


def row(engine: str, found: fit.Fit, whole: float, busy: float) -> dict:
    """Return one line of the table: what it took, and what came of it."""
    table = sizes(found)
    least, middle = table["ess_bulk"].min(), table["ess_bulk"].median()
    return {
        "engine": engine,
        "seconds": round(found.seconds, 1),
        "seconds_with_compiling": round(whole, 1),
        "processor_seconds": round(busy, 1),
        "gradients_per_draw": round(found.gradients, 1),
        "divergences": found.divergences,
        "worst_rhat": round(table["r_hat"].max(), 4),
        "least_ess": round(least),
        "median_ess": round(middle),
        "least_ess_per_second": round(least / found.seconds, 2),
        "median_ess_per_second": round(middle / found.seconds, 2),
        "least_ess_per_processor_second": round(least / busy, 3),
    }


def timed(engine: str, sample) -> tuple[fit.Fit, dict]:
    """Call ``sample`` and return its draws with its line of the table, which is printed."""
    began, busy = time.monotonic(), processor()
    found = sample()
    line = row(engine, found, time.monotonic() - began, processor() - busy)
    print(line, flush=True)
    return found, line


def agreement(one: fit.Fit, other: fit.Fit) -> pd.DataFrame:
    """Return for each quantity the difference of means in Monte Carlo errors, and of the ends of
    the 80 % interval in sds."""
    left, right = (sizes(found).set_index("quantity")["ess_bulk"] for found in (one, other))
    rows = []
    for name in COMPARED:
        a, b = (found.stack(name).reshape(len(found.stack(name)), -1) for found in (one, other))
        labels = [
            f"{name}{list(index)}" if index else name
            for index in np.ndindex(*one.named[name].shape[2:])
        ]
        for k, label in enumerate(labels):
            if label not in left.index or label not in right.index:
                continue
            sd = b[:, k].std()
            if min(left[label], right[label]) < ENOUGH:
                continue
            error = np.sqrt(a[:, k].var() / left[label] + b[:, k].var() / right[label])
            ends = (
                np.abs(np.percentile(a[:, k], [10, 90]) - np.percentile(b[:, k], [10, 90])).max()
                / sd
            )
            rows.append(
                {"quantity": label, "z": (a[:, k].mean() - b[:, k].mean()) / error, "ends": ends}
            )
    return pd.DataFrame(rows)


def by_reference(
    made: observations.Design, settings: scenario.Settings, draws: int, counted: np.ndarray
) -> fit.Fit:
    """Sample with the reference; a step size small enough that it does not fail in narrow
    places."""
    return reference.fit(made, settings, draws=draws, tune=1000, target_accept=0.9, counted=counted)


def simulated(world: str, settings: scenario.Settings) -> tuple[observations.Design, np.ndarray]:
    """Return the design of a simulated ledger of twelve hosts, and which of its figures are
    counted."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / world
        write.write(make.make(world, 11, scenario.load().settings, hosts=12, figures=120), folder)
        made = observations.build(ledger.read(folder), settings)
    return made, copies.imputed_copies(made, settings, np.random.default_rng(settings.seed))[0]


def main() -> None:
    """Run all three and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--draws", type=int, default=3000, help="of the reference, in each of four chains"
    )
    parser.add_argument(
        "--own-draws",
        type=int,
        default=1000,
        help="of PyMC's own sampler, in each of four chains; 0 leaves it out",
    )
    parser.add_argument("--out", type=Path, default=Path("results/validation"))
    given = parser.parse_args()
    settings = scenario.Settings(
        scenario.load().used_by("workers") | {"imputed_copies": 1, "world_limit": 100_000_000}
    )
    made = observations.build(ledger.read(project.find_root() / "data"), settings)
    counted = copies.imputed_copies(made, settings, np.random.default_rng(settings.seed))[0]
    fast, first = timed("NumPy, many chains", lambda: fit.fit(made, settings))
    slow, second = timed(
        "PyMC with nutpie", lambda: by_reference(made, settings, given.draws, counted)
    )
    lines, agreed = [first, second], [agreement(fast, slow).assign(ledger="real")]
    for title, world in SIMULATED.items():
        design_of, counted_of = simulated(world, settings)
        agreed.append(
            agreement(
                fit.fit(design_of, settings),
                by_reference(design_of, settings, given.draws, counted_of),
            ).assign(ledger=title)
        )
        print(title, agreed[-1].describe(), sep="\n", flush=True)
    given.out.mkdir(parents=True, exist_ok=True)
    pd.concat(agreed).to_csv(given.out / "engines_agreement.csv", index=False, float_format="%.4g")
    pd.DataFrame(lines).to_csv(given.out / "engines.csv", index=False)
    if given.own_draws:  # last, as it is the slowest by far
        lines.append(
            timed("PyMC's own sampler", lambda: pymc_own(made, settings, counted, given.own_draws))[
                1
            ]
        )
        pd.DataFrame(lines).to_csv(given.out / "engines.csv", index=False)


if __name__ == "__main__":
    main()
