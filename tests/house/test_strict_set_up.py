"""The test set-up is stricter than production: each strictness is proved by something that it stops."""

from __future__ import annotations

import os
import socket
import warnings

import pytest
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from django.test import RequestFactory
from django.utils.translation import get_language
from pytest_socket import SocketConnectBlockedError

from maillage.core.people.models import Person
from tests.helpers.strict import GetNeverWrites, UndefinedVariable

ENGINE = Engine(string_if_invalid=UndefinedVariable())


def test_an_undefined_template_variable_fails() -> None:
    with pytest.raises(AssertionError, match="nowhere"):
        ENGINE.from_string("{{ nowhere }}").render(Context())
    assert ENGINE.from_string("{{ here }}{% if nowhere %}no{% endif %}").render(Context({"here": "yes"})) == "yes"


def test_a_socket_to_another_machine_is_closed() -> None:
    with socket.socket() as outside, pytest.raises((SocketConnectBlockedError, UserWarning), match="192.0.2.1"):
        outside.connect(("192.0.2.1", 80))


def test_a_warning_is_an_error() -> None:
    with pytest.raises(DeprecationWarning):
        warnings.warn("old", DeprecationWarning, stacklevel=1)


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "head"])
def test_a_get_that_writes_fails(method: str) -> None:
    view = GetNeverWrites(_writes)
    request = getattr(RequestFactory(), method)("/")
    with pytest.raises(AssertionError, match="a GET wrote"):
        view(request)


@pytest.mark.django_db
def test_a_post_may_write_and_a_get_may_read() -> None:
    assert GetNeverWrites(_writes)(RequestFactory().post("/")).status_code == 200
    assert GetNeverWrites(_reads)(RequestFactory().get("/")).content == b"1"


def _writes(_request: HttpRequest) -> HttpResponse:
    Person.objects.create_person("Alice")
    return HttpResponse()


def _reads(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(Person.objects.count()))


@pytest.mark.django_db
def test_unordered_rows_come_in_random_order() -> None:
    for number in range(30):
        Person.objects.create_person(f"Person {number}")
    orders = {tuple(Person.objects.order_by().values_list("pk", flat=True)) for _ in range(3)}
    assert len(orders) > 1
    assert len({tuple(Person.objects.order_by("pk").values_list("pk", flat=True)) for _ in range(3)}) == 1
    assert Person.objects.order_by().filter(display_name__in=["Person 1", "Person 2"]).exists()
    assert Person.objects.filter(pk__in=Person.objects.order_by().values("pk")).count() == 30


@pytest.mark.django_db
@pytest.mark.natural_order
def test_natural_order_can_be_asked_for() -> None:
    assert "RANDOM" not in str(Person.objects.order_by().query)


@pytest.mark.django_db
def test_the_database_is_thrown_away_and_entered_without_power() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (False,)
        cursor.execute("SELECT current_database()")
        name = cursor.fetchone()[0]
    assert name != "maillage"
    assert connections["owner"].settings_dict["NAME"] == name


def test_each_test_starts_in_french() -> None:
    assert get_language() == "fr"
    assert os.environ["TZ"] == "Europe/Paris"
