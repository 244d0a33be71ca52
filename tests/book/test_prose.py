"""Numbers are looked up in sentences; no text is ever evaluated."""

import pytest
from markdown_it import MarkdownIt

from exportedlabour.book import prose
from exportedlabour.exhibits import markdown
from exportedlabour.project import InputError

NUMBERS = {"world": r"76,000", "name": r"\{\{ world \}\}", "share": "12 %"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ world }} people, {{share}}.", "76,000 people, 12 %."),
        ("# {{ world }}\n\n- {{ world }}", "# 76,000\n\n- 76,000"),
        ("Write `{{ world }}`, and {{ world }}.", "Write `{{ world }}`, and 76,000."),
        ("``a `{{ world }}` b`` {{ world }}", "``a `{{ world }}` b`` 76,000"),
        ("```\n{{ world }}\n```\n{{ world }}", "```\n{{ world }}\n```\n76,000"),
        (
            "````md\n```\n{{ world }}\n```\n````\n{{ world }}",
            "````md\n```\n{{ world }}\n```\n````\n76,000",
        ),
        ("~~~\n{{ world }}\n~~~", "~~~\n{{ world }}\n~~~"),
        ("{{ name }}", r"\{\{ world \}\}"),  # what was put in is not looked at again
        ("a { world } b", "a { world } b"),
    ],
)
def test_a_name_outside_code_is_looked_up_once(text, expected):
    assert prose.filled(text, NUMBERS, "book/index.md") == expected


@pytest.mark.parametrize(
    "name", ["world_peek", "7*191", "world.upper()", "''.__class__", "world|upper", "range(3)"]
)
def test_what_is_no_name_is_refused_with_its_line_and_never_evaluated(name):
    with pytest.raises(InputError) as told:
        prose.filled(f"One.\n\n{{{{ {name} }}}}", NUMBERS, "book/index.md")
    assert "book/index.md, line 3" in str(told.value) and name in str(told.value)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "{{ 7*191 }}",
        "1. first",
        "12) first",
        "- item",
        "+ item",
        "* item",
        "# head",
        "> quoted",
        "::: {raw} html",
        "```{raw} html",
        "(target)=",
        "% comment",
        "| a | b |",
        "a_b_c *d* `e` ~~f~~",
        "[x](javascript:alert(1))",
        "![x](y)",
        "&lt;b&gt; &#60;b&#62;",
        "$x^2$",
        "===",
        "---",
        "term\n: definition",
        "a\\",
        "\\{x",
        ": definition",
        "@cite",
        "&amp;",
    ],
)
def test_free_text_is_shown_as_it_is(text):
    """Held to a parser of CommonMark: what it shows is the text, in one paragraph without any
    markup."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(markdown.escape(text))
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    assert {child.type for child in tokens[1].children} <= {"text", "text_special"}
    assert "".join(child.content for child in tokens[1].children) == " ".join(text.splitlines())
