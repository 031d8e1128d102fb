"""The one form of core/web: how the reader wants pages to look."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class DisplayForm(forms.Form):
    """Theme, contrast and text size."""

    theme = forms.ChoiceField(
        label=_("Couleurs"),
        choices=[("auto", _("Comme mon appareil")), ("light", _("Claires")), ("dark", _("Sombres"))],
        widget=forms.RadioSelect,
    )
    contrast = forms.ChoiceField(
        label=_("Contraste"),
        choices=[("auto", _("Comme mon appareil")), ("normal", _("Habituel")), ("high", _("Renforcé"))],
        widget=forms.RadioSelect,
    )
    text = forms.ChoiceField(
        label=_("Taille du texte"),
        choices=[("100", _("Habituelle")), ("125", _("Grande")), ("150", _("Très grande")), ("200", _("Double"))],
        widget=forms.RadioSelect,
    )
