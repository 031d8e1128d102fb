"""Territories side by side, and the initiatives that are found in several places or years."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from maillage.core.places.queries import places_named
from maillage.core.web.pages import Page
from maillage.rooms.observatory.comparison import compared
from maillage.rooms.observatory.queries_profiles import profiles_of
from maillage.rooms.observatory.queries_spread import spread
from maillage.rooms.observatory.views_profiles import KINDS, observatory_crumb

MOST_TERRITORIES = 4
MOST_FOUND = 12


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """?territoire=kind:code, up to four, in one table; ?q= looks for another to add."""
    wanted = list(dict.fromkeys(one[:40] for one in request.GET.getlist("territoire")))[:MOST_TERRITORIES]
    profiles, unknown = profiles_of(wanted)
    kept = [f"{one.kind}:{one.code}" for one in profiles]
    typed = request.GET.get("q", "").strip()[:200]
    found = [one for one in places_named(typed, MOST_FOUND) if one.kind in KINDS] if typed else []
    context = {
        "page": Page(
            title=_("Comparer des territoires"),
            description=_("Les mêmes chiffres côte à côte, avec leur année et leur méthode."),
            crumbs=(observatory_crumb(),),
            kind="wide",
            indexed=not wanted,
        ),
        "profiles": [(one, _url([other for other in kept if other != f"{one.kind}:{one.code}"])) for one in profiles],
        "table": compared(profiles),
        "kept": kept,
        "unknown": unknown,
        "typed": typed,
        "found": [
            (one, _url([*kept, f"{one.kind}:{one.code}"])) for one in found if f"{one.kind}:{one.code}" not in kept
        ],
        "is_full": len(profiles) >= MOST_TERRITORIES,
    }
    return render(request, "observatory/compare.html", context)


def _url(references: list[str]) -> str:
    return f"{reverse('observatory:compare')}?{urlencode([('territoire', one) for one in references])}"


@require_safe
def spreading(request: HttpRequest) -> HttpResponse:
    """Initiatives linked to others, or of one name, followed over places and years."""
    context = {
        "page": Page(
            title=_("Initiatives qui essaiment"),
            description=_(
                "Celles que l’on retrouve dans plusieurs lieux : sous le même nom, ou liées par leur description."
            ),
            crumbs=(observatory_crumb(),),
            kind="list",
        ),
        "families": spread(),
    }
    return render(request, "observatory/spread.html", context)
