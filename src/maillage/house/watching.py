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
            _note(request, response.status_code, time.perf_counter() - started)
            return response
        finally:
            REQUEST_ID.reset(token)


def request_id(request: HttpRequest) -> str:
    """The number that a proxy of ours gave, else a new one: a stranger chooses nothing that we write."""
    given = request.headers.get("X-Request-ID", "")
    return given if settings.TRUSTED_PROXIES and GIVEN.fullmatch(given) else secrets.token_hex(8)


def _note(request: HttpRequest, status: int, seconds: float) -> None:
    page = page_of(request)
    method = request.method if request.method in METHODS else "other"
    metrics.count_request(page, str(method), status, seconds)
    fields = {"page": page, "method": method, "status": status, "ms": round(seconds * 1000, 1)}
    LOG.info("%s", page, extra={"fields": fields})
