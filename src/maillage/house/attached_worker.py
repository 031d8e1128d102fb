"""The worker of `serve --with-worker`: a process beside the pages, started again when it leaves by itself.

It does when its row in procrastinate_workers went (by another worker, after the clock jumped or this machine slept), or
when the database was away for too long. Without this, pages would serve and no letter leave.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from maillage.house.terminal import tell

COMMAND = (sys.executable, "-m", "maillage", "worker", "--attached")
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
LEAVING_S = 20


@dataclass
class AttachedWorker:
    """Starts at once; `end` ends it for good."""

    command: Sequence[str] = COMMAND
    first_pause_s: float = FIRST_PAUSE_S
    _leaving: threading.Event = field(default_factory=threading.Event)
    _process: subprocess.Popen[bytes] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._start()
        threading.Thread(target=self._keep, name="keeper of the worker", daemon=True).start()

    def _start(self) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if not self._leaving.is_set():
                self._process = subprocess.Popen(self.command, start_new_session=True)
            return self._process

    def _keep(self) -> None:
        pause, process = self.first_pause_s, self._process
        while process is not None:
            started = time.monotonic()
            code = process.wait()
            if self._leaving.is_set():
                return
            lasted = time.monotonic() - started
            pause = self.first_pause_s if lasted > LONGEST_PAUSE_S else min(pause * 2, LONGEST_PAUSE_S)
            tell(f"The worker has left with code {code}: it is started again in {pause:.0f} s.")
            if self._leaving.wait(pause):
                return
            process = self._start()

    def end(self) -> None:
        """Lets the job under way finish, for twenty seconds at most."""
        with self._lock:
            self._leaving.set()
            process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(timeout=LEAVING_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
