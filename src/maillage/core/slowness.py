"""Slow requests, kept a while for whoever runs the site: the name of the page, never its address nor who asked.

One line of JSON each in files beside the data, because a page that is only read must not write in the tables. Appending
one short line is atomic; two files of bounded size take turns. The number is that of the log.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

LARGEST = 2_000_000
KEPT = timedelta(days=30)
_NAMES = ("slow-requests.jsonl", "slow-requests-before.jsonl")


@dataclass(frozen=True)
class SlowRequest:
    """One answer that took longer than SLOW_MS."""

    at: datetime
    page: str
    method: str
    status: int
    ms: int
    database_ms: int
    statements: int
    number: str


def _files() -> list[Path]:
    return [Path(settings.HOME) / name for name in _NAMES]


def note_slow_request(slow: SlowRequest) -> None:
    """Appends one line; a full disk loses the line and not the answer."""
    current, before = _files()
    line = json.dumps(asdict(slow) | {"at": slow.at.isoformat()}, separators=(",", ":"))
    with suppress(OSError):
        if current.exists() and current.stat().st_size > LARGEST:
            current.replace(before)
        handle = os.open(current, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            file.write(f"{line}\n")


def slow_requests(since: datetime | None = None, page: str = "") -> list[SlowRequest]:
    """Those since an instant, of one page or of all, the newest first; 30 days at most."""
    after = max(since or timezone.now() - KEPT, timezone.now() - KEPT)
    found = [one for one in _read() if one.at >= after and page in {"", one.page}]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _read() -> Iterator[SlowRequest]:
    for path in _files():
        with suppress(FileNotFoundError), path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                with suppress(ValueError, TypeError, KeyError):  # a line that a kill or a full disk cut short
                    row = json.loads(line)
                    yield SlowRequest(**row | {"at": datetime.fromisoformat(row["at"])})


def forget_slow_requests(now: datetime) -> int:
    """Removes the file that has nothing of the last 30 days; returns how many files went."""
    gone = 0
    for path in _files():
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < (now - KEPT).timestamp():
                path.unlink()
                gone += 1
    return gone
