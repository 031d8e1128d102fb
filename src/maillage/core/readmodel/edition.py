"""The edition of what the public reads: a number of this process that changes when a watched table did.

It is asked of the log that triggers write (changes.py), twice a second at most and by one thread; and at once after any
process of this machine answered something else than a GET, so that who writes then reads what was written.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import close_old_connections, connection

from maillage.core.readmodel.changes import FORGET_AFTER

CHECK_S = 0.5
LATE_S = 2.0  # a check that lasts so long is waited for
FORGOTTEN_S = 1_800.0  # changes are kept an hour: what this process last saw may be older
PAGES = "pages"
TOUCHED = "edition"

_ASK = """
WITH here AS (SELECT pg_current_snapshot() AS seen, COALESCE(%(since)s::pg_snapshot, pg_current_snapshot()) AS since)
SELECT seen::text,
       EXISTS (SELECT 1 FROM readmodel_change WHERE layer = ANY(%(layers)s) AND txid >= pg_snapshot_xmin(since)
               AND NOT pg_visible_in_snapshot(txid, since))
         OR pg_snapshot_xmax(since) > pg_snapshot_xmax(seen),
       (SELECT system_identifier FROM pg_control_system())::text || '-'
         || (SELECT oid FROM pg_database WHERE datname = current_database())::text
FROM here
"""


@dataclass
class Edition:
    """What this process knows of the edition of some layers."""

    layers: tuple[str, ...]
    number: int = 0
    _snapshot: str | None = None
    _database: str = ""
    _asked_at: float = float("-inf")
    _touched_at: int = -1
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def now(self) -> int:
        """The edition as it is now, or was half a second ago at most. Raises django.db.Error with the database away."""
        touched, age = _last_touch(), time.monotonic() - self._asked_at
        if age < CHECK_S and touched == self._touched_at:
            return self.number
        if not self._lock.acquire(blocking=touched != self._touched_at or age > LATE_S):
            return self.number  # another thread is asking
        try:
            if time.monotonic() - self._asked_at >= CHECK_S or touched != self._touched_at:
                self._ask(touched)
            return self.number
        finally:
            self._lock.release()

    def _ask(self, touched: int) -> None:
        asked_at = time.monotonic()
        close_old_connections()
        since = self._snapshot if asked_at - self._asked_at < FORGOTTEN_S else None
        with connection.cursor() as cursor:
            cursor.execute(_ASK, {"since": since, "layers": list(self.layers)})
            snapshot, is_changed, database = cursor.fetchone()
        if is_changed or since is None or database != self._database:
            self.number += 1
        self._snapshot, self._database = snapshot, database
        self._asked_at, self._touched_at = asked_at, touched


def forget_old() -> int:
    """Deletes the lines about whole pages that no process compares with any more; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM readmodel_change WHERE layer = %s AND at < now() - %s::interval", [PAGES, FORGET_AFTER]
        )
        return int(cursor.rowcount)


def touch() -> None:
    """Says to all processes of this machine that something may have been written."""
    path, now = _path(), time.time_ns()
    with suppress(OSError):  # a home that cannot be written: the next check is half a second away at most
        Path(path).touch()
        os.utime(path, ns=(now, now))  # the kernel's own clock moves by steps of some milliseconds


def _last_touch() -> int:
    try:
        return os.stat(_path()).st_mtime_ns  # noqa: PTH116 - two microseconds, at each request
    except OSError:
        return 0


def _path() -> str:
    return f"{settings.HOME}/{TOUCHED}"
