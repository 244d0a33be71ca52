"""The order of steps: each once, after those before it, the longest chain first."""

import threading
import time
from graphlib import CycleError

import pytest

from exportedlabour.build import schedule

BEFORE = {"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c"), "e": ()}
SECONDS = {"a": 1, "b": 5, "c": 2, "d": 1, "e": 3}


def ran(work, jobs=1, before=BEFORE):
    began = []

    def noted(name):
        began.append(name)
        return work(name)

    ways = schedule.longest_chains(before, {name: SECONDS[name] for name in before})
    blocked = schedule.run(before, noted, jobs, lambda name: -ways[name])
    return began, blocked


def test_the_longest_chain_begins_first():
    assert schedule.longest_chains(BEFORE, SECONDS) == {"a": 7, "b": 6, "c": 3, "d": 1, "e": 3}
    assert ran(lambda name: True)[0] in (list("abecd"), list("abced"))


def test_what_comes_after_a_step_that_went_wrong_is_not_begun_and_all_else_is():
    assert ran(lambda name: name != "b") == (list("abec"), {"d"}) or ran(
        lambda name: name != "b"
    ) == (list("abce"), {"d"})
    assert ran(lambda name: name != "a") == (list("ae"), {"b", "c", "d"})


def test_as_many_run_at_once_as_there_are_jobs_and_no_more():
    lock, now, most = threading.Lock(), [0], [0]

    def work(name):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.05)
        with lock:
            now[0] -= 1
        return True

    before = {name: () for name in SECONDS}
    assert set(ran(work, 2, before)[0]) == set(SECONDS) and most == [2]


def test_an_error_of_the_work_is_raised_and_steps_in_a_circle_are_refused():
    with pytest.raises(ZeroDivisionError):
        ran(lambda name: 1 / 0)
    with pytest.raises(CycleError):
        schedule.run({"a": ("b",), "b": ("a",)}, lambda name: True, 1, str)
