"""A Sphinx extension: what many pages have in common is made once, their contents beside the text
and the code that they fold away.

The contents that the theme makes for a page differ from those of its siblings only in which entry
is the page itself, and a book has a page for every host. Where an entry does not look as expected
the theme makes the contents as it always does.
"""

import re
from posixpath import basename, dirname

from pydata_sphinx_theme.toctree import add_toctree_functions

CURRENT = re.compile(
    r'<li class="(toctree-l\d+) current active"><a class="current reference internal"'
    r' href="#">(.*?)</a></li>'
)
PART, OPEN_PART = '<ul class="nav bd-sidenav">', '<ul class="current nav bd-sidenav">'


def others(text: str, page: str, first_level: bool = False) -> str | None:
    """Return the contents beside ``page`` as they are where none of its siblings is open; None if
    they do not name it once.

    ``page`` is a name as Sphinx has it ("notebooks/host_RUS"), without pages below it; on the first
    level its part is open too.
    """
    if len(CURRENT.findall(text)) != 1 or (first_level and text.count(OPEN_PART) != 1):
        return None
    if first_level:
        text = text.replace(OPEN_PART, PART)
    return CURRENT.sub(
        rf'<li class="\1"><a class="reference internal" href="{basename(page)}.html">\2</a></li>',
        text,
    )


def opened(text: str, page: str, first_level: bool = False) -> str | None:
    """Return the contents of ``others`` as they are beside ``page``; None if they do not name it
    once."""
    entry = re.compile(
        r'<li class="(toctree-l\d+)"><a class="reference internal"'
        rf' href="{re.escape(basename(page))}\.html">(.*?)</a></li>'
    )
    found = list(entry.finditer(text))
    if len(found) != 1:
        return None
    if first_level:
        at = text.rfind(PART, 0, found[0].start())
        text = text[:at] + OPEN_PART + text[at + len(PART) :]
    return entry.sub(
        r'<li class="\1 current active"><a class="current reference internal" href="#">\2</a></li>',
        text,
    )


def siblings(app, page: str) -> tuple[str, str] | None:
    """Return what pages have in common whose contents are the same but for the open entry: the page
    above and the folder.

    None for pages that have pages below them.
    """
    below = app.env.toctree_includes
    above = [name for name, pages in below.items() if page in pages]
    if len(above) != 1 or below.get(page):
        return None
    return above[0], dirname(page)


def share_contents(
    made_before: dict, app, pagename: str, templatename: str, context: dict, doctree
) -> None:
    """Let a page take its contents from a sibling that was written before, which ``made_before``
    keeps."""
    theirs, shared = context.get("generate_toctree_html"), siblings(app, pagename)
    if theirs is None or shared is None:
        return

    first_level = shared[0] == app.config.root_doc

    def generate_toctree_html(kind: str, **options):
        key = (*shared, kind, *sorted(options.items()))
        known = made_before.get(key)
        if known and (text := opened(known, pagename, first_level)):
            return text
        made = theirs(kind, **options)
        if (
            kind == "sidebar"
            and known is None
            and (text := others(str(made), pagename, first_level))
        ):
            made_before[key] = text
        return made

    context["generate_toctree_html"] = generate_toctree_html


def share_from_the_start(app) -> None:
    """Share contents as soon as the theme offers to make them: its next handler already asks for
    them, to see which parts are empty."""
    listeners, made_before = app.events.listeners["html-page-context"], {}

    def offered_and_shared(app, *page) -> None:
        add_toctree_functions(app, *page)
        share_contents(made_before, app, *page)

    listeners[:] = [
        each._replace(handler=offered_and_shared) if each.handler is add_toctree_functions else each
        for each in listeners
    ]


def share_highlighting(app) -> None:
    """Let code that stands on several pages be coloured once."""
    if (bridge := getattr(app.builder, "highlighter", None)) is None:
        return
    theirs, made = bridge.highlight_block, {}

    def highlight_block(
        source: str, lang: str, opts=None, force=False, location=None, **options
    ) -> str:
        key = (source, lang, repr(opts), force, repr(sorted(options.items())))
        if key not in made:
            made[key] = theirs(source, lang, opts, force=force, location=location, **options)
        return made[key]

    bridge.highlight_block = highlight_block


def setup(app) -> dict:
    """Connect both to Sphinx, when all extensions have connected theirs."""
    app.connect("builder-inited", share_highlighting)
    app.connect("builder-inited", share_from_the_start)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
