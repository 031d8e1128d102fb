"""Where the processes of one server add up their counts: a folder of its own for each `maillage serve` of a home.

prometheus-client reads its place in the environment when it is imported, and each worker process maps a file there.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
LOCK = "server.lock"


def open_folder(home: Path) -> Path:
    """A new folder, told to the processes to come; it is locked until this one ends. Removes those of dead servers."""
    parent = home / "metrics"
    parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    for old in parent.iterdir():
        if _is_abandoned(old):
            shutil.rmtree(old, ignore_errors=True)
    # Locked under a name that nobody looks at, then shown: so that it never seems abandoned.
    folder = Path(tempfile.mkdtemp(prefix=".new-", dir=parent))
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    shown = folder.with_name(folder.name.removeprefix(".new-"))
    folder.rename(shown)
    os.environ[VARIABLE] = str(shown)
    return shown


def _is_abandoned(folder: Path) -> bool:
    """Whether its server has gone: the kernel opens the lock of a process that dies."""
    try:
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return not folder.name.startswith(".new-")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True
