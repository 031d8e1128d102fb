"""Does a site that serves for long stay as it was? A bounded rate of everything, memory and descriptors watched."""

from __future__ import annotations

import heapq
import json
import os
import random
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import stress_browser
from stress_browser import Browser, NotAnswered
from stress_mix import Mix, found_in
from stress_site import Served, serving
from stress_watch import Watch

from tests.helpers.installations import Installation

PEOPLE = 30
HANDS = 24  # threads that ask; one that waits for a letter holds none of the others
PREPARED = """
    from maillage.core.people.actions import add_person, sign_in_link
    from maillage.core.rooms import resolve, rooms
    for room in rooms():
        for seed in room.seeds:
            resolve(seed.load)()
    for number in range({people}):
        add_person(f"Essai {{number}}", email=f"essai{{number}}@example.invalid", role="helper")
    print("link", sign_in_link(add_person("Modération", email="moderation@example.invalid", role="moderator")))
    from maillage.rooms.atlas.models import Entry
    print("entry", Entry.objects.order_by("pk").first().pk)
"""
# Kind of writing → one every so many seconds, spread by chance.
WRITINGS = {"propose": 8.0, "report": 4.0, "sign in": 12.0, "desk": 8.0}


@dataclass
class Told:
    """Answers by kind and status, and how long they took."""

    outcomes: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    refusals: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    late: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, status: object, seconds: float) -> None:
        with self.lock:
            self.outcomes[kind][str(status)] += 1
            self.seconds[kind].append(seconds)

    def refused(self, fault: NotAnswered) -> None:
        with self.lock:
            self.refusals[str(fault)[:160]] += 1


@dataclass
class Load:
    """Requests drawn at a bounded rate, and stories of people who write at their own pace."""

    served: Served
    mix: Mix
    link: str
    rate: float
    until: float
    told: Told
    _next: list[tuple[float, int, str]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _desk: threading.Lock = field(default_factory=threading.Lock)
    _count: int = 0
    _moderator: Browser | None = None

    def run(self) -> None:
        now = time.monotonic()
        self._next = [(now, 0, "read")]
        self._next += [(now + every * random.random(), 0, kind) for kind, every in WRITINGS.items()]
        heapq.heapify(self._next)
        threads = [threading.Thread(target=self._hand, daemon=True) for _turn in range(HANDS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=max(0.0, self.until - time.monotonic()) + 120)

    def _due(self) -> tuple[str, int] | None:
        """The next thing to do, once its time has come; None at the end."""
        with self._lock:
            at, _number, kind = heapq.heappop(self._next)
            self._count += 1
            every = 1 / self.rate if kind == "read" else WRITINGS[kind]
            # Never more than a second behind: a machine that cannot follow is asked less, and it is counted.
            behind = time.monotonic() - at
            if kind == "read" and behind > 1:
                self.told.late, at = self.told.late + 1, time.monotonic()
            heapq.heappush(self._next, (at + every * (2 * random.random()), self._count, kind))
            number = self._count
        if at >= self.until:
            return None
        time.sleep(max(0.0, at - time.monotonic()))
        return kind, number

    def _hand(self) -> None:
        browser = Browser(self.served.port, self.told.note)
        while (due := self._due()) is not None:
            kind, number = due
            try:
                if kind == "read":
                    browser.ask(*self.mix.drawn())
                else:
                    done = self._write(kind, number)
                    self.told.done[kind if done else f"{kind}: nothing to do"] += 1
            except NotAnswered as fault:
                self.told.refused(fault)

    def _write(self, kind: str, number: int) -> bool:
        browser = Browser(self.served.port, self.told.note)
        key = f"{stress_browser.key_of(number)} {number}"
        if kind == "propose":
            stress_browser.propose(browser, key)
        elif kind == "report":
            stress_browser.report(browser, self.served.entry, key)
        elif kind == "sign in":
            outbox = self.served.installation.home / "outbox"
            stress_browser.sign_in(browser, f"essai{number % PEOPLE}@example.invalid", outbox)
            stress_browser.sign_out(browser)
        else:
            return self._decide()
        browser.leave()
        return True

    def _decide(self) -> bool:
        with self._desk:
            if self._moderator is None:
                self._moderator = Browser(self.served.port, self.told.note)
                path = "/" + self.link.split("/", 3)[3]
                form = stress_browser.form_with(self._moderator.page("desk", path), "csrfmiddlewaretoken")
                self._moderator.page("desk", self._moderator.send("desk", path, form))
            return stress_browser.decide(self._moderator)


def endurance(folder: Path, minutes: float, rate: float, walk: int = 250) -> None:
    """The site with what its rooms ship, served for `minutes`."""
    links: list[str] = []

    def filled(installation: Installation) -> int:
        done = installation.maillage("prepare")
        assert done.code == 0, done.said
        done = installation.python(PREPARED.format(people=PEOPLE))
        assert done.code == 0, done.said
        said = dict(line.split(" ", 1) for line in done.said.splitlines() if line.startswith(("link ", "entry ")))
        links.append(said["link"])
        return int(said["entry"])

    with serving(folder, filled, MAILLAGE_SECOND_FACTOR="0") as served:
        told, watch = Told(), Watch(served)
        mix = found_in(Browser(served.port, told.note), walk)
        watching = threading.Thread(target=watch.run, daemon=True)
        watching.start()
        began = time.monotonic()
        Load(served, mix, links[0], rate, began + minutes * 60, told).run()
        lasted = time.monotonic() - began
        watch.stop()
        watching.join(timeout=30)
        say(served, told, watch, lasted)


def say(served: Served, told: Told, watch: Watch, lasted: float) -> None:
    """One line by figure."""
    for figures in watch.figures(warm_up_s=min(600.0, lasted / 3)):
        print(json.dumps({"question": "endurance", **figures}), flush=True)
    for kind, outcomes in sorted(told.outcomes.items()):
        taken = sorted(told.seconds[kind])
        middle, late = taken[len(taken) // 2], taken[int(len(taken) * 0.95)]
        print(json.dumps({"question": "endurance", "kind": kind, "answers": dict(outcomes), "p50_ms": round(middle * 1000, 1),
                          "p95_ms": round(late * 1000, 1)}), flush=True)  # fmt: skip
    asked = sum(sum(one.values()) for one in told.outcomes.values())
    statuses = Counter(status for one in told.outcomes.values() for status in one.elements())
    verified = served.installation.maillage("journal", "verify").said.strip().splitlines()[-1]
    jobs = dict(served.installation.rows("SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY 1"))
    letters = dict(served.installation.rows("SELECT state, count(*) FROM channels_outboundmessage GROUP BY 1"))
    print(json.dumps({
        "question": "endurance", "minutes": round(lasted / 60, 1), "requests": asked, "per_second": round(asked / lasted, 1),
        "statuses": statuses, "server_faults": sum(n for code, n in statuses.items() if code.startswith("5")),
        "stories_done": told.done, "stories_refused": told.refusals, "put_off": told.late, "journal": verified, "jobs": jobs,
        "letters": letters, "tracebacks_in_log": served.log().count("Traceback"), "load": os.getloadavg()[0],
    }), flush=True)  # fmt: skip
