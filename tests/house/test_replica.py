"""Reading from a real streaming copy on loopback: never older than one's own writes, and left alone when it lags or dies."""

from __future__ import annotations

import re
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from maillage.house.replica import Watch, position_of
from tests.helpers import server_postgres
from tests.helpers.installations import Installation

# The story is told in one process of the application, because its tables take long to make.
STORY = """
    import subprocess
    import time
    from contextlib import ExitStack

    import psycopg
    from django.db import connections
    from django.test import Client
    from maillage.core.people.models import Person
    from maillage.rooms.atlas.models import Suggestion
    from maillage.rooms.atlas.tests.makers import make_entry
    from maillage.house import replica

    entry = make_entry("PIMMS")
    copy = psycopg.connect({copy!r}, autocommit=True)
    seen = {{"default": [], "replica": []}}

    def note(alias):
        def wrapper(execute, sql, params, many, context):
            if sql.startswith("SELECT") and "lsn" not in sql:
                seen[alias].append(sql)
            return execute(sql, params, many, context)
        return wrapper

    def get(client, path):
        for statements in seen.values():
            statements.clear()
        with ExitStack() as stack:
            for alias in seen:
                stack.enter_context(connections[alias].execute_wrapper(note(alias)))
            return client.get(path, HTTP_HOST="127.0.0.1")

    def caught_up():
        end = time.monotonic() + 30
        now = connections["default"].cursor()
        now.execute("SELECT pg_current_wal_lsn()::text")
        wanted = now.fetchone()[0]
        while not copy.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", [wanted]).fetchone()[0]:
            assert time.monotonic() < end
            time.sleep(0.05)

    caught_up()
    from django.urls import reverse
    alice, sheet = Client(), reverse("atlas:history", args=[entry.pk])
    answer = get(alice, sheet)
    assert answer.status_code == 200 and seen["replica"] and not seen["default"], seen
    print("reads the copy")

    copy.execute("SELECT pg_wal_replay_pause()")
    sent = alice.post(reverse("atlas:report", args=[entry.pk, "closed"]), {{"key": "k1"}}, HTTP_HOST="127.0.0.1")
    assert sent.status_code == 302, sent.content[:3000]
    assert alice.cookies[replica.COOKIE].value
    suggestion = Suggestion.objects.get()
    follow = reverse("atlas:follow_code", args=[suggestion.code])
    for _turn in range(5):
        answer = get(alice, follow)
        assert answer.status_code == 200 and not seen["replica"], (answer.status_code, seen)
    print("reads its own write on the primary")

    bob = Client()
    bob.handler = alice.handler  # the same process
    assert get(bob, follow).status_code == 404 and seen["replica"], "another browser may be a little behind"
    forged = Client()
    forged.handler = alice.handler
    forged.cookies[replica.COOKIE] = "nonsense"
    assert get(forged, follow).status_code == 200 and not seen["replica"]
    print("others may be behind")

    copy.execute("SELECT pg_wal_replay_resume()")
    caught_up()
    time.sleep(1.1)
    answer = get(alice, follow)
    assert answer.status_code == 200 and seen["replica"], seen
    assert alice.cookies[replica.COOKIE].value == "", "the position has been passed: it is not carried any further"
    print("back to the copy once it has the write")

    person = Person.objects.create_person("Amina")
    alice.force_login(person)
    answer = get(alice, sheet)
    assert any("django_session" in one for one in seen["default"]) and any("people_person" in one for one in seen["default"])
    assert not any("django_session" in one or "people_person" in one for one in seen["replica"])
    print("persons and sessions on the primary")

    try:
        with connections["replica"].cursor() as cursor:
            cursor.execute("DELETE FROM atlas_suggestion")
        raise SystemExit("the copy took a write")
    except Exception as fault:
        assert "read-only" in str(fault), fault
    connections["replica"].close()
    print("the copy refuses writes")

    copy.close()
    subprocess.run({stop!r}, check=True, **{account!r})
    connections["replica"].close()
    for _turn in range(3):
        answer = get(bob, sheet)
        assert answer.status_code == 200 and not seen["replica"]
    print("without the copy, the primary")
    connections.close_all()
"""


