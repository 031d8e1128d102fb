"""What core/channels keeps about persons, for how long, and how it is exported and erased."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop as _

from maillage.core.channels.models import LedgerEntry, OutboundMessage
from maillage.core.channels.papers import forget_papers_about, forget_papers_before
from maillage.core.moderation.pace import forget_arrivals
from maillage.core.people.models import Person
from maillage.core.rooms import PersonalData, Processing, Retention

MESSAGE_DAYS = 30
ARRIVAL_DAYS = 1

PROCESSINGS = (
    Processing(
        code="messages",
        purpose=_("Envoyer les réponses et les codes de connexion par e-mail ou par SMS."),
        legal_ground=_("Mission d’intérêt public ; pour une réponse que vous demandez, votre accord"),
        data=(_("Adresse e-mail ou téléphone"), _("Texte du message")),
        people=_("Personnes qui demandent une réponse ou se connectent"),
        recipients=_("Le service d’envoi d’e-mails ou de SMS choisi par l’exploitant"),
        retention=_("30 jours après l’envoi ou l’échec"),
        retention_days=MESSAGE_DAYS,
    ),
    Processing(
        code="arrivals",
        purpose=_("Mettre de côté un afflux de propositions venu d’une même adresse, sans bloquer personne."),
        legal_ground=_("Mission d’intérêt public"),
        data=(
            _(
                "Empreinte de l’adresse de connexion ou de celle où part un message, avec un secret qui change chaque jour"
            ),
            _("Heure"),
        ),
        people=_("Personnes qui proposent ou corrigent"),
        recipients=_("Personne"),
        retention=_("1 jour au plus"),
        retention_days=ARRIVAL_DAYS,
    ),
    Processing(
        code="ledger",
        purpose=_("Savoir par quelle voie chaque contribution est arrivée, et qui l’a saisie pour une autre personne."),
        legal_ground=_("Mission d’intérêt public"),
        data=(_("Voie d’arrivée"), _("Aidant qui a saisi"), _("Numéro de la feuille")),
        people=_("Aidants"),
        recipients=_("Modérateurs du territoire"),
        retention=_("Tant que la contribution existe ; l’aidant n’y figure plus après l’effacement de son compte"),
        retention_days=None,
    ),
)
PERSONAL_DATA = (
    PersonalData(
        export="maillage.core.channels.privacy.export_messages", erase="maillage.core.channels.privacy.erase_messages"
    ),
    PersonalData(
        export="maillage.core.channels.privacy.export_ledger", erase="maillage.core.channels.privacy.erase_ledger"
    ),
)
RETENTIONS = (
    Retention(code="messages", run="maillage.core.channels.privacy.delete_old_messages", days=MESSAGE_DAYS),
    Retention(code="arrivals", run="maillage.core.channels.privacy.delete_old_arrivals", days=ARRIVAL_DAYS),
)


def _messages_to(person: Person) -> QuerySet[OutboundMessage]:
    reached = Q(pk__in=[])
    if person.email:
        reached |= Q(by=OutboundMessage.By.MAIL, to__iexact=person.email)
    if person.phone:
        reached |= Q(by=OutboundMessage.By.SMS, to=person.phone)
    return OutboundMessage.objects.filter(reached)


def export_messages(person: Person) -> list[dict[str, Any]]:
    """Messages sent or to be sent to the person's addresses."""
    rows = _messages_to(person).order_by("pk")
    return [{"kind": "message", "by": one.by, "to": one.to, "title": one.title, "text": one.body,
             "created_at": one.created_at.isoformat(), "state": one.state} for one in rows]  # fmt: skip


def erase_messages(person: Person) -> int:
    """Deletes them, and their files where the gateway writes files; what was not yet sent is not sent."""
    return _messages_to(person).delete()[0] + forget_papers_about((person.email, person.phone))


def export_ledger(person: Person) -> list[dict[str, Any]]:
    """Contributions that the person entered."""
    rows = LedgerEntry.objects.filter(entered_by=person).order_by("pk")
    return [{"kind": "entered", "subject": one.subject, "channel": one.channel, "for_whom": one.for_whom,
             "sheet": one.sheet_reference, "at": one.received_at.isoformat()} for one in rows]  # fmt: skip


def erase_ledger(person: Person) -> int:
    """Takes the person off the lines; the channel stays."""
    return LedgerEntry.objects.filter(entered_by=person).update(entered_by=None)


def delete_old_messages(now: datetime) -> int:
    """Deletes messages 30 days after they left, or after they were given up."""
    limit = now - timedelta(days=MESSAGE_DAYS)
    ended = Q(state=OutboundMessage.State.SENT, sent_at__lt=limit)
    ended |= Q(state=OutboundMessage.State.FAILED, next_try_at__lt=limit)
    return OutboundMessage.objects.filter(ended).delete()[0] + forget_papers_before(limit)


def delete_old_arrivals(now: datetime) -> int:
    """Deletes digests of addresses older than a day, and the salts of other days."""
    return forget_arrivals(now)
