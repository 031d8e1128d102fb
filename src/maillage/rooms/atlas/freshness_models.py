"""Tables of freshness: rounds of "is this still true?", who was asked by which way, who asked not to be any more."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from maillage.core.channels.kinds import Channel


class Way(models.TextChoices):
    """How an entry's contact is asked."""

    MAIL = "mail", _("E-mail")
    SMS = "sms", _("SMS")
    PHONE = "phone", _("Téléphone")


class Answer(models.TextChoices):
    """What the contact said, or that nobody could be reached."""

    STILL_TRUE = "still_true", _("Toujours vrai")
    CHANGED = "changed", _("Quelque chose a changé")
    CLOSED = "closed", _("Fermé")
    UNREACHED = "unreached", _("Personne ne répond")
    WRONG_NUMBER = "wrong", _("Mauvais numéro")
    STOP = "stop", _("Ne veut plus être contacté")


class FreshnessRound(models.Model):
    """A round: the entries of a question that nobody confirmed for some months, asked by one way."""

    title = models.CharField(max_length=160)
    way = models.CharField(max_length=5, choices=Way.choices)
    question = models.CharField(max_length=400, blank=True, help_text="Query string of the list")
    months = models.SmallIntegerField()
    territories = ArrayField(
        models.CharField(max_length=40), default=list, blank=True, help_text="Whose round it is; empty: all"
    )
    left_out = models.JSONField(default=dict, help_text="How many entries were not asked, by reason")
    by = models.ForeignKey("people.Person", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["-at", "id"])]


class FreshnessRequest(models.Model):
    """One entry asked of one contact. The address goes 30 days after the answer; its digest stays for the limits."""

    round = models.ForeignKey(FreshnessRound, on_delete=models.CASCADE, related_name="requests")
    entry = models.ForeignKey("atlas.Entry", on_delete=models.CASCADE, related_name="+")
    contact = models.CharField(max_length=254, blank=True)
    contact_digest = models.CharField(max_length=64, db_index=True)
    code = models.CharField(max_length=12, unique=True, help_text="Short code for answers by SMS and on paper")
    asked_at = models.DateTimeField(auto_now_add=True, db_index=True)
    answer = models.CharField(max_length=10, choices=Answer.choices, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    channel = models.CharField(max_length=12, choices=Channel.choices, blank=True)
    suggestion = models.ForeignKey(
        "atlas.Suggestion", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    entered_by = models.ForeignKey("people.Person", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint("round", "entry", name="freshness_entry_once_a_round")]
        indexes = [models.Index(fields=["round", "id"], name="freshness_unanswered", condition=Q(answer=""))]


class ContactStop(models.Model):
    """A contact that asked not to be written to or called any more: known by a digest only, for as long as it holds."""

    contact_digest = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField(auto_now_add=True)
