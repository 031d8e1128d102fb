"""Suggestions and decisions for the tests of the desk."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from maillage.core.people.models import Person
from maillage.core.people.tests.makers import person_of
from maillage.rooms.atlas.actions import Contact, Sending, send_suggestion
from maillage.rooms.atlas.actions_desk import Decision, Seen, decide
from maillage.rooms.atlas.models import Entry, Suggestion, SuggestionDecision
from maillage.rooms.atlas.proposal import Proposal
from maillage.rooms.atlas.tests.makers import at, make_entry


def made_entry() -> Entry:
    """An entry of Vénissieux."""
    place = at(4.886, 45.7036, "Maison", commune="Vénissieux", commune_code="69259", opening_hours="Mo 09:00-12:00")
    return make_entry(
        "PIMMS de Vénissieux", places=(place,), status="active", themes=["rights"], description="Une aide du lundi."
    )


def made_moderator() -> Person:
    """Who moderates there."""
    person = person_of("moderator")
    assert person is not None
    return person


_numbers = iter(range(10**6))


def suggest(kind: str, about: Entry | None = None, contact: str = "", **proposal: Any) -> Suggestion:
    by = "mail" if "@" in contact else "sms" if contact else ""
    sending = Sending(
        kind=kind, key=f"key-{next(_numbers)}", entry=about, proposal=Proposal(**proposal), contact=Contact(by, contact)
    )
    return send_suggestion(sending)


def seen_now(suggestion: Suggestion) -> Seen:
    suggestion.refresh_from_db()
    version = suggestion.entry.version if suggestion.entry else None
    return Seen(suggestion.decisions.count(), suggestion.state, version)


def settle(person: Person, suggestion: Suggestion, action: str, **options: Any) -> SuggestionDecision:
    return decide(person, suggestion.pk, Decision(action, seen_now(suggestion), **options))


def item_url(suggestion: Suggestion) -> str:
    return reverse("atlas:desk_item", args=[suggestion.pk])


NEW = {"entry": {"name": "Atelier vélo", "kind": "place", "summary": "On répare.", "themes": ["mobility"]},
       "place": {"commune": "Vénissieux", "commune_code": "69259", "lon": 4.89, "lat": 45.7}}  # fmt: skip
