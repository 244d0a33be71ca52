"""A translation of the summary enters the book only if somebody fluent has checked it, and only of
the summary as it is."""

import re

import pytest
from conftest import ROOT

from exportedlabour.book import translations
from exportedlabour.project import InputError

HEAD = "---\nlanguage: 한국어\nchecked: A fluent reader\nsummary: {}\n---\n# 요약\n"


@pytest.fixture
def book(tmp_path):
    (tmp_path / "translations").mkdir()
    (tmp_path / "summary.md").write_text("# Summary\n", encoding="utf-8")
    return tmp_path


def test_what_is_published_was_checked_by_somebody_and_the_folder_says_why():
    for page in translations.pages(ROOT / "book"):  # refuses what nobody has checked
        assert re.search(
            r"^checked: \S",
            (ROOT / "book" / f"{page}.md").read_text(encoding="utf-8"),
            flags=re.MULTILINE,
        )
    assert "fluent" in (ROOT / "book" / "translations" / "README.md").read_text(encoding="utf-8")


def test_a_checked_one_stands_below_the_summary(book):
    (book / "translations" / "summary.ko.md").write_text(
        HEAD.format(translations.digest(book)), encoding="utf-8"
    )
    assert translations.pages(book) == {"translations/summary.ko": "한국어"}
    (book / "summary.md").write_text("# Another summary\n", encoding="utf-8")
    with pytest.raises(InputError, match="has changed since"):
        translations.pages(book)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("ko", "# 요약\n", "language, checked, summary at its head are missing"),
        ("ko", "---\nlanguage: x\nsummary: y\n---\n", "lines checked at"),
        ("fr", HEAD, "'fr' is not prepared"),
    ],
)
def test_an_unchecked_one_is_refused(book, name, text, said):
    (book / "translations" / f"summary.{name}.md").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        translations.pages(book)
