"""Steps in their order, several at once: each as soon as those before it are done.

graphlib knows which are ready, and threads wait for the processes that do the work.
"""

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter
from typing import Any


def run(
    before: Mapping[str, Collection[str]],
    work: Callable[[str], bool],
    jobs: int,
    turn: Callable[[str], Any],
) -> set[str]:
    """Do the ``work`` of every step once.

    Parameters
    ----------
    before : by step, those that have to be done before it.
    work : does a step, in a thread; returns whether that went well.
    jobs : steps at once.
    turn : of those that are ready, the one with the lowest value begins first.

    Returns
    -------
    The steps that were not begun, because one before them went wrong.

    Raises
    ------
    graphlib.CycleError
        If steps wait for one another.
    Exception
        What ``work`` raises; no step begins after it.
    """
    order = TopologicalSorter(before)
    order.prepare()
    ready, running, wrong, blocked = [], {}, set(), set()
    pool = ThreadPoolExecutor(jobs)
    try:
        while order.is_active():
            ready = sorted([*ready, *order.get_ready()], key=turn)
            for name in [name for name in ready if not (wrong | blocked).isdisjoint(before[name])]:
                blocked.add(name)
                ready.remove(name)
                order.done(name)
            while ready and len(running) < jobs:
                name = ready.pop(0)
                running[pool.submit(work, name)] = name
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                name = running.pop(future)
                if not future.result():
                    wrong.add(name)
                order.done(name)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return blocked


def longest_chains(before: Mapping[str, Collection[str]], seconds: Mapping[str, float]) -> dict:
    """Return by step the seconds of the longest chain of steps that starts with it.

    Steps with long chains should begin first.
    """
    chains = dict(seconds)
    for name in reversed([*TopologicalSorter(before).static_order()]):
        for earlier in before[name]:
            chains[earlier] = max(chains[earlier], seconds[earlier] + chains[name])
    return chains
