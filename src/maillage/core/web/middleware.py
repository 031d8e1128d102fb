"""Two middlewares: the errors table, and the content security policy of every page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from maillage.core.errors import Invalid, Missing, Refused
from maillage.core.web.faults import respond
from maillage.core.web.map_words import basemap

GetResponse = Callable[[HttpRequest], HttpResponse]
_POLICY: Final = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


def _policy(*, embeddable: bool) -> str:
    parts = dict(_POLICY)
    if embeddable:
        parts["frame-ancestors"] = "*"
    if origin := basemap().get("origin"):
        parts["img-src"] += f" {origin}"
        parts["connect-src"] += f" {origin}"
    return "; ".join(f"{name} {value}" for name, value in parts.items())


class ContentSecurityPolicy:
    """Nothing but our own origin; a response marked `embeddable` (see `embeddable` below) may stand in another site's frame."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Adds the policy, and says that pages vary with the display cookie."""
        response = self.get_response(request)
        is_embeddable = bool(getattr(response, "embeddable", False))
        response.headers.setdefault("Content-Security-Policy", _policy(embeddable=is_embeddable))
        response.headers.setdefault("Permissions-Policy", "geolocation=(self), camera=(self), microphone=()")
        if response.headers.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, ["Cookie", "HX-Request"])
        return response


def embeddable(response: HttpResponse) -> HttpResponse:
    """Marks an answer that other sites may show in a frame; it then says so to old browsers too."""
    response.embeddable = True  # type: ignore[attr-defined]
    response.xframe_options_exempt = True
    return response


class ErrorTable:
    """Missing → 404, Refused → 403, Invalid → 422, in the shape that the sender can use."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """PostgreSQL has no NUL and nobody types one: in a question it becomes a space, in a path it leads nowhere.

        A space and not nothing: what is left of "%%0000" would be another NUL.
        """
        if "%00" in request.META.get("QUERY_STRING", ""):
            request.META["QUERY_STRING"] = request.META["QUERY_STRING"].replace("%00", "%20")
        if "\0" in request.path_info:
            return respond(request, 404)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The answer for our three errors; others are programming errors and go on."""
        if isinstance(exception, Missing):
            return respond(request, 404, str(exception))
        if isinstance(exception, Refused):
            return respond(request, 403, str(exception))
        if isinstance(exception, Invalid):
            return respond(request, 422, str(exception), exception.fields)
        return None
