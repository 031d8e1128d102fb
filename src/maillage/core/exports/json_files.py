"""JSON and GeoJSON (RFC 7946), streamed: the label of the file first, then one row after the other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from maillage.core.exports.about import About
from maillage.core.exports.tables import Cell, Row, Table, clean_text

JSON_TYPE = "application/json"
GEOJSON_TYPE = "application/geo+json"
ROWS_PER_CHUNK = 100
# RFC 7946 section 11.2: seven decimals are about a centimetre, more says nothing.
DECIMALS = 7
Item = TypeVar("Item")


@dataclass(frozen=True)
class Position:
    """Longitude and latitude in WGS84."""

    lon: float
    lat: float


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_plain)


def _grouped(texts: Iterable[str], opening: str, closing: str) -> Iterator[bytes]:
    """Texts between two others, by portions, with commas where they are due."""
    portion: list[str] = [opening]
    for number, text in enumerate(texts):
        portion.append(text if number == 0 else ",\n" + text)
        if len(portion) >= ROWS_PER_CHUNK:
            yield "".join(portion).encode("utf-8")
            portion = []
    yield ("".join(portion) + closing).encode("utf-8")


def json_chunks(records: Iterable[Mapping[str, object]], about: About, name: str) -> Iterator[bytes]:
    """{"about": …, name: [records]}."""
    opening = f'{{"about":{_text(about.as_json())},\n{_text(name)}:[\n'
    return _grouped((_text(record) for record in records), opening, "\n]}\n")


def lists_chunks(lists: Mapping[str, Iterable[Mapping[str, object]]], about: About) -> Iterator[bytes]:
    """{"about": …, each name: [its records]}."""
    yield f'{{"about":{_text(about.as_json())}'.encode()
    for name, records in lists.items():
        yield from _grouped((_text(record) for record in records), f",\n{_text(name)}:[\n", "\n]")
    yield b"}\n"


def geojson_chunks(
    table: Table[Row], positions: Iterable[tuple[Row, Position | None]], about: About
) -> Iterator[bytes]:
    """A FeatureCollection: the columns of `table` as properties of each row, null geometry where there is no position.

    The rows come from `positions`; those of `table` are not read.
    """
    opening = f'{{"type":"FeatureCollection","about":{_text(about.as_json())},\n"features":[\n'
    return _grouped((_text(feature(table, row, position)) for row, position in positions), opening, "\n]}\n")


def feature(table: Table[Row], row: Row, position: Position | None) -> dict[str, object]:
    """One feature; longitude first."""
    coordinates = None if position is None else [round(position.lon, DECIMALS), round(position.lat, DECIMALS)]
    return {
        "type": "Feature",
        "geometry": None if coordinates is None else {"type": "Point", "coordinates": coordinates},
        "properties": {column.key: _json_cell(column.value(row)) for column in table.columns},
    }


def _json_cell(cell: Cell) -> Cell:
    if isinstance(cell, str):
        return clean_text(cell)
    return cell
