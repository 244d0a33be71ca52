"""The explorer in a real Chromium: what it prints equals what Python computes, by address, by
keyboard, on a phone, from a folder.

Run by `make test-browser` after `make book`.
"""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import HTML, ROOT, wait_for

from exportedlabour.inference.importance import smoothed_weights, weighted_quantiles
from exportedlabour.sensitivity import explorer

pytestmark = pytest.mark.browser
RESULTS = ROOT / "build" / "baseline" / "results"
# The theme says what it is after the page has been drawn, and the chart is drawn again for it: an
# update that nobody asked for.
SETTLED = """() => {
  const now = document.querySelector('#explorer').dataset.updates;
  if (now !== window.seen) { window.seen = now; window.since = performance.now(); }
  return document.readyState === 'complete' && now && performance.now() - window.since > 500;
}"""
WAIT = "(n) => Number(document.querySelector('#explorer').dataset.updates ?? 0) >= n"


@pytest.fixture(scope="module")
def shipped():
    text = (HTML / "explorer" / "draws.js").read_text(encoding="utf-8")
    return explorer.unpack(json.loads(text.removeprefix("window.explorerData = ").rstrip(";\n")))


def expected(shipped, state):
    base = explorer.State(state.group, state.quantity, state.start, state.end, state.prices)
    found = explorer.answer(shipped, state)
    return found, explorer.sentence(shipped, state, found, explorer.answer(shipped, base))


def opened(page, site, fragment=""):
    page.goto("about:blank")
    page.goto(f"{site}/notebooks/explorer.html{'#' + fragment if fragment else ''}")
    wait_for(page, WAIT, arg=1)
    return page.locator("#explorer")


def said(root):
    return root.get_attribute("data-headline")


def test_every_question_of_the_notebook_has_its_answer_in_the_page(page, site, shipped):
    examples = pd.read_csv(RESULTS / "explorer_examples.csv", keep_default_na=False)
    assert len(examples) >= 12 and not examples["trusted"].all() and examples["trusted"].any()
    root = opened(page, site)
    wait_for(page, SETTLED)
    for n, row in enumerate(
        examples.itertuples(), start=1 + int(root.get_attribute("data-updates"))
    ):
        page.evaluate("state => { location.hash = state + '&n=' + Math.random(); }", row.state)
        wait_for(page, WAIT, arg=n)
        assert said(root) == row.headline
        headline = page.locator("#ex-headline").inner_text()
        assert headline == (
            row.headline if row.trusted else f"Not to be quoted, see below. {row.headline}"
        )
        k, shown = (
            float(row.pareto_k),
            float(root.get_attribute("data-k").replace("Infinity", "inf")),
        )
        assert shown == pytest.approx(k, abs=1e-6) or shown == k
        assert page.locator("#ex-refit").is_visible() == (not row.trusted)
        if not row.trusted:
            assert page.locator("#ex-yaml").inner_text().strip() == row.scenario.strip()
            assert (
                "make scenario SCENARIO=from-the-explorer" in page.locator("#ex-refit").inner_text()
            )


def test_sliders_and_lists_are_moved_by_keyboard_and_the_address_follows(page, site, shipped):
    root = opened(page, site)
    page.locator("#ex-group").focus()
    page.keyboard.type("Rus")
    page.locator("#ex-pay").focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")  # to the next slider, in the order of the page
    assert page.evaluate("document.activeElement.id") == "ex-months"
    page.keyboard.press("ArrowLeft")
    page.locator("[id='ex-w.press']").focus()
    page.keyboard.press("ArrowLeft")
    wait_for(page, "location.hash.includes('w.press=0.95')")
    state = explorer.read_state(page.evaluate("location.hash"), shipped)
    assert (state.group, state.levers, state.weights) == (
        "RUS",
        {"pay": 1.2, "months": 0.95},
        {"press": 0.95},
    )
    assert state.fragment() == page.evaluate("location.hash").lstrip("#")
    assert said(root) == expected(shipped, state)[1]
    assert page.locator("#ex-pay-said").inner_text() == "× 1.20"
    address = page.url
    before = said(root)
    page.goto("about:blank")
    page.goto(address)  # sent to somebody else
    wait_for(page, WAIT, arg=1)
    assert said(page.locator("#explorer")) == before
    page.get_by_role("button", name="Back to the baseline").press("Enter")
    wait_for(page, "!location.hash.includes('pay')")
    assert page.locator("#ex-pay").input_value() == "1"
    told, _, baseline = said(page.locator("#explorer")).partition(" Baseline: ")
    assert told.endswith(baseline)


