"""Jobs of each minute, hour, night, by a worker whose clock is put right.

Procrastinate remembers the last instant that it served. Once the clock went back it would serve none until that instant has
come again (two days back: nothing for two days), and after a jump forward each minute of the two days, one after another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from procrastinate import periodic

BACK_SECONDS = 60  # less is no jump: the next minute is awaited


class SteadyDeferrer(periodic.PeriodicDeferrer):
    """Overrides one method of the pinned version; tests/house/test_clock.py holds what it is for."""

    def get_timestamps(
        self, periodic_task: periodic.PeriodicTask[Any, Any, Any], since: int | None, until: float
    ) -> Iterable[int]:
        """The last instant that is due and was not served, if any; when the clock went back, as if the worker had just come."""
        if since is None or since > until + BACK_SECONDS:
            return super().get_timestamps(periodic_task, None, until)
        return self._last(periodic_task, since, until)

    def _last(self, periodic_task: periodic.PeriodicTask[Any, Any, Any], since: int, until: float) -> Iterator[int]:
        due = round(periodic_task.croniter.get_prev(ret_type=float, start_time=until + 0.001))  # that very instant too
        if since < due <= until:
            yield due


def install() -> None:
    """The workers that this process starts are steady."""
    periodic.PeriodicDeferrer = SteadyDeferrer  # type: ignore[misc]
