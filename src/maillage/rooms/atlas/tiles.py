"""Vector tiles of the entries that meet a question, from the read model: clusters with exact counts, or every point.

One place is one point; an entry with seven places has seven. Finished tiles are kept, compressed, under the state of the
read model that they show: a change anywhere makes all of them anew, when they are asked for.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import brotli  # type: ignore[import-untyped]
import numpy as np
from numpy.typing import NDArray

from maillage.core.readmodel.parts import Ints, Mask, Part, View
from maillage.core.search.index import understand
from maillage.kernels.tiles.clusters import clusters_of
from maillage.kernels.tiles.index import PointIndex
from maillage.kernels.tiles.layers import cluster_layer, raw_layer
from maillage.kernels.tiles.mvt import tile
from maillage.kernels.tiles.properties import Properties
from maillage.kernels.tiles.quadkey import tile_range
from maillage.rooms.atlas import readmodel
from maillage.rooms.atlas.filters import Filters
from maillage.rooms.atlas.readmodel_masks import Found, Kept, found_in, question_key

CELLS_PER_SIDE_BITS = 3  # 8 × 8 cells a tile: one circle per 64 px
FRESH_S = 0.5  # a map asks for twenty tiles at once: what changed is asked for once among them
DRAWN = ("theme", "status", "precision")
COLUMNS = {"theme": "themes", "status": "status", "precision": "precision"}
Kind = Literal["clusters", "points"]
Address = tuple[int, int, int]  # z, x, y
TILES = Kept(64_000_000)
LARGE = 50_000


@dataclass
class Tile:
    """A finished tile, with the mark that tells whether a browser's copy is still good; compressed once, when asked."""

    body: bytes
    etag: str

    def encoded(self, accepted: str) -> tuple[bytes, str]:
        """The shortest form that a browser takes, and its name ("" for plain)."""
        parts = [part.replace(" ", "") for part in accepted.split(",")]
        names = {part.split(";")[0] for part in parts if not part.endswith((";q=0", ";q=0.0"))}
        if "br" in names:
            return self.by_brotli, "br"
        return (self.by_gzip, "gzip") if "gzip" in names else (self.body, "")

    @cached_property
    def by_brotli(self) -> bytes:
        """For browsers, over https. A large tile is squeezed less: the person waits for it."""
        compressed: bytes = brotli.compress(self.body, quality=4 if len(self.body) < LARGE else 1)
        return compressed

    @cached_property
    def by_gzip(self) -> bytes:
        """For everything else."""
        return gzip.compress(self.body, 5 if len(self.body) < LARGE else 1, mtime=0)


def entries_tile(filters: Filters, z: int, x: int, y: int) -> bytes:
    """The tile (z, x, y) as Mapbox Vector Tile 2.1 bytes, one layer `clusters`."""
    return finished_tile(filters, "clusters", z, x, y).body


def finished_tile(filters: Filters, kind: Kind, z: int, x: int, y: int) -> Tile:
    """A tile of clusters, or of every point (layer `points`), ready to send."""
    view = readmodel.view(within_s=FRESH_S)
    key = (view.mark, kind, question_key(filters), filters.text, z, x, y)
    made: Tile | None = TILES.get(key) if view.mark else None
    if made is None:
        body = (_clusters if kind == "clusters" else _points)(_found(view, filters), (z, x, y))
        etag = hashlib.blake2b(body, digest_size=12).hexdigest()
        made = Tile(body, etag)
        if view.mark:
            TILES.put(key, made, 2 * len(body) + 500)
    return made


def _found(view: View, filters: Filters) -> list[Found]:
    return found_in(view, filters, understand(filters.text) if filters.text else None)


def _run_of(part: Part, of: Address) -> slice:
    low, high = np.searchsorted(part.arrays["quadkeys"], np.array(tile_range(*of)))
    return slice(int(low), int(high))


def _mask_of(one: Found, run: slice) -> Mask | None:
    """Which places of a run belong to entries found; None when all do."""
    return None if one.mask is None else one.mask[one.part.arrays["place_rows"][run]]


def _clusters(found: list[Found], of: Address) -> bytes:
    """Where one part only has places in the tile, they are counted where they lie; otherwise they are gathered first."""
    held = [(one, run) for one in found if (run := _run_of(one.part, of)).stop > run.start]
    if not held:
        return b""
    if len(held) == 1:
        one, run = held[0]
        quadkeys = one.part.arrays["quadkeys"]
        clusters = clusters_of(
            PointIndex(quadkeys, quadkeys, {}), of, grid_bits=CELLS_PER_SIDE_BITS, mask=_mask_of(*held[0])
        )
        lone = [(one.part, row) for row in clusters.rows[clusters.rows >= 0].tolist()]
    else:
        gathered = _gathered(held)
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
    gathered = _gathered([(one, _run_of(one.part, of)) for one in found])
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
