"""From the point index to the layers of a vector tile: each point by itself, or clusters."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from maillage.kernels.tiles.clusters import NEVER, Clusters, Mask, Tile, passed_in
from maillage.kernels.tiles.index import PointIndex
from maillage.kernels.tiles.mvt import EXTENT, point_layer
from maillage.kernels.tiles.properties import NOTHING, Properties
from maillage.kernels.tiles.quadkey import SIDE, ZOOM, tile_range

COUNT, SPLITS_AT = "count", "splits_at"
_ZOOMS = Properties.of({SPLITS_AT: range(ZOOM + 1)})


def raw_layer(
    name: str,
    index: PointIndex,
    tile: Tile,
    *,
    properties: Properties = NOTHING,
    mask: Mask | None = None,
) -> bytes:
    """Return a layer of all the (filtered) points of a tile, with their ids and the code columns named by `properties`.

    Each key of `properties` is a column of codes of the index. `mask` as in `clusters_of`. Nothing is left out or
    thinned: use clusters where that is too much. O(rows of the tile), about 0.1 µs each.
    """
    from maillage.kernels.tiles import clusters_loops as loops

    rows = index.slice_of(*tile)
    passed = passed_in(index, rows, mask)
    chosen = np.arange(rows.start, rows.stop) if mask is None else rows.start + np.flatnonzero(passed)
    if not len(chosen):
        return b""
    low, _ = tile_range(*tile)
    cells = loops.offsets_in_tile(index.quadkeys[chosen], low)
    xy = _on_grid((cells + 0.5) / (SIDE >> tile[0]))
    return point_layer(
        name, xy, ids=index.ids[chosen], properties=properties, codes=_codes(index, chosen, properties.keys)
    )


def cluster_layer(name: str, index: PointIndex, clusters: Clusters, *, properties: Properties = NOTHING) -> bytes:
    """Return a layer of clusters: `count` and, where opening the cluster helps, `splits_at`, the zoom that opens it.

    A point alone in its cell has no `count` but its own id and code columns, as in `raw_layer`; ids of clusters are
    left out of the way, above 2^52.
    """
    if not len(clusters.cells):
        return b""
    is_alone = clusters.rows >= 0
    codes = np.full((len(is_alone), len(properties.keys)), -1, np.int32)
    codes[is_alone] = _codes(index, clusters.rows[is_alone], properties.keys)
    counts, count_codes = np.unique(clusters.counts, return_inverse=True)
    zooms = np.where(clusters.splits_at == NEVER, -1, clusters.splits_at)
    said = properties.joined(_ZOOMS).joined(Properties.of({COUNT: counts.tolist()}))
    every = np.column_stack([codes, zooms, np.where(is_alone, -1, count_codes)])
    ids = (1 << 52) + clusters.cells
    ids[is_alone] = index.ids[clusters.rows[is_alone]]
    return point_layer(name, _on_grid(clusters.xy), ids=ids, properties=said, codes=every)


def _codes(index: PointIndex, rows: NDArray[np.int64], keys: Sequence[str]) -> NDArray[np.int32]:
    codes = np.empty((len(rows), len(keys)), np.int32)
    for k, key in enumerate(keys):
        if index.columns[key].dtype == np.uint64:
            raise ValueError(f"column {key} is bits: a tile can only say codes")
        codes[:, k] = index.columns[key][rows]
    return codes


def _on_grid(parts: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.minimum(np.floor(parts * EXTENT), EXTENT - 1).astype(np.int64)
