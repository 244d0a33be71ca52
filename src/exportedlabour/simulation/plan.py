"""Which hosts and figures a simulated ledger has: everything about them but their numbers."""

import numpy as np
import pandas as pd
import pycountry

from ..evidence.classes import Form, registry
from ..evidence.events import KNOWN
from ..evidence.hosts_apart import UNPOOLED
from ..evidence.ledger import COLUMNS
from ..evidence.regions import HOME, WORLD
from ..evidence.schema import TABLES
from ..project import InputError
from .reporting import DIGITS, rounded
from .worlds import World

PREDICTIVE_SHARE = 0.25  # hosts that nobody counted, for each one that somebody did
LINEAGE_SHARE = 0.3  # figures that belong to a lineage of several
LINEAGE_SIZE = 4
HOUSE_SIZE = 6  # figures of a class for each house that speaks in it
UNPOOLED_WEIGHT = 8.0  # figures about China and Russia, for each one about another host
UNCOUNTABLE = (HOME, "KOR", *UNPOOLED)
RETOLD = 0.25  # copies that round the number again
PLACEHOLDER = {
    "about": "point",
    "exact": "point",
    "order_of_magnitude": "point",
    "at_least": "low",
    "at_most": "high",
}


def plan_hosts(count: int, world: World, rng: np.random.Generator) -> pd.DataFrame:
    """Return hosts.csv: ``count`` hosts with a path, a quarter as many that nobody counted, and the
    world.

    The codes are those of countries, drawn at random, as a ledger may hold no others; the names say
    that they are simulated.

    Raises
    ------
    InputError
        If the world has not so many countries.
    """
    large = list(UNPOOLED[:count]) if world.large else []
    codes = sorted(
        country.alpha_3 for country in pycountry.countries if country.alpha_3 not in UNCOUNTABLE
    )
    uncounted = round(PREDICTIVE_SHARE * count)
    if count + uncounted > len(codes):
        raise InputError(
            f"--hosts is {count}; it must be {int(len(codes) / (1 + PREDICTIVE_SHARE))} or fewer:"
            " there are no more countries."
        )
    drawn = [*large, *rng.choice(codes, size=count - len(large) + uncounted, replace=False)]
    rows = [
        {
            "iso3": str(code),
            "name": f"Host {k + 1} (simulated)",
            "region": f"Region {k % 4 + 1}",
            "treatment": "trajectory" if k < count else "predictive",
            "main_sector": "mixed",
            "first_named": "2005",
            "named_by": "The simulator",
            "presence": "Simulated.",
            "source_figures": "",
        }
        for k, code in enumerate(drawn)
    ]
    rows.append(
        rows[0]
        | {"iso3": WORLD, "name": "World (simulated)", "region": "World", "treatment": "group"}
    )
    return pd.DataFrame(rows, columns=TABLES["hosts"].names)


def zero_host(hosts: pd.DataFrame, world: World) -> str | None:
    """Return the host of which only zeros are told, if the world has one: the last with a path."""
    return hosts.loc[hosts["treatment"] == "trajectory", "iso3"].iloc[-1] if world.zeros else None


def plan_figures(
    count: int, hosts: pd.DataFrame, years: np.ndarray, world: World, rng: np.random.Generator
) -> pd.DataFrame:
    """Return ``count`` rows of figures.csv that copy nobody, with stand-ins for numbers, and two
    columns more.

    ``published`` is the day on which a figure appeared, and ``origin`` the row that it copies (-1).
    Every host has a figure before one has several, if there are enough.
    """
    named = list(hosts.loc[hosts["treatment"] == "trajectory", "iso3"])
    every, groups = registry().classes, registry().groups
    classes = [name for name in every if name not in world.without]
    of_world = [name for name in groups["tells_of_the_world"] if name not in world.without]
    weights = np.array([every[name].simulated.share for name in classes], dtype=float)
    rows = []
    for i, host in enumerate(_about_whom(count, named, world, rng)):
        if world.contradiction > 1 and i % 2:
            rows.append(
                rows[-1]
                | {"asserted_by": _house(rows[-1]["evidence_class"], int(rng.integers(10)))}
            )
            continue
        evidence = (
            str(rng.choice(of_world))
            if host == WORLD
            else str(rng.choice(classes, p=weights / weights.sum()))
        )
        whole = host in (WORLD, zero_host(hosts, world)) or world.contradiction > 1
        quantity, scope, bound = _form(evidence, whole, rng)
        first = int(years[0])
        if event := every[evidence].simulated.after:
            first = max(first, KNOWN.year_after(event))
        year = int(rng.integers(first, years[-1] + 1))
        if quantity == "entries" and _shut(year):
            quantity = "permits_issued"
        start, end = _period(year, quantity, rng)
        row = dict.fromkeys(COLUMNS, "") | {
            "hosts": host,
            "period_start": start,
            "period_end": end,
            "quantity": quantity,
            "bound": bound,
            "scope": scope,
            "evidence_class": evidence,
            "unit": "permits" if "permits" in quantity or quantity == "quota" else "persons",
            "sector": "mixed",
            "locator": "simulated",
            "seen": "original",
            "use": "fit",
            "asserted_by": _house(
                evidence, int(rng.integers(_houses(count, weights, classes, evidence)))
            ),
            "published": _later(end, int(rng.integers(1, 25)), int(rng.integers(1, 29))),
            "origin": -1,
        }
        rows.append(
            row
            | ({"low": "900", "high": "1100"} if bound == "range" else {PLACEHOLDER[bound]: "1000"})
        )
    return _with_lineages(pd.DataFrame(rows, columns=[*COLUMNS, "published", "origin"]), world, rng)


