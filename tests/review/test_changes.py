"""What `exlab check` says a changed row will move."""

import subprocess

import pandas as pd
import pytest
from conftest import SMALL, figure, write_ledger

from exportedlabour.assumptions import scenario
from exportedlabour.evidence import ledger
from exportedlabour.review import changes

SETTINGS = scenario.load("baseline").settings
BEFORE = pd.DataFrame(SMALL)[ledger.COLUMNS]


def told(tmp_path, rows):
    return changes.lines(ledger.read(write_ledger(tmp_path / "data", rows)), BEFORE, SETTINGS)


def altered(figure_id, **cells):
    return [
        (
            row | {name: str(value) for name, value in cells.items()}
            if row["figure_id"] == figure_id
            else row
        )
        for row in SMALL
    ]


def test_nothing_changed_nothing_told(tmp_path):
    assert told(tmp_path, SMALL) == []


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            figure("RUS050", point=15000, period="2025"),
            "RUS050 is new: fitted; it moves the workers of Russia around 2026",
        ),
        (figure("TOT050", "WLD", point=60000, period="2015"), "it moves the workers of the world"),
        (
            figure("POL050", "POL", "2016", "wage_net", 90, unit="USD/month"),
            "it moves pay and shares in Poland",
        ),
        (
            figure("RUS050", point=15000, period="1999"),
            "outside the years of the model: no estimate moves",
        ),
        (
            figure("POL050", "POL", "2016", "wage_net", 90, unit="USD/month", sector="IT"),
            "of IT workers",
        ),
        (
            figure("RUS050", point=15000, use="judge", reason="A claim."),
            "its verdict changes, no estimate does",
        ),
        (figure("RUS050", point=15000, use="context", reason="A plan."), "shown, not fitted"),
        (
            figure("SAU050", "SAU", "2016", "deaths", 3, unit="persons"),
            "no model reads this quantity",
        ),
    ],
)
def test_a_new_row(tmp_path, row, expected):
    (line,) = told(tmp_path, [*SMALL, row])
    assert expected in line


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            altered("RUS003", point=5000),
            "RUS003 has other point: fitted; it moves the workers of Russia",
        ),
        (
            altered("RUS003", note="Said on the radio."),
            "RUS003 has other note: only words change: no estimate moves",
        ),
        (
            altered("RUS003", use="context", reason="A plan."),
            "the estimates that it was part of move. It was fit before.",
        ),
        (
            [row for row in SMALL if row["figure_id"] != "POL001"],
            "POL001 is gone: the estimates that it was part of move",
        ),
        (
            [row for row in SMALL if row["figure_id"] != "TOT003"],
            "TOT003 is gone: no estimate moves",
        ),
    ],
)
def test_a_changed_row(tmp_path, rows, expected):
    (line,) = told(tmp_path, rows)
    assert expected in line


def test_what_was_committed_is_read_from_git(tmp_path):
    folder = write_ledger(tmp_path / "data")
    assert changes.committed(folder) is None  # no repository, no comparison
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "-m", "x"],
    ):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    write_ledger(folder, [*SMALL, figure("RUS050", point=15000)])
    pd.testing.assert_frame_equal(changes.committed(folder), BEFORE.astype(str), check_dtype=False)
