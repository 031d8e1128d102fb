"""What is written about requests: enough to mend, nothing about a person."""

from __future__ import annotations

import json
import logging
from io import StringIO
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.test import Client, RequestFactory, override_settings

from maillage.core.channels.models import OutboundMessage
from maillage.core.intake.models import Source
from maillage.house.logs import REQUESTS, Discreet, JsonLines, logging_settings
from maillage.house.watching import request_id

MARKS = ("203.0.113.9", "zoe@example.invalid", "ABCD-1234", "sessionid", "Mozilla/5.0 Zoé")


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    """What the console would get, of every logger, in JSON."""
    out = StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonLines())
    handler.addFilter(Discreet())
    root, requests = logging.getLogger(), logging.getLogger(REQUESTS)
    monkeypatch.setattr(root, "handlers", [handler])
    monkeypatch.setattr(requests, "level", logging.INFO)
    requests.manager._clear_cache()  # type: ignore[attr-defined]
    return out


def lines(out: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.mark.django_db
def test_a_request_is_one_line_with_the_name_of_the_page(client: Client, written: StringIO) -> None:
    answer = client.get(
        "/mentions-legales/?email=zoe@example.invalid",
        REMOTE_ADDR="203.0.113.9",
        headers={"User-Agent": "Mozilla/5.0 Zoé", "Cookie": "sessionid=abc"},
    )
    (line,) = [one for one in lines(written) if one["logger"] == REQUESTS]
    assert (line["page"], line["method"], line["status"]) == ("web:legal", "GET", 200)
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert line["ms"] > 0
    assert set(line) == {"time", "level", "logger", "message", "request_id", "page", "method", "status", "ms"}
    assert not [mark for mark in MARKS if mark in written.getvalue()]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address,status",
    [
        ("/nulle-part/ABCD-1234/?q=zoe@example.invalid", 404),
        ("/atlas/suivi/ABCD-1234/", 404),
        ("/atlas/suivi/ABCD-1234-é\\/", 404),
        ("/atlas/suivi/ABCD-1234–/", 404),
    ],
)
def test_an_address_that_is_not_found_is_not_written(
    client: Client, written: StringIO, address: str, status: int
) -> None:
    assert client.get(address).status_code == status
    found = lines(written)
    assert [one for one in found if one["logger"] == "django.request"], "Django's own warning is there"
    assert not [mark for mark in MARKS if mark in written.getvalue()], written.getvalue()


@pytest.mark.django_db
def test_a_failure_tells_where_and_not_what_was_typed(written: StringIO) -> None:
    def twice() -> None:
        for _ in range(2):
            Source.objects.create(code="zoe@example.invalid", name="Essai")

    with pytest.raises(IntegrityError, match="zoe@example.invalid") as caught, transaction.atomic():
        twice()  # PostgreSQL quotes the row: this is why messages are left out
    logging.getLogger("maillage.test").error("A job failed", exc_info=caught.value)
    (line,) = lines(written)
    assert line["exception"][0]["kind"] == "django.db.utils.IntegrityError"
    assert any(place.endswith(" twice") for place in line["exception"][0]["at"])
    assert line["exception"][1]["kind"].startswith("psycopg.errors.")
    assert not [mark for mark in MARKS if mark in written.getvalue()]


@pytest.mark.django_db
def test_of_a_row_that_is_somebodys_postgresql_itself_says_nothing() -> None:
    """Row-level security has that effect too."""

    def twice() -> None:
        for _ in range(2):
            OutboundMessage.objects.create(by="mail", to="x", body="", idempotency_key="zoe@example.invalid")

    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        twice()
    assert "zoe" not in str(caught.value)


def test_a_job_is_told_by_its_task_and_number(written: StringIO) -> None:
    job = {"id": 7, "task_name": "channels.deliver", "task_kwargs": {"to": "zoe@example.invalid"}}
    text = "Job channels.deliver[7](to='zoe@example.invalid') ended with status: Error"
    logging.getLogger("procrastinate.worker").error(text, extra={"action": "job_error", "job": job})
    (line,) = lines(written)
    assert line["message"] == "job_error: channels.deliver [7]"
    assert "zoe" not in written.getvalue()


def request(**headers: str) -> HttpRequest:
    return RequestFactory().get("/", headers=headers)


def test_a_number_is_taken_from_our_own_proxies_only() -> None:
    assert request_id(request(**{"X-Request-ID": "abcdefgh12345678"})) != "abcdefgh12345678"
    with override_settings(TRUSTED_PROXIES=1):
        assert request_id(request(**{"X-Request-ID": "abcdefgh12345678"})) == "abcdefgh12345678"
        for bad in ("short", "x" * 65, "zoe@example.invalid", "line\\nbreak"):
            assert request_id(request(**{"X-Request-ID": bad})) != bad


@pytest.mark.parametrize(
    "environment,formatter,level",
    [
        ({}, "text", "WARNING"),
        ({"MAILLAGE_LOG_FORMAT": "json"}, "json", "INFO"),
        ({"MAILLAGE_LOG_FORMAT": "json", "MAILLAGE_LOG_REQUESTS": "0"}, "json", "WARNING"),
    ],
)
def test_the_environment_chooses(environment: dict[str, str], formatter: str, level: str) -> None:
    found: Any = logging_settings(environment)
    assert found["handlers"]["console"]["formatter"] == formatter
    assert found["loggers"][REQUESTS]["level"] == level
    assert found["handlers"]["console"]["filters"] == ["discreet"], "the path is kept out of text lines too"
