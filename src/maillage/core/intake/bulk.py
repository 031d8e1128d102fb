"""Writing many rows at once: PostgreSQL's COPY, fed from model instances as their fields prepare them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

from maillage.core.intake.models import Run

# Neither NULL nor anything that has a meaning within braces.
_PLAIN = re.compile(r"(?!null$)[a-z0-9_:.-]+", re.IGNORECASE)


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
        return lambda row: None if (value := read(row)) is None else _json(value)
    if isinstance(field, ArrayField):
        return lambda row: _array(read(row))
    return read


def _json(value: object) -> str:
    """As COPY takes it; most are empty."""
    return json.dumps(value, ensure_ascii=False) if value else "[]" if value == [] else json.dumps(value)


def _array(values: object) -> object:
    """A list of codes as PostgreSQL writes it; psycopg writes the others, which it does slowly."""
    if isinstance(values, list) and all(isinstance(one, str) and _PLAIN.fullmatch(one) for one in values):
        return "{" + ",".join(values) + "}"
    return values


_KEEP = """
INSERT INTO intake_sourcerecord (source_id, run_id, external_id, siret, digest, row)
SELECT %s, %s, external_id, siret, digest, "row"
FROM json_to_recordset(%s::json) AS t(external_id text, siret text, digest text, "row" jsonb)
ON CONFLICT (source_id, external_id) DO UPDATE
SET siret = excluded.siret, digest = excluded.digest, row = excluded.row, run_id = excluded.run_id
"""


def keep_records(run: Run, rows: Sequence[Mapping[str, object]]) -> None:
    """Keeps what a run read of its source, by identifier, each once: external_id, siret, digest, row."""
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_KEEP, [run.source_id, run.pk, json.dumps(rows, ensure_ascii=False)])
