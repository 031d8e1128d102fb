"""Form fields that lose nothing: text is made harmless, never cut, and errors say what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from maillage.core.channels.addresses import email_as_typed, may_be_texted, phone_as_typed
from maillage.core.moderation.texts import cleaned, cleaned_line
from maillage.core.web import glossary
from maillage.core.web.wording import number

REQUIRED = _("Cette réponse manque.")


class Words(forms.CharField):
    """Text typed by a person. The browser is given no length: it would cut a pasted text without a word."""

    def __init__(self, *, limit: int, lines: int = 0, **options: Any) -> None:
        self.limit, self.lines = limit, lines
        widget = forms.Textarea(attrs={"rows": lines}) if lines else forms.TextInput()
        widget.attrs.update(options.pop("attrs", {}))
        messages = {"required": REQUIRED, **options.pop("error_messages", {})}
        super().__init__(widget=widget, error_messages=messages, strip=False, **options)

    def to_python(self, value: Any) -> str:
        """Cleaned; then judged by its length."""
        text = (cleaned if self.lines else cleaned_line)(str(value or ""))
        if len(text) > self.limit:
            raise ValidationError(
                _(
                    "Ce texte est trop long : %(count)s caractères, au plus %(limit)s. "
                    "Il est gardé dans le champ : raccourcissez-le."
                ),
                params={"count": number(len(text)), "limit": number(self.limit)},
            )
        return text


class Codes(forms.MultipleChoiceField):
    """Several values of a facet of the glossary."""

    def __init__(self, facet: str, **options: Any) -> None:
        super().__init__(
            choices=_choices(facet), widget=forms.CheckboxSelectMultiple, required=options.pop("required", False),
            error_messages={"required": REQUIRED, "invalid_choice": _("Ce choix n’existe pas.")}, **options,
        )  # fmt: skip


class Code(forms.ChoiceField):
    """One value of a facet of the glossary."""

    def __init__(self, facet: str, *, empty: Any = None, **options: Any) -> None:
        super().__init__(
            choices=_choices(facet, empty), error_messages={"required": REQUIRED, "invalid_choice": _("Ce choix n’existe pas.")},
            **options,
        )  # fmt: skip


def _choices(facet: str, empty: Any = None) -> Callable[[], Iterable[tuple[str, Any]]]:
    """Read at each use, in the page's language."""
    first = [] if empty is None else [("", empty)]
    return lambda: [*first, *glossary.labels(facet).items()]


class Phone(Words):
    """A telephone number, kept as typed once understood; short numbers (3949, 115) are numbers too."""

    def __init__(self, **options: Any) -> None:
        super().__init__(limit=30, attrs={"inputmode": "tel", "autocomplete": "off"}, **options)

    def clean(self, value: Any) -> str:
        """Refuses what no telephone could dial."""
        text: str = super().clean(value)
        if text and not phone_as_typed(text) and not re.fullmatch(r"\d{2,6}", text.replace(" ", "")):
            raise ValidationError(
                _("Ce numéro de téléphone est incomplet ou contient d’autres signes. Exemple : 04 72 00 00 00.")
            )
        return text


class Mail(Words):
    """An e-mail address."""

    fault = _("Cette adresse e-mail n’est pas complète. Exemple : accueil@exemple.fr.")

    def __init__(self, **options: Any) -> None:
        super().__init__(
            limit=254, attrs={"inputmode": "email", "autocomplete": "off", "autocapitalize": "none"}, **options
        )

    def clean(self, value: Any) -> str:
        """Refuses what is no address."""
        text: str = super().clean(value)
        address = email_as_typed(text) if text else ""
        if text and not address:
            raise ValidationError(self.fault)
        return address


class OwnPhone(Words):
    """The number of the person who writes, as SMS need it; their browser may fill it in."""

    def __init__(self, **options: Any) -> None:
        super().__init__(limit=30, attrs={"inputmode": "tel", "autocomplete": "tel"}, **options)

    def clean(self, value: Any) -> str:
        """The number in its international form; refuses what no SMS reaches."""
        text: str = super().clean(value)
        number_as_sent = phone_as_typed(text) if text else ""
        if text and not number_as_sent:
            raise ValidationError(_("Écrivez un numéro de téléphone complet. Exemple : 06 12 34 56 78."))
        if number_as_sent and not may_be_texted(number_as_sent):
            raise ValidationError(
                _("Aucun SMS ne part vers ce numéro. Donnez une adresse e-mail, ou gardez le code de suivi.")
            )
        return number_as_sent


class OwnMail(Mail):
    """The e-mail address of the person who writes; their browser may fill it in."""

    fault = _("Écrivez une adresse e-mail complète. Exemple : nom@exemple.fr.")

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.widget.attrs.update(autocomplete="email", spellcheck="false")


class WebAddress(Words):
    """An address of the web; "https://" is added where it lacks, other schemes are refused."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            limit=400, attrs={"inputmode": "url", "autocomplete": "off", "autocapitalize": "none"}, **options
        )

    def clean(self, value: Any) -> str:
        """Refuses what is no web address."""
        text: str = super().clean(value)
        if not text:
            return ""
        if not re.match(r"[A-Za-z][A-Za-z0-9+.\-]*:(?!\d)", text):
            text = f"https://{text}"
        try:
            URLValidator(schemes=["http", "https"])(text)
        except ValidationError:
            raise ValidationError(_("Cette adresse de site n’est pas comprise. Exemple : www.exemple.fr.")) from None
        return text


class Postcode(Words):
    """Five figures."""

    def __init__(self, **options: Any) -> None:
        super().__init__(limit=20, attrs={"inputmode": "numeric", "autocomplete": "off"}, **options)

    def clean(self, value: Any) -> str:
        """Spaces are forgiven."""
        text = re.sub(r"\s", "", super().clean(value))
        if text and not re.fullmatch(r"\d{5}", text):
            raise ValidationError(_("Un code postal a cinq chiffres. Exemple : 69200."))
        return text
