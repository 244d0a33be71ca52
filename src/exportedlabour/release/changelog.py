"""The table of CHANGELOG.md that says which headline moved: written from the results of two builds,
the reasons by whoever releases.

python -m exportedlabour.release.changelog build/baseline/results/headline.json
[results/headline.json of the last release]
"""

import json
import sys
from pathlib import Path

from ..project import InputError

# What readers quote, in words, and the names of the median and the interval in headline.json. The
# years are the build's own.
HEADLINES = (
    ("Workers abroad, peak year", ("world_peak", "world_peak_80")),
    ("Workers abroad, last year", ("world_last", "world_last_80")),
    ("Russia, peak year", ("rus_peak", "rus_peak_80")),
    ("China, peak year", ("chn_peak", "chn_peak_80")),
    ("China, last year", ("chn_last", "chn_last_80")),
    ("Taken by the state, peak year", ("state_peak", "state_peak_80")),
    ("Taken by the state, last year", ("state_last", "state_last_80")),
)
UNEXPLAINED = "WHY"  # to be replaced by hand; a test refuses it


def now(numbers: dict[str, dict], keys: tuple[str, str]) -> str:
    """Return a headline with its 80 % interval as the prose has it: 78,000 (64,000 to 97,000)."""
    middle, interval = (numbers[key]["text"] for key in keys)
    return f"{middle} ({interval})"


def table(numbers: dict[str, dict], before: dict[str, dict] | None) -> str:
    """Return the section on headlines of a release: each before and now, with room for the reason
    where it moved."""
    lines = [
        "### Headlines",
        "",
        "Medians with 80 % intervals.",
        "",
        "| headline | before | now | why |",
        "|---|---|---|---|",
    ]
    for words, keys in HEADLINES:
        current, earlier = now(numbers, keys), now(before, keys) if before else "none"
        why = (
            "first release"
            if before is None
            else "unchanged"
            if current == earlier
            else UNEXPLAINED
        )
        lines.append(f"| {words} | {earlier} | {current} | {why} |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> None:
    """Print the section for the results named."""
    if missing := [name for name in arguments[:2] if not Path(name).is_file()]:
        raise InputError(
            f"there is no file {missing[0]}; name the headline.json of a build, such as"
            " build/baseline/results/headline.json."
        )
    read = [json.loads(Path(name).read_text(encoding="utf-8")) for name in arguments[:2]]
    if not read:
        raise InputError(
            "name the headline.json of this build, and that of the last release if there was one."
        )
    print(table(read[0], read[1] if len(read) > 1 else None))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except InputError as error:
        sys.exit(f"changelog: {error}")
