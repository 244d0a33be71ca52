"""Hostile text in a ledger, its bibliography and a scenario does nothing: not in the build, not on
a page, not in a file."""

import csv
import html
import json
import re
import shutil
import urllib.parse

import pytest
from bs4 import BeautifulSoup
from conftest import SMALL, edit, served, wait_for
from test_book import QUICK, exlab

from exportedlabour.book import policy
from exportedlabour.book.pages import parsed
from exportedlabour.evidence import ledger, schema
from exportedlabour.project import InputError

MARK = "HOSTILE-RAN"  # the file that a command would leave
HOSTILE = (
    "<script>document.title='ran'</script> {{ cycler.__init__.__globals__.os.system('touch"
    f' {MARK}\') }}}} {{{{ 7*1913 }}}} {{% raw %}} "x" & <img src=x'
    ' onerror="document.title=4711"> [go](javascript:document.title) </script></details>'
    " $\\frac$ ::: `{raw}` | a | %s"
)
# What the rules hold to a form: no text of its own stands there.
FORMED = {
    ("figures", "unit"),
    ("figures", "source"),
    ("figures", "sector"),
    ("rates", "series"),
    ("rates", "unit"),
    ("hosts", "region"),
    ("houses", "kind"),
}


def free_columns(table: schema.Table) -> list[str]:
    """The columns of a table in which any text may stand."""
    return [
        column.name
        for column in table.columns
        if column.kind == "text"
        and not (column.options or column.refers or column.pattern)
        and (table.name, column.name) not in FORMED
    ]


def make_hostile(folder) -> set[tuple[str, str]]:
    """Put hostile text into every cell of every free column, and into what refers to it; return the
    columns."""
    tables = {}
    for name in schema.TABLES:
        if (folder / f"{name}.csv").is_file():
            with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
                tables[name] = list(csv.DictReader(file))
    done = set()
    for name, rows in tables.items():
        form = schema.TABLES[name]
        free = free_columns(form)
        for column in form.columns:
            keyed_by = (
                schema.TABLES[column.refers] if column.refers and column.refers in tables else None
            )
            follows = keyed_by is not None and keyed_by.columns[0].name in free_columns(keyed_by)
            for row in rows:
                if (column.name in free or follows) and row[column.name]:
                    row[column.name] += f" {HOSTILE}"
                    done.add((name, column.name))
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, form.names, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return done


BIB = (
    r"<script>document.title='ran'</script> {7*1913} <img src=x onerror=alert(1)> \& \% \$"
    r" [go](javascript:alert(1))"
)


