"""A whole tile in one compiled pass, for rows whose places lie sorted by quadkey in one table.

The same features as `clusters_of` + `cluster_layer`, or `raw_layer`, which also serve places gathered from several tables
and are its twins in the tests; here nothing is made between the quadkeys and the bytes: some 5 µs for a tile of few places,
where the calls to NumPy of the other way take 200.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from maillage.kernels.tiles.mvt import EXTENT
from maillage.kernels.tiles.properties import Scalar, message, value_field
from maillage.kernels.tiles.quadkey import SIDE, ZOOM, tile_range

Ints: TypeAlias = NDArray[np.int64]
Bytes: TypeAlias = NDArray[np.uint8]
Tile: TypeAlias = tuple[int, int, int]  # z, x, y
NO_MASK: NDArray[np.bool_] = np.zeros(0, bool)
MOST_VALUES = 1 << 16
assert EXTENT == 4096  # written in the loops


@dataclass(frozen=True)
class Places:
    """p places of n rows; arrays are kept read-only, so that one compiled form serves mapped files and memory.

    `codes` (p × k) are numbers into `values`, the values that the k columns say, as `coded_values` makes them.
    """

    quadkeys: Ints
    rows: NDArray[np.int32]
    codes: NDArray[np.uint16]
    ids: Ints
    names: Bytes
    names_at: Ints
    values: tuple[Bytes, Ints]

    @classmethod
    def of(cls, arrays: Sequence[NDArray[Any]], values: Sequence[Scalar]) -> "Places":
        """Quadkeys, rows, codes, ids, names and where each begins, in this order; and the values of the codes.

        Raises ValueError for more than 65,536 values, which codes cannot number.
        """
        if len(values) > MOST_VALUES:
            raise ValueError(f"{len(values)} values, {MOST_VALUES} at most")
        kinds = (np.int64, np.int32, np.uint16, np.int64, np.uint8, np.int64)
        keys, rows, codes, ids, names, names_at = (
            _read_only(np.ascontiguousarray(one, kind)) for one, kind in zip(arrays, kinds, strict=True)
        )
        fields = [value_field(value) for value in values]
        blob = _bytes(b"".join(fields))
        blob_at = _read_only(np.cumsum([0, *map(len, fields)], dtype=np.int64))
        return cls(keys, rows, codes, ids, names, names_at, (blob, blob_at))


@dataclass(frozen=True)
class LayerOf:
    """Name and keys of a layer, encoded once."""

    head: Bytes
    keys: Bytes

    @classmethod
    def named(cls, name: str, keys: Sequence[str]) -> "LayerOf":
        """For points the keys are those of the columns; for clusters: id, name, those of the columns, splits_at, count."""
        head = b"\x78\x02" + b"\x0a" + message(name.encode())
        return cls(_bytes(head), _bytes(b"".join(b"\x1a" + message(key.encode()) for key in keys)))


def whole_points(places: Places, layer: LayerOf, tile: Tile, mask: NDArray[np.bool_] = NO_MASK) -> bytes:
    """Return a tile of every place whose row passes the mask (over rows; empty for all). O(places of the tile)."""
    from maillage.kernels.tiles import whole_loops as loops

    low, high = tile_range(*tile)
    made = loops.points_tile(
        places.quadkeys, places.rows, places.codes, places.ids, mask, low, high, SIDE >> tile[0], *places.values,
        layer.head, layer.keys,
    )  # fmt: skip
    return made.tobytes()


def whole_clusters(
    places: Places, layer: LayerOf, tile: Tile, mask: NDArray[np.bool_] = NO_MASK, *, grid_bits: int
) -> bytes:
    """Return a tile of 4^grid_bits cells with the exact number of places in each. O(places of the tile)."""
    from maillage.kernels.tiles import whole_loops as loops

    low, high = tile_range(*tile)
    made = loops.clusters_tile(
        places.quadkeys, places.rows, places.codes, places.ids, mask, low, high, SIDE >> tile[0], *places.values,
        layer.head, layer.keys, places.names, places.names_at, 2 * max(0, ZOOM - tile[0] - grid_bits), grid_bits,
    )  # fmt: skip
    return made.tobytes()


def first_at_least(keys: Ints, wanted: int) -> int:
    """Return where `wanted` would be put in sorted keys, before its equals. O(log n), 1 µs where NumPy takes five."""
    from maillage.kernels.tiles import whole_loops as loops

    return loops.first_at_least(_read_only(keys), wanted)


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    seen = array.view(np.ndarray)
    seen.flags.writeable = False
    return seen


def _bytes(raw: bytes) -> Bytes:
    return _read_only(np.frombuffer(raw, np.uint8))
