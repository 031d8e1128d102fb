"""The list of erased persons, as a file: random numbers that name nobody. Plain Python: a backup writes it without Django."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

NAME = "erased-persons.json"


def listed_in(path: Path) -> set[UUID]:
    """Numbers written in a list; none where there is no list. Raises ValueError for a file that is no list."""
    try:
        return {UUID(one) for one in json.loads(path.read_text(encoding="utf-8"))}
    except FileNotFoundError:
        return set()
    except (TypeError, AttributeError, ValueError) as fault:
        raise ValueError(f"{path} is not a list of erased persons") from fault


def write_list(path: Path, numbers: Iterable[UUID]) -> None:
    """Adds numbers to a list, one writer at a time; nothing that stands in it is ever taken off.

    A damaged list is put aside under another name, for somebody to look at, and a new one begins.
    """
    with _alone(path):
        try:
            known = listed_in(path)
        except ValueError:
            path.replace(path.with_name(f"{path.name}.damaged-{time.time_ns()}"))
            known = set()
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(sorted(str(one) for one in known | set(numbers)), file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Other processes and threads wait; the system lets go by itself when one is killed."""
    handle = os.open(path.with_name(f".{path.name}.lock"), os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
