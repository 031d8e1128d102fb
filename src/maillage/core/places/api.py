"""The programming interface of the territories: communes, neighbourhoods and others, with their town halls."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated, Any

import shapely
from django.conf import settings
from django.http import HttpRequest
from ninja import Field, Path, Query, Router, Schema

from maillage.core.exports.interface import open_to_other_sites, problems
from maillage.core.places.drawing_queries import contour_of
from maillage.core.places.models import Territory, TerritoryKind, TownHall
from maillage.core.places.queries import territories_page, territory, town_halls_of

CODE = r"^[0-9A-Za-z_-]{1,20}$"


class TerritoryOut(Schema):
    """A territory; `contour_quality` says how far its limits may be trusted."""

    kind: str
    code: str
    generation: str
    name: str
    parents: list[str] = Field(description='As "kind:code"')
    postcodes: list[str]
    population: int | None
    population_on: str
    area_m2: float | None
    contour_quality: str
    bbox: tuple[float, float, float, float] | None
    lon: float | None
    lat: float | None
    valid_from: date | None
    valid_until: date | None
    source: str
    source_url: str
    licence: str


class TownHallOut(Schema):
    """A town hall with its hours."""

    name: str
    address: str
    postcode: str
    city: str
    lon: float | None
    lat: float | None
    phone: str
    email: str
    website: str
    opening_hours: str
    opening_hours_text: str
    source: str


class TerritoryInFull(TerritoryOut):
    """A territory with its town halls, and its contour as GeoJSON when asked."""

    town_halls: list[TownHallOut]
    contour: dict[str, Any] | None = None


class TerritoriesQuestion(Schema):
    """Which kind, and which page."""

    kind: TerritoryKind = Field(description="Kind of territory", examples=["commune"])
    size: int = Field(100, ge=1, le=500)
    cursor: str = Field("", max_length=2000)


class TerritoriesOut(Schema):
    """A page of territories by name; `next` is null after the last one."""

    next: str | None
    territories: list[TerritoryOut]


def router() -> Router:
    """Every address of the territories under /api/v1/places/."""
    made = Router()
    made.add_decorator(open_to_other_sites, mode="view")
    made.get("/territories", response=TerritoriesOut, openapi_extra=problems(422), summary="Territories of a kind")(
        territories
    )
    made.get(
        "/territories/{kind}/{code}",
        response=TerritoryInFull,
        openapi_extra=problems(404, 422),
        summary="One territory",
    )(one_territory)
    return made


def _record(one: Territory) -> dict[str, Any]:
    sides = (one.west, one.south, one.east, one.north)
    return {
        "kind": one.kind, "code": one.code, "generation": one.generation, "name": one.name, "parents": one.parent_codes,
        "postcodes": one.postcodes, "population": one.population, "population_on": one.population_on, "area_m2": one.area_m2,
        "contour_quality": one.contour_quality, "bbox": None if None in sides else sides, "lon": one.lon, "lat": one.lat,
        "valid_from": one.valid_from, "valid_until": one.valid_until, "source": one.source_text,
        "source_url": one.source_url, "licence": one.licence,
    }  # fmt: skip


def _hall(one: TownHall) -> dict[str, Any]:
    return {
        "name": one.name, "address": one.address, "postcode": one.postcode, "city": one.city, "lon": one.lon, "lat": one.lat,
        "phone": one.phone, "email": one.email, "website": one.website, "opening_hours": one.opening_hours,
        "opening_hours_text": one.opening_hours_text, "source": one.source_text,
    }  # fmt: skip


def territories(request: HttpRequest, question: Query[TerritoriesQuestion]) -> dict[str, Any]:
    """Territories in force of one kind, by name."""
    found, cursor = territories_page(question.kind, question.cursor, question.size)
    address = f"{settings.SITE_ADDRESS}{request.path}?kind={question.kind.value}&size={question.size}&cursor={cursor}"
    return {"next": address if cursor else None, "territories": [_record(one) for one in found]}


def one_territory(
    request: HttpRequest,
    kind: Annotated[TerritoryKind, Path(description="Kind of territory")],
    code: Annotated[str, Path(pattern=CODE, description="Official code")],
    generation: Annotated[str, Query(pattern=r"^[0-9]{0,10}$", description="The newest when empty")] = "",
    contour: Annotated[bool, Query(description="With the contour as GeoJSON")] = False,
) -> dict[str, Any]:
    """One territory, the newest generation by default."""
    found = territory(kind=kind, code=code, generation=generation)
    halls = town_halls_of(code) if kind in {"commune", "arrondissement"} else []
    shape = contour_of(found) if contour else None
    body = {**_record(found), "town_halls": [_hall(one) for one in halls]}
    return body | {"contour": None if shape is None else json.loads(shapely.to_geojson(shape))}
