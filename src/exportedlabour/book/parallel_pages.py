"""A Sphinx extension: pages are written by as many processes as there are processors, after one has
read them all.

Not every extension that Jupyter Book loads says whether it could be read in parallel, of which
Sphinx would warn.
"""

import os


def setup(app) -> dict:
    """Let Sphinx write in parallel from the moment that all pages are read."""
    app.connect("env-updated", lambda app, env: setattr(app, "parallel", os.cpu_count() or 1))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
