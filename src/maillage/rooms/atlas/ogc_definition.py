"""The OpenAPI 3.0 description of our OGC API – Features service."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from maillage.rooms.atlas.ogc_documents import (
    COLLECTION,
    DEFAULT_LIMIT,
    GEOJSON,
    HTML,
    JSON,
    LONGEST_PAGE,
    SCHEMA,
    queryables,
)

Document = dict[str, Any]


def definition() -> Document:
    """Every path, its parameters and what it answers."""
    items = f"/collections/{COLLECTION}/items"
    paths = {
        "/": _path("landing", _("L’entrée du service"), JSON),
        "/conformance": _path("conformance", _("Ce que le service respecte"), JSON),
        "/collections": _path("collections", _("Les données"), JSON),
        f"/collections/{COLLECTION}": _path("collection", _("Les fiches : ce qu’elles couvrent"), JSON),
        f"/collections/{COLLECTION}/queryables": _path("queryables", _("Les filtres"), SCHEMA),
        items: _path("items", _("Les fiches, par pages"), GEOJSON, _parameters()),
        f"{items}/{{featureId}}": _path("item", _("Une fiche"), GEOJSON, [_identifier()], is_found=True),
    }
    return {
        "openapi": "3.0.3",
        "info": {"title": _("Lieux et initiatives : service OGC API – Features"), "version": "1.0.0"},
        "servers": [{"url": f"{settings.SITE_ADDRESS}{reverse('atlas:ogc_landing')}".rstrip("/")}],
        "paths": paths,
    }


def _path(
    name: str, summary: str, media_type: str, parameters: list[Document] | None = None, *, is_found: bool = False
) -> Document:
    content = {media_type: {"schema": {"type": "object"}}, HTML: {"schema": {"type": "string"}}}
    problem = {"application/problem+json": {"schema": {"type": "object"}}}
    answers: Document = {
        "200": {"description": summary, "content": content},
        "400": {"description": _("Un paramètre n’est pas compris"), "content": problem},
    }
    if is_found:
        answers["404"] = {"description": _("Il n’y a pas de telle fiche"), "content": problem}
    form = _parameter("f", {"type": "string", "enum": ["json", "html"]}, _("La forme de la réponse"))
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "parameters": [form, *(parameters or [])],
            "responses": answers,
        }
    }


def _parameter(name: str, schema: Document, text: str, **more: object) -> Document:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": text, **more}


def _parameters() -> list[Document]:
    number = {"type": "number"}
    known = queryables()["properties"]
    return [
        _parameter(
            "limit",
            {"type": "integer", "minimum": 1, "maximum": LONGEST_PAGE, "default": DEFAULT_LIMIT},
            _("Combien de fiches par page"),
        ),
        _parameter(
            "bbox",
            {"type": "array", "oneOf": [{"minItems": n, "maxItems": n} for n in (4, 6)], "items": number},
            _("Ouest, sud, est, nord en degrés"),
            style="form",
            explode=False,
        ),
        _parameter("datetime", {"type": "string"}, _("Un instant, ou deux séparés par / : date du dernier changement")),
        _parameter("apres", {"type": "string"}, _("Où commence la page : donné par le lien « next »")),
        *(_parameter(name, _schema(name, told), str(told["title"])) for name, told in known.items()),
    ]


def _schema(name: str, told: Document) -> Document:
    one = {key: value for key, value in told.items() if key in {"type", "enum"}}
    return one if name in {"q", "territoire"} else {"type": "array", "items": one}


def _identifier() -> Document:
    return {"name": "featureId", "in": "path", "required": True, "schema": {"type": "integer"}}
