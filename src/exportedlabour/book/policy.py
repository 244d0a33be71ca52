"""What a page may run and load: a content security policy in the head of every page.

A page runs the script files of the book and the few lines that the theme writes into every page. It
runs no other script in its text, no handler in an attribute and no address that is a script. The
lines of the theme are taken from the search page and the index, which hold no text of a ledger.

Standard: Content Security Policy Level 3 (W3C). ``file:`` lets a page that was opened from a folder
load what ``'self'`` lets it load from a server.
"""

import base64
import hashlib
import re
from collections.abc import Iterable

INLINE = re.compile(
    r"<script(?P<attributes>[^>]*)>(?P<code>.*?)</script>", re.DOTALL | re.IGNORECASE
)
# The type of a <script> that holds data, which browsers do not run.
DATA = re.compile(r"""type=["'](?!module|text/javascript|application/javascript)""", re.IGNORECASE)
PAGE_NAME = (  # the only line of the theme that differs by page
    "DOCUMENTATION_OPTIONS.pagename = '{name}';"
)
OURS = "'self' file:"


def known_scripts(pages: Iterable[str]) -> list[str]:
    """Return the code of every script in the text of some pages, each once.

    The pages must hold nothing but the theme's own text.
    """
    found = {}
    for page in pages:
        for match in INLINE.finditer(page):
            if "src=" not in match["attributes"] and not DATA.search(match["attributes"]):
                found[match["code"]] = None
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
