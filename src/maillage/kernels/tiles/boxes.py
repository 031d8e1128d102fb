"""Boxes as a few ranges of quadkeys: what a "rows in this map frame" query gives to a B-tree index."""

import heapq
import itertools
import math

import numpy as np

from maillage.kernels.tiles.quadkey import MAX_LAT, SIDE, ZOOM, tile_range, world_of

# Rounding of the projection moves a place by some 1e-8 cell; a covering widened by this much cannot miss one.
_SLACK = 1e-6

Range = tuple[int, int]
_Frame = tuple[int, int, int, int]  # first and last column, first and last row, zoom-28 cells, all included
_Square = tuple[int, int, int]  # zoom, column, row


def box_ranges(west: float, south: float, east: float, north: float, *, limit: int = 16) -> list[Range]:
    """Return at most `limit` sorted, disjoint, half-open quadkey ranges that cover a box in degrees, borders included.

    The ranges cover the box and a little more: filter rows on lon, lat afterwards. West greater than east means a box
    across the antimeridian; longitudes beyond ±180, as maps send them after a turn of the world, are wrapped.
    Raises ValueError for NaN or infinity, a south above its north, or a limit below 1.
    Complexity: O(limit · log limit) squares visited, whatever the box.
    """
    if not all(map(math.isfinite, (west, south, east, north))) or south > north or limit < 1:
        raise ValueError(f"no such box: {west}, {south}, {east}, {north}, limit {limit}")
    frames = [_frame(w, south, e, north) for w, e in _spans(west, east)]
    pieces = [piece for frame in frames for piece in _squares(frame, 4 * limit)]
    return _joined(sorted(tile_range(*square) for square in pieces), limit)


def _spans(west: float, east: float) -> list[tuple[float, float]]:
    if east - west >= 360.0:
        return [(-180.0, 180.0)]
    w, e = (lon if abs(lon) <= 180.0 else (lon + 180.0) % 360.0 - 180.0 for lon in (west, east))
    return [(w, e)] if w <= e else [(w, 180.0), (-180.0, e)]


def _frame(west: float, south: float, east: float, north: float) -> _Frame:
    lats = np.clip([north, south], -90.0, 90.0)
    x, y = world_of([west, east], np.clip(lats, -MAX_LAT, MAX_LAT))
    first, last = np.floor(np.stack([x, y]) - _SLACK), np.floor(np.stack([x, y]) + _SLACK)
    low, high = (np.clip(edge, 0, SIDE - 1).astype(int) for edge in (first[:, 0], last[:, 1]))
    return int(low[0]), int(high[0]), int(low[1]), int(high[1])


def _squares(frame: _Frame, budget: int) -> list[_Square]:
    """Quarter the largest square that sticks out of the frame until none does or the budget of squares is spent."""
    inside: list[_Square] = []
    partial: list[_Square] = [(0, 0, 0)]  # a heap: the lowest zoom, that is the largest square, first
    while partial and len(inside) + len(partial) < budget:
        z, x, y = heapq.heappop(partial)
        if _is_inside((z, x, y), frame):
            inside.append((z, x, y))
            continue
        for square in ((z + 1, 2 * x + i, 2 * y + j) for j in (0, 1) for i in (0, 1)):
            if _touches(square, frame):
                heapq.heappush(partial, square)
    return inside + partial


def _span(zoom: int, index: int) -> tuple[int, int]:
    shift = ZOOM - zoom
    return index << shift, ((index + 1) << shift) - 1


def _is_inside(square: _Square, frame: _Frame) -> bool:
    z, x, y = square
    (x0, x1), (y0, y1) = _span(z, x), _span(z, y)
    return frame[0] <= x0 and x1 <= frame[1] and frame[2] <= y0 and y1 <= frame[3]


def _touches(square: _Square, frame: _Frame) -> bool:
    z, x, y = square
    (x0, x1), (y0, y1) = _span(z, x), _span(z, y)
    return x0 <= frame[1] and frame[0] <= x1 and y0 <= frame[3] and frame[2] <= y1


def _joined(ranges: list[Range], limit: int) -> list[Range]:
    """Join ranges that touch or overlap, then close the narrowest gaps until the limit holds."""
    apart = _merged(ranges, set())
    gaps = [following[0] - before[1] for before, following in itertools.pairwise(apart)]
    narrowest = sorted(range(len(gaps)), key=gaps.__getitem__)[: max(0, len(apart) - limit)]
    return _merged(apart, {apart[i + 1] for i in narrowest})


def _merged(ranges: list[Range], closed: set[Range]) -> list[Range]:
    """Join each range to the one before if they touch, overlap, or the gap before it is to be closed."""
    merged = ranges[:1]
    for low, high in ranges[1:]:
        if low <= merged[-1][1] or (low, high) in closed:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return merged
