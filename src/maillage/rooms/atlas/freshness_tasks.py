"""Work done by the worker: SMS that a gateway left in the folder of the settings."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from procrastinate.contrib.django import app

from maillage.rooms.atlas.freshness_inbox import receive_folder


def inbox() -> Path:
    """Where a gateway leaves the SMS that came in: the setting INBOX, else beside the outbox."""
    return Path(getattr(settings, "INBOX", Path(settings.OUTBOX).parent / "inbox"))


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="atlas_receive_sms", name="atlas.receive_sms")
def receive_each_minute(timestamp: int) -> int:
    """Every minute; `timestamp` is the instant it was due."""
    return receive_folder(inbox()) if inbox().is_dir() else 0
