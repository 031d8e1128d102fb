"""Does an acknowledged write survive? Writers on loopback while processes are killed, the disk fills, the gateway hangs.

    python benchmarks/stress.py [--writers 200] [--seconds 60] [--only killing|disk|gateway]

An installation of its own in a temporary folder, thrown away at the end. Each writer reports a place as closed with a key
of its own, and sends again with the same key what was not acknowledged, as a browser or a person does. At the end the
tables are asked, past the application: every acknowledged key must be there once, and no key twice.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from maillage.house.private_postgres import remove, using
from tests.helpers.installations import Installation

ENTRY = """
    from maillage.rooms.atlas.tests.makers import make_entry
    print("entry", make_entry("PIMMS").pk)
"""
HANGING = "import time\n\ndef hang(letter):\n    time.sleep(25)\n"
TIMEOUT_S = 30


@dataclass
class Told:
    """What the writers were answered."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)
    last_at: float = field(default_factory=time.monotonic)
    longest_silence: float = 0.0
    latencies: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, outcome: str, key: str = "", code: str = "", seconds: float = 0.0) -> None:
        with self.lock:
            self.outcomes[outcome] += 1
            if key:
                now = time.monotonic()
                self.longest_silence = max(self.longest_silence, now - self.last_at)
                self.last_at = now
                self.acknowledged[key] = code
                self.latencies.append(seconds)


@dataclass(frozen=True)
class Served:
    """A running server and where its database is."""

    installation: Installation
    process: subprocess.Popen[bytes]
    port: int
    entry: int
    system: Path

    def workers(self) -> list[int]:
        """Processes of pages: children of the server."""
        listed = subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(self.process.pid)], capture_output=True, text=True
        ).stdout
        return [
            int(line.split()[0])
            for line in listed.splitlines()
            if "maillage worker" not in line and "ps -o" not in line
        ]

    def postmaster(self) -> int:
        return int(next(self.system.rglob("postmaster.pid")).read_text().split()[0])

    def keys(self) -> Counter[str]:
        """Keys in the tables, each with how many rows bear it: it is the message too."""
        return Counter(str(key) for (key,) in self.installation.rows("SELECT message FROM atlas_suggestion"))


@contextmanager
def serving(folder: Path, **extra: str) -> Iterator[Served]:
    system = Path(extra.pop("system", folder / "system"))
    os.environ["MAILLAGE_POSTGRES_DIR"] = str(system)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    settings = {"MAILLAGE_POSTGRES_DIR": str(system), "MAILLAGE_FLOOD_LIMIT": "100000000", "MAILLAGE_KEEP_POSTGRES": "1",
                "MAILLAGE_ADDRESS": f"http://127.0.0.1:{port}", **extra}  # fmt: skip
    installation = Installation(folder / "home", settings)
    try:
        with using(installation.home):
            installation.migrate()
            (installation.home / "static").mkdir(exist_ok=True)
            (installation.home / "static" / "staticfiles.json").write_text(
                '{"paths": {}, "version": "1.1", "hash": ""}'
            )
            entry = int(re.search(r"entry (\d+)", installation.python(ENTRY).said)[1])  # type: ignore[index]
            command = [
                sys.executable,
                "-m",
                "maillage",
                "serve",
                "--port",
                str(port),
                "--workers",
                "2",
                "--threads",
                "8",
                "--with-worker",
            ]
            with (folder / "log").open("wb") as log:
                process = subprocess.Popen(command, env=installation.environment, stdout=log, stderr=log)
            try:
                until = time.monotonic() + 90
                while _asked(port, "/pret/")[0] != 200:
                    assert time.monotonic() < until, (folder / "log").read_text()[-3000:]
                    time.sleep(0.3)
                yield Served(installation, process, port, entry, system)
            finally:
                process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=30)
                process.kill()
    finally:
        remove(installation.home)


def _asked(
    port: int, path: str, method: str = "GET", body: str = "", headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str]]:
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


def write(served: Served, told: Told, until: float, name: str) -> None:
    """One writer: one report after another, each sent again until it is acknowledged or time is up."""
    token = "a" * 32
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"csrftoken={token}",
        "X-Forwarded-For": name,
    }
    path = f"/atlas/fiche/{served.entry}/signaler/closed/"
    number = 0
    while time.monotonic() < until:
        number += 1
        key = f"{name}-{number}"
        body = urlencode({"csrfmiddlewaretoken": token, "form_key": key, "message": key})
        while time.monotonic() < until + TIMEOUT_S:
            started = time.monotonic()
            status, answered = _asked(served.port, path, "POST", body, headers)
            if status == 302:
                told.note("acknowledged", key, answered.get("Location", ""), time.monotonic() - started)
                break
            told.note(f"{status or answered['fault']}")
            time.sleep(0.2)


