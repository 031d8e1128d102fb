"""Contours of territories in vector tiles: lines and polygons clipped, simplified and snapped to the tile's grid.

For display only: what lies in a territory is decided on its true geometry (kernels/joins), never on a drawing.
"""

import bisect
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from maillage.kernels.tiles.clusters import Tile
from maillage.kernels.tiles.mvt import EXTENT, LINE, POLYGON, Paths, path_layer
from maillage.kernels.tiles.properties import NOTHING, Properties
from maillage.kernels.tiles.quadkey import MAX_LAT, SIDE, tile_range, world_of

BUFFER = 64  # grid units kept beyond the tile, so that a border's stroke is not seen to end at the tile's edge
_LINES, _POLYGONS = (1, 2, 5), (3, 6)  # type numbers of shapely
_COLLECTION = 7
_THINNED = (5, 8, 11)  # a tile of few zooms shows many contours: their vertices are thinned once, not at each tile


@dataclass(frozen=True)
class Contours:
    """n lines and polygons on the Web-Mercator plane, in units of zoom-28 cells, with a tree to find them."""

    shapes: tuple[NDArray[np.object_], ...]  # thinned for tiles up to each zoom of _THINNED, then as given
    kinds: NDArray[np.uint8]  # LINE or POLYGON as given: mending and cutting can leave a collection
    tree: shapely.STRtree
    ids: NDArray[np.int64]
    properties: Properties
    codes: NDArray[np.int32]

    @classmethod
    def of(
        cls,
        geometries: Sequence[shapely.Geometry | None],
        ids: ArrayLike,
        *,
        properties: Properties = NOTHING,
        codes: ArrayLike | None = None,
    ) -> "Contours":
        """Project geometries given in degrees (WGS84); None and empty ones are never drawn, crossed ones are mended.

        Raises ValueError for another kind than lines and polygons, or for positions that are no longitude, latitude.
        """
        shapes = np.array(geometries, dtype=object)
        kinds = shapely.get_type_id(shapes)
        if not np.isin(kinds, (-1, *_LINES, *_POLYGONS)).all():
            raise ValueError("contours are lines and polygons")
        planes = shapely.transform(shapes, _projected)
        planes[np.isin(kinds, _POLYGONS)] = _mended(planes[np.isin(kinds, _POLYGONS)])
        said = np.zeros((len(shapes), 0), np.int32) if codes is None else np.asarray(codes, np.int32)
        thinned = (shapely.simplify(planes, 0.25 * (SIDE >> zoom) / EXTENT) for zoom in _THINNED)
        drawn_as = np.where(np.isin(kinds, _POLYGONS), POLYGON, LINE).astype(np.uint8)
        return cls((*thinned, planes), drawn_as, shapely.STRtree(planes), np.asarray(ids, np.int64), properties, said)


def contour_layer(name: str, contours: Contours, tile: Tile, *, buffer: int = BUFFER, extent: int = EXTENT) -> bytes:
    """Return a layer of the contours seen in tile z/x/y; parts smaller than the grid are left out.

    Vertices are thinned to within three quarters of a unit of the grid and rounded to it such that rings stay simple
    (section 4.3.4.4). O(vertices of the contours that touch the tile).
    """
    z, x, y = tile
    tile_range(z, x, y)  # refuses tiles that are not
    unit = (SIDE >> z) / extent
    corner = np.array([x, y], np.float64) * (SIDE >> z)
    low, high = corner - buffer * unit, corner + (extent + buffer) * unit
    found = np.sort(contours.tree.query(shapely.box(*low, *high)))
    shapes = contours.shapes[bisect.bisect_left(_THINNED, z)][found]
    clipped = shapely.clip_by_rect(shapes, *low, *high)
    drawn = shapely.transform(clipped, lambda xy: (xy - corner) / unit)
    return path_layer(
        name,
        _paths(_snapped(drawn, contours.kinds[found]), contours.kinds[found]),
        ids=contours.ids[found],
        properties=contours.properties,
        codes=contours.codes[found],
        extent=extent,
    )


def _projected(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    lat = np.where(np.abs(degrees[:, 1]) <= 90.0, np.clip(degrees[:, 1], -MAX_LAT, MAX_LAT), np.nan)
    return np.column_stack(world_of(degrees[:, 0], lat))


def _mended(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return valid polygons and multipolygons: the snapping of a collection would look at each polygon by itself."""
    mended: NDArray[np.object_] = shapes.copy()
    for i in np.flatnonzero(~shapely.is_valid(shapes) | (shapely.get_type_id(shapes) == _COLLECTION)):
        solid = shapely.make_valid(shapes[i], method="structure", keep_collapsed=False)
        parts = shapely.get_parts(shapely.get_parts(solid))
        mended[i] = shapely.multipolygons(parts[shapely.get_type_id(parts) == _POLYGONS[0]])
    return mended


def _snapped(drawn: NDArray[np.object_], kinds: NDArray[np.uint8]) -> NDArray[np.object_]:
    thin = shapely.simplify(drawn, 0.5)
    solid = kinds == POLYGON  # cutting at a rectangle can pinch a ring or leave a line
    thin[solid] = _mended(thin[solid])
    snapped: NDArray[np.object_] = shapely.set_precision(thin, 1.0)
    return snapped


def _paths(shapes: NDArray[np.object_], kinds: NDArray[np.uint8]) -> Paths:
    """Flatten shapes into the parts of their own dimension: a polygon cut to a line by the tile's edge is dropped."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    is_polygon = shapely.get_type_id(parts) == _POLYGONS[0]
    kept = ~shapely.is_empty(parts) & np.where(kinds[owner] == POLYGON, is_polygon, shapely.get_type_id(parts) == 1)
    parts, owner, is_polygon = parts[kept], owner[kept], is_polygon[kept]
    rings, ring_of = shapely.get_rings(parts[is_polygon], return_index=True)
    lines = parts[~is_polygon]
    pieces = np.concatenate([rings, lines])
    piece_owner = np.concatenate([owner[is_polygon][ring_of], owner[~is_polygon]])
    holes = np.concatenate([np.diff(ring_of, prepend=-1) == 0, np.zeros(len(lines), bool)])
    order = np.argsort(piece_owner, kind="stable")
    xy, vertex_of = shapely.get_coordinates(pieces[order], return_index=True)
    return Paths(
        xy=np.rint(xy).astype(np.int64),
        parts=np.searchsorted(vertex_of, np.arange(len(pieces) + 1)).astype(np.int64),
        holes=holes[order],
        features=np.searchsorted(piece_owner[order], np.arange(len(shapes) + 1)).astype(np.int64),
        kinds=kinds,
    )
