"""Vector tiles of the entries that meet a question, from the read model: clusters with exact counts, or every point.

One place is one point; an entry with seven places has seven. Finished tiles are kept, compressed, under the state of the
read model that they show: a change anywhere makes all of them anew, when they are asked for. Where one part only of the
read model has places in the tile, as nearly always, it is made in one compiled pass (kernels/tiles/whole.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import brotli  # type: ignore[import-untyped]
import numpy as np
from isal import igzip
from numpy.typing import NDArray

from maillage.core.readmodel.kept import Kept, Key
from maillage.core.readmodel.parts import Ints, Mask, Part, View
from maillage.core.search.index import Query, understand
from maillage.core.web.compression import accepted
from maillage.kernels.tiles.clusters import clusters_of
from maillage.kernels.tiles.index import PointIndex
from maillage.kernels.tiles.layers import cluster_layer, raw_layer
from maillage.kernels.tiles.mvt import tile
from maillage.kernels.tiles.properties import Properties
from maillage.kernels.tiles.quadkey import tile_range
from maillage.kernels.tiles.whole import (
    MOST_VALUES,
    NO_MASK,
    LayerOf,
    Places,
    first_at_least,
    whole_clusters,
    whole_points,
)
from maillage.rooms.atlas import readmodel
from maillage.rooms.atlas.filters import Filters
from maillage.rooms.atlas.readmodel_masks import Found, found_in, question_key

CELLS_PER_SIDE_BITS = 3  # 8 × 8 cells a tile: one circle per 64 px
FRESH_S = 0.5  # a map asks for twenty tiles at once: what changed is asked for once among them
DRAWN = ("theme", "status", "precision")
COLUMNS = {"theme": "themes", "status": "status", "precision": "precision"}
Kind = Literal["clusters", "points"]
Address = tuple[int, int, int]  # z, x, y
TILES, FOUND, QUERIES = Kept(64_000_000), Kept(64_000_000), Kept(1_000_000)
QUERY_BYTES = 1_000
DEEPEST = 20
LARGE, SMALL = 50_000, 400
CLUSTERS = LayerOf.named("clusters", ["id", "name", *DRAWN, "splits_at", "count"])
POINTS = LayerOf.named("points", DRAWN)


@dataclass
class Tile:
    """A finished tile, with the mark that tells whether a browser's copy is still good; compressed once, when asked."""

    body: bytes
    etag: str

    def encoded(self, header: str) -> tuple[bytes, str, str]:
        """The form that suits a browser, its coding ("" for plain), its ETag. A few hundred bytes go as they are: they
        fill one packet in any case, and squeezing them takes longer than making them.
        """
        coding = accepted(header) if len(self.body) > SMALL else ""
        if not coding:
            return self.body, "", f'"{self.etag}"'
        return self.by_brotli if coding == "br" else self.by_gzip, coding, f'"{self.etag}-{coding}"'

    @cached_property
    def by_brotli(self) -> bytes:
        """For browsers, over https. A large tile is squeezed less: the person waits for it."""
        compressed: bytes = brotli.compress(self.body, quality=4 if len(self.body) < LARGE else 1)
        return compressed

    @cached_property
    def by_gzip(self) -> bytes:
        """For everything else."""
        packed: bytes = igzip.compress(self.body, 2, mtime=0)
        return packed


def entries_tile(filters: Filters, z: int, x: int, y: int) -> bytes:
    """The tile (z, x, y) as Mapbox Vector Tile 2.1 bytes, one layer `clusters`."""
    return finished_tile(filters, "clusters", z, x, y).body


def finished_tile(filters: Filters, kind: Kind, z: int, x: int, y: int) -> Tile:
    """A tile of clusters, or of every point (layer `points`), ready to send."""
    view = readmodel.view(within_s=FRESH_S)
    key = (view.mark, kind, *asked_of(filters), z, x, y)
    made: Tile | None = TILES.of(view.mark).get(key) if view.mark else None
    if made is None:
        body = (_clusters if kind == "clusters" else _points)(_found(view, filters), (z, x, y))
        made = Tile(body, hashlib.blake2b(body, digest_size=12).hexdigest())
        if view.mark:
            TILES.put(key, made, 2 * len(body) + 500)
    return made


