"""Somebody else's ledger: where it is built, what it brings, what is left out, what is refused; and
absurd ones, page by page."""

import json
import re
import shutil

import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import (
    OTHER,
    OTHER_HOSTS,
    OTHER_PAY,
    ROOT,
    broken_links,
    cells,
    edit,
    figure,
    write_ledger,
    write_other,
)
from test_book import QUICK, exlab, hashes
from test_cli import run

from exportedlabour import words
from exportedlabour.book import stage
from exportedlabour.build import pipeline
from exportedlabour.build.step import at
from exportedlabour.evidence import ledger
from exportedlabour.exhibits import years
from exportedlabour.money.revenue import Pay, write_pay
from exportedlabour.project import InputError
from exportedlabour.review import outlook
from exportedlabour.workers import draws as posterior
from exportedlabour.workers import observations, stored

# --- where it is built, and what it brings
# ---------------------------------------------------------


def test_two_folders_of_one_name_are_built_apart_and_neither_takes_the_place_of_the_book(
    project, tmp_path
):
    places = [write_other(tmp_path / where / "ledger") for where in ("a", "b")]
    folders = [at(project, data=data).folder for data in (None, *places)]
    assert folders[0] == project / "build" / "baseline"
    assert len(set(folders)) == 3 and all(folder.parent == project / "build" for folder in folders)
    assert at(project, data=project / "data").folder == folders[0]
    assert at(project, data=places[0]).folder == folders[1]  # the same place, the same build


def test_a_name_that_no_folder_may_have_is_made_one(project, tmp_path):
    folder = at(project, data=write_other(tmp_path / "my ledger: {{ 7*7 }} <x>")).folder
    assert folder.name.startswith("baseline@my-ledger-7-7-x-")


def test_the_ledger_is_named_by_folder_and_content_and_not_by_its_place_on_this_machine(
    project, tmp_path
):
    first, copy = (
        at(project, data=write_other(tmp_path / where / "ledger")).ledger_named()
        for where in ("a", "b")
    )
    assert first == copy and first["folder"] == "ledger"
    edit(
        tmp_path / "b" / "ledger" / "figures.csv",
        "AGO001,AGO,1995,1995,stock_workers,,400",
        "AGO001,AGO,1995,1995,stock_workers,,401",
    )
    assert at(project, data=tmp_path / "b" / "ledger").ledger_named()["sha256"] != first["sha256"]
    assert at(project).ledger_named()["folder"] == "data"


def test_a_ledger_brings_its_years_and_its_scenarios(project, tmp_path):
    data = write_other(tmp_path / "ledger")
    (data / "scenarios" / "steady.yml").write_text(
        "title: Steady\nstep_scale_median: 0.05\n", encoding="utf-8"
    )
    (data / "scenarios" / "no-anchor.yml").write_text(
        "title: Mine\nhouse_sd: 0.3\n", encoding="utf-8"
    )
    base, steady = at(project, data=data).scenario, at(project, "steady", data).scenario
    assert (base.title, base.settings.first_year, base.settings.last_year) == (
        "Before the sanctions",
        1995,
        2004,
    )
    assert (steady.title, steady.settings.first_year, steady.settings.step_scale_median) == (
        "Steady",
        1995,
        0.05,
    )
    assert at(project, "no-anchor", data).scenario.title == "Mine"  # its own before the project's
    theirs = at(
        project, "registers-only", data
    ).scenario  # the project's, over the ledger's baseline
    assert (
        theirs.settings.first_year == 1995
        and theirs.settings.include_classes != base.settings.include_classes
    )
    assert at(project).scenario.settings.first_year == 2005
    assert steady.files == (
        project / "scenarios" / "baseline.yml",
        data / "scenarios" / "baseline.yml",
        data / "scenarios" / "steady.yml",
    )


def test_check_says_what_the_models_will_read(monkeypatch, capsys, project, tmp_path):
    data = write_other(tmp_path / "ledger", OTHER[:-1])
    code, out, _ = run(monkeypatch, capsys, project, "check", "--data", str(data))
    assert code == 0 and "11 figures (11 fit, 0 judge, 0 context, 0 exclude)" in out
    assert (
        "baseline: workers of 1995 to 2004 from 11 figures, with figures of their own for 3 hosts."
        in out
    )
    assert "no money is estimated" in out and "no chapter of claims" in out


