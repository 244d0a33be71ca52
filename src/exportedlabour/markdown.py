"""Free text made safe for Markdown."""

import re


def escape(text: str) -> str:
    """Make free text safe inside a Markdown table."""
    return re.sub(r"([\\`*_{}\[\]<>|$#~])", r"\\\1", str(text)).replace("\n", " ")
