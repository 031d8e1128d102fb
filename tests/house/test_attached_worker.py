"""The worker beside the pages is started again when it leaves, and ends with them."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from maillage.house.attached_worker import AttachedWorker

LEAVES_TWICE = """
import pathlib, sys, time
path = pathlib.Path(sys.argv[1])
with path.open("a") as file: file.write("x")
time.sleep(60 if len(path.read_text()) > 2 else 0)
"""


def times(path: Path) -> int:
    return len(path.read_text()) if path.exists() else 0


def test_it_is_started_again_and_ends_for_good(tmp_path: Path) -> None:
    path = tmp_path / "starts"
    worker = AttachedWorker((sys.executable, "-c", LEAVES_TWICE, str(path)), first_pause_s=0.02)
    until = time.monotonic() + 20
    while times(path) < 3 and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(0.3)
    assert times(path) == 3, "it stayed the third time"
    process = worker._process
    assert process is not None and process.poll() is None
    worker.end()
    assert process.returncode is not None
    time.sleep(0.2)
    assert times(path) == 3


def test_it_can_be_ended_between_two_starts(tmp_path: Path) -> None:
    path = tmp_path / "starts"
    worker = AttachedWorker((sys.executable, "-c", LEAVES_TWICE, str(path)), first_pause_s=30)
    assert worker._process is not None
    worker._process.wait(timeout=20)
    worker.end()
    time.sleep(0.2)
    assert times(path) == 1
