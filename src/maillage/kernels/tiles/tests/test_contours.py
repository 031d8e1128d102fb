"""Contours: what an independent reader sees of them, valid, wound right, and where they should be."""

import functools

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from maillage.kernels.tiles import quadkey as qk
from maillage.kernels.tiles.contours import Contours, contour_layer
from maillage.kernels.tiles.properties import Properties
from maillage.kernels.tiles.tests import twin


def drawn(shapes: list[shapely.Geometry | None], tile: tuple[int, int, int]) -> dict[int, dict]:  # type: ignore[type-arg]
    data = contour_layer("c", Contours.of(shapes, range(len(shapes))), tile)
    layers = mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})
    return {f["id"]: f for f in layers.get("c", {"features": []})["features"]}


def star(lon: float, lat: float, radii: list[float]) -> shapely.Polygon:
    turns = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    return shapely.Polygon(
        np.column_stack([lon + np.array(radii) * np.cos(turns), lat + np.array(radii) * np.sin(turns)])
    )


def on_grid(shape: shapely.Geometry, tile: tuple[int, int, int]) -> shapely.Geometry:
    """The true shape in units of the tile's grid, neither cut nor thinned nor rounded."""
    unit = (qk.SIDE >> tile[0]) / 4096
    return shapely.transform(shape, lambda xy: np.column_stack(qk.world_of(*xy.T)) / unit - np.array(tile[1:]) * 4096)


stars = st.builds(
    star, st.floats(4.8, 4.9), st.floats(45.7, 45.8), st.lists(st.floats(1e-5, 0.08), min_size=3, max_size=30)
)


@settings(deadline=None, max_examples=40)
@given(st.lists(stars, min_size=1, max_size=4), st.integers(3, 17), st.booleans())
def test_polygons_are_valid_wound_right_and_close_to_the_truth(shapes, z, as_one) -> None:  # type: ignore[no-untyped-def]
    if as_one:  # rings touch and cross, holes appear
        mended = [shapely.make_valid(shape, method="structure") for shape in shapes]
        mixed = shapely.get_parts(functools.reduce(shapely.symmetric_difference, mended))
        shapes = [shapely.MultiPolygon([part for part in mixed if part.geom_type == "Polygon"])]
    tile = (z, *qk.tile_of(qk.quadkey_of(4.85, 45.75), z))
    found = drawn(shapes, tile)
    frame = shapely.box(-64, -64, 4160, 4160)
    for i, shape in enumerate(shapes):
        seen = None
        truth = shapely.intersection(shapely.make_valid(on_grid(shape, tile), method="structure"), frame)
        if i in found:
            seen = shapely.geometry.shape(found[i]["geometry"])
            assert seen.is_valid and seen.area > 0
            assert found[i]["geometry"]["type"] in ("Polygon", "MultiPolygon")
            for polygon in shapely.get_parts(seen):
                rings = [polygon.exterior, *polygon.interiors]
                areas = [twin.area([(int(x), int(y)) for x, y in ring.coords[:-1]]) for ring in rings]
                assert areas[0] > 0 and all(area < 0 for area in areas[1:])
            assert seen.difference(truth.buffer(2.5)).area == 0
        lost = truth.buffer(-2.5)
        assert lost.is_empty or (seen is not None and lost.difference(seen).area == 0)


def test_neighbours_share_their_border_in_neighbouring_tiles() -> None:
    west, east = shapely.box(4.7, 45.6, 4.85, 45.9), shapely.box(4.85, 45.6, 5.0, 45.9)
    tile = (11, *qk.tile_of(qk.quadkey_of(4.85, 45.75), 11))
    found = drawn([west, east], tile)
    edges = [shapely.geometry.shape(found[i]["geometry"]).bounds for i in (0, 1)]
    assert edges[0][2] == edges[1][0]
    assert edges[0][0] == -64 and edges[1][2] == 4160  # the buffer, and no more


def test_lines_are_cut_and_keep_their_kind() -> None:
    line = shapely.MultiLineString([[(4.7, 45.7), (5.0, 45.8)], [(9, 40), (9.1, 40)]])
    along = shapely.LineString([(-179.9, 10), (179.9, 10)])
    tile = (12, *qk.tile_of(qk.quadkey_of(4.85, 45.75), 12))
    found = drawn([line, along], tile)
    assert found.keys() == {0} and found[0]["geometry"]["type"] == "LineString"
    assert max(c for v in found[0]["geometry"]["coordinates"] for c in v) <= 4160
    whole = drawn([line, along], (0, 0, 0))
    assert whole[1]["geometry"]["coordinates"][0][1] == whole[1]["geometry"]["coordinates"][-1][1]


def test_nothing_empty_or_missing_is_drawn_and_crossed_rings_are_mended() -> None:
    bowtie = shapely.Polygon([(4, 45), (5, 46), (5, 45), (4, 46)])
    dust = shapely.box(4.5, 45.5, 4.5000001, 45.5000001)
    found = drawn([None, shapely.Polygon(), bowtie, dust], (6, *qk.tile_of(qk.quadkey_of(4.5, 45.5), 6)))
    assert found.keys() == {2} and shapely.geometry.shape(found[2]["geometry"]).is_valid
    assert drawn([], (3, 1, 1)) == {}


def test_what_the_territory_says_and_what_is_refused() -> None:
    said = Properties.of({"name": ["Bron", "Vénissieux"]})
    contours = Contours.of([shapely.box(4, 45, 5, 46)], [69], properties=said, codes=[[1]])
    tile = (6, *qk.tile_of(qk.quadkey_of(4.5, 45.5), 6))
    feature = mapbox_vector_tile.decode(contour_layer("c", contours, tile))["c"]["features"][0]
    assert feature["properties"] == {"name": "Vénissieux"} and feature["id"] == 69
    with pytest.raises(ValueError, match="lines and polygons"):
        Contours.of([shapely.Point(1, 1)], [1])
    with pytest.raises(ValueError, match="not a number within"):
        Contours.of([shapely.box(840000, 6510000, 850000, 6520000)], [1])  # Lambert-93 taken for degrees
    with pytest.raises(ValueError, match="no tile"):
        contour_layer("c", contours, (3, 8, 0))
