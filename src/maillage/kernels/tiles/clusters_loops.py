"""Compiled loops over slices of quadkeys. See clusters.py."""

import numpy as np
from numpy.typing import NDArray

from maillage.kernels.native import native


@native
def _every_other_bit(key: int) -> int:
    v = key & 0x5555555555555555
    v = (v | (v >> 1)) & 0x3333333333333333
    v = (v | (v >> 2)) & 0x0F0F0F0F0F0F0F0F
    v = (v | (v >> 4)) & 0x00FF00FF00FF00FF
    v = (v | (v >> 8)) & 0x0000FFFF0000FFFF
    return (v | (v >> 16)) & 0x00000000FFFFFFFF


@native
def offsets_in_tile(keys: NDArray[np.int64], low: int) -> NDArray[np.int64]:
    """Return (n × 2) columns and rows of zoom-28 cells, counted from the corner of the tile that begins at `low`."""
    out = np.empty((keys.size, 2), np.int64)
    for i in range(keys.size):
        out[i, 0] = _every_other_bit(keys[i] - low)
        out[i, 1] = _every_other_bit((keys[i] - low) >> 1)
    return out


@native
def cell_sums(keys: NDArray[np.int64], passed: NDArray[np.bool_], low: int, shift: int, most: int) -> NDArray[np.int64]:
    """Sum the rows of each grid cell of a tile; one pass, since sorted keys leave each cell in one run.

    `passed` is empty for all. Returns per cell that holds a row: (m × 7) cell, count, sum of columns, sum of rows (in
    zoom-28 cells from the tile's corner), one row of it, its first and its last key.
    """
    out = np.empty((most, 7), np.int64)
    m = -1
    cell = np.int64(-1)
    every = passed.size == 0
    count = sum_x = sum_y = np.int64(0)
    for i in range(keys.size):
        if not (every or passed[i]):
            continue
        offset = keys[i] - low
        if offset >> shift != cell:
            if m >= 0:
                out[m, 1], out[m, 2], out[m, 3] = count, sum_x, sum_y
            m += 1
            cell = offset >> shift
            count = sum_x = sum_y = np.int64(0)
            out[m, 0], out[m, 4], out[m, 5] = cell, i, keys[i]
        count += 1
        sum_x += _every_other_bit(offset)
        sum_y += _every_other_bit(offset >> 1)
        out[m, 6] = keys[i]
    if m >= 0:
        out[m, 1], out[m, 2], out[m, 3] = count, sum_x, sum_y
    return out[: m + 1].copy()
