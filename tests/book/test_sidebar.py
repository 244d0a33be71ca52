"""The contents beside every page: the chapters of the book, and no page below one of them."""

import shutil

import yaml
from conftest import ROOT

from exportedlabour.book import pages, stage

CITING = ("bibtex_default_style", "bibtex_reference_style")
PROSE = {
    "index.md": "# Book\n\nSee [](hosts).\n",
    "hosts.md": "# Hosts & guests\n\n- [](host_a)\n- [](host_b)\n",
    "host_a.md": "# Host A\n\nPlain words.\n",
    "host_b.md": "# Host B\n\nOther words.\n",
    "sources.md": "# Sources\n\nNone.\n",
}
TOC = """format: jb-book
root: index
parts:
- caption: All <b>
  chapters:
  - file: hosts
    sections:
    - file: host_a
    - file: host_b
- caption: The rest
  chapters:
  - file: sources
"""


def test_beside_a_page_are_the_chapters_and_its_own_is_open(tmp_path):
    book = tmp_path / "book"
    book.mkdir()
    for name, text in PROSE.items():
        (book / name).write_text(text, encoding="utf-8")
    shutil.copytree(ROOT / "book" / "templates", book / "templates")
    (book / "_toc.yml").write_text(TOC, encoding="utf-8")
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    config.pop("bibtex_bibfiles")
    for name in ("html_static_path", "html_css_files", "html_extra_path", *CITING):
        config["sphinx"]["config"].pop(name)
    (book / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    folder = stage.run_jupyter_book(book, tmp_path)

    def beside(name):
        page = pages.parsed((folder / name).read_text(encoding="utf-8"))
        (contents,) = page.xpath("//nav[contains(@class, 'bd-docs-nav')]")
        links = [(link.get("href"), link.text_content()) for link in contents.iter("a")]
        opened = contents.xpath(".//li[contains(@class, 'current')]/a/text()")
        captions = contents.xpath(".//p[@role='heading']//text()")
        around = page.xpath("//div[@class='prev-next-area']/a/@href")
        return links, opened, [text.strip() for text in captions], around

    links, opened, captions, around = beside("host_a.html")
    assert links == [
        ("index.html", "Book"),
        ("hosts.html", "Hosts & guests"),
        ("sources.html", "Sources"),
    ]
    assert opened == ["Hosts & guests"] and captions == ["All <b>", "The rest"]
    assert around == ["hosts.html", "host_b.html"]  # those before and after it
    assert beside("sources.html")[1] == ["Sources"] and beside("index.html")[1] == ["Book"]
