"""The explorer: how the answers change when a reader moves an assumption.

The page ships a thinned set of draws. Sliders of workers, pay, months and shares are arithmetic on
each draw. Sliders of the evidence, and of how many of those present a register shows, reweight the
draws (``inference.importance``). The Pareto k of the weights says whether they can be trusted;
where they cannot, ``refit`` gives the scenario that fits the model again.

``book/static/explorer.js`` computes the same in the page. A test compares the two to the printed
digit.
"""

import base64
import html
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from scipy.special import expit

from .. import words as wording
from ..assumptions.scenario import Settings
from ..evidence.classes import registry
from ..evidence.hosts_apart import UNPOOLED
from ..evidence.ledger import Ledger
from ..inference.importance import largest_good_k, smoothed_weights, weighted_quantiles
from ..money import revenue
from ..workers.copies import imputation_of_chains

DRAWS = 1301  # a prime, so that no printed quantile falls between two draws
MAIN_HOSTS = 8
CANDIDATES = 400  # random choices of draws, of which the best is shipped
CHUNK = 900  # draws whose money is held in memory at once
LEVELS = (95, 80, 50)
PROBABILITIES = (0.5, *(p for level in LEVELS for p in ((100 - level) / 200, (100 + level) / 200)))
SMALLEST = 0.01  # persons or dollars; smaller values are raised to this before the log
TITLE = "From the explorer"
SCENARIO = "from-the-explorer"
NOTHING_LEFT = "# No class of evidence is left, so there is nothing to fit."

QUANTITIES = {
    "workers": ("Workers", "Workers in"),
    "gross": ("Gross: all that employers pay", "Paid by employers for workers in"),
    "withheld": (
        "Withheld: kept by anyone but the worker",
        "Kept by anyone but the worker, of the pay of workers in",
    ),
    "state": ("State: paid to the state", "Taken by the state from workers in"),
    "net": ("Net: what reaches the workers", "What reached workers in"),
}
PRICES = {"current": "dollars of each year", "constant": "dollars of {price_year}"}


@dataclass(frozen=True)
class Lever:
    """One slider.

    ``kind`` says how it acts: a factor or a weight changes nothing at 1, a logit or a log at 0.
    """

    key: str
    label: str
    kind: str
    low: float
    high: float
    step: float
    note: str

    @property
    def neutral(self) -> float:
        """The value at which the lever changes nothing."""
        return 1.0 if self.kind in ("factor", "weight") else 0.0


MONEY_LEVERS = (
    Lever(
        "pay",
        "Gross pay per worker and month",
        "factor",
        0.5,
        2.0,
        0.05,
        "multiplies the pay of every host and year",
    ),
    Lever(
        "months",
        "Months paid in a year",
        "factor",
        0.5,
        1.1,
        0.05,
        "multiplies the paid months of every host and year",
    ),
    Lever(
        "withheld",
        "Share kept by anyone but the worker",
        "logit",
        -2.0,
        2.0,
        0.1,
        "shifts the logit of the share, host by host",
    ),
    Lever(
        "part",
        "The state's part of what is kept",
        "logit",
        -2.0,
        2.0,
        0.1,
        "shifts the logit of the part, host by host",
    ),
)
REGISTER = Lever(
    "register",
    "Of those present, on a register after the ban",
    "log",
    -1.5,
    1.5,
    0.1,
    "shifts the prior of the registers' bias",
)
REGISTER_BIAS = "bias:register_banned"


def dollars_per_worker(
    pay: Path, rows: np.ndarray, hosts: tuple[str, ...], years: np.ndarray
) -> dict[str, np.ndarray]:
    """Return draws (rows, h, t) of yearly dollars a worker, by definition.

    They are in prices of the price year. No other function of the explorer touches the money model.
    """
    stored, codes = _stored(pay, pay.stat().st_mtime_ns)
    return revenue.per_worker(
        revenue.select(stored, rows, [codes.index(code) for code in hosts]), hosts, years
    )


@lru_cache(maxsize=1)
def _stored(pay: Path, changed: int) -> tuple[revenue.Pay, tuple[str, ...]]:
    """Return the draws of pay of a file, kept in memory because they are asked for in parts."""
    return revenue.read_pay(pay)


