"""What the programming interface of the atlas takes and gives, field by field. Codes are those of the glossary."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema
from pydantic import AfterValidator, AwareDatetime, ConfigDict

from maillage.core.web import glossary
from maillage.rooms.atlas.filters import FACETS, LONGEST_TEXT
from maillage.rooms.atlas.models import SuggestionKind

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


def _possible(moment: datetime) -> datetime:
    """Within what the database can compare, whatever the time zone."""
    if not EARLIEST <= moment <= LATEST:
        raise ValueError("the year must lie between 1970 and 9998")
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_possible)]


def _facet(name: str) -> Any:
    """A parameter that may be repeated; its values are those of the glossary."""
    values = list(glossary.labels(FACETS[name][2], "fr"))
    items: dict[str, Any] = {"type": "string", "enum": values}
    words = glossary.labels(FACETS[name][2], "en")
    told = ", ".join(f"{value}: {words[value]}" for value in values)
    return Field([], description=f"Repeat for several values. {told}", json_schema_extra={"items": items})


class Question(Schema):
    """The same parameters as the address of the list."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"theme": ["training"], "territoire": "commune:69259"}]})

    q: str = Field("", max_length=LONGEST_TEXT, description="Words; typing errors are forgiven.", examples=["imprimer"])
    theme: list[str] = _facet("theme")
    etat: list[str] = _facet("etat")
    public: list[str] = _facet("public")
    qpv: list[str] = _facet("qpv")
    type: list[str] = _facet("type")
    acteur: list[str] = _facet("acteur")
    moyen: list[str] = _facet("moyen")
    accompagnement: list[str] = _facet("accompagnement")
    innovation: list[str] = _facet("innovation")
    figure: list[str] = _facet("figure")
    nature: list[str] = _facet("nature")
    echelle: list[str] = _facet("echelle")
    territoire: str = Field("", max_length=40, description='"kind:code" of a territory.', examples=["commune:69259"])
    bbox: str = Field(
        "", max_length=120, description="west,south,east,north in degrees.", examples=["4.85,45.68,4.91,45.72"]
    )


class Paged(Schema):
    """Size of a page and where it begins."""

    size: int = Field(100, ge=1, le=500, description="Entries per page.")
    cursor: str = Field("", max_length=2000, description='Opaque: the one of "next".')


class EntriesQuestion(Question, Paged):
    """Filters, a page, and the date of a copy to bring up to date."""

    modified_since: Moment | None = Field(
        None, description="Entries changed at or after this instant, by date of change."
    )


class SearchQuestion(Question):
    """Words, and around which point."""

    q: str = Field(
        min_length=1, max_length=LONGEST_TEXT, description="Words; typing errors are forgiven.", examples=["imprimer"]
    )
    lon: float | None = Field(None, ge=-180, le=180)
    lat: float | None = Field(None, ge=-90, le=90)
    tri: Literal["pertinence", "distance", "nom", "recent"] = Field("pertinence", description="Order.")
    size: int = Field(20, ge=1, le=100)
    cursor: str = Field("", max_length=2000)


class PlaceOut(Schema):
    """A located point of an entry: how precisely it is known, and how."""

    label: str
    address: str
    postcode: str
    quarter: str
    commune: str
    commune_code: str
    departement: str
    lon: float | None
    lat: float | None
    precision: str = Field(
        description="address, street, neighbourhood, commune, departement, region, or empty when not known"
    )
    obtained: str
    in_qpv: str = Field(description="Computed from the official contours; undetermined without them")
    in_qpv_as_stated: str
    qpv_code: str
    phone: str
    email: str
    website: str
    opening_hours: str = Field(description="OpenStreetMap syntax")
    opening_hours_text: str
    source_text: str
    source_on: str


class SourceOut(Schema):
    """Where an entry comes from."""

    code: str
    name: str
    licence: str
    published_on: str
    url: str


class ActorOut(Schema):
    """Someone who acts in an initiative, as the source names them."""

    name: str = ""
    kind: str = ""
    role: str = ""
    note: str | None = None


class DatedOut(Schema):
    """A dated event, at the precision known."""

    kind: str = ""
    when: str = ""
    until: str | None = None
    label: str = ""
    page: int | None = None


class FigureOut(Schema):
    """A number that the source gives."""

    value: float | None = None
    unit: str = ""
    label: str = ""
    as_of: str | None = None
    approximate: bool = False
    page: int | None = None


class FundingOut(Schema):
    """Money or support in kind."""

    source: str = ""
    amount_eur: float | None = None
    note: str | None = None
    page: int | None = None


