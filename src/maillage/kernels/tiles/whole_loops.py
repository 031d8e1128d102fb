"""Compiled: a whole vector tile of points or clusters in one pass from sorted quadkeys to bytes. See whole.py."""

import numpy as np
from numpy.typing import NDArray

from maillage.kernels.native import native
from maillage.kernels.tiles.clusters_loops import _every_other_bit
from maillage.kernels.tiles.mvt_loops import _close, _put, _zigzag

EXTENT = 4096
LAST_ZOOM = 28
CLUSTER_IDS = 1 << 52
FEATURE = 64  # bytes of a feature at most: seven pairs of tags, id, position, lengths


@native
def first_at_least(keys: NDArray[np.int64], wanted: int) -> int:
    """Where `wanted` would be put in sorted keys, before its equals."""
    low, high = 0, keys.size
    while low < high:
        middle = (low + high) >> 1
        if keys[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@native
def _grid(offset: int, scale: float) -> int:
    return min(int(np.floor(offset * scale)), EXTENT - 1)


@native
def _copied(out: NDArray[np.uint8], at: int, blob: NDArray[np.uint8], begin: int, end: int) -> int:
    for b in range(begin, end):
        out[at] = blob[b]
        at += 1
    return at


@native
def _put_text(out: NDArray[np.uint8], at: int, blob: NDArray[np.uint8], begin: int, end: int) -> int:
    """A `values` field of the layer that holds a text."""
    size = end - begin
    inner = size + (2 if size < 128 else 3 if size < 16384 else 4)
    out[at] = 0x22
    at = _put(out, at + 1, inner)
    out[at] = 0x0A
    return _copied(out, _put(out, at + 1, size), blob, begin, end)


@native
def _put_number(out: NDArray[np.uint8], at: int, value: int) -> int:
    """A `values` field of the layer that holds a non-negative integer."""
    out[at] = 0x22
    end = _put(out, at + 3, value)
    out[at + 1] = end - at - 2
    out[at + 2] = 0x28
    return end


@native
def _put_point(out: NDArray[np.uint8], at: int, x: int, y: int) -> int:
    """Type and geometry of a point."""
    out[at], out[at + 1], out[at + 2] = 0x18, 1, 0x22
    end = _put(out, at + 4, 9)
    end = _put(out, end, _zigzag(x))
    end = _put(out, end, _zigzag(y))
    out[at + 3] = end - at - 4
    return end


@native
def _framed(
    body: NDArray[np.uint8],
    size: int,
    values: NDArray[np.uint8],
    values_size: int,
    head: NDArray[np.uint8],
    keys: NDArray[np.uint8],
) -> NDArray[np.uint8]:
    """The layer: its head, its features, its keys, its values, its extent."""
    inner = head.size + size + keys.size + values_size + 3
    out = np.empty(inner + 11, np.uint8)
    out[0] = 0x1A
    at = _put(out, 1, inner)
    at = _copied(out, at, head, 0, head.size)
    at = _copied(out, at, body, 0, size)
    at = _copied(out, at, keys, 0, keys.size)
    at = _copied(out, at, values, 0, values_size)
    out[at], out[at + 1], out[at + 2] = 0x28, 0x80, 0x20  # Layer.extent = 4096
    return out[: at + 3]


@native
def _numbered(number: NDArray[np.int32], used: NDArray[np.int32], count: int, value: int) -> int:
    """Gives a value the next number at its first use; returns how many are used."""
    if number[value] >= 0:
        return count
    number[value] = count
    used[count] = value
    return count + 1


@native
def points_tile(
    quadkeys: NDArray[np.int64],
    rows: NDArray[np.int32],
    codes: NDArray[np.uint16],
    ids: NDArray[np.int64],
    passed: NDArray[np.bool_],
    low: int,
    high: int,
    side: int,
    blob: NDArray[np.uint8],
    blob_at: NDArray[np.int64],
    head: NDArray[np.uint8],
    keys: NDArray[np.uint8],
) -> NDArray[np.uint8]:
    """Every point whose row passed (`passed` is empty for all); nothing for no point."""
    begin, end = first_at_least(quadkeys, low), first_at_least(quadkeys, high)
    every = passed.size == 0
    n = end - begin
    if not every:
        n = 0
        for i in range(begin, end):
            n += passed[rows[i]]
    if n == 0:
        return np.empty(0, np.uint8)
    columns = codes.shape[1]
    number = np.full(blob_at.size - 1, -1, np.int32)
    used = np.empty(blob_at.size - 1, np.int32)
    out = np.empty(n * (32 + 8 * columns), np.uint8)
    scale = EXTENT / side
    count = at = values_size = 0
    for i in range(begin, end):
        row = rows[i]
        if not (every or passed[row]):
            continue
        out[at] = 0x12  # Layer.features
        feature = at + 1
        out[at + 2] = 0x08  # Feature.id
        at = _put(out, at + 3, ids[row])
        out[at] = 0x12  # Feature.tags
        tags = at + 1
        at += 2
        for k in range(columns):
            value = codes[i, k]
            count = _numbered(number, used, count, value)
            at = _put(out, _put(out, at, k), number[value])
        out[tags] = at - tags - 1
        offset = quadkeys[i] - low
        at = _put_point(
            out,
            at,
            min(int((_every_other_bit(offset) + 0.5) * scale), EXTENT - 1),
            min(int((_every_other_bit(offset >> 1) + 0.5) * scale), EXTENT - 1),
        )
        at = _close(out, feature, at)
    for u in range(count):
        values_size += blob_at[used[u] + 1] - blob_at[used[u]]
    values = np.empty(values_size, np.uint8)
    values_size = 0
    for u in range(count):
        values_size = _copied(values, values_size, blob, blob_at[used[u]], blob_at[used[u] + 1])
    return _framed(out, at, values, values_size, head, keys)


@native
def _splits_at(difference: int, grid_bits: int) -> int:
    """The first zoom whose tiles part two quadkeys, -1 for equal ones."""
    if difference == 0:
        return -1
    top = 0
    while difference > 1:
        difference >>= 1
        top += 1
    return max(0, LAST_ZOOM - top // 2 - grid_bits)


@native
def _number_of(table: NDArray[np.int64], count: int, kind: int, value: int) -> int:
    """The number of a value among those said, which are few; `count` if it was not said."""
    for u in range(count):
        if table[u, 0] == kind and table[u, 1] == value:
            return u
    return count


@native
def clusters_tile(
    quadkeys: NDArray[np.int64],
    rows: NDArray[np.int32],
    codes: NDArray[np.uint16],
    ids: NDArray[np.int64],
    passed: NDArray[np.bool_],
    low: int,
    high: int,
    side: int,
    blob: NDArray[np.uint8],
    blob_at: NDArray[np.int64],
    head: NDArray[np.uint8],
    keys: NDArray[np.uint8],
    names: NDArray[np.uint8],
    names_at: NDArray[np.int64],
    shift: int,
    grid_bits: int,
) -> NDArray[np.uint8]:
    """The places counted in the cells of a grid; one alone in its cell says who it is. Nothing for no place.

    Keys, in this order: id, name, the columns of `codes`, splits_at, count.
    """
    begin, end = first_at_least(quadkeys, low), first_at_least(quadkeys, high)
    every = passed.size == 0
    most = min(end - begin, 1 << (2 * grid_bits))
    # cell, count, sums of columns and rows, one place, first and last key
    cells = np.empty((most, 7), np.int64)
    m = -1
    cell = np.int64(-1)
    for i in range(begin, end):
        if not (every or passed[rows[i]]):
            continue
        offset = quadkeys[i] - low
        if offset >> shift != cell:
            m += 1
            cell = offset >> shift
            cells[m, 0], cells[m, 1], cells[m, 2], cells[m, 3], cells[m, 4], cells[m, 5] = cell, 0, 0, 0, i, quadkeys[i]
        cells[m, 1] += 1
        cells[m, 2] += _every_other_bit(offset)
        cells[m, 3] += _every_other_bit(offset >> 1)
        cells[m, 6] = quadkeys[i]
    if m < 0:
        return np.empty(0, np.uint8)
    columns = codes.shape[1]
    text = 0
    for c in range(m + 1):
        if cells[c, 1] == 1:
            row = rows[cells[c, 4]]
            text += names_at[row + 1] - names_at[row] + 12
            for k in range(columns):
                text += blob_at[codes[cells[c, 4], k] + 1] - blob_at[codes[cells[c, 4], k]]
    out = np.empty((m + 1) * (FEATURE + 8 * columns), np.uint8)
    values = np.empty((m + 1) * 24 + text, np.uint8)
    said = np.empty(((m + 1) * (columns + 2), 2), np.int64)  # what kind of value (its first key), and which
    at = values_at = count = 0
    scale = EXTENT / side
    for c in range(m + 1):
        place = cells[c, 4]
        row = rows[place]
        is_alone = cells[c, 1] == 1
        out[at] = 0x12  # Layer.features
        feature = at + 1
        out[at + 2] = 0x08  # Feature.id
        at = _put(out, at + 3, ids[row] if is_alone else CLUSTER_IDS + cells[c, 0])
        out[at] = 0x12  # Feature.tags
        tags = at + 1
        at += 2
        if is_alone:
            for key in range(columns + 2):
                kind = min(key, 2)
                value = int(row) if key < 2 else int(codes[place, key - 2])
                number = _number_of(said, count, kind, value)
                if number == count:
                    said[count, 0], said[count, 1] = kind, value
                    count += 1
                    if key == 0:
                        values_at = _put_number(values, values_at, ids[row])
                    elif key == 1:
                        values_at = _put_text(values, values_at, names, names_at[row], names_at[row + 1])
                    else:
                        values_at = _copied(values, values_at, blob, blob_at[value], blob_at[value + 1])
                at = _put(out, _put(out, at, key), number)
        else:
            opens = _splits_at(cells[c, 5] ^ cells[c, 6], grid_bits)
            for key in range(columns + 2, columns + 4):
                value = opens if key == columns + 2 else int(cells[c, 1])
                if value < 0:
                    continue
                number = _number_of(said, count, 3, value)
                if number == count:
                    said[count, 0], said[count, 1] = 3, value
                    count += 1
                    values_at = _put_number(values, values_at, value)
                at = _put(out, _put(out, at, key), number)
        out[tags] = at - tags - 1
        at = _put_point(
            out, at, _grid(cells[c, 2] / cells[c, 1] + 0.5, scale), _grid(cells[c, 3] / cells[c, 1] + 0.5, scale)
        )
        at = _close(out, feature, at)
    return _framed(out, at, values, values_at, head, keys)
