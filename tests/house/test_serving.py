"""The processes that serve: they listen where they say, leave when asked, and never stay behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@contextmanager
def serving(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server on the test's own database, once it answers; its address. Whatever is left of it at the end is killed."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONPATH": str(ROOT),
        "MAILLAGE_DATABASE_NAME": connection.settings_dict["NAME"],
    }
    environment.pop("MAILLAGE_ADDRESS", None)
    command = [sys.executable, "-m", "maillage", "serve", "--port", str(free_port()), *arguments]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        assert server.stdout is not None
        told = server.stdout.readline()
        found = re.search(r"http://\S+?:\d+", told)
        assert found is not None, told
        yield server, found[0]
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/robots.txt", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def gone(address: str, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not answers(address):
            return True
        time.sleep(0.2)
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_and_leaves_at_once_when_asked(number: signal.Signals) -> None:
    """As a terminal does: Ctrl+C goes to the whole group of processes."""
    with serving("--workers", "2") as (server, address):
        assert answers(address)
        start = time.monotonic()
        os.killpg(server.pid, number) if number == signal.SIGINT else server.terminate()
        assert server.wait(timeout=30) == 0
        assert time.monotonic() - start < 10
        assert not answers(address)


def test_a_taken_port_is_left_to_its_owner() -> None:
    with serving("--workers", "1") as (_first, address):
        port = address.rsplit(":", 1)[1]
        with serving("--workers", "1", "--port", port) as (_second, other):
            assert other != address
            assert answers(address)
            assert answers(other)


def test_forms_that_never_come_hold_up_no_page() -> None:
    """More of them than there are threads: one process has four."""
    form = (
        b"POST /connexion/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: 1000\r\n\r\na="
    )
    with serving("--workers", "1") as (_server, address), ExitStack() as slow:
        port = int(address.rsplit(":", 1)[1])
        for _turn in range(12):
            slow.enter_context(socket.create_connection(("127.0.0.1", port))).sendall(form)
        time.sleep(1)
        assert answers(address) and answers(address)


def test_nothing_stays_when_the_main_process_is_killed() -> None:
    with serving("--workers", "2", "--with-worker") as (server, address):
        family = children_of(server.pid)
        assert len(family) == 3
        os.kill(server.pid, signal.SIGKILL)
        server.wait()
        assert gone(address, 15)
        deadline = time.monotonic() + 25
        while time.monotonic() < deadline and any(is_alive(pid) for pid in family):
            time.sleep(0.2)
        assert not [pid for pid in family if is_alive(pid)]


def children_of(pid: int) -> list[int]:
    """The Python processes below it, which a server of PostgreSQL that it started is not."""
    listed = subprocess.run(["ps", "-o", "pid=,args=", "--ppid", str(pid)], capture_output=True, text=True, check=True)
    return [
        int(line.split()[0]) for line in listed.stdout.splitlines() if "maillage" in line and "postgres" not in line
    ]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_the_reader_has_the_whole_answer_before_it_is_closed(tmp_path: Path) -> None:
    """What core/web/afterwards.py leaves for after the answer must not be felt by whoever waits for it."""
    (tmp_path / "slow_to_close.py").write_text(
        "import time\n"
        "class Answer(list):\n"
        "    def close(self):\n"
        "        time.sleep(3)\n"
        "def application(environ, start_response):\n"
        "    start_response('200 OK', [('Content-Length', '5')])\n"
        "    return Answer([b'whole'])\n"
    )
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "slow_to_close:application"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as server:
        try:
            deadline, found = time.monotonic() + 20, b""
            while not found and time.monotonic() < deadline:
                start = time.monotonic()
                with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
                    found = answer.read()
                time.sleep(0.1)
            assert found == b"whole" and time.monotonic() - start < 2
        finally:
            server.terminate()
