"""GeoPackage by GDAL (pyogrio), from columns and WKB points; rows without a position go to a layer without geometry."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, Generic

import numpy as np
import pyogrio.raw
import shapely

from maillage.core.exports.about import About
from maillage.core.exports.json_files import Position
from maillage.core.exports.tables import Cell, Column, Row, clean_text

MEDIA_TYPE = "application/geopackage+sqlite3"
ROWS_PER_WRITE = 2000


@dataclass(frozen=True)
class Names:
    """The names of the two layers."""

    located: str
    unlocated: str


@dataclass
class _Layers(Generic[Row]):
    """A file being written; `written` counts the rows of each layer."""

    path: Path
    columns: Sequence[Column[Row]]
    about: About
    written: dict[str, int] = field(default_factory=dict)

    def add(self, layer: str, rows: list[tuple[Row, Position | None]], *, located: bool) -> None:
        """Appends rows to a layer, made at its first ones. An empty first portion makes an empty layer."""
        before = self.written.get(layer)
        if not rows and before is not None:
            return
        points = _points([position for _row, position in rows if position is not None]) if located else None
        pyogrio.raw.write(
            str(self.path),
            geometry=points,
            field_data=[_array(column, (row for row, _position in rows)) for column in self.columns],
            fields=np.array([column.key for column in self.columns], dtype=object),
            layer=layer,
            driver="GPKG",
            geometry_type="Point" if located else None,
            crs="EPSG:4326" if located else None,
            append=before is not None,
            layer_metadata=None if before is not None else _metadata(self.about),
            dataset_metadata=None if self.written else _metadata(self.about),
        )
        self.written[layer] = (before or 0) + len(rows)


def write_geopackage(
    path: Path, columns: Sequence[Column[Row]], rows: Iterable[tuple[Row, Position | None]], about: About, names: Names
) -> dict[str, int]:
    """Writes both layers in portions; returns the number of rows of each."""
    layers: _Layers[Row] = _Layers(path, columns, about)
    layers.add(names.located, [], located=True)
    layers.add(names.unlocated, [], located=False)
    for portion in _portions(rows):
        layers.add(names.located, [pair for pair in portion if pair[1] is not None], located=True)
        layers.add(names.unlocated, [pair for pair in portion if pair[1] is None], located=False)
    return layers.written


def _portions(rows: Iterable[tuple[Row, Position | None]]) -> Iterator[list[tuple[Row, Position | None]]]:
    source = iter(rows)
    while portion := list(islice(source, ROWS_PER_WRITE)):
        yield portion


def _points(positions: list[Position]) -> np.ndarray[Any, Any]:
    pairs = np.array([(one.lon, one.lat) for one in positions], dtype=float).reshape(-1, 2)
    return np.asarray(shapely.to_wkb(shapely.points(pairs)), dtype=object)


def _array(column: Column[Row], rows: Iterable[Row]) -> np.ndarray[Any, Any]:
    """One column as GDAL takes it; its type is declared, so that all portions agree."""
    cells = [column.value(row) for row in rows]
    if column.is_number:
        return np.array([np.nan if cell is None else float(cell) for cell in cells], dtype=float)  # type: ignore[arg-type]
    return np.array([_text(cell) for cell in cells], dtype=object)


def _text(cell: Cell) -> str | None:
    if cell is None or cell == "":
        return None
    return clean_text(cell.isoformat() if isinstance(cell, date) else str(cell))


def _metadata(about: About) -> dict[str, str]:
    return {
        "TITLE": about.title,
        "DESCRIPTION": about.description,
        "LICENCE": f"{about.licence} {about.licence_url}",
        "ABOUT": json.dumps(about.as_json(), ensure_ascii=False),
    }
