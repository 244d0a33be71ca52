"""What several tests share: a small ledger that is right, and a small project to build."""

import contextlib
import csv
import functools
import http.server
import json
import re
import shutil
import threading
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest

from exportedlabour.evidence import ledger, schema

ROOT = Path(__file__).resolve().parents[1]

HOSTS = [
    ("RUS", "Russia", "Russia and Eurasia", "trajectory", "construction"),
    ("CHN", "China", "China", "trajectory", "textiles"),
    ("POL", "Poland", "Europe", "trajectory", "mixed"),
    ("TUR", "Türkiye", "Middle East", "zero", "mixed"),
    ("SAU", "Saudi Arabia", "Middle East", "predictive", "construction"),
    ("WLD", "World", "World", "group", "mixed"),
    ("PRK", "North Korea", "World", "none", "mixed"),
]


def figure(figure_id, hosts="RUS", period="2017", quantity="stock_workers", point="", **cells):
    """A row of figures.csv that breaks no rule."""
    row = dict.fromkeys(ledger.COLUMNS, "")
    row |= {
        "figure_id": figure_id,
        "hosts": hosts,
        "period_start": period,
        "period_end": period,
        "quantity": quantity,
        "point": str(point),
        "bound": "about",
        "unit": "persons",
        "sector": "mixed",
        "scope": "national",
        "asserted_by": "Somebody",
        "evidence_class": "government",
        "source": "some-2017",
        "locator": "not recorded",
        "seen": "secondary",
        "use": "fit",
    }
    return row | {name: str(value) for name, value in cells.items()}


HOSTILE = (  # what a page must show and never run
    '<script>alert(1)</script> {{ 7*191 }} "x" & <img src=x onerror=alert(2)>'
)

SMALL = [
    figure("RUS001", point=30023, period="2017-12-31", bound="exact", evidence_class="register"),
    figure("RUS002", point=20000, period="2013", note=HOSTILE, reason=HOSTILE, asserted_by=HOSTILE,
           lineage="family"),
    figure("RUS003", point=4000, period="2024-10", evidence_class="press"),
    figure("CHN001", "CHN", point=19000, period="2013", lineage="family", copy_probability="0.3"),
    figure("CHN002", "CHN", low=20000, high=100000, bound="range", period="2023",
           evidence_class="us_un"),
    figure("CHN003", "CHN", low=10000, period="2020", scope="region", bound="at_least",
           evidence_class="press"),
    figure("POL001", "POL", high=451, period="2017-12", bound="at_most", evidence_class="register"),
    figure("POL002", "POL", point=0, period="2019-06", bound="exact", evidence_class="register"),
    figure("TOT053", "WLD", point=46000, period="2013"),
    figure("TOT002", "WLD", period="2017", low=100000, high=200000, bound="range", use="judge",
           reason="A claim."),
    figure("TOT003", "WLD", "2017", "host_countries", 45, unit="countries", use="judge",
           reason="A claim."),
    figure("TOT004", "WLD", "2017", "worker_share", low=0.1, high=0.2, bound="range",
           unit="fraction", use="judge", reason="A claim."),
    figure("TOT005", "WLD", "2017", "revenue_total", high=2.3e9, bound="at_most", unit="USD/year",
           use="judge", reason="A claim."),
    figure("TOT006", "RUS", "2016", point=50000, use="judge", reason="A claim."),
    figure("TOT007", "RUS", "2016", "revenue_total", 1.2e8, unit="USD/year", use="judge",
           reason="A claim."),
    figure("RUS010", "RUS", "2018", "wage_gross", 500, unit="USD/month"),
    figure("CHN010", "CHN", "2017", "wage_gross", 2000, unit="CNY/month", sector="textiles"),
    figure("CHN011", "CHN", "2017", "worker_share", 0.33, unit="fraction"),
    figure("POL010", "POL", "2016", "wage_net", high=100, unit="USD/month", bound="at_most"),
    figure("RUS011", "RUS", "2021", "plan_payment", 8000, unit="USD/year", sector="construction"),
    figure("CHN012", "CHN", "2017", "state_share", 0.5, unit="fraction"),
]  # fmt: skip


