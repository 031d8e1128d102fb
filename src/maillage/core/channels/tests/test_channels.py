"""The ledger and the outbox: once in, once out, in spite of failures."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone
from pytest_django.fixtures import Settings as SettingsWrapper

from maillage.core.channels import actions, gateways
from maillage.core.channels.actions import (
    WAITS,
    Arriving,
    deliver_waiting_messages,
    enter_in_ledger,
    queue_letter,
    try_again,
)
from maillage.core.channels.addresses import email_as_typed, phone_as_typed
from maillage.core.channels.gateways import Letter
from maillage.core.channels.models import OutboundMessage
from maillage.core.people.models import Person

MAIL = Letter("answer/1", "mail", "alice@example.org", "Réponse", "Bonjour, c’est oui.")
SMS = Letter("answer/2", "sms", "+33612345678", "", "Une réponse vous attend.")


@pytest.mark.django_db
def test_the_ledger_keeps_how_it_came() -> None:
    helper = Person.objects.create_person("Bob")
    line = enter_in_ledger("atlas:suggestion:1", Arriving("paper", helper, "in_place", "F-12"))
    line.refresh_from_db()
    assert (line.channel, line.entered_by, line.for_whom, line.sheet_reference) == ("paper", helper, "in_place", "F-12")


@pytest.mark.django_db
def test_a_letter_leaves_once_by_file(settings: SettingsWrapper) -> None:
    queue_letter(MAIL, subject="atlas:suggestion:1")
    queue_letter(MAIL)
    queue_letter(SMS)
    assert deliver_waiting_messages() == 2
    assert deliver_waiting_messages() == 0
    folder = Path(settings.OUTBOX)
    texts = sorted(path.read_text(encoding="utf-8") for path in folder.iterdir())
    assert len(texts) == 2
    assert "To: alice@example.org" in texts[0] and "Bonjour, c’est oui." in texts[0]
    assert "To: +33612345678" in texts[1]
    assert folder.stat().st_mode & 0o077 == 0


@pytest.mark.django_db
def test_the_same_letter_sent_twice_is_the_same_file(settings: SettingsWrapper) -> None:
    gateways.files(MAIL)
    gateways.files(MAIL)
    assert len(list(Path(settings.OUTBOX).iterdir())) == 1


@pytest.mark.django_db
def test_nothing_is_queued_when_the_transaction_is_given_up() -> None:
    def queue_then_fail() -> None:
        queue_letter(MAIL)
        raise RuntimeError

    with pytest.raises(RuntimeError), transaction.atomic():
        queue_then_fail()
    assert not OutboundMessage.objects.exists()


def failing(_letter: Letter) -> None:
    """A gateway that is down."""
    raise ConnectionError("down, could not reach alice@example.org")


@pytest.mark.django_db
def test_a_failing_gateway_is_tried_again_later_then_given_up(caplog: pytest.LogCaptureFixture) -> None:
    actions_gateway = actions.gateway_of
    now = timezone.now()
    queue_letter(MAIL)
    queue_letter(SMS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(actions, "gateway_of", lambda by: failing if by == "mail" else actions_gateway(by))
        assert deliver_waiting_messages(now + timedelta(seconds=1)) == 1  # the SMS is not held up by the mail
        message = OutboundMessage.objects.get(by="mail")
        assert (message.state, message.tries) == ("waiting", 1)
        assert "alice@example.org" not in message.last_error and "alice@example.org" not in caplog.text
        assert deliver_waiting_messages(now + timedelta(seconds=30)) == 0
        message.refresh_from_db()
        assert message.tries == 1
        moment = now
        for _turn in WAITS:
            moment += timedelta(days=2)
            deliver_waiting_messages(moment)
    message.refresh_from_db()
    assert (message.state, message.tries) == ("failed", len(WAITS) + 1)
    try_again(message.pk)
    assert deliver_waiting_messages(timezone.now() + timedelta(seconds=1)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_the_queue_without_sending_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(12):
        queue_letter(Letter(f"answer/{number}", "mail", "alice@example.org", "", str(number)))
    sent: list[str] = []
    barrier = threading.Barrier(2, timeout=20)
    monkeypatch.setattr(actions, "gateway_of", lambda _by: lambda letter: sent.append(letter.key))

    def work() -> None:
        barrier.wait()
        deliver_waiting_messages()
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sent) == sorted(f"answer/{number}" for number in range(12))


@pytest.mark.django_db(transaction=True)
def test_queuing_wakes_the_worker_once() -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    queue_letter(MAIL)
    queue_letter(SMS)
    assert ProcrastinateJob.objects.filter(task_name="channels.deliver_messages", status="todo").count() == 1


def test_mail_by_smtp(settings: SettingsWrapper) -> None:
    settings.DEFAULT_FROM_EMAIL = "maillage@example.org"
    gateways.smtp(Letter("answer/1", "mail", "alice@example.org", "Réponse\nBcc: x@y.z", "Bonjour"))
    sent = mail.outbox[0]
    assert sent.to == ["alice@example.org"] and "\n" not in sent.subject
    first = sent.extra_headers["Message-ID"]
    gateways.smtp(Letter("answer/1", "mail", "alice@example.org", "Réponse", "Bonjour"))
    assert mail.outbox[1].extra_headers["Message-ID"] == first
    with pytest.raises(ValueError, match="mail only"):
        gateways.smtp(SMS)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("06 12 34 56 78", "+33612345678"), ("06.12.34.56.78", "+33612345678"), ("+33 6 12 34 56 78", "+33612345678"),
        ("+33 (0)6 12 34 56 78", "+33612345678"), ("0033612345678", "+33612345678"), ("0692 12 34 56", "+262692123456"),
        ("+213 555 12 34 56", "+213555123456"), ("٠٦ ١٢ ٣٤ ٥٦ ٧٨", "+33612345678"),
        ("12", ""), ("06 12 34 56", ""), ("bonjour", ""), ("06 12 34 56 78 poste 3", ""),
        ("", ""), ("+", ""),
    ],
)  # fmt: skip
def test_telephone_numbers_as_typed(typed: str, number: str) -> None:
    assert phone_as_typed(typed) == number


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        (" Alice@Example.org ", "alice@example.org"),
        ("alice @example.org", "alice@example.org"),
        ("alice", ""),
        ("a@b", ""),
        ("", ""),
    ],
)
def test_mail_addresses_as_typed(typed: str, address: str) -> None:
    assert email_as_typed(typed) == address
