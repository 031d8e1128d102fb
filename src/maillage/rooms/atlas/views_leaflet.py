"""The leaflet of a neighbourhood or commune: the page that offers them, and the PDF."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from maillage.core.errors import Missing
from maillage.core.places.queries import territories_of_kind, territory
from maillage.core.web.pages import Crumb, Page
from maillage.rooms.atlas import leaflet as leaflets_made

KINDS = ("qpv", "qva", "commune", "arrondissement")


@require_safe
def leaflets(request: HttpRequest) -> HttpResponse:
    """Every neighbourhood and commune that has a leaflet, with how to print and fold it."""
    page = Page(
        title=_("Dépliants à imprimer"),
        description=_("Un dépliant par quartier et par commune : une feuille A4, recto verso, à plier en deux."),
        crumbs=(Crumb(_("Lieux et initiatives"), reverse("atlas:list")),),
        kind="text",
    )
    groups = [
        (_("Quartiers"), [one for kind in ("qpv", "qva") for one in territories_of_kind(kind)]),
        (_("Arrondissements"), territories_of_kind("arrondissement")),
        (_("Communes"), territories_of_kind("commune")),
    ]
    languages = [(code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES if code != "fr"]
    return render(
        request,
        "atlas/leaflets.html",
        {"page": page, "groups": [one for one in groups if one[1]], "languages": languages},
    )


@require_safe
def leaflet(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    """The leaflet as PDF/UA; ?langue= chooses the language of its words."""
    language = request.GET.get("langue", translation.get_language() or "fr")
    if kind not in KINDS or language not in dict(settings.LANGUAGES):
        raise Missing(_("Ce dépliant n’existe pas."))
    found = territory(kind=kind, code=code)
    with translation.override(language):
        pdf = leaflets_made.leaflet_pdf(found, timezone.localtime())
    name = f"maillage-depliant-{slugify(found.name)}-{language}-{timezone.localdate():%Y-%m-%d}.pdf"
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Content-Language"] = language
    return response


@require_safe
def here(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    """The short address printed on paper: the list of a territory, however its contour is known today."""
    if kind not in KINDS:
        raise Missing("")
    query = leaflets_made.list_query(territory(kind=kind, code=code))
    return HttpResponseRedirect(f"{reverse('atlas:list')}?{query}")
