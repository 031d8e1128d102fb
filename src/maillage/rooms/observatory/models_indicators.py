"""Indicators (the dictionary), the files they were read from, and their values by territory and vintage."""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _


class IndicatorNature(models.TextChoices):
    """How a figure may be drawn, added up and interpolated: counts add up, rates are weighted, medians do neither."""

    COUNT = "count", _("Nombre")
    RATE = "rate", _("Part ou taux")
    MEDIAN = "median", _("Médiane")
    INDEX = "index", _("Mesure ou indice")


class Direction(models.TextChoices):
    """What a high figure means for the people who live there."""

    GOOD = "good", _("Plus c’est haut, mieux c’est")
    BAD = "bad", _("Plus c’est haut, plus c’est difficile")
    NEUTRAL = "neutral", _("Ni bien ni mal")


class Method(models.TextChoices):
    """How a value came to its territory."""

    PUBLISHED = "published", _("Publié par la source")
    AREA = "area", _("Réparti selon la surface")
    POPULATION = "population", _("Réparti selon la population")
    SUM = "sum", _("Somme de territoires plus petits")
    MEAN = "mean", _("Moyenne de territoires plus petits")
    COMPUTED = "computed", _("Calculé à partir d’autres chiffres")


class Indicator(models.Model):
    """One line of the dictionary. Rates are kept as they are read on screen: 25.3 with the unit « % »."""

    code = models.SlugField(max_length=60, unique=True)
    label = models.CharField(max_length=160)
    definition = models.TextField(blank=True)
    topic = models.CharField(
        max_length=40, blank=True, help_text="population, income, work, housing, equipment, air, noise, heat…"
    )
    nature = models.CharField(max_length=8, choices=IndicatorNature.choices)
    unit = models.CharField(max_length=40, blank=True)
    decimals = models.SmallIntegerField(default=0)
    direction = models.CharField(max_length=8, choices=Direction.choices, default=Direction.NEUTRAL)
    weight_code = models.SlugField(
        max_length=60, blank=True, help_text="The count that weighs this rate (its denominator)"
    )
    source_text = models.CharField(max_length=300)
    source_url = models.URLField(max_length=500, blank=True)
    licence = models.CharField(max_length=80, blank=True)
    sort_key = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["sort_key", "id"])]

    def __str__(self) -> str:
        return self.label


class IndicatorLoad(models.Model):
    """One file read: what it was, how many rows it held, how many were kept and refused, and why."""

    at = models.DateTimeField(auto_now_add=True)
    file_name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    source_text = models.CharField(max_length=300, blank=True)
    licence = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=16, help_text="Kind of territory of its rows")
    generation = models.CharField(max_length=10, blank=True)
    rows_in = models.IntegerField(default=0)
    rows_kept = models.IntegerField(default=0)
    rejects = models.JSONField(default=list, help_text="[{row, column, value, reason}]")
    report = models.JSONField(
        default=dict, help_text="Counts of values and remarks, as the page of the load shows them"
    )


class IndicatorValue(models.Model):
    """A figure of one territory, of one generation, in one vintage. A missing value has no row: never a silent zero."""

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="values")
    kind = models.CharField(max_length=16)
    code = models.CharField(max_length=20)
    generation = models.CharField(max_length=10, blank=True)
    vintage = models.SmallIntegerField(help_text="Year that the figure describes; 0 where the source does not say it")
    value = models.FloatField()
    low = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)
    method = models.CharField(max_length=12, choices=Method.choices, default=Method.PUBLISHED)
    method_note = models.CharField(max_length=300, blank=True)
    load = models.ForeignKey(IndicatorLoad, on_delete=models.CASCADE, null=True, blank=True, related_name="values")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "kind", "code", "generation", "vintage", "method"], name="indicator_value_once"
            ),
            models.CheckConstraint(
                name="indicator_value_in_bounds",
                condition=models.Q(low__isnull=True, high__isnull=True)
                | models.Q(low__lte=models.F("value"), high__gte=models.F("value")),
            ),
        ]
        indexes = [models.Index(fields=["kind", "code", "generation"], name="indicator_value_place")]


class IndicatorUpload(models.Model):
    """A file given on screen, between its preview and its load; nobody's, and forgotten after a day."""

    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    at = models.DateTimeField(auto_now_add=True, db_index=True)
    file_name = models.CharField(max_length=200)
    content = models.BinaryField()
    dictionary_name = models.CharField(max_length=200, blank=True)
    dictionary = models.BinaryField(default=bytes, blank=True)
    options = models.JSONField(default=dict)


class CellSet(models.Model):
    """Polygons that carry figures (IRIS, squares of 200 m), kept whole in one row: they are only ever read together.

    `shapes` is WKB in degrees, `figures` a table of cells × columns, NaN where missing; both are packed by indicators_cells.
    """

    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=160)
    loaded_at = models.DateTimeField(auto_now=True)
    vintage = models.SmallIntegerField(default=0)
    source_text = models.CharField(max_length=300)
    source_url = models.URLField(max_length=500, blank=True)
    licence = models.CharField(max_length=80, blank=True)
    digest = models.CharField(max_length=64)
    cells = models.IntegerField()
    columns = models.JSONField(help_text="[{code, label, nature, unit, weight, …}] in the order of the figures")
    remarks = models.JSONField(default=list)
    shapes = models.BinaryField()
    figures = models.BinaryField()
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()

    def __str__(self) -> str:
        return self.name
