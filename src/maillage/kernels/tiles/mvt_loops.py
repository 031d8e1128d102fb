"""Compiled loops of the vector tile encoder: protocol buffer bytes written by hand. See mvt.py."""

import numpy as np
from numpy.typing import NDArray

from maillage.kernels.native import native

POINT, LINE, POLYGON = 1, 2, 3


@native
def _put(out: NDArray[np.uint8], at: int, value: int) -> int:
    """Write the varint of a non-negative integer, the two usual widths without a loop; return the end."""
    if value < 1 << 7:
        out[at] = value
        return at + 1
    if value < 1 << 14:
        out[at] = (value & 127) | 128
        out[at + 1] = value >> 7
        return at + 2
    while value >= 128:
        out[at] = (value & 127) | 128
        value >>= 7
        at += 1
    out[at] = value
    return at + 1


@native
def _close(out: NDArray[np.uint8], start: int, at: int) -> int:
    """Write the length of the message whose body begins one byte after `start`; return the end.

    Nearly all bodies here are under 128 bytes, so one byte is kept free for the length and a longer body is moved:
    measured faster than counting each body before writing it.
    """
    size = at - start - 1
    rest, more = size >> 7, 0
    while rest:
        rest >>= 7
        more += 1
    if more:
        for b in range(at - 1, start, -1):
            out[b + more] = out[b]
    _put(out, start, size)
    return at + more


@native
def _zigzag(value: int) -> int:
    return (value << 1) ^ (value >> 63)


