"""Pages of the atlas that read: the list, the map, the sheet, and the tiles under the map."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from maillage.core.places.drawing_queries import bounds_of_territory
from maillage.core.places.queries import territory_name
from maillage.core.web.pages import Crumb, Page
from maillage.core.web.whole import kept_whole
from maillage.core.web.wording import number
from maillage.rooms.atlas import cards, queries, sheets
from maillage.rooms.atlas.facets import facet_counts
from maillage.rooms.atlas.filters import Filters, filters_from
from maillage.rooms.atlas.views_tiles import tile_response

LYON_BOUNDS = "4.68,45.56,5.10,45.94"


@require_safe
@kept_whole
def entry_list(request: HttpRequest) -> HttpResponse:
    """The list, its filters and its map, in step."""
    context = _question(request)
    context["page"] = Page(
        title=_("Lieux et initiatives"),
        title_first=context["title_first"],
        description=_("Trouver un lieu, une aide, une initiative près de chez soi, sur une liste et sur une carte."),
        kind="list",
    )
    return render(request, "atlas/list.html", context)


@require_safe
@kept_whole
def entry_map(request: HttpRequest) -> HttpResponse:
    """The map first, with the list under it: the same question, the same order."""
    context = _question(request)
    context["page"] = Page(
        title=_("Carte des lieux et initiatives"),
        title_first=context["title_first"],
        description=_("La carte des lieux et initiatives ; la liste dit la même chose."),
        crumbs=(Crumb(_("Lieux et initiatives"), reverse("atlas:list")),),
        kind="map",
    )
    return render(request, "atlas/map.html", context)


def _question(request: HttpRequest) -> dict[str, Any]:
    """What the list and the map page share."""
    filters = queries.resolved(filters_from(request.GET))
    page = queries.page_of(filters, request.GET.get("apres", ""), for_cards=True)
    place = territory_name(filters.territory) if filters.territory else ""
    query_string = filters.query_string()
    list_url = reverse("atlas:list")
    return {
        "filters": filters,
        "results": page,
        "cards": cards.cards(page.entries),
        "summary": _summary(page.total),
        "title_first": _told_first(filters, page.total),
        "facets": cards.facets(facet_counts(filters, page.query), filters),
        "chips": cards.chips(filters, place, request.path),
        "hidden": [pair for pair in filters.pairs() if pair[0] == "territoire"],
        "chosen": [pair for pair in filters.pairs() if pair[0] in filters.chosen],
        "sorts": _sorts(filters),
        "here": request.path,
        "list_url": f"{list_url}?{query_string}" if query_string else list_url,
        "map_url": reverse("atlas:map") + (f"?{query_string}" if query_string else ""),
        "next_url": _next_url(request.path, filters, page.next_cursor),
        "first_url": f"{request.path}?{query_string}" if not page.is_first else "",
        "query_string": query_string,
        "tiles_url": tiles_url(query_string),
        "contours_url": contours_url(),
        "bounds": bounds_text(filters),
        "legend": cards.map_legend(),
        "picture_url": reverse("atlas:picture") + (f"?{query_string}" if query_string else ""),
    }


def tiles_url(query_string: str) -> str:
    """Address of the tiles of a question, with holes for their numbers."""
    address = reverse("atlas:tile", args=[0, 0, 0]).replace("/0/0/0.mvt", "/{z}/{x}/{y}.mvt")
    return f"{address}?{query_string}" if query_string else address


def contours_url() -> str:
    """Address of the tiles of the territories, with holes for their numbers."""
    return reverse("places:tile", args=[0, 0, 0]).replace("/0/0/0.mvt", "/{z}/{x}/{y}.mvt")


def bounds_text(filters: Filters) -> str:
    """What the map shows first: the box asked, the points found, or the Lyon metropolis."""
    if filters.box:
        return ",".join(f"{side:.5f}" for side in filters.box)
    if filters.has_point and filters.lon is not None and filters.lat is not None:
        return f"{filters.lon - 0.03:.4f},{filters.lat - 0.02:.4f},{filters.lon + 0.03:.4f},{filters.lat + 0.02:.4f}"
    extent = bounds_of_territory(filters.territory) if filters.territory else None
    if extent is None and not filters.is_empty:
        extent = queries.extent_of(filters)
    return ",".join(f"{side:.5f}" for side in extent) if extent else LYON_BOUNDS


def _told_first(filters: Filters, total: int) -> str:
    """What a search found and asked for, before the title that all searches share."""
    if filters.is_empty and not filters.place:
        return ""
    return ", ".join(one for one in (_summary(total), filters.text, filters.place) if one)


def _summary(total: int) -> str:
    return ngettext("%(total)s fiche", "%(total)s fiches", total) % {"total": number(total)}


def _sorts(filters: Filters) -> list[tuple[str, str, bool]]:
    labels = {
        "pertinence": _("Le plus proche de vos mots"),
        "distance": _("Le plus près"),
        "nom": _("Nom"),
        "recent": _("Nouveautés"),
    }
    possible = [code for code in labels if not (code == "pertinence" and not filters.text)]
    possible = [code for code in possible if not (code == "distance" and not filters.has_point)]
    return [(code, labels[code], code == filters.order()) for code in possible]


def _next_url(path: str, filters: Filters, cursor: str) -> str:
    if not cursor:
        return ""
    query = filters.query_string()
    return f"{path}?{query}&apres={cursor}" if query else f"{path}?apres={cursor}"


@require_safe
@kept_whole
def entry_sheet(request: HttpRequest, entry_id: int, slug: str = "") -> HttpResponse:
    """One entry in full; an old address leads to the present one, a merged entry to the one that holds it."""
    entry = queries.sheet(entry_id)
    if entry.merged_into is not None:
        return HttpResponsePermanentRedirect(cards.sheet_url(entry.merged_into))
    if slug != entry.slug:
        return HttpResponsePermanentRedirect(cards.sheet_url(entry))
    page = Page(
        title=entry.name,
        description=entry.summary,
        crumbs=(Crumb(_("Lieux et initiatives"), reverse("atlas:list")),),
        kind="wide",
        title_language=entry.language,
    )
    return render(request, "atlas/sheet.html", {"page": page, "entry": entry, **sheets.sheet_context(entry)})


@require_safe
def entry_tile(request: HttpRequest, z: int, x: int, y: int) -> HttpResponse:
    """A vector tile of the entries that meet the question of the address."""
    return tile_response(request, "clusters", z, x, y)
