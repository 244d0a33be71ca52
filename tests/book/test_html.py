"""Every page of the built book, read as text: nothing is asked of another host, links lead
somewhere, addresses have a form, sizes.

They need `make book` first, and are left out without it; `make test-browser` looks at the same
pages as a reader does.
"""

import csv
import html
import json
import re

import pandas as pd
import pytest
from conftest import ROOT, broken_links

from exportedlabour.book import pages
from exportedlabour.exhibits.numbers import METADATA_KEY

HTML = ROOT / "build" / "baseline" / "html"
MEGABYTE = 1_000_000
built = pytest.mark.skipif(
    not (HTML / "index.html").is_file(), reason="there is no book yet: make book"
)


@pytest.fixture(scope="module")
def every_page():
    return {
        path.relative_to(HTML).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(HTML.rglob("*.html"))
    }


def local(folder, address):
    return (folder / address.split("?")[0].split("#")[0]).resolve()


def loaded_by(name, text):
    """Return the files that a page loads by itself, with what its style sheets ask for when it is
    shown."""
    files = {
        local((HTML / name).parent, address)
        for address in pages.Links(text).loads
        if not re.match(r"(data:|#|mailto:)", address) and address
    }
    for sheet in [path for path in files if path.suffix == ".css"]:
        asked = [
            local(sheet.parent, a)
            for a in pages.addresses_of_style(sheet.read_text(encoding="utf-8"))
            if not a.startswith("data:")
        ]
        files |= {
            path for path in asked if path.suffix in (".woff2", ".css", ".svg", ".png")
        }  # .ttf is for browsers without woff2
    return {path for path in files if path.is_file()}


@built
def test_no_page_asks_anything_of_another_host(every_page):
    asked = {
        (name, address)
        for name, text in every_page.items()
        for address in pages.Links(text).loads
        if pages.is_elsewhere(address)
    }
    asked |= {
        (name, a)
        for name, text in every_page.items()
        for style in re.findall(r"<style[^>]*>(.*?)</style>", text, re.DOTALL)
        for a in pages.addresses_of_style(style)
        if pages.is_elsewhere(a)
    }
    for sheet in HTML.rglob("*.css"):
        asked |= {
            (sheet.name, a)
            for a in pages.addresses_of_style(sheet.read_text(encoding="utf-8"))
            if pages.is_elsewhere(a)
        }
    assert asked == set()


@built
def test_every_link_and_anchor_leads_somewhere():
    assert broken_links(HTML) == []


@built
def test_external_links_are_listed_once_and_have_a_form(every_page):
    with (HTML / pages.EXTERNAL).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    listed = [row["address"] for row in rows]
    there = {
        a for text in every_page.values() for a in pages.Links(text).links if pages.is_elsewhere(a)
    }
    assert set(listed) == there and len(listed) == len(there) and listed
    assert {a: pages.complaint(a) for a in listed if pages.complaint(a)} == {}
    # The same page once with and once without https is one page; http stays where it stands alone,
    # for none was tried here.
    assert [
        a for a in listed if a.startswith("http:") and a.replace("http:", "https:", 1) in there
    ] == []


@built
def test_the_book_and_its_front_page_are_small(every_page):
    whole = sum(path.stat().st_size for path in HTML.rglob("*") if path.is_file())
    front = loaded_by("index.html", every_page["index.html"]) | {HTML / "index.html"}
    assert whole < 60 * MEGABYTE
    assert sum(path.stat().st_size for path in front) < 1.5 * MEGABYTE, sorted(
        (path.stat().st_size, path.name) for path in front
    )[-5:]


@built
def test_every_page_says_what_it_is_and_of_which_state(every_page):
    commits = set()
    for name, text in every_page.items():
        if name in pages.WITHOUT_METADATA:
            continue
        assert all(
            f'"{key}"' in text
            for key in (
                "citation_title",
                "citation_author",
                "og:title",
                "application/ld+json",
                "description",
            )
        ), name
        for block in re.findall(
            r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL
        ):
            types = [part["@type"] for part in json.loads(block)["@graph"]]
            assert types[0] == ("Book" if name == "index.html" else "Chapter"), name
        commits |= set(re.findall(r"Version [\d.]+, commit \S+, \d+ \w+ \d{4}\.", text))
    footers = [
        re.search(r"<footer.*?Version [\d.]+, commit ", text, re.DOTALL)
        for text in every_page.values()
    ]
    assert all(footers) and len(commits) == 1


