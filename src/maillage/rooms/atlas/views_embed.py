"""The list on other sites: the page that makes the snippet, the bare frame, the collections."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from maillage.core.places.queries import territory_name
from maillage.core.web.middleware import embeddable
from maillage.core.web.pages import Crumb, Page
from maillage.core.web.wording import number
from maillage.rooms.atlas import cards, collections_shown, queries, views
from maillage.rooms.atlas.collections_shown import Shown
from maillage.rooms.atlas.filters import Filters, filters_from

HEIGHTS = (480, 640, 800)


def _list_crumb() -> Crumb:
    return Crumb(_("Lieux et initiatives"), reverse("atlas:list"))


def _full(path: str, query: str = "") -> str:
    return f"{settings.SITE_ADDRESS}{path}{f'?{query}' if query else ''}"


def _height(request: HttpRequest) -> int:
    asked = request.GET.get("hauteur", "")
    return int(asked) if asked in {str(height) for height in HEIGHTS} else HEIGHTS[1]


@require_safe
def embed_help(request: HttpRequest) -> HttpResponse:
    """The lines to paste in another site for the present question, and how they will look."""
    chosen = collections_shown.shown(request.GET["collection"]) if request.GET.get("collection") else None
    filters = Filters() if chosen else queries.resolved(filters_from(request.GET))
    query = f"collection={chosen.slug}" if chosen else filters.query_string()
    place = territory_name(filters.territory) if filters.territory else ""
    height, frame_url = _height(request), _full(reverse("atlas:embed_frame"), query)
    title = chosen.title if chosen else _("Lieux et initiatives")
    context = {
        "page": Page(
            title=_("Mettre cette liste sur un autre site"),
            description=_(
                "Copiez quelques lignes : la liste et sa carte s’affichent sur votre site et restent à jour."
            ),
            crumbs=(_list_crumb(),),
            kind="text",
        ),
        "chips": [] if chosen else cards.chips(filters, place, request.path),
        "chosen": chosen,
        "hidden": [("collection", chosen.slug)] if chosen else filters.pairs(),
        "height": height,
        "heights": HEIGHTS,
        "frame_url": frame_url,
        "iframe_code": _iframe(frame_url, title, height),
        "component_code": _component(query, title, height),
        "download_url": reverse("atlas:download") + (f"?{filters.query_string()}" if filters.query_string() else ""),
    }
    return render(request, "atlas/embed_help.html", context)


def _iframe(address: str, title: str, height: int) -> str:
    """Lines of HTML; shown as text, so escaped once more by the template."""
    return (
        f'<iframe src="{escape(address)}" title="{escape(title)}"\n'
        f'        width="100%" height="{height}" loading="lazy" allow="geolocation"></iframe>'
    )


def _component(query: str, title: str, height: int) -> str:
    script = _full("/static/atlas/embed.js")
    return (
        f'<script src="{escape(script)}" defer></script>\n'
        f'<maillage-atlas src="{escape(_full(reverse("atlas:list")))}" filters="{escape(query)}"\n'
        f'                title="{escape(title)}" height="{height}"></maillage-atlas>'
    )


@require_safe
def frame(request: HttpRequest) -> HttpResponse:
    """The list and its map without header nor footer; the one page that other sites may show in a frame."""
    chosen = collections_shown.shown(request.GET["collection"]) if request.GET.get("collection") else None
    cursor = request.GET.get("apres", "")
    if chosen and chosen.entries is not None:
        results = cards.cards(chosen.entries)
        return embeddable(
            render(
                request,
                "atlas/embed_frame.html",
                _frame_context(request, chosen, chosen.filters, results, len(results)),
            )
        )
    filters = chosen.filters if chosen else queries.resolved(filters_from(request.GET))
    found = queries.page_of(filters, cursor, for_cards=True)
    context = _frame_context(request, chosen, filters, cards.cards(found.entries), found.total)
    if found.next_cursor:
        context["next_url"] = (
            f"{request.path}?{context['query']}{'&' if context['query'] else ''}apres={found.next_cursor}"
        )
    if not found.is_first:
        context["first_url"] = f"{request.path}?{context['query']}"
    return embeddable(render(request, "atlas/embed_frame.html", context))


def _frame_context(
    request: HttpRequest, chosen: Shown | None, filters: Filters, results: list[cards.Card], total: int
) -> dict[str, object]:
    by_hand = chosen is not None and chosen.entries is not None
    query = f"collection={chosen.slug}" if chosen else filters.query_string()
    list_path = reverse("atlas:collection", args=[chosen.slug]) if chosen else reverse("atlas:list")
    has_map = not by_hand
    filter_query = filters.query_string()
    return {
        "page": Page(title=chosen.title if chosen else _("Lieux et initiatives"), kind="bare", indexed=False),
        "cards": results,
        "summary": ngettext("%(total)s fiche", "%(total)s fiches", total) % {"total": number(total)},
        "query": query,
        "next_url": "",
        "first_url": "",
        "has_map": has_map,
        "full_url": _full(list_path, "" if chosen else query),
        "tiles_url": views.tiles_url(filter_query),
        "contours_url": views.contours_url(),
        "bounds": views.bounds_text(filters),
        "legend": cards.map_legend(),
        "picture_url": reverse("atlas:picture") + (f"?{filter_query}" if filter_query else ""),
    }


@require_safe
def collections(request: HttpRequest) -> HttpResponse:
    """The selections: those that people made, and one for each theme."""
    page = Page(
        title=_("Collections"),
        description=_("Des sélections de lieux et d’initiatives, chacune avec sa propre adresse."),
        crumbs=(_list_crumb(),),
        kind="list",
    )
    made, themes = collections_shown.made_by_people(), collections_shown.themes()
    return render(request, "atlas/collections.html", {"page": page, "made": made, "themes": themes})


@require_safe
def collection(request: HttpRequest, slug: str) -> HttpResponse:
    """One selection: what it holds, on a list and a map, and how to carry it elsewhere."""
    chosen = collections_shown.shown(slug)
    found = (
        None
        if chosen.entries is not None
        else queries.page_of(chosen.filters, request.GET.get("apres", ""), for_cards=True)
    )
    results = cards.cards(chosen.entries if chosen.entries is not None else (found.entries if found else []))
    total = found.total if found else len(results)
    query = chosen.filters.query_string()
    page = Page(
        title=chosen.title,
        description=chosen.introduction,
        crumbs=(_list_crumb(), Crumb(_("Collections"), reverse("atlas:collections"))),
        kind="list",
    )
    context = {
        "page": page,
        "chosen": chosen,
        "cards": results,
        "summary": ngettext("%(total)s fiche", "%(total)s fiches", total) % {"total": number(total)},
        "next_url": f"{request.path}?apres={found.next_cursor}" if found and found.next_cursor else "",
        "first_url": request.path if found and not found.is_first else "",
        "list_url": reverse("atlas:list") + f"?{query}" if chosen.entries is None else "",
        "download_url": reverse("atlas:download") + f"?{query}" if chosen.entries is None else "",
        "picture_url": reverse("atlas:picture") + f"?{query}" if chosen.entries is None else "",
        "embed_url": f"{reverse('atlas:embed_help')}?collection={chosen.slug}",
        "full_url": _full(reverse("atlas:collection", args=[chosen.slug])),
    }
    return render(request, "atlas/collection.html", context)