def write_bibliography(folder) -> None:
    """A source whose every field is hostile, as far as the rules of fields let it be."""
    fields = {
        "author": f"{{{BIB}}}",
        "title": f"{{{BIB}}}",
        "year": "2017",
        "note": f"Published 2017-05-01 {BIB}",
        "langid": f"korean {BIB}",
        "publisher": BIB,
        "journal": BIB,
        "booktitle": BIB,
        "series": BIB,
        "edition": BIB,
        "howpublished": BIB,
        "address": BIB,
        "url": "https://example.org/a?b=%3Cscript%3E&c='d'",
    }
    (folder / "sources.bib").write_text(
        "@misc{some-2017,\n" + ",\n".join(f"  {k} = {{{v}}}" for k, v in fields.items()) + "\n}\n",
        encoding="utf-8",
    )


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A small project whose ledger, bibliography and scenario are hostile, built with every type of
    page."""
    import conftest

    place = tmp_path_factory.mktemp("hostile")
    root = conftest.make_project(place)
    rows = [
        row | {"note": row["note"] or "A note.", "reason": row["reason"] or "A reason."}
        for row in SMALL
    ]
    conftest.write_ledger(root / "data", rows)
    columns = make_hostile(root / "data")
    write_bibliography(root / "data")
    baseline = root / "scenarios" / "baseline.yml"
    text = baseline.read_text(encoding="utf-8")
    for name, value in QUICK.items():
        text = re.sub(rf"^({name}: \{{value: )[^,]+", rf"\g<1>{value}", text, flags=re.MULTILINE)
    baseline.write_text(text, encoding="utf-8")
    said = json.dumps(f"Hostile {HOSTILE}")
    for name in ("title", "description"):
        edit(baseline, re.search(rf"^{name}: .*$", text, re.MULTILINE)[0], f"{name}: {said}")
    (root / "scenarios" / "hostile.yml").write_text(
        f"title: {said}\ndescription: {said}\nhost_error_correlation: 0.4\n", encoding="utf-8"
    )
    (root / "data" / "private.csv").write_text("secret\n", encoding="utf-8")
    for scenario in ("baseline", "hostile"):
        done = exlab(root, "build", "--scenario", scenario)
        assert done.returncode == 0, done.stdout + done.stderr
    return root, columns


def pages(root):
    return [
        path
        for path in sorted((root / "build").glob("*/html/**/*.html"))
        if "_static" not in path.parts
    ]


def test_every_free_column_was_hostile(hostile):
    _, columns = hostile
    missing = {
        (name, column) for name, table in schema.TABLES.items() for column in free_columns(table)
    } - columns
    assert missing <= {
        ("events", "source_text"),
        ("copies", "change"),
        ("rates", "note"),
        ("lineages", "lineage"),
        ("ratios", "figure_id"),
        ("figures", "note"),
        ("figures", "reason"),
        ("rates", "source"),
    }, missing


def test_nothing_was_run_by_the_build(hostile):
    root, _ = hostile
    assert not list(root.rglob(MARK))


def test_every_type_of_page_shows_hostile_text_and_runs_none(hostile):
    root, _ = hostile
    shown = 0
    for path in pages(root):
        text = path.read_text(encoding="utf-8")
        name = (
            path.relative_to(next(p for p in path.parents if p.name == "html"))
            .as_posix()
            .removesuffix(".html")
        )
        page = BeautifulSoup(text, "html.parser")
        assert not re.search(r"(?<!\d)13391(?!\d)", page.get_text(" ")), name
        for element in page.find_all(True):
            assert not [key for key in element.attrs if key.lower().startswith("on")], (
                name,
                element,
            )
            for key in ("href", "src", "xlink:href", "action", "formaction"):
                assert not re.match(
                    r"\s*(javascript|vbscript|data:text)", str(element.get(key, "")), re.IGNORECASE
                ), (name, element)
        assert not page.select("img[src='x']") and not page.select("iframe, object, embed, base"), (
            name
        )
        allowed = page.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
        assert (
            "unsafe-eval" not in allowed
            and "script-src-attr 'none'" in allowed
            and page.head.find(True).name == "meta"
        )
        for script in page.find_all("script"):
            if script.get("src"):
                assert not re.match(r"https?:|//|data:", script["src"]), (name, script)
            elif policy.runs(script.get("type")):
                assert policy.digest(script.string) in allowed and "title" not in script.string, (
                    name,
                    script.string,
                )
        shown += "document.title='ran'" in page.get_text()
    assert shown > 15  # the text is there, as text
    assert {
        "comparison",
        "host_RUS",
        "claims",
        "copies",
        "ledger",
        "evidence",
        "explorer",
        "hosts",
        "scenarios",
    } <= {path.stem for path in pages(root)}


def test_nothing_that_is_offered_holds_a_formula_or_another_file(hostile):
    root, _ = hostile
    offered = [
        path
        for path in (root / "build").glob("*/html/**/*")
        if path.suffix in (".csv", ".json") and "_static" not in path.parts
    ]
    assert len(offered) > 20
    for path in offered:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"(?<![\d.])13391(?![\d.])", text), path
        if path.suffix == ".csv":
            for row in csv.reader(text.splitlines()):
                for cell in row:
                    assert not schema.UNSAFE.match(cell) or re.fullmatch(
                        r"[-+]?[\d.]+(e[-+]?\d+)?|-?inf", cell
                    ), (path, cell)
    assert not [path for path in (root / "build").rglob("private.csv")]


def test_headings_in_the_search_index_are_text(hostile):
    root, _ = hostile
    index = (root / "build" / "baseline" / "html" / "searchindex.js").read_text(encoding="utf-8")
    titles = json.loads(index[index.index("{") : index.rindex("}") + 1])["alltitles"]
    assert any("&lt;script&gt;" in title for title in titles) and not any(
        "<" in title for title in titles
    )


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("title", "=HYPERLINK(1)", "formula"),
        ("langid", "=HYPERLINK(1)", "formula"),
        ("langid", "+1", "formula"),
        ("note", "@SUM(1)", "formula"),
        ("title", "right\u202eleft", "printable"),
        ("title", "a\u0007b", "printable"),
        ("note", r"\url{javascript:alert(1)}", "command of LaTeX"),
        ("title", r"\href{javascript:alert(1)}{x}", "command of LaTeX"),
        ("url", "javascript:alert(1)", "must begin with https"),
        ("howpublished", r"\input{/etc/passwd}", "command of LaTeX"),
        ("title", r"{\url{x}}", "command of LaTeX"),
        ("title", "{=1+1}", "formula"),
    ],
)
def test_a_field_of_the_bibliography_that_would_be_carried_out_is_refused(
    small_ledger, name, value, said
):
    path = small_ledger / "sources.bib"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        (
            text[: text.rindex("}")].rstrip().rstrip(",") + f",\n  {name} = {{{value}}}\n}}\n"
            if f"{name} =" not in text
            else re.sub(rf"(?m)^  {name} = .*$", lambda _: f"  {name} = {{{value}}},", text)
        ),
        encoding="utf-8",
    )
    with pytest.raises(InputError) as told:
        ledger.read(small_ledger)
    assert (
        "sources.bib, some-2017" in str(told.value)
        and name in str(told.value)
        and said in str(told.value)
    )


@pytest.mark.parametrize("entry", ["@misc{<b>, title = {A}}", "@unheard{a, title = {A}}"])
def test_a_key_or_a_type_of_the_bibliography_that_is_none_is_refused(small_ledger, entry):
    with (small_ledger / "sources.bib").open("a", encoding="utf-8") as file:
        file.write(entry + "\n")
    with pytest.raises(InputError, match=r"sources\.bib.*must be"):
        ledger.read(small_ledger)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("'=1+1'", "formula"),
        ("[a, b]", "must be a text"),
        ('"a\\u202eb"', "printable"),
        ("2017", "must be a text"),
    ],
)
def test_a_text_of_a_scenario_that_is_none_is_refused(project, value, said):
    from exportedlabour.assumptions import scenario

    (project / "scenarios" / "own.yml").write_text(f"title: {value}\n", encoding="utf-8")
    with pytest.raises(InputError) as told:
        scenario.load("own", project)
    assert "own.yml: title is" in str(told.value) and said in str(told.value)


@pytest.mark.parametrize("name", ["figures.csv", "sources.bib"])
def test_a_link_in_place_of_a_file_of_the_ledger_is_refused(small_ledger, tmp_path, name):
    shutil.move(small_ledger / name, tmp_path / name)
    (small_ledger / name).symlink_to(tmp_path / name)
    with pytest.raises(InputError, match=f"{name}: this is a link"):
        ledger.read(small_ledger)


@pytest.mark.browser
def test_no_hostile_text_runs_in_chromium(hostile, browser):
    """Every page from its folder, and the search page from a server with results and extracts:
    none changes its title, opens a dialogue, reports an error or breaks its policy."""
    root, _ = hostile
    context = browser.new_context()

    def opened(address: str, until=None) -> None:
        page, troubles = context.new_page(), []
        page.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on(
            "console",
            lambda said: troubles.append(said.text) if "Security Policy" in said.text else None,
        )
        page.goto(address)
        if until:
            wait_for(page, until)
        page.wait_for_timeout(150)
        assert page.title() not in ("ran", "4711") and not troubles, (address, troubles)
        page.close()

    for path in pages(root):
        if path.name != "search.html":
            opened(path.as_uri())
            continue
        with served(path.parent) as address:
            opened(
                f"{address}/search.html?q={urllib.parse.quote('Russia script')}",
                "document.querySelector('#search-results li .context')",
            )
    context.close()


def test_the_policy_lets_the_pages_scripts_run_and_no_other():
    texts = (
        "<script>one()</script><script src='x.js'></script><script"
        " type='application/json'>{}</script>",
        "<script>one()</script><script>DOCUMENTATION_OPTIONS.pagename = 'genindex';</script>",
    )
    known = policy.known_scripts(parsed(text) for text in texts)
    assert known == ["one()"]
    made = html.unescape(policy.meta("notebooks/money", known))
    # The hash of "one()", computed apart: printf 'one()' | openssl dgst -sha256 -binary | base64
    assert "'sha256-HR7iaask9daLMRRskMI++QeJtjWDOjyPA6lGzYGzKW4='" in made
    assert policy.digest("DOCUMENTATION_OPTIONS.pagename = 'notebooks/money';") in made
