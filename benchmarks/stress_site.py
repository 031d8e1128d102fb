"""The installation under stress: made in a temporary folder, served on loopback as in earnest, thrown away at the end."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from maillage.house.private_postgres import remove, using
from tests.helpers.installations import Installation

TIMEOUT_S = 30
ENTRY = """
    from maillage.rooms.atlas.tests.makers import make_entry
    print("entry", make_entry("PIMMS").pk)
"""


@dataclass(frozen=True)
class Served:
    """A running server and where its database is."""

    installation: Installation
    process: subprocess.Popen[bytes]
    port: int
    entry: int
    system: Path

    def children(self) -> dict[int, str]:
        """Processes that the server started: number and command."""
        command = ["ps", "-o", "pid=,args=", "--ppid", str(self.process.pid)]
        listed = subprocess.run(command, capture_output=True, text=True).stdout
        lines = [line.split(None, 1) for line in listed.splitlines() if "ps -o" not in line]
        return {int(number): command for number, command in lines}

    def workers(self) -> list[int]:
        """Processes of pages."""
        return [number for number, command in self.children().items() if "maillage worker" not in command]

    def postmaster(self) -> int:
        return int(next(self.system.rglob("postmaster.pid")).read_text().split()[0])

    def keys(self) -> Counter[str]:
        """Keys in the tables, each with how many rows bear it: it is the message too."""
        return Counter(str(key) for (key,) in self.installation.rows("SELECT message FROM atlas_suggestion"))

    def log(self) -> str:
        return (self.installation.home.parent / "log").read_text(errors="replace")


def one_entry(installation: Installation) -> int:
    """Tables, and one entry to write about; no browser file."""
    installation.migrate()
    (installation.home / "static").mkdir(parents=True, exist_ok=True)
    (installation.home / "static" / "staticfiles.json").write_text('{"paths": {}, "version": "1.1", "hash": ""}')
    made = installation.python(ENTRY).said
    return int(re.search(r"entry (\d+)", made)[1])  # type: ignore[index]


@contextmanager
def serving(folder: Path, fill: Callable[[Installation], int] = one_entry, **extra: str) -> Iterator[Served]:
    """Makes an installation, fills it, serves it with two processes of pages and a worker."""
    system = Path(extra.pop("system", folder / "system"))
    os.environ["MAILLAGE_POSTGRES_DIR"] = str(system)
    is_private = "DATABASE_URL" not in extra
    port = _free_port()
    settings = {"MAILLAGE_POSTGRES_DIR": str(system), "MAILLAGE_FLOOD_LIMIT": "100000000", "MAILLAGE_KEEP_POSTGRES": "1",
                "MAILLAGE_ADDRESS": f"http://127.0.0.1:{port}", **extra}  # fmt: skip
    installation = Installation(folder / "home", settings)
    serve = [sys.executable, "-m", "maillage", "serve", "--port", str(port)]
    serve += ["--workers", "2", "--threads", "8", "--with-worker"]
    try:
        with using(installation.home) if is_private else nullcontext():
            entry = fill(installation)
            with (folder / "log").open("wb") as log:
                process = subprocess.Popen(serve, env=installation.environment, stdout=log, stderr=log)
            try:
                until = time.monotonic() + 90
                while asked(port, "/pret/")[0] != 200:
                    assert time.monotonic() < until, (folder / "log").read_text()[-3000:]
                    time.sleep(0.3)
                yield Served(installation, process, port, entry, system)
            finally:
                process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=30)
                process.kill()
    finally:
        if is_private:
            remove(installation.home)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def asked(
    port: int, path: str, method: str = "GET", body: str = "", headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str]]:
    """The status and headers of one answer on a connection of its own; 0 and the fault when there is none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        answer = connection.getresponse()
        answer.read()
        return answer.status, dict(answer.getheaders())
    except (OSError, http.client.HTTPException) as fault:
        return 0, {"fault": type(fault).__name__}
    finally:
        connection.close()
