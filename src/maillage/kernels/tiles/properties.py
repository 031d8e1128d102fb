"""What the features of a layer can say: the keys and values of a vector tile, encoded once and shared by all tiles.

Source: https://github.com/mapbox/vector-tile-spec/tree/master/2.1, sections 4.1 and 4.4.
"""

import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Scalar: TypeAlias = str | bool | int | float
Ints: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True)
class Properties:
    """What the features of a layer can say: keys, and for each key the values that codes point at. Built once."""

    keys: tuple[str, ...]
    blob: NDArray[np.uint8]  # every distinct value as a finished `values` field of the layer
    blob_at: Ints  # value v is blob[blob_at[v] : blob_at[v + 1]]
    remap: NDArray[np.int32]  # code c of key k is value remap[remap_at[k] + c]
    remap_at: Ints

    @classmethod
    def of(cls, values: Mapping[str, Sequence[Scalar]]) -> "Properties":
        """Encode the lists of values, equal ones of one type once (section 4.1). Raises ValueError as `value_field`."""
        fields: dict[bytes, int] = {}
        lists = [[fields.setdefault(value_field(v), len(fields)) for v in listed] for listed in values.values()]
        return cls(
            keys=tuple(values),
            blob=np.frombuffer(b"".join(fields), np.uint8).copy(),  # writable, as `joined` gives: one compiled form
            blob_at=_starts(len(field) for field in fields),
            remap=np.array([i for listed in lists for i in listed], np.int32),
            remap_at=_starts(len(listed) for listed in lists),
        )

    def joined(self, other: "Properties") -> "Properties":
        """Return the keys of both, for a list that changes at each tile beside those that do not.

        Values are not compared between the two: one said by both is written twice, which section 4.1 allows.
        """
        return Properties(
            keys=self.keys + other.keys,
            blob=np.concatenate([self.blob, other.blob]),
            blob_at=np.concatenate([self.blob_at, other.blob_at[1:] + self.blob_at[-1]]),
            remap=np.concatenate([self.remap, other.remap + np.int32(len(self.blob_at) - 1)]),
            remap_at=np.concatenate([self.remap_at, other.remap_at[1:] + self.remap_at[-1]]),
        )


def value_field(value: Scalar) -> bytes:
    """Return a value as a `values` field of a layer, in the shortest type that keeps it exact.

    Raises ValueError for NaN (leave it out instead: code -1), an integer beyond 64 bits, or another type.
    """
    if isinstance(value, bool | np.bool_):
        return b"\x22" + message(bytes([7 << 3, bool(value)]))
    if isinstance(value, str):
        return b"\x22" + message(b"\x0a" + message(value.encode()))
    if isinstance(value, int | np.integer):
        return b"\x22" + message(_integer(int(value)))
    if isinstance(value, float | np.floating) and not math.isnan(value):
        return b"\x22" + message(_real(float(value)))
    raise ValueError(f"a tile cannot say {value!r}")


def coded(columns: Mapping[str, Sequence[Scalar | None] | NDArray[np.generic]]) -> tuple[Properties, NDArray[np.int32]]:
    """Return properties and codes for plain columns of equal length; None and NaN are left out. O(n · k), in Python.

    For lists that change at each tile; where the values are known beforehand, keep one `Properties` and pass codes.
    """
    lists: dict[str, list[Scalar]] = {}
    codes = np.full((max(map(len, columns.values()), default=0), len(columns)), -1, np.int32)
    for k, (key, column) in enumerate(columns.items()):
        numbers: dict[tuple[type, Scalar], int] = {}
        for i, value in enumerate(column.tolist() if isinstance(column, np.ndarray) else column):
            if value is not None and not (isinstance(value, float) and math.isnan(value)):
                codes[i, k] = numbers.setdefault((type(value), value), len(numbers))
        lists[key] = [value for _, value in numbers]
    return Properties.of(lists), codes


def _starts(sizes: Iterable[int]) -> Ints:
    return np.cumsum([0, *sizes], dtype=np.int64)


def _real(value: float) -> bytes:
    try:
        single = struct.pack("<f", value)
    except OverflowError:
        single = b""
    if single and struct.unpack("<f", single)[0] == value:
        return b"\x15" + single
    return b"\x19" + struct.pack("<d", value)


def _integer(value: int) -> bytes:
    if value >= 1 << 64 or value < -(1 << 63):
        raise ValueError(f"a tile cannot say {value}: more than 64 bits")
    return b"\x28" + varint(value) if value >= 0 else b"\x30" + varint(-2 * value - 1)


def varint(value: int) -> bytes:
    """Return a non-negative integer as a protocol buffer varint."""
    out = bytearray()
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def message(body: bytes) -> bytes:
    """Return a length-delimited protocol buffer field, without its tag."""
    return varint(len(body)) + body


NOTHING = Properties.of({})
