"""Sources of data, the runs that read them, and the rows refused with their reason."""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _


class Schedule(models.TextChoices):
    """How often a source on the web is read again by itself."""

    NEVER = "", _("Jamais")
    DAILY = "daily", _("Chaque jour")
    WEEKLY = "weekly", _("Chaque semaine")


class Source(models.Model):
    """A file, an address or a study that entries come from, with its licence and date."""

    code = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    url = models.URLField(blank=True, max_length=500)
    licence = models.CharField(max_length=80, blank=True)
    published_on = models.CharField(max_length=10, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    mapping = models.JSONField(default=dict, blank=True)
    schedule = models.CharField(max_length=8, choices=Schedule.choices, blank=True, default=Schedule.NEVER)
    hides_absent = models.BooleanField(default=False, help_text="Entries that the source no longer lists are hidden")
    etag = models.CharField(max_length=200, blank=True, help_text="Of the file last read, as its server called it")
    last_modified = models.CharField(max_length=60, blank=True, help_text="Likewise, the date that its server gave")
    last_fault = models.TextField(blank=True, help_text="Why the last scheduled reading failed; empty when it did not")

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
    format = models.CharField(max_length=120, blank=True)
    file_name = models.CharField(max_length=300, blank=True)
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the file read")
    created = models.IntegerField(default=0, help_text="Of the rows kept: those that made a new entry")
    absent = models.IntegerField(default=0, help_text="Entries of the source that the file no longer lists")
    hidden = models.IntegerField(default=0, help_text="Of these: those hidden by this run")
    report = models.JSONField(
        default=dict, blank=True, help_text="What was noticed and cleaned, with counts and examples"
    )
    by_role = models.CharField(max_length=12, blank=True, help_text="A role, never a name")

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


class Merge(models.Model):
    """A row that became part of the entry of another row of the same file: which, and why."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="merges")
    row_number = models.IntegerField()
    into_row = models.IntegerField()
    reason = models.TextField()


class SourceRecord(models.Model):
    """What a source last said of one thing: its own identifier, a digest of what was made of it, the row as received.

    Tells, without reading the things themselves, which rows changed since the last run and which are no longer listed.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="records")
    external_id = models.CharField(max_length=120)
    siret = models.CharField(max_length=14, blank=True, db_index=True)
    digest = models.CharField(max_length=32)
    row = models.JSONField(default=dict)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+", help_text="The last run that listed it")

    class Meta:
        constraints = [models.UniqueConstraint("source", "external_id", name="source_record_once")]
        indexes = [models.Index(fields=["source", "run"])]


class SavedMapping(models.Model):
    """A reusable answer to "which column means what", under a name."""

    code = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=160)
    columns = models.JSONField(default=dict)
    saved_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.name


class Upload(models.Model):
    """A file given for import, between its arrival and its run; kept by a name of ours, forgotten after a month."""

    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    name = models.CharField(max_length=300, help_text="As the person's computer calls it, or the address")
    path = models.CharField(max_length=200, help_text="Under MEDIA_ROOT")
    size = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    url = models.URLField(max_length=500, blank=True)
    by = models.ForeignKey("people.Person", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    arrived_at = models.DateTimeField(auto_now_add=True, db_index=True)
    inspection = models.JSONField(default=dict, help_text="What the preview shows, by table of the file")
    choices = models.JSONField(default=dict, help_text="What the person chose: table, columns, source, options")
    state = models.CharField(max_length=10, default="preview", help_text="preview, waiting, running, done or failed")
    fault = models.TextField(blank=True)
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
