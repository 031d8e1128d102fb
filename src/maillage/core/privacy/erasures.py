"""Erasures that must outlive a restore: a list of random numbers, kept beside the database and beside the backups.

A backup made before an erasure holds the person; restoring it would bring them back. Rows of erased persons keep their
number, so the list (`erasure_list`) is only ever a copy of what the tables say, and it names nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from maillage.core.people.models import Person


def erased_persons() -> set[UUID]:
    """Numbers of the persons erased here."""
    return set(Person.objects.filter(erased_at__isnull=False).values_list("uid", flat=True))


def erase_again(numbers: Iterable[UUID]) -> int:
    """Erases those of the list who are back; returns how many."""
    from maillage.core.privacy.actions import erase  # which lists what it erases

    back = list(Person.objects.filter(uid__in=list(numbers), erased_at=None).order_by("pk"))
    with transaction.atomic():
        for person in back:
            erase(person)
    return len(back)
