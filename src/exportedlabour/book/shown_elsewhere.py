"""A Sphinx extension: which pages are written again when one of them has changed.

A page that shows something of another, such as its title, is written again when that has changed,
which Sphinx by itself does not see; and the list of documents cited is made anew when a citation
has changed.
"""

from sphinxcontrib.bibtex.domain import BibtexDomain


def shown_elsewhere(env) -> list:
    """Return what pages show of one another: titles, names that links lead to, the contents,
    documents cited.

    Sphinx itself sees to the numbers of sections and figures.
    """
    names = env.domains["std"]
    return [
        {page: title.astext() for page, title in {**env.titles, **env.longtitles}.items()},
        dict(names.labels),
        dict(names.anonlabels),
        dict(names.objects),
        dict(env.toctree_includes),
        citations(env.domains["cite"]) if "cite" in env.domains else [],
    ]


def remember(app, env, pages: list[str]) -> None:
    """Remember what pages showed of one another before any is read."""
    if not env.titles:
        return
    app.shown_before = shown_elsewhere(env)
    if "cite" in env.domains:
        env.domains["cite"].cited_before = citations(env.domains["cite"])


def affected(app, env) -> list[str]:
    """Return the pages to write again: all of them if anything that one shows of another has
    changed."""
    before = getattr(app, "shown_before", None)
    return sorted(env.found_docs) if before is not None and before != shown_elsewhere(env) else []


def citations(cited: BibtexDomain) -> list:
    """Return what the list of documents follows from, but for the files of sources: who cites what,
    and where it is listed."""
    listed = [
        (key, [(name, node["ids"]) for name, node in sorted(value.citation_nodes.items())])
        for key, value in cited.bibliographies.items()
    ]
    named = sorted(
        ((each.docname, [target.key for target in each.targets]) for each in cited.citation_refs),
        key=lambda each: each[0],
    )
    return [listed, named, len(cited.citations)]


class Citations(BibtexDomain):
    """The documents cited, put into words only where a citation has changed: there are hundreds of
    them."""

    cited_before: list | None = None

    def env_updated(self) -> list[str]:
        """Do what sphinxcontrib-bibtex does, unless it has been done for the same citations."""
        if self.cited_before is not None and self.cited_before == citations(self):
            return []
        return list(super().env_updated())


def take_over(app, config) -> None:
    """Put ``Citations`` in the place of the domain of sphinxcontrib-bibtex, if the book cites
    documents."""
    if "sphinxcontrib.bibtex" in app.extensions:
        app.add_domain(Citations, override=True)


def setup(app) -> dict:
    """Connect to Sphinx."""
    app.connect("config-inited", take_over)
    app.connect("env-before-read-docs", remember)
    app.connect("env-updated", affected)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
