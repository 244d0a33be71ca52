"""Formulae: each of the book's becomes MathML, and a page with one asks for no script."""

import re

import pytest
import yaml
from conftest import ROOT, cells
from latex2mathml.converter import convert

from exportedlabour.book import stage

BLOCK, INLINE = (
    re.compile(r"```\{math\}\n(.*?)\n```", re.DOTALL),
    re.compile(r"\{math\}`(.*?)`", re.DOTALL),
)


def formulae():
    """Return every formula of prose and notebooks, with the file that has it."""
    prose = {path: path.read_text(encoding="utf-8") for path in (ROOT / "book").rglob("*.md")}
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        prose[path] = "\n".join(
            "".join(cell["source"]) for cell in cells(path) if cell["cell_type"] == "markdown"
        )
    return [
        (path.name, formula)
        for path, text in prose.items()
        for pattern in (BLOCK, INLINE)
        for formula in pattern.findall(text)
    ]


def test_every_formula_of_the_book_becomes_mathml_with_no_command_left_over():
    found = formulae()
    assert len(found) > 30 and {"workers.ipynb", "money.ipynb"} <= {name for name, _ in found}
    for name, formula in found:
        made = convert(formula)
        assert made.startswith("<math") and "\\" not in made and "merror" not in made, (
            f"{name}: {formula}"
        )


@pytest.mark.parametrize("text", ["Let {math}`x^2` be.", "```{math}\n\\sum_k s_k\n```"])
def test_a_page_with_a_formula_has_mathml_and_no_script_for_it(tmp_path, text):
    book = tmp_path / "book"
    book.mkdir()
    (book / "index.md").write_text(f"# Book\n\n{text}\n", encoding="utf-8")
    (book / "_toc.yml").write_text("format: jb-book\nroot: index\n", encoding="utf-8")
    sphinx = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["sphinx"]
    kept = {
        "extra_extensions": sphinx["extra_extensions"],
        "config": {"html_math_renderer": sphinx["config"]["html_math_renderer"]},
    }
    config = {"title": "x", "execute": {"execute_notebooks": "off"}, "sphinx": kept}
    (book / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    page = (stage.run_jupyter_book(book, tmp_path) / "index.html").read_text(encoding="utf-8")
    assert "<math" in page and not re.search(r"<script[^>]*mathjax", page, re.IGNORECASE)
