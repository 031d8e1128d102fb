"""Writing many rows at once: PostgreSQL's COPY, fed from model instances as their fields prepare them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter

from django.db import connection, models
from psycopg.types.json import Jsonb


def reserve_ids(model: type[models.Model], count: int) -> list[int]:
    """Takes numbers from the sequence of a table, so that rows can refer to each other before they are written."""
    table, column = model._meta.db_table, model._meta.pk.column  # noqa: SLF001 -- Django's documented Model._meta
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)", [table, column, count]
        )
        return [row[0] for row in cursor.fetchall()]


def copy_rows(rows: Sequence[models.Model]) -> int:
    """Writes new rows of one model, primary keys included; inside the caller's transaction. Signals are not sent.

    Values are given as the instances hold them: native Python values of the right type, as in `bulk_create`.
    """
    if not rows:
        return 0
    meta = rows[0]._meta  # noqa: SLF001 -- as above
    fields = [field for field in meta.concrete_fields if not field.generated]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    readers = [_reader(field) for field in fields]
    with connection.cursor() as cursor, cursor.copy(f"COPY {quote(meta.db_table)} ({columns}) FROM STDIN") as target:
        for row in rows:
            target.write_row([read(row) for read in readers])
    return len(rows)


def _reader(field: models.Field[object, object]) -> Callable[[models.Model], object]:
    """How the value of a field is taken from an instance; the fields that set themselves do so."""
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return lambda row: field.pre_save(row, add=True)
    read = attrgetter(field.attname)
    if isinstance(field, models.JSONField):
        return lambda row: None if (value := read(row)) is None else Jsonb(value)
    return read
