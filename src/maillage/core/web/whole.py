"""Pages that are the same for everybody who is not signed in: their views say so, and the house may keep them whole.

What a kept page may depend on: its address, the language, the display cookie, the tables whose changes are logged
(core/readmodel), and the time to the minute. It holds no token and sets no cookie.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse

P = ParamSpec("P")
MARK = "is_kept_whole"


def kept_whole(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Marks the answers of a view as such a page."""

    @wraps(view)
    def marked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        setattr(response, MARK, True)
        return response

    return marked


@dataclass(frozen=True, slots=True)
class Quick:
    """An answer made before Django's middlewares, whose other headers are those of the same view's answers through them."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


# rest of the path, query string, headers as WSGI names them → an answer, or None to let the view answer
QuickAnswer = Callable[[str, str, Mapping[str, str]], Quick | None]