def small_claims(columns: list[str], rows=SMALL) -> list[list[str]]:
    """Rows of claims.csv for the small ledger: the claims that the chapter tells, as far as
    ``rows`` state them, and one of which it knows nothing."""
    judged = {row["figure_id"] for row in rows if row["use"] == "judge"}

    def row(claim, evaluation, **cells):
        made = dict.fromkeys(columns, "") | {"claim": claim, "evaluation": evaluation}
        made |= {"title": f"A claim: {claim}", "heading": f"Its plot. {HOSTILE}"} | cells
        return [made[name] for name in columns]

    figures = [f"TOT00{i}" for i in range(2, 8)]
    stated = [row(f"stated-{key[-1]}", "quantity", figure=key) for key in figures if key in judged]
    return [
        *stated,
        row("trades", "trades", sectors="construction+mining+logging+textiles",
        period_start="2017"),
        row("deaths", "deaths", hosts="RUS+POL"),
        row("two-largest", "share", hosts="RUS+CHN", period_start="2017", low="0.5", high="1",
            reading=f"half or more {HOSTILE}", caption=f"A part. {HOSTILE}"),
        row("growth", "growth", period_start="2011", period_end="2016", low="1", reading="a rise"),
        row("seafood", "record", speaking="CHN001", against="RUS002"),
        row("unheard-of", "record", speaking="RUS001", text=f"It is {{verdict}}. {HOSTILE}"),
    ]  # fmt: skip


def write_ledger(folder: Path, rows=SMALL, hosts=HOSTS, years=range(2005, 2026)) -> Path:
    """Write a small ledger of the contract's form, with rates for ``years``; return its folder."""
    folder.mkdir(parents=True, exist_ok=True)

    def table(name, columns, lines):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(lines)

    table("figures", ledger.COLUMNS, [[row[name] for name in ledger.COLUMNS] for row in rows])
    columns = {name: form.names for name, form in schema.TABLES.items()}
    table(
        "hosts",
        columns["hosts"],
        [
            (
                *host,
                "2010",
                "Somebody",
                f"Present. {HOSTILE}" if host[0] == "RUS" else "Present.",
                "",
            )
            for host in hosts
        ],
    )
    table(
        "houses",
        columns["houses"],
        [("Somebody", "somebody", "press"), (HOSTILE, "hostile", "press")],
    )
    ids = {row["figure_id"] for row in rows}
    table(
        "lineages",
        columns["lineages"],
        [
            (
                "family",
                "A family",
                "RUS002" if "RUS002" in ids else "",
                "cited",
                "Copies of one number.",
            )
        ],
    )
    if {"RUS001", "RUS002", "CHN001", "TOT005"} <= ids:
        table(
            "rules",
            columns["rules"],
            [("C1", "Part", "A part is not the country."), ("C9", "Same statement", HOSTILE)],
        )
        table(
            "conflicts",
            columns["conflicts"],
            [
                (
                    "russia",
                    "RUS",
                    "RUS001+RUS002",
                    f"They differ. {HOSTILE}",
                    "rule",
                    "C1",
                    "The register is fitted.",
                )
            ],
        )
        table(
            "copies",
            columns["copies"],
            [
                ("CHN001", "RUS002", "round_number", "Russia became China"),
                ("TOT005", "RUS002", "inferred", ""),
            ],
        )
        table(
            "cascades",
            columns["cascades"],
            [("2.3-billion", "2.3 billion", f"It grew. {HOSTILE}", "RUS002+CHN001+TOT005")],
        )
        table("claims", columns["claims"], small_claims(columns["claims"], rows))
        table(
            "checks",
            columns["checks"],
            [("RUS001", "2026-11-24", "confirmed", "report", "https://example.org/page", HOSTILE)],
        )
        table("populations", columns["populations"], [("RUS001", "permit_holders", "Permits.")])
        table("gaps", columns["gaps"], [("permits", "RUS", "A table of permits.", "Nothing.")])
        heads, money, national = ("stock_workers",) * 2, ("revenue_total",) * 2, ("national",) * 2
        differ, same = ("register", "government"), ("government",) * 2
        fit, judge = ("fit",) * 2, ("judge",) * 2
        table(
            "recoding",
            columns["recoding"],
            [
                ("RUS001", *heads, *national, *differ, *fit, "The first is kept."),
                ("TOT005", *money, *national, *same, *judge, ""),
            ],
        )
    table(
        "events",
        columns["events"],
        [("ban", "2017-12-22", "2019-12-22", "WLD", "resolution", "Ban", "All home.", "", "")],
    )
    rates = [
        ("CPI-U", year, 200 + 5 * (year - 2005), "index", "", "Invented for the tests", "")
        for year in years
    ]
    rates += [("CNY", year, 6.5, "CNY per USD", "", "Invented for the tests", "") for year in years]
    table("rates", columns["rates"], rates)
    (folder / "sources.bib").write_text(
        "@misc{some-2017,\n  author = {Somebody},\n  title = {{Some <script>alert(3)</script>}},\n "
        " langid = {korean},\n  year = {2017},\n  note = {Published 2017-05-01},\n  url ="
        " {https://example.org/a?b=c&d=e}\n}\n",
        encoding="utf-8",
    )
    return folder


