"""One run at a time on one home."""

import multiprocessing as mp
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from migflow.locking import HomeInUseError, only_one


def _hold(home: Path, ready, done) -> None:
    with only_one(home, "run abc"):
        ready.set()
        done.wait(20)


def _other_process(home: Path):
    context = mp.get_context("spawn")
    ready, done = context.Event(), context.Event()
    process = context.Process(target=_hold, args=(home, ready, done))
    process.start()
    assert ready.wait(20)
    return process, done


def test_second_run_is_refused_and_told_who_holds_the_home(tmp_path):
    process, done = _other_process(tmp_path)
    with (
        pytest.raises(HomeInUseError, match=f"run abc .process {process.pid} on .* since 20"),
        only_one(tmp_path, "me"),
    ):
        pass
    done.set()
    process.join(20)


def test_second_run_waits_until_the_first_ends(tmp_path):
    process, done = _other_process(tmp_path)
    told = []
    threading.Timer(0.5, done.set).start()
    with only_one(tmp_path, "me", wait_seconds=20, waiting=told.append):
        pass
    assert len(told) == 1 and "run abc" in told[0]
    process.join(20)


def test_waiting_ends_with_the_time_allowed(tmp_path):
    process, done = _other_process(tmp_path)
    start = time.monotonic()
    with pytest.raises(HomeInUseError, match=r"after 0\.3 s"), only_one(tmp_path, "me", wait_seconds=0.3):
        pass
    assert time.monotonic() - start < 5
    done.set()
    process.join(20)


def test_killed_run_leaves_no_lock_behind(tmp_path):
    process, _ = _other_process(tmp_path)
    os.kill(process.pid, signal.SIGKILL)
    process.join(20)
    with only_one(tmp_path, "me"):
        pass


def test_lock_is_free_again_after_an_error(tmp_path):
    with pytest.raises(RuntimeError), only_one(tmp_path, "me"):
        raise RuntimeError
    with only_one(tmp_path, "me again"):
        pass


def test_one_process_cannot_hold_a_home_twice(tmp_path):
    with only_one(tmp_path, "first"), pytest.raises(HomeInUseError, match="first"), only_one(tmp_path, "second"):
        pass
