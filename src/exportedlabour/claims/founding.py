"""The founding claims: what claims.csv says of each, and what the posterior and the ledger have to
say to those that are no quantity of one figure."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..evidence.hosts_apart import PLAN_HOST
from ..evidence.ledger import Ledger, year_fraction
from ..money.revenue import BUILDING, Mix
from ..workers.draws import summarise
from . import evaluation
from .evaluation import Estimates

RECORD, SHARE, GROWTH, TRADES, DEATHS = "record", "share", "growth", "trades", "deaths"
QUANTITY, APART = "quantity", "apart"


@dataclass(frozen=True)
class Claim:
    """One founding claim, a row of claims.csv; see ``evidence.schema.CLAIMS`` for each field.

    ``hosts``, ``sectors``, ``speaking`` and ``against`` are split at +. ``period`` are its years, 0
    where it has none; ``low`` and ``high`` are nan and infinity where they are empty.
    """

    key: str
    title: str
    evaluation: str
    figure: str
    hosts: tuple[str, ...]
    sectors: tuple[str, ...]
    period: tuple[int, int]
    low: float
    high: float
    speaking: tuple[str, ...]
    against: tuple[str, ...]
    heading: str
    caption: str
    reading: str
    text: str

    @property
    def name(self) -> str:
        """The key as a part of the names of numbers."""
        return self.key.replace("-", "_").replace(".", "_")

    @property
    def figures(self) -> tuple[str, ...]:
        """The figures that speak for it and against it, those for it first."""
        return self.speaking + self.against

    def verdict(self, ledger: Ledger) -> str:
        """Return the verdict on a claim that is no quantity: what the ledger leaves out as wrong
        does not speak for it."""
        known = ledger.figures.set_index("figure_id")["use"]
        return evaluation.recorded(
            sum(known.get(key, "exclude") != "exclude" for key in self.speaking),
            sum(key in known.index for key in self.against),
        )


def claims(ledger: Ledger) -> dict[str, Claim]:
    """Return the founding claims of a ledger by their keys, in their order; none if it has no
    claims.csv."""
    return {row["claim"]: _claim(row) for _, row in ledger.claims.iterrows()}


def _claim(row: pd.Series) -> Claim:
    def several(name: str) -> tuple[str, ...]:
        return tuple(filter(None, row[name].split("+")))

    return Claim(
        key=row["claim"],
        period=(int(row["period_start"] or 0), int(row["period_end"] or 0)),
        low=float(row["low"] or np.nan),
        high=float(row["high"] or np.inf),
        **{name: several(name) for name in ("hosts", "sectors", "speaking", "against")},
        **{
            name: row[name]
            for name in ("title", "evaluation", "figure", "heading", "caption", "reading", "text")
        },
    )


def titles(ledger: Ledger) -> dict[str, str]:
    """Return the founding claims in a few words, by the ids of the figures that state them."""
    return {each.figure: each.title for each in claims(ledger).values() if each.figure}


def record(ledger: Ledger) -> pd.DataFrame:
    """Return the claims that are no quantity, the verdict on each, and the ids of the figures that
    speak for and against it."""
    return pd.DataFrame(
        [
            {
                "claim": each.title,
                "verdict": each.verdict(ledger),
                "for it": ", ".join(each.speaking),
                "against it, or against its reach": ", ".join(each.against) or "none found",
            }
            for each in claims(ledger).values()
            if each.evaluation == RECORD
        ],
        columns=["claim", "verdict", "for it", "against it, or against its reach"],
    )


def dated(claim: Claim, ledger: Ledger) -> pd.DataFrame:
    """Return the figures that speak for and against a claim in the order of their dates, with
    ``against`` (bool)."""
    rows = ledger.figures[ledger.figures["figure_id"].isin(claim.figures)]
    return rows.assign(against=rows["figure_id"].isin(claim.against)).sort_values(
        ["period_start", "figure_id"], ignore_index=True
    )


def comparison(draws: np.ndarray, low: float, high: float, label: str) -> pd.DataFrame:
    """Return one line for a chart: a claim of ``low`` to ``high`` and the summary of the posterior
    draws (d,)."""
    return summarise(np.asarray(draws, float)[:, None]).assign(
        label=label, claim_low=low, claim_high=high
    )


def chance(probability: float) -> str:
    """Return a probability in words fit for a sentence: never 0 or 100 %, which draws cannot
    tell."""
    if probability < 0.01:
        return "less than 1 %"
    return "more than 99 %" if probability > 0.99 else f"{100 * probability:.0f} %"


def share_of_hosts(
    estimates: Estimates, hosts: tuple[str, ...], year: int
) -> tuple[np.ndarray, float]:
    """Return draws (d,) of the part of a year's workers in ``hosts``, and the probability that no
    other host has more than any of them."""
    at = int(np.flatnonzero(estimates.years == year)[0])
    here = [estimates.codes.index(code) for code in hosts]
    stock = estimates.workers[:, :, at]
    others = np.delete(stock, here, axis=1)
    return stock[:, here].sum(axis=1) / stock.sum(axis=1), float(
        (stock[:, here].min(axis=1) > others.max(axis=1)).mean()
    )


def growth(estimates: Estimates, first: int, last: int) -> np.ndarray:
    """Return draws (d,) of the world's workers in ``last`` as a multiple of those in ``first``."""
    world = estimates.people(list(range(len(estimates.codes))))
    return world[:, estimates.years == last][:, 0] / world[:, estimates.years == first][:, 0]


