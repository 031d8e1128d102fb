"""What changed since a snapshot: read from the log that triggers write, whatever the order in which transactions commit."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction

FORGET_AFTER = "1 hour"


@dataclass(frozen=True)
class News:
    """The database now, seen from a snapshot of before.

    `changed` were changed by others since, `own` by the caller's own transaction; None in place of a list means
    everything. `is_lost` tells that the snapshot is of no use: its changes were forgotten, or it is of another time line.
    """

    database: str
    snapshot: str
    is_writing: bool
    changed: tuple[int, ...] | None
    own: tuple[int, ...] | None
    is_lost: bool


_NEWS = """
WITH here AS (SELECT pg_current_snapshot() AS seen, pg_current_xact_id_if_assigned() AS own),
     recent AS (
        SELECT object_id, txid FROM readmodel_change
        WHERE layer = %(layer)s AND txid >= pg_snapshot_xmin(%(since)s::pg_snapshot)
          AND NOT pg_visible_in_snapshot(txid, %(since)s::pg_snapshot))
SELECT (SELECT system_identifier FROM pg_control_system())::text || '-'
         || (SELECT oid FROM pg_database WHERE datname = current_database())::text || '-'
         || (SELECT string_agg(to_regclass(name)::oid::text, '-' ORDER BY name) FROM unnest(%(tables)s::text[]) AS name),
       seen::text, own IS NOT NULL,
       ARRAY(SELECT DISTINCT object_id FROM recent WHERE own IS NULL OR txid <> own),
       ARRAY(SELECT DISTINCT object_id FROM readmodel_change WHERE own IS NOT NULL AND layer = %(layer)s AND txid = own),
       COALESCE((SELECT removed >= pg_snapshot_xmin(%(since)s::pg_snapshot) FROM readmodel_floor
                 WHERE layer = %(layer)s), false)
         OR pg_snapshot_xmax(%(since)s::pg_snapshot) > pg_snapshot_xmax(seen)
FROM here
"""


def news_of(layer: str, tables: tuple[str, ...], since: str) -> News:
    """What changed in a layer since a snapshot ("" for nothing known: then nothing is said to have changed). One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWS, {"layer": layer, "tables": list(tables), "since": since or None})
        database, snapshot, is_writing, changed, own, is_lost = cursor.fetchone()
    return News(database, snapshot, is_writing, _ids(changed), _ids(own), bool(is_lost))


def _ids(found: list[int | None]) -> tuple[int, ...] | None:
    return None if None in found else tuple(one for one in found if one is not None)


def waiting(layer: str, since: str) -> int:
    """How many changes a snapshot does not hold."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM readmodel_change WHERE layer = %s AND txid >= pg_snapshot_xmin(%s::pg_snapshot)"
            " AND NOT pg_visible_in_snapshot(txid, %s::pg_snapshot)",
            [layer, since, since],
        )
        return int(cursor.fetchone()[0])


_FORGET = """
WITH gone AS (
        DELETE FROM readmodel_change WHERE layer = %(layer)s AND at < now() - %(after)s::interval
          AND pg_visible_in_snapshot(txid, %(snapshot)s::pg_snapshot) RETURNING txid),
     most AS (SELECT count(*) AS n, max(txid::text::numeric)::text::xid8 AS top FROM gone),
     floor AS (
        INSERT INTO readmodel_floor (layer, removed) SELECT %(layer)s, top FROM most WHERE n > 0
        ON CONFLICT (layer) DO UPDATE SET removed = GREATEST(readmodel_floor.removed, excluded.removed))
SELECT n FROM most
"""


@transaction.atomic
def forget(layer: str, snapshot: str, *, after: str = FORGET_AFTER) -> int:
    """Deletes the changes that a saved part holds, some time after they were made; returns how many.

    The time is for processes that hold an older part and look at the log now and then; the floor tells the others.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, {"layer": layer, "after": after, "snapshot": snapshot})
        return int(cursor.fetchone()[0])
