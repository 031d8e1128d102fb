"""Clusters: no row lost, none counted twice, at any zoom and filter; and what their tiles say."""

from collections import defaultdict
from pathlib import Path

import mapbox_vector_tile
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maillage.kernels.tiles import quadkey as qk
from maillage.kernels.tiles.clusters import Clusters, clusters_of, lon_lat_in_tile
from maillage.kernels.tiles.facets import Choice, mask_of
from maillage.kernels.tiles.index import PointIndex
from maillage.kernels.tiles.layers import cluster_layer, raw_layer
from maillage.kernels.tiles.properties import Properties

quick = settings(deadline=None, max_examples=60)
near = st.integers(0, 5000).map(lambda k: 27741976384 * 10**6 + k)  # places metres apart
keys = st.lists(st.tuples(near | st.integers(0, qk.END - 1), st.booleans()), min_size=1, max_size=60)
KINDS = Properties.of({"kind": ["accueil", "école", "jardin"]})


def index_of(quadkeys: list[int]) -> PointIndex:
    ids = np.arange(len(quadkeys)) + 1000
    return PointIndex.build(quadkeys, ids, {"kind": (ids % 3).astype(np.uint8), "id": ids.astype(np.uint16)})


def tiles_of(quadkeys: list[int], z: int) -> set[tuple[int, int, int]]:
    return {(z, *qk.tile_of(key, z)) for key in quadkeys}


def slow_clusters(index: PointIndex, mask: np.ndarray, tile: tuple[int, int, int], bits: int) -> dict[int, list[int]]:  # type: ignore[type-arg]
    """Rows per cell of the tile, each row looked at by itself."""
    z = tile[0]
    deep = min(28, z + bits)
    cells = defaultdict(list)
    for row, key in enumerate(index.quadkeys.tolist()):
        if mask[row] and (z, *qk.tile_of(key, z)) == tile:
            x, y = qk.tile_of(key, deep)
            local = x - (tile[1] << deep - z), y - (tile[2] << deep - z)
            cells[int(qk.interleaved(np.array([local[0]]), np.array([local[1]]))[0])].append(row)
    return dict(sorted(cells.items()))


@quick
@given(keys, st.integers(0, 28), st.integers(0, 7), st.booleans())
def test_clusters_are_those_of_the_twin_and_lose_no_row(places, z, bits, filtered) -> None:  # type: ignore[no-untyped-def]
    index = index_of([key for key, _ in places])
    mask = np.array([kept or not filtered for _, kept in places])
    total = 0
    for tile in tiles_of(index.quadkeys.tolist(), z):
        ours = clusters_of(index, tile, grid_bits=bits, mask=mask if filtered else None)
        plain = slow_clusters(index, mask, tile, bits)
        assert ours.cells.tolist() == list(plain) and ours.counts.tolist() == [len(rows) for rows in plain.values()]
        assert ours.rows.tolist() == [rows[0] if len(rows) == 1 else -1 for rows in plain.values()]
        x, y = (np.array(axis) for axis in qk.cells_of_quadkeys(index.quadkeys))
        means = [[(axis[rows] + 0.5).mean() for axis in (x, y)] for rows in plain.values()]
        side = qk.SIDE >> z
        assert np.allclose((ours.xy + tile[1:]) * side, np.array(means).reshape(-1, 2), rtol=1e-12)
        total += int(ours.counts.sum())
    assert total == mask.sum()


@quick
@given(keys, st.integers(0, 20), st.integers(0, 6))
def test_a_cluster_opens_at_the_zoom_it_says_and_not_before(places, z, bits) -> None:  # type: ignore[no-untyped-def]
    index = index_of([key for key, _ in places])
    for tile in tiles_of(index.quadkeys.tolist(), z):
        ours = clusters_of(index, tile, grid_bits=bits)
        for cell, count, splits_at in zip(ours.cells, ours.counts, ours.splits_at, strict=True):
            deep = min(28, z + bits)
            low = qk.tile_range(*tile)[0] + (int(cell) << 2 * (28 - deep))
            inside = [k for k in index.quadkeys.tolist() if low <= k < low + (1 << 2 * (28 - deep))]
            assert len(inside) == count
            parted = [zoom for zoom in range(29) if len({qk.tile_of(k, min(28, zoom + bits)) for k in inside}) > 1]
            assert splits_at == (parted[0] if parted else -1)


def test_a_mask_may_be_that_of_the_tile_only_and_columns_may_be_mapped(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    quadkeys = qk.quadkeys_of(rng.normal(4.85, 0.05, 3000), rng.normal(45.75, 0.05, 3000))
    index_of(quadkeys.tolist()).save(tmp_path)
    index, tile, choice = PointIndex.open(tmp_path), (12, 2103, 1461), [Choice("kind", frozenset({1, 2}))]
    whole = clusters_of(index, tile, mask=mask_of(index, choice))
    part = clusters_of(index, tile, mask=mask_of(index, choice, index.slice_of(*tile)))
    assert all(np.array_equal(getattr(whole, name), getattr(part, name)) for name in Clusters.__dataclass_fields__)
    assert 0 < whole.counts.sum() == (index.columns["kind"][index.slice_of(*tile)] > 0).sum()
    with pytest.raises(ValueError, match="a mask of 3"):
        clusters_of(index, tile, mask=np.ones(3, bool))
    with pytest.raises(ValueError, match="grid_bits"):
        clusters_of(index, tile, grid_bits=13)


def test_positions_come_back_in_degrees() -> None:
    index = index_of([qk.quadkey_of(4.85, 45.75), qk.quadkey_of(4.85, 45.75)])
    tile = (10, *qk.tile_of(qk.quadkey_of(4.85, 45.75), 10))
    lon, lat = lon_lat_in_tile(tile, clusters_of(index, tile).xy)
    assert abs(lon[0] - 4.85) < 1e-6 and abs(lat[0] - 45.75) < 1e-6


@quick
@given(keys, st.integers(0, 22), st.booleans())
def test_tiles_of_points_and_of_clusters_say_the_same(places, z, filtered) -> None:  # type: ignore[no-untyped-def]
    index = index_of([key for key, _ in places])
    mask = np.array([kept for _, kept in places]) if filtered else None
    for tile in tiles_of(index.quadkeys.tolist(), z):
        clusters = clusters_of(index, tile, mask=mask, grid_bits=4)
        data = raw_layer("raw", index, tile, properties=KINDS, mask=mask)
        data += cluster_layer("some", index, clusters, properties=KINDS)
        layers = mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})
        points = {f["id"]: f for f in layers.get("raw", {"features": []})["features"]}
        rows = range(len(index))[index.slice_of(*tile)]
        assert set(points) == {int(index.ids[row]) for row in rows if mask is None or mask[row]}
        assert all(f["properties"] == {"kind": ["accueil", "école", "jardin"][i % 3]} for i, f in points.items())
        assert all(0 <= c < 4096 for f in points.values() for c in f["geometry"]["coordinates"])
        some = layers.get("some", {"features": []})["features"]
        assert sum(f["properties"].get("count", 1) for f in some) == len(points)
        alone = [f for f in some if "count" not in f["properties"]]
        assert all(f == points[f["id"]] for f in alone) and len(alone) == (clusters.counts == 1).sum()
        opening = [f["properties"].get("splits_at", -1) for f in some]
        assert opening == clusters.splits_at.tolist()


def test_bits_are_not_said_by_a_tile() -> None:
    index = PointIndex.build([1], [1], {"kind": np.ones(1, np.uint64)})
    with pytest.raises(ValueError, match="bits"):
        raw_layer("x", index, (0, 0, 0), properties=KINDS)
