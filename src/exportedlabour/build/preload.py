"""Does once, in the warm parent of all kernels, what most notebooks do first.

Only ``warm_parent`` imports it. It imports the numerical libraries and reads the ledger, the draws
of workers, the assumptions and the steps. A kernel checks whether the files have changed and reads
them again if so: nothing outdated is ever used.
"""

import contextlib
import gc
import os
from importlib import import_module
from pathlib import Path

from .warm_parent import DRAWS, EARLY, LEDGER


def warm() -> None:
    """Import and read.

    A file that cannot be read is skipped here. The notebook that needs it reads it again and shows
    the error.
    """
    for name in EARLY:
        with contextlib.suppress(ImportError):
            import_module(name)
    from ..assumptions import scenario
    from ..evidence import ledger
    from ..project import InputError, find_root
    from ..workers import draws
    from .step import is_own

    if place := os.environ.get(LEDGER):
        with contextlib.suppress(InputError, OSError):
            root = find_root()
            scenario.load(root=root)
            scenario.read_yaml(root / "pipeline.yml")
            ledger.read(
                Path(place), root / ledger.CHECKED_LEDGERS if is_own(Path(place), root) else None
            )
    if place := os.environ.get(DRAWS):
        with contextlib.suppress(InputError, OSError, ValueError):
            draws.read_draws(Path(place))


# All of this stays in memory: the garbage collector need not look at it, here or in a kernel.
gc.disable()
try:
    warm()
finally:
    gc.freeze()
    gc.enable()
