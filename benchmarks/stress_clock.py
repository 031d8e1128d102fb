"""Does the site outlive a clock that is put right? Two days forward, one hour back, over a change of summer time.

Application, worker and database run with a small library (stress_clock.c, built here by `cc`) that adds to the clock of
the wall what a file says, rewritten while writers write. The monotonic clock goes on, as when a server's is set right.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from stress_browser import Browser, NotAnswered, form_with, letter_code
from stress_site import Served, serving
from stress_writers import Told, load, verdict

from tests.helpers import server_postgres
from tests.helpers.installations import Installation

# Summer time ends in France: at this instant the clocks on the walls go from three o'clock back to two.
SUMMER_ENDS = datetime(2027, 10, 31, 1, 0, tzinfo=UTC)
HOUR, DAY = 3600, 86_400
PEOPLE = """
    from maillage.core.people.actions import add_person
    for number in range(12):
        add_person(f"Essai {number}", email=f"essai{number}@example.invalid", role="helper")
"""
ENTRY = """
    from maillage.rooms.atlas.tests.makers import make_entry
    make_entry({name!r})
"""


@dataclass
class Clock:
    """The file that the library reads, and by how many seconds it says to be ahead."""

    path: Path
    ahead: int = 0

    def set(self, ahead: float) -> None:
        self.ahead = int(ahead)
        with self.path.open("r+b" if self.path.exists() else "wb") as file:
            file.write(struct.pack("=q", self.ahead))
        self.path.chmod(0o644)

    def jump(self, seconds: int) -> None:
        self.set(self.ahead + seconds)


@contextmanager
def _faked(clock: Clock) -> Iterator[None]:
    """Children of this process see the clock of the file; this process does not."""
    library = clock.path.with_name("clock.so")
    source = Path(__file__).with_suffix(".c")
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", library, source], check=True)
    given = {"LD_PRELOAD": str(library), "SHIFTED_CLOCK": str(clock.path)}
    os.environ.update(given)
    try:
        yield
    finally:
        for name in given:
            os.environ.pop(name, None)


@dataclass
class Story:
    """What is tried around the jumps; each answer is kept under its name."""

    served: Served
    clock: Clock
    found: dict[str, object] = field(default_factory=dict)
    open: dict[str, Browser] = field(default_factory=dict)
    _people: int = 0

    @property
    def outbox(self) -> Path:
        return self.served.installation.home / "outbox"

    def ask_code(self) -> Callable[[], bool]:
        """Asks for a code and reads the letter; returns the typing of it, which says whether it signs in."""
        browser, address = Browser(self.served.port, lambda *_note: None), f"essai{self._people}@example.invalid"
        self._people += 1
        known, form = set(self.outbox.glob("*.txt")), form_with(browser.page("sign in", "/connexion/"), "address")
        where = browser.send("sign in", "/connexion/", {**form, "address": address})
        code = letter_code(self.outbox, address, known)

        def typed() -> bool:
            form = form_with(browser.page("sign in", where), "code")
            try:
                browser.send("sign in", where, {**form, "code": code})
            except NotAnswered:
                return False
            self.open[address] = browser
            return self.is_in(address)

        return typed

    def signs_in(self) -> bool | str:
        try:
            return self.ask_code()()
        except NotAnswered as fault:
            return str(fault)

    def is_in(self, address: str) -> bool:
        return self.open[address].ask("account", "/compte/")[0] == 200

    def still_in(self) -> str:
        return f"{sum(self.is_in(one) for one in self.open)} of {len(self.open)}"

    def reads_what_was_written(self, name: str) -> float | str:
        """Seconds until an entry is on the list, asked with the tag of the list that was kept; the word when it never is."""
        path = f"/atlas/?q={name}"
        browser = Browser(self.served.port, lambda *_note: None)
        browser.ask("list", path)
        done = self.served.installation.python(ENTRY.format(name=name))
        assert done.code == 0, done.said
        began = time.monotonic()
        while time.monotonic() < began + 20:
            if re.search(rf"/atlas/fiche/\d+-{name}", browser.ask("list", path)[2]):
                return round(time.monotonic() - began, 1)
            time.sleep(0.2)
        return "stale after 20 s"

    def newest_job(self) -> int:
        return int(str(self.served.installation.rows("SELECT coalesce(max(id), 0) FROM procrastinate_jobs")[0][0]))

    def job_each_minute(self, after: int) -> float | str:
        """Seconds until a job of each minute, made after a job of this number, has succeeded."""
        done = "status = 'succeeded' AND task_name = 'readmodel.rebuild'"
        query = f"SELECT 1 FROM procrastinate_jobs WHERE id > {after} AND {done}"
        began = time.monotonic()
        while time.monotonic() < began + 100:
            if self.served.installation.rows(query):
                return round(time.monotonic() - began)
            time.sleep(1)
        return "none in 100 s"

    def around(self, jump: str, seconds: int) -> None:
        """A code asked before the jump and typed after, one asked and typed after, what was written, jobs."""
        before = self.ask_code()
        self.clock.jump(seconds)
        time.sleep(2)
        job = self.newest_job()
        self.found[f"{jump}: a code of before signs in"] = before()
        self.found[f"{jump}: a new code signs in"] = self.signs_in()
        self.found[f"{jump}: sessions open"] = self.still_in()
        self.found[f"{jump}: seconds until what was written is read"] = self.reads_what_was_written(f"horloge{job}")
        self.found[f"{jump}: seconds until a job of each minute"] = self.job_each_minute(job)

    def told(self) -> None:
        """From the first jump to the last. The load goes on meanwhile."""
        self.clock.set(SUMMER_ENDS.timestamp() - 15 - time.time())
        self.found["before: a code signs in"] = self.signs_in()
        time.sleep(max(0.0, SUMMER_ENDS.timestamp() - self.clock.ahead - time.time()) + 1)
        self.found["summer time over: a code signs in"] = self.signs_in()
        self.found["summer time over: sessions open"] = self.still_in()
        self.around("2 days forward", 2 * DAY)
        self.around("1 hour back", -HOUR)
        self.around("2 days back", -2 * DAY)
        self.clock.jump(15 * DAY)
        time.sleep(1)
        self.found["15 days forward: sessions open"] = self.still_in()
        self.found["15 days forward: a new code signs in"] = self.signs_in()
        self.clock.jump(-15 * DAY)


def clock(folder: Path, writers: int, seconds: float) -> None:
    """The clock jumps while a tenth of the writers write."""
    question = "the clock jumps"
    if not shutil.which("cc") or not (server_postgres.PROGRAMS / "postgres").exists():
        lacking = "needs a C compiler (cc) and Debian's package postgresql-15"
        print(json.dumps({"question": question, "SKIPPED": lacking}), flush=True)
        return
    hands = Clock(folder / "time")
    hands.set(SUMMER_ENDS.timestamp() - HOUR - time.time())
    with (
        _faked(hands),
        server_postgres.cluster() as (url, _place),
        serving(folder, _filled, DATABASE_URL=url) as served,
    ):
        story, told = Story(served, hands), Told()
        telling = threading.Thread(target=story.told, daemon=True)
        telling.start()
        load(served, max(4, writers // 10), seconds, {}, told)
        while telling.is_alive():
            load(served, max(4, writers // 10), 10, {}, told)
        back = served.installation.rows(
            "SELECT count(*) FROM (SELECT at < lag(at) OVER (ORDER BY id) AS earlier FROM journal_journalline) one WHERE earlier"
        )
        sealed = served.installation.python(
            "from maillage.core.journal.actions import seal_new_lines; print(seal_new_lines())"
        )
        verified = served.installation.maillage("journal", "verify")
        verdict(question, served, told, writers=max(4, writers // 10), journal=verified.said.strip().splitlines()[-1],
                journal_code=verified.code, sealed=sealed.said.strip(), lines_earlier_than_the_one_before=back[0][0],
                tracebacks_in_log=served.log().count("Traceback"), **story.found)  # fmt: skip


def _filled(installation: Installation) -> int:
    """With browser files, for the pages that are read."""
    for done in (installation.maillage("prepare"), installation.python(PEOPLE)):
        assert done.code == 0, done.said
    made = installation.python(ENTRY.format(name="PIMMS") + "    print('entry', 1)")
    assert made.code == 0, made.said
    return int(str(installation.rows("SELECT min(id) FROM atlas_entry")[0][0]))
