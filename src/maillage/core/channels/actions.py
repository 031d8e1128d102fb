"""Writing in the ledger, queuing messages and delivering them."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from maillage.core.channels.gateways import Gateway, Letter
from maillage.core.channels.kinds import Channel
from maillage.core.channels.models import ForWhom, LedgerEntry, OutboundMessage
from maillage.core.channels.sms import thrifty
from maillage.core.engine.sight import seeing_everything
from maillage.core.people.models import Person
from maillage.core.rooms import resolve

LOG = logging.getLogger(__name__)
# After the first failure one minute, then longer; about two days in all, then a human must look.
WAITS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440)]

_OUT = "what is written to the ledger and the outbox is not read back by who asked"


@dataclass(frozen=True)
class Arriving:
    """How a contribution came: by which channel, who entered it, for whom, from which sheet."""

    channel: str = Channel.WEB
    entered_by: Person | None = None
    for_whom: str = ForWhom.SELF
    sheet_reference: str = ""


@seeing_everything(_OUT)
def enter_in_ledger(subject: str, arriving: Arriving) -> LedgerEntry:
    """Appends one line for a contribution, in the caller's transaction; `subject` is "room:kind:id"."""
    return LedgerEntry.objects.create(
        subject=subject,
        channel=arriving.channel,
        entered_by=arriving.entered_by,
        for_whom=arriving.for_whom,
        sheet_reference=arriving.sheet_reference,
    )


@seeing_everything(_OUT)
def queue_letter(letter: Letter, *, subject: str = "") -> None:
    """Puts a message in the outbox in the caller's transaction; a second one with the same key is dropped."""
    from maillage.core.channels.tasks import wake_the_postman  # tasks call this module

    body = thrifty(letter.body) if letter.by == "sms" else letter.body
    _row, is_new = OutboundMessage.objects.get_or_create(
        idempotency_key=letter.key,
        defaults={"by": letter.by, "to": letter.to, "title": letter.title, "body": body, "subject": subject},
    )
    if is_new:
        transaction.on_commit(wake_the_postman, robust=True)


def deliver_waiting_messages(now: datetime | None = None, limit: int = 500) -> int:
    """Hands every message that is due to its gateway; returns how many left.

    At least once: a process killed between the gateway and the commit sends again with the same key. Two workers share
    the queue without waiting for each other.
    """
    moment = now or timezone.now()
    sent = 0
    for _turn in range(limit):
        outcome = _deliver_one(moment)
        if outcome is None:
            break
        sent += outcome
    return sent


@transaction.atomic
def _deliver_one(now: datetime) -> bool | None:
    """Whether the next due message left; None when none is due."""
    # Never tried, or to be tried later than any wait lasts: the clock was ahead when that was written.
    has_come = Q(next_try_at__lte=now) | Q(tries=0) | Q(next_try_at__gt=now + WAITS[-1])
    due = OutboundMessage.objects.filter(has_come, state=OutboundMessage.State.WAITING)
    message = due.order_by("next_try_at", "pk").select_for_update(skip_locked=True).first()
    if message is None:
        return None
    try:
        gateway_of(message.by)(Letter(message.idempotency_key, message.by, message.to, message.title, message.body))
    except Exception as fault:  # noqa: BLE001 -- a gateway is foreign code: whatever fails there is tried again later
        _note_failure(message, fault, now)
        return False
    message.state, message.sent_at, message.last_error = OutboundMessage.State.SENT, now, ""
    message.save()
    return True


def _note_failure(message: OutboundMessage, fault: Exception, now: datetime) -> None:
    LOG.warning("message %s not delivered: %s", message.pk, type(fault).__name__)
    message.last_error = f"{type(fault).__name__}: {fault}"[:200].replace(message.to, "…")
    if message.tries >= len(WAITS):
        message.state = OutboundMessage.State.FAILED
    else:
        message.next_try_at = now + WAITS[message.tries]
    message.tries += 1
    message.save()


def gateway_of(by: str) -> Gateway:
    """The function of the settings that sends mail or SMS."""
    return resolve(settings.SMS_GATEWAY if by == OutboundMessage.By.SMS else settings.MAIL_GATEWAY)


@seeing_everything(_OUT)
def try_again(message_id: int) -> None:
    """Puts a failed message back in the queue, as the operator does once the gateway is mended."""
    OutboundMessage.objects.filter(pk=message_id, state=OutboundMessage.State.FAILED).update(
        state=OutboundMessage.State.WAITING, tries=0, next_try_at=timezone.now()
    )
