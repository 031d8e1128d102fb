"""What the atlas tells of who took part: acts, coarse, without anybody."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from maillage.core.moderation.states import State
from maillage.core.observed import Participation
from maillage.rooms.atlas.models import Suggestion, SuggestionVote
from maillage.rooms.atlas.observed import participations

pytestmark = pytest.mark.django_db
MONTH = timezone.localdate().strftime("%Y-%m")


def suggestion(number: int, territories: list[str], **rest: str) -> Suggestion:
    return Suggestion.objects.create(
        kind="new", code=f"{number:010d}", idempotency_key=f"k{number}", territories=territories, **rest
    )


def test_suggestions_and_voices_are_told_by_town_and_month() -> None:
    first = suggestion(1, ["arrondissement:69388", "commune:69123", "epci:200046977"], channel="paper")
    suggestion(2, ["commune:69259", "qpv:QN06901M"])
    suggestion(3, ["commune:69259", "commune:69029"])
    suggestion(4, ["commune:69259"], state=State.HELD)
    SuggestionVote.objects.create(suggestion=first, voter="x", agrees=True, channel="kiosk")
    assert list(participations()) == [
        Participation("atlas", "suggestion", "paper", MONTH, "arrondissement:69388", {}),
        Participation("atlas", "suggestion", "web", MONTH, "", {}),
        Participation("atlas", "suggestion", "web", MONTH, "commune:69259", {}),
        Participation("atlas", "voice", "kiosk", MONTH, "arrondissement:69388", {}),
    ]


def test_the_thanks_offer_to_say_who_takes_part(client: Client) -> None:
    made = suggestion(1, [])
    page = client.get(reverse("atlas:thanks", args=[made.code]))
    assert f"{reverse('observatory:participation_declare')}?piece=atlas" in page.content.decode()
