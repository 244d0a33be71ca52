"""Which published statements are evaluated, on how many workers each goes, and whether what it is
compared with is independent of it; and all of them, evaluated by what a build has stored."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from ..assumptions.scenario import Settings
from ..evidence.address import address_of
from ..evidence.hosts_apart import CHINA, LARGEST_FIRST, RUSSIA
from ..evidence.ledger import LIST, WORLD, Ledger
from ..evidence.rates import Rates
from ..evidence.reading import central_value, middle_date
from ..inference.importance import largest_good_k, smoothed_weights
from ..money import it, revenue
from ..project import needed
from ..results_form import TABLES
from ..words import percent
from ..workers import draws as posterior
from ..workers import observations
from ..workers.draws import summarise
from . import evaluation, founding

FILE = "claims_on_head_counts.parquet"  # what the step of head_counts.py stores

TOTALS_OF = (WORLD, *LARGEST_FIRST)
TOTALS = ("stock_workers", "work_permits", "residents", LIST)
NEAR = 2.0  # years between a sum of money and a head count that it can go with
IT = "IT"  # workers whose pay is another
OF_PAY = ("revenue_total", "worker_share")  # what is compared with draws of pay
INDEPENDENCE = {
    "independent": (
        "neither the figure nor a member of its lineage is fitted: the rest of the evidence"
        " judges it"
    ),
    "lineage fitted": "a member of its lineage is fitted, so that its own family speaks for it",
    "fitted": "the figure itself is fitted, so that it speaks for itself",
}


def claims_in(figures: pd.DataFrame) -> pd.DataFrame:
    """Return the claims to evaluate: all figures set aside as claims, every sum of money, and every
    total of the world, Russia and China.

    Whatever their use is, but not what the ledger leaves out as wrong or as the same statement
    twice.
    """
    total = (
        figures["hosts"].isin(TOTALS_OF)
        & figures["quantity"].isin(TOTALS)
        & (figures["scope"] == "national")
    )
    chosen = (figures["use"] == "judge") | (figures["quantity"] == "revenue_total") | total
    return figures[chosen & (figures["use"] != "exclude")]


def counts(figures: pd.DataFrame) -> pd.DataFrame:
    """Return the counts of workers with which a sum of money can go, with their ``value`` and the
    ``middle`` of their time, a decimal year."""
    heads = figures[(figures["quantity"] == "stock_workers") & (figures["use"] != "exclude")]
    return heads.assign(
        value=np.array([central_value(row) for _, row in heads.iterrows()], float),
        middle=np.array([middle_date(row) for _, row in heads.iterrows()], float),
    )


def own_heads(figure: pd.Series, counted: pd.DataFrame) -> tuple[float, float, str]:
    """Return the number of workers that a sum of money goes with: its middle, its upper end, and
    its id; (nan, nan, "") if there is none.

    It is one of those ``counted`` (see ``counts``).

    It is a stock of the same hosts and extent, at most ``NEAR`` years away: of the same body in the
    same document, else of the same document, else of the same lineage; the nearest in time. The
    upper end is that of its range or rounding; "at least" has none, so that its number stands.
    """
    trades = [IT] if figure["sector"] == IT else [figure["sector"], "mixed", "unknown"]
    same_extent = (counted["scope"] == "national") == (figure["scope"] == "national")
    heads = counted[
        (counted["hosts"] == figure["hosts"]) & same_extent & counted["sector"].isin(trades)
    ]
    if heads.empty:
        return np.nan, np.nan, ""
    values = heads["value"].to_numpy()
    away = np.abs(heads["middle"].to_numpy() - middle_date(figure))
    document = (heads["source"] == figure["source"]).to_numpy()
    body = (heads["asserted_by"] == figure["asserted_by"]).to_numpy()
    family = ((heads["lineage"] == figure["lineage"]) & (figure["lineage"] != "")).to_numpy()
    fits = (away <= NEAR) & (values > 0)
    for tie in (document & body, document, family):
        if (fits & tie).any():
            best = int(np.where(fits & tie, away, np.inf).argmin())
            most = evaluation.span(heads.iloc[best])[1]
            return (
                float(values[best]),
                float(most if np.isfinite(most) else values[best]),
                str(heads["figure_id"].iloc[best]),
            )
    return np.nan, np.nan, ""


def independence(figure: pd.Series, figures: pd.DataFrame) -> str:
    """Return which of ``INDEPENDENCE`` a figure has."""
    if figure["use"] == "fit":
        return "fitted"
    family = (
        figures[(figures["lineage"] == figure["lineage"]) & (figures["use"] == "fit")]
        if figure["lineage"]
        else figures[:0]
    )
    return "lineage fitted" if len(family) else "independent"


class Removal:
    """Weights of the draws as if a figure and its lineage had not been counted (PSIS, see
    ``inference.importance``).

    Parameters
    ----------
    fitted : DataFrame (n rows) of the figures of the workers model, ``figure_id`` and ``lineage``,
        in the order of the design.
    log_likelihood : (d, n) of each figure in each draw.
    imputation : (d,) the imputation of copies that each of these draws counts; each keeps its share
        of the weight.
    """

    def __init__(
        self, fitted: pd.DataFrame, log_likelihood: np.ndarray, imputation: np.ndarray | None = None
    ):
        self.fitted, self.log_likelihood, self.imputation = (
            fitted.reset_index(drop=True),
            log_likelihood,
            imputation,
        )
        self._made: dict[bytes, tuple[np.ndarray, float]] = {}

    def weights(self, figure: pd.Series) -> tuple[np.ndarray, float] | None:
        """Return weights (d,) and Pareto k, or None if neither the figure nor its lineage is in the
        workers model."""
        related = self.fitted["figure_id"] == figure["figure_id"]
        if figure["lineage"]:
            related |= self.fitted["lineage"] == figure["lineage"]
        members = related.to_numpy()
        if not members.any():
            return None
        if members.tobytes() not in self._made:
            self._made[members.tobytes()] = smoothed_weights(
                -self.log_likelihood[:, members].sum(axis=1), self.imputation
            )
        return self._made[members.tobytes()]

    def verdict(self, figure: pd.Series, readings: list[evaluation.Reading], thin: int) -> dict:
        """Return the verdict on the plausible reading without the figure's lineage, and the Pareto
        k that says whether to trust it.

        One draw in ``thin`` has a likelihood. Empty if there is nothing to remove.
        """
        if not readings or (found := self.weights(figure)) is None:
            return {}
        weights, k = found
        draws = readings[0].draws[::thin]
        trusted = k <= largest_good_k(len(draws))
        words = (
            evaluation.verdict(*evaluation.span(figure), draws, weights)
            if trusted
            else "needs a refit"
        )
        return {
            "verdict_without_lineage": words,
            "median_without_lineage": evaluation.median_of(draws, weights),
            "pareto_k": k,
        }


def evaluate_all(
    ledger: Ledger,
    estimates: evaluation.Estimates,
    rates: Rates,
    removal: Removal | None = None,
    thin: int = 1,
    heads: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Evaluate every claim (``claims_in``); return one line a figure and reading, those of
    ``evaluation.evaluate_readings`` and

    ``use, sector, scope, seen, standing``; of money ``own_heads, own_heads_most, own_heads_id``,
    ``dollars_own`` (a worker-month, the number as stated on the middle of its own heads),
    ``dollars_least`` (the charitable value: its lower end on the upper end of its own heads if it
    has some), ``pay_above_own`` and ``pay_above`` (the probabilities that employers pay more than
    each); and the verdict without its lineage, ``verdict_without_lineage, median_without_lineage,
    pareto_k``, where that can be told.

    ``heads`` are the lines that ``evaluate_head_counts`` returned, if there are any.
    """
    before, counted = (
        {} if heads is None else dict(tuple(heads.groupby("figure_id"))),
        counts(ledger.figures),
    )
    return _lines(
        [
            (
                before[figure["figure_id"]]
                if figure["figure_id"] in before
                else _evaluate(figure, ledger, counted, estimates, rates, removal, thin)
            )
            for _, figure in claims_in(ledger.figures).iterrows()
        ]
    )


