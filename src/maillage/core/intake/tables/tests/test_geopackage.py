"""GeoPackage: its layers, its coordinates, its damages; files made with GDAL and with SQLite itself."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely

from maillage.core.errors import Invalid
from maillage.core.intake.tables import geopackage_table
from maillage.core.intake.tables.model import SHAPE_LAT, SHAPE_LON, Notes
from maillage.core.intake.tables.opening import opened
from maillage.core.intake.tables.tests.files import cells_of, made, rows_of, zipped


def layer(
    folder: Path, shapes: list[shapely.Geometry | None], crs: str | None = "EPSG:4326", name: str = "lieux"
) -> Path:
    path = folder / "carte.gpkg"
    pyogrio.raw.write(
        str(path),
        geometry=np.array([None if one is None else shapely.to_wkb(one) for one in shapes], dtype=object)
        if crs
        else None,
        field_data=[np.array([f"Lieu {number}" for number in range(len(shapes))], dtype=object)],
        fields=np.array(["nom"], dtype=object),
        layer=name,
        driver="GPKG",
        geometry_type="Unknown" if crs else None,
        crs=crs,
        append=path.exists(),
    )
    return path


def test_points_surfaces_and_rows_without_a_shape(tmp_path: Path) -> None:
    crossed = shapely.Polygon([(4, 45), (5, 46), (5, 45), (4, 46)])
    notes = Notes()
    rows = rows_of(layer(tmp_path, [shapely.Point(4.85, 45.75), None, crossed]), notes=notes)
    assert [row.cells["nom"] for row in rows] == ["Lieu 0", "Lieu 1", "Lieu 2"]
    assert (rows[0].cells[SHAPE_LON], rows[0].cells[SHAPE_LAT]) == ("4.85", "45.75")
    assert SHAPE_LON not in rows[1].cells and 4 <= float(rows[2].cells[SHAPE_LON]) <= 5
    assert any("se croisaient" in line for line in notes.lines())


def test_metres_become_degrees(tmp_path: Path) -> None:
    path = layer(tmp_path, [shapely.Point(842_500, 6_519_500)], "EPSG:2154")
    with opened(path) as table:
        cells = next(iter(table.rows())).cells
    assert float(cells[SHAPE_LON]) == pytest.approx(4.83, abs=0.02)
    assert float(cells[SHAPE_LAT]) == pytest.approx(45.76, abs=0.02) and "EPSG:2154" in table.remarks[0]


def test_the_largest_layer_is_read_and_the_others_can_be_chosen(tmp_path: Path) -> None:
    layer(tmp_path, [shapely.Point(4, 45)] * 2)
    path = layer(tmp_path, [None], None, "sans_position")
    with opened(path) as table:
        assert (table.name, set(table.choices)) == ("lieux", {"lieux", "sans_position"})
    assert cells_of(path, "sans_position")[0]["nom"] == "Lieu 0"
    packed = zipped(tmp_path, {"carte.gpkg": path.read_bytes()})
    assert len(cells_of(packed)) == 2


@pytest.mark.parametrize("damage", ["half", "other base", "only its name"])
def test_what_is_no_geopackage_is_said(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "base.sqlite"
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE secrets (nom)")
    base.close()
    if damage == "half":
        whole = layer(tmp_path, [shapely.Point(4, 45)] * 3000).read_bytes()
        path = made(tmp_path, whole[: len(whole) // 2], "half.gpkg")
    elif damage == "only its name":
        path = made(tmp_path, b"SQLite format 3\0 and nothing more", "x.gpkg")
    with pytest.raises(Invalid, match="abîmé"):
        rows_of(path)


ENDLESS = (
    "WITH RECURSIVE more(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM more) SELECT n AS rowid, 'lieux' AS table_name, "
)


@pytest.mark.parametrize(
    "trap",
    [
        ("DROP TABLE gpkg_contents", f"CREATE VIEW gpkg_contents AS {ENDLESS} 'features' AS data_type FROM more"),
        (
            "DROP TABLE gpkg_geometry_columns",
            f"CREATE VIEW gpkg_geometry_columns AS {ENDLESS} 'x' AS column_name, 1 AS srs_id FROM more WHERE n < 0",
        ),
        ("ALTER TABLE lieux ADD COLUMN lourd AS (hex(zeroblob(100000000)))",),
    ],
)
def test_a_file_that_computes_without_end_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trap: tuple[str, ...]
) -> None:
    monkeypatch.setattr(geopackage_table._Base, "patience", 50)
    monkeypatch.setattr(geopackage_table, "MOST_STEPS", 50)
    path = layer(tmp_path, [shapely.Point(4, 45)] * 3)
    base = sqlite3.connect(path)
    for statement in trap:
        base.execute(statement)
    base.commit()
    base.close()
    with pytest.raises(Invalid, match="abîmé"):
        rows_of(path)
