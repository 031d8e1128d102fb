"""Erasing a person, proven by looking for their marks in every table and every file, before and after."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from maillage.core.channels.actions import Arriving, deliver_waiting_messages, enter_in_ledger
from maillage.core.journal.actions import record
from maillage.core.journal.models import JournalLine, Pseudonym
from maillage.core.journal.queries import verify
from maillage.core.people.actions import add_person, request_sign_in, sign_in_link
from maillage.core.people.models import Person
from maillage.core.privacy.actions import erase, export_of
from maillage.core.privacy.erasure_list import NAME, listed_in, write_list
from maillage.core.privacy.erasures import erase_again, erased_persons

NAMED, NICKNAME, EMAIL, PHONE = "Zélie Quatrebarbes", "Zouzou", "zelie.quatrebarbes@example.org", "+33698765432"
TYPED_PHONE = "06 98 76 54 32"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings: Settings, tmp_path: Path) -> Path:
    settings.HOME, settings.INBOX, settings.OUTBOX = tmp_path, tmp_path / "inbox", tmp_path / "outbox"
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path


def places_of(marks: dict[str, str], home: Path) -> dict[str, set[str]]:
    """Where each mark stands: tables, whole rows as text, and files, byte by byte."""
    found: dict[str, set[str]] = {name: set() for name in marks}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        )
        tables = [name for (name,) in cursor.fetchall()]
        assert len(tables) > 40
        for table in tables:
            for name, mark in marks.items():
                text = (
                    f'FROM "{table}" t WHERE position(lower(%s) in lower(t::text)) > 0 OR position(%s in t::text) > 0'
                )
                query = f"SELECT 1 {text} LIMIT 1"
                cursor.execute(query, [mark, mark.encode().hex()])
                if cursor.fetchone():
                    found[name].add(table)
    for path in home.rglob("*"):
        if path.is_file():
            content = path.read_bytes().lower()
            for name, mark in marks.items():
                if mark.encode().lower() in content:
                    found[name].add(path.relative_to(home).as_posix())
    return found


def marks_of(person: Person) -> dict[str, str]:
    from maillage.rooms.atlas.freshness_queries import digest_of
    from maillage.rooms.atlas.privacy import voter_digest

    return {
        "name": NAMED, "nickname": NICKNAME, "email": EMAIL, "phone": PHONE, "typed phone": TYPED_PHONE,
        "pseudonym's key": f"{Pseudonym.objects.get(person=person).alias},{person.pk})",
        "contact digest": digest_of(PHONE), "voice": voter_digest(f"person/{person.pk}"),
    }  # fmt: skip


@pytest.fixture
def zelie(home: Path, settings: Settings) -> Person:
    """A life on the platform: roles, sessions, a second factor, letters, proposals, drafts, decisions, voices, a call list."""
    from maillage.core.people.actions_second_factor import make_recovery_codes
    from maillage.core.people.models import SecondFactor
    from maillage.rooms.atlas.actions import vote
    from maillage.rooms.atlas.freshness_models import FreshnessRequest, FreshnessRound
    from maillage.rooms.atlas.freshness_queries import digest_of
    from maillage.rooms.atlas.models import Suggestion, SuggestionDecision, SuggestionDraft
    from maillage.rooms.atlas.privacy import voter_digest
    from maillage.rooms.atlas.tests.deciding import made_entry, suggest

    person = add_person(NAMED, email=EMAIL, phone=TYPED_PHONE, role="moderator", territory="commune:69259")
    person.display_name = f"{NAMED} ({NICKNAME})"
    person.save()
    client = Client(headers={"User-Agent": "Firefox Android"})
    client.post(sign_in_link(person).replace("http://testserver", ""))
    assert client.get(reverse("people:account")).status_code == 200
    SecondFactor.objects.create(person=person, salt="salt")
    make_recovery_codes(person)
    entry = made_entry()
    settings.COMMUNITY_VOTES_NEEDED = 5
    asked = suggest("wrong", entry, EMAIL)
    Suggestion.objects.filter(pk=asked.pk).update(
        message=f"Rappelez {NICKNAME} au {TYPED_PHONE}", answer_by="mail", answer_to=EMAIL, entered_by=person, claimed_by=person,
        decided_by=person,
    )  # fmt: skip
    SuggestionDecision.objects.create(
        suggestion=asked, by=person, action="aside", state_before="proposed", state_after="held"
    )
    vote(asked.pk, voter=voter_digest(f"person/{person.pk}"), agrees=True, address="192.0.2.1")
    SuggestionDraft.objects.create(
        secret="s", data={"name": "Chez moi", "answer_phone": TYPED_PHONE, "message": NICKNAME}
    )
    one = FreshnessRound.objects.create(title="Appels", way="phone", months=12, by=person)
    FreshnessRequest.objects.create(
        round=one, entry=entry, contact=PHONE, contact_digest=digest_of(PHONE), code="7K2PA", entered_by=person
    )
    enter_in_ledger("atlas:suggestion:1", Arriving("paper", person, "in_place", "F-12"))
    record(action="test.done", subject="test:thing:1", actor=person)
    request_sign_in(EMAIL)
    request_sign_in(TYPED_PHONE)
    deliver_waiting_messages()
    (home / "inbox" / "done").mkdir(parents=True)
    (home / "inbox" / "done" / "1.txt").write_text(f"From: {PHONE}\n\nOUI 7K2PA")
    return person


def test_no_mark_is_left_in_any_table_nor_file(zelie: Person, home: Path) -> None:
    marks = marks_of(zelie)
    before = places_of(marks, home)
    assert {"people_person", "atlas_suggestion", "channels_outboundmessage"} <= before["email"]
    assert {"atlas_suggestiondraft", "atlas_suggestion"} <= before["typed phone"] & before["nickname"]
    assert any(place.startswith("outbox/") for place in before["email"]) and "inbox/done/1.txt" in before["phone"]
    assert all(before.values()), f"a mark that is nowhere proves nothing: {before}"
    erase(zelie)
    assert {name: places for name, places in places_of(marks, home).items() if places} == {}


def test_the_export_holds_every_mark_first(zelie: Person) -> None:
    text = json.dumps(export_of(zelie), ensure_ascii=False, default=str)
    assert all(mark in text for mark in (NAMED, NICKNAME, EMAIL, PHONE, TYPED_PHONE))
    kinds = {row["kind"] for rows in export_of(zelie).values() for row in rows}
    assert {"message", "entered"} <= kinds
    assert {
        "person",
        "role",
        "device",
        "second factor",
        "suggestion",
        "draft",
        "voice",
        "freshness",
        "message",
        "entered",
    } <= kinds


def test_no_row_points_at_the_erased_person(zelie: Person) -> None:
    """Foreign keys to the person that the catalogue of PostgreSQL knows, whatever room made them."""
    erase(zelie)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid "
            "AND a.attnum = c.conkey[1] WHERE c.contype = 'f' AND c.confrelid = 'people_person'::regclass"
        )
        keys = cursor.fetchall()
        assert len(keys) > 12
        left = []
        for table, column in keys:
            cursor.execute(f'SELECT count(*) FROM {table} WHERE "{column}" = %s', [zelie.pk])
            left += [f"{table}.{column}"] if cursor.fetchone()[0] else []
    assert left == []


def test_lines_of_the_journal_are_nobodys_and_the_chain_holds(zelie: Person) -> None:
    alias = Pseudonym.objects.get(person=zelie).alias
    count = JournalLine.objects.filter(actor=alias).count()
    erase(zelie)
    assert JournalLine.objects.filter(actor=alias).count() == count > 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
        holding = []
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT 1 FROM "{table}" t WHERE position(%s in t::text) > 0 LIMIT 1', [str(alias)])
            holding += [table] if cursor.fetchone() else []
    assert holding == ["journal_journalline"], "nothing ties the pseudonym to a name any more"
    again = add_person(NAMED, email=EMAIL)
    record(action="test.done", subject="test:thing:2", actor=again)
    assert Pseudonym.objects.get(person=again).alias != alias, "the same person later is somebody else"
    assert verify().is_intact


def test_others_keep_what_is_theirs(zelie: Person, home: Path) -> None:
    bob = add_person("Bob", email="bob@example.org", phone="0611223344", role="moderator")
    request_sign_in("bob@example.org")
    deliver_waiting_messages()
    erase(zelie)
    found = places_of({"email": "bob@example.org", "phone": "+33611223344"}, home)
    assert {"people_person", "channels_outboundmessage"} <= found["email"] and found["phone"] == {"people_person"}
    assert Person.objects.get(pk=bob.pk).is_active


@pytest.mark.django_db(transaction=True)
def test_an_erasure_outlives_the_return_of_the_rows(home: Path) -> None:
    person = add_person(NAMED, email=EMAIL)
    kept = dict(Person.objects.filter(pk=person.pk).values()[0])
    erase(person)
    assert listed_in(home / NAME) == erased_persons() == {person.uid}
    Person.objects.filter(pk=person.pk).update(**kept)
    assert erase_again(listed_in(home / NAME)) == 1
    assert Person.objects.get(pk=person.pk).email == "" and erase_again(listed_in(home / NAME)) == 0


def test_nothing_is_ever_taken_off_the_list(home: Path) -> None:
    first, second = add_person("Un").uid, add_person("Deux").uid
    write_list(home / NAME, [first])
    write_list(home / NAME, [second])
    assert listed_in(home / NAME) == {first, second}
    (home / NAME).write_text('{"not": "a list"')
    with pytest.raises(ValueError, match="."):
        listed_in(home / NAME)
    write_list(home / NAME, [second])
    assert listed_in(home / NAME) == {second} and len(list(home.glob(f"{NAME}.damaged-*"))) == 1


def test_erasures_at_the_same_time_are_all_listed(tmp_path: Path) -> None:
    """A command and the worker: of 60 written together, 14 used to stay."""
    numbers = [uuid4() for _one in range(60)]
    with ThreadPoolExecutor(12) as many:
        list(many.map(lambda one: write_list(tmp_path / NAME, [one]), numbers))
    assert listed_in(tmp_path / NAME) == set(numbers)
