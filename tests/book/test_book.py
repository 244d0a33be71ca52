"""One tiny book from end to end: built, reused, rebuilt in part, failed, and left whole."""

import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

import lxml.html
import pandas as pd
import pytest
from conftest import broken_links, edit

QUICK = {
    "tune": 40,
    "draws": 50,
    "pay_tune": 30,
    "pay_draws": 40,
    "chains": 4,
    "pay_chains": 2,
    "imputed_copies": 2,
    "max_rhat": 3,
    "min_ess": 0,
    "max_divergent_share": 1.0,
}


def exlab(root, *arguments):
    """Run exlab as a reader would; compile quickly rather than well."""
    return subprocess.run(
        [sys.executable, "-m", "exportedlabour.cli", *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=os.environ | {"NUMBA_OPT": "0", "PYTHONUTF8": "1"},
    )


def hashes(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "provenance.json"
    }


def test_a_tiny_book(project):
    baseline = project / "scenarios" / "baseline.yml"
    for name, value in QUICK.items():
        text = baseline.read_text(encoding="utf-8")
        baseline.write_text(
            re.sub(rf"^({name}: \{{value: )[^,]+", rf"\g<1>{value}", text, flags=re.MULTILINE),
            encoding="utf-8",
        )
    build = project / "build" / "baseline"

    first = exlab(project, "build")
    assert first.returncode == 0, first.stdout + first.stderr
    assert (
        "26 steps ran, 0 reused" in first.stdout and "workers: 4 chains of 50 draws" in first.stdout
    )
    assert_results(build)
    assert_pages(build)

    assert {path.name for path in build.iterdir() if path.is_file()} == {"ledger.json"}

    again = exlab(project, "build")
    assert "0 steps ran, 26 reused" in again.stdout and "run     " not in again.stdout

    before = hashes(build / "results")
    assert exlab(project, "step", "workers").returncode == 0
    assert hashes(build / "results") == before  # the same seed on the same machine

    # A scenario's own pages, on results that stand in for its own.
    other = project / "build" / "state-share-by-layers"
    shutil.copytree(build, other, ignore=shutil.ignore_patterns("html"))
    for step in ("comparison", "book"):
        done = exlab(project, "step", step, "--scenario", other.name)
        assert done.returncode == 0, done.stderr
    compared = (other / "html" / "notebooks" / "comparison.html").read_text(encoding="utf-8")
    assert "undivided_share_read_as" in compared and "ipykernel_" not in compared
    assert not (build / "html" / "notebooks" / "comparison.html").exists()

    assert "0 steps would run" in exlab(project, "build", "--plan").stdout
    edit(baseline, "host_error_correlation: {value: 0.5", "host_error_correlation: {value: 0.8")
    planned = exlab(project, "build", "--plan").stdout
    assert "money" in planned and not {"pay_fit", "workers", "how_many"} & set(
        re.findall(r"\w+", planned)
    )
    edit(baseline, "host_error_correlation: {value: 0.8", "host_error_correlation: {value: 0.5")
    edit(
        project / "data" / "figures.csv",
        "CHN010,CHN,2017,2017,wage_gross,,2000",
        "CHN010,CHN,2017,2017,wage_gross,,2100",
    )
    planned = exlab(project, "build", "--plan").stdout
    assert (
        "pay_fit" in planned
        and "money" in planned
        and "evidence" in planned
        and "workers" not in planned
    )
    edit(project / "data" / "figures.csv", "wage_gross,,2100", "wage_gross,,2000")

    figures = (project / "data" / "figures.csv").read_text(encoding="utf-8")
    edit(
        project / "data" / "figures.csv",
        "TOT005,WLD,2017,2017,revenue_total,,,23",
        "TOT005,WLD,2017,2017,revenue_total,,,24",
    )
    planned = exlab(project, "build", "--plan").stdout
    assert (
        "host-WLD" in planned
        and "claims" in planned
        and "host-RUS" not in planned
        and "workers" not in planned
        and "money" not in planned
    )
    (project / "data" / "figures.csv").write_text(figures, encoding="utf-8")

    pages = hashes(build / "html")
    edit(project / "notebooks" / "front.ipynb", "plots.use_style()", "plots.use_stile()")
    failed = exlab(project, "build")
    assert failed.returncode == 1
    assert re.search(
        r"step front failed\. notebooks/front\.ipynb, cell \d+: AttributeError: .*use_stile",
        failed.stderr,
    )
    assert "Traceback" not in failed.stderr
    assert hashes(build / "html") == pages

    edit(project / "notebooks" / "front.ipynb", "plots.use_stile()", "plots.use_style()")
    edit(project / "book" / "index.md", "{{ world_peak }}", "{{ world_peek }}")
    warned = exlab(project, "build")
    assert (
        warned.returncode == 1
        and "world_peek" in warned.stderr
        and "the last good book is left in place" in warned.stderr
    )
    assert hashes(build / "html") == pages


def assert_results(build):
    results = build / "results"
    workers = pd.read_csv(results / "workers_host_year.csv")
    assert list(workers.columns) == [
        "host",
        "year",
        "median",
        "mean",
        "lo50",
        "hi50",
        "lo80",
        "hi80",
        "lo95",
        "hi95",
        "n_figures",
        "n_effective",
        "no_data",
    ]
    assert len(workers) == 4 * 22 and set(workers.loc[workers["no_data"], "host"]) == {"SAU"}
    world = pd.read_csv(results / "workers_world_year.csv")
    assert list(world["year"]) == list(range(2005, 2027))
    assert (
        (world["lo95"] <= world["lo80"])
        & (world["lo80"] < world["median"])
        & (world["median"] < world["hi80"])
        & (world["hi80"] <= world["hi95"])
    ).all()
    money = pd.read_csv(results / "revenue_world_year.csv")
    assert set(money["definition"]) == {"gross", "withheld", "state", "net"} and set(
        money["prices"]
    ) == {"current", "2024"}
    by_definition = money[money["prices"] == "2024"].pivot(
        index="year", columns="definition", values="mean"
    )
    assert (by_definition["gross"] > by_definition["withheld"]).all() and (
        by_definition["withheld"] > by_definition["state"]
    ).all()
    draws = pd.read_parquet(results / "draws_workers.parquet")
    assert draws.shape == (200, 4 * 22)
    hand = (
        draws[[name for name in draws if name.endswith("_2017")]]
        .sum(axis=1)
        .quantile([0.1, 0.5, 0.9])
    )
    row = world[world["year"] == 2017].iloc[0]
    assert [row["lo80"], row["median"], row["hi80"]] == pytest.approx(list(hand), rel=1e-3)
    claims = pd.read_csv(results / "claims_judged.csv")
    set_aside = {"TOT002", "TOT003", "TOT004", "TOT005", "TOT006", "TOT007"}
    assert set(claims["figure_id"]) == set_aside | {
        "RUS001",
        "RUS002",
        "RUS003",
        "CHN001",
        "CHN002",
        "TOT053",
    }  # and every fitted total
    assert set(claims.loc[claims["figure_id"].isin(["RUS001", "TOT053"]), "standing"]) == {"fitted"}
    record = json.loads((results / "provenance.json").read_text(encoding="utf-8"))
    step = next(step for step in record["steps"] if step["step"] == "workers")
    assert step["parameters"]["seed"] and step["seconds"] > 0 and step["libraries"]["autograd"]


def assert_pages(build):
    numbers = json.loads((build / "results" / "headline.json").read_text(encoding="utf-8"))
    index = (build / "html" / "index.html").read_text(encoding="utf-8")
    for name in (
        "world_peak",
        "world_peak_80",
        "world_last",
        "world_last_80",
        "state_peak",
        "state_peak_80",
        "evidence_date",
    ):
        assert numbers[name]["text"] in index, name
    assert "{{" not in index
    for page in build.joinpath("html").rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "ipykernel_" not in text and "site-packages" not in text, (
            page.name
        )  # a warning that a cell printed
        assert "np.float64" not in text and str(build) not in text, page.name
        assert not re.search(r'<(?:script|link)[^>]*(?:src|href)="https?://', text), page.name
        assert all(image.get("alt") for image in lxml.html.fromstring(text).iter("img")), page.name
    host = (build / "html" / "notebooks" / "host_RUS.html").read_text(encoding="utf-8")
    assert "<h1>Russia" in host and '<tr id="RUS001">' in host and "Workers by year" in host
    assert (
        '<a xlink:href="host_RUS.html#RUS001" aria-label="RUS001: 30,023, 2017-12-31, Somebody">'
        in host
    )
    assert "https://example.org/a?b=c&amp;d=e" in host and "confirmed 2026-11-24" in host
    world = (build / "html" / "notebooks" / "host_WLD.html").read_text(encoding="utf-8")
    assert "TOT053" in world and "Workers by year" in world
    assert_harmless(build)
    assert broken_links(build / "html") == []


def assert_harmless(build):
    """Free text of the ledger is shown and never run, in pages and in what is downloaded."""
    seen = 0
    for page in build.joinpath("html").rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"<script>alert|<img src=\"?x\b", text), page.name
        assert "1337" not in re.sub(
            r"<(script|svg)\b.*?</\1>|[\w./-]*1337[\w./-]+|[\w./-]+1337[\w./-]*",
            "",
            text,
            flags=re.DOTALL,
        ), page.name
        seen += text.count("alert(1)")
    assert seen > 5
    for path in (build / "html" / "data").rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            assert not any(
                cell[:1] in ("=", "+", "-", "@", "\t", "\r") and cell[:1]
                for row in csv.reader(file)
                for cell in row
            ), path.name
