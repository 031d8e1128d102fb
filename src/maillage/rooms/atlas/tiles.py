"""Vector tiles of the entries that meet a question, from the read model: clusters with exact counts, or every point.

One place is one point; an entry with seven places has seven. Finished tiles are kept, compressed, under the state of the
read model that they show: a change anywhere makes all of them anew, when they are asked for.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import brotli
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
DRAWN = ("theme", "status", "kind", "precision")
FIELDS = {"theme": "themes"}
Kind = Literal["clusters", "points"]
TILES = Kept(64_000_000)


@dataclass(frozen=True)
class Tile:
    """A finished tile, plain and compressed, with the mark that tells whether a browser's copy is still good."""

    body: bytes
    gzipped: bytes
    brotli: bytes
    etag: str

    def encoded(self, accepted: str) -> tuple[bytes, str]:
        """The shortest form that a browser takes, and its name ("" for plain)."""
        names = {part.split(";")[0].strip() for part in accepted.split(",") if not part.replace(" ", "").endswith(";q=0")}
        if "br" in names:
            return self.brotli, "br"
        return (self.gzipped, "gzip") if "gzip" in names else (self.body, "")


@dataclass(frozen=True)
class _Points:
    """The places of one part that lie in a tile and whose entry was found."""

    part: Part
    places: Ints

    @property
    def rows(self) -> NDArray[np.int64]:
        """The entries' rows."""
        return self.part.arrays["place_rows"][self.places].astype(np.int64)


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
        made = Tile(body, gzip.compress(body, 3, mtime=0), brotli.compress(body, quality=3), etag)
        if view.mark:
            TILES.put(key, made, len(body) + len(made.gzipped) + len(made.brotli) + 500)
    return made


def _found(view: View, filters: Filters) -> list[Found]:
    return found_in(view, filters, understand(filters.text) if filters.text else None)


def _run_of(part: Part, of: tuple[int, int, int]) -> slice:
    low, high = np.searchsorted(part.arrays["quadkeys"], np.array(tile_range(*of)))
    return slice(int(low), int(high))


def _mask_of(one: Found, run: slice) -> Mask | None:
    """Which places of a run belong to entries found; None when all do."""
    return None if one.mask is None else one.mask[one.part.arrays["place_rows"][run]]


def _clusters(found: list[Found], of: tuple[int, int, int]) -> bytes:
    """Where one part only has places in the tile, its columns are counted where they lie; otherwise they are gathered."""
    runs = [(one, _run_of(one.part, of)) for one in found]
    held = [(one, run) for one, run in runs if run.stop > run.start]
    if not held:
        return b""
    if len(held) == 1:
        one, run = held[0]
        quadkeys = one.part.arrays["quadkeys"]
        index, mask = PointIndex(quadkeys, quadkeys, {}), _mask_of(one, run)
        points = None
    else:
        points = _gathered(held)
        index, mask = _index_of(points, [])[0], None
    clusters = clusters_of(index, of, grid_bits=CELLS_PER_SIDE_BITS, mask=mask)
    is_alone = clusters.rows >= 0
    lone = clusters.rows[is_alone]
    alone = [_Points(held[0][0].part, lone)] if points is None else _picked(points, index.ids[lone])
    said, properties = _index_of(alone, [*DRAWN, "name", "id"])
    renumbered = np.full(len(is_alone), -1, np.int64)
    renumbered[is_alone] = np.arange(len(lone)) if points is None else np.argsort(np.argsort(index.ids[lone]))
    return tile(cluster_layer("clusters", said, replace(clusters, rows=renumbered), properties=properties))


def _points(found: list[Found], of: tuple[int, int, int]) -> bytes:
    """Every point, with its entry's identifier and codes; the name is left to the sheet: it would be most of the bytes."""
    index, properties = _index_of(_gathered([(one, _run_of(one.part, of)) for one in found]), DRAWN)
    numbered = PointIndex(index.quadkeys, index.columns["entry"].astype(np.int64), index.columns)
    return tile(raw_layer("points", numbered, of, properties=properties))
