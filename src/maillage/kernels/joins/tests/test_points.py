"""The join against shapely's tree and against a slow ray, on random and on nasty polygons."""

import itertools
import json
import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from maillage.kernels.joins.grid import grid_of
from maillage.kernels.joins.points import points_in_polygons

quick = settings(deadline=None, max_examples=50)
small = st.integers(0, 8)  # a small lattice: points fall on borders, on vertices and in line with edges all the time
lattice = st.tuples(small, small)


def pairs(polygons, x, y, *, border: bool = True) -> list[tuple[int, int]]:  # type: ignore[no-untyped-def]
    points, held = points_in_polygons(grid_of(polygons), x, y, border=border)
    return list(zip(points.tolist(), held.tolist(), strict=True))


def tree_pairs(polygons, x, y, *, border: bool = True) -> list[tuple[int, int]]:  # type: ignore[no-untyped-def]
    found = shapely.STRtree(polygons).query(shapely.points(x, y), predicate="intersects" if border else "within")
    return sorted(zip(*found.tolist(), strict=True))


def slow_is_in(polygon: shapely.Geometry, x: float, y: float) -> bool | None:
    """Whether a place is in a valid polygon, None on its border: a ray to the right, in exact fractions."""
    odd = False
    for part in shapely.get_parts(polygon):
        for ring in (part.exterior, *part.interiors):
            corners = [(Fraction(a), Fraction(b)) for a, b in ring.coords]
            for (x0, y0), (x1, y1) in itertools.pairwise(corners):
                turn = (x1 - x0) * (Fraction(y) - y0) - (y1 - y0) * (Fraction(x) - x0)
                if turn == 0 and min(x0, x1) <= x <= max(x0, x1) and min(y0, y1) <= y <= max(y0, y1):
                    return None
                odd ^= (y0 > y) != (y1 > y) and (turn > 0) == (y1 > y0)
    return odd


def regions(draw_points: list[tuple[int, int]], scale: float, shift: float) -> list[shapely.Geometry]:
    """Neighbours that share borders, some with holes, some in several parts, from the triangles of a few points."""
    triangles = shapely.get_parts(shapely.delaunay_triangles(shapely.multipoints(draw_points)))
    grouped = [shapely.union_all(triangles[k::3]) for k in range(3)] + [shapely.union_all(triangles)]
    moved = shapely.transform(np.array(grouped, object), lambda xy: xy * scale + shift)
    return [shape for shape in moved if shape.geom_type in ("Polygon", "MultiPolygon") and shape.is_valid]


@quick
@given(
    st.lists(lattice, min_size=3, max_size=12, unique=True),
    st.sampled_from([(1.0, 0.0), (0.1, 4.7), (1e-7, 45.0), (1 / 3, -180.0), (1e5, 6.5e6)]),
    st.booleans(),
)
def test_pairs_are_those_of_the_tree_and_of_the_slow_ray(corners, frame, border) -> None:  # type: ignore[no-untyped-def]
    polygons = regions(corners, *frame)
    axis = np.arange(-1, 18) / 2 * frame[0] + frame[1]  # the lattice, its middles, and around it
    x, y = (part.ravel() for part in np.meshgrid(axis, axis))
    ours = pairs(polygons, x, y, border=border)
    assert ours == tree_pairs(polygons, x, y, border=border)
    some = set(range(0, len(x), 29))
    slow = [(i, p) for i in sorted(some) for p, shape in enumerate(polygons)
            if (border if (held := slow_is_in(shape, x[i], y[i])) is None else held)]  # fmt: skip
    assert [pair for pair in ours if pair[0] in some] == slow


@quick
@given(
    st.lists(st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), min_size=3, max_size=9), max_size=5),
    st.integers(0, 99),
)
def test_polygons_of_any_shape_give_the_pairs_of_the_tree(rings, seed) -> None:  # type: ignore[no-untyped-def]
    mended = [shapely.make_valid(shapely.Polygon(ring), method="structure", keep_collapsed=False) for ring in rings]
    polygons = np.array([shape for shape in mended if not shape.is_empty], object)
    rng = np.random.default_rng(seed)
    corners = shapely.get_coordinates(polygons)
    some = np.concatenate([rng.uniform(-10, 10, (200, 2)), corners, (corners[1:] + corners[:-1]) / 2])
    for border in (True, False):
        assert pairs(polygons, *some.T, border=border) == tree_pairs(polygons, *some.T, border=border)


def test_a_fine_mesh_of_neighbours_and_many_points() -> None:
    rng = np.random.default_rng(11)
    seeds = shapely.multipoints(rng.uniform([4, 45], [6, 47], (300, 2)))
    mesh = np.array(shapely.get_parts(shapely.voronoi_polygons(seeds)))
    mesh[::3] = shapely.difference(mesh[::3], shapely.buffer(shapely.centroid(mesh[::3]), 0.01))  # holes
    mesh[1::3] = shapely.union(mesh[1::3], shapely.box(7, 45, 7.2, 45.2))  # parts that lie over each other
    x, y = rng.uniform([3.5, 44.5], [7.5, 47.5], (30_000, 2)).T
    on_borders = shapely.get_coordinates(mesh)
    x, y = np.append(x, on_borders[:, 0]), np.append(y, on_borders[:, 1])
    ours = pairs(mesh, x, y)
    assert ours == tree_pairs(mesh, x, y) and len(ours) > 20_000
    assert pairs(mesh, x, y, border=False) == tree_pairs(mesh, x, y, border=False)


