"""Official contours: the real files, and every way a file can be wrong; whole or not at all, each refusal in words."""

from __future__ import annotations

import csv
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely

from maillage.core import rooms
from maillage.core.errors import Invalid
from maillage.core.intake.models import Reject, Run, Source
from maillage.core.intake.territories import Options, Report, intake_territories
from maillage.core.outside.fetch import Fetched
from maillage.core.places.cited import load_cited
from maillage.core.places.models import ContourCoverage, Territory
from maillage.core.places.queries import edition, qpv_relation
from maillage.core.places.tests.makers import LAT, LON, square, territory

pytestmark = pytest.mark.django_db

BOX = square(-300, -300, 300, 300)
OTHER = square(1000, 1000, 1300, 1300)


def feature(code: Any, shape: shapely.Geometry | None, **properties: Any) -> dict[str, Any]:
    geometry = json.loads(shapely.to_geojson(shape)) if shape is not None else None
    return {
        "type": "Feature",
        "properties": {"code_qp": code, "lib_qp": f"Quartier {code}", **properties},
        "geometry": geometry,
    }


def written(folder: Path, *features: dict[str, Any], **more: Any) -> Path:
    path = folder / "quartiers.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features), **more}), encoding="utf-8")
    return path


def load(path: Path, **options: Any) -> Report:
    return intake_territories(
        str(path), Options(rejects_folder=path.parent if path.parent.name != "qpv" else None, **options)
    )


def qpv(code: str) -> Territory:
    return Territory.objects.get(kind="qpv", code=code)


# ---- the real files


@pytest.mark.real_data
def test_the_real_contours_of_2024_replace_the_cited_points_and_settle_what_they_can(
    real_data: Path, tmp_path: Path
) -> None:
    load_cited()
    inside, border, far = (4.8813, 45.7009), (4.9033, 45.7284), (4.70, 45.95)
    before = [qpv_relation(lon=lon, lat=lat, uncertainty_m=25).state for lon, lat in (inside, border, far)]
    assert before == ["undetermined"] * 3
    source = str(real_data / "qpv" / "qpv2024_metropole_lyon_extrait.geojson")
    report = intake_territories(
        source, Options(rejects_folder=tmp_path, source_name="ANCT 2024", licence="Licence Ouverte 2.0")
    )
    assert (report.rows_in, report.created, report.changed, report.rejected) == (37, 0, 37, 0)
    assert report.generation == "2024"
    assert set(Territory.objects.filter(kind="qpv").values_list("contour_quality", flat=True)) == {"official"}
    row = qpv("QN06913M")
    assert (row.source_text, row.licence, row.parent_codes[:2]) == (
        "ANCT 2024",
        "Licence Ouverte 2.0",
        ["commune:69199", "commune:69259"],
    )
    _each_point_is_placed(row)
    assert qpv_relation(lon=far[0], lat=far[1], uncertainty_m=25).state == "undetermined", "37 of 43: not said complete"
    again = intake_territories(source, Options(source_name="ANCT 2024", licence="Licence Ouverte 2.0"))
    assert (again.created, again.changed, again.unchanged) == (0, 0, 37)


def _each_point_is_placed(row: Territory) -> None:
    shape = shapely.from_wkb(row.contour)
    edge = shapely.get_coordinates(shape)[0]
    deep = shapely.maximum_inscribed_circle(shape).coords[0]
    assert qpv_relation(lon=deep[0], lat=deep[1], uncertainty_m=25).code == row.code
    assert qpv_relation(lon=edge[0], lat=edge[1], uncertainty_m=25).why == "near_edge"


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "rows", "repaired"),
    [
        ("occitanie_2015/qp.geojson", 105, 32),
        ("lille_2015/qpv_lille.geojson", 26, 1),
        ("rennes_2015/QPV.geojson", 6, 0),
    ],
)
def test_the_real_contours_of_2015(real_data: Path, tmp_path: Path, name: str, rows: int, repaired: int) -> None:
    report = intake_territories(str(real_data / "qpv" / name), Options(rejects_folder=tmp_path))
    assert (report.generation, report.created, report.rejected, report.rows_in) == ("2015", rows, 0, rows)
    kept = Territory.objects.filter(kind="qpv", generation="2015")
    assert kept.exclude(contour_note="").count() == repaired
    assert all(shapely.from_wkb(row.contour).is_valid for row in kept.order_by("pk"))


