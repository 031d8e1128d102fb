"""What freshness keeps about persons: contacts of places may be somebody's own number or address."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_noop as _

from maillage.core.people.models import Person
from maillage.core.rooms import PersonalData, Processing, Retention
from maillage.rooms.atlas.freshness_models import FreshnessRequest

CONTACT_DAYS = 183  # as long as the contact may not be asked again

PROCESSINGS = (
    Processing(
        code="freshness",
        purpose=_("Demander aux lieux si leur fiche est toujours vraie, une fois tous les six mois au plus."),
        legal_ground=_("Mission d’intérêt public ; le refus est respecté dès qu’il est dit"),
        data=(
            _("Téléphone ou adresse e-mail public du lieu"),
            _("Réponse, date et voie"),
            _("Aidant qui a téléphoné ou recopié la réponse"),
            _("Empreinte du contact qui ne veut plus être interrogé"),
        ),
        people=_("Personnes qui tiennent un lieu, aidants"),
        recipients=_("Modérateurs et aidants ; le service d’envoi choisi par l’exploitant"),
        retention=_("183 jours (six mois) après la demande ; un refus reste, par son empreinte seulement"),
        retention_days=CONTACT_DAYS,
    ),
)
PERSONAL_DATA = (
    PersonalData(
        export="maillage.rooms.atlas.freshness_privacy.export_requests",
        erase="maillage.rooms.atlas.freshness_privacy.erase_requests",
    ),
)
RETENTIONS = (
    Retention(code="freshness", run="maillage.rooms.atlas.freshness_privacy.forget_contacts", days=CONTACT_DAYS),
)


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
    reached = FreshnessRequest.objects.filter(_reached(person)).update(contact="")
    return reached + FreshnessRequest.objects.filter(entered_by=person).update(entered_by=None)


def forget_contacts(now: datetime) -> int:
    """Takes off addresses, and who typed, six months after the question."""
    rows = FreshnessRequest.objects.filter(asked_at__lt=now - timedelta(days=CONTACT_DAYS))
    return rows.filter(~Q(contact="") | Q(entered_by__isnull=False)).update(contact="", entered_by=None)
