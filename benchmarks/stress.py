"""Does the site hold? Writers on loopback while processes are killed, the disk fills, the gateway hangs, the clock jumps.

    python benchmarks/stress.py [--writers 200] [--seconds 60] [--only killing|disk|gateway|clock|endurance]
    python benchmarks/stress.py --only endurance --minutes 30 --rate 40

An installation of its own in a temporary folder, thrown away at the end. Each writer reports a place as closed with a key
of its own, and sends again with the same key what was not acknowledged, as a browser or a person does. At the end the
tables are asked, past the application: every acknowledged key must be there once, and no key twice. `endurance` (never run
unless it is named) watches memory and descriptors under a mix of everything; the modules are beside this file.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from stress_clock import clock
from stress_endurance import endurance
from stress_site import asked, serving
from stress_writers import Told, load, verdict

HANGING = "import time\n\ndef hang(letter):\n    time.sleep(25)\n"


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
                seen["page_read_while_full"] = asked(served.port, "/sante/")[0]
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
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=float, default=40, help="requests a second of the endurance run")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    for question in (killing, disk, gateway, clock):
        if options.only in {"", question.__name__}:
            with folder() as place:
                question(place, options.writers, options.seconds)
    if options.only == "endurance":
        with folder() as place:
            endurance(place, options.minutes, options.rate)


@contextmanager
def folder() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="maillage-stress-"))
    place.chmod(0o755)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    main()
