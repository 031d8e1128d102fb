"""The rows found, in an order, a page at a time: by name, by distance, by weight, by date. Nothing is sorted whole."""

from __future__ import annotations

import base64
import json
import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maillage.core.readmodel.parts import Ints, Part, View
from maillage.rooms.atlas.filters import Filters
from maillage.rooms.atlas.readmodel import cells_of, key_of, on_sphere
from maillage.rooms.atlas.readmodel_masks import Found, places_within

EARTH_RADIUS_M = 6_371_008.8
METRES_PER_DEGREE = EARTH_RADIUS_M * math.pi / 180
NOWHERE = 9.0  # beyond any squared chord: entries without a position come last, they are not dropped
FIRST_RING_M, WIDEST_RING_M = 1_500.0, 1_500_000.0
RUN = 65_536
Place = tuple[Any, int]  # what the order compares, then what parts equals


@dataclass(frozen=True)
class Ranked:
    """Identifiers of one page, in order; `next_cursor` is "" after the last one."""

    ids: list[int]
    next_cursor: str


def page_within(found: list[Found], filters: Filters, cursor: str, size: int) -> Ranked:
    """The page after a cursor; a cursor that makes no sense gives the first page."""
    order = filters.order()
    after = _place_in(cursor, order) if cursor else None
    candidates: list[Place] = []
    for one in found:
        if one.count:
            candidates += _first_after(one, order, filters, after, size + 1)
    ranked = nsmallest(size + 1, candidates)
    kept = ranked[:size]
    more = len(ranked) > size
    sign = -1 if order == "recent" else 1
    return Ranked([sign * place[1] for place in kept], _cursor_of(kept[-1]) if more else "")


def _first_after(one: Found, order: str, filters: Filters, after: Place | None, size: int) -> list[Place]:
    if order == "distance" and filters.lon is not None and filters.lat is not None:
        return _nearest(one, filters.lon, filters.lat, after, size)
    if order == "recent":
        return _newest(one, after, size)
    if order == "pertinence" and one.hits is not None:
        return _weightiest(one, after, size)
    return _by_name(one, after, size)


def _by_name(one: Found, after: Place | None, size: int) -> list[Place]:
    part = one.part

    def place(row: int) -> Place:
        return key_of(part, row), int(part.ids[row])

    begin = bisect_right(range(len(part)), after, key=place) if after else 0
    return [place(row) for row in _passing(one, None, begin, size)]


def _newest(one: Found, after: Place | None, size: int) -> list[Place]:
    part, recent = one.part, one.part.arrays["recent"]

    def place(at: int) -> Place:
        row = recent[at]
        return -int(part.arrays["modified"][row]), -int(part.ids[row])

    begin = bisect_right(range(len(part)), after, key=place) if after else 0
    return [place(at) for at in _passing(one, recent, begin, size)]


def _passing(one: Found, order: NDArray[np.int32] | None, begin: int, size: int) -> list[int]:
    """The first positions from `begin` on whose row was found."""
    if one.mask is None:
        return list(range(begin, min(begin + size, len(one.part))))
    kept: list[int] = []
    for start in range(begin, len(one.part), RUN):
        run = one.mask[start : start + RUN] if order is None else one.mask[order[start : start + RUN]]
        kept += (start + np.flatnonzero(run)[: size - len(kept)]).tolist()
        if len(kept) >= size:
            break
    return kept


def _weightiest(one: Found, after: Place | None, size: int) -> list[Place]:
    assert one.hits is not None
    rows, ranks = one.hits.rows, one.hits.ranks
    if one.mask is not None:
        kept = one.mask[rows]
        rows, ranks = rows[kept], ranks[kept]
    return _smallest(-ranks.astype(np.float64), one.part.ids[rows], after, size)


def _smallest(values: NDArray[np.float64], ids: Ints, after: Place | None, size: int) -> list[Place]:
    """The first of (value, id) after a place, without sorting them all."""
    if after is not None:
        later = (values > after[0]) | ((values == after[0]) & (ids > after[1]))
        values, ids = values[later], ids[later]
    if len(values) > 4 * size:
        limit = np.partition(values, size)[size]
        kept = values <= limit
        values, ids = values[kept], ids[kept]
    order = np.lexsort((ids, values))[:size]
    return list(zip(values[order].tolist(), ids[order].tolist(), strict=True))


def _nearest(one: Found, lon: float, lat: float, after: Place | None, size: int) -> list[Place]:
    """By rings: the places of a box around the point; four times wider until enough of them lie in its circle."""
    from_m = metres_of(min(after[0], 4.0)) if after else 0.0
    if after is not None and after[0] >= NOWHERE:
        return _located_nowhere(one, after, size)
    for radius_m in _radii(max(FIRST_RING_M, 1.3 * from_m)):
        values, rows = _distances(one, lon, lat, radius_m)
        first = _smallest(values, one.part.ids[rows], after, size)
        if len(first) >= size:
            return first
    return [*first, *_located_nowhere(one, None, size - len(first))]