@pytest.mark.real_data
def test_real_populations_with_spaces_and_coordinates_with_four_decimals(real_data: Path, tmp_path: Path) -> None:
    intake_territories(
        str(real_data / "qpv/rennes_2015/QPV.geojson"), Options(rejects_folder=tmp_path, source_name="Rennes")
    )
    assert (qpv("QP035004").population, qpv("QP035004").population_source) == (6206, "Rennes")
    report = intake_territories(str(real_data / "qpv/occitanie_2015/qp.geojson"), Options(rejects_folder=tmp_path))
    assert qpv("QP066007").contour_tolerance_m == pytest.approx(7.87)
    assert any("moins de 8 m" in line for line in report.remarks)


@pytest.mark.real_data
def test_the_real_topojson_of_the_contrats_de_ville(real_data: Path, tmp_path: Path) -> None:
    path = str(real_data / "qpv/contrats_de_ville/cv.topojson")
    with pytest.raises(Invalid, match="Aucun code de quartier"):
        intake_territories(path, Options(rejects_folder=tmp_path))
    report = intake_territories(path, Options(kind="custom", generation="2015", rejects_folder=tmp_path))
    assert (report.rows_in, report.created) == (431, 431)
    assert Territory.objects.get(kind="custom", code="CV001").name == "CC de la Plaine de l'Ain"


# ---- what is kept, what is refused


def test_rows_are_kept_or_refused_one_by_one_with_row_column_and_reason(tmp_path: Path) -> None:
    cross = shapely.Polygon([(LON, LAT), (LON + 0.01, LAT + 0.01), (LON + 0.01, LAT), (LON, LAT + 0.01)])
    path = written(
        tmp_path,
        feature("QN06901M", BOX),
        feature("", BOX),
        feature("QN6901", BOX),
        feature("QP069001", BOX),
        feature("QN06901M", OTHER),
        feature("QN06902M", None),
        feature("QN06903M", shapely.Polygon()),
        feature("QN06904M", cross),
        feature("QN06905M", shapely.Point(LON, LAT)),
        feature("QN06906M", square(5_000_000, 0, 5_000_300, 300)),
        feature("QN06907M", OTHER),
    )
    report = load(path)
    assert (report.rows_in, report.created, report.rejected) == (11, 2, 9)
    reasons = {one.number: (one.column, one.reason) for one in report.refusals}
    assert reasons[2] == ("code_qp", "Code absent.")
    assert "pas la forme d’un code" in reasons[3][1]
    assert "quartier de 2015, pas de 2024" in reasons[4][1]
    assert "déjà à la ligne 1" in reasons[5][1]
    assert reasons[6] == ("geometry", "Contour absent.")
    assert "vide" in reasons[7][1].lower()
    assert "changerait sa surface" in reasons[8][1]
    assert "pas un polygone" in reasons[9][1]
    assert "pas en France" in reasons[10][1]
    _the_refusals_are_written(report)


def _the_refusals_are_written(report: Report) -> None:
    assert report.rejects_path is not None
    with report.rejects_path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert [row["ligne"] for row in rows] == ["2", "3", "4", "5", "6", "7", "8", "9", "10"]
    assert rows[1]["code_qp"] == "QN6901"
    run = Run.objects.get()
    assert (run.rows_in, run.kept, run.unchanged, run.rejected) == (11, 2, 0, 9)
    assert run.rows_in == run.kept + run.unchanged + run.merged + run.rejected
    assert Reject.objects.filter(run=run).count() == 9


def test_a_small_crossing_is_repaired_and_said(tmp_path: Path) -> None:
    corners = list(BOX.exterior.coords)
    x, y = corners[1][0], LAT
    crossing = [(x, y), (x + 1e-5, y + 1e-5), (x + 1e-5, y), (x, y + 1e-5)]
    crossed = shapely.Polygon(
        [*corners[:1], *(crossing if corners[0][1] < corners[1][1] else crossing[::-1]), *corners[1:]]
    )
    assert not crossed.is_valid
    report = load(written(tmp_path, feature("QN06901M", crossed), feature("QN06902M", OTHER)))
    assert report.rejected == 0
    assert "réparé\N{NO-BREAK SPACE}; surface changée de" in qpv("QN06901M").contour_note
    assert any("1 contour invalide a été réparé" in line for line in report.remarks)


