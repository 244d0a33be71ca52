"""Free text made safe for Markdown."""

import re

ANYWHERE = re.compile(r"([\\`*_{}\[\]<>|$#~&])")
# What could begin a list, a comment, a target, a fence of colons or a line under a heading.
AT_THE_START = re.compile(r"""^(\d*)([!"%'()+,./:;=?@^-])""")


def escape(text: str) -> str:
    """Return free text on one line as Markdown that shows it and does nothing else, in a sentence,
    a heading or the cell of a table.

    CommonMark 0.31, section 2.4: a backslash makes any mark of punctuation a plain character.
    """
    return AT_THE_START.sub(r"\1\\\2", ANYWHERE.sub(r"\\\1", " ".join(str(text).splitlines())))
