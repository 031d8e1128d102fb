"""Many rows out of PostgreSQL by COPY: as cells of text by portions, or as they lie in its binary form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db import connection

CHUNK = 50_000
HEADER_BYTES, TRAILER_BYTES = 19, 2  # of the binary form
_ESCAPES = {b"\\\\": b"\\", b"\\t": b"\t", b"\\n": b"\n", b"\\r": b"\r", b"\\b": b"\b", b"\\f": b"\f", b"\\v": b"\v"}


def portions(query: str, parameters: Sequence[object] = ()) -> Iterator[list[list[bytes]]]:
    """Rows as lists of cells, still escaped, fifty thousand at a time: memory does not grow with their number."""
    rows: list[list[bytes]] = []
    with connection.cursor() as cursor, cursor.copy(_statement(query, parameters, "TEXT")) as copy:
        for line in copy:
            rows.append(bytes(line).rstrip(b"\n").split(b"\t"))
            if len(rows) == CHUNK:
                yield rows
                rows = []
    if rows:
        yield rows


def binary(query: str, parameters: Sequence[object] = ()) -> bytes:
    """The answer in binary form, with its header and trailer."""
    with connection.cursor() as cursor, cursor.copy(_statement(query, parameters, "BINARY")) as copy:
        return b"".join(bytes(block) for block in copy)


def _statement(query: str, parameters: Sequence[object], form: str) -> str:
    # Composed first: Django's cursor for debugging takes no parameters here.
    compose = connection.ops.compose_sql  # type: ignore[attr-defined]
    return str(compose(f"COPY ({query}) TO STDOUT (FORMAT {form})", parameters or None))


def plain(cell: bytes) -> bytes:
    """A cell without its escapes."""
    if b"\\" not in cell:
        return cell
    out, at = bytearray(), 0
    while at < len(cell):
        escaped = _ESCAPES.get(cell[at : at + 2])
        out += escaped if escaped is not None else cell[at : at + 1]
        at += 2 if escaped is not None else 1
    return bytes(out)
