"""Tiles of the entries, as the browser takes them: compressed, and not sent again when it has them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from maillage.core.errors import Missing
from maillage.rooms.atlas import tiles
from maillage.rooms.atlas.filters import filters_from


@require_safe
def points_tile(request: HttpRequest, z: int, x: int, y: int) -> HttpResponse:
    """A vector tile of every point that meets the question of the address, none of them gathered."""
    return tile_response(request, "points", z, x, y)


def tile_response(request: HttpRequest, kind: tiles.Kind, z: int, x: int, y: int) -> HttpResponse:
    """A finished tile in the form that the browser takes; 304 for the one it has."""
    if not (0 <= z <= tiles.DEEPEST and 0 <= x < 2**z and 0 <= y < 2**z):
        raise Missing(f"tile {z}/{x}/{y}")
    made = tiles.finished_tile(filters_from(request.GET), kind, z, x, y)
    body, encoding, etag = made.encoded(request.headers.get("Accept-Encoding", ""))
    if etag in request.headers.get("If-None-Match", ""):
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(body, content_type="application/vnd.mapbox-vector-tile")
        if encoding:
            response["Content-Encoding"] = encoding
    response["ETag"] = etag
    response["Cache-Control"] = "public, max-age=4"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response
