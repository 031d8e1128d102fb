"""Drawn maps: exact numbers, legible without colour, harmless whatever the names."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from maillage.core.places.drawing import map_svg, outside_count
from maillage.core.places.drawing_groups import Mark, grouped, radius_of, reach, short_list
from maillage.core.places.drawing_model import Label, MapPicture, Outline, Spot, Symbol, Words, bounds_around
from maillage.core.places.drawing_signs import scale_length_m

LYON = (4.7, 45.6, 5.0, 45.9)
WORDS = Words("Carte", "Une carte d’essai.", "Source : essai", "{count} hors de la carte", "Quartier", "Groupe")
SYMBOLS = {"a": Symbol("Droits", "circle", "#1F5C99"), "b": Symbol("Culture", "star", "#6B3D7A")}
SVG = "{http://www.w3.org/2000/svg}"


def picture(*spots: Spot, **options: object) -> MapPicture:
    return MapPicture(**({"bounds": LYON, "words": WORDS, "spots": spots, "symbols": SYMBOLS} | options))  # type: ignore[arg-type]


def texts(svg: str) -> list[str]:
    return [node.text or "" for node in ET.fromstring(svg).iter(f"{SVG}text")]


marks = st.lists(st.builds(Mark, x=st.floats(0, 900), y=st.floats(0, 600), symbol=st.just("a")), max_size=60)


@settings(max_examples=60, deadline=None)
@given(marks)
def test_groups_hold_every_mark_once_and_do_not_touch(found: list[Mark]) -> None:
    groups = grouped(found, 15)
    assert sorted((mark.x, mark.y) for group in groups for mark in group.marks) == sorted(
        (mark.x, mark.y) for mark in found
    )
    for place, one in enumerate(groups):
        for other in groups[place + 1 :]:
            apart = ((one.x - other.x) ** 2 + (one.y - other.y) ** 2) ** 0.5
            assert apart >= (reach(one, 15) + reach(other, 15)) * 0.9 - 1e-6


def test_areas_grow_with_counts() -> None:
    radii = [radius_of(count, 15) for count in (2, 10, 100, 1000, 1_000_000)]
    assert radii == sorted(radii)


@pytest.mark.parametrize(("numbers", "text"), [([1, 2, 3, 7], "1–3, 7"), ([1, 2], "1, 2"), ([4], "4"), ([], "")])
def test_numbers_in_short(numbers: list[int], text: str) -> None:
    assert short_list(numbers) == text


def test_numbers_of_groups_and_points_outside_add_up() -> None:
    spots = [Spot(4.85, 45.75, "a")] * 40 + [Spot(4.75, 45.65, "b"), Spot(2.35, 48.85, "a"), Spot(2.35, 48.85, "b")]
    drawn = picture(*spots)
    svg = map_svg(drawn)
    assert "40" in texts(svg) and outside_count(drawn) == 2
    assert "2 hors de la carte · Source : essai" in texts(svg)


def test_a_picture_tells_itself_to_those_who_do_not_see_it() -> None:
    root = ET.fromstring(map_svg(picture()))
    named = root.attrib["aria-labelledby"].split()
    found = {node.attrib.get("id"): node.text for node in root}
    assert root.attrib["role"] == "img" and [found[name] for name in named] == ["Carte", "Une carte d’essai."]


def test_names_cannot_break_out() -> None:
    nasty = '"><script>alert(1)</script>&'
    svg = map_svg(
        picture(Spot(4.8, 45.7, "a"), words=Words(nasty, nasty, nasty), labels=[Label(nasty, 4.85, 45.75)], font=nasty)
    )
    assert "<script" not in svg
    ET.fromstring(svg)


def test_black_and_white_has_no_colour() -> None:
    square = shapely.box(4.75, 45.65, 4.9, 45.8)
    svg = map_svg(
        picture(
            Spot(4.8, 45.7, "a"),
            Spot(4.95, 45.85, "b"),
            is_black_and_white=True,
            outlines=[
                Outline("Quartier", square, is_soft=True),
                Outline("Commune", square),
                Outline("", square, is_main=True),
            ],
        )
    )
    assert all(red == green == blue for red, green, blue in re.findall(r"#(\w\w)(\w\w)(\w\w)", svg))


def test_each_kind_has_its_own_shape() -> None:
    svg = map_svg(picture(Spot(4.75, 45.65, "a"), Spot(4.95, 45.85, "b"), has_legend=False))
    assert svg.count("<circle") == 1 and svg.count("<polygon") == 1


def test_numbered_points_bear_their_number() -> None:
    svg = map_svg(
        picture(Spot(4.8, 45.7, "a", 1), Spot(4.8, 45.7, "a", 2), Spot(4.8, 45.7, "b", 3), Spot(4.95, 45.85, "b", 4))
    )
    assert {"1–3", "4"} <= set(texts(svg))


def test_the_legend_holds_what_is_drawn_only() -> None:
    assert "Culture" not in texts(map_svg(picture(Spot(4.8, 45.7, "a"))))
    assert {"Droits", "Culture"} <= set(texts(map_svg(picture(Spot(4.75, 45.65, "a"), Spot(4.95, 45.85, "b")))))


def test_contours_are_simplified_to_the_picture() -> None:
    ring = shapely.Point(4.85, 45.75).buffer(0.08, quad_segs=20_000)
    assert len(map_svg(picture(outlines=[Outline("Rond", ring)]))) < 6000


def test_holes_and_collections_are_drawn() -> None:
    shape = shapely.unary_union([shapely.box(4.75, 45.65, 4.8, 45.7), shapely.box(4.85, 45.75, 4.95, 45.85)])
    holed = shape.difference(shapely.box(4.88, 45.78, 4.9, 45.8))
    assert map_svg(picture(outlines=[Outline("x", holed)])).count("Z") >= 3


@pytest.mark.parametrize(
    ("metres", "pixels", "length"), [(1, 240, 200), (0.3, 100, 20), (1000, 190, 100_000), (26, 192, 2000)]
)
def test_the_scale_is_a_round_length(metres: float, pixels: float, length: int) -> None:
    assert scale_length_m(metres, pixels) == length


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-85, 85)), min_size=1, max_size=5))
def test_bounds_hold_their_points(points: list[tuple[float, float]]) -> None:
    bounds = bounds_around(points)
    assert bounds is not None
    assert all(bounds[0] <= lon <= bounds[2] and bounds[1] <= lat <= bounds[3] for lon, lat in points)
    ET.fromstring(map_svg(picture(*[Spot(lon, lat, "a") for lon, lat in points], bounds=bounds)))


def test_no_point_no_bounds() -> None:
    assert bounds_around([]) is None
