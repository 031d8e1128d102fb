"""Pages of the territories, and the tiles of their contours."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from maillage.core.errors import Missing
from maillage.core.exports.answers import streamed
from maillage.core.exports.comma_separated import MEDIA_TYPE as CSV_MEDIA_TYPE
from maillage.core.places import contour_tiles, exports, sheets
from maillage.core.places.queries import kinds_loaded, places_named, territories_page, territory
from maillage.core.web.pages import Crumb, Page
from maillage.core.web.whole import kept_whole
from maillage.core.web.wording import number
from maillage.kernels.tiles.mvt import MEDIA_TYPE

TILE_CACHE = "public, max-age=300, stale-while-revalidate=86400"


MOST_FOUND = 20
PAGE_SIZE = 60


@require_safe
@kept_whole
def territory_list(request: HttpRequest) -> HttpResponse:
    """The neighbourhoods and the communes, with a search box; ?sorte= chooses a kind, ?q= looks for a name."""
    typed = request.GET.get("q", "").strip()[:200]
    kinds = kinds_loaded()
    kind = request.GET.get("sorte", "")
    kind = kind if kind in kinds else next(iter(kinds), "commune")
    rows, cursor = territories_page(kind, request.GET.get("apres", "")[:600], PAGE_SIZE)
    context = {
        "page": Page(
            title=_("Communes et quartiers"),
            description=_("Trouver sa commune ou son quartier, sa mairie, et ce qui s’y passe."),
            kind="list",
            indexed=not typed and "apres" not in request.GET,
        ),
        "typed": typed,
        "found": sheets.found_lines(places_named(typed, MOST_FOUND)) if typed else [],
        "tabs": [(sheets.plural_of(one), count, _list_url(one), one == kind) for one, count in kinds.items()],
        "heading": sheets.plural_of(kind),
        "lines": sheets.lines_of(rows),
        "summary": _summary(len(rows), kinds.get(kind, 0)),
        "first_url": _list_url(kind) if "apres" in request.GET else "",
        "next_url": _list_url(kind, apres=cursor) if cursor else "",
        "csv_url": f"{reverse('places:export')}?{urlencode({'sorte': kind})}",
        "all_csv_url": reverse("places:export"),
    }
    return render(request, "places/list.html", context)


def _summary(shown: int, total: int) -> str:
    return _("{shown} sur {total}").format(shown=number(shown), total=number(total))


def _list_url(kind: str, **more: str) -> str:
    return f"{reverse('places:list')}?{urlencode({'sorte': kind, **more})}"


@require_safe
@kept_whole
def territory_sheet(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    """One territory: what it is, its people, its town hall, what lies in it and around it."""
    row = territory(kind=kind, code=code, generation=request.GET.get("liste", "")[:10])
    sheet = sheets.sheet_of(row)
    page = Page(
        title=row.name,
        description=sheet.sentence,
        crumbs=(Crumb(_("Communes et quartiers"), reverse("places:list")),),
        kind="wide",
    )
    return render(request, "places/sheet.html", {"page": page, "sheet": sheet})


@require_safe
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The complete list as CSV; ?sorte= restricts it to one kind."""
    kind = request.GET.get("sorte", "")
    kind = kind if kind in kinds_loaded() else ""
    address = request.build_absolute_uri(reverse("places:list"))
    return streamed(
        exports.csv_of(kind), CSV_MEDIA_TYPE, exports.about(kind, address), f"territoires-{kind or 'tous'}.csv"
    )


@require_safe
def tile(request: HttpRequest, z: int, x: int, y: int) -> HttpResponse:
    """A tile of contours and names; ?kinds=commune,qpv chooses."""
    kinds = contour_tiles.kinds_from(request.GET.get("kinds", ""))
    etag = contour_tiles.etag_of(kinds, z, x, y)
    if etag in request.headers.get("If-None-Match", ""):
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = _tile_response(request, kinds, z, x, y)
    response["ETag"], response["Cache-Control"], response["Vary"] = etag, TILE_CACHE, "Accept-Encoding"
    return response


def _tile_response(request: HttpRequest, kinds: tuple[str, ...], z: int, x: int, y: int) -> HttpResponse:
    try:
        made = contour_tiles.tile_of(kinds, z, x, y)
    except ValueError as fault:
        raise Missing(str(fault)) from fault
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        return HttpResponse(made.body, content_type=MEDIA_TYPE)
    response = HttpResponse(made.gzipped, content_type=MEDIA_TYPE)
    response["Content-Encoding"] = "gzip"
    return response
