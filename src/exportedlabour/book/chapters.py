"""A Sphinx extension: the chapters beside every page, for the template ``chapters.html``.

The theme would list every page below every chapter on every page, among them one for each host:
measured with 123 pages, a third of the time that Jupyter Book takes, and a megabyte. A page below a
chapter is listed on the page of the chapter, leads to the page before and after it, and is found by
the search.
"""

from sphinx import addnodes


def parts(env, page: str) -> list[dict]:
    """Return the parts of the book as ``page`` shows them.

    Parameters
    ----------
    env : Sphinx's environment, when all pages are read.
    page : a page as Sphinx names it ("notebooks/host_RUS").

    Returns
    -------
    A dictionary for each part: its ``caption``, whether ``page`` is in it (``open``), and its
    ``chapters``, each with ``page``, ``title`` and ``open``.
    """
    found = []
    for tree in env.tocs[env.config.root_doc].findall(addnodes.toctree):
        chapters = [
            {
                "page": name,
                "title": title or env.titles[name].astext(),
                "open": page == name or page in env.toctree_includes.get(name, ()),
            }
            for title, name in tree["entries"]
            if name in env.titles
        ]
        found.append(
            {
                "caption": tree.get("caption") or "",
                "chapters": chapters,
                "open": any(chapter["open"] for chapter in chapters),
            }
        )
    return found


def show(app, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Give the template of a page its parts."""
    context["parts"] = parts(app.env, pagename)


def setup(app) -> dict:
    """Connect to Sphinx."""
    app.connect("html-page-context", show)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
