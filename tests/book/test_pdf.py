"""The book on paper: what it needs is said first, links hold, nothing of the screen is left, and
the file says what it is."""

import re
import shutil
import subprocess
import sys

import nbformat
import pandas as pd
import pikepdf
import pytest
from conftest import ROOT

from exportedlabour.book import pdf
from exportedlabour.build.step import at
from exportedlabour.evidence import ledger
from exportedlabour.exhibits import tables
from exportedlabour.project import InputError

ABOUT = {
    "title": "A Book",
    "subtitle": "Of numbers",
    "author": "Somebody",
    "version": "1.2.3",
    "commit": "abc1234",
    "date": "2026-11-24T10:00:00+00:00",
    "scenario": "Baseline",
}
SINGLE = """\
<html><body><header>no</header><article>
<section id="a-book"><h1>A Book<a class="headerlink" href="#a-book">#</a></h1><p>Hello.</p>
<p><a href="notebooks/host_RUS.html#RUS001">RUS001</a> <a href="host_CHN.html">China</a>
<a href="../data/figures.csv">rows</a>
<a href="https://example.org">web</a></p>
<div class="toctree-wrapper compound"><p class="caption"><span>The book</span></p>
<span id="document-one"></span>
<section id="one"><h2><span class="section-number">1. </span>One</h2><h3>1.1. Part</h3>
<details><summary>code</summary>secret</details>
<table><caption></caption><thead><tr><th>n</th></tr></thead>
<tbody><tr id="RUS001"><td class="number">5</td></tr></tbody></table></section>
<span id="document-two"></span>
<section id="two"><h2>2. Two</h2><span id="host-CHN"></span>
<script>alert(1)</script></section></div>
</section></article></body></html>"""


@pytest.fixture
def build(project):
    return at(project)


def fake_chromium(folder, version):
    path = folder / "chromium"
    path.write_text(f"#!/bin/sh\necho Chromium {version}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_a_book_that_is_not_built_is_told_before_anything_starts(build, tmp_path, monkeypatch):
    monkeypatch.setenv(pdf.VARIABLE, str(fake_chromium(tmp_path, "150.0.1.2")))
    with pytest.raises(
        InputError,
        match=(
            "was not begun. It needs the book of the scenario baseline; run first: exlab build"
            " --scenario baseline"
        ),
    ):
        pdf.make(build, {})


def test_a_chromium_that_is_missing_or_too_old_is_told_with_the_way_to_get_one(
    build, tmp_path, monkeypatch
):
    for place in (build.folder / "html" / "index.html", build.results / "provenance.json"):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("{}", encoding="utf-8")
    monkeypatch.setenv(pdf.VARIABLE, str(tmp_path / "nowhere"))
    with pytest.raises(
        InputError,
        match="Chromium or Chrome, version 131 or newer; on Debian: apt-get install chromium",
    ):
        pdf.check(build)
    monkeypatch.setenv(pdf.VARIABLE, str(fake_chromium(tmp_path, "120.0.6099.109")))
    with pytest.raises(InputError, match="is version 120, and 131 is the first"):
        pdf.check(build)
    monkeypatch.setenv(pdf.VARIABLE, str(fake_chromium(tmp_path, "131.0.0.0")))
    assert pdf.check(build) == str(tmp_path / "chromium")


def test_the_printed_page_has_chapters_contents_and_only_links_that_hold():
    text = pdf.printed(SINGLE, ABOUT)
    assert (
        "secret" not in text
        and "alert(1)" not in text
        and "headerlink" not in text
        and "<header>" not in text
        and "<caption>" not in text
    )
    assert [h for h in re.findall(r"<h1[^>]*>(.*?)</h1>", text)] == [
        "Contents",
        "A Book",
        '<span class="section-number">1. </span>One',
        "2. Two",
    ]
    assert '<a href="#RUS001">RUS001</a>' in text and '<a href="#host-CHN">China</a>' in text
    assert "figures.csv" not in text and "rows" in text and 'href="https://example.org"' in text
    assert re.findall(r'<li class="(\w+)">(?:<a[^>]*>)?([^<]+)', text) == [
        ("chapter", "A Book"),
        ("part", "The book"),
        ("chapter", "1. One"),
        ("section", "1.1. Part"),
        ("chapter", "2. Two"),
    ]
    assert '<section class="chapter" id="one"><span id="document-one"></span>' in text
    assert '<th class="number">' in text  # as the numbers below it


def test_the_contents_get_the_numbers_of_pages_and_a_lost_heading_is_told():
    text = pdf.printed(SINGLE, ABOUT)
    names = re.findall(r'data-of="(toc-\d+)"', text)
    assert len(names) == 4
    assert re.findall(
        r'data-of="toc-\d+">(\d+)<',
        pdf.numbered(text, {name: 7 + i for i, name in enumerate(names)}),
    ) == ["7", "8", "9", "10"]
    with pytest.raises(InputError, match="is on no page of the first print"):
        pdf.numbered(text, {names[0]: 1})


def test_long_words_of_tables_may_break_where_they_are_joined():
    text = pdf.printed(SINGLE.replace(">5<", ">CHN057+TOT133+TOT110+AFA115<"), ABOUT)
    assert "CHN057+<wbr/>TOT133+<wbr/>TOT110+<wbr/>AFA115" in text
    assert "<wbr" not in pdf.printed(SINGLE, ABOUT)


def test_letters_that_no_font_has_are_told(tmp_path, monkeypatch):
    (tmp_path / "fc-list").write_text(
        '#!/bin/sh\ncase "$1" in :lang=ru) echo Serif;; esac\n', encoding="utf-8"
    )
    (tmp_path / "fc-list").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "sources.bib").write_text("title = {러시아}, title = {Россия}", encoding="utf-8")
    told = pdf.boxes(tmp_path / "sources.bib")
    assert len(told) == 1 and "Korean letters" in told[0] and "fonts-noto-cjk" in told[0]


