"""Saving, breaking and restoring an installation: the drill that an operator runs, and what could go wrong in it."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from maillage.house.backup import WITHOUT_ROWS
from maillage.house.private_postgres import remove, using
from maillage.house.restore_database import faults_of
from tests.helpers import server_postgres
from tests.helpers.installations import Installation
from tests.helpers.processes import open_folder

pytestmark = pytest.mark.slow

ROWS = """
    from django.utils import timezone
    from django.contrib.sessions.backends.db import SessionStore
    from django.db import connection
    from maillage.core.channels.models import LedgerEntry, OutboundMessage
    from maillage.core.journal.actions import record, seal_new_lines
    from maillage.core.people.models import Person
    Person.objects.create_person("Amélie Œuvrard")
    for number in range(3):
        record(action="test.line", subject=f"test:{number}")
    assert seal_new_lines() == 3
    record(action="test.line", subject="test:not sealed yet")
    OutboundMessage.objects.create(by="mail", to="a@b.invalid", body="كلمة", idempotency_key="one")
    session = SessionStore()
    session["who"] = "somebody"
    session.save()
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_jobs (task_name, queue_name, status, args, attempts, priority, scheduled_at)"
                       " VALUES ('test.job', 'default', 'doing', '{}', 1, 0, null)")
"""


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """Tables, rows, and one uploaded file; its server runs for as long as the tests of this module."""
    folder = open_folder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAILLAGE_POSTGRES_DIR", str(folder / "system"))
        patch.delenv("MAILLAGE_POSTGRES_PORT", raising=False)
        found = Installation(folder / "home", {"MAILLAGE_POSTGRES_DIR": str(folder / "system")})
        with using(found.home):
            found.migrate()
            done = found.python(ROWS)
            assert done.code == 0, done.said
            photo = found.home / "files" / "été" / "photo.jpg"
            photo.parent.mkdir(parents=True)
            photo.write_bytes(bytes(range(256)) * 5000)
            yield found
        remove(found.home)
    shutil.rmtree(folder)


@pytest.fixture(scope="module", autouse=True)
def archive(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made before the first test, whichever it is: a restore changes what a later backup would hold."""
    path = tmp_path_factory.mktemp("backups") / "saved.tar"
    done = installation.maillage("backup", path)
    assert done.code == 0, done.said
    assert path.stat().st_mode & 0o077 == 0, "a backup holds personal data: nobody else may read it"
    return path


def manifest_of(archive: Path) -> dict[str, object]:
    with tarfile.open(archive) as tar:
        member = tar.extractfile("manifest.json")
        assert member is not None
        found: dict[str, object] = json.load(member)
        return found


