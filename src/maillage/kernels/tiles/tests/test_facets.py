"""Filters and facets against plain loops over rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maillage.kernels.tiles.facets import Choice, facet_counts, mask_of
from maillage.kernels.tiles.index import PointIndex

SIZES = {"kind": 5, "town": 300, "month": 70_000, "themes": 64, "few": 3}
quick = settings(deadline=None, max_examples=100)
rows = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.sampled_from([0, 1, 299]),
        st.sampled_from([0, 65_536, 69_999]),
        st.sampled_from([0, 1, 2, 3, 1 << 63, (1 << 64) - 1]) | st.integers(0, 2**64 - 1),
        st.integers(0, 7),
        st.booleans(),
    ),
    max_size=40,
)
choices = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.frozensets(st.integers(0, 4)),
        "town": st.frozensets(st.sampled_from([0, 1, 299, 65_535])),
        "month": st.frozensets(st.sampled_from([0, 65_536, 69_999])),
        "themes": st.frozensets(st.integers(0, 63), max_size=3),
        "few": st.frozensets(st.integers(0, 2)),
    },
)


def index_of(table: list[tuple[int, ...]]) -> PointIndex:
    kinds = (np.uint8, np.uint16, np.uint32, np.uint64, np.uint64)
    columns = {
        name: np.array([row[c] for row in table], kind) for c, (name, kind) in enumerate(zip(SIZES, kinds, strict=True))
    }
    return PointIndex.build(np.arange(len(table)), np.arange(len(table)), columns)


def values_of(row: tuple[int, ...], name: str) -> set[int]:
    value = row[list(SIZES).index(name)]
    return {b for b in range(64) if value >> b & 1} if name in ("themes", "few") else {value}


def passes(row: tuple[int, ...], chosen: dict[str, frozenset[int]], but: str = "") -> bool:
    return all(values_of(row, name) & wanted for name, wanted in chosen.items() if name != but)


@quick
@given(rows, choices, st.booleans())
def test_counts_leave_out_the_facets_own_choice(table, chosen, with_base) -> None:  # type: ignore[no-untyped-def]
    base = np.array([row[-1] for row in table], bool) if with_base else None
    picked = [Choice(name, values) for name, values in chosen.items()]
    counts = facet_counts(index_of(table), SIZES, picked, base)
    for name, size in SIZES.items():
        kept = [row for row in table if passes(row, chosen, but=name) and (row[-1] or not with_base)]
        plain = np.zeros(size, int)
        for row in kept:
            plain[list(values_of(row, name))] += 1
        assert counts[name].tolist() == plain.tolist()


@quick
@given(rows, choices, st.booleans(), st.integers(0, 40), st.integers(0, 40))
def test_a_mask_of_a_slice_is_a_slice_of_the_mask(table, chosen, with_base, start, stop) -> None:  # type: ignore[no-untyped-def]
    base = np.array([row[-1] for row in table], bool) if with_base else None
    picked = [Choice(name, values) for name, values in chosen.items()]
    start, stop = sorted((min(start, len(table)), min(stop, len(table))))
    whole = mask_of(index_of(table), picked, base=base)
    assert whole.tolist() == [passes(row, chosen) and (row[-1] or not with_base) for row in table]
    assert mask_of(index_of(table), picked, slice(start, stop), base).tolist() == whole[start:stop].tolist()


def test_mistakes_are_refused() -> None:
    index = index_of([(4, 0, 0, 8, 0, 1)])
    for sizes, match in (({"kind": 4}, "code"), ({"themes": 3}, "bit")):
        with pytest.raises(ValueError, match=match):
            facet_counts(index, sizes)
    for choice in (
        Choice("themes", frozenset({64})),
        Choice("kind", frozenset({256})),
        Choice("month", frozenset({-1})),
    ):
        with pytest.raises(ValueError, match="lies in 0 to"):
            mask_of(index, [choice])
    with pytest.raises(ValueError, match="one choice per column"):
        mask_of(index, [Choice("kind", frozenset({1})), Choice("kind", frozenset({2}))])
    with pytest.raises(ValueError, match="base mask"):
        mask_of(index, [], base=np.zeros(2, bool))
    with pytest.raises(KeyError):
        mask_of(index, [Choice("nothing", frozenset({1}))])
