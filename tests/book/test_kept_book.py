"""A book made again from what its last build left: the same to the byte as one from nothing, with
no more pages made than needed."""

import shutil
from types import SimpleNamespace

import pytest
import yaml
from conftest import ROOT
from sphinx.events import EventManager

from exportedlabour.book import kept_book, prose, shared_parts, stage
from exportedlabour.project import InputError

PROSE = {
    "index.md": "# Book\n\nWorkers: {{ world }}. See [](hosts) and {cite}`one2017`.\n",
    "hosts.md": "# Hosts\n\nThe hosts of {{ world }} workers.\n",
    "host_a.md": "# Host A\n\nPlain words.\n\n```python\nx = 1\n```\n",
    "host_b.md": "# Host B\n\n![A drawing](figures/drawn.svg)\n\n```python\nx = 1\n```\n",
    "sources.md": "# Sources\n\n```{bibliography}\n```\n",
}
TOC = """format: jb-book
root: index
parts:
- caption: All
  chapters:
  - file: hosts
    sections:
    - file: host_a
    - file: host_b
  - file: sources
"""
BIB = "@book{one2017, author={One, A.}, title={A title}, year={2017}, publisher={P}}\n"


def staged(folder, world="86,000", drawing="<circle r='1'/>", extra="a,b\n", **pages):
    """Write the sources of a small book as ``stage.stage`` leaves them."""
    for name, text in {**PROSE, **{f"{key}.md": text for key, text in pages.items()}}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(prose.filled(text, {"world": world}, name), encoding="utf-8")
    (folder / "figures").mkdir()
    (folder / "figures" / "drawn.svg").write_text(
        f"<svg xmlns='http://www.w3.org/2000/svg'>{drawing}</svg>", encoding="utf-8"
    )
    (folder / "extra").mkdir()
    (folder / "extra" / "table.csv").write_text(extra, encoding="utf-8")
    (folder / "_toc.yml").write_text(TOC, encoding="utf-8")
    (folder / "sources.bib").write_text(BIB, encoding="utf-8")
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    config["bibtex_bibfiles"] = ["sources.bib"]
    config["sphinx"]["config"].pop("html_static_path")
    config["sphinx"]["config"].pop("html_css_files")
    (folder / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    return folder


def contents(folder):
    """Every file of a book but Sphinx's own notes of the build."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in (".buildinfo", "objects.inv")
    }


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A book made from nothing, and what it left."""
    place = tmp_path_factory.mktemp("first")
    pages = kept_book.render(
        staged(place / "staged"), place / "kept", place / "out", stage.run_jupyter_book
    )
    return place, pages


@pytest.fixture
def kept(first, tmp_path):
    """A copy of what the first book left, in the same place as before, as Sphinx knows its sources
    by their paths."""
    place, _ = first
    shutil.copytree(place / "kept", tmp_path / "saved")
    yield place / "kept"
    shutil.rmtree(place / "kept", ignore_errors=True)
    shutil.copytree(tmp_path / "saved", place / "kept")


ABOVE = {"hosts.html", "index.html"}  # the pages that list a host's page are written with it
CHANGES = {  # what changes, and which pages are made anew; None for all
    "a number": ({"world": "87,000"}, {"index.html", "hosts.html"}),
    "a heading, which other pages show": ({"hosts": "# Countries\n\nThe hosts.\n"}, None),
    "a sentence": ({"host_a": "# Host A\n\nOther words.\n"}, {"host_a.html"} | ABOVE),
    "a drawing": ({"drawing": "<circle r='2'/>"}, {"host_b.html"} | ABOVE),
    "a document no longer cited": ({"index": "# Book\n\nWorkers: {{ world }}.\n"}, None),
    "a file to take away": ({"extra": "c,d\n"}, set()),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_book_made_again_is_the_same_to_the_byte_as_one_from_nothing(kept, tmp_path, what):
    change, expected = CHANGES[what]
    before = {
        path.name: path.stat().st_mtime_ns for path in (kept / "_build" / "html").glob("*.html")
    }
    again = kept_book.render(
        staged(tmp_path / "again", **change), kept, tmp_path / "out", stage.run_jupyter_book
    )
    made = {
        path.name
        for path in (kept / "_build" / "html").glob("*.html")
        if path.stat().st_mtime_ns != before[path.name]
    }
    made -= {"genindex.html", "search.html"}
    anew = kept_book.render(
        staged(tmp_path / "anew", **change),
        tmp_path / "none",
        tmp_path / "out2",
        stage.run_jupyter_book,
    )
    assert contents(again) == contents(anew)
    assert made == (
        set(before) - {"genindex.html", "search.html"} if expected is None else expected
    )


def test_other_files_start_a_book_from_nothing(kept, tmp_path):
    stale = kept / "_build" / "html" / "stale.html"
    stale.write_text("a page of a file that has gone", encoding="utf-8")
    book = staged(tmp_path / "again")
    (book / "extra" / "more.csv").write_text("x\n", encoding="utf-8")
    assert not (
        kept_book.render(book, kept, tmp_path / "out", stage.run_jupyter_book) / "stale.html"
    ).exists()


@pytest.mark.parametrize(
    "name, text",
    [
        ("_toc.yml", TOC.replace("All", "Every one")),
        ("sources.bib", BIB.replace("A title", "Another")),
    ],
)
def test_what_shows_on_every_page_starts_a_book_from_nothing(first, tmp_path, name, text):
    book = staged(tmp_path / "again")
    same = kept_book.signature(book)
    (book / name).write_text(text, encoding="utf-8")
    assert kept_book.signature(book) != same


def test_our_extensions_are_among_what_a_book_was_made_of(first, tmp_path):
    assert {"shared_parts.py", "shown_elsewhere.py", "mathml.py"} <= set(
        kept_book.signature(staged(tmp_path / "again"))["texts"]
    )


def test_a_book_that_failed_leaves_nothing_to_build_on(kept, tmp_path):
    book = staged(tmp_path / "again", host_a="# Host A\n\n{doc}`nobody_made_this`\n")
    with pytest.raises(InputError, match="nobody_made_this"):
        kept_book.render(book, kept, tmp_path / "out", stage.run_jupyter_book)
    assert not kept.exists()


def test_a_copy_can_be_changed_without_harm_to_what_is_kept(first):
    place, pages = first
    page = kept_page = (place / "kept" / "_build" / "html" / "index.html").read_text(
        encoding="utf-8"
    )
    (pages / "index.html").write_text("changed", encoding="utf-8")
    assert (place / "kept" / "_build" / "html" / "index.html").read_text(
        encoding="utf-8"
    ) == kept_page
    (pages / "index.html").write_text(page, encoding="utf-8")


SIDEBAR = (
    '<ul><li class="toctree-l2"><a class="reference internal" href="host_b.html">B</a></li><li'
    ' class="toctree-l2 current active"><a class="current reference internal"'
    ' href="#">A</a></li></ul>'
)


def test_contents_beside_a_page_are_those_of_its_sibling_with_another_entry_open():
    text = shared_parts.others(SIDEBAR, "folder/host_a")
    assert 'href="host_a.html">A</a>' in text and "current" not in text
    assert shared_parts.opened(text, "folder/host_a") == SIDEBAR
    beside = shared_parts.opened(text, "folder/host_b")
    assert (
        '<li class="toctree-l2 current active"><a class="current reference internal"'
        ' href="#">B</a></li>' in beside
    )


def test_contents_that_look_otherwise_are_left_to_the_theme():
    assert shared_parts.others(SIDEBAR + SIDEBAR, "host_a") is None
    assert shared_parts.opened(shared_parts.others(SIDEBAR, "host_a"), "host_c") is None


def test_the_theme_makes_the_contents_of_siblings_once():
    """Its own next handler asks for them, so they have to be shared from the moment on that it
    offers to make them."""

    class Made:
        env = SimpleNamespace(toctree_includes={"index": ["hosts"], "hosts": ["host_a", "host_b"]})
        config = SimpleNamespace(root_doc="index")
        events = EventManager(None)

    app, calls = Made(), []
    app.events.add("html-page-context")

    def theirs(app, page, template, context, doctree):
        calls.append(page)
        context["generate_toctree_html"] = lambda kind, **options: made(page)

    def made(page):
        calls.append(f"made {page}")
        return SIDEBAR

    app.events.connect("html-page-context", shared_parts.add_toctree_functions, 500)
    asked = []
    app.events.connect(
        "html-page-context",
        lambda app, page, template, context, doctree: asked.append(
            context["generate_toctree_html"]("sidebar")
        ),
        500,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shared_parts, "add_toctree_functions", theirs)
        app.events.listeners["html-page-context"][0] = app.events.listeners["html-page-context"][
            0
        ]._replace(handler=theirs)
        shared_parts.share_from_the_start(app)
        app.events.app = app
        for page in ("host_a", "host_b"):
            app.events.emit("html-page-context", page, "page.html", {}, None)
    assert calls == ["host_a", "made host_a", "host_b"]
    assert 'href="#">A</a>' in asked[0] and 'href="#">B</a>' in asked[1]


def test_shared_parts_change_no_page(first, tmp_path):
    """The theme's own contents and colours, made for each page, are what the extension hands on."""
    book = staged(tmp_path / "plain")
    config = yaml.safe_load((book / "_config.yml").read_text(encoding="utf-8"))
    config["sphinx"]["extra_extensions"].remove("exportedlabour.book.shared_parts")
    (book / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    assert contents(
        kept_book.render(book, tmp_path / "kept", tmp_path / "out", stage.run_jupyter_book)
    ) == contents(first[1])


def test_a_page_of_the_first_level_opens_its_part():
    text = (
        '<ul class="nav bd-sidenav"><li class="toctree-l1"><a class="reference internal"'
        ' href="a.html">A</a></li></ul><ul class="current nav bd-sidenav"><li class="toctree-l1'
        ' current active"><a class="current reference internal" href="#">B</a></li></ul>'
    )
    neutral = shared_parts.others(text, "b", first_level=True)
    assert "current" not in neutral and shared_parts.opened(neutral, "b", first_level=True) == text
    assert shared_parts.opened(neutral, "a", first_level=True).startswith(
        '<ul class="current nav bd-sidenav"><li class="toctree-l1 current'
    )