def test_a_second_load_changes_nothing_and_a_changed_row_only_that_row(tmp_path: Path) -> None:
    path = written(tmp_path, feature("QN06901M", BOX), feature("QN06902M", OTHER))
    load(path)
    before = edition()
    assert (load(path).unchanged, edition()) == (2, before)
    report = load(written(tmp_path, feature("QN06901M", BOX), feature("QN06902M", square(1000, 1000, 1400, 1400))))
    assert (report.changed, report.unchanged) == (1, 1)
    assert edition() != before
    assert Source.objects.count() == 1
    assert Run.objects.count() == 3


def test_a_dry_run_says_the_same_and_writes_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, feature("QN06901M", BOX))
    report = load(path, dry_run=True)
    assert (report.created, report.is_dry_run) == (1, True)
    assert "Essai\N{NO-BREAK SPACE}: rien n’a été enregistré." in report.lines()
    assert not Territory.objects.exists()
    assert not Run.objects.exists()
    assert edition() == "0"


def test_what_an_earlier_source_said_is_kept(tmp_path: Path) -> None:
    load(written(tmp_path, feature("QN06901M", BOX, population="6\u202f206", insee_com="69259,69199")))
    load(written(tmp_path, {**feature("QN06901M", OTHER), "properties": {"code_qp": "QN06901M"}}))
    row = qpv("QN06901M")
    assert (row.population, row.name) == (6206, "Quartier QN06901M")
    assert row.parent_codes[:2] == ["commune:69259", "commune:69199"]


@pytest.mark.parametrize(
    ("said", "kept"), [("6 206", 6206), ("6\u00a0206,0", 6206), (6206.0, 6206), ("", None), (None, None), ("ND", None)]
)
def test_populations(tmp_path: Path, said: Any, kept: int | None) -> None:
    report = load(written(tmp_path, feature("QN06901M", BOX, pop=said)))
    assert qpv("QN06901M").population == kept
    assert any("non comprise" in line for line in report.remarks) == (said == "ND")


def test_communes_by_name_in_the_departement_of_the_code(tmp_path: Path) -> None:
    territory("commune", "69259", BOX, name="Vénissieux", parent_codes=["departement:69"])
    territory("commune", "38999", OTHER, name="Vénissieux", parent_codes=["departement:38"])
    load(written(tmp_path, feature("QN06901M", BOX, COMMUNE_QP="VENISSIEUX, Nulle-Part")))
    assert qpv("QN06901M").parent_codes == ["commune:69259", "departement:69"]


