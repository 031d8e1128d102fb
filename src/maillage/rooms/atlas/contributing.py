"""What the pages of those who contribute share: who is writing, by which channel, with which key."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from maillage.core.channels.actions import Arriving
from maillage.core.channels.kinds import Channel
from maillage.core.channels.models import ForWhom
from maillage.core.moderation.codes import code_as_shown
from maillage.core.moderation.pace import address_of
from maillage.core.people.models import Person
from maillage.core.web.pages import Crumb
from maillage.rooms.atlas.actions import Contact, Sending, half_key, send_suggestion
from maillage.rooms.atlas.cards import sheet_url
from maillage.rooms.atlas.models import Entry, Place, Suggestion
from maillage.rooms.atlas.permissions import may_enter_for_others
from maillage.rooms.atlas.proposal import Proposal
from maillage.rooms.atlas.queries_suggest import sent_before, suggestion_of_form

_KEY = re.compile(r"[A-Za-z0-9_-]{16,43}")
_NUMBER = re.compile(r"[0-9a-f]{12}")


def new_key() -> str:
    """The secret of one showing of a form."""
    return secrets.token_urlsafe(24)


def key_as_sent(typed: str) -> str:
    """The key that a form carries; a new one where it was lost or altered."""
    return typed if _KEY.fullmatch(typed) else new_key()


def showing(request: HttpRequest) -> HttpResponse | str:
    """The key of the form that this address shows in this browser; or where to go instead.

    An address without a number gets one, so that going back finds the same form: if it was sent meanwhile, its thanks. The
    number means nothing in another browser, whose secret differs: an address given to a neighbour shows an empty form.
    """
    get_token(request)  # the cookie is there from now on
    number = request.GET.get("envoi", "")
    if not _NUMBER.fullmatch(number):
        asked = request.GET.copy()
        asked["envoi"] = secrets.token_hex(6)
        return redirect(f"{request.path}?{asked.urlencode()}")
    key = salted_hmac(
        "atlas.form", f"{request.META['CSRF_COOKIE']} {request.path} {number}", algorithm="sha256"
    ).hexdigest()
    before = suggestion_of_form(form_half(key[:40]))
    return thanked(before, again=True) if before else key[:40]


def form_half(form_key: str) -> str:
    """The half of a suggestion's key that tells the form which was shown."""
    return half_key("form", form_key)


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
    form_key: str,
    entry: Entry | None = None,
    proposal: Proposal | None = None,
) -> Sending:
    """A suggestion made of a form's cleaned data; its key tells the form, then what is sent and from which browser."""
    proposal, about = proposal or Proposal(), entry.pk if entry else 0
    # The secret of the cookie against forged requests, which every form needs: it tells one browser from another.
    browser = request.META.get("CSRF_COOKIE") or form_key
    said = half_key("said", browser, kind, about, proposal.as_payload(), data.get("message"), data.get("answer_to"))
    return Sending(
        kind=kind,
        key=form_half(form_key) + said,
        entry=entry,
        proposal=proposal,
        message=data.get("message") or "",
        arriving=arriving_from(request, data),
        contact=Contact(data.get("answer_by") or "", data.get("answer_to") or ""),
        language=(get_language() or "fr")[:2],
        address=address_of(request),
    )


def thanked(suggestion: Suggestion, *, again: bool = False) -> HttpResponse:
    """Leads to the thanks; `again` says there that this had already been sent."""
    return redirect(reverse("atlas:thanks", args=[suggestion.code]) + ("?deja=1" if again else ""))


def answer_once(sending: Sending) -> HttpResponse | Suggestion:
    """Sends and thanks. What was already sent is thanked again under its first code, and nothing is made.

    Where the same form comes again with other words, nothing is sent either: the first suggestion is returned, for the
    page to tell it and to ask whether these words are meant as another one.
    """
    before = sent_before(sending.key, timezone.now())
    if before is None:
        return thanked(send_suggestion(sending))
    return thanked(before, again=True) if _says_the_same(before, sending) else before


def shown_again(form: forms.Form, before: Suggestion) -> dict[str, Any]:
    """What a page needs to show a form that was already sent: a new key in it, and the code of the first sending."""
    data = cast(QueryDict, form.data).copy()
    data["form_key"] = new_key()
    form.data = data
    return {"before": before, "before_code": code_as_shown(before.code)}


def _says_the_same(before: Suggestion, sending: Sending) -> bool:
    """Whether nothing would be lost; a contact erased since then is no difference."""
    payload = json.loads(json.dumps(sending.proposal.as_payload()))
    is_same_contact = not before.answer_to or before.answer_to == sending.contact.to
    return before.payload == payload and before.message == sending.message and is_same_contact


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
