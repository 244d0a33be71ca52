"""The sentences of the chapter on validation that say what came out."""

import numpy as np
import pandas as pd

from ..evidence.ledger import Ledger
from ..validation import coverage, multiverse, notifications, parts, predictions, summary
from ..validation.coverage import TARGETS
from ..validation.experiments import POOR, SENT_HOME
from ..validation.findings import Findings
from ..words import people, percent

SPOKEN = {
    predictions.FAMILIES: "left out by family",
    predictions.HOUSE: "left out by house",
    predictions.CLASS: "left out by class",
    predictions.NOTIFIED: "notified to the United Nations",
}
LEANS = 0.1  # the share by which misses on one side exceed those on the other
WORST_TOLD = 3  # classes or houses
AGED = " (Made with an earlier state, in which another class was the one that is off where one is.)"


def reached(share: float, aim: float) -> str:
    """Return whether an aim is reached, for a sentence."""
    return "is reached" if share >= aim else "is missed"


def covered(table: pd.DataFrame) -> str:
    """Return how often intervals held the truth, a part a row, in place of a plot."""
    rows = [
        f"{name}: {row.covered_80:.0%} in the 80 % interval, {row.covered_95:.0%} in the 95 %"
        " interval"
        for name, row in table.iterrows()
    ]
    return "; ".join(rows) + "."


def rejected(calibration: coverage.Calibration) -> str:
    """Return which quantities are not calibrated, all tests taken together."""
    if not calibration.rejected:
        return "All tests taken together, none is refuted."
    names = ", ".join(calibration.rejected)
    return f"All tests taken together, the calibration of {names} is refuted."


def meanings(found: Findings) -> list[str]:
    """Return what is done to the figures of each kind of world, and which was made with an earlier
    state."""
    made_with = {part: run["key"] for run in found.tables.runs for part in run["parts"]}
    kinds = summary.kinds().set_index("world").loc[found.of_world.index, "meaning"]
    return [
        meaning + ("" if made_with.get(parts.of_world(kind), found.key) == found.key else AGED)
        for kind, meaning in kinds.items()
    ]


def with_figure(counted: pd.DataFrame, empty: pd.DataFrame) -> str:
    """Return how often intervals hold host-years with a figure of their own, and those without."""
    known = coverage.apart(counted, empty)
    if known is None:
        return "Nobody looked at host-years with and without a figure apart."
    kinds, own, none = known
    return (
        f"Over the {kinds} kinds of worlds in which it was looked at apart, right or wrong, these"
        f" two are {percent(own[0])} and {percent(own[1])} where a figure speaks of the very host"
        f" and year, and {percent(none[0])} and {percent(none[1])} where none does."
    )


def wrong_worlds(of_world: pd.DataFrame) -> str:
    """Return how worlds fare that are wrong in one way."""
    others = coverage.wrong_worlds(of_world)
    if others is None:
        return "Other kinds of wrong worlds were not tried."
    levels = []
    for level, (low, high) in TARGETS.items():
        outside = [f"{name} ({100 * x:.1f} %)" for name, x in others.outside[level].items()]
        between = f"{percent(low)} to {percent(high)}"
        levels.append(
            f"Of the {level} % intervals, outside {between} are: {', '.join(outside)}."
            if outside
            else f"Of the {level} % intervals, all lie within {between}."
        )
    return (
        f"Of {others.kinds} other kinds of wrong worlds, the 80 % interval of the world's workers"
        f" holds the truth least often where the kind is {others.worst}:"
        f" {100 * others.covered:.1f} % of the years. {' '.join(levels)} With {others.few} worlds"
        " of a kind such a share of the 80 % interval is known to some"
        f" {100 * others.chance:.0f} points either way."
    )


def leaning(scored: pd.DataFrame) -> str:
    """Return where predictions miss to one side."""
    leans = [
        f"of {int(row['n'])} figures {SPOKEN.get(name, name)}, {percent(row['below_80'])} fell"
        f" below the 80 % interval and {percent(row['above_80'])} above"
        for name, row in scored.iterrows()
        if abs(row["below_80"] - row["above_80"]) > LEANS
    ]
    return (
        f"Misses lean to one side: {'; '.join(leans)}." if leans else "Misses lean to neither side."
    )


def readable(name: str) -> str:
    """Return a class or house that was left out, for a reader."""
    return name.replace("class ", "class: ").replace("house ", "house: ").replace("_", " ")


def least_covered(alone: pd.DataFrame) -> str:
    """Return which classes and houses are predicted worst without themselves."""
    if not len(alone):
        return "No single class or house has ten figures that were left out with it."
    least = "; ".join(
        f"{readable(name)} {percent(row['covered_80'])} of {int(row['n'])} figures"
        for name, row in alone.head(WORST_TOLD).iterrows()
    )
    return (
        "The average hides differences between classes and houses. Least often in the 80 %"
        f" interval predicted without its own class or house are those of {least}."
    )


def held_verdict(scored: pd.DataFrame) -> str:
    """Return whether the intervals of figures held out are as wide as they should be."""
    first, verdict = scored.loc[predictions.FAMILIES], []
    for level, (low, high) in TARGETS.items():
        value = first[f"covered_{level}"]
        width = (
            "as it should be"
            if low <= value <= high
            else "too narrow"
            if value < low
            else "too wide"
        )
        verdict.append(f"the {level} % interval is {width}")
    if all(words.endswith("should be") for words in verdict):
        return "both are as they should be"
    return ", ".join(verdict)


