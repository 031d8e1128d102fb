"""Which tests say something of the server that the run was given."""

from __future__ import annotations

import pytest

FIXTURES = frozenset({"db", "transactional_db", "live_server", "django_db_setup"})


def reaches_database(item: pytest.Item) -> bool:
    """Whether a test asks for the run's database, by a mark or a fixture. Installations of a test have servers of their own."""
    if any(item.get_closest_marker(name) for name in ("django_db", "journey")):
        return True
    return not FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))
