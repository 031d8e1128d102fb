"""A suggestion that comes from a program: checked by the same forms as those of the site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from maillage.core.channels.actions import Arriving
from maillage.core.channels.kinds import Channel
from maillage.core.errors import Invalid
from maillage.rooms.atlas.actions import Contact, Sending, key_of
from maillage.rooms.atlas.api_schemas import SuggestionIn
from maillage.rooms.atlas.contributing import new_key
from maillage.rooms.atlas.fields import Words
from maillage.rooms.atlas.forms import AnswerFields, EditForm, LastForm, ReportForm, WhatForm, WhereForm
from maillage.rooms.atlas.models import Entry, SuggestionKind
from maillage.rooms.atlas.proposal import (
    MESSAGE_LIMIT,
    NAMES_OF_ENTRY,
    NAMES_OF_PLACE,
    Proposal,
    Value,
    difference_between,
)
from maillage.rooms.atlas.queries_suggest import entry_of_number, published_entry
from maillage.rooms.atlas.states_shown import entry_values, place_at, place_values

CONTACT = "contact.to"


class NewForm(WhatForm, WhereForm, LastForm):
    """A whole proposal in one go."""


class CorrectionForm(EditForm, AnswerFields):
    """A correction in one go."""

    message = Words(limit=MESSAGE_LIMIT, lines=1, required=False)


def sending_of(body: SuggestionIn, key: str, address: str) -> Sending:
    """The suggestion ready to be sent. Raises Invalid with the faults by field, Missing for an unknown entry."""
    _check_names(body)
    if body.kind == SuggestionKind.NEW:
        entry, (proposal, data) = None, _new(body)
    else:
        if body.entry is None:
            raise Invalid(_("Il manque la fiche dont il s’agit."), {"entry": [_("Cette réponse manque.")]})
        entry = published_entry(body.entry)
        proposal, data = _about(entry, body)
    return Sending(
        kind=body.kind,
        # With the words themselves: two programs may count "1, 2, 3", and a code opens what it follows.
        key=key_of(key or new_key(), "api", body.model_dump(mode="json")),
        entry=entry,
        proposal=proposal,
        message=data.get("message") or "",
        arriving=Arriving(channel=Channel.API),
        contact=Contact(data.get("answer_by") or "", data.get("answer_to") or ""),
        address=address,
    )


def _check_names(body: SuggestionIn) -> None:
    strange = [f"fields.{name}" for name in body.fields if name not in NAMES_OF_ENTRY]
    strange += [f"place.{name}" for name in body.place if name not in NAMES_OF_PLACE or name == "commune_code"]
    if strange:
        raise Invalid(_("Ces champs n’existent pas."), {name: [_("Ce champ n’existe pas.")] for name in strange})


def _answer(body: SuggestionIn) -> dict[str, Any]:
    if body.contact is None:
        return {"message": body.message}
    if not body.contact.to.strip():
        raise _refused({CONTACT: [_("Cette réponse manque.")]})
    field = {"sms": "answer_phone", "mail": "answer_email"}[body.contact.by]
    return {"message": body.message, field: body.contact.to}


def _checked(form: forms.Form) -> dict[str, Any]:
    if not form.is_valid():
        faults = {_name_of(name): [str(one) for one in errors] for name, errors in form.errors.items()}
        raise _refused(faults)
    return form.cleaned_data


def _refused(faults: Mapping[str, Sequence[str]]) -> Invalid:
    return Invalid(_("Une partie de ce qui a été envoyé ne peut pas être prise telle quelle."), faults)


def _name_of(field: str) -> str:
    """As the program calls it."""
    return CONTACT if field in AnswerFields.base_fields else field or "body"


def _typed(values: dict[str, Value]) -> dict[str, Value]:
    """As a form is sent: numbers in words, nothing for nothing."""
    return {
        name: str(value) if isinstance(value, int | float) else value
        for name, value in values.items()
        if value is not None
    }


def _new(body: SuggestionIn) -> tuple[Proposal, dict[str, Any]]:
    data = _checked(NewForm({**_typed(dict(body.fields)), **_typed(dict(body.place)), **_answer(body)}))
    entry = {name: data[name] for name in NAMES_OF_ENTRY if name in data}
    place = {name: data[name] for name in NAMES_OF_PLACE if name in data}
    return Proposal(entry=entry, place=place), data


def _about(entry: Entry, body: SuggestionIn) -> tuple[Proposal, dict[str, Any]]:
    if body.kind == SuggestionKind.CORRECTION:
        return _correction(entry, body)
    form = ReportForm(_answer(body))
    form.needs_message = body.kind in (SuggestionKind.WRONG, SuggestionKind.ABUSIVE)
    data = _checked(form)
    if body.kind == SuggestionKind.CLOSED:
        return Proposal(entry={"status": "closed"}, before_entry={"status": entry.status}), data
    if body.kind == SuggestionKind.DUPLICATE:
        other = entry_of_number(body.duplicate_of)
        if other is None or other.pk == entry.pk:
            raise Invalid(
                _("Dites de quelle fiche c’est le doublon."), {"duplicate_of": [_("Cette fiche n’existe pas.")]}
            )
        return Proposal(duplicate_of=other.pk), data
    return Proposal(), data


def _correction(entry: Entry, body: SuggestionIn) -> tuple[Proposal, dict[str, Any]]:
    """Only what is sent is proposed; the rest is filled with what stands, so that the form can judge the whole."""
    positions = sorted(place.position for place in entry.places.all())
    position = positions[0] if positions else None
    now_entry, now_place = entry_values(entry), place_values(place_at(entry, position))
    form = CorrectionForm(
        {
            **_typed(now_entry),
            **_typed(now_place),
            **_typed(dict(body.fields)),
            **_typed(dict(body.place)),
            **_answer(body),
        }
    )
    data = _checked(form)
    typed_entry, typed_place = form.values()
    sent = {"commune_code"} if "commune" in body.place else set()
    typed_entry = {name: value for name, value in typed_entry.items() if name in body.fields}
    typed_place = {name: value for name, value in typed_place.items() if name in body.place or name in sent}
    proposal = difference_between(now_entry, now_place, typed_entry, typed_place, place_position=position)
    if proposal.is_empty and not data["message"]:
        raise Invalid(_("Vous n’avez rien changé."), {"fields": [_("Rien ne change.")]})
    return proposal, data