class LinkOut(Schema):
    """An address that the source prints."""

    url: str = ""
    label: str = ""
    page: int | None = None


class CorrectionOut(Schema):
    """Where the study errs: its words, the correction, and its source."""

    field: str = ""
    study_says: str = ""
    correction: str = ""
    source: str = ""
    page: int | None = None


class EntryOut(Schema):
    """An entry in full."""

    id: int
    url: str
    external_id: str
    kind: str
    name: str
    other_names: list[str]
    name_in_study: str
    summary: str
    description: str
    language: str
    themes: list[str]
    scale: str
    actor_kinds: list[str]
    publics: list[str]
    digital_means: list[str]
    innovation_kinds: list[str]
    city_figures: list[str]
    service_nature: str
    mediation: str
    status: str
    status_as_of: str
    status_reason: str
    ended_on: str
    in_qpv: list[str]
    territories: list[str]
    operator: str
    actors: list[ActorOut]
    area_text: str
    dates: list[DatedOut]
    figures: list[FigureOut]
    funding: list[FundingOut]
    links: list[LinkOut]
    corrections: list[CorrectionOut]
    related: list[str]
    part_of: str
    study_pages: list[int]
    version: int
    created_at: datetime
    modified_at: datetime
    confirmed_on: date | None
    source: SourceOut
    places: list[PlaceOut]


class WithdrawnOut(Schema):
    """An entry that a copy must drop: hidden, or merged into another."""

    id: int
    withdrawn_at: datetime
    merged_into: int | None


class EntriesOut(Schema):
    """A page of entries; `total` counts all those that meet the question, `next` is null after the last page."""

    total: int
    next: str | None
    entries: list[EntryOut]
    withdrawn: list[WithdrawnOut] = Field(description="On the first page of a question with modified_since")


class FoundOut(Schema):
    """A line of the answer to a search."""

    id: int
    name: str
    summary: str
    url: str
    where: str
    distance_m: float | None
    status: str
    themes: list[str]


class SearchOut(Schema):
    """What was found, and how the words were understood."""

    total: int
    next: str | None
    corrected: dict[str, str] = Field(description="Typed word → word found")
    also: list[str] = Field(description="Other words that were looked for")
    found: list[FoundOut]


class FacetValueOut(Schema):
    """A value with the exact number of entries it would give."""

    value: str
    label: str
    count: int
    is_chosen: bool


class FacetOut(Schema):
    """A group of filters."""

    name: str
    label: str
    values: list[FacetValueOut]


class ChangeOut(Schema):
    """A field before and after."""

    field: str
    before: Any = None
    after: Any = None


class RevisionOut(Schema):
    """A state of an entry: what changed, when, why, from which source, by which channel."""

    number: int
    at: datetime
    who: str
    channel: str
    reason: str
    source: str
    changes: list[ChangeOut]


class ContactIn(Schema):
    """Where the answer is wanted; without it, the code alone tells the outcome."""

    by: Literal["mail", "sms"]
    to: str = Field(min_length=3, max_length=254)


_FIELDS = "name, summary, kind, themes, publics, operator, status, status_reason, description"
_PLACE_FIELDS = "label, address, postcode, commune, lon, lat, phone, email, website, opening_hours_text"


class SuggestionIn(Schema):
    """A suggestion: the same as the forms of the site, read by a person before anything changes."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"kind": "closed", "entry": 1, "message": "Le rideau est baissé depuis juin."},
                {"kind": "correction", "entry": 1, "place": {"phone": "04 72 00 00 00"}, "message": "Vu sur la porte."},
                {
                    "kind": "new",
                    "fields": {
                        "name": "Atelier du mardi",
                        "kind": "place",
                        "summary": "On y apprend à se servir d’un ordinateur.",
                        "themes": ["training"],
                    },
                    "place": {"commune": "Vénissieux", "address": "3 place Léon Sublet"},
                },
            ]
        },
    )

    kind: SuggestionKind
    entry: int | None = Field(None, ge=1, le=2**62, description="Its identifier; for a new one, none.")
    fields: dict[str, str | list[str]] = Field(default_factory=dict, description=_FIELDS, max_length=20)
    place: dict[str, str | float] = Field(default_factory=dict, description=_PLACE_FIELDS, max_length=20)
    duplicate_of: int | None = Field(None, ge=1, le=2**62)
    message: str = Field("", max_length=4000, description="Read by moderators, not published.")
    contact: ContactIn | None = None


class SuggestionOut(Schema):
    """What follows: the code tells the outcome, at the address given."""

    code: str
    state: str
    follow_url: str
