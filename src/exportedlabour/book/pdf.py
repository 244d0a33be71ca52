"""The whole book as one PDF, printed from a single page of HTML by an installed Chromium.

What a page folds away (data below figures, the table that can be searched) is for the screen; the
figures that stand on the pages of the hosts come in an appendix, so that every figure id in the
text leads somewhere on paper too.
"""

import html
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import yaml

from .. import words
from ..build import origin
from ..evidence import ledger
from ..exhibits import tables
from ..exhibits.numbers import merge
from ..project import InputError
from . import stage

STYLE = "pdf.css"
NAME = "exported-labour.pdf"
LANGUAGE = "en-GB"
OLDEST = 131  # the first Chromium that fills the margins of a page from CSS
VARIABLE = "EXLAB_CHROMIUM"
COMMANDS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
)
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
APPENDIX = "generated/figures-of-hosts"
CITED = "cited-{bibliography_count}-{key!a}"
COLUMNS = ["id", "date", "what", "figure", "asserted by", "use", "source"]
WIDE = 8  # a table of so many columns is set small
LONG = 18  # a word of so many letters may break in a table
SECTIONS = 2  # levels of headings in the contents


def make(build, steps, say=print) -> Path:
    """Print the book of a build; return the file, ``build/NAME/exported-labour.pdf``.

    The last PDF stays if this one fails.

    Raises
    ------
    InputError
        If the book is not built, or something that printing needs is missing or too old. This is
        checked before anything starts.
    """
    browser = check(build)
    for line in boxes(build.data / "sources.bib"):
        say(line)
    numbers = merge(build.results / "headline")
    whole = json.loads((build.results / "provenance.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(dir=build.folder, prefix="pdf-") as name:
        place = Path(name)
        staged = stage.stage(build, place / "book", numbers, stage.state_of(build, whole), steps)
        readied(staged, appendix(ledger.read(build.data), numbers))
        say("one page of the whole book")
        folder = stage.run_jupyter_book(staged, place, builder="singlehtml")
        about = described(build)
        page = folder / "print.html"
        raw = place / "raw.pdf"
        text = printed((folder / "index.html").read_text(encoding="utf-8"), about)
        say("printed once, to know the numbers of the pages")
        page.write_text(text, encoding="utf-8")
        print_page(page, raw, browser)
        page.write_text(numbered(text, pages_of(raw)), encoding="utf-8")
        say("printed again, with these numbers in the contents")
        print_page(page, raw, browser)
        finish(raw, place / NAME, about)
        os.replace(place / NAME, build.folder / NAME)
    return build.folder / NAME


# --- what it needs --------------------------------------------------------------------------------


def check(build) -> str:
    """Return the path of a Chromium that can print the book of ``build``.

    Raises
    ------
    InputError
        With everything that is missing, and how to get it.
    """
    missing = []
    if (
        not (build.folder / "html" / "index.html").is_file()
        or not (build.results / "provenance.json").is_file()
    ):
        missing.append(
            f"the book of the scenario {build.scenario.name}; run first: exlab build --scenario"
            f" {build.scenario.name}"
        )
    for module in ("playwright", "pikepdf", "bs4"):
        if importlib.util.find_spec(module) is None:
            missing.append(
                f"the Python package {module}; install this project with its extra: pip install -e"
                ' ".[pdf]"'
            )
    browser = chromium()
    if browser is None:
        missing.append(
            f"Chromium or Chrome, version {OLDEST} or newer; on Debian: apt-get install chromium."
            f" One in an unusual place: set {VARIABLE} to its path"
        )
    elif (number := version_of(browser)) is not None and number < OLDEST:
        missing.append(
            f"a newer Chromium: {browser} is version {number}, and {OLDEST} is the first that"
            " numbers pages"
        )
    if missing:
        raise InputError("the PDF was not begun. It needs " + ".\nIt needs ".join(missing) + ".")
    return browser


def boxes(sources: Path) -> list[str]:
    """Return a warning for each script in the titles of sources that no font of this machine has.

    Chromium prints boxes for its letters without saying so. Where there is no fc-list to ask, there
    is no warning.
    """
    if not shutil.which("fc-list"):
        return []
    titles = sources.read_text(encoding="utf-8")
    told = []
    for name, code, letters in (
        ("Korean", "ko", "[\uac00-\ud7af]"),
        ("Chinese", "zh", "[\u4e00-\u9fff]"),
        ("Russian", "ru", "[\u0400-\u04ff]"),
    ):
        has = subprocess.run(
            ["fc-list", f":lang={code}", "family"], capture_output=True, text=True
        ).stdout.strip()
        if re.search(letters, titles) and not has:
            told.append(
                f"warning: no font here has {name} letters, so titles in them will be boxes; on"
                " Debian: apt-get install fonts-noto-cjk"
            )
    return told


def chromium() -> str | None:
    """Return the path of an installed Chromium or Chrome, or None.

    EXLAB_CHROMIUM is tried first.
    """
    if given := os.environ.get(VARIABLE):
        return given if Path(given).is_file() else None
    found = (shutil.which(name) for name in COMMANDS)
    return next((path for path in (*found, *PLACES) if path and Path(path).is_file()), None)


def version_of(browser: str) -> int | None:
    """Return the main version of a Chromium, or None if it does not give one."""
    try:
        said = subprocess.run(
            [browser, "--version"], capture_output=True, text=True, timeout=30
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"(\d+)\.\d+", said)
    return int(match[1]) if match else None


def described(build) -> dict[str, str]:
    """Return what the PDF says about the book.

    That is title, subtitle, author, version, commit, date (ISO, of the commit) and scenario.
    """
    config = yaml.safe_load((build.root / "_config.yml").read_text(encoding="utf-8"))
    citation = (
        yaml.safe_load((build.root / "CITATION.cff").read_text(encoding="utf-8"))
        if build.own_ledger
        else {}
    )
    name, _, subtitle = str(citation.get("title", config["title"])).partition(": ")
    when = origin.date(build.root)
    date = (
        f"{citation.get('date-released', '1970-01-01')}T00:00:00+00:00"
        if when is None
        else datetime.fromtimestamp(when, UTC).isoformat()
    )
    return {
        "title": name,
        "subtitle": (
            subtitle[:1].upper() + subtitle[1:]
            if build.own_ledger
            else f"On the ledger {build.ledger_named()['folder']}"
        ),
        "author": config["author"],
        "version": stage.__version__,
        "commit": stage.commit(build.root),
        "date": date,
        "scenario": build.scenario.title,
    }


LINKED = ("index.html", "generated/cite.html")


def beside(made: Path, pages: Path) -> None:
    """Put the PDF beside the pages of its book.

    The front page and the page on how to cite get a link to it.
    """
    size = f"{made.stat().st_size / 1e6:.0f} MB"
    shutil.copy2(made, pages / made.name)
    for name in LINKED:
        path = pages / name
        text = path.read_text(encoding="utf-8")
        link = (
            f'<a class="reference download" href="{"../" * name.count("/")}{made.name}">The whole'
            f" book as PDF</a> ({size})"
        )
        if made.name not in text:
            path.write_text(text.replace("</h1>", f"</h1>\n<p>{link}</p>", 1), encoding="utf-8")


# --- the book, made ready for paper ---------------------------------------------------------------


def readied(folder: Path, appendix_text: str) -> None:
    """Prepare a staged book for paper.

    Chapters are numbered through, an appendix takes the place of the pages of hosts, and tables
    that need a screen are replaced.
    """
    toc = yaml.safe_load((folder / "_toc.yml").read_text(encoding="utf-8"))
    for part in toc["parts"]:
        part["numbered"] = 2
        for chapter in part["chapters"]:
            chapter.pop("sections", None)
    toc["parts"].append({"caption": "Appendix", "numbered": 2, "chapters": [{"file": APPENDIX}]})
    (folder / "_toc.yml").write_text(yaml.safe_dump(toc, sort_keys=False), encoding="utf-8")
    (folder / f"{APPENDIX}.md").write_text(appendix_text, encoding="utf-8")
    config = yaml.safe_load((folder / "_config.yml").read_text(encoding="utf-8"))
    config["html"]["use_multitoc_numbering"] = True
    # On one page all ids have to differ. Cited documents get their key as id, since every page
    # numbers them anew.
    config.setdefault("sphinx", {}).setdefault("config", {})["bibtex_cite_id"] = CITED
    (folder / "_config.yml").write_text(
        yaml.safe_dump(config, sort_keys=False, allow_unicode=True), encoding="utf-8"
    )
    for path in (folder / "notebooks").glob("*.ipynb"):
        if path.stem.startswith("host_"):
            path.unlink()
            continue
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs = [pointer(output) for output in cell.outputs]
        nbformat.write(notebook, path)


def pointer(output):
    """Return an output of a cell as it is.

    A table that needs scripts becomes a sentence that says where its rows are on paper.
    """
    if re.search(
        r'class="searchable"|<script', "".join(output.get("data", {}).get("text/html", ""))
    ):
        words = (
            "<p>In the web edition a table stands here that can be searched, sorted and filtered."
            " Its rows are in the appendix.</p>"
        )
        return nbformat.v4.new_output("display_data", {"text/html": words})
    return output


def appendix(evidence: ledger.Ledger, numbers: dict[str, dict]) -> str:
    """Return the figures of every host as a MyST page.

    Each row of the ledger is in it once, under the first host that it names.
    """
    figures = evidence.figures
    first = figures["hosts"].map(lambda code: ledger.hosts_in(code)[0])
    codes = sorted(first.unique(), key=evidence.host_name)
    lines = [
        "# Hosts and their figures",
        "",
        (
            "What the web edition tells on a page for every host: what is estimated, and all"
            " figures of the ledger, each under the first host that it names. The web edition has"
            " the charts, the conflicts between figures and how they were settled, the reason of"
            " each use, and the rows as files."
        ),
        "",
    ]
    for code in codes:
        rows = figures[first == code].sort_values(["period_start", "figure_id"])
        table, links = tables.figures_table(evidence, rows)
        links = {"source": links["source"]}
        said = numbers.get(f"host_{code}_sentence", {}).get("text", "")
        shown = tables.markup(table[COLUMNS], "", links, anchors=table["id"])
        lines += [
            f'<span id="host-{code}"></span>',
            "",
            f"## {stage.escape(evidence.host_name(code))}",
            "",
            stage.escape(said),
            "",
            "```{raw} html",
            f'<div class="appendix">{shown}</div>',
            "```",
            "",
        ]
    return "\n".join(lines)


def printed(text: str, about: dict[str, str]) -> str:
    """Return the page to print, made of Sphinx's single page.

    It has the text alone, a title page, contents, and links that work on paper.
    """
    from bs4 import BeautifulSoup

    article = BeautifulSoup(text, "html.parser").select_one("article")
    for useless in article.select(
        "script, noscript, style, a.headerlink, details, button, .admonition.no-print, .no-print,"
        " svg:not(.linked)"
    ):
        useless.decompose()
    for caption in article.select("caption"):
        if not caption.get_text(strip=True):
            caption.decompose()
    for picture in article.select("a.image-reference"):
        picture.unwrap()
    front = article.find("section")
    chapters, parts = [front], {}
    for wrapper in article.select("div.toctree-wrapper"):
        named = wrapper.select_one("p.caption")
        found = [section.extract() for section in wrapper.find_all("section", recursive=False)]
        if found and named:
            parts[len(chapters)] = named.get_text(" ", strip=True)
        marks = [mark.extract() for mark in wrapper.find_all("span", recursive=False)]
        for mark, section in zip(marks, found):
            section.insert(0, mark)
        chapters += found
        wrapper.decompose()
    for chapter in chapters[1:]:
        for heading in chapter.select("h2, h3, h4, h5, h6"):
            heading.name = f"h{int(heading.name[1]) - 1}"
    for chapter in chapters:
        chapter["class"] = ["chapter"]
        for table in chapter.select("table"):
            head, first = (
                table.select("thead tr:first-child th"),
                table.select("tbody tr:first-child td"),
            )
            if len(head) >= WIDE:
                table["class"] = [*table.get("class", []), "small"]
            for above, cell in zip(head, first):
                above["class"] = [
                    *above.get("class", []),
                    *({"number", "text-right"} & set(cell.get("class", []))),
                ]
    body = "".join(str(chapter) for chapter in chapters)
    page = BeautifulSoup(body, "html.parser")
    settle_links(page)
    let_break(page)
    running = f"{about['title']} · version {about['version']}, {about['commit']}"
    title = f"{about['title']}: {about['subtitle']}"
    style = Path(__file__).with_name(STYLE).read_text(encoding="utf-8")
    return (
        f'<!DOCTYPE html><html lang="{LANGUAGE}" style=\'--running:'
        f' "{html.escape(running)}"\'><head><meta charset="utf-8">'
        f"<title>{html.escape(title)}</title><style>{style}</style></head><body>"
        f"{title_page(about)}{contents(page, parts)}{page}</body></html>"
    )


def settle_links(page) -> None:
    """Make links of the web edition work on paper.

    Links to a host or its figures lead to the appendix. A link to what is not in the file becomes
    plain text.
    """
    there = {element["id"] for element in page.select("[id]")}
    for link in page.select("a[href]"):
        address = link["href"]
        if re.match(r"(https?|mailto):", address):
            continue
        name, _, anchor = address.partition("#")
        host = re.search(r"host_(\w+)\.html$", name)
        target = anchor if anchor in there else f"host-{host[1]}" if host else ""
        if not target and name.endswith(".html"):
            target = next(
                (i for i in there if i.startswith("document-") and i.endswith(Path(name).stem)), ""
            )
        if target in there and target:
            link["href"] = f"#{target}"
        else:
            link.unwrap()


def let_break(page) -> None:
    """Let long words in tables, such as a sum of figure ids, break where they are joined.

    So no table is wider than the paper.
    """
    for text in page.find_all(string=True):
        if text.find_parent("td") and any(len(word) > LONG for word in text.split()):
            pieces = re.split(r"(?<=[+/_=&?,;-])", str(text))
            for piece in pieces[:-1]:
                text.insert_before(piece)
                text.insert_before(page.new_tag("wbr"))
            text.replace_with(pieces[-1])


def title_page(about: dict[str, str]) -> str:
    """Return the first page."""
    return (
        f'<div class="title"><p class="name">{html.escape(about["title"])}</p><p'
        f' class="subtitle">{html.escape(about["subtitle"])}</p>'
        f"<p>{html.escape(about['author'])}</p><p>{words.day(about['date'])}</p>"
        f"<p>Version {html.escape(about['version'])}, commit"
        f" {html.escape(about['commit'])}<br>Scenario: {html.escape(about['scenario'])}</p>"
        '<p class="note">The printed edition of a book that computes its numbers. It has every'
        " chapter, plot and table of the web edition. Left out are the "
        "code of the notebooks, tables that only a screen can search, and the pages of the hosts,"
        " whose estimates and figures the appendix gives in "
        "short; all of these are in the web edition, with the data as files. Estimates are medians"
        " with 80 % intervals unless said otherwise. "
        "Text and data CC BY 4.0, code MIT.</p></div>"
    )


def contents(page, parts: dict[int, str]) -> str:
    """Return the contents: chapters and their sections, with room for the numbers of pages.

    Headings without an id are given one.
    """
    lines = []
    for number, chapter in enumerate(page.select("section.chapter")):
        if number in parts:
            lines.append(f'<li class="part">{html.escape(parts[number])}</li>')
        small = chapter.select_one(".appendix") is not None
        for heading in chapter.select(
            "h1" if small else ", ".join(f"h{level + 1}" for level in range(SECTIONS))
        ):
            kind = "chapter" if heading.name == "h1" else "section"
            heading["id"] = f"toc-{len(lines)}"
            words = html.escape(re.sub(r"\s+", " ", heading.get_text(" ", strip=True)))
            lines.append(
                f'<li class="{kind}"><a href="#{heading["id"]}">{words}</a><span'
                f' class="dots"></span><span class="page" data-of="{heading["id"]}"></span></li>'
            )
    return f'<nav class="contents"><h1 id="contents">Contents</h1><ol>{"".join(lines)}</ol></nav>'


def numbered(text: str, pages: dict[str, int]) -> str:
    """Put the numbers of pages into the contents.

    Raises
    ------
    InputError
        If a heading was not found in the first print.
    """

    def number(match: re.Match) -> str:
        if match[1] not in pages:
            raise InputError(
                f"the PDF was not made: the heading {match[1]} of the contents is on no page of the"
                " first print."
            )
        return f'data-of="{match[1]}">{pages[match[1]]}</span>'

    return re.sub(r'data-of="(toc-\d+)"></span>', number, text)


# --- print and finish -----------------------------------------------------------------------------


def print_page(page: Path, target: Path, browser: str) -> None:
    """Print a page of HTML with Chromium.

    The PDF has tags for screen readers and bookmarks of its headings. Chromium loads nothing from
    other hosts.

    Raises
    ------
    InputError
        If Chromium can't be started or ends early.
    """
    from playwright.sync_api import Error, sync_playwright

    arguments = (
        ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        if sys.platform == "linux"
        else []
    )
    try:
        with sync_playwright() as playwright:
            started = playwright.chromium.launch(executable_path=browser, args=arguments)
            opened = started.new_page()
            opened.set_default_timeout(180_000)
            opened.route(re.compile("^https?:"), lambda route: route.abort())
            opened.goto(page.as_uri(), wait_until="load")
            opened.pdf(
                path=target,
                prefer_css_page_size=True,
                print_background=True,
                tagged=True,
                outline=True,
            )
            started.close()
    except Error as error:
        raise InputError(
            f"{browser} did not print the book: {str(error).splitlines()[0]}"
        ) from None


def pages_of(path: Path) -> dict[str, int]:
    """Return the number of the page (from 1) of each name that a link of a PDF leads to."""
    import pikepdf

    with pikepdf.open(path) as pdf:
        number = {page.objgen: at for at, page in enumerate(pdf.pages, start=1)}
        return {
            str(name).lstrip("/"): number[place[0].objgen]
            for name, place in pdf.Root.get("/Dests", {}).items()
        }


def commit_of(path: Path) -> str:
    """Return the commit that a PDF of this book was printed from, as ``finish`` wrote it.

    It is "" if the PDF has none.
    """
    import pikepdf

    with pikepdf.open(path) as pdf:
        match = re.search(r"commit ([^ ,]+)", str(pdf.docinfo.get("/Subject", "")))
    return match[1] if match else ""


def finish(source: Path, target: Path, about: dict[str, str]) -> None:
    """Write a printed PDF with its metadata.

    They are title, author, subject, language, and the date of the commit, so that equal books give
    equal files.
    """
    import pikepdf

    with pikepdf.open(source) as pdf:
        moment = datetime.fromisoformat(about["date"]).astimezone(UTC)
        stamp = moment.strftime("D:%Y%m%d%H%M%S+00'00'")
        title = f"{about['title']}: {about['subtitle']}"
        subject = (  # commit_of reads it again
            f"Version {about['version']}, commit {about['commit']}, scenario {about['scenario']}"
        )
        for name in list(pdf.docinfo):
            del pdf.docinfo[name]
        told = {
            "Title": title,
            "Author": about["author"],
            "Subject": subject,
            "Creator": f"exportedlabour {about['version']}",
            "CreationDate": stamp,
            "ModDate": stamp,
        }
        for name, text in told.items():
            pdf.docinfo[f"/{name}"] = text
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as meta:
            meta["dc:title"], meta["dc:creator"], meta["dc:description"] = (
                title,
                [about["author"]],
                subject,
            )
            meta["dc:language"], meta["xmp:CreateDate"] = [LANGUAGE], moment.isoformat()
        pdf.Root.Lang, pdf.Root.PageMode = LANGUAGE, pikepdf.Name.UseOutlines
        pdf.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        pdf.save(
            target, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True
        )
