"""What the commands say, and how they end."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

OK, FAILED, MISUSED, TO_MEND, INTERRUPTED = 0, 1, 2, 3, 130

EXIT_CODES = """\
exit codes:
  0    done
  1    it failed: one sentence says why (--debug shows where in the code)
  2    the command was not understood
  3    it ran, and found something to mend (doctor, journal verify, catalogues check, rows refused by intake)
  130  interrupted by Ctrl+C"""


class Failure(Exception):
    """Ends a command with one plain sentence and an exit code."""

    def __init__(self, sentence: str, code: int = FAILED) -> None:
        super().__init__(sentence)
        self.code = code


def say(line: str) -> None:
    """A line of result, on standard output."""
    print(line, flush=True)


def tell(line: str) -> None:
    """A line about what is going on, on standard error, so that results can be piped."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def step(label: str) -> Iterator[None]:
    """Announces a piece of work and, at its end, the seconds that it took."""
    start = time.monotonic()
    tell(f"· {label} …")
    yield
    tell(f"  {label}: {time.monotonic() - start:.1f} s")


class Progress:
    """Counts on standard error: on one line rewritten in place in a terminal, else a line at most every five seconds."""

    def __init__(self, label: str, total: int | None = None) -> None:
        self.label, self.total, self.done = label, total, 0
        self._last = time.monotonic()
        self._live = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def __call__(self, done: int | str) -> None:
        """Takes a count, or a line in words from a loader."""
        if isinstance(done, str):
            tell(f"  {self.label}: {done}")
            return
        self.done = done
        pause = 0.2 if self._live else 5.0
        is_last = self.total is not None and done >= self.total
        if time.monotonic() - self._last >= pause or is_last:
            self._last = time.monotonic()
            self._show(is_last)

    def _show(self, is_last: bool) -> None:
        of = f" of {self.total} ({100 * self.done // self.total} %)" if self.total else ""
        line = f"  {self.label}: {self.done}{of}"
        if self._live:
            print(f"\r{line}\033[K", end="\n" if is_last else "", file=sys.stderr, flush=True)
        else:
            tell(line)
