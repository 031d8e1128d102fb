"""Clusters with exact numbers: the rows of a tile counted in the cells of a grid, at any zoom and any filter.

A tile side is cut in 2^k cells, so a cell is itself a tile of zoom z + k and a run of the sorted quadkeys: counting is
one pass over the tile's slice, nothing is prepared, and a filter only leaves rows out. Each row lies in one tile of
each zoom and in one cell of that tile, so the counts of all tiles of a zoom add up to the filtered rows exactly.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from maillage.kernels.tiles.index import PointIndex
from maillage.kernels.tiles.quadkey import SIDE, ZOOM, Floats, lon_lat_of_world, tile_range

Ints: TypeAlias = NDArray[np.int64]
Mask: TypeAlias = NDArray[np.bool_]
Tile: TypeAlias = tuple[int, int, int]  # z, x, y

NEVER = -1
GRID_BITS = 5  # 32 × 32 cells a tile: one number per 16 px of a 512 px tile


@dataclass(frozen=True)
class Clusters:
    """The m cells of a tile that hold rows, in order of quadkey."""

    cells: Ints  # Morton code of the cell in its tile
    counts: Ints  # filtered rows in the cell
    xy: Floats  # (m × 2) mean position of these rows, in parts of the tile's side: 0 to 1, y downwards
    rows: Ints  # the row of the index if it is alone in its cell, else -1
    splits_at: Ints  # the first zoom at which the rows fall in several cells; -1 if never, or if alone


def clusters_of(index: PointIndex, tile: Tile, *, grid_bits: int = GRID_BITS, mask: Mask | None = None) -> Clusters:
    """Count the rows of tile z/x/y in 2^grid_bits × 2^grid_bits cells.

    `mask` is over all rows, or over the tile's slice only (`facets.mask_of(..., rows=index.slice_of(z, x, y))`).
    O(rows of the tile), about 5 ns each; beyond zoom 28 - grid_bits the cells are those of the quadkeys themselves.
    Raises ValueError for no such tile, grid_bits outside 0 to 12, or a mask of another length.
    """
    from maillage.kernels.tiles import clusters_loops as loops

    if not 0 <= grid_bits <= 12:
        raise ValueError(f"grid_bits {grid_bits}, 0 to 12 expected")
    (z, x, y), rows = tile, index.slice_of(*tile)
    low, _ = tile_range(z, x, y)
    keys, deep = index.quadkeys[rows], max(0, ZOOM - z - grid_bits)
    most = min(len(keys), 1 << (2 * (ZOOM - z - deep)))
    sums = loops.cell_sums(keys, passed_in(index, rows, mask), low, 2 * deep, most)
    counts = sums[:, 1]
    return Clusters(
        cells=sums[:, 0],
        counts=counts,
        xy=(sums[:, 2:4] / counts[:, None] + 0.5) / (SIDE >> z),
        rows=np.where(counts == 1, sums[:, 4] + rows.start, -1),
        splits_at=_splits(sums[:, 5] ^ sums[:, 6], grid_bits),
    )


def lon_lat_in_tile(tile: Tile, xy: Floats) -> tuple[Floats, Floats]:
    """Return the degrees of positions (m × 2) given in parts of a tile's side."""
    z, x, y = tile
    side = SIDE >> z
    return lon_lat_of_world((xy[:, 0] + x) * side, (xy[:, 1] + y) * side)


def passed_in(index: PointIndex, rows: slice, mask: Mask | None) -> Mask:
    """Return the part of a mask, over all rows or over these, that is about these rows; empty if there is no mask."""
    if mask is None:
        return np.zeros(0, bool)
    if len(mask) == len(index):
        return mask[rows]
    if len(mask) != rows.stop - rows.start:
        raise ValueError(f"a mask of {len(mask)} for {len(index)} rows, {rows.stop - rows.start} in the tile")
    return mask


def _splits(difference: Ints, grid_bits: int) -> Ints:
    """Return the zoom of the tiles whose cells first part two quadkeys, from the highest bit in which they differ."""
    _, exponents = np.frexp(difference.astype(np.float64))  # 56 bits round up to 2^56 at worst: corrected below
    top = exponents.astype(np.int64) - 1
    top -= (difference >> np.maximum(top, 0)) == 0
    return np.where(difference == 0, NEVER, np.maximum(0, ZOOM - top // 2 - grid_bits))
