"""Where one private PostgreSQL keeps its things: found from the home folder alone, without starting anything.

An ordinary user's server lives in `<home>/postgres`. Root's lives outside the home, in `/var/lib/maillage/<hash of the
home>` (or under MAILLAGE_POSTGRES_DIR), because the system user that runs it must not need a way into root's folders.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from maillage.house.postgres_account import (
    Account,
    is_root,
    own_account,
    owner_of,
    system_account,
)
from maillage.house.postgres_roles import DatabaseProblem

SYSTEM_DIR = "/var/lib/maillage"
PORT = 5432  # on a socket it is only part of a file name
# The kernel gives 107 bytes to the path of a socket on Linux and 103 on macOS.
SOCKET_PATH_MAX = 103

CONFIGURATION = """\
# Written by maillage at each start: changes made here are lost.
data_directory = '{data}'
hba_file = '{hba}'
ident_file = '{ident}'
listen_addresses = '{listen}'
port = {port}
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'
max_connections = 100
shared_buffers = '256MB'
effective_cache_size = '2GB'
work_mem = '16MB'
maintenance_work_mem = '128MB'
random_page_cost = 1.1
jit = off
fsync = on
synchronous_commit = on
full_page_writes = on
timezone = 'UTC'
log_timezone = 'UTC'
logging_collector = on
log_directory = '{log}'
log_filename = 'postgresql-%a.log'
log_truncate_on_rotation = on
log_rotation_age = '1d'
log_rotation_size = 0
log_line_prefix = '%m [%p] %u@%d '
# No row and no statement in the log: both hold what people typed.
log_error_verbosity = terse
log_min_error_statement = panic
"""
HBA = "local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n"


@dataclass(frozen=True)
class Place:
    """The folders and files of one private server."""

    home: Path
    base: Path
    system_dir: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's own folder."""
        return self.base / "data"

    @property
    def log(self) -> Path:
        """What the server tells, a file by weekday."""
        return self.base / "log"

    @property
    def starting(self) -> Path:
        """Locked by whoever makes, starts or stops the server."""
        return self.base / "starting.lock"

    @property
    def users(self) -> Path:
        """Locked, shared, by every process that uses the server, for as long as it lives."""
        return self.base / "users.lock"

    @property
    def ready(self) -> Path:
        """Exists once roles and database have been made."""
        return self.base / "ready"

    @property
    def cluster_name(self) -> str:
        """Stands in the command line of each of the server's processes: how we know them from any other's."""
        return f"maillage-{_digest(self.base)}"

    @property
    def tcp_port(self) -> int | None:
        """The loopback port asked for by MAILLAGE_POSTGRES_PORT, where a socket cannot be used."""
        asked = os.environ.get("MAILLAGE_POSTGRES_PORT")
        return int(asked) if asked else None

    @property
    def socket_dir(self) -> Path:
        """The folder of the socket: in the base where the kernel's limit allows, else a private one in /tmp."""
        own = self.base / "run"
        if len(os.fsencode(own / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_MAX:
            return own
        name = f"maillage-{os.geteuid()}-{_digest(self.base)}"
        temporary = Path(tempfile.gettempdir()) / name
        fits = len(os.fsencode(temporary / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_MAX
        # Made by us with mode 0700, and refused if it is not ours (_check_private).
        return temporary if fits else Path("/tmp") / name  # noqa: S108

    @property
    def socket(self) -> Path:
        """Where clients knock, unless they do by TCP."""
        return self.socket_dir / f".s.PGSQL.{PORT}"

    @property
    def host(self) -> str:
        """Where a client finds the server."""
        return "127.0.0.1" if self.tcp_port else str(self.socket_dir)

    def is_made(self) -> bool:
        """Whether this server has data."""
        return (self.data / "PG_VERSION").exists()


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def place_of(home: Path) -> Place:
    """The place of this home's server; raises DatabaseProblem if the home holds an ordinary user's and we are root."""
    home = home.expanduser().resolve()
    system_dir = Path(os.environ.get("MAILLAGE_POSTGRES_DIR", SYSTEM_DIR))
    if not is_root():
        return Place(home, home / "postgres", system_dir)
    if (home / "postgres" / "data").exists():
        owner = owner_of(home / "postgres" / "data").name
        raise DatabaseProblem(
            f"The database in {home} belongs to the user {owner}: run maillage as {owner}, not as root, "
            "or choose another folder with MAILLAGE_HOME."
        )
    return Place(home, system_dir / _digest(home), system_dir)


def prepare_folders(place: Place) -> None:
    """Make the folders that hold the locks; existing ones are left as they are."""
    if is_root():
        place.system_dir.mkdir(mode=0o755, parents=True, exist_ok=True)
    else:
        place.home.mkdir(parents=True, exist_ok=True)
    # As root, its group is set to the server's once that is known; nobody else has business here.
    place.base.mkdir(mode=0o750 if is_root() else 0o700, exist_ok=True)


def account_of(place: Place) -> Account:
    """Who runs this server: the owner of its data if it has any."""
    if not is_root():
        return own_account()
    if place.is_made():
        return owner_of(place.data)
    return system_account(place.system_dir)


def prepare_server_folders(place: Place, account: Account) -> None:
    """Make what the server itself writes to or reads, and write its configuration."""
    if account.gid is not None:
        os.chown(place.base, 0, account.gid)
        (place.base / "home.txt").write_text(f"{place.home}\n", encoding="utf-8")
    for folder in (place.log, place.socket_dir):
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
            account.own(folder)
    _check_private(place.socket_dir, account)
    values = {
        "data": place.data,
        "hba": place.base / "pg_hba.conf",
        "ident": place.base / "pg_ident.conf",
        "log": place.log,
        "socket": "" if place.tcp_port else place.socket_dir,
        "listen": "127.0.0.1" if place.tcp_port else "",
        "port": place.tcp_port or PORT,
    }
    quoted = {name: str(value).replace("'", "''") for name, value in values.items()}
    _write(place.base / "postgresql.conf", CONFIGURATION.format(**quoted), account)
    _write(place.base / "pg_hba.conf", HBA, account)
    _write(place.base / "pg_ident.conf", "", account)


def _check_private(folder: Path, account: Account) -> None:
    """Refuse a socket folder that somebody else prepared for us in /tmp."""
    found = folder.lstat()
    expected = os.geteuid() if account.uid is None else account.uid
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != expected or found.st_mode & 0o077:
        raise DatabaseProblem(f"{folder} is not a private folder of {account.name}: remove it, or set TMPDIR.")


def _write(path: Path, text: str, account: Account) -> None:
    """Write a file that the server reads and cannot change when it is not ours."""
    draft = path.with_name(path.name + ".draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640), "w", encoding="utf-8") as file:
        file.write(text)
    if account.gid is not None:
        os.chown(draft, 0, account.gid)
    draft.replace(path)


def passwords(place: Place) -> dict[str, str]:
    """The passwords of the three roles, made once and kept in a file that only we can read."""
    path = place.base / "passwords.json"
    if not path.exists():
        if place.is_made():
            raise DatabaseProblem(
                f"{path} is missing, and without it nobody can enter the database in {place.data}: put it back from "
                "a backup."
            )
        made = {role: secrets.token_urlsafe(24) for role in ("superuser", "owner", "app")}
        draft = path.with_name("passwords.draft")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(made, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return kept
