"""What results/validation/provenance.json tells: which part of the validation was made with which
state, and how.

The file holds ``runs``. A run has the refits of its ``parts`` by name, the ``key`` of the state
of model, assumptions and ledger, and the processor minutes of all its parts together. Parts that
were made anew since are named in ``since_renewed``: their minutes are still in the run's, as nobody
measured them apart.
"""

import json
import platform
from importlib.metadata import version
from pathlib import Path

from ..project import InputError
from .experiments import SPECIFIED, Effort
from .parts import ALL_THREE, HELD_OUT, OTHERS, PARTS, kinds

FILE = "provenance.json"
LIBRARIES = ("numpy", "scipy", "pandas", "statsmodels", "arviz")
PRESENT = (
    "All refits behind this chapter were made with the model, the priors and the ledger of this"
    " very book."
)
EARLIER = "made with another state of the model, its assumptions or the ledger than this book"


def read(folder: Path) -> list[dict]:
    """Return the runs that the tables in ``folder`` come from, none if there is no file yet.

    Raises
    ------
    InputError
        If the file has another form.
    """
    path = folder / FILE
    if not path.is_file():
        return []
    try:
        runs = json.loads(path.read_text(encoding="utf-8"))["runs"]
        known = all(set(run["parts"]) <= set(PARTS) for run in runs)
    except (ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise InputError(
            f"{path}: not of the form that exlab validate writes; restore it, or delete it and"
            " renew every part."
        )
    return runs


def run(part: str, key: str, refits: int, seconds: float, effort: Effort) -> dict:
    """Return the record of one part that was made here with the state ``key``."""
    asked = {"chains": effort.chains, "tune": effort.tune, "draws": effort.draws}
    if part == HELD_OUT:
        asked |= {"folds": effort.folds}
    if part == SPECIFIED:
        asked |= {"worlds": effort.worlds}
    if part in (ALL_THREE, OTHERS):
        asked |= {
            "bent": {kind: effort.bent[kind] for kind in kinds(part) if effort.bent.get(kind)}
        }
    return {
        "parts": {part: refits},
        "key": key,
        "effort": asked,
        "cpu_minutes": round(seconds / 60),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "libraries": {name: version(name) for name in LIBRARIES},
    }


def renewed(runs: list[dict], new: list[dict]) -> list[dict]:
    """Return ``runs`` and then ``new``, without the parts that ``new`` made again; a run of which
    nothing is left is gone."""
    again = {part for one in new for part in one["parts"]}
    kept = []
    for one in runs:
        left = {part: count for part, count in one["parts"].items() if part not in again}
        if left:
            gone = [
                *one.get("since_renewed", []),
                *(part for part in one["parts"] if part in again),
            ]
            kept.append(one | {"parts": left} | ({"since_renewed": gone} if gone else {}))
    return kept + new


def write(folder: Path, runs: list[dict]) -> None:
    """Write the runs into ``folder``."""
    (folder / FILE).write_text(json.dumps({"runs": runs}, indent=1) + "\n", encoding="utf-8")


def refits(runs: list[dict]) -> int:
    """Return how many refits the tables come from."""
    return sum(sum(one["parts"].values()) for one in runs)


def cpu_minutes(runs: list[dict]) -> tuple[int, str]:
    """Return the processor minutes of all runs, and words for them: "at most" if some were of parts
    that were made anew since."""
    total = sum(one["cpu_minutes"] for one in runs)
    return total, (
        f"at most {total:,}" if any(one.get("since_renewed") for one in runs) else f"{total:,}"
    )


def chains(runs: list[dict]) -> str:
    """Return in words how many chains a refit has."""
    return " or ".join(str(count) for count in sorted({one["effort"]["chains"] for one in runs}))


def state(runs: list[dict], key: str) -> tuple[bool, str]:
    """Return whether every part was made with the state ``key``, and a sentence that names the
    parts that were not."""
    made = {part: one["key"] for one in runs for part in one["parts"]}
    earlier = [words for part, words in PARTS.items() if made.get(part, key) != key]
    if not earlier:
        return True, PRESENT
    named = " and ".join(filter(None, [", ".join(earlier[:-1]), earlier[-1]]))
    others = ", the others with the present one" if len(earlier) < len(made) else ""
    return False, f"The refits for {named} were {EARLIER}{others}; `make validate` renews them."
