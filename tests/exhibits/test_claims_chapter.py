"""The chapter of claims: what it quotes, and a founding claim that is new in claims.csv alone."""

import csv
import json
import re
import shutil

import numpy as np
import pytest
from conftest import HOSTILE, ROOT, cells, small_claims, write_ledger

from exportedlabour.assumptions.scenario import Settings
from exportedlabour.claims import evaluation, founding, readings
from exportedlabour.evidence import ledger
from exportedlabour.evidence.rates import Rates
from exportedlabour.evidence.schema import CLAIMS
from exportedlabour.exhibits import plots, tables
from exportedlabour.exhibits.chapters import claims

YEARS = np.arange(2011, 2019)
SECTORS = ("construction", "logging", "textiles")
SETTINGS = Settings({"price_year": 2017, "inflation_ahead": 0.0})


def evaluated(read, codes=("RUS", "CHN", "POL")):
    """All claims of a ledger, evaluated by invented draws."""
    rng = np.random.default_rng(3)
    shape = (400, len(codes), len(YEARS))
    workers = rng.lognormal(10, 0.2, shape)
    each = {"gross": 4800.0, "withheld": 3600.0, "state": 2400.0, "net": 1200.0}
    each = {name: np.full(shape, value) for name, value in each.items()}
    estimates = evaluation.Estimates(read, workers, codes, YEARS, each, (10, 100))
    lines = readings.evaluate_all(read, estimates, Rates(read.rates, 0.0))
    found = readings.Evaluated(lines, estimates, None, None)
    share = np.tile([0.5, 0.3, 0.2], (400, len(codes), 1))
    vars(found).update(shares=share, trades=SECTORS)  # as if read from a file
    return found


@pytest.fixture
def shown(monkeypatch):
    """What a chapter displays: plots by name, tables by caption, and other HTML."""
    seen = {"plots": {}, "tables": {}, "html": []}
    monkeypatch.setattr(
        plots, "show", lambda figure, name, **said: seen["plots"].update({name: said})
    )
    monkeypatch.setattr(
        tables, "show", lambda table, caption, **_: seen["tables"].update({caption: table})
    )
    monkeypatch.setattr(claims, "display", lambda page: seen["html"].append(page.data))
    return seen


def test_a_new_founding_claim_is_a_row_of_claims_csv_and_nothing_else(tmp_path, shown):
    """Two in a copy of the project's ledger: one that a figure states, and one on record."""
    data = tmp_path / "data"
    shutil.copytree(ROOT / "data", data)
    new = [
        {"claim": "seventy-thousand", "title": "Seventy", "evaluation": "quantity",
        "figure": "TOT002",
         "heading": "Seventy thousand",
         "text": "So many: {median} ({interval}), hence {verdict} or {nothing}."},
        {"claim": "on-record", "title": "On record", "evaluation": "record", "speaking": "RUS256",
         "against": "GEU192", "heading": "A record", "text": "It is {verdict}."},
    ]  # fmt: skip
    with (data / "claims.csv").open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, CLAIMS.names, restval="", lineterminator="\n")
        writer.writerows(new)
    read = ledger.read(data)
    chapter = claims.Chapter(evaluated(read), SETTINGS, read)
    chapter.shown = set(chapter.claims) - {"seventy-thousand", "on-record"}
    chapter.others()
    numbers = chapter.headline().entries
    median, interval = numbers["claim_TOT002"]["text"], numbers["claim_TOT002_80"]["text"]
    verdict = numbers["claim_TOT002_verdict"]["text"]
    assert shown["html"] == [
        f"<p><strong>Seventy.</strong> So many: {median} ({interval}), hence {verdict} or"
        " {nothing}.</p>",
        "<p><strong>On record.</strong> It is supported in part by the ledger.</p>",
    ]
    assert set(shown["plots"]) == {"fig-claim-tot002", "fig-claim-on-record"}
    chapter.table("record")
    (record,) = shown["tables"].values()
    assert list(record["verdict"])[-1] == evaluation.IN_PART


def test_the_text_of_a_claim_is_text(tmp_path, shown):
    read = ledger.read(write_ledger(tmp_path / "data"))
    chapter = claims.Chapter(evaluated(read), SETTINGS, read)
    for name in [key for key in chapter.claims if key != "unheard-of"]:
        chapter.plot(name)
    chapter.others()
    (said,) = shown["html"]
    assert "It is supported by the ledger." in said and "{{ 7*191 }}" in said
    assert "<script" not in said and "<img" not in said
    assert len(shown["plots"]) == len(chapter.claims)
    assert HOSTILE in shown["plots"]["fig-claim-two-largest"]["caption"]


