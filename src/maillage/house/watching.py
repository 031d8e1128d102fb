"""The outermost middleware: numbers each request, measures it, writes one line about it and counts it."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

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
        started = time.perf_counter()
        try:
            response = self.get_response(request)
            response.headers["X-Request-ID"] = number
            request.META[PAGE] = page = page_of(request)
            note(page, str(request.method), response.status_code, time.perf_counter() - started)
            return response
        finally:
            REQUEST_ID.reset(token)


def request_id(request: HttpRequest) -> str:
    """The number that a proxy of ours gave, else a new one."""
    return number_of(request.headers.get("X-Request-ID", ""))


def number_of(given: str) -> str:
    """A number given by a header, believed where a proxy of ours stands, else a new one: a stranger chooses nothing."""
    return given if settings.TRUSTED_PROXIES and GIVEN.fullmatch(given) else secrets.token_hex(8)


def note(page: str, method: str, status: int, seconds: float, number: str = "") -> None:
    """One answer: counted, and written where lines of requests are wanted. `number` where no context holds it."""
    method = method if method in METHODS else "other"
    metrics.count_request(page, method, status, seconds)
    if LOG.isEnabledFor(logging.INFO):
        fields = {"page": page, "method": method, "status": status, "ms": round(seconds * 1000, 1)}
        fields |= {"request_id": number} if number else {}
        LOG.info("%s", page, extra={"fields": fields})
