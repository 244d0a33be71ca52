"""The built book in a real Chromium: what a reader does with the evidence, with no other host to be had.

Run by `make test-browser` after `make book`; needs an installed Chromium.
"""

import functools
import http.server
import json
import re
import shutil
import threading

import pandas as pd
import pytest
from conftest import ROOT, broken_links
from playwright.sync_api import sync_playwright

pytestmark = pytest.mark.browser
HTML = ROOT / "build" / "baseline" / "html"
SIZES = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
PAGES = ["index", "notebooks/evidence", "notebooks/gathering", "notebooks/copies", "notebooks/ledger", "notebooks/hosts", "notebooks/host_RUS",
         "notebooks/host_WLD", "notebooks/how_many", "notebooks/uncertainty", "notebooks/explorer", "generated/data-dictionary", "how-to-add-a-figure"]  # fmt: skip


@pytest.fixture(scope="session")
def browser():
    path = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
    assert path, "no Chromium is installed; on Debian: apt-get install chromium"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield started
        started.close()


@pytest.fixture(scope="session")
def site():
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(HTML)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(params=list(SIZES))
def page(request, browser, site):
    context = browser.new_context(viewport=SIZES[request.param], accept_downloads=True)
    opened = context.new_page()
    opened.set_default_timeout(15_000)
    opened.elsewhere, opened.errors = [], []
    context.route(
        re.compile(rf"^(?!{re.escape(site)}|data:|blob:)"), lambda route: (opened.elsewhere.append(route.request.url), route.abort())
    )
    opened.on("pageerror", lambda error: opened.errors.append(str(error)))
    yield opened
    assert opened.elsewhere == []  # nothing was asked of another host
    assert opened.errors == []
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_pages_open_without_an_error_and_do_not_overflow(page, site, name):
    page.goto(f"{site}/{name}.html")
    assert page.locator("article h1").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 1


def test_the_table_of_all_figures_is_searched_sorted_and_filtered_in_the_page(page, site):
    figures = pd.read_csv(ROOT / "data" / "figures.csv", dtype=str, keep_default_na=False)
    page.goto(f"{site}/notebooks/ledger.html")
    info = page.locator(".dt-info")
    info.wait_for()
    assert f"{len(figures):,}" in info.inner_text()
    page.locator(".dt-search input").first.fill("30,023")
    page.wait_for_function("document.querySelector('.dt-info').innerText.includes('filtered')")
    shown = page.locator("div.dt-scroll-body tbody tr, table.dataTable tbody tr")
    ids = {text for text in shown.locator("td:first-child").all_inner_texts() if text}
    assert "RUS062" in ids and len(ids) < 20


def test_from_a_mark_to_its_row_to_its_source_in_two_clicks(page, site):
    page.goto(f"{site}/notebooks/how_many.html")
    mark = page.locator("svg.linked a[href*='host_WLD.html#'], svg.linked a[*|href*='host_WLD.html#']").first
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
    assert set(rows["figure_id"]) == set(figures.loc[figures["hosts"].str.split("+").map(lambda codes: "RUS" in codes), "figure_id"])


def test_the_book_works_from_a_folder_without_a_server(browser):
    context = browser.new_context(viewport=SIZES["desk"])
    page = context.new_page()
    page.goto((HTML / "notebooks" / "ledger.html").as_uri())
    page.locator(".dt-info").wait_for(timeout=15_000)
    page.locator(".dt-search input").first.fill("Alabuga")
    page.wait_for_function("document.querySelector('.dt-info').innerText.includes('filtered')")
    context.close()


def test_every_link_inside_the_book_leads_somewhere():
    assert broken_links(HTML) == []


def test_the_data_package_of_the_book_is_whole():
    described = json.loads((HTML / "data" / "datapackage.json").read_text(encoding="utf-8"))
    for resource in described["resources"]:
        assert (HTML / "data" / resource["path"]).is_file()
