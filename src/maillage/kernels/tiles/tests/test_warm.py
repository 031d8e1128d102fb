"""Warming up leaves nothing to compile for a real tile."""

from pathlib import Path

import numpy as np
from numba.core import event

from maillage.kernels.tiles import quadkey as qk
from maillage.kernels.tiles.clusters import clusters_of
from maillage.kernels.tiles.facets import Choice, facet_counts, mask_of
from maillage.kernels.tiles.index import PointIndex
from maillage.kernels.tiles.layers import cluster_layer, raw_layer
from maillage.kernels.tiles.properties import Properties
from maillage.kernels.tiles.warm import warm_up


def test_nothing_is_compiled_after_warming_up(tmp_path: Path) -> None:
    warm_up()
    index = PointIndex.build(
        qk.quadkeys_of([4.8, 4.9], [45.7, 45.8]), [7, 8], {"k": np.zeros(2, np.uint16), "t": np.ones(2, np.uint64)}
    )
    index.save(tmp_path)
    with event.install_recorder("numba:compile") as recorder:
        for form in (index, PointIndex.open(tmp_path)):
            tile = (8, *qk.tile_of(int(form.quadkeys[0]), 8))
            choices = [Choice("k", frozenset({0})), Choice("t", frozenset({0, 3}))]
            facet_counts(form, {"k": 1, "t": 4}, choices)
            said = Properties.of({"k": ["only"]})
            for mask in (None, mask_of(form, choices), mask_of(form, choices, form.slice_of(*tile))):
                assert raw_layer("r", form, tile, properties=said, mask=mask)
                assert cluster_layer("c", form, clusters_of(form, tile, mask=mask), properties=said)
    assert recorder.buffer == []
