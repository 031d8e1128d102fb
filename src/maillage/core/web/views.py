"""Pages of core: front door, display, accessibility, legal pages, glossary, and what is said when something fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from maillage.core.web import accessibility, front_door, glossary, map_words
from maillage.core.web.display import COOKIE, COOKIE_SECONDS, chosen_display, display_of
from maillage.core.web.faults import respond
from maillage.core.web.forms import DisplayForm
from maillage.core.web.pages import Crumb, Page
from maillage.core.web.whole import kept_whole

_SECRETS = ("csrfmiddlewaretoken", "password", "pin", "code")


@dataclass(frozen=True)
class LegalLine:
    """A line of the legal notices; an empty value is said to be missing, never hidden."""

    label: str
    value: str
    setting: str


@require_safe
@kept_whole
def home(request: HttpRequest) -> HttpResponse:
    """The front door."""
    page = Page(
        title=_("Maillage, ce qui existe près de chez vous"),
        description=_("Trouver de l’aide, un lieu, une initiative dans votre quartier. Sans compte, sans courriel."),
        kind="wide",
        is_home=True,
    )
    context = {"page": page, "doors": front_door.doors(), "news": front_door.news()}
    return render(request, "web/pages/home.html", context)


def _return_address(request: HttpRequest) -> str:
    wanted = request.POST.get("retour") or request.GET.get("retour") or ""
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if wanted and is_ours else reverse("web:home")


@require_http_methods(["GET", "HEAD", "POST"])
def display(request: HttpRequest) -> HttpResponse:
    """How pages look; the choice is kept in a cookie that says nothing about the person."""
    back = _return_address(request)
    current = display_of(request)
    initial = {"theme": current.theme, "contrast": current.contrast, "text": current.text}
    form = DisplayForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        return _display_kept(form, back)
    page = Page(
        title=_("Couleurs, contraste et taille du texte"),
        description=_("Choisir comment les pages s’affichent sur cet appareil."),
        kind="form",
        has_errors=form.is_bound,
    )
    status = 422 if form.is_bound else 200
    return render(request, "web/pages/display.html", {"page": page, "form": form, "back": back}, status=status)


def _display_kept(form: DisplayForm, back: str) -> HttpResponse:
    chosen = chosen_display(form.cleaned_data["theme"], form.cleaned_data["contrast"], form.cleaned_data["text"])
    response = HttpResponseRedirect(back)
    response.set_cookie(
        COOKIE, chosen.cookie_value(), max_age=COOKIE_SECONDS, samesite="Lax", httponly=True, secure=settings.HTTPS
    )
    return response


def _operator() -> Sequence[LegalLine]:
    return [
        LegalLine(_("Éditeur du site"), settings.OPERATOR_NAME, "MAILLAGE_OPERATOR_NAME"),
        LegalLine(_("Adresse"), settings.OPERATOR_ADDRESS, "MAILLAGE_OPERATOR_ADDRESS"),
        LegalLine(_("Téléphone"), settings.OPERATOR_PHONE, "MAILLAGE_OPERATOR_PHONE"),
        LegalLine(_("Courriel"), settings.OPERATOR_EMAIL, "MAILLAGE_OPERATOR_EMAIL"),
        LegalLine(
            _("Directeur ou directrice de la publication"),
            settings.PUBLICATION_DIRECTOR,
            "MAILLAGE_PUBLICATION_DIRECTOR",
        ),
        LegalLine(_("Hébergeur"), settings.HOST_NAME, "MAILLAGE_HOST_NAME"),
    ]


@require_safe
@kept_whole
def legal(request: HttpRequest) -> HttpResponse:
    """Legal notices, from the settings."""
    lines = _operator()
    page = Page(title=_("Mentions légales"), description=_("Qui publie ce site, qui l’héberge, sous quelle licence."))
    context = {"page": page, "lines": lines, "missing": [line for line in lines if not line.value],
               "reads_copy": _reads_copy()}  # fmt: skip
    return render(request, "web/pages/legal.html", context)


def _reads_copy() -> bool:
    """Whether a copy of the database serves readers: what they wrote last must then be known (house/replica)."""
    return "replica" in settings.DATABASES


@require_safe
@kept_whole
def accessibility_declaration(request: HttpRequest) -> HttpResponse:
    """The declaration, made from the grid kept in the repository."""
    page = Page(
        title=_("Déclaration d’accessibilité"),
        description=_("Ce qui a été vérifié, ce qui ne l’a pas été, et à qui parler en cas de difficulté."),
    )
    context = {
        "page": page,
        "sentence": accessibility.status_sentence(),
        "tally": accessibility.tally(),
        "topics": accessibility.topics(),
        "last_tested": accessibility.last_tested(),
        "operator": _operator(),
    }
    return render(request, "web/pages/accessibility.html", context)


@require_safe
@kept_whole
def accessibility_plan(request: HttpRequest) -> HttpResponse:
    """The multi-year scheme, whose text the operator writes."""
    page = Page(
        title=_("Schéma pluriannuel d’accessibilité"),
        description=_("Ce qui est prévu, sur trois ans, pour que chacun puisse se servir de ce site."),
        crumbs=(Crumb(_("Déclaration d’accessibilité"), reverse("web:accessibility")),),
    )
    return render(request, "web/pages/accessibility_plan.html", {"page": page, "operator_name": settings.OPERATOR_NAME})


@require_safe
@kept_whole
def site_map(request: HttpRequest) -> HttpResponse:
    """The site map, derived from the manifests."""
    page = Page(title=_("Plan du site"), description=_("Toutes les pages de ce site, rangées par rubrique."))
    return render(request, "web/pages/site_map.html", {"page": page, "sections": front_door.site_map_sections()})


@require_safe
@kept_whole
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept about people, in a few sentences."""
    page = Page(
        title=_("Vos données personnelles"),
        description=_("Ce qui est gardé, pourquoi, combien de temps, et vos droits."),
    )
    context = {"page": page, "register": front_door.register(), "operator": _operator()}
    return render(request, "web/pages/privacy.html", context)


