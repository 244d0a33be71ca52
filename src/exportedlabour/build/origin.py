"""Where these files come from: a git repository, or an unpacked release.

A release carries the metadata that git would give.
"""

import hashlib
import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

METADATA = "ro-crate-metadata.json"
CHECKSUMS = "SHA256SUMS"
PUBLISHED = "published/"  # in a release: what a build made of its sources
EPOCH = "SOURCE_DATE_EPOCH"
UNKNOWN = "unknown"
# Letters of a commit's name. git by itself takes as many as a clone needs, which differs by clone.
LETTERS = 12


def commit(root: Path) -> str:
    """Return the commit of the files, or "unknown"; a + at its end says that some file differs from
    it.

    A release that was unpacked inside another repository is not of that repository.
    """
    if (root / ".git").exists():
        name, dirty = (
            _git(root, "rev-parse", f"--short={LETTERS}", "HEAD"),
            _git(root, "status", "--porcelain"),
        )
        return UNKNOWN if name is None or dirty is None else name + ("+" if dirty else "")
    if (about := _release(root)) is None:
        return UNKNOWN
    said = about["identifier"].removeprefix("commit ")
    changed = any(
        not (root / name).is_file() or sha256(root / name) != state
        for name, state in sums(root).items()
        if not _made(name)
    )
    return said + ("+" if changed and not said.endswith("+") else "")


def date(root: Path) -> int | None:
    """Return when the commit was made, in seconds since 1970; None if that is not known.

    The environment variable SOURCE_DATE_EPOCH overrides it.
    """
    if os.environ.get(EPOCH, "").isdigit():
        return int(os.environ[EPOCH])
    if (root / ".git").exists():
        told = _git(root, "log", "-1", "--format=%ct")
        return int(told) if told else None
    about = _release(root)
    return round(datetime.fromisoformat(about["datePublished"]).timestamp()) if about else None


def day(root: Path) -> str:
    """Return the day of the commit (ISO, in universal time), or "" if it is not known."""
    when = date(root)
    return "" if when is None else datetime.fromtimestamp(when, UTC).date().isoformat()


def files(root: Path) -> list[str] | None:
    """Return the source files of the project, sorted; None if they are not known.

    What a build makes is not among them.
    """
    if (root / ".git").exists():
        told = _git(root, "ls-files", "-z")
        return (
            sorted(name for name in told.split("\0") if name and (root / name).is_file())
            if told is not None
            else None
        )
    if _release(root) is None:
        return None
    return sorted(name for name in sums(root) if not _made(name) and (root / name).is_file())


def sums(root: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of an unpacked release, from its list of checksums."""
    lines = (
        (root / CHECKSUMS).read_text(encoding="utf-8").splitlines()
        if (root / CHECKSUMS).is_file()
        else []
    )
    return {name: state for state, name in (line.split("  ", 1) for line in lines)}


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _made(name: str) -> bool:
    return name.startswith(PUBLISHED) or name == METADATA


def _release(root: Path) -> dict | None:
    """Return what the metadata of an unpacked release say of the release as a whole."""
    path = root / METADATA
    if not path.is_file():
        return None
    return next(
        entity
        for entity in json.loads(path.read_text(encoding="utf-8"))["@graph"]
        if entity["@id"] == "./"
    )


def _git(root: Path, *arguments: str) -> str | None:
    try:
        return subprocess.run(
            ["git", *arguments],
            cwd=root,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