def evaluate_head_counts(
    ledger: Ledger,
    estimates: evaluation.Estimates,
    rates: Rates,
    removal: Removal | None = None,
    thin: int = 1,
) -> pd.DataFrame:
    """Evaluate the claims on which pay has no bearing, by estimates that may have none;
    return lines as ``evaluate_all`` does."""
    figures, counted = claims_in(ledger.figures), counts(ledger.figures)
    return _lines(
        [
            _evaluate(figure, ledger, counted, estimates, rates, removal, thin)
            for _, figure in figures[~figures["quantity"].isin(OF_PAY)].iterrows()
        ]
    )


def _lines(parts: list[pd.DataFrame]) -> pd.DataFrame:
    names = TABLES["claims_judged"].names  # a ledger may have no sum of money
    return (
        pd.concat(parts, ignore_index=True).reindex(columns=names)
        if parts
        else pd.DataFrame(columns=names)
    )


def _evaluate(
    figure: pd.Series,
    ledger: Ledger,
    counted: pd.DataFrame,
    estimates: evaluation.Estimates,
    rates: Rates,
    removal: Removal | None,
    thin: int,
) -> pd.DataFrame:
    """Return the lines of one figure; ``counted`` are the ``counts`` of the ledger."""
    money = figure["quantity"] == "revenue_total" and evaluation.MONEY.match(figure["unit"])
    by_heads = money and np.isfinite(
        evaluation.months_of(figure)
    )  # a sum of no stated time can't be divided by heads and months
    heads, most, heads_id = own_heads(figure, counted) if by_heads else (np.nan, np.nan, "")
    table, readings = evaluation.evaluate(figure, estimates, rates, heads)
    for name in ("use", "sector", "scope", "seen"):
        table[name] = figure[name]
    table["standing"] = independence(figure, ledger.figures)
    if money and readings:
        stated, months = (
            central_value(figure) / evaluation.units_per_dollar(figure, rates),
            evaluation.months_of(figure),
        )
        table["own_heads"], table["own_heads_most"], table["own_heads_id"] = heads, most, heads_id
        table["dollars_own"] = stated / months / heads
        on_posterior = table["dollars_per_worker_month"] * table["claim_low"] / stated
        table["dollars_least"] = (table["claim_low"] / months / most).fillna(on_posterior)
        for column, dollars in (("pay_above_own", "dollars_own"), ("pay_above", "dollars_least")):
            table[column] = [
                float((reading.pay > limit).mean()) if np.isfinite(limit) else np.nan
                for reading, limit in zip(readings, table[dollars])
            ]
    if removal is not None and figure["quantity"] != "revenue_total":
        table = table.assign(**removal.verdict(figure, readings, thin))
    return table


