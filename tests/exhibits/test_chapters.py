"""What chapters tell: which rows a plot or a table takes, and which words go with a number."""

import numpy as np
import pandas as pd
import pytest

from exportedlabour.assumptions.scenario import Settings
from exportedlabour.exhibits import plots, tables
from exportedlabour.exhibits.chapters import assumptions, explorer, scenarios, uncertainty
from exportedlabour.sensitivity.one_at_a_time import COLUMNS, OUTDATED, REFITTED, REWEIGHTED
from exportedlabour.sensitivity.uncertainty import Uncertainty


@pytest.fixture
def shown(monkeypatch):
    """The tables by caption, and the words of the plots by name."""
    found = {}

    def plot(figure, name, **words):
        plots.plt.close(figure)
        found[name] = words

    monkeypatch.setattr(plots, "show", plot)
    monkeypatch.setattr(
        tables, "show", lambda table, caption, ledger=None: found.update({caption: table})
    )
    return found


def effect(assumption, headline, ratio, how, error=0.01, before=100_000.0):
    numbers = {"before": before, "after": before * ratio, "ratio": ratio, "error": error}
    words = {"assumption": assumption, "given": "1", "moved": "2", "headline": headline, "how": how}
    return dict.fromkeys(COLUMNS, np.nan) | words | numbers


EFFECTS = [
    effect("house_sd", "world_peak", 1.30, REWEIGHTED),
    effect("house_sd", "world_last", 1.01, REWEIGHTED),  # below twice its error
    effect("pull", "world_peak", 0.60, REFITTED),
    effect("pull", "world_last", np.nan, REFITTED),
]


def of_assumptions(*more):
    years = {"peak": 2017, "last": 2026}
    effects = pd.DataFrame([*EFFECTS, *more], columns=COLUMNS)
    return assumptions.chapter(effects, years, Settings({"error_df": 3}))


def test_the_plot_of_assumptions_has_the_largest_first_and_leaves_noise_out(shown):
    chapter = of_assumptions()
    for headline in ("world_peak", "world_last", "state_peak"):
        chapter.plot(headline)
    assert list(shown) == ["fig-effects-world-peak"]
    words = shown["fig-effects-world-peak"]
    assert words["alt"] == "pull -40%; house_sd +30%."
    assert words["data_title"] == "What moves it most: workers abroad, 2017"


def test_the_table_of_assumptions_has_a_column_for_each_headline_that_there_is(shown):
    of_assumptions().table()
    table = shown["What each assumption moves"].set_index("assumption")
    assert list(table["workers abroad, 2017"]) == ["+30.0%", "-40.0%"]
    assert list(table["workers abroad, 2026"]) == ["+1.0%", ""]
    assert not any("state" in column for column in table)


def test_the_numbers_of_assumptions_count_how_each_was_moved():
    numbers = of_assumptions(effect("world_limit", "world_peak", 1.1, OUTDATED)).headline().entries
    assert [numbers[f"effects_{name}"]["value"] for name in ("all", "moved", "refitted")] == [
        3,
        1,
        2,
    ]
    assert numbers["effects_earlier"]["text"].startswith("1 of the refits are of an earlier state")
    assert "was not fitted" in numbers["effects_seed"]["text"]
    # Student's t of three degrees of freedom lies within one scale in 61 % of cases.
    assert numbers["error_inside"]["text"] == "61 %"


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (1.001, "leaves the middle of 2026 at 100,000 workers."),
        (1.2, "moves the middle of 2026 from 100,000 to 120,000 workers."),
    ],
)
def test_another_seed_is_told_by_what_a_reader_would_see(ratio, said):
    numbers = of_assumptions(effect("seed", "world_last", ratio, REFITTED)).headline().entries
    assert numbers["effects_seed"]["text"].endswith(said)