@dataclass(frozen=True)
class Shipped:
    """What the page holds: d draws of u units in t years.

    The units are the main hosts, and all other hosts together.

    Attributes
    ----------
    units, labels : codes and names of the units; the last unit is all other hosts.
    lead : the unit whose stock a slider moves.
    groups : key to (name in a sentence, positions of its units).
    stock : (u, t, d), persons.
    gross : (u, t, d), yearly dollars a worker in prices of the price year; None without money.
    withheld : (u, t, d), the share of gross kept by anyone but the worker; None without money.
    part : (u, t, d), the state's part of what is withheld; None without money.
    to_current : (t,), what a dollar of the price year is in dollars of each year.
    classes : the classes of evidence that have a slider.
    log_likelihood : (d, c), of each class in ``classes``.
    imputation : (d,), which imputation of copies a draw counts.
    register : (d,), the bias of registers after the ban; None where none was fitted.
    register_prior : its prior, mean and sd.
    errors : class to {assumption: value}.
    peak : the year shown first.
    """

    units: tuple[str, ...]
    labels: tuple[str, ...]
    lead: int
    groups: dict[str, tuple[str, tuple[int, ...]]]
    years: np.ndarray
    stock: np.ndarray
    gross: np.ndarray | None
    withheld: np.ndarray | None
    part: np.ndarray | None
    to_current: np.ndarray
    classes: tuple[str, ...]
    log_likelihood: np.ndarray
    imputation: np.ndarray
    register: np.ndarray | None
    register_prior: tuple[float, float]
    errors: dict[str, dict[str, float]]
    price_year: int
    peak: int

    @property
    def quantities(self) -> tuple[str, ...]:
        """The quantities that a reader can choose."""
        return tuple(QUANTITIES) if self.gross is not None else ("workers",)

    @property
    def levers(self) -> tuple[Lever, ...]:
        """The sliders of this page, without those of the evidence."""
        stock = Lever(
            "stock",
            f"Workers in {self.labels[self.lead]}",
            "factor",
            0.25,
            4.0,
            0.05,
            "multiplies the stock of every year",
        )
        return (
            stock,
            *(MONEY_LEVERS if self.gross is not None else ()),
            *((REGISTER,) if self.register is not None else ()),
        )


@dataclass(frozen=True)
class State:
    """What a reader has chosen: a group, a quantity, years, prices, and the sliders that were
    moved."""

    group: str = "WLD"
    quantity: str = "state"
    start: int = 0
    end: int = 0
    prices: str = "current"
    levers: Mapping[str, float] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)

    def fragment(self) -> str:
        """Return the choices as the part of the page's address that follows the #."""
        pairs = {
            "group": self.group,
            "quantity": self.quantity,
            "from": self.start,
            "to": self.end,
            "prices": self.prices,
        }
        pairs |= {key: f"{value:g}" for key, value in self.levers.items()} | {
            f"w.{key}": f"{v:g}" for key, v in self.weights.items()
        }
        return urlencode(pairs)


def read_state(fragment: str, shipped: Shipped) -> State:
    """Return the choices that an address stands for.

    What it does not name is as in the baseline. A value that makes no sense is ignored, and one
    beyond the end of a slider is put at that end.
    """
    given = dict(parse_qsl(fragment.lstrip("#")))

    def year(key: str, default: int) -> int:
        text = given.get(key, "")
        return (
            min(max(int(text), int(shipped.years[0])), int(shipped.years[-1]))
            if text.isdigit()
            else default
        )

    def number(key: str, lever: Lever) -> float | None:
        try:
            value = min(max(float(given[key]), lever.low), lever.high)
        except (KeyError, ValueError):
            return None
        return None if math.isnan(value) or value == lever.neutral else value

    start = year("from", shipped.peak)
    end = max(year("to", start), start)
    group = given.get("group")
    quantity = given.get("quantity")
    found = {lever.key: number(lever.key, lever) for lever in shipped.levers}
    weights = {name: number(f"w.{name}", weight_lever(name)) for name in shipped.classes}
    return State(
        group=group if group in shipped.groups else next(iter(shipped.groups)),
        quantity=(
            quantity
            if quantity in shipped.quantities
            else ("state" if "state" in shipped.quantities else "workers")
        ),
        start=start,
        end=end,
        prices=given["prices"] if given.get("prices") in PRICES else "current",
        levers={key: value for key, value in found.items() if value is not None},
        weights={key: value for key, value in weights.items() if value is not None},
    )


def weight_lever(name: str) -> Lever:
    """Return the slider of one class of evidence."""
    return Lever(
        f"w.{name}",
        registry().classes[name].slider,
        "weight",
        0.0,
        1.0,
        0.05,
        "the power on its likelihood",
    )


@dataclass(frozen=True)
class Answer:
    """Medians and intervals under a reader's choices, and how far the weights can be trusted.

    ``fan`` has one line a year, ``row`` is of the chosen years together. ``effective`` is the
    effective number of draws.
    """

    fan: pd.DataFrame
    row: pd.Series
    pareto_k: float
    effective: float
    trusted: bool


