"""Two builds side by side, by hand."""

import pandas as pd

from exportedlabour.sensitivity import two_builds


def test_medians_and_intervals_at_years():
    first = pd.DataFrame({"year": [2016, 2017], "median": [1.0, 2.0], "lo80": 0.5, "hi80": 3.0})
    second = first.assign(median=[2.0, 5.0])
    found = two_builds.at_years("workers", first, second, [2017])
    assert found.to_dict("records") == [
        {
            "what": "workers",
            "year": 2017,
            "baseline": 2.0,
            "baseline_lo80": 0.5,
            "baseline_hi80": 3.0,
            "scenario": 5.0,
            "scenario_lo80": 0.5,
            "scenario_hi80": 3.0,
            "ratio": 2.5,
        }
    ]


def test_hosts_that_move_in_either_direction_and_are_not_small():
    first = pd.DataFrame({"host": ["A", "B", "C", "D"], "median": [100.0, 100.0, 10.0, 100.0]})
    second = first.assign(median=[150.0, 50.0, 1000.0, 101.0])
    found = two_builds.hosts_that_move(first, second)
    assert list(found.index) == ["B", "A", "D"]  # halved is more than half as much again
    assert found.loc["B"].tolist() == [100.0, 50.0, 0.5]
