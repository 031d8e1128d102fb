"""`maillage journal read`: the latest lines, for a person who looks for what was done to something."""

from __future__ import annotations

import json

from maillage.house.records import enter
from maillage.house.terminal import OK, say


def read(last: int, subject: str, action: str) -> int:
    """Prints the latest lines, oldest first: instant, action, subject, channel, who (by pseudonym), details."""
    enter()
    from django.utils import timezone

    from maillage.core.journal.models import JournalLine

    lines = JournalLine.objects.order_by("-pk")
    if subject:
        lines = lines.filter(subject=subject)
    if action:
        lines = lines.filter(action__startswith=action)
    for line in reversed(lines[:last]):
        at = timezone.localtime(line.at).isoformat(sep=" ", timespec="seconds")
        details = json.dumps(line.details, ensure_ascii=False, sort_keys=True) if line.details else ""
        who = str(line.actor) if line.actor else "-"
        say("\t".join([at, line.action, line.subject, line.channel or "-", who, details]).rstrip())
    return OK
