"""The validation as many refits, each a piece with a result of its own: what each does, and
what it depends on."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from scipy.special import logsumexp

from .. import imports
from ..assumptions.scenario import Settings
from ..evidence.classes import registry
from ..evidence.hosts_apart import LARGEST_FIRST
from ..evidence.ledger import Ledger
from ..inference import convergence, sampling
from ..simulation.calibration import observe
from ..simulation.prior import draw_figures, draw_prior
from ..workers import observations as designs
from ..workers import priors
from ..workers.copies import of_figures
from ..workers.density import Density
from ..workers.observations import Design
from . import holdouts, multiverse

YEARS = (2013, 2017, 2020, 2024)
RANKED = 99  # draws that a rank is taken among
POOR = 1.05  # R-hat of the world's workers above which the chains of a refit do not agree well
KEPT = 400  # predictive draws kept of each figure held out
SPECIFIED = "as specified"
SENT_HOME = "sent home by the account"
(DISFAVOURED,) = registry().groups["disfavoured"]  # the class that is off in some worlds
LEFT_OUT_FROM = (
    2  # sources of so many figures are left out by a refit; single figures by reweighting
)
SCANDALOUS = registry().groups["scandalous"]
COPY_PROBABILITIES = (0.95, 0.7, 0.3)  # as the rules of coding have them
FLAGGED = 0.25 / np.mean(
    COPY_PROBABILITIES
)  # share of figures that may be copies, so that a quarter are
WORLDS = {
    SPECIFIED: "Drawn from the model's own prior.",
    "all three": (
        "A quarter of the figures are copies, with probabilities as they are coded; a tenth are"
        " wild; the press tells twice the truth."
    ),
    "copies": "A quarter of the figures are copies, with probabilities as they are coded.",
    "hidden copies": "A quarter of the figures are copies that nobody noticed.",
    "wild": "A tenth of the figures have one more error, of standard deviation 2 on the log scale.",
    "biased": (
        "The press, of all classes without an anchor the largest, tells twice the truth, which its"
        " prior allows."
    ),
    "one log unit off": "The press tells 2.7 times the truth.",
    "ban ignored": (
        "Registers show what the law leaves after the ban, and the model thinks that they count as"
        " before."
    ),
    "only scandals": (
        "Of two figures that press, interviews or tables could have told, the higher is printed."
    ),
    "mistaken copies": (
        "A quarter of the figures are copies, and others than these are held for copies."
    ),
    SENT_HOME: (
        "Drawn from the model's own prior, and people sent home are exits of the account, in the"
        " worlds and in the model."
    ),
}
# Priors that somebody wrote who knew the notifications: before them, registers counted as they
# always had, and what sanctions would do was open.
HINDSIGHT = {"shock_sanctions": [0, 1.0], "shock_deadline": [0, 1.0]}
HINDSIGHT_REGISTERS = "register_winding_down"
PUBLISHED_FIT = (
    "chains",
    "tune",
    "draws",
    "imputed_copies",
    "max_rhat",
    "min_ess",
    "max_divergent_share",
    "world_limit",
)
UNREAD = (*imports.AROUND, "evidence/schema")  # the key has the settings and the figures themselves


@dataclass(frozen=True)
class Effort:
    """How much is done: chains, warm-up and draws of each refit, and how many worlds are
    simulated of each kind."""

    chains: int = 16
    tune: int = 80
    draws: int = 160
    worlds: int = 200
    bent: dict[str, int] = field(
        default_factory=lambda: {"all three": 65} | dict.fromkeys(list(WORLDS)[2:], 20)
    )
    folds: int = 5


@dataclass(frozen=True)
class Piece:
    """One refit: its name, and what to call with which arguments for its result, a dict that
    JSON can hold."""

    name: str
    function: Callable
    arguments: tuple


def key(design: Design, settings: Settings, effort: Effort) -> str:
    """Return a short hash of everything that a piece depends on: ``settings`` are those of the
    workers model.

    How many pieces there are is no part of it, nor how the published fit samples, which draws
    copies by itself, nor words about a figure.
    """
    assumed = sorted((name, value) for name, value in settings.items() if name not in PUBLISHED_FIT)
    digest = hashlib.sha256(repr((assumed, effort.chains, effort.tune, effort.draws)).encode())
    digest.update(
        design.figures.drop(columns=["locator", "reason", "note"], errors="ignore")
        .to_csv(index=False)
        .encode()
    )
    digest.update(repr(design.dates).encode())
    for path in imports.of_modules(["validation/experiments"], without=UNREAD):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def independent(design: Design) -> Design:
    """Return the design without the figures that are more likely copies than not."""
    return design.keep(design.uncopied > 0.5)


@dataclass(frozen=True)
class Refit:
    """What came of a short fit.

    Attributes
    ----------
    density : of the posterior. ``theta`` : its draws (d, dim), chain by chain. ``named`` : the same
        by name, (d, ...).
    log_world : (d, years), the log of the workers of all hosts.
    agreement : for the result of a piece, ``r_hat``, the largest of any year of the world, and
        ``divergent``, the share of such draws.
    """

    density: Density
    theta: np.ndarray
    named: dict[str, np.ndarray]
    log_world: np.ndarray
    agreement: dict[str, float]


def refit(
    design: Design, settings: Settings, effort: Effort, seed: int, counted: np.ndarray | None = None
) -> Refit:
    """Fit shortly, in one process; ``counted`` (n,) or (chains, n) says which figures are
    counted."""
    density = Density(design, priors.build(design, settings))
    data = (
        None
        if counted is None
        else np.broadcast_to(counted, (effort.chains, len(design.kind))).astype(float)
    )
    run = sampling.sample(
        density,
        density.dim,
        chains=effort.chains,
        draws=effort.draws,
        tune=effort.tune,
        seed=seed,
        data=data,
        interweave=density.interweave,
        scales=density.scales,
        groups=1,
        workers=1,
        say=lambda text: None,
    )
    theta = run.draws.reshape(-1, density.dim).astype(float)
    named = density.name(theta)
    log_world = logsumexp(named["log_stock"], axis=1)
    years = convergence.diagnostics(
        {"log_world": log_world.reshape(effort.chains, effort.draws, -1)}
    )
    agreement = {
        "r_hat": round(float(years["r_hat"].max()), 4),
        "divergent": round(run.divergences / len(theta), 5),
    }
    return Refit(density, theta, named, log_world, agreement)


# --- simulated worlds -----------------------------------------------------------------------------


def bend(
    design: Design, settings: Settings, drawn: dict, world: str, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return the log figures (n,) of one of the ``WORLDS``, and the probability (n,) that each is
    no copy, as its coder has it."""
    bent = {name: value.copy() for name, value in drawn.items()}
    if world in ("biased", "one log unit off", "all three") and DISFAVOURED in design.biases:
        bent["bias"][:, design.biases.index(DISFAVOURED)] = (
            1.0 if world == "one log unit off" else np.log(2)
        )
    values = draw_figures(design, settings, bent, rng, counting=design.counting)[0]
    points = np.flatnonzero((design.kind < 2) & ~design.flow)
    if world == "only scandals":
        told = np.isin(np.array(design.biases)[design.bias], SCANDALOUS)
        values = np.where(
            told,
            np.maximum(
                values, draw_figures(design, settings, bent, rng, counting=design.counting)[0]
            ),
            values,
        )
    if world in ("wild", "all three"):
        chosen = rng.choice(points, len(points) // 10, replace=False)
        values[chosen] += rng.normal(0, 2, len(chosen))
    own = np.ones(len(values))
    if world in ("copies", "hidden copies", "mistaken copies", "all three"):
        hosts = design.figures["hosts"].to_numpy()
        for row in rng.permutation(points)[: int(FLAGGED * len(points))]:
            others = points[(hosts[points] == hosts[row]) & (points != row)]
            if not len(others):
                continue
            probability = rng.choice(COPY_PROBABILITIES)
            if rng.random() < probability:
                values[row] = values[rng.choice(others)]
            if world != "hidden copies":
                own[row] = 1 - probability
    if world == "mistaken copies":
        own[points] = rng.permutation(own[points])
    return values, own


def without_hindsight(settings: Settings) -> Settings:
    """Return the settings with the priors that somebody could have had who did not know what was
    notified from 2018."""
    registers = {
        f"{what}_{HINDSIGHT_REGISTERS}": settings[f"{what}_register_open"]
        for what in ("bias", "error")
    }
    return Settings(dict(settings) | HINDSIGHT | registers)


def simulated(design: Design, settings: Settings, effort: Effort, world: str, seed: int) -> dict:
    """Draw a world from the prior, its figures as ``world`` says, fit them, and say where the truth
    lies among the draws."""
    rng = np.random.default_rng([seed, list(WORLDS).index(world)])
    drawn = draw_prior(design, settings, rng)
    values, own = bend(design, settings, drawn, world, rng)
    believed = settings
    if world == "ban ignored":
        believed = Settings(
            dict(settings)
            | {
                f"{what}_register_banned": settings[f"{what}_register_open"]
                for what in ("bias", "error")
            }
        )
    counted = rng.random((effort.chains, len(own))) < own
    found = refit(observe(design, values), believed, effort, seed, counted)
    named, world_stock = found.named, found.log_world
    stock, truth = named["log_stock"], drawn["log_stock"][0]
    world_truth = logsumexp(truth, axis=0)
    years = list(design.years)
    quantities = {
        f"world {year}": (world_stock[:, years.index(year)], world_truth[years.index(year)])
        for year in YEARS
        if year in years
    }
    for host in (*LARGEST_FIRST, "POL"):
        if host in design.hosts and 2017 in years:
            i = design.hosts.index(host)
            quantities[f"{host} 2017"] = stock[:, i, years.index(2017)], truth[i, years.index(2017)]
    quantities |= {
        f"bias {name}": (named["bias"][:, i], drawn["bias"][0, i])
        for i, name in enumerate(design.biases)
    }
    for name in (
        "level_mean",
        "level_sd",
        "log_step_median",
        "log_turnover",
        "coverage",
        "house_sd",
        "lineage_sd",
        "host_class_sd",
    ):
        if name in drawn:  # a group without members has no spread
            quantities[name] = named[name], drawn[name][0]
    thin = np.linspace(0, len(found.theta) - 1, RANKED).astype(int)
    return found.agreement | {
        "ranks": {
            name: int((draws[thin] < true).sum()) for name, (draws, true) in quantities.items()
        },
        "host_year": np.round((stock < truth).mean(axis=0), 4).ravel().tolist(),
        "world": np.round((world_stock < world_truth).mean(axis=0), 4).tolist(),
    }


# --- the real figures -----------------------------------------------------------------------------


def held_out(design: Design, settings: Settings, effort: Effort, split: holdouts.Split) -> dict:
    """Fit the training figures of a split and draw the test figures from their posterior
    prediction.

    What was notified to the United Nations is predicted without hindsight in the priors either.
    """
    believed = without_hindsight(settings) if split.name == holdouts.NOTIFICATIONS else settings
    found = refit(design, believed, effort, 1, split.train)
    draws = found.density.predict(found.theta, np.random.default_rng(2))[:, split.test]
    keep = np.linspace(0, len(draws) - 1, KEPT).astype(int)
    result = found.agreement | {
        "figures": design.figures["figure_id"][split.test].tolist(),
        "draws": np.round(draws[keep].T, 4).tolist(),
    }
    if split.name == holdouts.NOTIFICATIONS:  # drawn on its own, with the stocks behind it
        marks = np.exp(np.percentile(found.named["log_stock"], multiverse.PERCENTILES, axis=0))
        result |= {
            "hosts": list(design.hosts),
            "years": design.years.tolist(),
            "stock": np.round(marks, 1).tolist(),
        }
    return result


def specified(
    ledger: Ledger, settings: Settings, effort: Effort, specification: multiverse.Specification
) -> dict:
    """Fit one specification of the multiverse and summarise the world."""
    design, changed, counted = specification.apply(ledger, settings, effort.chains)
    return {"figures": len(design.kind)} | _world(
        refit(design, changed, effort, 1, counted), design
    )


def left_out(design: Design, settings: Settings, effort: Effort, origin: str) -> dict:
    """Fit all figures but those that rest on ``origin`` (all of them if it is empty) and summarise
    the world, with the error of its medians."""
    members = holdouts.origins(design.figures) == origin
    counted = of_figures(design, design.uncopied, effort.chains, settings.seed)
    found = refit(design, settings, effort, 1, counted & ~members)
    size = convergence.sizes(found.log_world.reshape(effort.chains, -1, len(design.years)))
    error = (
        np.sqrt(np.pi / 2) * found.log_world.std(axis=0) / np.sqrt(size)
    )  # of the median of normal draws
    return {
        "origin": origin,
        "figures": int(members.sum()),
        "error": np.round(error, 5).tolist(),
    } | _world(found, design)


def _world(found: Refit, design: Design) -> dict:
    """Return years and percentiles of the world's workers for a piece, and how far the chains
    agree."""
    marks = np.exp(np.percentile(found.log_world, multiverse.PERCENTILES, axis=0))
    return found.agreement | {
        "years": design.years.tolist(),
        "percentiles": np.round(marks).tolist(),
    }


# --- all of them ----------------------------------------------------------------------------------


def plan(design: Design, ledger: Ledger, settings: Settings, effort: Effort) -> Iterator[Piece]:
    """Yield every piece, what most depends on first."""
    own = independent(design)
    account = Settings(dict(settings) | multiverse.ACCOUNT)
    worlds = {SENT_HOME: (independent(designs.build(ledger, account)), account)}
    bent = [
        (world, k)
        for k in range(max(effort.bent.values(), default=0))
        for world in effort.bent
        if k < effort.bent[world]
    ]
    for split in holdouts.every_split(own.figures, ledger, effort.folds, settings.seed):
        yield Piece(f"out-{_plain(split.name)}", held_out, (own, settings, effort, split))
    names, counts = np.unique(holdouts.origins(design.figures).astype(str), return_counts=True)
    for origin in ["", *names[counts >= LEFT_OUT_FROM]]:
        yield Piece(f"drop-{_plain(origin)}", left_out, (design, settings, effort, str(origin)))
    for specification in multiverse.specifications(settings):
        yield Piece(
            f"spec-{_plain(specification.name)}",
            specified,
            (ledger, settings, effort, specification),
        )
    for k in range(effort.worlds):
        yield Piece(
            f"world-{_plain(SPECIFIED)}-{k:03d}", simulated, (own, settings, effort, SPECIFIED, k)
        )
    for world, k in bent:
        yield Piece(
            f"world-{_plain(world)}-{k:03d}",
            simulated,
            (*worlds.get(world, (own, settings)), effort, world, k),
        )


def _plain(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name)[:80]
