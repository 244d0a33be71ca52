"""The validation as many small fits, each a piece with a result of its own, so that it can stop and go on.

A piece is a JSON file in a folder; one that is there is not done again. What it depends on (design, settings, the model's
code) is in the name of the folder, so that a changed model starts afresh.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from .. import ensemble
from ..ledger import Ledger
from ..scenario import Settings
from ..simulate.calibration import observe
from ..simulate.prior import draw_figures, draw_prior
from ..workers import structure as priors
from ..workers.design import Design
from ..workers.fast import Density
from . import holdouts

YEARS = (2013, 2017, 2020, 2024)
LEVELS = (50, 80, 95)
RANKED = 99  # draws that a rank is taken among
WORLDS = ("as specified", "copies", "wild", "biased", "all three")
CODE = (
    "ensemble",
    "likelihood",
    "reading",
    "workers/design",
    "workers/structure",
    "workers/fast",
    "simulate/prior",
    "simulate/calibration",
    "validate/experiments",
)


@dataclass(frozen=True)
class Effort:
    """How much each small fit samples: chains, warm-up and draws of each chain."""

    chains: int = 16
    tune: int = 70
    draws: int = 50


def key(design: Design, settings: Settings, effort: Effort) -> str:
    """Return a short hash of everything that the pieces depend on."""
    digest = hashlib.sha256(repr((sorted(settings.items()), effort)).encode())
    digest.update(design.figures.to_csv().encode())
    for module in CODE:
        digest.update((Path(__file__).parents[1] / f"{module}.py").read_bytes())
    return digest.hexdigest()[:12]


def independent(design: Design) -> Design:
    """Return the design with every doubtful copy left out or in for good, at one half."""
    return design.keep(design.own > 0.5)


def small_fit(design: Design, settings: Settings, effort: Effort, seed: int, like: np.ndarray | None, mask: np.ndarray | None = None):
    """Return the density and draws (d, dim) of a short fit; ``mask`` (n,) says which figures are counted."""
    density = Density(design, priors.build(design, settings))
    data = None if mask is None else np.tile(mask.astype(float), (effort.chains, 1))
    run = ensemble.sample(
        density, density.dim, chains=effort.chains, draws=effort.draws, tune=effort.tune, seed=seed, data=data,
        interweave=density.interweave, scales=density.scales, metric=like, groups=1, workers=1, say=lambda text: None,
    )  # fmt: skip
    return density, run.draws.reshape(-1, density.dim).astype(float), run.information


def bend(design: Design, settings: Settings, drawn: dict, world: str, rng: np.random.Generator) -> np.ndarray:
    """Return the log figures (n,) of a world that breaks the model in a stated way.

    ``copies``: a quarter of the points and intervals repeat an earlier one of their host, coded as figures of their own. ``wild``:
    a tenth have a log error of standard deviation 2. ``biased``: the class of governments, told apart by no anchor, is off by a
    factor of two. ``all three`` together.
    """
    bent = {name: value.copy() for name, value in drawn.items()}
    if world in ("biased", "all three") and "government" in design.biases:
        bent["bias"][:, design.biases.index("government")] = np.log(2)
    values = draw_figures(design, settings, bent, rng, counting=design.counting)[0]
    points = np.flatnonzero(design.kind < 2)
    if world in ("wild", "all three"):
        chosen = rng.choice(points, len(points) // 10, replace=False)
        values[chosen] += rng.normal(0, 2, len(chosen))
    if world in ("copies", "all three"):
        hosts = design.figures["hosts"].to_numpy()
        for row in rng.permutation(points)[: len(points) // 4]:
            others = points[(hosts[points] == hosts[row]) & (points != row) & ~design.flow[points]]
            if len(others):
                values[row] = values[rng.choice(others)]
    return values


def simulated(design: Design, settings: Settings, effort: Effort, world: str, seed: int, like: np.ndarray | None) -> dict:
    """Draw a world from the prior, its figures as ``world`` says, fit them, and say where the truth lies among the draws."""
    rng = np.random.default_rng([seed, WORLDS.index(world)])
    drawn = draw_prior(design, settings, rng)
    seen = observe(design, bend(design, settings, drawn, world, rng))
    density, theta, _ = small_fit(seen, settings, effort, seed, like)
    named = density.name(theta)
    stock = named["log_stock"]
    truth = drawn["log_stock"][0]
    years = list(design.years)
    quantities = {
        f"world {year}": (_log_sum(stock)[:, years.index(year)], _log_sum(drawn["log_stock"])[0, years.index(year)]) for year in YEARS
    }
    quantities |= {f"{host} 2017": (stock[:, design.hosts.index(host), years.index(2017)], truth[design.hosts.index(host), years.index(2017)])
                   for host in ("RUS", "CHN", "POL") if host in design.hosts}  # fmt: skip
    quantities |= {f"bias {name}": (named["bias"][:, i], drawn["bias"][0, i]) for i, name in enumerate(design.biases)}
    for name in ("level_mean", "level_sd", "log_step_median", "log_turnover", "coverage"):
        quantities[name] = (named[name], drawn[name][0])
    thin = np.linspace(0, len(theta) - 1, RANKED).astype(int)
    ranks = {name: int((draws[thin] < true).sum()) for name, (draws, true) in quantities.items()}
    pit_host = (stock < truth).mean(axis=0)
    return {
        "ranks": ranks,
        "pit_host_year": np.round(pit_host, 4).tolist(),
        "pit_world": np.round((_log_sum(stock) < _log_sum(drawn["log_stock"])[0]).mean(axis=0), 4).tolist(),
    }


def held_out(design: Design, settings: Settings, effort: Effort, split: holdouts.Split, like: np.ndarray | None) -> dict:
    """Fit the training figures of a split and draw the test figures from their posterior prediction."""
    density, theta, _ = small_fit(design, settings, effort, 1, like, mask=split.train)
    draws = density.predict(theta, np.random.default_rng(2))[:, split.test]
    return {"test": np.flatnonzero(split.test).tolist(), "draws": np.round(draws[:: max(1, len(draws) // 400)].T, 4).tolist()}


def specification(design: Design, settings: Settings, effort: Effort, like: np.ndarray | None) -> dict:
    """Fit one specification and summarise the world."""
    density, theta, _ = small_fit(design, settings, effort, 1, like)
    world = np.exp(_log_sum(density.name(theta)["log_stock"]))
    marks = np.percentile(world, [2.5, 10, 50, 90, 97.5], axis=0)
    return {"years": design.years.tolist(), "percentiles": np.round(marks).tolist()}


def _log_sum(stock: np.ndarray) -> np.ndarray:
    """Return the log of the sum over hosts of exp (..., hosts, years)."""
    peak = stock.max(axis=-2, keepdims=True)
    return np.log(np.exp(stock - peak).sum(axis=-2)) + peak[..., 0, :]


def run(pieces: Iterator[tuple[str, Callable, tuple]], folder: Path, jobs: int, say: Callable = print) -> None:
    """Do every piece that is not there yet: (name, function, arguments), ``jobs`` at once, each on one thread."""
    folder.mkdir(parents=True, exist_ok=True)
    due = [(name, function, arguments) for name, function, arguments in pieces if not (folder / f"{name}.json").exists()]
    say(f"{len(due)} pieces to do")
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(_one, function, arguments): name for name, function, arguments in due}
        for count, done in enumerate(as_completed(waiting), 1):
            path = folder / f"{waiting[done]}.json"
            part = path.with_suffix(".part")
            part.write_text(json.dumps(done.result()), encoding="utf-8")
            part.replace(path)
            if count % 10 == 0:
                say(f"{count} of {len(due)} pieces done")


def _one(function: Callable, arguments: tuple) -> dict:
    with threadpool_limits(1):
        return function(*arguments)


def plan(design: Design, ledger: Ledger, settings: Settings, effort: Effort, worlds: int, bent: int, like: np.ndarray, folder: Path):
    """Yield every piece: simulated worlds as specified and bent, hold-outs, and specifications."""
    own = independent(design)
    like_own = like
    for k in range(worlds):
        yield f"sbc-{k:03d}", simulated, (own, settings, effort, "as specified", k, like_own)
    for split in holdouts.every_split(own.figures, ledger, 5, settings.seed):
        yield f"out-{_plain(split.name)}", held_out, (own, settings, effort, split, like_own)
    for k in range(bent):
        for world in WORLDS[1:]:
            yield f"bent-{_plain(world)}-{k:03d}", simulated, (own, settings, effort, world, k, like_own)


def _plain(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name)[:80]
