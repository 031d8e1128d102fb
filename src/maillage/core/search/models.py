"""One index fed by the rooms' manifests: documents, and the vocabulary that forgives typing errors."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class SearchDocument(models.Model):
    """What can be found: title and words of a thing of some room, addressed as room:kind:object_id."""

    room = models.CharField(max_length=30)
    kind = models.CharField(max_length=30)
    object_id = models.BigIntegerField()
    title = models.CharField(max_length=300)
    words = models.TextField(blank=True)
    vector = SearchVectorField(null=True)
    modified_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint("room", "kind", "object_id", name="document_once")]
        indexes = [GinIndex(fields=["vector"], name="document_vector")]


class Word(models.Model):
    """A word that some document holds, without accents, for look-up by trigram."""

    word = models.CharField(max_length=60, unique=True)
    documents = models.IntegerField(default=0)

    class Meta:
        indexes = [GinIndex(fields=["word"], name="word_trigram", opclasses=["gin_trgm_ops"])]
