"""The form "say who takes part", and the sheet of a meeting typed by a helper."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from maillage.core.channels.kinds import ENTERED_BY_A_HELPER, Channel
from maillage.core.moderation.texts import cleaned_line
from maillage.core.places.queries import places_named
from maillage.core.rooms import rooms
from maillage.rooms.observatory.participation_questions import QUESTIONS

MEETING = "meeting"
SHEET_ROWS = 12
OLDEST_MONTHS = 24
BAD_CHOICE = _("Ce choix n’existe pas.")
_KINDS = ("commune", "arrondissement")


def rooms_asked() -> dict[str, str]:
    """Where one may have taken part: rooms that count participants, and meetings; code → label."""
    own = {one.code: translate(one.label) for one in rooms() if one.participants and one.code != "observatory"}
    return own | {MEETING: translate("Une réunion, un atelier, une fête de quartier")}


class TownField(forms.CharField):
    """A commune or an arrondissement, typed by its name or postcode, or as "commune:69259"; gives "kind:code"."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label=_("Votre commune, ou votre arrondissement"),
            help_text=_("Par exemple : Vénissieux, Lyon 8, 69120. Jamais votre adresse."),
            error_messages={"required": _("Écrivez le nom de la commune.")},
            widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
            **options,
        )

    def clean(self, value: Any) -> str:
        """Finds the town; several that fit are told by name, none is chosen for the person."""
        typed = cleaned_line(str(super().clean(value) or ""))[:120]
        found = [one for one in places_named(typed) if one.kind in _KINDS]
        exact = [one for one in found if one.score == 100]
        if len(exact or found) == 1:
            one = (exact or found)[0]
            return f"{one.kind}:{one.code}"
        if not found:
            raise ValidationError(
                _("Aucune commune de ce nom n’est connue ici. Vérifiez l’écriture, ou donnez le code postal.")
            )
        names = ", ".join(one.label for one in found[:5])
        raise ValidationError(
            _("Plusieurs communes s’écrivent ainsi : %(names)s. Écrivez le nom entier."), params={"names": names}
        )


def _answer_field(question: Any, *, widget: type[forms.Widget], none: Any) -> forms.ChoiceField:
    choices = [("", none), *((one.code, _(one.label)) for one in question.answers)]
    label = _(question.label) if widget is forms.RadioSelect else _(question.short)
    return forms.ChoiceField(
        choices=choices, required=False, widget=widget, label=label, error_messages={"invalid_choice": BAD_CHOICE}
    )


class DeclarationForm(forms.Form):
    """What one says of oneself. Only the town is asked for; every question may stay without an answer."""

    commune = TownField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in QUESTIONS:
            self.fields[one.code] = _answer_field(one, widget=forms.RadioSelect, none=_("Je ne réponds pas"))

    def answers(self) -> dict[str, str]:
        """Answers by question, those given only."""
        return {one.code: self.cleaned_data[one.code] for one in QUESTIONS if self.cleaned_data.get(one.code)}


class SheetForm(forms.Form):
    """The head of a paper sheet: where it comes from."""

    piece = forms.ChoiceField(
        label=_("À quoi ces personnes ont-elles pris part ?"), error_messages={"invalid_choice": BAD_CHOICE}
    )
    canal = forms.ChoiceField(
        label=_("Par quelle voie"),
        choices=[(code, Channel(code).label) for code in ENTERED_BY_A_HELPER],
        initial=Channel.PAPER,
        error_messages={"invalid_choice": BAD_CHOICE},
    )
    commune = TownField()
    mois = forms.CharField(label=_("Mois"), help_text=_("Année et mois, par exemple 2026-11."))
    feuille = forms.CharField(
        label=_("Référence de la feuille"),
        help_text=_("Écrite en haut de la feuille, pour la retrouver. Jamais un nom de personne."),
        max_length=80,
        error_messages={"required": _("Écrivez la référence de la feuille.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["piece"].choices = list(rooms_asked().items())  # type: ignore[attr-defined]
        self.fields["commune"].label = _("Commune ou arrondissement de la rencontre")
        self.fields["mois"].initial = this_month()

    def clean_mois(self) -> str:
        """A month, not to come and not too long past."""
        typed = cleaned_line(self.cleaned_data["mois"]).replace("/", "-")
        if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", typed):
            raise ValidationError(_("Écrivez l’année puis le mois, par exemple 2026-11."))
        months = _months(this_month()) - _months(typed)
        if months < 0:
            raise ValidationError(_("Ce mois n’est pas encore venu."))
        if months > OLDEST_MONTHS:
            raise ValidationError(_("Ce mois est trop ancien : deux ans au plus."))
        return typed


class SheetRowForm(forms.Form):
    """One line of the sheet: how many people ticked these boxes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"] = forms.IntegerField(
            label=_("Personnes"), min_value=1, max_value=500, initial=1, required=False,
            error_messages={
                "invalid": _("Écrivez un nombre."), "min_value": _("Au moins 1 personne."),
                "max_value": _("Au plus 500 personnes."),
            },
        )  # fmt: skip
        for one in QUESTIONS:
            self.fields[one.code] = _answer_field(one, widget=forms.Select, none="—")

    def answers(self) -> dict[str, str]:
        """Answers by question, those given only."""
        return {one.code: self.cleaned_data[one.code] for one in QUESTIONS if self.cleaned_data.get(one.code)}


SheetRows = forms.formset_factory(SheetRowForm, extra=SHEET_ROWS, max_num=SHEET_ROWS, absolute_max=SHEET_ROWS)


def this_month() -> str:
    """The month of today: 2026-11."""
    return timezone.localdate().strftime("%Y-%m")


def _months(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:])