def test_slivers_far_places_and_spikes() -> None:
    shapes = [
        shapely.Polygon([(0, 0), (1000, 1e-9), (1000, 2e-9)]),  # flatter than a cell by far
        shapely.Polygon([(0, 0), (1e-9, 1000), (2e-9, 1000)]),
        shapely.Polygon([(500, 500), (500.0000000001, 500), (500, 500.0000000001)]),
        shapely.Polygon([(0, 0), (1000, 0), (1000, 1000), (0, 1000)], [[(1, 1), (1, 999), (999, 999), (999, 1)]]),
        shapely.box(-1e-140, -1e-140, 1e-140, 1e-140),
    ]
    rng = np.random.default_rng(5)
    corners = shapely.get_coordinates(shapes)
    x, y = np.concatenate([corners, rng.uniform(-1, 1001, (5000, 2)), np.nextafter(corners, 1e9), corners * 0.5]).T
    assert pairs(shapes, x, y) == tree_pairs(shapes, x, y)
    assert pairs(shapes, x, y, border=False) == tree_pairs(shapes, x, y, border=False)
    # Here shapely's tree is wrong without borders (its products vanish): the exact ray is the judge.
    speck = shapely.box(-1e-300, -1e-300, 1e-300, 1e-300)
    places = [-2e-300, -1e-300, -5e-301, 0.0, 5e-324, 1e-300]
    for border in (True, False):
        held = [i for i, place in enumerate(places) if slow_is_in(speck, place, 0.0) is not False]
        held = [i for i in held if border or slow_is_in(speck, places[i], 0.0)]
        assert pairs([speck], places, [0.0] * 6, border=border) == [(i, 0) for i in held]
    huge = [shapely.box(-1e149, -1e149, 1e149, 1e149), shapely.box(0, 0, 1, 1)]
    assert pairs(huge, [0.5, 1e148, 1e200, -0.5], [0.5, 0.5, 0.5, 0.5]) == [(0, 0), (0, 1), (1, 0), (3, 0)]


def test_polygons_that_overlap_by_the_hundred_keep_memory_bounded() -> None:
    rings = [shapely.Point(0, 0).buffer(1 + k / 1000) for k in range(400)]
    grid = grid_of(rings)
    assert grid.frame.columns < 1024 and len(grid.cells) <= 1 << 24
    x, y = np.random.default_rng(2).uniform(-1.5, 1.5, (300, 2)).T
    points, polygons = points_in_polygons(grid, x, y)
    assert list(zip(points.tolist(), polygons.tolist(), strict=True)) == tree_pairs(rings, x, y)


def test_a_part_crossing_itself_is_odd_even_and_a_part_over_another_is_inside() -> None:
    bowtie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    assert pairs([bowtie], [1.5, 1.0, 0.5, 1.0], [1.0, 1.5, 1.0, 0.5]) == [(0, 0), (2, 0)]
    twice = shapely.MultiPolygon([shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3)])
    assert pairs([twice], [0.5, 1.5, 2.5, 2.5], [0.5, 1.5, 2.5, 0.5]) == [(0, 0), (1, 0), (2, 0)]
    stray_hole = shapely.Polygon([(0, 0), (1, 0), (1, 1), (0, 1)], [[(5, 0), (6, 0), (6, 1), (5, 1)]])
    assert pairs([stray_hole], [0.5, 5.5], [0.5, 0.5]) == [(0, 0)]


@pytest.mark.parametrize("polygons", [[], [None], [shapely.Polygon()], [shapely.MultiPolygon(), None]])
def test_nothing_holds_nothing(polygons) -> None:  # type: ignore[no-untyped-def]
    assert pairs(polygons, [0.0, 1.0], [0.0, 1.0]) == []


def test_no_points_and_points_that_are_nowhere() -> None:
    square = [shapely.box(0, 0, 1, 1)]
    assert pairs(square, [], []) == []
    assert pairs(square, [np.nan, np.inf, 0.5, 0.5], [0.5, 0.5, -np.inf, 0.5]) == [(3, 0)]


def test_mistakes_are_refused() -> None:
    with pytest.raises(ValueError, match="polygons"):
        grid_of([shapely.Point(0, 0)])
    for wrong in (np.inf, -1e200):
        with pytest.raises(ValueError, match="not a number below"):
            grid_of([shapely.Polygon([(0, 0), (1, 0), (wrong, 1)])])
    with pytest.raises(ValueError, match="for"):
        points_in_polygons(grid_of([shapely.box(0, 0, 1, 1)]), [1.0, 2.0], [1.0])


@pytest.mark.real_data
def test_the_communes_of_the_metropolis() -> None:
    data = Path(os.environ.get("MAILLAGE_DATA", "../shared/data"))
    source = data / "communes/grandlyon/ter_territoire.terpopulation_latest.geojson"
    if not source.exists():
        pytest.skip(f"{source} is absent: set MAILLAGE_DATA")
    features = json.loads(source.read_text())["features"]
    communes = shapely.from_geojson([json.dumps(f["geometry"]) for f in features if f["geometry"]])
    rng = np.random.default_rng(1)
    west, south, east, north = shapely.total_bounds(communes)
    some = shapely.get_coordinates(communes)[::20]
    x, y = np.concatenate([rng.uniform([west, south], [east, north], (5000, 2)), some]).T
    assert pairs(communes, x, y) == tree_pairs(communes, x, y)
