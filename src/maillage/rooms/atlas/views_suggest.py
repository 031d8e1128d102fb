"""From a sheet: correct, report closed, wrong, duplicate, abusive or still true; and the history of an entry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from maillage.core.errors import Missing
from maillage.core.web.pages import Page
from maillage.rooms.atlas.cards import sheet_url
from maillage.rooms.atlas.contributing import (
    answer_once,
    crumbs,
    is_helper,
    key_as_sent,
    new_key,
    pin_map_context,
    sending_from,
    showing,
    shown_again,
)
from maillage.rooms.atlas.forms import (
    CorrectForm,
    CorrectFormOfHelper,
    DuplicateForm,
    ReportForm,
    ReportFormOfHelper,
)
from maillage.rooms.atlas.models import Entry, Suggestion, SuggestionKind
from maillage.rooms.atlas.proposal import Proposal, difference_between, label_of, words_of
from maillage.rooms.atlas.queries_suggest import (
    entries_like,
    entry_with_past,
    published_entry,
    revisions_of,
    sent_before,
)
from maillage.rooms.atlas.states_shown import entry_values, place_at, place_values, revision_rows

REPORTS = (SuggestionKind.CLOSED, SuggestionKind.WRONG, SuggestionKind.ABUSIVE, SuggestionKind.STILL_TRUE)


@dataclass(frozen=True)
class Words:
    """The words of a report's page."""

    title: str
    lead: str
    question: str
    button: str


def _report_words(kind: str) -> Words:
    return {
        "closed": Words(
            _("Dire que c’est fermé"), _("Merci de nous prévenir. Une personne vérifie avant de changer la fiche."),
            _("Que savez-vous ? (depuis quand, pourquoi)"), _("Dire que c’est fermé"),
        ),
        "wrong": Words(
            _("Signaler une erreur"), _("Dites ce qui ne va pas avec vos mots. Une personne corrige la fiche."),
            _("Qu’est-ce qui n’est pas juste ?"), _("Signaler cette erreur"),
        ),
        "abusive": Words(
            _("Ce contenu pose problème"), _("Insulte, haine, vie privée d’une personne, publicité : une personne regarde."),
            _("Qu’est-ce qui pose problème ?"), _("Signaler ce contenu"),
        ),
        "still_true": Words(
            _("C’est toujours vrai"), _("Vous y êtes allé, vous avez téléphoné : votre confirmation aide tout le monde."),
            _("Comment le savez-vous ?"), _("Confirmer"),
        ),
    }[kind]  # fmt: skip


@never_cache
def report(request: HttpRequest, entry_id: int, kind: str) -> HttpResponse:
    """One of the short reports; a duplicate has a page of its own."""
    entry = published_entry(entry_id)
    if kind == SuggestionKind.DUPLICATE:
        return _duplicate(request, entry)
    if kind not in REPORTS:
        raise Missing("")
    shown = "" if request.method == "POST" else showing(request)
    if isinstance(shown, HttpResponse):
        return shown
    form = (ReportFormOfHelper if is_helper(request) else ReportForm)(
        request.POST if request.method == "POST" else None, initial={"form_key": shown}
    )
    form.needs_message = kind in (SuggestionKind.WRONG, SuggestionKind.ABUSIVE)
    words = _report_words(kind)
    form.fields["message"].label = words.question
    if kind == SuggestionKind.WRONG or kind == SuggestionKind.ABUSIVE:
        form.fields["message"].required = True
    context = {"page": _page(words.title, entry, form), "form": form, "entry": entry, "words": words,
               "is_helper": is_helper(request), "sheet_url": sheet_url(entry)}  # fmt: skip
    if request.method == "POST" and form.is_valid():
        proposal = Proposal()
        if kind == "closed":
            proposal = Proposal(entry={"status": "closed"}, before_entry={"status": entry.status})
        return _sent(request, form, _About(kind, entry, proposal), "atlas/suggest_report.html", context)
    return render(request, "atlas/suggest_report.html", context, status=422 if form.is_bound else 200)


@dataclass(frozen=True)
class _About:
    """What a form says of an entry."""

    kind: str
    entry: Entry
    proposal: Proposal


def _sent(
    request: HttpRequest, form: forms.Form, about: _About, template: str, context: dict[str, Any]
) -> HttpResponse:
    """The thanks; or the page again where this form was already sent with other words (409): nothing of it is lost."""
    data = form.cleaned_data
    answer = answer_once(
        sending_from(
            request, data, kind=about.kind, form_key=key_as_sent(data["form_key"]), entry=about.entry,
            proposal=about.proposal,
        )
    )  # fmt: skip
    if isinstance(answer, Suggestion):
        return render(request, template, context | shown_again(form, answer), status=409)
    return answer


def _page(title: str, entry: Entry, form: forms.Form) -> Page:
    has_errors = form.is_bound and not form.is_valid()
    return Page(
        title=title,
        title_first=entry.name,
        description=entry.name,
        crumbs=crumbs(entry),
        kind="form",
        indexed=False,
        has_errors=has_errors,
    )


def _duplicate(request: HttpRequest, entry: Entry) -> HttpResponse:
    shown = "" if request.method == "POST" else showing(request)
    if isinstance(shown, HttpResponse):
        return shown
    typed = request.GET.get("q", "")[:200]
    offered = entries_like(entry, typed, also=request.POST.get("same_as", ""))
    choices = [(one.pk, f"{one.name} — {one.summary}") for one in offered]
    form = DuplicateForm(
        request.POST if request.method == "POST" else None, initial={"form_key": shown}, offered=choices
    )
    context = {"page": _page(_("C’est un doublon"), entry, form), "form": form, "entry": entry, "typed": typed,
               "offered": offered, "sheet_url": sheet_url(entry)}  # fmt: skip
    if request.method == "POST" and form.is_valid():
        about = _About(SuggestionKind.DUPLICATE, entry, Proposal(duplicate_of=form.cleaned_data["same_as"]))
        return _sent(request, form, about, "atlas/suggest_duplicate.html", context)
    return render(request, "atlas/suggest_duplicate.html", context, status=422 if form.is_bound else 200)


