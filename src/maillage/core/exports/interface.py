"""What the routers of the rooms share: the errors in the description, and reading from the pages of other sites."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

ERRORS = (400, 404, 422)
_WORDS = {400: "Not JSON", 404: "Nothing there", 422: "What was sent cannot be taken; `errors` names the fields"}
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
    },
}


def problems(*statuses: int) -> dict[str, Any]:
    """The errors of an address for its description: problem+json (RFC 9457)."""
    content = {"application/problem+json": {"schema": PROBLEM}}
    return {"responses": {status: {"description": _WORDS[status], "content": content} for status in statuses}}


def open_to_other_sites(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Lets scripts of other sites read what anyone may read; nothing is told of who is signed in."""

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if request.method in {"GET", "HEAD"}:
            response["Access-Control-Allow-Origin"] = "*"
        return response

    return opened