def asked_of(filters: Filters) -> Key:
    """What of a question decides which rows meet it."""
    known: Key | None = filters.__dict__.get("_asked")
    if known is None:
        known = (question_key(filters), filters.text)
        object.__setattr__(filters, "_asked", known)  # a question is asked for twenty tiles
    return known


def _found(view: View, filters: Filters) -> list[Found]:
    """The rows that meet a question, kept for the other tiles of the same map."""
    if not view.mark:
        return found_in(view, filters, understand(filters.text) if filters.text else None)
    key = (view.mark, *asked_of(filters))
    found: list[Found] | None = FOUND.of(view.mark).get(key)
    if found is None:
        found = found_in(view, filters, _understood(view, filters.text) if filters.text else None)
        FOUND.put(key, found, sum(0 if one.mask is None else one.mask.nbytes for one in found) + 500)
    return found


def _understood(view: View, text: str) -> Query:
    """The text understood with the words that the entries hold now."""
    query: Query | None = QUERIES.of(view.mark).get((view.mark, text))
    if query is None:
        query = understand(text)
        QUERIES.put((view.mark, text), query, QUERY_BYTES)
    return query


def places_of(part: Part) -> Places | None:
    """The places of a part with what is drawn of them, made once; None where the words drawn are too many to number."""
    if "places" not in part.memo:
        part.memo["places"] = _places(part)
    known: Places | None = part.memo["places"]
    return known


def _places(part: Part) -> Places | None:
    numbers: dict[str, int] = {}
    rows = part.arrays["place_rows"]
    firsts = {name: _first_codes(part, COLUMNS[name], numbers) for name in DRAWN}
    if len(numbers) > MOST_VALUES:
        return None
    codes = np.empty((len(rows), len(DRAWN)), np.uint16)
    for at, name in enumerate(DRAWN):
        of_rows = part.arrays[COLUMNS[name]]
        codes[:, at] = firsts[name][of_rows if name == "precision" else of_rows[rows]]
    arrays = [part.arrays["quadkeys"], rows, codes, part.ids, part.arrays["names"], part.arrays["names_at"]]
    return Places.of(arrays, list(numbers))


def _run_of(part: Part, of: Address) -> slice:
    low, high = tile_range(*of)
    quadkeys = part.arrays["quadkeys"]
    return slice(first_at_least(quadkeys, low), first_at_least(quadkeys, high))


def _mask_of(one: Found, run: slice) -> Mask | None:
    """Which places of a run belong to entries found; None when all do."""
    return None if one.mask is None else one.mask[one.part.arrays["place_rows"][run]]


def _held(found: list[Found], of: Address) -> list[tuple[Found, slice]]:
    """The parts that have places in a tile."""
    return [(one, run) for one in found if (run := _run_of(one.part, of)).stop > run.start]


def _only_one(found: list[Found], of: Address) -> tuple[Places, Mask] | None:
    """The places and the mask of the one part that has places in a tile, where one pass can draw them."""
    one = found[0]
    if len(found) > 1:
        held = _held(found, of)
        if len(held) > 1:
            return None
        one = held[0][0] if held else one
    places = places_of(one.part)
    return None if places is None else (places, NO_MASK if one.mask is None else one.mask)


def _clusters(found: list[Found], of: Address) -> bytes:
    """In one pass where one part has places in the tile; otherwise they are gathered, then counted."""
    if not found:
        return b""
    if (only := _only_one(found, of)) is not None:
        return whole_clusters(only[0], CLUSTERS, of, only[1], grid_bits=CELLS_PER_SIDE_BITS)
    gathered = _gathered(_held(found, of))
    quadkeys = np.concatenate([part.arrays["quadkeys"][places] for part, places in gathered])
    order = np.argsort(quadkeys, kind="stable")
    clusters = clusters_of(PointIndex(quadkeys[order], order, {}), of, grid_bits=CELLS_PER_SIDE_BITS)
    origins = order[clusters.rows[clusters.rows >= 0]]
    lone = [_origin(gathered, at) for at in origins.tolist()]
    renumbered = np.where(clusters.rows >= 0, np.cumsum(clusters.rows >= 0) - 1, -1)
    said, properties = _said(lone)
    return tile(cluster_layer("clusters", said, replace(clusters, rows=renumbered), properties=properties))


