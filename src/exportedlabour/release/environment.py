"""environment.yml for conda and Binder, with the very pins of requirements.lock."""

import re
import sys
from pathlib import Path

PIN = re.compile(r"^([A-Za-z0-9_.\[\]-]+)==([^\s;\\]+)(?:\s*;\s*([^\\]+?))?\s*\\?$", re.MULTILINE)
HEADER = """\
# Made from requirements.lock by `make lock`; a test compares them. For conda, mamba and Binder.
name: exported-labour
channels: [conda-forge]
dependencies:
  - python=3.12
  - pip
  - pip:
"""


def pins(lock: str) -> list[tuple[str, str, str]]:
    """Return (name, version, marker) of every package of a lock file's text."""
    return [(name, version, (marker or "").strip()) for name, version, marker in PIN.findall(lock)]


def environment(lock: str) -> str:
    """Return the text of environment.yml for a lock file's text."""
    lines = [
        f"      - {name}=={version}" + (f" ; {marker}" if marker else "")
        for name, version, marker in pins(lock)
    ]
    return HEADER + "\n".join(f"      - {_quoted(line[8:])}" for line in lines) + "\n      - -e .\n"


def _quoted(text: str) -> str:
    return f'"{text}"' if ";" in text else text


if __name__ == "__main__":
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    text = environment((root / "requirements.lock").read_text(encoding="utf-8"))
    (root / "environment.yml").write_text(text, encoding="utf-8")
