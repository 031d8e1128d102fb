"""Territories side by side, and the initiatives that are found in several places or years."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from maillage.core.places.queries import places_named
from maillage.core.web.pages import Page
from maillage.rooms.observatory.comparison import compared
from maillage.rooms.observatory.queries_profiles import profiles_of
from maillage.rooms.observatory.queries_spread import spread
from maillage.rooms.observatory.reliefs_files import Sheet, answer
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


@require_safe
def spreading_file(_request: HttpRequest, file_format: str) -> HttpResponseBase:
    """The same as a file: one row for each description of each family, with its places and years."""
    columns = [("family", _("Famille")), ("tie", _("Lien")), ("name", _("Initiative")), ("years", _("Années"))]
    columns += [("places", _("Communes")), ("source", _("Source")), ("address", _("Adresse de la fiche"))]
    ties = {"related": _("reliées par leurs descriptions"), "name": _("de même nom")}
    rows = [
        (
            *(family.name, ties[family.why], one.name, ", ".join(map(str, one.years))),
            *(", ".join(one.places), one.source, f"{settings.SITE_ADDRESS}{one.url}"),
        )
        for family in spread()
        for one in family.members
    ]
    title, page = _("Initiatives qui essaiment"), reverse("observatory:spread")
    description = _("Descriptions reliées entre elles, ou d’une même initiative dans plusieurs communes.")
    return answer(Sheet("essaimage", title, description, page, columns, rows), file_format)