# --- what is refused
# -------------------------------------------------------------------------------


def no_such_folder(data):
    shutil.rmtree(data)
    return "baseline", f"{data}: there is no such folder"


def other_years(data):
    shutil.rmtree(data / "scenarios")
    return (
        "baseline",
        f"It estimates 2005 to 2026 from the classes register, {'implementation_report'}",
    )


def no_head_count(data):
    path = data / "figures.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace(",fit,,", ",context,Old.,"), encoding="utf-8"
    )
    return "baseline", "figures.csv: no head count has use = fit"


def years_in_the_wrong_order(data):
    edit(data / "scenarios" / "baseline.yml", "last_year: 2004", "last_year: 1995")
    return (
        "baseline",
        (
            f"{data / 'scenarios' / 'baseline.yml'}: first_year is 1995; it must be before"
            " last_year, 1995"
        ),
    )


def unknown_assumption(data):
    edit(data / "scenarios" / "baseline.yml", "last_year", "last_yaer")
    return (
        "baseline",
        (
            f"{data / 'scenarios' / 'baseline.yml'}: unknown assumption 'last_yaer'. Did you mean"
            " last_year?"
        ),
    )


def unknown_scenario(data):
    return "steadi", f"there is no {data / 'scenarios' / 'steadi.yml'} and no "


def no_rate_for_the_year(data):
    edit(
        data / "figures.csv",
        "AGO001,AGO,1995,1995,stock_workers,,400,,about,persons",
        "AGO001,AGO,1994,1994,wage_gross,,400,,about,CNY/month",
    )
    return (
        "baseline",
        (
            f"{data / 'figures.csv'}, line 2, AGO001, unit = 'CNY/month': rates.csv has no CNY rate"
            " for 1994"
        ),
    )


@pytest.mark.parametrize(
    "mistake",
    [
        no_such_folder,
        other_years,
        no_head_count,
        years_in_the_wrong_order,
        unknown_assumption,
        unknown_scenario,
        no_rate_for_the_year,
    ],
    ids=lambda mistake: mistake.__name__,
)
def test_what_is_wrong_is_told_with_its_own_file_before_any_notebook(
    monkeypatch, capsys, project, tmp_path, mistake
):
    data = write_other(tmp_path / "ledger")
    name, said = mistake(data)
    code, out, err = run(
        monkeypatch, capsys, project, "build", "--data", str(data), "--scenario", name
    )
    assert code == 1 and said in err and "Traceback" not in err and "run     " not in out
    assert not (project / "build").exists()


# --- what is left out
# ------------------------------------------------------------------------------


def test_steps_follow_from_what_the_ledger_has(project, tmp_path):
    bare = pipeline.read_steps(project, alternative=True, data=write_other(tmp_path / "bare"))
    assert not {"money", "pay", "claims", "judged"} & set(bare) and {
        "host-AGO",
        "host-YEM",
        "front",
        "comparison",
    } <= set(bare)
    assert bare["front"].inputs == ("workers_world_year.csv",)
    paid = pipeline.read_steps(
        project, alternative=True, data=write_other(tmp_path / "paid", OTHER + OTHER_PAY)
    )
    assert {"money", "pay", "judged"} <= set(paid) and "claims" not in paid
    assert paid["front"].inputs == ("workers_world_year.csv", "revenue_world_year.csv")
    own = pipeline.read_steps(project, alternative=False)
    assert {"money", "pay", "claims", "validation"} <= set(own) and "judged" not in own
    assert "validation" not in bare and "validation" not in paid
    assert own["validation"].committed and all(
        (project / name).is_file() for name in own["validation"].committed
    )


def test_a_step_goes_with_the_input_that_it_cannot_do_without(project, tmp_path):
    data = write_other(tmp_path / "bare")
    edit(
        project / "pipeline.yml",
        "    can_lack: [revenue_world_year.csv]\n    outputs: [card.png, headline/front.json]",
        "    outputs: [card.png, headline/front.json]",
    )
    assert "front" not in pipeline.read_steps(project, alternative=False, data=data)
    edit(
        project / "pipeline.yml",
        "inputs: [headline/*, hosts/*,",
        "inputs: [headline/*, headline/money.json, hosts/*,",
    )
    with pytest.raises(
        InputError, match="step book would be left out, for want of headline/money.json"
    ):
        pipeline.read_steps(project, alternative=False, data=data)


