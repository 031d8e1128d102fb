"""Slow obvious twins: each says in plain Python what a kernel should give."""

import math
import struct
from collections.abc import Sequence
from fractions import Fraction

Vertex = tuple[int, int]
Ring = list[Vertex]


def quadkey(lon: float, lat: float) -> int:
    """The Morton code, one bit after another, from the textbook formula."""
    side = 2**28
    bound = math.atan(math.sinh(math.pi))
    phi = min(max(math.radians(lat), -bound), bound)
    x = math.floor((lon + 180) / 360 * side)
    y = math.floor((1 - math.log(math.tan(math.pi / 4 + phi / 2)) / math.pi) / 2 * side)
    x, y = min(max(x, 0), side - 1), min(max(y, 0), side - 1)
    return sum((x >> i & 1) << 2 * i | (y >> i & 1) << 2 * i + 1 for i in range(28))


def varint(value: int) -> bytes:
    digits = [value % 128]
    while value := value // 128:
        digits.append(value % 128)
    return bytes([d + 128 for d in digits[:-1]] + digits[-1:])


def field(number: int, content: int | bytes) -> bytes:
    if isinstance(content, int):
        return varint(number * 8) + varint(content)
    return varint(number * 8 + 2) + varint(len(content)) + content


def value_message(value: object) -> bytes:
    match value:
        case bool():
            return field(7, int(value))
        case str():
            return field(1, value.encode())
        case int():
            return field(5, value) if value >= 0 else field(6, 2 * -value - 1)
        case float():
            try:
                single = struct.unpack("<f", struct.pack("<f", value))[0] == value
            except OverflowError:
                single = False
            return (
                varint(2 * 8 + 5) + struct.pack("<f", value) if single else varint(3 * 8 + 1) + struct.pack("<d", value)
            )
    raise AssertionError(value)


def zigzag(value: int) -> int:
    return 2 * value if value >= 0 else -2 * value - 1


def point_commands(points: Sequence[Vertex]) -> list[int]:
    out, cursor = [8 * len(points) + 1], (0, 0)
    for point in points:
        out += [zigzag(point[0] - cursor[0]), zigzag(point[1] - cursor[1])]
        cursor = point
    return out


def area(ring: Ring) -> Fraction:
    pairs = zip(ring, ring[1:] + ring[:1], strict=True)
    return Fraction(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairs), 2)


def clean(vertices: Ring, *, is_ring: bool) -> Ring:
    out = [v for i, v in enumerate(vertices) if i == 0 or v != vertices[i - 1]]
    while is_ring and len(out) > 1 and out[-1] == out[0]:
        out.pop()
    return out


def path_commands(parts: Sequence[tuple[Ring, bool]], *, is_polygon: bool) -> list[int]:
    """Commands of a line or polygon feature, given as parts and whether each is a hole of the outer ring before it."""
    out: list[int] = []
    cursor, outer_kept = (0, 0), False
    for vertices, is_hole in parts:
        part = clean(vertices, is_ring=is_polygon)
        is_kept = (len(part) >= 3 and area(part) != 0) if is_polygon else len(part) >= 2
        if is_hole:
            is_kept = is_kept and outer_kept
        else:
            outer_kept = is_kept
        if not is_kept:
            continue
        if is_polygon and (area(part) > 0) == is_hole:
            part = [part[0], *part[:0:-1]]
        for i, (x, y) in enumerate(part):
            out += [9] if i == 0 else [8 * (len(part) - 1) + 2] if i == 1 else []
            out += [zigzag(x - cursor[0]), zigzag(y - cursor[1])]
            cursor = (x, y)
        out += [15] if is_polygon else []
    return out


def layer(
    name: str, features: Sequence[tuple[int | None, int, list[int], dict[str, object]]], keys: list[str]
) -> bytes:
    """A layer from (id, type, commands, properties); features without commands are left out."""
    values: list[bytes] = []
    written = b""
    for identity, kind, commands, properties in features:
        if not commands:
            continue
        tags: list[int] = []
        for k, key in enumerate(keys):
            if key in properties:
                message = value_message(properties[key])
                if message not in values:
                    values.append(message)
                tags += [k, values.index(message)]
        body = field(1, identity) if identity is not None else b""
        body += field(2, b"".join(map(varint, tags))) if tags else b""
        body += field(3, kind) + field(4, b"".join(map(varint, commands)))
        written += field(2, body)
    if not written:
        return b""
    body = field(15, 2) + field(1, name.encode()) + written
    body += b"".join(field(3, key.encode()) for key in keys) + b"".join(field(4, v) for v in values) + field(5, 4096)
    return field(3, body)
