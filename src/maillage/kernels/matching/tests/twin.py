"""The slow obvious way: every record compared with every other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

from maillage.kernels.matching.records import Record


def metres(a: Record, b: Record) -> float:
    """Great circle, by the haversine."""
    assert a.lon is not None and a.lat is not None and b.lon is not None and b.lat is not None
    half_lat, half_lon = math.radians(b.lat - a.lat) / 2, math.radians(b.lon - a.lon) / 2
    root = (
        math.sin(half_lat) ** 2
        + math.cos(math.radians(a.lat)) * math.cos(math.radians(b.lat)) * math.sin(half_lon) ** 2
    )
    return 2 * 6_371_008.8 * math.asin(math.sqrt(root))


def near_pairs(records: Sequence[Record], radius_m: float) -> set[tuple[int, int]]:
    """Pairs at most `radius_m` apart."""
    return {
        (i, j)
        for (i, a), (j, b) in combinations(enumerate(records), 2)
        if a.lon is not None and b.lon is not None and metres(a, b) <= radius_m
    }
