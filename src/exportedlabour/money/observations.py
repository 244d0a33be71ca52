"""What each published figure of pay, share or plan says, of which host, sector and year."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..assumptions.scenario import Settings
from ..evidence.ledger import FRACTIONS, PAY_QUANTITIES, Ledger, hosts_in
from ..evidence.lineage import is_copy
from ..evidence.rates import Rates
from ..evidence.reading import READING_KINDS, middle_date, rounding_interval
from ..evidence.regions import REGION_OF_GROUP
from ..project import InputError

TARGETS = ("wage", "net", "withheld_sum", "state_sum", "withheld", "state", "plan")
TARGET_OF = {
    "wage_gross": "wage",
    "wage_net": "net",
    "withheld_payment": "withheld_sum",
    "state_payment": "state_sum",
    "withheld_share": "withheld",
    "worker_share": "withheld",
    "state_share": "state",
    "plan_payment": "plan",
}
NO_SECTOR = {
    "mixed",
    "unknown",
    "IT",
    "shipping",
}  # several, any, and those whom the numbers of workers leave out
REFERENCE_YEAR = 2016  # the middle of the evidence on pay; trends are counted from it


@dataclass(frozen=True)
class PayDesign:
    """Observations of pay (n), for h hosts in r regions with k sectors.

    Attributes
    ----------
    hosts, regions, sectors : names; ``host_region`` (h,) the region of each host, ``host_sector``
        (h,) its main sector, -1 where it has several.
    target : (n,) index into TARGETS, what the figure measures.
    kind, lower, upper : (n,) as in the workers' design; sums as log dollars of the price year a
        month (plans: a year), shares as logits.
    host_weights (n, h), region_weights (n, r) : which effects a figure carries; a group of states
    carries the mean of its
        hosts', the world none.
    mix_weights : (n, h) whose mix of sectors a figure about all sectors is about; the world's is
        the mean of all hosts'.
    sector : (n,) index into ``sectors``, -1 for a figure about all of them; elapsed : (n,) years
        since ``REFERENCE_YEAR``.
    logging : (n,) 1 for a figure about loggers.
    figures : the rows of the ledger, in the same order.
    """

    hosts: tuple[str, ...]
    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    host_region: np.ndarray
    host_sector: np.ndarray
    target: np.ndarray
    kind: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    host_weights: np.ndarray
    region_weights: np.ndarray
    mix_weights: np.ndarray
    sector: np.ndarray
    elapsed: np.ndarray
    logging: np.ndarray
    figures: pd.DataFrame


def pay_figures(ledger: Ledger, settings: Settings) -> pd.DataFrame:
    """Return the figures that enter the model of pay: ``use`` fit, not read as copies, not of IT
    workers."""
    figures = ledger.figures
    keep = (
        (figures["use"] == "fit")
        & figures["quantity"].isin(PAY_QUANTITIES)
        & (figures["sector"] != "IT")
        & ~is_copy(figures, settings.copy_threshold)
    )
    if settings.undivided_share_read_as == "none":
        keep &= figures["quantity"] != "undivided_share"
    return figures[keep]


def build(ledger: Ledger, settings: Settings) -> PayDesign:
    """Turn the ledger's figures of pay into arrays.

    Raises
    ------
    InputError
        If there is no figure of gross pay, or a unit or exchange rate is missing (with the figure's
        id).
    """
    figures = pay_figures(ledger, settings)
    if not (figures["quantity"] == "wage_gross").any():
        raise InputError(
            "no figure of gross pay (quantity = wage_gross, use = fit) is left to fit."
        )
    table = ledger.hosts[ledger.hosts["treatment"].isin(["trajectory", "predictive"])]
    region_of = ledger.hosts.set_index("iso3")["region"]
    hosts, regions = tuple(table["iso3"]), tuple(sorted(set(table["region"])))
    named_sectors = {*figures["sector"], *table["main_sector"]} - NO_SECTOR
    sectors = tuple(sorted(named_sectors)) or ("mixed",)
    sector_index = {name: i for i, name in enumerate(sectors)}
    rates = Rates(ledger.rates, settings.inflation_ahead)

    n = len(figures)
    host_weights, region_weights = np.zeros((n, len(hosts))), np.zeros((n, len(regions)))
    rows = []
    for i, (_, figure) in enumerate(figures.iterrows()):
        rows.append(_observation(figure, settings, rates))
        named = hosts_in(figure["hosts"])
        for code in named:
            if code in hosts:
                host_weights[i, hosts.index(code)] = 1 / len(named)
            region = _region(code, region_of)
            if region in regions:
                region_weights[i, regions.index(region)] += 1 / len(named)
    unplaced = host_weights.sum(axis=1) == 0
    of_region = np.eye(len(regions))[
        [regions.index(name) for name in table["region"]]
    ].T  # regions, hosts
    spread = region_weights @ (of_region / of_region.sum(axis=1, keepdims=True))
    spread[spread.sum(axis=1) == 0] = 1.0
    mix_weights = np.where(unplaced[:, None], spread, host_weights)
    target, kind, lower, upper, elapsed = (np.array(column) for column in zip(*rows))
    return PayDesign(
        hosts=hosts,
        regions=regions,
        sectors=sectors,
        host_region=np.array([regions.index(name) for name in table["region"]]),
        host_sector=np.array([sector_index.get(name, -1) for name in table["main_sector"]]),
        target=target,
        kind=kind,
        lower=lower,
        upper=upper,
        host_weights=host_weights,
        region_weights=region_weights,
        mix_weights=mix_weights / mix_weights.sum(axis=1, keepdims=True),
        sector=np.array([sector_index.get(name, -1) for name in figures["sector"]]),
        elapsed=elapsed,
        logging=(figures["sector"] == "logging").to_numpy(float),
        figures=figures,
    )


def _region(code: str, region_of: pd.Series) -> str:
    return REGION_OF_GROUP.get(code) or region_of.get(code, "")


def _observation(
    figure: pd.Series, settings: Settings, rates: Rates
) -> tuple[int, int, float, float, float]:
    """Return (target, kind, lower, upper, elapsed years) of one figure, on the scale of its
    target."""
    date = middle_date(figure)
    kind, low, high = pay_reading(figure)
    quantity = figure["quantity"]
    target = (
        settings.undivided_share_read_as if quantity == "undivided_share" else TARGET_OF[quantity]
    )
    if quantity in FRACTIONS:
        if quantity == "worker_share":
            low, high, kind = (
                1 - high,
                1 - low,
                {"lower": "upper", "upper": "lower"}.get(kind, kind),
            )
        low, high = (np.log(x / (1 - x)) for x in np.clip([low, high], 0.01, 0.99))
    else:
        months = 12.0 if target == "plan" else 1.0
        try:
            low, high = (
                np.log(
                    months
                    * rates.dollars_a_month(
                        max(x, 0.01), figure["unit"], int(date), settings.price_year
                    )
                )
                for x in (low, high)
            )
        except InputError as error:
            raise InputError(f"data/figures.csv, {figure['figure_id']}: {error}") from None
    lower = -np.inf if kind == "upper" else low
    upper = np.inf if kind == "lower" else high
    return TARGETS.index(target), READING_KINDS.index(kind), lower, upper, date - REFERENCE_YEAR


def pay_reading(figure: pd.Series) -> tuple[str, float, float]:
    """Return (kind, low, high) of a figure of pay or share, in its own unit.

    "At least" and "at most" are one-sided here: they are said of single workers, sites and worst
    cases.
    """
    low, point, high, bound = figure["low"], figure["point"], figure["high"], figure["bound"]
    ends = [x for x in (low, point, high) if not np.isnan(x)]
    if bound == "at_least":
        return "lower", ends[0], ends[0]
    if bound == "at_most":
        return "upper", ends[-1], ends[-1]
    if not np.isnan(low) and not np.isnan(high) and high > low:
        return "interval", low, high
    value = ends[0]
    if bound == "exact" or value == 0:
        return "exact", value, value
    if figure["unit"] == "fraction":
        return "interval", max(value - 0.05, 0.0), min(value + 0.05, 1.0)
    return "interval", *rounding_interval(value)
