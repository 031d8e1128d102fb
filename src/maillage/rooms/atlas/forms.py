"""Forms of those who propose, correct, report and follow."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from maillage.core.channels.kinds import ENTERED_BY_A_HELPER, Channel
from maillage.core.channels.models import ForWhom
from maillage.core.places.queries import FoundPlace, places_named
from maillage.rooms.atlas.coordinates import coordinates_as_typed
from maillage.rooms.atlas.fields import (
    REQUIRED,
    Code,
    Codes,
    Mail,
    OwnMail,
    OwnPhone,
    Phone,
    Postcode,
    WebAddress,
    Words,
)
from maillage.rooms.atlas.proposal import MESSAGE_LIMIT, NAMES_OF_ENTRY, NAMES_OF_PLACE, Value

_NOT_KEPT = re.compile("[\0\ud800-\udfff]")  # PostgreSQL takes neither in a text
FAULTS = {
    "unreadable": _("Ces coordonnées ne sont pas comprises. Exemple : 45,7036 et 4,8860."),
    "one_missing": _("Il manque la longitude ou la latitude : écrivez les deux, ou aucune."),
    "impossible": _("Ce point n’existe pas : la latitude va de −90 à 90, la longitude de −180 à 180."),
    "swapped": _(
        "La longitude et la latitude semblent inversées. En France métropolitaine, la latitude est entre 41 et 51."
    ),
    "projected": _(
        "Ces nombres semblent être en Lambert 93, un autre système. Donnez des degrés (45,7036 et 4,8860), ou l’adresse."
    ),
    "elsewhere": _("Ce point est hors de France."),
}


class WhatForm(forms.Form):
    """What it is."""

    name = Words(limit=200, label=_("Comment s’appelle ce lieu ou cette initiative ?"))
    kind = Code("kind", label=_("De quoi s’agit-il ?"), initial="place")
    summary = Words(
        limit=240,
        lines=2,
        label=_("À quoi ça sert, en une phrase ?"),
        help_text=_("Exemple : On y aide à remplir ses papiers."),
    )
    themes = Codes("theme", label=_("De quoi cela parle-t-il ?"), help_text=_("Vous pouvez en choisir plusieurs."))


class FirstForm(WhatForm):
    """The first step, with the secret under which its draft will be kept."""

    form_key = forms.CharField(required=False, widget=forms.HiddenInput, max_length=100)


class PlaceFields(forms.Form):
    """Where it is: the address is enough, coordinates are for those who have them."""

    address = Words(
        limit=300,
        required=False,
        label=_("Adresse"),
        help_text=_("Numéro et rue, ou un repère : « en face de l’école »."),
    )
    postcode = Postcode(required=False, label=_("Code postal"))
    commune = Words(limit=120, required=False, label=_("Commune"))
    commune_code = forms.CharField(required=False, widget=forms.HiddenInput)
    lat = Words(limit=60, required=False, label=_("Latitude"), attrs={"inputmode": "decimal", "autocomplete": "off"})
    lon = Words(limit=60, required=False, label=_("Longitude"), attrs={"inputmode": "decimal", "autocomplete": "off"})
    confirm_point = forms.BooleanField(required=False, label=_("Oui, le point est bien là"))

    asks_to_confirm = False

    def clean(self) -> dict[str, Any]:
        """Reads the point and finds the commune in the gazetteer; a commune it does not know is kept as typed."""
        data: dict[str, Any] = super().clean() or {}
        self._read_point(data)
        self._find_commune(data)
        return data

    def _read_point(self, data: dict[str, Any]) -> None:
        typed = coordinates_as_typed(data.get("lon") or "", data.get("lat") or "")
        data["lon"], data["lat"] = typed.lon, typed.lat
        if typed.fault and not (typed.may_be_confirmed and data.get("confirm_point")):
            self.asks_to_confirm = typed.may_be_confirmed
            self.add_error("lat", FAULTS[typed.fault])
            if typed.may_be_confirmed:
                self.add_error("confirm_point", _("Corrigez, ou cochez cette case si le point est juste."))

    def _find_commune(self, data: dict[str, Any]) -> None:
        commune, postcode = data.get("commune") or "", data.get("postcode") or ""
        found = _communes(f"{postcode} {commune}".strip()) or _communes(commune)
        data["commune_code"] = ""
        if len(found) == 1:
            data["commune"], data["commune_code"] = found[0].label, found[0].code


def _communes(typed: str) -> list[FoundPlace]:
    """Communes and arrondissements of exactly this name or postcode."""
    return (
        [one for one in places_named(typed) if one.kind in ("commune", "arrondissement") and one.score >= 100]
        if typed
        else []
    )


class WhereForm(PlaceFields):
    """The second step: something must tell where."""

    def clean(self) -> dict[str, Any]:
        """An address, a commune or a point: one of them is needed."""
        data = super().clean()
        typed = [str(self.data.get(name) or "").strip() for name in ("address", "postcode", "commune", "lat", "lon")]
        if not any(typed):
            self.add_error("commune", _("Dites où c’est : une commune suffit."))
        return data


class PracticalFields(forms.Form):
    """When, and how to reach it."""

    opening_hours_text = Words(
        limit=2000,
        lines=2,
        required=False,
        label=_("Quand est-ce ouvert ?"),
        help_text=_("Exemple : du lundi au vendredi, de 9 h à 12 h."),
    )
    phone = Phone(required=False, label=_("Téléphone du lieu"))
    website = WebAddress(required=False, label=_("Site internet"))
    email = Mail(
        required=False,
        label=_("Adresse e-mail du lieu"),
        help_text=_("Celle de l’accueil, jamais celle d’une personne."),
    )


class AnswerFields(forms.Form):
    """Where the person wants the answer; never needed: the code of follow-up tells it too."""

    answer_phone = OwnPhone(
        required=False, label=_("Votre numéro de téléphone"), help_text=_("Pour recevoir la réponse par SMS.")
    )
    answer_email = OwnMail(
        required=False, label=_("Votre adresse e-mail"), help_text=_("Pour recevoir la réponse par e-mail.")
    )

    def clean(self) -> dict[str, Any]:
        """Adds `answer_by` and `answer_to`: by SMS where there is a number, else by mail, else nowhere."""
        data: dict[str, Any] = super().clean() or {}
        phone, mail = data.get("answer_phone") or "", data.get("answer_email") or ""
        data["answer_by"] = "sms" if phone else "mail" if mail else ""
        data["answer_to"] = phone or mail
        return data


class HelperFields(forms.Form):
    """For somebody signed in who types what came by another way. Absent from the form of everybody else."""

    channel = forms.ChoiceField(
        required=False, label=_("Comment cela vous est arrivé"),
        choices=[(one.value, one.label) for one in (Channel.WEB, *ENTERED_BY_A_HELPER)],
    )  # fmt: skip
    for_whom = forms.ChoiceField(required=False, label=_("Pour qui vous écrivez"), choices=ForWhom.choices)
    sheet_reference = Words(limit=80, required=False, label=_("Numéro de la feuille ou du message"))


class LastForm(PracticalFields, AnswerFields):
    """The third step of a proposal."""

    field_order = (
        "opening_hours_text",
        "phone",
        "website",
        "email",
        "publics",
        "message",
        "answer_phone",
        "answer_email",
    )
    publics = Codes("public", label=_("Pour qui ?"))
    message = Words(
        limit=MESSAGE_LIMIT, lines=3, required=False, label=_("Autre chose à nous dire ?"),
        help_text=_("Ce mot est lu par les modérateurs. Il n’est pas publié."),
    )  # fmt: skip


class LastFormOfHelper(LastForm, HelperFields):
    """The third step as a helper sees it."""


class EntryFields(forms.Form):
    """An entry as one corrects it."""

    name = Words(limit=200, label=_("Nom"))
    summary = Words(limit=240, lines=2, required=False, label=_("En une phrase"))
    kind = Code("kind", label=_("Nature"))
    status = Code("status", label=_("État"))
    status_reason = Words(limit=1000, lines=2, required=False, label=_("Si c’est fermé : pourquoi ?"))
    themes = Codes("theme", label=_("Thèmes"))
    publics = Codes("public", label=_("Pour qui"))
    operator = Words(limit=300, required=False, label=_("Qui s’en occupe"))
    description = Words(limit=8000, lines=8, required=False, label=_("Description"))
    label = Words(limit=200, required=False, label=_("Nom du lieu"))

    def values(self) -> tuple[dict[str, Value], dict[str, Value]]:
        """What was typed, for the entry and for its place."""
        data = self.cleaned_data
        entry = {name: data[name] for name in NAMES_OF_ENTRY if name in data}
        place = {name: data[name] for name in NAMES_OF_PLACE if name in data}
        if place.get("commune_code") == "":
            place.pop("commune_code")  # not found in the gazetteer: nothing is said of the code
        return entry, place


class EditForm(EntryFields, PlaceFields, PracticalFields):
    """Every field that may be changed, as a moderator edits before accepting."""


class CorrectForm(EditForm, AnswerFields):
    """A correction by anyone: `base` is what the person had before their eyes."""

    message = Words(limit=MESSAGE_LIMIT, lines=3, required=False, label=_("Comment le savez-vous ?"),
                    help_text=_("Ce mot est lu par les modérateurs. Il n’est pas publié."))  # fmt: skip
    base = forms.CharField(required=False, widget=forms.HiddenInput)
    base_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    form_key = forms.CharField(required=False, widget=forms.HiddenInput, max_length=100)
    # As on the page, so that the list of what is to be corrected reads in the same order.
    field_order = (
        "name", "summary", "status", "status_reason", "operator", "description", "kind", "themes", "publics", "label",
        "address", "postcode", "commune", "lat", "lon", "confirm_point", "opening_hours_text", "phone", "website", "email",
        "message", "answer_phone", "answer_email",
    )  # fmt: skip

    def base_values(self) -> Mapping[str, Any] | None:
        """What the person saw: {"entry": …, "place": …}; None where the hidden field was lost or altered."""
        try:
            base = json.loads(self.cleaned_data.get("base") or "")
        except (ValueError, RecursionError):
            return None
        is_whole = isinstance(base, dict) and all(_could_be_seen(base.get(part)) for part in ("entry", "place"))
        return base if is_whole else None


def _could_be_seen(values: Any) -> bool:
    """Whether these are values by field such as a page of ours shows, all of which PostgreSQL can keep."""
    if not isinstance(values, dict):
        return False
    lists = [one for one in values.values() if isinstance(one, list)]
    texts = [item for one in lists for item in one]
    return all(isinstance(item, str) and not _NOT_KEPT.search(item) for item in texts) and all(
        _is_plain(one) for one in values.values() if not isinstance(one, list)
    )


def _is_plain(value: Any) -> bool:
    if isinstance(value, str):
        return not _NOT_KEPT.search(value)
    return value is None or (isinstance(value, int | float) and abs(value) <= 1_000)  # degrees; not the number NaN


class CorrectFormOfHelper(CorrectForm, HelperFields):
    """A correction typed by a helper."""


class ReportForm(AnswerFields):
    """Closed, wrong, abusive, still true: a few words, never needed but where nothing else tells what is wrong."""

    message = Words(limit=MESSAGE_LIMIT, lines=4, required=False, label=_("Que savez-vous ?"))
    form_key = forms.CharField(required=False, widget=forms.HiddenInput, max_length=100)
    field_order = ("message", "answer_phone", "answer_email")
    needs_message = False

    def clean_message(self) -> str:
        """Needed for an error or an abuse: without a word nobody can act on it."""
        text: str = self.cleaned_data["message"]
        if self.needs_message and not text:
            raise forms.ValidationError(_("Dites en quelques mots ce qui ne va pas."))
        return text


class ReportFormOfHelper(ReportForm, HelperFields):
    """A report typed by a helper."""


class DuplicateForm(AnswerFields):
    """Which entry is the same: one of those offered."""

    same_as = forms.TypedChoiceField(
        label=_("Quelle autre fiche parle de la même chose ?"), coerce=int, widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez la fiche à garder."), "invalid_choice": _("Choisissez une fiche de la liste.")},
    )  # fmt: skip
    message = Words(limit=MESSAGE_LIMIT, lines=3, required=False, label=_("Autre chose à nous dire ?"))
    form_key = forms.CharField(required=False, widget=forms.HiddenInput, max_length=100)
    field_order = ("same_as", "message", "answer_phone", "answer_email")

    def __init__(self, *args: Any, offered: Sequence[tuple[int, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["same_as"].choices = list(offered)  # type: ignore[attr-defined]


class FollowForm(forms.Form):
    """The code of a suggestion."""

    code = forms.CharField(
        label=_("Votre code de suivi"),
        help_text=_(
            "Il est sur la page de remerciement, sur votre reçu ou dans votre message. Exemple : 2K7-MP3-R9TX."
        ),
        error_messages={"required": _("Écrivez votre code.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class AppealForm(forms.Form):
    """Why the person disagrees."""

    text = Words(limit=MESSAGE_LIMIT, lines=5, label=_("Pourquoi n’êtes-vous pas d’accord ?"),
                 error_messages={"required": REQUIRED})  # fmt: skip
