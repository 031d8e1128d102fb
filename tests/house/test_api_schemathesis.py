"""Whatever is sent to the programming interface: never a fault of ours, always an answer of a described shape."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import CHECKS
from schemathesis.schemas import BaseSchema

from maillage.core.readmodel import edition
from maillage.house.wsgi import application
from maillage.rooms.atlas.tests.makers import at, make_entry

CHECKED = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")
OPERATIONS = [
    "GET /api/v1/atlas/entries",
    "GET /api/v1/atlas/entries/{entry_id}",
    "GET /api/v1/atlas/entries/{entry_id}/history",
    "GET /api/v1/atlas/facets",
    "GET /api/v1/atlas/search",
    "POST /api/v1/atlas/suggestions",
    "GET /api/v1/places/territories",
    "GET /api/v1/places/territories/{kind}/{code}",
]


@pytest.fixture
def interface(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[BaseSchema]:
    """The description as it is served, with a row behind it. As in Django's own client, the connection stays open."""
    monkeypatch.setattr(edition, "close_old_connections", lambda: None)
    make_entry("Atelier", themes=["rights"], places=(at(4.88, 45.7),))
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_every_address_is_tried(interface: BaseSchema) -> None:
    assert {found.ok().label for found in interface.get_all_operations()} == set(OPERATIONS)


@pytest.mark.parametrize("label", OPERATIONS)
def test_no_request_breaks_it(interface: BaseSchema, label: str) -> None:
    method, _space, path = label.partition(" ")
    checks = [CHECKS.get_one(name) for name in CHECKED]

    @settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(case=interface[path][method].as_strategy())
    def tried(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=checks, headers={"Accept-Encoding": "identity"})

    tried()