@require_safe
@kept_whole
def privacy_register(request: HttpRequest) -> HttpResponse:
    """The public register of processings, from the manifests."""
    page = Page(
        title=_("Registre des traitements"),
        description=_("Chaque usage de données personnelles sur ce site, avec sa durée et son fondement."),
        crumbs=(Crumb(_("Vos données personnelles"), reverse("web:privacy")),),
    )
    return render(request, "web/pages/privacy_register.html", {"page": page, "register": front_door.register()})


@require_safe
@kept_whole
def words(request: HttpRequest) -> HttpResponse:
    """The glossary: the everyday word first, the administrative one after."""
    page = Page(
        title=_("Les mots expliqués"),
        description=_("Les mots de la ville, du numérique et de l’aide sociale, dits simplement."),
    )
    groups = glossary.by_letter(get_language() or "fr")
    return render(request, "web/pages/words.html", {"page": page, "groups": groups})


@require_safe
@kept_whole
def plain_language(request: HttpRequest) -> HttpResponse:
    """The site explained in short sentences, with who has read them again."""
    page = Page(
        title=_("Ce site en langage clair"),
        description=_("À quoi sert ce site et comment s’en servir, en phrases courtes."),
    )
    return render(request, "web/pages/plain_language.html", {"page": page})


@require_GET
def robots(_request: HttpRequest) -> HttpResponse:
    """All public pages may be indexed; display choices and the interface need not be."""
    lines = ["User-agent: *", f"Disallow: {reverse('web:display')}", "Disallow: /api/", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def map_sentences(_request: HttpRequest) -> HttpResponse:
    """What the map's script says, in the language of the address; the address changes with the words."""
    response = JsonResponse(map_words.words(), json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@require_GET
def manifest(_request: HttpRequest) -> HttpResponse:
    """What a phone needs to put the site on its home screen."""
    return JsonResponse(
        {
            "name": "Maillage",
            "short_name": "Maillage",
            "description": _("Ce qui existe près de chez vous."),
            "lang": get_language(),
            "start_url": reverse("web:home"),
            "display": "minimal-ui",
            "background_color": "#FBF8F2",
            "theme_color": "#FBF8F2",
            "icons": [
                {"src": static("web/favicon.svg"), "sizes": "any", "type": "image/svg+xml"},
                {"src": static("web/icon-192.png"), "sizes": "192x192", "type": "image/png"},
            ],
        },
        content_type="application/manifest+json",
    )


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400."""
    return respond(request, 400)


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    return respond(request, 403)


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    return respond(request, 404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open too long, or cookies refused: what was typed is given back to be copied."""
    typed = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if value.strip() and not any(secret in name for secret in _SECRETS)
    ]
    page = Page(title=_("Votre envoi n’est pas parti"), indexed=False)
    return render(request, "web/pages/csrf.html", {"page": page, "typed": typed}, status=403)


def server_error(_request: HttpRequest) -> HttpResponse:
    """500: a page without any context, so that it stands when everything else fails."""
    return HttpResponse(get_template("500.html").render(), status=500)
