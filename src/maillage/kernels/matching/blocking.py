"""Blocking: which pairs are worth a score. Each block is linear in the number of records: no block compares all with all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from maillage.kernels.matching.records import Features, Record
from maillage.kernels.tiles.quadkey import ZOOM, cells_of

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

RADIUS_M = 300.0
CELL_ZOOM = 16  # cells of 306 m or more up to latitude 60: with its eight neighbours, a cell holds all within 300 m
MOST_IN_GROUP = 40  # in a larger group only neighbours by name are compared
MOST_IN_CELLS = 40_000  # product of two cells' counts; beyond it a crowd at one point is compared by name only
RARE_WORD = 15  # a word is telling where at most so many records of a commune bear it
_METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True)
class Pairs:
    """Pairs of record numbers, left < right, sorted, each once; `blocks` tells how many pairs each block gave."""

    left: Ints
    right: Ints
    blocks: dict[str, int]


def candidate_pairs(records: Sequence[Record], features: Sequence[Features]) -> Pairs:
    """Pairs that share a telephone, a SIRET, a mail box, a page, a street number, a rare word of a commune, or 300 m.

    O(n log n) and at most some hundred pairs per record.
    """
    by_name = _ranks([one.name for one in features])
    found = {
        "phone": _in_groups(_codes(one.phone for one in features), by_name),
        "siret": _in_groups(_codes(one.siret for one in features), by_name),
        "email": _in_groups(_codes(one.email for one in features), by_name),
        "page": _in_groups(_codes(one.page if "/" in one.page else "" for one in features), by_name),
        "address": _by_address(features, by_name),
        "word": _by_rare_word(features, by_name),
        "near": _near(records, by_name),
    }
    count = len(records)
    keys = [np.minimum(a, b) * count + np.maximum(a, b) for a, b in found.values()]
    whole = np.unique(np.concatenate(keys)) if count else np.zeros(0, np.int64)
    return Pairs(whole // max(count, 1), whole % max(count, 1), {name: len(pair[0]) for name, pair in found.items()})


def metres_between(lon_a: Floats, lat_a: Floats, lon_b: Floats, lat_b: Floats) -> Floats:
    """Metres between places some kilometres apart, float64[n]; NaN where a position is unknown. Within 0.5 %."""
    dx = (lon_b - lon_a) * np.cos(np.radians((lat_a + lat_b) / 2))
    return np.hypot(dx, lat_b - lat_a) * _METRES_PER_DEGREE


def positions(records: Sequence[Record]) -> tuple[Floats, Floats]:
    """Longitudes and latitudes, float64[n], NaN where unknown."""
    lon = np.array([np.nan if one.lon is None else one.lon for one in records], np.float64)
    lat = np.array([np.nan if one.lat is None else one.lat for one in records], np.float64)
    return lon, lat


def _ranks(texts: Sequence[str]) -> Ints:
    ranks = np.empty(len(texts), np.int64)
    ranks[sorted(range(len(texts)), key=texts.__getitem__)] = np.arange(len(texts))
    return ranks


def _codes(values: Iterable[str]) -> Ints:
    """A number per distinct text, -1 for the empty one."""
    known: dict[str, int] = {"": -1}
    return np.array([known.setdefault(value, len(known) - 1) for value in values], np.int64)


def _in_groups(codes: Ints, order: Ints, members: Ints | None = None) -> tuple[Ints, Ints]:
    """Pairs within each group of equal codes; in a group above MOST_IN_GROUP, each with its next ones by name only."""
    members = np.arange(len(codes)) if members is None else members
    kept = codes >= 0
    codes, members = codes[kept], members[kept]
    along = np.lexsort((order[members], codes))
    codes, members = codes[along], members[along]
    lefts, rights = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for step in range(1, MOST_IN_GROUP):
        same = codes[:-step] == codes[step:]
        if not same.any():
            break
        lefts.append(members[:-step][same])
        rights.append(members[step:][same])
    left, right = np.concatenate(lefts), np.concatenate(rights)
    return left[left != right], right[left != right]


def _town_of(one: Features) -> list[str]:
    """Under what a commune is looked up: its postcode, and its name in its département, since sources give either."""
    town = [f"{one.departement}:{one.commune}"] if one.commune and one.departement else []
    return [*town, *([one.postcode] if one.postcode else [])]


def _by_address(features: Sequence[Features], order: Ints) -> tuple[Ints, Ints]:
    keys = [
        (f"{town}|{one.number}|{word}", rank)
        for rank, one in enumerate(features)
        if one.number and one.street
        for town in _town_of(one)
        for word in one.street.split()
    ]
    return _in_groups(_codes(key for key, _rank in keys), order, np.array([rank for _key, rank in keys], np.int64))


def _by_rare_word(features: Sequence[Features], order: Ints) -> tuple[Ints, Ints]:
    holders: dict[str, list[int]] = defaultdict(list)
    for rank, one in enumerate(features):
        for town in _town_of(one):
            for word in one.name.split():
                if len(word) > 2:
                    holders[f"{town}|{word}"].append(rank)
    rare = [ranks for ranks in holders.values() if 2 <= len(ranks) <= RARE_WORD]
    codes = np.repeat(np.arange(len(rare)), [len(ranks) for ranks in rare])
    return _in_groups(codes, order, np.array([rank for ranks in rare for rank in ranks], np.int64))


def _near(records: Sequence[Record], order: Ints) -> tuple[Ints, Ints]:
    """Pairs at most RADIUS_M apart, by cells and their neighbours."""
    lon, lat = positions(records)
    located = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= 180) & (np.abs(lat) <= 90))
    if len(located) == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    columns, rows = (cells >> (ZOOM - CELL_ZOOM) for cells in cells_of(lon[located], lat[located]))
    cells = columns << 32 | rows
    along = np.argsort(cells, kind="stable")
    left, right, crowded = _of_neighbouring_cells(cells[along])
    left, right = located[along[left]], located[along[right]]
    close = metres_between(lon[left], lat[left], lon[right], lat[right]) <= RADIUS_M
    few_left, few_right = _in_groups(np.where(crowded, cells[along], -1), order, located[along])
    return np.concatenate([left[close], few_left]), np.concatenate([right[close], few_right])


def _of_neighbouring_cells(cells: Ints) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Positions of pairs in sorted cells, each cell with itself and four of its neighbours, crowds left aside."""
    names, starts, counts = np.unique(cells, return_index=True, return_counts=True)
    crowded = counts.astype(np.int64) ** 2 > MOST_IN_CELLS
    lefts, rights = [], []
    for step in (0, 1, 1 << 32, (1 << 32) + 1, (1 << 32) - 1):
        others = np.searchsorted(names, names + step)
        there = (others < len(names)) & (names[np.minimum(others, len(names) - 1)] == names + step)
        mine, theirs = np.flatnonzero(there & ~crowded), others[there & ~crowded]
        mine, theirs = mine[~crowded[theirs]], theirs[~crowded[theirs]]
        left, right = _product(starts[mine], counts[mine], starts[theirs], counts[theirs])
        lefts.append(left[left < right] if step == 0 else left)
        rights.append(right[left < right] if step == 0 else right)
    return np.concatenate(lefts), np.concatenate(rights), np.repeat(crowded, counts)


def _product(start_a: Ints, count_a: Ints, start_b: Ints, count_b: Ints) -> tuple[Ints, Ints]:
    """Every position of each range a with every position of its range b."""
    sizes = count_a * count_b
    which = np.repeat(np.arange(len(sizes)), sizes)
    within = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return start_a[which] + within // count_b[which], start_b[which] + within % count_b[which]
