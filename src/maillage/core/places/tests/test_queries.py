"""Which territories hold a point, how a point lies about the QPV, what touches what: against slow, obvious twins."""

from __future__ import annotations

import random

import pytest
import shapely

from maillage.core.errors import Missing
from maillage.core.places import queries
from maillage.core.places.models import Territory
from maillage.core.places.queries import QpvRelation, qpv_relation
from maillage.core.places.shapes import on_plane
from maillage.core.places.tests.makers import LAT, LON, at, complete_for, square, territory

pytestmark = pytest.mark.django_db


def relation(east_m: float, north_m: float, uncertainty_m: float = 10, **more: str) -> QpvRelation:
    lon, lat = at(east_m, north_m)
    return qpv_relation(lon=lon, lat=lat, uncertainty_m=uncertainty_m, **more)


def scattered(seed: int, many: int, kind: str = "commune") -> list[Territory]:
    chance = random.Random(seed)
    made = []
    for number in range(many):
        west, south = chance.uniform(-3000, 3000), chance.uniform(-3000, 3000)
        shape = square(west, south, west + chance.uniform(50, 2000), south + chance.uniform(50, 2000))
        tolerance = chance.choice([0.0, 60.0])
        made.append(territory(kind, f"{seed}{number}", shape, quality="simplified", tolerance_m=tolerance))
    return made


@pytest.mark.parametrize("seed", range(4))
def test_territories_at_agrees_with_looking_at_each(seed: int) -> None:
    rows = scattered(seed, 25)
    chance = random.Random(seed + 100)
    for _time in range(40):
        lon, lat = at(chance.uniform(-4000, 4000), chance.uniform(-4000, 4000))
        slow = {}
        for row in rows:
            shape = on_plane(shapely.from_wkb(row.contour), lon, lat)
            if shape.covers(shapely.Point(0, 0)):
                slow[row.code] = shape.boundary.distance(shapely.Point(0, 0)) > row.contour_tolerance_m
        found = queries.territories_at(lon=lon, lat=lat)
        assert {one.code: one.is_certain for one in found} == slow


def test_territories_at_gives_the_smallest_first_and_only_the_wanted_kinds() -> None:
    territory("commune", "69001", square(-900, -900, 900, 900))
    territory("qpv", "QN06901M", square(-100, -100, 100, 100), generation="2024")
    assert [one.kind for one in queries.territories_at(lon=LON, lat=LAT)] == ["qpv", "commune"]
    assert [one.kind for one in queries.territories_at(lon=LON, lat=LAT, kinds=["commune"])] == ["commune"]


def test_territories_at_is_not_certain_where_the_point_may_be_over_the_edge() -> None:
    territory("commune", "69001", square(-500, -500, 500, 500))
    lon, lat = at(480, 0)
    assert queries.territories_at(lon=lon, lat=lat)[0].is_certain
    assert not queries.territories_at(lon=lon, lat=lat, uncertainty_m=25)[0].is_certain


def test_before_any_contour_everything_is_undetermined() -> None:
    territory("qpv", "QN06901M", generation="2024", lon=LON, lat=LAT)
    assert relation(0, 0) == QpvRelation("undetermined", why="no_contour")


def test_inside_near_the_edge_near_and_outside() -> None:
    territory("qpv", "QN06901M", square(-300, -300, 300, 300), name="Bel Air", generation="2024")
    complete_for("france")
    assert relation(0, 0) == QpvRelation("in", "QN06901M", "Bel Air")
    assert relation(295, 0).why == relation(305, 0).why == "near_edge"
    assert relation(320, 0) == QpvRelation("near", "QN06901M", "Bel Air")
    assert relation(795, 0).state == "near"
    assert relation(815, 0) == QpvRelation("outside")


def test_the_uncertainty_of_the_point_and_of_the_contour_add_up() -> None:
    territory("qpv", "QN06901M", square(-300, -300, 300, 300), generation="2024", tolerance_m=20)
    complete_for("france")
    assert relation(0, 275, uncertainty_m=10).state == "undetermined"
    assert relation(0, 265, uncertainty_m=10).state == "in"
    assert relation(0, 325, uncertainty_m=10).state == "undetermined"
    assert relation(0, 335, uncertainty_m=10).state == "near"
    assert relation(0, 0, uncertainty_m=290).state == "undetermined"


def test_outside_every_contour_stays_undetermined_until_they_are_said_complete_for_the_place() -> None:
    territory("qpv", "QN06901M", square(-300, -300, 300, 300), generation="2024")
    assert relation(2000, 0) == QpvRelation("undetermined", why="contours_incomplete")
    territory("epci", "200046977", square(-3000, -3000, 3000, 3000), quality="simplified", tolerance_m=300)
    complete_for("epci:200046977")
    assert relation(2000, 0).state == "outside"
    assert relation(2800, 0) == QpvRelation("undetermined", why="contours_incomplete"), "too near the edge of the area"
    assert relation(2685, 0).state == "outside"
    assert relation(2695, 0, uncertainty_m=25).state == "undetermined", "the point itself may be nearer to the edge"


def test_the_commune_that_the_source_states_tells_the_area() -> None:
    territory("qpv", "QN06901M", square(-300, -300, 300, 300), generation="2024")
    territory("commune", "69259", None, parent_codes=["epci:200046977"])
    complete_for("epci:200046977")
    assert relation(2000, 0).state == "undetermined"
    assert relation(2000, 0, commune_code="69259").state == "outside"
    assert relation(2000, 0, commune_code="38001").state == "undetermined"


