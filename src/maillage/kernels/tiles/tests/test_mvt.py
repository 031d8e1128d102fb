"""The encoder against its slow twin, byte for byte, and through an independent reader."""

import mapbox_vector_tile
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maillage.kernels.tiles import mvt
from maillage.kernels.tiles.properties import Properties, coded
from maillage.kernels.tiles.tests import twin

grid = st.integers(-5000, 9000) | st.integers(-(2**30) + 1, 2**30 - 1)
vertices = st.tuples(grid, grid)
near = st.tuples(st.integers(0, 6), st.integers(0, 6))  # a small grid: repeated vertices and flat rings are common
rings = st.tuples(st.lists(near, max_size=6), st.booleans())
scalars = (
    st.text(max_size=5)
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.integers(-3, 3)
    | st.floats(allow_nan=False)
    | st.floats(width=32, allow_nan=False)
)
lists = st.dictionaries(st.text(max_size=4), st.lists(scalars, max_size=6), max_size=3)
quick = settings(deadline=None, max_examples=100)


def read(data: bytes) -> dict:  # type: ignore[type-arg]
    return mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})


def draw_codes(data: st.DataObject, values: dict[str, list[object]], n: int) -> list[list[int]]:
    return [[data.draw(st.integers(-1, len(listed) - 1)) for listed in values.values()] for _ in range(n)]


def said(values: dict[str, list[object]], codes: list[int]) -> dict[str, object]:
    return {key: values[key][c] for key, c in zip(values, codes, strict=True) if c >= 0}


@quick
@given(st.data(), st.lists(st.lists(vertices, max_size=4), max_size=8), lists, st.booleans())
def test_points_are_those_of_the_twin(data, features, values, with_ids) -> None:  # type: ignore[no-untyped-def]
    codes = draw_codes(data, values, len(features))
    ids = [data.draw(st.integers(0, 2**53)) for _ in features] if with_ids else None
    plain = [
        (ids[f] if ids else None, 1, twin.point_commands(points) if points else [], said(values, codes[f]))
        for f, points in enumerate(features)
    ]
    ours = mvt.multipoint_layer(
        "é",
        [v for points in features for v in points],
        np.cumsum([0, *map(len, features)]),
        ids=ids,
        properties=Properties.of(values),
        codes=np.array(codes, np.int32).reshape(len(features), len(values)),
    )
    assert ours == twin.layer("é", plain, list(values))


@quick
@given(st.lists(st.tuples(st.sampled_from([mvt.LINE, mvt.POLYGON]), st.lists(rings, max_size=4)), max_size=6))
def test_lines_and_polygons_are_those_of_the_twin(drawn) -> None:  # type: ignore[no-untyped-def]
    features = [
        (kind, [(ring, hole and kind == mvt.POLYGON and i > 0) for i, (ring, hole) in enumerate(parts)])
        for kind, parts in drawn
    ]
    parts = [part for _, parts in features for part in parts]
    paths = mvt.Paths(
        xy=np.array([v for part, _ in parts for v in part], np.int64).reshape(-1, 2),
        parts=np.cumsum([0, *(len(part) for part, _ in parts)]),
        holes=np.array([hole for _, hole in parts], bool),
        features=np.cumsum([0, *(len(parts) for _, parts in features)]),
        kinds=np.array([kind for kind, _ in features], np.uint8),
    )
    plain = [
        (f, kind, twin.path_commands(parts, is_polygon=kind == mvt.POLYGON), {})
        for f, (kind, parts) in enumerate(features)
    ]
    assert mvt.path_layer("p", paths, ids=np.arange(len(features))) == twin.layer("p", plain, [])


@quick
@given(st.lists(st.tuples(vertices, scalars | st.none(), st.booleans() | st.none()), min_size=1, max_size=10))
def test_a_reader_finds_positions_ids_and_values(rows) -> None:  # type: ignore[no-untyped-def]
    properties, codes = coded({"a": [a for _, a, _ in rows], "b": [b for _, _, b in rows]})
    data = mvt.point_layer("x", [xy for xy, _, _ in rows], ids=range(len(rows)), properties=properties, codes=codes)
    features = read(data)["x"]["features"]
    assert [f["id"] for f in features] == list(range(len(rows)))
    assert [tuple(f["geometry"]["coordinates"]) for f in features] == [xy for xy, _, _ in rows]
    expected = [{k: v for k, v in (("a", a), ("b", b)) if v is not None} for _, a, b in rows]
    assert [f["properties"] for f in features] == expected
    assert [list(map(type, f["properties"].values())) for f in features] == [[*map(type, e.values())] for e in expected]


