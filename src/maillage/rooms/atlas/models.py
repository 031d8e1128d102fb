"""Tables of the atlas: entries (initiatives and places), their located points, revisions, suggestions, collections."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from maillage.core.channels.kinds import Channel
from maillage.core.moderation.states import Moderated
from maillage.rooms.atlas import duplicates_models, freshness_models  # noqa: F401 -- Django looks for tables here


def _codes() -> ArrayField[list[str], list[str]]:
    return ArrayField(models.CharField(max_length=40), default=list, blank=True)


class InQpv(models.TextChoices):
    """Where a point lies about the official limits of the QPV; undetermined until they are loaded, or near an edge."""

    IN = "in", _("Dans un quartier prioritaire")
    NEAR = "near", _("À proximité d’un quartier prioritaire")
    OUTSIDE = "outside", _("Hors quartier prioritaire")
    UNDETERMINED = "undetermined", _("Indéterminé")


class EntryQuerySet(models.QuerySet["Entry"]):
    """Adjectives of entries."""

    def published(self) -> EntryQuerySet:
        """Those that anyone may see."""
        return self.filter(is_published=True)


class Entry(models.Model):
    """An initiative or a place of the atlas, as it stands now; its past is in the revisions."""

    source = models.ForeignKey("intake.Source", on_delete=models.PROTECT, related_name="+")
    external_id = models.CharField(max_length=120)
    slug = models.SlugField(max_length=120)
    kind = models.CharField(max_length=16)
    name = models.CharField(max_length=200)
    other_names = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    name_in_study = models.CharField(max_length=300, blank=True)
    sort_key = models.BinaryField()
    summary = models.CharField(max_length=240)
    description = models.TextField(blank=True)
    language = models.CharField(max_length=5, default="fr")

    themes = _codes()
    scale = models.CharField(max_length=24, blank=True)
    actor_kinds = _codes()
    publics = _codes()
    digital_means = _codes()
    innovation_kinds = _codes()
    city_figures = _codes()
    service_nature = models.CharField(max_length=16, blank=True)
    mediation = models.CharField(max_length=16, blank=True)
    status = models.CharField(max_length=12, default="unknown")
    status_as_of = models.CharField(max_length=10, blank=True)
    status_reason = models.TextField(blank=True)
    ended_on = models.CharField(max_length=10, blank=True)
    in_qpv = _codes()
    territories = ArrayField(models.CharField(max_length=40), default=list, blank=True, help_text='As "kind:code"')

    operator = models.CharField(max_length=300, blank=True)
    actors = models.JSONField(default=list, blank=True)
    area_text = models.CharField(max_length=200, blank=True)
    dates = models.JSONField(default=list, blank=True)
    figures = models.JSONField(default=list, blank=True)
    funding = models.JSONField(default=list, blank=True)
    links = models.JSONField(default=list, blank=True)
    corrections = models.JSONField(default=list, blank=True)
    related = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    part_of = models.CharField(max_length=120, blank=True)
    study_pages = ArrayField(models.SmallIntegerField(), default=list, blank=True)

    is_published = models.BooleanField(default=True)
    hidden_reason = models.TextField(blank=True)
    merged_into = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    version = models.IntegerField(default=1, help_text="Grows at each revision; a stale form is told")
    created_at = models.DateTimeField(auto_now_add=True)
    modified_at = models.DateTimeField(auto_now=True, db_index=True)
    confirmed_on = models.DateField(null=True, blank=True, help_text="Last time somebody said it is still true")

    objects: ClassVar[models.Manager[Entry]] = EntryQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("source", "external_id", name="entry_once")]
        indexes = [
            models.Index(fields=["sort_key", "id"]),
            GinIndex(fields=["themes"], name="entry_themes"),
            GinIndex(fields=["territories"], name="entry_territories"),
        ]

    def __str__(self) -> str:
        return self.name


class Place(models.Model):
    """A located point of an entry: where, how precisely, how it is known, when it is open, how to reach it."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="places")
    position = models.SmallIntegerField(default=0)
    label = models.CharField(max_length=200)
    address = models.CharField(max_length=300, blank=True)
    postcode = models.CharField(max_length=5, blank=True)
    quarter = models.CharField(max_length=120, blank=True)
    commune = models.CharField(max_length=120, blank=True)
    commune_code = models.CharField(max_length=5, blank=True)
    departement = models.CharField(max_length=80, blank=True)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    quadkey = models.BigIntegerField(null=True, blank=True, db_index=True, help_text="Morton code at zoom 28")
    precision = models.CharField(max_length=16, blank=True)
    obtained = models.CharField(max_length=300, blank=True)
    in_qpv = models.CharField(max_length=12, choices=InQpv.choices, default=InQpv.UNDETERMINED)
    in_qpv_as_stated = models.CharField(max_length=8, blank=True)
    qpv_code = models.CharField(max_length=20, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    email = models.CharField(max_length=254, blank=True)
    website = models.URLField(max_length=400, blank=True)
    opening_hours = models.CharField(max_length=400, blank=True, help_text="OpenStreetMap syntax")
    opening_hours_text = models.TextField(blank=True)
    source_text = models.CharField(max_length=300, blank=True)
    source_on = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="place_lon_lat_together",
                condition=models.Q(lon__isnull=True, lat__isnull=True, quadkey__isnull=True)
                | models.Q(lon__range=(-180, 180), lat__range=(-90, 90), quadkey__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.label


class Revision(models.Model):
    """A past or present state of an entry: what changed, why, from which source, by which channel."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="revisions")
    number = models.IntegerField()
    at = models.DateTimeField(auto_now_add=True)
    snapshot = models.JSONField(help_text="Every public field after the change, places included")
    changes = models.JSONField(default=list, help_text="[{field, before, after}]")
    reason = models.TextField(blank=True)
    source_text = models.CharField(max_length=300, blank=True)
    channel = models.CharField(max_length=12, choices=Channel.choices)
    who = models.CharField(max_length=120, blank=True, help_text="As shown in public: a role, never a person's name")
    suggestion = models.ForeignKey("Suggestion", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint("entry", "number", name="revision_once")]


class SuggestionKind(models.TextChoices):
    """What a suggestion asks."""

    NEW = "new", _("Un nouveau lieu ou une nouvelle initiative")
    CORRECTION = "correction", _("Une correction ou un complément")
    CLOSED = "closed", _("C’est fermé")
    WRONG = "wrong", _("Il y a une erreur")
    DUPLICATE = "duplicate", _("C’est un doublon")
    ABUSIVE = "abusive", _("Ce contenu pose problème")
    STILL_TRUE = "still_true", _("C’est toujours vrai")


class Suggestion(Moderated):
    """What someone proposes, without account if they wish; held until decided, followed with `code`."""

    kind = models.CharField(max_length=12, choices=SuggestionKind.choices)
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, null=True, blank=True, related_name="suggestions")
    base_version = models.IntegerField(null=True, blank=True, help_text="Version of the entry the person saw")
    payload = models.JSONField(default=dict, help_text="Proposed fields, places included")
    message = models.TextField(blank=True)
    code = models.CharField(max_length=12, unique=True)
    idempotency_key = models.CharField(max_length=64, unique=True)
    channel = models.CharField(max_length=12, choices=Channel.choices, default=Channel.WEB)
    entered_by = models.ForeignKey("people.Person", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    sheet_reference = models.CharField(max_length=80, blank=True)
    answer_by = models.CharField(max_length=4, blank=True, help_text="mail, sms or empty: by the code only")
    answer_to = models.CharField(max_length=254, blank=True)
    language = models.CharField(max_length=5, default="fr")
    territories = ArrayField(models.CharField(max_length=40), default=list, blank=True, help_text="Whose desk it is on")
    appeal = models.TextField(blank=True, help_text="Why the person disagrees with the decision; once")
    appealed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    contact_erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["created_at", "id"],
                name="suggestion_waiting",
                condition=models.Q(state__in=["proposed", "held"]),
            ),
            GinIndex(fields=["territories"], name="suggestion_territories"),
        ]


class SuggestionDecision(models.Model):
    """One decision on a suggestion. A later one undoes an earlier one; all stay."""

    suggestion = models.ForeignKey(Suggestion, on_delete=models.CASCADE, related_name="decisions")
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey("people.Person", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    by_community = models.BooleanField(default=False)
    action = models.CharField(max_length=10, help_text="accept, refuse, hide, aside, reopen")
    state_before = models.CharField(max_length=10)
    state_after = models.CharField(max_length=10)
    reason_code = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)
    was_edited = models.BooleanField(
        default=False, help_text="The moderator changed what was proposed before accepting"
    )
    revision = models.ForeignKey(Revision, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["at", "id"])]


class SuggestionVote(models.Model):
    """Somebody of the community says that a suggestion is right or wrong; one per person or browser."""

    suggestion = models.ForeignKey(Suggestion, on_delete=models.CASCADE, related_name="votes")
    voter = models.CharField(max_length=64, help_text="Digest of the session or person, unique per suggestion")
    agrees = models.BooleanField()
    counts = models.BooleanField(
        default=True, help_text="Not where one without account came from the same address that day, or in a flood"
    )
    channel = models.CharField(max_length=12, choices=Channel.choices, default=Channel.WEB)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint("suggestion", "voter", name="suggestion_vote_once")]


class SuggestionDraft(models.Model):
    """Steps of a proposal saved along the way, addressed by a secret in the form; erased after 30 days."""

    secret = models.CharField(max_length=43, unique=True)
    data = models.JSONField(default=dict)
    saved_at = models.DateTimeField(auto_now=True)


class Collection(models.Model):
    """A themed selection with its own address and embed: entries by hand, or the filters that choose them."""

    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=160)
    introduction = models.TextField(blank=True)
    query = models.CharField(max_length=400, blank=True, help_text="Query string of the list")
    entries = models.ManyToManyField(Entry, blank=True, related_name="collections")
    is_published = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.title
