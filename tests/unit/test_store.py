"""The store of finished pieces: resumed, keyed by everything, whole or not at all."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.store import Task, file_digest, finish, key, load


def square(number: int, folder: Path) -> dict[str, float]:
    """A piece of work that leaves a trace of having been done."""
    with (folder / "trace").open("a") as trace:
        trace.write(f"{number}\n")
    return {"value": number**2}


def killed(number: int) -> dict[str, float]:
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"value": number}


def run(folder: Path, numbers: list[int], shared: dict, processes: int = 1) -> list[float]:
    def task(number: int) -> Task:
        return Task(f"n{number}", {"number": number}, lambda: (number, folder))

    files = finish(square, [task(n) for n in numbers], folder / "kept", shared, processes)
    return [float(load(file)["value"]) for file in files]


def done(folder: Path) -> list[int]:
    return [int(line) for line in (folder / "trace").read_text().split()]


@pytest.mark.parametrize("processes", [1, 2])
def test_only_missing_pieces_are_computed_and_the_order_is_kept(tmp_path, processes):
    assert run(tmp_path, [3, 1], {"code": "a"}, processes) == [9, 1]
    assert run(tmp_path, [1, 2, 3], {"code": "a"}, processes) == [1, 4, 9]
    assert sorted(done(tmp_path)) == [1, 2, 3]


def test_anything_shared_that_changes_asks_for_all(tmp_path):
    run(tmp_path, [1], {"code": "a", "sigma": 0.1})
    run(tmp_path, [1], {"code": "b", "sigma": 0.1})
    run(tmp_path, [1], {"code": "b", "sigma": 0.2})
    assert done(tmp_path) == [1, 1, 1]


def test_arguments_are_made_for_missing_pieces_only(tmp_path):
    def refuse() -> tuple:
        raise AssertionError("not needed")

    run(tmp_path, [5], {"code": "a"})
    task = Task("n5", {"number": 5}, refuse)
    (file,) = finish(square, [task], tmp_path / "kept", {"code": "a"})
    assert load(file)["value"] == 25


def test_a_killed_process_is_one_sentence_and_the_rest_is_kept(tmp_path):
    tasks = [Task(f"n{n}", {"n": n}, lambda n=n: (n,)) for n in (1, 2)]
    with pytest.raises(InputError, match="ended from outside.*finished work is kept"):
        finish(killed, tasks, tmp_path, {}, processes=2, label="numbers")
    finish(killed, tasks[:1], tmp_path, {})


def test_a_key_depends_on_values_and_not_on_their_order(tmp_path):
    assert key({"a": 1, "b": 2.5}) == key({"b": 2.5, "a": 1}) != key({"a": 1, "b": 2.0})
    (tmp_path / "one").write_text("x")
    (tmp_path / "two").write_text("y")
    both = file_digest(tmp_path / "one", tmp_path / "two")
    assert both != file_digest(tmp_path / "two", tmp_path / "one") != file_digest(tmp_path / "one")


def test_a_failing_piece_leaves_nothing_behind(tmp_path):
    task = Task("n", {}, lambda: (1, tmp_path / "absent"))
    with pytest.raises(FileNotFoundError):
        finish(square, [task], tmp_path / "kept", {})
    assert not list((tmp_path / "kept").iterdir())
    assert np.isfinite(run(tmp_path, [1], {})[0])


def outlive(folder: Path) -> dict[str, float]:
    """A piece that tells who works on it and takes long."""
    (folder / f"worker{os.getpid()}").touch()
    time.sleep(60)
    return {"value": 0.0}


LONG = """
import sys
from pathlib import Path
sys.path[:0] = {path!r}
from test_store import Task, finish, outlive
folder = Path({folder!r})
finish(outlive, [Task(f"n{{n}}", {{"n": n}}, lambda: (folder,)) for n in (1, 2)], folder, {{}}, 2)
"""


def test_processes_do_not_outlive_the_one_that_started_them(tmp_path):
    text = LONG.format(path=[str(Path(__file__).parent), *sys.path], folder=str(tmp_path))
    started = subprocess.Popen([sys.executable, "-c", text])
    workers: list[int] = []
    while len(workers) < 2:
        assert started.poll() is None
        time.sleep(0.05)
        workers = [int(path.name.removeprefix("worker")) for path in tmp_path.glob("worker*")]
    started.kill()
    started.wait()
    deadline = time.monotonic() + 20
    while any(_runs(worker) for worker in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    left = [worker for worker in workers if _runs(worker)]
    for worker in left:
        os.kill(worker, signal.SIGKILL)
    assert not left


def _runs(pid: int) -> bool:
    """Whether there is such a process; one that waits to be buried does not count."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
