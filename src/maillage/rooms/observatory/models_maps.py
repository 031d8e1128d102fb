"""Maps that anyone composes: one row a map, one row a version; old versions stay readable."""

from __future__ import annotations

from django.db import models

from maillage.core.moderation.states import Moderated


class ComposedMap(Moderated):
    """A saved map. Its code is public; its edit secret is known to its maker only, and kept as a digest.

    `proposed`: readable at its address. `published`: also on the list, in the version that a moderator read.
    `refused`: at its address, not on the list. `held`: came in a flood, waits. `hidden`, `withdrawn`: gone.
    """

    code = models.CharField(max_length=12, unique=True)
    secret_digest = models.CharField(max_length=64, unique=True)
    idempotency_key = models.CharField(max_length=64, unique=True)
    channel = models.CharField(max_length=16)
    listed_version = models.IntegerField(null=True, blank=True, help_text="The version that a moderator listed")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["state", "-made_at"], name="composed_map_state")]

    def __str__(self) -> str:
        return self.code


class ComposedMapVersion(models.Model):
    """What a map was at one moment: the question it draws, and what its maker wrote."""

    map = models.ForeignKey(ComposedMap, on_delete=models.CASCADE, related_name="versions")
    number = models.IntegerField()
    query = models.TextField(help_text="The composition, as its address says it")
    title = models.CharField(max_length=150, blank=True)
    author = models.CharField(max_length=80, blank=True)
    note = models.TextField(max_length=2000, blank=True)
    hypothesis = models.TextField(max_length=600, blank=True)
    idempotency_key = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["map", "number"], name="composed_map_version_once")]

    def __str__(self) -> str:
        return f"{self.map_id}.{self.number}"


class ComposedMapFlag(models.Model):
    """Somebody says that a map is a problem; a moderator looks."""

    map = models.ForeignKey(ComposedMap, on_delete=models.CASCADE, related_name="flags")
    message = models.TextField(max_length=1000)
    idempotency_key = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(auto_now_add=True)
    is_settled = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.map_id} {self.made_at:%Y-%m-%d}"
