"""Kernels that start fast: each notebook has a process of its own, forked from a warm parent.

Nearly all of a small notebook's time is imports. Python's fork server imports the numerical
libraries once, before anything has run in it, and every kernel is forked from that clean state.
Where there is no fork server (Windows) notebooks start as usual.
"""

import contextlib
import multiprocessing
import os
import resource
import threading
import weakref
from pathlib import Path

from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines

from . import warm_parent

NAME = (  # of the papermill engine, and of the provisioner in pyproject.toml
    "exportedlabour-warm"
)
started: "weakref.WeakSet[multiprocessing.Process]" = weakref.WeakSet()
MEMORY = "EXLAB_MEMORY_FILE"  # where a kernel leaves its peak memory, in megabytes


@contextlib.contextmanager
def warm(data: Path):
    """Fork every kernel that starts within the block from a parent that has done the imports.

    The parent has also read the ledger in ``data``.
    """
    if not warm_parent.start(data):
        yield
        return
    factory = KernelProvisionerFactory.instance()
    before = factory.default_provisioner_name
    factory.default_provisioner_name = NAME
    try:
        yield
    finally:
        factory.default_provisioner_name = before
        for kernel in started:  # of a build that was interrupted
            if kernel.is_alive():
                kernel.terminate()
        started.clear()


class Engine(NBClientEngine):
    """The engine of papermill, with an environment and a folder for each kernel.

    papermill itself knows only those of the whole process.
    """

    @classmethod
    def execute_managed_notebook(
        cls, nb_man, kernel_name, *, kernel_env, kernel_folder, start_timeout=60, **_
    ):
        """Execute a notebook in a kernel of its own.

        The kernel has the environment ``kernel_env`` and runs in ``kernel_folder``.
        """
        client = PapermillNotebookClient(
            nb_man,
            kernel_name=kernel_name,
            timeout=None,
            startup_timeout=start_timeout,
            extra_arguments=["--IPKernelApp.log_level=50"],
        )
        return client.execute(env=kernel_env, cwd=kernel_folder)


papermill_engines.register(NAME, Engine)


class WarmProvisioner(LocalProvisioner):
    """Starts an IPython kernel as a fork of the warm parent instead of a new interpreter."""

    async def launch_kernel(self, cmd, **kwargs):
        """Start the kernel that ``cmd`` (a call of ipykernel_launcher) describes."""
        arguments = cmd[cmd.index("-f") :]
        process = multiprocessing.get_context("forkserver").Process(
            target=_serve,
            args=(
                arguments,
                kwargs.get("cwd") or os.getcwd(),
                dict(kwargs.get("env") or os.environ),
            ),
            daemon=False,  # a daemon may start no processes of its own, for chains of a sampler
        )
        process.start()
        started.add(process)
        self.process, self.pid, self.pgid = _Handle(process), process.pid, None
        return self.connection_info


class _Handle:
    """A forked process with the few methods of subprocess.Popen that a provisioner calls."""

    stdin = stdout = stderr = None

    def __init__(self, process: multiprocessing.Process):
        self.process = process

    def poll(self) -> int | None:
        return self.process.exitcode

    def wait(self) -> int | None:
        self.process.join()
        return self.process.exitcode

    def send_signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, number)

    def kill(self) -> None:
        self.process.kill()

    def terminate(self) -> None:
        self.process.terminate()


def _serve(arguments: list[str], folder: str, environment: dict[str, str]) -> None:
    """Be a kernel until it is shut down; leave the peak memory where the environment says."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    threading.Thread(target=_end_with_the_build, daemon=True).start()
    from ipykernel.kernelapp import IPKernelApp

    app = IPKernelApp.instance()
    app.initialize(arguments)
    try:
        app.start()
    finally:
        if place := environment.get(MEMORY):
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            Path(place).write_text(f"{peak:.0f}", encoding="utf-8")


def _end_with_the_build() -> None:
    """End this kernel when the build ends, however that ended: the fork server, which is the parent
    that a kernel would look for by itself, waits for its kernels."""
    multiprocessing.parent_process().join()
    os._exit(1)
