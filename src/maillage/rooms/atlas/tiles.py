"""Vector tiles of the entries that meet a question: clusters with exact counts, encoded by our own kernel.

The points of the tile's range of quadkeys are read from the table at each request: exact and fresh at once. One place is
one point; an entry with seven places has seven.
"""

from __future__ import annotations

import numpy as np

from maillage.kernels.tiles.clusters import clusters_of
from maillage.kernels.tiles.index import PointIndex
from maillage.kernels.tiles.layers import cluster_layer
from maillage.kernels.tiles.mvt import tile
from maillage.kernels.tiles.properties import Properties
from maillage.kernels.tiles.quadkey import tile_range
from maillage.rooms.atlas.filters import Filters
from maillage.rooms.atlas.queries import points_between

CELLS_PER_SIDE_BITS = 3  # 8 × 8 cells a tile: one circle per 64 px


def entries_tile(filters: Filters, z: int, x: int, y: int) -> bytes:
    """The tile (z, x, y) as Mapbox Vector Tile 2.1 bytes, one layer `clusters`."""
    low, high = tile_range(z, x, y)
    points = points_between(filters, low, high)
    columns: dict[str, list[object]] = {"id": [], "name": [], "theme": [], "status": [], "precision": []}
    for point in points:
        columns["id"].append(point.entry_id)
        columns["name"].append(point.name)
        columns["theme"].append(point.theme)
        columns["status"].append(point.status)
        columns["precision"].append(point.precision)
    values = {name: list(dict.fromkeys(column)) for name, column in columns.items()}
    codes = {
        name: np.array([values[name].index(one) for one in column], dtype=np.uint32) for name, column in columns.items()
    }
    index = PointIndex.build(
        np.array([point.quadkey for point in points], dtype=np.int64),
        np.array([point.entry_id for point in points], dtype=np.int64),
        codes,
    )
    clusters = clusters_of(index, (z, x, y), grid_bits=CELLS_PER_SIDE_BITS)
    return tile(cluster_layer("clusters", index, clusters, properties=Properties.of(values)))
