"""The ledger of contributions (how each came, who entered it) and the messages that go out."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from maillage.core.channels.kinds import Channel


class ForWhom(models.TextChoices):
    """Whether the one who entered it spoke for themselves, beside someone, or in their place."""

    SELF = "self", _("Pour soi")
    WITH = "with", _("Avec une personne")
    IN_PLACE = "in_place", _("À la place d’une personne")


class LedgerEntry(models.Model):
    """One contribution as it came in. Append-only: a correction is another line.

    `subject` points at the row it created as "room:kind:id"; no foreign key, so that no table depends on a room's.
    """

    subject = models.CharField(max_length=80, db_index=True)
    channel = models.CharField(max_length=12, choices=Channel.choices)
    entered_by = models.ForeignKey("people.Person", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    for_whom = models.CharField(max_length=10, choices=ForWhom.choices, default=ForWhom.SELF)
    sheet_reference = models.CharField(max_length=80, blank=True, help_text="Number of the paper sheet or message")
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["channel", "received_at"])]


class OutboundMessage(models.Model):
    """A mail or SMS to send once; delivered by the worker through the gateway of the settings."""

    class By(models.TextChoices):
        MAIL = "mail", _("Courriel")
        SMS = "sms", _("SMS")

    class State(models.TextChoices):
        WAITING = "waiting", _("En attente")
        SENT = "sent", _("Envoyé")
        FAILED = "failed", _("Échec")

    by = models.CharField(max_length=4, choices=By.choices)
    to = models.CharField(max_length=254)
    title = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    subject = models.CharField(max_length=80, blank=True, help_text='What it answers, as "room:kind:id"')
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    tries = models.SmallIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)
    idempotency_key = models.CharField(max_length=100, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    next_try_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["next_try_at"], name="outbound_waiting", condition=models.Q(state="waiting"))]


class DailySalt(models.Model):
    """The salt of a day; deleted the day after, so that no digest made with it can be tried against addresses."""

    day = models.DateField(unique=True)
    salt = models.CharField(max_length=64)


class Arrival(models.Model):
    """Something came from an address, known by a salted digest only; kept a day at most."""

    sender = models.CharField(max_length=64)
    kind = models.CharField(max_length=30)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["sender", "kind", "at"])]
