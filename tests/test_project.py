"""The project's own files: pins, citation, notebooks without a typed result, and nothing of any one
machine."""

import re
import subprocess
import tomllib

import pytest
import yaml
from conftest import ROOT, cells

from exportedlabour.release import environment


def test_environment_yml_has_the_pins_of_the_lock():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert (ROOT / "environment.yml").read_text(encoding="utf-8") == environment.environment(lock)
    locked = {
        re.split(r"[\[=]", line)[0].lower()
        for line in lock.splitlines()
        if re.match(r"^[A-Za-z].*==", line)
    }
    assert {name.split("[")[0].lower() for name, _, _ in environment.pins(lock)} == locked
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "dependencies"
    ]
    assert {
        re.split(r"[<>=;\[ ]", name)[0].lower().replace("_", "-") for name in declared
    } <= locked
    assert (
        yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"][0]
        == "python=3.12"
    )


def test_citation_and_package_agree():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    package = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (
        citation["cff-version"] == "1.2.0"
        and citation["title"]
        and citation["authors"]
        and citation["message"]
    )
    assert citation["version"] == package["version"]
    assert re.fullmatch(
        r"10\.\d{4,9}/\S+", citation.get("doi", "10.5281/zenodo.1")
    )  # the name alone, if there is one


@pytest.mark.parametrize("page", sorted((ROOT / "book").glob("*.md")), ids=lambda path: path.stem)
def test_prose_types_no_number_that_the_models_make(page):
    text = re.sub(
        r"```.*?```|`[^`]*`|\{\{.*?\}\}|\]\([^)]*\)",
        "",
        page.read_text(encoding="utf-8"),
        flags=re.DOTALL,
    )
    large = re.findall(r"(?<![\d.])\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)? (?:million|billion)", text)
    quoted = {"2.3 billion"}  # a claim, not a result
    assert set(large) <= quoted


def test_notebooks_type_no_such_number_either():
    allowed = {
        "50,000",
        "200,000",
        "100,000",
        "2.3 billion",
        "120 million",
    }  # words of claims and examples
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        for cell in cells(path):
            if cell["cell_type"] == "markdown":
                text = re.sub(r"\{\{.*?\}\}", "", "".join(cell["source"]))
                assert (
                    set(re.findall(r"\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)? (?:million|billion)", text))
                    <= allowed
                ), path.name


def test_ci_turns_red_when_a_command_fails(tmp_path):
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "set -euo pipefail" in script
    red = script.replace("make book\n", "false\n")
    repository = tmp_path / "repository"
    (repository / ".ci").mkdir(parents=True)
    (repository / ".ci" / "run").write_text(red, encoding="utf-8")
    for command in (
        ["init", "-q"],
        [
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.org",
            "commit",
            "-q",
            "--allow-empty",
            "-m",
            "x",
        ],
    ):
        subprocess.run(["git", *command], cwd=repository, check=True)
    assert subprocess.run(["bash", ".ci/run"], cwd=repository, capture_output=True).returncode != 0
