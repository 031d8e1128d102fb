"""What the C library keeps of memory that was given back, in a process of many threads.

glibc gives each thread an arena of its own, and keeps in each what its largest page once needed: with 15 threads some 5 MB
a minute for half an hour (benchmarks/README.md). Two arenas are enough for threads that take turns to run Python, and
blocks of a megabyte go back to the system at once.
"""

from __future__ import annotations

import ctypes
import platform
import threading
import time

# Of glibc's malloc.h. A threshold that is set stays: otherwise it grows with the largest block that was freed.
M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
ARENAS, MMAP_BYTES = 2, 1_000_000
TRIM_EVERY_S = 60.0


def bound_arenas() -> bool:
    """Sets both for this process, before it starts its threads; returns whether it could: with glibc only."""
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return bool(mallopt(M_ARENA_MAX, ARENAS)) and bool(mallopt(M_MMAP_THRESHOLD, MMAP_BYTES))


def give_back(every_s: float = TRIM_EVERY_S) -> threading.Thread | None:
    """Gives free pages between blocks in use back to the system, each minute; None where the C library cannot.

    What a large page needed is freed in pieces, among which smaller answers then settle: without this, holes add up.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if platform.libc_ver()[0] == "glibc" else None
    if trim is None:
        return None

    def work() -> None:
        while True:
            time.sleep(every_s)
            trim(0)

    thread = threading.Thread(target=work, name="give memory back", daemon=True)
    thread.start()
    return thread
