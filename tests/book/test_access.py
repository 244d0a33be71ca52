"""The built book in a real Chromium, for every reader: WCAG 2.2 AA by axe-core on every type of
page, keyboard, paper, no other host.

Run by `make test-browser`. A new page is looked at without being named here; of the pages of hosts
the longest, the shortest and one between.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import HTML, wait_for

pytestmark = pytest.mark.browser
WCAG = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}
MODES = {
    "desk": (1280, "light"),
    "phone": (360, "light"),
    "desk, dark": (1280, "dark"),
    "phone, dark": (360, "dark"),
}


def page_types():
    """Return the pages to look at, by address without .html."""
    every = {
        path.relative_to(HTML).as_posix().removesuffix(".html"): path.stat().st_size
        for path in HTML.rglob("*.html")
    }
    hosts = sorted((name for name in every if name.startswith("notebooks/host_")), key=every.get)
    few = {hosts[0], hosts[len(hosts) // 2], hosts[-1]} if hosts else set()
    return sorted(set(every) - set(hosts) | few)


@pytest.fixture(params=list(MODES))
def reader(request, browser):
    width, theme = MODES[request.param]
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme)
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.theme = theme
    yield page
    context.close()


ALWAYS = (
    "index",
    "notebooks/how_many",
    "notebooks/host_RUS",
    "generated/cite",
)  # the others, some minutes, by make test-slow


@pytest.mark.parametrize(
    "name",
    [
        name if name in ALWAYS else pytest.param(name, marks=pytest.mark.slow)
        for name in page_types()
    ],
)
def test_no_barrier_is_found_by_axe(reader, site, name):
    reader.goto(f"{site}/{name}.html")
    assert reader.evaluate("document.documentElement.dataset.theme") == reader.theme
    assert (
        reader.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        <= 1
    )
    reader.add_style_tag(content="* { transition: none !important; }")
    reader.evaluate("document.querySelectorAll('.plot-data details').forEach(d => d.open = true)")
    found = Axe().run(reader, options=WCAG).response
    told = [
        f"{v['id']} ({v['impact']}): {n['target']} {n['failureSummary']}"
        for v in found["violations"]
        for n in v["nodes"][:3]
    ]
    assert told == []
    assert found["passes"]  # axe did look


@pytest.mark.parametrize("name", page_types())
def test_a_page_from_the_disk_asks_nothing_of_any_host(browser, name):
    context = browser.new_context(offline=True)
    page = context.new_page()
    asked, missing = [], []

    def answer(route):
        if route.request.url.startswith(("file:", "data:", "blob:")):
            return route.continue_()
        asked.append(route.request.url)
        return route.abort()

    context.route("**/*", answer)
    page.on("requestfailed", lambda request: missing.append(request.url))
    page.goto((HTML / f"{name}.html").as_uri(), wait_until="load")
    page.wait_for_timeout(200)
    assert asked == [] and missing == []
    context.close()


def test_the_keyboard_skips_to_the_text_and_shows_where_it_is(browser, site):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{site}/notebooks/how_many.html")
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    assert skip.inner_text() == "Skip to main content"
    wait_for(page, "document.activeElement.getBoundingClientRect().y >= 0")  # it slides in
    page.keyboard.press("Enter")
    assert page.url.endswith("#main-content")
    seen = set()
    for _ in range(120):
        page.keyboard.press("Tab")
        where = page.evaluate(
            "(e => [e.tagName + ' ' + e.className, getComputedStyle(e).outlineStyle,"
            " getComputedStyle(e).boxShadow])(document.activeElement)"
        )
        if where[0].startswith("BODY"):  # after the last of the page
            break
        assert where[1] != "none" or where[2] != "none", where
        seen.add(where[0].split(" ")[0].upper())
    assert {"A", "SUMMARY"} <= seen
    page.close()


def test_the_data_behind_a_figure_open_by_keyboard_and_scroll_in_their_box(browser, site):
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.goto(f"{site}/notebooks/how_many.html")
    page.locator(".plot-data summary").first.focus()
    page.keyboard.press("Enter")
    box = page.locator(".plot-data details[open] .table-scroll").first
    assert box.is_visible() and box.get_attribute("tabindex") == "0"
    assert (
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        <= 1
    )
    assert box.evaluate("e => e.scrollWidth > e.clientWidth")
    page.close()


def test_charts_keep_a_ground_on_which_they_can_be_read_in_the_dark(browser, site):
    page = browser.new_page(color_scheme="dark")
    for name in ("index", "notebooks/how_many", "notebooks/evidence"):
        page.goto(f"{site}/{name}.html")
        grounds = page.eval_on_selector_all(
            "article img[src$='.svg'], article svg.linked",
            "all => all.map(e => getComputedStyle(e).backgroundColor)",
        )
        assert grounds and set(grounds) == {"rgb(255, 255, 255)"}
    page.close()


def test_on_paper_there_is_the_text_and_no_furniture(browser, site):
    page = browser.new_page()
    page.goto(f"{site}/notebooks/how_many.html")
    page.emulate_media(media="print")
    shown = page.eval_on_selector_all(
        ".bd-sidebar-primary, .bd-header-article, .prev-next-area, .plot-data, details.hide",
        "all => all.filter(e => e.offsetParent !== null).length",
    )
    assert (
        shown == 0
        and page.locator("h1:visible").count()
        and page.locator("article figure").first.is_visible()
    )
    page.close()


def test_the_front_page_can_be_read_within_a_second(browser):
    times = []
    for _ in range(3):
        page = browser.new_page()
        page.goto((HTML / "index.html").as_uri())
        times.append(
            page.evaluate(
                "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ??"
                " performance.timing.domContentLoadedEventEnd - performance.timing.navigationStart"
            )
        )
        page.close()
    print("first paint of the front page, milliseconds:", [round(value) for value in times])
    assert min(times) < 1000


def test_icons_are_drawn_without_their_script(browser, site):
    page = browser.new_page()
    page.goto(f"{site}/index.html")
    wait_for(page, "document.fonts.ready.then(() => true)")
    assert page.evaluate(
        "[...document.fonts].some(f => f.family.includes('Font Awesome') && f.status === 'loaded')"
    )
    page.goto(f"{site}/search.html?q=Russia")
    page.locator("#search-results li").first.wait_for()
    page.close()


def test_pages_to_look_at_are_all_but_those_of_most_hosts():
    names = page_types()
    assert (
        "index" in names
        and "generated/cite" in names
        and sum(name.startswith("notebooks/host_") for name in names) == 3
    )