def answer(shipped: Shipped, state: State) -> Answer:
    """Return the intervals under the assumptions of ``state``.

    Several years are summed for money and averaged for workers.
    """
    weights, k = draw_weights(shipped, state)
    totals = _totals(shipped, state)
    chosen = (shipped.years >= state.start) & (shipped.years <= state.end)
    together = (
        totals[chosen].mean(axis=0) if state.quantity == "workers" else totals[chosen].sum(axis=0)
    )
    found = weighted_quantiles(np.column_stack([totals.T, together]), weights, PROBABILITIES)
    names = ["median", *(f"{end}{level}" for level in LEVELS for end in ("lo", "hi"))]
    table = pd.DataFrame(found.T, columns=names)
    effective = 1.0 / float((weights**2).sum())
    fan = table.iloc[:-1].assign(year=shipped.years)
    return Answer(fan, table.iloc[-1], k, effective, bool(k <= largest_good_k(len(weights))))


def _totals(shipped: Shipped, state: State) -> np.ndarray:
    """Return (t, d) of the chosen group and quantity."""
    lever = {one.key: state.levers.get(one.key, one.neutral) for one in shipped.levers}
    units = list(shipped.groups[state.group][1])
    total = shipped.stock[units].copy()
    total[[unit == shipped.lead for unit in units]] *= lever["stock"]
    if state.quantity != "workers":
        total *= shipped.gross[units] * (lever["pay"] * lever["months"])
        kept = _shifted(shipped.withheld[units], lever["withheld"])
        if state.quantity == "net":
            total *= 1 - kept
        elif state.quantity != "gross":
            total *= kept
        if state.quantity == "state":
            total *= _shifted(shipped.part[units], lever["part"])
        if state.prices == "current":
            total *= shipped.to_current[:, None]
    return total.sum(axis=0)


def _shifted(share: np.ndarray, shift: float) -> np.ndarray:
    """Return shares whose logit is moved by ``shift``."""
    odds = math.exp(shift)
    return share * odds / (1 - share + share * odds)


def draw_weights(shipped: Shipped, state: State) -> tuple[np.ndarray, float]:
    """Return normalised weights (d,) of the draws and their Pareto k.

    Each imputation of copies keeps its share of the weight (see ``importance.within_imputations``).
    """
    ratios = np.zeros(len(shipped.imputation))
    for i, name in enumerate(shipped.classes):
        if name in state.weights:
            ratios += (state.weights[name] - 1) * shipped.log_likelihood[:, i]
    if shift := state.levers.get("register", 0.0):
        mean, sd = shipped.register_prior
        ratios += shift * (shipped.register - mean) / sd**2
    return smoothed_weights(ratios, shipped.imputation)


def sentence(shipped: Shipped, state: State, found: Answer, baseline: Answer) -> str:
    """Return the headline: what was asked, its median and 80 % interval, and the baseline's."""
    heads, single = state.quantity == "workers", state.start == state.end
    when = (
        str(state.start)
        if single
        else f"{state.start} to {state.end}, {'a year on average' if heads else 'together'}"
    )
    write = wording.people if heads else wording.dollars
    prices = (
        f"dollars of {state.start}"
        if single and state.prices == "current"
        else PRICES[state.prices].format(price_year=shipped.price_year)
    )
    unit = "" if heads else f", in {prices}"
    words = [
        f"{write(one['median'])} (80 % interval {wording.span(one['lo80'], one['hi80'], write)})"
        for one in (found.row, baseline.row)
    ]
    return (
        f"{QUANTITIES[state.quantity][1]} {shipped.groups[state.group][0]}, {when}{unit}:"
        f" {words[0]}. Baseline: {words[1]}."
    )


def refit(shipped: Shipped, state: State) -> str:
    """Return the scenario file that refits the model with the evidence weighted as in ``state``.

    It is "" if the choices need no weights. A class with weight 0 is left out. No assumption raises
    a likelihood to a power between 0 and 1. The file raises the error of the class instead, by one
    over the root of the weight: for normal errors of a known scale that is exactly the same.
    """
    lines = []
    if shift := state.levers.get("register", 0.0):
        mean, sd = shipped.register_prior
        lines.append(f"bias_register_banned: [{mean + shift:.3f}, {sd:g}]")
    if 0.0 in state.weights.values():
        kept = [name for name in shipped.classes if state.weights.get(name, 1.0) > 0]
        if not kept:
            return f"{NOTHING_LEFT}\n"
        lines.append(f"include_classes: [{', '.join(kept)}]")
    for name in shipped.classes:
        weight = state.weights.get(name, 1.0)
        if 0 < weight < 1:
            for error, value in shipped.errors.get(name, {}).items():
                lines.append(
                    f"{error}: {value / math.sqrt(weight):.3f}  # {value:g}, for a weight of"
                    f" {weight:g}"
                )
    if not lines:
        return ""
    return (
        "\n".join(
            [
                f"title: {TITLE}",
                "description: The evidence weighed as chosen in the explorer.",
                *lines,
            ]
        )
        + "\n"
    )


# --- making what the page holds -------------------------------------------------------------------


