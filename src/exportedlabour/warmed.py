"""Imported by the warm parent of all kernels (``kernels``), and by nothing else: reads once for all of them what most read: the ledger, the draws of workers, the assumptions and the steps.

A kernel looks whether the files are as they were and reads them itself where they are not, so nothing outdated is ever used.
"""

import contextlib
import os
from pathlib import Path

from . import ledger, scenario
from .pipeline import is_own
from .project import InputError, find_root
from .warm_parent import DRAWS, LEDGER
from .workers import draws

if place := os.environ.get(LEDGER):
    with contextlib.suppress(InputError, OSError):  # who needs it will read it again and be told what is wrong
        root = find_root()
        scenario.load(root=root)
        scenario.read_yaml(root / "pipeline.yml")
        ledger.read(Path(place), root / ledger.FOUND_RIGHT if is_own(Path(place), root) else None)
if place := os.environ.get(DRAWS):
    with contextlib.suppress(InputError, OSError, ValueError):
        draws.read_draws(Path(place))