def rewritten(archive: Path, target: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """A copy of an archive, its parts changed."""
    parts: dict[str, bytes] = {}
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            file = tar.extractfile(member)
            assert file is not None
            parts[member.name] = file.read()
    change(parts)
    with tarfile.open(target, "w") as tar:
        for name, content in parts.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return target


def test_the_drill_save_break_restore(installation: Installation, archive: Path) -> None:
    # What other tests of this module wrote since the archive was made is taken back first.
    assert installation.maillage("restore", archive, "--replace").code == 0
    before = installation.fingerprint()
    installation.rows("DROP TABLE journal_seal CASCADE; DELETE FROM channels_outboundmessage")
    shutil.rmtree(installation.home / "files")
    (installation.home / "readmodel" / "old").mkdir(parents=True)

    done = installation.maillage("restore", archive, "--replace")

    assert done.code == 0, done.said
    assert "journal: intact" in done.said
    assert "1 messages wait" in done.said
    after = installation.fingerprint()
    known = dict(zip(before[0], before[1], strict=True)), dict(zip(after[0], after[1], strict=True))
    changed = {name for name in known[0] | known[1] if known[0].get(name) != known[1].get(name)}
    assert changed <= {"django_session", "procrastinate_jobs", "procrastinate_events", "readmodel_change"}
    assert after[2:] == before[2:], "the same databases, the same files"
    assert installation.rows("SELECT count(*) FROM django_session") == [(0,)]
    assert installation.rows("SELECT status FROM procrastinate_jobs WHERE task_name = 'test.job'") == [("todo",)]
    assert not (installation.home / "readmodel").exists()
    assert not list(installation.home.glob(".restoring-*"))


def test_after_a_restore_the_roles_are_as_before(installation: Installation, archive: Path) -> None:
    assert installation.maillage("restore", archive, "--replace").code == 0
    assert installation.rows("SELECT display_name FROM people_person", role="app") == [("Amélie Œuvrard",)]
    owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
    assert installation.rows(owners) == [("maillage_owner",)]
    may = "has_table_privilege('maillage_app', 'people_person', 'TRUNCATE')"
    allowed = f"SELECT {may}, has_schema_privilege('maillage_app', 'public', 'CREATE')"
    assert installation.rows(allowed) == [(False, False)]
    verified = installation.maillage("journal", "verify", "--expect", str(manifest_of(archive)["journal_digest"]))
    assert verified.code == 0, verified.said
    read = installation.maillage("journal", "read", "--action", "test.", "--last", "2")
    assert [line.split("\t")[1:3] for line in read.said.splitlines()] == [
        ["test.line", "test:2"],
        ["test.line", "test:not sealed yet"],
    ]
    one = installation.maillage("journal", "read", "--subject", "test:1")
    assert one.said.count("\n") == 1 and "\ttest:1\t" in one.said


ERASED = "SELECT display_name, email, erased_at IS NOT NULL FROM people_person WHERE display_name <> 'Amélie Œuvrard'"


@pytest.mark.parametrize("lost", ["the home's list", "both"])
def test_who_was_erased_after_the_backup_stays_erased(installation: Installation, tmp_path: Path, lost: str) -> None:
    """By what is left: the database in use, or the list beside a later backup."""
    first = tmp_path / "first.tar"
    added = (
        "from maillage.core.people.actions import add_person; add_person('Zoé', email='zoe@example.org', role='helper')"
    )
    assert installation.python(added).code == 0
    assert installation.maillage("backup", first).code == 0
    assert installation.maillage("privacy", "erase", "zoe@example.org", "--yes").code == 0
    if lost == "both":
        assert installation.maillage("backup", tmp_path / "second.tar").code == 0
        installation.rows("UPDATE people_person SET erased_at = NULL WHERE erased_at IS NOT NULL")
    (installation.home / "erased-persons.json").unlink()
    done = installation.maillage("restore", first, "--replace")
    assert done.code == 0, done.said
    assert "1 persons who were erased since" in done.said
    assert installation.rows(ERASED) == [("—", "", True)]
    assert installation.maillage("journal", "verify").code == 0
    installation.rows("DELETE FROM people_person WHERE erased_at IS NOT NULL")
    (installation.home / "erased-persons.json").unlink(missing_ok=True)


def test_a_database_in_use_is_not_replaced_unasked(installation: Installation, archive: Path) -> None:
    before = installation.fingerprint()
    done = installation.maillage("restore", archive)
    assert done.code == 1
    assert "--replace" in done.said
    assert installation.fingerprint() == before


def flipped(at: int) -> Callable[[bytes], bytes]:
    return lambda content: content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def _damage_dump(parts: dict[str, bytes]) -> None:
    parts["database.dump"] = flipped(len(parts["database.dump"]) // 2)(parts["database.dump"])


def _damage_file(parts: dict[str, bytes]) -> None:
    parts["files/été/photo.jpg"] = flipped(70)(parts["files/été/photo.jpg"])


def _lose_file(parts: dict[str, bytes]) -> None:
    del parts["files/été/photo.jpg"]


def _add_file(parts: dict[str, bytes]) -> None:
    parts["files/more"] = b"more"


def _climb_out(parts: dict[str, bytes]) -> None:
    parts["files/../../escaped"] = b"out"
    manifest = json.loads(parts["manifest.json"])
    manifest["parts"]["files/../../escaped"] = {"size": 3, "sha256": "0" * 64}
    parts["manifest.json"] = json.dumps(manifest).encode()


def _lose_manifest(parts: dict[str, bytes]) -> None:
    del parts["manifest.json"]


def _garble_manifest(parts: dict[str, bytes]) -> None:
    parts["manifest.json"] = b"[1, 2]"


def _later_format(parts: dict[str, bytes]) -> None:
    parts["manifest.json"] = json.dumps(json.loads(parts["manifest.json"]) | {"format": 99}).encode()


DAMAGES = [
    _damage_dump,
    _damage_file,
    _lose_file,
    _add_file,
    _climb_out,
    _lose_manifest,
    _garble_manifest,
    _later_format,
]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_backup_is_refused_before_anything_is_touched(
    installation: Installation, archive: Path, tmp_path: Path, damage: Callable[[dict[str, bytes]], None]
) -> None:
    before = installation.fingerprint()
    done = installation.maillage("restore", rewritten(archive, tmp_path / "damaged.tar", damage), "--replace")
    assert done.code == 1
    assert "damaged.tar" in done.said
    assert "Run it again with --debug" not in done.said, "a damaged file is no programming error"
    assert installation.fingerprint() == before
    assert not (installation.home.parent / "escaped").exists()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_half_a_backup_is_refused(installation: Installation, archive: Path, tmp_path: Path, share: float) -> None:
    content = archive.read_bytes()
    cut = tmp_path / "cut.tar"
    cut.write_bytes(content[: int(len(content) * share)])
    done = installation.maillage("restore", cut, "--check")
    assert done.code == 1
    assert "cut.tar" in done.said


def test_a_restore_that_fails_halfway_leaves_what_was_there(
    installation: Installation, archive: Path, tmp_path: Path
) -> None:
    def one_row_more(parts: dict[str, bytes]) -> None:
        manifest = json.loads(parts["manifest.json"])
        manifest["rows"]["people_person"] += 1
        parts["manifest.json"] = json.dumps(manifest).encode()

    before = installation.fingerprint()
    done = installation.maillage("restore", rewritten(archive, tmp_path / "short.tar", one_row_more), "--replace")
    assert done.code == 1
    assert "people_person has 1 rows where 2 were saved" in done.said
    assert installation.fingerprint() == before, "the half-made database is gone, the one in use is as it was"


def test_a_backup_of_a_newer_version_is_refused(installation: Installation, archive: Path, tmp_path: Path) -> None:
    def from_the_future(parts: dict[str, bytes]) -> None:
        manifest = json.loads(parts["manifest.json"])
        manifest["migrations"]["people"].append("0999_flying_cars")
        parts["manifest.json"] = json.dumps(manifest).encode()

    before = installation.fingerprint()
    done = installation.maillage("restore", rewritten(archive, tmp_path / "newer.tar", from_the_future), "--replace")
    assert done.code == 1
    assert "people.0999_flying_cars" in done.said
    assert installation.fingerprint() == before


WRITER = """
    import sys, time
    from django.db import transaction
    from maillage.core.channels.models import LedgerEntry, OutboundMessage
    print("writing", flush=True)
    number = 0
    while True:
        number += 1
        with transaction.atomic():
            LedgerEntry.objects.create(subject=f"pair:{number}", channel="web")
            OutboundMessage.objects.create(by="sms", to="0", body="", subject=f"pair:{number}", idempotency_key=f"pair:{number}")
"""


def test_a_backup_made_while_people_write_holds_whole_transactions(
    installation: Installation, archive: Path, tmp_path: Path
) -> None:
    writer = installation.started(WRITER)
    try:
        assert writer.stdout is not None and writer.stdout.readline() == "writing\n"
        time.sleep(0.3)
        done = installation.maillage("backup", tmp_path / "busy.tar")
        assert done.code == 0, done.said
        assert writer.poll() is None, "nobody was disturbed"
    finally:
        writer.kill()
        writer.wait()
        assert writer.stdout is not None
        writer.stdout.close()
    written = installation.rows("SELECT count(*) FROM channels_ledgerentry")
    assert installation.maillage("restore", tmp_path / "busy.tar", "--replace").code == 0
    pairs = "SELECT count(*) FROM {} WHERE subject LIKE 'pair:%'"
    ledger = installation.rows(pairs.format("channels_ledgerentry"))
    assert ledger == installation.rows(pairs.format("channels_outboundmessage"))
    assert 0 < int(str(ledger[0][0])) < int(str(written[0][0])), "it went on being written to meanwhile"
    assert installation.maillage("restore", archive, "--replace").code == 0


def test_what_is_not_saved_exists_and_nothing_saved_points_at_it(installation: Installation, archive: Path) -> None:
    tables = {str(name) for (name,) in installation.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    assert set(WITHOUT_ROWS) <= tables
    pointing = "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint WHERE contype = 'f'"
    assert not [pair for pair in installation.rows(pointing) if pair[1] in WITHOUT_ROWS and pair[0] not in WITHOUT_ROWS]
    rows = manifest_of(archive)["rows"]
    assert isinstance(rows, dict) and set(rows) == tables - set(WITHOUT_ROWS)


def test_secrets_are_saved_and_restored_only_when_asked(
    installation: Installation, archive: Path, tmp_path: Path
) -> None:
    key = (installation.home / "secret_key").read_text()
    assert key.encode() not in archive.read_bytes()
    refused = installation.maillage("restore", archive, "--replace", "--with-secrets")
    assert refused.code == 1 and "no secret key" in refused.said
    assert installation.maillage("backup", tmp_path / "secret.tar", "--with-secrets").code == 0
    (installation.home / "secret_key").write_text("another")
    assert installation.maillage("restore", tmp_path / "secret.tar", "--replace").code == 0
    assert (installation.home / "secret_key").read_text() == "another"
    assert installation.maillage("restore", tmp_path / "secret.tar", "--replace", "--with-secrets").code == 0
    assert (installation.home / "secret_key").read_text() == key
    kept = list(installation.home.glob("secret_key.before-*"))
    assert [path.read_text() for path in kept] == ["another"]


def test_the_newest_are_kept_and_other_files_are_left_alone(installation: Installation, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    for name in ("maillage-20200101-000000.tar", "maillage-20210101-000000.tar", "mine.tar", "maillage-notes.tar"):
        (folder / name).write_text("x")
    done = installation.maillage("backup", folder, "--keep", "2")
    assert done.code == 0, done.said
    names = sorted(path.name for path in folder.iterdir() if path.name != ".erased-persons.json.lock")
    assert "maillage-20200101-000000.tar" not in names
    assert {"maillage-20210101-000000.tar", "mine.tar", "maillage-notes.tar"} < set(names)
    assert "erased-persons.json" in names  # whom a restore must not bring back
    assert len(names) == 5
    newest = max(name for name in names if name.startswith("maillage-2") and not name.startswith("maillage-2021"))
    assert installation.maillage("restore", folder / newest, "--check").code == 0


def test_a_backup_that_is_killed_leaves_no_file_that_looks_like_one(installation: Installation, tmp_path: Path) -> None:
    old = tmp_path / ".maillage-backup-old"
    old.mkdir()
    os.utime(old, (0, 0))
    command = [sys.executable, "-m", "maillage", "backup", str(tmp_path / "killed.tar")]
    with subprocess.Popen(command, env=installation.environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "Files" in line:
                break
        process.send_signal(signal.SIGKILL)
    assert not (tmp_path / "killed.tar").exists()
    assert not old.exists(), "what an earlier kill left is removed"


def test_a_backup_that_cannot_be_written_says_so(installation: Installation, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = installation.maillage("backup", tmp_path / "file" / "b.tar")
    assert done.code == 1
    wrong = installation.maillage("backup", tmp_path / "b.zip")
    assert wrong.code == 1 and ".tar" in wrong.said
    full = installation.maillage("backup", Path("/dev/full/x.tar"))
    assert full.code == 1


def test_an_empty_database_has_nothing_to_save(installation: Installation, tmp_path: Path) -> None:
    installation.rows("CREATE DATABASE bare")
    bare = Installation(installation.home, {**installation.extra, "MAILLAGE_DATABASE_NAME": "bare"})
    try:
        done = bare.maillage("backup", tmp_path / "bare.tar")
        assert done.code == 1
        assert "nothing to save" in done.said
        assert list(tmp_path.iterdir()) == []
    finally:
        installation.rows("DROP DATABASE bare")


@pytest.mark.skipif(
    not (server_postgres.PROGRAMS / "postgres").exists(), reason="Debian's PostgreSQL 15 is not installed"
)
def test_to_an_older_postgresql_and_back(installation: Installation, archive: Path, tmp_path: Path) -> None:
    with server_postgres.cluster() as (url, folder):
        other = Installation(folder / "other", {"DATABASE_URL": url})
        done = other.maillage("restore", archive)
        assert done.code == 0, done.said
        assert other.rows("SELECT current_setting('server_version_num')::int / 10000") == [(15,)]
        assert other.rows("SELECT display_name FROM people_person", role="app") == [("Amélie Œuvrard",)]
        assert other.maillage("doctor").said.count("✗ database") == 0
        assert other.maillage("backup", tmp_path / "from-15.tar").code == 0
    assert manifest_of(tmp_path / "from-15.tar")["server"] == 15
    done = installation.maillage("restore", tmp_path / "from-15.tar", "--replace")
    assert done.code == 0, done.said
    counts = [manifest_of(path)["rows"] for path in (archive, tmp_path / "from-15.tar")]
    assert isinstance(counts[0], dict) and isinstance(counts[1], dict)
    # The one job that was under way waits again, and procrastinate notes it.
    assert counts[1] == counts[0] | {"procrastinate_events": counts[0]["procrastinate_events"] + 1}
    assert (installation.home / "files" / "été" / "photo.jpg").stat().st_size == 1_280_000


@pytest.mark.skipif(
    not (server_postgres.PROGRAMS / "postgres").exists(), reason="Debian's PostgreSQL 15 is not installed"
)
def test_where_no_database_may_be_made_an_empty_one_is_filled(installation: Installation, archive: Path) -> None:
    with server_postgres.cluster() as (url, folder):
        other = Installation(folder / "other", {"DATABASE_URL": url})
        other.rows("ALTER ROLE CURRENT_USER NOCREATEDB")
        done = other.maillage("restore", archive)
        assert done.code == 0, done.said
        assert other.rows("SELECT display_name FROM people_person", role="app") == [("Amélie Œuvrard",)]
        again = other.maillage("restore", archive, "--replace")
        assert again.code == 1
        assert "CREATEDB" in again.said


def test_only_known_harmless_errors_of_pg_restore_are_passed_over() -> None:
    said = (
        'pg_restore: error: could not execute query: ERROR:  unrecognized configuration parameter "transaction_timeout"\n'
        "Command was: SET transaction_timeout = 0;\n"
        'pg_restore: error: could not execute query: ERROR:  relation "people_person" does not exist\n'
        "pg_restore: warning: errors ignored on restore: 2"
    )
    assert [fault for fault in faults_of(said) if "transaction_timeout" in fault] == []
    assert len(faults_of(said)) == 1
