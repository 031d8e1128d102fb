"""Forms to sign in."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from maillage.core.channels.addresses import email_as_typed, phone_as_typed


class AddressForm(forms.Form):
    """One field for an e-mail or a telephone."""

    address = forms.CharField(
        label=_("Votre adresse e-mail ou votre numéro de téléphone"),
        error_messages={"required": _("Écrivez votre adresse e-mail ou votre numéro de téléphone.")},
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def clean_address(self) -> str:
        """Refuses what can be neither an e-mail nor a telephone."""
        typed: str = self.cleaned_data["address"]
        if not (email_as_typed(typed) or phone_as_typed(typed)):
            raise forms.ValidationError(
                _("Ceci n’est ni une adresse e-mail ni un numéro de téléphone. Exemple : 06 12 34 56 78.")
            )
        return typed


class CodeForm(forms.Form):
    """The six figures received."""

    code = forms.CharField(
        label=_("Le code à 6 chiffres que vous avez reçu"),
        error_messages={"required": _("Écrivez le code que vous avez reçu.")},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