def test_a_ledger_without_founding_claims_has_a_chapter_without_them(tmp_path, shown):
    data = write_ledger(tmp_path / "data")
    (data / "claims.csv").unlink()
    read = ledger.read(data)
    chapter = claims.Chapter(evaluated(read), SETTINGS, read)
    for name in ("founding", "record", "deaths", "sums", "independence"):
        chapter.table(name)
    for name in ("TOT002", "two-largest", "all"):
        chapter.plot(name)
    chapter.others()
    assert shown["plots"] == {} and shown["html"] == []
    numbers = chapter.headline().entries
    assert numbers["claim_TOT005_verdict"]["text"] == claims.NOT_HERE
    assert numbers["claims_all"]["value"] > 0


def test_a_claim_far_from_the_posterior_is_drawn_on_a_log_scale(tmp_path, monkeypatch):
    drawn = {}
    monkeypatch.setattr(
        plots,
        "claim_strip",
        lambda rows, title, unit, scale, log: drawn.update(
            {rows["figure_id"].iloc[0]: (unit, log)}
        ),
    )
    monkeypatch.setattr(plots, "show", lambda *_, **__: None)
    read = ledger.read(write_ledger(tmp_path / "data"))
    chapter = claims.Chapter(evaluated(read), SETTINGS, read)
    for name in ("TOT004", "TOT005", "TOT006"):
        chapter.plot(name)
    assert drawn["TOT005"] == ("million dollars a year, log scale", True)
    assert drawn["TOT006"] == ("thousand workers", False)
    assert drawn["TOT004"] == ("per cent of gross pay", False)


def test_every_number_of_claims_that_a_page_quotes_is_named_in_full_and_made(tmp_path):
    read = ledger.read(ROOT / "data")
    chapter = claims.Chapter(evaluated(read, ("RUS", "CHN", "POL", "QAT", "KWT")), SETTINGS, read)
    made = chapter.headline().entries
    assert {name for name, entry in made.items() if entry["text"] == claims.NOT_HERE} <= {
        "sector_mining", "sector_mining_80", "sector_among_mining",
        "sector_verdict_mining", "sector_figures_mining",
    }  # fmt: skip
    assert len(set(claims.QUOTED)) == len(claims.QUOTED)
    pages = [path.read_text(encoding="utf-8") for path in (ROOT / "book").rglob("*.md")]
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        pages += [
            "".join(cell["source"]) for cell in cells(path) if cell["cell_type"] == "markdown"
        ]
    quoted = set(re.findall(r"\{\{ (\w+) \}\}", "\n".join(pages)))
    assert quoted & set(made) == set(claims.QUOTED)


def test_every_founding_claim_of_the_project_has_what_its_plot_says():
    own = founding.claims(ledger.read(ROOT / "data"))
    assert len(own) == 15
    for claim in own.values():
        assert claim.caption or claim.evaluation == founding.QUANTITY, claim.key
        needs_words = claim.evaluation in (founding.APART, founding.SHARE, founding.GROWTH)
        assert bool(claim.reading) == needs_words, claim.key
    text = json.dumps(cells(ROOT / "notebooks" / "claims.ipynb"))
    named = set(re.findall(r'chapter\.plot\(\\"([\w-]+)\\"\)', text))
    assert all({claim.key, claim.figure} & named for claim in own.values())


@pytest.mark.parametrize(
    ("cells_of", "column", "rule"),
    [
        ({"evaluation": "quantity"}, "figure", "must not be empty, as evaluation is quantity"),
        ({"evaluation": "quantity", "figure": "RUS001"}, "figure", "whose use is judge"),
        ({"evaluation": "share", "hosts": "RUS", "low": "0.5"}, "period_start", "must not be"),
        ({"evaluation": "growth", "period_start": "2016", "period_end": "2011", "low": "1"},
         "period_end", "must be after period_start"),
        ({"evaluation": "share", "hosts": "RUS", "period_start": "2016", "low": "0.5",
        "high": "0.1"},
         "high", "must not be below low"),
        ({"evaluation": "record", "speaking": "RUS999"}, "speaking", "must be figure ids"),
        ({"evaluation": "guess"}, "evaluation", "must be one of quantity, apart"),
    ],
)  # fmt: skip
def test_a_founding_claim_that_breaks_a_rule_is_told(tmp_path, cells_of, column, rule):
    data = write_ledger(tmp_path / "data")
    row = dict(zip(CLAIMS.names, small_claims(CLAIMS.names)[-1])) | {"claim": "broken"}
    with (data / "claims.csv").open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, CLAIMS.names, lineterminator="\n")
        writer.writerow(row | {"speaking": ""} | cells_of)
    with pytest.raises(
        ledger.InputError, match=rf"claims.csv, line \d+, broken, {column} = .*{rule}"
    ):
        ledger.read(data)