def crps_verdict(best: pd.Series) -> str:
    """Return whether this model predicts better than the best of the simpler methods."""
    if best["high"] < 0:
        return "it does better"
    if best["difference"] >= 0:
        return "it does no better"
    return "it does better, but not by more than chance might"


def flows(against: pd.DataFrame, entries: int) -> str:
    """Return which simpler method predicts entries better."""
    scored = against.set_index("method")["flows"].dropna()
    ours = scored.get(summary.OURS, np.inf)
    better = [name for name in scored.index if scored[name] < ours]
    verdict = "none of the four does better than this model"
    if better:
        does = " does" if len(better) == 1 else " do"
        verdict = (
            f"the {' and the '.join(better)}{does} better than this model, which reads them"
            " through the account of the stock"
        )
    return f"Of the {entries} figures of entries alone, {verdict}."


def notified(famous: pd.DataFrame) -> str:
    """Return how the notifications to the United Nations agree with what was predicted of them."""
    if not len(famous):
        return "The ledger has no such notification."
    counts = famous[(famous["stated"] > 0) & (famous["bound"] == "exact") & famous["like"]]
    nearer, inside = (int(notifications.within(counts, level).sum()) for level in (80, 95))
    missed = counts[~notifications.within(counts, 95)]["label"].tolist()
    apart = (counts["hi95"] / counts["lo95"]).median()
    words = (
        f"Of {len(counts)} stated counts {nearer} lie within the 80 % interval and {inside} within"
        f" the 95 % interval, whose ends are a factor of {apart:,.0f} apart (median)"
        + (f"; missed: {'; '.join(missed)}." if missed else ".")
    )
    for row in famous[~famous["like"]].itertuples():
        place = "inside" if row.lo95 <= row.stated <= row.hi95 else "outside"
        words += (
            f" {row.label.split(',')[0]}'s {row.stated:,.0f} are permits and set against people:"
            f" {place} the 95 % interval."
        )
    nones = famous[(famous["stated"] == 0) & (famous["lo95"] >= 1)]["label"].tolist()
    words += f" A stated none was not foreseen: {'; '.join(nones)}." if nones else ""
    return (
        words + " What it could not know in 2017 is how fast the order to send workers home would"
        " act."
    )


def influence(listed: pd.DataFrame, ledger: Ledger) -> str:
    """Return without which source the world's workers would move most."""
    if not len(listed):
        return "No source moves it by more than three Monte Carlo errors."
    first = listed.iloc[listed["change"].abs().argmax()]
    titles = ledger.lineages.set_index("lineage")["title"]
    group = first["group"]
    called = f"the figures of the document {group}"
    if group in titles:
        called = f"the figures that go back to one statement, “{titles[group]}” ({group})"
    year, way = first["quantity"].split()[-1], "lower" if first["change"] < 0 else "higher"
    return (
        f"Most depends on {called}: without them the median of the world's workers in {year} would"
        f" be {abs(first['change']):.0f} % {way}."
    )


def sent_home(found: Findings) -> str:
    """Return what people sent home say through the account of entries and exits."""
    words = "This ledger has no figure that the account could read."
    if len(found.sent_home):
        words = (
            f"Of the {found.sent_home_fitted} such figures that are fitted, {len(found.sent_home)}"
            " are of a whole host and of about a year or longer."
        )
    analyses = found.tables.specifications
    chosen, refitted = (
        analyses[analyses["name"] == name].set_index("year")["median"]
        for name in (multiverse.CHOSEN, multiverse.BY_ACCOUNT)
    )
    by_account = ", ".join(
        f"{people(refitted[year])} in {year} instead of {people(chosen[year])}"
        for year in chosen.index
    )
    words += (
        " Fitted anew with the account in the place of these floors, the median of the world's"
        f" workers is {by_account} (short fits, as those of the other analyses below)."
    )
    if SENT_HOME in found.of_world.index:
        world, host = (table.loc[SENT_HOME] for table in (found.of_world, found.of_host))
        words += (
            f" In {int(world['n'])} simulated worlds that are read so, the intervals of 80 and 95 %"
            f" held {percent(world['covered_80'])} and {percent(world['covered_95'])} of the world"
            f" totals, and {percent(host['covered_80'])} and {percent(host['covered_95'])} of the"
            " host-years."
        )
    return words


def on_priors(strong: pd.DataFrame) -> str:
    """Return which groups of priors the answers depend on."""
    told = [
        f"{name} ({', '.join(part['quantity'])})"
        for name, part in strong.groupby("component", sort=False)
    ]
    if not told:
        return "No group of priors is above it for any of the five answers."
    return f"Of the priors, above it are: {'; '.join(told)}."


def refits(found: coverage.Agreement) -> str:
    """Return how well the chains of refits agree, and what those that do not change."""
    words = (
        f"The largest R-hat of any year of the world's workers is {found.r_hat:.3f} or less in half"
        f" of them and {found.r_hat_most:.3f} or less in 95 %; {100 * found.divergent:.2f} % of"
        " their draws were divergent."
    )
    if not found.poor:
        return words
    has, without = ("has", "it") if found.poor == 1 else ("have", "them")
    (world_80, world_95), (host_80, host_95) = (
        found.without_poor.loc[scope, ["inside_80", "inside_95"]].map(percent)
        for scope in ("world", summary.HOST_YEAR)
    )
    return (
        f"{words} Of the worlds of the model's own prior {found.poor} {has} more than {POOR};"
        f" without {without} the intervals of 80 and 95 % would hold {world_80} and {world_95} of"
        f" the world totals, and {host_80} and {host_95} of the host-years."
    )
