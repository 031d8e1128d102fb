"""Quadkeys against the textbook formula, and tiles as ranges."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maillage.kernels.tiles import quadkey as qk
from maillage.kernels.tiles.boxes import box_ranges
from maillage.kernels.tiles.tests import twin

unhurried = settings(deadline=None)  # a shared machine may pause any of them
lons = st.floats(-180, 180)
lats = st.floats(-90, 90)


@unhurried
@given(lons, lats)
def test_a_quadkey_is_the_textbook_morton_code(lon: float, lat: float) -> None:
    ours, plain = qk.quadkey_of(lon, lat), twin.quadkey(lon, lat)
    (x, y), (px, py) = (np.concatenate(qk.cells_of_quadkeys(key)) for key in (ours, plain))
    assert abs(x - px) <= 1 and abs(y - py) <= 1  # the two formulas round differently at the very edge of a cell


@pytest.mark.parametrize(
    ("lon", "lat", "zoom", "tile"),
    [(4.8357, 45.7640, 12, (2103, 1461)), (-180, 85.06, 3, (0, 0)), (180, -90, 3, (7, 7)), (0, 0, 1, (1, 1))],
)
def test_known_tiles(lon: float, lat: float, zoom: int, tile: tuple[int, int]) -> None:
    assert qk.tile_of(qk.quadkey_of(lon, lat), zoom) == tile


def test_one_place_alone_has_the_quadkey_it_has_in_a_million() -> None:
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(-180, 180, 20_001), rng.uniform(-86, 86, 20_001)
    alone = [qk.quadkey_of(*place) for place in zip(lon[::10], lat[::10], strict=True)]
    assert qk.quadkeys_of(lon, lat)[::10].tolist() == alone
    assert qk.quadkeys_of(lon[::10], lat[::10]).tolist() == alone


@unhurried
@given(lons, st.floats(-85.05, 85.05))
def test_the_centre_of_the_cell_is_within_half_a_cell(lon: float, lat: float) -> None:
    back = qk.lon_lat_of(qk.quadkey_of(lon, lat))
    assert abs(back[0] - lon) <= 180 / qk.SIDE * 1.001 and abs(back[1] - lat) <= 180 / qk.SIDE * 1.001


@unhurried
@given(st.lists(st.integers(0, qk.END - 1), max_size=20))
def test_interleaving_is_undone(keys: list[int]) -> None:
    assert qk.interleaved(*qk.cells_of_quadkeys(keys)).tolist() == keys


@unhurried
@given(lons, lats, st.integers(0, 28))
def test_a_tile_holds_its_places_and_its_four_children(lon: float, lat: float, z: int) -> None:
    key = qk.quadkey_of(lon, lat)
    x, y = qk.tile_of(key, z)
    low, high = qk.tile_range(z, x, y)
    assert low <= key < high
    if z < 28:
        children = sorted(qk.tile_range(z + 1, 2 * x + i, 2 * y + j) for i in (0, 1) for j in (0, 1))
        assert [children[0][0], *(end for _, end in children)] == [low, *(start for start, _ in children[1:]), high]


@unhurried
@given(lons, st.floats(-85, 85), st.integers(0, 22))
def test_a_place_is_within_the_bounds_of_its_tile(lon: float, lat: float, z: int) -> None:
    west, south, east, north = qk.tile_bounds(z, *qk.tile_of(qk.quadkey_of(lon, lat), z))
    assert west - 1e-9 <= lon <= east + 1e-9 and south - 1e-9 <= lat <= north + 1e-9


@pytest.mark.parametrize("place", [(math.nan, 0), (0, math.nan), (math.inf, 0), (180.001, 0), (0, -90.5), (45.7, 999)])
def test_impossible_places_are_refused(place: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="not a number within"):
        qk.quadkey_of(*place)
    with pytest.raises(ValueError, match="not a number within"):
        qk.quadkeys_of([4.8, place[0]], [45.7, place[1]])


@pytest.mark.parametrize("tile", [(-1, 0, 0), (29, 0, 0), (2, 4, 0), (2, 0, -1)])
def test_impossible_tiles_are_refused(tile: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="no tile"):
        qk.tile_range(*tile)


@unhurried
@given(st.tuples(lons, lons), st.tuples(lats, lats), st.integers(1, 20), st.randoms(use_true_random=False))
def test_the_ranges_of_a_box_cover_it(lon, lat, limit, random) -> None:  # type: ignore[no-untyped-def]
    (west, east), (south, north) = lon, sorted(lat)  # west may be greater: across the antimeridian
    ranges = box_ranges(west, south, east, north, limit=limit)
    assert len(ranges) <= limit
    assert all(low < high for low, high in ranges)
    assert all(before[1] < after[0] for before, after in itertools.pairwise(ranges))
    width = (east - west) % 360 if west > east else east - west
    for t, u in [(0, 0), (0, 1), (1, 0), (1, 1), *((random.random(), random.random()) for _ in range(20))]:
        place_lon = east if t == 1 else west + t * width
        place_lon = place_lon - 360 if place_lon > 180 else place_lon
        place_lat = north if u == 1 else south + u * (north - south)
        key = qk.quadkey_of(place_lon, min(max(place_lat, south), north))
        assert any(low <= key < high for low, high in ranges)


def test_more_ranges_cover_a_box_more_tightly() -> None:
    sizes = [sum(high - low for low, high in box_ranges(4.7, 45.6, 5.1, 45.9, limit=n)) for n in (1, 4, 16, 64)]
    x0, y0 = qk.cells_of(4.7, 45.9)
    x1, y1 = qk.cells_of(5.1, 45.6)
    box = int((x1 - x0 + 1)[0] * (y1 - y0 + 1)[0])
    assert sizes == sorted(sizes, reverse=True) and box <= sizes[-1] < 1.2 * box


def test_a_turned_map_and_the_whole_world() -> None:
    assert box_ranges(170, -20, 190, 20) == box_ranges(170, -20, -170, 20)
    assert box_ranges(-300, -90, 300, 90) == [(0, qk.END)]
    assert box_ranges(-180, -90, 180, 90) == [(0, qk.END)]


@pytest.mark.parametrize("box", [(0, 1, 1, 0), (math.nan, 0, 1, 1), (0, 0, math.inf, 1)])
def test_impossible_boxes_are_refused(box: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="no such box"):
        box_ranges(*box)
