"""The rights of a person without an account, who only left an e-mail or a telephone number: to be answered, say.

What every room keeps is exported and erased for a person; these have none. One is made from the address, without any role,
and everything that is found for somebody of that address is theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from maillage.core.channels.addresses import email_as_typed, phone_as_typed
from maillage.core.people.models import Person
from maillage.core.people.privacy import ERASED_NAME
from maillage.core.people.queries import person_at
from maillage.core.privacy.actions import erase, export_of

OWN_ROOM = "people"  # the row of the account that was made here, which is no finding


def export_at(address: str) -> dict[str, list[Mapping[str, Any]]]:
    """Everything kept about whoever is reached at this address, with or without an account; empty for a stranger."""
    if known := person_at(address):
        return export_of(known)
    with transaction.atomic():
        person = _made_for(address)
        found = export_of(person) if person else {}
        transaction.set_rollback(True)
    found.pop(OWN_ROOM, None)
    return found


@transaction.atomic
def erase_at(address: str) -> dict[str, int]:
    """Erases whoever is reached at this address, with or without an account; empty, and no trace, for a stranger."""
    person = person_at(address) or (_made_for(address) if export_at(address) else None)
    return erase(person) if person else {}


def _made_for(address: str) -> Person | None:
    mail, phone = email_as_typed(address), phone_as_typed(address)
    if not mail and not phone:
        return None
    return Person.objects.create_person(ERASED_NAME, email=mail, phone="" if mail else phone)