def plan_copies(
    figures: pd.DataFrame, count: int, last_year: int, world: World, rng: np.random.Generator
) -> pd.DataFrame:
    """Return ``figures`` and ``count`` copies of them or of one another, each with its ``origin``,
    a position among all rows.

    Whoever copies picks among all that has appeared, so that what was often repeated is repeated
    more. Half of the copies say what the figure was about, the others present it as of their own
    year.
    """
    rows = figures.to_dict("records")
    copiers = [name for name in registry().groups["copies_others"] if name not in world.without]
    for _ in range(count if rows else 0):
        origin = int(rng.integers(len(rows)))
        row = dict(rows[origin])
        evidence = str(rng.choice(copiers))
        row["published"] = _later(
            row["published"], int(rng.integers(1, 37)), int(rng.integers(1, 29))
        )
        as_new, year = bool(rng.integers(2)), row["published"][:4]
        if (
            as_new
            and int(year) <= last_year
            and not (row["quantity"] == "entries" and _shut(int(year)))
        ):
            row["period_start"] = row["period_end"] = year
        row |= {
            "evidence_class": evidence,
            "asserted_by": _house(evidence, int(rng.integers(10))),
            "seen": "secondary",
            "origin": origin,
        }
        if row["point"] not in ("", "0") and rng.random() < RETOLD:
            row |= {
                "point": f"{rounded(float(row['point']), int(rng.choice(DIGITS))):.0f}",
                "bound": "about",
            }
        rows.append(row)
    return pd.DataFrame(rows, columns=figures.columns)


def houses_table(figures: pd.DataFrame) -> pd.DataFrame:
    """Return houses.csv for the houses of ``figures``."""
    spoken = (
        figures[["asserted_by", "evidence_class"]]
        .drop_duplicates("asserted_by")
        .sort_values("asserted_by")
    )
    return pd.DataFrame(
        {
            "asserted_by": spoken["asserted_by"],
            "house": spoken["asserted_by"],
            "kind": spoken["evidence_class"].map(
                {name: each.simulated.house for name, each in registry().classes.items()}
            ),
        }
    ).reset_index(drop=True)


def _about_whom(count: int, named: list[str], world: World, rng: np.random.Generator) -> list[str]:
    """Return the host of each figure: China and Russia often, a few others more often than the
    rest."""
    weights = rng.exponential(size=len(named)) + np.where(
        [host in UNPOOLED for host in named], UNPOOLED_WEIGHT, 0.0
    )
    first = [str(host) for host in rng.permutation(named)]
    more = rng.choice(named, size=max(count - len(named), 0), p=weights / weights.sum())
    about = [*first, *map(str, more)][:count]
    totals = rng.choice(count, size=round(world.world_share * count), replace=False)
    return [WORLD if i in set(totals.tolist()) else host for i, host in enumerate(about)]


def _form(evidence: str, whole: bool, rng: np.random.Generator) -> tuple[str, str, str]:
    """Return the quantity, scope and bound of a figure; ``whole`` if it has to be about all of the
    stock, and no one-sided bound."""
    forms = _forms(evidence)
    if whole:
        forms = [
            form
            for form in forms
            if form[2] == "national" and form[1] not in ("quota", "residents", "repatriated")
        ] or [form for name in registry().groups["tells_of_the_whole"] for form in _forms(name)]
    weights = np.array([form[0] for form in forms], dtype=float)
    _, quantity, scope, bound = forms[int(rng.choice(len(forms), p=weights / weights.sum()))]
    return quantity, scope, bound


def _forms(evidence: str) -> list[Form]:
    return list(registry().classes[evidence].simulated.forms)


def _period(year: int, quantity: str, rng: np.random.Generator) -> tuple[str, str]:
    """Return what a figure refers to: the year if it was counted over one, else a year or one of
    its months."""
    whole = quantity in ("permits_issued", "entries", "repatriated", "quota") or bool(
        rng.integers(2)
    )
    period = str(year) if whole else f"{year}-{int(rng.integers(1, 13)):02d}"
    return period, period


def _shut(year: int) -> bool:
    """Return whether the border was shut all year, so that the model reads no entries of it."""
    closed, opened = KNOWN.shut
    return closed <= year and year + 1 <= opened


def _later(period: str, months: int, day: int) -> str:
    """Return a day so many months after a period, or the last month of its year."""
    year, month = int(period[:4]), int(period[5:7] or 12)
    total = year * 12 + month - 1 + months
    return f"{total // 12}-{total % 12 + 1:02d}-{day:02d}"


def _houses(count: int, weights: np.ndarray, classes: list[str], evidence: str) -> int:
    share = (
        registry().classes[evidence].simulated.share / weights.sum() if evidence in classes else 0.0
    )
    return max(1, round(count * share / HOUSE_SIZE))


def _house(evidence: str, number: int) -> str:
    return f"Simulated {evidence.replace('_', ' ')} {number + 1}"


def _with_lineages(figures: pd.DataFrame, world: World, rng: np.random.Generator) -> pd.DataFrame:
    """Give some figures a lineage of their class; one lineage is one house's."""
    if world.one_lineage:
        return figures.assign(lineage="sim-all")
    member = rng.random(len(figures)) < LINEAGE_SHARE
    for evidence, rows in figures[member].groupby("evidence_class", sort=True):
        number = rng.integers(max(1, round(len(rows) / LINEAGE_SIZE)), size=len(rows))
        figures.loc[rows.index, "lineage"] = [
            f"sim-{evidence.replace('_', '-')}-{k + 1}" for k in number
        ]
    for _, rows in figures[figures["lineage"] != ""].groupby("lineage", sort=True):
        figures.loc[rows.index, "asserted_by"] = rows["asserted_by"].iloc[0]
    return figures