def test_the_numbers_and_the_chart_can_be_taken_away(page, site, shipped):
    fragment = "group=RUS&quantity=state&pay=1.25"
    opened(page, site, fragment)
    wait_for(page, SETTLED)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="numbers as CSV").press("Enter")
    assert waiting.value.suggested_filename == "exported-labour-RUS-state.csv"
    rows = pd.read_csv(waiting.value.path())
    state = explorer.read_state(fragment, shipped)
    found = explorer.answer(shipped, state).fan
    base = explorer.answer(
        shipped, explorer.State(state.group, state.quantity, state.start, state.end, state.prices)
    ).fan
    assert rows["year"].tolist() == [int(year) for year in shipped.years]
    for name in ("median", "lo80", "hi95"):
        np.testing.assert_allclose(rows[name], found[name], rtol=6e-4)
        np.testing.assert_allclose(rows[f"baseline_{name}"], base[name], rtol=6e-4)
    assert (
        set(rows["assumptions"]) == {state.fragment()}
        and set(rows["to_be_quoted"]) == {"yes"}
        and set(rows["hosts"]) == {"Russia"}
    )
    with page.expect_download() as waiting:
        page.get_by_role("button", name="chart as SVG").click()
    drawing = Path(waiting.value.path()).read_text(encoding="utf-8")
    assert drawing.startswith("<svg") and "<path" in drawing


def test_an_address_that_means_nothing_is_read_as_far_as_it_can_be(page, site, shipped):
    fragment = (
        "group=XYZ&quantity=gold&from=1800&to=abc&pay=99&months=zero&w.press=-3&prices=%3Cscript%3E"
    )
    root = opened(page, site, fragment)
    state = explorer.read_state(fragment, shipped)
    assert (state.group, state.start, state.levers, state.weights) == (
        "WLD",
        int(shipped.years[0]),
        {"pay": 2.0},
        {"press": 0.0},
    )
    assert said(root) == expected(shipped, state)[1]


def test_a_move_answers_at_once(page, site, capsys):
    root = opened(page, site)
    taken = []
    for key, name in (("pay", "ArrowRight"), ("stock", "ArrowRight"), ("[w]", "ArrowLeft")):
        page.locator(f"#ex-{key}" if key != "[w]" else "[id='ex-w.government']").focus()
        for _ in range(5):
            n = int(root.get_attribute("data-updates"))
            page.keyboard.press(name)
            wait_for(page, WAIT, arg=n + 1)
            taken.append(float(root.get_attribute("data-milliseconds")))
    with capsys.disabled():
        print(
            f"\na move is answered, chart drawn, in {np.median(taken):.0f} ms in the median of"
            f" {len(taken)}, {max(taken):.0f} at most"
        )
    assert len(taken) == 15


