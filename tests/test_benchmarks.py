"""The comparison with plain Jupyter Book, on a project of three notebooks."""

import os
import re
import subprocess
import sys

import pytest
import yaml
from conftest import ROOT
from test_book import QUICK

STEPS = ("workers", "hosts", "host")


@pytest.fixture
def small(project):
    """A project of a few notebooks and short samplers, which makes no pages of its own."""
    pipeline = project / "pipeline.yml"
    steps = yaml.safe_load(pipeline.read_text(encoding="utf-8"))["steps"]
    kept = {name: steps[name] for name in STEPS}
    kept["host"]["for_each"] = {"host": ["POL"]}
    pipeline.write_text(yaml.safe_dump({"steps": kept}, sort_keys=False), encoding="utf-8")
    baseline = project / "scenarios" / "baseline.yml"
    text = baseline.read_text(encoding="utf-8")
    for name, value in QUICK.items():
        text = re.sub(rf"^({name}: \{{value: )[^,]+", rf"\g<1>{value}", text, flags=re.MULTILINE)
    baseline.write_text(text, encoding="utf-8")
    return project


def files(root):
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_both_build_the_same_notebooks_and_the_checkout_stays_as_it_was(small, tmp_path):
    page = small / "README.md"
    page.write_text("Before\n<!-- made by benchmarks/book.py -->\n<!-- end -->\nAfter\n")
    before = files(small)
    ran = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "book.py"), "--runs", "1"]
        + ["--keep", str(tmp_path / "kept"), "--markdown", str(page)],
        cwd=small,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "EXLAB_ROOT": str(small)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    pages = tmp_path / "kept" / "plain" / "plain" / "notebooks"
    assert sorted(path.stem for path in pages.glob("*.ipynb")) == ["host_POL", "hosts", "workers"]
    said = re.sub(r": [\d.]+ s, ", ": ", ran.stdout)
    assert "ours, cold: 3 steps ran" in said and "ours, nothing: 0 steps ran" in said
    assert "ours, workers: 3 steps ran" in said or "ours, workers: 2 steps ran" in said
    assert "plain Jupyter Book, cold: 3 notebooks executed" in said
    assert "plain Jupyter Book, nothing: 0 notebooks executed" in said
    told = page.read_text(encoding="utf-8")
    rows = [line for line in told.splitlines() if line.startswith("| ") and " s |" in line]
    assert len(rows) == 4 and all(re.search(r"\| [\d.]+ \|$", row) for row in rows)
    assert told.startswith("Before\n") and told.endswith("<!-- end -->\nAfter\n")
    page.write_bytes(before[page])
    assert files(small) == before
