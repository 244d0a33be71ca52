"""The chapter of published claims: its plots, its tables and the numbers that pages quote of it."""

import html
import re
from pathlib import Path

import numpy as np
import pandas as pd
from IPython.display import HTML, display

from ... import words
from ...assumptions.scenario import Settings
from ...claims import evaluation, founding, readings
from ...evidence.ledger import Ledger
from ...evidence.reading import central_value
from .. import plots, tables
from ..numbers import Headline

FAR = 5.0  # so many times a median, or such a part of it, a claim is drawn on a log scale
NOT_HERE = "not in this ledger"
AXES = {  # by quantity: what a plot shows, and by what its numbers are multiplied
    "stock_workers": ("thousand workers", 1e-3),
    "work_permits": ("thousand permits", 1e-3),
    "host_countries": ("hosts", 1.0),
    "worker_share": ("per cent of gross pay", 100.0),
    "revenue_total": ("million dollars", 1e-6),
}
INTERVALS = [f"{end}{level}" for level in (50, 80, 95) for end in ("lo", "hi")]
# Every number of this chapter that a page quotes, in full, so that a search finds it here. Those
# of a claim are made by ``_put_reading``, those of all claims by ``headline``.
QUOTED = (
    *("claims_all", "claims_fitted", "claims_family", "claims_independent"),
    *("present_least", "present_listed"),
    *("sums_all", "sums_impossible", "sums_limit"),
    *("claim_TOT002", "claim_TOT002_80", "claim_TOT002_inside", "claim_TOT002_position_low"),
    *("claim_TOT002_charitable", "claim_TOT002_verdict", "claim_TOT002_verdict_charitable"),
    *("claim_TOT003", "claim_TOT003_80", "claim_TOT003_charitable"),
    *("claim_TOT003_verdict", "claim_TOT003_verdict_charitable"),
    *("claim_TOT004", "claim_TOT004_80", "claim_TOT004_inside", "claim_TOT004_charitable"),
    *("claim_TOT004_verdict", "claim_TOT004_verdict_charitable"),
    *("claim_TOT005", "claim_TOT005_80", "claim_TOT005_dollars", "claim_TOT005_charitable"),
    *("claim_TOT005_own", "claim_TOT005_own_most"),
    *("claim_TOT005_pay_above", "claim_TOT005_pay_above_most"),
    *("claim_TOT005_verdict", "claim_TOT005_verdict_charitable"),
    *("claim_TOT006", "claim_TOT006_80"),
    *("claim_TOT006_verdict", "claim_TOT006_verdict_charitable"),
    *("claim_TOT007", "claim_TOT007_80", "claim_TOT007_heads", "claim_TOT007_own"),
    *("claim_TOT007_verdict", "claim_TOT007_verdict_charitable"),
    *("two_largest", "two_largest_80", "two_largest_first", "two_largest_verdict"),
    *("growth", "growth_80", "growth_up", "growth_verdict"),
    *("sector_construction", "sector_construction_80", "sector_among_construction"),
    *("sector_verdict_construction", "sector_figures_construction"),
    *("sector_textiles", "sector_textiles_80", "sector_among_textiles"),
    *("sector_verdict_textiles", "sector_figures_textiles"),
    *("sector_logging", "sector_logging_80", "sector_among_logging"),
    *("sector_verdict_logging", "sector_figures_logging"),
    *("sector_mining", "sector_mining_80", "sector_among_mining"),
    *("sector_verdict_mining", "sector_figures_mining"),
    "trades_verdict",
    *("deaths_RUS", "deaths_rows_RUS", "deaths_POL", "deaths_QAT"),
    *("deaths_verdict", "deaths_left_out"),
    *("record_seafood", "record_stadiums", "record_towers", "record_timber"),
    *("builders_per_logger", "builders_per_logger_80", "more_builders"),
    *("stated_TOT242", "stated_TOT245", "stated_RUS062", "stated_RUS045", "stated_CHN071"),
    *("stated_RUS117", "stated_RUS017", "stated_RUS023", "stated_RUS029"),
)


def chapter(results: Path, settings: Settings, evidence: Ledger) -> "Chapter":
    """Evaluate all claims by what is stored in ``results``, and return what there is to show.

    Raises
    ------
    InputError
        If a result is missing.
    """
    return Chapter(readings.read(results, settings, evidence), settings, evidence)


