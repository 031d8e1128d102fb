"""Mapbox Vector Tiles 2.1, encoded by hand: columns of integers in, bytes out.

A layer is made by `point_layer`, `multipoint_layer` or `path_layer` (lines and polygons); a tile is its layers one
after another (`tile`). Positions are integers on the tile's grid: x to the right, y downwards, 0 to `extent`.

Features speak through *codes*: an (n × k) matrix, one column per key, each code an index into that key's list of
values, -1 for "says nothing". The lists are encoded once (properties.py) and shared by all tiles; a tile carries only
the values it uses, each once.

Source: https://github.com/mapbox/vector-tile-spec/tree/master/2.1 (sections are named where they bind).
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from maillage.kernels.tiles.properties import NOTHING, Properties, message, varint

EXTENT = 4096
MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
POINT, LINE, POLYGON = 1, 2, 3  # section 4.3.4
Ints: TypeAlias = NDArray[np.int64]


def point_layer(
    name: str,
    xy: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    properties: Properties = NOTHING,
    codes: ArrayLike | None = None,
    extent: int = EXTENT,
) -> bytes:
    """Return a layer of n points at xy (n × 2); no point, no bytes. Raises ValueError as `multipoint_layer`."""
    grid = _grid(xy)
    return multipoint_layer(
        name, grid, np.arange(len(grid) + 1), ids=ids, properties=properties, codes=codes, extent=extent
    )


def multipoint_layer(
    name: str,
    xy: ArrayLike,
    starts: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    properties: Properties = NOTHING,
    codes: ArrayLike | None = None,
    extent: int = EXTENT,
) -> bytes:
    """Return a layer of n features, feature f having the points starts[f] to starts[f + 1]; empty ones are left out.

    Raises ValueError for ids below 0, codes outside their list, unequal lengths or positions beyond 2^30.
    """
    from maillage.kernels.tiles import mvt_loops as loops

    grid, at = _grid(xy), np.asarray(starts, np.int64)
    counts = np.diff(at)
    if at.size == 0 or at[0] != 0 or at[-1] != len(grid) or (counts < 0).any():
        raise ValueError("starts must go from 0 to the number of points")
    kinds = np.full(len(counts), POINT, np.uint8)
    path = _Geometry(kinds, loops.point_commands(grid, at), 2 * at + np.append(0, np.cumsum(counts > 0)))
    return _layer(name, path, counts > 0, _Speech(ids, properties, codes), extent)


@dataclass(frozen=True)
class Paths:
    """Lines and polygons on the tile's grid, flat: vertices, parts (lines or rings) and features."""

    xy: Ints  # (m × 2) vertices
    parts: Ints  # part p has the vertices parts[p] to parts[p + 1]; rings closed or not
    holes: NDArray[np.bool_]  # per part: an inner ring of the outer ring before it
    features: Ints  # feature f has the parts features[f] to features[f + 1]
    kinds: NDArray[np.uint8]  # per feature: LINE or POLYGON


def path_layer(
    name: str,
    paths: Paths,
    *,
    ids: ArrayLike | None = None,
    properties: Properties = NOTHING,
    codes: ArrayLike | None = None,
    extent: int = EXTENT,
) -> bytes:
    """Return a layer of lines and polygons; features with nothing left on the grid are left out.

    Repeated vertices and rings without area are dropped and rings are wound as section 4.3.4.4 asks; rings that cross
    themselves are not mended here (see contours.py). Raises ValueError as `multipoint_layer`.
    """
    from maillage.kernels.tiles import mvt_loops as loops

    grid = _grid(paths.xy)
    stream, starts = loops.path_commands(grid, paths.parts, paths.holes, paths.features, paths.kinds)
    path = _Geometry(paths.kinds, stream, starts)
    return _layer(name, path, np.diff(starts) > 0, _Speech(ids, properties, codes), extent)


def tile(*layers: bytes) -> bytes:
    """Return a tile of several layers, whose names must differ (section 4.1); empty layers add nothing."""
    return b"".join(layers)


@dataclass(frozen=True)
class _Geometry:
    kinds: NDArray[np.uint8]
    stream: NDArray[np.uint32]
    starts: Ints


@dataclass(frozen=True)
class _Speech:
    """Who the features are and what they say, checked against their number."""

    ids: ArrayLike | None
    properties: Properties
    codes: ArrayLike | None

    def checked(self, n: int) -> tuple[Ints, NDArray[np.int32]]:
        ids = np.zeros(0, np.int64) if self.ids is None else np.ascontiguousarray(self.ids, np.int64)
        given = np.zeros((n, 0), np.int32) if self.codes is None else self.codes
        codes = np.ascontiguousarray(given, np.int32)
        keys = len(self.properties.keys)
        if codes.shape != (n, keys) or (self.ids is not None and ids.shape != (n,)):
            raise ValueError(f"{n} features, {ids.size} ids, codes {codes.shape} for {keys} keys")
        if ids.size and ids.min() < 0:
            raise ValueError("an id is below 0")
        return ids, codes


def _layer(name: str, path: _Geometry, kept: NDArray[np.bool_], speech: _Speech, extent: int) -> bytes:
    from maillage.kernels.tiles import mvt_loops as loops

    ids, codes = speech.checked(len(kept))
    if not kept.any():
        return b""
    kinds, starts = path.kinds, path.starts
    if not kept.all():  # an empty feature has no command: dropping it leaves the stream as it is
        kinds, codes, ids = kinds[kept], codes[kept], ids[kept] if ids.size else ids
        starts = np.append(starts[:-1][kept], starts[-1])
    said = speech.properties
    indices, used = loops.value_indices(codes, said.remap, said.remap_at, len(said.blob_at) - 1)
    body = [
        b"\x78\x02",  # Layer.version = 15, first (section 4.1)
        b"\x0a" + message(name.encode()),
        loops.feature_bytes(kinds, ids, indices, path.stream, starts).tobytes(),
        *(b"\x1a" + message(key.encode()) for key in said.keys),
        loops.value_bytes(used, said.blob, said.blob_at).tobytes(),
        b"\x28" + varint(extent),
    ]
    return b"\x1a" + message(b"".join(body))


def _grid(xy: ArrayLike) -> Ints:
    grid = np.ascontiguousarray(np.asarray(xy, np.int64).reshape(-1, 2))
    if grid.size and np.abs(grid).max() >= 1 << 30:
        raise ValueError("a position lies beyond 2^30 on the tile's grid")
    return grid
