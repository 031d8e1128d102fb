"""The journal: one line per action, append-only, without personal text; sealed in batches by a hash chain."""

from __future__ import annotations

from uuid import uuid4

from django.db import models


class Pseudonym(models.Model):
    """The name a person bears in the journal; deleting this row at erasure makes its lines nobody's."""

    person = models.OneToOneField("people.Person", on_delete=models.CASCADE, related_name="+")
    alias = models.UUIDField(default=uuid4, unique=True, editable=False)


class JournalLine(models.Model):
    """One action. `details` holds codes and counts, never what a person wrote."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.UUIDField(null=True, blank=True, help_text="Pseudonym; empty for nobody signed in or the system")
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)
    channel = models.CharField(max_length=12, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["subject", "id"])]


class Seal(models.Model):
    """Digest of a run of lines, chained to the one before: `journal verify` recomputes them all."""

    first_line = models.BigIntegerField()
    last_line = models.BigIntegerField(unique=True)
    lines = models.IntegerField(help_text="How many: numbers may be missing where a transaction was given up")
    digest = models.CharField(max_length=64)
    previous_digest = models.CharField(max_length=64, blank=True)
    sealed_at = models.DateTimeField(auto_now_add=True)
