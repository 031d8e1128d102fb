"""What freshness keeps about persons: contacts of places may be somebody's own number or address."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from maillage.core.people.models import Person
from maillage.rooms.atlas.freshness_declarations import CONTACT_DAYS
from maillage.rooms.atlas.freshness_models import FreshnessRequest


def _reached(person: Person) -> Q:
    addresses = [one for one in (person.email.lower(), person.phone) if one]
    return Q(contact__in=addresses)


def export_requests(person: Person) -> list[dict[str, Any]]:
    """Questions sent to the person's addresses, and answers that they typed for others."""
    rows = (
        FreshnessRequest.objects.filter(_reached(person) | Q(entered_by=person)).select_related("entry").order_by("pk")
    )
    return [{"kind": "freshness", "entry": one.entry.name, "asked_at": one.asked_at.isoformat(), "answer": one.answer,
             "channel": one.channel, "typed_by_you": one.entered_by_id == person.pk} for one in rows]  # fmt: skip


def erase_requests(person: Person) -> int:
    """Takes the person's addresses and name off; what was answered about places stays, as nobody's."""
    reached = FreshnessRequest.objects.filter(_reached(person)).update(contact="", contact_digest="")
    return reached + FreshnessRequest.objects.filter(entered_by=person).update(entered_by=None)


def forget_contacts(now: datetime) -> int:
    """Takes off addresses, and who typed, six months after the question."""
    rows = FreshnessRequest.objects.filter(asked_at__lt=now - timedelta(days=CONTACT_DAYS))
    return rows.filter(~Q(contact="") | Q(entered_by__isnull=False)).update(contact="", entered_by=None)
