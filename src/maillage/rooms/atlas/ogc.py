"""OGC API – Features for QGIS and its like: each address answers as JSON, or as a page to read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import wraps

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from maillage.core.errors import Missing
from maillage.core.web.faults import fault_of, problem
from maillage.core.web.pages import Crumb, Page
from maillage.core.web.wording import number
from maillage.rooms.atlas import ogc_documents as documents
from maillage.rooms.atlas import queries, queries_ogc
from maillage.rooms.atlas.cards import sheet_url
from maillage.rooms.atlas.filters import FACETS, Filters, filters_from
from maillage.rooms.atlas.ogc_definition import definition
from maillage.rooms.atlas.ogc_documents import COLLECTION, GEOJSON, JSON, OPENAPI, SCHEMA, Document, address
from maillage.rooms.atlas.queries_ogc import Span

QUERYABLES = ("q", "territoire", *FACETS)


class Unreadable(ValueError):
    """A parameter that the standard has refused with 400."""


def _form(request: HttpRequest) -> str:
    """ "json" or "html": what `f` says, else what the caller prefers; JSON for those who do not mind."""
    asked = request.GET.get("f", "")
    if asked in {"json", "html"}:
        return asked
    if asked:
        raise Unreadable(_("f vaut json ou html."))
    return "html" if request.get_preferred_type([JSON, GEOJSON, "text/html"]) == "text/html" else "json"


def _answers(*names: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A view that takes these parameters and the form of its answer.

    The standard refuses a parameter that it does not know, rather than answering something else than was asked.
    """

    def wrapped(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def answer(request: HttpRequest, **arguments: object) -> HttpResponse:
            try:
                if strange := [name for name in request.GET if name not in {"f", *names}]:
                    raise Unreadable(_("Paramètre inconnu : %(names)s.") % {"names": ", ".join(strange)})
                return view(request, _form(request), **arguments)
            except Unreadable as fault:
                return problem(400, fault_of(400).title, str(fault))

        return require_safe(answer)

    return wrapped


def _json(document: Document, media_type: str) -> HttpResponse:
    response = JsonResponse(
        document, encoder=DjangoJSONEncoder, content_type=media_type, json_dumps_params={"ensure_ascii": False}
    )
    response["Access-Control-Allow-Origin"] = "*"  # public data, without session: other sites' pages may read it
    patch_vary_headers(response, ["Accept", "Accept-Language"])
    return response


def _page(request: HttpRequest, title: str, document: Document, **context: object) -> HttpResponse:
    crumbs = [Crumb(_("Lieux et initiatives"), reverse("atlas:list"))]
    if request.path != reverse("atlas:ogc_landing"):
        crumbs.append(Crumb(_("Service pour logiciels de cartes"), reverse("atlas:ogc_landing")))
    page = Page(title=title, description=str(document.get("description", "")), crumbs=tuple(crumbs), kind="text")
    defaults: dict[str, object] = {
        "items": None,
        "rows": [],
        "lines": [],
        "next_url": "",
        "sheet": "",
        "summary": "",
        "how_to": "",
    }
    context = defaults | {"page": page, "document": document, "links": document.get("links", [])} | context
    response = render(request, "atlas/ogc.html", context)
    patch_vary_headers(response, ["Accept", "Accept-Language"])
    return response


@_answers()
def landing(request: HttpRequest, form: str) -> HttpResponse:
    """The way in."""
    document = documents.landing(form)
    if form == "json":
        return _json(document, JSON)
    return _page(request, _("Service pour logiciels de cartes"), document, how_to=documents.address("ogc_landing"))


@_answers()
def conformance(request: HttpRequest, form: str) -> HttpResponse:
    """What the service claims to respect."""
    document = documents.conformance(form)
    if form == "json":
        return _json(document, JSON)
    return _page(request, _("Ce que le service respecte"), document, lines=document["conformsTo"])


@_answers()
def service_definition(request: HttpRequest, form: str) -> HttpResponse:
    """The OpenAPI 3.0 description."""
    document = definition()
    if form == "json":
        return _json(document, OPENAPI)
    rows = [(path, one["get"]["summary"]) for path, one in document["paths"].items()]
    return _page(request, _("Description du service"), {"links": []}, rows=rows)


@_answers()
def collections(request: HttpRequest, form: str) -> HttpResponse:
    """The list of collections."""
    document = documents.collections(form, queries_ogc.whole_extent())
    if form == "json":
        return _json(document, JSON)
    rows = [(one["title"], one["description"]) for one in document["collections"]]
    links = [*document["links"], *(link for one in document["collections"] for link in one["links"])]
    return _page(request, _("Les données"), {**document, "links": links}, rows=rows)


@_answers()
def collection(request: HttpRequest, form: str, code: str) -> HttpResponse:
    """What the collection covers."""
    _the_one(code)
    extent = queries_ogc.whole_extent()
    document = documents.collection(form, extent)
    if form == "json":
        return _json(document, JSON)
    return _page(request, document["title"], document, summary=_summary(extent.total))


@_answers()
def queryables(request: HttpRequest, form: str, code: str) -> HttpResponse:
    """The filters."""
    _the_one(code)
    document = documents.queryables()
    if form == "json":
        return _json(document, SCHEMA)
    rows = [(name, ", ".join([one["title"], *one.get("enum", [])])) for name, one in document["properties"].items()]
    return _page(request, _("Les filtres"), {"links": []}, rows=rows)


def _the_one(code: str) -> None:
    if code != COLLECTION:
        raise Missing(f"collection {code}")


def _summary(total: int) -> str:
    return _("%(total)s fiches en tout") % {"total": number(total)}


@_answers("limit", "bbox", "datetime", "apres", *QUERYABLES)
def items(request: HttpRequest, form: str, code: str) -> HttpResponse:
    """A page of features; the link `next` leads to the following one, by key."""
    _the_one(code)
    filters, span, size = _filters(request), _span(request.GET.get("datetime", "")), _limit(request)
    found = queries_ogc.items(filters, span, cursor=request.GET.get("apres", ""), size=size)
    document: Document = {
        "type": "FeatureCollection",
        "features": documents.features(found.entries) if form == "json" else [],
        "numberMatched": found.total,
        "numberReturned": len(found.entries),
        "timeStamp": timezone.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "links": _links_of_items(request, form, found.next_cursor),
    }
    if form == "json":
        return _json(document, GEOJSON)
    rows = [(one.name, reverse("atlas:ogc_item", args=[COLLECTION, one.pk]), one.summary) for one in found.entries]
    after = next((link["href"] for link in document["links"] if link["rel"] == "next"), "")
    return _page(request, _("Les fiches"), document, items=rows, next_url=after, summary=_summary(found.total))


def _links_of_items(request: HttpRequest, form: str, cursor: str) -> list[Document]:
    asked = request.GET.copy()
    asked.pop("f", None)
    title = _("Les fiches")
    links = documents.twofold(address("ogc_items", COLLECTION, query=asked.urlencode()), form, title, GEOJSON)
    if cursor:
        asked["apres"] = cursor
        asked["f"] = form
        after = address("ogc_items", COLLECTION, query=asked.urlencode())
        kind = GEOJSON if form == "json" else documents.HTML
        links.append(documents.Link(after, "next", kind, _("La suite")).as_json())
    up = documents.Link(address("ogc_collection", COLLECTION), "collection", JSON, _("Lieux et initiatives"))
    return [*links, up.as_json()]


@_answers()
def item(request: HttpRequest, form: str, code: str, entry_id: int) -> HttpResponse:
    """One feature."""
    _the_one(code)
    entry = queries.sheet(entry_id)
    if entry.merged_into_id is not None:
        raise Missing(f"entry {entry_id} is part of {entry.merged_into_id}")
    document = documents.feature(entry, form)
    if form == "json":
        return _json(document, GEOJSON)
    rows = [(name, value) for name, value in document["properties"].items() if value not in ("", None)]
    return _page(request, entry.name, document, rows=rows, sheet=sheet_url(entry))


def _filters(request: HttpRequest) -> Filters:
    asked = request.GET.copy()
    if raw := request.GET.get("bbox", ""):
        asked["bbox"] = ",".join(_flat(raw.split(",")))
    filters = filters_from(asked)
    if filters.not_understood:
        raise Unreadable(_("Paramètre mal compris : %(names)s.") % {"names": ", ".join(filters.not_understood)})
    return filters


def _flat(sides: list[str]) -> list[str]:
    """Four numbers of a box, the heights of six left out."""
    return [sides[0], sides[1], sides[3], sides[4]] if len(sides) == 6 else sides


def _limit(request: HttpRequest) -> int:
    raw = request.GET.get("limit", str(documents.DEFAULT_LIMIT))
    if not (raw.isascii() and raw.isdigit() and int(raw[:9]) >= 1):
        raise Unreadable(_("limit est un nombre entier, au moins 1."))
    return min(int(raw[:9]), documents.LONGEST_PAGE)


def _span(raw: str) -> Span:
    """An instant, or an interval whose ends may be open ("..", or nothing)."""
    if not raw:
        return Span()
    ends = raw.split("/")
    if len(ends) == 1:
        return Span(_instant(raw, is_end=False), _instant(raw, is_end=True))
    if len(ends) != 2 or all(one in {"", ".."} for one in ends):
        raise Unreadable(_("datetime est un instant, ou deux séparés par /."))
    begin, end = (None if one in {"", ".."} else _instant(one, is_end=bool(at)) for at, one in enumerate(ends))
    if begin is not None and end is not None and begin > end:
        raise Unreadable(_("datetime : la fin vient avant le début."))
    return Span(begin, end)


def _instant(raw: str, *, is_end: bool) -> datetime:
    try:
        if len(raw) == 10:  # a whole day
            moment = datetime.combine(date.fromisoformat(raw), time.min, UTC)
            return moment + timedelta(days=1, microseconds=-1) if is_end else moment
        moment = datetime.fromisoformat(raw)
        if moment.tzinfo is None or "T" not in raw.upper():
            raise ValueError(raw)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as fault:
        raise Unreadable(_("datetime ne se lit pas : il y faut une date comme 2026-01-31T12:00:00Z.")) from fault
