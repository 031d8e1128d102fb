"""The register, the rights of persons and the forgetting, all derived from the manifests."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from maillage.core.channels.actions import Arriving, deliver_waiting_messages, enter_in_ledger, queue_letter
from maillage.core.channels.gateways import Letter
from maillage.core.channels.models import Arrival, DailySalt, LedgerEntry, OutboundMessage
from maillage.core.journal.actions import record
from maillage.core.journal.models import JournalLine, Pseudonym
from maillage.core.journal.queries import verify
from maillage.core.moderation.pace import is_flood
from maillage.core.people.actions import add_person, request_sign_in
from maillage.core.people.models import Membership, Person, SignInCode
from maillage.core.privacy.actions import erase, export_of, run_retentions
from maillage.core.privacy.register import register
from maillage.core.rooms import rooms


def test_every_retention_job_is_announced_with_its_days() -> None:
    """The public text, the constant of the register and the job hold the same number."""
    announced = {(line.room_code, line.processing.code): line.processing for line in register()}
    for room in rooms():
        for job in room.retentions:
            processing = announced[room.code, job.code]
            assert processing.retention_days == job.days, f"{room.code}.{job.code}"
    for line in register():
        days = line.processing.retention_days
        if days is not None:
            stated = [int(found) for found in re.findall(r"(\d+) jours?\b", line.processing.retention)]
            assert days in stated, f"{line.room_code}.{line.processing.code} does not say {days} jours"


def test_every_dated_retention_has_its_job() -> None:
    jobs = {(room.code, job.code) for room in rooms() for job in room.retentions}
    for line in register():
        if line.processing.retention_days is not None:
            assert (line.room_code, line.processing.code) in jobs


def test_the_register_is_complete_in_every_field() -> None:
    lines = register()
    assert {"people", "channels"} <= {line.room_code for line in lines}
    for line in lines:
        one = line.processing
        assert all([one.purpose, one.legal_ground, one.data, one.people, one.recipients, one.retention, one.controller])


@pytest.fixture
def amina() -> Person:
    person = add_person("Amina Dupont", email="amina@example.org", role="helper", territory="commune:69259")
    enter_in_ledger("atlas:suggestion:7", Arriving("paper", person, "in_place", "F-12"))
    record(action="test.done", subject="test:thing:1", actor=person)
    request_sign_in("amina@example.org")
    return person


@pytest.mark.django_db
def test_the_export_holds_what_is_kept_and_nobody_elses(amina: Person) -> None:
    add_person("Charlie", email="charlie@example.org")
    request_sign_in("charlie@example.org")
    found = export_of(amina)
    text = str(found)
    assert found["people"][0]["name"] == "Amina Dupont"
    assert "commune:69259" in text and "F-12" in text and "amina@example.org" in text
    assert "charlie" not in text.lower()


@pytest.mark.django_db
def test_erasing_leaves_acts_and_no_person(amina: Person, client: Client) -> None:
    client.force_login(amina)
    lines = JournalLine.objects.count()
    changed = erase(amina)
    assert changed["people"] >= 3 and changed["channels"] == 2
    kept = Person.objects.get(pk=amina.pk)
    assert (kept.display_name, kept.email, kept.phone, kept.is_active) == ("—", "", "", False)
    assert kept.erased_at and not Membership.objects.filter(ended_at=None).exists()
    assert LedgerEntry.objects.get().entered_by is None
    assert not OutboundMessage.objects.exists() and not SignInCode.objects.exists() and not Pseudonym.objects.exists()
    assert JournalLine.objects.count() == lines + 1 and verify().is_intact
    assert client.get("/connexion/").wsgi_request.user.is_anonymous


@pytest.mark.django_db
def test_forgetting_in_time(amina: Person) -> None:
    now = timezone.now()
    queue_letter(Letter("old", "mail", "alice@example.org", "", "Bonjour"))
    deliver_waiting_messages(now + timedelta(seconds=1))
    is_flood("192.0.2.7", "suggestion")
    assert sum(run_retentions(now + timedelta(minutes=1)).values()) == 0
    done = run_retentions(now + timedelta(days=31))
    assert not OutboundMessage.objects.exists() and not SignInCode.objects.exists()
    assert not Arrival.objects.exists() and not DailySalt.objects.exists()
    assert done["channels.messages"] == 4, "two rows and their two files"
    assert done["people.accounts"] == 0
    assert run_retentions(now + timedelta(days=1100))["people.accounts"] == 1
    assert Person.objects.get(pk=amina.pk).erased_at


@pytest.mark.django_db
def test_an_operator_is_not_erased_for_being_idle() -> None:
    add_person("Olga", role="operator")
    assert run_retentions(timezone.now() + timedelta(days=4000))["people.accounts"] == 0


@pytest.mark.django_db
def test_one_failing_job_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch, amina: Person) -> None:
    def broken(_now: object) -> int:
        raise RuntimeError("broken")

    monkeypatch.setattr("maillage.core.people.privacy.erase_idle_persons", broken)
    with pytest.raises(ExceptionGroup) as fault:
        run_retentions(timezone.now() + timedelta(days=2))
    assert [str(one) for one in fault.value.exceptions] == ["broken"]
    assert not SignInCode.objects.exists()
