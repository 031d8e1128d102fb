"""Who takes part, who is missing; saying who one is; the sheet of a meeting; where to go and meet the others."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from maillage.core.channels.kinds import Channel
from maillage.core.errors import Invalid, Missing, Refused
from maillage.core.exports.about import About
from maillage.core.exports.answers import streamed
from maillage.core.exports.comma_separated import MEDIA_TYPE, csv_chunks
from maillage.core.exports.tables import Column, Table
from maillage.core.moderation.pace import address_of
from maillage.core.places.queries import territory, territory_names
from maillage.core.web import glossary
from maillage.core.web.pages import Crumb, Page
from maillage.rooms.observatory import actions_participation as actions
from maillage.rooms.observatory import participation_words as words
from maillage.rooms.observatory.forms_participation import (
    DeclarationForm,
    SheetForm,
    SheetRows,
    rooms_asked,
    this_month,
)
from maillage.rooms.observatory.participation_cubes import Scope, cubes_of
from maillage.rooms.observatory.participation_page import (
    CellRow,
    RowChoice,
    address,
    cell_rows,
    page_of,
    place_choices,
)
from maillage.rooms.observatory.participation_places import MeetingPlace, meeting_places, publics_of
from maillage.rooms.observatory.participation_questions import QUESTIONS, label_of
from maillage.rooms.observatory.participation_summary import summary_of
from maillage.rooms.observatory.permissions import may_enter_for_others, may_load_indicators
from maillage.rooms.observatory.queries_participation import gathered

COUNTED = ("commune", "arrondissement", "epci", "departement", "region")
ROWS_SHOWN = 200
PLACES_SHOWN = 60


def _crumbs(*, is_first: bool = False) -> tuple[Crumb, ...]:
    room = Crumb(_("Observatoire"), reverse("observatory:home"))
    own = Crumb(_("Qui participe, qui manque"), reverse("observatory:participation"))
    return (room,) if is_first else (room, own)


def _scope(request: HttpRequest) -> tuple[Scope, str]:
    """What the address asks for, and the name of a neighbourhood whose town is shown in its place ("" for none)."""
    asked = request.GET.get("territoire", "")[:60]
    kind, _sign, code = asked.partition(":")
    smaller = ""
    if asked:
        found = territory(kind=kind, code=code)
        if kind not in COUNTED:
            towns = [one for one in found.parent_codes if one.startswith(("arrondissement:", "commune:"))]
            if not towns:
                raise Missing(
                    _("La participation n’est comptée que par commune, et celle de ce territoire n’est pas connue.")
                )
            smaller, asked = found.name, sorted(towns)[0]
    channel = request.GET.get("canal", "")
    channel = channel if channel in Channel.values else ""
    room = "" if channel else request.GET.get("piece", "")[:40]
    return Scope(room, channel, asked), smaller


def _vintage(request: HttpRequest) -> int | None:
    typed = request.GET.get("millesime", "")
    return int(typed) if typed.isdecimal() and len(typed) == 4 else None


@require_safe
def participation(request: HttpRequest) -> HttpResponse:
    """Who took part in a territory, who is missing, how surely, and what each channel changes."""
    scope, smaller = _scope(request)
    found = gathered()
    cubes = cubes_of(found)
    summary = summary_of(found, scope, vintage=_vintage(request), cubes=cubes)
    page = Page(
        title=_("Qui participe, qui manque"),
        description=_("Qui a pris part, par quelle voie, en quel lieu, et quels habitants manquent."),
        crumbs=_crumbs(is_first=True),
        kind="list",
        indexed=not request.GET,
    )
    context = page_of(summary) | {
        "page": page, "scope": scope, "summary": summary, "smaller": smaller,
        "places": place_choices(cubes, scope.territory),
        "channels": [(code, words.channel_name(code)) for code in Channel.values if code in cubes.cuts("voie:")],
        "rooms": [(code, words.room_name(code)) for code in cubes.cuts("piece:")],
        "may_type": may_enter_for_others(request.user), "may_count": may_load_indicators(request.user),
    }  # fmt: skip
    return render(request, "observatory/participation.html", context)


def _rows(request: HttpRequest) -> tuple[Scope, list[CellRow], int, dict[str, str]]:
    scope, _smaller = _scope(request)
    choice = RowChoice(*(request.GET.get(name, "")[:40] for name in ("quoi", "mois", "lieu", "question")))
    found = gathered()
    rows_found, hidden = cell_rows(cubes_of(found), found.above, scope, choice)
    return scope, rows_found, hidden, territory_names(one.place.rstrip("*") for one in rows_found)


@require_safe
def rows(request: HttpRequest) -> HttpResponse:
    """The counts behind the figures, as fine as may be shown; how many are hidden is said."""
    scope, found, hidden, names = _rows(request)
    shown = [
        (
            _("Contributions") if one.what == "actes" else _("Personnes"),
            words.place_name(one.place, names),
            words.channel_name(one.channel) if one.channel else "", words.room_name(one.room) if one.room else "",
            words.month_name(one.month) if one.month else "",
            words.answer_name(one.question, one.answer) if one.question else "", one.people,
        )
        for one in found[:ROWS_SHOWN]
    ]  # fmt: skip
    page = Page(title=_("Les lignes derrière les chiffres"), crumbs=_crumbs(), kind="list", indexed=False)
    context = {
        "page": page, "rows": shown, "total": len(found), "hidden": hidden, "is_cut": len(found) > ROWS_SHOWN,
        "csv_url": f"{reverse('observatory:participation_rows_csv')}?{request.GET.urlencode()}",
        "back_url": address("participation", scope),
    }  # fmt: skip
    return render(request, "observatory/participation_rows.html", context)


@require_safe
def rows_csv(request: HttpRequest) -> HttpResponseBase:
    """The same rows, complete."""
    _scope_asked, found, hidden, names = _rows(request)
    columns: list[Column[CellRow]] = [
        Column("quoi", _("Quoi"), lambda one: one.what),
        Column("piece", _("À quoi"), lambda one: one.room),
        Column("voie", _("Voie"), lambda one: one.channel),
        Column("lieu_code", _("Code du lieu"), lambda one: one.place.rstrip("*")),
        Column("lieu", _("Lieu"), lambda one: words.place_name(one.place, names)),
        Column("mois", _("Mois"), lambda one: one.month),
        Column("question", _("Question"), lambda one: one.question),
        Column("reponse", _("Réponse"), lambda one: label_of(one.question, one.answer) if one.question else ""),
        Column("nombre", _("Nombre"), lambda one: one.people, is_number=True),
    ]
    title = _("Participation : %(count)s lignes masquées (moins de 10 personnes, ou ce qui les trahirait)") % {
        "count": hidden
    }
    about = About(_("Participation"), title, len(found), timezone.now(), request.build_absolute_uri())
    return streamed(csv_chunks(Table("participation", columns, found)), MEDIA_TYPE, about, "participation.csv")


def _meeting(request: HttpRequest) -> tuple[Scope, tuple[str, ...], list[MeetingPlace]]:
    scope, _smaller = _scope(request)
    known = glossary.labels("public")
    asked = tuple(code for code in request.GET.getlist("public") if code in known)
    publics = asked or publics_of(summary_of(gathered(), scope).missing)
    return scope, publics, meeting_places(scope.territory, publics)


@require_safe
def places(request: HttpRequest) -> HttpResponse:
    """Places where the missing people can be met, those in or near a priority neighbourhood first."""
    scope, publics, found = _meeting(request)
    labels = glossary.labels("public")
    name = territory_names([scope.territory]).get(scope.territory, "") if scope.territory else ""
    page = Page(
        title=_("Où aller à leur rencontre"),
        description=_("Les lieux où une personne aide, et ceux ouverts aux habitants qui manquent."),
        crumbs=_crumbs(),
        kind="list",
        indexed=False,
    )
    context = {
        "page": page, "name": name, "scope": scope, "total": len(found),
        "publics": [labels[code] for code in publics if code in labels],
        "places": [(one, [labels[code] for code in one.publics]) for one in found[:PLACES_SHOWN]],
        "is_cut": len(found) > PLACES_SHOWN,
        "csv_url": f"{reverse('observatory:participation_places_csv')}?{request.GET.urlencode()}",
        "back_url": address("participation", scope),
    }  # fmt: skip
    return render(request, "observatory/participation_places.html", context)


@require_safe
def places_csv(request: HttpRequest) -> HttpResponseBase:
    """The same places, complete."""
    _scope_asked, _publics, found = _meeting(request)
    labels = glossary.labels("public")
    columns: list[Column[MeetingPlace]] = [
        Column("nom", _("Nom"), lambda one: one.thing.name),
        Column("publics", _("Publics"), lambda one: ", ".join(labels[code] for code in one.publics)),
        Column("aide_humaine", _("Une personne aide"), lambda one: one.has_mediation),
        Column("qpv", _("Quartier prioritaire"), lambda one: one.qpv),
        Column("territoires", _("Territoires"), lambda one: " ".join(one.thing.territories)),
        Column("lon", _("Longitude"), lambda one: one.thing.lon, is_number=True),
        Column("lat", _("Latitude"), lambda one: one.thing.lat, is_number=True),
        Column("fiche", _("Fiche"), lambda one: request.build_absolute_uri(one.thing.url)),
    ]
    about = About(_("Lieux de rencontre"), "", len(found), timezone.now(), request.build_absolute_uri())
    return streamed(csv_chunks(Table("rencontrer", columns, found)), MEDIA_TYPE, about, "rencontrer.csv")


def _room_asked(given: Mapping[str, Any]) -> str:
    asked = str(given.get("piece", ""))
    return asked if asked in rooms_asked() else "meeting"


@never_cache
def declare(request: HttpRequest) -> HttpResponse:
    """Where anyone says, if they wish, who takes part: without account, nothing tied to what they contributed."""
    is_sent = request.method == "POST"
    given = request.POST if is_sent else request.GET
    piece, key = _room_asked(given), (request.POST.get("cle", "")[:64] if is_sent else "") or secrets.token_urlsafe(16)
    form = DeclarationForm(
        request.POST if is_sent else None, initial={"commune": _town_name(request.GET.get("territoire", ""))}
    )
    if is_sent and form.is_valid():
        taking = actions.Taking(key, piece, form.cleaned_data["commune"], this_month(), _own_channel(request))
        try:
            actions.declare_participation(taking=taking, answers=form.answers(), address=address_of(request))
        except Invalid as fault:
            form.add_error(None, str(fault))
        else:
            return redirect("observatory:participation_thanks")
    page = Page(
        title=_("Dire qui participe"),
        description=_("Six questions au choix, sans nom, pour savoir quels habitants manquent."),
        crumbs=_crumbs(), kind="form", has_errors=is_sent,
    )  # fmt: skip
    context = {"page": page, "form": form, "fields": [form[one.code] for one in QUESTIONS], "piece": piece, "key": key}
    return render(request, "observatory/participation_declare.html", context, status=422 if is_sent else 200)


def _own_channel(request: HttpRequest) -> str:
    """The web, or a kiosk that says so in its address."""
    return Channel.KIOSK if request.GET.get("borne") else Channel.WEB


def _town_name(reference: str) -> str:
    kind = reference.partition(":")[0]
    return territory_names([reference]).get(reference, "") if kind in ("commune", "arrondissement") else ""


@require_safe
def thanks(request: HttpRequest) -> HttpResponse:
    """Thanks, and what becomes of it."""
    page = Page(title=_("Merci !"), crumbs=_crumbs(), kind="text", indexed=False)
    return render(request, "observatory/participation_thanks.html", {"page": page})


@require_safe
def sheet(request: HttpRequest) -> HttpResponse:
    """The sheet to print for a meeting: one line a person, boxes to tick, no name."""
    page = Page(
        title=_("Feuille « Qui participe »"),
        description=_("À imprimer pour une réunion, un atelier, une fête."),
        crumbs=_crumbs(), kind="list",
    )  # fmt: skip
    heads = [(_(one.short), [_(answer.label) for answer in one.answers]) for one in QUESTIONS]
    return render(
        request, "observatory/participation_sheet.html", {"page": page, "heads": heads, "lines": range(1, 13)}
    )


@login_required
@never_cache
def type_sheet(request: HttpRequest) -> HttpResponse:
    """A helper types a sheet: its head, then the lines that ticked the same boxes."""
    if not may_enter_for_others(request.user):
        raise Refused(_("Cette page est réservée aux aidants et aux modérateurs."))
    is_sent = request.method == "POST"
    key = (request.POST.get("cle", "")[:64] if is_sent else "") or secrets.token_urlsafe(16)
    form, lines = SheetForm(request.POST if is_sent else None), SheetRows(request.POST if is_sent else None, prefix="l")
    if is_sent and form.is_valid() and lines.is_valid():
        try:
            total = _type(request, key, form, lines)
        except Invalid as fault:
            form.add_error(None, str(fault))
        else:
            said = ngettext("%(count)s personne enregistrée.", "%(count)s personnes enregistrées.", total)
            messages.success(request, said % {"count": total})
            return redirect("observatory:participation_sheet_typing")
    page = Page(
        title=_("Saisir une feuille de participation"), crumbs=_crumbs(), kind="list", indexed=False, has_errors=is_sent
    )
    context = {"page": page, "form": form, "lines": lines, "key": key}
    return render(request, "observatory/participation_typing.html", context, status=422 if is_sent else 200)


def _type(request: HttpRequest, key: str, form: SheetForm, lines: Any) -> int:
    data = form.cleaned_data
    taking = actions.Taking(key, data["piece"], data["commune"], data["mois"], data["canal"], data["feuille"])
    typed = [actions.SheetRow(line.answers(), line.cleaned_data.get("people") or 1) for line in lines.forms]
    return actions.type_participation_sheet(helper=request.user, taking=taking, rows=typed)


@login_required
@never_cache
@require_POST
def count_held(request: HttpRequest) -> HttpResponse:
    """A moderator counts what a flood left aside."""
    changed = actions.count_held_declarations(moderator=request.user)
    said = ngettext("%(count)s réponse comptée.", "%(count)s réponses comptées.", changed)
    messages.success(request, said % {"count": changed})
    return redirect("observatory:participation")
