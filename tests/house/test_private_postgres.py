"""The private PostgreSQL: each promise of its supervisor, tried on a real server in a home of the test's own."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg.pq import Ping

from maillage.house import postgres_processes, private_postgres
from maillage.house.postgres_place import Place, account_of, passwords, place_of
from maillage.house.postgres_processes import Postmaster, alive, processes_of
from maillage.house.postgres_roles import DatabaseProblem
from maillage.house.private_postgres import (
    PrivateServer,
    ensure_running,
    status,
    stop,
    stop_if_unused,
    using,
)
from tests.helpers.processes import ask, ended, first_line, kill, script

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as root and as somebody else")


USER = """
server = ensure_running(home)
print(server.pid, flush=True)
time.sleep(60)
"""


def keep(server: PrivateServer, value: str) -> None:
    ask(server.owner_dsn, "DROP TABLE IF EXISTS kept; CREATE TABLE kept (value text)")
    ask(server.app_dsn, f"INSERT INTO kept VALUES ('{value}')")


def test_a_server_is_made_and_found_again(new_home: Path) -> None:
    assert not status(new_home).exists
    server = ensure_running(new_home)
    assert ask(server.owner_dsn, "SELECT current_user") == "maillage_owner"
    assert ask(server.app_dsn, "SELECT current_user") == "maillage_app"
    assert ensure_running(new_home) == server
    assert status(new_home).running and status(new_home).pid == server.pid and status(new_home).used
    for secret in passwords(place_of(new_home)).values():
        assert secret not in repr(server)


def test_it_keeps_what_is_written_and_knows_its_letters(home: Path) -> None:
    server = ensure_running(home)
    assert ask(server.app_dsn, "SHOW fsync") == "on"
    assert ask(server.app_dsn, "SHOW full_page_writes") == "on"
    assert ask(server.app_dsn, "SHOW jit") == "off"
    assert ask(server.app_dsn, "SHOW server_encoding") == "UTF8"
    for extension in ("pg_trgm", "unaccent", "btree_gist"):
        ask(server.owner_dsn, f"CREATE EXTENSION IF NOT EXISTS {extension}")
    assert ask(server.app_dsn, "SELECT lower('ÉCŒUR')") == "écœur"
    assert ask(server.app_dsn, "SELECT unaccent('Écœur')") == "Ecoeur"
    # With the character classes of plain "C", both letters with accents and Arabic ones vanish from the trigrams.
    assert ask(server.app_dsn, "SELECT cardinality(show_trgm('Été'))") == 4
    assert ask(server.app_dsn, "SELECT cardinality(show_trgm('مدرسة'))") == 6


def test_nobody_enters_without_a_password_nor_by_the_network(home: Path) -> None:
    server = ensure_running(home)
    assert ask(server.app_dsn, "SHOW listen_addresses") == ""
    place = place_of(home)
    assert "trust" not in (place.base / "pg_hba.conf").read_text()
    for role in ("postgres", "maillage_owner", "maillage_app"):
        for password in ("", "wrong"):
            with pytest.raises(psycopg.OperationalError, match="password|authentication"):
                psycopg.connect(host=server.host, port=server.port, user=role, password=password, dbname="maillage")
    secret = (place.base / "passwords.json").stat()
    assert (stat.S_IMODE(secret.st_mode), secret.st_uid) == (0o600, os.geteuid())
    assert stat.S_IMODE(place.data.stat().st_mode) == 0o700
    assert stat.S_IMODE(Path(server.host).stat().st_mode) == 0o700


def test_a_server_killed_within_the_same_process_is_started_again(home: Path) -> None:
    server = ensure_running(home)
    keep(server, "before")
    os.kill(server.pid, signal.SIGKILL)
    again = ensure_running(home)
    assert again.pid != server.pid
    assert ask(again.app_dsn, "SELECT string_agg(value, ',') FROM kept") == "before"


def test_orphans_of_a_killed_server_do_not_stop_the_next(home: Path) -> None:
    server = ensure_running(home)
    keep(server, "before")
    with psycopg.connect(server.app_dsn) as connection, ThreadPoolExecutor(1) as pool:
        orphan = connection.info.backend_pid
        # A loop with no wait in it does not see that its parent is dead.
        endless = pool.submit(connection.execute, b"DO 'BEGIN LOOP END LOOP; END'")
        time.sleep(0.2)
        os.kill(server.pid, signal.SIGKILL)
        again = ensure_running(home)
        assert isinstance(endless.exception(timeout=10), psycopg.OperationalError)
    assert orphan not in processes_of(place_of(home))
    assert ask(again.app_dsn, "SELECT count(*) FROM kept") == 1


def test_a_stale_mark_with_the_number_of_a_living_process_is_seen_through(home: Path) -> None:
    place = place_of(home)
    keep(ensure_running(home), "before")
    mark = (place.data / "postmaster.pid").read_text().splitlines()
    assert stop(home)
    account = account_of(place)
    # The same user as the server's: PostgreSQL by itself would take it for a server and refuse to start.
    other = subprocess.Popen(["sleep", "60"], user=account.uid, group=account.gid)
    try:
        (place.data / "postmaster.pid").write_text("\n".join([str(other.pid), *mark[1:]]) + "\n")
        account.own(place.data / "postmaster.pid")
        assert not status(home).running
        assert ask(ensure_running(home).app_dsn, "SELECT count(*) FROM kept") == 1
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_server_whose_socket_was_swept_away_is_started_again(home: Path) -> None:
    server = ensure_running(home)
    place_of(home).socket.unlink()
    again = ensure_running(home)
    assert again.pid != server.pid
    assert ask(again.app_dsn, "SELECT 1") == 1


def test_a_server_that_recovers_is_waited_for_and_not_stopped(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = ensure_running(home)
    well_at = time.monotonic() + 1.5

    def answer(place: Place, found: Postmaster) -> Ping:
        return Ping.REJECT if time.monotonic() < well_at else postgres_processes.answer(place, found)

    monkeypatch.setattr(private_postgres, "answer", answer)
    monkeypatch.setattr(private_postgres, "serving", lambda place: None)
    assert ensure_running(home) == server
    assert time.monotonic() > well_at


def test_killing_the_application_leaves_the_server_and_its_data_to_the_next(home: Path) -> None:
    body = """
    server = ensure_running(home)
    psycopg.connect(server.owner_dsn, autocommit=True).execute("DROP TABLE IF EXISTS kept; CREATE TABLE kept (value text)")
    psycopg.connect(server.app_dsn, autocommit=True).execute("INSERT INTO kept VALUES ('before')")
    print(server.pid, flush=True)
    time.sleep(60)
    """
    application = script(home, body)
    pid = int(first_line(application))
    assert status(home).used
    kill(application)
    assert status(home).running and not status(home).used
    server = ensure_running(home)
    assert server.pid == pid
    assert ask(server.app_dsn, "SELECT value FROM kept") == "before"


def test_killing_application_and_server_together_loses_nothing(home: Path) -> None:
    application = script(home, USER)
    pid = int(first_line(application))
    keep(ensure_running(home), "before")
    for process in [pid, *processes_of(place_of(home))]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    kill(application)
    assert ask(ensure_running(home).app_dsn, "SELECT value FROM kept") == "before"


@pytest.mark.parametrize("seconds", [0.3, 0.7])
def test_a_kill_in_the_middle_of_the_making_is_mended(new_home: Path, seconds: float) -> None:
    application = script(new_home, USER)
    time.sleep(seconds)
    kill(application)
    server = ensure_running(new_home)
    assert ask(server.app_dsn, "SELECT current_user") == "maillage_app"


def test_processes_that_start_at_once_share_one_server(new_home: Path) -> None:
    body = """
    server = ensure_running(home)
    with psycopg.connect(server.app_dsn) as connection:
        connection.execute("SELECT 1")
    print(server.pid)
    """
    found = {ended(process).strip() for process in [script(new_home, body) for _ in range(3)]}
    assert len(found) == 1
    running = alive(place_of(new_home))
    assert running and found == {str(running.pid)}


def test_data_are_kept_between_starts(home: Path) -> None:
    with using(home) as server:
        keep(server, "before")
    assert not status(home).running
    with using(home) as again:
        assert again.pid != server.pid
        assert again.app_dsn == server.app_dsn
        assert ask(again.app_dsn, "SELECT value FROM kept") == "before"


def test_only_the_last_to_leave_stops_the_server(home: Path) -> None:
    server = ensure_running(home)
    other = script(home, USER)
    assert int(first_line(other)) == server.pid
    assert not stop_if_unused(home)
    assert ask(server.app_dsn, "SELECT 1") == 1 and status(home).running
    kill(other)  # its lock goes with it
    assert stop_if_unused(home)
    assert not status(home).running
    assert not stop_if_unused(home)


def test_starts_and_stops_at_the_same_time(home: Path) -> None:
    body = """
    for _ in range(4):
        with using(home) as server, psycopg.connect(server.app_dsn) as connection:
            print(connection.execute("SELECT 1").fetchone()[0], end="")
    """
    ensure_running(home)
    assert stop_if_unused(home)
    assert [ended(process) for process in [script(home, body) for _ in range(2)]] == ["1111", "1111"]
    assert not status(home).running


def test_a_server_stopped_by_force_comes_back(home: Path) -> None:
    keep(ensure_running(home), "before")
    stopper = script(home, "print(stop(home))")
    assert ended(stopper).strip() == "True"
    assert ask(ensure_running(home).app_dsn, "SELECT value FROM kept") == "before"


def test_it_can_listen_on_the_loopback(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = 20_000 + os.getpid() % 20_000
    monkeypatch.setenv("MAILLAGE_POSTGRES_PORT", str(port))
    server = ensure_running(home)
    assert (server.host, server.port) == ("127.0.0.1", port)
    assert ask(server.app_dsn, "SELECT host(inet_server_addr())") == "127.0.0.1"
    assert list(place_of(home).socket_dir.iterdir()) == []
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host="127.0.0.1", port=port, user="postgres", password="wrong", dbname="postgres")


def test_what_cannot_be_used_says_so(home: Path) -> None:
    place = place_of(home)
    ensure_running(home)
    stop(home)
    (place.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(DatabaseProblem, match="made by PostgreSQL 17"):
        ensure_running(home)
    (place.data / "PG_VERSION").write_text("18\n")
    hidden = (place.base / "passwords.json").rename(place.base / "hidden.json")
    with pytest.raises(DatabaseProblem, match=r"passwords\.json is missing"):
        ensure_running(home)
    hidden.rename(place.base / "passwords.json")
    assert ask(ensure_running(home).app_dsn, "SELECT 1") == 1
