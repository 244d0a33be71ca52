"""Does the refits of the validation, here or on a Dask cluster, so that it can stop and go on.

A piece is a JSON file in a folder; one that is there is not done again. What it depends on (design,
settings, the model's code) is in the name of the folder, so that a changed model starts afresh.
Nothing here changes a result, so that this module is not among what pieces depend on.
"""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, as_completed
from contextlib import contextmanager
from pathlib import Path

from threadpoolctl import threadpool_limits

from ..project import InputError
from .experiments import Piece

DASK_PATIENCE = "20s"


def run(pieces: list[Piece], folder: Path, pool: Executor, say: Callable = print) -> None:
    """Do every piece that is not there yet, as many at once as ``pool`` does, each on one thread.

    Raises
    ------
    InputError
        If a piece fails; the others go on before it is told.
    """
    folder.mkdir(parents=True, exist_ok=True)
    due = [piece for piece in pieces if not (folder / f"{piece.name}.json").exists()]
    say(f"{len(due)} of {len(pieces)} refits to do")
    waiting = {pool.submit(_one, piece): piece for piece in due}
    failed = {}
    began = time.monotonic()
    for count, done in enumerate(as_completed(waiting), 1):
        name = waiting[done].name
        if error := done.exception():
            failed[name] = error
            continue
        part = folder / f"{name}.part"
        part.write_text(json.dumps(done.result()), encoding="utf-8")
        part.replace(folder / f"{name}.json")
        if count % 10 == 0:
            left = (time.monotonic() - began) / count * (len(due) - count) / 60
            say(f"{count} of {len(due)} done, about {left:.0f} minutes left")
    if failed:
        first, error = next(iter(failed.items()))
        raise InputError(
            f"{len(failed)} refits failed, the first is {first}: {error}. What was done is kept."
        )


def _one(piece: Piece) -> dict:
    began = time.monotonic()
    with threadpool_limits(1):
        result = piece.function(*piece.arguments)
    return result | {"seconds": round(time.monotonic() - began, 1)}


@contextmanager
def processes(jobs: int, address: str | None = None) -> Iterator[Executor]:
    """Yield a pool of ``jobs`` processes here, or the workers of the Dask scheduler at ``address``.

    Raises
    ------
    InputError
        If Dask is not installed, or nothing answers at the address.
    """
    if address is None:
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            yield pool
        return
    try:
        from distributed import Client
    except ImportError:
        raise InputError("--dask needs the extra dask: pip install .[dask].") from None
    try:
        client = Client(address, timeout=DASK_PATIENCE)
    except (OSError, ValueError) as error:
        raise InputError(f"--dask {address}: no scheduler answers there ({error}).") from None
    with client, client.get_executor() as pool:
        yield pool