class Chapter:
    """What the page shows of evaluated claims.

    A founding claim is named by its key in claims.csv or by the id of the figure that states it; of
    one that the ledger does not have nothing is shown.
    """

    def __init__(self, found: readings.Evaluated, settings: Settings, evidence: Ledger):
        self.found, self.settings, self.evidence = found, settings, evidence
        self.judged, self.estimates = found.lines, found.estimates
        self.claims = founding.claims(evidence)
        self.titles = founding.titles(evidence)
        self.rows = self.judged[self.judged["figure_id"].isin(self.titles)]
        self.money = readings.per_head(self.judged, evidence, settings)
        self.shown: set[str] = set()
        plots.use_style()

    # --- tables

    def table(self, name: str) -> None:
        """Display one of the tables by its name."""
        {
            "verdicts": self._verdicts,
            "founding": self._founding,
            "deaths": self._deaths,
            "record": self._record,
            "sums": self._sums,
            "all": self._all,
            "independence": self._independence,
        }[name]()

    def _verdicts(self) -> None:
        tables.show(tables.vocabulary(evaluation.VERDICTS, "verdict"), "What the verdicts mean")
        tables.show(
            tables.vocabulary(evaluation.RECORDED, "verdict"),
            "What the verdicts on claims that are no quantity mean",
        )
        tables.show(tables.vocabulary(readings.INDEPENDENCE, "independence"), "Who judges")

    def _founding(self) -> None:
        tables.show(
            evaluation.verdict_table(self.rows, self.titles),
            "The claims of the founding text that are quantities",
            ledger=self.evidence,
        )

    def _deaths(self) -> None:
        dead = founding.deaths(self.evidence)
        tables.show(
            dead[["name", "deaths", "ids", "left_out"]]
            .rename(columns={"name": "host", "ids": "figures", "left_out": "not added"})
            .astype({"deaths": int}),
            "Deaths by host",
            ledger=self.evidence,
        )

    def _record(self) -> None:
        tables.show(
            founding.record(self.evidence),
            "Claims that are no quantity: the verdicts, and what speaks for and against them",
            ledger=self.evidence,
        )

    def _sums(self) -> None:
        worst = self.money[self.money["impossible"]].sort_values("dollars", ascending=False)
        name = self.evidence.host_name
        tables.show(
            pd.DataFrame(
                {
                    "id": worst["figure_id"],
                    "of": [
                        f"{name(r['hosts'])} {evaluation.period(r)}" for _, r in worst.iterrows()
                    ],
                    "asserted by": worst["asserted_by"],
                    "claimed": worst["claimed"],
                    "dollars a worker-month": [words.people(x) for x in worst["dollars"]],
                    "workers from": [h or "posterior" for h in worst["own_heads_id"]],
                    "employers pay as much": [founding.chance(x) for x in worst["pay_above"]],
                    "lineage": worst["lineage"],
                }
            ),
            "Sums that ask more of a worker than employers pay",
            ledger=self.evidence,
        )

    def _all(self) -> None:
        table, links = readings.searchable(self.judged, self.evidence)
        tables.searchable(table, links, f"{len(table)} published statements evaluated")

    def _independence(self) -> None:
        best = self.found.plausible.rename(columns={"standing": "independence"})
        counts = pd.crosstab(best["verdict"], best["independence"]).reindex(
            [v for v in evaluation.VERDICTS if v in set(best["verdict"])]
        )
        tables.show(counts.reset_index(), "How they fared, by who judges")

    # --- plots

    def plot(self, name: str) -> None:
        """Display the plot of one founding claim; ``all`` shows all at once, ``per head`` the sums
        of money by worker and month."""
        if name in ("all", "per head"):
            return self._at_once() if name == "all" else self._per_head()
        for claim in self.claims.values():
            if name in (claim.key, claim.figure):
                self.shown.add(claim.key)
                {
                    founding.QUANTITY: self._strip,
                    founding.APART: self._apart,
                    founding.SHARE: self._share,
                    founding.GROWTH: self._growth,
                    founding.TRADES: self._trades,
                    founding.DEATHS: self._dead,
                    founding.RECORD: self._dated,
                }[claim.evaluation](claim)
        return None

    def others(self) -> None:
        """Display the founding claims that the chapter has not shown before, each with its text."""
        numbers = self.headline().entries
        for claim in self.claims.values():
            if claim.key not in self.shown:
                title, text = html.escape(claim.title), html.escape(paragraph(claim, numbers))
                display(HTML(f"<p><strong>{title}.</strong> {text}</p>"))
                self.plot(claim.key)

    def _strip(self, claim: founding.Claim) -> None:
        """Show one founding claim under its readings."""
        own = self.rows[self.rows["figure_id"] == claim.figure]
        own = own[own["reading"] != "none"].assign(label=lambda t: t["reading"])
        if own.empty:
            return
        first, log = own.iloc[0], _far(own)
        unit, scale = _axis(first)
        said = "; ".join(
            f"{r.reading} reading: median {r.median * scale:,.3g}, 80 % interval"
            f" {r.lo80 * scale:,.3g} to {r.hi80 * scale:,.3g}, verdict {r.verdict}"
            for r in own.itertuples()
        )
        read = " ".join(f"{r.reading.capitalize()}: {r.definition}." for r in own.itertuples())
        unit = f"{unit}, log scale" if log else unit
        plots.show(
            plots.claim_strip(own, claim.heading, unit, scale, log),
            name=f"fig-claim-{claim.figure.lower()}",
            caption=f"{first['claimed']} ({claim.figure}). {read}",
            data=plots.strip_data(own),
            alt=f"The claim {first['claimed']} against the posterior. {said}.",
        )

    def _apart(self, claim: founding.Claim) -> None:
        figure = self._figure(claim.figure)
        year = int(figure["period_start"][:4])
        everywhere = self.estimates.people(list(range(len(self.estimates.codes))))
        abroad = everywhere[:, self.estimates.years == year][:, 0]
        low, high = evaluation.span(figure)
        beside = founding.comparison(abroad, low, high, "workers abroad")
        median = beside["median"].iloc[0]
        plots.show(
            plots.claim_strip(beside, claim.heading, "persons, log scale", log=True),
            name=f"fig-claim-{claim.figure.lower()}",
            caption=claim.caption,
            data=plots.strip_data(beside),
            alt=(
                f"The claim of {claim.reading} is {low / median:,.1f} times the median of the"
                f" posterior of workers abroad in {year}, {median:,.0f}."
            ),
        )

    def _share(self, claim: founding.Claim) -> None:
        share, _ = founding.share_of_hosts(self.estimates, claim.hosts, claim.period[0])
        hosts = " and ".join(map(self.evidence.host_name, claim.hosts))
        label = f"{hosts}, {claim.period[0]}"
        table = founding.comparison(share, claim.low, min(claim.high, 1.0), label)
        row = table.iloc[0]
        plots.show(
            plots.claim_strip(table, claim.heading, "per cent of all workers", scale=100),
            name=f"fig-claim-{claim.key}",
            caption=claim.caption,
            data=plots.strip_data(table),
            alt=(
                f"Median {row['median']:.0%}, 80 % interval {row['lo80']:.0%} to"
                f" {row['hi80']:.0%}; {claim.reading}."
            ),
        )

    def _growth(self, claim: founding.Claim) -> None:
        first, last = claim.period
        grown = founding.growth(self.estimates, first, last)
        table = founding.comparison(
            grown, claim.low, claim.high, f"{last} as a multiple of {first}"
        )
        row = table.iloc[0]
        plots.show(
            plots.claim_strip(table, claim.heading, f"times the workers of {first}"),
            name=f"fig-claim-{(claim.figure or claim.key).lower()}",
            caption=claim.caption,
            data=plots.strip_data(table),
            alt=(
                f"Median {row['median']:.2f}, 80 % interval {row['lo80']:.2f} to"
                f" {row['hi80']:.2f}; {claim.reading}."
            ),
        )

    def _trades(self, claim: founding.Claim) -> None:
        shares = self._shares(claim)
        label = shares["sector"] + np.where(shares["named"], ", named", "")
        said = "; ".join(
            f"{r.sector} {r.median:.0%}, 80 % interval {r.lo80:.0%} to"
            f" {r.hi80:.0%}{', ' + r.verdict if r.verdict else ''}"
            for r in shares.itertuples()
        )
        plots.show(
            plots.intervals(
                shares.assign(label=label),
                claim.heading,
                "per cent of all workers, posterior (50, 80, 95 %)",
                scale=100,
            ),
            name=f"fig-claim-{claim.key}",
            caption=claim.caption,
            data=shares[["sector", "named", "median", *INTERVALS, "among_largest", "verdict"]],
            alt=f"{said}.",
        )

    def _dead(self, claim: founding.Claim) -> None:
        dead = founding.deaths(self.evidence)
        told_of = [f"{x:.0f}" for x in dead["deaths"]]
        plots.show(
            plots.bars(
                dead.assign(label=dead["name"], value=dead["deaths"], said=told_of),
                claim.heading,
                "persons; repeats, and what a larger count may hold, left out",
            ),
            name=f"fig-claim-{claim.key}",
            caption=claim.caption,
            data=dead[["name", "deaths", "left_out"]],
            alt="; ".join(f"{r.name}: {r.deaths:.0f}" for r in dead.itertuples()) + ".",
        )

    def _dated(self, claim: founding.Claim) -> None:
        """Show the dated figures for and against a claim that is no quantity."""
        rows = founding.dated(claim, self.evidence)
        if rows.empty:
            return
        said = [
            f"{r['period_start'][:4]}: {plots.with_unit(r)}, {r['asserted_by']} ({r['figure_id']}),"
            f" {'against it or its reach' if r['against'] else 'for it'}"
            for _, r in rows.iterrows()
        ]
        shown = ["figure_id", "period_start", "period_end", "quantity", "low", "point", "high"]
        plots.show(
            plots.dated(rows, claim.heading),
            name=f"fig-claim-{claim.key}",
            caption=f"{claim.caption} A mark leads to its row.",
            data=rows[[*shown, "unit", "asserted_by", "against"]],
            alt="; ".join(said) + ".",
        )

    def _at_once(self) -> None:
        rows = self.rows[self.rows["reading"] == "plausible"].copy()
        if rows.empty:
            return
        rows["label"] = [self.titles[key] for key in rows["figure_id"]]
        said = "; ".join(
            f"{r.label}: claim {r.claim_low / r.median:.1f} to {r.claim_high / r.median:.1f} times"
            f" the posterior median, verdict {r.verdict}"
            for r in rows.itertuples()
        )
        columns = ["figure_id", "label", "claim_low", "claim_high", "median", *INTERVALS, "verdict"]
        plots.show(
            plots.claims(rows, "Claims of the founding text against the posterior"),
            name="fig-claims",
            caption=(
                "Each claim (orange) and the posterior of what it claims (blue: 50, 80, 95 %), as"
                " multiples of the posterior median. A claim at 1× would be exactly right."
            ),
            data=rows[columns],
            alt=f"{said}.",
        )

    def _per_head(self) -> None:
        money = self.money.assign(label=self.money["figure_id"].map(self.titles).fillna(""))
        pay = readings.pay_by_group(money, self.estimates, self.evidence, self.settings)
        year, said = self.settings.price_year, []
        for of in pay.itertuples():
            own = money[money["group"] == of.group]
            said.append(
                f"{of.group}: gross pay {words.people(of.lo80)} to {words.people(of.hi80)} dollars"
                f" (80 %), claims from {words.people(own['dollars'].min())} to"
                f" {words.people(own['dollars'].max())}, {int(own['impossible'].sum())} of"
                f" {len(own)} not credible."
            )
        shown = ["figure_id", "label", "group", "claimed", "dollars", "own_heads_most"]
        plots.show(
            plots.per_head(
                money, pay, f"What each published sum means a worker and month ({year} dollars)"
            ),
            name="fig-per-head",
            caption=(
                f"Each mark is a published sum of money, in {year} dollars a worker and month, at"
                " its lower end and on the upper end of its workers; orange where employers pay as"
                f" much with a probability below {words.percent(evaluation.DOUBTFUL)}. The blue"
                " band is the posterior of gross pay, averaged over the years claimed. A mark leads"
                " to its row."
            ),
            data=money[[*shown, "own_heads_id", "pay_above", "impossible"]],
            alt=" ".join(said),
        )

    # --- numbers

    def headline(self) -> Headline:
        """Return the numbers that sentences quote."""
        numbers = Headline()
        for name, limit in zip(("present_least", "present_listed"), self.estimates.present):
            numbers.put(name, limit, words.people(limit))
        for claim in self.claims.values():
            if claim.evaluation == founding.SHARE:
                self._put_share(numbers, claim)
            elif claim.evaluation == founding.GROWTH:
                self._put_growth(numbers, claim)
            elif claim.evaluation == founding.TRADES:
                self._put_trades(numbers, claim)
            elif claim.evaluation == founding.DEATHS:
                self._put_deaths(numbers, claim)
            elif claim.evaluation == founding.RECORD:
                verdict = claim.verdict(self.evidence)
                numbers.put(f"record_{claim.name}", verdict, verdict.capitalize())
        self._put_loggers(numbers)
        for row in self.rows[self.rows["reading"] != "none"].itertuples():
            _put_reading(numbers, row)
        self._put_totals(numbers)
        for figure_id in [name[7:] for name in QUOTED if name.startswith("stated_")]:
            row = self._figure(figure_id)
            stated = None if row is None else float(central_value(row))
            text = "a number that is not in this ledger" if row is None else f"{stated:,.0f}"
            numbers.put(f"stated_{figure_id}", stated, text)
        numbers.quoted(*QUOTED, otherwise=NOT_HERE)
        return numbers

    def _put_share(self, numbers: Headline, claim: founding.Claim) -> None:
        share, first = founding.share_of_hosts(self.estimates, claim.hosts, claim.period[0])
        verdict = evaluation.verdict(claim.low, min(claim.high, 1.0), share)
        table = founding.comparison(share, claim.low, claim.high, "")
        numbers.interval(claim.name, table.iloc[0], words.percent)
        numbers.put(f"{claim.name}_first", first, founding.chance(first))
        numbers.put(f"{claim.name}_verdict", verdict, verdict)

    def _put_growth(self, numbers: Headline, claim: founding.Claim) -> None:
        grown = founding.growth(self.estimates, *claim.period)
        verdict = evaluation.verdict(claim.low, claim.high, grown)
        table = founding.comparison(grown, claim.low, claim.high, "")
        up = float((grown > 1).mean())
        numbers.interval(claim.name, table.iloc[0], "{:.2g}".format)
        numbers.put(f"{claim.name}_up", up, founding.chance(up))
        numbers.put(f"{claim.name}_verdict", verdict, verdict)

    def _put_trades(self, numbers: Headline, claim: founding.Claim) -> None:
        shares, counted = self._shares(claim), founding.figures_by_trade(self.evidence)
        for row in shares[shares["named"]].itertuples():
            figures, among = int(counted.get(row.sector, 0)), row.among_largest
            numbers.interval(f"sector_{row.sector}", row._asdict(), words.percent)
            numbers.put(f"sector_among_{row.sector}", among, founding.chance(among))
            numbers.put(f"sector_verdict_{row.sector}", row.verdict, row.verdict)
            numbers.put(f"sector_figures_{row.sector}", figures, str(figures))
        for trade in set(claim.sectors) - set(shares["sector"]):  # in no host of this ledger
            for name in ("{}", "{}_80", "among_{}", "verdict_{}", "figures_{}"):
                numbers.put("sector_" + name.format(trade), "none", "none")
        verdict = evaluation.of_parts(list(shares.loc[shares["named"], "verdict"]))
        numbers.put(f"{claim.name}_verdict", verdict, verdict)

    def _put_deaths(self, numbers: Headline, claim: founding.Claim) -> None:
        dead = founding.deaths(self.evidence)
        for code in claim.hosts:
            here = dead[dead["host"] == code]
            total, statements = float(here["deaths"].sum()), int(here["statements"].sum())
            numbers.put(f"deaths_{code}", total, f"{total:.0f}")
            numbers.put(f"deaths_rows_{code}", statements, str(statements))
        parts = [evaluation.recorded(int((dead["host"] == code).sum())) for code in claim.hosts]
        verdict = evaluation.of_parts(parts).capitalize()
        numbers.put(f"{claim.name}_verdict", verdict, verdict)
        left_out = ", ".join(filter(None, dead["left_out"])) or "none"
        numbers.put("deaths_left_out", left_out, left_out)

    def _put_loggers(self, numbers: Headline) -> None:
        """Put how many builders Russia has for one logger."""
        building, logging = founding.workers_of_trades(
            self.found.shares, self.found.trades, self.estimates.codes, ("construction", "logging")
        )
        ratio = founding.comparison(building / logging, 1.0, np.inf, "")
        more = float((building > logging).mean())
        numbers.interval("builders_per_logger", ratio.iloc[0], "{:.2g}".format)
        numbers.put("more_builders", more, founding.chance(more))

    def _put_totals(self, numbers: Headline) -> None:
        impossible, best = int(self.money["impossible"].sum()), self.found.plausible
        numbers.put("sums_all", len(self.money), str(len(self.money)))
        numbers.put("sums_impossible", impossible, str(impossible))
        numbers.put("sums_limit", evaluation.DOUBTFUL, words.percent(evaluation.DOUBTFUL))
        numbers.put("claims_all", len(best), str(len(best)))
        for name, word in (
            ("claims_fitted", "fitted"),
            ("claims_family", "lineage fitted"),
            ("claims_independent", "independent"),
        ):
            count = int((best["standing"] == word).sum())
            numbers.put(name, count, str(count))

    # --- what both need

    def _figure(self, figure_id: str) -> pd.Series | None:
        rows = self.evidence.figures[self.evidence.figures["figure_id"] == figure_id]
        return rows.iloc[0] if len(rows) else None

    def _shares(self, claim: founding.Claim) -> pd.DataFrame:
        year, found = claim.period[0], self.found
        return founding.trades(self.estimates, found.shares, found.trades, year, claim.sectors)


