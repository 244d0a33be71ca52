"""Who copies whom: which figures count as evidence of their own, and how many there are."""

import pandas as pd


def is_copy(figures: pd.DataFrame, threshold: float) -> pd.Series:
    """Return for each figure whether it is read as a copy: its probability of copying is ``threshold`` or more.

    A copy repeats an earlier member of its lineage with rounding, so it says nothing new about the host.
    """
    return figures["copy_probability"] >= threshold


def effective_number(figures: pd.DataFrame) -> float:
    """Return the effective number of independent figures among those of one host and year.

    A figure counts with its probability of not being a copy; figures of one lineage count together
    as one at most, as they share one error.
    """
    own = 1.0 - figures["copy_probability"]
    alone = own[figures["lineage"] == ""].sum()
    together = own[figures["lineage"] != ""].groupby(figures["lineage"]).sum().clip(upper=1.0).sum()
    return float(alone + together)