def test_slips_in_the_pipeline_are_told(project):
    edit(project / "pipeline.yml", "needs: [pay]", "needs: [wages]")
    with pytest.raises(InputError, match="step pay_fit: needs: there is no fact 'wages'"):
        pipeline.read_steps(project, alternative=False)
    edit(project / "pipeline.yml", "needs: [wages]", "needs: [pay]")
    (project / "results" / "validation" / "ranks.csv").unlink()
    with pytest.raises(
        InputError, match="step validation: there is no results/validation/ranks.csv"
    ):
        pipeline.read_steps(project, alternative=False)
    (project / "results" / "validation" / "ranks.csv").touch()
    edit(project / "pipeline.yml", "inputs: [workers_effects.csv]", "inputs: [workers_efects.csv]")
    with pytest.raises(
        InputError, match="step evidence: no step above it makes its input workers_efects.csv"
    ):
        pipeline.read_steps(project, alternative=False)


def test_the_book_of_another_ledger_is_named_after_it():
    config = yaml.safe_load(stage.configuration(ROOT, "my <b>ledger</b> {{ x }}"))
    assert config["title"] == "Exported Labour: the ledger my bledger/b  x "
    assert (
        "CC BY" not in config["html"]["extra_footer"]
        and "<b>" not in config["html"]["extra_footer"]
    )


def test_the_numbers_are_made_without_the_pages():
    steps = pipeline.numbers_of(pipeline.read_steps(ROOT, alternative=False))
    made = {output for step in steps.values() for output in step.outputs}
    assert "book" not in steps and {"pay_draws", "explorer_grammar", "claims"} <= set(steps)
    assert {name for step in steps.values() for name in step.inputs} <= made


def test_what_a_step_made_goes_when_the_step_goes(project, tmp_path):
    build = at(project, data=write_other(tmp_path / "ledger"))
    for step, made in (
        ("money", "results/revenue_world_year.csv"),
        ("front", "results/headline/front.json"),
    ):
        (build.folder / made).parent.mkdir(parents=True, exist_ok=True)
        (build.folder / made).write_text("x", encoding="utf-8")
        pipeline._write_json(build.folder / "steps" / f"{step}.json", {"outputs": {made: "hash"}})
    pipeline._clear(build, pipeline.read_steps(project, alternative=False, data=build.data))
    assert [path.name for path in (build.folder / "steps").iterdir()] == ["front.json"]
    assert (
        not (build.folder / "results" / "revenue_world_year.csv").exists()
        and (build.folder / "results" / "headline" / "front.json").exists()
    )


# --- from end to end
# --------------------------------------------------------------------------------


def test_another_ledger_from_end_to_end(project, tmp_path):
    data = write_other(tmp_path / "place" / "ledger", values=QUICK)
    before, build = hashes(data), at(project, data=data)
    first = exlab(project, "build", "--data", str(data))
    assert first.returncode == 0, first.stdout + first.stderr
    assert hashes(data) == before and [path.name for path in (project / "build").iterdir()] == [
        build.folder.name
    ]
    index = assert_pages_of_another(build)
    assert "no money is estimated" in index and "no claim aside" in index
    for name in ("money", "pay", "claims", "judged"):
        assert not (build.folder / "html" / "notebooks" / f"{name}.html").exists()
    world = pd.read_csv(build.results / "workers_world_year.csv")
    assert list(world["year"]) == list(range(1995, 2005)) and world["hi95"].max() < 100_000
    record = json.loads((build.results / "provenance.json").read_text(encoding="utf-8"))
    assert record["data"] == build.ledger_named() == record["steps"][0]["data"]

    shutil.rmtree(data)  # the same ledger with figures of pay and claims: only what they touch runs
    write_other(
        data, OTHER + [row for row in OTHER_PAY if row["quantity"] != "stock_workers"], QUICK
    )
    second = exlab(project, "build", "--data", str(data))
    assert second.returncode == 0, second.stdout + second.stderr
    assert (
        "run     money" in second.stdout
        and "run     judged" in second.stdout
        and "run     workers" not in second.stdout
    )
    index = assert_pages_of_another(build)
    assert (
        "taken by the state" in index
        and "2 published claims" in index
        and "no money is estimated" not in index
    )
    page = (build.folder / "html" / "notebooks" / "judged.html").read_text(encoding="utf-8")
    assert (
        "about 5 million dollars" in page and "not tested" in page and "$2.3 billion" not in page
    )  # TOT005 is another claim here


