"""Persons as those who give roles see them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from maillage.core.channels.addresses import email_as_typed, phone_as_typed
from maillage.core.errors import Refused
from maillage.core.people.models import Membership, Person, Role
from maillage.core.people.queries import Viewer, territories_where
from maillage.core.people.seeing import ADMINISTERING, may_administer
from maillage.core.places.models import Territory
from maillage.core.places.queries import territory_names

PAGE = 50


@dataclass(frozen=True)
class RoleHeld:
    """A role in words; `where` is empty for everywhere."""

    role: str
    where: str


@dataclass(frozen=True)
class PersonLine:
    """A person of the list with their roles in force."""

    person: Person
    roles: tuple[RoleHeld, ...]


def persons(viewer: Viewer, *, words: str = "", role: str = "") -> QuerySet[Person]:
    """Persons whom the viewer administers, the newest first: those with a role within their territories, or everybody.

    Raises Refused for who gives no role anywhere.
    """
    if not may_administer(viewer):
        raise Refused
    rows = Person.objects.filter(erased_at=None).order_by("-pk")
    held = Membership.objects.filter(ended_at=None)
    if (codes := territories_where(viewer, ADMINISTERING)) is not None:
        rows = rows.filter(pk__in=held.filter(territory_code__in=_within(codes)).values("person"))
    if role in Role.values:
        rows = rows.filter(pk__in=held.filter(role=role).values("person"))
    return rows.filter(_named(words)) if words else rows


def _named(words: str) -> Q:
    """By a part of the name, or by the whole of an address: parts of addresses are not to be tried."""
    found = Q(display_name__icontains=words)
    if email := email_as_typed(words):
        found |= Q(email__iexact=email)
    if phone := phone_as_typed(words):
        found |= Q(phone=phone)
    return found


def _within(codes: frozenset[str]) -> list[str]:
    """These territories and those that they hold."""
    inner = Territory.objects.filter(parent_codes__overlap=list(codes)).order_by("pk").values_list("kind", "code")
    return [*codes, *(f"{kind}:{code}" for kind, code in inner)]


def persons_page(rows: QuerySet[Person], after: str) -> tuple[list[PersonLine], str]:
    """One page, and the cursor of the next, "" at the end."""
    if after.isdecimal() and len(after) < 18:
        rows = rows.filter(pk__lt=int(after))
    found = list(rows[: PAGE + 1])
    return lines_of(found[:PAGE]), str(found[PAGE - 1].pk) if len(found) > PAGE else ""


def every_line(rows: QuerySet[Person]) -> Iterator[PersonLine]:
    """All of them, read by portions, for a file."""
    portion: list[Person] = []
    for person in rows.iterator(chunk_size=1000):
        portion.append(person)
        if len(portion) == 1000:
            yield from lines_of(portion)
            portion = []
    yield from lines_of(portion)


def lines_of(found: list[Person]) -> list[PersonLine]:
    """Persons with their roles, in two statements."""
    rows = list(Membership.objects.filter(person__in=found, ended_at=None).order_by("created_at", "pk"))
    names = territory_names({one.territory_code for one in rows if one.territory_code})
    roles: dict[int, list[RoleHeld]] = {}
    for one in rows:
        where = names.get(one.territory_code, one.territory_code)
        roles.setdefault(one.person_id, []).append(RoleHeld(one.get_role_display(), where))
    return [PersonLine(person, tuple(roles.get(person.pk, ()))) for person in found]


def visible_person(viewer: Viewer, pk: int) -> Person | None:
    """The person of this number if the viewer administers them, also one without any role whom they have just added."""
    return persons(viewer).filter(pk=pk).first()
