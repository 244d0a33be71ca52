"""Warm kernels: each notebook in a process of its own, nothing left over from another, its memory
told."""

import os
import signal
import subprocess
import sys
import threading
import time
from multiprocessing import forkserver

import nbformat
import papermill
import pytest
from conftest import ROOT
from papermill.exceptions import PapermillExecutionError

from exportedlabour.build import kernels, warm_parent


def run(folder, name, code, **environment):
    """Execute one cell of ``code`` in a warm kernel; return what it printed."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "language": "python",
        "display_name": "Python 3",
    }
    source = folder / f"{name}.ipynb"
    nbformat.write(notebook, source)
    done = papermill.execute_notebook(
        str(source),
        str(folder / f"{name}.out.ipynb"),
        kernel_name="python3",
        engine_name=kernels.NAME,
        progress_bar=False,
        kernel_env=os.environ
        | {kernels.MEMORY: str(folder / f"{name}.memory"), "MPLBACKEND": "agg"}
        | environment,
        kernel_folder=str(folder),
    )
    return "".join(output.get("text", "") for output in done.cells[-1].outputs).strip()


def test_outside_the_context_kernels_start_as_usual():
    factory = kernels.KernelProvisionerFactory.instance()
    before = factory.default_provisioner_name
    with kernels.warm(ROOT / "data"):
        pass
    assert factory.default_provisioner_name == before != kernels.NAME


@pytest.fixture(scope="module")
def warm():
    if sys.platform != "win32":
        # one that another test started here, for a ledger of its own
        forkserver._forkserver._stop()
    with kernels.warm(ROOT / "data"):
        yield


@pytest.mark.usefixtures("warm")
def test_each_notebook_has_a_fresh_process(tmp_path):
    first = run(
        tmp_path,
        "first",
        "import os, sys\nimport pandas\npandas.left_over = True\nleft_over = 1\nprint(os.getpid(),"
        " os.getcwd())",
    )
    second = run(
        tmp_path,
        "second",
        "import os, pandas\nprint(os.getpid(), hasattr(pandas, 'left_over'), 'left_over' in"
        " globals())",
    )
    assert first.split()[1] == str(tmp_path)
    assert second.split()[1:] == ["False", "False"]
    assert len({first.split()[0], second.split()[0], str(os.getpid())}) == 3


@pytest.mark.usefixtures("warm")
def test_the_imports_are_done_before_the_notebook_starts(tmp_path):
    loaded = run(
        tmp_path,
        "loaded",
        "import sys\nprint('pandas' in sys.modules, 'matplotlib.pyplot' in sys.modules, 'pymc' in"
        " sys.modules)",
    )
    if sys.platform != "win32":
        assert loaded == "True True False"


@pytest.mark.usefixtures("warm")
def test_a_kernel_collects_its_own_garbage_and_computes_with_one_thread(tmp_path):
    told = run(
        tmp_path,
        "garbage",
        "import gc, numpy\nfrom threadpoolctl import threadpool_info\n"
        "blas = {each['num_threads'] for each in threadpool_info() if each['user_api'] == 'blas'}\n"
        "print(gc.isenabled(), gc.get_freeze_count() > 100_000, blas)",
    )
    if sys.platform != "win32":
        assert told == "True True {1}"


@pytest.mark.usefixtures("warm")
def test_processes_are_lent_that_are_forked_from_the_parent():
    with warm_parent.processes(2) as pool:
        assert [done.result() for done in [pool.submit(abs, -k) for k in range(3)]] == [0, 1, 2]
        there = pool.submit(os.getpid).result()
    if sys.platform != "win32":
        assert there != os.getpid()


def test_where_no_parent_was_asked_for_work_is_done_here(monkeypatch):
    monkeypatch.delenv(warm_parent.LEDGER, raising=False)
    with warm_parent.processes(2) as pool:
        assert pool.submit(os.getpid).result() == os.getpid()


@pytest.mark.usefixtures("warm")
def test_environment_and_memory_are_each_kernels_own(tmp_path):
    said = {}
    threads = [
        threading.Thread(
            target=lambda k=k: said.update(
                {k: run(tmp_path, f"n{k}", "import os\nprint(os.environ['MINE'])", MINE=str(k))}
            )
        )
        for k in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == {0: "0", 1: "1"}
    for k in range(2):
        assert 20 < int((tmp_path / f"n{k}.memory").read_text(encoding="utf-8")) < 5000


@pytest.mark.usefixtures("warm")
def test_an_error_in_a_cell_is_told_and_a_dead_kernel_too(tmp_path):
    with pytest.raises(PapermillExecutionError, match="ZeroDivisionError"):
        run(tmp_path, "wrong", "1 / 0")
    with pytest.raises(Exception, match="[Kk]ernel"):
        run(tmp_path, "dead", "import os\nos._exit(3)")


@pytest.mark.usefixtures("warm")
def test_the_ledger_is_read_before_the_notebook_starts(tmp_path):
    loaded = run(
        tmp_path, "ledger", "from exportedlabour.evidence import ledger\nprint(len(ledger._known))"
    )
    if sys.platform != "win32":
        assert loaded == "1"


SLEEPS = """
import signal
# Started in the background, a process may have been told to ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
import sys
sys.path[:0] = {path!r}
from exportedlabour.build import kernels
from test_kernels import ROOT, run
from pathlib import Path
with kernels.warm(ROOT / "data"):
    code = "import os, time\\nopen('pid', 'w').write(str(os.getpid()))\\ntime.sleep(600)"
    run(Path.cwd(), "sleeps", code)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no fork server")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_no_kernel_is_left_by_a_build_that_is_interrupted(tmp_path, how):
    code = SLEEPS.format(path=[path for path in sys.path if path])
    build = subprocess.Popen(
        [sys.executable, "-c", code], cwd=tmp_path, start_new_session=True, stderr=subprocess.PIPE
    )
    place = tmp_path / "pid"
    _until(lambda: place.is_file() and place.read_text(encoding="utf-8"), 120)
    kernel = int(place.read_text(encoding="utf-8"))
    build.send_signal(how)
    _until(lambda: not _there(kernel), 60)
    assert build.wait(60) != 0


def _there(process: int) -> bool:
    """Whether a process runs; one that has ended may wait to be asked how."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = f"/proc/{process}/stat"
    if not os.path.exists(state):
        return sys.platform != "linux"
    with open(state, encoding="utf-8") as file:
        return file.read().rpartition(")")[2].split()[0] != "Z"


def _until(true, seconds: float) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "it took too long"
        time.sleep(0.1)


@pytest.mark.usefixtures("warm")
def test_a_kernel_may_start_processes_of_its_own(tmp_path):
    code = (
        "import multiprocessing\n"
        "with multiprocessing.get_context('fork').Pool(2) as pool:\n"
        "    print(sum(pool.map(abs, [-1, -2])))"
    )
    assert run(tmp_path, "pool", code) == "3"
