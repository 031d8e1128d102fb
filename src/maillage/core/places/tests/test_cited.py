"""Neighbourhoods cited as points: only what the source says, and never in place of a loaded contour."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import shapely

from maillage.core.intake.territory_columns import is_code
from maillage.core.places.cited import FILES, cited_in, load_cited
from maillage.core.places.models import Territory
from maillage.core.places.queries import edition
from maillage.core.places.tests.makers import at, square, territory


def test_files_hold_each_neighbourhood_once_with_codes_of_their_generation() -> None:
    for name, kind, generation in FILES:
        rows = cited_in(name).territories
        assert len({row.code for row in rows}) == len(rows)
        if kind == "qpv":
            assert all(is_code("qpv", row.code) and row.code.startswith("QN") for row in rows)
            assert (generation, len(rows)) == ("2024", 37)


@pytest.mark.real_data
def test_each_fact_is_that_of_the_official_file(real_data: Path) -> None:
    file = json.loads((real_data / "qpv/qpv2024_metropole_lyon_extrait.geojson").read_text(encoding="utf-8"))
    official = {one["properties"]["code_qp"]: one for one in file["features"]}
    cited = cited_in("qpv_2024_lyon.yaml").territories
    assert {row.code for row in cited} == set(official)
    for row in cited:
        facts = official[row.code]["properties"]
        assert (row.name, ",".join(row.communes)) == (facts["lib_qp"], facts["insee_com"])
        shape = shapely.geometry.shape(official[row.code]["geometry"])
        assert shape.covers(shapely.Point(row.lon, row.lat))
        assert (round(row.lon or 0, 4), round(row.lat or 0, 4)) == (row.lon, row.lat)


@pytest.mark.django_db
def test_loaded_as_points_twice_the_same_and_a_contour_is_never_lost() -> None:
    territory("qpv", "QN06908M", square(-100, -100, 100, 100), name="Parilly", generation="2024")
    load_cited()
    row = Territory.objects.get(kind="qpv", code="QN06913M")
    assert (row.contour_quality, row.contour, row.point_precision) == ("none", None, "cited")
    assert row.parent_codes[:2] == ["commune:69199", "commune:69259"]
    assert row.population is None
    assert Territory.objects.get(code="QN06908M").contour_quality == "official"
    before = edition()
    load_cited()
    assert edition() == before
    assert at(0, 0) == pytest.approx((Territory.objects.get(code="QN06908M").lon, 45.70), abs=1e-3)
