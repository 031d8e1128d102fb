"""Whose rows a statement may see. PostgreSQL refuses the others by itself (row-level security); this module says who looks.

A request looks as nobody, then as the person it is by. A row may also be opened by the secret that its owner holds: the code
of a suggestion, the key of a draft. What must see further says so, with a reason (`seeing_everything`): recognising who signs
in, writing a receipt, counting without names. Commands and the worker, which serve nobody in particular, see everything.

The rules are in the migrations named `row_security`; `house/postgres_engine` tells the connection before each statement.
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse


@dataclass(frozen=True)
class Sight:
    """What the statements of a piece of work may see; nobody's rows, unless it says more."""

    viewer: int | None = None
    secret: str = ""
    everything: bool = False


@dataclass
class _Process:
    sees_everything: bool = False


_process = _Process()
_viewer: contextvars.ContextVar[int | None] = contextvars.ContextVar("viewer", default=None)
_secret: contextvars.ContextVar[str] = contextvars.ContextVar("secret", default="")
_everything: contextvars.ContextVar[bool | None] = contextvars.ContextVar("everything", default=None)


def current_sight() -> Sight:
    """Whose rows the next statement may see."""
    opened = _everything.get()
    return Sight(_viewer.get(), _secret.get(), _process.sees_everything if opened is None else opened)


def set_sight_of_process(*, everything: bool) -> None:
    """What this process sees outside requests: everything for commands and the worker, nothing for a server of pages."""
    _process.sees_everything = everything


def look_as(viewer: int | None) -> None:
    """From now on, and to the end of the request, statements see the rows of this person (by number), or of nobody."""
    _viewer.set(viewer)


@contextmanager
def seeing_everything(reason: str) -> Iterator[None]:
    """For work that serves the one who asks without showing them the rows; every use is listed in a test, with its reason."""
    if not reason:
        raise ValueError("say why every row must be seen")
    token = _everything.set(True)
    try:
        yield
    finally:
        _everything.reset(token)


@contextmanager
def holding(secret: str) -> Iterator[None]:
    """Opens the rows that this secret opens, beside those of the viewer."""
    token = _secret.set(secret)
    try:
        yield
    finally:
        _secret.reset(token)


def hold(secret: str) -> None:
    """As `holding`, to the end of the request: for a page that the secret opened."""
    _secret.set(secret)


class RowSecurity:
    """Each request begins as nobody's; an answer written bit by bit keeps to its end the sight that it began with."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer; what was seen for it is forgotten after."""
        viewer, secret, everything = _viewer.set(None), _secret.set(""), _everything.set(False)
        try:
            response = self.get_response(request)
            if isinstance(response, StreamingHttpResponse) and not response.is_async:
                parts = cast("Iterable[bytes]", response.streaming_content)
                response.streaming_content = _kept(parts, contextvars.copy_context())
            return response
        finally:
            _viewer.reset(viewer)
            _secret.reset(secret)
            _everything.reset(everything)


def _kept(parts: Iterable[bytes], context: contextvars.Context) -> Iterator[bytes]:
    iterator = iter(parts)
    while (part := context.run(next, iterator, None)) is not None:
        yield part
