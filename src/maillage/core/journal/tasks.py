"""Work done by the worker: sealing the journal in batches."""

from __future__ import annotations

from procrastinate.contrib.django import app

from maillage.core.journal.actions import seal_new_lines


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="seal_new_lines", name="journal.seal_new_lines")
def seal_journal(timestamp: int) -> int:
    """Every ten minutes; `timestamp` is the instant it was due."""
    return seal_new_lines()
