"""Answers kept in the memory of a process, by what they answer, up to so many bytes.

An answer about rows that have changed since is never asked for again: it is let go at once (`of`, `among`), or memory would
grow up to the bound whatever the size of the data, and hold on to read models that were replaced.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

Key = tuple[Any, ...]
OVERHEAD = 500  # bytes of a key and of its place, whatever the size of the answer


class Kept:
    """The last answers, by what they answer, up to so many bytes; for several threads."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self._found: OrderedDict[Key, tuple[Any, int]] = OrderedDict()
        self._bytes = 0
        self._state: object = None
        self._lock = threading.Lock()

    def get(self, key: Key) -> Any:
        """The answer, or None."""
        with self._lock:
            if key not in self._found:
                return None
            self._found.move_to_end(key)
            return self._found[key][0]

    def put(self, key: Key, answer: Any, size: int) -> None:
        """Keeps an answer of about `size` bytes in place of the oldest."""
        size += OVERHEAD
        with self._lock:
            self._bytes += size - self._found.pop(key, (None, 0))[1]
            self._found[key] = (answer, size)
            while self._bytes > self.most_bytes and len(self._found) > 1:
                self._bytes -= self._found.popitem(last=False)[1][1]

    def of(self, state: object) -> Kept:
        """This memory, emptied when it held answers of another state."""
        with self._lock:
            if state != self._state:
                self._found.clear()
                self._bytes, self._state = 0, state
        return self

    def among(self, firsts: frozenset[Any]) -> None:
        """Forgets the answers whose key begins with none of these."""
        with self._lock:
            if firsts != self._state:
                self._state = firsts
                for key in [key for key in self._found if key[0] not in firsts]:
                    self._bytes -= self._found.pop(key)[1]

    def clear(self) -> None:
        """Forgets everything."""
        with self._lock:
            self._found.clear()
            self._bytes = 0
