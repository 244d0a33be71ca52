"""How the book is cited: CITATION.cff as plain text, BibTeX, RIS and tags of a page's head.

A DOI is shown only if CITATION.cff has one.
"""

import html
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from .. import words
from ..assumptions import scenario
from ..evidence import ledger
from ..project import InputError
from . import launch

FILE = "CITATION.cff"
METHODS = Path("book", "methods.bib")  # sources of methods, which no ledger has
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# Pages that speak of the data, and of the code.
LEDGER, ESTIMATES = "the ledger of published figures", "estimates with intervals, by host and year"
DATASETS = {
    LEDGER: ("data/figures.csv", "data/datapackage.json"),
    ESTIMATES: ("results/workers_host_year.csv", "results/datapackage.json"),
}
DATA_PAGES = {
    "index": (LEDGER, ESTIMATES),
    "notebooks/ledger": (LEDGER,),
    "generated/data-dictionary": (LEDGER,),
    "generated/downloads": (ESTIMATES,),
}
FORMATS = {".csv": "text/csv", ".json": "application/json"}
CARD = "card.png"  # the picture that other sites show beside a link to a page
CODE_PAGES = ("index", "how-to-rerun")
CODE_LICENCE = "https://spdx.org/licenses/MIT"


def require_keys(root: Path, evidence: ledger.Ledger) -> None:
    """Refuse a ledger that uses a key of the book's own bibliography: a key names one work.

    Raises
    ------
    InputError
        With the keys that both have.
    """
    ours = {key.lower() for key in ledger.read_sources(root / METHODS).entries}
    if both := sorted(key for key in evidence.sources.entries if key.lower() in ours):
        raise InputError(
            f"{evidence.folder / 'sources.bib'}: {', '.join(both)} is a key of {METHODS.as_posix()}"
            " too; give it another one."
        )


@dataclass(frozen=True)
class Work:
    """What a citation of one build names.

    ``authors`` are (family, given), or (name, "") of a body. ``date`` is ISO. ``card`` says what
    the picture ``CARD`` shows.
    """

    title: str
    authors: tuple[tuple[str, str], ...]
    version: str
    date: str
    commit: str
    licence: str
    abstract: str
    keywords: tuple[str, ...]
    doi: str = ""
    address: str = ""
    repository: str = ""
    own_ledger: bool = True
    card: str = ""

    @property
    def year(self) -> str:
        """The year of the build."""
        return self.date[:4]

    @property
    def key(self) -> str:
        """The key of the entry in BibTeX."""
        return f"exportedlabour-{self.version}"

    @property
    def state(self) -> str:
        """Version and commit in words."""
        return f"Version {self.version}, commit {self.commit}"


def read(root: Path, commit: str, date: str = "", other_ledger: str = "") -> Work:
    """Read CITATION.cff for a build of ``commit``.

    ``date`` is the day of that commit. Without one the date of the file is used, or today. A book
    of another ledger is named after that ledger and has no DOI, as the DOI stands for another work.

    Raises
    ------
    InputError
        If the file is missing, or lacks a key that every citation needs.
    """
    path = root / FILE
    if not path.is_file():
        raise InputError(f"{FILE} is missing; without it the book cannot say how it is cited.")
    found = scenario.read_yaml(path)
    needed = ("title", "authors", "version", "license", "abstract", "keywords")
    if missing := [key for key in needed if not found.get(key)]:
        raise InputError(
            f"{FILE}: {', '.join(missing)} is missing; a citation needs {', '.join(needed)}."
        )
    work = Work(
        title=found["title"],
        authors=tuple(
            (
                (a["family-names"], a.get("given-names", ""))
                if "family-names" in a
                else (a["name"], "")
            )
            for a in found["authors"]
        ),
        version=str(found["version"]),
        date=date or str(found.get("date-released") or datetime.now(UTC).date()),
        commit=commit,
        licence=found["license"],
        abstract=" ".join(found["abstract"].split()),
        keywords=tuple(found["keywords"]),
        doi=found.get("doi", ""),
        address=found.get("url", ""),
        repository=launch.address(root),
    )
    if other_ledger:
        return replace(
            work,
            title=f"{work.title} (rerun on the ledger {other_ledger})",
            doi="",
            address="",
            own_ledger=False,
        )
    return work