@native
def value_indices(
    codes: NDArray[np.int32], remap: NDArray[np.int32], remap_at: NDArray[np.int64], values: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Number the values that features use, in order of first use: (n × k) indices or -1, and which values they are.

    Raises ValueError for a code that is not in its key's list.
    """
    indices = np.full(codes.shape, -1, np.int32)
    number = np.full(values, -1, np.int32)
    used = np.empty(values, np.int32)
    count = 0
    for i in range(codes.shape[0]):
        for k in range(codes.shape[1]):
            code = codes[i, k]
            if code < 0:
                continue
            if code >= remap_at[k + 1] - remap_at[k]:
                raise ValueError("a code is not in its list of values")
            value = remap[remap_at[k] + code]
            if number[value] < 0:
                number[value] = count
                used[count] = value
                count += 1
            indices[i, k] = number[value]
    return indices, used[:count].copy()


@native
def point_commands(xy: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Return the command stream of points: per feature one MoveTo with all its points, the cursor from 0, 0.

    A feature without points has no command at all.
    """
    features = starts.size - 1
    out = np.empty(2 * xy.shape[0] + features, np.uint32)
    at = 0
    for f in range(features):
        x = y = np.int64(0)
        if starts[f + 1] == starts[f]:
            continue
        out[at] = ((starts[f + 1] - starts[f]) << 3) | 1
        at += 1
        for i in range(starts[f], starts[f + 1]):
            out[at] = _zigzag(xy[i, 0] - x)
            out[at + 1] = _zigzag(xy[i, 1] - y)
            x, y = xy[i, 0], xy[i, 1]
            at += 2
    return out[:at].copy()


@native
def feature_bytes(
    kinds: NDArray[np.uint8],
    ids: NDArray[np.int64],
    values: NDArray[np.int32],
    geometry: NDArray[np.uint32],
    starts: NDArray[np.int64],
) -> NDArray[np.uint8]:
    """Write the `features` fields of a layer. `ids` is empty for none; `values` is (n × k); one pass, O(bytes)."""
    n, columns = values.shape
    out = np.empty(n * (32 + 10 * columns) + 5 * geometry.size, np.uint8)
    at = 0
    for i in range(n):
        out[at] = 0x12  # Layer.features = 2
        feature = at + 1
        at += 2
        if ids.size:
            out[at] = 0x08  # Feature.id = 1
            at = _put(out, at + 1, ids[i])
        tags = at + 1
        at += 2
        for k in range(columns):
            if values[i, k] >= 0:
                at = _put(out, at, k)
                at = _put(out, at, values[i, k])
        if at == tags + 1:
            at -= 2
        else:
            out[tags - 1] = 0x12  # Feature.tags = 2, packed
            at = _close(out, tags, at)
        out[at] = 0x18  # Feature.type = 3
        out[at + 1] = kinds[i]
        out[at + 2] = 0x22  # Feature.geometry = 4, packed
        shape = at + 3
        at += 4
        for g in range(starts[i], starts[i + 1]):
            at = _put(out, at, int(geometry[g]))
        at = _close(out, feature, _close(out, shape, at))
    return out[:at].copy()


@native
def value_bytes(used: NDArray[np.int32], blob: NDArray[np.uint8], blob_at: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Write the `values` fields of a layer: the used values, already encoded in `blob`, one after another."""
    total = 0
    for value in used:
        total += blob_at[value + 1] - blob_at[value]
    out = np.empty(total, np.uint8)
    at = 0
    for value in used:
        for b in range(blob_at[value], blob_at[value + 1]):
            out[at] = blob[b]
            at += 1
    return out


@native
def _ring_area(xy: NDArray[np.int64], low: int, high: int) -> int:
    """Twice the surveyor's area of the ring of vertices low to high, not closed."""
    area = 0
    for i in range(low, high):
        j = i + 1 if i + 1 < high else low
        area += xy[i, 0] * xy[j, 1] - xy[j, 0] * xy[i, 1]
    return area


@native
def _without_repeats(xy: NDArray[np.int64], low: int, high: int, is_ring: bool, out: NDArray[np.int64]) -> int:
    """Copy vertices but those equal to the one before (for a ring: to the first at the end); return how many."""
    count = 0
    for i in range(low, high):
        if count == 0 or xy[i, 0] != out[count - 1, 0] or xy[i, 1] != out[count - 1, 1]:
            out[count] = xy[i]
            count += 1
    while is_ring and count > 1 and out[count - 1, 0] == out[0, 0] and out[count - 1, 1] == out[0, 1]:
        count -= 1
    return count


@native
def path_commands(
    xy: NDArray[np.int64],
    parts: NDArray[np.int64],
    holes: NDArray[np.bool_],
    features: NDArray[np.int64],
    kinds: NDArray[np.uint8],
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return the command stream of lines and polygons, and where each feature starts in it.

    Part p has the vertices parts[p] to parts[p + 1]; feature f the parts features[f] to features[f + 1], an outer ring
    before its holes. Repeated vertices are dropped, then lines of one vertex, rings without area and the holes of a
    dropped outer ring; outer rings are wound to a positive surveyor's area, holes to a negative one.
    """
    out = np.empty(2 * xy.shape[0] + 3 * holes.size, np.uint32)
    starts = np.zeros(kinds.size + 1, np.int64)
    longest = 1
    for p in range(holes.size):
        longest = max(longest, parts[p + 1] - parts[p])
    clean = np.empty((longest, 2), np.int64)
    at = 0
    for f in range(kinds.size):
        is_ring = kinds[f] == POLYGON
        x = y = np.int64(0)
        outer_kept = False
        for p in range(features[f], features[f + 1]):
            count = _without_repeats(xy, parts[p], parts[p + 1], is_ring, clean)
            area = _ring_area(clean, 0, count) if is_ring else 1
            if holes[p] and not outer_kept:
                continue
            kept = count >= (3 if is_ring else 2) and area != 0
            if not holes[p]:
                outer_kept = kept
            if not kept:
                continue
            backwards = is_ring and (area < 0) != holes[p]
            for i in range(count):
                j = (count - i) % count if backwards else i
                if i == 0:
                    out[at] = (1 << 3) | 1  # MoveTo, once
                    at += 1
                elif i == 1:
                    out[at] = ((count - 1) << 3) | 2  # LineTo, for the rest
                    at += 1
                out[at] = _zigzag(clean[j, 0] - x)
                out[at + 1] = _zigzag(clean[j, 1] - y)
                at += 2
                x, y = clean[j, 0], clean[j, 1]
            if is_ring:
                out[at] = (1 << 3) | 7  # ClosePath
                at += 1
        starts[f + 1] = at
    return out[:at].copy(), starts
