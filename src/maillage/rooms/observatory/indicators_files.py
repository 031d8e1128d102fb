"""A file of indicators opened, whatever its format: rows of text cells, and shapes where it has some."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import shapely
from django.utils.translation import gettext as _

from maillage.core.errors import Invalid
from maillage.core.intake.tables.model import Notes, text_of
from maillage.core.intake.tables.opening import opened
from maillage.core.intake.territory_files import Feature, features_in
from maillage.core.intake.territory_shapes import Reading, Unusable, mended, overlaps, reading_of

MOST_ROWS = 200_000
GEO_STARTS = (b"SQLite format 3\0",)


@dataclass(frozen=True)
class SheetRow:
    """One line: its number as a spreadsheet shows it, its cells, its shape when it has a good one."""

    number: int
    cells: dict[str, str]
    shape: shapely.Geometry | None = None


@dataclass(frozen=True)
class Sheet:
    """Everything of a file; `remarks` tell what was noticed and mended, `refused` the rows whose shape is no use."""

    format: str
    columns: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    remarks: tuple[str, ...]
    refused: tuple[tuple[int, str], ...] = ()
    has_shapes: bool = False


def sheet_of(path: Path, layer: str = "") -> Sheet:
    """Reads a whole file of indicators; raises Invalid, in the reader's words, when it cannot be read."""
    if _is_geographic(path):
        return _from_features(path, layer)
    with opened(path) as table:
        notes = Notes()
        rows: list[SheetRow] = []
        for row in table.rows(notes):
            if row.fault:
                notes.say(_("ligne {n} : {fault}").format(n=row.number, fault=row.fault))
            rows.append(SheetRow(row.number, row.cells))
            _check_count(len(rows))
        if notes.is_cut:
            raise Invalid(_("Le fichier est coupé avant sa fin : demandez-le de nouveau."))
        columns = table.columns or tuple(dict.fromkeys(name for row in rows for name in row.cells))
        return Sheet(table.format, tuple(columns), tuple(rows), (*table.remarks, *notes.lines()))


def _check_count(count: int) -> None:
    if count > MOST_ROWS:
        raise Invalid(
            _("Le fichier a plus de {n} lignes : ce n’est pas un tableau par quartier ou commune.").format(n=MOST_ROWS)
        )


def _is_geographic(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(4096)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(GEO_STARTS):
        return True
    return start[:1] == b"{" and (b'"FeatureCollection"' in head or b'"Topology"' in head)


def _from_features(path: Path, layer: str) -> Sheet:
    file = features_in(path, layer)
    _check_count(len(file.features))
    remarks: list[str] = []
    shapes = [one.shape for one in file.features]
    has_shapes = any(shape is not None for shape in shapes)
    reading = reading_of(shapes, file.crs) if has_shapes else Reading(None, is_swapped=False)
    remarks += [reading.remark] if reading.remark else []
    rows, refused, repaired = _mended_rows(file.features, reading)
    if repaired:
        remarks.append(_("{n} contours invalides ont été réparés.").format(n=repaired))
    columns = tuple(dict.fromkeys(name for one in file.features for name in one.properties))
    return Sheet(file.format, columns, tuple(rows), tuple(remarks), tuple(refused), has_shapes)


def _mended_rows(features: Sequence[Feature], reading: Reading) -> tuple[list[SheetRow], list[tuple[int, str]], int]:
    rows, refused, repaired = [], [], 0
    for one in features:
        shape = None
        if one.shape is not None:
            try:
                fit = mended(one.shape, reading)
                shape, repaired = fit.shape, repaired + bool(fit.note)
            except Unusable as fault:
                refused.append((one.number, str(fault)))
        elif one.fault:
            refused.append((one.number, one.fault))
        cells = {name: text_of(value) for name, value in one.properties.items()}
        rows.append(SheetRow(one.number, cells, shape))
    return rows, refused, repaired


def overlaps_told(rows: Sequence[tuple[str, shapely.Geometry]]) -> list[str]:
    """Sentences about territories of one file that overlap; slivers are left out."""
    found = overlaps([shape for _code, shape in rows])
    return [
        _("{one} et {other} se recouvrent sur {area:.0f} m² : une personne peut y être comptée deux fois.").format(
            one=rows[one][0], other=rows[other][0], area=shared
        )
        for one, other, shared in found
    ]