def load(served: Served, writers: int, seconds: float, events: dict[float, object], told: Told) -> None:
    until = time.monotonic() + seconds
    began = time.monotonic()
    threads = [
        threading.Thread(target=write, args=(served, told, until, f"w{number}"), daemon=True)
        for number in range(writers)
    ]
    for thread in threads:
        thread.start()
    for at, event in sorted(events.items()):
        time.sleep(max(0.0, began + at - time.monotonic()))
        event()  # type: ignore[operator]
    for thread in threads:
        thread.join(timeout=seconds + 4 * TIMEOUT_S)


def verdict(question: str, served: Served, told: Told, **more: object) -> None:
    kept = served.keys()
    latencies = sorted(told.latencies) or [0.0]
    missing = [key for key in told.acknowledged if kept[key] == 0]
    print(json.dumps({
        "question": question, "acknowledged": len(told.acknowledged), "missing": len(missing),
        "twice": sum(1 for count in kept.values() if count > 1), "in_tables": sum(kept.values()),
        "other_answers": {name: count for name, count in told.outcomes.items() if name != "acknowledged"},
        "longest_silence_s": round(told.longest_silence, 2), "p50_s": round(latencies[len(latencies) // 2], 3),
        "p95_s": round(latencies[int(len(latencies) * 0.95)], 3), "load": os.getloadavg()[0], **more,
    }), flush=True)  # fmt: skip


def killing(folder: Path, writers: int, seconds: float) -> None:
    """kill -9 of a process of pages at a third, of the database at two thirds."""
    with serving(folder) as served:
        told = Told()
        killed: list[str] = []

        def kill_pages() -> None:
            pid = served.workers()[0]
            os.kill(pid, signal.SIGKILL)
            killed.append(f"pages {pid}")

        def kill_database() -> None:
            pid = served.postmaster()
            os.kill(pid, signal.SIGKILL)
            killed.append(f"database {pid}")

        load(served, writers, seconds, {seconds / 3: kill_pages, 2 * seconds / 3: kill_database}, told)
        verified = served.installation.maillage("journal", "verify")
        verdict("kill -9 of pages, then of the database", served, told, writers=writers, seconds=seconds, killed=killed,
                journal=verified.said.strip().splitlines()[-1])  # fmt: skip


def disk(folder: Path, writers: int, seconds: float) -> None:
    """The database on a small disk, filled up in the middle, then freed."""
    if os.geteuid() != 0:
        print(json.dumps({"question": "disk full", "skipped": "only root can make a small disk"}))
        return
    small = folder / "small"
    small.mkdir()
    small.chmod(0o755)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400m,mode=755", "tmpfs", small], check=True)
    try:
        with serving(folder, system=str(small / "system")) as served:
            told, ballast = Told(), small / "ballast"
            seen: dict[str, object] = {}

            def fill() -> None:
                with suppress(OSError), ballast.open("wb") as file:
                    while True:
                        file.write(b"\0" * 1_000_000)
                        file.flush()
                before = len(told.acknowledged)
                served.installation.rows("SELECT 1")
                time.sleep(seconds / 4)
                seen["while_full"] = dict(told.outcomes)
                seen["acknowledged_while_full"] = len(told.acknowledged) - before
                seen["page_read_while_full"] = _asked(served.port, "/sante/")[0]
                ballast.unlink()
                seen["freed_after_s"] = seconds / 4

            load(served, writers, seconds, {seconds / 3: fill}, told)
            verdict("disk of the database full, then freed", served, told, writers=writers, seconds=seconds, **seen)
    finally:
        subprocess.run(["umount", "-l", small], check=False)


def gateway(folder: Path, writers: int, seconds: float) -> None:
    """A gateway of mail that hangs: pages and writes must not wait for it."""
    module = folder / "hanging_gateway.py"
    module.write_text(HANGING)
    extra = {"MAILLAGE_MAIL_GATEWAY": "hanging_gateway.hang", "PYTHONPATH": str(folder)}
    with serving(folder, **extra) as served:
        asked = served.installation.python("""
            from maillage.core.channels.actions import queue_letter
            from maillage.core.channels.gateways import Letter
            for number in range(5):
                queue_letter(Letter(f"stress/{number}", "mail", "a@example.invalid", "t", "b"))
        """)
        assert asked.code == 0, asked.said
        told = Told()
        load(served, writers, seconds, {}, told)
        sent = served.installation.rows("SELECT state, count(*) FROM channels_outboundmessage GROUP BY 1")
        verdict(
            "a mail gateway that hangs 25 s a letter",
            served,
            told,
            writers=writers,
            seconds=seconds,
            messages=dict(sent),
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--writers", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    for question in (killing, disk, gateway):
        if options.only in {"", question.__name__}:
            folder = Path(tempfile.mkdtemp(prefix="maillage-stress-"))
            folder.chmod(0o755)
            try:
                question(folder, options.writers, options.seconds)
            finally:
                shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
