"""A process with many threads gives memory back: two arenas of the C library, whatever the number of threads."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

# Threads that live, each holding a block too small for a mapping of its own: an arena for each, unless they are bounded.
ARENAS = """
import sys, threading
from pathlib import Path
if sys.argv[1] == "bounded":
    from maillage.house.memory import bound_arenas
    assert bound_arenas()
import ctypes
malloc = ctypes.CDLL(None).malloc
ready, leave = threading.Barrier(13), threading.Event()
def hold():
    malloc(100_000)
    ready.wait()
    leave.wait()
threads = [threading.Thread(target=hold) for _turn in range(12)]
for one in threads: one.start()
ready.wait()
starts = [int(line.split("-")[0], 16) for line in Path("/proc/self/maps").read_text().splitlines() if len(line.split()) == 5]
print("arenas", sum(start % (64 << 20) == 0 for start in starts))
leave.set()
"""


def arenas(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", ARENAS, how], capture_output=True, text=True, check=True)
    return int(re.search(r"arenas (\d+)", done.stdout)[1])  # type: ignore[index]


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_threads_share_two_arenas() -> None:
    assert arenas("bounded") <= 2 < arenas("as it comes")


def test_processes_of_pages_are_bounded() -> None:
    source = (Path(__file__).resolve().parents[2] / "src/maillage/house/wsgi.py").read_text(encoding="utf-8")
    assert source.index("bound_arenas()") < source.index("application = _application()") < source.index("\ngive_back()")


# Blocks in use here and there among others that were freed: the pages between them go back only when asked for.
HOLES = """
import ctypes, re, time
from pathlib import Path
from maillage.house.memory import give_back
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]
def resident():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
before = resident()
blocks = [libc.malloc(20_000) for _turn in range(4_000)]
for block in blocks: ctypes.memset(block, 1, 20_000)
for number, block in enumerate(blocks):
    if number % 20: libc.free(block)
held = resident() - before
assert give_back(0.05) is not None
until = time.monotonic() + 10
while resident() - before > held / 3 and time.monotonic() < until: time.sleep(0.05)
print("held", held, "left", resident() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc only")
def test_pages_between_blocks_in_use_go_back_to_the_system() -> None:
    done = subprocess.run([sys.executable, "-c", HOLES], capture_output=True, text=True, check=True)
    held, left = map(int, re.findall(r"\d+", done.stdout))
    assert held > 50_000, "nothing was held: this proves nothing"
    assert left < held / 3
