"""The JSON documents of OGC API – Features, Part 1 (OGC 17-069r4): core, GeoJSON, HTML, OpenAPI 3.0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from maillage.core.exports.about import LICENCE, LICENCE_URL
from maillage.core.exports.json_files import DECIMALS
from maillage.core.web import glossary
from maillage.rooms.atlas.cards import LEGENDS
from maillage.rooms.atlas.exports import entry_columns
from maillage.rooms.atlas.filters import FACETS
from maillage.rooms.atlas.models import Entry
from maillage.rooms.atlas.queries_ogc import Extent

COLLECTION = "fiches"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
CONFORMANCE = tuple(
    f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}" for name in ("core", "oas30", "html", "geojson")
)
JSON, GEOJSON, HTML = "application/json", "application/geo+json", "text/html"
OPENAPI, SCHEMA = "application/vnd.oai.openapi+json;version=3.0", "application/schema+json"
DEFAULT_LIMIT, LONGEST_PAGE = 100, 1000
Document = dict[str, Any]


@dataclass(frozen=True)
class Link:
    """A link of a document."""

    href: str
    rel: str
    type: str
    title: str

    def as_json(self) -> Document:
        """As the standard writes it."""
        return {
            "href": self.href,
            "rel": self.rel,
            "type": self.type,
            "title": self.title,
            "hreflang": get_language() or "fr",
        }


def address(name: str, *arguments: object, query: str = "") -> str:
    """Full address of one of our pages."""
    path = f"{settings.SITE_ADDRESS}{reverse(f'atlas:{name}', args=arguments)}"
    return f"{path}?{query}" if query else path


def twofold(url: str, own: str, title: str, media_type: str = JSON) -> list[Document]:
    """Links of a document to itself and to its other form; `own` is "json" or "html"."""
    joint = "&" if "?" in url else "?"
    forms = {"json": media_type, "html": HTML}
    links = [
        Link(f"{url}{joint}f={form}", "self" if form == own else "alternate", kind, title)
        for form, kind in forms.items()
    ]
    return [link.as_json() for link in sorted(links, key=lambda one: one.rel != "self")]


def landing(form: str) -> Document:
    """The way in."""
    title = _("Lieux et initiatives : service OGC API – Features")
    links = [
        Link(address("ogc_definition"), "service-desc", OPENAPI, _("Description du service")),
        Link(address("ogc_definition", query="f=html"), "service-doc", HTML, _("Description du service, à lire")),
        Link(address("ogc_conformance"), "conformance", JSON, _("Ce que le service respecte")),
        Link(address("ogc_collections"), "data", JSON, _("Les données")),
        Link(LICENCE_URL, "license", HTML, LICENCE),
    ]
    return {
        "title": title,
        "description": _("Les fiches du site, à ouvrir dans QGIS ou un autre logiciel de cartes. Sans inscription."),
        "links": [*twofold(address("ogc_landing"), form, title), *(link.as_json() for link in links)],
    }


def conformance(form: str) -> Document:
    """What we claim."""
    links = twofold(address("ogc_conformance"), form, _("Ce que le service respecte"))
    return {"links": links, "conformsTo": list(CONFORMANCE)}


def collection(form: str, extent: Extent) -> Document:
    """The one collection: an entry is a feature, whatever the number of its places."""
    title = _("Lieux et initiatives")
    times = [None if moment is None else moment.isoformat() for moment in (extent.span.begin, extent.span.end)]
    links = [
        Link(address("ogc_items", COLLECTION), "items", GEOJSON, _("Les fiches")),
        Link(address("ogc_items", COLLECTION, query="f=html"), "items", HTML, _("Les fiches, à lire")),
        Link(address("ogc_queryables", COLLECTION), QUERYABLES, SCHEMA, _("Les filtres")),
        Link(LICENCE_URL, "license", HTML, LICENCE),
    ]
    return {
        "id": COLLECTION,
        "title": title,
        "description": _(
            "Chaque fiche est une entité : un point, plusieurs, ou aucun quand le lieu n’est pas connu."
            " La date est celle du dernier changement."
        ),
        "itemType": "feature",
        "crs": [CRS84],
        "extent": {
            "spatial": {"bbox": [list(extent.box or (-180.0, -90.0, 180.0, 90.0))], "crs": CRS84},
            "temporal": {"interval": [times], "trs": GREGORIAN},
        },
        "links": [*twofold(address("ogc_collection", COLLECTION), form, title), *(link.as_json() for link in links)],
    }


def collections(form: str, extent: Extent) -> Document:
    """The list of collections."""
    title = _("Les données")
    return {"links": twofold(address("ogc_collections"), form, title), "collections": [collection(form, extent)]}


def geometry(entry: Entry) -> Document | None:
    """A point, several, or null."""
    spots = [
        [round(place.lon, DECIMALS), round(place.lat, DECIMALS)]
        for place in entry.places.all()
        if place.lon is not None and place.lat is not None
    ]
    if not spots:
        return None
    return (
        {"type": "Point", "coordinates": spots[0]} if len(spots) == 1 else {"type": "MultiPoint", "coordinates": spots}
    )


def features(entries: Sequence[Entry]) -> list[Document]:
    """Entries as GeoJSON, with the columns of the files that the site gives."""
    columns = entry_columns()
    return [
        {
            "type": "Feature",
            "id": entry.pk,
            "geometry": geometry(entry),
            "properties": {column.key: column.value(entry) for column in columns},
        }
        for entry in entries
    ]


def feature(entry: Entry, form: str) -> Document:
    """One feature with its links."""
    (found,) = features([entry])
    up = Link(address("ogc_collection", COLLECTION), "collection", JSON, _("Lieux et initiatives"))
    links = twofold(address("ogc_item", COLLECTION, entry.pk), form, entry.name, GEOJSON)
    return {**found, "links": [*links, up.as_json()]}


def queryables() -> Document:
    """The filters of the list, as a JSON Schema."""
    properties: Document = {"q": {"title": _("Recherche"), "type": "string"}}
    properties["territoire"] = {"title": _("Territoire"), "type": "string", "description": "kind:code"}
    for name, (_field, _many, facet) in FACETS.items():
        properties[name] = {"title": _(LEGENDS[name]), "type": "string", "enum": list(glossary.labels(facet))}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address("ogc_queryables", COLLECTION),
        "type": "object",
        "title": _("Lieux et initiatives"),
        "properties": properties,
        "additionalProperties": False,
    }
