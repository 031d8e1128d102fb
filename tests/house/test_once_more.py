"""A page read while the database goes away is answered once more; nothing that writes is."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import ResolverMatch

from maillage.house.once_more import OnceMore

pytestmark = pytest.mark.django_db(transaction=True)


def _read(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return HttpResponse(str(cursor.fetchone()))


def _fault(*, method: str, lose: bool) -> HttpResponse | None:
    """What follows a failure of the database on a request, with the connection really cut or not."""
    request = RequestFactory().generic(method, "/")
    request.resolver_match = ResolverMatch(_read, (), {})
    connection.ensure_connection()
    if lose:
        connection.connection.close()  # as psycopg leaves it when the server was killed
    return OnceMore(lambda _request: HttpResponse()).process_exception(request, OperationalError("server closed"))


def test_a_reading_is_answered_from_a_new_connection() -> None:
    answer = _fault(method="GET", lose=True)
    assert answer is not None and answer.content == b"(1,)"


def test_a_sending_is_not() -> None:
    assert _fault(method="POST", lose=True) is None
    connection.close()


def test_a_fault_of_ours_is_not() -> None:
    assert _fault(method="GET", lose=False) is None


def test_a_page_survives_its_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole site: the home page's first statement finds its connection cut by the server."""
    from maillage.core.web import front_door

    told: list[int] = []
    real = front_door.news

    def news(*arguments: object, **options: object) -> object:
        if not told:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                told.append(cursor.fetchone()[0])
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return real(*arguments, **options)

    monkeypatch.setattr(front_door, "news", news)
    assert Client().get("/").status_code == 200
    assert told
