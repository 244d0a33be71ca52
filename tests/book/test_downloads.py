"""What programs read: the published numbers and the files of hosts, each true to its form."""

import json

import jsonschema
import pandas as pd
import pytest
from conftest import ROOT
from frictionless import Package
from test_compare import HOSTS, YEARS, write_state

from exportedlabour import results_form
from exportedlabour.book import downloads
from exportedlabour.build import record as build_record


def test_the_published_numbers_are_a_valid_package_of_the_form():
    folder = ROOT / build_record.PUBLISHED
    assert json.loads(
        (folder / "datapackage.json").read_text(encoding="utf-8")
    ) == downloads.package(folder)
    report = Package(str(folder / "datapackage.json")).validate()
    assert report.valid, [error.message for task in report.tasks for error in task.errors][:5]
    assert {task.name for task in report.tasks} == set(results_form.TABLES)
    for name, table in build_record.published(ROOT).tables.items():
        assert list(table.columns) == results_form.TABLES[name].names, name


def test_the_published_record_names_seeds_versions_inputs_and_nothing_of_a_person():
    record = build_record.published(ROOT).record
    assert (
        record["settings"]["seed"]
        and record["libraries"]["numpy"]
        and record["python"]
        and record["commit"]
    )
    assert record["ledger"]["rows"] and all(
        step["seconds"] >= 0 and step["peak_megabytes"] > 0 for step in record["steps"]
    )
    assert not any(name.startswith(("/", "build/")) for name in record["files"])
    assert "/home/" not in json.dumps(record) and "/root" not in json.dumps(record)


@pytest.fixture
def files(tmp_path):
    write_state(tmp_path / "a", 1)
    about = {"version": "0.1.0", "commit": "abc", "scenario": "baseline"}
    made = downloads.host_files(tmp_path / "a", {"RUS": "Russia"}, about, pages={"RUS"})
    downloads.write_api(tmp_path / "api", made)
    return tmp_path / "api"


def test_a_host_is_a_file_of_the_schema_with_the_numbers_of_the_table(files):
    schema = json.loads((files / downloads.SCHEMA).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    assert [
        entry["host"] for entry in json.loads((files / "index.json").read_text(encoding="utf-8"))
    ] == sorted(HOSTS)
    table = pd.read_csv(files.parent / "a" / "workers_host_year.csv")
    for host in HOSTS:
        content = json.loads((files / "hosts" / f"{host}.json").read_text(encoding="utf-8"))
        jsonschema.validate(content, schema)
        rows = pd.DataFrame(content["workers"])
        assert list(rows["year"]) == list(YEARS)
        assert list(rows["hi80"]) == list(table.loc[table["host"] == host, "hi80"])
        assert (files / "hosts" / content["$schema"]).resolve() == (
            files / downloads.SCHEMA
        ).resolve()
    russia = json.loads((files / "hosts" / "RUS.json").read_text(encoding="utf-8"))
    assert russia["name"] == "Russia" and russia["page"].endswith("host_RUS.html")


@pytest.mark.parametrize(
    "breaks",
    [
        lambda c: c.pop("workers"),
        lambda c: c["workers"][0].update(median=-1),
        lambda c: c["workers"][0].pop("lo80"),
        lambda c: c["workers"][0].update(year="2017"),
        lambda c: c.update(other=1),
    ],
)
def test_the_schema_refuses_what_breaks_the_form(files, breaks):
    content = json.loads((files / "hosts" / "RUS.json").read_text(encoding="utf-8"))
    breaks(content)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content, downloads.host_schema())


def test_thinned_draws_stay_joined(tmp_path):
    draws = pd.DataFrame(
        {"RUS_2017": range(14_400), "CHN_2017": [-x for x in range(14_400)]}, dtype=float
    )
    draws.to_parquet(tmp_path / "all.parquet")
    kept = downloads.thin(tmp_path / "all.parquet", tmp_path / "some.parquet")
    some = pd.read_parquet(tmp_path / "some.parquet")
    assert len(some) == kept == 960 and (some["RUS_2017"] == -some["CHN_2017"]).all()
    assert list(some["RUS_2017"][:3]) == [0, 15, 30] and str(some["RUS_2017"].dtype) == "float32"
