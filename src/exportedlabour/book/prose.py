"""Numbers in sentences: a name between double braces is replaced by the text of a number.

No template engine reads a page. MyST's own substitutions, which would evaluate what stands between
the braces, are switched off. Names are looked up once, and only in what the project wrote (the
pages of book/, the cells of notebooks), before any text of a ledger or a scenario is added.
"""

import re
from collections.abc import Mapping

from ..project import InputError

# Code, which keeps its braces: a fenced block, or a span with equally many backticks at both ends.
PIECE = re.compile(
    r"^(?P<fence>`{3,}|~{3,})[^\n]*\n.*?^(?P=fence)[`~]*["
    r" \t]*$|(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)"
    r"|\{\{(?P<name>[^{}\n]*)\}\}",
    re.DOTALL | re.MULTILINE,
)


def filled(text: str, numbers: Mapping[str, str], where: str) -> str:
    """Return Markdown with each ``{{ name }}`` outside code replaced by ``numbers[name]``.

    Parameters
    ----------
    text : Markdown that the project wrote.
    numbers : the text of each name, already escaped for Markdown.
    where : what a message calls the page.

    Raises
    ------
    InputError
        If a name has no number; the message has the page, the line and the name.
    """

    def put(match: re.Match) -> str:
        if match["name"] is None:
            return match[0]
        name = match["name"].strip()
        if name in numbers:
            return numbers[name]
        line = text.count("\n", 0, match.start()) + 1
        raise InputError(
            f"{where}, line {line}: {{{{ {name} }}}} is the name of no number that was made, those"
            " of headline.json; the last good book is left in place."
        )

    return PIECE.sub(put, text)
