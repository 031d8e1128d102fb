"""The database of a restore: filled beside the one in use, checked, and only then given its name.

Where the owner may not create databases (some hosts), an empty one is filled where it is.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from maillage.house.backup import TABLES, row_count
from maillage.house.backup_archive import Manifest
from maillage.house.database import Source, app_role, connection_parameters
from maillage.house.postgres_programs import program_for, run
from maillage.house.postgres_roles import Connection, grant_application_rights
from maillage.house.terminal import Failure, tell

# What an older server, or an extension made by its administrator, may answer without harm to what is restored.
HARMLESS = (
    re.compile(r'unrecognized configuration parameter "transaction_timeout"'),
    re.compile(r"must be owner of extension"),
)
LONGEST_NAME = 63


@dataclass(frozen=True)
class Place:
    """Which database is to be replaced, and which one is filled: the same when no other may be made."""

    source: Source
    name: str
    filled: str

    @property
    def is_beside(self) -> bool:
        """Whether another database is filled first."""
        return self.filled != self.name


@contextmanager
def entered(source: Source, database: str) -> Iterator[Connection]:
    """The owner's connection, each statement on its own."""
    address = make_conninfo("", **(connection_parameters(source) | {"dbname": database}))
    connection: Connection = psycopg.connect(address, autocommit=True, connect_timeout=20)
    try:
        yield connection
    finally:
        connection.close()


def prepared(source: Source, name: str, *, replace_it: bool) -> Place:
    """The database to fill. Raises Failure when the one in use holds something and may not be replaced."""
    with entered(source, name) as connection:
        tables = connection.execute(TABLES).fetchall()
        if tables and not replace_it:
            raise Failure(
                f"The database {name} is not empty ({len(tables)} tables). To put the backup in its place, add "
                "--replace: it is kept until the restored one has been checked."
            )
        if not _may_create(connection):
            if tables:
                raise Failure(
                    f"The role of DATABASE_URL may not create a database, so that {name} cannot be kept until the "
                    "restored one is checked. Name an empty database in DATABASE_URL, or have the administrator run: "
                    f"ALTER ROLE {connection.info.user} CREATEDB."
                )
            return Place(source, name, name)
        beside = _dated(name, "restoring")
        _create_alike(connection, name, beside)
        return Place(source, name, beside)


def _may_create(connection: Connection) -> bool:
    row = connection.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    return bool(row and row[0])


def _dated(name: str, why: str) -> str:
    ending = f"_{why}_{datetime.now(UTC):%Y%m%d%H%M%S}"
    return name[: LONGEST_NAME - len(ending)] + ending


def _create_alike(connection: Connection, name: str, beside: str) -> None:
    """An empty database with the same order and classes of letters."""
    query = "SELECT to_jsonb(d) FROM pg_database d WHERE datname = %s"
    row = connection.execute(query, [name]).fetchone()
    known = row[0] if row else None
    assert isinstance(known, dict), f"the database {name} is there: we are in it"
    parts = [
        sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(beside)),
        sql.SQL("LC_COLLATE {} LC_CTYPE {}").format(sql.Literal(known["datcollate"]), sql.Literal(known["datctype"])),
    ]
    locale = known.get("datlocale") or known.get("daticulocale")  # the name since PostgreSQL 17, and before
    provider = {"i": "icu", "b": "builtin"}.get(known["datlocprovider"])
    if provider and locale:
        form = "LOCALE_PROVIDER {} {}_LOCALE {}"
        words = (sql.SQL(provider), sql.SQL(provider.upper()), sql.Literal(locale))
        parts.append(sql.SQL(form).format(*words))
    connection.execute(sql.SQL(" ").join(parts))


def fill(place: Place, dump: Path, manifest: Manifest) -> None:
    """Loads the dump and compares every table with the counts of the manifest; raises Failure at the first doubt."""
    role = app_role(place.source)
    with entered(place.source, place.filled) as connection:
        grant_application_rights(connection, role)  # before: so that the tables are made with them
        allow = sql.SQL("GRANT CONNECT ON DATABASE {} TO {}")
        connection.execute(allow.format(sql.Identifier(place.filled), sql.Identifier(role)))
    program = program_for("pg_restore", manifest.pg_dump)
    address = connection_parameters(place.source) | {"dbname": place.filled}
    _code, said = run(program, ["--no-owner", "--no-privileges", dump], address)
    if faults := faults_of(said):
        raise Failure(f"pg_restore failed: {' | '.join(faults[:5])}")
    with entered(place.source, place.filled) as connection:
        grant_application_rights(connection, role)
        _compare(connection, manifest)
        _let_jobs_start_again(connection)
        connection.execute("ANALYZE")