def test_between_two_qpv_that_touch_the_point_is_surely_in_one() -> None:
    territory("qpv", "QN06901M", square(-300, -300, 0, 300), generation="2024")
    territory("qpv", "QN06902M", square(0, -300, 300, 300), generation="2024")
    assert relation(0, 0) == QpvRelation("in", why="between_two")
    assert relation(-100, 0).code == "QN06901M"


def test_generations_are_not_mixed_and_the_newest_is_the_default() -> None:
    territory("qpv", "QP069001", square(-300, -300, 300, 300), generation="2015")
    territory("qpv", "QN06902M", square(5000, 5000, 5300, 5300), generation="2024")
    complete_for("france", "2024")
    assert relation(0, 0).state == "outside"
    assert relation(0, 0, generation="2015").code == "QP069001"


def test_a_simplified_contour_never_says_in_a_qpv() -> None:
    territory("qpv", "QN06901M", square(-300, -300, 300, 300), generation="2024", quality="simplified", tolerance_m=5)
    assert relation(0, 0).why == "no_contour"


@pytest.mark.parametrize("seed", range(3))
def test_qpv_relation_agrees_with_sampling_the_disc_of_possible_places(seed: int) -> None:
    """Slow twin: "in" and "outside" are said only when all places within the uncertainty agree."""
    chance = random.Random(seed)
    shapes = []
    for number in range(6):
        west, south = chance.uniform(-1500, 1500), chance.uniform(-1500, 1500)
        shape = square(west, south, west + chance.uniform(200, 700), south + chance.uniform(200, 700))
        shapes.append(shape)
        territory("qpv", f"QN0690{number}M", shape, generation="2024")
    complete_for("france")
    whole = shapely.union_all(shapes)
    for _time in range(60):
        east, north = chance.uniform(-2500, 2500), chance.uniform(-2500, 2500)
        disc = shapely.MultiPoint([at(east, north), *(at(east + 39 * x, north + 39 * y) for x, y in DIRECTIONS)])
        state = relation(east, north, uncertainty_m=40).state
        if state == "in":
            assert whole.covers(disc)
        elif state in {"near", "outside"}:
            assert not whole.intersects(disc)
        else:
            wider = shapely.Point(0, 0).buffer(41)
            here = on_plane(whole, *at(east, north))
            assert wider.intersects(here.boundary)


DIRECTIONS = [(1, 0), (-1, 0), (0, 1), (0, -1), (0.7, 0.7), (-0.7, 0.7), (0.7, -0.7), (-0.7, -0.7)]


def test_a_contour_loaded_again_is_used_at_once() -> None:
    territory("qpv", "QN06901M", square(-300, -300, 300, 300), generation="2024")
    assert relation(200, 0).state == "in"
    territory("qpv", "QN06901M", square(-300, -300, 100, 300), generation="2024")
    assert relation(200, 0).state == "undetermined"


def test_neighbours_agree_with_looking_at_each() -> None:
    rows = scattered(7, 20)
    for row in rows:
        mine = on_plane(shapely.from_wkb(row.contour), LON, LAT)
        slow = [
            other.code for other in rows
            if other.pk != row.pk and on_plane(shapely.from_wkb(other.contour), LON, LAT).distance(mine) <= queries.TOUCHING_M
        ]  # fmt: skip
        assert sorted(one.code for one in queries.neighbours(row)) == sorted(slow)


def test_neighbours_of_a_territory_without_contour_are_none() -> None:
    assert queries.neighbours(territory("commune", "69001")) == []


def test_lineage_of_a_commune_known_merged_and_unknown() -> None:
    territory("region", "84")
    territory("departement", "69", parent_codes=["region:84"])
    territory(
        "commune", "69149", parent_codes=["epci:200046977", "departement:69", "region:84"], former_codes=["69152"]
    )
    whole = ["commune:69149", "epci:200046977", "departement:69", "region:84"]
    assert queries.lineage_of_commune("69149") == whole
    assert queries.lineage_of_commune("69152") == whole
    assert queries.lineage_of_commune("69999") == ["commune:69999", "departement:69", "region:84"]
    assert queries.lineage_of_commune("97105") == ["commune:97105", "departement:971"]


def test_one_territory_is_the_newest_generation_or_missing() -> None:
    territory("qpv", "X1", generation="2015")
    territory("qpv", "X1", generation="2024")
    assert queries.territory(kind="qpv", code="X1").generation == "2024"
    assert queries.territory(kind="qpv", code="X1", generation="2015").generation == "2015"
    with pytest.raises(Missing):
        queries.territory(kind="qpv", code="X2")


def test_pages_of_a_kind_follow_one_another_without_loss_or_repeat() -> None:
    names = ["Écully", "Eaux", "Œuilly", "Oullins", "Zoé", "ecluse", "Écully"]
    for number, name in enumerate(names):
        territory("commune", f"6900{number}", name=name)
    seen, cursor = [], ""
    while True:
        rows, cursor = queries.territories_page("commune", cursor, 2)
        seen += [row.name for row in rows]
        if not cursor:
            break
    assert seen == ["Eaux", "ecluse", "Écully", "Écully", "Œuilly", "Oullins", "Zoé"]
    assert [row.name for row in queries.territories_page("commune", "zz-9", 2)[0]] == ["Eaux", "ecluse"]


def test_names_of_many_references_take_one_statement(django_assert_num_queries: object) -> None:
    territory("commune", "69001", name="Un")
    territory("departement", "69", name="Rhône")
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert queries.territory_names(["commune:69001", "departement:69", "region:0"]) == {
            "commune:69001": "Un", "departement:69": "Rhône"}  # fmt: skip
    assert queries.territory_name("commune:1") == "commune:1"
