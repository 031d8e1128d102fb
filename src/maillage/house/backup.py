"""`maillage backup`: the database and the files in one verified file, while the site serves.

All tables and their row counts are of one snapshot; files are copied after it, so that every file that a row names is
there. The archive takes its name once it was written whole, flushed to disk and read again.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from maillage.core.privacy.erasure_list import NAME as NAME_OF_LIST
from maillage.core.privacy.erasure_list import write_list
from maillage.house.backup_archive import DATABASE, FILES, SECRETS, Manifest, Writer, checked
from maillage.house.database import Parameters, Source, connection_parameters, database_settings, home_from
from maillage.house.postgres_programs import Program, program_for, run
from maillage.house.postgres_roles import Connection
from maillage.house.terminal import OK, Failure, Progress, say, step, tell

# Rows that are not saved. Sessions and sign-in codes: one that was closed since would live again. Daily salts and
# arrivals: with both, the digests of addresses could be tried long after the day. Log of the read model: its transaction
# numbers mean something on one server only.
WITHOUT_ROWS = (
    "channels_arrival",
    "channels_dailysalt",
    "django_session",
    "people_device",
    "people_signincode",
    "readmodel_change",
    "readmodel_floor",
)
NAME = "maillage-{:%Y%m%d-%H%M%S}.tar"
OURS = re.compile(r"maillage-\d{8}-\d{6}\.tar")
LEFT_OVER_SECONDS = 86_400
TABLES = """
SELECT c.oid::regclass::text, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1
"""


@dataclass(frozen=True)
class Snapshot:
    """One instant of the database."""

    name: str
    server: int
    rows: dict[str, int]
    migrations: dict[str, list[str]]
    journal_digest: str
    erased: frozenset[UUID]


def owner_settings() -> tuple[Source, str]:
    """Where the owner enters, and the database's name."""
    settings = database_settings(os.environ, home_from(os.environ))["owner"]
    source = settings["MAILLAGE"]
    assert isinstance(source, Source)
    return source, str(settings["NAME"])


def saving_parameters(source: Source, database: str) -> Parameters:
    """Entering as somebody who sees every row: row-level security binds the owner too."""
    found = dict(connection_parameters(source))
    if source.is_private:
        from maillage.house import private_postgres
        from maillage.house.postgres_place import passwords, place_of

        secret = passwords(place_of(source.home))["superuser"]
        found |= {"user": private_postgres.SUPERUSER, "password": secret}
    elif url := os.environ.get("MAILLAGE_BACKUP_URL"):
        found = {name: str(value) for name, value in psycopg.conninfo.conninfo_to_dict(url).items()}
    return found | {"dbname": database}


def back_up(destination: Path, *, keep: int = 0, with_secrets: bool = False) -> int:
    """Writes a backup to a file, or to a folder under a dated name, of which it then keeps the `keep` newest."""
    source, database = owner_settings()
    target = _target(destination)
    if keep and not OURS.fullmatch(target.name):
        raise Failure("--keep counts dated files: give a folder, and not a file.")
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _staging(target) as staging:
        draft = staging / "archive"
        erased = _write(draft, staging, source, database, with_secrets=with_secrets)
        with step("Reading it again"):
            manifest = checked(draft, Progress("MB read"))
            _check_dump(draft, staging, manifest)
        draft.replace(target)
    write_list(target.parent / NAME_OF_LIST, erased)
    _flush(target.parent)
    if keep:
        _forget_old(target, keep)
    say(f"{target}: {manifest.described()}")
    return OK


def _target(destination: Path) -> Path:
    destination = destination.expanduser().resolve()
    if destination.is_dir() or not destination.suffix:
        return destination / NAME.format(datetime.now(UTC))
    if destination.suffix != ".tar":
        raise Failure(f"A backup is a .tar file (what it holds is compressed already): {destination.name} is not.")
    return destination


@contextmanager
def _staging(target: Path) -> Iterator[Path]:
    """A private folder on the disk of the target; those that a kill left a day ago are removed."""
    for old in target.parent.glob(".maillage-backup-*"):
        if old.is_dir() and time.time() - old.stat().st_mtime > LEFT_OVER_SECONDS:
            shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=".maillage-backup-", dir=target.parent))
    try:
        yield folder
    except OSError as fault:
        raise Failure(f"{target} could not be written: {fault.strerror or fault}.") from fault
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(draft: Path, staging: Path, source: Source, database: str, *, with_secrets: bool) -> frozenset[UUID]:
    """Writes the archive; returns the numbers of erased persons, to be kept beside it for the restores of older ones."""
    address = saving_parameters(source, database)
    with step("Database"):
        snapshot, program = _dump(address, database, staging / DATABASE)
    with step("Files"), os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        writer = Writer(file)
        writer.add(DATABASE, staging / DATABASE)
        (staging / DATABASE).unlink()
        _add_files(writer, source.home / "files")
        if with_secrets:
            _add_secrets(writer, source.home)
        writer.add_manifest(_manifest(snapshot, program, database, writer))
        writer.close()
        file.flush()
        os.fsync(file.fileno())
    return snapshot.erased


