"""The outermost middleware: numbers each request, measures it, writes a line, counts it, notes it if it was slow."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from maillage.core.slowness import SlowRequest, note_slow_request
from maillage.house import metrics
from maillage.house.logs import REQUEST_ID, REQUESTS, page_of

LOG = logging.getLogger(REQUESTS)
GIVEN = re.compile(r"[0-9A-Za-z-]{8,64}")
PAGE = "maillage.page"  # in the environment of a request: the name of the page that answered
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class Watching:
    """Adds X-Request-ID. A streamed answer is measured up to its first bytes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, with its number."""
        number = request_id(request)
        token = REQUEST_ID.set(number)
        started, database = time.perf_counter(), Database()
        try:
            with connection.execute_wrapper(database):
                response = self.get_response(request)
            response.headers["X-Request-ID"] = number
            request.META[PAGE] = page = page_of(request)
            took = time.perf_counter() - started
            note(page, str(request.method), response.status_code, took)
            _keep_if_slow(request, response.status_code, took, database)
            return response
        finally:
            REQUEST_ID.reset(token)


def request_id(request: HttpRequest) -> str:
    """The number that a proxy of ours gave, else a new one."""
    return number_of(request.headers.get("X-Request-ID", ""))


def number_of(given: str) -> str:
    """A number given by a header, believed where a proxy of ours stands, else a new one: a stranger chooses nothing."""
    return given if settings.TRUSTED_PROXIES and GIVEN.fullmatch(given) else secrets.token_hex(8)


class Database:
    """Counts the statements of a request and the time they took; sees none of their values."""

    def __init__(self) -> None:
        self.statements, self.seconds = 0, 0.0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        """Measures one statement."""
        started = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            self.statements += 1
            self.seconds += time.perf_counter() - started


def _keep_if_slow(request: HttpRequest, status: int, seconds: float, database: Database) -> None:
    if seconds * 1000 < settings.SLOW_MS:
        return
    method = request.method if request.method in METHODS else "other"
    slow = SlowRequest(timezone.now(), str(request.META[PAGE]), str(method), status, round(seconds * 1000),
                       round(database.seconds * 1000), database.statements, REQUEST_ID.get())  # fmt: skip
    note_slow_request(slow)


def note(page: str, method: str, status: int, seconds: float, number: str = "") -> None:
    """One answer: counted, and written where lines of requests are wanted. `number` where no context holds it."""
    method = method if method in METHODS else "other"
    metrics.count_request(page, method, status, seconds)
    if LOG.isEnabledFor(logging.INFO):
        fields = {"page": page, "method": method, "status": status, "ms": round(seconds * 1000, 1)}
        fields |= {"request_id": number} if number else {}
        LOG.info("%s", page, extra={"fields": fields})