@never_cache
def correct(request: HttpRequest, entry_id: int) -> HttpResponse:
    """The whole entry in a form; only what the person changes is proposed."""
    entry = published_entry(entry_id)
    position = _position(request, entry)
    now = {"entry": entry_values(entry), "place": place_values(place_at(entry, position))}
    kind = CorrectFormOfHelper if is_helper(request) else CorrectForm
    if request.method != "POST":
        shown = showing(request)
        if isinstance(shown, HttpResponse):
            return shown
        return _show_correction(request, entry, position, kind(initial=_initial(entry, now, shown)))
    form = kind(request.POST)
    if not form.is_valid():
        return _show_correction(request, entry, position, form, status=422)
    base = form.base_values() or now
    typed_entry, typed_place = form.values()
    proposal = difference_between(base["entry"], base["place"], typed_entry, typed_place, place_position=position)
    data = form.cleaned_data
    sending = sending_from(
        request, data, kind=SuggestionKind.CORRECTION, form_key=key_as_sent(data["form_key"]), entry=entry,
        proposal=proposal,
    )  # fmt: skip
    before = sent_before(sending.key, timezone.now())
    if before is None and data["base_version"] not in (None, entry.version):
        return _stale(request, entry, position, now, base, proposal)
    if proposal.is_empty and not data["message"]:
        form.add_error(
            None,
            _(
                "Vous n’avez rien changé. Modifiez un champ, ou écrivez-nous ce que vous savez dans « Comment le savez-vous ? »."
            ),
        )
        return _show_correction(request, entry, position, form, status=422)
    answer = answer_once(sending)
    if isinstance(answer, Suggestion):
        return _show_correction(request, entry, position, form, status=409, more=shown_again(form, answer))
    return answer


def _position(request: HttpRequest, entry: Entry) -> int | None:
    """Which place of the entry: the one asked, else the first, None where there is none."""
    positions = sorted(place.position for place in entry.places.all())
    asked = request.GET.get("lieu", "")
    if asked.isdecimal() and len(asked) < 6 and int(asked) in positions:
        return int(asked)
    return positions[0] if positions else None


def _initial(entry: Entry, now: dict[str, Any], form_key: str) -> dict[str, Any]:
    return {
        **now["entry"], **now["place"], "base": json.dumps(now, ensure_ascii=False), "base_version": entry.version,
        "form_key": form_key,
    }  # fmt: skip


def _show_correction(
    request: HttpRequest,
    entry: Entry,
    position: int | None,
    form: forms.Form,
    *,
    status: int = 200,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    others = [place for place in sorted(entry.places.all(), key=lambda one: one.position) if place.position != position]
    context = {
        "page": _page(_("Compléter ou corriger"), entry, form), "form": form, "entry": entry, "others": others,
        "position": position, "is_helper": is_helper(request), "sheet_url": sheet_url(entry),
        "asks_to_confirm": getattr(form, "asks_to_confirm", False), **pin_map_context(place_at(entry, position)),
        **(more or {}),
    }  # fmt: skip
    return render(request, "atlas/suggest_correct.html", context, status=status)


@dataclass(frozen=True)
class StaleRow:
    """A field that changed while the person was writing."""

    label: str
    seen: str
    now: str
    typed: str


def _stale(
    request: HttpRequest, entry: Entry, position: int | None, now: dict[str, Any], base: Any, proposal: Proposal
) -> HttpResponse:
    """The entry changed meanwhile: both values are shown, what was typed stays in the form, nothing is sent yet."""
    typed = {"entry": proposal.entry, "place": proposal.place}
    rows = []
    for part in ("entry", "place"):
        for name, value in now[part].items():
            seen = words_of(name, base[part].get(name))
            if words_of(name, value) != seen:
                mine = words_of(name, typed[part][name]) if name in typed[part] else ""
                rows.append(StaleRow(label_of(name), seen, words_of(name, value), mine))
    kept = {
        name: request.POST.get(name, "")
        for name in ("message", "answer_phone", "answer_email", "channel", "for_whom", "sheet_reference")
    }
    initial = {**_initial(entry, now, new_key()), **typed["entry"], **typed["place"], **kept}
    form = (CorrectFormOfHelper if is_helper(request) else CorrectForm)(initial=initial)
    return _show_correction(
        request, entry, position, form, status=409, more={"stale": rows or [StaleRow("", "", "", "")]}
    )


@require_safe
def history(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Who changed what, when, from which source, word by word; persons appear by their role."""
    entry = entry_with_past(entry_id)
    revisions = [{"revision": one, "rows": revision_rows(one) if one.number > 1 else [], "who": _who(one.who, one.channel)}
                 for one in revisions_of(entry)]  # fmt: skip
    page = Page(
        title=_("Historique : %(name)s") % {"name": entry.name},
        description=_("Ce qui a changé dans cette fiche, quand, pourquoi et d’après quelle source."),
        crumbs=crumbs(entry),
        kind="text",
    )
    context = {"page": page, "entry": entry, "revisions": revisions, "sheet_url": sheet_url(entry)}
    return render(request, "atlas/history.html", context)


def _who(code: str, channel: str) -> str:
    """The words for a role kept as a code; imports are nobody's."""
    words = {"public": _("Une personne du public"), "helper": _("Un aidant"), "moderator": _("La modération")}
    if not code and channel == "import":
        return _("Import de données")
    return words.get(code, code or _("La plateforme"))
