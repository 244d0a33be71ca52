"""The sentences of the chapter on validation, in every turn that they can take."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from exportedlabour.exhibits import validation_words as words
from exportedlabour.validation import coverage, predictions, summary
from exportedlabour.validation.experiments import SENT_HOME


def test_an_aim_is_reached_where_the_share_is_as_large():
    assert (words.reached(0.98, 0.98), words.reached(0.97, 0.98)) == ("is reached", "is missed")


@pytest.mark.parametrize(
    ("covered_80", "covered_95", "expected"),
    [
        (0.8, 0.95, "both are as they should be"),
        (0.7, 0.95, "the 80 % interval is too narrow, the 95 % interval is as it should be"),
        (0.9, 0.99, "the 80 % interval is too wide, the 95 % interval is too wide"),
    ],
)
def test_the_verdict_on_figures_held_out(covered_80, covered_95, expected):
    scored = pd.DataFrame(
        {"covered_80": [covered_80], "covered_95": [covered_95]}, index=[predictions.FAMILIES]
    )
    assert words.held_verdict(scored) == expected


@pytest.mark.parametrize(
    ("difference", "high", "expected"),
    [
        (-0.2, -0.1, "it does better"),
        (-0.2, 0.1, "it does better, but not by more than chance might"),
        (0.1, 0.3, "it does no better"),
    ],
)
def test_the_verdict_on_simpler_methods(difference, high, expected):
    assert words.crps_verdict(pd.Series({"difference": difference, "high": high})) == expected


def test_methods_that_predict_entries_better_are_named():
    against = pd.DataFrame({"method": [summary.OURS, "a", "b", "c"], "flows": [0.5, 0.4, 0.3, 0.9]})
    assert words.flows(against, 7).startswith(
        "Of the 7 figures of entries alone, the a and the b do better than this model, which"
    )
    assert " the b does better" in words.flows(against.drop(1), 7)
    assert "none of the four does better" in words.flows(against.drop([1, 2]), 7)


def test_misses_lean_where_one_side_has_a_tenth_more():
    scored = pd.DataFrame(
        {"n": [10, 20], "below_80": [0.3, 0.1], "above_80": [0.1, 0.1]},
        index=[predictions.HOUSE, "published after 2017"],
    )
    assert words.leaning(scored) == (
        "Misses lean to one side: of 10 figures left out by house, 30 % fell below the 80 %"
        " interval and 10 % above."
    )
    assert words.leaning(scored.tail(1)) == "Misses lean to neither side."


def test_the_classes_that_are_predicted_worst_are_named():
    alone = pd.DataFrame({"covered_80": [0.5], "n": [12]}, index=["class us_un"])
    assert words.least_covered(alone).endswith("are those of class: us un 50 % of 12 figures.")
    assert "has ten figures" in words.least_covered(alone.head(0))


def test_notifications_are_told_one_by_one():
    def row(label, stated, like=True, bound="exact", lo95=10.0):
        ends = {"lo95": lo95, "lo80": 20.0, "median": 50.0, "hi80": 80.0, "hi95": 100.0}
        return {"label": label, "stated": stated, "bound": bound, "like": like, **ends}

    famous = pd.DataFrame(
        [
            row("Russia, 2018-12", 50.0),
            row("Qatar, 2019-01", 90.0),
            row("Kuwait, 2019-01", 900.0),
            row("Malta, 2019-03", 0.0),
            row("Mongolia, 2017: permits, and people predicted", 95.0, like=False),
        ]
    )
    told = words.notified(famous)
    assert told.startswith(
        "Of 3 stated counts 1 lie within the 80 % interval and 2 within the 95 % interval, whose"
        " ends are a factor of 10 apart (median); missed: Kuwait, 2019-01. Mongolia's 95 are"
        " permits and set against people: inside the 95 % interval. A stated none was not"
        " foreseen: Malta, 2019-03."
    )
    assert words.notified(famous.head(0)) == "The ledger has no such notification."


def test_the_source_that_moves_most_is_told_by_its_title():
    listed = pd.DataFrame(
        {"group": ["L1", "doc"], "quantity": "world 2017", "change": [-30.0, 12.0]}
    )
    book = SimpleNamespace(lineages=pd.DataFrame({"lineage": ["L1"], "title": ["A speech"]}))
    assert words.influence(listed, book) == (
        "Most depends on the figures that go back to one statement, “A speech” (L1): without them"
        " the median of the world's workers in 2017 would be 30 % lower."
    )
    assert "the document doc: without them" in words.influence(listed.tail(1), book)
    assert "would be 12 % higher" in words.influence(listed.tail(1), book)
    assert "No source moves it" in words.influence(listed.head(0), book)


def test_priors_that_matter_are_listed():
    strong = pd.DataFrame({"component": ["shocks", "shocks"], "quantity": ["world 2017", "x"]})
    assert words.on_priors(strong) == "Of the priors, above it are: shocks (world 2017, x)."
    assert words.on_priors(strong.head(0)).startswith("No group of priors is above it")


def test_poor_fits_are_told_with_what_they_change():
    means = pd.DataFrame(
        {"inside_80": [0.8, 0.82], "inside_95": [0.95, 0.94]}, index=["world", summary.HOST_YEAR]
    )
    none = coverage.Agreement(1.01, 1.04, 0.001, 0, means)
    assert words.refits(none).endswith("0.10 % of their draws were divergent.")
    assert "2 have more than 1.05; without them" in words.refits(none._replace(poor=2))
    assert "1 has more than 1.05; without it" in words.refits(none._replace(poor=1))
    assert words.refits(none._replace(poor=1)).endswith("82 % and 94 % of the host-years.")


def test_wrong_worlds_and_worlds_apart_may_be_missing():
    empty = pd.DataFrame(columns=["n", "covered_80", "covered_95", "low_80", "high_80"])
    assert words.wrong_worlds(empty) == "Other kinds of wrong worlds were not tried."
    assert words.with_figure(empty, empty).startswith("Nobody looked at")
    one = pd.DataFrame(
        {"n": [20], "covered_80": [0.7], "covered_95": [0.93], "low_80": [0.6], "high_80": [0.8]},
        index=["wild"],
    )
    told = words.wrong_worlds(one)
    assert "where the kind is wild: 70.0 % of the years." in told
    assert "outside 75 % to 85 % are: wild (70.0 %)." in told
    assert "Of the 95 % intervals, all lie within 92 % to 98 %." in told
    assert told.endswith(
        "With 20 worlds of a kind such a share of the 80 % interval is known to"
        " some 10 points either way."
    )


def test_calibration_that_is_refuted_names_the_quantities():
    table = pd.DataFrame()
    assert words.rejected(coverage.Calibration(table, [], [])).endswith("none is refuted.")
    refuted = words.rejected(coverage.Calibration(table, ["a"], ["a", "b"]))
    assert refuted == "All tests taken together, the calibration of a, b is refuted."


def test_people_sent_home_are_told_with_the_refit_and_the_worlds():
    analyses = pd.DataFrame(
        {
            "name": np.repeat(
                [
                    "every class, copies drawn, all kinds",
                    "people sent home as exits of the account",
                ],
                2,
            ),
            "year": [2017, 2024] * 2,
            "median": [100_000.0, 50_000.0, 110_000.0, 52_000.0],
        }
    )
    world = pd.DataFrame({"n": [20], "covered_80": [0.8], "covered_95": [0.9]}, index=[SENT_HOME])
    found = SimpleNamespace(
        sent_home=pd.DataFrame({"figure_id": ["CHN001"]}),
        sent_home_fitted=5,
        tables=SimpleNamespace(specifications=analyses),
        of_world=world,
        of_host=world,
    )
    told = words.sent_home(found)
    assert told.startswith("Of the 5 such figures that are fitted, 1 are of a whole host")
    assert "110,000 in 2017 instead of 100,000, 52,000 in 2024 instead of 50,000" in told
    assert "In 20 simulated worlds that are read so" in told
    found.sent_home, found.of_world = found.sent_home.head(0), world.head(0)
    told = words.sent_home(found)
    assert told.startswith("This ledger has no figure") and "simulated worlds" not in told


def test_a_kind_of_world_that_was_made_with_another_state_says_so():
    runs = [
        {"parts": {"as specified": 200}, "key": "old"},
        {"parts": {"all three": 65}, "key": "k"},
    ]
    index = pd.Index(["as specified", "all three", "wild"])  # of the last nothing is recorded
    found = SimpleNamespace(
        key="k", tables=SimpleNamespace(runs=runs), of_world=pd.DataFrame(index=index)
    )
    told = words.meanings(found)
    assert told[0] == "Drawn from the model's own prior." + words.AGED
    assert told[1].startswith("A quarter of the figures") and not told[1].endswith(words.AGED)
    assert told[2].startswith("A tenth of the figures") and not told[2].endswith(words.AGED)
