"""The last touches to every built page.

They concern what the page loads, what its head says, and what the theme lacks for keyboards and
screen readers.
"""

import csv
import html
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

from ..build import warm_parent
from ..exhibits import plot_data
from . import citing, launch, policy

SHARES = 2  # parts of the pages that are finished in parallel
SEARCH = "search.html"
WITHOUT_METADATA = ("genindex.html", SEARCH)
EXTERNAL = "data/external_links.csv"
# The theme loads it on every page, and only the search page uses it.
SEARCH_SCRIPTS = re.compile(
    r'<script src="[^"]*(?:searchtools|language_data|searchindex)\.js[^"]*"></script>\s*'
)
# Left out: the theme has its icons twice, in a font and in this script of 1.5 MB; Thebe is off.
UNUSED_SCRIPTS = re.compile(
    r'<script[^>]*src="[^"]*(?:scripts/fontawesome|sphinx-thebe)\.js[^"]*"[^>]*></script>\s*'
)
# What sets up Thebe in the text of a page, and its settings.
UNUSED_SETTINGS = re.compile(
    r"<script[^>]*>(?:[^<]*(?:unpkg\.com|thebe)[^<]*|\s*kernelName ="
    r" [^<]*)</script>\s*|<script[^>]*x-thebe-config[^>]*>[^<]*</script>\s*"
)
UNUSED_STYLES = re.compile(r'<link[^>]*href="[^"]*sphinx-thebe\.css[^"]*"[^>]*/>\s*')
LEADS_ELSEWHERE = re.compile(r"<(?:a|area|link)\b[^>]*\bhref=[^>]*//[^>]*>")
TRACKING = re.compile(r"^(utm_\w+|fbclid|gclid|mc_[ce]id|igshid|yclid|_hs\w+|msclkid)$")


def finish(folder: Path, work: citing.Work, drawn: dict[str, dict] | None = None) -> None:
    """Finish every page of a built book in place.

    Also list the links to other hosts in data/external_links.csv. ``drawn`` are the descriptions of
    all plots by name, for pages that borrow some.
    """
    for name in ("objects.inv", ".buildinfo"):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / "_sources", ignore_errors=True)
    for unused in {
        *(folder / "_static").rglob("*.map"),
        *(folder / "_static" / "scripts").glob("fontawesome.*"),
    }:
        unused.unlink()
    for template in (folder / "_static").rglob("*.html"):  # a template of the theme is no page
        template.unlink()
    paths = sorted(folder.rglob("*.html"))
    secure = {
        address
        for path in paths
        for address in re.findall(r'href="(https://[^"]+)"', path.read_text(encoding="utf-8"))
    }
    plain = [folder / name for name in WITHOUT_METADATA if (folder / name).is_file()]
    known = policy.known_scripts(
        UNUSED_SETTINGS.sub("", path.read_text(encoding="utf-8")) for path in plain
    )
    make_titles_text(folder / "searchindex.js")
    shared = folder, work, drawn or {}, secure, _taken_away(folder), known
    with warm_parent.processes(SHARES) as pool:
        for done in [pool.submit(_finish_pages, paths[i::SHARES], *shared) for i in range(SHARES)]:
            done.result()
    _drop_unused_images(folder)
    write_external_links(folder)


def _finish_pages(
    paths: list[Path],
    folder: Path,
    work: citing.Work,
    drawn: dict[str, dict],
    secure: set[str],
    taken_away: dict[str, str],
    known: list[str],
) -> None:
    """Finish some pages of ``folder``.

    ``secure`` is of ``with_tidy_links``, ``taken_away`` of ``_taken_away``, ``known`` of
    ``policy.known_scripts``.
    """
    for path in paths:
        text, name = path.read_text(encoding="utf-8"), path.relative_to(folder).as_posix()
        lent = plot_data.with_lent(
            text.replace(citing.COMMIT_HERE, work.commit), drawn, "../" * name.count("/")
        )
        done = with_tidy_links(finished(lent, name, path.parent, work), secure)
        done = done.replace("<head>", "<head>" + policy.meta(name.removesuffix(".html"), known), 1)
        done = re.sub(
            r"_images/([0-9a-f]{64}\.svg)", lambda match: taken_away.get(match[1], match[0]), done
        )
        if done != text:
            path.write_text(done, encoding="utf-8")


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


