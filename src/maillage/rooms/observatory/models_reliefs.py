"""What was searched (who, where, when, how, limits), with its past states; and the rules of classification that were changed."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Coverage(models.Model):
    """One search. `dimensions` is {dimension: {basis, values}}; what it does not name was not looked at."""

    code = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=160)
    who = models.CharField(max_length=200)
    began_on = models.CharField(max_length=10, blank=True, help_text="2017, 2017-09 or 2017-09-12")
    ended_on = models.CharField(max_length=10, blank=True)
    how = models.TextField()
    limits = models.TextField(blank=True)
    grain = models.CharField(max_length=16)
    territories = ArrayField(models.CharField(max_length=40), default=list, help_text='As "kind:code", or "france"')
    excluded = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    towns_only = models.BooleanField(default=False, help_text="Only towns with a QPV or a QVA were looked at")
    dimensions = models.JSONField(default=dict)
    source_text = models.CharField(max_length=300, blank=True)
    source_url = models.URLField(max_length=500, blank=True)
    pages = ArrayField(models.SmallIntegerField(), default=list, blank=True)
    is_in_force = models.BooleanField(default=True, help_text="A record is never deleted: it is taken out")
    is_edited = models.BooleanField(default=False, help_text="Somebody changed it here: the seed leaves it alone")
    version = models.IntegerField(default=1)
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.title


class CoverageState(models.Model):
    """A state of a record: what it said after a change, why, and by whom as a role."""

    coverage = models.ForeignKey(Coverage, on_delete=models.CASCADE, related_name="states")
    number = models.IntegerField()
    at = models.DateTimeField(auto_now_add=True)
    who = models.CharField(max_length=40, help_text="A role, never a name")
    reason = models.CharField(max_length=300, blank=True)
    snapshot = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["coverage", "number"], name="coverage_state_once")]


class ReliefRule(models.Model):
    """A value moved to another group than that of rules.yaml ("" takes it out of the grouping)."""

    grouping = models.CharField(max_length=40)
    value = models.CharField(max_length=40)
    group = models.CharField(max_length=40, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["grouping", "value"], name="relief_rule_once")]


class ReliefRuleChange(models.Model):
    """One change of a rule; all stay. Those of one edit share their `version`."""

    version = models.IntegerField()
    grouping = models.CharField(max_length=40)
    value = models.CharField(max_length=40)
    before = models.CharField(max_length=40, blank=True)
    after = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField(auto_now_add=True)
    who = models.CharField(max_length=40, help_text="A role, never a name")
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["-version", "id"], name="relief_change_version")]
