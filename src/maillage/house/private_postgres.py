"""Our supervisor of a private PostgreSQL: made, started, found again, repaired and stopped with no gesture of the user.

The server is nobody's child: it goes on if the application is killed, and the next start adopts it. Every process that
uses it holds a shared lock that the kernel frees at its death, so the last one to leave can know that it is the last.
Whether it runs is asked anew each time, never remembered: a server killed a second ago is started again.
"""

from __future__ import annotations

import fcntl
import os
import shlex
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.pq import Ping

from maillage.house.postgres_account import WHEEL, Account, is_root, locked, programs_for
from maillage.house.postgres_place import (
    Place,
    account_of,
    passwords,
    place_of,
    prepare_folders,
    prepare_server_folders,
)
from maillage.house.postgres_processes import Postmaster, alive, answer, processes_of, serving
from maillage.house.postgres_roles import (
    DatabaseProblem,
    grant_application_rights,
    include_application_role,
    set_login,
)

SUPERUSER = "postgres"  # used by this module only
OWNER = "maillage_owner"
APP = "maillage_app"
DATABASE = "maillage"
# The character classes come from here: with plain "C", pg_trgm drops every accented and every Arabic letter (tried).
CTYPES = ("C.UTF-8", "en_US.UTF-8", "UTF-8")
START_SECONDS = 300  # replaying a long log after a power cut takes time
STOP_SECONDS = 30  # then without waiting for the writing of all pages, which loses nothing

_holds: dict[Path, int] = {}
_holds_lock = threading.Lock()


@dataclass(frozen=True)
class PrivateServer:
    """A running private server and how to enter it."""

    data_dir: Path
    host: str
    port: int
    os_user: str
    pid: int
    owner_password: str = field(repr=False)
    app_password: str = field(repr=False)
    database: str = DATABASE

    @property
    def owner_dsn(self) -> str:
        """For migrations, and for making databases."""
        return self._dsn(OWNER, self.owner_password)

    @property
    def app_dsn(self) -> str:
        """For everything else."""
        return self._dsn(APP, self.app_password)

    def _dsn(self, role: str, password: str) -> str:
        host = quote(self.host, safe="")
        return f"postgresql://{role}:{quote(password)}@/{self.database}?host={host}&port={self.port}"


@dataclass(frozen=True)
class Status:
    """What can be said of a private server without starting it."""

    exists: bool
    running: bool
    used: bool
    pid: int | None
    data_dir: Path
    os_user: str | None


def ensure_running(home: Path) -> PrivateServer:
    """The private server of this home, made and started if need be; costs about a millisecond when it runs.

    From then on this process counts as a user of the server. Raises DatabaseProblem when it cannot be had.
    """
    _refuse_windows()
    place = place_of(home)
    prepare_folders(place)
    _hold(place)
    running = serving(place)
    if running is None:
        with locked(place.starting):
            running = serving(place) or _make_and_start(place)
    return _described(place, running)


def stop(home: Path) -> bool:
    """Stop the server whoever uses it; says whether it was running."""
    place = place_of(home)
    if not place.base.exists():
        return False
    with locked(place.starting):
        return _stop(place)


def stop_if_unused(home: Path) -> bool:
    """Leave the server, and stop it unless another process of ours still uses it; says whether it was stopped."""
    place = place_of(home)
    if not place.base.exists():
        return False
    with _holds_lock:
        handle = _holds.pop(place.base, None)
    if handle is None:
        handle = _open_users(place)
    try:
        # While we hold it whole, whoever wants the server waits in _hold, then starts it anew.
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with locked(place.starting):
            return _stop(place)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)


@contextmanager
def using(home: Path) -> Iterator[PrivateServer]:
    """The server for the length of a block, stopped at its end if nobody else uses it."""
    server = ensure_running(home)
    try:
        yield server
    finally:
        stop_if_unused(home)


def status(home: Path) -> Status:
    """What can be said of the server without starting it, nor making any file."""
    place = place_of(home)
    made = place.is_made()
    running = serving(place) if made else None
    return Status(
        exists=made,
        running=running is not None,
        used=place.users.exists() and _is_used(place),
        pid=running.pid if running else None,
        data_dir=place.data,
        os_user=account_of(place).name if made else None,
    )