def finished(text: str, name: str, folder: Path, work: citing.Work) -> str:
    """Return the HTML of a page as readers get it.

    ``name`` is of the form "notebooks/money.html"; the page is in ``folder``.
    """
    text = UNUSED_SETTINGS.sub("", text)
    text = re.sub(r'<script[^>]*src="https?://[^"]*"[^>]*></script>\s*', "", text)
    text = UNUSED_STYLES.sub("", UNUSED_SCRIPTS.sub("", text))
    if name != SEARCH:
        text = SEARCH_SCRIPTS.sub("", text)
    text = accessible(inline_linked(launch.to_template(text), folder))
    if name in WITHOUT_METADATA:
        return text
    return text.replace(
        "</head>",
        citing.head(work, name.removesuffix(".html"), *title_and_description(text)) + "</head>",
        1,
    )


def title_and_description(text: str) -> tuple[str, str]:
    """Return the heading of a page and its first paragraph, as plain text.

    The paragraph is cut at some 300 characters.
    """

    def words(markup: str) -> str:
        return " ".join(
            html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"<br\s*/?>", " ", markup))).split()
        )

    heading = re.search(r"<h1>(.*?)(?:<a class=\"headerlink\".*?</a>)?</h1>", text, re.DOTALL)
    title = (
        words(heading[1])
        if heading
        else words(
            (re.search(r"<title>(.*?)</title>", text, re.DOTALL) or ["", "Exported Labour"])[1]
        )
    )
    paragraph = re.search(r"<p>(.*?)</p>", text[heading.end() :] if heading else "", re.DOTALL)
    said = words(paragraph[1]) if paragraph else title
    return title, said if len(said) <= 300 else said[:299].rsplit(" ", 1)[0] + " …"


def accessible(text: str) -> str:
    """Add what the theme and the pages of notebooks lack of WCAG 2.2 AA.

    A comment beside each change names the criterion.
    """
    text = re.sub(
        r'(<meta name="viewport"[^>]*>\s*)(?=.*<meta name="viewport")',
        "",
        text,
        count=2,
        flags=re.DOTALL,
    )
    # The switch that opens a branch of the contents had no name, and the home link was in no
    # landmark (4.1.2, 1.3.1).
    text = re.sub(
        r'(<a class="(?:current )?reference internal"'
        r' href="[^"]*">)([^<]*)(</a><details[^>]*>)<summary>',
        r'\1\2\3<summary aria-label="Pages below \2">',
        text,
    )
    text = re.sub(
        r'<div class="sidebar-primary-item">(\s*<a class="navbar-brand logo")',
        r'<div class="sidebar-primary-item" role="navigation" aria-label="Book">\1',
        text,
    )
    # The theme uses roles that ARIA withdrew, and a list without list items (4.1.2, 1.3.1).
    text = text.replace(' role="doc-biblioentry"', "").replace(
        '<div role="list" class="citation-list">', '<div class="citation-list">'
    )
    # The accessible name has to hold the words that are seen, and not only others (2.5.3).
    text = text.replace('<summary aria-label="Toggle hidden content">', "<summary>")
    # What scrolls has to be reached by keyboard (2.1.1).
    text = re.sub(r'(<div class="highlight">)<pre>', r'\1<pre tabindex="0">', text)
    text = text.replace(
        '<div class="pst-scrollable-table-container">',
        '<div class="pst-scrollable-table-container" tabindex="0">',
    )
    text = re.sub(r"<figure(?= class=)", '<figure tabindex="0"', text)
    return text


