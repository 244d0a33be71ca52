"""A Sphinx extension that escapes the title of a page.

The theme prints the title as markup.
"""

import html


def escape_title(app, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Escape the title that sphinx-book-theme writes above a printed page."""
    if "pagetitle" in context:
        context["pagetitle"] = html.escape(context["pagetitle"])


def setup(app) -> dict:
    """Connect to Sphinx, after the theme has set the title."""
    app.connect("html-page-context", escape_title, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
