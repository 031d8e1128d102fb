"""The profiles of the territories: the list, one page each, its small map."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from maillage.core.errors import Missing
from maillage.core.places.queries import kinds_loaded, places_named, territories_page
from maillage.core.places.queries import territory as territory_of
from maillage.core.places.sheets import plural_of
from maillage.core.web.pages import Crumb, Page
from maillage.core.web.wording import number
from maillage.rooms.observatory import indicators_charts as charts
from maillage.rooms.observatory.profile_map import has_place, profile_svg
from maillage.rooms.observatory.queries_profiles import profile, profile_lines, things_in

PAGE_SIZE, MOST_FOUND = 60, 20
# Neighbourhoods first: they are what the page is for.
KINDS = ("qpv", "qva", "arrondissement", "commune", "epci", "custom", "iris")


def observatory_crumb() -> Crumb:
    """The way back to the front page of the room."""
    return Crumb(_("Observatoire"), reverse("observatory:home"))


def list_crumb() -> Crumb:
    """The way back to the list of profiles."""
    return Crumb(_("Profils des territoires"), reverse("observatory:profiles"))


@require_safe
def profiles(request: HttpRequest) -> HttpResponse:
    """Territories with a profile; ?q= looks for a name, ?sorte= chooses a kind."""
    typed = request.GET.get("q", "").strip()[:200]
    loaded = kinds_loaded()
    kinds = {kind: loaded[kind] for kind in KINDS if kind in loaded}
    kind = request.GET.get("sorte", "")
    kind = kind if kind in kinds else next(iter(kinds), "commune")
    rows, cursor = territories_page(kind, request.GET.get("apres", "")[:600], PAGE_SIZE)
    context = {
        "page": Page(
            title=_("Profils des territoires"),
            description=_("Les chiffres d’un quartier ou d’une commune, expliqués, comparés et sourcés."),
            crumbs=(observatory_crumb(),),
            kind="list",
            indexed=not typed and "apres" not in request.GET,
        ),
        "typed": typed,
        "found": [one for one in places_named(typed, MOST_FOUND) if one.kind in KINDS] if typed else [],
        "tabs": [(plural_of(one), count, _list_url(one), one == kind) for one, count in kinds.items()],
        "heading": plural_of(kind),
        "lines": profile_lines(rows),
        "summary": _("{shown} sur {total}").format(shown=number(len(rows)), total=number(kinds.get(kind, 0))),
        "first_url": _list_url(kind) if "apres" in request.GET else "",
        "next_url": _list_url(kind, apres=cursor) if cursor else "",
    }
    return render(request, "observatory/profiles.html", context)


def _list_url(kind: str, **more: str) -> str:
    return f"{reverse('observatory:profiles')}?{urlencode({'sorte': kind, **more})}"


@require_safe
def profile_page(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    """One territory in words, figures, comparisons, supply and sources; ?liste= names a generation."""
    found = profile(kind=kind, code=code, generation=request.GET.get("liste", "")[:10])
    reference = f"{kind}:{code}"
    context = {
        "page": Page(
            title=_("{name} en chiffres").format(name=found.name),
            description=found.sentences[0],
            crumbs=(observatory_crumb(), list_crumb()),
            kind="wide",
        ),
        "profile": found,
        "cards": [(one, charts.strip(one), charts.sparkline(one)) for one in found.key_figures],
        "topics": found.by_topic,
        "key_codes": {one.code for one in found.key_figures},
        "has_around": any(one.around for one in found.figures),
        "compare_url": f"{reverse('observatory:compare')}?{urlencode({'territoire': reference})}",
        "notes": sorted({f"{one.label} : {one.method_note}" for one in found.figures if one.method_note}),
        "has_map": has_place(reference),
        "map_alt": _("Carte de {name} et de ce qui l’entoure, avec {n} lieux et initiatives.").format(
            name=found.name, n=number(found.supply_total)
        ),
        "sheet_url": reverse("places:sheet", kwargs={"kind": kind, "code": code}),
    }
    return render(request, "observatory/profile.html", context)


@require_safe
def profile_picture(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    """The map of a profile as SVG."""
    row = territory_of(kind=kind, code=code)
    svg = profile_svg(kind, code, row.name, things_in(row.reference))
    if not svg:
        raise Missing(row.reference)
    response = HttpResponse(svg, content_type="image/svg+xml")
    response["Cache-Control"] = "public, max-age=300"
    return response
