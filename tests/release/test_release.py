"""The archive of a release: the rules of RO-Crate, the same bytes twice, and what it says of itself
where git is not."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import zipfile
from urllib.parse import quote, unquote

import pytest
from conftest import ROOT, edit

from exportedlabour.build import origin, pipeline
from exportedlabour.build import record as build_record
from exportedlabour.build.step import at
from exportedlabour.project import InputError
from exportedlabour.release import archive as release_archive


def git(root, *arguments):
    subprocess.run(
        [
            "git",
            "-c",
            "user.name=A",
            "-c",
            "user.email=a@example.org",
            "-c",
            "commit.gpgsign=false",
            *arguments,
        ],
        cwd=root,
        check=True,
        capture_output=True,
        env=os.environ
        | {"GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z"},
    )


@pytest.fixture
def built(project):
    """A committed project with a book that stands in for a real one: every file that a build makes,
    with some content."""
    for name in ("CITATION.cff", ".gitignore"):
        shutil.copy2(ROOT / name, project / name)
    git(project, "init", "-q")
    git(project, "add", "-A")
    git(project, "commit", "-qm", "Small")
    build = at(project)
    steps = pipeline.read_steps(project, alternative=False)
    made = [build.results / name for step in steps.values() for name in step.outputs]
    made += [build.notebooks / f"{step.page}.ipynb" for step in steps.values() if step.notebook]
    for path in [
        *made,
        *(
            build.folder / "html" / name
            for name in ("index.html", "notebooks/host RUS.html", "_static/a.js")
        ),
    ]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(path.name, encoding="utf-8")
    steps = [{"step": "workers", "key": "k", "seconds": 3.2, "peak_megabytes": 99}]
    record = {"form": 1, "commit": origin.commit(project), "steps": steps}
    (build.results / build_record.RECORD).write_text(json.dumps(record), encoding="utf-8")
    (build.folder / "tmp").mkdir()
    (build.folder / "tmp" / "left.txt").write_text("no part of a book", encoding="utf-8")
    return project


def test_an_archive_keeps_the_rules_and_is_the_same_twice(built, tmp_path):
    first = release_archive.write(built, tmp_path / "first.zip", draft=True)
    record = built / "build" / "baseline" / "results" / build_record.RECORD
    edit(record, '"seconds": 3.2', '"seconds": 7.9')  # a second run takes another time
    for path in built.rglob("*"):
        os.utime(path, (1, 1))
    (built / "README.md").unlink(missing_ok=True)
    second = release_archive.write(built, tmp_path / "second.zip", draft=True)
    differing(first, second)
    assert first.read_bytes() == second.read_bytes()
    check_crate(first)
    with zipfile.ZipFile(first) as archive:
        assert not any("left.txt" in name or "/.git/" in name for name in archive.namelist())


def test_an_unpacked_archive_knows_where_it_comes_from(built, tmp_path):
    archive = release_archive.write(built, tmp_path / "a.zip", draft=True)
    place = tmp_path / "inside another repository"
    place.mkdir()
    git(place, "init", "-q")
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(place)
    (root,) = (path for path in place.iterdir() if path.name != ".git")
    assert origin.commit(root) == origin.commit(built) != "unknown"
    assert origin.date(root) == origin.date(built) == 1767323045
    assert origin.files(root) == origin.files(built)
    shutil.move(root / "published", root / "build" / "baseline")
    assert (
        release_archive.write(root, tmp_path / "b.zip", draft=True).read_bytes()
        == archive.read_bytes()
    )
    edit(root / "data" / "figures.csv", "RUS003", "RUS004")
    assert origin.commit(root) == origin.commit(built) + "+"


def test_the_date_can_be_given(built, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert origin.date(built) == 86400


def test_what_is_not_committed_or_not_of_this_commit_is_no_release(built):
    edit(built / "data" / "figures.csv", "RUS003", "RUS004")
    with pytest.raises(InputError, match="not committed"):
        release_archive.write(built)
    git(built, "commit", "-aqm", "Other")
    with pytest.raises(InputError, match="the book was built from commit .* Run exlab build"):
        release_archive.write(built)
    assert not list((built / "build").glob("release/*.zip"))


def test_without_a_book_there_is_no_release(project):
    git(project, "init", "-q")
    with pytest.raises(InputError, match="there is no book yet"):
        release_archive.write(project, draft=True)


def differing(first, second):
    """Name the files that differ: a failure of two hundred megabytes says nothing."""
    with zipfile.ZipFile(first) as a, zipfile.ZipFile(second) as b:
        assert a.namelist() == b.namelist()
        assert [name for name in a.namelist() if a.read(name) != b.read(name)] == []


def check_crate(path):
    """The rules of RO-Crate 1.1, sections 3 to 5, and that nothing is left out of metadata or
    checksums."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        assert len(names) == len(set(names)) and {
            info.date_time for info in archive.infolist()
        } == {(2026, 1, 2, 3, 4, 4)}
        top = {name.split("/")[0] for name in names}
        assert len(top) == 1 and not any(".." in name or name.startswith("/") for name in names)
        content = {name.split("/", 1)[1]: archive.read(name) for name in names}
    crate = json.loads(content[origin.METADATA])
    graph = {entity["@id"]: entity for entity in crate["@graph"]}
    assert len(graph) == len(crate["@graph"])  # ids are unique
    context = crate["@context"]
    assert "https://w3id.org/ro/crate/1.1/context" in (
        context if isinstance(context, list) else [context]
    )
    descriptor, root = graph["ro-crate-metadata.json"], graph["./"]
    assert descriptor["@type"] == "CreativeWork" and descriptor["about"] == {"@id": "./"}
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert root["@type"] == "Dataset" and all(
        root[key] for key in ("name", "description", "datePublished", "license")
    )
    assert re.fullmatch(r"2026-01-02T03:04:05\+00:00", root["datePublished"])
    for entity in graph.values():
        assert entity["@id"] and entity["@type"] and entity.get("name", entity is descriptor)
        for value in entity.values():
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, dict):
                    assert set(one) == {"@id"}
                    assert one["@id"] in graph or one["@id"].startswith("https://w3id.org/"), one
    files = {unquote(name) for name, entity in graph.items() if "File" in entity["@type"]}
    assert files == set(content) - {origin.METADATA}
    linked = {
        unquote(part["@id"])
        for entity in graph.values()
        if "Dataset" in entity["@type"]
        for part in entity["hasPart"]
    }
    assert files <= linked
    sums = {
        name: digest
        for digest, name in (
            line.split("  ", 1) for line in content[origin.CHECKSUMS].decode().splitlines()
        )
    }
    assert set(sums) == set(content) - {origin.CHECKSUMS}
    assert all(hashlib.sha256(content[name]).hexdigest() == digest for name, digest in sums.items())
    assert all(graph[quote(name)]["sha256"] == sums[name] for name in files - {origin.CHECKSUMS})
    for name in (
        "data/figures.csv",
        "scenarios/baseline.yml",
        "notebooks/workers.ipynb",
        "published/results/headline.json",
        "published/html/index.html",
        "published/notebooks/workers.ipynb",
        "published/results/draws_workers.parquet",
    ):
        assert name in files
    measured = json.loads(content[f"published/results/{build_record.RECORD}"])
    assert measured["steps"] and not any("seconds" in step for step in measured["steps"])