OTHER_HOSTS = [
    ("AGO", "Angola", "Africa", "trajectory", "construction"),
    ("KHM", "Cambodia", "South-East Asia", "trajectory", "restaurants"),
    ("YEM", "Yemen", "Middle East", "trajectory", "medicine"),
    ("WLD", "World", "World", "group", "mixed"),
]
OTHER = [
    figure("AGO001", "AGO", "1995", point=400),
    figure("AGO002", "AGO", "1997", point=500),
    figure("AGO003", "AGO", "2000", point=900),
    figure("AGO004", "AGO", "2003-06", low=600, high=1000, bound="range", evidence_class="press"),
    figure("KHM001", "KHM", "1996", point=50),
    figure("KHM002", "KHM", "1999", point=80),
    figure("KHM003", "KHM", "2002", point=120),
    figure("KHM004", "KHM", "2004", low=90, bound="at_least", evidence_class="press"),
    figure("YEM001", "YEM", "1998", point=0),
    figure("YEM002", "YEM", "2000", point=0),
    figure("YEM003", "YEM", "2004", point=0),
    figure("AGO005", "AGO", "2001", point=1200, evidence_class="press", use="context",
           reason="A round number."),
]  # fmt: skip
OTHER_PAY = [
    figure("AGO010", "AGO", "1999", "wage_gross", 300, unit="USD/month"),
    figure("KHM010", "KHM", "2002", "wage_gross", 200, unit="USD/month"),
    figure("AGO011", "AGO", "2000", "worker_share", 0.3, unit="fraction"),
    figure(
        "TOT002",
        "AGO",
        "2000",
        point=20000,
        use="judge",
        reason="A claim that is not the one of that number here.",
    ),
    figure(
        "TOT005",
        "WLD",
        "2000",
        "revenue_total",
        5e6,
        unit="USD/year",
        use="judge",
        reason="A claim.",
    ),
    figure(
        "YEM010",
        "YEM",
        "2000",
        "deaths",
        3,
        use="judge",
        reason="A claim that nothing here can test.",
    ),
]


def write_other(folder: Path, rows=OTHER, values=None) -> Path:
    """Write a ledger of hosts, classes and years that are not the project's, with a scenario of its
    own; return its folder."""
    write_ledger(folder, rows, OTHER_HOSTS, range(1995, 2026))
    (folder / "scenarios").mkdir()
    changes = {"title": "Before the sanctions", "first_year": 1995, "last_year": 2004} | (
        values or {}
    )
    (folder / "scenarios" / "baseline.yml").write_text(
        "".join(f"{name}: {value}\n" for name, value in changes.items()), encoding="utf-8"
    )
    return folder


@pytest.fixture
def small_ledger(tmp_path):
    """A folder with a small ledger."""
    return write_ledger(tmp_path / "data")


