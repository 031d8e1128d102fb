"""`maillage restore`: puts a backup in place, on this version of PostgreSQL or another; nothing is touched before it is proven.

Order: the archive is read whole and its hashes compared; a database is filled beside the one in use, counted, migrated
and its journal verified; the files are laid beside those in use; then both take their names, and the old ones go.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import django
import psycopg

from maillage.core.privacy.erasure_list import NAME, listed_in
from maillage.house.backup import erased_in, owner_settings
from maillage.house.backup_archive import DATABASE, FILES, SECRETS, Manifest, checked, extract
from maillage.house.database import Source, check_server, home_from, prepare_server_roles
from maillage.house.postgres_programs import program_for
from maillage.house.restore_database import Place, drop, entered, fill, prepared, previous_of, swap
from maillage.house.terminal import OK, TO_MEND, Failure, Progress, say, step, tell


@dataclass(frozen=True)
class Wishes:
    """What the command line asked for."""

    replace: bool = False
    keep_previous: bool = False
    with_secrets: bool = False
    check_only: bool = False


def restore(archive: Path, wishes: Wishes) -> int:
    """Restores; exit code 3 when the journal that was saved is not intact."""
    archive = archive.expanduser().resolve()
    with step("Checking the backup"):
        manifest = checked(archive, Progress("MB read"))
    say(manifest.described())
    if wishes.check_only:
        return OK
    _refuse_secrets_that_are_not_there(manifest, wishes)
    program_for("pg_restore", manifest.pg_dump)
    prepare_server_roles(os.environ, home_from(os.environ))
    source, _name = owner_settings()
    _refuse_files_in_use(source.home, manifest, wishes)
    with _staging(source.home) as staging:
        is_intact = _restore(archive, manifest, wishes, staging)
    return OK if is_intact else TO_MEND


def _restore(archive: Path, manifest: Manifest, wishes: Wishes, staging: Path) -> bool:
    source, name = owner_settings()
    had_key = (source.home / "secret_key").exists()
    django.setup()  # its settings make a key where there is none
    _refuse_newer(manifest)
    place = prepared(source, name, replace_it=wishes.replace)
    try:
        with step("Files"):
            wanted = {FILES + file: staging / "files" / file for file in manifest.files}
            extract(archive, manifest, {DATABASE: staging / DATABASE} | wanted)
        with step("Database"):
            _fill(place, staging / DATABASE, manifest)
        faults = _journal_faults(place, manifest)
        again = _erase_again(place, archive.parent)
        previous = _put_in_place(place, staging)
    except BaseException:
        _take_back(place)
        raise
    _tidy(place, previous, wishes, staging)
    if wishes.with_secrets:
        _restore_secrets(archive, manifest, source.home, keep_old=had_key)
    if again:
        say(f"{again} persons who were erased since the backup was made were erased again.")
    return _tell_the_end(place, manifest, faults)


def _refuse_secrets_that_are_not_there(manifest: Manifest, wishes: Wishes) -> None:
    if wishes.with_secrets and not manifest.has_secrets:
        raise Failure("This backup holds no secret key (it was made without --with-secrets). Nothing was touched.")
    if wishes.with_secrets and os.environ.get("MAILLAGE_SECRET_KEY"):
        raise Failure("The secret key comes from MAILLAGE_SECRET_KEY: unset it, or leave --with-secrets out.")


def _refuse_files_in_use(home: Path, manifest: Manifest, wishes: Wishes) -> None:
    folder = home / "files"
    if not wishes.replace and folder.is_dir() and any(folder.iterdir()):
        raise Failure(
            f"{folder} is not empty: add --replace to put the {len(manifest.files)} files of the backup there."
        )


def _refuse_newer(manifest: Manifest) -> None:
    from django.db.migrations.loader import MigrationLoader

    known = MigrationLoader(None).disk_migrations
    strange = [
        f"{app}.{name}" for app, names in manifest.migrations.items() for name in names if (app, name) not in known
    ]
    # Those of an application that is not installed here (a room that was taken away) do no harm: its tables stay.
    installed = {app for app, _name in known}
    if newer := [one for one in strange if one.split(".")[0] in installed]:
        raise Failure(
            f"This backup was made by maillage {manifest.application}, newer than this one (it has {', '.join(newer[:3])}): "
            "update maillage first. Nothing was touched."
        )


@contextmanager
def _staging(home: Path) -> Iterator[Path]:
    """On the disk of the home, so that folders are put in place by renaming them."""
    home.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".restoring-", dir=home))
    try:
        yield folder
    except OSError as fault:
        raise Failure(f"The restore stopped, and what was there stays: {fault.strerror or fault}.") from fault
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _restore_secrets(archive: Path, manifest: Manifest, home: Path, *, keep_old: bool) -> None:
    key, found = home / "secret_key", home / f"secret_key.new-{os.getpid()}"
    extract(archive, manifest, {f"{SECRETS}secret_key": found})
    if keep_old and key.read_bytes() != found.read_bytes():
        kept = key.with_name(f"secret_key.before-{datetime.now(UTC):%Y%m%d%H%M%S}")
        key.rename(kept)
        tell(f"  The secret key that was in use is kept as {kept.name}.")
    found.replace(key)


def _fill(place: Place, dump: Path, manifest: Manifest) -> None:
    try:
        fill(place, dump, manifest)
    except psycopg.Error as fault:
        raise Failure(f"The restore stopped, and what was there stays: {fault}") from fault


@contextmanager
def _django_in(place: Place) -> Iterator[None]:
    """Django works in the filled database, before it has its name."""
    from django.db import connections

    before = {alias: connections.settings[alias]["NAME"] for alias in ("default", "owner")}
    try:
        _enter(dict.fromkeys(before, place.filled))
        yield
    finally:
        _enter(before)


def _enter(names: dict[str, str]) -> None:
    from django.db import connections

    connections.close_all()
    for alias, name in names.items():
        connections.settings[alias]["NAME"] = name


def _journal_faults(place: Place, manifest: Manifest) -> tuple[str, ...]:
    """Brings the tables up to this version, then verifies the journal up to the last seal that was saved."""
    from django.core.management import call_command

    from maillage.core.journal.queries import verify

    with _django_in(place):
        with step("Tables of this version"):
            call_command("migrate", database="owner", verbosity=0, interactive=False)
        with step("Journal"):
            return verify(manifest.journal_digest).faults


def _erase_again(place: Place, beside: Path) -> int:
    """Who was erased since: by the list of this installation, the one beside the backup, and the database in use."""
    from maillage.core.privacy.erasures import erase_again

    numbers: set[UUID] = set()
    for path in (place.source.home / NAME, beside / NAME):
        try:
            numbers |= listed_in(path)
        except ValueError as fault:
            raise Failure(
                f"{fault}: mend it or move it away. The restore stopped, and what was there stays."
            ) from fault
    if place.is_beside:
        with entered(place.source, place.name) as connection, suppress(psycopg.errors.UndefinedTable):
            numbers |= erased_in(connection)
    if not numbers:
        return 0
    with step("Erasures made since"), _django_in(place):
        return erase_again(numbers)


def _put_in_place(place: Place, staging: Path) -> str:
    """Files, then the database; the files go back if the database cannot be renamed."""
    files, previous_files = place.source.home / "files", staging / "previous-files"
    (staging / "files").mkdir(exist_ok=True)
    if files.exists():
        files.rename(previous_files)
    (staging / "files").rename(files)
    try:
        return swap(place)
    except BaseException:
        files.rename(staging / "files")
        if previous_files.exists():
            previous_files.rename(files)
        raise


def _take_back(place: Place) -> None:
    """What was in use is in use; the half-filled database goes."""
    if place.is_beside:
        drop(place.source, place.filled)
    else:
        tell(f"  The database {place.name}, which was empty, is half filled: empty it before trying again.")


def _tidy(place: Place, previous: str, wishes: Wishes, staging: Path) -> None:
    home = place.source.home
    shutil.rmtree(home / "readmodel", ignore_errors=True)  # derived: made again from the tables that are there now
    kept_files = staging / "previous-files"
    if wishes.keep_previous and kept_files.exists():
        kept_files.rename(home / f"files.before-{datetime.now(UTC):%Y%m%d%H%M%S}")
    if previous and not wishes.keep_previous:
        drop(place.source, previous)
    elif previous:
        tell(f"  The previous database is kept as {previous}.")


def _tell_the_end(place: Place, manifest: Manifest, faults: tuple[str, ...]) -> bool:
    for problem in check_server(os.environ, home_from(os.environ)):
        say(f"✗ {problem}")
    for fault in faults:
        say(f"✗ journal: {fault}")
    say(
        f"Restored: {manifest.total_rows} rows of {len(manifest.rows)} tables, each counted, and {len(manifest.files)} files."
    )
    say("journal: not intact, and it was not when the backup was made" if faults else "journal: intact")
    for line in _waiting(place.source, place.name):
        say(line)
    return not faults


def _waiting(source: Source, name: str) -> Iterator[str]:
    """What the operator must think of before the worker starts."""
    with entered(source, name) as connection:
        row = connection.execute("SELECT count(*) FROM channels_outboundmessage WHERE state = 'waiting'").fetchone()
    if row and row[0]:
        yield f"{row[0]} messages wait: the worker will send them, even those that were sent since the backup was made."
    yield "Addresses taken off proposals of people without an account since the backup was made are back (see your register)."
    for left in previous_of(source, name):
        yield f"An earlier database is kept as {left}."
