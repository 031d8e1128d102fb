"""The journal: append-only for the application, tamper-evident for everybody, nobody's after erasure."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, connections, transaction
from django.db.utils import DatabaseError, ProgrammingError

from maillage.core.journal.actions import forget, record, seal_new_lines
from maillage.core.journal.models import JournalLine, Pseudonym, Seal
from maillage.core.journal.queries import verify
from maillage.core.people.models import Person

pytestmark = pytest.mark.django_db


def _write(count: int, start: int = 0) -> None:
    for number in range(start, start + count):
        record(action="test.done", subject=f"test:thing:{number}", details={"count": number})


@contextmanager
def _as_owner() -> Iterator[object]:
    """The owner may edit: that is what the seals must find."""
    with connections["owner"].cursor() as cursor:
        yield cursor


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal_journalline SET action = 'other'",
        "DELETE FROM journal_journalline",
        "UPDATE journal_seal SET digest = 'x'",
        "DELETE FROM journal_seal",
        "UPDATE journal_journalline SET action = 'other' WHERE false",
    ],
)
def test_the_application_cannot_change_a_line(statement: str) -> None:
    _write(2)
    seal_new_lines()
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_application_never_receives_the_right_to_empty_a_table() -> None:
    """Here the test database grants it, for the flush: the rights given in earnest are read instead."""
    from maillage.house import postgres_roles

    source = inspect.getsource(postgres_roles.grant_application_rights)
    assert "TRUNCATE" not in source and "ALL PRIVILEGES" not in source


def test_free_text_is_refused() -> None:
    with pytest.raises(ValueError, match="codes, not text"):
        record(action="test.done", subject="test:thing:1", details={"why": "Madame Dupont a déménagé"})
    assert not JournalLine.objects.exists()


def test_an_aborted_transaction_leaves_no_line() -> None:
    def write_then_fail() -> None:
        _write(1)
        raise RuntimeError

    with pytest.raises(RuntimeError), transaction.atomic():
        write_then_fail()
    assert not JournalLine.objects.exists()


def test_batches_are_chained_and_verified() -> None:
    _write(3)
    assert seal_new_lines() == 3
    _write(2, 3)
    assert seal_new_lines() == 2
    assert seal_new_lines() == 0
    _write(1, 5)
    first, second = Seal.objects.order_by("last_line")
    assert second.previous_digest == first.digest != second.digest
    verdict = verify()
    assert verdict.is_intact and (verdict.sealed_lines, verdict.unsealed_lines) == (5, 1)
    assert verdict.last_digest == second.digest


INSERTED = (
    "INSERT INTO journal_journalline (id, at, action, subject, channel, details) "
    "SELECT min(id) - 1, now(), 'test.done', 's', '', '{}' FROM journal_journalline"
)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE journal_journalline SET action = 'test.other' WHERE id = (SELECT min(id) FROM journal_journalline)", "edited"),
        ("UPDATE journal_journalline SET at = at + interval '1 second'", "edited"),
        ("UPDATE journal_journalline SET details = '{\"count\": 99}' ", "edited"),
        ("DELETE FROM journal_journalline WHERE id = (SELECT min(id) + 1 FROM journal_journalline)", "lines were sealed"),
        (INSERTED, "lines were sealed"),
        ("UPDATE journal_seal SET digest = repeat('0', 64) WHERE id = (SELECT min(id) FROM journal_seal)", "edited"),
        ("DELETE FROM journal_seal WHERE id = (SELECT min(id) FROM journal_seal)", "does not follow"),
    ],
)  # fmt: skip
def test_any_edit_under_a_seal_is_found(statement: str, fault: str) -> None:
    _write(4)
    seal_new_lines()
    _write(4, 4)
    seal_new_lines()
    assert verify().is_intact
    with _as_owner() as cursor:
        cursor.execute(statement)  # type: ignore[attr-defined]
    assert fault in " ".join(verify().faults)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_journal_cut_with_its_seals_is_found_by_the_digest_noted_elsewhere() -> None:
    _write(2)
    seal_new_lines()
    _write(2, 2)
    seal_new_lines()
    noted = verify().last_digest
    last = Seal.objects.order_by("-last_line")[0]
    with _as_owner() as cursor:
        cursor.execute("DELETE FROM journal_journalline WHERE id >= %s", [last.first_line])  # type: ignore[attr-defined]
        cursor.execute("DELETE FROM journal_seal WHERE id = %s", [last.pk])  # type: ignore[attr-defined]
    assert verify().is_intact
    assert "noted elsewhere" in " ".join(verify(noted).faults)


@pytest.mark.django_db(transaction=True)
def test_a_line_committed_late_never_falls_under_a_seal_already_made() -> None:
    """A transaction takes a number, another takes a later one and commits; sealing waits, or gives up, for the first."""
    has_written, may_commit = threading.Event(), threading.Event()

    def slow_writer() -> None:
        with transaction.atomic():
            _write(1)
            has_written.set()
            assert may_commit.wait(20)
        connection.close()

    thread = threading.Thread(target=slow_writer)
    thread.start()
    try:
        assert has_written.wait(20)
        _write(1, 1)
        assert seal_new_lines() == 0  # writers are busy: nothing is sealed rather than a run with a hole
    finally:
        may_commit.set()
        thread.join()
    assert seal_new_lines() == 2
    assert verify().is_intact


def test_a_person_is_known_by_an_alias_that_erasure_makes_nobodys() -> None:
    person = Person.objects.create_person("Amina")
    record(action="test.done", subject="test:thing:1", actor=person)
    record(action="test.done", subject="test:thing:2", actor=person)
    alias = Pseudonym.objects.get(person=person).alias
    assert list(JournalLine.objects.order_by("pk").values_list("actor", flat=True)) == [alias, alias]
    seal_new_lines()
    assert forget(person) and not forget(person)
    assert not Pseudonym.objects.exists()
    assert verify().is_intact
    record(action="test.done", subject="test:thing:3", actor=person)
    assert JournalLine.objects.order_by("-pk")[0].actor != alias


def test_unsettled_errors_are_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    from maillage.core.journal import actions

    def broken(*_args: object) -> object:
        raise DatabaseError("something else")

    monkeypatch.setattr(actions, "digest_of", broken)
    _write(1)
    with pytest.raises(DatabaseError, match="something else"):
        seal_new_lines()
