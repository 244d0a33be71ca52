"""Translations of the summary.

Only those are shown that a fluent reader has checked, and that are of the present summary.
"""

import hashlib
import re
from pathlib import Path

import yaml

from ..project import InputError

LANGUAGES = {"ko": "Korean", "ru": "Russian"}


def pages(book: Path) -> dict[str, str]:
    """Return the translations in a folder of prose, by page, with the language of each.

    Raises
    ------
    InputError
        If one is in no language that is prepared, does not say who checked it, or is of an older
        summary.
    """
    found = {}
    for path in sorted((book / "translations").glob("summary.*.md")):
        code = path.name.split(".")[1]
        where = f"book/translations/{path.name}"
        if code not in LANGUAGES:
            raise InputError(
                f"{where}: {code!r} is not prepared; there are {', '.join(LANGUAGES)}. See"
                " book/translations/README.md."
            )
        head = re.match(r"---\n(.*?)\n---\n", path.read_text(encoding="utf-8"), re.DOTALL)
        fields = yaml.safe_load(head[1]) if head else {}
        if missing := [
            name for name in ("language", "checked", "summary") if not (fields or {}).get(name)
        ]:
            raise InputError(
                f"{where}: the lines {', '.join(missing)} at its head are missing. summary:"
                f" {digest(book)} is that of the present summary."
            )
        if str(fields["summary"]) != digest(book):
            raise InputError(
                f"{where} translates a summary that has changed since. Look at it again, then write"
                f" summary: {digest(book)} at its head."
            )
        found[f"translations/summary.{code}"] = str(fields["language"])
    return found


def digest(book: Path) -> str:
    """Return the beginning of the hash of the words of the summary."""
    return "h" + hashlib.sha256((book / "summary.md").read_bytes()).hexdigest()[:12]
