"""Imported by the warm parent of all kernels (``kernels``), and by nothing else: reads the ledger once for all of them.

A kernel looks whether the files are as they were and reads them itself where they are not, so nothing outdated is ever used.
"""

import contextlib
import os
from pathlib import Path

from . import ledger
from .project import InputError
from .warm_parent import LEDGER

if place := os.environ.get(LEDGER):
    with contextlib.suppress(InputError, OSError):  # who needs it will read it again and be told what is wrong
        ledger.read(Path(place))
