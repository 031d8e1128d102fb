"""Preparing, serving and working: the processes of an installation."""

from __future__ import annotations

import argparse
import http.client
import os
import socket
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import django

from maillage.house.attached_worker import AttachedWorker
from maillage.house.compiled import compiling
from maillage.house.database import home_from, prepare_server_roles, start_private_server
from maillage.house.metrics_folder import open_folder
from maillage.house.orphans import SERVED_BY, leave_with_parent
from maillage.house.terminal import OK, Failure, say, step, tell

READY_SECONDS = 60


@dataclass(frozen=True)
class Listening:
    """Where to listen and with how many hands."""

    host: str
    port: int
    workers: int
    threads: int

    @property
    def address(self) -> str:
        """The address that a browser on this machine opens."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def listening_from(options: argparse.Namespace) -> Listening:
    """What the options say, on the next free port if theirs is taken, which is said."""
    is_exact = getattr(options, "exact_port", False)
    ports = range(options.port, options.port + (1 if is_exact else 50))
    port = next((port for port in ports if _is_free(options.host, port)), None)
    if port is None and is_exact:
        raise Failure(f"Port {options.port} is taken on {options.host}.")
    if port is None:
        raise Failure(
            f"No port from {options.port} to {options.port + 49} is free on {options.host}: give another --port."
        )
    if port != options.port:
        tell(f"Port {options.port} is taken: {port} is used instead.")
    return Listening(options.host, port, options.workers, options.threads)


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def prepare() -> int:
    """Roles, tables, browser files, compiled loops: what each update needs. Does no harm when repeated."""
    with compiling():
        return prepare_all_but_loops()


def prepare_all_but_loops() -> int:
    """The same for who has more to do meanwhile: see `compiling`."""
    from django.conf import settings
    from django.core.management import call_command

    with step("Database: server and roles"):
        prepare_server_roles(os.environ, home_from(os.environ))
    django.setup()
    with step("Database: tables"):
        call_command("migrate", database="owner", verbosity=0, interactive=False)
    check_built()
    with step("Browser files"):
        # The TTF fonts are for printed documents, which read them where they are built.
        call_command("collectstatic", verbosity=0, interactive=False, ignore_patterns=["fonts-ttf"])
    Path(settings.OUTBOX).mkdir(parents=True, exist_ok=True, mode=0o700)
    return OK


def check_built() -> None:
    """Raises Failure when the one bundling step was not run."""
    from django.contrib.staticfiles import finders

    for name in ("web/build/app.css", "web/build/map.js"):
        if finders.find(name) is None:
            raise Failure(
                f"The browser file {name} is not built: run `npm ci` and `npm run build` (`make demo` does it)."
            )


def serve(listening: Listening, *, with_worker: bool = False, greeting: str = "") -> int:
    """Serves until SIGINT or SIGTERM, then lets the requests under way finish. Returns when all processes have left."""
    os.environ.setdefault("MAILLAGE_ADDRESS", listening.address)
    os.environ[SERVED_BY] = str(os.getpid())
    open_folder(home_from(os.environ))  # where the worker processes add up what they count
    # Before any other process: the one that leaves last stops the private server.
    start_private_server(os.environ, home_from(os.environ))
    worker = AttachedWorker() if with_worker else None
    threading.Thread(target=_greet, args=(listening, greeting), daemon=True).start()
    try:
        _run_granian(listening)
    finally:
        if worker:
            worker.end()
    return OK


def _run_granian(listening: Listening) -> None:
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from maillage.house.page_server import PageServer

    server = PageServer(
        "maillage.house.wsgi:application",
        address=listening.host,
        port=listening.port,
        interface=Interfaces.WSGI,
        workers=listening.workers,
        blocking_threads=listening.threads,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=20,
    )
    server.serve()


def _greet(listening: Listening, greeting: str) -> None:
    """Says the address once a page has really been answered."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if (status := _status_of(listening)) is not None:
            ending = "" if status == http.client.OK else f" (the front page answers {status}: see the messages above)"
            say(f"{greeting or 'Serving on'} {listening.address}/{ending}{_since_started()}")
            return
        time.sleep(0.1)
    tell(f"Nothing answers on {listening.address} after {READY_SECONDS} s.")


def _since_started() -> str:
    """The whole time since `make` was typed, when it says so."""
    started = os.environ.get("MAILLAGE_STARTED", "")
    return f" — ready {time.time() - int(started):.0f} s after the command" if started.isdigit() else ""


def _status_of(listening: Listening) -> int | None:
    host = listening.address.removeprefix("http://").rsplit(":", 1)[0].strip("[]")
    connection = http.client.HTTPConnection(host, listening.port, timeout=READY_SECONDS)
    try:
        connection.request("GET", "/", headers={"Host": f"127.0.0.1:{listening.port}"})
        return connection.getresponse().status
    except OSError:
        return None
    finally:
        connection.close()


def work(*, attached: bool = False) -> int:
    """Runs the worker until SIGINT or SIGTERM; the job under way is finished first."""
    start_private_server(os.environ, home_from(os.environ))
    django.setup()
    if attached:
        leave_with_parent(os.getppid())
    from django.core.management import call_command

    from maillage.house.periodic import install

    install()
    call_command("procrastinate", "worker", "--concurrency", "2")
    return OK
