"""How a request that fails is told: one table, three shapes (page, HTMX fragment, problem+json)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from maillage.core.web.pages import Page

JSON_TYPES = ("application/json", "application/problem+json")


@dataclass(frozen=True)
class Fault:
    """What happened, what was kept, what one can do."""

    title: str
    happened: str
    next_step: str
    icon: str


def fault_of(status: int) -> Fault:
    """The words for one status."""
    table = {
        400: Fault(
            _("Nous n’avons pas compris cette demande"),
            _("L’adresse ou le formulaire contient quelque chose que le site ne sait pas lire."),
            _("Revenez à la page précédente : ce que vous avez écrit y est souvent encore. Puis essayez à nouveau."),
            "help-circle",
        ),
        403: Fault(
            _("Cette page ne vous est pas ouverte"),
            _("Elle demande un droit que vous n’avez pas, ou que vous n’avez plus."),
            _("Si vous aviez ce droit, identifiez-vous à nouveau ou demandez à la personne qui gère ce service."),
            "lock",
        ),
        404: Fault(
            _("Cette page n’existe pas, ou n’existe plus"),
            _("L’adresse est peut-être incomplète, ou la page a été déplacée."),
            _("Vous pouvez chercher par mot, repartir de l’accueil ou regarder le plan du site."),
            "map-search",
        ),
        409: Fault(
            _("Quelqu’un a changé la même chose entre-temps"),
            _("Votre envoi n’a rien remplacé."),
            _("Rouvrez la page pour voir ce qui a changé, puis refaites votre envoi si besoin."),
            "git-compare",
        ),
        422: Fault(
            _("Il manque quelque chose dans votre envoi"),
            _("Une partie de ce qui a été envoyé ne peut pas être prise telle quelle."),
            _("Revenez à la page précédente, corrigez, puis envoyez à nouveau."),
            "alert-circle",
        ),
    }
    return table[status]


def wants_json(request: HttpRequest) -> bool:
    """True for the programming interface and for callers that ask for JSON rather than a page."""
    if request.path.startswith("/api/"):
        return True
    preferred = request.get_preferred_type(["text/html", *JSON_TYPES])
    return preferred in JSON_TYPES


def problem(status: int, title: str, detail: str, fields: Mapping[str, Sequence[str]] | None = None) -> HttpResponse:
    """A problem+json answer (RFC 9457); `fields` become its "errors"."""
    body: dict[str, object] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if fields:
        body["errors"] = {name: list(messages) for name, messages in fields.items()}
    return JsonResponse(body, status=status, content_type="application/problem+json")


def respond(
    request: HttpRequest, status: int, detail: str = "", fields: Mapping[str, Sequence[str]] | None = None
) -> HttpResponse:
    """The answer to a failed request in the shape that its sender can use."""
    fault = fault_of(status)
    if wants_json(request):
        return problem(status, fault.title, detail or fault.happened, fields)
    page = Page(title=fault.title, indexed=False, kind="text")
    lines = [message for messages in (fields or {}).values() for message in messages]
    context = {"page": page, "fault": fault, "detail": detail, "lines": lines, "status": status}
    is_fragment = request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"
    template = "web/error_fragment.html" if is_fragment else "web/pages/error.html"
    return render(request, template, context, status=status)