def make_project(folder: Path) -> Path:
    """Copy the project into ``folder``, with a small ledger, three hosts and a short sampler;
    return its root."""
    root = folder / "project"
    root.mkdir()
    for name in ("notebooks", "scenarios", "book", "results"):
        shutil.copytree(
            ROOT / name, root / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints")
        )
    for path in (root / "results").glob("*.*"):  # the published numbers are those of another ledger
        path.unlink()
    for name in ("pipeline.yml", "_config.yml", "_toc.yml", "CITATION.cff"):
        shutil.copy2(ROOT / name, root / name)
    write_ledger(root / "data")
    return root


@pytest.fixture
def project(tmp_path):
    """A copy of the project with a small ledger, three hosts and a short sampler."""
    return make_project(tmp_path)


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that must occur in a file."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} has no {old!r}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def cells(notebook: Path) -> list[dict]:
    """Return the cells of a stored notebook."""
    return json.loads(notebook.read_text(encoding="utf-8"))["cells"]


class _Page(HTMLParser):
    """The addresses that a page's elements name, and the anchors that it has."""

    def __init__(self, path: Path):
        super().__init__()
        self.addresses, self.anchors = set(), set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("href", "src", "xlink:href"):
                self.addresses.add(value or "")
            elif name in ("id", "name"):
                self.anchors.add(value)


def broken_links(html: Path) -> list[str]:
    """Return the links inside a built book that lead nowhere: to no page, anchor or download."""
    pages = {
        path: _Page(path) for path in sorted(html.rglob("*.html")) if "_static" not in path.parts
    }  # the theme leaves a template there
    broken = []
    for path, page in pages.items():
        for address in sorted(page.addresses):
            if re.match(r"^(https?:|mailto:|data:|javascript:|#?$)", address):
                continue
            name, _, anchor = address.partition("#")
            anchor = (
                "" if "=" in anchor else anchor
            )  # the state of the explorer, no place on the page
            target = (path.parent / name.split("?")[0]).resolve() if name else path
            if not target.exists() or (
                anchor and target in pages and anchor not in pages[target].anchors
            ):
                broken.append(f"{path.relative_to(html)} -> {address}")
    return broken


# --- the built book in Chromium
# --------------------------------------------------------------------

HTML = ROOT / "build" / "baseline" / "html"
SIZES = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture(scope="session")
def browser():
    """An installed Chromium, one for all tests: Playwright can be started once in a process."""
    from playwright.sync_api import sync_playwright

    from exportedlabour.book import pdf

    path = pdf.chromium()
    assert path, "no Chromium is installed; on Debian: apt-get install chromium"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield started
        started.close()


def wait_for(page, expression: str, arg=None, seconds: float = 15) -> None:
    """Wait until an expression holds in a page. Playwright's own way would have the page evaluate
    a text, which its policy forbids."""
    ends = time.monotonic() + seconds
    while not page.evaluate(expression, arg):
        assert time.monotonic() < ends, f"it never was so: {expression}"
        page.wait_for_timeout(50)


@contextlib.contextmanager
def served(folder: Path):
    """Serve a folder on this machine; give its address."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="session")
def site():
    """The address of the built book on this machine."""
    with served(HTML) as address:
        yield address


@pytest.fixture(params=list(SIZES))
def page(request, browser, site):
    """A page on a desk and on a phone that must not ask anything of another host, nor fail in a
    script."""
    context = browser.new_context(viewport=SIZES[request.param], accept_downloads=True)
    opened = context.new_page()
    opened.set_default_timeout(15_000)
    opened.elsewhere, opened.errors = [], []
    context.route(
        re.compile(rf"^(?!{re.escape(site)}|data:|blob:)"),
        lambda route: (opened.elsewhere.append(route.request.url), route.abort()),
    )
    opened.on("pageerror", lambda error: opened.errors.append(str(error)))
    yield opened
    assert opened.elsewhere == []  # nothing was asked of another host
    assert opened.errors == []
    context.close()
