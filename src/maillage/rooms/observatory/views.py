"""The front page of the observatory: what can be opened from here."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from maillage.core.web.pages import Page
from maillage.rooms.observatory.parts import doors


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The parts of the observatory, each with a sentence."""
    page = Page(
        title=_("Observatoire"),
        description=_("Ce qui existe, ce qui manque, pour qui : les chiffres des quartiers, ouverts à tous."),
        kind="list",
    )
    return render(request, "observatory/home.html", {"page": page, "parts": doors()})
