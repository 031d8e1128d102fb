"""The form of a new round, and the answers typed from a printed list."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext_lazy as _

from maillage.core.moderation.texts import cleaned_line
from maillage.rooms.atlas.fields import Words
from maillage.rooms.atlas.freshness_models import Answer, Way

MONTHS = ((6, _("6 mois")), (12, _("1 an")), (24, _("2 ans")), (36, _("3 ans")))
LONGEST_NOTE = 1_000


class RoundForm(forms.Form):
    """Whom to ask, how, and a name to find the round again."""

    voie = forms.ChoiceField(label=_("Par quel moyen"), choices=Way.choices, widget=forms.RadioSelect)
    mois = forms.ChoiceField(label=_("Fiches sans confirmation depuis"), choices=MONTHS)
    titre = Words(
        limit=160, label=_("Nom de la tournée"), help_text=_("Pour la retrouver. Exemple : Médiathèques, automne.")
    )


def typed_answers(posted: Mapping[str, str]) -> dict[int, tuple[str, str]]:
    """The rows of a posted list where an answer was ticked: {request: (answer, words)}."""
    found: dict[int, tuple[str, str]] = {}
    for name, value in posted.items():
        number = name.removeprefix("reponse-")
        if name.startswith("reponse-") and number.isdecimal() and value in Answer.values:
            note = cleaned_line(posted.get(f"mots-{number}", ""))[:LONGEST_NOTE]
            found[int(number[:18])] = (value, note)
    return found
