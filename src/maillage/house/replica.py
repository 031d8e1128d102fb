"""Reading from a copy of the database (MAILLAGE_REPLICA_URL) without ever showing somebody less than they have just written.

Only pages that read (GET, HEAD) may read from the copy. After a request that may write, the browser carries for a while
the position of the log at its end (a cookie that says nothing else); until the copy has replayed that position, its pages
read from the primary. Signing in, sessions and roles are always read from the primary, so that what is taken back is taken
back at once. So is everything in a transaction, after a write, or by SQL of our own on the usual connection. A copy that
lags, or does not answer, is left alone, and asked again a little later.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.conf import settings
from django.db import Error, connections
from django.http import HttpRequest, HttpResponse

from maillage.house import database

COOKIE = "maillage_position"
COOKIE_SECONDS = 300  # a copy that lags longer than that is left alone anyway
RETRY_SECONDS = 5.0
SAMPLE_SECONDS = 1.0
ALWAYS_PRIMARY = frozenset({"people", "sessions", "journal", "procrastinate", "contenttypes", "auth", "readmodel"})
SAFE = frozenset({"GET", "HEAD"})
_POSITION = re.compile(r"([0-9A-F]{1,8})/([0-9A-F]{1,8})")
_reads_from_copy: ContextVar[bool] = ContextVar("reads_from_copy", default=False)


def leave_copy() -> bool:
    """Whether this request reads from a copy that has just ceased to answer: it goes on with the primary."""
    if not _reads_from_copy.get():
        return False
    copy = connections["replica"]
    if copy.connection is not None and copy.is_usable():
        return False
    copy.close()
    _reads_from_copy.set(False)
    return True


class Router(database.Router):
    """Sends a read to the copy where the request allows it; a write keeps the rest of its request on the primary."""

    def db_for_read(self, model: object, **hints: object) -> str:
        """The copy, or the application role on the primary."""
        if not _reads_from_copy.get():
            return "default"
        label = str(getattr(getattr(model, "_meta", None), "app_label", ""))
        if label in ALWAYS_PRIMARY or connections["default"].in_atomic_block:
            return "default"
        return "replica"

    def db_for_write(self, model: object, **hints: object) -> str:
        """The application role on the primary."""
        _reads_from_copy.set(False)
        return "default"


def position_of(text: str) -> int | None:
    """A position of the write-ahead log as a number; None for what is none."""
    found = _POSITION.fullmatch(text)
    return (int(found[1], 16) << 32) + int(found[2], 16) if found else None


@dataclass
class Watch:
    """What this process knows of the copy: the position of the primary at an instant, and whether the copy passed it."""

    most_lag_s: float
    sampled: tuple[float, int] = (float("-inf"), 0)
    passed_at: float = float("-inf")
    replayed: int = 0
    asked_at: float = float("-inf")
    silent_until: float = float("-inf")
    lock: threading.Lock = field(default_factory=threading.Lock)

    def may_read(self, wanted: int | None, now: float) -> bool:
        """Whether the copy answers, is not too old, and has replayed the position wanted."""
        with self.lock:
            if now < self.silent_until:
                return False
            too_old = now - self.asked_at > SAMPLE_SECONDS
            if too_old or (wanted is not None and wanted > self.replayed):
                try:
                    self._ask(now)
                except (Error, OSError):
                    connections["replica"].close()
                    self.silent_until = now + RETRY_SECONDS
                    return False
            return now - self.passed_at <= self.most_lag_s and (wanted is None or wanted <= self.replayed)

    def _ask(self, now: float) -> None:
        """The position of the primary, sampled anew each time that the copy has passed the last sample."""
        self.replayed = _position("replica", "pg_last_wal_replay_lsn()")
        self.asked_at = now
        if self.replayed >= self.sampled[1]:
            self.passed_at = self.sampled[0]
            self.sampled = (now, _position("default", "pg_current_wal_lsn()"))
            if self.replayed >= self.sampled[1]:
                self.passed_at = now


def _position(alias: str, function: str) -> int:
    with connections[alias].cursor() as cursor:
        cursor.execute(f"SELECT {function}::text")
        return position_of(str(cursor.fetchone()[0])) or 0


class ReadYourWrites:
    """Middleware: decides where this request reads, and notes the position after one that may have written."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.is_used = "replica" in settings.DATABASES
        self.watch = Watch(most_lag_s=float(settings.REPLICA_MOST_LAG_S))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Without a copy, nothing."""
        if not self.is_used:
            return self.get_response(request)
        if request.method not in SAFE:
            return self._with_position(self.get_response(request))
        carried = request.COOKIES.get(COOKIE, "")
        wanted = position_of(carried)
        from_copy = not (carried and wanted is None) and self.watch.may_read(wanted, time.monotonic())
        token = _reads_from_copy.set(from_copy)
        try:
            response = self.get_response(request)
        finally:
            _reads_from_copy.reset(token)
        if from_copy and carried:
            response.delete_cookie(COOKIE, samesite="Lax")
        return response

    def _with_position(self, response: HttpResponse) -> HttpResponse:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT pg_current_wal_insert_lsn()::text")
            position = str(cursor.fetchone()[0])
        response.set_cookie(
            COOKIE, position, max_age=COOKIE_SECONDS, httponly=True, samesite="Lax", secure=settings.HTTPS
        )
        return response
