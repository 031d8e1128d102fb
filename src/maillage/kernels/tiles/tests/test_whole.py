"""Whole tiles in one pass say what the tiles made step by step say, read by an independent reader."""

import mapbox_vector_tile
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maillage.kernels.tiles import quadkey as qk
from maillage.kernels.tiles.clusters import clusters_of
from maillage.kernels.tiles.index import PointIndex
from maillage.kernels.tiles.layers import cluster_layer, raw_layer
from maillage.kernels.tiles.properties import Properties
from maillage.kernels.tiles.whole import NO_MASK, LayerOf, Places, whole_clusters, whole_points

quick = settings(deadline=None, max_examples=60)
near = st.integers(0, 5000).map(lambda k: 27741976384 * 10**6 + k)  # places metres apart
# quadkey, entry, whether the entry passes, theme
places_drawn = st.lists(
    st.tuples(near | st.integers(0, qk.END - 1), st.integers(0, 9), st.integers(0, 2)), min_size=1, max_size=60
)
THEMES, STATES = ["", "accès", "jardin" * 40], ["open", "shut"]
VALUES = [*THEMES, *STATES]
NAMES = ["", "Écluse", *(f"Atelier {number}" * number for number in range(2, 10))]
CLUSTERS = LayerOf.named("c", ["id", "name", "theme", "state", "splits_at", "count"])
POINTS = LayerOf.named("p", ["theme", "state"])


def made(drawn: list[tuple[int, int, int]]) -> Places:
    drawn = sorted(drawn)
    keys, rows, themes = (np.array(column) for column in zip(*drawn, strict=True))
    codes = np.column_stack([themes, len(THEMES) + themes % 2])
    encoded = [name.encode() for name in NAMES]
    arrays = [keys, rows, codes, np.arange(10) + 1000, np.frombuffer(b"".join(encoded), np.uint8),
              np.cumsum([0, *map(len, encoded)])]  # fmt: skip
    return Places.of(arrays, VALUES)


def twin(places: Places, mask: np.ndarray) -> tuple[PointIndex, np.ndarray]:  # type: ignore[type-arg]
    """The same places as an index of their own, whose ids are those of the entries."""
    rows = places.rows
    columns = {"id": rows, "name": rows, "theme": places.codes[:, 0], "state": places.codes[:, 1] - len(THEMES)}
    index = PointIndex(places.quadkeys, places.ids[rows], {key: one.astype(np.uint16) for key, one in columns.items()})
    return index, mask[rows]


def read(body: bytes) -> list[object]:
    layers = mapbox_vector_tile.decode(body) if body else {}
    return sorted(
        (str((name, one["id"], one["geometry"], sorted(one["properties"].items())))
        for name, layer in layers.items() for one in layer["features"])
    )  # fmt: skip


@quick
@given(places_drawn, st.integers(0, 28), st.integers(0, 5), st.integers(0, 1023))
def test_clusters_are_those_made_step_by_step(drawn, z, bits, passing) -> None:  # type: ignore[no-untyped-def]
    places = made(drawn)
    mask = np.array([bool(passing >> row & 1) for row in range(10)])
    said = Properties.of({"id": places.ids.tolist(), "name": NAMES, "theme": THEMES, "state": STATES})
    index, kept = twin(places, mask)
    for tile in {(z, *qk.tile_of(int(key), z)) for key in places.quadkeys}:
        slow = cluster_layer("c", index, clusters_of(index, tile, grid_bits=bits, mask=kept), properties=said)
        assert read(whole_clusters(places, CLUSTERS, tile, mask, grid_bits=bits)) == read(slow)
        everything = cluster_layer("c", index, clusters_of(index, tile, grid_bits=bits), properties=said)
        assert read(whole_clusters(places, CLUSTERS, tile, NO_MASK, grid_bits=bits)) == read(everything)


@quick
@given(places_drawn, st.integers(0, 28), st.integers(0, 1023))
def test_points_are_those_made_step_by_step(drawn, z, passing) -> None:  # type: ignore[no-untyped-def]
    places = made(drawn)
    mask = np.array([bool(passing >> row & 1) for row in range(10)])
    index, kept = twin(places, mask)
    said = Properties.of({"theme": THEMES, "state": STATES})
    for tile in {(z, *qk.tile_of(int(key), z)) for key in places.quadkeys}:
        assert read(whole_points(places, POINTS, tile, mask)) == read(
            raw_layer("p", index, tile, properties=said, mask=kept)
        )
        assert read(whole_points(places, POINTS, tile)) == read(raw_layer("p", index, tile, properties=said))


def test_a_tile_without_a_place_is_empty_and_too_many_values_are_refused() -> None:
    places = made([(0, 0, 0)])
    assert whole_points(places, POINTS, (3, 7, 7)) == whole_clusters(places, CLUSTERS, (3, 7, 7), grid_bits=3) == b""
    with pytest.raises(ValueError, match="65536"):
        Places.of([], list(range(65_537)))
