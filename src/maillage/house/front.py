"""Before Django: tiles at once, and public pages kept whole, compressed, for as long as nothing of what they show changed.

A page is kept when its view says that it is the same for everybody (core/web/whole.py) and the answer is a 200 without
cookie nor token. It is given to who sends no cookie but those of display and of forms; whoever is signed in passes through.
All that makes one page differ from another is in its key; a page is of one edition of the data and of one minute.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import Error
from django.http import HttpResponse, parse_cookie
from django.http.response import HttpResponseBase
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header

from maillage.core.readmodel.edition import PAGES, Edition, touch
from maillage.core.readmodel.kept import Kept, Key
from maillage.core.rooms import resolve, rooms
from maillage.core.web import display
from maillage.core.web.compression import accepted
from maillage.core.web.whole import MARK, QuickAnswer
from maillage.house import bodies, costly
from maillage.house.postgres_roles import DatabaseProblem
from maillage.house.watching import PAGE, note, number_of

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
StartResponse = Callable[..., object]
Application = Callable[[Environ, Any], Iterable[bytes]]

LONGEST_QUERY = 600
LONGEST_HEADER = 300
OVERHEAD = 2_000  # bytes of a kept page beside its body
MOST_PATTERNS = 200
_KNOWN_VARY = {"accept-encoding", "accept-language", "cookie", "hx-request"}
_OF_ONE_ANSWER = {"content-length", "content-encoding", "etag", "x-request-id", "date"}
_WITH_304 = {"etag", "vary", "cache-control", "content-location", "expires"}
_REASONS = {200: "200 OK", 304: "304 Not Modified"}


@dataclass(frozen=True, slots=True)
class Page:
    """A finished answer."""

    edition: tuple[int, int]
    headers: Headers
    etag: str
    body: bytes
    name: str


class Front:
    """The application as the server sees it."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.bodies, self.workshop = bodies.Bodies(), costly.Workshop()
        self.pages = Kept(settings.KEPT_PAGES_MB * 1_000_000)
        layers = [resolve(one.read_model)().layer for one in rooms() if one.read_model]
        self.edition = Edition((PAGES, *layers))
        self.quick = _quick_answers()
        self.patterns: dict[Key, tuple[Headers, str]] = {}

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """The answer, kept or made."""
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            if not self.bodies.taken(environ):
                return _later(start_response, bodies.BUSY)
            try:
                return self.application(environ, start_response)
            finally:
                touch()
        path: str = environ.get("PATH_INFO", "")
        for prefix, answer in self.quick.items():
            if path.startswith(prefix):
                return self._quickly(prefix, answer, environ, start_response)
        if not costly.is_costly(path):
            return self._whole(environ, start_response)
        with self.workshop.place() as is_free:
            return self._whole(environ, start_response) if is_free else _later(start_response, costly.BUSY)

    def _quickly(
        self, prefix: str, answer: QuickAnswer, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        """A quick answer with the headers that the first of its kind got from the middlewares."""
        started = time.perf_counter()
        key = (prefix, *_place_of(environ))
        pattern = self.patterns.get(key)
        if pattern is None:
            return self._learned(key, environ, start_response)
        try:
            made = answer(environ["PATH_INFO"][len(prefix) :], environ.get("QUERY_STRING", ""), environ)
        except (Error, DatabaseProblem, OSError):  # a connection that broke: Django makes a new one
            made = None
        if made is None:
            return self.application(environ, start_response)
        headers, name = pattern
        return _sent(environ, start_response, Page((0, 0), [*headers, *made.headers], "", made.body, name),
                     (made.status, started))  # fmt: skip

    def _learned(self, key: Key, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        status, headers, answer = self._through(environ)
        if status.startswith("200") and not _has_cookie(headers) and environ["REQUEST_METHOD"] == "GET":
            if len(self.patterns) >= MOST_PATTERNS:
                self.patterns.clear()
            kept = [(name, value) for name, value in headers if name.lower() not in _OF_ONE_ANSWER]
            self.patterns[key] = (kept, environ.get(PAGE, ""))
        start_response(status, headers)
        return answer

    def _whole(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """A kept page, or what the application answers, which is kept if it may be."""
        started = time.perf_counter()
        key = key_of(environ) if self.pages.most_bytes else None
        edition = self._edition() if key is not None else None
        if key is None or edition is None:
            return self.application(environ, start_response)
        page: Page | None = self.pages.of(edition).get(key)
        if page is not None and page.edition == edition:
            return _sent(environ, start_response, page, (200, started))
        if environ["REQUEST_METHOD"] != "GET":
            return self.application(environ, start_response)
        status, headers, answer = self._through(environ)
        if not _may_be_kept(status, headers, answer, environ):
            start_response(status, headers)
            return answer
        page = _page_of(answer, headers, edition, environ.get(PAGE, ""))
        _close(answer)
        self.pages.put(key, page, len(page.body) + OVERHEAD)
        return _sent(environ, start_response, page, None)

    def _edition(self) -> tuple[int, int] | None:
        """Which data and which minute; None with the database away: Django then says so."""
        try:
            return self.edition.now(), int(time.time() // 60)
        except (Error, DatabaseProblem, OSError):
            return None

    def _through(self, environ: Environ) -> tuple[str, Headers, Iterable[bytes]]:
        told: list[tuple[str, Headers]] = []
        answer = self.application(environ, lambda status, headers, *_fault: told.append((status, headers)))
        status, headers = told[-1]
        return status, headers, answer


def key_of(environ: Mapping[str, Any]) -> Key | None:
    """What makes a page differ from another for who is not signed in; None for who may be, and for what is never kept."""
    query = environ.get("QUERY_STRING", "")
    if "HTTP_AUTHORIZATION" in environ or len(query) > LONGEST_QUERY or "%00" in query:
        return None
    languages, codings = environ.get("HTTP_ACCEPT_LANGUAGE", ""), environ.get("HTTP_ACCEPT_ENCODING", "")
    if max(len(languages), len(codings)) > LONGEST_HEADER:  # never cut: what makes the answer would read further
        return None
    shown = ""
    if cookies := environ.get("HTTP_COOKIE", ""):
        parsed = parse_cookie(cookies)
        if not parsed.keys() <= {display.COOKIE, settings.CSRF_COOKIE_NAME}:
            return None
        shown = display.display_from(parsed.get(display.COOKIE, "")).cookie_value()
    return (
        environ.get("PATH_INFO", ""),
        query,
        *_place_of(environ),
        _language(languages),
        accepted(codings),
        shown if shown != _DEFAULT else "",
        environ.get("HTTP_HX_REQUEST", ""),
        environ.get("HTTP_HX_BOOSTED", ""),
    )


_DEFAULT = display.Display().cookie_value()


def _place_of(environ: Mapping[str, Any]) -> Key:
    """The address as the visitor wrote it, as far as answers depend on it."""
    return (
        environ.get("HTTP_HOST", ""),
        environ.get("SERVER_NAME", ""),
        environ.get("SERVER_PORT", ""),
        environ.get("wsgi.url_scheme", ""),
        environ.get("HTTP_X_FORWARDED_PROTO", ""),
        environ.get("SCRIPT_NAME", ""),
    )


@lru_cache(maxsize=512)
def _language(header: str) -> str:
    """The first language of a browser that we have; "" when it asks for none of them."""
    for wanted, _weight in parse_accept_lang_header(header.lower()):
        if wanted == "*":
            break
        try:
            return str(get_supported_language_variant(wanted))
        except LookupError:
            continue
    return ""


def _later(start_response: StartResponse, page: bytes) -> Iterable[bytes]:
    """That too much is asked at once, in words."""
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(page))),
        ("Retry-After", "5"),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ]
    start_response("503 Service Unavailable", headers)
    return [page]


def _has_cookie(headers: Headers) -> bool:
    return any(name.lower() == "set-cookie" for name, _value in headers)


def _may_be_kept(status: str, headers: Headers, answer: object, environ: Environ) -> bool:
    """Whether an answer is whole, said to be everybody's by its view, and without anything of one visitor."""
    if not isinstance(answer, HttpResponse) or not getattr(answer, MARK, False) or not status.startswith("200"):
        return False
    if answer.cookies or _has_cookie(headers) or environ.get("CSRF_COOKIE_NEEDS_UPDATE"):
        return False
    varies = {one.strip().lower() for one in answer.headers.get("Vary", "").split(",") if one.strip()}
    cache = answer.headers.get("Cache-Control", "")
    return varies <= _KNOWN_VARY and "private" not in cache and "no-store" not in cache


def _page_of(answer: Iterable[bytes], headers: Headers, edition: tuple[int, int], name: str) -> Page:
    body = b"".join(answer)
    etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    kept = [(key, value) for key, value in headers if key.lower() not in {"x-request-id", "etag", "content-length"}]
    if not any(key.lower() == "cache-control" for key, _value in kept):
        kept.append(("Cache-Control", "no-cache"))  # a browser may keep it, and asks each time whether it is still good
    kept += [("ETag", etag), ("Content-Length", str(len(body)))]
    return Page(edition, kept, etag, body, name)


def _close(answer: object) -> None:
    if isinstance(answer, HttpResponseBase):
        answer.close()


def _sent(
    environ: Environ, start_response: StartResponse, page: Page, noted: tuple[int, float] | None
) -> Iterable[bytes]:
    """The page, or that the visitor has it; counted unless the application did."""
    status, started = noted or (200, 0.0)
    is_known = bool(page.etag) and page.etag in environ.get("HTTP_IF_NONE_MATCH", "")
    headers = page.headers
    if is_known:
        status, headers = 304, [one for one in headers if one[0].lower() in _WITH_304]
    number = number_of(environ.get("HTTP_X_REQUEST_ID", ""))
    start_response(_REASONS[status], [*headers, ("X-Request-ID", number)])
    if noted is not None:
        note(page.name, environ["REQUEST_METHOD"], status, time.perf_counter() - started, number)
    return [] if status == 304 or environ["REQUEST_METHOD"] == "HEAD" else [page.body]


def _quick_answers() -> dict[str, QuickAnswer]:
    """Those of the manifests, under the prefix of each language."""
    prefixes = ["/", *(f"/{code}/" for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE)]
    return {
        f"{prefix}{room.url_prefix}{one.under}": resolve(one.answer)
        for room in rooms()
        for one in room.quick
        for prefix in prefixes
    }
