"""The life of a contribution before a moderator, and what any moderated table carries."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where a contribution stands. `held` waits too, but came in a flood: it is looked at apart."""

    PROPOSED = "proposed", _("En attente")
    HELD = "held", _("Mise de côté")
    PUBLISHED = "published", _("Acceptée")
    REFUSED = "refused", _("Refusée")
    HIDDEN = "hidden", _("Masquée")
    WITHDRAWN = "withdrawn", _("Retirée")


WAITING = (State.PROPOSED, State.HELD)


class Moderated(models.Model):
    """Columns of a contribution that a person decides on; one moderator at a time holds it until `claimed_until`."""

    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    claimed_by = models.ForeignKey("people.Person", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    claimed_until = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey("people.Person", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.TextField(blank=True)

    class Meta:
        abstract = True
