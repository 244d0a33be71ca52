"""Citations of one build in every form, against the forms' own readers; nothing is said of a DOI
that is not there."""

import html.parser
import json
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime

import jsonschema
import pytest
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema
from conftest import ROOT, cells, edit, write_ledger
from pybtex.database import parse_file, parse_string

from exportedlabour import __version__
from exportedlabour.book import citing, stage
from exportedlabour.evidence import ledger
from exportedlabour.project import InputError
from exportedlabour.release import changelog

DOI = "10.5281/zenodo.1003150"  # the example of the schema of CITATION.cff; no DOI of this book


def work(root=ROOT, **values):
    return citing.read(root, "abc1234", "2026-12-03", **values)


@pytest.fixture
def with_doi(tmp_path):
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    shutil.copy2(ROOT / "_config.yml", tmp_path)
    (tmp_path / "CITATION.cff").write_text(
        text + f"doi: {DOI}\nurl: https://example.org/book\n", encoding="utf-8"
    )
    return work(tmp_path)


def test_the_citation_file_is_valid_and_of_this_version():
    found = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    checker = jsonschema.Draft7Validator(
        get_builtin_schema("vendor.citation-file-format"), format_checker=jsonschema.FormatChecker()
    )
    assert [error.message for error in checker.iter_errors(found)] == []
    assert [*checker.iter_errors(found | {"version": None})]  # it can fail
    assert found["version"] == __version__


def test_the_metadata_for_zenodo_say_the_same():
    found = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    zenodo = json.loads((ROOT / ".zenodo.json").read_text(encoding="utf-8"))
    assert {key: zenodo[key] for key in ("title", "version", "keywords")} == {
        key: found[key] for key in ("title", "version", "keywords")
    }
    assert zenodo["license"] == found["license"].lower()
    assert zenodo["description"] == " ".join(found["abstract"].split())
    assert [creator["name"] for creator in zenodo["creators"]] == [
        author["name"] for author in found["authors"]
    ]
    assert zenodo.get("doi") == found.get("doi")


def test_plain_text():
    assert (
        citing.plain(work())
        == "The Exported Labour authors (2026). Exported Labour: how many North Koreans work"
        f" abroad, and what the state takes. Version {__version__}, commit abc1234, 3 December"
        " 2026."
    )
    assert "(2026). Russia. In: Exported Labour" in citing.plain(work(), "Russia")


def test_bibtex_is_read_back():
    entry = parse_string(citing.bibtex(work()), "bibtex").entries[f"exportedlabour-{__version__}"]
    assert str(entry.persons["author"][0]) == "{The Exported Labour authors}"
    assert (
        entry.fields["title"].startswith("{Exported Labour")
        and entry.fields["year"] == "2026"
        and entry.fields["month"] == "December"
    )
    assert "abc1234" in entry.fields["note"] and "doi" not in entry.fields


def test_persons_are_cited_by_family_and_given_names(tmp_path):
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    text = text.replace(
        "  - name: The Exported Labour authors",
        "  - family-names: Doe\n    given-names: Ann\n  - family-names: Roe\n    given-names: Bo",
    )
    shutil.copy2(ROOT / "_config.yml", tmp_path)
    (tmp_path / "CITATION.cff").write_text(text, encoding="utf-8")
    cited = work(tmp_path)
    assert citing.plain(cited).startswith("Doe, Ann and Roe, Bo (2026)")
    assert [
        str(p)
        for p in parse_string(citing.bibtex(cited), "bibtex").entries[cited.key].persons["author"]
    ] == ["Doe, Ann", "Roe, Bo"]
    assert "AU  - Doe, Ann\nAU  - Roe, Bo\n" in citing.ris(cited)


def test_ris_has_its_frame_and_one_tag_a_line():
    lines = citing.ris(work()).splitlines()
    assert lines[0] == "TY  - DATA" and lines[-1] == "ER  - " and "DA  - 2026/12/03" in lines
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in lines)


def test_no_doi_is_made_up_and_one_that_is_given_is_everywhere(with_doi):
    def told(cited):
        return [
            citing.plain(cited),
            citing.bibtex(cited),
            citing.ris(cited),
            citing.page(cited, stage.escape),
            citing.head(cited, "index", "t", "d"),
        ]

    without = replace(work(), doi="")
    assert not any(re.search(r"\b10\.\d{4,9}/|doi\.org", text) for text in told(without))
    assert "none yet" in citing.page(without, stage.escape)
    assert all(DOI in text for text in told(with_doi))