@dataclass(frozen=True)
class Evaluated:
    """The claims of a ledger, evaluated.

    Attributes
    ----------
    lines : DataFrame, one line a claim and reading, see ``evaluate_all``; those of a
        ledger that is not the project's are of ``evaluation.evaluate``.
    estimates : what they were compared with.
    pay : draws of pay; None if none was estimated.
    results : where the draws are stored.
    """

    lines: pd.DataFrame
    estimates: evaluation.Estimates
    pay: revenue.Pay | None
    results: Path

    @cached_property
    def trades(self) -> tuple[str, ...]:
        """The sectors of the workers, in the order of ``shares``."""
        return self._mix.sectors

    @cached_property
    def shares(self) -> np.ndarray:
        """Draws (d, h, k) of the part of each trade in each host."""
        return founding.sectors_of_host(self._mix, self.pay.under_plan, self.estimates.codes)

    @cached_property
    def _mix(self) -> revenue.Mix:
        return revenue.read_mix(needed(self.results, "draws_mix.parquet"), self.estimates.codes)

    @property
    def plausible(self) -> pd.DataFrame:
        """One line a claim: its plausible reading, or that it has none."""
        return self.lines[self.lines["reading"] != "charitable"]


def read(results: Path, settings: Settings, evidence: Ledger) -> Evaluated:
    """Evaluate all claims of the project's ledger (``claims_in``) by the draws in
    ``results``.

    Raises
    ------
    InputError
        If a result is missing.
    """
    workers, codes, years = posterior.read_draws(needed(results, "draws_workers.parquet"))
    pay, _ = revenue.read_pay(needed(results, "draws_pay.parquet"))
    each = _current(pay, codes, years, evidence, settings)
    estimates = estimates_of(evidence, settings, workers, codes, years, each)
    lines = evaluate_all(
        evidence,
        estimates,
        Rates(evidence.rates, settings.inflation_ahead),
        removal_of(results, evidence, settings),
        posterior.THIN,
        pd.read_parquet(needed(results, FILE)),
    )
    return Evaluated(lines, estimates, pay, results)


