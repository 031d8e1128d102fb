"""Workbooks, JSON, maps and archives; and what is none of these."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, time
from pathlib import Path

import openpyxl
import pytest

from maillage.core.errors import Invalid
from maillage.core.intake.tables.model import SHAPE_LAT, SHAPE_LON, Notes
from maillage.core.intake.tables.opening import opened
from maillage.core.intake.tables.tests.files import cells_of, made, rows_of, zipped


def workbook(folder: Path, rows: list[list[object]], *, merged: tuple[str, ...] = (), sheet: str = "Lieux") -> Path:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(row)
    for block in merged:
        page.merge_cells(block)
    path = folder / "classeur.xlsx"
    book.save(path)
    return path


def test_a_workbook_with_titles_dates_of_1900_times_and_numbers(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        [
            ["Annuaire des lieux", None, None, None, None],
            [],
            ["Nom", "Code postal", "Ouvre", "Créé le", "Places"],
            ["MJC", 69001.0, time(9, 30), date(2021, 3, 4), date(1900, 1, 12)],
        ],
    )
    notes = Notes()
    rows = rows_of(path, notes=notes)
    assert rows[0].cells == {
        "Nom": "MJC",
        "Code postal": "69001",
        "Ouvre": "09:30",
        "Créé le": "2021-03-04",
        "Places": "12",
    }
    assert rows[0].number == 4
    assert any("1900" in one for one in notes.lines())


def test_merged_cells_are_filled_downwards(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        [["Commune", "Nom", "Tél"], ["Bron", "MJC", "1"], [None, "CSC", "2"], ["Lyon", "EPN", "3"]],
        merged=("A2:A3",),
    )
    notes = Notes()
    assert [row.cells["Commune"] for row in rows_of(path, notes=notes)] == ["Bron", "Bron", "Lyon"]
    assert any("fusionnées" in one for one in notes.lines())


def test_a_formula_never_computed_keeps_its_text(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["Nom", "Ville", "Code"], ["MJC", '=CONCATENATE("Ly","on")', "a"], ["CSC", "Bron", "b"]])
    notes = Notes()
    rows = rows_of(path, notes=notes)
    assert rows[0].cells["Ville"].startswith("=CONCATENATE") and rows[1].cells["Ville"] == "Bron"
    assert any("formules" in one for one in notes.lines())


def test_a_formula_computed_gives_its_result(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["Nom", "Ville"], ["MJC", '=CONCATENATE("Ly","on")'], ["CSC", "Bron"]])
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = members["xl/worksheets/sheet1.xml"].replace(b"<v></v>", b"<v>Lyon</v>").replace(b"<v />", b"<v>Lyon</v>")
    sheet = sheet.replace(b'<c r="B2">', b'<c r="B2" t="str">')
    assert b"<v>Lyon</v>" in sheet
    path = zipped(tmp_path, {**members, "xl/worksheets/sheet1.xml": sheet}, "calcule.xlsx")
    assert rows_of(path)[0].cells["Ville"] == "Lyon"


def test_the_fullest_sheet_is_read_and_another_can_be_chosen(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.append(["Lisez-moi"])
    for name, count in (("Petite", 2), ("Grande", 9)):
        sheet = book.create_sheet(name)
        sheet.append(["Nom", "Ville"])
        for number in range(count):
            sheet.append([f"{name} {number}", "Lyon"])
    path = tmp_path / "feuilles.xlsx"
    book.save(path)
    assert len(rows_of(path)) == 9 and len(rows_of(path, "Petite")) == 2
    with opened(path) as table:
        assert table.name == "Grande" and set(table.choices) == {"Petite", "Grande"}
    with pytest.raises(Invalid, match="Moyenne"):
        rows_of(path, "Moyenne")


def test_a_libreoffice_sheet_is_read(tmp_path: Path) -> None:
    content = """<?xml version="1.0" encoding="UTF-8"?><office:document-content
    xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
    xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet><table:table table:name="Lieux">
    <table:table-row><table:table-cell><text:p>Nom</text:p></table:table-cell>
    <table:table-cell><text:p>Code</text:p></table:table-cell>
    <table:table-cell table:number-columns-repeated="1000"/></table:table-row>
    <table:table-row><table:table-cell><text:p>MJC Été</text:p></table:table-cell>
    <table:table-cell office:value-type="float" office:value="69001"><text:p>69 001</text:p></table:table-cell></table:table-row>
    <table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>
    </table:table></office:spreadsheet></office:body></office:document-content>"""
    members = {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": content.encode()}
    assert cells_of(zipped(tmp_path, members, "l.ods")) == [{"Nom": "MJC Été", "Code": "69001"}]
    for number in ("9" * 5000, "x"):
        strange = content.replace("<table:table-cell", f'<table:table-cell table:number-columns-repeated="{number}"', 1)
        with pytest.raises(Invalid, match="abîmé"):
            cells_of(zipped(tmp_path, {**members, "content.xml": strange.encode()}, "x.ods"))


PLACES = [{"nom": "MJC", "contact": {"tel": "0472000001"}, "tags": ["wifi", "atelier"]}, {"nom": "CSC", "vide": None}]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(PLACES),
        "\n".join(json.dumps(one) for one in PLACES),
        json.dumps({"total": 2, "meta": {"page": 1}, "items": PLACES}, indent=2),
        json.dumps({"a": {"b": PLACES}}),
    ],
    ids=["list", "lines", "wrapped", "deep"],
)
def test_json_in_its_several_shapes(tmp_path: Path, text: str) -> None:
    rows = cells_of(made(tmp_path, text))
    assert rows[0] == {"nom": "MJC", "contact.tel": "0472000001", "tags": "wifi | atelier"}
    assert rows[1] == {"nom": "CSC", "vide": ""}


def test_json_is_read_piece_by_piece_across_its_chunks(tmp_path: Path) -> None:
    many = [{"nom": f"Lieu {number}", "texte": "é" * (number % 700)} for number in range(3000)]
    rows = cells_of(made(tmp_path, json.dumps(many, ensure_ascii=False)))
    assert rows == many


@pytest.mark.parametrize("cut", [10, 200, 777])
def test_half_a_json_is_said_to_be_cut(tmp_path: Path, cut: int) -> None:
    text = json.dumps([{"nom": f"Lieu {number}"} for number in range(100)])[:-cut]
    with pytest.raises(Invalid, match="incomplet|abîmé"):
        rows_of(made(tmp_path, text))


def test_an_error_in_json_is_repeated(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="quota dépassé"):
        rows_of(made(tmp_path, json.dumps({"error": "quota dépassé"})))


def feature(geometry: object, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def collection(*features: object, **more: object) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features, **more})


def test_geojson_points_null_shapes_and_polygons(tmp_path: Path) -> None:
    square = {"type": "Polygon", "coordinates": [[[4, 45], [5, 45], [5, 46], [4, 46], [4, 45]]]}
    bow = {"type": "Polygon", "coordinates": [[[4, 45], [5, 46], [5, 45], [4, 46], [4, 45]]]}
    path = made(
        tmp_path,
        collection(
            feature({"type": "Point", "coordinates": [4.8, 45.7, 170]}, nom="a"),
            feature(None, nom="b"),
            feature(square, nom="c"),
            feature(bow, nom="d"),
            feature({"type": "Point", "coordinates": ["x", 1]}, nom="e"),
        ),
    )
    notes = Notes()
    rows = rows_of(path, notes=notes)
    assert (rows[0].cells[SHAPE_LON], rows[0].cells[SHAPE_LAT]) == ("4.8", "45.7")
    assert SHAPE_LON not in rows[1].cells and not rows[1].fault
    assert 4 < float(rows[2].cells[SHAPE_LON]) < 5 and 45 < float(rows[2].cells[SHAPE_LAT]) < 46
    assert 4 < float(rows[3].cells[SHAPE_LON]) < 5
    assert rows[4].fault
    said = " ".join(notes.lines())
    assert "surfaces" in said and "croisaient" in said and "pas de position" in said


def test_declared_lambert_is_converted_and_a_false_declaration_is_not_believed(tmp_path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}
    notes = Notes()
    rows = rows_of(
        made(
            tmp_path,
            collection(
                feature({"type": "Point", "coordinates": [842666.66, 6519924.37]}, nom="a"),
                feature({"type": "Point", "coordinates": [4.83, 45.76]}, nom="b"),
                crs=crs,
            ),
        ),
        notes=notes,
    )
    assert float(rows[0].cells[SHAPE_LON]) == pytest.approx(4.832, abs=0.01)
    assert float(rows[0].cells[SHAPE_LAT]) == pytest.approx(45.76, abs=0.02)
    assert rows[1].cells[SHAPE_LON] == "4.83" and any("degrés" in one for one in notes.lines())


def test_a_umap_file_gives_the_features_of_all_its_layers(tmp_path: Path) -> None:
    layers = [
        {
            "type": "FeatureCollection",
            "_umap_options": {"name": name},
            "features": [
                feature({"type": "Point", "coordinates": [4.8, 45.7]}, name=f"{name} 1", _umap_options={"color": "red"})
            ],
        }
        for name in ("Jardins", "Composteurs")
    ]
    text = json.dumps(
        {
            "type": "umap",
            "properties": {"name": "Carte"},
            "geometry": {"type": "Point", "coordinates": [4, 45]},
            "layers": layers,
        }
    )
    rows = cells_of(made(tmp_path, text))
    assert [(row["calque"], row["name"]) for row in rows] == [
        ("Jardins", "Jardins 1"),
        ("Composteurs", "Composteurs 1"),
    ]
    assert "_umap_options.color" not in rows[0]


KML = """<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder><name>Lyon 7</name>
<Placemark id="p1"><name>MJC</name><description><![CDATA[<b>Ouvert</b>]]></description>
<ExtendedData><Data name="Tél"><value>0472000001</value></Data>
<SchemaData><SimpleData name="cp">69007</SimpleData></SchemaData></ExtendedData>
<Point><coordinates>4.84,45.74,0</coordinates></Point></Placemark>
<Placemark><name>Parc</name><Polygon><outerBoundaryIs><LinearRing><coordinates>4,45 5,45 5,46 4,46 4,45</coordinates>
</LinearRing></outerBoundaryIs></Polygon></Placemark>
<Placemark><name>Sans lieu</name></Placemark></Folder></Document></kml>"""


def test_kml_and_kmz(tmp_path: Path) -> None:
    for path in (made(tmp_path, KML), zipped(tmp_path, {"doc.kml": KML.encode(), "images/a.png": b"x"}, "c.kmz")):
        rows = cells_of(path)
        assert rows[0] == {
            "dossier": "Lyon 7",
            "name": "MJC",
            "description": "<b>Ouvert</b>",
            "Tél": "0472000001",
            "cp": "69007",
            "id": "p1",
            SHAPE_LON: "4.84",
            SHAPE_LAT: "45.74",
        }
        assert 4 < float(rows[1][SHAPE_LON]) < 5
        assert rows[2] == {"dossier": "Lyon 7", "name": "Sans lieu"}


def test_gpx(tmp_path: Path) -> None:
    text = """<?xml version="1.0"?><gpx version="1.1"
    xmlns="http://www.topografix.com/GPX/1/1">
    <wpt lat="45.75" lon="4.85"><name>MJC</name>
    <desc>Ateliers</desc><link href="https://mjc.fr"><text>site</text></link></wpt>
    <trk><name>Balade</name><trkseg><trkpt lat="45.7" lon="4.8"/><trkpt lat="45.8" lon="4.9"/></trkseg></trk></gpx>"""
    rows = cells_of(made(tmp_path, text))
    assert rows[0] == {
        "name": "MJC",
        "desc": "Ateliers",
        "link": "https://mjc.fr",
        SHAPE_LON: "4.85",
        SHAPE_LAT: "45.75",
    }
    assert rows[1] == {"name": "Balade", SHAPE_LON: "4.8", SHAPE_LAT: "45.7"}


def test_half_a_kml_is_said_to_be_cut(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="coupé"):
        rows_of(made(tmp_path, KML[:600]))


def test_entities_are_refused(tmp_path: Path) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a "aaaa">]><kml><Placemark><name>&a;</name></Placemark></kml>'
    with pytest.raises(Invalid, match="DOCTYPE"):
        rows_of(made(tmp_path, bomb))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "vide"),
        (b"\n \n", "vide"),
        (b"<!DOCTYPE html><html><head><title>404</title></head></html>", "page web"),
        (b"  \n<HTML><body>Connexion</body></HTML>", "page web"),
        (b"<?xml version='1.0'?><rss><channel/></rss>", "rss"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "xlsx"),
        (b"\x89PNG\r\n\x1a\n", "image"),
        (b"\x1f\x8b\x08", "gz"),
        (b"PK\x03\x04 broken", "abîmée"),
        (bytes(range(1, 32)) * 40, "pas un tableau"),
    ],
)
def test_what_is_no_table_is_said_in_words(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        rows_of(made(tmp_path, content))


def test_a_file_beyond_200_mb_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "grand.csv"
    with path.open("wb") as file:
        file.truncate(200_000_001)
    with pytest.raises(Invalid, match="200 Mo"):
        rows_of(path)


@pytest.mark.parametrize("text", ["[" * 200_000, '[{"a":' + '{"a":' * 100_000 + "1" + "}" * 100_001 + "]"])
def test_what_is_nested_without_end_is_damaged(tmp_path: Path, text: str) -> None:
    with pytest.raises(Invalid, match="JSON"):
        rows_of(made(tmp_path, text.encode(), "profond.json"))


def test_a_zip_bomb_is_refused_before_it_opens(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="refusé"):
        rows_of(zipped(tmp_path, {"a.csv": b"0" * 60_000_000}))


def test_a_bomb_in_a_workbook_too(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="refusé"):
        rows_of(zipped(tmp_path, {"xl/workbook.xml": b"<x/>", "xl/worksheets/sheet1.xml": b" " * 60_000_000}, "b.xlsx"))


def test_archives_hold_one_table(tmp_path: Path) -> None:
    csv = "Nom;Ville\nMJC;Lyon\n".encode("cp1252")
    assert len(rows_of(zipped(tmp_path, {"d/a.csv": csv, "__MACOSX/._a.csv": b"x", "lisezmoi.md": b"x"}))) == 1
    with pytest.raises(Invalid, match=r"a\.csv, b\.csv"):
        rows_of(zipped(tmp_path, {"a.csv": csv, "b.csv": csv}))
    with pytest.raises(Invalid, match="aucun fichier"):
        rows_of(zipped(tmp_path, {"lisezmoi.md": b"x"}))
    with pytest.raises(Invalid, match="3001"):
        rows_of(zipped(tmp_path, {f"{number}.txt": b"" for number in range(3001)}))


def test_a_workbook_inside_an_archive(tmp_path: Path) -> None:
    inner = workbook(tmp_path, [["Nom", "Ville"], ["MJC", "Lyon"]]).read_bytes()
    assert cells_of(zipped(tmp_path, {"annuaire.xlsx": inner})) == [{"Nom": "MJC", "Ville": "Lyon"}]


def test_half_a_workbook(tmp_path: Path) -> None:
    whole = workbook(tmp_path, [["Nom", "Ville"], ["MJC", "Lyon"]]).read_bytes()
    with pytest.raises(Invalid, match="abîmée|abîmé"):
        rows_of(made(tmp_path, whole[: len(whole) // 2]))


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    path = made(tmp_path, io.StringIO("Nom;Ville\nMJC;Lyon\nCSC;Bron\n").getvalue())
    with opened(path) as table:
        assert list(table.rows()) == list(table.rows())
