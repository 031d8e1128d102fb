"""Shape of the study's data files: what a person may write in `study/*.yaml`, checked field by field.

The facts come from "Repenser la ville intelligente dans les quartiers prioritaires" (Métropole de Lyon, 2018). A field the
study does not give stays empty; what another source adds (a telephone, an address) carries that source beside it.
Dates are ISO 8601 at the precision known: `2015`, `2015-05`, `2015-05-12`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

FOLDER = Path(__file__).parent
LAST_PAGE = 76

Theme = Literal["rights", "citizenship", "training", "employment", "business", "housing", "mobility", "culture"]
ActorKind = Literal[
    "state",
    "region",
    "departement",
    "metropole",
    "intercommunality",
    "commune",
    "public_body",
    "association",
    "landlord",
    "company",
    "social_enterprise",
    "residents",
    "library",
    "school",
    "social_centre",
    "cooperative",
    "neighbourhood_agency",
    "training_body",
    "research",
    "foundation",
    "other",
]
Public = Literal[
    "everyone",
    "residents",
    "tenants",
    "jobseekers",
    "young_people",
    "children",
    "families",
    "women",
    "elderly",
    "migrants",
    "people_in_hardship",
    "low_digital_skills",
    "entrepreneurs",
    "professionals",
    "elected",
    "students",
    "disabled",
    "employees",
]
DigitalMeans = Literal[
    "website",
    "platform",
    "application",
    "social_network",
    "workshop",
    "public_access",
    "equipment",
    "tablet",
    "kiosk",
    "sensor",
    "game",
    "map",
    "video",
    "web_tv",
    "open_data",
    "model_3d",
    "virtual_visit",
    "fablab",
    "online_training",
    "artwork",
    "intranet",
    "connectivity",
    "digital_desk",
    "none_stated",
]
InnovationKind = Literal["social", "frugal", "hybrid", "technological"]
CityFigure = Literal["techno_cite", "e_cite", "ville_contributive"]
ServiceNature = Literal["infrastructure", "service", "both"]
Mediation = Literal["none", "light", "accompanied", "central"]
Precision = Literal["address", "street", "neighbourhood", "commune", "departement", "region"]
Scale = Literal["national_benchmark", "local_benchmark"]

FuzzyDate = Annotated[str, StringConstraints(pattern=r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Page = Annotated[int, Field(ge=1, le=LAST_PAGE)]


class Strict(BaseModel):
    """A record that refuses a field it does not know, so that a typing error is seen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Actor(Strict):
    """Someone who acts in the initiative, as the study names them."""

    name: Text
    kind: ActorKind
    role: Literal["operator", "partner", "funder", "host", "supporter", "designer", "participant"]
    note: Text | None = None


class Contact(Strict):
    """A way to reach the initiative; never from the study, so always with the source it was read in."""

    phone: Text | None = None
    email: Text | None = None
    source: Text
    as_of: FuzzyDate


class Place(Strict):
    """One place of the initiative: where, how precisely, and how the coordinates were obtained."""

    label: Text
    address: Text | None = None
    quarter: Text | None = None
    commune: Text | None = None
    commune_code: Annotated[str, StringConstraints(pattern=r"^(\d{5}|2[AB]\d{3})$")] | None = None
    departement: Text | None = None
    in_qpv_as_stated: Literal["in", "near", "outside"] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    precision: Precision | None = None
    obtained: Text | None = None
    opening_hours_text: Text | None = None
    opening_hours_osm: Text | None = None
    contact: Contact | None = None
    added_from: Text | None = None

    @model_validator(mode="after")
    def _coordinates_are_explained(self) -> Place:
        given = [self.lon is not None, self.lat is not None, self.precision is not None, self.obtained is not None]
        if any(given) and not all(given):
            raise ValueError("lon, lat, precision and obtained go together")
        return self


class Dated(Strict):
    """One dated event in the life of the initiative."""

    kind: Literal["created", "started", "opened", "ended", "observed", "planned", "revised", "award", "event", "label"]
    when: FuzzyDate
    until: FuzzyDate | None = None
    label: Text
    page: Page


class Status(Strict):
    """Where the initiative stood when the study was written; `closed` needs its reason, in our words or 'non précisée'."""

    value: Literal["active", "closed", "planned", "unknown"]
    as_of: FuzzyDate = "2018"
    ended_on: FuzzyDate | None = None
    reason: Text | None = None
    page: Page | None = None

    @model_validator(mode="after")
    def _closed_says_why(self) -> Status:
        if self.value == "closed" and not self.reason:
            raise ValueError("a closed initiative says why (or 'Raison non précisée par l’étude')")
        return self


