"""The numbers that the prose quotes: each a value and the text that stands for it in a sentence."""

import json
from pathlib import Path

import numpy as np

from ..words import span

# In the metadata of a displayed plot, the key of its name, caption and alternative text.
METADATA_KEY = "exportedlabour"


class Headline:
    """Collects the numbers of one notebook, each with its text, and writes them."""

    def __init__(self):
        self.entries: dict[str, dict] = {}

    def put(self, key: str, value, text: str) -> None:
        """Add one number under a name that pages use."""
        self.entries[key] = {
            "value": float(f"{value:.6g}") if isinstance(value, (float, np.floating)) else value,
            "text": str(text),
        }

    def interval(
        self, key: str, row, write, scale: float = 1.0, quoted: tuple[str, ...] = ()
    ) -> None:
        """Add the numbers of a row of a summary table.

        They are the median (``key``), the ends of intervals (``key_lo80`` ... ``key_hi95``) and the
        intervals in words (``key_80``, ``key_95``). ``quoted`` names in full those that a page
        quotes, so that a search for the name finds the one place where it is made.

        Raises
        ------
        ValueError
            If a quoted name is none of them.
        """
        made = {key: (float(row["median"]) * scale, write(row["median"] * scale))}
        for level in (80, 95):
            for end in ("lo", "hi"):
                name = f"{end}{level}"
                made[f"{key}_{name}"] = float(row[name]) * scale, write(row[name] * scale)
            low, high = float(row[f"lo{level}"]) * scale, float(row[f"hi{level}"]) * scale
            made[f"{key}_{level}"] = [low, high], span(low, high, write)
        if wrong := set(quoted) - set(made):
            raise ValueError(
                f"{', '.join(sorted(wrong))}: an interval called {key} has no such name"
            )
        for name, (value, text) in made.items():
            self.put(name, value, text)

    def quoted(self, *names: str, otherwise: str = "") -> None:
        """Name in full numbers that pages quote and that loops made, so that a search for a name
        finds the file where it is made.

        Parameters
        ----------
        otherwise : what one that was not made stands as; without it all have to be made.

        Raises
        ------
        ValueError
            If one was not made.
        """
        missing = [name for name in names if name not in self.entries]
        if missing and not otherwise:
            raise ValueError(f"{', '.join(missing)}: quoted, and no number of that name was made")
        for name in missing:
            self.put(name, None, otherwise)

    def write(self, path: Path) -> None:
        """Write the entries as JSON, in the order of their names."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            json.dumps(self.entries, indent=1, sort_keys=True, ensure_ascii=False) + "\n",
            encoding="utf-8",
        )


def merge(folder: Path) -> dict[str, dict]:
    """Return all entries written under ``folder``.

    Raises
    ------
    ValueError
        If two notebooks use one name for different numbers.
    """
    merged: dict[str, dict] = {}
    for path in sorted(folder.glob("*.json")):
        for key, entry in json.loads(path.read_text(encoding="utf-8")).items():
            if merged.setdefault(key, entry) != entry:
                raise ValueError(
                    f"{path.name}: the name {key} already stands for {merged[key]['text']}"
                )
    return merged
