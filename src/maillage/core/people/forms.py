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
    """The figures received: six, or fifteen when many codes were asked for in a short time."""

    code = forms.CharField(
        label=_("Le code que vous avez reçu"),
        max_length=60,
        error_messages={"required": _("Écrivez le code que vous avez reçu.")},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class SecondCodeForm(forms.Form):
    """The second step: six figures of an application, or a code on paper."""

    code = forms.CharField(
        label=_("Le code à 6 chiffres de votre application"),
        help_text=_("Votre téléphone n’est pas là ? Écrivez un de vos codes de secours."),
        max_length=60,
        error_messages={"required": _("Écrivez le code que montre votre application, ou un code de secours.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )


class FirstCodeForm(forms.Form):
    """The first code of an application that has just taken the key."""

    code = forms.CharField(
        label=_("Le code à 6 chiffres que montre maintenant votre application"),
        max_length=60,
        error_messages={"required": _("Écrivez le code à 6 chiffres que montre votre application.")},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