def test_a_book_of_another_ledger_is_not_cited_as_this_one(with_doi):
    cited = citing.read(ROOT, "abc1234", "2026-12-03", "theirs")
    assert "rerun on the ledger theirs" in citing.plain(cited) and cited.doi == ""


class _Head(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.metas, self.data, self.inside = {}, "", False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag == "meta":
            self.metas[found.get("name") or found["property"]] = found["content"]
        self.inside = found.get("type") == "application/ld+json"

    def handle_data(self, data):
        if self.inside:
            self.data += data


def test_the_code_names_its_repository_if_it_has_an_address():
    def code(cited):
        return next(
            part
            for part in citing.linked_data(cited, "how-to-rerun", "t", "d")
            if part["@type"] == "SoftwareSourceCode"
        )

    address = "https://example.org/someone/exported-labour"
    assert (
        "codeRepository" not in code(replace(work(), repository=""))
        and code(replace(work(), repository=address))["codeRepository"] == address
    )


def test_the_day_is_that_of_the_commit_of_the_release_or_today(tmp_path):
    text = re.sub(
        r"^date-released:.*$",
        "",
        (ROOT / "CITATION.cff").read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
    shutil.copy2(ROOT / "_config.yml", tmp_path)
    (tmp_path / "CITATION.cff").write_text(text, encoding="utf-8")
    before = datetime.now(UTC).date().isoformat()
    assert before <= citing.read(tmp_path, "abc").date <= datetime.now(UTC).date().isoformat()
    (tmp_path / "CITATION.cff").write_text(text + "date-released: 2027-01-31\n", encoding="utf-8")
    assert citing.read(tmp_path, "abc").date == "2027-01-31"
    assert citing.read(tmp_path, "abc", "2026-12-03").date == "2026-12-03"


@pytest.mark.parametrize(
    ("name", "types"),
    [
        ("index", ["Book", "Dataset", "Dataset", "SoftwareSourceCode"]),
        ("notebooks/money", ["Chapter"]),
        ("notebooks/ledger", ["Chapter", "Dataset"]),
        ("generated/downloads", ["Chapter", "Dataset"]),
        ("how-to-rerun", ["Chapter", "SoftwareSourceCode"]),
    ],
)
def test_heads_say_what_a_page_is_and_no_text_can_leave_them(name, types):
    hostile = '</script><script>alert(1)</script> "x" & <b>'
    head = _Head(citing.head(work(), name, hostile, hostile))
    graph = json.loads(head.data)["@graph"]
    assert [part["@type"] for part in graph] == types
    assert head.metas["og:description"] == hostile
    assert head.metas["citation_author"] == "The Exported Labour authors"
    assert head.metas["citation_publication_date"] == "2026/12/03"
    assert graph[0].get("isPartOf", graph[0])["version"] == __version__
    if name != "index":
        assert graph[0]["name"] == hostile and graph[0]["isPartOf"]["@type"] == "Book"


def test_a_link_to_a_published_page_has_a_picture_whose_address_is_whole():
    unpublished = _Head(
        citing.head(replace(work(), address="", card="78,000 workers"), "notebooks/money", "t", "d")
    )
    assert "og:image" not in unpublished.metas
    published = _Head(
        citing.head(
            replace(work(), address="https://example.org/book/", card="78,000 workers"),
            "notebooks/money",
            "t",
            "d",
        )
    )
    assert published.metas["og:image"] == "https://example.org/book/card.png"
    assert published.metas["og:image:alt"] == "78,000 workers"


def test_a_citation_file_that_lacks_something_says_what(tmp_path):
    (tmp_path / "CITATION.cff").write_text(
        (ROOT / "CITATION.cff").read_text(encoding="utf-8"), encoding="utf-8"
    )
    edit(tmp_path / "CITATION.cff", "license: CC-BY-4.0\n", "")
    with pytest.raises(InputError, match="license is missing"):
        work(tmp_path)
    (tmp_path / "CITATION.cff").unlink()
    with pytest.raises(InputError, match="CITATION.cff is missing"):
        work(tmp_path)


def test_every_page_has_the_state_of_the_book_in_its_foot():
    footer = yaml.safe_load(stage.configuration(ROOT, "", work()))["html"]["extra_footer"]
    assert (
        f"Version {__version__}, commit {work().commit}, 3 December 2026." in footer
        and "CC BY 4.0" in footer
    )


def test_the_newest_section_of_the_changelog_says_which_headlines_moved_and_why():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.split(r"^## ", text, flags=re.MULTILINE)[1]
    assert newest.startswith(__version__)
    moved = re.search(r"^### Headlines\n(.*?)(?=^###|\Z)", newest, re.MULTILINE | re.DOTALL)[1]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in moved.splitlines()
        if line.startswith("| ")
    ][1:]
    rows = [row for row in rows if not set(row[0]) <= set("-: ")]
    assert [row[0] for row in rows] == [words for words, _ in changelog.HEADLINES]
    assert all(
        len(row) == 4 and all(row) and row[3] != changelog.UNEXPLAINED for row in rows
    )  # headline, before, now, why
    published = ROOT / "results" / "headline.json"
    if published.is_file():
        numbers = json.loads(published.read_text(encoding="utf-8"))
        assert [row[2] for row in rows] == [
            changelog.now(numbers, keys) for _, keys in changelog.HEADLINES
        ]


def test_the_lines_of_the_changelog_come_from_the_results():
    numbers = {name: {"text": name.upper()} for _, keys in changelog.HEADLINES for name in keys}
    old = {name: {"text": "9"} for name in numbers}
    lines = changelog.table(numbers, old)
    assert lines.count("\n| ") >= len(changelog.HEADLINES)
    words, (middle, interval) = changelog.HEADLINES[0]
    assert f"| {words} | 9 (9) | {middle.upper()} ({interval.upper()}) | WHY |" in lines
    assert (
        f"| {words} | none | {middle.upper()} ({interval.upper()}) | first release |"
        in changelog.table(numbers, None)
    )


# --- what the book itself cites
# ---------------------------------------------------------------------


def words_of_pages():
    """Pages of prose, and the prose of notebooks, by name."""
    found = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in (ROOT / "book").rglob("*.md")
    }
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        found[path.name] = "\n\n".join(
            "".join(cell["source"]) for cell in cells(path) if cell["cell_type"] == "markdown"
        )
    return found