def assert_pages_of_another(build):
    """No page has a name without a number, a broken link, this machine's places, or what only the
    project's ledger knows."""
    html = build.folder / "html"
    numbers = json.loads((build.results / "headline.json").read_text(encoding="utf-8"))
    index = (html / "index.html").read_text(encoding="utf-8")
    assert numbers["world_peak"]["text"] in index and "the ledger <em>ledger</em>" in index
    for page in [page for page in html.rglob("*.html") if "_static" not in page.parts]:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"\{\{ \w+ \}\}", text) and "np.float64" not in text, page.name
        assert str(build.data) not in text and str(build.root) not in text, page.name
        assert "few usable counts exist" not in text and "2.3 billion" not in text, page.name
    assert broken_links(html) == []
    return index


# --- years
# ------------------------------------------------------------------------------------------


def test_the_peak_is_the_year_that_is_best_attested():
    world = pd.DataFrame(
        {
            "year": [2015, 2016, 2017, 2018, 2024],
            "median": [70, 80, 85, 75, 110],
            "lo80": [60, 65, 69, 50, 57],
        }
    )
    assert (
        years.peak_year(world) == 2017
    )  # and not 2024, whose median is pulled up by a wide interval
    assert years.peak_year(world.assign(lo80=0.0)) == 2015


@pytest.mark.parametrize(
    ("of", "peak", "expected"),
    [
        (range(2005, 2027), 2017, [2005, 2010, 2015, 2016, 2017, 2018, 2020, 2025, 2026]),
        (range(1995, 2005), 2000, list(range(1995, 2005))),
        (range(1991, 2005), 2004, [1991, 1995, 2000, 2003, 2004]),
        ([1999, 2000], 1999, [1999, 2000]),
    ],
)
def test_tables_show_few_years(of, peak, expected):
    assert years.shown_years(np.array(of), peak) == expected


# --- the pages that show results, on absurd ledgers
# ---------------------------------------------------


def scattered(low, high):
    """Figures of one host and year that contradict each other by a factor of ``high / low``."""
    return [figure("AGO001", "AGO", "2000", point=low), figure("AGO002", "AGO", "2000", point=high)]


ABSURD = {
    "one figure": [figure("AGO001", "AGO", "2000", point=400)],
    "one host with only zeros": [
        figure(f"YEM00{k}", "YEM", str(1996 + k), point=0, bound="exact") for k in range(5)
    ],
    "contradictions": scattered(10, 1000),
    "one lineage": [
        figure(
            f"AGO00{k}", "AGO", "2000", point=500, lineage="family", copy_probability=0.3 * (k > 0)
        )
        for k in range(4)
    ],
    "only the world": [figure("TOT001", "WLD", "2000", point=40_000)],
    "a group, a part, and no country": [
        figure("AGO001", "AGO", "2000", low=40, bound="at_least", scope="site"),
        figure("AGO002", "AGO+KHM", "2000", point=900, use="context", reason="Two hosts."),
    ],
    "claims and no pay": [figure("AGO001", "AGO", "2000", point=400), *OTHER_PAY[3:]],
    "another ledger with pay": OTHER + OTHER_PAY,
}
PAGES = ("how_many", "evidence", "gathering", "copies", "ledger", "hosts", "front", "judged")


