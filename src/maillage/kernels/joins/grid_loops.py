"""Compiled loops that cut polygons into cells and place points. See grid.py and points.py.

Robust sign of a determinant: Shewchuk, "Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric
Predicates", 1997, first error bound. What is below the bound is not decided here but by shapely.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from maillage.kernels.native import native

Ints: TypeAlias = NDArray[np.int64]
Cells: TypeAlias = NDArray[np.int32]
Floats: TypeAlias = NDArray[np.float64]

OUTSIDE, INSIDE, UNSURE = 0, 1, 2
_MARGIN = 1e-6  # of a cell; the rounding of a position in the grid is below 1e-12 of a cell
_FLAT = 1e-2  # of a cell; a flatter edge is not cut at the limits of rows, where the division would lose the margin
_BOUND = (3.0 + 16.0 * 2.0**-53) * 2.0**-53
_TINY = 1e-290  # products this small may have lost bits to underflow


@native
def _cell(position: float, corner: float, scale: float, count: int, shift: float) -> int:
    """Return the column (or row) of a position moved by `shift` cells, kept inside the grid."""
    at = np.floor((position - corner) * scale + shift)
    return int(min(max(at, 0.0), count - 1.0))


@native
def row_spans(
    xy: Floats, polygon_at: Ints, x: float, y: float, x_scale: float, y_scale: float, columns: int, rows: int
) -> tuple[Ints, Ints]:
    """Return where the strips of each polygon begin (n + 1) and its first row (n): one strip per row it may touch."""
    n = polygon_at.size - 1
    row_at, first_row = np.zeros(n + 1, np.int64), np.zeros(n, np.int64)
    for p in range(n):
        low, high = rows, -1
        for e in range(polygon_at[p], polygon_at[p + 1]):
            low = min(low, _cell(min(xy[e, 1], xy[e, 3]), y, y_scale, rows, -_MARGIN))
            high = max(high, _cell(max(xy[e, 1], xy[e, 3]), y, y_scale, rows, _MARGIN))
        first_row[p] = low
        row_at[p + 1] = row_at[p] + max(0, high - low + 1)
    return row_at, first_row


@native
def strips_of(
    xy: Floats,
    polygon_at: Ints,
    row_at: Ints,
    first_row: Ints,
    x: float,
    y: float,
    x_scale: float,
    y_scale: float,
    columns: int,
    rows: int,
) -> tuple[Ints, Ints]:
    """Return the edges of each strip, in order: those a horizontal line in that row may meet."""
    strip_at = np.zeros(row_at[-1] + 1, np.int64)
    strips = np.empty(0, np.int64)
    for is_filling in (False, True):
        if is_filling:
            strip_at[1:] = np.cumsum(strip_at[1:])
            strips = np.empty(strip_at[-1], np.int64)
            free = strip_at[:-1].copy()
        for p in range(polygon_at.size - 1):
            for e in range(polygon_at[p], polygon_at[p + 1]):
                low = _cell(min(xy[e, 1], xy[e, 3]), y, y_scale, rows, -_MARGIN)
                high = _cell(max(xy[e, 1], xy[e, 3]), y, y_scale, rows, _MARGIN)
                for s in range(row_at[p] + low - first_row[p], row_at[p] + high - first_row[p] + 1):
                    if is_filling:
                        strips[free[s]] = e
                        free[s] += 1
                    else:
                        strip_at[s + 1] += 1
    return strip_at, strips


@native
def _crosses(x0: float, y0: float, x1: float, y1: float, x: float, y: float) -> int:
    """Return 1 if the ray from (x, y) to the right crosses the edge, 0 if not, UNSURE if the place may be on it."""
    if (y0 > y) != (y1 > y):
        if x < min(x0, x1):
            return 1
        if x > max(x0, x1):
            return 0
        left, right = (x0 - x) * (y1 - y), (x1 - x) * (y0 - y)
        determinant = left - right
        if not abs(determinant) > _BOUND * (abs(left) + abs(right)) + _TINY:
            return UNSURE
        return 1 if (determinant > 0) == (y1 > y0) else 0
    if y0 == y and y1 == y:
        return UNSURE if min(x0, x1) <= x <= max(x0, x1) else 0
    if (y0 == y and x0 == x) or (y1 == y and x1 == x):
        return UNSURE
    return 0


@native
def _locate(xy: Floats, ring: Ints, part: Ints, edges: Ints, x: float, y: float) -> int:
    """Return OUTSIDE, INSIDE or UNSURE for a place and the edges of its strip, which come ring after ring.

    Inside means in the outer ring of some part and in none of its holes, each ring by itself by parity.
    """
    current, shell = -1, -1
    odd = in_shell = False
    for k in range(edges.size + 1):
        following = ring[edges[k]] if k < edges.size else -1
        if following != current:
            if current >= 0:
                if current == 0 or part[current - 1] != part[current]:
                    in_shell, shell = odd, part[current]
                elif odd and shell == part[current]:
                    in_shell = False
                if in_shell and (following < 0 or part[following] != shell):
                    return INSIDE
            current, odd = following, False
        if k < edges.size:
            e = edges[k]
            crossing = _crosses(xy[e, 0], xy[e, 1], xy[e, 2], xy[e, 3], x, y)
            if crossing == UNSURE:
                return UNSURE
            odd ^= crossing == 1
    return OUTSIDE


@native
def _mark(
    touched: NDArray[np.bool_], edge: Floats, row: int, x: float, y: float, x_scale: float, y_scale: float
) -> None:
    """Mark the columns of a row that an edge may touch."""
    gx0, gx1 = (edge[0] - x) * x_scale, (edge[2] - x) * x_scale
    gy0, gy1 = (edge[1] - y) * y_scale, (edge[3] - y) * y_scale
    low, high = min(gx0, gx1), max(gx0, gx1)
    if abs(gy1 - gy0) > _FLAT:
        slope = (gx1 - gx0) / (gy1 - gy0)
        below = gx0 + (min(max(row - _MARGIN, min(gy0, gy1)), max(gy0, gy1)) - gy0) * slope
        above = gx0 + (min(max(row + 1 + _MARGIN, min(gy0, gy1)), max(gy0, gy1)) - gy0) * slope
        low, high = max(low, min(below, above)), min(high, max(below, above))
    last = touched.size - 1.0
    first = int(min(max(np.floor(low - _MARGIN), 0.0), last))
    touched[first : int(min(max(np.floor(high + _MARGIN), 0.0), last)) + 1] = True


@native
def cells_of(
    borders: tuple[Floats, Ints, Ints, Ints],
    strip_parts: tuple[Ints, Ints, Ints, Ints],
    x: float,
    y: float,
    x_scale: float,
    y_scale: float,
    columns: int,
    rows: int,
) -> tuple[Ints, Cells]:
    """Return for each cell its entries: 2 · polygon, + 1 where the border may cross it; cells outside have none."""
    xy, ring, part, polygon_at = borders
    row_at, first_row, strip_at, strips = strip_parts
    spans = np.zeros((polygon_at.size, 2), np.int64)
    most = 0
    for p in range(polygon_at.size - 1):
        low, high = columns, -1
        for e in range(polygon_at[p], polygon_at[p + 1]):
            low = min(low, _cell(min(xy[e, 0], xy[e, 2]), x, x_scale, columns, -_MARGIN))
            high = max(high, _cell(max(xy[e, 0], xy[e, 2]), x, x_scale, columns, _MARGIN))
        spans[p, 0], spans[p, 1] = low, high
        most += max(0, high - low + 1) * (row_at[p + 1] - row_at[p])
    where, what = np.empty(most, np.int32), np.empty(most, np.int32)
    count = 0
    touched = np.zeros(columns, np.bool_)
    for p in range(polygon_at.size - 1):
        for s in range(row_at[p], row_at[p + 1]):
            row = first_row[p] + s - row_at[p]
            edges = strips[strip_at[s] : strip_at[s + 1]]
            touched[spans[p, 0] : spans[p, 1] + 1] = False
            for e in edges:
                _mark(touched, xy[e], row, x, y, x_scale, y_scale)
            answer = UNSURE
            for column in range(spans[p, 0], spans[p, 1] + 1):
                if touched[column]:
                    answer = UNSURE
                elif column == spans[p, 0] or touched[column - 1]:  # a run without border has one answer
                    cx, cy = x + (column + 0.5) / x_scale, y + (row + 0.5) / y_scale
                    if (
                        _cell(cx, x, x_scale, columns, 0.0) == column and _cell(cy, y, y_scale, rows, 0.0) == row
                    ):  # false where cells are as small as the rounding of their coordinates
                        answer = _locate(xy, ring, part, edges, cx, cy)
                    else:
                        answer = UNSURE
                if answer != OUTSIDE:
                    where[count] = row * columns + column
                    what[count] = 2 * p + (answer == UNSURE)
                    count += 1
    cell_at = np.zeros(columns * rows + 1, np.int64)
    for k in range(count):
        cell_at[where[k] + 1] += 1
    cell_at = np.cumsum(cell_at)
    free, cells = cell_at[:-1].copy(), np.empty(count, np.int32)
    for k in range(count):
        cells[free[where[k]]] = what[k]
        free[where[k]] += 1
    return cell_at, cells


@native
def place(
    px: Floats,
    py: Floats,
    bounds: tuple[float, float],
    borders: tuple[Floats, Ints, Ints, Ints],
    strip_parts: tuple[Ints, Ints, Ints, Ints],
    contents: tuple[Ints, Cells],
    x: float,
    y: float,
    x_scale: float,
    y_scale: float,
    columns: int,
    rows: int,
) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Return the pairs (point, polygon), by growing point then polygon, and which of them shapely must decide."""
    xy, ring, part, _ = borders
    row_at, first_row, strip_at, strips = strip_parts
    cell_at, cells = contents
    home, most = np.full(px.size, -1, np.int32), 0
    for i in range(px.size):
        if x <= px[i] <= bounds[0] and y <= py[i] <= bounds[1]:  # false for NaN
            row = _cell(py[i], y, y_scale, rows, 0.0)
            home[i] = row * columns + _cell(px[i], x, x_scale, columns, 0.0)
            most += cell_at[home[i] + 1] - cell_at[home[i]]
    points, polygons, unsure = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.bool_)
    count = 0
    for i in range(px.size):
        if home[i] < 0:
            continue
        for k in range(cell_at[home[i]], cell_at[home[i] + 1]):
            p, answer = cells[k] >> 1, INSIDE
            if cells[k] & 1:
                s = row_at[p] + home[i] // columns - first_row[p]
                answer = _locate(xy, ring, part, strips[strip_at[s] : strip_at[s + 1]], px[i], py[i])
            if answer != OUTSIDE:
                points[count], polygons[count], unsure[count] = i, p, answer == UNSURE
                count += 1
    return points[:count].copy(), polygons[:count].copy(), unsure[:count].copy()
