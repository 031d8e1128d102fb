"""Query budgets: a page costs the same number of statements with 2 rows and with 20."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def statements_of(client: Client, address: str) -> list[str]:
    """The statements that one GET sends; the page is asked once before, so that caches are warm."""
    assert client.get(address).status_code == 200
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in captured.captured_queries]


def assert_same_statements(client: Client, address: str, make_rows: Callable[[int], object]) -> None:
    """Makes 2 rows, then 18 more, and compares; on failure shows the statements that came with the rows."""
    make_rows(2)
    few = statements_of(client, address)
    make_rows(18)
    many = statements_of(client, address)
    assert len(few) > 0, "the page reads nothing: this proves nothing"
    assert len(many) == len(few), "\n".join([f"{len(few)} statements became {len(many)}:", *many[len(few) :]])