def set_aside(results: Path, settings: Settings, evidence: Ledger) -> Evaluated:
    """Evaluate the figures that any ledger sets aside to be judged; without a figure of pay no
    claim about money is tested.

    Raises
    ------
    InputError
        If the draws of workers are missing.
    """
    workers, codes, years = posterior.read_draws(needed(results, "draws_workers.parquet"))
    pay, each, rates = None, {}, None
    if (results / "draws_pay.parquet").is_file():
        pay, _ = revenue.read_pay(needed(results, "draws_pay.parquet"))
        each = _current(pay, codes, years, evidence, settings)
        rates = Rates(evidence.rates, settings.inflation_ahead)
    limits = (settings.detection_limit, settings.list_detection_limit)
    estimates = evaluation.Estimates(evidence, workers, codes, years, each, limits)
    chosen = evidence.figures[evidence.figures["use"] == "judge"]
    lines = [evaluation.evaluate(row, estimates, rates)[0] for _, row in chosen.iterrows()]
    return Evaluated(pd.concat(lines, ignore_index=True), estimates, pay, results)


def _current(
    pay: revenue.Pay, codes: tuple[str, ...], years: np.ndarray, evidence: Ledger, settings
) -> dict[str, np.ndarray]:
    """Return by definition draws (d, h, t) of current dollars a worker and year."""
    each, factors = (
        revenue.per_worker(pay, codes, years),
        revenue.price_factors(years, evidence, settings),
    )
    for dollars in each.values():
        dollars *= factors
    return each


def estimates_of(
    evidence: Ledger,
    settings: Settings,
    workers: np.ndarray,
    codes: tuple[str, ...],
    years: np.ndarray,
    each: dict[str, np.ndarray],
) -> evaluation.Estimates:
    """Return the estimates that claims are compared with; ``workers`` and ``each`` as
    ``evaluation.Estimates`` has them, and IT workers are drawn apart."""
    apart = it.draw(settings, years, len(workers), it.randomness(settings))
    return evaluation.Estimates(
        evidence,
        workers,
        codes,
        years,
        each,
        (settings.detection_limit, settings.list_detection_limit),
        apart,
    )


def removal_of(results: Path, evidence: Ledger, settings: Settings) -> Removal:
    """Return the weights without a figure and its lineage, from what the workers model stored in
    ``results``."""
    likelihood = posterior.read_likelihood(results / "workers_figures.parquet")
    imputation = posterior.read_hyper(results / "workers_hyper.parquet")["imputation"][
        :: posterior.THIN
    ]
    return Removal(observations.build(evidence, settings).figures, likelihood, imputation)


GROUPS = {WORLD: "World", RUSSIA: "Russia", CHINA: "China"}
ELSEWHERE = "elsewhere"


