"""Staging: numbers in sentences, alternative text, free text made safe, and the swap of a new book
for the old."""

import io
import re
from types import SimpleNamespace

import nbformat
import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import ROOT, edit

from exportedlabour import words
from exportedlabour.assumptions import scenario
from exportedlabour.book import assumption_page, pages, stage
from exportedlabour.evidence import ledger
from exportedlabour.exhibits import plot_data, plots, tables
from exportedlabour.exhibits.numbers import Headline, merge
from exportedlabour.project import InputError
from exportedlabour.sensitivity import one_at_a_time


def notebook(*cells):
    return nbformat.v4.new_notebook(cells=list(cells))


def test_described_figures_get_their_alternative_text_and_caption():
    cell = nbformat.v4.new_code_cell("draw()")
    data = {"image/svg+xml": "<svg/>", "text/plain": "x"}
    described = {
        "name": "fig-x",
        "caption": "A caption.",
        "alt": "What it shows.",
        "data_title": "A caption",
    }
    cell.outputs = [
        nbformat.v4.new_output("display_data", data, metadata={stage.METADATA_KEY: described})
    ]
    ready = stage.prepare(notebook(cell), {}).cells[0]
    assert ready.metadata["mystnb"]["image"]["alt"] == "What it shows."
    assert ready.metadata["mystnb"]["figure"] == {"caption": "A caption.", "name": "fig-x"}
    assert "remove-input" in ready.metadata["tags"]


def test_figures_are_saved_for_the_front_page(tmp_path):
    cell = nbformat.v4.new_code_cell("draw()")
    described = {"name": "front-workers", "caption": "", "alt": ""}
    cell.outputs = [
        nbformat.v4.new_output(
            "display_data",
            {"image/svg+xml": "<svg>1</svg>"},
            metadata={stage.METADATA_KEY: described},
        )
    ]
    stage.save_plots(notebook(cell), tmp_path / "figures", tmp_path / "extra" / "figures")
    assert (tmp_path / "figures" / "front-workers.svg").read_text(
        encoding="utf-8"
    ) == "<svg>1</svg>"


def test_a_page_borrows_a_figure_that_another_notebook_drew(tmp_path):
    cell = nbformat.v4.new_code_cell("draw()")
    described = {
        "name": "fig-money-RUS",
        "caption": "Medians.",
        "alt": 'Highest in "2013": 1.',
        "data": "year,median\n2013,1\n",
    }
    cell.outputs = [
        nbformat.v4.new_output(
            "display_data", {"image/svg+xml": "<svg/>"}, metadata={stage.METADATA_KEY: described}
        )
    ]
    drawn = stage.save_plots(notebook(cell), tmp_path / "figures", tmp_path / "offered")
    words = nbformat.v4.new_markdown_cell(
        "Drawn elsewhere: fig-money-{{ this_code }}", metadata={"tags": ["borrowed-plot"]}
    )
    ready = stage.prepare(notebook(words), {"this_code": "RUS"}, drawn=drawn).cells[0].source
    assert ready.startswith(
        "```{figure} ../figures/fig-money-RUS.svg\n:name: fig-money-RUS\n:width: 100%\n:alt:"
        ' "Highest in \\"2013\\": 1."\n\nMedians.\n```\n'
    )
    assert 'href="../figures/fig-money-RUS.csv" download' in ready and ">2013<" in ready
    words.source = "fig-money-{{ this_code }}"
    assert stage.prepare(notebook(words), {"this_code": "CHN"}, drawn=drawn).cells[0].source == ""


def test_a_cell_has_its_numbers_and_a_name_without_one_is_told():
    cell = nbformat.v4.new_markdown_cell("# {{ this_name }}")
    assert stage.prepare(notebook(cell), {"this_name": r"A \<b\>"}).cells[0].source == r"# A \<b\>"
    cell.source += "\n\n{{ this_missing }}"
    with pytest.raises(InputError, match=r"notebooks/host\.ipynb, line 3: \{\{ this_missing \}\}"):
        stage.prepare(notebook(cell), {"this_name": "A"}, where="notebooks/host.ipynb")


