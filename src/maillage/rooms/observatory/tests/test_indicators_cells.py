"""Cells kept as a set and brought to territories; with the real grid of Lille, against a slow exact twin."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely

from maillage.core.errors import Invalid, Missing
from maillage.core.intake.territories import Options, intake_territories
from maillage.core.journal.models import JournalLine
from maillage.core.places.tests.makers import square, territory
from maillage.rooms.observatory.actions_cells import CellOptions, bring_cells, load_cells
from maillage.rooms.observatory.indicators_cells import packed_shapes, unpacked_shapes
from maillage.rooms.observatory.models import CellSet, Indicator, IndicatorValue

pytestmark = pytest.mark.django_db
DATA = Path(os.environ.get("MAILLAGE_DATA", "../shared/data"))
COLUMNS = {
    "gens": {"nature": "count", "topic": "population"}, "pauvres": {"nature": "rate", "unit": "%", "weight": "gens"},
    "niveau": {"nature": "median"}, "no2": {"topic": "air", "nature": "index"}, "taux": {"nature": "rate", "unit": "%"},
}  # fmt: skip
OPTIONS = CellOptions("Mailles", 2017, "INSEE", "Licence Ouverte 2.0", columns=COLUMNS)


def cells_file(folder: Path, cells: list[tuple[shapely.Geometry, dict[str, object]]]) -> Path:
    path = folder / "cells.geojson"
    features = [
        {"type": "Feature", "properties": words, "geometry": shapely.geometry.mapping(shape)} for shape, words in cells
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


@pytest.fixture
def four(tmp_path: Path) -> Path:
    """Four squares of 200 m in a row."""
    rows = [(100, 10.0, 900, 20.0, 5), (300, 40.0, 800, 40.0, 6), (None, 50.0, 700, 30.0, 7), (50, None, 600, 10.0, 8)]
    return cells_file(tmp_path, [
        (square(200 * place, 0, 200 * place + 200, 200),
         {"gens": gens, "pauvres": poor, "niveau": level, "no2": no2, "taux": rate})
        for place, (gens, poor, level, no2, rate) in enumerate(rows)
    ])  # fmt: skip


def values(code: str) -> dict[str, IndicatorValue]:
    return {one.indicator.code: one for one in IndicatorValue.objects.filter(code=code).select_related("indicator")}


def test_each_figure_is_brought_as_its_nature_allows(four: Path) -> None:
    territory("qpv", "QP069001", square(0, 0, 300, 200), generation="2015")
    territory("qpv", "QP069002", square(300, 0, 600, 200), generation="2015")
    territory("qpv", "QN06900A", square(0, 0, 200, 200), generation="2024")
    load_cells(path=four, options=OPTIONS)
    report = bring_cells(cells="mailles", kind="qpv", generation="2015")
    first, second = values("QP069001"), values("QP069002")
    assert (first["gens"].value, first["gens"].low, first["gens"].high) == pytest.approx((250, 100, 400), rel=1e-4)
    assert first["pauvres"].value == pytest.approx((100 * 10 + 150 * 40) / 250, rel=1e-4)
    assert (first["gens"].method, first["pauvres"].method, first["no2"].method) == ("area", "population", "area")
    assert "100 % du territoire" in first["gens"].method_note
    assert first["no2"].value == pytest.approx((20 * 2 + 40) / 3, rel=1e-3)
    assert set(second) == {"no2"}  # a third of it is covered by a cell without people: missing, not low
    assert not values("QN06900A")  # another generation
    told = {code: (kept, left, why) for code, kept, left, why in report.lines}
    assert told["gens"] == (1, 1, "") and "médiane" in told["niveau"][2] and "dénominateur" in told["taux"][2]
    lines = JournalLine.objects.count()
    assert bring_cells(cells="mailles", kind="qpv", generation="2015").changed == 0
    assert JournalLine.objects.count() == lines
    assert Indicator.objects.get(code="pauvres").weight_code == "gens"


def test_medians_only_when_insisted_upon_and_people_of_finer_cells(four: Path, tmp_path: Path) -> None:
    territory("qpv", "QP069001", square(0, 0, 300, 200), generation="2015")
    columns = {**COLUMNS, "niveau": {"nature": "median", "weight": "gens"}}
    load_cells(path=four, options=CellOptions(**{**OPTIONS.__dict__, "columns": columns}))
    (tmp_path / "fine").mkdir()
    fine = cells_file(
        tmp_path / "fine", [(square(200 + 50 * n, 0, 250 + 50 * n, 200), {"pop": n * 10}) for n in range(4)]
    )
    load_cells(path=fine, options=CellOptions("Fines", 2017, "INSEE", "LO", columns={"pop": {"topic": "population"}}))
    bring_cells(cells="mailles", kind="qpv", generation="2015", approximate_medians=True, finer="fines")
    found = values("QP069001")
    assert found["niveau"].value in {900.0, 800.0} and "approchée" in found["niveau"].method_note
    assert found["gens"].value == pytest.approx(100 + 300 * (0 + 10) / 60, rel=1e-4)
    assert found["gens"].method == "population"


def test_refusals(four: Path, tmp_path: Path) -> None:
    with pytest.raises(Missing):
        bring_cells(cells="rien", kind="qpv", generation="2015")
    load_cells(path=four, options=OPTIONS)
    assert load_cells(path=four, options=OPTIONS).pk == CellSet.objects.get().pk
    with pytest.raises(Invalid, match="contours"):
        bring_cells(cells="mailles", kind="qpv", generation="2015")
    for columns, words in (({"absente": {}}, "absente"), ({"pauvres": {"weight": "rien"}}, "dénominateur")):
        with pytest.raises(Invalid, match=words):
            load_cells(path=four, options=CellOptions("Autre", 2017, "INSEE", "LO", columns=columns))
    plain = tmp_path / "t.csv"
    plain.write_text("gens,a\n1,2\n")
    with pytest.raises(Invalid, match="aucun contour"):
        load_cells(path=plain, options=OPTIONS)
    with pytest.raises(Invalid, match="licence"):
        load_cells(path=four, options=CellOptions("Autre", 2017, "INSEE", ""))


def test_shapes_come_back_as_they_were_packed() -> None:
    shapes = np.array([square(0, 0, 10, 10), shapely.MultiPolygon([square(0, 0, 1, 1), square(5, 5, 6, 6)])])
    assert shapely.equals(unpacked_shapes(packed_shapes(shapes)), shapes).all()


@pytest.mark.real_data
def test_people_and_poverty_in_and_out_of_the_qpv_of_lille() -> None:
    grid, qpv = DATA / "stats/lille_grille200m/lille.gpkg", DATA / "qpv/lille_2015/qpv_lille.geojson"
    if not grid.is_file() or not qpv.is_file():
        pytest.skip("MAILLAGE_DATA has no grid of Lille")
    intake_territories(str(qpv), Options(kind="qpv", generation="2015", source_name="ANCT", licence="LO"))
    columns = {"num_people": {"nature": "count", "topic": "population"}, "imputed": {"role": "ignored"},
               "poverty_ratio": {"nature": "rate", "unit": "%", "weight": "num_people"},
               "mean_std_living": {"nature": "index", "weight": "num_people"},
               "land_surface_temperature": {"nature": "index", "topic": "heat"}}  # fmt: skip
    options = CellOptions("Lille 200 m", 2017, "INSEE Filosofi", "Licence Ouverte 2.0", layer="enriched_grid",
                          inhabited_only=True, columns=columns)  # fmt: skip
    row = load_cells(path=grid, options=options)
    assert row.cells == 9096
    report = bring_cells(cells=row.code, kind="qpv", generation="2015")
    people = {one.code: one.value for one in IndicatorValue.objects.filter(indicator__code="num-people")}
    poverty = {one.code: one.value for one in IndicatorValue.objects.filter(indicator__code="poverty-ratio")}
    slow_people, slow_poverty, total = slow_lille(grid)
    assert report.territories == len(slow_people) == 26
    # The contours lose some centimetres on their way to degrees and back: one in two thousand at most.
    for code, amount in people.items():
        assert amount == pytest.approx(slow_people[code], rel=2e-3), code
    for code, share in poverty.items():
        assert share == pytest.approx(slow_poverty[code], abs=0.05), code
    assert len(people) >= 24
    inside = sum(people.values())
    assert 0.1 < inside / total < 0.25  # about one in six of the people of the metropolis


def slow_lille(grid: Path) -> tuple[dict[str, float], dict[str, float], float]:
    """Cell by cell and QPV by QPV in Lambert-93, without tree, projection or shortcut but the box."""
    meta, _ids, cells, columns = pyogrio.raw.read(grid, layer="enriched_grid")
    names = list(meta["fields"])
    people, poverty = columns[names.index("num_people")], columns[names.index("poverty_ratio")]
    scale = 100 if np.nanmax(poverty) <= 1 else 1
    shapes = [shapely.from_wkb(one) for one in cells]
    meta, _ids, targets, columns = pyogrio.raw.read(grid, layer="qpvs")
    codes = columns[list(meta["fields"]).index("CODE_QP")]
    found: dict[str, float] = {}
    rates: dict[str, float] = {}
    for code, wkb in zip(codes, targets, strict=True):
        target = shapely.make_valid(shapely.from_wkb(wkb))
        west, south, east, north = target.bounds
        amount = poor = known = 0.0
        for shape, gens, share in zip(shapes, people, poverty, strict=True):
            left, bottom, right, top = shape.bounds
            if right < west or left > east or top < south or bottom > north or not gens > 0:
                continue
            part = gens * shape.intersection(target).area / shape.area
            amount += part
            if share == share:
                poor, known = poor + part * share * scale, known + part
        found[code], rates[code] = amount, poor / known if known else float("nan")
    return found, rates, float(np.nansum(people))
