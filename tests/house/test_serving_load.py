"""A real server of several processes under load: none of its answers is lost at SIGTERM, and its counts add up."""

from __future__ import annotations

import http.client
import json
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from maillage.house.private_postgres import remove, using
from tests.helpers.installations import Installation
from tests.helpers.processes import open_folder

pytestmark = pytest.mark.slow
READY_SECONDS = 60


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    folder = open_folder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAILLAGE_POSTGRES_DIR", str(folder / "system"))
        patch.delenv("MAILLAGE_POSTGRES_PORT", raising=False)
        extra = {"MAILLAGE_POSTGRES_DIR": str(folder / "system"), "MAILLAGE_LOG_FORMAT": "json"}
        found = Installation(folder / "home", extra)
        with using(found.home):
            found.migrate()
            (found.home / "static").mkdir()
            (found.home / "static" / "staticfiles.json").write_text('{"paths": {}, "version": "1.1", "hash": ""}')
            yield found
        remove(found.home)
    shutil.rmtree(folder)


@pytest.fixture
def served(installation: Installation, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int, Path]]:
    """A server of two processes, its port, and what it writes."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "maillage", "serve", "--port", str(port), "--workers", "2", "--threads", "4"]
    log = tmp_path / "log"
    with log.open("wb") as written:
        process = subprocess.Popen(command, env=installation.environment, stdout=written, stderr=written)
    try:
        deadline = time.monotonic() + READY_SECONDS
        while _status(port, "/sante/") != 200:
            assert time.monotonic() < deadline and process.poll() is None, log.read_text()
            time.sleep(0.1)
        yield process, port, log
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=40)


def _status(port: int, path: str) -> int | None:
    try:
        return _asked(port, path)[0]
    except (OSError, http.client.HTTPException):
        return None


def _asked(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers={"Connection": "close"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_figures_are_those_of_all_processes(served: tuple[subprocess.Popen[bytes], int, Path]) -> None:
    _process, port, log = served
    before = _counted(port)
    for _ in range(40):
        assert _asked(port, "/sante/?who=zoe@example.invalid")[0] == 200
    counts = {_counted(port) for _ in range(12)}  # asked of either process
    assert counts == {before + 40}
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    assert len([line for line in lines if line.get("page") == "alive"]) >= 40
    assert "zoe@example" not in log.read_text()


def _counted(port: int) -> float:
    text = _asked(port, "/mesures/")[1].decode()
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return sum(one.value for one in samples if one.name == "maillage_requests_total" and one.labels["page"] == "alive")


def test_at_sigterm_under_load_no_request_that_was_taken_is_lost(
    served: tuple[subprocess.Popen[bytes], int, Path],
) -> None:
    process, port, log = served
    faults: list[str] = []
    done = [0]
    stopping = threading.Event()

    def ask() -> None:
        while True:
            try:
                connection = socket.create_connection(("127.0.0.1", port), timeout=30)
            except OSError:
                return  # the door is closed: nothing was taken
            was_stopping = stopping.is_set()
            with connection:
                try:
                    connection.sendall(b"GET /pret/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    answer = _whole(connection)
                except ConnectionError as fault:
                    answer = repr(fault).encode()
            if not answer.startswith(b"HTTP/1.1 200") or b'"state": "ok"' not in answer:
                # One that only waited in the kernel's queue when the server closed was never taken: a proxy asks again.
                if not was_stopping:
                    faults.append(answer.decode(errors="replace")[:200])
                return
            done[0] += 1

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + READY_SECONDS
    while done[0] < 60 and time.monotonic() < deadline:  # both processes have answered, and are at it
        time.sleep(0.05)
    before = done[0]
    stopping.set()
    process.send_signal(signal.SIGTERM)
    for thread in threads:
        thread.join(timeout=60)
    assert process.wait(timeout=40) == 0
    assert not faults, faults
    assert before >= 60, "there was no load: this proves nothing"
    assert "Traceback" not in log.read_text()
    assert not _is_listening(port)


def _whole(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


def _is_listening(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_folders_of_figures_do_not_pile_up(
    installation: Installation, served: tuple[subprocess.Popen[bytes], int, Path]
) -> None:
    assert len(list((installation.home / "metrics").iterdir())) == 1, "those of servers that have gone are removed"
