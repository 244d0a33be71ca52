"""A book made again from what the last build of it left, so that only pages in which something
changed are made anew.

Sphinx can do that; left to itself it keeps pages of files that have gone, and does not see all that
pages show of one another. So what is kept is used only where the book has the same files,
configuration, contents and documents cited, and was made with the same programs; a book that failed
leaves nothing; ``shown_elsewhere`` tells Sphinx what else a page depends on. A test holds a book
made so to one made from nothing, byte by byte.
"""

import filecmp
import hashlib
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from sysconfig import get_path

SOURCES, MADE_OF = "book", "made_of.json"
WHOLE = (
    "_config.yml",
    "_toc.yml",
    "*.bib",
    "static/*",
)  # of the sources: a change of these can show on every page
EXTRA = "extra"  # of the sources: copied as it is


def render(staged: Path, kept: Path, place: Path, run: Callable[[Path, Path], Path]) -> Path:
    """Return the folder of the HTML of a staged book, a copy in ``place`` that may be changed.

    Parameters
    ----------
    staged : the sources; their files are moved away.
    kept : what the last build left, and where this one leaves what the next can use.
    run : makes the pages of a folder of sources: ``(sources, place) -> folder of the HTML``.
    """
    made_of = signature(staged)
    if not _same(kept, made_of):
        shutil.rmtree(kept, ignore_errors=True)
    (kept / MADE_OF).unlink(missing_ok=True)  # until the pages are whole
    sources = kept / SOURCES
    renew(staged, sources)
    for late in kept.glob(
        "_build/html/_static/mystnb.*.css"
    ):  # it comes last; where it stands already, pages ask for it in other words
        late.unlink()
    try:
        pages = run(sources, kept)
    except BaseException:
        shutil.rmtree(kept, ignore_errors=True)
        raise
    drop_words_of_no_page(pages / "searchindex.js")
    (kept / MADE_OF).write_text(json.dumps(made_of, indent=1), encoding="utf-8")
    copied = place / "html"
    shutil.copytree(pages, copied)
    if (sources / EXTRA).is_dir():  # Sphinx copies it only when it has a page to make
        shutil.copytree(sources / EXTRA, copied, dirs_exist_ok=True)
    return copied


def drop_words_of_no_page(index: Path) -> None:
    """Take out of Sphinx's search index the words that pages have no longer: it leaves them there
    with no page."""
    text = index.read_text(encoding="utf-8")
    begin, end = text.index("{"), text.rindex("}") + 1
    whole = json.loads(text[begin:end])
    for name in ("terms", "titleterms"):
        whole[name] = {word: pages for word, pages in whole[name].items() if pages != []}
    index.write_text(
        text[:begin] + json.dumps(whole, sort_keys=True) + text[end:], encoding="utf-8"
    )


def signature(sources: Path) -> dict:
    """Return what has to be the same for kept pages to be used: the names of all files, the text of
    those that show on every page, programs."""
    names = sorted(
        path.relative_to(sources).as_posix() for path in sources.rglob("*") if path.is_file()
    )
    whole = sorted(path for pattern in WHOLE for path in sources.glob(pattern))
    named = re.findall(
        r"\bexportedlabour\.book\.(\w+)", (sources / "_config.yml").read_text(encoding="utf-8")
    )  # our extensions of Sphinx
    ours = [Path(__file__).with_name(f"{name}.py") for name in named]
    return {
        "files": names,
        "texts": {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (*whole, *ours)
        },
        "programs": sorted(
            {
                path.name
                for kind in ("purelib", "platlib")
                for path in Path(get_path(kind)).glob("*.dist-info")
            }
        ),
    }


def _same(kept: Path, made_of: dict) -> bool:
    path = kept / MADE_OF
    return path.is_file() and json.loads(path.read_text(encoding="utf-8")) == made_of


def renew(staged: Path, sources: Path) -> None:
    """Move into ``sources`` those files of ``staged`` that differ, so that the others keep their
    time, by which Sphinx tells what changed."""
    for path in sorted(staged.rglob("*")):
        target = sources / path.relative_to(staged)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        elif not target.is_file() or not filecmp.cmp(path, target, shallow=False):
            target.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            path.replace(target)
