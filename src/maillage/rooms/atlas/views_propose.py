"""Proposing a place in three short steps, each of which can be kept; nothing needs JavaScript, an account or a cookie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from maillage.core.errors import Invalid, Missing
from maillage.core.moderation.texts import cleaned
from maillage.core.web.pages import Page
from maillage.rooms.atlas.actions import save_draft, send_draft, start_draft
from maillage.rooms.atlas.cards import sheet_url
from maillage.rooms.atlas.contributing import (
    crumbs,
    form_half,
    is_helper,
    key_as_sent,
    pin_map_context,
    sending_from,
    showing,
    shown_again,
    thanked,
)
from maillage.rooms.atlas.forms import FirstForm, LastForm, LastFormOfHelper, WhereForm
from maillage.rooms.atlas.models import Entry, Suggestion, SuggestionDraft, SuggestionKind
from maillage.rooms.atlas.proposal import NAMES_OF_ENTRY, NAMES_OF_PLACE, Proposal, difference_between
from maillage.rooms.atlas.queries_suggest import (
    Candidate,
    draft_with,
    possible_duplicates,
    published_entry,
    suggestion_of_form,
)
from maillage.rooms.atlas.states_shown import entry_values, place_at, place_values


def labels() -> list[str]:
    """The three steps."""
    return [_("Quoi ?"), _("Où ?"), _("Quand, et comment joindre ?")]


@never_cache
def propose(request: HttpRequest) -> HttpResponse:
    """The first step; sending it makes the draft, once for each form shown; going back to it finds the draft again."""
    if request.method != "POST":
        shown = showing(request)
        if isinstance(shown, HttpResponse):
            return shown
        if draft_with(shown) is not None:
            return redirect("atlas:propose_step", shown, 1)
        return _show(request, 1, FirstForm(initial={"form_key": shown}), secret="")
    secret = key_as_sent(request.POST.get("form_key", ""))
    draft = draft_with(secret)
    if draft is None and suggestion_of_form(form_half(secret)) is not None:
        return _sent_again(request, secret, 1)
    return _step_sent(request, draft or start_draft(secret), 1)


@never_cache
def propose_step(request: HttpRequest, secret: str, step: int) -> HttpResponse:
    """One of the steps of a draft."""
    if step not in (1, 2, 3):
        raise Missing("")
    draft = draft_with(secret)
    if draft is None:
        return _sent_again(request, secret, step) if request.method == "POST" else _already_sent(secret)
    if request.method == "POST":
        try:
            return _step_sent(request, draft, step)
        except Missing:
            return _sent_again(request, secret, step)  # a second press of the same button sent it meanwhile
    to_check = "verifier" in request.GET
    form = _form(request, step, _kept(draft, step) or (QueryDict() if to_check else None), bound=to_check)
    return _show(request, step, form, secret)


def _already_sent(secret: str) -> HttpResponse:
    """The draft is gone because it was sent: the same thank-you page; otherwise there never was one."""
    return thanked(_sent_with(secret), again=True)


def _sent_with(secret: str) -> Suggestion:
    suggestion = suggestion_of_form(form_half(secret))
    if suggestion is None:
        raise Missing(_("Ce brouillon n’existe plus : il a été envoyé, ou il a plus de 30 jours."))
    return suggestion


def _sent_again(request: HttpRequest, secret: str, step: int) -> HttpResponse:
    """A step of a proposal already sent. The same words: thanks again. Others: kept as another draft, and asked about."""
    before = _sent_with(secret)
    form = _form(request, step, request.POST, bound=True)
    if form.is_valid() and _says_nothing_new(before, form.cleaned_data):
        return thanked(before, again=True)
    draft = start_draft()
    for number in (1, 2, 3):
        save_draft(draft.secret, str(number), _step_of(request, before, number))
    _keep_typed(request, draft, step, form)
    return _show(request, step, form, draft.secret, status=409, more=shown_again(form, before))


def _step_of(request: HttpRequest, before: Suggestion, step: int) -> dict[str, list[str]]:
    """What was sent, as the form of a step would send it again."""
    said = {**before.payload["entry"], **before.payload["place"], "message": before.message}
    kept = {name: said[name] for name in _form(request, step, None, bound=False).fields if said.get(name)}
    return {
        name: [str(one) for one in value] if isinstance(value, list) else [str(value)] for name, value in kept.items()
    }


def _says_nothing_new(before: Suggestion, typed: dict[str, Any]) -> bool:
    """Whether all that was typed is already in what was sent; a correction holds only what differs from the entry."""
    said = {**before.payload["entry"], **before.payload["place"], "message": before.message}
    if before.kind == SuggestionKind.CORRECTION:
        return all(said[name] == typed[name] for name in typed if name in said)
    told = (*NAMES_OF_ENTRY, *NAMES_OF_PLACE, "message")
    return all((said.get(name) or None) == (typed[name] or None) for name in typed if name in told)


def _form(request: HttpRequest, step: int, data: QueryDict | None, *, bound: bool) -> forms.Form:
    kinds: dict[int, type[forms.Form]] = {
        1: FirstForm,
        2: WhereForm,
        3: LastFormOfHelper if is_helper(request) else LastForm,
    }
    if data is None or bound:
        return kinds[step](data)
    fields = kinds[step].base_fields
    initial = {name: data.getlist(name) if isinstance(field, forms.MultipleChoiceField) else data.get(name)
               for name, field in fields.items() if name in data}  # fmt: skip
    return kinds[step](initial=initial)


def _kept(draft: SuggestionDraft, step: int) -> QueryDict | None:
    """What was kept of a step, as if it had been sent again."""
    kept = draft.data.get(str(step))
    if kept is None:
        return None
    data = QueryDict(mutable=True)
    for name, values in kept.items():
        data.setlist(name, values)
    return data


def _step_sent(request: HttpRequest, draft: SuggestionDraft, step: int) -> HttpResponse:
    form = _form(request, step, request.POST, bound=True)
    draft = _keep_typed(request, draft, step, form)
    if "garder" in request.POST and not form.non_field_errors():
        return redirect("atlas:propose_kept", draft.secret)
    if not form.is_valid():
        return _show(request, step, form, draft.secret, status=422)
    if step == 3:
        return _send(request, draft)
    if step == 2 and _open_duplicates(request, draft):
        return redirect("atlas:propose_duplicates", draft.secret)
    return redirect("atlas:propose_step", draft.secret, step + 1)


def _keep_typed(request: HttpRequest, draft: SuggestionDraft, step: int, form: forms.Form) -> SuggestionDraft:
    """Keeps a step as it was typed, faults and all; what is too long to be kept is told in the form."""
    typed = {
        name: [cleaned(value) for value in request.POST.getlist(name)] for name in form.fields if name in request.POST
    }
    try:
        return save_draft(draft.secret, str(step), typed)
    except Invalid as fault:
        form.add_error(None, str(fault))
        return draft


def _show(
    request: HttpRequest, step: int, form: forms.Form, secret: str, *, status: int = 200,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:  # fmt: skip
    where = {"step": step, "total": len(labels()), "label": labels()[step - 1]}
    page = Page(
        title=_("Proposer un lieu ou une initiative"),
        title_first=_("Étape %(step)s sur %(total)s, %(label)s") % where,
        description=_(
            "Trois petites étapes, sans compte. Une personne lit votre proposition avant qu’elle soit publiée."
        ),
        crumbs=crumbs(),
        kind="form",
        indexed=step == 1 and not secret,
        has_errors=form.is_bound and not form.is_valid(),
    )
    action = reverse("atlas:propose_step", args=[secret, step]) if secret else request.get_full_path()
    back = reverse("atlas:propose_step", args=[secret, step - 1]) if step > 1 else ""
    context = {
        "page": page, "form": form, "step": step, "labels": labels(), "action": action, "back": back,
        "is_helper": is_helper(request), "asks_to_confirm": getattr(form, "asks_to_confirm", False), **pin_map_context(),
        **(more or {}),
    }  # fmt: skip
    return render(request, f"atlas/propose_step{step}.html", context, status=status)


@never_cache
def propose_kept(request: HttpRequest, secret: str) -> HttpResponse:
    """Says that the draft is kept, and under which address."""
    draft = draft_with(secret)
    if draft is None:
        return _already_sent(secret)
    step = max([int(one) for one in draft.data if one in ("1", "2", "3")], default=1)
    page = Page(title=_("Votre brouillon est gardé"), crumbs=crumbs(), kind="form", indexed=False)
    return render(
        request, "atlas/propose_kept.html", {"page": page, "url": reverse("atlas:propose_step", args=[secret, step])}
    )


@dataclass(frozen=True)
class Whole:
    """The three steps of a draft, valid together."""

    entry: dict[str, Any]
    place: dict[str, Any]
    others: dict[str, Any]


def _whole(request: HttpRequest, draft: SuggestionDraft, steps: tuple[int, ...] = (1, 2, 3)) -> Whole | int:
    """The cleaned data of the steps, or the first step that needs a correction."""
    data: dict[str, Any] = {}
    for step in steps:
        form = _form(request, step, _kept(draft, step) or QueryDict(), bound=True)
        if not form.is_valid():
            return step
        data |= form.cleaned_data
    place = {name: data[name] for name in NAMES_OF_PLACE if data.get(name) not in (None, "")}
    entry = {name: data[name] for name in NAMES_OF_ENTRY if data.get(name) not in (None, "", [])}
    return Whole(entry, place, data)


def _open_duplicates(request: HttpRequest, draft: SuggestionDraft) -> list[Candidate]:
    """Entries that may be the same and of which the person did not yet say "c’est autre chose"."""
    whole = _whole(request, draft, (1, 2))
    if isinstance(whole, int):
        return []
    known = set(draft.data.get("others", []))
    place = {name: whole.place.get(name) for name in ("commune", "commune_code", "lon", "lat")}
    found = possible_duplicates(
        name=whole.entry["name"], commune=place["commune"] or "", commune_code=place["commune_code"] or "",
        lon=place["lon"], lat=place["lat"],
    )  # fmt: skip
    return [one for one in found if one.entry.pk not in known]


@never_cache
def propose_duplicates(request: HttpRequest, secret: str) -> HttpResponse:
    """Shows what is already there: "c’est le même" turns the proposal into a correction."""
    draft = draft_with(secret)
    if draft is None:
        return _already_sent(secret)
    candidates = _open_duplicates(request, draft)
    if request.method == "POST":
        same = request.POST.get("same", "")
        if same.isdecimal() and len(same) < 18:
            save_draft(secret, "same", int(same))
        else:
            save_draft(secret, "others", [*draft.data.get("others", []), *(one.entry.pk for one in candidates)])
            save_draft(secret, "same", None)
        return redirect("atlas:propose_step", secret, 3)
    if not candidates:
        return redirect("atlas:propose_step", secret, 3)
    page = Page(title=_("Est-ce déjà dans l’atlas ?"), crumbs=crumbs(), kind="form", indexed=False)
    cards = [{"candidate": one, "url": sheet_url(one.entry)} for one in candidates]
    context = {
        "page": page,
        "cards": cards,
        "labels": labels(),
        "back": reverse("atlas:propose_step", args=[secret, 2]),
    }
    return render(request, "atlas/propose_duplicates.html", context)


def _send(request: HttpRequest, draft: SuggestionDraft) -> HttpResponse:
    whole = _whole(request, draft)
    if isinstance(whole, int):
        return redirect(f"{reverse('atlas:propose_step', args=[draft.secret, whole])}?verifier=1")
    same = draft.data.get("same")
    if same is None and _open_duplicates(request, draft):
        return redirect("atlas:propose_duplicates", draft.secret)
    kind, entry, proposal = SuggestionKind.NEW, None, Proposal(entry=whole.entry, place=whole.place)
    if same is not None:
        kind, entry = SuggestionKind.CORRECTION, published_entry(int(same))
        proposal = _as_correction(entry, whole)
    sending = sending_from(request, whole.others, kind=kind, form_key=draft.secret, entry=entry, proposal=proposal)
    sent = send_draft(draft, sending)
    return thanked(sent, again=sent.idempotency_key != sending.key)


def _as_correction(entry: Entry, whole: Whole) -> Proposal:
    """What the person gave and the entry does not say; nothing is emptied, and the entry keeps its own name and nature."""
    first = place_at(entry, 0)
    values = {name: value for name, value in whole.entry.items() if name not in ("name", "kind")}
    return difference_between(
        entry_values(entry), place_values(first), values, whole.place, place_position=0 if first else None
    )
