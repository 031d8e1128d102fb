"""The compiled loops of the kernels, made beside the rest of the preparation so that no page has to wait for the compiler."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from maillage.house.terminal import step, tell

COMMAND = (sys.executable, "-m", "maillage.kernels.warm")


@contextmanager
def compiling() -> Iterator[None]:
    """Compiles in a process of its own while the block runs, and waits for it at the end of the block.

    Some 20 s the first time, 2 s when all is on disk. A failure is said and stops nothing: pages then compile for themselves.
    """
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(COMMAND, stdout=said, stderr=said)
        try:
            yield
        except BaseException:
            process.terminate()
            process.wait()
            raise
        with step("Compiled loops"):
            code = process.wait()
        if code:
            said.seek(0)
            tell(
                f"The loops could not be compiled beforehand (code {code}): {said.read().decode(errors='replace')[-500:]}"
            )
