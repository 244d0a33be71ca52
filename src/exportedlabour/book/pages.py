"""The finish of every built page: what it loads, what its head says, and what the theme leaves out
for keyboards and screen readers.

Each page is read once by a parser (lxml, which takes a tenth of a second for all pages of the
book), changed as a tree, and written once.
"""

import csv
import html
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, urlsplit

from lxml import etree
from lxml import html as parser

from ..exhibits import plot_data
from . import citing, launch, policy

SEARCH = "search.html"
WITHOUT_METADATA = ("genindex.html", SEARCH)
EXTERNAL = "data/external_links.csv"
# Loaded on every page, used on the search page alone.
SEARCH_SCRIPTS = ("searchtools.js", "language_data.js", "searchindex.js")
# The theme carries its icons twice: as a font in its style sheet, and as a script of 1.5 MB, which
# is left out. Thebe is off.
UNUSED_FILES = ("scripts/fontawesome.js", "sphinx-thebe.js", "sphinx-thebe.css")
# In _static: maps of scripts, the same icons as a script and for browsers of before 2016, words of
# the theme in other languages, and its templates, which are no pages.
UNUSED = ("*.map", "fontawesome.*", "*.ttf", "*.po", "*.mo", "*.html")
# In what sets up Thebe in the text of a page, and nowhere else.
THEBE = ("unpkg.com", "thebe", "kernelName =")
IMAGES = "_images"
XLINK = "{http://www.w3.org/1999/xlink}href"
SVG = "{http://www.w3.org/2000/svg}"
LINKS = etree.XPath("//*[@href or @x:href]", namespaces={"x": "http://www.w3.org/1999/xlink"})
TRACKING = re.compile(r"^(utm_\w+|fbclid|gclid|mc_[ce]id|igshid|yclid|_hs\w+|msclkid)$")
LEADS = ("next", "prev", "index", "search", "canonical")  # elements "link" that lead somewhere
WRITTEN = "".join(map(chr, range(33, 127)))  # what an address has as it is; the rest in per cent


def finish(folder: Path, work: citing.Work) -> None:
    """Finish every page of a built book in place, and list its links to other hosts in
    data/external_links.csv."""
    for name in ("objects.inv", ".buildinfo"):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / "_sources", ignore_errors=True)
    for pattern in UNUSED:
        for path in (folder / "_static").rglob(pattern):
            path.unlink()
    make_titles_text(folder / "searchindex.js")
    pages = {
        path.relative_to(folder).as_posix(): parsed(path.read_text(encoding="utf-8"))
        for path in sorted(folder.rglob("*.html"))
    }
    for name, page in pages.items():
        light(page, name)
    known = policy.known_scripts(pages[name] for name in WITHOUT_METADATA if name in pages)
    secure = {
        address
        for page in pages.values()
        for _, _, address in external(page)
        if "https:" in address
    }
    offered = _offered(folder)
    leads: dict[str, list[str]] = {}
    for name, page in pages.items():
        inline_linked(page, (folder / name).parent)
        point_at(page, offered)
        to_template(page)
        accessible(page)
        tidy_links(page, secure)
        if name not in WITHOUT_METADATA:
            described(page, name, work)
        plain = name.removesuffix(".html")
        page.find("head").insert(0, element(policy.meta(plain, known)))
        (folder / name).write_text(written(page), encoding="utf-8")
        for address in {address for *_, address in external(page, follows=True)}:
            leads.setdefault(address, []).append(name)
    _drop_unused_images(folder, pages.values())
    write_external_links(folder, leads)


def parsed(text: str):
    """Return the tree of a page."""
    return parser.document_fromstring(text)


def written(page) -> str:
    """Return the HTML of a page."""
    return parser.tostring(page, encoding="unicode", doctype="<!DOCTYPE html>") + "\n"


def element(text: str):
    """Return the element that is written so."""
    return parser.fragment_fromstring(text)


def make_titles_text(index: Path) -> None:
    """Escape the headings in Sphinx's search index.

    The index holds them as plain text, but the search page inserts them as markup.
    """
    text = index.read_text(encoding="utf-8")
    begin, end = text.index("{"), text.rindex("}") + 1
    whole = json.loads(text[begin:end])
    whole["alltitles"] = {
        html.escape(title, quote=False): pages for title, pages in whole["alltitles"].items()
    }
    index.write_text(
        text[:begin] + json.dumps(whole, sort_keys=True) + text[end:], encoding="utf-8"
    )


def light(page, name: str) -> None:
    """Take out of the page ``name`` ("notebooks/money.html") what it would load in vain."""
    for each in list(page.iter("script", "link")):
        address = (each.get("src") or each.get("href") or "").partition("?")[0]
        if (
            address.endswith(UNUSED_FILES)
            or (each.tag == "script" and _sets_up_thebe(each))
            or (each.tag == "script" and is_elsewhere(address))
            or (name != SEARCH and address.endswith(SEARCH_SCRIPTS))
        ):
            each.drop_tree()


