"""Which rows of the read model meet a question, and how many: the same answers as `queries.matching`, without its tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maillage.core.readmodel.copying import HEADER_BYTES, TRAILER_BYTES, binary
from maillage.core.readmodel.kept import Kept, Key
from maillage.core.readmodel.parts import Ints, Laid, Mask, Part, View
from maillage.core.search.index import CONFIGURATION, Query, understand
from maillage.kernels.tiles.boxes import box_ranges
from maillage.kernels.tiles.facets import Choice, mask_of
from maillage.kernels.tiles.index import PointIndex
from maillage.rooms.atlas.filters import FACETS, Filters
from maillage.rooms.atlas.readmodel import CODED, cells_of

WEIGHTS = "{0.05,0.1,0.4,1.0}"
MOST_RANKED = 1_000  # documents of one search that are weighed
_SMALL = 5_000


MASKS, HITS = Kept(48_000_000), Kept(64_000_000)


@dataclass(frozen=True)
class Hits:
    """Rows of a part whose document meets a text, in order, with their weight."""

    rows: Ints
    ranks: NDArray[np.float32]


@dataclass(frozen=True)
class Found:
    """Rows of one part that meet a question; `mask` is None when all do."""

    part: Part
    mask: Mask | None
    hits: Hits | None

    @property
    def count(self) -> int:
        """How many."""
        return len(self.part) if self.mask is None else int(np.count_nonzero(self.mask))


def found_in(view: View, filters: Filters, query: Query | None = None) -> list[Found]:
    """The rows of each part that meet a question."""
    query = (query or understand(filters.text)) if filters.text else None
    if view.mark:
        parts = frozenset(one.part.number for one in view.laid)
        MASKS.among(parts)
        HITS.among(parts)
    return [_found(one, filters, query, is_kept=bool(view.mark)) for one in view.laid]


def total_of(found: list[Found]) -> int:
    """How many entries in all."""
    return sum(one.count for one in found)


def _found(laid: Laid, filters: Filters, query: Query | None, *, is_kept: bool) -> Found:
    hits = None
    if filters.text:
        hits = hits_of(laid.part, query or Query(filters.text, ""), is_kept=is_kept)
    mask = mask_without_text(laid.part, filters, is_kept=is_kept)
    mask = joined(joined(mask, laid.alive), as_mask(laid.part, hits))
    return Found(laid.part, mask, hits)


def joined(one: Mask | None, other: Mask | None) -> Mask | None:
    """Rows that are in both; None stands for all rows."""
    if one is None or other is None:
        return other if one is None else one
    both: Mask = one & other
    return both


def as_mask(part: Part, hits: Hits | None) -> Mask | None:
    """The rows of hits as a mask."""
    if hits is None:
        return None
    mask = np.zeros(len(part), bool)
    mask[hits.rows] = True
    return mask


def question_key(filters: Filters) -> Key:
    """What of a question decides which rows meet it, but for its text."""
    chosen = tuple(sorted((name, tuple(sorted(values))) for name, values in filters.chosen.items()))
    return (chosen, filters.territory, filters.box)


def mask_without_text(part: Part, filters: Filters, *, is_kept: bool) -> Mask | None:
    """Rows that meet everything but the text; None when nothing else is asked."""
    if not (filters.chosen or filters.territory or filters.box):
        return None
    key = (part.number, question_key(filters))
    mask: Mask | None = MASKS.get(key) if is_kept else None
    if mask is None:
        mask = mask_of(index_of(part), choices_of(part, filters), base=base_mask(part, filters))
        if is_kept:
            MASKS.put(key, mask, mask.nbytes)
    return mask


def choices_of(part: Part, filters: Filters) -> list[Choice]:
    """The chosen values as codes of this part."""
    return [
        Choice(FACETS[name][0], _codes_with(part, FACETS[name][0], values)) for name, values in filters.chosen.items()
    ]


def _codes_with(part: Part, field: str, values: Iterable[str]) -> frozenset[int]:
    """The codes of a column whose cell holds one of these values."""
    known: dict[str, list[int]] | None = part.memo.get(("codes", field))
    if known is None:
        known = {}
        for code, cell in enumerate(cells_of(part, field)):
            for value in cell:
                known.setdefault(value, []).append(code)
        part.memo["codes", field] = known
    return frozenset(code for value in values for code in known.get(value, ()))


def base_mask(part: Part, filters: Filters) -> Mask | None:
    """Rows that meet what is no facet: the territory and the box."""
    mask: Mask | None = None
    if filters.territory:
        codes = list(_codes_with(part, "territories", [filters.territory]))
        table = np.zeros(len(cells_of(part, "territories")), bool)
        table[codes] = True
        mask = table[part.arrays["territories"]]
    if filters.box:
        inside = np.zeros(len(part), bool)
        inside[part.arrays["place_rows"][places_within(part, filters.box)]] = True
        mask = joined(mask, inside)
    return mask


def index_of(part: Part) -> PointIndex:
    """The entries as the table of codes that the counting kernels read; its order is the part's own."""
    index: PointIndex | None = part.memo.get("index")
    if index is None:
        columns = {field: part.arrays[field] for field in CODED}
        index = part.memo["index"] = PointIndex(part.ids, part.ids, columns)
    return index


