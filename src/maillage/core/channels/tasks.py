"""Work done by the worker: delivering the outbox."""

from __future__ import annotations

from contextlib import suppress

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from maillage.core.channels.actions import deliver_waiting_messages


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="deliver_messages_each_minute", name="channels.deliver_each_minute")
def deliver_each_minute(timestamp: int) -> int:
    """Takes what waits for a new try, or was left when no worker ran; `timestamp` is the instant it was due."""
    return deliver_waiting_messages()


@app.task(queueing_lock="deliver_messages", name="channels.deliver_messages")
def deliver_messages() -> int:
    """Delivers at once what was just queued."""
    return deliver_waiting_messages()


def wake_the_postman() -> None:
    """Asks the worker to deliver now, unless it was already asked."""
    with suppress(AlreadyEnqueued):
        deliver_messages.defer()