def _sets_up_thebe(script) -> bool:
    if "thebe" in (script.get("type") or ""):
        return True
    runs = not script.get("src") and policy.runs(script.get("type"))
    return runs and any(word in (script.text or "") for word in THEBE)


def described(page, name: str, work: citing.Work) -> None:
    """Say in the head of the page ``name`` what it is and of which state."""
    said = citing.head(work, name.removesuffix(".html"), *title_and_description(page))
    for each in parser.fragments_fromstring(said):
        each.tail = "\n"
        page.find("head").append(each)


def title_and_description(page) -> tuple[str, str]:
    """Return the heading of a page and its first paragraph, cut at some 300 characters, without
    markup."""
    heading = page.find(".//h1")
    if heading is None:
        named = page.find(".//title")
        title = _words(named) if named is not None else "Exported Labour"
        return title, title
    title = _words(heading)
    paragraph = heading.xpath("following::p[1]")
    said = _words(paragraph[0]) if paragraph else title
    return title, said if len(said) <= 300 else said[:299].rsplit(" ", 1)[0] + " …"


def _words(part) -> str:
    """Return the text of an element without the sign that links to it."""
    texts = part.xpath(".//text()[not(ancestor::a[contains(@class, 'headerlink')])] | .//br")
    return " ".join("".join(" " if hasattr(each, "tag") else each for each in texts).split())


def accessible(page) -> None:
    """Mend what the theme and the notebooks' pages lack of WCAG 2.2 AA; each line says what."""
    for again in page.xpath("//meta[@name='viewport']")[:-1]:  # said once
        again.drop_tree()
    # The home link stands outside every landmark (1.3.1).
    for logo in page.xpath("//div[@class='sidebar-primary-item'][a[contains(@class, 'logo')]]"):
        logo.attrib.update({"role": "navigation", "aria-label": "Book"})
    # Roles that were withdrawn, and a list whose children are none (4.1.2, 1.3.1).
    for entry in page.xpath("//*[@role='doc-biblioentry'] | //div[@class='citation-list'][@role]"):
        del entry.attrib["role"]
    # What scrolls can be reached by keyboard (2.1.1).
    for scrolls in page.xpath(
        "//div[@class='highlight']/pre | //div[@class='pst-scrollable-table-container']"
        " | //figure[@class]"
    ):
        scrolls.set("tabindex", "0")


def inline_linked(page, folder: Path) -> None:
    """Put those SVG images of a page in ``folder`` into the page itself whose marks are links:
    inside an <img> they could not be followed.

    The links of an <img> cannot be followed. The image keeps its alternative text, and its ids are
    made unique.
    """
    for image in page.xpath(f"//img[contains(@src, '{IMAGES}/')]"):
        path = folder / image.get("src")
        if (
            path.suffix != ".svg"
            or not path.is_file()
            or b"<a xlink:href=" not in path.read_bytes()
        ):
            continue
        drawing = etree.parse(path, etree.XMLParser(remove_comments=True)).getroot()
        own = f"s{path.stem[:8]}-"
        for part in drawing.findall(f"{SVG}metadata"):
            drawing.remove(part)
        for part in drawing.iter(etree.Element):
            if name := part.get("id"):
                part.set("id", own + name)
            for key, value in part.attrib.items():
                if key == XLINK and value.startswith("#"):
                    part.set(key, f"#{own}{value[1:]}")
                elif "url(#" in value:
                    part.set(key, value.replace("url(#", f"url(#{own}"))
        for size in ("width", "height"):
            drawing.attrib.pop(size, None)
        drawing.attrib.update(
            {"class": "linked", "role": "group", "aria-label": image.get("alt", "")}
        )
        drawing.tail = image.tail
        image.getparent().replace(image, drawing)


def _offered(folder: Path) -> dict[str, str]:
    """Return for each image of a page the same drawing that readers can take away, so that the book
    has it once."""
    drawings = {
        path.read_bytes().strip(): f"{plot_data.FOLDER}/{path.name}"
        for path in sorted((folder / plot_data.FOLDER).glob("*.svg"))
    }
    found = {
        path.name: drawings.get(path.read_bytes().strip())
        for path in (folder / IMAGES).glob("*.svg")
    }
    return {name: place for name, place in found.items() if place}


def point_at(page, offered: dict[str, str]) -> None:
    """Let the images of a page be those of ``_offered``."""
    for each in page.xpath(f"//*[contains(@src, '{IMAGES}/') or contains(@href, '{IMAGES}/')]"):
        for key in ("src", "href"):
            up, _, name = each.get(key, "").partition(f"{IMAGES}/")
            if name in offered:
                each.set(key, up + offered[name])


