"""Forms of the composed maps: saving one, flagging one, deciding about one."""

from __future__ import annotations

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from maillage.core.exports.tables import clean_text
from maillage.rooms.observatory.maps.composition import composition_from

LONGEST_QUERY = 2000
WRITTEN = ("title", "author", "note", "hypothesis")


def _line(text: str) -> str:
    """One line without control characters."""
    return " ".join(clean_text(text).split())


class SaveMapForm(forms.Form):
    """What its maker writes beside a map; nothing is compulsory, no account and no address is asked."""

    form_key = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    composition = forms.CharField(max_length=LONGEST_QUERY, required=False, widget=forms.HiddenInput)
    title = forms.CharField(
        label=_("Titre de la carte"), max_length=150, required=False,
        help_text=_("Sans titre, la carte porte le nom de l’indicateur."),
    )  # fmt: skip
    author = forms.CharField(
        label=_("Votre nom, ou celui de votre groupe"), max_length=80, required=False,
        help_text=_("Vous pouvez ne rien mettre : la carte sera « sans auteur »."),
    )  # fmt: skip
    note = forms.CharField(
        label=_("Ce que vous voulez dire de cette carte"), max_length=2000, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    hypothesis = forms.CharField(
        label=_("Votre hypothèse"), max_length=600, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Ce que vous pensez voir, en une phrase. Elle s’affiche à côté de la carte en atelier."),
    )  # fmt: skip

    def clean_composition(self) -> str:
        """A map with nothing to draw is not kept."""
        query: str = self.cleaned_data["composition"]
        if not composition_from(QueryDict(query)).indicator:
            raise forms.ValidationError(
                translate("Choisissez d’abord un indicateur : il n’y a pas encore de carte à garder.")
            )
        return query

    def clean_title(self) -> str:
        """One line."""
        return _line(self.cleaned_data["title"])

    def clean_author(self) -> str:
        """One line."""
        return _line(self.cleaned_data["author"])

    def clean_note(self) -> str:
        """Without control characters."""
        return clean_text(self.cleaned_data["note"])

    def clean_hypothesis(self) -> str:
        """Without control characters."""
        return clean_text(self.cleaned_data["hypothesis"])


class FlagMapForm(forms.Form):
    """Why a map is a problem."""

    form_key = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    message = forms.CharField(
        label=_("Qu’est-ce qui pose problème ?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class DecideMapForm(forms.Form):
    """A moderator's decision about one version."""

    decision = forms.ChoiceField(
        choices=[
            ("list", _("Montrer dans la liste")), ("unlist", _("Laisser à son adresse, hors de la liste")),
            ("hide", _("Masquer")), ("show", _("Montrer de nouveau")),
        ]
    )  # fmt: skip
    version = forms.IntegerField(min_value=1, max_value=100000)
    reason = forms.CharField(label=_("Raison"), max_length=500, required=False)
