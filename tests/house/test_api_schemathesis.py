"""Whatever is sent to the programming interface: never a fault of ours, always an answer of a described shape."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS

from maillage.house.wsgi import application
from maillage.rooms.atlas.tests.makers import at, make_entry

CHECKED = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")


@pytest.fixture
def interface(db: None) -> schemathesis.schemas.BaseSchema:
    """The description as it is served, with a few rows behind it."""
    make_entry("Atelier", themes=["rights"], places=(at(4.88, 45.7),))
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


schema = schemathesis.pytest.from_fixture("interface")


@schema.parametrize()
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_no_request_breaks_it(case: schemathesis.Case) -> None:
    case.call_and_validate(checks=[CHECKS.get_one(name) for name in CHECKED])
