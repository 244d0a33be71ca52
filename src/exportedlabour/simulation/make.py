"""A simulated ledger and its truth, in memory: from a world's name and a seed to tables."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pybtex.database import BibliographyData
from scipy.special import logsumexp

from ..assumptions.scenario import Settings
from ..evidence.events import SHOCKS, Dates
from ..evidence.ledger import CPI, NUMBERS, Ledger
from ..evidence.reading import middle_date
from ..evidence.regions import WORLD
from ..evidence.schema import CLASSES, TABLES
from ..workers.observations import Design, build
from . import coding
from .pay import pay_figures
from .plan import houses_table, plan_copies, plan_figures, plan_hosts, zero_host
from .prior import Drawn, draw_figures, draw_prior, draw_undocumented, expected_log_figures
from .reporting import tell
from .worlds import WILD_SD, World, find

# figures that might have appeared, for each one that did, where only large stocks are told of
CANDIDATES = 8
OF_HOSTS = ("level", "step_scale")
OF_NAMES = {
    "bias": "biases",
    "error": "biases",
    "house_effect": "houses",
    "lineage_effect": "lineages",
    "host_class_effect": "host_classes",
}


@dataclass(frozen=True)
class Simulated:
    """A ledger that was simulated.

    Attributes
    ----------
    tables : the ledger's tables by name, every cell as text.
    sources : key, author, title and day of publication of every document.
    truth : ``host, year, workers``: the hosts with a path, those that nobody counted, and their sum
        as WLD.
    record : what was drawn: world, seed, settings, every hyperparameter, which figures are copies
        of which, which are wild, and the lineages they were drawn with.
    """

    tables: dict[str, pd.DataFrame]
    sources: pd.DataFrame
    truth: pd.DataFrame
    record: dict


def make(
    name: str, seed: int, settings: Settings, *, hosts: int, figures: int, pay: int = 24
) -> Simulated:
    """Simulate a ledger of ``figures`` head counts about ``hosts`` hosts, in the years of
    ``settings``, and ``pay`` figures of pay.

    The figures are planned first (who says what kind of thing of whom), then the model's own design
    of them is built, so that parameters, paths and values come from the prior and the likelihood
    that a fit will assume. What the world named ``name`` breaks is broken after.

    Raises
    ------
    InputError
        If there is no such world, or there are not so many countries.
    """
    world = find(name)
    rng = np.random.default_rng(seed)
    count = world.figures or figures
    copies = round(world.copies * count)
    years = np.arange(settings.first_year, settings.last_year + 1)
    host_table = plan_hosts(world.hosts or hosts, world, rng)
    planned = plan_figures(
        (count - copies) * (CANDIDATES if world.scandals else 1), host_table, years, world, rng
    )

    design = build(_ledger(planned, host_table), _open(settings))
    drawn = _bent(draw_prior(design, settings, rng), design, world, settings, host_table)
    values = draw_figures(design, settings, drawn, rng)[0]
    wild = rng.choice(
        len(planned), size=min(round(world.wild * count), len(planned)), replace=False
    )
    values[wild] = expected_log_figures(design, drawn)[0, wild] + WILD_SD * rng.standard_normal(
        len(wild)
    )
    values = _broken(values, planned, world, design)
    planned["value"], planned["wild"] = values, np.isin(np.arange(len(planned)), wild)
    if world.scandals:
        planned = (
            planned[_is_scandal(planned, design, drawn["log_stock"][0])]
            .head(count - copies)
            .reset_index(drop=True)
        )

    told = _told(planned, host_table, world, settings, rng)
    told["true_lineage"] = told["lineage"]
    if world.lineages_misassigned:
        member = told.index[told["lineage"] != ""]
        told.loc[member, "lineage"] = rng.permutation(told.loc[member, "lineage"].to_numpy())
    told = plan_copies(told, copies, settings.last_year, world, rng)
    if world.copies_coded:
        told = coding.mark(told, rng)
    else:
        told = told.assign(copied=-1, basis="")
        told.loc[told["origin"] >= 0, "lineage"] = ""
    told = _numbered(told)
    rates = _rates(years)
    paid = pay_figures(list(design.hosts), years, rates, settings, 0 if world.figures else pay, rng)

    stock = np.concatenate(
        [np.exp(drawn["log_stock"][0]), draw_undocumented(design, settings, drawn, rng)[0]]
    )
    truth = pd.DataFrame(
        {
            "host": np.repeat([*design.hosts, *design.predictive, WORLD], len(years)),
            "year": np.tile(years, len(stock) + 1),
            "workers": np.concatenate([stock, stock.sum(axis=0, keepdims=True)]).ravel(),
        }
    )
    record = {
        "world": name,
        "title": world.title,
        "seed": seed,
        "settings": dict(settings),
    } | _record(told, design, drawn)
    everything = pd.concat([told, paid], ignore_index=True).fillna(
        {"origin": "", "copied": "", "basis": ""}
    )
    return Simulated(
        _tables(everything, host_table, rates, design.dates), _sources(everything), truth, record
    )


def _open(settings: Settings) -> Settings:
    """Return the settings with every figure let in, whatever a scenario leaves out."""
    return Settings(dict(settings) | {"include_classes": list(CLASSES), "fit_world_totals": "yes"})


def _ledger(figures: pd.DataFrame, hosts: pd.DataFrame) -> Ledger:
    """Return the planned figures as a ledger, which is what the model builds its design from."""
    numbers = {name: pd.to_numeric(figures[name].replace("", np.nan)) for name in NUMBERS}
    numbers["copy_probability"] = numbers["copy_probability"].fillna(0.0)
    empty = {name: pd.DataFrame(columns=table.names) for name, table in TABLES.items()}
    tables = empty | {
        "figures": figures.assign(**numbers),
        "hosts": hosts,
        "houses": houses_table(figures),
    }
    return Ledger(sources=BibliographyData(), folder=None, **tables)


def _bent(
    drawn: Drawn, design: Design, world: World, settings: Settings, hosts: pd.DataFrame
) -> Drawn:
    """Return the parameters with the biases that the world sets, and a host with nobody if it has
    one."""
    for name, log_ratio in world.bias.items():
        if name in design.biases:
            drawn["bias"][:, design.biases.index(name)] = log_ratio
    if world.zeros:
        host = design.hosts.index(zero_host(hosts, world))
        excess = drawn["log_stock"][:, host].max() - np.log(settings.detection_limit / 2)
        drawn["level"][:, host] -= excess
        drawn["log_stock"][:, host] -= excess
        drawn["log_world"] = logsumexp(drawn["log_stock"], axis=1) + drawn["coverage"][:, None]
    return drawn


def _broken(values: np.ndarray, planned: pd.DataFrame, world: World, design: Design) -> np.ndarray:
    """Return the log figures with the late biases and contradictions of the world."""
    late = np.array([middle_date(row) >= design.dates.banned for _, row in planned.iterrows()])
    for name, log_ratio in world.late_bias.items():
        values = values + log_ratio * (late & (planned["evidence_class"] == name).to_numpy())
    if world.contradiction > 1:
        values[1::2] = values[: len(values) // 2 * 2 : 2] + np.log(world.contradiction)
    return values


def _is_scandal(planned: pd.DataFrame, design: Design, log_stock: np.ndarray) -> np.ndarray:
    """Whether each figure falls in a year when its host has more workers than in its median year,
    and than the median of all hosts."""
    own, all_hosts = np.median(log_stock, axis=1), np.median(log_stock)
    at = [(row["hosts"], int(middle_date(row)) - design.years[0]) for _, row in planned.iterrows()]
    where = [(design.hosts.index(host), year) for host, year in at if host != WORLD]
    large = iter([log_stock[host, year] > max(own[host], all_hosts) for host, year in where])
    return np.array([True if host == WORLD else bool(next(large)) for host, _ in at], dtype=bool)


def _told(
    planned: pd.DataFrame,
    hosts: pd.DataFrame,
    world: World,
    settings: Settings,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return the figures with their numbers as people tell them.

    Each figure has random numbers of its own, so that worlds of one seed differ in the figures that
    they change and in no other.
    """
    nobody = zero_host(hosts, world)
    rows = []
    for row, own in zip(planned.to_dict("records"), rng.spawn(len(planned))):
        log_value = -np.inf if row["hosts"] == nobody else row["value"]
        rows.append(
            row
            | tell(
                log_value,
                row["quantity"],
                row["scope"],
                row["bound"],
                settings.detection_limit,
                own,
            )
        )
    return pd.DataFrame(rows, columns=planned.columns)


