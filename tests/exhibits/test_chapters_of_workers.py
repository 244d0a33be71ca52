"""The chapters on the workers model and on its validation: what is asked for is shown, what is not
there is refused, and every name that a page quotes is made."""

import re
from types import SimpleNamespace

import pandas as pd
import pytest
from conftest import ROOT, cells

from exportedlabour.exhibits import tables
from exportedlabour.exhibits.chapters import validation, workers
from exportedlabour.workers import draws

MOST_CODE = 60  # lines of a notebook that are no parameters
QUOTED = re.compile(r"\{\{ (\w+) \}\}")


def code_of(name):
    return [
        cell
        for cell in cells(ROOT / "notebooks" / f"{name}.ipynb")
        if cell["cell_type"] == "code" and "parameters" not in cell["metadata"].get("tags", [])
    ]


@pytest.mark.parametrize("name", ["validation", "workers"])
def test_a_notebook_tells_and_does_not_compute(name):
    lines = [line for cell in code_of(name) for line in "".join(cell["source"]).splitlines()]
    assert len([line for line in lines if line.strip()]) <= MOST_CODE
    assert not re.search(r"\b(def|lambda|for|np|pd)\b", "\n".join(lines))


@pytest.mark.parametrize(("name", "chapter"), [("validation", validation), ("workers", workers)])
def test_quoted_names_are_made_by_literal_names(name, chapter):
    """All names that the notebook itself quotes and that are no other chapter's."""
    with open(chapter.__file__, encoding="utf-8") as opened:
        made = set(re.findall(r'"(\w+)"', opened.read()))
    text = [
        "".join(cell["source"])
        for cell in cells(ROOT / "notebooks" / f"{name}.ipynb")
        if cell["cell_type"] == "markdown"
    ]
    quoted = set(QUOTED.findall("\n".join(text)))
    assert quoted - made <= {"error_inside"}  # of the list of assumptions


@pytest.mark.parametrize("name", ["validation", "workers"])
def test_every_plot_and_table_that_a_notebook_asks_for_is_there_once(name, monkeypatch):
    """Without drawing: the chapters' own methods are put out of action."""
    made = {"validation": validation, "workers": workers}[name].Chapter
    for method in vars(made):
        if method.startswith(("_plot_", "_table_")):
            monkeypatch.setattr(made, method, lambda self: None)
    monkeypatch.setattr(tables, "show", lambda *shown: None)
    monkeypatch.setattr(made, "_factors", lambda self, quantity: None, raising=False)
    chapter = made.__new__(made)
    text = "\n".join("".join(cell["source"]) for cell in code_of(name))
    asked = re.findall(r'chapter\.(plot|table)\("([^"]+)"\)', text)
    assert asked and len(asked) == len(set(asked))
    for kind, wanted in asked:
        getattr(chapter, kind)(wanted)
    with pytest.raises(ValueError, match="no table is called 'nothing'"):
        chapter.table("nothing")


def test_registers_are_told_by_their_era(monkeypatch):
    shown = []
    monkeypatch.setattr(tables, "show", lambda table, caption: shown.append(table))
    effects = pd.DataFrame({name: [1.0, 2.0, 3.0] for name in draws.SUMMARY}).assign(
        quantity=["bias", "bias", "error"], name=["register_open", "us_un", "register_banned"]
    )
    chapter = workers.chapter(SimpleNamespace(effects=effects))
    chapter.table("bias")
    chapter.table("error")
    assert shown[0]["class"].tolist() == ["register before 2018", "us un"]
    assert shown[0]["80 % interval"].tolist() == ["1.00 – 1.00", "2.00 – 2.00"]
    assert shown[1]["class"].tolist() == ["register from 2020"]
