"""Writers under stress: each reports a place as closed with a key of its own, and sends again what was not acknowledged."""

from __future__ import annotations

import json
import os
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlencode

from stress_site import TIMEOUT_S, Served, asked


@dataclass
class Told:
    """What the writers were answered."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)
    last_at: float = field(default_factory=time.monotonic)
    longest_silence: float = 0.0
    latencies: list[float] = field(default_factory=list)
    rounds: int = 0
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
            status, answer = asked(served.port, path, "POST", body, headers)
            if status == 302:
                told.note("acknowledged", key, answer.get("Location", ""), time.monotonic() - started)
                break
            told.note(f"{status or answer['fault']}")
            time.sleep(0.2)


def load(served: Served, writers: int, seconds: float, events: dict[float, object], told: Told) -> None:
    until = time.monotonic() + seconds
    began = time.monotonic()
    told.rounds += 1  # no key is used again
    threads = [
        threading.Thread(target=write, args=(served, told, until, f"w{told.rounds}.{number}"), daemon=True)
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
