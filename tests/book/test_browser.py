"""The built book in a real Chromium: what a reader does with the evidence, with no other host to be
had.

Run by `make test-browser` after `make book`; needs an installed Chromium.
"""

import json
import re

import pandas as pd
import pikepdf
import pytest
from conftest import HTML, ROOT, SIZES, broken_links, wait_for

from exportedlabour import words

pytestmark = pytest.mark.browser
PAGES = [
    "index",
    "notebooks/evidence",
    "notebooks/gathering",
    "notebooks/copies",
    "notebooks/ledger",
    "notebooks/hosts",
    "notebooks/host_RUS",
    "notebooks/host_WLD",
    "notebooks/how_many",
    "notebooks/pay",
    "notebooks/uncertainty",
    "notebooks/explorer",
    "generated/data-dictionary",
    "how-to-add-a-figure",
    "summary",
    "ethics",
    "checklists/gather",
]


@pytest.mark.parametrize("name", PAGES)
def test_pages_open_without_an_error_and_do_not_overflow(page, site, name):
    page.goto(f"{site}/{name}.html")
    assert page.locator("article h1").first.is_visible()
    assert (
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        <= 1
    )


def test_the_table_of_all_figures_is_searched_sorted_and_filtered_in_the_page(page, site):
    figures = pd.read_csv(ROOT / "data" / "figures.csv", dtype=str, keep_default_na=False)
    page.goto(f"{site}/notebooks/ledger.html")
    info = page.locator(".dt-info")
    info.wait_for()
    assert f"{len(figures):,}" in info.inner_text()
    page.locator(".dt-search input").first.fill("30,023")
    wait_for(page, "document.querySelector('.dt-info').innerText.includes('filtered')")
    shown = page.locator("div.dt-scroll-body tbody tr, table.dataTable tbody tr")
    ids = {text for text in shown.locator("td:first-child").all_inner_texts() if text}
    assert "RUS062" in ids and len(ids) < 20


def test_from_a_mark_to_its_row_to_its_source_in_two_clicks(page, site):
    page.goto(f"{site}/notebooks/how_many.html")
    mark = page.locator(
        "svg.linked a[href*='host_WLD.html#'], svg.linked a[*|href*='host_WLD.html#']"
    ).first
    target = mark.evaluate("a => a.getAttribute('xlink:href') || a.getAttribute('href')")
    assert mark.get_attribute("aria-label").startswith(target.split("#")[1] + ": ")
    mark.dispatch_event("click")
    page.wait_for_url(re.compile(r"host_WLD\.html#"))
    row = page.locator(f"tr#{target.split('#')[1]}")
    row.wait_for()
    assert row.locator("a.external").first.get_attribute("href").startswith("http")


def test_the_rows_of_a_host_can_be_downloaded(page, site):
    page.goto(f"{site}/notebooks/host_RUS.html")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="These rows as CSV").click()
    rows = pd.read_csv(waiting.value.path(), dtype=str)
    figures = pd.read_csv(ROOT / "data" / "figures.csv", dtype=str, keep_default_na=False)
    assert set(rows["figure_id"]) == set(
        figures.loc[figures["hosts"].str.split("+").map(lambda codes: "RUS" in codes), "figure_id"]
    )


def test_the_book_works_from_a_folder_without_a_server(browser):
    context = browser.new_context(viewport=SIZES["desk"])
    page = context.new_page()
    page.goto((HTML / "notebooks" / "ledger.html").as_uri())
    page.locator(".dt-info").wait_for(timeout=15_000)
    page.locator(".dt-search input").first.fill("Alabuga")
    wait_for(page, "document.querySelector('.dt-info').innerText.includes('filtered')")
    context.close()


def test_the_words_of_a_first_column_are_whole_on_a_phone(browser, site):
    context = browser.new_context(viewport=SIZES["phone"])
    page = context.new_page()
    page.goto(f"{site}/how-to-rerun.html")
    heading = page.locator("article th p", has_text=re.compile("^command$")).first
    lines = heading.evaluate(
        "node => { const range = document.createRange(); range.selectNodeContents(node); return"
        " range.getClientRects().length; }"
    )
    assert lines == 1
    context.close()


def test_every_link_inside_the_book_leads_somewhere():
    assert broken_links(HTML) == []


def test_the_data_package_of_the_book_is_whole():
    described = json.loads((HTML / "data" / "datapackage.json").read_text(encoding="utf-8"))
    for resource in described["resources"]:
        assert (HTML / "data" / resource["path"]).is_file()


def test_the_number_for_russia_in_2019_its_interval_why_its_sources_and_how_to_cite_it(page, site):
    """The way of a reader who starts at the front page: four clicks, each on words that stand
    there."""
    page.goto(f"{site}/index.html")
    page.locator("article").get_by_role("link", name="Look up a host and a year").click()
    page.locator("article").get_by_role("link", name="Russia", exact=True).first.click()
    page.wait_for_url(re.compile(r"host_RUS\.html"))
    row = page.locator("tr#y2019")
    year, median, eighty, wider, _, why, ids = row.locator("td").all_inner_texts()
    workers = (
        pd.read_csv(ROOT / "build" / "baseline" / "results" / "workers_host_year.csv")
        .query("host == 'RUS' and year == 2019")
        .iloc[0]
    )
    assert year == "2019" and median == words.people(workers["median"])
    assert eighty == f"{words.people(workers['lo80'])} – {words.people(workers['hi80'])}"
    assert wider == f"{words.people(workers['lo95'])} – {words.people(workers['hi95'])}"
    assert "independent of" in why
    named = re.findall(r"RUS\d+", ids)
    assert named
    row.get_by_role("link", name=named[0]).click()
    page.wait_for_url(re.compile(rf"#{named[0]}$"))
    assert page.locator(f"tr#{named[0]} a.external").first.get_attribute("href").startswith("http")
    cite = page.locator(
        "section", has=page.locator("h2", has_text="Cite a number of this page")
    ).last
    assert re.search(
        r"Exported Labour, version \d+\.\d+\.\d+, commit \w+\+?: Russia, \d{4}: [\d,]+ workers \(80"
        r" % interval [\d,]+ to [\d,]+\)",
        cite.inner_text(),
    )


def test_the_summary_prints_on_one_page(browser, site, tmp_path):
    page = browser.new_page()
    page.goto(f"{site}/summary.html")
    page.pdf(
        path=tmp_path / "summary.pdf",
        format="A4",
        margin={side: "15mm" for side in ("top", "bottom", "left", "right")},
    )
    with pikepdf.open(tmp_path / "summary.pdf") as printed:
        assert len(printed.pages) == 1
    page.close()
