"""Imported by the warm parent of all kernels (``warm_parent``), and by nothing else: does for all
of them what most do first.

That is their imports, and to read the ledger, the draws of workers, the assumptions and the steps.
A kernel looks whether the files are as they were and reads them itself where they are not, so
nothing outdated is ever used.
"""

import contextlib
import gc
import os
from importlib import import_module
from pathlib import Path

from .warm_parent import DRAWS, EARLY, LEDGER


def warm() -> None:
    """Import and read; who needs what could not be read will read it again and be told what is
    wrong."""
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
                Path(place), root / ledger.FOUND_RIGHT if is_own(Path(place), root) else None
            )
    if place := os.environ.get(DRAWS):
        with contextlib.suppress(InputError, OSError, ValueError):
            draws.read_draws(Path(place))


# all of this stays, so that none of it is to be searched for what could go, here or in a kernel
gc.disable()
try:
    warm()
finally:
    gc.freeze()
    gc.enable()
