"""A process that was killed cannot tell its children to leave: they look for themselves."""

from __future__ import annotations

import os
import signal
import threading
import time

SERVED_BY = "MAILLAGE_SERVED_BY"


def leave_with_parent(parent: int) -> None:
    """From now on this process ends gracefully, within about a second, when its parent is no longer `parent`."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="leave with parent", daemon=True).start()


def leave_with_server() -> None:
    """In a process started by `maillage serve` (and by no other server), leave when that one has gone."""
    if os.environ.get(SERVED_BY) == str(os.getppid()):
        leave_with_parent(os.getppid())
