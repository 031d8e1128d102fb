"""Sources of data, the runs that read them, and the rows refused with their reason."""

from __future__ import annotations

from django.db import models


class Source(models.Model):
    """A file, an address or a study that entries come from, with its licence and date."""

    code = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    url = models.URLField(blank=True, max_length=500)
    licence = models.CharField(max_length=80, blank=True)
    published_on = models.CharField(max_length=10, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    mapping = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return self.name


class Run(models.Model):
    """One reading of a source: rows in = kept + unchanged + merged + rejected."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="runs")
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    rows_in = models.IntegerField(default=0)
    kept = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    merged = models.IntegerField(default=0)
    rejected = models.IntegerField(default=0)
    note = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.source_id} {self.started_at:%Y-%m-%d %H:%M}"


class Reject(models.Model):
    """A row that could not be taken: where in the file, and why in the user's words."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="rejects")
    row_number = models.IntegerField()
    column = models.CharField(max_length=120, blank=True)
    reason = models.TextField()
    row = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.row_number}: {self.reason}"
