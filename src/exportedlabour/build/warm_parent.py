"""The warm parent of all kernels, a fork server that has done the imports.

It has also read the ledger and the draws of workers before the first kernel starts. It is a module
apart from ``kernels``, so that a build can start it first and do its own imports meanwhile.
"""

import contextlib
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import forkserver
from pathlib import Path

# The environment variables that name the ledger and the draws of workers to read.
LEDGER, DRAWS = "EXLAB_WARM_LEDGER", "EXLAB_WARM_DRAWS"
# With one thread, sums are taken in the same order on any number of processors, and steps that run
# side by side do not compete for them.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
EARLY = (  # imports that most kernels need
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "ipykernel.debugger",
    "debugpy.server.api",
    "sqlite3",
    "numpy",
    "scipy.stats",
    "pandas",
    "pyarrow.parquet",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_svg",
    "networkx",
    "arviz",
    "exportedlabour.evidence.ledger",
    "exportedlabour.exhibits.plots",
    "exportedlabour.exhibits.tables",
    "exportedlabour.claims.evaluation",
    "exportedlabour.workers.draws",
    "exportedlabour.money.revenue",
    "exportedlabour.assumptions.scenario",
    "exportedlabour.exhibits.evidence_plots",
    "exportedlabour.book.stage",
    "exportedlabour.sensitivity.scenarios",
    "exportedlabour.review.changes",
)


def start(data: Path, draws: Path | None = None) -> bool:
    """Start the parent for the ledger in ``data``, if none runs yet.

    ``draws`` is the file of draws of workers that the last build left, if it is known: most builds
    do not renew it. False where there is no fork server (Windows).
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return False
    # Without it the debugger, which nobody attaches, would warn on every start.
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    os.environ.update(ONE_THREAD)
    os.environ[LEDGER] = str(data)
    if draws:
        os.environ[DRAWS] = str(draws)
    multiprocessing.get_context("forkserver").set_forkserver_preload(
        ["exportedlabour.build.preload"]
    )
    forkserver.ensure_running()
    return True


@contextlib.contextmanager
def processes(count: int) -> Iterator[Executor]:
    """Give a pool of processes that are forked from the parent.

    Where no parent was started it is a thread that does one task after another.
    """
    pool = (
        ProcessPoolExecutor(count, multiprocessing.get_context("forkserver"))
        if LEDGER in os.environ
        else ThreadPoolExecutor(1)
    )
    with pool:
        yield pool
