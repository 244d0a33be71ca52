"""The archive of a release: an RO-Crate 1.1 with everything from which the book was made, and
everything that was made.

The same to the byte whenever the same commit was built to the same files: sorted names, one date
(that of the commit), fixed permissions, no measurement of time or memory. Unpacked anywhere it is a
project that builds and verifies without git.
"""

import hashlib
import json
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import yaml

from .. import __version__
from ..assumptions import scenario
from ..book import pdf
from ..build import origin, pipeline, record
from ..build.step import at
from ..project import InputError
from . import reproduction

CONTEXT = ["https://w3id.org/ro/crate/1.1/context", {"sha256": "https://schema.org/sha256"}]
LICENCES = {
    "https://creativecommons.org/licenses/by/4.0/": (
        "Creative Commons Attribution 4.0 (text and data)"
    ),
    "https://opensource.org/license/mit": "MIT (code)",
}
FORMATS = {
    ".bib": "application/x-bibtex",
    ".cff": "application/yaml",
    ".css": "text/css",
    ".csv": "text/csv",
    ".graphml": "application/xml",
    ".html": "text/html",
    ".ipynb": "application/x-ipynb+json",
    ".js": "text/javascript",
    ".json": "application/json",
    ".lock": "text/plain",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".py": "text/x-python",
    ".svg": "image/svg+xml",
    ".toml": "application/toml",
    ".txt": "text/plain",
    ".woff2": "font/woff2",
    ".yml": "application/yaml",
}
FOLDERS = {
    "data/": "The ledger of published figures, a Frictionless Data Package",
    "scenarios/": "Every assumption, and the alternatives",
    "notebooks/": "The notebooks, without outputs",
    "book/": "The prose",
    "src/": "The package and its command, exlab",
    "tests/": "Tests",
    "results/": "The published numbers that a rerun is held against, a Frictionless Data Package",
    "published/html/": "The book",
    "published/notebooks/": "The notebooks as executed",
    "published/results/": "Everything that the notebooks wrote, all draws among it",
}
FIRST = 315532800  # 1980, where dates in a ZIP file begin


def contents(root: Path) -> dict[str, bytes | Path]:
    """Return what a release holds, by name in it: the project's files, then what was made of them.

    Raises
    ------
    InputError
        If nobody knows which files are the project's, or the book is not built.
    """
    build = at(root)
    own = origin.files(root)
    if own is None:
        raise InputError(
            f"{root} is neither a git repository nor an unpacked release, so which files to archive"
            " is not known."
        )
    if not (build.folder / "html" / "index.html").is_file():
        raise InputError("there is no book yet; run exlab build first.")
    found: dict[str, bytes | Path] = {name: root / name for name in own}
    steps = pipeline.read_steps(root, alternative=False)
    made = [build.results / output for step in steps.values() for output in step.outputs]
    made += [build.notebooks / f"{step.page}.ipynb" for step in steps.values() if step.notebook]
    made += sorted(path for path in (build.folder / "html").rglob("*") if path.is_file())
    made += sorted(build.folder.glob("*.pdf"))
    found |= {origin.PUBLISHED + path.relative_to(build.folder).as_posix(): path for path in made}
    whole = json.loads((build.results / record.RECORD).read_text(encoding="utf-8"))
    found[f"{origin.PUBLISHED}results/{record.RECORD}"] = _json(record.unmeasured(whole))
    return dict(sorted(found.items()))


def metadata(root: Path, sizes: dict[str, tuple[int, str]], commit: str, date: int) -> dict:
    """Return ro-crate-metadata.json for files with ``(bytes, SHA-256)``; every one of them is in
    it."""
    cited = (
        yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
        if (root / "CITATION.cff").is_file()
        else {}
    )
    files = []
    for name, (size, digest) in sizes.items():
        kind = ["File", "SoftwareSourceCode"] if Path(name).suffix in (".py", ".ipynb") else "File"
        entity = {
            "@id": _id(name),
            "@type": kind,
            "name": name,
            "contentSize": str(size),
            "sha256": digest,
        }
        if form := FORMATS.get(Path(name).suffix):
            entity["encodingFormat"] = form
        files.append(entity)
    listed = {
        "@id": origin.CHECKSUMS,
        "@type": "File",
        "name": "SHA-256 of every file",
        "encodingFormat": "text/plain",
    }
    folders = {folder: [name for name in sizes if name.startswith(folder)] for folder in FOLDERS}
    inside = {name for names in folders.values() for name in names}
    top = [{"@id": folder} for folder, names in folders.items() if names] + [
        {"@id": _id(name)} for name in sizes if name not in inside
    ]
    descriptor = {
        "@id": origin.METADATA,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
    }
    authors = [
        {
            "@id": f"#author-{number}",
            "@type": "Person" if "family-names" in author else "Organization",
            "name": " ".join(
                author[part] for part in ("given-names", "family-names", "name") if part in author
            ),
        }
        for number, author in enumerate(cited.get("authors", []), start=1)
    ]
    whole = {
        "@id": "./",
        "@type": "Dataset",
        "name": cited.get("title", "Exported Labour"),
        "description": (
            "A reproducible book: how many North Koreans work abroad for their state, and what the"
            " state takes, with intervals. The evidence, the assumptions, the code, the numbers and"
            " the book itself. README.md says how to rebuild it, exlab verify whether the published"
            " numbers come out."
        ),
        "version": __version__,
        "datePublished": _moment(date),
        "identifier": f"commit {commit}",
        "license": [{"@id": address} for address in LICENCES],
        "author": [{"@id": author["@id"]} for author in authors],
        "keywords": cited.get("keywords", []),
        "hasPart": [*top, {"@id": origin.CHECKSUMS}],
        "mentions": {"@id": "#build"},
    }
    if cited.get("doi"):
        whole[
            "sameAs"
        ] = (  # the identifier is the commit, by which an unpacked archive knows what it is
            f"https://doi.org/{cited['doi']}"
        )
    datasets = [
        {
            "@id": folder,
            "@type": "Dataset",
            "name": FOLDERS[folder],
            "hasPart": [{"@id": _id(name)} for name in names],
        }
        for folder, names in folders.items()
        if names
    ]
    context = [
        *authors,
        *(
            {"@id": address, "@type": "CreativeWork", "name": name}
            for address, name in LICENCES.items()
        ),
        {
            "@id": "#exlab",
            "@type": "SoftwareApplication",
            "name": "exlab build",
            "version": __version__,
            "softwareVersion": __version__,
        },
        {
            "@id": "#build",
            "@type": "CreateAction",
            "name": "Building the book",
            "instrument": {"@id": "#exlab"},
            "object": [
                {"@id": f} for f in ("data/", "scenarios/", "notebooks/", "book/") if folders[f]
            ],
            "result": [
                {"@id": f}
                for f in ("published/html/", "published/notebooks/", "published/results/")
                if folders[f]
            ],
        },
    ]
    return {"@context": CONTEXT, "@graph": [descriptor, whole, *datasets, *files, listed, *context]}


