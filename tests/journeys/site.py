"""The real site for journeys: a process of `maillage serve` with its worker, on a throw-away database with the real study."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection, connections

READY_SECONDS = 90


@dataclass(frozen=True)
class Site:
    """A running site."""

    address: str
    outbox: Path
    log: Path

    def url(self, path: str) -> str:
        return self.address + path


@contextmanager
def running_site() -> Iterator[Site]:
    """Fills the session's database with what the rooms ship, serves it, and stops everything at the end."""
    _seed()
    with tempfile.TemporaryDirectory(prefix="maillage-journeys-") as folder:
        port = _free_port()
        environment = _environment(Path(folder), port)
        _maillage(environment, "prepare")
        log = Path(folder) / "server.log"
        with log.open("wb") as output:
            command = [
                sys.executable,
                "-m",
                "maillage",
                "serve",
                "--port",
                str(port),
                "--workers",
                "1",
                "--with-worker",
            ]
            server = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
        site = Site(f"http://127.0.0.1:{port}", Path(folder) / "home" / "outbox", log)
        try:
            _wait_for(site, server)
            yield site
        finally:
            _stop(server)


def _seed() -> None:
    from maillage.core.rooms import resolve, rooms

    for room in rooms():
        for seed in room.seeds:
            resolve(seed.load)()
    connections.close_all()


def _environment(folder: Path, port: int) -> dict[str, str]:
    """The server keeps its files in a folder of its own, and enters the database of this test session."""
    home = folder / "home"
    home.mkdir()
    given = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.journeys.settings",
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        "PYTHONWARNINGS": "default",
        "MAILLAGE_JOURNEYS_FOLDER": str(home),
        "MAILLAGE_HOME": os.environ["MAILLAGE_HOME"],
        "MAILLAGE_DATABASE_NAME": connection.settings_dict["NAME"],
        "MAILLAGE_ADDRESS": f"http://127.0.0.1:{port}",
        "MAILLAGE_SECRET_KEY": settings.SECRET_KEY,
        "MAILLAGE_FLOOD_LIMIT": "1000",
        "MAILLAGE_LOG_LEVEL": "INFO",
    }
    return {name: value for name, value in given.items() if name != "MAILLAGE_STARTED"}


def _maillage(environment: dict[str, str], *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "maillage", *arguments], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(site: Site, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(OSError), urllib.request.urlopen(site.url("/"), timeout=20) as answer:
            if answer.status == 200:
                return
        time.sleep(0.2)
    raise AssertionError(f"the site does not start:\n{site.log.read_text(errors='replace')}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(timeout=30)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
        raise
