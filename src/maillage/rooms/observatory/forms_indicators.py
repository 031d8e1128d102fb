"""The form of an indicator file: the file, its dictionary, and what must be said of its figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

from maillage.core.places.models import TerritoryKind
from maillage.rooms.observatory.actions_indicators import LoadOptions
from maillage.rooms.observatory.indicators_columns import DIRECTIONS, NATURES, ROLES, ColumnPlan

MAX_BYTES = 20_000_000
MOST_COLUMNS = 120
REQUIRED = __("Ce champ est nécessaire.")
GENERATIONS = (
    ("", __("Sans objet")),
    ("2015", __("Quartiers de 2015 (codes QP…)")),
    ("2024", __("Quartiers de 2024 (codes QN…)")),
)
EDITABLE = ("role", "code", "label", "nature", "unit", "direction", "scale")


def _words(label: Any, limit: int, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, required=required, help_text=help_text,
        error_messages={"required": REQUIRED, "max_length": __("C’est trop long.")}, max_length=limit,
        widget=forms.TextInput(attrs={"maxlength": None}),
    )  # fmt: skip


class IndicatorFileForm(forms.Form):
    """A file of figures, and where they come from."""

    file = forms.FileField(
        label=__("Fichier de chiffres"),
        allow_empty_file=True,
        error_messages={"required": __("Choisissez un fichier.")},
        help_text=__(
            "CSV, Excel (.xlsx), LibreOffice (.ods), GeoJSON ou GeoPackage, un territoire par ligne. 20 Mo au plus."
        ),
    )
    dictionary = forms.FileField(
        label=__("Dictionnaire des colonnes"),
        required=False,
        allow_empty_file=True,
        help_text=__(
            "Un tableau qui dit ce que veut dire chaque colonne : code, libellé, unité. Il est souvent livré à part."
        ),
    )
    kind = forms.ChoiceField(label=__("Une ligne du fichier est"), choices=TerritoryKind.choices, initial="qpv")
    generation = forms.ChoiceField(
        label=__("Liste des quartiers"),
        choices=GENERATIONS,
        required=False,
        help_text=__("Les quartiers de 2015 et de 2024 n’ont ni les mêmes codes ni les mêmes limites."),
    )
    vintage = forms.IntegerField(
        label=__("Année que décrivent les chiffres"),
        required=False,
        min_value=1900,
        error_messages={
            "invalid": __("Écrivez une année, par exemple 2017."),
            "min_value": __("Cette année n’est pas possible."),
        },
        help_text=__("Pas l’année de publication. Laissez vide si la source ne la dit pas ; ce sera dit partout."),
    )
    source = _words(
        __("Qui publie ces chiffres"), 300, help_text=__("Exemple : INSEE, estimations démographiques des QPV.")
    )
    source_url = forms.URLField(
        label=__("Adresse de la source"), required=False, assume_scheme="https",
        error_messages={"invalid": __("Cette adresse n’est pas comprise. Exemple : https://www.insee.fr")},
    )  # fmt: skip
    licence = _words(__("Licence"), 80, help_text=__("Exemples : Licence Ouverte 2.0, ODbL."))
    code_prefix = _words(
        __("Préfixe des codes"), 20, required=False,
        help_text=__("Pour que « pop » de deux sources ne se confondent pas. Exemple : insee."),
    )  # fmt: skip
    create_territories = forms.BooleanField(
        label=__("Créer les territoires que cette installation ne connaît pas encore"), required=False
    )

    def clean_file(self) -> UploadedFile[Any] | None:
        """Refuses what is too large before it is read."""
        return _small_enough(self.cleaned_data["file"])

    def clean_dictionary(self) -> UploadedFile[Any] | None:
        """Refuses what is too large before it is read."""
        return _small_enough(self.cleaned_data["dictionary"])

    def clean_vintage(self) -> int:
        """A year that has been, or 0 when it is not said."""
        year: int | None = self.cleaned_data["vintage"]
        if year is not None and year > timezone.localdate().year + 1:
            raise forms.ValidationError(_("Cette année n’est pas encore venue."))
        return year or 0

    def clean(self) -> dict[str, Any]:
        """A generation goes with QPV, and only with them."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("kind") == "qpv" and not data.get("generation"):
            self.add_error("generation", _("Dites de quelle liste de quartiers il s’agit."))
        if data.get("kind") != "qpv":
            data["generation"] = ""
        return data

    def options(self) -> LoadOptions:
        """What the person said, as the load takes it."""
        names = ("kind", "generation", "vintage", "source", "licence", "source_url", "create_territories")
        said = {name: self.cleaned_data[name] for name in names}
        return LoadOptions(**said, prefix=self.cleaned_data["code_prefix"])


def _small_enough(file: UploadedFile[Any] | None) -> UploadedFile[Any] | None:
    if file is not None and (file.size or 0) > MAX_BYTES:
        raise forms.ValidationError(
            _("Ce fichier dépasse 20 Mo. Chargez-le avec la commande « maillage intake indicators ».")
        )
    return file


def corrections(posted: Mapping[str, Any], plans: tuple[ColumnPlan, ...]) -> dict[str, dict[str, str]]:
    """What the person changed: {column: {role, code, label…}}; a choice that does not exist is left out."""
    allowed = {"role": ROLES, "nature": NATURES, "direction": DIRECTIONS, "scale": ("", "1", "100")}
    limits = {"code": 60, "label": 160, "unit": 40}
    found: dict[str, dict[str, str]] = {}
    for place, plan in enumerate(plans[:MOST_COLUMNS]):
        given = {}
        for name in EDITABLE:
            value = posted.get(f"{name}-{place}")
            if value is None or (name in allowed and value not in allowed[name]):
                continue
            given[name] = " ".join(str(value).split())[: limits.get(name, 20)]
        found[plan.name] = given
    return found


def role_choices() -> list[tuple[str, str]]:
    """What a column may be, in words."""
    return [
        ("indicator", _("un indicateur")), ("code", _("le code du territoire")), ("name", _("le nom du territoire")),
        ("commune", _("le nom de la commune")), ("vintage", _("l’année")),
        ("low", _("la borne basse de l’indicateur de ce code")), ("high", _("la borne haute de l’indicateur de ce code")),
        ("ignored", _("rien : ne pas charger")),
    ]  # fmt: skip


def scale_choices() -> list[tuple[str, str]]:
    """How percentages are written."""
    return [("", _("deviné")), ("1", _("de 0 à 1")), ("100", _("de 0 à 100"))]
