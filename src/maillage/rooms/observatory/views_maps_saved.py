"""Saved maps: keeping one, its page, its frame for other sites, its maker's page, flags, the desk, and the workshop."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from maillage.core.errors import Missing
from maillage.core.moderation.codes import code_as_typed
from maillage.core.moderation.pace import address_of
from maillage.core.web.middleware import embeddable
from maillage.core.web.pages import Crumb, Page
from maillage.rooms.observatory import actions_maps, queries_maps
from maillage.rooms.observatory.actions_maps import Saving, digest_of, key_of, secret_for
from maillage.rooms.observatory.forms_maps import WRITTEN, FlagMapForm, SaveMapForm
from maillage.rooms.observatory.maps.composition import composition_from
from maillage.rooms.observatory.maps_files import Signed, legend_items
from maillage.rooms.observatory.maps_shown import Shown, shown
from maillage.rooms.observatory.queries_maps import SavedMap, saved_map
from maillage.rooms.observatory.views_maps import composer, composition_of, crumb, file_answer, file_links

MOST_SIDE_BY_SIDE = 6


def _crumbs() -> tuple[Crumb, ...]:
    return (crumb(), Crumb(_("Cartes"), reverse("observatory:maps")))


def map_address(code: str) -> str:
    """The public address of a saved map."""
    return f"{settings.SITE_ADDRESS}{reverse('observatory:map', args=[code])}"


def _saving(request: HttpRequest, form: SaveMapForm, *about: str) -> Saving:
    data = form.cleaned_data
    query = composition_from(QueryDict(data["composition"])).query_string()
    written: dict[str, str] = {name: data[name] for name in WRITTEN}
    key = key_of(data["form_key"] or secrets.token_urlsafe(16), query, *written.values(), *about)
    title, author, note, hypothesis = written.values()
    return Saving(key, query, title, author, note, hypothesis, address=address_of(request))


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keeps a map and leads its maker to the page that only they know; what is wrong is shown with the map as it was."""
    form = SaveMapForm(request.POST)
    if not form.is_valid():
        asked = composition_from(QueryDict(request.POST.get("composition", "")[:2000]))
        return composer(request, asked, form, status=422)
    saving = _saving(request, form)
    actions_maps.save_map(saving=saving)
    return redirect("observatory:map_own", secret_for(saving.key))


