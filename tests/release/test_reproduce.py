"""One small book, published, verified, archived and unpacked elsewhere; and what a change does to
all that."""

import re
import shutil
import subprocess
import sys
import zipfile

import pytest
from conftest import ROOT, edit
from test_book import QUICK, exlab
from test_release import check_crate, differing, git

from exportedlabour.build import origin

pytestmark = pytest.mark.slow


def ran(root, *arguments, code=0):
    done = exlab(root, *arguments)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_a_small_book_is_published_verified_and_archived(project, tmp_path, monkeypatch):
    baseline = project / "scenarios" / "baseline.yml"
    for name, value in QUICK.items():
        text = baseline.read_text(encoding="utf-8")
        baseline.write_text(
            re.sub(rf"^({name}: \{{value: )[^,]+", rf"\g<1>{value}", text, flags=re.MULTILINE),
            encoding="utf-8",
        )
    for name in (
        "CITATION.cff",
        ".gitignore",
        "README.md",
        "Makefile",
        "pyproject.toml",
        "requirements.lock",
        "environment.yml",
    ):
        shutil.copy2(ROOT / name, project / name)
    shutil.copytree(
        ROOT / "src", project / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
    )

    assert "no numbers are published yet" in ran(project, "verify", "--no-rerun", code=1)
    assert "there is no book yet" in ran(project, "publish", code=1)
    git(project, "init", "-q")
    git(project, "add", "-A")
    git(project, "commit", "-qm", "Small")
    ran(project, "build")
    said = ran(project, "publish")
    assert "workers_host_year.csv" in said and "no commit holds" not in said
    assert "not committed" in ran(project, "release", code=1)
    git(project, "add", "-A")
    git(project, "commit", "-qm", "Publish")
    assert "Run exlab build" in ran(project, "release", code=1)
    assert "1 steps ran" in ran(project, "build")
    agrees = ran(project, "verify", "--no-rerun")
    assert "Everything that is published came out again." in agrees and "DIFFERS" not in agrees
    assert "same inputs, assumptions and numbers" in ran(
        project, "compare", "results", "baseline", "--fail"
    )
    page = (project / "build" / "baseline" / "html" / "generated" / "steps.html").read_text(
        encoding="utf-8"
    )
    assert "the published numbers came out again" in page and "to the last digit" in page

    # The archive needs a PDF of this commit, and is the same to the byte, also after the book was
    # made again.
    assert "the PDF is not printed; run exlab pdf" in ran(project, "release", code=1)
    ran(project, "pdf")
    ran(project, "release", "--out", str(tmp_path / "first.zip"))
    shutil.rmtree(project / "build" / "baseline" / "html")
    ran(project, "step", "ledger")
    ran(project, "step", "book")
    ran(project, "release", "--out", str(tmp_path / "second.zip"))
    differing(tmp_path / "first.zip", tmp_path / "second.zip")
    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "second.zip").read_bytes()
    check_crate(tmp_path / "first.zip")

    # Unpacked elsewhere, without git, it knows what it is, and everything comes out again from
    # nothing.
    with zipfile.ZipFile(tmp_path / "first.zip") as archive:
        archive.extractall(tmp_path / "elsewhere")
    (unpacked,) = (tmp_path / "elsewhere").iterdir()
    assert origin.commit(unpacked) == origin.commit(project) and origin.date(
        unpacked
    ) == origin.date(project)
    assert origin.files(unpacked) == origin.files(
        project
    ) and "results/headline.json" in origin.files(unpacked)
    assert {"Makefile", "requirements.lock", "src/exportedlabour/cli.py"} <= set(
        origin.files(unpacked)
    )
    monkeypatch.setenv(
        "PYTHONPATH", str(unpacked / "src")
    )  # the package of the archive, and not that of this repository
    place = subprocess.run(
        [sys.executable, "-c", "import exportedlabour as e; print(e.__file__)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert place.stdout.startswith(str(unpacked))
    rerun = ran(unpacked, "verify")
    assert (
        "Everything that is published came out again." in rerun and "all to the last digit" in rerun
    )
    ran(unpacked, "build")
    assert "Exported Labour" in (unpacked / "build" / "baseline" / "html" / "index.html").read_text(
        encoding="utf-8"
    )
    monkeypatch.delenv("PYTHONPATH")

    # One prior and one row are changed: it fails, and names both and what moved.
    edit(baseline, "host_error_correlation: {value: 0.5", "host_error_correlation: {value: 0.8")
    edit(
        project / "data" / "figures.csv",
        "CHN010,CHN,2017,2017,wage_gross,,2000",
        "CHN010,CHN,2017,2017,wage_gross,,2100",
    )
    ran(project, "build", "--only", "results")  # what the change leaves alone is not run again
    moved = ran(project, "verify", "--no-rerun", code=1)
    assert "assumption host_error_correlation: 0.5 → 0.8" in moved
    assert "ledger row CHN010" in moved and "ledger row RUS001" not in moved
    assert "agrees   Workers by host and year" in moved and "DIFFERS  Revenue by year" in moved
    assert re.search(r"WLD 20\d\d \w+ \w+: median \S+ → \S+", moved)
    assert "Not everything that is published came out again." in moved
