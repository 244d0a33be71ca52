"""Plots as SVG: what a mark that leads somewhere says to whoever points at it or hears it."""

from lxml import etree
from matplotlib import pyplot as plt

from exportedlabour.exhibits import plots

ADDRESS = "host_RUS.html#RUS062&x"


def drawn(address=None):
    import io

    figure, ax = plt.subplots(figsize=(2, 2))
    (mark,) = ax.plot([1], [1], "o")
    mark.set_url(address)
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    plt.close(figure)
    return text.getvalue()


def test_a_mark_that_leads_somewhere_has_a_title_and_the_drawing_is_otherwise_the_same():
    before = drawn(ADDRESS)
    after = plots.with_titles(before, {ADDRESS: 'RUS062: "30,000" <b>'})
    tree = etree.fromstring(after.encode())
    (link,) = tree.iter(f"{plots.SVG}a")
    assert link.get("aria-label") == 'RUS062: "30,000" <b>' and "target" not in link.attrib
    assert link[0].tag == f"{plots.SVG}title" and link[0].text == 'RUS062: "30,000" <b>'
    assert after.startswith("<?xml") and "<!DOCTYPE svg" in after
    link.remove(link[0])
    del link.attrib["aria-label"]
    old = etree.fromstring(before.encode())
    for mark in old.iter(f"{plots.SVG}a"):
        mark.attrib.pop("target", None)
    assert etree.tostring(tree, method="c14n") == etree.tostring(old, method="c14n")


def test_an_address_without_a_title_is_told_itself_and_a_plain_drawing_stays_as_it_is():
    assert 'aria-label="host_RUS.html#RUS062&amp;x"' in plots.with_titles(drawn(ADDRESS), {})
    plain = drawn()
    assert plots.with_titles(plain, {ADDRESS: "x"}) == plain
