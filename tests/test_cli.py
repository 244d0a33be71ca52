"""What a person sees who makes a mistake: one message, no traceback, a code that is not zero, and
nothing damaged."""

import pytest
from conftest import edit

from exportedlabour import cli
from exportedlabour.evidence import schema


def run(monkeypatch, capsys, root, *arguments):
    """Run exlab in ``root``; return the code and what it said."""
    monkeypatch.chdir(root)
    monkeypatch.setattr("sys.argv", ["exlab", *arguments])
    code = 0
    try:
        cli.main()
    except SystemExit as stop:
        code = stop.code
    said = capsys.readouterr()
    return code, said.out, said.err


def broken_yaml(root):
    (root / "scenarios" / "mine.yml").write_text("title: Mine\ndraws: [1, 2\n", encoding="utf-8")
    return ("build", "--scenario", "mine"), "mine.yml, line 3: not valid YAML"


def unknown_parameter(root):
    (root / "scenarios" / "mine.yml").write_text("title: Mine\nmonths_payed: 3\n", encoding="utf-8")
    return ("build", "--scenario", "mine"), "unknown assumption 'months_payed'. Did you mean"


def share_above_one(root):
    (root / "scenarios" / "mine.yml").write_text(
        "title: Mine\nno_data_presence: 1.5\n", encoding="utf-8"
    )
    return (
        "build",
        "--scenario",
        "mine",
    ), "no_data_presence is 1.5; it must be a number between 0 and 1"


def scenario_with_a_path(root):
    return ("build", "--scenario", "../../etc/passwd"), "without a folder or .yml"


def unknown_country(root):
    edit(root / "data" / "figures.csv", "RUS002,RUS", "RUS002,RUX")
    return ("build",), "figures.csv, line 3, RUS002, hosts = 'RUX'"


def missing_ledger(root):
    return ("build", "--data", "nowhere"), "nowhere: there is no such folder"


def folder_that_is_no_ledger(root):
    return ("build", "--data", "scenarios"), "figures.csv: the file is missing"


def unknown_step(root):
    return ("step", "wokers"), "step 'wokers': pipeline.yml has none of that name"


def unknown_part_of_the_validation(root):
    return (
        "validate",
        "--part",
        "hold outs",
    ), "part 'hold outs': the validation has none of that name. There are: held out, left out,"


def assumption_that_no_refit_changes(root):
    return (
        "one-at-a-time",
        "house_sd",
    ), "house_sd: this is no assumption that is moved by a refit. There are: seed, "


def broken_pipeline(root):
    edit(root / "pipeline.yml", "notebook: claims", "notebook: clams")
    return ("build",), "step claims: there is no notebooks/clams.ipynb"


def twice_made(root):
    edit(root / "pipeline.yml", "outputs: [claims_judged.csv,", "outputs: [evidence_counts.csv,")
    return ("build",), "both claims and evidence make evidence_counts.csv"


MISTAKES = [
    broken_yaml,
    unknown_parameter,
    share_above_one,
    scenario_with_a_path,
    unknown_country,
    missing_ledger,
    folder_that_is_no_ledger,
    unknown_step,
    unknown_part_of_the_validation,
    assumption_that_no_refit_changes,
    broken_pipeline,
    twice_made,
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.__name__)
def test_mistakes_stop_before_any_notebook(monkeypatch, capsys, project, mistake):
    book = project / "build" / "baseline" / "html" / "index.html"
    book.parent.mkdir(parents=True)
    book.write_text("the last good book", encoding="utf-8")
    arguments, expected = mistake(project)
    code, out, err = run(monkeypatch, capsys, project, *arguments)
    assert code == 1
    assert expected in err and err.startswith("exlab: ")
    assert "Traceback" not in out + err and "run     " not in out
    assert book.read_text(encoding="utf-8") == "the last good book"
    assert not (project / "build" / "baseline" / "results").exists()


def test_check_counts_and_names(monkeypatch, capsys, project):
    code, out, _ = run(monkeypatch, capsys, project, "check")
    assert code == 0
    assert (
        "21 figures (15 fit, 6 judge, 0 context, 0 exclude) from 1 sources: no problem found."
        in out
    )
    assert (
        "15 scenarios: baseline, china-high, china-low, copies-count, fixed-plan, it-included,"
        " no-anchor, no-world-totals, permits-are-people, registers-only, sceptic-of-ngos,"
        " sceptic-of-states, state-share-by-layers, students-are-workers, wide-priors." in out
    )


def test_outside_the_project_it_says_so(monkeypatch, capsys, tmp_path):
    code, _, err = run(monkeypatch, capsys, tmp_path, "check")
    assert code == 1 and "is not inside a copy of the project" in err


def test_a_word_of_every_vocabulary_is_explained():
    for words in (
        table_column.options
        for table in schema.TABLES.values()
        for table_column in table.columns
        if table_column.options
    ):
        assert all(meaning.strip() for meaning in words.values())


def test_a_former_command_says_the_new_one_and_does_it(monkeypatch, capsys, project):
    code, out, err = run(monkeypatch, capsys, project, "one-at-a-time", "--plan", "pull")
    assert code == 0 and "of 1 fits would be refitted" in out and err == ""
    code, same, err = run(monkeypatch, capsys, project, "moves", "--plan", "pull")
    assert code == 0 and same == out and "moves is now called one-at-a-time." in err
