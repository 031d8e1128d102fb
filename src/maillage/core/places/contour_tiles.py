"""Tiles of contours: thin lines of communes, soft fills of QPV, and their names, for the map.

Only the rows that touch a tile are read, so that memory stays flat with all of France loaded; finished tiles are kept in
memory under the edition of the territories, and a browser that has one is answered without reading anything else.
"""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely

from maillage.core.places.models import Territory, TerritoryKind
from maillage.core.places.queries import edition
from maillage.kernels.tiles.contours import Contours, contour_layer
from maillage.kernels.tiles.mvt import EXTENT, point_layer
from maillage.kernels.tiles.mvt import tile as joined
from maillage.kernels.tiles.properties import coded
from maillage.kernels.tiles.quadkey import SIDE, tile_bounds, world_of

MAX_ZOOM = 22
# Below its zoom a kind is not drawn: a tile of the whole country would hold 35,000 communes.
FIRST_ZOOM = {
    "region": 4,
    "departement": 6,
    "epci": 8,
    "commune": 8,
    "arrondissement": 10,
    "qva": 9,
    "qpv": 9,
    "custom": 9,
}
FIRST_LABEL_ZOOM = {**FIRST_ZOOM, "epci": 9, "commune": 9, "arrondissement": 11, "qva": 12, "qpv": 12}
LAST_ZOOM = {"region": 7, "departement": 10}
LABEL_MARGIN = 256  # grid units: a name near the edge is drawn by both tiles, and cut by neither
DRAWN = tuple(FIRST_ZOOM)


@dataclass(frozen=True)
class Tile:
    """A finished tile, plain and compressed, with the mark that tells whether a browser's copy is still good."""

    body: bytes
    gzipped: bytes
    etag: str


def kinds_from(text: str) -> tuple[str, ...]:
    """Kinds asked for in an address, in one order; unknown ones are left out; all that are drawn when none is asked."""
    asked = {one.strip() for one in text.split(",") if one.strip()}
    return tuple(kind for kind in DRAWN if kind in asked) if asked else DRAWN


def etag_of(kinds: tuple[str, ...], z: int, x: int, y: int) -> str:
    """The mark of a tile, known without making it: edition of the territories, kinds and address."""
    return f'"{edition()}-{".".join(kinds)}-{z}-{x}-{y}"'


def tile_of(kinds: tuple[str, ...], z: int, x: int, y: int) -> Tile:
    """One tile; raises ValueError for an address that is no tile."""
    if not (0 <= z <= MAX_ZOOM and 0 <= x < 1 << z and 0 <= y < 1 << z):
        raise ValueError(f"no tile {z}/{x}/{y}")
    return _kept(etag_of(kinds, z, x, y), kinds, z, x, y)


@lru_cache(maxsize=512)
def _kept(etag: str, kinds: tuple[str, ...], z: int, x: int, y: int) -> Tile:
    drawn = [kind for kind in kinds if FIRST_ZOOM[kind] <= z <= LAST_ZOOM.get(kind, MAX_ZOOM)]
    labelled = [kind for kind in drawn if FIRST_LABEL_ZOOM[kind] <= z]
    body = joined(_shapes(drawn, z, x, y), _labels(labelled, z, x, y)) if drawn else b""
    return Tile(body, gzip.compress(body, 6, mtime=0), etag)


def _rows(kinds: Sequence[str], box: tuple[float, float, float, float]) -> list[Territory]:
    """The newest generation of each; official contours hide the simplified of the same kind and code."""
    rows = Territory.objects.touching(*box).filter(kind__in=kinds, contour__isnull=False, valid_until__isnull=True)
    newest: dict[tuple[str, str], Territory] = {}
    for row in rows.only("kind", "code", "generation", "name", "contour", "contour_quality").order_by(
        "generation", "id"
    ):
        newest[row.kind, row.code] = row
    return list(newest.values())


def _shapes(kinds: Sequence[str], z: int, x: int, y: int) -> bytes:
    rows = _rows(kinds, tile_bounds(z, x, y))
    properties, codes = coded(_columns(rows))
    shapes = [shapely.from_wkb(bytes(row.contour or b"")) for row in rows]
    contours = Contours.of(shapes, [row.pk for row in rows], properties=properties, codes=codes)
    return contour_layer("territories", contours, (z, x, y))


def _columns(rows: Sequence[Territory]) -> dict[str, list[str]]:
    return {
        "kind": [row.kind for row in rows],
        "code": [row.code for row in rows],
        "name": [row.name for row in rows],
        "generation": [row.generation for row in rows],
        "quality": [row.contour_quality for row in rows],
    }


def _labels(kinds: Sequence[str], z: int, x: int, y: int) -> bytes:
    """Names at a point inside each; a QPV without contour is a point with its name."""
    west, south, east, north = tile_bounds(z, x, y)
    wide, high = (east - west) * LABEL_MARGIN / EXTENT, (north - south) * LABEL_MARGIN / EXTENT
    rows = Territory.objects.filter(kind__in=kinds, valid_until__isnull=True)
    rows = rows.filter(lon__range=(west - wide, east + wide), lat__range=(south - high, north + high))
    newest = {(row.kind, row.code): row for row in rows.defer("contour", "sort_key").order_by("generation", "id")}
    found = [row for row in newest.values() if row.lon is not None and row.lat is not None]
    properties, codes = coded(_columns(found))
    world = np.column_stack(
        world_of(np.array([row.lon for row in found], float), np.array([row.lat for row in found], float))
    )
    unit = (SIDE >> z) / EXTENT
    xy = np.floor(world / unit - np.array([x, y]) * EXTENT).astype(np.int64)
    return point_layer("territory_labels", xy, ids=[row.pk for row in found], properties=properties, codes=codes)


assert set(FIRST_ZOOM) <= set(TerritoryKind.values)
