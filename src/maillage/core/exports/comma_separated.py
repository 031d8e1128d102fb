"""CSV: RFC 4180 (commas, CRLF, doubled quotes) in UTF-8 with the mark that spreadsheets look for."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from maillage.core.exports.tables import Cell, Row, Table, inert_text

MEDIA_TYPE = "text/csv; charset=utf-8"
MARK = "\ufeff"
LINES_PER_CHUNK = 200


def csv_chunks(table: Table[Row], *, with_mark: bool = True) -> Iterator[bytes]:
    """A table in portions; memory does not grow with the rows. Programs that read a standard want no mark."""
    names = [column.key for column in table.columns]
    return csv_lines(names, (table.cells(row) for row in table.rows), with_mark=with_mark)


def csv_lines(names: Sequence[str], rows: Iterable[Iterable[Cell]], *, with_mark: bool = True) -> Iterator[bytes]:
    """Lines of cells under a line of names, in portions."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write(MARK if with_mark else "")
    writer.writerow([csv_cell(name) for name in names])
    for number, row in enumerate(rows, start=1):
        writer.writerow([csv_cell(cell) for cell in row])
        if number % LINES_PER_CHUNK == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    portion = buffer.getvalue().encode("utf-8")
    buffer.seek(0)
    buffer.truncate()
    return portion


def csv_cell(cell: Cell) -> str | int | float:
    """One value as it is written: numbers bare (a negative one is no formula), dates in ISO 8601, texts inert."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, int | float):
        return cell
    if isinstance(cell, date):
        return cell.isoformat()
    return inert_text(cell)