def faults_of(said: str) -> list[str]:
    """The errors that pg_restore told, without the harmless ones."""
    errors = re.findall(r"^pg_restore: error: (.*)$", said, re.MULTILINE)
    return [error for error in errors if not any(one.search(error) for one in HARMLESS)]


def _compare(connection: Connection, manifest: Manifest) -> None:
    tables = {
        str(shown): sql.Identifier(str(schema), str(table)) for shown, schema, table in connection.execute(TABLES)
    }
    if missing := set(manifest.rows) - set(tables):
        raise Failure(f"After the restore, these tables are missing: {', '.join(sorted(missing))}.")
    for table, expected in manifest.rows.items():
        found = row_count(connection, tables[table])
        if found != expected:
            raise Failure(f"After the restore, {table} has {found} rows where {expected} were saved.")


def _let_jobs_start_again(connection: Connection) -> None:
    """A job under way when the backup was made has no worker any more. One that is queued again already is dropped."""
    with connection.transaction():
        again = """
            UPDATE procrastinate_jobs j SET status = 'todo' WHERE status = 'doing' AND (queueing_lock IS NULL OR (
                NOT EXISTS (SELECT 1 FROM procrastinate_jobs o WHERE o.status = 'todo' AND o.queueing_lock = j.queueing_lock)
                AND id = (SELECT max(id) FROM procrastinate_jobs o
                          WHERE o.status = 'doing' AND o.queueing_lock = j.queueing_lock)))
        """
        connection.execute(again)
        connection.execute("DELETE FROM procrastinate_jobs WHERE status = 'doing'")
        connection.execute("DELETE FROM procrastinate_workers")


def swap(place: Place) -> str:
    """Gives the filled database its name; returns the one under which the previous database waits, "" if there is none."""
    if not place.is_beside:
        return ""
    previous = _dated(place.name, "before")
    with entered(place.source, "postgres") as connection:
        _rename(connection, place.name, previous)
        try:
            _rename(connection, place.filled, place.name)
        except psycopg.Error:
            _rename(connection, previous, place.name)
            raise
        _open(connection, place.name)
        _open(connection, previous)
    return previous


def _rename(connection: Connection, name: str, to: str) -> None:
    """Ends the sessions in it, lets nobody in, and renames it; its sessions come back to whatever bears the name then."""
    closing = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name))
    connection.execute(closing)
    renaming = sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(to))
    for attempt in range(50):
        _end_sessions(connection, name)
        try:
            connection.execute(renaming)
            return
        except psycopg.errors.ObjectInUse:
            if attempt == 49:
                _open(connection, name)
                raise
            time.sleep(0.1)


def _end_sessions(connection: Connection, name: str) -> None:
    for (pid,) in connection.execute("SELECT pid FROM pg_stat_activity WHERE datname = %s", [name]).fetchall():
        try:
            connection.execute("SELECT pg_terminate_backend(%s)", [pid])
        except psycopg.errors.InsufficientPrivilege:
            tell(f"  A session in {name} is not ours to end: stop what uses it.")


def _open(connection: Connection, name: str) -> None:
    opening = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(sql.Identifier(name))
    connection.execute(opening)


def drop(source: Source, name: str) -> None:
    """Drops a database, if it is there, and the sessions in it."""
    with entered(source, "postgres") as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def previous_of(source: Source, name: str) -> list[str]:
    """Databases that earlier restores left behind, kept on purpose or by a kill."""
    with entered(source, "postgres") as connection:
        known = connection.execute("SELECT datname FROM pg_database").fetchall()
    pattern = re.compile(re.escape(name[:40]) + r".*_(restoring|before)_\d{14}")
    return sorted(str(found) for (found,) in known if pattern.fullmatch(str(found)))