def plain(work: Work, part: str = "") -> str:
    """Return the citation as one line of text.

    ``part`` names a chapter or the page of a host, if one is cited.
    """
    names = [f"{family}, {given}" if given else family for family, given in work.authors]
    who = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    of = f"{part}. In: " if part else ""
    where = (
        f" https://doi.org/{work.doi}" if work.doi else f" {work.address}" if work.address else ""
    )
    return f"{who} ({work.year}). {of}{work.title}. {work.state}, {words.day(work.date)}.{where}"


def bibtex(work: Work) -> str:
    """Return the citation as a BibTeX entry.

    A body as author, and the title, are in double braces, so that they keep their spelling.
    """
    authors = " and ".join(
        f"{_tex(family)}, {_tex(given)}" if given else f"{{{_tex(family)}}}"
        for family, given in work.authors
    )
    fields = {
        "author": authors,
        "title": f"{{{_tex(work.title)}}}",
        "year": work.year,
        "month": MONTHS[int(work.date[5:7]) - 1],
        "version": work.version,
        "note": f"{_tex(work.state)}, {words.day(work.date)}",
        "doi": work.doi,
        "url": work.address,
    }
    lines = [
        f"  {name} = {value if name == 'month' else '{' + value + '}'}"
        for name, value in fields.items()
        if value
    ]
    return f"@misc{{{work.key},\n" + ",\n".join(lines) + "\n}\n"


def _tex(text: str) -> str:
    return "".join(f"\\{character}" if character in "&%$#_" else character for character in text)


def ris(work: Work) -> str:
    """Return the citation as RIS, which reference managers read."""
    lines = [("TY", "DATA"), ("TI", work.title)]
    lines += [("AU", f"{family}, {given}" if given else family) for family, given in work.authors]
    lines += [
        ("PY", work.year),
        ("DA", work.date.replace("-", "/")),
        ("ET", work.version),
        ("N1", work.state),
        ("AB", work.abstract),
    ]
    lines += [("KW", word) for word in work.keywords]
    lines += [("LA", "en")]
    lines += [("DO", work.doi)] if work.doi else []
    lines += [("UR", work.address)] if work.address else []
    return "".join(f"{tag}  - {value}\n" for tag, value in [*lines, ("ER", "")])


def write(work: Work, folder: Path, source: Path) -> None:
    """Write the files that the page offers: plain text, BibTeX and RIS.

    The project's own book has CITATION.cff too.
    """
    folder.mkdir(parents=True)
    (folder / "exported-labour.txt").write_text(plain(work) + "\n", encoding="utf-8")
    (folder / "exported-labour.bib").write_text(bibtex(work), encoding="utf-8")
    (folder / "exported-labour.ris").write_text(ris(work), encoding="utf-8")
    if work.own_ledger:
        (folder / FILE).write_text((source / FILE).read_text(encoding="utf-8"), encoding="utf-8")


def page(work: Work, escape) -> str:
    """Return the page that says how to cite this build, as MyST."""
    files = [
        ("Plain text", "exported-labour.txt"),
        ("BibTeX", "exported-labour.bib"),
        ("RIS", "exported-labour.ris"),
    ]
    files += [("CITATION.cff", FILE)] if work.own_ledger else []
    offered = ", ".join(
        f'<a class="reference internal" href="../cite/{name}" download>{words}</a>'
        for words, name in files
    )
    doi = (
        f"<https://doi.org/{work.doi}>"
        if work.doi
        else (
            "none yet. It will stand here when an archive has given one; until then, version and"
            " commit name the state."
        )
    )
    return "\n".join(
        [
            "# How to cite this book",
            "",
            (
                f"This is {work.state.lower()}, of {words.day(work.date)}. Estimates change when"
                " evidence is added: name the version, and quote an interval with its number."
            ),
            "",
            "## Plain text",
            "",
            "```text",
            plain(work),
            "```",
            "",
            "One chapter, or the page of one host:",
            "",
            "```text",
            plain(work, "Russia"),
            "```",
            "",
            "## BibTeX",
            "",
            "```bibtex",
            bibtex(work).rstrip(),
            "```",
            "",
            "## RIS",
            "",
            "```text",
            ris(work).rstrip(),
            "```",
            "",
            "## Files",
            "",
            f"<p>{offered}.</p>",
            "",
            "## DOI",
            "",
            f"DOI: {doi}",
            "",
            "## Licence",
            "",
            (
                f"Text and data: {escape(work.licence)}. Code: MIT. A published figure belongs to"
                " whoever published it: cite its source, which every row of the ledger names,"
                " beside this book."
            ),
            "",
        ]
    )