@built
def test_behind_every_figure_are_a_table_a_csv_and_a_drawing():
    """Those of the notebooks as they were executed: with data in them there is a file of the same
    rows, and a page that has both."""
    for path in sorted((HTML.parent / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        described = [
            o["metadata"][METADATA_KEY]
            for c in cells
            for o in c.get("outputs", [])
            if METADATA_KEY in o.get("metadata", {})
        ]
        for figure in described:
            assert figure["alt"] and figure["caption"] and figure.get("data"), (
                f"{path.name}: {figure['name']}"
            )
            assert len(pd.read_csv(HTML / "figures" / f"{figure['name']}.csv"))
            assert (HTML / "figures" / f"{figure['name']}.svg").stat().st_size > 500
            page = HTML / ("index.html" if path.stem == "front" else f"notebooks/{path.stem}.html")
            if path.stem == "host_money":  # each stands on the page of its host
                page = HTML / f"notebooks/{figure['name'].replace('fig-host-money-', 'host_')}.html"
            assert f"figures/{figure['name']}.csv" in page.read_text(encoding="utf-8")


def test_every_figure_of_a_notebook_and_of_the_package_is_shown_with_its_data():
    sources = {
        path.name: "".join(
            "".join(c["source"]) + "\n"
            for c in json.loads(path.read_text(encoding="utf-8"))["cells"]
            if c["cell_type"] == "code"
        )
        for path in (ROOT / "notebooks").glob("*.ipynb")
    }
    sources |= {
        path.name: path.read_text(encoding="utf-8")
        for path in (ROOT / "src" / "exportedlabour").rglob("*.py")
    }
    lacking, seen = [], 0
    for name, text in sources.items():
        for call in re.finditer(r"(?:\b(?:draw|plots)\.|(?<![\w.]))show\((?=[^)]*\()", text):
            body = _until_closed(text[call.end() :])
            if re.search(r"\bname=", body):
                seen += 1
                if not re.search(r"\bdata=", body):
                    lacking.append(f"{name}: {body[:80]}")
    assert lacking == [] and seen > 25


def _until_closed(text):
    depth = 1
    for i, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if not depth:
            return text[:i]
    return text


@pytest.mark.parametrize(
    ("address", "wrong"),
    [
        ("https://example.org/a?b=c#d", ""),
        ("http://www.example.org:8080/", ""),
        ("https://web.archive.org/web/2017/http://example.org/", ""),
        ("https://example.org/?utm_source=x&b=1", "tracks"),
        ("https://example.org/?b=1&fbclid=2", "tracks"),
        ("https://example", "no host"),
        ("https://example.org/a b", "character"),
        ("https://user:word@example.org/", "name or password"),
        ("https://example.org:port/", "no address"),
        ("//example.org/", "no host"),
    ],
)
def test_the_form_of_external_addresses(address, wrong):
    assert wrong in pages.complaint(address) and bool(wrong) == bool(pages.complaint(address))


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        ("https://example.org/?a=1&utm_source=x", "https://example.org/?a=1"),
        ("https://example.org/?utm_source=x&utm_medium=y", "https://example.org/"),
        ("https://example.org./a", "https://example.org/a"),
        ("http://example.org/both", "https://example.org/both"),
        ("http://example.org/alone", "http://example.org/alone"),
        ("https://example.org/?q=a&b=%22", "https://example.org/?q=a&b=%22"),
        ("https://example.org/\ubd81", "https://example.org/%EB%B6%81"),
    ],
)
def test_links_of_a_page_track_nobody_and_name_a_page_once(found, shown):
    page = pages.parsed(f'<a href="{html.escape(found)}">x</a>')
    pages.tidy_links(page, {"https://example.org/both"})
    assert f'<a href="{html.escape(shown)}">x</a>' in pages.written(page)


def test_what_a_page_loads_is_told_from_where_it_leads():
    links = pages.Links(
        '<link rel="stylesheet" href="https://cdn.example/x.css"><link rel="next" href="b.html"><a'
        ' href="https://example.org">x</a><img srcset="a.png 1x, //cdn.example/b.png 2x"><p'
        " style=\"background: url('https://cdn.example/c.png')\"></p><svg><use"
        ' xlink:href="#m"/></svg><p id="here"></p>'
    )
    assert links.links == ["b.html", "https://example.org"] and links.anchors == {"here"}
    assert [a for a in links.loads if pages.is_elsewhere(a)] == [
        "https://cdn.example/x.css",
        "//cdn.example/b.png",
        "https://cdn.example/c.png",
    ]
