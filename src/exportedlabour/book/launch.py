"""Buttons and links that need the public address of the repository (_config.yml).

Without an address there is no button and no link; for a forge that the theme does not know there is
only a link. The theme makes the address of a button from the folder of its page. The page of a host
has no notebook of its own in the repository, so its buttons lead to the template.
"""

import re
from pathlib import Path
from typing import Any

from ..assumptions.scenario import read_yaml
from ..project import InputError

# The forges for which the theme can make the address of a file.
KNOWN = ("github.com", "gitlab.com", "bitbucket.org")
BINDER, COLAB = "https://mybinder.org", "https://colab.research.google.com"
TEMPLATE = "host"


def address(root: Path) -> str:
    """Return the public address of the repository without a slash at its end, or "".

    Raises
    ------
    InputError
        If it is no address of the web.
    """
    url = str(read_yaml(root / "_config.yml").get("repository", {}).get("url") or "").rstrip("/")
    if url and not re.fullmatch(r"https://[\w.-]+/[\w./-]+", url):
        raise InputError(
            f"_config.yml: repository.url is {url!r}; it must be like https://HOST/OWNER/NAME, or"
            " empty."
        )
    return url


def where_to_report(url: str) -> str:
    """Return a sentence in Markdown that says where to report an error."""
    if url:
        return f"Open an issue at [{url}/issues]({url}/issues)."
    return "This edition was built without a public address, so write to whoever gave it to you."


def add_buttons(config: dict[str, Any]) -> None:
    """Switch on the buttons of repository, issues, Binder and Colab.

    The configuration must have the address of a known forge; Colab opens only GitHub.
    """
    url = str(config.get("repository", {}).get("url") or "").rstrip("/")
    if url.removeprefix("https://").split("/")[0] not in KNOWN:
        return
    config["repository"] |= {
        "url": url,
        "path_to_book": "",
        "branch": config["repository"].get("branch", "main"),
    }
    config.setdefault("html", {}).update(use_repository_button=True, use_issues_button=True)
    buttons = config.setdefault("launch_buttons", {})
    buttons |= {"notebook_interface": "jupyterlab", "binderhub_url": BINDER}
    if url.startswith("https://github.com/"):
        buttons["colab_url"] = COLAB


def to_template(address: str) -> str:
    """Return where a launch button of a host's page, which leads to ``address``, should lead: to
    the notebook that makes the page and takes the host as its parameter."""
    return re.sub(
        rf"((?:/blob/[^?]*|urlpath=.*|/tree/.*)notebooks(?:/|%2F){TEMPLATE})_\w+(\.ipynb)",
        r"\1\2",
        address,
    )