def methods():
    return parse_file(str(ROOT / citing.METHODS), "bibtex").entries


def cited():
    roles = re.findall(r"\{cite:\w+\}`([^`]+)`", "\n".join(words_of_pages().values()))
    return {key.strip() for role in roles for key in role.split(",")}


def test_every_work_that_a_page_cites_is_in_the_bibliography_of_methods():
    assert len(cited()) > 20 and cited() <= set(methods())


def test_every_work_of_methods_is_cited_on_a_page_or_named_in_the_code():
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    for key, entry in methods().items():
        name = " ".join(entry.persons["author"][0].last_names)
        named = re.search(rf"{re.escape(name)}\b[^;]{{0,90}}\b{entry.fields['year']}\b", code)
        assert key in cited() or named, key


def test_every_work_of_methods_has_author_title_and_year_and_a_key_made_of_them():
    for key, entry in methods().items():
        assert (
            entry.persons["author"]
            and entry.fields["title"]
            and re.fullmatch(r"[12]\d{3}", entry.fields["year"])
        ), key
        assert re.fullmatch(rf"[a-z-]+-{entry.fields['year']}", key)
        assert not entry.fields.get("doi", "").startswith("http"), key


def test_pages_cite_by_key_and_not_by_name():
    for name, text in words_of_pages().items():
        assert not re.search(
            r"\b[A-Z]\w+ (?:and others|et al\.?),? \(?(?:19|20)\d\d|\b[A-Z]\w+ and [A-Z]\w+"
            r" \(?(?:19|20)\d\d",
            text,
        ), name


def test_one_work_has_one_key_in_both_bibliographies(tmp_path):
    assert not {key.lower() for key in methods()} & {
        key.lower() for key in ledger.read_sources(ROOT / "data" / "sources.bib").entries
    }
    folder = write_ledger(tmp_path / "data")
    citing.require_keys(ROOT, ledger.read(folder))
    with (folder / "sources.bib").open("a", encoding="utf-8") as file:
        file.write("@misc{Owen-2014, author = {{Somebody}}, title = {Mine}, year = {2014}}\n")
    with pytest.raises(
        InputError, match=r"sources\.bib: Owen-2014 is a key of book/methods\.bib too"
    ):
        citing.require_keys(ROOT, ledger.read(folder))
