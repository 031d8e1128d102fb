"""Carrying the atlas away: the page of formats, the files, the drawn maps, the catalogue, the page about the interface."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from maillage.core.errors import Invalid
from maillage.core.exports.spreadsheet import TooManyRows
from maillage.core.places.queries import territory_name
from maillage.core.web.pages import Crumb, Page
from maillage.rooms.atlas import cards, exports_standards, files, pictures, queries, queries_export
from maillage.rooms.atlas.filters import Filters, filters_from


def _list_crumb() -> Crumb:
    return Crumb(_("Lieux et initiatives"), reverse("atlas:list"))


@require_safe
def download(request: HttpRequest) -> HttpResponse:
    """Which files hold the answer to this question, for which use, and what the national standards leave out."""
    filters = queries.resolved(filters_from(request.GET))
    place = territory_name(filters.territory) if filters.territory else ""
    postcodes = queries_export.postcodes()
    rows = [
        (_(one.label), _(one.use), files.address_of(one.code, filters), one.code)
        for one in files.FORMATS.values()
        if not one.is_standard
    ]
    standards = [
        _standard(
            "lieux-mediation",
            filters,
            exports_standards.sorted_for_mediation(queries_export.stream(filters), postcodes),
        ),
        _standard(
            "data-inclusion", filters, exports_standards.sorted_for_inclusion(queries_export.stream(filters), postcodes)
        ),
    ]
    context = {
        "page": Page(
            title=_("Télécharger les données"),
            description=_(
                "Toutes les fiches d’une recherche, dans le format de votre choix, avec leurs sources et leur licence."
            ),
            crumbs=(_list_crumb(),),
            kind="text",
        ),
        "about": files.about_of(filters),
        "formats": rows,
        "standards": standards,
        "chips": cards.chips(filters, place, request.path),
        "everything_url": reverse("atlas:download") if not filters.is_empty else "",
        "changed": queries_export.last_change(filters),
        "query_string": filters.query_string(),
    }
    return render(request, "atlas/download.html", context)


def _standard(code: str, filters: Filters, found: exports_standards.Sorted) -> dict[str, object]:
    one = files.format_named(code)
    return {
        "label": _(one.label),
        "use": _(one.use),
        "url": files.address_of(code, filters),
        "code": code,
        "sorted": found,
    }


@require_safe
def download_file(request: HttpRequest, file_format: str) -> HttpResponseBase:
    """A file with every entry of the question."""
    filters = queries.resolved(filters_from(request.GET))
    try:
        return files.format_named(file_format).make(filters, files.about_of(filters))
    except TooManyRows as fault:
        raise Invalid(_("Il y a plus de lignes qu’un classeur ne peut en tenir. Prenez le format CSV.")) from fault


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """The DCAT catalogue."""
    return JsonResponse(
        files.catalogue(), content_type="application/ld+json", json_dumps_params={"ensure_ascii": False, "indent": 1}
    )


@require_safe
def picture(request: HttpRequest) -> HttpResponse:
    """The map of a question, drawn; ?cadre=tout frames every point."""
    filters = queries.resolved(filters_from(request.GET))
    return _svg(request, pictures.list_picture(filters, whole=request.GET.get("cadre") == "tout"))


@require_safe
def sheet_picture(request: HttpRequest, entry_id: int) -> HttpResponse:
    """The map of one entry, drawn."""
    return _svg(request, pictures.sheet_picture(queries.sheet(entry_id)))


def _svg(request: HttpRequest, svg: str) -> HttpResponse:
    body = svg.encode()
    etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    if etag in request.headers.get("If-None-Match", ""):
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = HttpResponse(body, content_type="image/svg+xml")
        response["Content-Language"] = get_language() or "fr"
    response["ETag"], response["Cache-Control"] = etag, "public, no-cache"
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


@require_safe
def api_help(request: HttpRequest) -> HttpResponse:
    """What the programming interface is for, with examples that run on this installation."""
    page = Page(
        title=_("Réutiliser les données avec un programme"),
        description=_(
            "L’interface ouverte de Maillage : lire les fiches, les territoires, et proposer une correction."
        ),
        crumbs=(_list_crumb(),),
        kind="text",
    )
    return render(request, "atlas/api_help.html", {"page": page, "download_url": reverse("atlas:download")})
