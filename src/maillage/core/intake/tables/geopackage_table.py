"""GeoPackage layers as tables, read with SQLite itself: nothing of the file is ever written or run."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext as _

from maillage.core.errors import Invalid
from maillage.core.intake.tables.model import MAX_COLUMNS, SHAPE_LAT, SHAPE_LON, Notes, Row, Table, text_of, too_long
from maillage.core.intake.tables.shapes import NoShape, inside_of
from maillage.core.places.projections import Inverse, inverse_of

LONGEST_VALUE = 64_000_000
STEPS, MOST_STEPS = 1_000_000, 400  # of SQLite’s machine: some ten seconds between two rows
_ENVELOPES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
_LAYERS = """SELECT c.table_name FROM gpkg_contents c JOIN sqlite_master m ON m.name = c.table_name AND m.type = 'table'
WHERE c.data_type IN ('features', 'attributes') ORDER BY c.rowid"""
_SYSTEM = """SELECT g.column_name, s.organization_coordsys_id FROM gpkg_geometry_columns g
LEFT JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id WHERE g.table_name = ?"""


@dataclass(frozen=True)
class _Layer:
    path: Path
    name: str
    columns: tuple[str, ...]
    shape: str
    convert: Inverse | None


def read_geopackage(path: Path, choice: str = "") -> Table:
    """The table of one layer, that with most rows by default; raises Invalid for another SQLite file or a damaged one."""
    try:
        with closing(_connected(path)) as base:
            return _table(base, path, choice)
    except sqlite3.DatabaseError as fault:
        raise Invalid(_("C’est une base SQLite sans couche GeoPackage, ou elle est abîmée.")) from fault


class _Base(sqlite3.Connection):
    """A file from a stranger: a view may never end, a computed column may stand for gigabytes. Both end here."""

    patience = MOST_STEPS

    def guarded(self) -> _Base:
        """Bounds what one value may weigh, and the work between two rows."""
        self.text_factory = lambda raw: raw.decode("utf-8", "replace")
        self.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
        self.set_progress_handler(self._one_more, STEPS)
        self.execute("PRAGMA trusted_schema = OFF")
        return self

    def _one_more(self) -> bool:
        self.patience -= 1
        return self.patience < 0


def _connected(path: Path) -> _Base:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, factory=_Base).guarded()


def _table(base: sqlite3.Connection, path: Path, choice: str) -> Table:
    names = [str(name) for (name,) in base.execute(_LAYERS)]
    sizes = {name: int(base.execute(f"SELECT count(*) FROM {_quoted(name)}").fetchone()[0]) for name in names}  # noqa: S608
    if not any(sizes.values()):
        raise Invalid(_("Ce GeoPackage ne contient aucune ligne."))
    if choice and choice not in sizes:
        raise Invalid(_("Ce GeoPackage n’a pas de couche « {name} ».").format(name=choice))
    chosen = choice or max(names, key=lambda one: sizes[one])
    remarks: list[str] = []
    layer = _layer(base, path, chosen, remarks)
    shown = tuple(name for name in layer.columns if name != layer.shape)
    return Table(
        format="GeoPackage",
        columns=(*shown, *((SHAPE_LON, SHAPE_LAT) if layer.shape else ())),
        read=lambda notes: _rows(layer, notes),
        name=chosen,
        choices=tuple(name for name in names if sizes[name]),
        remarks=tuple(remarks),
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _layer(base: sqlite3.Connection, path: Path, name: str, remarks: list[str]) -> _Layer:
    columns = tuple(str(row[1]) for row in base.execute(f"PRAGMA table_info({_quoted(name)})"))
    if len(columns) > MAX_COLUMNS:
        raise Invalid(
            _("Le tableau a {count} colonnes : au plus {limit} sont lues.").format(
                count=len(columns), limit=MAX_COLUMNS
            )
        )
    shape, epsg = base.execute(_SYSTEM, [name]).fetchone() or ("", None)
    return _Layer(path, name, columns, str(shape), _inverse(epsg, remarks) if shape else None)


def _inverse(epsg: int | None, remarks: list[str]) -> Inverse | None:
    """As for the other formats: what is declared is followed, what is declared and unknown is said."""
    if epsg is None or epsg <= 0:
        return None
    try:
        inverse = inverse_of(int(epsg))
    except ValueError:
        remarks.append(
            _("Système de coordonnées déclaré et inconnu : {crs}. Les nombres décideront.").format(crs=f"EPSG:{epsg}")
        )
        return None
    if inverse is not None:
        remarks.append(_("Système de coordonnées déclaré par le fichier : EPSG:{epsg}.").format(epsg=epsg))
    return inverse


def _rows(layer: _Layer, notes: Notes) -> Iterator[Row]:
    """Every row, numbered from 1."""
    try:
        with closing(_connected(layer.path)) as base:
            for number, values in enumerate(base.execute(f"SELECT * FROM {_quoted(layer.name)}"), start=1):  # noqa: S608
                base.patience = MOST_STEPS
                yield _row(number, dict(zip(layer.columns, values, strict=True)), layer, notes)
    except sqlite3.DatabaseError as fault:
        raise Invalid(_("Le GeoPackage est abîmé ou incomplet.")) from fault


def _row(number: int, values: dict[str, Any], layer: _Layer, notes: Notes) -> Row:
    blob = values.pop(layer.shape, None)
    cells = {name: text_of(value) for name, value in values.items() if not isinstance(value, bytes)}
    if name := too_long(cells):
        return Row(number, {**cells, name: cells[name][:200]}, _("Cellule beaucoup trop longue."), name)
    try:
        point = _point(blob, notes)
    except NoShape as fault:
        return Row(number, cells, str(fault), SHAPE_LON)
    if point is None:
        if layer.shape:
            notes.say(_("Des fiches n’ont pas de position."))
        return Row(number, cells)
    lon, lat = layer.convert(np.array([point]))[0] if layer.convert else point
    cells[SHAPE_LON], cells[SHAPE_LAT] = repr(round(float(lon), 8)), repr(round(float(lat), 8))
    return Row(number, cells)


def _point(blob: object, notes: Notes) -> tuple[float, float] | None:
    """A point of a geometry blob: a header of the GeoPackage standard (section 2.1.3), then WKB."""
    if blob is None:
        return None
    if not isinstance(blob, bytes) or len(blob) < 8 or blob[:2] != b"GP":
        raise NoShape(_("La forme n’est pas lisible."))
    if blob[3] & 0b0001_0000:  # declared empty
        return None
    try:
        shape = shapely.from_wkb(blob[8 + _ENVELOPES[(blob[3] >> 1) & 0b111] :])
    except (shapely.errors.ShapelyError, KeyError, struct.error) as fault:
        raise NoShape(_("La forme n’est pas lisible.")) from fault
    return inside_of(shape, notes)