def test_tables_that_need_scripts_become_a_sentence_and_others_stay():
    made = []
    shown, tables.display = tables.display, made.append
    try:
        tables.searchable(pd.DataFrame({"id": ["RUS001"]}), {}, "1 figure")
    finally:
        tables.display = shown
    table = nbformat.v4.new_output("display_data", {"text/html": made[0].data})
    assert "Its rows are in the appendix" in pdf.pointer(table)["data"]["text/html"]
    plain = nbformat.v4.new_output("display_data", {"text/html": "<table></table>"})
    assert pdf.pointer(plain) is plain


def test_the_appendix_has_every_figure_once_and_is_safe(small_ledger):
    evidence = ledger.read(small_ledger)
    text = pdf.appendix(evidence, {"host_RUS_sentence": {"text": "Workers in 2017: {{ 1 }}."}})
    found = re.findall(r'<tr id="(\w+)">', text)
    assert sorted(found) == sorted(evidence.figures["figure_id"])
    assert "<script>" not in text and "{{ 1 }}" not in text
    assert text.index("## China") < text.index("## Poland") < text.index("## Russia")


def test_beside_its_pages_the_pdf_has_one_link_on_each_page_that_should_lead_to_it(tmp_path):
    made = tmp_path / "book.pdf"
    made.write_bytes(b"x" * 2_400_000)
    (tmp_path / "html" / "generated").mkdir(parents=True)
    for name in pdf.LINKED:
        (tmp_path / "html" / name).write_text("<h1>A</h1><p>b</p><h1>C</h1>", encoding="utf-8")
    for _ in range(2):  # a second time adds nothing
        pdf.beside(made, tmp_path / "html")
        for name in pdf.LINKED:
            page = tmp_path / "html" / name
            links = re.findall(
                r'href="([^"]+)">The whole book as PDF</a> \(2 MB\)',
                page.read_text(encoding="utf-8"),
            )
            assert (
                len(links) == 1
                and (page.parent / links[0]).resolve() == (tmp_path / "html" / "book.pdf").resolve()
            )
    assert (tmp_path / "html" / "book.pdf").read_bytes() == made.read_bytes()


def test_the_file_says_what_it_is_and_is_the_same_twice(tmp_path):
    source = tmp_path / "raw.pdf"
    with pikepdf.new() as made:
        made.add_blank_page()
        made.save(source)
    for name in ("a.pdf", "b.pdf"):
        pdf.finish(source, tmp_path / name, ABOUT)
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()
    with pikepdf.open(tmp_path / "a.pdf") as made:
        assert (
            made.docinfo["/Title"] == "A Book: Of numbers" and made.docinfo["/Author"] == "Somebody"
        )
        assert (
            made.docinfo["/CreationDate"] == "D:20261124100000+00'00'" and made.Root.Lang == "en-GB"
        )
        assert made.open_metadata()["dc:title"] == "A Book: Of numbers"


@pytest.mark.browser
def test_the_whole_book_is_printed_with_links_bookmarks_and_drawn_figures(tmp_path):
    assert pdf.chromium() and shutil.which("git")
    made = subprocess.run(
        [sys.executable, "-m", "exportedlabour.cli", "pdf"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr
    path = at(ROOT).folder / pdf.NAME
    with pikepdf.open(path) as made:
        pages = len(made.pages)
        assert 100 < pages < 400
        assert (
            made.docinfo["/Title"]
            == "Exported Labour: How many North Koreans work abroad, and what the state takes"
        )
        assert (
            made.docinfo["/Author"] == "The Exported Labour authors"
            and made.Root.Lang == "en-GB"
            and made.Root.MarkInfo.Marked
        )
        with made.open_outline() as outline:
            top = (
                [item.title for item in outline.root[0].children]
                if len(outline.root) == 1
                else [item.title for item in outline.root]
            )
        numbered = [int(match[1]) for title in top if (match := re.match(r"(\d+)\. ", title))]
        assert numbered == list(range(1, len(numbered) + 1)) and len(numbered) >= 20
        assert any(title.endswith("Hosts and their figures") for title in top)
        places = made.Root.Dests
        number = {page.objgen: at for at, page in enumerate(made.pages, start=1)}
        web = inside = 0
        for page in made.pages:
            for note in page.get("/Annots", []):
                if note.get("/Subtype") != "/Link":
                    continue
                if "/A" in note and note.A.get("/S") == "/URI":
                    assert re.match(r"(https?|mailto):", str(note.A.URI))
                    web += 1
                else:
                    target = note.get("/Dest", note.A.get("/D") if "/A" in note else None)
                    place = places[str(target)] if not isinstance(target, pikepdf.Array) else target
                    assert place[0].objgen in number
                    inside += 1
            for drawn in page.get("/Resources", {}).get("/XObject", {}).values():
                assert drawn.get("/Subtype") != "/Image"  # figures are drawn, not dots
        assert web > 500 and inside > 500
