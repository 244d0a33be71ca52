"""What a ledger has, and the passages, cells and steps that follow from it."""

import nbformat
import pytest
from conftest import OTHER, OTHER_PAY, ROOT, figure, write_ledger, write_other

from exportedlabour.book import stage
from exportedlabour.evidence import facts
from exportedlabour.project import InputError


def test_what_small_ledgers_have(tmp_path):
    assert facts.of(write_other(tmp_path / "a"), own_ledger=False) == {"other"}
    assert facts.of(write_other(tmp_path / "b", OTHER + OTHER_PAY), own_ledger=False) == {
        "other",
        "pay",
        "judged",
    }
    tables = {"rules", "conflicts", "copies", "cascades", "checks", "gaps", "recoding", "claims"}
    assert (
        facts.of(write_ledger(tmp_path / "c"), own_ledger=True)
        >= {"own", "pay", "judged", "families"} | tables
    )


@pytest.mark.parametrize("cells", [{"use": "context", "reason": "Old."}, {"sector": "IT"}])
def test_pay_that_the_model_does_not_read_is_no_pay(tmp_path, cells):
    rows = [*OTHER, figure("AGO010", "AGO", "1999", "wage_gross", 300, unit="USD/month", **cells)]
    assert "pay" not in facts.of(write_other(tmp_path / "a", rows), own_ledger=False)


def test_the_project_s_ledger_has_all_that_its_own_pages_tell_of():
    assert set(facts.FACTS) - facts.of(ROOT / "data", own_ledger=True) == {"other", "estimated"}


@pytest.mark.parametrize(
    ("condition", "there", "expected"),
    [
        ("only-pay", {"pay"}, True),
        ("only-pay", {"own"}, False),
        ("unless-pay", {"pay"}, False),
        ("unless-pay", set(), True),
        ("hide-input", set(), True),
        ("only", set(), True),
    ],
)
def test_a_condition_holds_or_not(condition, there, expected):
    assert facts.holds(condition, there) is expected


def test_an_unknown_fact_is_refused_with_those_that_there_are():
    with pytest.raises(
        InputError,
        match=r"only-money: there is no fact 'money'. There are: own, other, pay, judged",
    ):
        facts.holds("only-money", {"pay"})


PAGE = (
    "A\n<!-- only-own -->\nours\n<!-- end -->\nB\n<!-- only-other unless-pay -->\ntheirs\n<!-- end"
    " -->\nC\n"
)


def test_passages_stay_where_all_their_conditions_hold():
    assert facts.passages(PAGE, {"own"}) == "A\nours\nB\nC\n"
    assert facts.passages(PAGE, {"other"}) == "A\nB\ntheirs\nC\n"
    assert facts.passages(PAGE, {"other", "pay"}) == "A\nB\nC\n"


@pytest.mark.parametrize(
    "text",
    [
        "<!-- only-own -->\nours",
        "ours\n<!-- end -->\n",
        "<!-- only-own -->\n<!-- only-pay -->\nx\n<!-- end -->\n<!-- end -->",
    ],
)
def test_a_mark_without_its_partner_is_refused(text):
    with pytest.raises(InputError, match="has no partner"):
        facts.passages(text, {"own", "pay"})


def test_a_page_of_which_nothing_is_left_goes_with_its_chapter(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "ours.md").write_text(
        "<!-- only-own -->\n# Ours\n<!-- end -->\n", encoding="utf-8"
    )
    (tmp_path / "_toc.yml").write_text(
        "root: index\nparts: [{chapters: [{file: ours}, {file: misspelt}]}]\n", encoding="utf-8"
    )
    for there, chapters in (({"own"}, "ours"), ({"other"}, "misspelt")):
        staged = tmp_path / "staged" / chapters
        staged.mkdir(parents=True)
        (staged / "ours.md").write_text(
            (tmp_path / "book" / "ours.md").read_text(encoding="utf-8"), encoding="utf-8"
        )
        stage._keep_passages(staged, frozenset(there))
        stage._write_toc(tmp_path / "_toc.yml", staged, {})
        written = (staged / "_toc.yml").read_text(encoding="utf-8")
        assert ("ours" in written) is (
            chapters == "ours"
        ) and "misspelt" in written  # a slip is for Jupyter Book to tell


def test_every_mark_of_the_book_and_its_notebooks_is_known():
    for page in ROOT.joinpath("book").rglob("*.md"):
        facts.passages(page.read_text(encoding="utf-8"), facts.FACTS)
    for path in ROOT.joinpath("notebooks").glob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            assert all(
                facts.holds(tag, {"own"}) in (True, False) for tag in cell.metadata.get("tags", [])
            )


def test_cells_follow_the_ledger_and_the_host():
    def kept(*tags, estimated=False, there=()):
        cell = nbformat.v4.new_markdown_cell("x", metadata={"tags": list(tags)})
        return len(
            stage.prepare(
                nbformat.v4.new_notebook(cells=[cell]), {}, estimated, frozenset(there)
            ).cells
        )

    assert kept("only-own", there={"own"}) and not kept("only-own", there={"other"})
    assert kept("only-estimated", "only-pay", estimated=True, there={"pay"})
    assert not kept("only-estimated", "only-pay", there={"pay"})
    assert not kept("only-estimated", "only-pay", estimated=True)