def slices_within(part: Part, box: tuple[float, float, float, float]) -> Iterator[slice]:
    """Runs of places, in order, that hold all those of a box and a few more."""
    for low, high in box_ranges(*box):
        begin, end = np.searchsorted(part.arrays["quadkeys"], np.array([low, high]))
        if end > begin:
            yield slice(int(begin), int(end))


def places_within(part: Part, box: tuple[float, float, float, float]) -> Ints:
    """Places of a box, its edges included."""
    west, south, east, north = box
    kept = [np.zeros(0, np.int64)]
    for run in slices_within(part, box):
        lon, lat = part.arrays["lon"][run], part.arrays["lat"][run]
        across = (lon >= west) & (lon <= east) if west <= east else (lon >= west) | (lon <= east)
        kept.append(run.start + np.flatnonzero(across & (lat >= south) & (lat <= north)))
    return np.concatenate(kept)


def hits_of(part: Part, query: Query, *, is_kept: bool) -> Hits:
    """Rows whose search document meets a text. Kept with the part: what changes later lies in another part."""
    key = (part.number, query.tsquery)
    hits: Hits | None = HITS.get(key) if is_kept else None
    if hits is None:
        hits = read_hits(part, query) if query.tsquery else Hits(np.zeros(0, np.int64), np.zeros(0, np.float32))
        if is_kept:
            HITS.put(key, hits, hits.rows.nbytes + hits.ranks.nbytes)
    return hits


_HIT = np.dtype([("fields", ">i2"), ("a", ">i4"), ("id", ">i8"), ("b", ">i4"), ("rank", ">f4")])
_ALL = "SELECT object_id, 0::real FROM search_searchdocument WHERE room = 'atlas' AND kind = 'entry' AND {met}"
# Read by the index however many there are, and no further than the limit: a plain LIMIT would have the table read instead.
_RANKED = """
WITH found AS MATERIALIZED (
    SELECT object_id, vector FROM search_searchdocument WHERE room = 'atlas' AND kind = 'entry' AND {met})
SELECT object_id, ts_rank(%s, vector, to_tsquery('{configuration}', %s), 1) FROM (SELECT * FROM found LIMIT %s) AS first
"""
_MET = f"vector @@ to_tsquery('{CONFIGURATION}', %s)"
_MET_BY_TITLE = f"ts_filter(vector, '{{a}}') @@ to_tsquery('{CONFIGURATION}', %s)"


def read_hits(part: Part, query: Query) -> Hits:
    """Rows and weights by binary COPY. All are found; where they are very many, those are weighed that hold the words in
    their title, the first thousand of them, and the others come after: weighing each costs more than finding them all.
    """
    among = part.ids if len(part) <= _SMALL else None
    is_broad = query.is_broad and among is None
    found = ranked(query.tsquery, by_title=is_broad, among=among)
    if is_broad or (among is None and len(found) > MOST_RANKED):
        if not is_broad:
            found = ranked(query.tsquery, by_title=True, among=None)
        found = np.concatenate([found[:MOST_RANKED], _copied(_ALL.format(met=_MET), [query.tsquery])])
    rows, is_held = part.looked_up(found["id"].astype(np.int64))
    rows, ranks = rows[is_held], found["rank"][is_held].astype(np.float32)
    rows, first = np.unique(rows, return_index=True)
    return Hits(rows, ranks[first])


def ranked(tsquery: str, *, by_title: bool, among: Ints | None) -> NDArray[Any]:
    """The first documents that meet a query, with their weights, one more than are weighed; all of `among` where given."""
    met = _MET_BY_TITLE if by_title else _MET
    parameters: list[object] = [tsquery]
    if among is not None:
        met, parameters = f"{met} AND object_id = ANY(%s)", [tsquery, among.tolist()]
    limit = None if among is not None else MOST_RANKED + 1
    return _copied(_RANKED.format(met=met, configuration=CONFIGURATION), [*parameters, WEIGHTS, tsquery, limit])


def _copied(statement: str, parameters: Sequence[object]) -> NDArray[Any]:
    raw = binary(statement, parameters)
    count = (len(raw) - HEADER_BYTES - TRAILER_BYTES) // _HIT.itemsize
    return np.frombuffer(raw, _HIT, count=count, offset=HEADER_BYTES)


def extent_within(found: list[Found]) -> tuple[float, float, float, float] | None:
    """West, south, east, north of the places of the rows found; None without any."""
    sides = []
    for one in found:
        lon, lat = one.part.arrays["lon"], one.part.arrays["lat"]
        if one.mask is not None:
            chosen = one.mask[one.part.arrays["place_rows"]]
            lon, lat = lon[chosen], lat[chosen]
        if len(lon):
            sides.append((float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())))
    if not sides:
        return None
    west, south, east, north = zip(*sides, strict=True)
    return min(west), min(south), max(east), max(north)
