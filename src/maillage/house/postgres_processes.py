"""Whether a private server runs, as the machine shows it now: nothing here is remembered, nothing is changed."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, Ping

from maillage.house.postgres_place import PORT, Place


@dataclass(frozen=True)
class Postmaster:
    """What the server writes of itself in postmaster.pid, line by line as it starts."""

    pid: int
    port: int
    state: str


def _postmaster(place: Place) -> Postmaster | None:
    try:
        lines = (place.data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return None
    if not lines or not lines[0].strip().isdigit():
        return None
    pid, whole = int(lines[0]), len(lines) >= 8
    return Postmaster(pid, int(lines[3]) if whole else 0, lines[7].strip() if whole else "starting")


def _command_line(pid: int) -> str:
    """The command line of a process, empty if it is dead or a zombie. A number alone proves nothing: they come back."""
    path = Path("/proc") / str(pid) / "cmdline"
    if Path("/proc/self/cmdline").exists():
        try:
            return path.read_bytes().decode("utf-8", "replace")
        except (FileNotFoundError, ProcessLookupError):
            return ""
    shown = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout


def alive(place: Place) -> Postmaster | None:
    """The server's main process, if it lives and is really that of this place."""
    found = _postmaster(place)
    return found if found and place.cluster_name in _command_line(found.pid) else None


def serving(place: Place) -> Postmaster | None:
    """The main process if it takes connections where we would look for it."""
    found = alive(place)
    if found is None or found.state != "ready" or not place.ready.exists():
        return None
    return found if answer(place, found) == Ping.OK else None


def processes_of(place: Place) -> list[int]:
    """Every process of this server, its orphans included."""
    if Path("/proc/self/cmdline").exists():
        pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    else:
        shown = subprocess.run(["ps", "-axo", "pid="], capture_output=True, text=True, check=True)
        pids = [int(line) for line in shown.stdout.split()]
    return [pid for pid in pids if _is_server(place, _command_line(pid))]


def _is_server(place: Place, command: str) -> bool:
    """Not the shell nor pg_ctl that start it, which name it too. `ps` shows a line, /proc arguments ended by zeros."""
    program = command.split("\0", 1)[0]
    is_postgres = program.endswith("/postgres") or program.startswith("postgres:") or "/bin/postgres -D" in program
    return is_postgres and place.cluster_name in command


def answer(place: Place, found: Postmaster) -> Ping:
    """What is said where we would knock: OK, REJECT from a server that recovers or leaves, or nothing at all.

    A process killed an instant ago still shows among the others: only an answer proves that it lives.
    """
    if found.port != (place.tcp_port or PORT):
        return Ping.NO_RESPONSE
    asked = make_conninfo(host=place.host, port=found.port, user="nobody", dbname="postgres", connect_timeout=10)
    return Ping(PGconn.ping(asked.encode()))
