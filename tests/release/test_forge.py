"""The files for a public forge: workflows that do what .ci/run does, actions pinned, templates that
a forge reads."""

import re

import jsonschema
import pytest
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema
from conftest import ROOT

FORGE = ROOT / ".github"
WORKFLOWS = sorted((FORGE / "workflows").glob("*.yml"))


def steps(path):
    jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


def targets(text):
    """The targets of make that a script calls, as separate commands."""
    return set(re.findall(r"^\s*make (?:-C \S+ )?([a-z-]+)", text, re.MULTILINE))


def test_the_forge_builds_with_every_command_that_the_ci_script_has():
    ours = targets((ROOT / ".ci" / "run").read_text(encoding="utf-8"))
    theirs = targets(
        "\n".join(step.get("run", "") for step in steps(FORGE / "workflows" / "book.yml"))
    )
    assert ours == {"book", "test", "pdf", "test-browser"}
    assert ours <= theirs


@pytest.mark.parametrize(
    ("path", "schema"),
    [(path, "github-workflows") for path in WORKFLOWS]
    + [
        (path, "github-issue-config" if path.stem == "config" else "github-issue-forms")
        for path in sorted((FORGE / "ISSUE_TEMPLATE").glob("*.yml"))
    ],
    ids=lambda value: getattr(value, "stem", value),
)
def test_a_file_for_the_forge_keeps_to_its_published_schema(path, schema):
    checker = jsonschema.Draft7Validator(get_builtin_schema(f"vendor.{schema}"))
    found = {
        str(key) if key is not True else "on": value
        for key, value in yaml.safe_load(path.read_text(encoding="utf-8")).items()
    }
    assert [error.message for error in checker.iter_errors(found)] == []
    assert [*checker.iter_errors({"none": "such"})]  # it can fail


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_is_pinned_strict_and_calls_targets_that_exist(path):
    made = set(
        re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["defaults"]["run"]["shell"] == "bash -euo pipefail {0}"
    for step in steps(path):
        if "uses" in step:
            assert re.fullmatch(r"[\w-]+/[\w-]+@v\d+\.\d+\.\d+", step["uses"])
        assert targets(step.get("run", "")) <= made


def test_pages_are_published_from_the_main_branch_only_and_after_all_checks():
    publish = yaml.safe_load((FORGE / "workflows" / "book.yml").read_text(encoding="utf-8"))[
        "jobs"
    ]["publish"]
    assert publish["needs"] == "build" and "refs/heads/main" in publish["if"]
    assert publish["permissions"] == {"pages": "write", "id-token": "write"}


def test_a_pull_request_is_compared_with_what_it_would_change():
    text = "\n".join(step.get("run", "") for step in steps(FORGE / "workflows" / "headlines.yml"))
    assert re.search(
        r"exlab compare \.\./base/build/baseline build/baseline --out headlines\.md", text
    )


@pytest.mark.parametrize(
    "path",
    [p for p in sorted((FORGE / "ISSUE_TEMPLATE").glob("*.yml")) if p.stem != "config"],
    ids=lambda path: path.stem,
)
def test_a_template_has_what_a_forge_needs(path):
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert form["name"] and form["description"]
    ids = [field["id"] for field in form["body"] if field["type"] != "markdown"]
    assert len(ids) == len(set(ids)) > 0
    assert all(
        field["attributes"].get("label") for field in form["body"] if field["type"] != "markdown"
    )
