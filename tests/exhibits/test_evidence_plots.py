"""The plots of the evidence: places on the map, grades of evidence, and marks that lead to their
rows."""

import io
import os
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, SMALL, figure, write_ledger
from matplotlib.path import Path

from exportedlabour.evidence import ledger, lineage
from exportedlabour.exhibits import evidence_plots, plots
from exportedlabour.exhibits import map as world_map

CITIES = {
    "RUS": (37.6, 55.75),
    "CHN": (116.4, 39.9),
    "MNG": (106.9, 47.9),
    "POL": (21.0, 52.2),
    "KWT": (47.7, 29.3),
    "AGO": (17.0, -11.0),
    "PRK": (126.5, 40.0),
    "MYS": (113.5, 2.5),
    "GNQ": (10.5, 1.6),
    "PER": (-75.0, -10.0),
}


@pytest.mark.parametrize("code", CITIES)
def test_a_point_of_a_country_lies_in_its_outline_and_in_no_other(code):
    inside = {
        name
        for name, polygons in world_map.outlines().items()
        if any(Path(polygon).contains_point(CITIES[code]) for polygon in polygons)
    }
    assert inside == {code}


def test_russia_goes_on_east_of_the_date_line():
    main = max(world_map.outlines()["RUS"], key=len)
    assert (
        27 < main[:, 0].min() < 32 and 185 < main[:, 0].max() < 192
    )  # from Pskov to Chukotka without a jump back
    assert np.abs(np.diff(main[:, 0])).max() < 30


def test_every_modelled_host_is_on_the_map():
    hosts = ledger.read(ROOT / "data").hosts.query("treatment in ['trajectory', 'predictive']")[
        "iso3"
    ]
    assert set(hosts) <= set(world_map.outlines()) | set(world_map.SMALL)


def test_strength_of_evidence(tmp_path):
    rows = [
        row for row in SMALL if not (row["hosts"] == "RUS" and row["evidence_class"] == "register")
    ]
    rows.append(
        figure(
            "SAU001",
            "SAU",
            "2016",
            "host_countries",
            1,
            unit="countries",
            use="context",
            reason="A list.",
        )
    )
    grades = evidence_plots.strength_of(ledger.read(write_ledger(tmp_path, rows)))
    assert grades.to_dict() == {
        "RUS": "counted",
        "CHN": "counted",
        "POL": "register",
        "TUR": "zero",
        "SAU": "named",
    }


def drawn(figure):
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg")
    return buffer.getvalue()


def test_marks_of_a_cascade_lead_to_their_rows(small_ledger):
    read = ledger.read(small_ledger)
    svg = drawn(
        evidence_plots.cascade(read, lineage.graph(read), ["RUS002", "CHN001", "TOT005"], "A claim")
    )
    assert set(re.findall(r'<a xlink:href="([^"]+)"', svg)) == {
        "host_RUS.html#RUS002",
        "host_CHN.html#CHN001",
        "host_WLD.html#TOT005",
    }


def test_every_head_count_in_a_host_chart_leads_to_its_row(small_ledger):
    read = ledger.read(small_ledger)
    years = np.arange(2005, 2027)
    fan = pd.DataFrame(
        {"year": years, "median": 20000.0}
        | {f"{end}{level}": 20000.0 for level in (50, 80, 95) for end in ("lo", "hi")}
    )
    rows = read.figures[
        (read.figures["hosts"] == "RUS") & read.figures["quantity"].isin(ledger.HEAD_COUNTS)
    ]
    svg = drawn(plots.host_stock(fan, rows, "Workers in Russia", 0.5))
    assert set(re.findall(r'\.html#([A-Z]{3}\d+)"', svg)) == set(rows["figure_id"])


def test_hostile_text_is_escaped_in_drawings(small_ledger, monkeypatch):
    shown = []
    monkeypatch.setattr(plots, "display", lambda data, **_: shown.append(data["image/svg+xml"]))
    read = ledger.read(small_ledger)
    evidence_plots.show_cascade(read, lineage.graph(read), "2.3-billion")
    assert (
        "<script>" not in shown[0] and "<img" not in shown[0] and "RUS002: about 20,000" in shown[0]
    )


DRAWN = """
import hashlib, io, sys
from pathlib import Path
from exportedlabour.evidence import ledger, lineage
from exportedlabour.exhibits import evidence_plots, plots
plots.use_style()
read, buffer = ledger.read(Path(sys.argv[1])), io.StringIO()
figure = evidence_plots.copying(read, lineage.graph(read), "x", 0.5)
figure.savefig(buffer, format="svg", metadata={"Date": None})
print(hashlib.sha256(buffer.getvalue().encode()).hexdigest())
"""


def test_the_graph_of_copying_is_drawn_the_same_whatever_the_order_of_sets():
    drawn = [
        subprocess.run(
            [sys.executable, "-c", DRAWN, ROOT / "data"],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"PYTHONHASHSEED": seed, "MPLBACKEND": "agg"},
        ).stdout
        for seed in ("1", "2", "3")
    ]
    assert len(set(drawn)) == 1 and len(drawn[0].strip()) == 64
