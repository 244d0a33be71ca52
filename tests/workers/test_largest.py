"""The largest hosts, by hand."""

import numpy as np
import pandas as pd
import pytest

from exportedlabour.workers import largest

HOSTS, YEARS = ("CHN", "RUS", "POL"), np.array([2016, 2017])


def test_the_share_of_some_hosts_is_taken_draw_by_draw():
    draws = np.array([[[1.0, 10.0], [1.0, 20.0], [8.0, 70.0]], [[1, 30], [1, 30], [8, 40]]])
    share = largest.share_of(draws, HOSTS, YEARS, ("RUS", "CHN", "YEM"), 2017)
    assert share["median"] == pytest.approx((0.3 + 0.6) / 2)
    assert largest.share_of(draws, HOSTS, YEARS, ("YEM",), 2017) is None


@pytest.mark.parametrize(
    ("medians", "since"),
    [([3, 3, 3], None), ([1, 3, 3], 2017), ([3, 1, 3], 2018), ([3, 3, 1], 2019)],
)
def test_a_host_is_the_largest_since_the_year_after_it_was_not(medians, since):
    rows = [("CHN", 2016 + i, value, False) for i, value in enumerate(medians)]
    rows += [("RUS", 2016 + i, 2, False) for i in range(3)]
    rows += [("GIN", 2016 + i, 99, True) for i in range(3)]  # nobody counted them
    table = pd.DataFrame(rows, columns=["host", "year", "median", "no_data"])
    assert largest.largest_since(table, "CHN") == since