@never_cache
@require_safe
def own(request: HttpRequest, secret: str) -> HttpResponse:
    """The page of a map's maker: its public address, how to change it, how to take it back."""
    found = queries_maps.own_map(digest_of(secret))
    page = Page(title=_("Votre carte est gardée"), crumbs=_crumbs(), kind="text", indexed=False)
    context = {
        "page": page, "saved": found, "secret": secret, "public_url": map_address(found.row.code),
        "own_url": f"{settings.SITE_ADDRESS}{request.path}",
        "title": found.version.title or shown(composition_of(found.version.query)).title,
        "edit_url": f"{reverse('observatory:map_edit', args=[secret])}?{found.version.query}",
        "versions": queries_maps.versions_of(found.row),
    }  # fmt: skip
    return render(request, "observatory/maps/own.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, secret: str) -> HttpResponse:
    """The composer for a new version of a map."""
    found = queries_maps.own_map(digest_of(secret))
    if request.method != "POST":
        written = {name: getattr(found.version, name) for name in WRITTEN}
        form = SaveMapForm(initial={**written, "form_key": secrets.token_urlsafe(16)})
        asked = composition_from(request.GET) if request.GET else composition_of(found.version.query)
        return composer(request, asked, form, secret=secret)
    form = SaveMapForm(request.POST)
    if not form.is_valid():
        asked = composition_from(QueryDict(request.POST.get("composition", "")[:2000]))
        return composer(request, asked, form, secret=secret, status=422)
    actions_maps.save_version(secret=secret, saving=_saving(request, form, secret))
    return redirect("observatory:map_own", secret)


@require_POST
def withdraw(request: HttpRequest, secret: str) -> HttpResponse:
    """Takes a map back for good."""
    actions_maps.withdraw_map(secret=secret)
    page = Page(title=_("Votre carte est retirée"), crumbs=_crumbs(), kind="text", indexed=False)
    return render(request, "observatory/maps/withdrawn.html", {"page": page})


def _asked_version(request: HttpRequest) -> int | None:
    text = request.GET.get("version", "")
    return int(text[:6]) if text.isascii() and text.isdecimal() else None


def _found(code: str, number: int | None) -> tuple[SavedMap, Shown]:
    saved = saved_map(code_as_typed(code) or code, number)
    return saved, shown(composition_of(saved.version.query), title=saved.version.title, on=saved.version.made_at.date())


@require_safe
def one_map(request: HttpRequest, code: str) -> HttpResponse:
    """A saved map in its latest version, or in ?version=."""
    saved, found = _found(code, _asked_version(request))
    page = Page(title=found.title, description=found.sentence[:300], crumbs=_crumbs(), kind="wide",
                indexed=saved.row.listed_version is not None)  # fmt: skip
    query = saved.version.query
    frame = f"{settings.SITE_ADDRESS}{reverse('observatory:map_frame', args=[saved.row.code])}"
    context = {
        "page": page, "saved": saved, "shown": found, "legend": legend_items(found.picture),
        "versions": queries_maps.versions_of(saved.row),
        "files": file_links(query, saved.row.code, saved.version.number), "public_url": map_address(saved.row.code),
        "copy_url": f"{reverse('observatory:maps')}?{query}",
        "workshop_url": f"{reverse('observatory:map_workshop')}?carte={saved.row.code}",
        "iframe": f'<iframe src="{escape(frame)}" title="{escape(found.title)}" width="100%" height="760"></iframe>',
    }  # fmt: skip
    return render(request, "observatory/maps/one.html", context)


@require_safe
def saved_file(request: HttpRequest, code: str, format: str) -> HttpResponseBase:
    """The files of a saved map, with what its maker wrote."""
    saved, found = _found(code, _asked_version(request))
    version = saved.version
    address = f"{map_address(saved.row.code)}?version={version.number}"
    return file_answer(request, found, format, Signed(version.author, version.note, address, version.number))


@require_safe
def frame(request: HttpRequest, code: str) -> HttpResponse:
    """The map without header nor footer, which other sites may show in a frame."""
    saved, found = _found(code, _asked_version(request))
    context = {
        "page": Page(title=found.title, kind="bare", indexed=False), "saved": saved, "shown": found,
        "legend": legend_items(found.picture),
        "files": file_links("", saved.row.code, saved.version.number), "public_url": map_address(saved.row.code),
    }  # fmt: skip
    return embeddable(render(request, "observatory/maps/frame.html", context))


@require_http_methods(["GET", "HEAD", "POST"])
def flag(request: HttpRequest, code: str) -> HttpResponse:
    """Somebody says that a map is a problem."""
    saved, found = _found(code, None)
    sent = request.method == "POST"
    form = FlagMapForm(request.POST if sent else None, initial={"form_key": secrets.token_urlsafe(16)})
    is_done = sent and form.is_valid()
    if is_done:
        data = form.cleaned_data
        key = key_of(data["form_key"] or secrets.token_urlsafe(16), saved.row.code, data["message"])
        actions_maps.flag_map(code=saved.row.code, message=data["message"], key=key)
    page = Page(title=_("Signaler cette carte"), description=found.title, kind="form", indexed=False,
                crumbs=(*_crumbs(), Crumb(found.title, reverse("observatory:map", args=[saved.row.code]))),
                has_errors=sent and not is_done)  # fmt: skip
    context = {
        "page": page,
        "form": form,
        "is_done": is_done,
        "map_url": reverse("observatory:map", args=[saved.row.code]),
    }
    return render(request, "observatory/maps/flag.html", context, status=422 if sent and not is_done else 200)


@dataclass(frozen=True)
class Side:
    """One map of the workshop; `fault` where there is none at that code."""

    asked: str
    shown: Shown | None
    saved: SavedMap | None
    hypothesis: str
    files: dict[str, str]
    legend: Sequence[tuple[str, str]] = ()
    fault: str = ""


@require_safe
def workshop(request: HttpRequest) -> HttpResponse:
    """Several maps side by side on a big screen, each with somebody's hypothesis: ?carte=CODE&hypothese=…, repeated."""
    pairs = zip_longest(request.GET.getlist("carte"), request.GET.getlist("hypothese"), fillvalue="")
    codes = [(code, text) for code, text in pairs if code.strip()]
    sides = [_side(code, text) for code, text in codes[:MOST_SIDE_BY_SIDE]]
    page = Page(
        title=_("Atelier de cartes"),
        description=_("Plusieurs cartes côte à côte, avec l’hypothèse de chacun : à projeter, à discuter, à imprimer."),
        crumbs=_crumbs(), kind="wide", indexed=not codes,
    )  # fmt: skip
    context = {"page": page, "sides": sides, "too_many": len(codes) > MOST_SIDE_BY_SIDE, "most": MOST_SIDE_BY_SIDE,
               "can_add": len(sides) < MOST_SIDE_BY_SIDE, "listed": queries_maps.listed_maps() if not sides else []}  # fmt: skip
    return render(request, "observatory/maps/workshop.html", context)


def _side(asked: str, hypothesis: str) -> Side:
    """The map of a code, an address that ends with one, or CODE.2 for its second version."""
    text = asked.strip().rstrip("/").rsplit("/", 1)[-1][:40]
    code, _dot, number = text.partition(".")
    try:
        saved, found = _found(code, int(number) if number.isascii() and number.isdecimal() else None)
    except Missing:
        fault = _("Aucune carte ne porte le code « {code} ».").format(code=text)
        return Side(asked[:200], None, None, hypothesis[:600], {}, fault=fault)
    files = file_links("", saved.row.code, saved.version.number)
    return Side(text, found, saved, hypothesis[:600] or saved.version.hypothesis, files, legend_items(found.picture))