def _manifest(snapshot: Snapshot, program: Program, database: str, writer: Writer) -> Manifest:
    return Manifest(
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        application=version("maillage"),
        server=snapshot.server,
        pg_dump=program.version,
        database=database,
        migrations=snapshot.migrations,
        rows=snapshot.rows,
        without_rows=list(WITHOUT_ROWS),
        journal_digest=snapshot.journal_digest,
        parts=writer.parts,
    )


def _dump(address: Parameters, database: str, target: Path) -> tuple[Snapshot, Program]:
    """Dumps what one snapshot sees; the transaction that lends it stays open meanwhile."""
    try:
        with psycopg.connect(make_conninfo("", **address), connect_timeout=20) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            snapshot = _snapshot(connection, database)
            program = program_for("pg_dump", snapshot.server)
            _run_dump(program, address, snapshot.name, target)
            connection.rollback()
    except psycopg.Error as fault:
        raise Failure(f"The database could not be read: {fault}") from fault
    return snapshot, program


def _snapshot(connection: Connection, database: str) -> Snapshot:
    connection.execute("SET LOCAL statement_timeout = 0")
    connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    name = str(_value(connection, "SELECT pg_export_snapshot()"))
    tables = {
        str(shown): sql.Identifier(str(schema), str(table)) for shown, schema, table in connection.execute(TABLES)
    }
    if "django_migrations" not in tables:
        raise Failure(f"There is nothing to save: the database {database} has no tables of maillage.")
    rows = {table: row_count(connection, path) for table, path in tables.items() if table not in WITHOUT_ROWS}
    migrations: dict[str, list[str]] = {}
    for app, migration in connection.execute("SELECT app, name FROM django_migrations ORDER BY app, name"):
        migrations.setdefault(str(app), []).append(str(migration))
    digest = _value(connection, "SELECT digest FROM journal_seal ORDER BY last_line DESC LIMIT 1")
    server = connection.info.server_version // 10_000
    return Snapshot(name, server, rows, migrations, str(digest or ""), erased_in(connection))


def erased_in(connection: Connection) -> frozenset[UUID]:
    """Numbers of the persons erased in a database that has the tables of maillage."""
    rows = connection.execute("SELECT uid::text FROM people_person WHERE erased_at IS NOT NULL")
    return frozenset(UUID(str(uid)) for (uid,) in rows)


def _value(connection: Connection, query: str) -> object:
    row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def row_count(connection: Connection, table: sql.Identifier) -> int:
    """How many rows a table has."""
    row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(table)).fetchone()
    assert row is not None
    return int(str(row[0]))


def _run_dump(program: Program, address: Parameters, snapshot: str, target: Path) -> None:
    # Owners and rights are those of the server it will be restored to.
    whole = ["--format=custom", "--compress=6", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
    hidden = [f"--exclude-table-data=public.{table}" for table in WITHOUT_ROWS]
    target.touch(mode=0o600)
    code, said = run(program, [*whole, *hidden, f"--file={target}"], address)
    if code:
        hint = ""
        if "row-level security" in said or "row security" in said:
            hint = " Give an address whose role has BYPASSRLS in MAILLAGE_BACKUP_URL."
        raise Failure(f"pg_dump failed: {said}{hint}")


def _add_files(writer: Writer, folder: Path) -> None:
    progress = Progress("files")
    for count, path in enumerate(sorted(folder.rglob("*")), start=1):
        if path.is_symlink() or not path.is_file():
            continue
        try:
            writer.add(FILES + path.relative_to(folder).as_posix(), path)
        except FileNotFoundError:
            continue  # erased since the folder was listed: that is what was asked for
        progress(count)


def _add_secrets(writer: Writer, home: Path) -> None:
    if os.environ.get("MAILLAGE_SECRET_KEY"):
        tell("  The secret key comes from MAILLAGE_SECRET_KEY and is not in the backup: keep it with your settings.")
    elif (home / "secret_key").exists():
        writer.add(f"{SECRETS}secret_key", home / "secret_key")


def _check_dump(archive: Path, staging: Path, manifest: Manifest) -> None:
    """pg_restore reads the whole dump and finds in it every table that was counted."""
    from maillage.house.backup_archive import extract

    dump, listed = staging / "again", staging / "list"
    extract(archive, manifest, {DATABASE: dump})
    program = program_for("pg_restore", manifest.pg_dump)
    code, said = run(program, [f"--file={os.devnull}", dump])
    if code:
        raise Failure(f"The dump cannot be read again: {said}")
    code, said = run(program, ["--list", f"--file={listed}", dump])
    found = set(re.findall(r"^\d+; \d+ \d+ TABLE DATA \S+ (\S+)", listed.read_text(encoding="utf-8"), re.MULTILINE))
    lacking = {table.rsplit(".", 1)[-1].strip('"') for table in manifest.rows} - found
    if code or lacking:
        raise Failure(f"The dump lacks the rows of {', '.join(sorted(lacking)) or said}.")


def _flush(folder: Path) -> None:
    """The folder too: or a power cut could take the new name away."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _forget_old(newest: Path, keep: int) -> None:
    """Removes the oldest dated backups of this folder; names sort as their dates do."""
    ours = sorted(path for path in newest.parent.iterdir() if OURS.fullmatch(path.name) and path.is_file())
    for path in ours[:-keep]:
        path.unlink()
        tell(f"  Removed {path.name}: the {keep} newest are kept.")