def test_a_caption_is_plain_text():
    cell = nbformat.v4.new_code_cell("draw()")
    described = {"name": "x", "caption": "Of <b>Chad</b> {{ 7*191 }}.", "alt": "x"}
    cell.outputs = [
        nbformat.v4.new_output(
            "display_data", {"image/svg+xml": "<svg/>"}, metadata={stage.METADATA_KEY: described}
        )
    ]
    caption = stage.prepare(notebook(cell), {}).cells[0].metadata["mystnb"]["figure"]["caption"]
    assert caption == r"Of \<b\>Chad\</b\> \{\{ 7\*191 \}\}."


def test_parameters_that_papermill_injected_are_not_shown():
    cell = nbformat.v4.new_code_cell("x = 1", metadata={"tags": ["injected-parameters"]})
    assert "remove-cell" in stage.prepare(notebook(cell), {}).cells[0].metadata["tags"]


def test_an_unknown_key_of_the_configuration_is_refused(project):
    edit(project / "_config.yml", "only_build_toc_files: true", "only_build_toc_file: true")
    with pytest.raises(InputError, match="unknown key only_build_toc_file"):
        stage.configuration(project)


def test_every_assumption_is_listed_with_what_the_scenario_changes():
    effects = pd.DataFrame(
        [
            {
                "assumption": "bias_press",
                "given": "mean 0.2",
                "moved": "mean 0.6",
                "headline": headline,
                "before": before,
                "after": after,
                "ratio": after / before,
                "error": 0.001,
                "pareto_k": 0.31,
                "how": one_at_a_time.REWEIGHTED,
            }
            for headline, before, after in (
                ("world_peak", 78_000.0, 74_000.0),
                ("state_peak", 300e6, 290e6),
            )
        ]
        + [
            {
                "assumption": "margin_at_most",
                "given": "",
                "moved": "",
                "headline": "world_peak",
                "before": 78_000.0,
                "after": np.nan,
                "ratio": np.nan,
                "error": np.nan,
                "pareto_k": np.nan,
                "how": one_at_a_time.REFIT,
            }
        ]
    )
    current = scenario.load("no-anchor", ROOT)
    page = assumption_page.page(current, ledger.read(ROOT / "data"), effects, stage.escape)
    for name in scenario.load("baseline", ROOT).assumptions:
        assert f"### `{name}`" in page
    assert {"include_classes", "draws"} == set(current.changed)
    for name in scenario.load("baseline", ROOT).assumptions:
        assert ("(baseline `" in page.split(f"### `{name}`")[1].split("###")[0]) == (
            name in current.changed
        ), name
    entry = page.split("### `bias_press`")[1].split("###")[0]
    assert (
        "78,000 → 74,000 (-5.1%)" in entry
        and "300 million dollars → 290 million dollars (-3.3%)" in entry
    )
    assert one_at_a_time.REFIT in page.split("### `margin_at_most`")[1].split("###")[0]
    assert (
        current.assumptions["first_year"].still in page.split("### `first_year`")[1].split("###")[0]
    )
    assert assumption_page.UNMOVED in page.split("### `seed`")[1].split("###")[0]
    assert (
        '<a href="../notebooks/host_RUS.html#RUS063">RUS063</a>'
        in page.split("### `bias_register_winding_down`")[1].split("###")[0]
    )


def test_cells_for_estimates_go_where_there_is_none():
    cell = nbformat.v4.new_markdown_cell(
        "## Workers by year", metadata={"tags": ["only-estimated"]}
    )
    assert stage.prepare(notebook(cell), {}).cells == []
    assert len(stage.prepare(notebook(cell), {}, estimated=True).cells) == 1