def _numbered(told: pd.DataFrame) -> pd.DataFrame:
    """Return the figures in the order in which they appeared, with ids and sources; positions
    become ids."""
    order = told.sort_values("published", kind="stable").index
    ids = pd.Series([f"SIM{k + 1:03d}" for k in range(len(order))], index=order).sort_index()
    named = {
        name: [ids[place] if place >= 0 else "" for place in told[name]]
        for name in ("origin", "copied")
    }
    sources = ids.str.replace("SIM", "sim-")
    return told.assign(figure_id=ids, source=sources, **named).loc[order].reset_index(drop=True)


def _rates(years: np.ndarray) -> pd.DataFrame:
    priced = range(min(2000, int(years[0])), max(2025, int(years[-1])) + 1)
    return pd.DataFrame(
        [
            {
                "series": CPI,
                "year": str(year),
                "value": f"{100 * 1.025 ** (year - 2000):.3f}",
                "unit": "index",
                "days": "",
                "source": "The simulator: 2.5 per cent a year",
                "note": "",
            }
            for year in priced
        ]
    )


def _tables(
    told: pd.DataFrame, hosts: pd.DataFrame, rates: pd.DataFrame, dates: Dates
) -> dict[str, pd.DataFrame]:
    """Return the tables of the ledger, each with its columns in order."""
    families = told[told["lineage"] != ""].groupby("lineage", sort=True)["figure_id"].first()
    copied = told[told["copied"] != ""]
    number = told.set_index("figure_id")["point"]
    changed = [
        "" if number[row.figure_id] == number[row.copied] else "another number"
        for row in copied.itertuples()
    ]
    made = {
        "figures": told,
        "hosts": hosts,
        "houses": houses_table(told),
        "lineages": pd.DataFrame(
            {
                "lineage": families.index,
                "title": "Simulated",
                "root": families.to_numpy(),
                "basis": "simulated",
                "description": "Simulated.",
            }
        ),
        "copies": pd.DataFrame(
            {
                "figure_id": copied["figure_id"],
                "of": copied["copied"],
                "basis": copied["basis"],
                "change": changed,
            }
        ),
        "events": pd.DataFrame(
            [
                {
                    "event_id": name,
                    "date_start": str(year),
                    "date_end": str(year),
                    "hosts": WORLD,
                    "kind": "measure",
                    "title": name.capitalize(),
                    "description": "The year in which the shock of the model acts.",
                    "source_figures": "",
                    "source_text": "",
                }
                for name, year in dates.shocks.items()
            ]
        ),
        "rates": rates,
    }
    return {name: table[TABLES[name].names] for name, table in made.items()}


