"""The chapter on validation: how often the intervals are right."""

import numpy as np
import pandas as pd

from ...evidence.ledger import Ledger
from ...validation import experiments, predictions, prior_check, provenance, summary
from ...validation.findings import Findings
from ...words import people, percent, period_of
from ...workers.draws import summarise
from .. import plots, tables, validation_plots
from .. import validation_words as words
from ..numbers import Headline

LEVELS = (50, 80, 95)  # per cent, of figures
WORST = 10  # quantities in the table of ranks
CONFLICTS = 12  # host-years in the table of figures that contradict each other
TOLD = 8  # marks of a plot that its text tells
YEARS_TOLD = (2017, 2024)  # of the analyses of the multiverse
BINS = np.linspace(0, 1, 11)


def chapter(found: Findings, ledger: Ledger) -> "Chapter":
    """Return the chapter of what ``validation.findings.analyse`` found."""
    plots.use_style()
    return Chapter(found, ledger)


class Chapter:
    """Plots, tables and quoted numbers of the chapter."""

    def __init__(self, found: Findings, ledger: Ledger):
        self.found, self.ledger = found, ledger

    def plot(self, name: str) -> None:
        """Display a plot by the name that it has in the book, without "fig-".

        Raises
        ------
        ValueError
            If there is no plot of that name.
        """
        drawn = {
            "prior": self._plot_prior,
            "sbc": self._plot_ranks,
            "worlds-world": self._plot_world_totals,
            "worlds-host": self._plot_host_years,
            "held-out": self._plot_held_out,
            "pit": self._plot_pit,
            "notified": self._plot_notified,
            "predictive": self._plot_own_figures,
            "influence": self._plot_influence,
            "multiverse": self._plot_multiverse,
        }
        if name not in drawn:
            raise ValueError(f"no plot is called {name!r}; there are {', '.join(drawn)}")
        drawn[name]()

    def table(self, name: str) -> None:
        """Display a table.

        Raises
        ------
        ValueError
            If there is no table of that name.
        """
        shown = {
            "sbc": self._table_ranks,
            "worlds": self._table_worlds,
            "held out": self._table_held_out,
            "held out alone": self._table_alone,
            "methods": self._table_methods,
            "conflict": self._table_conflict,
            "notified": self._table_notified,
            "sent home": self._table_sent_home,
            "priors": self._table_priors,
            "forms": self._table_forms,
            "engines": self._table_engines,
            "engines agree": self._table_engines_agree,
        }
        if name not in shown:
            raise ValueError(f"no table is called {name!r}; there are {', '.join(shown)}")
        shown[name]()

    # --- before any figure is read ----------------------------------------------------------------

    def _plot_prior(self) -> None:
        found, years = self.found, self.found.years
        stocks = {"prior": found.prior.world, "posterior": found.world}
        before, after = (summarise(stock).assign(year=years) for stock in stocks.values())
        (low, high), (low_after, high_after) = (
            [people(np.percentile(stock[:, years == 2017], end)) for end in (2.5, 97.5)]
            for stock in stocks.values()
        )
        plots.show(
            validation_plots.prior_and_posterior(
                before, after, "Workers abroad before and after reading the figures"
            ),
            name="fig-prior",
            caption="The world's workers as the priors alone have them, and as the figures leave"
            " them: medians, 80 and 95 % intervals, on a logarithmic scale.",
            data=pd.concat(
                [
                    plots.drawn(before).assign(what="prior"),
                    plots.drawn(after).assign(what="posterior"),
                ]
            ),
            alt=f"Two fans on a logarithmic axis. Before any figure the 95 % interval of 2017 is"
            f" {low} to {high}, after all figures {low_after} to {high_after}.",
        )

    # --- simulated worlds -------------------------------------------------------------------------

    def _plot_ranks(self) -> None:
        ranks = self.found.tables.ranks
        plots.show(
            validation_plots.ranks(
                ranks,
                experiments.RANKED + 1,
                tuple(f"world {year}" for year in experiments.YEARS),
                np.random.default_rng(self.found.settings.seed),
                "Ranks of the truth in simulated worlds",
            ),
            name="fig-sbc",
            caption=f"One line for each of {ranks['quantity'].nunique()} quantities in"
            f" {ranks['seed'].nunique()} simulated worlds; the world totals are blue. A line that"
            " leaves the band is orange and named: its interval is too high (below the axis), too"
            " low (above), too narrow or too wide.",
            data=ranks,
            data_title="Rank of the truth among the draws, by simulated world and quantity",
            alt="Step lines of the difference between the distribution of ranks and the uniform,"
            " with a band of 95 %. Most lines stay inside.",
        )

    def _table_ranks(self) -> None:
        every = self.found.calibration.table
        worst = every.sort_values("p_value").head(WORST)
        tables.show(
            pd.DataFrame(
                {
                    "quantity": worst["quantity"],
                    "inside 50 %": worst["covered_50"].map(percent),
                    "inside 80 %": worst["covered_80"].map(percent),
                    "inside 95 %": worst["covered_95"].map(percent),
                    "mean rank": worst["mean_pit"].map("{:.2f}".format),
                    "p, all tests together": worst["p_holm"].map("{:.2f}".format),
                }
            ),
            f"The ten least uniform of {len(every)} quantities; a mean rank above 0.5 means that"
            " the estimate is low",
        )

    def _plot_world_totals(self) -> None:
        table = self.found.of_world
        plots.show(
            validation_plots.coverage(
                table, "How often intervals of the world's workers held the truth"
            ),
            name="fig-worlds-world",
            caption="Share of years in which the interval of the world's workers held the truth,"
            " by kind of simulated world (how many), with 95 % confidence intervals over worlds."
            " Shaded: what is aimed at.",
            data=table.rename_axis("world").reset_index(),
            alt=words.covered(table),
        )

    def _plot_host_years(self) -> None:
        table = self.found.of_host
        plots.show(
            validation_plots.coverage(
                table, "How often intervals of single hosts and years held the truth"
            ),
            name="fig-worlds-host",
            caption="Share of years in which the interval of single hosts and years held the"
            " truth, by kind of simulated world (how many), with 95 % confidence intervals over"
            " worlds. Shaded: what is aimed at.",
            data=table.rename_axis("world").reset_index(),
            alt=words.covered(table),
        )

    def _table_worlds(self) -> None:
        found = self.found
        world, host = found.of_world, found.of_host

        def tested(table: pd.DataFrame) -> list[str]:
            shares = table["covered_80"]
            return [percent(x) if np.isfinite(x) else "not tested apart" for x in shares]

        tables.show(
            pd.DataFrame(
                {
                    "world": world.index,
                    "what is done to its figures": words.meanings(found),
                    "world, 80 %": world["covered_80"].map(percent).to_numpy(),
                    "world, 95 %": world["covered_95"].map(percent).to_numpy(),
                    "truth below": world["below_80"].map(percent).to_numpy(),
                    "truth above": world["above_80"].map(percent).to_numpy(),
                    "host-years, 80 %": host["covered_80"].map(percent).to_numpy(),
                    "95 %": host["covered_95"].map(percent).to_numpy(),
                    "with a figure, 80 %": tested(found.of_counted),
                    "without, 80 %": tested(found.of_empty),
                }
            ),
            "Kinds of simulated worlds, and the share of truths inside, below and above the 80 %"
            " interval of the world total, and inside those of single hosts and years: all, those"
            " that a figure of their own speaks of, and those that only other years and hosts"
            " speak of",
        )

    # --- figures held out -------------------------------------------------------------------------

    def _plot_held_out(self) -> None:
        scored = self.found.held.scored
        plots.show(
            validation_plots.coverage(
                scored, "How often predictions held the figures left out", what="figures"
            ),
            name="fig-held-out",
            caption="Share of left-out figures (how many) inside their predictive interval, with"
            " 95 % confidence intervals that take a family of copies as one. Shaded: what is aimed"
            " at.",
            data=scored.rename_axis("left_out").reset_index(),
            alt=words.covered(scored),
        )

    def _table_held_out(self) -> None:
        scored = self.found.held.scored
        tables.show(
            pd.DataFrame(
                {"left out": scored.index}
                | _inside(scored)
                | {
                    "CRPS": scored["crps"].map("{:.3f}".format).to_numpy(),
                    "interval score, 80 %": scored["interval_score_80"]
                    .map("{:.2f}".format)
                    .to_numpy(),
                    "mean error": scored["bias"].map("{:+.2f}".format).to_numpy(),
                }
            ),
            "Predictions of figures left out; errors and scores on the log scale, a positive mean"
            " error means that figures are above the prediction",
        )

    def _table_alone(self) -> None:
        alone = self.found.held.alone
        if not len(alone):
            return
        tables.show(
            pd.DataFrame(
                {"left out": [words.readable(name) for name in alone.index]}
                | _inside(alone)
                | {"mean error": alone["bias"].map("{:+.2f}".format).to_numpy()}
            ),
            "Classes and houses left out, of ten figures or more, least covered first",
        )

    def _plot_pit(self) -> None:
        values = self.found.held.pit
        counts = np.histogram(values, BINS)[0]
        plots.show(
            validation_plots.pit(values, "Where figures fell in their predictions"),
            name="fig-pit",
            caption="Figures left out by family, by their place in the predictive distribution."
            " One figure of each family, tested against a flat histogram: p ="
            f" {self.found.held.uniform.p_value:.2f}.",
            data=pd.DataFrame(
                {
                    "bin_from": np.linspace(0, 0.9, 10),
                    "bin_to": np.linspace(0.1, 1, 10),
                    "figures": counts,
                }
            ),
            alt=f"Histogram of ten bins with {', '.join(str(int(n)) for n in counts)} figures;"
            f" {len(values) / 10:.0f} each if calibrated.",
        )

    # --- simpler methods --------------------------------------------------------------------------

    def _table_methods(self) -> None:
        against = self.found.against
        less = [
            "–"
            if row.method == summary.OURS
            else f"{row.difference:+.3f} ({row.low:+.3f} to {row.high:+.3f})"
            for row in against.itertuples()
        ]
        tables.show(
            pd.DataFrame(
                {
                    "method": against["method"],
                    "CRPS": against["crps"].map("{:.3f}".format),
                    "of entries": against["flows"].map("{:.3f}".format),
                    "interval score, 80 %": against["interval"].map("{:.2f}".format),
                    "inside 80 %": against["inside"].map(percent),
                    "inside 95 %": against["inside95"].map(percent),
                    "this model less it": less,
                }
            ),
            f"Scores of {int(against['n'].max())} figures left out by family; in brackets the 95 %"
            " interval of the difference, a family taken as one",
        )

    def _table_conflict(self) -> None:
        conflict = self.found.conflict
        most = conflict.head(CONFLICTS)
        tables.show(
            pd.DataFrame(
                {
                    "host": most["host"].map(self.ledger.host_name),
                    "year": most["year"],
                    "figures": most["n"],
                    "smallest": most["smallest"].map(people),
                    "largest": most["largest"].map(people),
                    "factor": most["ratio"].map("{:.1f}".format),
                    "I²": most["i2"].map(percent),
                }
            ),
            f"The twelve host-years, of {len(conflict)} with two or more independent counts, in"
            " which they contradict each other most; I² is the share of variance that the errors"
            " of their classes do not explain",
        )

    # --- notifications ----------------------------------------------------------------------------

    def _plot_notified(self) -> None:
        famous = self.found.famous
        if not len(famous):
            return
        told = "; ".join(
            f"{row.label}: notified {row.stated:,.0f}, predicted {people(row.median)} (95 %:"
            f" {people(row.lo95)} to {people(row.hi95)})"
            for row in famous.itertuples()
        )
        plots.show(
            validation_plots.notified(famous, "Predicted from before 2018, and notified later"),
            name="fig-notified",
            caption="Predicted from what was published before 2018 (line: median; bars: 80 and"
            " 95 % intervals), and what the state then notified (diamond). A stated none stands at"
            " the left edge.",
            data=famous.drop(columns="like"),
            alt=f"{told}.",
        )

    def _table_notified(self) -> None:
        famous = self.found.famous
        if not len(famous):
            return
        rows = list(famous.itertuples())
        tables.show(
            pd.DataFrame(
                {
                    "notified": famous["label"],
                    "number": [
                        ("at most " if row.bound == "at_most" and row.stated else "")
                        + f"{row.stated:,.0f}"
                        for row in rows
                    ],
                    "predicted": famous["median"].map(people),
                    "80 %": [f"{people(row.lo80)} – {people(row.hi80)}" for row in rows],
                    "95 %": [f"{people(row.lo95)} – {people(row.hi95)}" for row in rows],
                }
            ),
            "Notifications to the United Nations, and predictions from what had been published"
            " before",
        )

    # --- the published fit ------------------------------------------------------------------------

    def _plot_own_figures(self) -> None:
        marks = {name: words for name, (_, _, words) in plots.MARKS.items()}
        by_class = self.found.own_figures.rename(
            index=lambda name: marks.get(name, name.replace("_", " "))
        )
        told = "; ".join(
            f"{name}: {row.covered_80:.0%} in the 80 % interval"
            for name, row in by_class.iterrows()
        )
        plots.show(
            validation_plots.coverage(
                by_class,
                "Figures inside the fitted model's own intervals, by class",
                levels=LEVELS,
                what="figures",
            ),
            name="fig-predictive",
            caption="Share of the figures of each class (how many) inside the posterior predictive"
            " interval, with 95 % confidence intervals.",
            data=by_class.rename_axis("class").reset_index(),
            alt=f"{told}.",
        )

    def _plot_influence(self) -> None:
        listed = self.found.on_sources.listed
        if not len(listed):
            return
        told = "; ".join(
            f"without {row.group} {row.quantity} would move by {row.change:+.0f} %"
            for row in listed.head(TOLD).itertuples()
        )
        columns = ["group", "quantity", "change", "change_low", "change_high", "shift", "error"]
        plots.show(
            validation_plots.influence(listed, "World totals without one lineage or document"),
            name="fig-influence",
            caption="Up to twelve sources without which the median of the world's workers would"
            " move most, by refits (sources of two figures or more) or by reweighting the draws,"
            " and in one of the two years by more than three Monte Carlo errors. Bars: 95 % Monte"
            " Carlo intervals.",
            data=listed[columns],
            alt=f"{told}.",
        )

    def _table_sent_home(self) -> None:
        sent_home = self.found.sent_home
        if not len(sent_home):
            return
        tables.show(
            pd.DataFrame(
                {
                    "id": sent_home["figure_id"],
                    "host": sent_home["hosts"].map(self.ledger.host_name),
                    "period": [period_of(row) for _, row in sent_home.iterrows()],
                    "sent home": sent_home["said"].map("{:,.0f}".format),
                    "left, by the account (80 %)": [
                        f"{people(row.median)} ({people(row.lo80)} to {people(row.hi80)})"
                        for row in sent_home.itertuples()
                    ],
                    "probability of as many": sent_home["probability"].map(percent),
                }
            ),
            "People sent home, and how many left by the account",
            ledger=self.ledger,
        )

    def _table_priors(self) -> None:
        table = self.found.on_priors.table.map("{:.2f}".format).reset_index()
        tables.show(
            table.rename(columns={"component": "made stronger or weaker"}),
            "Sensitivity of five answers to the power of each group of priors, and of the figures",
        )

    # --- other analyses, other engines ------------------------------------------------------------

    def _plot_multiverse(self) -> None:
        table = self.found.tables.specifications
        ranges = "; ".join(
            f"{year}: medians from {people(part['median'].min())} to {people(part['median'].max())}"
            for year, part in table.groupby("year")
        )
        plots.show(
            validation_plots.specification_curve(
                table, summary.YEARS, "Workers abroad by analysis: medians and 80 % intervals"
            ),
            name="fig-multiverse",
            caption="Each column is one analysis, in the order of its median of 2017; the marks"
            " below say what it does. Blue: the choices of this book, fitted as shortly as the"
            " others, with its 80 % interval as a band.",
            data=table,
            alt=f"{ranges} over {table['name'].nunique()} analyses.",
        )

    def _table_forms(self) -> None:
        every = self.found.tables.specifications
        changed = every[every["group"] != "inclusion"]
        table = changed.pivot(index="name", columns="year", values="median")
        table = table.loc[list(dict.fromkeys(changed["name"]))].map(people).reset_index()
        tables.show(
            table.rename(columns={"name": "analysis"}).rename(columns=str),
            "Medians of the world's workers when the form of the model is changed",
        )

    def _table_engines(self) -> None:
        engines = self.found.tables.engines
        forms = {
            "seconds": ("seconds", "{:,.0f}"),
            "with compiling": ("seconds_with_compiling", "{:,.0f}"),
            "seconds of processors": ("processor_seconds", "{:,.0f}"),
            "worst R-hat": ("worst_rhat", "{:.3f}"),
            "least ESS": ("least_ess", "{:,.0f}"),
            "median ESS": ("median_ess", "{:,.0f}"),
            "least ESS a second": ("least_ess_per_second", "{:.2f}"),
            "median ESS a second": ("median_ess_per_second", "{:.1f}"),
            "least ESS a processor second": ("least_ess_per_processor_second", "{:.2f}"),
        }
        written = {head: engines[column].map(form.format) for head, (column, form) in forms.items()}
        tables.show(
            pd.DataFrame({"engine": engines["engine"]} | written),
            "Samplers on the posterior of the real ledger, one after another on two cores; ESS:"
            " effective sample size (benchmarks/engines.py)",
        )

    def _table_engines_agree(self) -> None:
        compared = self.found.engines.by_ledger
        tables.show(
            pd.DataFrame(
                {
                    "ledger": compared.index,
                    "quantities": compared["quantities"].to_numpy(),
                    "within 1.96 errors": compared["inside"].map(percent).to_numpy(),
                    "largest difference, errors": compared["largest"]
                    .map("{:.1f}".format)
                    .to_numpy(),
                    "largest difference of an end, sd": compared["ends"]
                    .map("{:.2f}".format)
                    .to_numpy(),
                }
            ),
            "Draws of both engines compared: posterior means in Monte Carlo errors, ends of 80 %"
            " intervals in posterior standard deviations",
        )

    # --- numbers ----------------------------------------------------------------------------------

    def headline(self) -> Headline:
        """Return the numbers that pages quote."""
        numbers = Headline()
        self._of_making(numbers)
        self._of_priors(numbers)
        self._of_worlds(numbers)
        self._of_figures(numbers)
        self._of_dependence(numbers)
        self._of_analyses(numbers)
        self._of_engines(numbers)
        return numbers

    def _of_making(self, numbers: Headline) -> None:
        """How the refits were made."""
        runs = self.found.tables.runs
        fits = provenance.refits(runs)
        numbers.put("validation_state", *provenance.state(runs, self.found.key))
        numbers.put("refits", fits, f"{fits:,}")
        numbers.put("small_chains", runs[0]["effort"]["chains"], provenance.chains(runs))
        numbers.put("cpu_minutes", *provenance.cpu_minutes(runs))
        _put_words(numbers, "refits_words", words.refits(self.found.agreement))

    def _of_priors(self, numbers: Headline) -> None:
        """What the priors allow."""
        prior, limit = self.found.prior, self.found.settings.world_limit
        share, uncut = prior.share, prior.share_uncut
        verdict = words.reached(share, prior_check.AIM)
        numbers.put("prior_share", share, _finer(share))
        numbers.put("prior_verdict", verdict, verdict)
        numbers.put("prior_below", prior.below, _finer(prior.below))
        numbers.put("prior_cut", float(prior.cut), _finer(prior.cut))
        numbers.put("world_limit", limit, people(limit))
        numbers.put("prior_share_uncut", uncut, _finer(uncut))
        numbers.put("prior_above_uncut", prior.above_uncut, _finer(prior.above_uncut))
        numbers.put("prior_verdict_uncut", uncut, words.reached(uncut, prior_check.AIM))

    def _of_worlds(self, numbers: Headline) -> None:
        """Simulated worlds."""
        found, calibration = self.found, self.found.calibration
        worlds, count = found.tables.ranks["seed"].nunique(), len(calibration.table)
        outside = len(calibration.outside)
        numbers.put("sbc_n", int(worlds), str(worlds))
        numbers.put("sbc_quantities", count, str(count))
        numbers.put("sbc_outside", outside, str(outside) if outside else "none")
        numbers.put("sbc_worst", ", ".join(calibration.rejected), words.rejected(calibration))

        def put(key: str, table: pd.DataFrame, kind: str, level: int) -> None:
            known = kind in table.index
            value = float(table.loc[kind, f"covered_{level}"]) if known else np.nan
            numbers.put(key, value, percent(value) if np.isfinite(value) else "not tested")

        world, host, right, bent = found.of_world, found.of_host, experiments.SPECIFIED, "all three"
        put("sbc_world_80", world, right, 80)
        put("sbc_world_95", world, right, 95)
        put("sbc_host_80", host, right, 80)
        put("sbc_host_95", host, right, 95)
        put("bent_world_80", world, bent, 80)
        put("bent_world_95", world, bent, 95)
        put("bent_host_80", host, bent, 80)
        put("bent_host_95", host, bent, 95)
        apart = words.with_figure(found.of_counted, found.of_empty)
        _put_words(numbers, "with_figure_words", apart)
        _put_words(numbers, "bent_worst_words", words.wrong_worlds(world))

    def _of_figures(self, numbers: Headline) -> None:
        """Figures that the model was not shown."""
        found, scored = self.found, self.found.held.scored
        first, against = scored.loc[predictions.FAMILIES], found.against
        for_held = {level: float(first[f"covered_{level}"]) for level in (80, 95)}
        numbers.put("held_80", for_held[80], percent(for_held[80]))
        numbers.put("held_95", for_held[95], percent(for_held[95]))
        verdict = words.held_verdict(scored)
        numbers.put("held_verdict", verdict, f"{verdict}.")
        _put_words(numbers, "leaning_words", words.leaning(scored))
        _put_words(numbers, "least_words", words.least_covered(found.held.alone))

        best = against[against["method"] != summary.OURS].sort_values("crps").iloc[0]
        ours = against[against["method"] == summary.OURS].iloc[0]
        verdict = words.crps_verdict(best)
        numbers.put("crps_ours", float(ours["crps"]), f"{ours['crps']:.3f}")
        numbers.put("crps_best", float(best["crps"]), f"{best['crps']:.3f}")
        numbers.put("crps_best_name", best["method"], best["method"])
        numbers.put("crps_verdict", verdict, f"{verdict}.")
        _put_words(numbers, "flows_words", words.flows(against, found.entries))
        numbers.put("conflicts_n", len(found.conflict), str(len(found.conflict)))

        blind = experiments.HINDSIGHT["shock_deadline"][1]
        _put_words(numbers, "notified_words", words.notified(found.famous))
        numbers.put("blind_shock", blind, f"{blind:g}")

    def _of_dependence(self, numbers: Headline) -> None:
        """What the answers depend on."""
        sources, groups = self.found.on_sources, len(self.found.on_priors.groups)
        every = sources.moved["group"].nunique()
        _put_words(numbers, "influence_words", words.influence(sources.listed, self.ledger))
        numbers.put("influence_n", int(every), str(every))
        numbers.put("influence_unknown", sources.unknown, str(sources.unknown))
        _put_words(numbers, "exits_words", words.sent_home(self.found))
        numbers.put("power_groups", groups, str(groups))
        _put_words(numbers, "power_words", words.on_priors(self.found.on_priors.strong))

    def _of_analyses(self, numbers: Headline) -> None:
        """Other analyses that somebody might have made."""
        table = self.found.tables.specifications
        every = table["name"].nunique()
        numbers.put("multiverse_n", int(every), str(every))
        medians = {year: table.loc[table["year"] == year, "median"] for year in YEARS_TOLD}

        def put(key: str, value: float) -> None:
            numbers.put(key, float(value), people(value))

        put("multiverse_2017_low", medians[2017].min())
        put("multiverse_2017_high", medians[2017].max())
        put("multiverse_2024_low", medians[2024].min())
        put("multiverse_2024_high", medians[2024].max())
        of_2017 = table[table["year"] == 2017].set_index("name")["median"]

        def first(start: str) -> float:
            return of_2017[of_2017.index.str.startswith(start)].iloc[0]

        put("no_anchor_2017", first("the anchor"))
        put("wide_2017", first("priors of biases"))
        put("fixed_2017", first("biases fixed"))

    def _of_engines(self, numbers: Headline) -> None:
        """Two engines, one posterior."""
        found = self.found.engines
        by_ledger = "; ".join(
            f"{name}: {percent(value)}" for name, value in found.by_ledger["inside"].items()
        )
        numbers.put("engines_share", found.inside, percent(found.inside))
        _put_words(numbers, "engines_by_ledger", by_ledger)
        numbers.put("engines_largest", found.largest, f"{found.largest:.1f}")
        numbers.put("engines_hosts", found.apart, f"{found.apart} of {found.hosts}")
        numbers.put("engines_spread", found.spread, f"{found.spread:.2f}")
        numbers.put("engines_ends", found.ends, f"{found.ends:.2f}")

        def put(key: str, column: str, other: int) -> None:
            ratio = found.ratios[column, other]
            numbers.put(key, ratio, f"{ratio:.1f}")

        put("engines_ratio", "least_ess", 1)
        put("engines_ratio_middle", "median_ess", 1)
        put("engines_ratio_own", "least_ess", 2)
        put("engines_ratio_own_middle", "median_ess", 2)


def _inside(scored: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the columns of a table that say how many figures fell where."""
    return (
        {"figures": scored["n"].to_numpy(), "families": scored["clusters"].to_numpy()}
        | {
            f"inside {level} %": scored[f"covered_{level}"].map(percent).to_numpy()
            for level in LEVELS
        }
        | {
            "below 80 %": scored["below_80"].map(percent).to_numpy(),
            "above 80 %": scored["above_80"].map(percent).to_numpy(),
        }
    )


def _put_words(numbers: Headline, key: str, text: str) -> None:
    """Add a sentence, which is its own value."""
    numbers.put(key, text, text)


def _finer(share: float) -> str:
    """Return a share in per cent with one digit after the point."""
    return f"{100 * share:.1f} %"