def make(
    results: Path, ledger: Ledger, settings: Settings, peak: int
) -> tuple[Shipped, pd.DataFrame]:
    """Return what the page ships, after rounding, and how far its quantiles are from those of all
    draws.

    Parameters
    ----------
    results : holds draws_workers.parquet, workers_loglik.parquet, workers_hyper.parquet and, if
        money was estimated, draws_pay.parquet.

    Returns
    -------
    The draws, and a table ``quantity, year, probability, all, shipped, difference`` (a share of the
    first) for the world.
    """
    names = pq.read_schema(results / "draws_workers.parquet").names
    hosts = tuple(dict.fromkeys(name.rsplit("_", 1)[0] for name in names))
    years = np.array(sorted({int(name.rsplit("_", 1)[1]) for name in names}))
    flat = pq.read_table(results / "draws_workers.parquet")
    stock = np.column_stack([column.to_numpy() for column in flat.columns]).reshape(
        flat.num_rows, len(hosts), len(years)
    )
    d = len(stock)
    imputation = imputation_of_chains(settings)
    imputation = (
        np.repeat(imputation, settings.draws)
        if len(imputation) * settings.draws == d
        else np.zeros(d, dtype=int)
    )

    pay = results / "draws_pay.parquet"
    order, lead = _units(stock, hosts)
    members = [[i] for i in order] + [[i for i in range(len(hosts)) if i not in order]]
    members = [unit for unit in members if unit]
    units = np.zeros((4, len(members), len(years), d), dtype=np.float32)
    for rows in np.array_split(np.arange(d), max(1, d // CHUNK)):
        persons = stock[rows].astype(float)
        each = dollars_per_worker(pay, rows, hosts, years) if pay.is_file() else {}
        for u, unit in enumerate(members):
            units[0, u][:, rows] = persons[:, unit].sum(axis=1).T
            for k, name in enumerate(("gross", "withheld", "state") if each else (), start=1):
                units[k, u][:, rows] = (persons[:, unit] * each[name][:, unit]).sum(axis=1).T
    world = {"workers": units[0].sum(axis=0)} | (
        {"state": units[3].sum(axis=0)} if pay.is_file() else {}
    )
    to_current = (
        revenue.price_factors(years, ledger, settings) if pay.is_file() else np.ones(len(years))
    )
    chosen = choose(
        world,
        imputation,
        min(DRAWS, d),
        settings.seed,
        spoken(tuple(world), years, (peak, int(years[-1])), to_current),
    )

    persons, gross, withheld, state = (
        np.maximum(part[:, :, chosen].astype(float), SMALLEST) for part in units
    )
    likelihood = pq.read_table(results / "workers_loglik.parquet")
    hyper = pq.read_table(results / "workers_hyper.parquet")
    classes = tuple(
        name for name in likelihood.column_names if np.ptp(likelihood[name].to_numpy()) > 0
    )
    names = [
        ledger.host_name(hosts[unit[0]]) if len(unit) == 1 else "all other hosts"
        for unit in members
    ]
    shipped = Shipped(
        units=tuple(hosts[unit[0]] if u < len(order) else "REST" for u, unit in enumerate(members)),
        labels=tuple(names),
        lead=lead,
        groups=_groups(hosts, members, names, len(order)),
        years=years,
        stock=persons,
        gross=gross / persons if pay.is_file() else None,
        withheld=withheld / gross if pay.is_file() else None,
        part=state / withheld if pay.is_file() else None,
        to_current=to_current,
        classes=classes,
        log_likelihood=np.array([likelihood[name].to_numpy()[chosen] for name in classes])
        .reshape(len(classes), len(chosen))
        .T,
        imputation=imputation[chosen],
        register=(
            hyper[REGISTER_BIAS].to_numpy()[chosen] if REGISTER_BIAS in hyper.column_names else None
        ),
        register_prior=tuple(float(x) for x in settings.bias_register_banned),
        errors={
            name: {
                f"error_{part}": float(settings[f"error_{part}"])
                for part in registry().classes[name].bias.values()
            }
            for name in classes
        },
        price_year=int(settings.price_year),
        peak=peak,
    )
    return (kept := unpack(pack(shipped))), thinning(kept, world)


def _units(stock: np.ndarray, hosts: tuple[str, ...]) -> tuple[list[int], int]:
    """Return the positions of the main hosts, and which of them leads.

    Hosts outside the pooled prior come first, the others by size.
    """
    size = np.median(stock, axis=0).mean(axis=1)
    large = [hosts.index(code) for code in UNPOOLED if code in hosts]
    others = [int(i) for i in np.argsort(-size) if i not in large]
    return (large + others)[: min(MAIN_HOSTS, len(hosts))], 0


def _groups(hosts, members, names, n_main) -> dict[str, tuple[str, tuple[int, ...]]]:
    everyone = tuple(range(len(members)))
    groups = {"WLD": ("all hosts", everyone)}
    groups |= {hosts[members[u][0]]: (names[u], (u,)) for u in range(n_main)}
    leading = [code for code in UNPOOLED if code in groups]
    rest = tuple(u for u in everyone if u >= n_main or hosts[members[u][0]] not in leading)
    if leading and rest:
        called = " and ".join(groups[code][0] for code in leading)
        groups = {
            "WLD": groups["WLD"],
            **{code: groups[code] for code in leading},
            "others": (f"all hosts but {called}", rest),
        } | groups
    return groups


def spoken(
    names: tuple[str, ...], years: np.ndarray, at: tuple[int, ...], to_current: np.ndarray
) -> list[tuple[int, float]]:
    """Return which rows of the stacked totals the front page quotes, each with the factor to its
    prices.

    Parameters
    ----------
    names : of the totals, each a block of rows, one row a year.
    years : of the rows of a block.
    at : the years that are quoted.
    to_current : (t,), what a dollar of the price year is in dollars of each year.
    """
    places = [int(np.flatnonzero(years == year)[0]) for year in at]
    return [
        (i * len(years) + t, 1.0 if name == "workers" else float(to_current[t]))
        for i, name in enumerate(names)
        for t in places
    ]


def choose(
    totals: Mapping[str, np.ndarray],
    imputation: np.ndarray,
    n: int,
    seed: int,
    quoted: Sequence[tuple[int, float]] = (),
) -> np.ndarray:
    """Return the positions (n,) of the draws to keep.

    Each imputation of copies keeps its share. Of ``CANDIDATES`` random choices the best is taken:
    the one of which most ``quoted`` quantiles (10, 50, 90 %) are printed as those of all draws are.
    Among equals it is the one whose quantiles lie nearest to those of all draws, by the largest
    difference of logs over years and quantities.

    Parameters
    ----------
    totals : by name draws (t, d).
    quoted : rows of the stacked totals that are printed elsewhere from all draws, each with the
        factor to what is printed.
    """
    rng = np.random.default_rng([seed, 7])
    stacked = np.concatenate(list(totals.values()))
    probabilities = (0.1, 0.5, 0.9)
    rows_quoted, factors = [row for row, _ in quoted], np.array([factor for _, factor in quoted])

    def quantiles(draws: np.ndarray) -> tuple[np.ndarray, list[float]]:
        found = np.quantile(draws, probabilities, axis=1)
        return np.log(np.maximum(found, SMALLEST)), [
            wording.rounded(value) for value in (found[:, rows_quoted] * factors).ravel()
        ]

    whole, said = quantiles(stacked)
    best, nearest = np.arange(stacked.shape[1]), (len(said), np.inf)
    if n >= stacked.shape[1]:
        return best
    numbers, of = np.unique(imputation, return_inverse=True)
    sizes = np.diff(np.round(np.linspace(0, n, len(numbers) + 1)).astype(int))
    for _ in range(CANDIDATES):
        rows = np.concatenate(
            [
                rng.choice(np.flatnonzero(of == i), size, replace=False)
                for i, size in enumerate(sizes)
            ]
        )
        part, told = quantiles(stacked[:, rows])
        away = (
            sum(one != other for one, other in zip(told, said)),
            float(np.abs(part - whole).max()),
        )
        if away < nearest:
            best, nearest = rows, away
    return np.sort(best)


def thinning(shipped: Shipped, totals: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Compare the world's quantiles of the shipped draws with those of all draws.

    ``totals`` (t, d) are all draws by quantity, in prices of the price year.
    """
    rows = []
    for name, all_draws in totals.items():
        kept = _totals(shipped, State(quantity=name, prices="constant"))
        for p in sorted(PROBABILITIES):
            before, after = (
                np.quantile(all_draws, p, axis=1),
                np.quantile(kept, p, axis=1, method="inverted_cdf"),
            )
            rows += [
                {
                    "quantity": name,
                    "year": int(y),
                    "probability": p,
                    "all": a,
                    "shipped": b,
                    "difference": b / a - 1,
                }
                for y, a, b in zip(shipped.years, before, after)
            ]
    return pd.DataFrame(rows)


def largest_differences(thinning: pd.DataFrame) -> pd.DataFrame:
    """Return the largest and the typical difference of each quantity and quantile.

    The table ``thinning`` is that of the function of this name.

    Returns
    -------
    DataFrame ``quantity, probability, difference, year, typical``: the difference of the year in
    which it is largest, and the median of its size over all years.
    """
    rows = []
    for (quantity, probability), group in thinning.groupby(["quantity", "probability"]):
        worst = group.loc[group["difference"].abs().idxmax()]
        rows.append(
            {
                "quantity": quantity,
                "probability": probability,
                "difference": worst["difference"],
                "year": int(worst["year"]),
                "typical": group["difference"].abs().median(),
            }
        )
    return pd.DataFrame(rows)


def printed_alike(thinning: pd.DataFrame, shipped: Shipped) -> tuple[int, int]:
    """Return how many quoted numbers the shipped draws print as all draws do, and how many there
    are.

    Quoted are the medians and the ends of 80 % intervals of the peak and of the last year.
    """
    years = [shipped.peak, int(shipped.years[-1])]
    quoted = thinning[
        thinning["year"].isin(years) & thinning["probability"].round(3).isin([0.1, 0.5, 0.9])
    ]
    price = dict(zip(shipped.years, shipped.to_current))
    same = 0
    for row in quoted.itertuples():
        factor = 1.0 if row.quantity == "workers" else price[row.year]
        same += wording.rounded(row.all * factor) == wording.rounded(row.shipped * factor)
    return same, len(quoted)


def examples(shipped: Shipped) -> pd.DataFrame:
    """Return some questions with their answers; together they touch every kind of slider.

    The browser is tested on them.

    Returns
    -------
    DataFrame ``state`` (as in the address of the page), ``headline, pareto_k, effective, trusted``
    and ``scenario`` (the file that refits it, or "").
    """
    first, last = shipped.years[0], shipped.years[-1]
    one_host = shipped.units[-1] if shipped.units[-1] in shipped.groups else "WLD"
    asked = [
        "",
        "quantity=workers",
        f"group={shipped.units[0]}&quantity=workers&stock=2",
        f"group={one_host}&quantity=workers",
        f"quantity=workers&from={first}&to={last}",
        "pay=1.25&months=0.9",
        f"withheld=0.5&part=-0.4&prices=constant&to={last}",
        "quantity=net&withheld=1",
        "quantity=gross&pay=0.8&prices=constant",
        f"quantity=workers&from={last}&to={last}&register=0.8",
        *(f"quantity=workers&w.{name}=0.9" for name in shipped.classes),
        *(f"quantity=workers&w.{name}=0" for name in shipped.classes[-1:]),
        "quantity=workers&" + "&".join(f"w.{name}=0" for name in shipped.classes),
    ]
    lines = []
    for question in asked:
        state = read_state(question, shipped)
        found = answer(shipped, state)
        base = answer(
            shipped, State(state.group, state.quantity, state.start, state.end, state.prices)
        )
        lines.append(
            {
                "state": state.fragment(),
                "headline": sentence(shipped, state, found, base),
                "pareto_k": found.pareto_k,
                "effective": found.effective,
                "trusted": found.trusted,
                "scenario": refit(shipped, state),
            }
        )
    return pd.DataFrame(lines).drop_duplicates("state")


def pack(shipped: Shipped) -> dict:
    """Return the draws as JSON.

    Logs of stocks have 16 bits, logs of pay and logits of shares 8, between the smallest and the
    largest value of each unit and year.
    """
    arrays = {"stock": (np.log(shipped.stock), 16)}
    if shipped.gross is not None:
        arrays["gross"] = (np.log(shipped.gross), 8)
        arrays |= {name: (_logit(getattr(shipped, name)), 8) for name in ("withheld", "part")}
    packed = {name: _quantised(values, bits) for name, (values, bits) in arrays.items()}
    levers = [
        vars(lever) | {"neutral": lever.neutral}
        for lever in (*shipped.levers, *map(weight_lever, shipped.classes))
    ]
    return {
        "draws": int(shipped.stock.shape[2]),
        "units": list(shipped.units),
        "labels": list(shipped.labels),
        "lead": shipped.lead,
        "groups": {
            key: {"name": name, "units": list(units)}
            for key, (name, units) in shipped.groups.items()
        },
        "years": [int(year) for year in shipped.years],
        "arrays": packed,
        "toCurrent": [float(x) for x in shipped.to_current],
        "classes": list(shipped.classes),
        "logLikelihood": _text(shipped.log_likelihood.T.astype("<f4")),
        "imputation": _text(shipped.imputation.astype("u1")),
        "register": None if shipped.register is None else _text(shipped.register.astype("<f4")),
        "registerPrior": list(shipped.register_prior),
        "errors": shipped.errors,
        "priceYear": shipped.price_year,
        "peak": shipped.peak,
        "levers": levers,
        "prices": {
            key: words.format(price_year=shipped.price_year) for key, words in PRICES.items()
        },
        "quantities": {
            key: {"label": QUANTITIES[key][0], "phrase": QUANTITIES[key][1]}
            for key in shipped.quantities
        },
        "goodK": largest_good_k(shipped.stock.shape[2]),
        "title": TITLE,
        "probabilities": list(PROBABILITIES),
    }


def unpack(packed: dict) -> Shipped:
    """Return what ``pack`` made, rounded as the page decodes it."""
    shape = (len(packed["units"]), len(packed["years"]), packed["draws"])
    arrays = {name: _restored(one, shape) for name, one in packed["arrays"].items()}
    money = "gross" in arrays
    register = packed["register"]
    return Shipped(
        units=tuple(packed["units"]),
        labels=tuple(packed["labels"]),
        lead=packed["lead"],
        groups={key: (one["name"], tuple(one["units"])) for key, one in packed["groups"].items()},
        years=np.array(packed["years"]),
        stock=np.exp(arrays["stock"]),
        gross=np.exp(arrays["gross"]) if money else None,
        withheld=expit(arrays["withheld"]) if money else None,
        part=expit(arrays["part"]) if money else None,
        to_current=np.array(packed["toCurrent"]),
        classes=tuple(packed["classes"]),
        log_likelihood=_numbers(packed["logLikelihood"], "<f4")
        .reshape(len(packed["classes"]), packed["draws"])
        .T,
        imputation=_numbers(packed["imputation"], "u1").astype(int),
        register=None if register is None else _numbers(register, "<f4"),
        register_prior=tuple(packed["registerPrior"]),
        errors=packed["errors"],
        price_year=packed["priceYear"],
        peak=packed["peak"],
    )


def _logit(share: np.ndarray) -> np.ndarray:
    kept = np.clip(share, 1e-4, 1 - 1e-4)
    return np.log(kept / (1 - kept))


def _text(values: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode("ascii")


def _numbers(text: str, kind: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype=kind).astype(float)


def _quantised(values: np.ndarray, bits: int) -> dict:
    """Return values (u, t, d) as whole numbers between the smallest and the largest of each unit
    and year."""
    top = 2**bits - 1
    low, high = (edge(values, axis=2).round(6) for edge in (np.min, np.max))
    width = np.where(high > low, high - low, 1.0)
    steps = np.clip(np.round((values - low[..., None]) / width[..., None] * top), 0, top)
    kind = "<u2" if bits == 16 else "u1"
    return {
        "bits": bits,
        "low": low.ravel().tolist(),
        "width": width.ravel().round(6).tolist(),
        "text": _text(steps.astype(kind)),
    }


def _restored(one: dict, shape: tuple[int, int, int]) -> np.ndarray:
    steps = _numbers(one["text"], "<u2" if one["bits"] == 16 else "u1").reshape(shape)
    low, width = (np.array(one[name]).reshape(*shape[:2], 1) for name in ("low", "width"))
    return low + width * steps / (2 ** one["bits"] - 1)


# --- the page -------------------------------------------------------------------------------------


def chart() -> dict:
    """Return the Vega-Lite specification of the chart.

    The page fills its data sets, which are called fan, baseline, chosen and labels.
    """
    import altair as alt

    year = alt.X(
        "year:Q",
        axis=alt.Axis(format="d", title=None, tickMinStep=1, grid=False),
        scale=alt.Scale(zero=False, nice=False),
    )

    def value(name: str) -> alt.Y:
        return alt.Y(f"{name}:Q", axis=alt.Axis(title=None, format=",~f"))

    fan = alt.Chart(alt.NamedData("fan"))
    baseline = alt.Chart(alt.NamedData("baseline"))
    chosen = (
        alt.Chart(alt.NamedData("chosen"))
        .mark_rect(opacity=0.12, color="#E69F00")
        .encode(x="start:Q", x2="end:Q")
    )
    bands = [
        fan.mark_area(color="#0072B2", opacity=opacity).encode(
            x=year, y=value(f"lo{level}"), y2=f"hi{level}:Q"
        )
        for level, opacity in ((95, 0.16), (80, 0.22), (50, 0.34))
    ]
    dashed = {"color": "#D55E00", "strokeDash": [5, 4]}
    edges = [
        baseline.mark_line(**dashed, strokeWidth=1).encode(x=year, y=value(name))
        for name in ("lo80", "hi80")
    ]
    middles = [
        baseline.mark_line(**dashed).encode(x=year, y=value("median")),
        fan.mark_line(color="#0072B2").encode(x=year, y=value("median")),
    ]
    last = alt.Chart(alt.NamedData("labels")).mark_text(align="left", dx=5, fontSize=11)
    labels = last.encode(
        x="year:Q", y="value:Q", text="text:N", color=alt.Color("colour:N", scale=None)
    )
    layered = alt.layer(
        chosen,
        *bands,
        *edges,
        *middles,
        labels,
        width="container",
        height=300,
        padding={"right": 60, "left": 5, "top": 5, "bottom": 5},
        # Fitted again for new data, as the labels of the axis grow with the numbers.
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding", resize=True),
    )
    spec = layered.to_dict()
    spec["datasets"] = {name: [] for name in ("fan", "baseline", "chosen", "labels")}
    return spec


def write(folder: Path, shipped: Shipped) -> None:
    """Write the page's data as a script, draws.js: a page opened from a folder can load no JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    content = json.dumps(
        pack(shipped) | {"chart": chart()}, separators=(",", ":"), ensure_ascii=False
    )
    folder.joinpath("draws.js").write_text(f"window.explorerData = {content};\n", encoding="utf-8")


def markup(shipped: Shipped) -> str:
    """Return the explorer as HTML: labelled inputs in the order of the Tab key, and the output."""

    def options(pairs: Mapping[str, str], chosen: str) -> str:
        return "".join(
            f'<option value="{key}"{" selected" * (key == chosen)}>{html.escape(words)}</option>'
            for key, words in pairs.items()
        )

    def select(name: str, label: str, pairs: Mapping[str, str], chosen: str) -> str:
        return (
            f'<p><label for="ex-{name}">{label}</label> <select'
            f' id="ex-{name}">{options(pairs, chosen)}</select></p>'
        )

    def slider(lever: Lever) -> str:
        name = html.escape(lever.key, quote=True)
        return (
            f'<p><label for="ex-{name}">{html.escape(lever.label)}</label> <output'
            f' id="ex-{name}-said" for="ex-{name}"></output><input type="range" id="ex-{name}"'
            f' data-lever="{name}" min="{lever.low:g}" max="{lever.high:g}" step="{lever.step:g}"'
            f' value="{lever.neutral:g}" title="{html.escape(lever.note, quote=True)}"></p>'
        )

    years = {str(year): str(year) for year in shipped.years}
    state = read_state("", shipped)
    picked = [
        select(
            "group", "Hosts", {key: name for key, (name, _) in shipped.groups.items()}, state.group
        ),
        select(
            "quantity",
            "What",
            {key: QUANTITIES[key][0] for key in shipped.quantities},
            state.quantity,
        ),
        select("from", "From", years, str(state.start)),
        select("to", "To", years, str(state.end)),
    ]
    if shipped.gross is not None:
        picked.append(
            select(
                "prices",
                "Prices",
                {k: words.format(price_year=shipped.price_year) for k, words in PRICES.items()},
                state.prices,
            )
        )
    return (
        '<div id="explorer" class="explorer"><noscript><p>The explorer needs JavaScript; the'
        " numbers of the baseline are in the other "
        "chapters.</p></noscript>"
        '<form aria-label="What to show and what to assume"><fieldset><legend>What to'
        f" show</legend>{''.join(picked)}</fieldset>"
        "<fieldset><legend>What to"
        f" assume</legend>{''.join(map(slider, shipped.levers))}</fieldset>"
        "<fieldset><legend>What each kind of evidence is worth, from 0 (nothing) to 1 (as in the"
        " baseline)</legend>"
        f"{''.join(slider(weight_lever(name)) for name in shipped.classes)}</fieldset>"
        '<p><button type="reset">Back to the baseline</button></p></form>'
        '<div class="explorer-out"><p id="ex-headline" role="status" aria-live="polite"'
        ' aria-atomic="true"></p>'
        '<p id="ex-quality"></p><div id="ex-refit" hidden><p>To refit, save this as '
        f"<code>scenarios/{SCENARIO}.yml</code> and run <code>make scenario"
        f" SCENARIO={SCENARIO}</code>:</p>"
        '<pre id="ex-yaml" tabindex="0" aria-label="The scenario file"></pre><p>It holds what the'
        " evidence is worth. Stocks, pay, months and shares "
        "need no refit: move them in the explorer of that build, whose address may hold what this"
        " one does. If this book is itself of a scenario, add "
        "the lines of that scenario's file.</p></div>"
        '<div id="ex-chart" role="img"></div><p class="explorer-key">Blue: median and 50, 80 and 95'
        " % intervals under these assumptions. "
        'Dashed: median and 80 % interval of the baseline. <span id="ex-unit"></span></p>'
        '<details><summary>The numbers of the chart</summary><div class="table-scroll" tabindex="0"'
        ' role="region" aria-label="The numbers of '
        'the chart"><table class="table" id="ex-table"></table></div></details>'
        '<p>Take this away: <button type="button" id="ex-csv">numbers as CSV</button> <button'
        ' type="button" id="ex-svg">chart as SVG</button></p>'
        "</div></div>"
        '<script src="../explorer/vega.js" defer></script><script src="../explorer/draws.js"'
        " defer></script>"
        '<script src="../_static/explorer.js" defer></script>'
    )


def questions(answers: Mapping[str, str]) -> str:
    """Return a list of answers as HTML, each a link that sets the sliders as the question (the key)
    does."""
    lines = (
        f'<li><a href="#{html.escape(state, quote=True)}">{html.escape(words)}</a></li>'
        for state, words in answers.items()
    )
    return f"<ul>{''.join(lines)}</ul>"
