"""The state of the machine: every figure opens the rows that it counts, and no row tells of a person."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from maillage.core.channels.models import OutboundMessage
from maillage.core.people.actions import add_person
from maillage.core.slowness import SlowRequest, forget_slow_requests, note_slow_request, slow_requests

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(add_person("Olga", role="operator"))
    return client


@pytest.fixture(autouse=True)
def _home(settings: Settings, tmp_path: Path) -> None:
    settings.HOME = tmp_path


def _job(task: str, status: str, seconds: int = 0, lock: str | None = None) -> int:
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (task_name, status, queue_name, args, queueing_lock) "
            "VALUES (%s, %s::procrastinate_job_status, 'default', %s, %s) RETURNING id",
            [task, status, json.dumps({"secret": "amina@example.org"}), lock],
        )
        pk = int(cursor.fetchone()[0])
        if status in {"succeeded", "failed"}:
            for kind, at in (("started", now - timedelta(seconds=seconds)), (status, now)):
                cursor.execute(
                    "INSERT INTO procrastinate_events (job_id, type, at) VALUES (%s, %s::procrastinate_job_event_type, %s)",
                    [pk, kind, at],
                )
    return pk


def test_figures_of_jobs_are_those_of_their_lists(client: Client) -> None:
    for status, count in (("failed", 2), ("succeeded", 3), ("todo", 1)):
        for _turn in range(count):
            _job("letters.send", status, seconds=4)
    _job("other.task", "failed")
    page = client.get(reverse("administration:machine"))
    line = next(one for one in page.context["tasks"] if one.task == "letters.send")
    assert (line.failed, line.succeeded, line.todo, line.doing) == (2, 3, 1, 0) and round(line.median_seconds) == 4
    for status, count in (("failed", 2), ("succeeded", 3), ("todo", 1), ("doing", 0)):
        address = f"{reverse('administration:jobs')}?etat={status}&tache=letters.send"
        assert address.replace("&", "&amp;") in page.content.decode()
        rows = client.get(address)
        assert len(rows.context["lines"]) == rows.context["count"] == count
        assert "amina@example.org" not in rows.content.decode()
    assert client.get(f"{reverse('administration:jobs')}?etat=failed").context["count"] == page.context["failed"] == 3


def test_the_file_of_jobs_is_complete(client: Client) -> None:
    for _turn in range(120):
        _job("letters.send", "succeeded", seconds=1)
    whole = client.get(reverse("administration:jobs_csv") + "?tache=letters.send").getvalue().decode("utf-8-sig")
    assert len(list(csv.DictReader(io.StringIO(whole)))) == 120 and "amina" not in whole
    first = client.get(reverse("administration:jobs") + "?tache=letters.send")
    assert len(first.context["lines"]) == 50 and first.context["next_url"]


def test_a_failed_job_is_taken_up_again_and_no_other(client: Client) -> None:
    failed, done = _job("letters.send", "failed"), _job("letters.send", "succeeded")
    assert client.post(reverse("administration:job_retry", args=[failed])).status_code == 302
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text FROM procrastinate_jobs WHERE id = %s", [failed])
        assert cursor.fetchone()[0] == "todo"
    assert client.post(reverse("administration:job_retry", args=[done])).status_code == 422
    assert client.post(reverse("administration:job_retry", args=[failed])).status_code == 422


def test_a_failed_job_whose_like_already_waits_is_refused_in_words(client: Client) -> None:
    failed = _job("letters.send", "failed", lock="one")
    _job("letters.send", "todo", lock="one")
    answer = client.post(reverse("administration:job_retry", args=[failed]))
    assert answer.status_code == 422 and "attend déjà" in answer.content.decode()


def test_messages_show_neither_address_nor_text_and_are_sent_again(client: Client) -> None:
    one = OutboundMessage.objects.create(
        by="mail", to="amina@example.org", title="Secret", body="Votre code", state="failed", tries=8,
        last_error="SMTPRecipientsRefused: amina@example.org", idempotency_key="k",
    )  # fmt: skip
    page = client.get(reverse("administration:letters") + "?etat=failed").content.decode()
    assert "SMTPRecipientsRefused" in page
    assert not any(word in page for word in ("amina@example.org", "Secret", "Votre code"))
    client.post(reverse("administration:letter_retry", args=[one.pk]))
    assert OutboundMessage.objects.get(pk=one.pk).state == "waiting"


def test_a_slow_answer_is_noted_by_the_name_of_its_page(client: Client, settings: Settings) -> None:
    settings.SLOW_MS = 0
    client.get("/atlas/?q=amina@example.org")
    (line,) = [one for one in slow_requests() if one.page == "atlas:list"]
    assert line.statements > 0 and line.status == 200
    assert "amina" not in Path(settings.HOME, "slow-requests.jsonl").read_text()
    page = client.get(reverse("administration:machine"))
    assert [(one.page, one.count) for one in page.context["slow_pages"] if one.page == "atlas:list"] == [
        ("atlas:list", 1)
    ]
    assert client.get(reverse("administration:slow") + "?page=atlas:list").context["count"] == 1
    assert line.number in client.get(reverse("administration:slow_csv")).getvalue().decode()


def test_fast_answers_are_not_noted(client: Client, settings: Settings) -> None:
    settings.SLOW_MS = 60_000
    client.get("/")
    assert slow_requests() == []


def test_slow_requests_are_bounded_in_size_and_time(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("maillage.core.slowness.LARGEST", 2000)
    now = timezone.now()
    note_slow_request(SlowRequest(now - timedelta(days=31), "old", "GET", 200, 2000, 1, 1, "n"))
    for _turn in range(100):
        note_slow_request(SlowRequest(now, "new", "GET", 200, 2000, 1, 1, "n"))
    assert sum(path.stat().st_size for path in Path(settings.HOME).glob("slow*")) < 4500
    with Path(settings.HOME, "slow-requests.jsonl").open("a") as file:
        file.write('{"page": "cut')
    assert {one.page for one in slow_requests()} == {"new"}
    assert forget_slow_requests(now + timedelta(days=31)) == 2 and slow_requests() == []
