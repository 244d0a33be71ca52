"""A Sphinx extension: the numbers of the prose, and which pages a change of some of them makes anew.

MyST takes its substitutions from the configuration, any change of which makes every page anew. Here they come from a file, and a
page is read again if one that it names has changed. A page that shows something of another, such as its title, is written again
when that has changed, which Sphinx by itself does not see; and the list of documents cited is made anew when a citation has changed.
"""

import json
import re
from dataclasses import replace
from pathlib import Path

from sphinxcontrib.bibtex.domain import BibtexDomain

from .headline import FOR_PROSE

NAMED = re.compile(r"\{\{(.*?)\}\}")


def named(text: str, numbers: dict[str, str]) -> dict[str, str]:
    """Return those of ``numbers`` that a page names between double braces."""
    words = {word for inside in NAMED.findall(text) for word in re.findall(r"\w+", inside)}
    return {name: numbers[name] for name in sorted(words & numbers.keys())}


def give(app) -> None:
    """Hand the numbers to MyST, after it has read its configuration; a book without the file has none."""
    path = Path(app.srcdir) / FOR_PROSE
    numbers = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    app.env.myst_config = replace(app.env.myst_config, substitutions=numbers)


def changed(app, env, added, changed, removed) -> list[str]:
    """Return the pages of which a number has changed since they were read."""
    numbers = env.myst_config.substitutions
    return [page for page, told in named_by_page(env).items() if told != {name: numbers.get(name) for name in told}]


def named_by_page(env) -> dict[str, dict[str, str]]:
    """Return, by page, the numbers that it had when it was read; Sphinx keeps them with all else that it knows of pages."""
    if not hasattr(env, "numbers_of_pages"):
        env.numbers_of_pages = {}
    return env.numbers_of_pages


def note(app, page: str, source: list[str]) -> None:
    """Note the numbers of a page that is being read."""
    named_by_page(app.env)[page] = named(source[0], app.env.myst_config.substitutions)


def forget(app, env, page: str) -> None:
    """Forget a page."""
    named_by_page(env).pop(page, None)


def shown_elsewhere(env) -> list:
    """Return what pages show of one another: titles, names that links lead to, the contents, documents cited.

    Sphinx itself sees to the numbers of sections and figures.
    """
    names = env.domains["std"]
    return [
        {page: title.astext() for page, title in {**env.titles, **env.longtitles}.items()},
        dict(names.labels), dict(names.anonlabels), dict(names.objects), dict(env.toctree_includes),
        citations(env.domains["cite"]) if "cite" in env.domains else [],
    ]  # fmt: skip


def remember(app, env, pages: list[str]) -> None:
    """Remember what pages showed of one another before any is read."""
    if not env.titles:
        return
    app.shown_before = shown_elsewhere(env)
    if "cite" in env.domains:
        env.domains["cite"].cited_before = citations(env.domains["cite"])


def affected(app, env) -> list[str]:
    """Return the pages to write again: all of them if anything that one shows of another has changed."""
    before = getattr(app, "shown_before", None)
    return sorted(env.found_docs) if before is not None and before != shown_elsewhere(env) else []


def citations(cited: BibtexDomain) -> list:
    """Return what the list of documents follows from, but for the files of sources: who cites what, and where it is listed."""
    listed = [
        (key, [(name, node["ids"]) for name, node in sorted(value.citation_nodes.items())]) for key, value in cited.bibliographies.items()
    ]
    named = sorted(((each.docname, [target.key for target in each.targets]) for each in cited.citation_refs), key=lambda each: each[0])
    return [listed, named, len(cited.citations)]


class Citations(BibtexDomain):
    """The documents cited, put into words only where a citation has changed: there are hundreds of them."""

    cited_before: list | None = None

    def env_updated(self) -> list[str]:
        """Do what sphinxcontrib-bibtex does, unless it has been done for the same citations."""
        if self.cited_before is not None and self.cited_before == citations(self):
            return []
        return list(super().env_updated())


def take_over(app, config) -> None:
    """Put ``Citations`` in the place of the domain of sphinxcontrib-bibtex, if the book cites documents."""
    if "sphinxcontrib.bibtex" in app.extensions:
        app.add_domain(Citations, override=True)


def setup(app) -> dict:
    """Connect to Sphinx."""
    app.connect("config-inited", take_over)
    app.connect("builder-inited", give, priority=900)
    app.connect("env-purge-doc", forget)
    app.connect("source-read", note)
    app.connect("env-get-outdated", changed)
    app.connect("env-before-read-docs", remember)
    app.connect("env-updated", affected)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