def inline_linked(text: str, folder: Path) -> str:
    """Put SVG images whose marks are links into the page itself.

    The links of an <img> cannot be followed. The image keeps its alternative text, and its ids are
    made unique.
    """

    def inlined(match: re.Match) -> str:
        tag = match[0]
        path = folder / match[1]
        drawing = path.read_text(encoding="utf-8") if path.is_file() else ""
        if "<a xlink:href=" not in drawing:
            return tag
        alt = re.search(r'alt="([^"]*)"', tag)
        own = f"s{path.stem[:8]}-"
        drawing = drawing[drawing.index("<svg") :]
        drawing = re.sub(r"<metadata>.*?</metadata>", "", drawing, flags=re.DOTALL)
        drawing = re.sub(r'\bid="', f'id="{own}', drawing)
        drawing = drawing.replace('xlink:href="#', f'xlink:href="#{own}').replace(
            "url(#", f"url(#{own}"
        )
        words = f'<svg class="linked" role="group" aria-label="{alt[1] if alt else ""}"'
        return re.sub(r'<svg([^>]*?) width="[^"]*" height="[^"]*"', rf"{words}\1", drawing, count=1)

    return re.sub(r'<img[^>]*src="([^"]*_images/[^"]+\.svg)"[^>]*>', inlined, text)


def _taken_away(folder: Path) -> dict[str, str]:
    """Return for each image of a page the file of the same plot that readers can download.

    So the book has each plot once.
    """
    drawings = {
        path.read_bytes().strip(): f"{plot_data.FOLDER}/{path.name}"
        for path in sorted((folder / plot_data.FOLDER).glob("*.svg"))
    }
    found = {
        path.name: drawings.get(path.read_bytes().strip())
        for path in (folder / "_images").glob("*.svg")
    }
    return {name: place for name, place in found.items() if place}


def _drop_unused_images(folder: Path) -> None:
    """Remove images that no page asks for any more, as they stand inside their page."""
    if not (folder / "_images").is_dir():
        return
    wanted = set()
    for path in folder.rglob("*.html"):
        wanted |= set(re.findall(r'_images/([^"?#]+)', path.read_text(encoding="utf-8")))
    for image in (folder / "_images").iterdir():
        if image.name not in wanted:
            image.unlink()


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
                follows = tag in ("a", "area") or (
                    tag == "link"
                    and found.get("rel") in ("next", "prev", "index", "search", "canonical")
                )
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


def with_tidy_links(text: str, secure: set[str]) -> str:
    """Return a page whose links to other hosts track nobody and have one form.

    The ledger keeps addresses as they were found. On a page they lose parameters that track
    readers, and the dot at the end of a host name. http becomes https where the book has the same
    address with https, in ``secure``.
    """

    def tidied(match: re.Match) -> str:
        address = html.unescape(match[1])
        place, _, query = address.partition("?")
        kept = [
            part for part in query.split("&") if part and not TRACKING.match(part.partition("=")[0])
        ]
        if kept != query.split("&"):
            address = place + ("?" + "&".join(kept) if kept else "")
        address = re.sub(r"^(https?://[^/?#]+?)\.(?=[/?#]|$)", r"\1", address)
        with_s = re.sub("^http:", "https:", address)
        return f'href="{html.escape(with_s if html.escape(with_s) in secure else address)}"'

    return re.sub(r'href="(https?://[^"]+)"', tidied, text)


def write_external_links(folder: Path) -> None:
    """List every link to another host once.

    With it are the number of pages that have it, and the first of them.
    """
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*.html")):
        page = re.sub(
            r"<script\b.*?</script>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL
        )
        # Only tags with such an address are parsed: a page has thousands, and few lead elsewhere.
        for address in sorted(set(Links("".join(LEADS_ELSEWHERE.findall(page))).links)):
            if is_elsewhere(address):
                found.setdefault(address, []).append(path.relative_to(folder).as_posix())
    place = folder / EXTERNAL
    place.parent.mkdir(exist_ok=True)
    with place.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("address", "scheme", "host", "pages", "first_page"))
        for address, pages in sorted(found.items()):
            parts = urlsplit(address)
            writer.writerow((address, parts.scheme, parts.hostname or "", len(pages), pages[0]))
