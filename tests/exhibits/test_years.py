"""What of a build is told by name."""

import numpy as np

from exportedlabour.exhibits import years


def test_the_largest_host_is_that_of_the_highest_median_of_the_year():
    draws = np.array(
        [[[9.0, 1.0], [1.0, 3.0]], [[9.0, 2.0], [1.0, 3.0]], [[9.0, 99.0], [1.0, 3.0]]]
    )
    found = [
        years.largest_host(draws, ("CHN", "RUS"), np.array([2016, 2017]), y) for y in (2016, 2017)
    ]
    assert found == ["CHN", "RUS"]