def per_head(judged: pd.DataFrame, ledger: Ledger, settings) -> pd.DataFrame:
    """Return the sums of money as dollars of the price year a worker and month, one line each.

    ``group``, ``dollars`` (at the claim's lower end, on the upper end of its own head count if it
    has one), ``own``, ``impossible`` (employers pay as much with a probability below
    ``evaluation.DOUBTFUL``), and the columns of ``evaluate_all``. Sums of IT workers are left out.
    """
    money = (judged["quantity"] == "revenue_total") & (judged["sector"] != IT)
    rows = judged[money & (judged["reading"] == "plausible")].copy()
    rates = Rates(ledger.rates, settings.inflation_ahead)
    factor = [
        rates.deflator(int(middle_date(row)), settings.price_year) for _, row in rows.iterrows()
    ]
    rows["dollars"], rows["own"] = rows["dollars_least"] * factor, rows["dollars_own"].notna()
    rows["impossible"] = rows["pay_above"] < evaluation.DOUBTFUL
    rows["group"] = rows["hosts"].map(GROUPS).fillna(ELSEWHERE)
    return rows


def pay_by_group(
    rows: pd.DataFrame, estimates: evaluation.Estimates, ledger: Ledger, settings
) -> pd.DataFrame:
    """Return the posterior of gross pay, dollars of the price year a worker and month, over the
    hosts and years of each group of claims."""
    rates = Rates(ledger.rates, settings.inflation_ahead)
    deflators = np.array(
        [rates.deflator(int(year), settings.price_year) for year in estimates.years]
    )
    parts = []
    for group in [name for name in (*GROUPS.values(), ELSEWHERE) if name in set(rows["group"])]:
        own = rows[rows["group"] == group]
        hosts = sorted({position for code in own["hosts"] for position in estimates.hosts(code)})
        years = np.any([estimates.claimed_years(row) for _, row in own.iterrows()], axis=0)
        pay = (
            (estimates.money(hosts)["gross"] * deflators)[:, years].sum(axis=1)
            / estimates.people(hosts)[:, years].sum(axis=1)
            / 12
        )
        parts.append(summarise(pay[:, None]).assign(group=group))
    return pd.concat(parts, ignore_index=True)


def searchable(judged: pd.DataFrame, ledger: Ledger) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """Return all evaluated claims as a reader's table, and the addresses behind its ids.

    It has one line a statement, under its plausible reading.
    """
    rows = judged[judged["reading"] != "charitable"].reset_index(drop=True)
    kind = judged[judged["reading"] == "charitable"].set_index("figure_id")["verdict"]
    tested = rows["reading"] != "none"
    written = {
        name: [
            evaluation.write_number(value, unit) for value, unit in zip(rows[name], rows["unit"])
        ]
        for name in ("median", "lo80", "hi80")
    }
    implied = rows["dollars_own"].fillna(rows["dollars_per_worker_month"])
    table = pd.DataFrame(
        {
            "id": rows["figure_id"],
            "of": [ledger.host_name(code) for code in rows["hosts"]],
            "date": [evaluation.period(row) for _, row in rows.iterrows()],
            "what": rows["quantity"].str.replace("_", " "),
            "claimed": rows["claimed"],
            "asserted by": rows["asserted_by"],
            "verdict": rows["verdict"],
            "read charitably": [kind.get(key, "") for key in rows["figure_id"]],
            "posterior (80 %)": [
                f"{m} ({a} to {b})" if t else ""
                for m, a, b, t in zip(written["median"], written["lo80"], written["hi80"], tested)
            ],
            "place": [
                percent(a) if a == b else f"{percent(a)} – {percent(b)}" if t else ""
                for a, b, t in zip(rows["position_low"], rows["position_high"], tested)
            ],
            "dollars a worker-month": [f"{x:,.0f}" if x > 0 else "" for x in implied],
            "read as": rows["definition"].where(tested, rows["why_not"]),
            "use": rows["use"],
            "lineage": rows["lineage"],
            "independence": rows["standing"],
            "without its lineage": rows["verdict_without_lineage"].fillna(""),
        }
    )
    address = ledger.figures.set_index("figure_id", drop=False)
    return table, {"id": pd.Series([address_of(address.loc[key]) for key in rows["figure_id"]])}
