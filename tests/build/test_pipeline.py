"""What a build runs: the steps whose inputs changed, those after them, and no other."""

import shutil
import sys
from types import ModuleType

import pytest
from conftest import ROOT, edit

from exportedlabour.build import pipeline
from exportedlabour.build.step import _lines_of_hosts, at, ledger_part
from exportedlabour.evidence import ledger


@pytest.fixture
def chain(project, monkeypatch):
    """A build of three small steps: b reads what a makes of the first letter of one.txt, c reads
    two.txt; and what they did."""
    fakes = ModuleType("exportedlabour.fakes")

    def made(name, read):
        return lambda build, step, place, results, steps: (results / f"{name}.txt").write_text(
            read(build.root, results), encoding="utf-8"
        )

    fakes.a = made("a", lambda root, results: (root / "one.txt").read_text(encoding="utf-8")[:1])
    fakes.b = made(
        "b", lambda root, results: "b of " + (results / "a.txt").read_text(encoding="utf-8")
    )
    fakes.c = made("c", lambda root, results: (root / "two.txt").read_text(encoding="utf-8"))
    monkeypatch.setitem(sys.modules, "exportedlabour.fakes", fakes)

    def step(name, inputs=(), committed=()):
        return pipeline.Step(
            id=name,
            page="",
            notebook="",
            function=f"fakes.{name}",
            assumptions=name,
            parameters={},
            ledger="none",
            inputs=inputs,
            baseline_inputs=(),
            committed=committed,
            outputs=(f"{name}.txt",),
        )

    steps = {
        "a": step("a", committed=("one.txt",)),
        "b": step("b", inputs=("a.txt",)),
        "c": step("c", committed=("two.txt",)),
    }
    monkeypatch.setattr(pipeline, "read_steps", lambda *given, **more: steps)
    (project / "one.txt").write_text("xylem", encoding="utf-8")
    (project / "two.txt").write_text("two", encoding="utf-8")
    build = at(project)

    def ran():
        said = []
        planned = pipeline.plan(build)
        pipeline.build_all(build, say=said.append)
        done = sorted(line.split()[1].rstrip(",") for line in said if line.startswith("  done"))
        assert set(done) <= set(planned)
        assert pipeline.plan(build) == []
        return done

    return project, build, ran


def test_a_build_runs_what_changed_and_what_comes_after(chain):
    root, build, ran = chain
    assert ran() == ["a", "b", "c"]
    assert ran() == []
    (root / "two.txt").write_text("other", encoding="utf-8")
    assert ran() == ["c"] and (build.results / "c.txt").read_text(encoding="utf-8") == "other"
    (root / "one.txt").write_text("yew", encoding="utf-8")
    assert ran() == ["a", "b"] and (build.results / "b.txt").read_text(encoding="utf-8") == "b of y"


def test_what_comes_after_a_step_that_made_the_same_again_stays(chain):
    root, build, ran = chain
    ran()
    (root / "one.txt").write_text("xerox", encoding="utf-8")
    assert pipeline.plan(build) == ["a", "b"]  # it can't be known before
    assert ran() == ["a"]


def test_what_was_deleted_or_changed_by_hand_is_made_again(chain):
    _, build, ran = chain
    ran()
    (build.results / "c.txt").unlink()
    assert ran() == ["c"]
    (build.results / "b.txt").write_text("mine", encoding="utf-8")
    assert ran() == ["b"] and (build.results / "b.txt").read_text(encoding="utf-8") == "b of x"
    (build.results / "a.txt").write_text("mine", encoding="utf-8")
    assert ran() == ["a"]  # b read what a makes again
    (build.folder / "steps" / "c.json").unlink()
    assert ran() == ["c"]


def test_a_failed_step_runs_again_and_blocks_those_after_it(chain, monkeypatch):
    root, build, ran = chain
    (root / "one.txt").unlink()
    with pytest.raises(pipeline.InputError, match=r"step a failed\. FileNotFoundError"):
        ran()
    assert pipeline.plan(build) == ["a", "b"] and (build.results / "c.txt").is_file()
    (root / "one.txt").write_text("x", encoding="utf-8")
    assert ran() == ["a", "b"]


def test_the_page_of_a_host_reads_the_rows_that_name_it(tmp_path):
    """Also those that name it with others; and what it reads is another only where one of them
    changed."""
    data = tmp_path / "data"
    shutil.copytree(ROOT / "data", data)
    step, build = pipeline.read_steps(ROOT, False)["host-RUS"], at(ROOT, data=data)
    figures = ledger.read(data).figures
    lines_of = _lines_of_hosts(ledger.contents(data), data)
    assert {host: len(lines.splitlines()) for host, lines in lines_of.items()} == figures[
        "hosts"
    ].str.split("+").explode().value_counts().to_dict()
    lines = (data / "figures.csv").read_text(encoding="utf-8").splitlines(keepends=True)

    def without(code: str) -> str:
        gone = next(i for i, line in enumerate(lines) if f",{code}," in line)
        (data / "figures.csv").write_text(
            "".join(lines[:gone] + lines[gone + 1 :]), encoding="utf-8"
        )
        return pipeline.ledger_part(build, step)

    before = pipeline.ledger_part(build, step)
    assert without("POL") == before and without("RUS") != before and without("CHN+RUS") != before


def test_a_founding_claim_reruns_the_chapter_of_claims_and_the_book_alone(project):
    build = at(project)
    steps = pipeline.read_steps(project, alternative=True)

    def parts():
        return {name: ledger_part(build, step) for name, step in steps.items()}

    before = parts()
    edit(project / "data" / "claims.csv", "A claim: growth", "A claim: more of them")
    after = parts()
    assert {name for name in steps if before[name] != after[name]} == {"claims", "book"}
    edit(project / "data" / "figures.csv", "RUS001,RUS", "RUS021,RUS")
    assert {"workers", "claims_on_head_counts"} <= {
        name for name, part in parts().items() if part != after[name]
    }
