"""The lists of data editors: all their items are answered, and each answer leads to a page of the
book that says so."""

import re

import pytest
import yaml
from conftest import ROOT

FOLDER = ROOT / "book" / "checklists"
GENERATED = {"assumptions", "cite", "data-dictionary", "downloads", "steps"}
ANSWERS = ("yes", "no:", "partly:", "none was sought", "there were none", "there is none")
TEMPLATE = [
    "Overview",
    "Data Availability and Provenance Statements",
    "Statement about Rights",
    "License for Data",
    "Summary of Availability",
    "Details on each Data Source",
    "Dataset list",
    "Computational requirements",
    "Software Requirements",
    "Controlled Randomness",
    "Memory, Runtime, Storage Requirements",
    "Description of programs/code",
    "License for Code",
    "Instructions to Replicators",
    "List of tables and programs",
    "References",
    "Acknowledgements",
]


def text_of(name):
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "items"), [("gather", 18), ("dcas", 16)])
def test_every_item_is_answered_with_a_place(name, items):
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text_of(name).splitlines()
        if re.match(r"\| \d+ \|", line)
    ]
    assert [row[0] for row in rows] == [str(number + 1) for number in range(items)]
    for _, asked, answered, where in rows:
        assert asked and answered.startswith(ANSWERS) and re.search(r"\[[^\]]+\]\([^)]+\)", where)


def test_the_readme_has_the_sections_of_the_template_in_their_order():
    assert re.findall(r"^#{2,3} (.+)$", text_of("readme"), re.MULTILINE) == TEMPLATE


@pytest.mark.parametrize("name", ["gather", "dcas", "readme"])
def test_every_link_of_a_list_leads_to_a_page_that_the_contents_have(name):
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    listed = {toc["root"]} | {
        f["file"]
        for part in toc["parts"]
        for c in part["chapters"]
        for f in [c, *c.get("sections", [])]
    }
    assert f"checklists/{name}" in listed
    links = re.findall(r"\]\(([^)]+)\)", text_of(name))
    assert links
    for link in links:
        path = (FOLDER / link).resolve().relative_to(ROOT / "book").as_posix()
        assert path in listed, link
        there = (ROOT / "book" / f"{path}.md").is_file() or (ROOT / f"{path}.ipynb").is_file()
        assert there or (
            path.startswith("generated/") and path.removeprefix("generated/") in GENERATED
        ), link