def of_scenarios(state=""):
    def line(scenario, year, median, ratio, **more):
        label = {"scenario": scenario, "title": scenario.title(), "what": "workers", "year": year}
        numbers = {"median": median, "lo80": median / 2, "hi80": median * 2, "ratio": ratio}
        return label | numbers | {"state": ""} | more

    compared = pd.DataFrame(
        [
            line("baseline", 2017, 1000.0, 1.0),
            line("baseline", 2026, 2000.0, 1.0),
            line("twice", 2017, 2000.0, 2.0, state=state),
            line("twice", 2026, 4000.0, 2.0, state=state),
        ]
    )
    reasons = pd.DataFrame({"scenario": ["Baseline", "Twice"]})
    return scenarios.chapter(compared, reasons, None)


def test_scenarios_are_told_by_year_and_beside_the_baseline(shown):
    chapter = of_scenarios()
    for what in ("workers", "state"):  # of money there is nothing
        chapter.plot(what)
    for name in ("workers", "reasons", "troubled"):
        chapter.table(name)
    assert shown["fig-scenarios-workers"]["alt"] == (
        "In 2026: Baseline: 2,000 (1,000 to 4,000); Twice: 4,000 (2,000 to 8,000)."
    )
    table = shown["Workers abroad, median (80 % interval)"].set_index("scenario")
    assert table.loc["Twice", "2017"] == "2,000 (1,000 – 4,000)"
    assert table.loc["Twice", "× baseline, 2026"] == "2.00"
    assert len(shown) == 3 and "fig-scenarios-state" not in shown
    numbers = chapter.headline().entries
    assert numbers["scenarios_all"]["value"] == 1
    assert numbers["scenarios_state"]["text"].startswith("All numbers are of the present")
    with pytest.raises(ValueError, match="no table"):
        chapter.table("nothing")


def test_a_scenario_that_is_out_of_date_is_named_and_counted(shown):
    chapter = of_scenarios(state="not refitted yet")
    chapter.table("troubled")
    assert list(shown["Missing or outdated lines"]["scenario"]) == ["Twice"]
    assert chapter.headline().entries["scenarios_state"]["text"].startswith("1 of the 2 lines")


def of_uncertainty(uncounted=2, factor=1.2):
    def worth(what, unknown, narrowed, quality="perfect"):
        answer = {"workers": "workers abroad, ", "state": "taken by the state, "}[what]
        return [
            {
                "unknown": unknown,
                "answer": f"{answer}{year}",
                "quality": quality,
                "width": 1000.0,
                "expected": 1000.0 * (1 - narrowed),
                "narrowed": narrowed,
            }
            for year in (2017, 2026)
        ]

    both = ("perfect", "to a tenth")
    voi = [
        *(row for q in both for row in worth("workers", "earnings in China", 0.5, q)),
        *(row for q in both for row in worth("workers", "workers in China", 0.4, q)),
        *(row for q in both for row in worth("state", "earnings in China", 0.5, q)),
    ]
    shares = {"workers in China": 0.7, "months paid": 0.3}
    found = Uncertainty(
        peak=2017,
        last=2026,
        shapley=pd.DataFrame(
            [
                {"year": year, "input": name, "share": share, "by_neighbours": share}
                for year in (2017, 2026)
                for name, share in shares.items()
            ]
        ),
        tornado=pd.DataFrame(
            {
                "lever": "turnover_log",
                "answer": "workers abroad, 2026",
                "end": ["low", "high"],
                "factor": [factor, 1 / factor],
            }
        ),
        budget=pd.DataFrame(
            {
                "input": ["turnover_log"],
                "answer": ["workers abroad, 2026"],
                "prior_sd": 0.4,
                "posterior_sd": 0.2,
                "learnt": 0.75,
                "share": 0.1,
            }
        ),
        voi=pd.DataFrame(voi),
        uncounted=uncounted,
        tails={2017: (0.1, 0.2), 2026: (0.05, 0.3)},
    )
    return uncertainty.chapter(found)


