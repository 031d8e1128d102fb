"""Preparing compiles what pages call, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from maillage.house import compiled
from maillage.house.compiled import compiling

COUNTED = """
from numba.core import event
from maillage.kernels.warm import compile_all

with event.install_recorder("numba:compile") as recorder:
    compile_all()
print(len(recorder.buffer))
"""


@pytest.mark.slow
def test_a_process_that_comes_after_compiles_nothing() -> None:
    with compiling():
        pass
    later = subprocess.run([sys.executable, "-c", COUNTED], capture_output=True, text=True, check=True)
    assert int(later.stdout) == 0


def test_a_failure_to_compile_is_said_and_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(compiled, "COMMAND", (sys.executable, "-c", "raise SystemExit('no room')"))
    with compiling():
        pass
    assert "no room" in capsys.readouterr().err


def test_it_does_not_outlive_a_preparation_that_failed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    body = f"import os, time, pathlib; pathlib.Path({str(mark)!r}).write_text(str(os.getpid())); time.sleep(60)"
    monkeypatch.setattr(compiled, "COMMAND", (sys.executable, "-c", body))

    def prepare() -> None:
        with compiling():
            while not (mark.exists() and mark.read_text()):
                time.sleep(0.01)
            raise RuntimeError("tables")

    with pytest.raises(RuntimeError, match="tables"):
        prepare()
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)