def write(root: Path, target: Path | None = None, draft: bool = False) -> Path:
    """Write the archive of the present build; return its place, build/release/ unless told.

    Raises
    ------
    InputError
        If files are not committed, the book is not that of the commit, or its numbers are not the
        published ones. A ``draft`` may be all of that, and is named so.
    """
    commit, date = origin.commit(root), origin.date(root)
    found = contents(root)
    if date is None:
        raise InputError(
            f"when these files were committed is not known; set {origin.EPOCH} to the seconds since"
            " 1970."
        )
    if not draft:
        _refuse(root, commit)
    name = f"exported-labour-{__version__}{'-draft' if draft else ''}"
    target = target or root / "build" / "release" / f"{name}.zip"
    target.parent.mkdir(parents=True, exist_ok=True)
    when = time.gmtime(max(date, FIRST))[:6]
    part = target.with_name(target.name + ".part")
    sizes: dict[str, tuple[int, str]] = {}
    with zipfile.ZipFile(part, "w") as archive:

        def add(inside: str, content: bytes) -> None:
            entry = zipfile.ZipInfo(f"{name}/{inside}", when)
            entry.compress_type, entry.create_system = (
                zipfile.ZIP_DEFLATED,
                3,
            )  # as on Unix, wherever it is made
            entry.external_attr = (0o100755 if content.startswith(b"#!") else 0o100644) << 16
            archive.writestr(entry, content, compresslevel=6)

        for inside, source in found.items():
            content = source if isinstance(source, bytes) else source.read_bytes()
            sizes[inside] = (len(content), hashlib.sha256(content).hexdigest())
            add(inside, content)
        about = _json(metadata(root, sizes, commit, date))
        sizes[origin.METADATA] = (len(about), hashlib.sha256(about).hexdigest())
        add(origin.METADATA, about)
        add(
            origin.CHECKSUMS,
            "".join(
                f"{digest}  {inside}\n" for inside, (_, digest) in sorted(sizes.items())
            ).encode(),
        )
    part.replace(target)
    return target


def _refuse(root: Path, commit: str) -> None:
    if commit.endswith("+") or commit == origin.UNKNOWN:
        raise InputError(
            "some files are not committed, so that nobody could get them again. Commit them and"
            " build, or make a --draft."
        )
    built = json.loads(
        (at(root, scenario.BASELINE).results / record.RECORD).read_text(encoding="utf-8")
    )
    if built["commit"] != commit:
        raise InputError(
            f"the book was built from commit {built['commit']}, and {commit} is checked out. Run"
            " exlab build, or make a --draft."
        )
    printed = [pdf.commit_of(path) for path in sorted(at(root).folder.glob("*.pdf"))]
    if printed != [commit]:
        raise InputError(
            f"the PDF is {f'of commit {printed[0]}' if printed else 'not printed'}; run exlab pdf,"
            " or make a --draft."
        )
    if not (verdict := reproduction.check(root, rerun=False, jobs=1, say=print)).agrees:
        moved = [check.name.lower() for check in verdict.checks if not check.agrees] + [
            change.name for change in verdict.inputs
        ]
        raise InputError(
            f"the book does not have the published numbers ({', '.join(moved[:8])}); exlab verify"
            " --no-rerun says what differs."
        )


def _id(name: str) -> str:
    """Return a name as the relative URI that JSON-LD asks for."""
    return quote(name)


def _moment(date: int) -> str:
    return datetime.fromtimestamp(date, UTC).isoformat()


def _json(content: dict) -> bytes:
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()