def test_the_chapter_on_uncertainty_takes_the_rows_of_its_year_and_answer(shown):
    chapter = of_uncertainty()
    for name in ("shapley", "tornado-workers", "voi-workers-last", "voi-state-peak"):
        chapter.plot(name)
    assert shown["fig-shapley"]["alt"].endswith(
        "workers in China 70 % in 2026, 70 % in 2017; months paid 30 % in 2026, 30 % in 2017."
    )
    assert "turnover log at its low end, times 1.20" in shown["fig-tornado-workers"]["alt"]
    # Pay bears on no number of workers, whatever chance seems to find.
    assert set(shown["fig-voi-workers-last"]["data"]["unknown"]) == {"workers in China"}
    assert set(shown["fig-voi-state-peak"]["data"]["answer"]) == {"taken by the state, 2017"}
    for name in ("shapley", "budget", "voi"):
        chapter.table(name)
    budget = shown["Uncertainty budget: workers abroad, 2026"]
    assert list(budget["learnt from figures"]) == ["75 %"]
    assert list(shown["Value of information: taken by the state, 2017"]["expected width"]) == [
        "500 dollars"
    ]


def test_a_tornado_that_no_draw_reaches_is_left_out(shown):
    of_uncertainty(factor=np.nan).plot("tornado-workers")
    assert not shown


@pytest.mark.parametrize("name", ["voi-workers-2017", "tornado-pay", "tornado-state-last", "x"])
def test_an_unknown_plot_is_an_error(name):
    with pytest.raises(ValueError, match="no plot"):
        of_uncertainty().plot(name)


def test_the_numbers_of_uncertainty_name_what_matters_most():
    numbers = {key: entry["text"] for key, entry in of_uncertainty().headline().entries.items()}
    assert numbers["uncertainty_first_input"] == "workers in China"
    assert numbers["uncertainty_second_share"] == "30 %"
    assert numbers["uncertainty_voi_workers"] == "workers in China"
    assert numbers["uncertainty_voi_state_narrowed"] == "50 %"
    assert (
        "In 2026 they have 5 % of all workers on average, and 30 %"
        in (numbers["uncertainty_uncounted_words"])
    )
    nobody = of_uncertainty(uncounted=0).headline().entries["uncertainty_uncounted_words"]
    assert nobody["text"] == "Somebody counted in every host."


def test_the_explorer_quotes_the_largest_differences_inside_and_outside_the_80_interval(shown):
    thinning = pd.DataFrame(
        {
            "quantity": "workers",
            "year": [2017, 2026] * 2,
            "probability": [0.5, 0.5, 0.975, 0.975],
            "all": [100.0, 100.0, 200.0, 200.0],
            "shipped": [101.0, 98.0, 210.0, 201.0],
            "difference": [0.01, -0.02, 0.05, 0.005],
        }
    )

    class Page:
        stock = np.zeros((1, 2, 1301))
        years = np.array([2017, 2026])
        to_current = np.ones(2)
        peak = 2017

    settings = Settings({"chains": 64, "draws": 225})
    chapter = explorer.chapter(Page, thinning, pd.DataFrame(), settings)
    numbers = {key: entry["text"] for key, entry in chapter.headline().entries.items()}
    assert numbers["explorer_draws"] == "1,301" and numbers["explorer_all_draws"] == "14,400"
    assert (numbers["explorer_off_80"], numbers["explorer_off_95"]) == ("2.0 %", "5.0 %")
    # To two digits 101 is 100, and 98 is 98.
    assert (numbers["explorer_said"], numbers["explorer_quoted"]) == ("1", "2")
    chapter.table()
    (table,) = shown.values()
    assert list(table["largest difference"]) == ["-2.0 %", "+5.0 %"]
    assert list(table["in"]) == [2026, 2017] and list(table["typical"]) == ["1.5 %", "2.8 %"]