def _gathered(held: Sequence[tuple[Found, slice]]) -> list[tuple[Part, Ints]]:
    """The places of each part whose entry was found."""
    gathered = []
    for one, run in held:
        mask = _mask_of(one, run)
        places = np.arange(run.start, run.stop) if mask is None else run.start + np.flatnonzero(mask)
        gathered.append((one.part, places))
    return gathered


def _origin(gathered: list[tuple[Part, Ints]], at: int) -> tuple[Part, int]:
    """The part and the place of a position among all those gathered."""
    for part, places in gathered:
        if at < len(places):
            return part, int(places[at])
        at -= len(places)
    raise IndexError(at)


def _said(lone: Sequence[tuple[Part, int]]) -> tuple[PointIndex, Properties]:
    """What the points alone in their cell say of themselves: few, so one by one."""
    columns: dict[str, list[str | int]] = {name: [] for name in ("id", "name", *DRAWN)}
    for part, place in lone:
        row = int(part.arrays["place_rows"][place])
        columns["id"].append(int(part.ids[row]))
        columns["name"].append(readmodel.name_of(part, row))
        for name in DRAWN:
            columns[name].append(readmodel.first_value(part, COLUMNS[name], place if name == "precision" else row))
    values = {name: list(dict.fromkeys(column)) for name, column in columns.items()}
    numbers = {name: {value: code for code, value in enumerate(known)} for name, known in values.items()}
    codes = {name: np.array([numbers[name][value] for value in column], np.uint32) for name, column in columns.items()}
    ids = np.array(columns["id"], np.int64)
    return PointIndex(ids, ids, codes), Properties.of(values)


def _points(found: list[Found], of: Address) -> bytes:
    """Every point, with its entry's identifier and codes; the name is left to the sheet: it would be most of the bytes."""
    if not found:
        return b""
    if (only := _only_one(found, of)) is not None:
        return whole_points(only[0], POINTS, of, only[1])
    gathered = _gathered(_held(found, of))
    rows = [part.arrays["place_rows"][places] for part, places in gathered]
    columns: dict[str, NDArray[np.uint32]] = {}
    values: dict[str, list[str]] = {}
    for name in DRAWN:
        numbers: dict[str, int] = {}
        column = [
            _first_codes(part, COLUMNS[name], numbers)[
                part.arrays[COLUMNS[name]][places if name == "precision" else at]
            ]
            for (part, places), at in zip(gathered, rows, strict=True)
        ]
        columns[name], values[name] = np.concatenate([np.zeros(0, np.uint32), *column]), list(numbers)
    ids = np.concatenate([np.zeros(0, np.int64), *(part.ids[at] for (part, _), at in zip(gathered, rows, strict=True))])
    quadkeys = [part.arrays["quadkeys"][places] for part, places in gathered]
    index = PointIndex(np.concatenate([np.zeros(0, np.int64), *quadkeys]), ids, columns)
    if len(gathered) > 1:
        index = PointIndex.build(index.quadkeys, index.ids, index.columns)
    return tile(raw_layer("points", index, of, properties=Properties.of(values)))


def _first_codes(part: Part, field: str, numbers: dict[str, int]) -> NDArray[np.uint32]:
    """For each code of a column, the number of the first value of its cell; new values get the next numbers."""
    firsts = [cell[0] if cell else "" for cell in readmodel.cells_of(part, field)]
    return np.array([numbers.setdefault(first, len(numbers)) for first in firsts], np.uint32)
