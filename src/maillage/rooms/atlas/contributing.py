"""What the pages of those who contribute share: who is writing, by which channel, with which key."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from maillage.core.channels.actions import Arriving
from maillage.core.channels.kinds import Channel
from maillage.core.channels.models import ForWhom
from maillage.core.moderation.pace import address_of
from maillage.core.people.models import Person
from maillage.core.web.pages import Crumb
from maillage.rooms.atlas.actions import Contact, Sending
from maillage.rooms.atlas.cards import sheet_url
from maillage.rooms.atlas.models import Entry, Place
from maillage.rooms.atlas.permissions import may_enter_for_others
from maillage.rooms.atlas.proposal import Proposal


def new_key() -> str:
    """The secret of one showing of a form."""
    return secrets.token_urlsafe(16)


def is_helper(request: HttpRequest) -> bool:
    """Whether the one who asks may type for others."""
    return may_enter_for_others(request.user)


def arriving_from(request: HttpRequest, data: Mapping[str, Any]) -> Arriving:
    """The channel and who entered it; what somebody else than a helper sends about these is not read."""
    if not is_helper(request):
        return Arriving()
    return Arriving(
        channel=data.get("channel") or Channel.WEB,
        entered_by=cast(Person, request.user),
        for_whom=data.get("for_whom") or ForWhom.SELF,
        sheet_reference=data.get("sheet_reference") or "",
    )


def sending_from(
    request: HttpRequest,
    data: Mapping[str, Any],
    *,
    kind: str,
    key: str,
    entry: Entry | None = None,
    proposal: Proposal | None = None,
) -> Sending:
    """A suggestion made of a form's cleaned data."""
    return Sending(
        kind=kind,
        key=key,
        entry=entry,
        proposal=proposal or Proposal(),
        message=data.get("message") or "",
        arriving=arriving_from(request, data),
        contact=Contact(data.get("answer_by") or "", data.get("answer_to") or ""),
        language=(get_language() or "fr")[:2],
        address=address_of(request),
    )


def crumbs(entry: Entry | None = None) -> tuple[Crumb, ...]:
    """Where these pages stand in the site."""
    first = Crumb(_("Lieux et initiatives"), reverse("atlas:list"))
    return (first, Crumb(entry.name, sheet_url(entry))) if entry else (first,)


LYON_BOUNDS = "4.68,45.56,5.10,45.94"


def pin_map_context(place: Place | None = None) -> dict[str, str]:
    """What the map of a form needs: where it opens and the contours under it."""
    bounds = LYON_BOUNDS
    if place is not None and place.lon is not None and place.lat is not None:
        bounds = f"{place.lon - 0.02:.5f},{place.lat - 0.014:.5f},{place.lon + 0.02:.5f},{place.lat + 0.014:.5f}"
    contours = reverse("places:tile", args=[0, 0, 0]).replace("/0/0/0.mvt", "/{z}/{x}/{y}.mvt")
    return {"bounds": bounds, "contours": contours}
