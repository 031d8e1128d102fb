"""Tables of duplicates: pairs that may be one place, and what was merged into what."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class PairState(models.TextChoices):
    """What is known of a pair. "different" is remembered: the pair is never proposed again."""

    PROPOSED = "proposed", _("À décider")
    SAME = "same", _("Le même lieu")
    DIFFERENT = "different", _("Deux lieux différents")


class CandidatePair(models.Model):
    """Two entries that may be one, with the score and its reasons as the last search found them; left < right."""

    left = models.ForeignKey("atlas.Entry", on_delete=models.CASCADE, related_name="+")
    right = models.ForeignKey("atlas.Entry", on_delete=models.CASCADE, related_name="+")
    score = models.SmallIntegerField(help_text="0 to 100")
    reasons = models.JSONField(default=list, help_text="[{criterion, points, value, left, right}], strongest first")
    state = models.CharField(max_length=10, choices=PairState.choices, default=PairState.PROPOSED)
    decided_by = models.ForeignKey("people.Person", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    found_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("left", "right", name="pair_once"),
            models.CheckConstraint(name="pair_left_before_right", condition=Q(left__lt=F("right"))),
            models.CheckConstraint(name="pair_score_range", condition=Q(score__range=(0, 100))),
        ]
        indexes = [models.Index(fields=["-score", "id"], name="pair_waiting", condition=Q(state="proposed"))]


class MergeRecord(models.Model):
    """One merging: which entry stays, which is hidden behind it, from whom each field comes. Undone, never deleted."""

    kept = models.ForeignKey("atlas.Entry", on_delete=models.CASCADE, related_name="+")
    absorbed = models.ForeignKey("atlas.Entry", on_delete=models.CASCADE, related_name="+")
    pair = models.ForeignKey(CandidatePair, on_delete=models.SET_NULL, null=True, blank=True, related_name="merges")
    choices = models.JSONField(
        default=dict, help_text="{field: {entry, source, date, value}} of what the absorbed one gave"
    )
    moved = models.JSONField(default=list, help_text="Entries that were merged into the absorbed one before")
    kept_revision = models.ForeignKey(
        "atlas.Revision", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    absorbed_revision = models.ForeignKey("atlas.Revision", on_delete=models.SET_NULL, null=True, related_name="+")
    by = models.ForeignKey("people.Person", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey("people.Person", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint("absorbed", name="merged_once", condition=Q(undone_at__isnull=True))]
        indexes = [models.Index(fields=["kept", "id"])]
