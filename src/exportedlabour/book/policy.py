"""What a page may run and load: a content security policy in the head of every page.

A page runs the script files of the book and the few lines that the theme writes into every page. It
runs no other script in its text, no handler in an attribute and no address that is a script. The
lines of the theme are taken from the search page and the index, which hold no text of a ledger.

Standard: Content Security Policy Level 3 (W3C). ``file:`` lets a page that was opened from a folder
load what ``'self'`` lets it load from a server.
"""

import base64
import hashlib
from collections.abc import Iterable

# Types of a script that browsers run; all others are blocks of data.
RUN = ("", "module", "text/javascript", "application/javascript")
PAGE_NAME = (  # the one line of the theme that differs by page
    "DOCUMENTATION_OPTIONS.pagename = '{name}';"
)
OURS = "'self' file:"


def runs(kind: str | None) -> bool:
    """Return whether browsers run a script whose attribute ``type`` is ``kind``."""
    return (kind or "").strip().lower() in RUN


def known_scripts(pages: Iterable) -> list[str]:
    """Return the code of every script within the text of pages (trees of lxml) that hold nothing
    but the theme's own text, each once."""
    found = {
        script.text or "": None
        for page in pages
        for script in page.iter("script")
        if script.get("src") is None and runs(script.get("type"))
    }
    return [code for code in found if not code.startswith("DOCUMENTATION_OPTIONS.pagename")]


def digest(code: str) -> str:
    """Return the SHA-256 of a script in base 64, as a policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"


def meta(name: str, known: Iterable[str]) -> str:
    """Return the element that gives the page ``name`` ("notebooks/money") its policy; ``known`` is
    of ``known_scripts``."""
    allowed = " ".join(digest(code) for code in (*known, PAGE_NAME.format(name=name)))
    policy = {
        "default-src": OURS,
        "script-src": f"{OURS} {allowed}",
        "script-src-attr": "'none'",
        "style-src": f"{OURS} 'unsafe-inline'",  # widths of columns and colours of charts
        "img-src": f"{OURS} data:",
        "font-src": f"{OURS} data:",
        "object-src": "'none'",
        "frame-src": "'none'",
        "worker-src": "'none'",
        "base-uri": "'none'",
        "form-action": OURS,
    }
    content = "; ".join(f"{key} {value}" for key, value in policy.items())
    return f'<meta http-equiv="Content-Security-Policy" content="{content}"/>'
