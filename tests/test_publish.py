"""Staging: numbers in sentences, alternative text, free text made safe, and the swap of a new book for the old."""

import nbformat
import pytest
from conftest import ROOT, edit

from exportedlabour import headline, publish, scenario, tables
from exportedlabour.project import InputError


def notebook(*cells):
    return nbformat.v4.new_notebook(cells=list(cells))


def test_described_figures_get_their_alternative_text_and_caption():
    cell = nbformat.v4.new_code_cell("draw()")
    data = {"image/svg+xml": "<svg/>", "text/plain": "x"}
    described = {"name": "fig-x", "caption": "A caption.", "alt": "What it shows."}
    cell.outputs = [nbformat.v4.new_output("display_data", data, metadata={publish.METADATA_KEY: described})]
    ready = publish.prepare(notebook(cell), {}).cells[0]
    assert ready.metadata["mystnb"]["image"]["alt"] == "What it shows."
    assert ready.metadata["mystnb"]["figure"] == {"caption": "A caption.", "name": "fig-x"}
    assert "hide-input" in ready.metadata["tags"]


def test_figures_are_saved_for_the_front_page(tmp_path):
    cell = nbformat.v4.new_code_cell("draw()")
    described = {"name": "front-workers", "caption": "", "alt": ""}
    cell.outputs = [nbformat.v4.new_output("display_data", {"image/svg+xml": "<svg>1</svg>"}, metadata={publish.METADATA_KEY: described})]
    publish.save_figures(notebook(cell), tmp_path / "figures")
    assert (tmp_path / "figures" / "front-workers.svg").read_text(encoding="utf-8") == "<svg>1</svg>"


def test_a_template_takes_its_own_names_and_makes_them_safe():
    cell = nbformat.v4.new_markdown_cell("# {{ this_name }}\n\n{{ this_missing }} {{ other }}")
    ready = publish.prepare(notebook(cell), {"this_name": "A <script>|`x`"}).cells[0].source
    assert ready == "# A \\<script\\>\\|\\`x\\`\n\n{{ this_missing }} {{ other }}"


def test_parameters_that_papermill_injected_are_not_shown():
    cell = nbformat.v4.new_code_cell("x = 1", metadata={"tags": ["injected-parameters"]})
    assert "remove-cell" in publish.prepare(notebook(cell), {}).cells[0].metadata["tags"]


def test_an_unknown_key_of_the_configuration_is_refused(project):
    edit(project / "_config.yml", "only_build_toc_files: true", "only_build_toc_file: true")
    with pytest.raises(InputError, match="unknown key only_build_toc_file"):
        publish.configuration(project, {})


def test_numbers_reach_the_configuration_as_text():
    text = publish.configuration(ROOT, {"world_peak": "86,000"})
    assert scenario.yaml.safe_load(text)["parse"]["myst_substitutions"] == {"world_peak": "86,000"}


def test_every_assumption_is_listed_with_what_the_scenario_changes():
    page = publish.assumptions_table(scenario.load("no-anchor", ROOT))
    for name in scenario.load("baseline", ROOT).assumptions:
        assert f"| `{name}` |" in page
    assert page.count("(baseline `") == 1


def test_swap_leaves_one_whole_book(tmp_path):
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.html").write_text(name, encoding="utf-8")
        publish.swap(tmp_path / name, tmp_path / "place" / "html")
        assert (tmp_path / "place" / "html" / "index.html").read_text(encoding="utf-8") == name
    assert [path.name for path in (tmp_path / "place").iterdir()] == ["html"]


def test_cells_of_tables_are_escaped_and_only_web_addresses_are_links(capsys):
    import pandas as pd

    shown = []
    tables.display, kept = shown.append, tables.display
    try:
        table = pd.DataFrame({"note": ["<script>alert(1)</script>", "fine"], "source": ["a", "b"]})
        tables.show(table, "A <caption>", {"source": pd.Series(["javascript:alert(1)", 'https://example.org/?a="b"'])})
    finally:
        tables.display = kept
    markup = shown[0].data
    assert "<script>" not in markup and "javascript:" not in markup and "A <caption>" not in markup
    assert '<a class="reference external" href="https://example.org/?a=&quot;b&quot;">b</a>' in markup


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (headline.people(86_412), "86,000"),
        (headline.people(37.4), "37"),
        (headline.dollars(304_000_000), "300 million dollars"),
        (headline.dollars(3_210_000), "3.2 million dollars"),
        (headline.dollars(1_240_000_000), "1.2 billion dollars"),
        (headline.percent(0.243), "24 %"),
        (headline.span(230e6, 390e6, headline.dollars), "230 to 390 million dollars"),
        (headline.span(900e6, 1.2e9, headline.dollars), "900 million dollars to 1.2 billion dollars"),
        (headline.span(69_000, 110_000, headline.people), "69,000 to 110,000"),
        (headline.span(0.19, 0.3, headline.percent), "19 to 30 %"),
    ],
)
def test_numbers_in_sentences(written, expected):
    assert written == expected


def test_two_notebooks_cannot_mean_two_things_by_one_name(tmp_path):
    for name, value in (("a", 1), ("b", 2)):
        numbers = headline.Headline()
        numbers.put("same", value, str(value))
        numbers.write(tmp_path / f"{name}.json")
    with pytest.raises(ValueError, match="the name same already stands for 1"):
        headline.merge(tmp_path)