def pretend(data, results, with_pay):
    """Write what the fits would have written: draws of any size, and the tables made of them;
    return the scenario."""
    assumed = at(ROOT, data=data).scenario
    read = ledger.read(data)
    outlook.require_heads(read, assumed)
    made = observations.build(read, assumed.settings)
    rng = np.random.default_rng(1)
    draws = np.exp(rng.normal(4, 2, size=(200, len(made.hosts), len(made.years))))
    if set(read.figures["point"].dropna()) == {0.0}:
        draws[:] = 0.0  # the smallest that any engine can answer
    results.mkdir(parents=True)
    posterior.write_draws(results / "draws_workers.parquet", draws, made.hosts, made.years)
    counts = stored.evidence_counts(read, made)
    by_host = (
        posterior.host_year_table(draws, made.hosts, made.years)
        .merge(counts, on=["host", "year"], how="left")
        .fillna(0)
        .assign(no_data=False)
    )
    world = posterior.summarise(draws.sum(axis=1)).assign(
        host="WLD", year=made.years, n_figures=0, n_effective=0.0, no_data=False
    )
    by_host.to_csv(results / "workers_host_year.csv", index=False)
    world.to_csv(results / "workers_world_year.csv", index=False)
    effects = posterior.summarise(np.ones((9, len(made.biases)))).assign(
        quantity="bias", name=list(made.biases)
    )
    effects.to_csv(results / "workers_effects.csv", index=False)
    if with_pay:
        labels = {"definition": "state", "prices": "current"}
        by_host.assign(**labels).to_csv(results / "revenue_host_year.csv", index=False)
        in_both = [
            world.assign(**labels | {"prices": prices})
            for prices in ("current", str(assumed.settings.price_year))
        ]
        pd.concat(in_both).to_csv(results / "revenue_world_year.csv", index=False)
        shape = (200, len(made.hosts))
        pay = {
            name: np.full(shape if name in ("wage", "months", "withheld", "state") else 200, 0.5)
            for name in Pay.__dataclass_fields__
        }
        write_pay(results / "draws_pay.parquet", Pay(**pay), made.hosts)
    return assumed


def run_page(name, data, results, assumed, **parameters):
    """Run the code of a notebook on a ledger under a scenario, in this process; return what it
    would have for the prose."""
    space = {"__name__": name}
    for cell in cells(ROOT / "notebooks" / f"{name}.ipynb"):
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), f"{name}.ipynb", "exec"), space)
            if "parameters" in cell["metadata"].get("tags", []):
                space |= (
                    assumed.used_by(name)
                    | {"data_dir": str(data), "results_dir": str(results)}
                    | parameters
                )
    suffix = "".join(f"_{value}" for value in parameters.values())
    return json.loads((results / "headline" / f"{name}{suffix}.json").read_text(encoding="utf-8"))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("case", ABSURD)
def test_every_page_of_results_runs_on_an_absurd_ledger(tmp_path, capsys, case):
    rows = ABSURD[case]
    data = write_other(tmp_path / "ledger", rows)
    if case == "contradictions":
        write_ledger(
            data, rows, [OTHER_HOSTS[0], OTHER_HOSTS[-1]], range(1995, 2026)
        )  # and no other host
    results = tmp_path / "results"
    assumed = pretend(data, results, with_pay=case.endswith("with pay"))
    pages = [
        (name, {})
        for name in PAGES
        if name != "judged" or any(row["use"] == "judge" for row in rows)
    ]
    pages += [("host", {"host": code}) for code in ledger.hosts_with_figures(data)]
    pages += [("pay", {})] if case.endswith("with pay") else []
    told = {}
    for name, parameters in pages:
        told |= run_page(name, data, results, assumed, **parameters)
    assert told["figures_all"]["value"] == len(rows) and 1995 <= told["peak_year"]["value"] <= 2004
    words = " ".join(entry["text"] for entry in told.values())
    assert (
        "nan" not in words.split()
        and "China" not in words
        and "Russia" not in words
        and "rus_chn_share" not in told
    )
    assert (results / "hosts" / f"{ledger.hosts_with_figures(data)[0]}_figures.csv").is_file()


def test_claims_of_money_are_not_tested_where_nothing_is_known_of_pay(tmp_path):
    for case, verdicts in (
        ("claims and no pay", {"TOT002": True, "TOT005": False, "YEM010": False}),
        ("another ledger with pay", {"TOT002": True, "TOT005": True, "YEM010": False}),
    ):
        data, results = (
            write_other(tmp_path / case / "ledger", ABSURD[case]),
            tmp_path / case / "results",
        )
        assumed = pretend(data, results, with_pay="with pay" in case)
        assert run_page("judged", data, results, assumed)["judged_all"]["value"] == 3
        judged = (
            pd.read_csv(results / "judged.csv")
            .drop_duplicates("figure_id")
            .set_index("figure_id")["verdict"]
        )
        assert {name: verdict != "not tested" for name, verdict in judged.items()} == verdicts


def test_dates_of_evidence_are_told_as_far_as_they_are_known():
    assert [words.month(date) for date in ("2026-11", "2026", "")] == [
        "November 2026",
        "2026",
        "an unknown date",
    ]