# ---- whole files refused


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "vide"),
        (b"<!doctype html><p>Not here", "page web"),
        (b"code;nom\n1;2", "Format non reconnu"),
        (b"{", "abîmé"),
        (b'{"type": "FeatureCollection", "features": [', "abîmé"),
        (b'{"type": "Feature"}', "pas la forme"),
        (b"[1]", "Format non"),
        (b'{"type": "FeatureCollection", "features": []}', "aucun territoire"),
        (b'{"type": "FeatureCollection", "features": [1]}', "forme"),
        (b'{"type": "Topology", "arcs": [], "objects": {"a": {"type": "Polygon", "arcs": [[5]]}}}', "forme"),
        (b"PK\x03\x04xx", "archive"),
        (b"SQLite format 3\0 but no more", "ne peut pas être lu"),
        ("é".encode("latin-1") + b"{}", "Format"),
        (b'{"a": "\xe9"}', "UTF-8"),
    ],
)
def test_files_that_are_not_territories(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "file.geojson"
    path.write_bytes(content)
    with pytest.raises(Invalid, match=words):
        load(path)
    assert not Run.objects.exists()


def test_a_wrong_generation_is_refused_clearly(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="quartiers de 2015, pas de 2024"):
        load(written(tmp_path, feature("QP069001", BOX)), generation="2024")


def test_a_named_column_must_exist_and_the_file_tells_its_columns(tmp_path: Path) -> None:
    path = written(tmp_path, feature("QN06901M", BOX))
    with pytest.raises(
        Invalid,
        match=r"«\xa0codigo\xa0» n’existe pas. Colonnes du fichier\xa0: code_qp, lib_qp",
    ):
        load(path, code_field="codigo")
    strange = written(tmp_path, {**feature("", BOX), "properties": {"wx": "QN06901M", "label2": "Ici"}})
    with pytest.raises(Invalid, match="--code-field"):
        load(strange)
    load(strange, code_field="wx", name_field="label2")
    assert qpv("QN06901M").name == "Ici"


def test_a_file_that_is_not_there_and_an_unknown_kind(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="n’existe pas"):
        load(tmp_path / "nothing.geojson")
    with pytest.raises(Invalid, match="inconnue"):
        load(written(tmp_path, feature("QN06901M", BOX)), kind="planet")


# ---- coordinates


def _lambert(shape: shapely.Geometry) -> shapely.Geometry:
    """Near enough to Lambert-93 about the origin: its true inverse is fitted there, to a centimetre over a kilometre."""
    from maillage.core.places.projections import lambert93_inverse

    start = np.array([846000.0, 6512000.0])
    for _turn in range(30):  # Newton, with the slope of the inverse itself
        base = lambert93_inverse(start[None])[0]
        slope = np.column_stack(
            [lambert93_inverse((start + step)[None])[0] - base for step in ([1.0, 0.0], [0.0, 1.0])]
        )
        start = start + np.linalg.solve(slope, np.array([LON, LAT]) - base)
    forth = np.linalg.inv(slope)
    return shapely.transform(shape, lambda xy: start + (xy - [LON, LAT]) @ forth.T)


@pytest.mark.parametrize("crs", [None, "urn:ogc:def:crs:EPSG::2154"])
def test_lambert_93_declared_or_not_is_recognised_and_said(tmp_path: Path, crs: str | None) -> None:
    more = {"crs": {"type": "name", "properties": {"name": crs}}} if crs else {}
    report = load(written(tmp_path, feature("QN06901M", _lambert(BOX)), **more))
    assert shapely.from_wkb(qpv("QN06901M").contour).hausdorff_distance(BOX) * 111_320 < 1
    assert any("2154" in line if crs else "Lambert-93 non déclarées" in line for line in report.remarks)


def test_swapped_axes_are_put_in_order_and_said(tmp_path: Path) -> None:
    report = load(written(tmp_path, feature("QN06901M", shapely.transform(BOX, lambda xy: xy[:, ::-1]))))
    assert shapely.from_wkb(qpv("QN06901M").contour).equals_exact(BOX, 1e-9)
    assert any("inversées" in line for line in report.remarks)


@pytest.mark.parametrize(("shift", "words"), [((100, 0), "pas en France"), ((1e7, 1e8), "ni des degrés ni du Lambert")])
def test_coordinates_of_elsewhere_are_refused(tmp_path: Path, shift: tuple[float, float], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        load(written(tmp_path, feature("QN06901M", shapely.transform(BOX, lambda xy: xy + shift))))


def test_an_unknown_system_is_refused_by_its_name(tmp_path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "EPSG:27572"}}
    with pytest.raises(Invalid, match="EPSG:27572"):
        load(written(tmp_path, feature("QN06901M", BOX), crs=crs))


# ---- other formats, addresses


def _written_by_gdal(path: Path, driver: str) -> None:
    shapes = np.array([shapely.to_wkb(_lambert(one)) for one in (BOX, OTHER)], dtype=object)
    codes = [np.array(["QN06901M", "QN06902M"], dtype=object), np.array(["Bel Air", "Les Vernes"], dtype=object)]
    pyogrio.raw.write(
        path, shapes, codes, ["code_qp", "lib_qp"], driver=driver, geometry_type="Polygon", crs="EPSG:2154"
    )


def test_geopackage(tmp_path: Path) -> None:
    _written_by_gdal(tmp_path / "q.gpkg", "GPKG")
    assert load(tmp_path / "q.gpkg").created == 2
    assert shapely.from_wkb(qpv("QN06901M").contour).hausdorff_distance(BOX) * 111_320 < 1


def test_zipped_shapefile_even_with_folders_and_without_trusting_its_paths(tmp_path: Path) -> None:
    _written_by_gdal(tmp_path / "q.shp", "ESRI Shapefile")
    with zipfile.ZipFile(tmp_path / "q.zip", "w") as archive:
        for part in tmp_path.glob("q.[sdpc]*"):
            archive.write(part, f"../../deep/{part.name}")
        archive.writestr("../../deep/readme.txt", "x")
    assert load(tmp_path / "q.zip").created == 2
    assert qpv("QN06902M").name == "Les Vernes"
    assert not (tmp_path.parent / "deep").exists()


def test_archives_that_hold_nothing_or_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "q.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(Invalid, match="ne contient ni"):
        load(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.geojson", " " * 50_000)
        archive.writestr("b.geojson", "{}")
    with pytest.raises(Invalid, match="plusieurs fichiers"):
        load(path)
    monkeypatch.setattr("maillage.core.intake.territory_files.MAX_UNPACKED_BYTES", 10_000)
    with pytest.raises(Invalid, match="refusée"):
        load(path)


def test_an_address_goes_through_the_door_and_keeps_its_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = written(tmp_path, feature("QN06901M", BOX)).read_bytes()
    asked = []

    def answer(url: str, **_limits: float) -> Fetched:
        asked.append(url)
        return Fetched(content, "text/html", url)

    monkeypatch.setattr("maillage.core.intake.territories.fetch", answer)
    report = intake_territories(
        "https://example.org/data/qpv.geojson", Options(source_name="ANCT", licence="LO", published_on="2024-01")
    )
    assert (report.created, asked) == (1, ["https://example.org/data/qpv.geojson"])
    source = Source.objects.get()
    assert (source.name, source.url, source.licence, source.published_on) == ("ANCT", asked[0], "LO", "2024-01")
    assert (qpv("QN06901M").source_url, qpv("QN06901M").licence) == (asked[0], "LO")


# ---- completeness, and who is told


def test_said_complete_only_without_refusal_and_without_missing_neighbour(tmp_path: Path) -> None:
    territory("epci", "200046977", square(-9000, -9000, 9000, 9000))
    with pytest.raises(Invalid, match="Territoire inconnu"):
        load(written(tmp_path, feature("QN06901M", BOX)), complete_for=("epci:1",))
    assert not Territory.objects.filter(kind="qpv").exists(), "nothing half-applied"
    refused = load(written(tmp_path, feature("QN06901M", BOX), feature("", BOX)), complete_for=("epci:200046977",))
    assert refused.complete_for == ()
    territory("qpv", "QN06909M", name="Cité", generation="2024", lon=LON, lat=LAT, parent_codes=["epci:200046977"])
    missing = load(written(tmp_path, feature("QN06901M", BOX)), complete_for=("epci:200046977",))
    assert missing.complete_for == ()
    assert any("QN06909M" in line for line in missing.remarks)
    both = load(
        written(tmp_path, feature("QN06901M", BOX), feature("QN06909M", OTHER)), complete_for=("epci:200046977",)
    )
    assert both.complete_for == ("epci:200046977",)
    assert ContourCoverage.objects.get().area == "epci:200046977"


def test_overlaps_are_told(tmp_path: Path) -> None:
    report = load(written(tmp_path, feature("QN06901M", BOX), feature("QN06902M", square(200, 200, 500, 500))))
    assert any(line.startswith("QN06901M et QN06902M se recouvrent sur") for line in report.remarks)
    beside = load(written(tmp_path, feature("QN06901M", BOX), feature("QN06902M", square(300, -300, 500, 300))))
    assert not any("recouvrent" in line for line in beside.remarks)


CALLS: list[int] = []


def told() -> None:
    """Stands for a room's recount: sees the new contours, in the same transaction."""
    CALLS.append(Territory.objects.filter(kind="qpv").count())


def failing() -> None:
    """Stands for a room that cannot recount."""
    raise RuntimeError("recount")


def _only_room(monkeypatch: pytest.MonkeyPatch, function: str) -> None:
    room = rooms.Room(code="made_up", label="", sentence="", territories_changed=f"{__name__}.{function}")
    monkeypatch.setattr("maillage.core.places.actions.rooms", lambda: [room])
    monkeypatch.setattr("maillage.core.places.actions.resolve", lambda dotted: globals()[dotted.rpartition(".")[2]])


def test_rooms_are_told_once_when_something_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _only_room(monkeypatch, "told")
    CALLS.clear()
    path = written(tmp_path, feature("QN06901M", BOX), feature("QN06902M", OTHER))
    load(path)
    load(path)
    assert CALLS == [2]


def test_when_a_room_cannot_recount_nothing_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _only_room(monkeypatch, "failing")
    with pytest.raises(RuntimeError, match="recount"):
        load(written(tmp_path, feature("QN06901M", BOX)))
    assert not Territory.objects.exists()
    assert not Source.objects.exists()
