"""The data package: true to the ledger's form, valid by the standard's own program, and strict."""

import csv
import json

import pytest
from conftest import ROOT, edit
from frictionless import Package

from exportedlabour.book import datapackage, dictionary, stage
from exportedlabour.evidence import ledger, schema


def test_the_committed_descriptor_is_what_the_form_says():
    assert (ROOT / "data" / "datapackage.json").read_text(encoding="utf-8") == datapackage.write(
        ROOT / "data"
    )


def test_frictionless_accepts_the_ledger():
    report = Package(str(ROOT / "data" / "datapackage.json")).validate()
    assert report.valid, [error.message for task in report.tasks for error in task.errors][:5]
    assert {task.name for task in report.tasks} == {*schema.TABLES, "sources"}


@pytest.mark.parametrize(
    ("table", "old", "new", "kind"),
    [
        ("figures", "RUS003,RUS", "RUS001,RUS", "unique-error"),
        ("figures", ",press,some-2017", ",rumour,some-2017", "constraint-error"),
        ("copies", "CHN001,RUS002", "CHN001,RUS999", "foreign-key"),
        ("figures", "2024-10,2024-10", "autumn,2024-10", "constraint-error"),
    ],
)
def test_frictionless_refuses_what_breaks_the_form(small_ledger, table, old, new, kind):
    (small_ledger / datapackage.FILE).write_text(datapackage.write(small_ledger), encoding="utf-8")
    assert Package(str(small_ledger / datapackage.FILE)).validate().valid
    edit(small_ledger / f"{table}.csv", old, new)
    report = Package(str(small_ledger / datapackage.FILE)).validate()
    assert kind in {error.type for task in report.tasks for error in task.errors}


def test_a_ledger_without_optional_tables_is_a_package_too(small_ledger):
    for table in schema.TABLES.values():
        if table.optional:
            (small_ledger / f"{table.name}.csv").unlink(missing_ok=True)
    described = json.loads(datapackage.write(small_ledger))
    assert [resource["name"] for resource in described["resources"]][:3] == [
        "figures",
        "hosts",
        "houses",
    ]
    assert "copies" not in str(described["resources"])
    (small_ledger / datapackage.FILE).write_text(datapackage.write(small_ledger), encoding="utf-8")
    assert Package(str(small_ledger / datapackage.FILE)).validate().valid


def test_the_dictionary_has_every_column_word_and_rule(small_ledger):
    page = dictionary.page(ledger.read(small_ledger), stage.escape)
    for table in schema.TABLES.values():
        assert f"## {table.title}" in page
        for column in table.columns:
            assert f"| `{column.name}` |" in page
            for word in column.options or ():
                assert f"`{word}`" in page
    assert "| C9 | Same statement |" in page
    assert "<script>" not in page and "{{" not in page


def test_the_stable_columns_of_figures_are_those_of_the_contract():
    with (ROOT / "data" / "figures.csv").open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    assert header == [
        "figure_id",
        "hosts",
        "period_start",
        "period_end",
        "quantity",
        "low",
        "point",
        "high",
        "bound",
        "unit",
        "sector",
        "scope",
        "asserted_by",
        "evidence_class",
        "source",
        "locator",
        "seen",
        "lineage",
        "copy_probability",
        "use",
        "reason",
        "note",
    ]