def head(work: Work, name: str, title: str, description: str) -> str:
    """Return what goes into the head of the page ``name`` ("index", "notebooks/money").

    That is a description, Highwire's ``citation_*``, Open Graph, and schema.org as JSON-LD.
    """
    front = name == "index"
    metas = [("name", "description", description)]
    metas += [("name", "citation_title", work.title if front else title)]
    metas += [] if front else [("name", "citation_inbook_title", work.title)]
    metas += [
        ("name", "citation_author", f"{family}, {given}" if given else family)
        for family, given in work.authors
    ]
    metas += [
        ("name", "citation_publication_date", work.date.replace("-", "/")),
        ("name", "citation_language", "en"),
    ]
    metas += [("name", "citation_keywords", "; ".join(work.keywords))]
    metas += [("name", "citation_doi", work.doi)] if work.doi else []
    metas += [
        ("property", "og:title", work.title if front else title),
        ("property", "og:type", "website" if front else "article"),
    ]
    metas += [
        ("property", "og:site_name", work.title),
        ("property", "og:description", description),
        ("property", "og:locale", "en_GB"),
    ]
    if work.address:
        address = f"{work.address.rstrip('/')}/{name}.html"
        metas += [("name", "citation_public_url", address), ("property", "og:url", address)]
        if work.card:  # other sites need an absolute address
            metas += [
                ("property", "og:image", f"{work.address.rstrip('/')}/{CARD}"),
                ("property", "og:image:alt", work.card),
            ]
            metas += [("name", "twitter:card", "summary_large_image")]
    lines = [
        f'<meta {kind}="{key}" content="{html.escape(value, quote=True)}"/>'
        for kind, key, value in metas
    ]
    told = json.dumps(
        {"@context": "https://schema.org", "@graph": linked_data(work, name, title, description)},
        ensure_ascii=False,
    )
    closed = told.replace("<", "\\u003c")  # so that no text can close the <script>
    return "\n".join([*lines, f'<script type="application/ld+json">{closed}</script>', ""])


def linked_data(work: Work, name: str, title: str, description: str) -> list[dict]:
    """Return the page in the terms of schema.org: the Book, or a Chapter of it.

    Pages that speak of the data have the Dataset too, and those that speak of the code the
    SoftwareSourceCode.
    """
    shared = {
        "author": [
            (
                {"@type": "Person", "familyName": family, "givenName": given}
                if given
                else {"@type": "Organization", "name": family}
            )
            for family, given in work.authors
        ],
        "version": work.version,
        "datePublished": work.date,
        "inLanguage": "en",
        "license": f"https://spdx.org/licenses/{work.licence}",
    }
    if work.doi:
        shared["identifier"] = f"https://doi.org/{work.doi}"
    if work.address:
        shared["url"] = f"{work.address.rstrip('/')}/"
    book = {
        "@type": "Book",
        "name": work.title,
        "abstract": work.abstract,
        "keywords": list(work.keywords),
        **shared,
    }
    if name == "index":
        made = [book]
    else:
        made = [
            {
                "@type": "Chapter",
                "name": title,
                "description": description,
                "isPartOf": {"@type": "Book", "name": work.title, **shared},
            }
        ]
    up = "../" * name.count("/")
    for called in DATA_PAGES.get(name, ()):
        made.append(
            {
                "@type": "Dataset",
                "name": f"{work.title}: {called}",
                "description": work.abstract,
                "keywords": list(work.keywords),
                "isAccessibleForFree": True,
                "distribution": [
                    {
                        "@type": "DataDownload",
                        "encodingFormat": FORMATS[Path(file).suffix],
                        "contentUrl": up + file,
                    }
                    for file in DATASETS[called]
                ],
                **shared,
            }
        )
    if name in CODE_PAGES:
        code = {
            "@type": "SoftwareSourceCode",
            "name": "exportedlabour",
            "programmingLanguage": "Python",
            **shared,
            "license": CODE_LICENCE,
        }
        made.append(code | ({"codeRepository": work.repository} if work.repository else {}))
    return made
