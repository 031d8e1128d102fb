"""Persons and roles by territory."""

from __future__ import annotations

import threading

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection

from maillage.core.errors import Invalid
from maillage.core.journal.models import JournalLine
from maillage.core.people.actions import add_person, end_role, give_role
from maillage.core.people.models import Membership, Person
from maillage.core.people.queries import MODERATING, has_role, holds_somewhere, roles_of, territories_where

pytestmark = pytest.mark.django_db


def _again(person: Person) -> Person:
    return Person.objects.get(pk=person.pk)


def test_a_person_needs_neither_mail_nor_telephone() -> None:
    first, second = add_person("Alice"), add_person("Charlie")
    assert first.pk != second.pk and not first.email and not first.phone


def test_adding_again_finds_the_same_person_and_adds_the_role() -> None:
    first = add_person("Amina", email="amina@example.org", role="helper")
    second = add_person("Amina B.", email="AMINA@example.org", role="moderator", territory="commune:69259")
    assert first == second
    assert {(held.role, held.territory_code) for held in roles_of(_again(first))} == {
        ("helper", ""), ("moderator", "commune:69259"),
    }  # fmt: skip


@pytest.mark.parametrize(("field", "value"), [("email", "amina"), ("phone", "12"), ("role", "king")])
def test_what_cannot_be_is_refused(field: str, value: str) -> None:
    with pytest.raises(Invalid):
        add_person("Amina", **{field: value})
    assert not Person.objects.exists()


def test_a_role_is_held_on_its_territory_only() -> None:
    person = add_person("Amina", role="moderator", territory="departement:69")
    assert has_role(person, "moderator", ["commune:69259", "departement:69"])
    assert not has_role(person, "moderator", ["commune:13055", "departement:13"])
    assert not has_role(person, "moderator")
    assert territories_where(person, MODERATING) == frozenset({"departement:69"})


def test_a_role_without_territory_is_held_everywhere() -> None:
    person = add_person("Amina", role="moderator")
    assert has_role(person, "moderator", ["commune:13055"]) and has_role(person, "moderator")
    assert territories_where(person, MODERATING) is None


def test_an_ended_role_is_no_role_and_may_be_given_again() -> None:
    person = add_person("Amina", role="moderator")
    end_role(Membership.objects.get(person=person))
    assert not holds_somewhere(_again(person), MODERATING)
    give_role(person, "moderator")
    assert holds_somewhere(_again(person), MODERATING)
    assert Membership.objects.count() == 1


def test_somebody_not_signed_in_or_ended_holds_nothing() -> None:
    assert roles_of(AnonymousUser()) == frozenset()
    person = add_person("Amina", role="operator")
    person.is_active = False
    assert roles_of(person) == frozenset()


def test_roles_are_journaled_without_names() -> None:
    person = add_person("Amina Dupont", email="amina@example.org", role="moderator", territory="commune:69259")
    end_role(Membership.objects.get(person=person))
    lines = JournalLine.objects.order_by("pk")
    assert [line.action for line in lines] == ["people.person_added", "people.role_given", "people.role_ended"]
    assert "amina" not in str(list(lines.values())).lower()


@pytest.mark.django_db(transaction=True)
def test_two_operators_who_leave_together_do_not_both_leave() -> None:
    """The second waits for the first, and is then the last one."""
    for turn in range(3):
        Membership.objects.all().delete()
        two = [add_person(f"Exploitant {turn} {one}", role="operator") for one in range(2)]
        start, refused = threading.Barrier(2), list[str]()

        def leave(person: Person, start: threading.Barrier = start, refused: list[str] = refused) -> None:
            start.wait()
            try:
                end_role(Membership.objects.get(person=person))
            except Invalid as fault:
                refused.append(str(fault))
            finally:
                connection.close()

        threads = [threading.Thread(target=leave, args=(one,)) for one in two]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(refused) == 1 and Membership.objects.filter(role="operator", ended_at=None).count() == 1
