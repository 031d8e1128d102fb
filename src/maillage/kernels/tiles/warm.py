"""Compile everything a tile needs before the first person asks for one."""

import tempfile
from pathlib import Path

import numpy as np
import shapely

from maillage.kernels.tiles.clusters import clusters_of
from maillage.kernels.tiles.contours import Contours, contour_layer
from maillage.kernels.tiles.facets import Choice, facet_counts, mask_of
from maillage.kernels.tiles.index import PointIndex
from maillage.kernels.tiles.layers import cluster_layer, raw_layer
from maillage.kernels.tiles.properties import Properties
from maillage.kernels.tiles.whole import NO_MASK, LayerOf, Places, first_at_least, whole_clusters, whole_points

_WORLD = (0, 0, 0)


def warm_up() -> None:
    """Draw a tile and count facets on a tiny index, in memory and mapped, with every kind of column.

    Numba keeps what it compiled on disk: some 20 s once for an installation, then 1 s for each process.
    """
    kinds = (np.uint8, np.uint16, np.uint32, np.uint64)
    index = PointIndex.build([1, 2], [1, 2], {kind.__name__: np.ones(2, kind) for kind in kinds})
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        index.save(Path(folder))
        for form in (index, PointIndex.open(Path(folder))):
            _draw(form)
    _draw_whole()
    contours = Contours.of([shapely.box(4, 45, 5, 46)], [1])
    contour_layer("c", contours, _WORLD)


def _draw_whole() -> None:
    arrays = [[1, 2], [0, 0], [[0], [0]], [7], [65], [0, 1]]
    places = Places.of([np.array(one) for one in arrays], ["a"])
    for mask in (NO_MASK, np.ones(1, bool)):
        whole_points(places, LayerOf.named("p", ["k"]), _WORLD, mask)
        whole_clusters(places, LayerOf.named("c", ["id", "name", "k", "splits_at", "count"]), _WORLD, mask, grid_bits=3)
    first_at_least(places.quadkeys, 1)


def _draw(index: PointIndex) -> None:
    choices = [Choice(name, frozenset({0, 1})) for name in index.columns]
    facet_counts(index, dict.fromkeys(index.columns, 2), choices)
    said = Properties.of({"uint8": ["a", "b"]})
    for mask in (None, mask_of(index, choices)):
        raw_layer("r", index, _WORLD, properties=said, mask=mask)
        cluster_layer("c", index, clusters_of(index, _WORLD, mask=mask), properties=said)
