"""The chapters of the evidence, of copies and of the gathering: what they show of a small ledger,
and what they quote."""

import inspect
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, cells

from exportedlabour.assumptions.scenario import Settings
from exportedlabour.evidence import ledger
from exportedlabour.exhibits import evidence_plots, plots, tables
from exportedlabour.exhibits.chapters import copies, evidence, gathering

TOLD = ("claims", "judged", "copies", "evidence", "gathering", "ledger", "comparison")
BIAS = {"bias_register_open": [-0.05, 0.1], "bias_press": [0.2, 0.4]}
SETTINGS = Settings({"copy_threshold": 0.5} | BIAS)
EFFECTS = pd.DataFrame(
    [("bias", "press", 1.2, 0.9, 1.6), ("error", "press", 1.5, 1.3, 1.8)],
    columns=["quantity", "name", "median", "lo80", "hi80"],
)


@pytest.fixture
def shown(monkeypatch):
    """The names of plots and the captions of tables that are displayed."""
    seen = []
    for module in (plots, evidence_plots):
        monkeypatch.setattr(module, "show", lambda figure, name, **_: seen.append(name))
    monkeypatch.setattr(tables, "show", lambda table, caption, *_, **__: seen.append(caption))
    return seen


def chapters_of(folder: Path):
    read = ledger.read(folder)
    return (
        copies.chapter(SETTINGS, read),
        evidence.Chapter(EFFECTS, SETTINGS, read),
        gathering.chapter(read),
    )


def test_the_chapters_of_a_small_ledger(small_ledger, shown):
    of_copies, of_evidence, of_gathering = chapters_of(small_ledger)
    for name in ("known by", "families", "links"):
        of_copies.table(name)
    for name in ("families", "2.3-billion"):
        of_copies.plot(name)
    for name in ("classes", "conflicts", "checks", "coded apart"):
        of_evidence.table(name)
    for name in ("classes", "bias", "agreement"):
        of_evidence.plot(name)
    for name in ("houses", "gaps"):
        of_gathering.table(name)
    for name in ("languages", "houses", "years"):
        of_gathering.plot(name)
    assert len(shown) == len(set(shown)) == 16
    assert "fig-copying" not in shown  # all that it would draw was published on one day
    assert "All 2 links: who repeats whom" in shown and "fig-cascade-2-3-billion" in shown


def test_a_ledger_without_optional_tables_shows_none_of_them(small_ledger, shown):
    for name in ("copies", "cascades", "checks", "recoding"):
        (small_ledger / f"{name}.csv").unlink()
    of_copies, of_evidence, _ = chapters_of(small_ledger)
    for name in ("known by", "links"):
        of_copies.table(name)
    of_copies.plot("2.3-billion")
    of_copies.other_cascades()
    for name in ("checks", "coded apart"):
        of_evidence.table(name)
    of_evidence.plot("agreement")
    assert shown == []
    assert "does not have" in of_copies.headline().entries["cascade_2_3_billion"]["text"]
    assert of_evidence.headline().entries["recoded"]["value"] == 0


def test_the_bias_of_a_class_that_was_not_fitted_is_its_assumption():
    table = evidence.biases(SETTINGS, EFFECTS).set_index("label")
    assert np.isnan(table.loc["register, before 2018", "median"])
    (press,) = [label for label in table.index if label != "register, before 2018"]
    assert table.loc[press, ["median", "lo80", "hi80"]].tolist() == [1.2, 0.9, 1.6]
    assert np.log(table.loc[press, "prior_hi"]) == pytest.approx(0.2 + 0.4 * 1.2816)


def test_quoted_numbers_of_these_chapters_are_named_in_full_where_they_are_made():
    pages = [path.read_text(encoding="utf-8") for path in (ROOT / "book").rglob("*.md")]
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        pages += [
            "".join(cell["source"]) for cell in cells(path) if cell["cell_type"] == "markdown"
        ]
    quoted = set(re.findall(r"\{\{ (\w+) \}\}", "\n".join(pages)))
    for chapter in chapters_of(ROOT / "data"):
        code = Path(inspect.getfile(type(chapter))).read_text(encoding="utf-8")
        made = quoted & set(chapter.headline().entries)
        assert made and [name for name in sorted(made) if f'"{name}"' not in code] == []


@pytest.mark.parametrize("name", TOLD)
def test_a_notebook_tells_and_computes_nothing(name):
    code = [
        "".join(cell["source"])
        for cell in cells(ROOT / "notebooks" / f"{name}.ipynb")
        if cell["cell_type"] == "code" and "parameters" not in cell["metadata"].get("tags", ())
    ]
    lines = [line for source in code for line in source.splitlines() if line.strip()]
    assert len(lines) <= 60 and max(map(len, lines)) <= 100
    assert not {"pandas", "numpy"} & set(re.findall(r"^import (\w+)", "\n".join(code), re.M))
