"""The claims of the founding text that no row of the ledger holds: what the posterior and the ledger have to say to each."""

import numpy as np
import pandas as pd

from .judge import Court
from .ledger import Ledger
from .workers.draws import summarise

LARGEST = ("RUS", "CHN")
RECORD = {
    "Seafood processed in China reached shops in the United States (2017)": ("CHN115 CHN071 CHN252", ""),
    "World Cup stadiums": ("RUS256 RUS257 RUS258", "GEU192 GEU204 AFA052"),
    "Moscow towers": ("RUS259 RUS117", ""),
    "Siberian timber": ("RUS001 RUS017 RUS023 RUS026", "RUS029"),
}


def record() -> pd.DataFrame:
    """Return the claims that are no quantity, with the ids of the figures that speak for and against each."""
    return pd.DataFrame(
        [
            {
                "claim": claim,
                "for it": ", ".join(speak.split()),
                "against it, or against its reach": ", ".join(against.split()) or "none found",
            }
            for claim, (speak, against) in RECORD.items()
        ]
    )


def comparison(draws: np.ndarray, low: float, high: float, label: str) -> pd.DataFrame:
    """Return one line for a chart: a claim of ``low`` to ``high`` and the summary of the posterior draws (d,)."""
    return summarise(np.asarray(draws, float)[:, None]).assign(label=label, claim_low=low, claim_high=high)


def chance(probability: float) -> str:
    """Return a probability in words fit for a sentence: never 0 or 100 %, which draws cannot tell."""
    if probability < 0.01:
        return "less than 1 %"
    return "more than 99 %" if probability > 0.99 else f"{100 * probability:.0f} %"


def two_largest(court: Court, year: int) -> tuple[np.ndarray, float]:
    """Return draws (d,) of the part of all workers in Russia and China, and the probability that no other host has more than either."""
    at = int(np.flatnonzero(court.years == year)[0])
    here = [court.codes.index(code) for code in LARGEST]
    stock = court.workers[:, :, at]
    others = np.delete(stock, here, axis=1)
    return stock[:, here].sum(axis=1) / stock.sum(axis=1), float((stock[:, here].min(axis=1) > others.max(axis=1)).mean())


def growth(court: Court, first: int, last: int) -> np.ndarray:
    """Return draws (d,) of the world's workers in ``last`` as a multiple of those in ``first``."""
    world = court.people(list(range(len(court.codes))))
    return world[:, court.years == last][:, 0] / world[:, court.years == first][:, 0]


def by_main_sector(court: Court, ledger: Ledger, year: int) -> pd.DataFrame:
    """Return ``sector, value``: the posterior median of the part of a year's workers in hosts of each main trade, greatest first."""
    sectors = ledger.hosts.set_index("iso3")["main_sector"]
    of_host = np.array([sectors[code] for code in court.codes])
    stock = court.workers[:, :, int(np.flatnonzero(court.years == year)[0])]
    total = stock.sum(axis=1)
    found = {name: float(np.median(stock[:, of_host == name].sum(axis=1) / total)) for name in sorted(set(of_host))}
    return pd.DataFrame({"sector": found.keys(), "value": found.values()}).sort_values("value", ascending=False, ignore_index=True)


def deaths(ledger: Ledger) -> pd.DataFrame:
    """Return ``host, name, deaths, statements, ids`` of the deaths in the ledger, those of one lineage counted once, most first."""
    rows = ledger.figures[(ledger.figures["quantity"] == "deaths") & (ledger.figures["use"] != "exclude")].copy()
    rows["number"] = rows["point"].fillna(rows["low"])
    told = rows.assign(family=rows["lineage"].where(rows["lineage"] != "", rows["figure_id"])).sort_values("number", ascending=False)
    once = told.drop_duplicates("family")
    table = once.groupby("hosts")["number"].sum().rename("deaths").to_frame()
    table["statements"] = rows.groupby("hosts").size()
    table["ids"] = rows.sort_values("figure_id").groupby("hosts")["figure_id"].agg(", ".join)
    table = table.reset_index(names="host").sort_values(["deaths", "host"], ascending=[False, True], ignore_index=True)
    return table.assign(name=[ledger.host_name(code) for code in table["host"]])
