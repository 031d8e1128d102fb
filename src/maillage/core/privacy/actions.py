"""Rights of a person over their data, and the jobs that forget in time; all derived from the manifests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.models import ForeignKey
from django.utils import timezone

from maillage.core.engine.sight import seeing_everything
from maillage.core.journal.actions import forget, record
from maillage.core.people.models import Person
from maillage.core.privacy.erasure_list import NAME, write_list
from maillage.core.rooms import resolve, rooms

_RIGHTS = "a person's rights reach rows that name them without being theirs: messages, drafts, decisions"


@seeing_everything(_RIGHTS)
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


@seeing_everything(_RIGHTS)
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
    if unlinked := _unlink(person):
        changed["unlinked"] = unlinked
    forget(person)
    transaction.on_commit(lambda: write_list(Path(settings.HOME) / NAME, [person.uid]), robust=True)
    record(action="privacy.erased", subject=f"people:person:{person.pk}", actor=by if by != person else None,
           details={f"rows_{code}": count for code, count in changed.items()})  # fmt: skip
    return changed


def _unlink(person: Person) -> int:
    """Whatever row still names the person as who decided, typed or held it becomes nobody's, in every table."""
    count = 0
    for model in apps.get_models():
        for field in model._meta.concrete_fields:  # noqa: SLF001 - Django's public name for it
            if isinstance(field, ForeignKey) and field.null and field.related_model is Person:
                count += model._default_manager.filter(**{field.name: person}).update(**{field.name: None})  # noqa: SLF001
    return count


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