class Figure(Strict):
    """A number the study gives, with what it counts and when."""

    value: float
    unit: Text
    label: Text
    as_of: FuzzyDate | None = None
    approximate: bool = False
    page: Page


class Funding(Strict):
    """Money or support in kind, as the study states it."""

    source: Text
    amount_eur: float | None = None
    note: Text | None = None
    page: Page


class Link(Strict):
    """An address the study prints (`from_study`), with the page it is on."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]
    label: Text
    page: Page | None = None
    from_study: bool = True


class Correction(Strict):
    """Where the study errs: its words stay, the correction stands beside with its source."""

    field: Text
    study_says: Text
    correction: Text
    source: Text
    page: Page


class Initiative(Strict):
    """One initiative named by the study."""

    id: Slug
    name: Text
    name_in_study: Text
    other_names: tuple[Text, ...] = ()
    kind: Literal["initiative", "place", "network", "programme", "tool", "event", "organisation"]
    part_of: Slug | None = None
    related: tuple[Slug, ...] = ()
    pages: Annotated[tuple[Page, ...], Field(min_length=1)]
    has_heading: bool
    themes: Annotated[tuple[Theme, ...], Field(min_length=1)]
    scale: Scale
    summary: Annotated[str, StringConstraints(strip_whitespace=True, min_length=20, max_length=180)]
    description: Annotated[str, StringConstraints(strip_whitespace=True, min_length=80)]
    actors: tuple[Actor, ...] = ()
    places: tuple[Place, ...] = ()
    area_text: Text | None = None
    dates: tuple[Dated, ...] = ()
    status: Status
    publics: tuple[Public, ...] = ()
    figures: tuple[Figure, ...] = ()
    funding: tuple[Funding, ...] = ()
    digital_means: tuple[DigitalMeans, ...] = ()
    innovation_kinds: tuple[InnovationKind, ...] = ()
    city_figures: tuple[CityFigure, ...] = ()
    service_nature: ServiceNature | None = None
    mediation: Mediation | None = None
    links: tuple[Link, ...] = ()
    corrections: tuple[Correction, ...] = ()

    @model_validator(mode="after")
    def _lists_hold_no_repeat(self) -> Initiative:
        for name in ("pages", "themes", "publics", "digital_means", "innovation_kinds", "city_figures"):
            values = getattr(self, name)
            if len(set(values)) != len(values):
                raise ValueError(f"{name} repeats a value")
        return self


class _PlainLoader(yaml.SafeLoader):
    """YAML without surprises: `no` stays a word and `2015-05` stays text."""


_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _first, _resolvers in list(_PlainLoader.yaml_implicit_resolvers.items()):
    _PlainLoader.yaml_implicit_resolvers[_first] = [
        (tag, re.compile(r"^(?:true|false)$") if tag == "tag:yaml.org,2002:bool" else regexp)
        for tag, regexp in _resolvers
    ]


def initiatives_in(path: Path) -> list[Initiative]:
    """Initiatives of one file, in its order; raises pydantic.ValidationError or yaml.YAMLError naming the fault."""
    records = yaml.load(path.read_text(encoding="utf-8"), Loader=_PlainLoader)  # noqa: S506 -- a SafeLoader with fewer types
    return [Initiative.model_validate(_dates_as_text(record)) for record in records or []]


def all_initiatives(folder: Path = FOLDER) -> list[Initiative]:
    """Initiatives of every file of the folder; raises ValueError on an identifier used twice or a link to nobody."""
    found = [initiative for path in sorted(folder.glob("[0-9]*.yaml")) for initiative in initiatives_in(path)]
    known = [initiative.id for initiative in found]
    twice = sorted({one for one in known if known.count(one) > 1})
    if twice:
        raise ValueError(f"identifiers used twice: {', '.join(twice)}")
    lost = sorted(
        {ref for one in found for ref in (*one.related, *([one.part_of] if one.part_of else [])) if ref not in known}
    )
    if lost:
        raise ValueError(f"links to initiatives that no file holds: {', '.join(lost)}")
    return found


def _dates_as_text(value: object) -> object:
    """A bare year read as a number becomes text where a date is expected."""
    if isinstance(value, dict):
        return {
            key: str(item)
            if key in {"when", "until", "as_of", "ended_on"} and isinstance(item, int)
            else _dates_as_text(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_dates_as_text(item) for item in value]
    return value
