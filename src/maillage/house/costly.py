"""Documents that take seconds to make leave a thread of the process to those who read pages.

Two are made at a time in a process, one more waits; who comes then is asked to try again. Nobody is counted nor known.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE, WAITING = 2, 1
PATIENCE_S = 20.0
_ENDS = (".pdf", ".xlsx", ".gpkg", "/pdf", "/xlsx", "/gpkg")
BUSY = (
    '<!doctype html><html lang="fr"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>Beaucoup de documents se préparent</title><h1>Beaucoup de documents se préparent en ce moment</h1>"
    '<p>Attendez un instant, puis <a href="">demandez le vôtre de nouveau</a>.</p></html>'
).encode()


def is_costly(path: str) -> bool:
    """Whether an address asks for such a document, by its end."""
    return path.rstrip("/").lower().endswith(_ENDS)


class Workshop:
    """The places where documents are made in this process."""

    def __init__(self) -> None:
        self._inside = threading.BoundedSemaphore(AT_ONCE + WAITING)
        self._working = threading.BoundedSemaphore(AT_ONCE)

    @contextmanager
    def place(self) -> Iterator[bool]:
        """A place for the time of the block; False when there is none."""
        if not self._inside.acquire(blocking=False):
            yield False
            return
        try:
            is_free = self._working.acquire(timeout=PATIENCE_S)
            try:
                yield is_free
            finally:
                if is_free:
                    self._working.release()
        finally:
            self._inside.release()
