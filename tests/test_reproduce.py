"""One small book, published, verified, archived and unpacked elsewhere; and what a change does to all that."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import zipfile

from conftest import ROOT, edit
from test_book import QUICK, exlab

from exportedlabour import origin, state


def git(root, *arguments):
    subprocess.run(
        ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false", *arguments],
        cwd=root, check=True, capture_output=True,
        env=os.environ | {"GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z"},
    )  # fmt: skip


def ran(root, *arguments, code=0):
    done = exlab(root, *arguments)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_a_small_book_is_published_verified_and_archived(project, tmp_path):
    baseline = project / "scenarios" / "baseline.yml"
    for name, value in QUICK.items():
        text = baseline.read_text(encoding="utf-8")
        baseline.write_text(re.sub(rf"^({name}: \{{value: )[^,]+", rf"\g<1>{value}", text, flags=re.MULTILINE), encoding="utf-8")
    for path in (project / "results").glob("*.*"):
        path.unlink()
    for name in ("CITATION.cff", ".gitignore", "README.md"):
        shutil.copy2(ROOT / name, project / name)

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
    assert "same inputs, assumptions and numbers" in ran(project, "compare", "results", "baseline", "--fail")
    page = (project / "build" / "baseline" / "html" / "generated" / "steps.html").read_text(encoding="utf-8")
    assert "the published numbers came out again" in page and "to the last digit" in page

    # The archive is the same to the byte, also after the book was made again.
    ran(project, "release", "--out", str(tmp_path / "first.zip"))
    shutil.rmtree(project / "build" / "baseline" / "html")
    ran(project, "step", "ledger")
    ran(project, "step", "book")
    ran(project, "release", "--out", str(tmp_path / "second.zip"))
    differing(tmp_path / "first.zip", tmp_path / "second.zip")
    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "second.zip").read_bytes()
    check_crate(tmp_path / "first.zip")

    # Unpacked elsewhere, without git, it knows what it is, and everything comes out again from nothing.
    with zipfile.ZipFile(tmp_path / "first.zip") as archive:
        archive.extractall(tmp_path / "elsewhere")
    (unpacked,) = (tmp_path / "elsewhere").iterdir()
    assert origin.commit(unpacked) == origin.commit(project) and origin.date(unpacked) == origin.date(project)
    assert origin.files(unpacked) == origin.files(project)
    rerun = ran(unpacked, "verify")
    assert "Everything that is published came out again." in rerun and "all to the last digit" in rerun

    # One prior and one row are changed: it fails, and names both and what moved.
    edit(unpacked / "scenarios" / "baseline.yml", "host_error_correlation: {value: 0.5", "host_error_correlation: {value: 0.8")
    edit(unpacked / "data" / "figures.csv", "CHN010,CHN,2017,2017,wage_gross,,2000", "CHN010,CHN,2017,2017,wage_gross,,2100")
    assert origin.commit(unpacked).endswith("+")
    ran(unpacked, "step", "workers")  # what the change leaves alone
    moved = ran(unpacked, "verify", code=1)
    assert "assumption host_error_correlation: 0.5 → 0.8" in moved
    assert "ledger row CHN010" in moved and "ledger row RUS001" not in moved
    assert "agrees   Workers by host and year" in moved and "DIFFERS  Revenue by year" in moved
    assert re.search(r"WLD 2017 state 2024: median \S+ → \S+|WLD 20\d\d \w+ \w+: median \S+ → \S+", moved)
    assert "Not everything that is published came out again." in moved


def differing(first, second):
    """Name the files that differ: a failure of two hundred megabytes says nothing."""
    with zipfile.ZipFile(first) as a, zipfile.ZipFile(second) as b:
        assert a.namelist() == b.namelist()
        assert [name for name in a.namelist() if a.read(name) != b.read(name)] == []


def check_crate(path):
    """The rules of RO-Crate 1.1, sections 3 to 5, and that nothing is left out of metadata or checksums."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        assert len(names) == len(set(names)) and {info.date_time for info in archive.infolist()} == {(2026, 1, 2, 3, 4, 4)}
        top = {name.split("/")[0] for name in names}
        assert len(top) == 1 and not any(".." in name or name.startswith("/") for name in names)
        content = {name.split("/", 1)[1]: archive.read(name) for name in names}
    crate = json.loads(content[origin.METADATA])
    graph = {entity["@id"]: entity for entity in crate["@graph"]}
    assert len(graph) == len(crate["@graph"])  # ids are unique
    context = crate["@context"]
    assert "https://w3id.org/ro/crate/1.1/context" in (context if isinstance(context, list) else [context])
    descriptor, root = graph["ro-crate-metadata.json"], graph["./"]
    assert descriptor["@type"] == "CreativeWork" and descriptor["about"] == {"@id": "./"}
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert root["@type"] == "Dataset" and all(root[key] for key in ("name", "description", "datePublished", "license"))
    assert re.fullmatch(r"2026-01-02T03:04:05\+00:00", root["datePublished"])
    for entity in graph.values():
        assert entity["@id"] and entity["@type"] and entity.get("name", entity is descriptor)
        for value in entity.values():
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, dict):
                    assert set(one) == {"@id"}
                    assert one["@id"] in graph or one["@id"].startswith("https://w3id.org/"), one
    files = {id for id, entity in graph.items() if "File" in entity["@type"]}
    assert files == set(content) - {origin.METADATA}
    linked = {part["@id"] for entity in graph.values() if "Dataset" in entity["@type"] for part in entity["hasPart"]}
    assert files <= linked
    sums = {name: digest for digest, name in (line.split("  ", 1) for line in content[origin.CHECKSUMS].decode().splitlines())}
    assert set(sums) == set(content) - {origin.CHECKSUMS}
    assert all(hashlib.sha256(content[name]).hexdigest() == digest for name, digest in sums.items())
    assert all(graph[name]["sha256"] == sums[name] for name in files - {origin.CHECKSUMS})
    for name in ("data/figures.csv", "scenarios/baseline.yml", "notebooks/workers.ipynb", "results/headline.json", "published/html/index.html",
                 "published/notebooks/workers.ipynb", "published/results/draws_workers.parquet"):  # fmt: skip
        assert name in files
    measured = json.loads(content[f"published/results/{state.RECORD}"])
    assert measured["steps"] and not any("seconds" in step for step in measured["steps"])