LINKED = """<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
     width="460pt" height="345pt" viewBox="0 0 460 345">
<metadata>x</metadata><defs><path id="m1"/><clipPath id="c1"/></defs>
<g clip-path="url(#c1)"><a xlink:href="host_RUS.html#RUS062"><use xlink:href="#m1"/></a></g>
</svg>"""


def test_charts_with_links_are_put_into_the_page_with_ids_of_their_own(tmp_path):
    (tmp_path / "_images").mkdir()
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "_images" / "abcdef0123.svg").write_text(LINKED, encoding="utf-8")
    (tmp_path / "_images" / "plain.svg").write_text("<svg></svg>", encoding="utf-8")
    page = pages.parsed(
        '<p><img alt="What it &lt;shows&gt;" src="../_images/abcdef0123.svg" style="width:'
        ' 100%"/><img alt="y" src="../_images/plain.svg"/></p>'
    )
    pages.inline_linked(page, tmp_path / "notebooks")
    done = pages.written(page)
    drawing = page.find(".//{http://www.w3.org/2000/svg}svg")
    assert dict(drawing.attrib) == {
        "viewBox": "0 0 460 345",
        "class": "linked",
        "role": "group",
        "aria-label": "What it <shows>",
    }
    assert (
        '<a xlink:href="host_RUS.html#RUS062"><use xlink:href="#sabcdef01-m1"></use></a>' in done
        and "url(#sabcdef01-c1)" in done
    )
    assert "<?xml" not in done and "metadata" not in done and 'width="460pt"' not in done
    assert '<img alt="y" src="../_images/plain.svg">' in done


def test_every_host_with_a_figure_has_its_page_in_the_contents(tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "hosts.ipynb").touch()
    stage._write_toc(ROOT / "_toc.yml", tmp_path, {"host_RUS": "Russia", "host_AGO": "Angola"})
    parts = yaml.safe_load((tmp_path / "_toc.yml").read_text(encoding="utf-8"))["parts"]
    hosts = next(c for part in parts for c in part["chapters"] if c["file"] == "notebooks/hosts")
    assert hosts["sections"] == [{"file": "notebooks/host_AGO"}, {"file": "notebooks/host_RUS"}]
    assert not any(c["file"] == "notebooks/comparison" for part in parts for c in part["chapters"])


def test_swap_leaves_one_whole_book(tmp_path):
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.html").write_text(name, encoding="utf-8")
        stage.swap(tmp_path / name, tmp_path / "place" / "html")
        assert (tmp_path / "place" / "html" / "index.html").read_text(encoding="utf-8") == name
    assert [path.name for path in (tmp_path / "place").iterdir()] == ["html"]


def test_cells_of_tables_are_escaped_and_only_web_addresses_are_links(capsys):
    shown = []
    tables.display, kept = shown.append, tables.display
    try:
        table = pd.DataFrame({"note": ["<script>alert(1)</script>", "fine"], "source": ["a", "b"]})
        tables.show(
            table,
            "A <caption>",
            {"source": pd.Series(["javascript:alert(1)", 'https://example.org/?a="b"'])},
        )
    finally:
        tables.display = kept
    markup = shown[0].data
    assert "<script>" not in markup and "javascript:" not in markup and "A <caption>" not in markup
    assert (
        '<a class="reference external" href="https://example.org/?a=&quot;b&quot;">b</a>' in markup
    )


