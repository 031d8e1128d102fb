"""Pages of the territories, and the tiles of their contours."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.views.decorators.http import require_safe

from maillage.core.errors import Missing
from maillage.core.places import contour_tiles
from maillage.kernels.tiles.mvt import MEDIA_TYPE

TILE_CACHE = "public, max-age=300, stale-while-revalidate=86400"


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