def paragraph(claim: founding.Claim, numbers: dict[str, dict]) -> str:
    """Return the text of a founding claim with its numbers; what is no name of one stays as it is.

    A name between braces is looked up in a table of strings, and nothing else is done with it.

    Parameters
    ----------
    numbers : the entries of ``Chapter.headline``.
    """
    if claim.evaluation == founding.QUANTITY:
        key = f"claim_{claim.figure}"
    else:
        key = f"record_{claim.name}" if claim.evaluation == founding.RECORD else claim.name
    names = {
        "verdict": key if claim.evaluation == founding.RECORD else f"{key}_verdict",
        "median": key,
        "interval": f"{key}_80",
        "reading": f"{key}_charitable",
    }
    known = {name: numbers[entry]["text"] for name, entry in names.items() if entry in numbers}
    if "verdict" in known:  # some stand at the beginning of a sentence of the chapter
        known["verdict"] = known["verdict"][:1].lower() + known["verdict"][1:]
    return re.sub(r"\{(\w+)\}", lambda match: known.get(match[1], match[0]), claim.text)


def _put_reading(numbers: Headline, row) -> None:
    """Put the numbers of one claim under one reading, a row of ``readings.evaluate_all``."""
    key = f"claim_{row.figure_id}"
    suffix = "" if row.reading == "plausible" else "_charitable"
    numbers.put(f"{key}_verdict{suffix}", row.verdict, row.verdict)
    if suffix:
        numbers.put(f"{key}_charitable", row.definition, row.definition)
        return
    write = {"fraction": words.percent, "USD/year": words.dollars}.get(row.unit, words.people)
    numbers.interval(key, row._asdict(), write)
    numbers.put(f"{key}_inside", row.inside, f"{100 * row.inside:.0f} %")
    numbers.put(f"{key}_position_low", row.position_low, f"{100 * row.position_low:.0f} %")
    if not np.isnan(row.dollars_per_worker_month):
        numbers.put(
            f"{key}_dollars",
            row.dollars_per_worker_month,
            _rounded(row, "dollars_per_worker_month"),
        )
    if not np.isnan(row.dollars_own):
        numbers.put(f"{key}_own", row.dollars_own, _rounded(row, "dollars_own"))
        numbers.put(f"{key}_pay_above", row.pay_above_own, founding.chance(row.pay_above_own))
        numbers.put(f"{key}_heads", row.own_heads, words.people(row.own_heads))
        numbers.put(f"{key}_own_most", row.dollars_least, _rounded(row, "dollars_least"))
        numbers.put(f"{key}_pay_above_most", row.pay_above, founding.chance(row.pay_above))


def _rounded(row, name: str) -> str:
    return f"{words.rounded(getattr(row, name)):,.0f}"


def _axis(row: pd.Series) -> tuple[str, float]:
    """Return what the axis of a claim's plot shows, and by what its numbers are multiplied."""
    unit, scale = AXES.get(row["quantity"], (row["unit"], 1.0))
    if money := evaluation.MONEY.match(row["unit"]):
        unit += f" a {money[2]}" if money[2] else ""
    return unit, scale


def _far(rows: pd.DataFrame) -> bool:
    """Return whether a claim is so far from the median of a reading that a plot needs a log
    scale."""
    low, high, least = (
        rows["claim_low"],
        rows["claim_high"],
        rows[["claim_low", "lo95"]].min().min(),
    )
    far = (low > FAR * rows["median"]) | (high < rows["median"] / FAR)
    return bool(far.any() and least > 0)