def _sources(told: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "key": told["source"],
            "author": told["asserted_by"],
            "title": "Simulated report " + told["figure_id"],
            "day": told["published"],
        }
    )


def _record(told: pd.DataFrame, design: Design, drawn: Drawn) -> dict:
    """Return the hyperparameters by name, and by label where there are several, and what is true of
    each figure."""
    single = {
        name: values[0] for name, values in drawn.items() if name not in ("log_stock", "log_world")
    }
    parameters = {}
    for name, value in single.items():
        if name in OF_HOSTS:
            parameters[name] = dict(zip(design.hosts, value.tolist()))
        elif name in OF_NAMES:
            labels = [
                ":".join(label) if isinstance(label, tuple) else label
                for label in getattr(design, OF_NAMES[name])
            ]
            parameters[name] = dict(zip(labels, value.tolist()))
        elif name == "shock":
            parameters[name] = dict(zip(SHOCKS, value.tolist()))
        elif name == "host_shock":
            parameters[name] = {
                host: dict(zip(SHOCKS, row.tolist())) for host, row in zip(design.hosts, value)
            }
        else:
            parameters[name] = float(value)
    own = told[told["origin"] == ""]
    return {
        "hyperparameters": parameters,
        "copies": dict(
            zip(
                told.loc[told["origin"] != "", "figure_id"],
                told.loc[told["origin"] != "", "origin"],
            )
        ),
        "wild": sorted(own.loc[own["wild"].astype(bool), "figure_id"]),
        "lineages": {
            row.figure_id: row.true_lineage for row in own.itertuples() if row.true_lineage
        },
    }
