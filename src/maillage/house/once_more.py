"""A page that was being read while the database went away is answered once more, from a new connection."""

from __future__ import annotations

from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from maillage.house.replica import leave_copy


class OnceMore:
    """For GET and HEAD only, which write nothing: whoever sends a form learns of the failure, and decides.

    The new connection waits for our own server, which its supervisor starts again (see postgres_engine). A fault while the
    connection still answers is a fault of ours, and is not tried again. Where the copy for reading went away, the primary does.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Nothing but the answer."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The second answer; None leaves the first fault to the table of errors."""
        match = request.resolver_match
        if (
            match is None
            or request.method not in {"GET", "HEAD"}
            or not isinstance(exception, DatabaseError | InterfaceError)
        ):
            return None
        lost = [one for one in connections.all(initialized_only=True) if one.connection and not one.is_usable()]
        if not leave_copy() and not lost:
            return None
        for connection in lost:
            connection.close()
        answer: HttpResponse = match.func(request, *match.args, **match.kwargs)
        return answer
