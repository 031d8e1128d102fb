"""Memory, descriptors and threads of every process of an installation, every so many seconds; figures at the end.

A process of the application is told alone. Those of the database come and go with connections: they are told together.
Memory is the proportional set (what is shared is counted once), where the kernel tells it, else the resident set.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from stress_site import Served

FIGURES = ("pss_mb", "rss_mb", "descriptors", "threads", "processes")


@dataclass
class Watch:
    """Samples by what they are of; each sample is the second and the figures."""

    served: Served
    every_s: float = 10.0
    samples: dict[str, list[tuple[float, dict[str, float]]]] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)
    _began: float = field(default_factory=time.monotonic)

    def run(self) -> None:
        """Until `stop`."""
        while not self._stop.is_set():
            for name, numbers in self._processes().items():
                self.samples.setdefault(name, []).append((time.monotonic() - self._began, _of_all(numbers)))
            connections = self.served.installation.rows(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            self.samples.setdefault("connections", []).append(
                (time.monotonic() - self._began, {"connections": float(str(connections[0][0]))})
            )
            self._stop.wait(self.every_s)

    def stop(self) -> None:
        self._stop.set()

    def _processes(self) -> dict[str, list[int]]:
        found = {"server": [self.served.process.pid]}
        for number, command in self.served.children().items():
            found[f"{'worker' if 'maillage worker' in command else 'pages'} {number}"] = [number]
        postmaster = self.served.postmaster()
        found["database"] = [postmaster, *_children_of(postmaster)]
        return found

    def figures(self, warm_up_s: float) -> list[dict[str, object]]:
        """One line by process: first, last and largest, and what memory gained in ten minutes after the warm-up."""
        return [
            {"process": name, "samples": len(kept), **_summary(kept, warm_up_s)}
            for name, kept in sorted(self.samples.items())
        ]


def _children_of(parent: int) -> list[int]:
    path = Path(f"/proc/{parent}/task/{parent}/children")
    try:
        return [int(one) for one in path.read_text().split()]
    except OSError:
        return []


def _of_all(numbers: list[int]) -> dict[str, float]:
    each = [found for number in numbers if (found := _of(number))]
    total = {name: sum(one[name] for one in each) for name in FIGURES if name != "processes"}
    return {**total, "processes": float(len(each))}


def _of(number: int) -> dict[str, float]:
    """Figures of one process; nothing once it has left."""
    try:
        status = _kilobytes(Path(f"/proc/{number}/status").read_text())
        shared = _kilobytes(Path(f"/proc/{number}/smaps_rollup").read_text())
        return {
            "rss_mb": status["VmRSS"] / 1024, "pss_mb": shared.get("Pss", status["VmRSS"]) / 1024,
            "descriptors": float(len(list(Path(f"/proc/{number}/fd").iterdir()))), "threads": status["Threads"],
        }  # fmt: skip
    except (OSError, KeyError):
        return {}


def _kilobytes(text: str) -> dict[str, float]:
    parts = [line.split() for line in text.splitlines()]
    return {one[0].rstrip(":"): float(one[1]) for one in parts if len(one) > 1 and one[1].isdigit()}


def _summary(kept: list[tuple[float, dict[str, float]]], warm_up_s: float) -> dict[str, object]:
    found: dict[str, object] = {}
    late = [(at, one) for at, one in kept if at >= warm_up_s] or kept
    for name in kept[0][1]:
        values = [one[name] for _at, one in kept if name in one]
        shown = {"first": values[0], "after_warm_up": late[0][1].get(name, 0.0), "last": values[-1], "max": max(values)}
        found[name] = {what: round(value, 1) for what, value in shown.items()}
        if name.endswith("_mb") and len(late) > 5:
            slope = np.polyfit([at for at, _one in late], [one[name] for _at, one in late], 1)[0]
            found[f"{name}_per_10_min"] = round(float(slope) * 600, 2)
    return found