def _radii(first_m: float) -> Iterator[float]:
    radius_m = first_m
    while radius_m < WIDEST_RING_M:
        yield radius_m
        radius_m *= 4
    yield math.inf


def _distances(one: Found, lon: float, lat: float, radius_m: float) -> tuple[NDArray[np.float64], Ints]:
    """Squared chord to the nearest place of each entry found within a radius, and the entry's row."""
    part = one.part
    places: Any = slice(None) if radius_m == math.inf else places_within(part, _around(lon, lat, radius_m))
    rows = part.arrays["place_rows"][places].astype(np.int64)
    away = squared_chords(part, places, lon, lat)
    kept = away <= squared_chord_of(radius_m)
    if one.mask is not None:
        kept &= one.mask[rows]
    rows, away = rows[kept], away[kept]
    order = np.lexsort((away, rows))
    rows, away = rows[order], away[order]
    nearest = np.flatnonzero(np.diff(rows, prepend=-1))
    return away[nearest], rows[nearest]


def squared_chords(part: Part, places: Any, lon: float, lat: float) -> NDArray[np.float64]:
    """Squared straight distance between places and a point, on the unit sphere."""
    x, y, z = part.arrays["sphere"]
    here = on_sphere(lon, lat)
    east, north, up = x[places] - here[0], y[places] - here[1], z[places] - here[2]
    squared: NDArray[np.float64] = east * east + north * north + up * up
    return squared


def metres_of(squared_chord: float) -> float:
    """Metres on the sphere for a squared chord."""
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(squared_chord) / 2))


def squared_chord_of(metres: float) -> float:
    """The contrary of `metres_of`; 4 and a little, the whole sphere, beyond half a turn."""
    angle = metres / EARTH_RADIUS_M
    return 4.001 if angle >= math.pi else (2 * math.sin(angle / 2)) ** 2


def _around(lon: float, lat: float, radius_m: float) -> tuple[float, float, float, float]:
    """A box that holds a circle."""
    high = radius_m / METRES_PER_DEGREE * 1.001
    south, north = lat - high, lat + high
    if south <= -89 or north >= 89:
        return (-180.0, max(-90.0, south), 180.0, min(90.0, north))
    angle = math.sin(radius_m / EARTH_RADIUS_M) / math.cos(math.radians(lat))
    wide = math.degrees(math.asin(angle)) * 1.001 if angle < 1 else 180.0
    if wide >= 180:
        return (-180.0, south, 180.0, north)
    return ((lon - wide + 180) % 360 - 180, south, (lon + wide + 180) % 360 - 180, north)


def _located_nowhere(one: Found, after: Place | None, size: int) -> list[Place]:
    is_nowhere = one.part.arrays["is_located"] == 0
    rows = np.flatnonzero(is_nowhere if one.mask is None else is_nowhere & one.mask)
    return _smallest(np.full(len(rows), NOWHERE), one.part.ids[rows], after, size)


def _cursor_of(place: Place) -> str:
    value = place[0].hex() if isinstance(place[0], bytes) else place[0]
    return base64.urlsafe_b64encode(json.dumps([value, place[1]]).encode()).decode().rstrip("=")


def _place_in(cursor: str, order: str) -> Place | None:
    """What a cursor holds; None when it is not one that this order gave."""
    try:
        value, last = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if isinstance(last, bool) or not isinstance(last, int):
            return None
        if order == "nom":
            return bytes.fromhex(value), last
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return None
        return (int(value) if order == "recent" else float(value)), last
    except (ValueError, TypeError, RecursionError, OverflowError):
        return None


def most_alike(view: View, weights: Mapping[str, tuple[Sequence[str], int]], *, needed: str, size: int) -> list[int]:
    """Entries that share most values, each column by its weight, then by name; one of the `needed` column at least."""
    candidates: list[tuple[int, bytes, int]] = []
    for laid in view.laid:
        part = laid.part
        tables = {field: _shared(part, field, values, weight) for field, (values, weight) in weights.items()}
        scores = np.zeros(len(part), np.int64)
        for field, table in tables.items():
            scores += table[part.arrays[field]]
        scores[tables[needed][part.arrays[needed]] == 0] = 0
        if laid.alive is not None:
            scores[~laid.alive] = 0
        first = np.partition(scores, -size)[-size] if len(scores) > size else 0
        for limit in range(int(scores.max(initial=0)), max(0, int(first) - 1), -1):
            rows = np.flatnonzero(scores == limit)[:size].tolist()
            candidates += [(-limit, key_of(part, row), int(part.ids[row])) for row in rows]
    return [one[2] for one in nsmallest(size, candidates)]


def _shared(part: Part, field: str, values: Sequence[str], weight: int) -> NDArray[np.int64]:
    """For each code of a column, the weight of the values that its cell shares with these."""
    wanted = set(values)
    return np.array([weight * len(wanted.intersection(cell)) for cell in cells_of(part, field)] or [0], np.int64)
