"""The numbers that sentences quote."""

import pytest

from exportedlabour.exhibits import numbers


def test_a_quoted_name_has_to_be_one_that_is_made():
    row = {"median": 10.0} | {
        f"{end}{level}": 10.0 for end in ("lo", "hi") for level in (50, 80, 95)
    }
    headline = numbers.Headline()
    headline.interval("world", row, str, quoted=("world", "world_80", "world_hi95"))
    assert {"world", "world_80", "world_hi95"} <= set(headline.entries)
    with pytest.raises(ValueError, match="world_90: an interval called world has no such name"):
        headline.interval("world", row, str, quoted=("world_90",))


def test_a_quoted_name_has_to_be_made_or_stands_for_something_else():
    headline = numbers.Headline()
    headline.put("one", 1, "1")
    headline.quoted("one")
    with pytest.raises(ValueError, match="two: quoted, and no number of that name was made"):
        headline.quoted("one", "two")
    headline.quoted("one", "two", otherwise="not here")
    assert {name: entry["text"] for name, entry in headline.entries.items()} == {
        "one": "1",
        "two": "not here",
    }
