"""Persons for tests, as the permission tables name them."""

from __future__ import annotations

from maillage.core.people.actions import add_person
from maillage.core.people.models import Person

HERE, ELSEWHERE = "commune:69259", "commune:13055"
ROLES = {
    "resident": ("resident", ""),
    "helper": ("helper", HERE),
    "moderator": ("moderator", HERE),
    "moderator_elsewhere": ("moderator", ELSEWHERE),
    "operator": ("operator", ""),
}


def person_of(kind: str) -> Person | None:
    """The person of a permission table; None for nobody."""
    if kind == "nobody":
        return None
    role, territory = ROLES[kind]
    return add_person(kind.replace("_", " ").capitalize(), email=f"{kind}@example.org", role=role, territory=territory)