def test_a_reader_finds_rings_wound_as_the_specification_asks() -> None:
    square, hole = [(0, 0), (0, 10), (10, 10), (10, 0), (0, 0)], [(2, 2), (2, 4), (4, 4), (4, 2)]
    flat, inside = [(20, 20), (30, 30), (20, 20)], [(22, 22), (23, 22), (23, 23)]
    rings = [square, hole, flat, inside]
    paths = mvt.Paths(
        xy=np.array([v for ring in rings for v in ring], np.int64),
        parts=np.cumsum([0, *map(len, rings)]),
        holes=np.array([False, True, False, True]),
        features=np.array([0, 4]),
        kinds=np.array([mvt.POLYGON], np.uint8),
    )
    shape = read(mvt.path_layer("x", paths))["x"]["features"][0]["geometry"]
    assert shape["type"] == "Polygon" and len(shape["coordinates"]) == 2  # the flat ring is gone, and its hole with it
    outer, inner = ([tuple(v) for v in ring[:-1]] for ring in shape["coordinates"])
    assert twin.area(outer) == 100 and twin.area(inner) == -4


def test_layers_of_one_tile_and_layers_without_feature() -> None:
    empty = mvt.point_layer(
        "none", np.zeros((0, 2)), ids=[], properties=Properties.of({"k": ["a"]}), codes=np.zeros((0, 1))
    )
    assert empty == b"" and read(mvt.tile(empty)) == {}
    tile = read(mvt.tile(mvt.point_layer("a", [(1, 2)]), empty, mvt.point_layer("b", [(3, 4), (5, 6)], extent=512)))
    assert [(name, len(layer["features"]), layer["extent"]) for name, layer in tile.items()] == [
        ("a", 1, 4096),
        ("b", 2, 512),
    ]
    assert all("id" not in f or f["id"] == 0 for f in tile["b"]["features"])


def test_long_features_have_lengths_of_several_bytes() -> None:
    for n in (30, 31, 40, 62, 100, 8_000, 40_000):
        xy = np.column_stack([np.arange(n), np.arange(n)[::-1]])
        data = mvt.multipoint_layer("m", xy, [0, n], ids=[5])
        assert data == twin.layer("m", [(5, 1, twin.point_commands([tuple(v) for v in xy.tolist()]), {})], [])


def test_equal_values_are_written_once_and_unused_ones_not_at_all() -> None:
    properties = Properties.of({"a": ["x", "y", "long unused value"], "b": ["y", "x"]})
    data = mvt.point_layer("p", [(0, 0), (1, 1)], properties=properties, codes=[[0, 1], [1, 0]])
    assert data.count(b"\x0a\x01x") == data.count(b"\x0a\x01y") == 1 and b"unused" not in data
    joined = Properties.of({"a": ["x", "y"]}).joined(Properties.of({"n": [3, 4]}))
    features = read(mvt.point_layer("p", [(0, 0)], properties=joined, codes=[[1, 0]]))["p"]["features"]
    assert features[0]["properties"] == {"a": "y", "n": 3}


@pytest.mark.parametrize(
    "wrong",
    [
        {"codes": [[2]]},
        {"codes": [[0], [0]]},
        {"codes": None},
        {"codes": [[0]], "ids": [-1]},
        {"codes": [[0]], "ids": [1, 2]},
    ],
)
def test_what_does_not_fit_is_refused(wrong) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match="code|ids|id is below"):
        mvt.point_layer("p", [(0, 0)], properties=Properties.of({"a": [1, 2]}), **wrong)


@pytest.mark.parametrize("value", [float("nan"), 2**64, -(2**63) - 1, None, b"bytes"])
def test_what_a_tile_cannot_say_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="cannot say"):
        Properties.of({"a": [value]})  # type: ignore[list-item]


def test_positions_and_starts_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="beyond"):
        mvt.point_layer("p", [(1 << 30, 0)])
    with pytest.raises(ValueError, match="starts"):
        mvt.multipoint_layer("p", [(0, 0)], [0, 2])
