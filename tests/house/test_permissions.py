"""Every address of the site stands in a permission table, and every line of the tables holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module, util
from types import ModuleType

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from maillage.core.people.models import Membership, Person
from tests.helpers.permissions import ROLES, Row, filled, rows_of


def tables() -> list[ModuleType]:
    wanted = [f"{module}.tests.permission_table" for module in (*settings.CORE_MANIFESTS, *settings.ROOMS)]
    return [import_module(name) for name in wanted if util.find_spec(name)]


def url_names(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """Names of all addresses, with their namespaces; an address without a name is told by its route."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{prefix}{pattern.name or pattern.pattern}"
        else:
            yield from url_names(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)


def test_every_address_is_in_a_table() -> None:
    known = {row.url_name for table in tables() for row in rows_of(table)}
    names = set(url_names())
    assert len(names) > 20
    assert not sorted(names - known), "these addresses are in no tests/permission_table.py"
    assert not sorted(known - names), "these lines are about addresses that no longer exist"


def test_the_walk_sees_a_name_inside_namespaces_and_languages() -> None:
    assert {"web:home", "atlas:list", "people:sign_in"} <= set(url_names())


def every_address() -> list[object]:
    """Rows of one address together: what they need is made once."""
    found: list[object] = []
    for table in tables():
        rows = rows_of(table)
        names = sorted({row.url_name for row in rows})
        found += [pytest.param(table, [row for row in rows if row.url_name == name], id=name) for name in names]
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("table,rows", every_address())
def test_rows_of(table: ModuleType, rows: list[Row]) -> None:
    samples = table.SAMPLES() if hasattr(table, "SAMPLES") else {}
    persons = {who: person(who) for who in {row.who for row in rows} & set(ROLES)}
    faults = []
    for row in rows:
        with transaction.atomic():  # each row finds the samples as they were
            status, told = _answer(row, samples, persons)
            transaction.set_rollback(True)
        if status != row.status:
            faults.append(f"{row}: answered {status} {told}")
    assert not faults, "\n".join(faults)


def _answer(row: Row, samples: Mapping[str, object], persons: Mapping[str, Person]) -> tuple[int, object]:
    client = Client(raise_request_exception=False)
    if row.who in persons:
        client.force_login(persons[row.who])
    kwargs = {name: filled(value, samples) for name, value in row.kwargs.items()}
    address = reverse(row.url_name, args=row.args or None, kwargs=kwargs or None)
    if row.method == "GET":
        response = client.get(address + row.query)
    else:
        response = client.post(address, {name: filled(value, samples) for name, value in row.data.items()})
    return response.status_code, response.headers.get("Location") or (
        "" if response.streaming else response.content[:200]
    )


def person(who: str) -> Person:
    found: Person = Person.objects.create_person(who)
    role, territory = ROLES[who]
    if role:
        Membership.objects.create(person=found, role=role, territory_code=territory)
    return found
