"""The report of a territory: a page, and the PDF to print."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from maillage.core.web.pages import Crumb, Page
from maillage.rooms.observatory.report import report_of, version_of
from maillage.rooms.observatory.report_print import kept_pdf, report_pdf, shown_blocks, title_of


@require_safe
def report_html(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    """The report as a page, in French."""
    found = report_of(kind=kind, code=code)
    page = Page(
        title=title_of(found),
        description=" ".join(found.sentences)[:300],
        crumbs=(Crumb(_("Observatoire"), reverse("observatory:home")),),
        kind="wide",
    )
    context = {
        "page": page, "report": found, "blocks": shown_blocks(found),
        "pdf_url": reverse("observatory:report_pdf", args=[kind, code]),
        "is_french": translation.get_language() == "fr",
    }  # fmt: skip
    return render(request, "observatory/report/page.html", context)


@require_safe
def report_file(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    """The report as PDF/UA; the version is its ETag, since the same data give the same bytes."""
    version = version_of(kind=kind, code=code)
    etag = f'"{version}"'
    if etag in request.headers.get("If-None-Match", ""):
        response = HttpResponse(status=304)
    else:
        body = kept_pdf(kind, code, version) or report_pdf(report_of(kind=kind, code=code))
        response = HttpResponse(body, content_type="application/pdf")
        name = f"maillage-rapport-{slugify(kind)}-{slugify(code)}-{version}.pdf"
        response["Content-Disposition"] = f'inline; filename="{name}"'
        response["Content-Language"] = "fr"
    response["ETag"] = etag
    return response
