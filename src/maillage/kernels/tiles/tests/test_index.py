"""The point index: slices, files replaced in one step, changes laid over."""

import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maillage.kernels.tiles import quadkey as qk
from maillage.kernels.tiles.index import MAX_CODE, PointIndex, generation_of

keys = st.integers(0, 40) | st.integers(0, qk.END - 1)


def index_of(rows: list[tuple[int, int, int]]) -> PointIndex:
    table = np.array(rows, np.int64).reshape(-1, 3)
    columns = {"kind": table[:, 2].astype(np.uint16), "themes": table[:, 2].astype(np.uint64)}
    return PointIndex.build(table[:, 0], table[:, 1], columns)


def rows_of(index: PointIndex) -> list[tuple[int, int, int]]:
    assert index.columns["kind"].tolist() == index.columns["themes"].tolist()
    return list(zip(index.quadkeys.tolist(), index.ids.tolist(), index.columns["kind"].tolist(), strict=True))


def distinct(rows: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
    return [(key, i, kind) for i, (key, kind) in enumerate(rows)]


@settings(deadline=None)
@given(st.lists(st.tuples(keys, st.integers(0, 999))), st.integers(0, 28), keys)
def test_a_tile_is_a_slice(rows, z, key) -> None:  # type: ignore[no-untyped-def]
    index = index_of(distinct(rows))
    assert rows_of(index) == sorted(distinct(rows))
    x, y = qk.tile_of(key, z)
    inside = [i for k, i, _ in sorted(distinct(rows)) if qk.tile_of(k, z) == (x, y)]
    assert index.ids[index.slice_of(z, x, y)].tolist() == inside


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(keys, st.integers(0, 9))), st.sets(st.integers(0, 20)), st.dictionaries(st.integers(0, 30), keys)
)
def test_changes_laid_over_are_those_of_an_index_built_anew(rows, gone, fresh) -> None:  # type: ignore[no-untyped-def]
    old, new = distinct(rows), [(key, i, 7) for i, key in fresh.items()]
    merged = index_of(old).merged(sorted(gone), index_of(new))
    expected = [row for row in old if row[1] not in gone and row[1] not in fresh] + new
    assert sorted(rows_of(merged)) == sorted(expected)
    assert (np.diff(merged.quadkeys) >= 0).all()


def test_a_saved_index_is_mapped_back_with_its_notes(tmp_path: Path) -> None:
    index = index_of([(5, 1, 2), (3, 2, 9)])
    noted = PointIndex(index.quadkeys, index.ids, index.columns, {"kinds": ["é", "b"], "until": 17})
    assert generation_of(tmp_path / "index") is None
    with pytest.raises(FileNotFoundError):
        PointIndex.open(tmp_path / "index")
    noted.save(tmp_path / "index")
    back = PointIndex.open(tmp_path / "index")
    assert rows_of(back) == [(3, 2, 9), (5, 1, 2)] and back.notes == {"kinds": ["é", "b"], "until": 17}
    assert isinstance(back.quadkeys, np.memmap) and isinstance(back.columns["kind"], np.memmap)
    assert [c.dtype for c in back.columns.values()] == [np.uint16, np.uint64]


def test_an_empty_index_is_saved_too(tmp_path: Path) -> None:
    index_of([]).save(tmp_path)
    assert len(PointIndex.open(tmp_path)) == 0


def test_a_new_generation_replaces_the_old_and_sweeps_it(tmp_path: Path) -> None:
    index_of([(1, 1, 1)]).save(tmp_path)
    old, first = PointIndex.open(tmp_path), generation_of(tmp_path)
    index_of([(2, 2, 2), (3, 3, 3)]).save(tmp_path)
    assert generation_of(tmp_path) != first and len(PointIndex.open(tmp_path)) == 2
    assert len(list(tmp_path.iterdir())) == 3  # the old one is kept for readers that are opening it
    index_of([(4, 4, 4)]).save(tmp_path, keep_s=0)
    assert len(list(tmp_path.iterdir())) == 2 and rows_of(old) == [(1, 1, 1)]


def test_a_crash_before_the_last_step_leaves_the_old_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index_of([(1, 1, 1)]).save(tmp_path)

    def cut(*_: object) -> None:
        raise OSError("power cut")

    for step in ("numpy.save", "pathlib.Path.replace"):
        with monkeypatch.context() as patch:
            patch.setattr(step, cut)
            with pytest.raises(OSError, match="power cut"):
                index_of([(2, 2, 2)]).save(tmp_path)
        assert rows_of(PointIndex.open(tmp_path)) == [(1, 1, 1)]
    index_of([(3, 3, 3)]).save(tmp_path, keep_s=0)
    assert len(list(tmp_path.iterdir())) == 2  # what the crashes left is swept


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    index_of([(1, 1, 1), (2, 2, 2)]).save(tmp_path)
    file = tmp_path / str(generation_of(tmp_path)) / "ids.npy"
    file.write_bytes(file.read_bytes()[:-4])
    with pytest.raises(ValueError, match=r".+"):
        PointIndex.open(tmp_path)


def test_readers_during_saves_see_whole_indexes(tmp_path: Path) -> None:
    index_of([(0, i, 0) for i in range(50)]).save(tmp_path)
    stop, seen = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            kinds = PointIndex.open(tmp_path).columns["kind"]
            seen.append((len(kinds), len(set(kinds.tolist()))))

    reader = threading.Thread(target=read)
    reader.start()
    for kind in range(1, 30):
        index_of([(0, i, kind) for i in range(50)]).save(tmp_path, keep_s=0.05)
    stop.set()
    reader.join()
    assert seen and set(seen) == {(50, 1)}


@pytest.mark.parametrize(
    ("ids", "column"),
    [
        ([1], np.zeros(2, np.uint8)),
        ([1, 2], np.zeros(1, np.uint8)),
        ([1, 2], np.zeros(2, np.int64)),
        ([1, 2], np.array([0, MAX_CODE + 1], np.uint32)),
    ],
)
def test_what_does_not_fit_is_refused(ids, column) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match="column|ids"):
        PointIndex.build([1, 2], ids, {"c": column})
    with pytest.raises(ValueError, match="laid over"):
        index_of([]).merged([], PointIndex.build([], []))
