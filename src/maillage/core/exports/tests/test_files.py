"""GeoJSON, JSON, GeoPackage, the catalogue: read again by other programs than those that wrote them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pyogrio
import pyogrio.raw
import pytest
import shapely

from maillage.core.exports.about import About, SourceNote
from maillage.core.exports.catalogue import DataSet, Distribution, catalogue
from maillage.core.exports.geopackage import ROWS_PER_WRITE, Names, write_geopackage
from maillage.core.exports.json_files import Position, geojson_chunks, json_chunks, lists_chunks
from maillage.core.exports.tables import Column, Table

ABOUT = About(
    "Essai", "Trois.", 3, datetime(2026, 11, 23, tzinfo=UTC), "https://exemple.fr/", (SourceNote("Étude", "L", "2018"),)
)
Named = tuple[str, float | None]
COLUMNS: list[Column[Named]] = [
    Column("nom", "Nom", lambda row: row[0]),
    Column("nombre", "Nombre", lambda row: row[1], is_number=True),
]
ROWS: list[tuple[Named, Position | None]] = [
    (("Écully \x00\x07", 1.5), Position(4.77, 45.77)),
    (("Nulle part", None), None),
    (("Antiméridien", 3), Position(-179.123456789, -16.5)),
]


def test_geojson_keeps_what_has_no_position() -> None:
    table: Table[Named] = Table("lieux", COLUMNS, ())
    body = json.loads(b"".join(geojson_chunks(table, ROWS, ABOUT)))
    assert body["type"] == "FeatureCollection" and body["about"]["sources"][0]["licence"] == "L"
    features = body["features"]
    assert [one["geometry"] and one["geometry"]["coordinates"] for one in features] == [
        [4.77, 45.77],
        None,
        [-179.1234568, -16.5],
    ]
    assert features[0]["properties"] == {"nom": "Écully ", "nombre": 1.5}
    assert all(set(one) == {"type", "geometry", "properties"} for one in features)


def test_geojson_opens_in_gdal(tmp_path: Path) -> None:
    path = tmp_path / "essai.geojson"
    table: Table[Named] = Table("lieux", COLUMNS, ())
    path.write_bytes(b"".join(geojson_chunks(table, ROWS, ABOUT)))
    assert pyogrio.read_info(path)["features"] == 3


def test_an_empty_question_is_a_valid_file(tmp_path: Path) -> None:
    table: Table[Named] = Table("lieux", COLUMNS, ())
    assert json.loads(b"".join(geojson_chunks(table, [], ABOUT)))["features"] == []
    assert json.loads(b"".join(json_chunks([], ABOUT, "entries")))["entries"] == []
    assert write_geopackage(tmp_path / "vide.gpkg", COLUMNS, [], ABOUT, Names("lieux", "sans")) == {
        "lieux": 0,
        "sans": 0,
    }


def test_lists_are_valid_json_and_streamed() -> None:
    chunks = list(lists_chunks({"a": ({"n": n} for n in range(250)), "b": iter([])}, ABOUT))
    body = json.loads(b"".join(chunks))
    assert [one["n"] for one in body["a"]] == list(range(250)) and body["b"] == []
    assert len(chunks) > 3


@pytest.mark.parametrize("copies", [1, ROWS_PER_WRITE])
def test_geopackage_holds_each_row_once(tmp_path: Path, copies: int) -> None:
    path = tmp_path / "essai.gpkg"
    counts = write_geopackage(path, COLUMNS, ROWS * copies, ABOUT, Names("lieux", "sans_position"))
    assert counts == {"lieux": 2 * copies, "sans_position": copies}
    assert pyogrio.read_info(path, layer="lieux")["features"] == 2 * copies
    info = pyogrio.read_info(path, layer="sans_position")
    assert info["features"] == copies and info["geometry_type"] is None
    meta, _ids, geometry, fields = pyogrio.raw.read(path, layer="lieux")
    first = dict(zip(meta["fields"], [column[0] for column in fields], strict=True))
    assert first == {"nom": "Écully ", "nombre": 1.5}
    assert shapely.from_wkb(geometry[0]).equals(shapely.Point(4.77, 45.77))
    assert meta["crs"] == "EPSG:4326"
    assert "Licence Ouverte" in pyogrio.read_info(path, layer="lieux")["layer_metadata"]["LICENCE"]


def test_the_catalogue_names_every_file() -> None:
    files = (
        Distribution("CSV", "https://exemple.fr/a.csv", "text/csv; charset=utf-8", "CSV", "https://exemple.fr/norme"),
        Distribution("API", "https://exemple.fr/openapi.json", "application/json", is_service=True),
    )
    made = catalogue(
        "https://exemple.fr/c", "Données", [DataSet("https://exemple.fr/d", ABOUT, ("lieux",), files, "2026-11-23")]
    )
    (data_set,) = made["dcat:dataset"]  # type: ignore[misc]
    first, second = data_set["dcat:distribution"]
    assert first["dcat:mediaType"] == {"@id": "https://www.iana.org/assignments/media-types/text/csv"}
    assert first["dct:conformsTo"] == {"@id": "https://exemple.fr/norme"} and first["dcat:downloadURL"]["@id"].endswith(
        "a.csv"
    )
    assert "dcat:downloadURL" not in second
    assert data_set["dct:license"] == first["dct:license"] == {"@id": ABOUT.licence_url}
    used = {key.partition(":")[0] for body in (made, data_set, first) for key in body if not key.startswith("@")}
    assert used <= set(made["@context"])  # type: ignore[arg-type]
