"""Rights of a person over their data, and the jobs that forget in time; all derived from the manifests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from maillage.core.journal.actions import forget, record
from maillage.core.people.models import Person
from maillage.core.rooms import resolve, rooms


def export_of(person: Person) -> dict[str, list[Mapping[str, Any]]]:
    """Everything kept about a person, by room: one plain row per thing."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for room in rooms():
        rows: list[Mapping[str, Any]] = []
        for kind in room.personal_data:
            rows += resolve(kind.export)(person)
        if rows:
            found[room.code] = rows
    return found


@transaction.atomic
def erase(person: Person, *, by: Person | None = None) -> dict[str, int]:
    """Erases or makes nobody's what every room keeps about a person; returns how many rows changed, by room.

    Rooms go before core: core/people, which holds the name and the addresses that others search by, is the last.
    """
    changed: dict[str, int] = {}
    for room in sorted(rooms(), key=lambda one: (one.is_core, one.code == "people")):
        count = sum(resolve(kind.erase)(person) for kind in room.personal_data)
        if count:
            changed[room.code] = count
    forget(person)
    record(action="privacy.erased", subject=f"people:person:{person.pk}", actor=by if by != person else None,
           details={f"rows_{code}": count for code, count in changed.items()})  # fmt: skip
    return changed


def run_retentions(now: datetime | None = None) -> dict[str, int]:
    """Runs every retention job; returns how many rows each changed. One that fails does not stop the others."""
    moment = now or timezone.now()
    done: dict[str, int] = {}
    faults: list[Exception] = []
    for code, run in _jobs():
        try:
            with transaction.atomic():
                done[code] = resolve(run)(moment)
                if done[code]:
                    record(action="privacy.retention", subject=f"privacy:job:{code}", details={"rows": done[code]})
        except Exception as fault:  # noqa: BLE001 -- told below, all together
            faults.append(fault)
    if faults:
        raise ExceptionGroup("retention jobs failed", faults)
    return done


def _jobs() -> Sequence[tuple[str, str]]:
    return [(f"{room.code}.{job.code}", job.run) for room in rooms() for job in room.retentions]
