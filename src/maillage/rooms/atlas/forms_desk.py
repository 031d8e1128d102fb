"""The decision of a moderator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from maillage.rooms.atlas.actions_desk import Decision, Seen
from maillage.rooms.atlas.fields import Words
from maillage.rooms.atlas.proposal import Proposal
from maillage.rooms.atlas.reasons import reasons

ACTIONS = ("accept", "refuse", "hide", "aside", "reopen")


class DecisionForm(forms.Form):
    """A button, a reason ready or written, and what was seen when the page was made."""

    action = forms.ChoiceField(
        choices=[(one, one) for one in ACTIONS], error_messages={"required": _("Choisissez une décision.")}
    )
    reason_code = forms.ChoiceField(required=False, label=_("Raison"))
    reason = Words(
        limit=4000, lines=3, required=False, label=_("Ajouter quelques mots pour la personne"),
        help_text=_("La personne lit ces mots avec son code. Si la fiche change, ils sont aussi dans son historique public."),
    )  # fmt: skip
    anyway = forms.BooleanField(required=False)
    seen_state = forms.CharField(required=False, max_length=10)
    seen_decisions = forms.IntegerField(required=False, min_value=0)
    seen_version = forms.IntegerField(required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        language = (get_language() or "fr")[:2]
        choices = [("", _("Choisir une raison…")), *((one.code, one.label(language)) for one in reasons())]
        self.fields["reason_code"].choices = choices  # type: ignore[attr-defined]

    def decision(self, edited: Proposal | None = None) -> Decision:
        """What the moderator decides; call it on a valid form."""
        data = self.cleaned_data
        seen = Seen(data["seen_decisions"] or 0, data["seen_state"], data["seen_version"])
        return Decision(data["action"], seen, data["reason_code"], data["reason"], edited, bool(data["anyway"]))


class ManyForm(forms.Form):
    """The same decision on several."""

    action = forms.ChoiceField(choices=[("accept", "accept"), ("refuse", "refuse"), ("aside", "aside")])
    reason_code = forms.ChoiceField(required=False, label=_("Raison"))
    chosen = forms.TypedMultipleChoiceField(
        coerce=int,
        error_messages={
            "required": _("Cochez au moins une demande."),
            "invalid_choice": _("Une demande n’est plus là."),
        },
    )

    def __init__(self, *args: Any, chosen: Sequence[str] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        numbers = [one for one in chosen if one.isdecimal() and len(one) < 18][:200]
        self.fields["chosen"].choices = [(one, one) for one in numbers]  # type: ignore[attr-defined]
        self.fields["reason_code"].choices = DecisionForm().fields["reason_code"].choices  # type: ignore[attr-defined]