def remove(home: Path) -> None:
    """Stop the server and delete all its data."""
    place = place_of(home)
    if place.base.exists():
        with locked(place.starting):
            _stop(place, in_haste=True)
        with _holds_lock:
            handle = _holds.pop(place.base, None)
        if handle is not None:
            os.close(handle)
        shutil.rmtree(place.base)
        shutil.rmtree(place.socket_dir, ignore_errors=True)


def _refuse_windows() -> None:
    if sys.platform == "win32":
        raise DatabaseProblem("The private PostgreSQL needs Linux or macOS: on Windows, set DATABASE_URL.")


def _described(place: Place, running: Postmaster) -> PrivateServer:
    known = passwords(place)
    return PrivateServer(
        data_dir=place.data,
        host=place.host,
        port=running.port,
        os_user=account_of(place).name,
        pid=running.pid,
        owner_password=known["owner"],
        app_password=known["app"],
    )


# Who uses it


def _open_users(place: Place) -> int:
    return os.open(place.users, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _hold(place: Place) -> None:
    with _holds_lock:
        if place.base not in _holds:
            handle = _open_users(place)
            fcntl.flock(handle, fcntl.LOCK_SH)
            _holds[place.base] = handle


def _is_used(place: Place) -> bool:
    handle = os.open(place.users, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


# Making and starting it, with the starting lock held


def _make_and_start(place: Place) -> Postmaster:
    account = account_of(place)
    programs = programs_for(account, place.system_dir)
    prepare_server_folders(place, account)
    _check_version(place)
    if not place.is_made():
        _initialise(place, account, programs)
        _announce(place, account)
    running = _started(place, account, programs)
    if not place.ready.exists():
        _make_roles(place, running)
        place.ready.write_text("1\n", encoding="utf-8")
    return running


def _check_version(place: Place) -> None:
    wheel = version(WHEEL).split(".")[0]
    if place.is_made() and (found := (place.data / "PG_VERSION").read_text().strip()) != wheel:
        raise DatabaseProblem(
            f"The data in {place.data} were made by PostgreSQL {found} and {WHEEL} {wheel} cannot read them: go back to "
            f"the version of maillage that ran before ({WHEEL} {found}), run `maillage backup FILE`, come back to this "
            "one, and run `maillage upgrade-database FILE`."
        )


def _initialise(place: Place, account: Account, programs: Path) -> None:
    """Make the data under a draft name: a kill in the middle leaves nothing that looks like data."""
    known = passwords(place)
    tried = []
    for ctype in (*CTYPES, "C"):
        draft = Path(tempfile.mkdtemp(prefix="draft-", dir=place.base))
        secret = draft.with_suffix(".secret")
        try:
            account.own(draft)
            with os.fdopen(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(known["superuser"])
            account.own(secret)
            code, output = account.run([programs / "initdb", "-D", draft, *_initdb_options(secret, ctype)])
            if code == 0:
                draft.rename(place.data)
                return
            tried.append(output)
        finally:
            secret.unlink(missing_ok=True)
            shutil.rmtree(draft, ignore_errors=True)
    raise DatabaseProblem(f"PostgreSQL could not make its files in {place.base}:\n{tried[-1]}")


def _initdb_options(secret: Path, ctype: str) -> list[str]:
    access = [f"--username={SUPERUSER}", f"--pwfile={secret}", "--auth=scram-sha-256"]
    order = ["--locale=C", f"--lc-ctype={ctype}", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return [*access, *order, "--encoding=UTF8", "--no-instructions"]


def _announce(place: Place, account: Account) -> None:
    if is_root():
        told = (
            f"PostgreSQL refuses root: it runs as the system user {account.name!r}, and its data are in {place.data}."
        )
        sys.stderr.write(f"maillage: {told}\n")


def _started(place: Place, account: Account, programs: Path) -> Postmaster:
    """Start the server and wait until it takes connections; adopts one that another start left on its way."""
    deadline = time.monotonic() + START_SECONDS
    output = ""
    while time.monotonic() < deadline:
        found = _settled(place, programs, account, deadline)
        if found is not None:
            return found
        _clear_remains(place)
        log = place.log / "start.log"
        option = shlex.quote(f"--cluster_name={place.cluster_name}")
        waiting = ["-w", "-t", str(START_SECONDS)]
        start: list[str | Path] = [programs / "pg_ctl", "-D", place.base, *waiting, "-l", log, "-o", option, "start"]
        code, output = account.run(start, timeout=START_SECONDS + 30)
        if code != 0 and alive(place) is None:
            break
    logs = sorted(place.log.glob("*.log"), key=lambda log: log.stat().st_mtime)
    tail = "".join(log.read_text(errors="replace")[-1500:] for log in logs[-2:])
    raise DatabaseProblem(f"PostgreSQL did not start in {place.base}:\n{output}\n{tail}")


def _settled(place: Place, programs: Path, account: Account, deadline: float) -> Postmaster | None:
    """Wait for a server on its way up or down. One that lingers on its way down, or that is mute, is stopped.

    One that recovers from a crash is left to it: asked to stop then, PostgreSQL 18 may never do so (seen).
    """
    patience = time.monotonic() + 1
    while (found := alive(place)) is not None and time.monotonic() < deadline:
        said = answer(place, found)
        if found.state == "ready" and said == Ping.OK:
            return found
        lost = found.state == "stopping" or (found.state == "ready" and said == Ping.NO_RESPONSE)
        if lost and time.monotonic() > patience:
            _end(place, programs, account)
        time.sleep(0.05)
    return None


def _clear_remains(place: Place) -> None:
    """After a kill -9 of the main process: wait for its children, end those that linger, remove its stale mark."""
    for attempt in range(100):
        orphans = processes_of(place)
        if not orphans:
            break
        if attempt >= 20:  # a second to leave by themselves, as they do when idle; then as a crash, which loses nothing
            for pid in orphans:
                _signal(pid, signal.SIGQUIT if attempt < 60 else signal.SIGKILL)
        time.sleep(0.05)
    # Its number may live on, in a zombie or in another process of the same user: PostgreSQL would refuse to start.
    for mark in (place.data / "postmaster.pid", place.socket, place.socket.with_name(place.socket.name + ".lock")):
        mark.unlink(missing_ok=True)


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):  # it may just have left
        os.kill(pid, number)


def _make_roles(place: Place, running: Postmaster) -> None:
    """The two roles and the database, made so that a kill in the middle is mended by the next start."""
    known = passwords(place)

    def enter(user: str, secret: str, database: str) -> psycopg.Connection[tuple[object, ...]]:
        address = make_conninfo(host=place.host, port=running.port, user=user, password=secret, dbname=database)
        return psycopg.connect(address, autocommit=True, connect_timeout=30)

    with enter(SUPERUSER, known["superuser"], "postgres") as connection:
        set_login(connection, OWNER, known["owner"], may_create_databases=True)
        set_login(connection, APP, known["app"])
        include_application_role(connection, OWNER, APP)
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
            statement = sql.SQL("CREATE DATABASE {} OWNER {}")
            connection.execute(statement.format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))
    with enter(OWNER, known["owner"], DATABASE) as connection:
        grant_application_rights(connection, APP)


def _stop(place: Place, *, in_haste: bool = False) -> bool:
    if alive(place) is None:
        return False
    account = account_of(place)
    _end(place, programs_for(account, place.system_dir), account, in_haste=in_haste)
    return True


def _end(place: Place, programs: Path, account: Account, *, in_haste: bool = False) -> None:
    """Stop the server cleanly, or else as a crash would: its log is then replayed at the next start."""
    modes = (("fast", STOP_SECONDS), ("immediate", 10))
    output = ""
    for mode, seconds in modes[1:] if in_haste else modes:
        command: list[str | Path] = [
            programs / "pg_ctl",
            "-D",
            place.base,
            "-w",
            "-t",
            str(seconds),
            "-m",
            mode,
            "stop",
        ]
        code, output = account.run(command)
        if code == 0 or alive(place) is None:
            return
    raise DatabaseProblem(f"PostgreSQL does not stop in {place.base}:\n{output}")
