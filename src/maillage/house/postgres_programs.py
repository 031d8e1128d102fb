"""pg_dump and pg_restore: the wheel's, which serve any server we know, or the system's where that one is newer.

pg_dump refuses a server newer than itself, and pg_restore an archive made by a newer pg_dump.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from psycopg.conninfo import make_conninfo

from maillage.house.postgres_account import wheel_root
from maillage.house.postgres_roles import DatabaseProblem

# Where Debian and its kin keep each version.
SYSTEM_PROGRAMS = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Program:
    """One program and the major version of PostgreSQL that it comes with."""

    path: Path
    version: int


def program_for(name: str, oldest: int) -> Program:
    """The program of this name, of version `oldest` or newer; raises DatabaseProblem with what to install."""
    found = [Program(path, version) for path in _candidates(name) if (version := _version_of(path)) is not None]
    fitting = [one for one in found if one.version >= oldest]
    if not fitting:
        known = ", ".join(sorted({str(one.version) for one in found})) or "none"
        raise DatabaseProblem(
            f"{name} of PostgreSQL {oldest} or newer is needed ({known} found): install the package "
            f"postgresql-client-{oldest}."
        )
    # The first that fits: the wheel's, pinned and tested with this version of the application.
    return fitting[0]


def _candidates(name: str) -> Iterator[Path]:
    if sys.platform != "win32":  # the module that finds the wheel needs the accounts of Unix
        with suppress(DatabaseProblem):
            yield wheel_root() / "bin" / name
    yield from sorted(SYSTEM_PROGRAMS.glob(f"*/bin/{name}"), reverse=True)
    if found := shutil.which(name):
        yield Path(found)


def _version_of(path: Path) -> int | None:
    try:
        shown = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=30)
    except OSError:
        return None
    found = re.search(r"\(PostgreSQL\) (\d+)", shown.stdout)
    return int(found[1]) if found else None


def run(program: Program, arguments: Sequence[str | Path], address: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Runs it, in a database if an address is given; returns its exit code and what it said.

    The password goes by the environment: a command line can be read by every account of the machine.
    """
    entering: list[str] = []
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    if address:
        open_parts = {name: value for name, value in address.items() if name != "password"}
        entering = [f"--dbname={make_conninfo('', **open_parts)}"]
        environment["PGPASSWORD"] = address.get("password", "")
    done = subprocess.run(
        [program.path, *entering, *arguments],
        env={**environment, "LC_ALL": "C", "PGCONNECT_TIMEOUT": "20"},  # C: its messages are read
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    return done.returncode, done.stderr.strip()
