"""Writing the journal, and sealing what was written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import UUID

from django.db import OperationalError, connection, transaction

from maillage.core.engine.sight import seeing_everything
from maillage.core.journal.models import JournalLine, Pseudonym, Seal
from maillage.core.journal.queries import digest_of, lines_between
from maillage.core.people.models import Person

LOCK_WAIT_MS = 1000
_PSEUDONYMS = "pseudonyms are read to write a line, and by nothing else"
_CODE = re.compile(r"[\w:.\-]{0,80}")

Detail = str | int | bool | None


def record(
    *,
    action: str,
    subject: str,
    actor: Person | None = None,
    channel: str = "",
    details: Mapping[str, Detail] | None = None,
) -> None:
    """Appends one line in the caller's transaction. `details` holds codes and counts; free text is a ValueError."""
    kept = dict(details or {})
    for name, value in kept.items():
        if isinstance(value, str) and not _CODE.fullmatch(value):
            raise ValueError(f"the journal takes codes, not text: {name}")
    JournalLine.objects.create(actor=_alias_of(actor), action=action, subject=subject, channel=channel, details=kept)


@seeing_everything(_PSEUDONYMS)
def _alias_of(person: Person | None) -> UUID | None:
    if person is None:
        return None
    return Pseudonym.objects.get_or_create(person=person.seen_by or person)[0].alias


@seeing_everything(_PSEUDONYMS)
def forget(person: Person) -> bool:
    """Destroys the key of a person's pseudonym: their lines stay and are nobody's. Returns whether there was one."""
    return Pseudonym.objects.filter(person=person).delete()[0] > 0


def seal_new_lines() -> int:
    """Seals the lines since the last seal with a digest chained to it; returns how many, 0 when writers are too busy.

    A line with a small number may be committed after one with a larger number. The table is therefore locked against
    writers for the time of reading: all numbers given so far are then settled. Nobody waits longer than LOCK_WAIT_MS.
    """
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = {LOCK_WAIT_MS}")
                cursor.execute("LOCK TABLE journal_seal, journal_journalline IN SHARE ROW EXCLUSIVE MODE")
            return _seal()
    except OperationalError as fault:
        if "lock timeout" in str(fault):
            return 0
        raise


def _seal() -> int:
    previous = Seal.objects.order_by("-last_line").first()
    after = previous.last_line if previous else 0
    chained_to = previous.digest if previous else ""
    run = digest_of(lines_between(after, None), chained_to)
    if run.lines:
        Seal.objects.create(
            first_line=run.first_line,
            last_line=run.last_line,
            lines=run.lines,
            digest=run.digest,
            previous_digest=chained_to,
        )
    return run.lines
