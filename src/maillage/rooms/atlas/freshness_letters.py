"""What a contact is sent: one letter with its entries and a signed link each, or one SMS with a code."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from maillage.core.channels.actions import queue_letter
from maillage.core.channels.gateways import Letter
from maillage.core.web.wording import telephone_text
from maillage.rooms.atlas.freshness import age_in_words
from maillage.rooms.atlas.freshness_models import FreshnessRequest, FreshnessRound, Way
from maillage.rooms.atlas.freshness_queries import Contact, token_of
from maillage.rooms.atlas.leaflet_hours import hours_in_words
from maillage.rooms.atlas.models import Entry

LONGEST_NAME = 40  # so that the SMS stays in one part


def answer_url(request: FreshnessRequest) -> str:
    """The full address of the page where a contact answers."""
    return f"{settings.SITE_ADDRESS}{reverse('atlas:freshness_answer', args=[token_of(request.pk)])}"


def send_letters(made: FreshnessRound, contact: Contact, requests: Sequence[FreshnessRequest]) -> None:
    """Queues the message of one contact, in the caller's transaction; the same round never sends it twice."""
    key = f"atlas/freshness/{made.pk}/{contact.digest[:24]}"
    if made.way == Way.SMS:
        letter = Letter(key, "sms", contact.address, "", sms_words(requests[0]))
    else:
        letter = Letter(key, "mail", contact.address, _("Votre fiche est-elle toujours juste ?"), mail_words(requests))
    queue_letter(letter, subject=f"atlas:round:{made.pk}")


def sms_words(request: FreshnessRequest) -> str:
    """One SMS: what is asked, the words to answer with, how to be left in peace."""
    name = request.entry.name
    short = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"
    return _(
        "%(name)s : votre fiche est-elle juste ? Répondez OUI %(code)s, FERME %(code)s ou CHANGE %(code)s. STOP : plus de SMS."
    ) % {"name": short, "code": request.code}


def mail_words(requests: Sequence[FreshnessRequest]) -> str:
    """The letter, with what each entry says today."""
    parts = [
        _("Bonjour,"),
        _("Des habitants vous trouvent grâce à notre annuaire des lieux et initiatives. "
          "Pour qu’ils ne se déplacent pas pour rien, dites-nous si ce qui est écrit est toujours vrai."),
        *[_about(request) for request in requests],
        _("Le lien ouvre une page avec trois boutons : c’est toujours vrai, c’est fermé, quelque chose a changé. "
          "Il ne demande ni compte ni mot de passe, et il est valable 60 jours."),
        _("Nous écrivons une fois tous les six mois au plus. "
          "Sur la même page, vous pouvez demander de ne plus recevoir ce message."),
        settings.OPERATOR_NAME or "Maillage",
    ]  # fmt: skip
    return "\n\n".join(parts)


def _about(request: FreshnessRequest) -> str:
    lines = [request.entry.name, *said_of(request.entry), age_in_words(request.entry),
             _("Répondre : %(address)s") % {"address": answer_url(request)}]  # fmt: skip
    return "\n".join(lines)


def said_of(entry: Entry) -> list[str]:
    """What an entry says, as far as a telephone call can check it."""
    lines = []
    for place in list(entry.places.all())[:1]:
        town = " ".join(part for part in (place.postcode, place.commune) if part)
        hours = [" ".join(line.split()) for line in hours_in_words(place.opening_hours, place.opening_hours_text)]
        lines += [
            ", ".join(part for part in (place.address, town) if part),
            _("Téléphone : %(phone)s") % {"phone": telephone_text(place.phone)} if place.phone else "",
            _("Horaires : %(hours)s") % {"hours": " ; ".join(hours)} if hours else "",
        ]
    return [line for line in [*lines, entry.summary] if line]
