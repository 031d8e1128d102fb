"""Territories with their generations and contours, the names they are known by, and the town halls found in them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.db import models
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _


class TerritoryKind(models.TextChoices):
    """What sort of territory this is."""

    QPV = "qpv", _("Quartier prioritaire (QPV)")
    QVA = "qva", _("Quartier de veille active")
    COMMUNE = "commune", _("Commune")
    ARRONDISSEMENT = "arrondissement", _("Arrondissement")
    IRIS = "iris", _("Îlot statistique (IRIS)")
    EPCI = "epci", _("Métropole ou intercommunalité")
    DEPARTEMENT = "departement", _("Département")
    REGION = "region", _("Région")
    CUSTOM = "custom", _("Autre périmètre")


class ContourQuality(models.TextChoices):
    """How far a contour may be trusted: the limit of a QPV has legal effects."""

    OFFICIAL = "official", _("Contour officiel")
    SIMPLIFIED = "simplified", _("Contour simplifié")
    NONE = "none", _("Sans contour")


def _box(west: str, south: str, east: str, north: str) -> models.Func:
    """PostgreSQL's box of four columns: a GiST index finds those that touch another."""
    corners = [models.Func(*pair, function="point") for pair in ((west, south), (east, north))]
    return models.Func(*corners, function="box")


class TerritoryQuerySet(models.QuerySet["Territory"]):
    """Adjectives of territories."""

    def touching(self, west: float, south: float, east: float, north: float) -> TerritoryQuerySet:
        """Those whose box touches this one; found by the index territory_box."""
        table = "places_territory"
        mine = f'box(point("{table}"."west", "{table}"."south"), point("{table}"."east", "{table}"."north"))'
        sql = f"{mine} && box(point(%s, %s), point(%s, %s))"
        condition = RawSQL(sql, [west, south, east, north], output_field=models.BooleanField())  # noqa: S611 (no text in it)
        return self.filter(condition)


class Territory(models.Model):
    """A territory of one generation (`2015` and `2024` QPV differ); contours are WKB in WGS84."""

    kind = models.CharField(max_length=16, choices=TerritoryKind.choices)
    code = models.CharField(max_length=20)
    generation = models.CharField(max_length=10, blank=True)
    name = models.CharField(max_length=200)
    sort_key = models.BinaryField()
    parent_codes = ArrayField(models.CharField(max_length=30), default=list, blank=True, help_text='As "kind:code"')
    former_codes = ArrayField(models.CharField(max_length=20), default=list, blank=True, help_text="Of merged communes")
    postcodes = ArrayField(models.CharField(max_length=5), default=list, blank=True)
    population = models.IntegerField(null=True, blank=True)
    population_on = models.CharField(max_length=10, blank=True, help_text="Reference year, when the source states it")
    population_source = models.CharField(max_length=200, blank=True)
    area_m2 = models.FloatField(null=True, blank=True)
    area_source = models.CharField(max_length=200, blank=True)
    contour = models.BinaryField(null=True, blank=True)
    contour_quality = models.CharField(max_length=10, choices=ContourQuality.choices, default=ContourQuality.NONE)
    contour_tolerance_m = models.FloatField(default=0, help_text="Nearer to the edge than this is undetermined")
    contour_note = models.CharField(max_length=300, blank=True, help_text="What was mended in the shape as received")
    west = models.FloatField(null=True, blank=True)
    south = models.FloatField(null=True, blank=True)
    east = models.FloatField(null=True, blank=True)
    north = models.FloatField(null=True, blank=True)
    lon = models.FloatField(null=True, blank=True, help_text="A point inside, or the cited point")
    lat = models.FloatField(null=True, blank=True)
    point_precision = models.CharField(max_length=16, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    source_text = models.TextField(blank=True)
    source_url = models.URLField(blank=True, max_length=500)
    licence = models.CharField(max_length=80, blank=True)
    loaded_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[TerritoryQuerySet] = TerritoryQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "code", "generation"], name="territory_once"),
            models.CheckConstraint(
                name="territory_lon_lat_together",
                condition=models.Q(lon__isnull=True, lat__isnull=True)
                | models.Q(lon__range=(-180, 180), lat__range=(-90, 90)),
            ),
            models.CheckConstraint(
                name="territory_contour_has_quality",
                condition=models.Q(contour__isnull=True, contour_quality="none")
                | (models.Q(contour__isnull=False, west__isnull=False) & ~models.Q(contour_quality="none")),
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "sort_key", "id"]),
            GistIndex(OpClass(_box("west", "south", "east", "north"), name="box_ops"), name="territory_box"),
            GinIndex(fields=["parent_codes"], name="territory_parents"),
            GinIndex(fields=["former_codes"], name="territory_former"),
            GinIndex(fields=["postcodes"], name="territory_postcodes"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        """How rooms name it: "kind:code"."""
        return f"{self.kind}:{self.code}"


class PlaceName(models.Model):
    """A form that people type for a territory ("lyon 8", "minguettes"), folded, with what to show for it."""

    territory = models.ForeignKey(Territory, on_delete=models.CASCADE, related_name="names")
    form = models.CharField(max_length=120)
    label = models.CharField(max_length=200)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["territory", "form"], name="place_name_once")]
        indexes = [
            models.Index(OpClass("form", name="text_pattern_ops"), name="place_name_prefix"),
            GinIndex(OpClass("form", name="gin_trgm_ops"), name="place_name_trigram"),
        ]

    def __str__(self) -> str:
        return self.form


class TownHall(models.Model):
    """A town hall (or its annexe), with hours: often the nearest human presence."""

    territory = models.ForeignKey(Territory, on_delete=models.CASCADE, related_name="town_halls")
    position = models.SmallIntegerField(default=0, help_text="The main one first")
    name = models.CharField(max_length=200)
    address = models.CharField(max_length=300, blank=True)
    postcode = models.CharField(max_length=5, blank=True)
    city = models.CharField(max_length=100, blank=True)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    email = models.CharField(max_length=254, blank=True)
    website = models.URLField(blank=True, max_length=400)
    opening_hours = models.CharField(max_length=400, blank=True, help_text="OpenStreetMap syntax")
    opening_hours_text = models.TextField(blank=True, help_text="As received, where it could not be translated")
    source_text = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["territory", "name"], name="town_hall_once")]

    def __str__(self) -> str:
        return self.name


class ContourCoverage(models.Model):
    """The statement that all contours of a kind and generation are loaded for an area ("kind:code" or "france").

    Without it, a point outside every loaded contour stays undetermined: the one that holds it may be missing.
    """

    kind = models.CharField(max_length=16, choices=TerritoryKind.choices)
    generation = models.CharField(max_length=10, blank=True)
    area = models.CharField(max_length=40)
    stated_by = models.CharField(max_length=200, help_text="Source and date of the statement")
    stated_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "generation", "area"], name="coverage_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.generation} {self.area}"


class Edition(models.Model):
    """One row, whose number grows when territories change: what is derived from them knows that it is old."""

    number = models.BigIntegerField(default=0)
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return str(self.number)