def _drop_unused_images(folder: Path, pages) -> None:
    """Remove images that stand inside their page now, and that no page asks for any more."""
    if not (folder / IMAGES).is_dir():
        return
    asked = f"//@*[contains(., '{IMAGES}/')]"
    wanted = {
        re.split("[?#]", address.rpartition("/")[2])[0]
        for page in pages
        for address in page.xpath(asked)
    }
    for image in (folder / IMAGES).iterdir():
        if image.name not in wanted:
            image.unlink()


def to_template(page) -> None:
    """Let the launch buttons of a host's page lead to the notebook that makes it."""
    for link in page.xpath(f"//a[contains(@href, '{launch.TEMPLATE}_')]"):
        link.set("href", launch.to_template(link.get("href")))


class Links(HTMLParser):
    """The addresses in a page.

    ``links`` are those that its elements lead to, ``loads`` what the page loads by itself,
    ``anchors`` its ids.
    """

    def __init__(self, text: str):
        super().__init__()
        self.links, self.loads, self.anchors = [], [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        for key in ("id", "name"):
            if found.get(key):
                self.anchors.add(found[key])
        for key in ("href", "xlink:href"):
            if found.get(key):
                follows = tag in ("a", "area") or (tag == "link" and found.get("rel") in LEADS)
                (self.links if follows else self.loads).append(found[key])
        for key in ("src", "data", "poster", "action", "formaction", "background"):
            if found.get(key):
                self.loads.append(found[key])
        if found.get("srcset"):
            self.loads += [part.split()[0] for part in found["srcset"].split(",") if part.split()]
        if found.get("style"):
            self.loads += addresses_of_style(found["style"])


def addresses_of_style(text: str) -> list[str]:
    """Return what a style sheet asks for: its url() and @import."""
    return re.findall(r"""url\(\s*["']?([^"')]+)["']?\s*\)""", text) + re.findall(
        r"""@import\s+["']([^"']+)["']""", text
    )


def is_elsewhere(address: str) -> bool:
    """Whether an address is of another host."""
    return bool(re.match(r"\s*(?:https?|wss?|ftp):|\s*//", address, re.IGNORECASE))


def external(page, follows: bool = False) -> list[tuple]:
    """Return the addresses of other hosts that elements of a page name: element, attribute and
    address; with ``follows`` only those that a reader can follow."""
    found = []
    for each in LINKS(page):
        for key in ("href", XLINK):
            address = each.get(key)
            if address and is_elsewhere(address):
                tag = etree.QName(each).localname
                if not follows or tag in ("a", "area") or each.get("rel") in LEADS:
                    found.append((each, key, address))
    return found


def complaint(address: str) -> str:
    """Return what is wrong with the form of an external address, or ""."""
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018  a bad port raises
    except ValueError as error:
        return f"is no address ({error})"
    if parts.scheme not in ("http", "https") or not re.fullmatch(
        r"(?:[\w-]+\.)+[\w-]{2,}", parts.hostname or ""
    ):
        return "has no host of the web"
    if re.search(r"[\s<>\"{}|\\^`]", address):
        return "has a character that an address must write in per cent"
    if parts.username or parts.password:
        return "has a user's name or password in it"
    if kept := [
        name for name in re.findall(r"(?:^|&)([^=&]+)", parts.query) if TRACKING.match(name)
    ]:
        return f"tracks its readers ({', '.join(kept)})"
    return ""


def tidy_links(page, secure: set[str]) -> None:
    """Let the links of a page to other hosts track nobody and name one page by one address.

    The ledger keeps addresses as they were found. On a page they lose parameters that track
    readers, and the dot at the end of a host name. http becomes https where the book has the same
    address with https, in ``secure``.
    """
    for each, key, address in external(page):
        each.set(key, quote(tidied(address, secure), safe=WRITTEN))


def tidied(address: str, secure: set[str]) -> str:
    """Return an address as ``tidy_links`` leaves it."""
    place, _, query = address.partition("?")
    parts = query.split("&")
    kept = [part for part in parts if part and not TRACKING.match(part.partition("=")[0])]
    if kept != parts:
        address = place + ("?" + "&".join(kept) if kept else "")
    address = re.sub(r"^(https?://[^/?#]+?)\.(?=[/?#]|$)", r"\1", address)
    with_s = re.sub("^http:", "https:", address)
    return with_s if with_s in secure else address


def write_external_links(folder: Path, leads: dict[str, list[str]]) -> None:
    """List every link to another host once, with the number of pages that have it and the first of
    them; ``leads`` has these pages by address, in order."""
    place = folder / EXTERNAL
    place.parent.mkdir(exist_ok=True)
    with place.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("address", "scheme", "host", "pages", "first_page"))
        for address, pages in sorted(leads.items()):
            parts = urlsplit(address)
            writer.writerow((address, parts.scheme, parts.hostname or "", len(pages), pages[0]))
