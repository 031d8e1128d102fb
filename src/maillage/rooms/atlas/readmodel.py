"""The read model of the public entries: which columns it holds and how they are read from the tables.

Rows are entries, in the order of names (sort_key, id); beside them lie their located places, in the order of quadkeys.
A facet is a column of codes: each distinct cell of the table, such as "rights, culture", is one code, so that a facet of
many values is counted exactly without a limit on their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maillage.core.readmodel.copying import plain, portions
from maillage.core.readmodel.live import Live
from maillage.core.readmodel.parts import Ints, Part, View, with_ids
from maillage.rooms.atlas.filters import FACETS

VERSION = "1"
SEPARATOR = b"\x1f"
MANY_VALUED = (*(field for field, many, _facet in FACETS.values() if many), "territories")
CODED = (*(field for field, _many, _facet in FACETS.values()), "territories")


def entries() -> Live:
    """The read model of the entries, one for the process."""
    return ENTRIES


def view(*, within_s: float = 0.0) -> View:
    """The published entries as they are now."""
    return ENTRIES.view(within_s=within_s)


def _read(ids: Sequence[int] | None) -> Part:
    """The published entries among these, or all with None."""
    texts, rows, codes = _read_entries(ids)
    entry_ids = np.concatenate(rows["id"]) if rows["id"] else np.zeros(0, np.int64)
    modified = np.concatenate(rows["modified"]) if rows["modified"] else np.zeros(0, np.int64)
    arrays = with_ids(entry_ids) | {
        "modified": modified,
        "recent": np.lexsort((-entry_ids, -modified)).astype(np.int32),
    }
    for name, parts in texts.items():
        arrays |= _texts(name, parts)
    cells: dict[str, list[list[str]]] = {}
    for name, column in codes.items():
        arrays[name], cells[name] = column.finished()
    arrays |= _places(arrays, ids, cells)
    return Part(arrays, {"cells": cells})


@dataclass
class _Codes:
    """A column whose distinct cells are numbered as they come."""

    known: dict[bytes, int]
    parts: list[NDArray[np.uint32]]

    def take(self, cells: Sequence[bytes]) -> None:
        known = self.known
        self.parts.append(
            np.fromiter((known.setdefault(cell, len(known)) for cell in cells), np.uint32, count=len(cells))
        )

    def finished(self) -> tuple[NDArray[Any], list[list[str]]]:
        """The codes, as short as can be, and what each stands for."""
        whole = np.concatenate(self.parts) if self.parts else np.zeros(0, np.uint32)
        kind = np.uint8 if len(self.known) <= 256 else np.uint16 if len(self.known) <= 65_536 else np.uint32
        return whole.astype(kind), [_values(cell) for cell in self.known]


def _values(cell: bytes) -> list[str]:
    return [one.decode() for one in plain(cell).split(SEPARATOR)] if cell else []


def _read_entries(ids: Sequence[int] | None) -> tuple[dict[str, list[bytes]], dict[str, list[Ints]], dict[str, _Codes]]:
    cells = [f"array_to_string({name}, E'\\x1f')" if name in MANY_VALUED else name for name in CODED]
    query = (
        "SELECT id, (extract(epoch FROM modified_at) * 1000000)::bigint, name, encode(sort_key, 'hex'), "  # noqa: S608
        f"{', '.join(cells)} FROM atlas_entry WHERE is_published {_among('id', ids)} ORDER BY sort_key, id"
    )
    texts: dict[str, list[bytes]] = {"names": [], "keys": []}
    rows: dict[str, list[Ints]] = {"id": [], "modified": []}
    codes = {name: _Codes({}, []) for name in CODED}
    for portion in portions(query, _given(ids)):
        columns = list(zip(*portion, strict=True))
        rows["id"].append(np.array(columns[0], np.int64))
        rows["modified"].append(np.array(columns[1], np.int64))
        texts["names"] += [plain(name) for name in columns[2]]
        texts["keys"] += [bytes.fromhex(key.decode()) for key in columns[3]]
        for name, column in zip(CODED, columns[4:], strict=True):
            codes[name].take(column)
    return texts, rows, codes


def _among(column: str, ids: Sequence[int] | None) -> str:
    return "" if ids is None else f"AND {column} = ANY(%s)"


def _given(ids: Sequence[int] | None) -> list[object]:
    return [] if ids is None else [list(ids)]


def _texts(name: str, texts: list[bytes]) -> dict[str, NDArray[Any]]:
    """Texts of unequal length as one array of bytes and where each begins."""
    ends = np.cumsum(np.fromiter(map(len, texts), np.int64, count=len(texts)))
    return {name: np.frombuffer(b"".join(texts), np.uint8), f"{name}_at": np.concatenate([np.zeros(1, np.int64), ends])}


def _places(
    entries: dict[str, NDArray[Any]], ids: Sequence[int] | None, cells: dict[str, list[list[str]]]
) -> dict[str, NDArray[Any]]:
    """The located places of the entries read: their row, their position, and the point of the sphere they are."""
    query = (
        "SELECT p.entry_id, p.quadkey, p.lon, p.lat, p.precision FROM atlas_place p JOIN atlas_entry e"  # noqa: S608
        f" ON e.id = p.entry_id AND e.is_published WHERE p.quadkey IS NOT NULL {_among('p.entry_id', ids)}"
        " ORDER BY p.quadkey, p.id"
    )
    numbers: list[NDArray[Any]] = []
    precision = _Codes({}, [])
    for portion in portions(query, _given(ids)):
        columns = list(zip(*portion, strict=True))
        whole, real = np.array(columns[:2], np.int64), np.array(columns[2:4], np.float64)
        numbers.append(np.concatenate([whole, real.view(np.int64)]))
        precision.take(columns[4])
    found = np.concatenate(numbers, axis=1) if numbers else np.zeros((4, 0), np.int64)
    codes, cells["precision"] = precision.finished()
    return _placed(entries, found, codes)


def _placed(entries: dict[str, NDArray[Any]], found: Ints, precision: NDArray[Any]) -> dict[str, NDArray[Any]]:
    part = Part(entries)
    known = np.isin(found[0], part.ids)  # an entry published between the two reads has its places the next time
    found, precision = np.ascontiguousarray(found[:, known]), precision[known]
    lon, lat = found[2].view(np.float64), found[3].view(np.float64)
    rows = part.rows_of(found[0]).astype(np.int32)
    is_located = np.zeros(len(part), np.uint8)
    is_located[rows] = 1
    return {
        "quadkeys": found[1].copy(),
        "place_rows": rows,
        "lon": lon.copy(),
        "lat": lat.copy(),
        "sphere": on_sphere(lon, lat),
        "precision": precision,
        "is_located": is_located,
    }


def on_sphere(lon: Any, lat: Any) -> NDArray[np.float64]:
    """Points (3 × n) of the unit sphere. Kept, so that distances are sums and products only: the same for a row wherever
    it lies in memory, which sines computed by several at a time are not, and a page's cursor must be.
    """
    across, up = np.radians(lon), np.radians(lat)
    return np.array([np.cos(up) * np.cos(across), np.cos(up) * np.sin(across), np.sin(up)], np.float64)


ENTRIES = Live(
    layer="entries", tables=("atlas_entry", "atlas_place", "search_searchdocument"), version=VERSION, read=_read
)


def name_of(part: Part, row: int) -> str:
    """Name of the entry in a row."""
    return _text_at(part, "names", row).decode()


def key_of(part: Part, row: int) -> bytes:
    """Sort key of the entry in a row."""
    return _text_at(part, "keys", row)


def _text_at(part: Part, name: str, row: int) -> bytes:
    begin, end = part.arrays[f"{name}_at"][row : row + 2]
    return bytes(part.arrays[name][begin:end])


def cells_of(part: Part, field: str) -> list[list[str]]:
    """What the codes of a column stand for."""
    cells: list[list[str]] = part.notes["cells"][field]
    return cells


def first_value(part: Part, field: str, row: int) -> str:
    """The first value of a cell, "" when it is empty."""
    values = cells_of(part, field)[int(part.arrays[field][row])]
    return values[0] if values else ""