@pytest.mark.parametrize(
    ("address", "linked"),
    [
        ("https://example.org/a", True),
        ("host_RUS.html#RUS062", True),
        ("../data/figures.csv", True),
        ("", False),
        ("javascript:alert(1)", False),
        ("//example.org", False),
        ('x" onclick="alert(1)', False),
        ("data:text/html,x", False),
    ],
)
def test_only_addresses_of_the_web_and_of_the_book_become_links(address, linked):
    assert tables.anchor("x", address).startswith("<a ") is linked


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (30023, "persons", "30,023"),
        (0.15, "fraction", "15 %"),
        (2.3e9, "USD/year", "2.3 billion dollars"),
        (1.2e8, "USD/year", "120 million dollars"),
        (120, "USD/month", "120 dollars"),
        (2500, "CNY/month", "2,500 CNY"),
        (1e11, "JPY/year", "100 billion JPY"),
        (2012, "year", "2012"),
        (0.5, "hours/day", "0.5"),
    ],
)
def test_a_number_is_told_as_its_source_gave_it(value, unit, expected):
    assert words.stated(value, unit) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (words.people(86_412), "86,000"),
        (words.people(37.4), "37"),
        (words.dollars(304_000_000), "300 million dollars"),
        (words.dollars(3_210_000), "3.2 million dollars"),
        (words.dollars(1_240_000_000), "1.2 billion dollars"),
        (words.dollars(996_000_000), "1.0 billion dollars"),
        (words.dollars(9_960_000), "10 million dollars"),
        (words.percent(0.243), "24 %"),
        (words.span(230e6, 390e6, words.dollars), "230 to 390 million dollars"),
        (words.span(900e6, 1.2e9, words.dollars), "900 million dollars to 1.2 billion dollars"),
        (words.span(69_000, 110_000, words.people), "69,000 to 110,000"),
        (words.span(0.19, 0.3, words.percent), "19 to 30 %"),
    ],
)
def test_numbers_in_sentences(written, expected):
    assert written == expected


def test_two_notebooks_cannot_mean_two_things_by_one_name(tmp_path):
    for name, value in (("a", 1), ("b", 2)):
        numbers = Headline()
        numbers.put("same", value, str(value))
        numbers.write(tmp_path / f"{name}.json")
    with pytest.raises(ValueError, match="the name same already stands for 1"):
        merge(tmp_path)


def test_a_searchable_table_is_the_same_in_a_second_run():
    import pandas as pd

    made = []
    shown, tables.display = tables.display, made.append
    try:
        for caption in ("3 figures", "3 figures", "4 figures"):
            tables.searchable(pd.DataFrame({"id": ["RUS001"]}), {}, caption)
    finally:
        tables.display = shown
    assert made[0].data == made[1].data
    ids = [re.search(r'id="(searchable-\w+)"', one.data)[1] for one in made]
    assert ids[0] != ids[2]


def test_below_a_figure_are_its_data_and_its_drawing_and_no_text_runs():
    data = pd.DataFrame(
        {
            "year": [2016, 2017],
            "median": [78123.4, 0.5],
            "lo80": [1e-9, 2.0],
            "says": ["<script>alert(1)</script>", "{{ 7*191 }}\n\nx"],
        }
    )
    described = {
        "name": "fig-x",
        "caption": "A caption. More.",
        "data": plot_data.as_csv(data),
        "data_title": "",
    }
    block = plot_data.block(described)
    assert (
        'href="../figures/fig-x.svg" download' in block
        and 'href="../figures/fig-x.csv" download' in block
    )
    assert (
        "Data of the plot: A caption." in block
        and "80 % from" in block
        and "78,123" in block
        and ">2016<" in block
        and "1e-09" in block
    )
    assert "<script>" not in block and "{{" not in block and "\n" not in block
    assert pd.read_csv(io.StringIO(described["data"]))["median"].tolist() == [78123.4, 0.5]


def test_a_long_table_below_a_figure_is_cut_and_says_so():
    data = pd.DataFrame({"year": range(plot_data.ROWS + 5)})
    block = plot_data.block({"name": "fig-x", "caption": "A.", "data": plot_data.as_csv(data)})
    assert (
        block.count("<tr") == plot_data.ROWS + 1
        and f"The first {plot_data.ROWS} of {plot_data.ROWS + 5} rows; the file has all." in block
    )
    assert len(pd.read_csv(io.StringIO(plot_data.as_csv(data)))) == plot_data.ROWS + 5


