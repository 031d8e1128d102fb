"""The moderators' page of the composed maps: what waits, what people said, and the decision."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from maillage.core.errors import Invalid, Refused
from maillage.core.people.models import Person
from maillage.core.web.pages import Crumb, Page
from maillage.core.web.wording import number
from maillage.rooms.observatory import actions_maps, queries_maps
from maillage.rooms.observatory.forms_maps import DecideMapForm
from maillage.rooms.observatory.maps_shown import shown
from maillage.rooms.observatory.permissions import may_moderate_maps
from maillage.rooms.observatory.views_maps import composition_of, crumb


@login_required
@never_cache
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Maps that nobody looked at, that came in a flood, that somebody flagged, or that changed since they were listed."""
    if not may_moderate_maps(request.user):
        raise Refused(_("Cette page est celle de la modération."))
    return _desk(request)


def _desk(request: HttpRequest, fault: str = "", status: int = 200) -> HttpResponse:
    waiting = queries_maps.maps_to_moderate()
    titles = {
        one.saved.row.pk: one.saved.version.title or shown(composition_of(one.saved.version.query)).title
        for one in waiting.shown
    }
    page = Page(title=_("Cartes à relire"), crumbs=(crumb(), Crumb(_("Cartes"), reverse("observatory:maps"))), kind="list",
                indexed=False, has_errors=bool(fault))  # fmt: skip
    rows = [(one, titles[one.saved.row.pk]) for one in waiting.shown]
    context = {
        "page": page,
        "rows": rows,
        "fault": fault,
        "total": number(waiting.total),
        "is_cut": waiting.total > len(rows),
    }
    return render(request, "observatory/maps/desk.html", context, status=status)


@login_required
@require_POST
def decide(request: HttpRequest, code: str) -> HttpResponse:
    """Lists, keeps off the list, hides or shows again."""
    if not may_moderate_maps(request.user):
        raise Refused(_("Seule la modération décide des cartes."))
    row = queries_maps.map_to_decide(code)
    form = DecideMapForm(request.POST)
    if not form.is_valid():
        return _desk(request, _("Choisissez une décision."), 422)
    data = form.cleaned_data
    try:
        actions_maps.decide_map(
            code=row.code, decision=data["decision"], version=data["version"], moderator=cast(Person, request.user),
            reason=data["reason"],
        )  # fmt: skip
    except Invalid as fault:
        return _desk(request, str(fault), 422)
    return redirect("observatory:map_desk")