@pytest.fixture
def pair() -> Iterator[tuple[str, str, str, list[str], dict[str, object], Path]]:
    """A primary with the application's tables to come, and its streaming copy."""
    if not (server_postgres.PROGRAMS / "pg_basebackup").exists():
        pytest.skip(f"Debian's PostgreSQL {server_postgres.VERSION} is not installed")
    with server_postgres.cluster() as (url, folder):
        parts = urlsplit(url)
        folder_of_copy = Path(tempfile.mkdtemp(prefix="maillage-copy-"))
        account = server_postgres._account(folder_of_copy)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        pass_file = folder_of_copy / "pass"
        pass_file.write_text(f"127.0.0.1:{parts.port}:replication:postgres:{parts.password}\n")
        pass_file.chmod(0o600)
        if account:
            shutil.chown(pass_file, "postgres")
        data = folder_of_copy / "data"
        source = f"host=127.0.0.1 port={parts.port} user=postgres passfile={pass_file}"
        try:
            server_postgres._run(
                account, "pg_basebackup", "-D", data, "-d", source, "-R", "-X", "stream", "--checkpoint=fast"
            )
            options = f"-c port={port} -c unix_socket_directories={folder_of_copy} -c listen_addresses=127.0.0.1"
            server_postgres._run(
                account, "pg_ctl", "-D", data, "-w", "-l", folder_of_copy / "log", "-o", options, "start"
            )
            stop = [str(server_postgres.PROGRAMS / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop"]
            super_copy = f"postgres://postgres:{parts.password}@127.0.0.1:{port}/platform"
            yield url, super_copy, f"127.0.0.1:{port}", stop, account, folder
        finally:
            if (data / "postmaster.pid").exists():
                server_postgres._run(account, "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
            shutil.rmtree(folder_of_copy, ignore_errors=True)


@pytest.mark.slow
def test_one_never_sees_less_than_one_has_written(
    pair: tuple[str, str, str, list[str], dict[str, object], Path],
) -> None:
    url, super_copy, address, stop, account, folder = pair
    password = secrets.token_urlsafe(12)
    parts = urlsplit(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE reader_app LOGIN PASSWORD '{password}'".encode())
    app = f"postgres://reader_app:{password}@127.0.0.1:{parts.port}/platform"
    made = Installation(folder / "home", {"DATABASE_URL": url, "DATABASE_APP_URL": app})
    (folder / "home").mkdir()
    made.migrate()
    extra = {**made.extra, "MAILLAGE_REPLICA_URL": f"postgres://reader_app:{password}@{address}/platform"}
    extra["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    extra["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    done = Installation(folder / "home", extra).python(STORY.format(copy=super_copy, stop=stop, account=account))
    assert done.code == 0, done.said
    told = re.findall(r'print\("([^"]+)"\)', STORY)
    assert len(told) == 7 and [line for line in done.said.splitlines() if line in told] == told


@pytest.mark.parametrize(
    "text, position",
    [("0/0", 0), ("1/2", (1 << 32) + 2), ("0/16B3748", 0x16B3748), ("x", None), ("1/2/3", None), ("", None)],
)
def test_positions_are_read_or_refused(text: str, position: int | None) -> None:
    assert position_of(text) == position


def test_a_copy_that_lags_too_long_is_left_alone_until_it_has_caught_up(monkeypatch: pytest.MonkeyPatch) -> None:
    where = {"default": 100, "replica": 100}
    monkeypatch.setattr("maillage.house.replica._position", lambda alias, _function: where[alias])
    watch = Watch(most_lag_s=10)
    assert watch.may_read(None, 0.0)
    where["default"] = 200
    assert watch.may_read(None, 2.0) and not watch.may_read(150, 2.5)
    assert watch.may_read(None, 9.0) and not watch.may_read(None, 13.0)
    where["replica"] = 200
    assert watch.may_read(150, 14.5) and watch.may_read(None, 14.6)


def test_a_copy_that_does_not_answer_is_not_asked_at_each_page(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def silent(alias: str, _function: str) -> int:
        asked.append(alias)
        raise OSError("no answer")

    monkeypatch.setattr("maillage.house.replica._position", silent)
    monkeypatch.setattr(
        "maillage.house.replica.connections", {"replica": type("C", (), {"close": lambda _self: None})()}
    )
    watch = Watch(most_lag_s=10)
    assert not any(watch.may_read(None, moment / 10) for moment in range(40)) and asked == ["replica"]
    assert not watch.may_read(None, 6.0) and len(asked) == 2