def test_a_figure_shown_with_data_carries_it_to_the_page(monkeypatch):
    shown = []
    monkeypatch.setattr(
        plots, "display", lambda data, raw, metadata: shown.append(metadata[stage.METADATA_KEY])
    )
    table = pd.DataFrame(
        {
            "year": [2016, 2017],
            "median": 2.0,
            **{f"{end}{level}": 1.0 for level in (50, 80, 95) for end in ("lo", "hi")},
        }
    )
    plots.show(
        plots.simple_fan(table, "t"),
        name="fig-x",
        caption="c",
        alt="a",
        data=plots.drawn(table),
        data_title="words",
    )
    assert (
        shown[0]["data_title"] == "words"
        and shown[0]["data"].splitlines()[1] == "estimate,2016,2,1,1,1,1,1,1"
    )


def test_a_page_is_described_by_its_heading_and_first_paragraph():
    text = (
        '<title>x</title><p>menu</p><h1>Money &amp; <em>pay</em><a class="headerlink"'
        ' href="#m">#</a></h1>\n<p>First <b>words</b>.</p><p>Second.</p>'
    )
    described = pages.title_and_description(pages.parsed(text))
    assert described == ("Money & pay", "First words.")
    long = pages.parsed(f"<h1>T</h1><p>{'word ' * 200}</p>")
    assert len(pages.title_and_description(long)[1]) <= 301


def test_what_the_theme_lacks_for_keyboards_and_screen_readers_is_mended():
    before = (
        '<meta name="viewport" content="a"><meta name="viewport" content="b"><div'
        ' class="sidebar-primary-item">\n<a class="navbar-brand logo" href="#">x</a></div><div'
        ' class="highlight"><pre>x</pre></div><figure class="align-default" id="f"></figure><div'
        ' class="pst-scrollable-table-container"></div><div role="list" class="citation-list"><div'
        ' class="citation" role="doc-biblioentry"></div></div>'
    )
    page = pages.parsed(before)
    pages.accessible(page)
    done = pages.written(page)
    assert done.count("viewport") == 1 and 'content="b"' in done
    assert '<div class="sidebar-primary-item" role="navigation" aria-label="Book">' in done
    assert '<pre tabindex="0">' in done and 'id="f" tabindex="0"' in done
    assert (
        'table-container" tabindex="0"' in done
        and "doc-biblioentry" not in done
        and 'role="list"' not in done
    )
    pages.accessible(page)
    assert pages.written(page) == done  # once is enough


def test_a_page_loads_nothing_in_vain():
    scripts = (
        '<script src="_static/searchtools.js?v=1"></script><script src="searchindex.js"></script>'
        '<script src="_static/scripts/fontawesome.js?digest=1"></script>'
        '<script src="https://unpkg.com/x.js"></script><script>let THEBE = "unpkg.com";</script>'
        '<script type="text/x-thebe-config">{}</script><script src="_static/doctools.js"></script>'
        '<script type="application/json">{"of": "unpkg.com"}</script>'
    )

    def loaded(name):
        page = pages.parsed(f"<head>{scripts}</head><body><p>x</p></body>")
        pages.light(page, name)
        return [script.get("src") or script.get("type") for script in page.iter("script")]

    assert loaded("index.html") == ["_static/doctools.js", "application/json"]
    assert loaded("search.html")[:2] == ["_static/searchtools.js?v=1", "searchindex.js"]


def test_a_page_says_once_where_its_notebook_is(tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "host.ipynb").write_text("{}", encoding="utf-8")
    step = SimpleNamespace(notebook="host", parameters={"host": "RUS"})
    page = notebook(nbformat.v4.new_code_cell("1"))
    stage._offer_notebook(tmp_path, step, page, tmp_path / "extra")
    assert (tmp_path / "extra" / "host.ipynb").is_file() and len(page.cells) == 2
    said = page.cells[-1].source
    assert 'href="host.ipynb" download' in said and "<code>host = &#x27;RUS&#x27;</code>" in said
