"""Granian's server, whose worker processes do not see Ctrl+C.

A terminal sends SIGINT to the whole group of processes. A worker that takes it while it starts never leaves (granian
2.8.7: seen one time in four, then killed after 20 s). The main process asks its workers to end by SIGTERM in any case, so
SIGINT is blocked while they are started: a process begins with the mask of the thread that starts it.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from granian import Granian


@contextmanager
def _without_interrupts() -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class PageServer(Granian):  # type: ignore[misc,valid-type]
    """Overrides two private methods of the pinned version; tests/house/test_serving.py holds what they are for."""

    def _spawn_workers(self, *arguments: Any, **named: Any) -> None:
        with _without_interrupts():
            super()._spawn_workers(*arguments, **named)

    def _respawn_workers(self, *arguments: Any, **named: Any) -> None:
        with _without_interrupts():
            super()._respawn_workers(*arguments, **named)
