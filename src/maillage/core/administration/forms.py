"""Forms of the administration."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from maillage.core.channels.addresses import email_as_typed, phone_as_typed
from maillage.core.errors import Invalid
from maillage.core.people.models import Role
from maillage.core.places.gazetteer import reference_meant
from maillage.core.places.models import TerritoryKind
from maillage.core.places.queries import territory_names


class RoleForm(forms.Form):
    """A role and where it holds."""

    role = forms.ChoiceField(
        label=_("Rôle"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez un rôle."), "invalid_choice": _("Choisissez un rôle de la liste.")},
    )
    territory = forms.CharField(
        label=_("Sur quel territoire ?"),
        required=False,
        max_length=120,
        help_text=_("Une commune, un quartier, un département, par son nom ou son code. Vide : partout."),
    )

    def __init__(self, *args: object, roles: Iterable[str], **named: object) -> None:
        super().__init__(*args, **named)  # type: ignore[arg-type]
        self.fields["role"].choices = [(role, Role(role).label) for role in roles]  # type: ignore[attr-defined]

    def clean_territory(self) -> str:
        """The territory meant, as "kind:code"."""
        return territory_as_typed(self.cleaned_data["territory"])


class PersonForm(RoleForm):
    """A person to add, with a first role."""

    name = forms.CharField(
        label=_("Nom"), max_length=120, error_messages={"required": _("Écrivez le nom de la personne.")}
    )
    email = forms.CharField(label=_("Adresse e-mail"), required=False, max_length=254)
    phone = forms.CharField(label=_("Téléphone"), required=False, max_length=30)
    field_order = ("name", "email", "phone", "role", "territory")

    def clean_email(self) -> str:
        """Refuses what is no address."""
        typed: str = self.cleaned_data["email"]
        if typed and not email_as_typed(typed):
            raise forms.ValidationError(_("Ceci n’est pas une adresse e-mail. Exemple : amina@exemple.fr"))
        return email_as_typed(typed)

    def clean_phone(self) -> str:
        """Refuses what is no number."""
        typed: str = self.cleaned_data["phone"]
        if typed and not phone_as_typed(typed):
            raise forms.ValidationError(_("Ceci n’est pas un numéro de téléphone. Exemple : 06 12 34 56 78"))
        return phone_as_typed(typed)

    def clean(self) -> None:
        """Somebody reached by neither could not sign in."""
        super().clean()
        given = self.cleaned_data
        if not (given.get("email") or given.get("phone") or {"email", "phone"} & set(self.errors)):
            self.add_error("email", _("Donnez une adresse e-mail ou un téléphone : le code de connexion y est envoyé."))


def territory_as_typed(typed: str) -> str:
    """The "kind:code" of what was typed, "" for nothing; raises ValidationError with the choices when it is not clear."""
    typed = typed.strip()
    kind, colon, _code = typed.partition(":")
    if not typed:
        return ""
    if colon and kind in TerritoryKind.values:
        if not territory_names([typed]):
            raise forms.ValidationError(_("Ce territoire n’est pas connu ici."))
        return typed
    try:
        return reference_meant(typed)
    except Invalid as fault:
        raise forms.ValidationError(str(fault)) from fault