def test_the_weights_of_the_page_are_those_of_arviz(page, site):
    opened(page, site)
    rng = np.random.default_rng(5)
    for scale, n in ((0.0, 400), (0.05, 400), (0.5, 1301), (1.5, 1301), (4.0, 1301), (1.0, 30)):
        ratios = scale * rng.standard_t(5, n)
        weights, k = smoothed_weights(ratios)
        draws = rng.lognormal(size=n)
        got = page.evaluate(
            "([ratios, draws]) => { const found = explorer.smoothedWeights(ratios); const w ="
            " [...found.weights]; return [w, String(found.k), explorer.weightedQuantiles(draws, w,"
            " [0.1, 0.5, 0.9])]; }",
            [ratios.tolist(), draws.tolist()],
        )
        np.testing.assert_allclose(got[0], weights, rtol=1e-9)
        assert float(got[1].replace("Infinity", "inf")) == pytest.approx(k, rel=1e-9)
        if scale:  # equal weights make ties
            np.testing.assert_allclose(
                got[2], weighted_quantiles(draws, weights, [0.1, 0.5, 0.9]), rtol=1e-12
            )


def test_numbers_are_written_as_the_book_writes_them(page, site):
    from exportedlabour import words

    opened(page, site)
    values = [
        0.0,
        3.4,
        55.5,
        99.6,
        123.4,
        1049.0,
        12_600,
        999_999.0,
        1_234_567,
        9_960_000,
        10_400_000,
        455e6,
        996e6,
        999e6,
        1.04e9,
        12.6e9,
    ]
    got = page.evaluate(
        "values => values.map((x) => [explorer.people(x), explorer.dollars(x), explorer.span(x, 2 *"
        " x, explorer.dollars)])",
        values,
    )
    assert got == [
        [words.people(x), words.dollars(x), words.span(x, 2 * x, words.dollars)] for x in values
    ]


def test_it_is_whole_on_a_small_phone_and_in_the_dark(browser, site):
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    opened(page, site, "pay=1.5")
    assert (
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        <= 1
    )
    assert page.locator("#ex-chart svg").bounding_box()["width"] <= 360
    top, controls = (page.locator(one).bounding_box()["y"] for one in ("#ex-headline", "#ex-group"))
    assert top < controls  # the answer is seen first
    unlabelled = page.evaluate(
        "[...document.querySelectorAll('#explorer input, #explorer select')].filter((one) =>"
        " !one.labels.length).length"
    )
    assert unlabelled == 0
    assert page.locator("#ex-headline").get_attribute("aria-live") == "polite"
    n = int(page.locator("#explorer").get_attribute("data-updates"))
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    wait_for(page, WAIT, arg=n + 1)
    ink = page.locator("#ex-chart svg .role-axis-label text").first.get_attribute("fill")
    assert (
        sum(int(part, 16) for part in re.findall("..", ink.lstrip("#"))) > 3 * 128
    )  # light on dark
    context.close()


@pytest.mark.parametrize("width", [375, 1280])
def test_no_label_of_the_chart_is_cut(browser, site, width):
    page = browser.new_page(viewport={"width": width, "height": 900})
    for fragment in ("", "quantity=workers", "group=REST&quantity=workers"):
        opened(page, site, fragment)
        outside = page.evaluate("""() => {
              const svg = document.querySelector("#ex-chart svg");
              const whole = svg.getBoundingClientRect();
              return [...svg.querySelectorAll("text")].filter((text) => {
                const box = text.getBoundingClientRect();
                return box.width && (box.left < whole.left - 1 || box.right > whole.right + 1);
              }).map((text) => text.textContent);
            }""")
        assert outside == [], fragment
    page.close()


def test_it_works_from_a_folder_without_a_server(browser, shipped):
    page = browser.new_page()
    page.goto((HTML / "notebooks" / "explorer.html").as_uri() + "#quantity=workers&stock=2")
    wait_for(page, WAIT, arg=1)
    assert (
        said(page.locator("#explorer"))
        == expected(shipped, explorer.read_state("quantity=workers&stock=2", shipped))[1]
    )
    assert page.locator("#ex-chart svg path").count() > 5
    page.close()


def test_the_page_and_its_data_stay_small():
    size = (
        sum(path.stat().st_size for path in (HTML / "explorer").iterdir())
        + (HTML / "_static" / "explorer.js").stat().st_size
    )
    assert size + (HTML / "notebooks" / "explorer.html").stat().st_size < 3_200_000