def sectors_of_host(mix: Mix, under_plan: np.ndarray, codes: tuple[str, ...]) -> np.ndarray:
    """Return draws (d, h, k) of the sectors of all workers of each host: in Russia the builders
    under the plan are among them."""
    share = mix.share.copy()
    if PLAN_HOST in codes and BUILDING in mix.sectors:
        russia, building = codes.index(PLAN_HOST), mix.sectors.index(BUILDING)
        share[:, russia] *= (1 - under_plan)[:, None]
        share[:, russia, building] += under_plan
    return share


def trades(
    estimates: Estimates,
    share: np.ndarray,
    sectors: tuple[str, ...],
    year: int,
    named: tuple[str, ...],
) -> pd.DataFrame:
    """Return by sector the part of a year's workers, greatest first: ``sector``, the summary
    columns, ``named`` (by the claim),

    ``among_largest`` (the probability that it is among as many largest as the claim names) and
    ``verdict`` on those named, else "".

    Parameters
    ----------
    share : (d, h, k) of the workers in each host of ``estimates`` by sector.
    """
    stock = estimates.workers[:, :, int(np.flatnonzero(estimates.years == year)[0])]
    part = np.einsum("dh,dhk->dk", stock, share, optimize=True) / stock.sum(axis=1, keepdims=True)
    among = ((-part).argsort(axis=1).argsort(axis=1) < len(named)).mean(axis=0)
    table = summarise(part).assign(
        sector=sectors, named=[name in named for name in sectors], among_largest=among
    )
    table["verdict"] = [
        evaluation.of_trade(p) if yes else ""
        for p, yes in zip(table["among_largest"], table["named"])
    ]
    return table.sort_values("median", ascending=False, ignore_index=True)


def workers_of_trades(
    share: np.ndarray,
    sectors: tuple[str, ...],
    codes: tuple[str, ...],
    trades: tuple[str, ...],
    host: str = PLAN_HOST,
) -> list[np.ndarray]:
    """Return for each of ``trades`` draws (d,) of its part in the workers of a host, of ``share``
    (d, h, k); ones where it is not among ``sectors``."""
    at = codes.index(host)
    return [
        share[:, at, sectors.index(name)] if name in sectors else np.ones(len(share))
        for name in trades
    ]


def figures_by_trade(ledger: Ledger) -> pd.Series:
    """Return the number of figures that are about one trade, by trade."""
    kept = ledger.figures[ledger.figures["use"] != "exclude"]
    return kept.loc[~kept["sector"].isin(["mixed", "unknown"]), "sector"].value_counts()


def deaths(ledger: Ledger) -> pd.DataFrame:
    """Return ``host, name, deaths, statements, ids, left_out`` of the deaths in the ledger, most
    first.

    The sum is a floor: deaths of one lineage are counted once, and one at a place within a host (a
    site, an employer, a region) not at all if a count of the whole host may hold it, being of the
    same sector and a time in common: ``left_out`` has the ids of those.
    """
    rows = ledger.figures[
        (ledger.figures["quantity"] == "deaths") & (ledger.figures["use"] != "exclude")
    ].copy()
    rows["number"] = rows["point"].fillna(rows["low"])
    rows["left_out"] = np.array(
        [_may_be_counted(row, rows) for _, row in rows.iterrows()], dtype=bool
    )
    told = rows.assign(
        family=rows["lineage"].where(rows["lineage"] != "", rows["figure_id"])
    ).sort_values("number", ascending=False)
    once = told[~told["left_out"]].drop_duplicates("family")
    table = once.groupby("hosts")["number"].sum().rename("deaths").to_frame()
    table["statements"] = rows.groupby("hosts").size()
    table["ids"] = rows.sort_values("figure_id").groupby("hosts")["figure_id"].agg(", ".join)
    left_out = (
        rows[rows["left_out"]].sort_values("figure_id").groupby("hosts")["figure_id"].agg(", ".join)
    )
    table["left_out"] = left_out.reindex(table.index).fillna("")
    table = table.reset_index(names="host").sort_values(
        ["deaths", "host"], ascending=[False, True], ignore_index=True
    )
    return table.assign(name=[ledger.host_name(code) for code in table["host"]])


def _may_be_counted(death: pd.Series, rows: pd.DataFrame) -> bool:
    """Whether a count of deaths in the whole host may hold those at one place within it."""
    if death["scope"] == "national":
        return False
    whole = rows[
        (rows["hosts"] == death["hosts"])
        & (rows["scope"] == "national")
        & (rows["sector"] == death["sector"])
    ]
    start, end = year_fraction(death["period_start"]), year_fraction(death["period_end"], end=True)
    return any(
        year_fraction(row["period_start"]) < end
        and start < year_fraction(row["period_end"], end=True)
        for _, row in whole.iterrows()
    )
