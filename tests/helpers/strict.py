"""What makes the test set-up stricter than production."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from django.db import connections
from django.db.models.expressions import OrderBy
from django.db.models.functions import Random
from django.db.models.sql.compiler import SQLCompiler
from django.http import HttpRequest, HttpResponse

WRITING = re.compile(
    r"\s*(?:WITH\b.*?\)\s*)?(INSERT|UPDATE|DELETE|TRUNCATE|MERGE|CREATE|ALTER|DROP|COPY)\b|procrastinate_defer|nextval\(",
    re.IGNORECASE | re.DOTALL,
)
# The one write that a GET may make: the line that says who looked at a personal file.
JOURNAL = re.compile(r'\s*INSERT INTO "journal_', re.IGNORECASE)


class UndefinedVariable(str):
    """`string_if_invalid` that raises: a template that names what its view did not give is a fault of the code."""

    __slots__ = ()

    def __new__(cls) -> UndefinedVariable:
        return super().__new__(cls, "undefined variable")

    def __contains__(self, part: object) -> bool:
        return part == "%s"

    def __mod__(self, name: object) -> str:
        raise AssertionError(f"undefined template variable: {name}")


class GetNeverWrites:
    """Middleware: a statement that writes during GET or HEAD fails the test."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        with ExitStack() as stack:
            for connection in connections.all():
                stack.enter_context(connection.execute_wrapper(_refuse_writing))
            return self.get_response(request)


def _refuse_writing(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    if WRITING.match(sql) or "procrastinate_defer" in sql:
        assert JOURNAL.match(sql), f"a GET wrote: {sql[:300]}"
    return execute(sql, params, many, context)


@contextmanager
def random_order() -> Iterator[None]:
    """Querysets with no order of their own come back in random order, so that no test relies on luck."""
    usual = SQLCompiler.get_order_by

    def shuffled(self: SQLCompiler) -> list[Any]:
        found = usual(self)
        query = self.query
        if found or query.distinct or query.combinator or query.group_by is not None or query.subquery:
            return found
        return [(OrderBy(Random()), ("RANDOM()", (), False))]

    with mock.patch.object(SQLCompiler, "get_order_by", shuffled):
        yield
