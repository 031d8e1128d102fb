"""Composing a map: the page with its form, picture and table; the picture alone; the files to carry away."""

from __future__ import annotations

import secrets

from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from maillage.core.errors import Missing
from maillage.core.exports.answers import streamed
from maillage.core.exports.comma_separated import MEDIA_TYPE as CSV_MEDIA_TYPE
from maillage.core.exports.comma_separated import csv_chunks
from maillage.core.web.pages import Crumb, Page
from maillage.rooms.observatory import maps_files
from maillage.rooms.observatory.forms_maps import SaveMapForm
from maillage.rooms.observatory.maps.composition import Composition, composition_from
from maillage.rooms.observatory.maps_files import PAPERS, Signed
from maillage.rooms.observatory.maps_form import controls_of
from maillage.rooms.observatory.maps_shown import Shown, shown
from maillage.rooms.observatory.permissions import may_moderate_maps
from maillage.rooms.observatory.queries_maps import listed_maps

SVG = "image/svg+xml"


def crumb() -> Crumb:
    """The observatory above its maps."""
    return Crumb(_("Observatoire"), reverse("observatory:home"))


@require_safe
def compose(request: HttpRequest) -> HttpResponse:
    """The composer: the form is the address, the server draws; saved maps that a moderator listed are under it."""
    return composer(
        request, composition_from(request.GET), SaveMapForm(initial={"form_key": secrets.token_urlsafe(16)})
    )


def composer(
    request: HttpRequest, composition: Composition, form: SaveMapForm, *, secret: str = "", status: int = 200
) -> HttpResponse:
    """The composer's page, for a new map or for a new version of the one whose edit secret is given."""
    found = shown(composition, on=timezone.localdate())
    here = reverse("observatory:map_edit", args=[secret]) if secret else reverse("observatory:maps")
    page = Page(
        title=_("Composer une carte"),
        description=_(
            "Choisissez un indicateur, des territoires, des couleurs : la carte se dessine, vous pouvez la garder."
        ),
        crumbs=(crumb(),),
        kind="wide",
        indexed=not composition.indicator and not secret,
        has_errors=form.is_bound and not form.is_valid(),
    )
    context = {
        "page": page, "shown": found, "controls": controls_of(found), "form": form, "here": here, "secret": secret,
        "query": found.composition.query_string(), "files": file_links(found.composition.query_string()),
        "save_url": here if secret else reverse("observatory:map_save"), "listed": [] if secret else listed_maps(),
        "may_moderate": may_moderate_maps(request.user), "faults": fault_words(composition),
        "legend": maps_files.legend_items(found.picture),
    }  # fmt: skip
    return render(request, "observatory/maps/compose.html", context, status=status)


def fault_words(composition: Composition) -> list[str]:
    """The names of the controls whose value in the address was not understood."""
    names = {
        "serie": _("territoires et année"), "forme": _("dessin"), "classes": _("façon de faire les classes"),
        "nombre": _("nombre de classes"), "couleurs": _("couleurs"),
    }  # fmt: skip
    return [names[one] for one in composition.faults]


def file_links(query: str, code: str = "", version: int = 0) -> dict[str, str]:
    """Addresses of the picture and of the files, of a question or of a saved map."""

    def address(format: str, **more: str) -> str:
        if code:
            base, asked = reverse("observatory:map_saved_file", args=[code, format]), f"version={version}"
        else:
            base, asked = reverse("observatory:map_file", args=[format]), query
        extra = "&".join(f"{name}={value}" for name, value in more.items())
        return f"{base}?{'&'.join(part for part in (asked, extra) if part)}"

    return {
        "picture": address("image"), "svg": address("svg"), "csv": address("csv"),
        "pdf_a4": address("pdf", papier="a4"), "pdf_a3": address("pdf", papier="a3"),
    }  # fmt: skip


@require_safe
def map_file(request: HttpRequest, format: str) -> HttpResponseBase:
    """A question as image, svg, pdf (?papier=a4 or a3) or csv."""
    asked = composition_from(request.GET)
    address = request.build_absolute_uri(f"{reverse('observatory:maps')}?{asked.query_string()}")
    return file_answer(request, shown(asked, on=timezone.localdate()), format, Signed(address=address))


def file_answer(request: HttpRequest, found: Shown, format: str, signed: Signed) -> HttpResponseBase:
    """The file of a map; Missing for another format, or where there is nothing to draw."""
    name = f"carte-{slugify(found.title)[:60] or 'composee'}"
    if format == "csv" and found.rows:
        label = maps_files.about(found, signed.address, timezone.localtime())
        return streamed(csv_chunks(maps_files.csv_table(found)), CSV_MEDIA_TYPE, label, f"{name}.csv")
    if found.picture is None or format not in {"image", "svg", "pdf"}:
        raise Missing(_("Cette carte ne peut pas être dessinée."))
    if format == "image":
        return HttpResponse(maps_files.screen_svg(found.picture), content_type=SVG)
    if format == "svg":
        return _attached(maps_files.print_svg(found.picture).encode(), SVG, f"{name}.svg")
    paper = request.GET.get("papier", "a4").lower()
    if paper not in PAPERS:
        raise Missing(_("On imprime ces cartes en A4 ou en A3."))
    return _attached(maps_files.map_pdf(found, signed, paper), "application/pdf", f"{name}-{paper}.pdf")


def _attached(body: bytes, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="maillage-{name}"'
    return response


def composition_of(query: str) -> Composition:
    """The question kept with a saved map."""
    return composition_from(QueryDict(query))
