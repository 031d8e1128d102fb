"""Run a command against a throw-away PostgreSQL server of the oldest version we serve, Debian's 15.

    python tests/helpers/server_postgres.py -- pytest -q

The cluster lives in a temporary folder, listens on a free loopback port, and is stopped and removed however the command
ends. The command finds DATABASE_URL, whose owner has neither superuser nor BYPASSRLS, as an operator would give us one,
and a MAILLAGE_HOME of its own. As root the server runs as `postgres`; Debian's package is installed if it is absent.
"""

from __future__ import annotations

import argparse
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

VERSION = 15
PROGRAMS = Path(f"/usr/lib/postgresql/{VERSION}/bin")
OWNER, DATABASE = "platform_owner", "platform"
# Speed over safety: nothing here is to be kept.
OPTIONS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "128MB",
    "listen_addresses": "127.0.0.1",
    "jit": "off",
}


def main(arguments: Sequence[str]) -> int:
    """Run the command given after `--`; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", nargs="+", help="the command to run, after --")
    command = parser.parse_args(arguments).command
    install()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)  # so that the cluster is stopped then too
    with cluster() as (url, folder):
        home = folder / "home"
        home.mkdir()
        print(f"server_postgres: PostgreSQL {VERSION}, started: {url.rsplit('@')[1]}", file=sys.stderr, flush=True)
        environment = os.environ | {"DATABASE_URL": url, "MAILLAGE_HOME": str(home)}
        return subprocess.run(command, env=environment, check=False).returncode


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def install() -> None:
    """Install Debian's server if it is absent and we may; leaves with what to do if we may not."""
    if (PROGRAMS / "postgres").exists():
        return
    package = f"postgresql-{VERSION}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise SystemExit(f"{PROGRAMS}/postgres is missing: install the package {package}.")
    # Without this, the package would make and start a cluster of its own.
    settings = Path("/etc/postgresql-common/createcluster.conf")
    if not settings.exists():
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text("create_main_cluster = false\n")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    installing = ["apt-get", "install", "-y", "-q", "-o", "Dpkg::Options::=--force-confold", package]
    for command in (["apt-get", "update", "-q"], installing):
        subprocess.run(command, env=environment, stdout=sys.stderr, check=True)


@contextmanager
def cluster() -> Iterator[tuple[str, Path]]:
    """A running cluster: its owner's DATABASE_URL and a folder of ours, both gone afterwards."""
    server_folder, folder = (Path(tempfile.mkdtemp(prefix=f"maillage-{part}-")) for part in ("pg", "home"))
    account = _account(server_folder)
    try:
        password = _initialise(server_folder, account)
        port = _start(server_folder, account)
        try:
            _make_owner(port, password)
            yield f"postgres://{OWNER}:{password}@127.0.0.1:{port}/{DATABASE}", folder
        finally:
            _run(account, "pg_ctl", "-D", server_folder / "data", "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(server_folder, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def _account(folder: Path) -> dict[str, object]:
    """How to run the server's programs: as ourselves, or as postgres when we are root."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam("postgres")
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _run(account: dict[str, object], program: str, *arguments: str | Path) -> None:
    command = [PROGRAMS / program, *arguments]
    with tempfile.TemporaryFile() as output:  # not a pipe: the server keeps it open
        closed = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
        done = subprocess.run(command, check=False, cwd="/", **closed, **account)  # type: ignore[call-overload]
        if done.returncode != 0:
            output.seek(0)
            raise RuntimeError(f"{program} failed: {output.read().decode(errors='replace')}")


def _initialise(folder: Path, account: dict[str, object]) -> str:
    """Make the cluster's files; returns the password of its superuser, which becomes the owner's too."""
    password = secrets.token_urlsafe(18)
    secret = folder / "secret"
    secret.touch(mode=0o600)
    secret.write_text(password)
    if account:
        shutil.chown(secret, "postgres")
    access = ["--username=postgres", f"--pwfile={secret}", "--auth=scram-sha-256"]
    _run(account, "initdb", "-D", folder / "data", *access, "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
    secret.unlink()
    return password


def _start(folder: Path, account: dict[str, object]) -> int:
    """Start on a port that was free a moment ago; on another if somebody took it meanwhile."""
    for attempt in range(5):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        options = OPTIONS | {"port": str(port), "unix_socket_directories": str(folder)}
        given = " ".join(f"-c {name}={value}" for name, value in options.items())
        try:
            _run(account, "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log", "-o", given, "start")
            return port
        except RuntimeError:
            if attempt == 4:
                raise RuntimeError((folder / "log").read_text(errors="replace")[-2000:]) from None
    raise AssertionError("unreachable")


def _make_owner(port: int, password: str) -> None:
    """An owner who may make databases and roles, and nothing more."""
    import psycopg

    address = {"host": "127.0.0.1", "port": port, "user": "postgres", "password": password, "dbname": "postgres"}
    with psycopg.connect(**address, autocommit=True) as connection:  # type: ignore[arg-type]
        connection.execute(f"CREATE ROLE {OWNER} LOGIN CREATEDB CREATEROLE PASSWORD '{password}'".encode())
        connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}".encode())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
