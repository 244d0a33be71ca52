"""Where in the book the row of a published figure stands."""

import pandas as pd

from .ledger import hosts_in


def address_of(figure: pd.Series) -> str:
    """Return where a figure's row stands in the book, seen from a page of notebooks/: the page of
    the first host it names."""
    return address(figure["figure_id"], figure["hosts"])


def address(figure_id: str, hosts: str) -> str:
    """Return where the row of a figure about ``hosts`` stands, as ``address_of`` does."""
    return f"host_{hosts_in(hosts)[0]}.html#{figure_id}"
