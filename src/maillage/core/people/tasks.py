"""Work done by the worker: forgetting in time what every room keeps about persons."""

from __future__ import annotations

from procrastinate.contrib.django import app

from maillage.core.privacy.actions import run_retentions


@app.periodic(cron="15 3 * * *")
@app.task(queueing_lock="run_retentions", name="privacy.run_retentions")
def run_retentions_each_night(timestamp: int) -> dict[str, int]:
    """Every night; `timestamp` is the instant it was due."""
    return run_retentions()
