"""The forms of an import: the file or its address; then what its columns mean and where it comes from."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

from maillage.core.errors import Invalid
from maillage.core.intake.fields import CHOICES, FIELDS
from maillage.core.intake.mapping import checked, mapping_from
from maillage.core.intake.models import Schedule, Source, Upload
from maillage.core.intake.tables.clean_codes import clean_date
from maillage.core.intake.tables.model import MAX_BYTES
from maillage.rooms.atlas.fields import Code, WebAddress, Words
from maillage.rooms.atlas.importing_own import SOURCE_CODE
from maillage.rooms.atlas.importing_queries import is_code_taken

NEW_SOURCE = "+"


class UploadForm(forms.Form):
    """A file, or the address of one."""

    file = forms.FileField(
        label=__("Fichier sur cet appareil"),
        required=False,
        allow_empty_file=True,
        help_text=__(
            "CSV, Excel (.xlsx), LibreOffice (.ods), JSON, GeoJSON, GeoPackage, KML, KMZ, GPX, carte uMap, "
            "ou l’un d’eux dans un .zip. 200 Mo au plus."
        ),
    )
    url = WebAddress(
        label=__("Ou son adresse sur internet"),
        required=False,
        help_text=__("L’adresse du fichier lui-même, pas de la page qui le présente."),
    )

    def clean_file(self) -> UploadedFile[Any] | None:
        """Refuses what is too large before it is read."""
        file: UploadedFile[Any] | None = self.cleaned_data["file"]
        if file is not None and (file.size or 0) > MAX_BYTES:
            raise forms.ValidationError(_("Ce fichier dépasse 200 Mo. Coupez-le en plusieurs fichiers."))
        return file

    def clean(self) -> dict[str, Any]:
        """One of the two."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not data.get("file") and not data.get("url"):
            self.add_error("file", _("Choisissez un fichier, ou écrivez une adresse."))
        return data


class ImportForm(forms.Form):
    """Where the data come from, and how they are to be taken."""

    source_code = forms.ChoiceField(label=__("Source"))
    source_name = Words(
        label=__("Son nom, si elle est nouvelle"),
        limit=200,
        required=False,
        help_text=__("Qui publie ces données, en quelques mots. Exemple : Annuaire des EPN de la Métropole de Lyon."),
    )
    licence = Words(
        label=__("Licence"),
        limit=80,
        required=False,
        help_text=__("Affichée sur chaque fiche. Exemples : Licence Ouverte 2.0, ODbL."),
    )
    published_on = Words(
        label=__("Date des données"), limit=30, required=False, help_text=__("Exemples : 2024-05, 12/05/2024.")
    )
    kind = Code("kind", label=__("Ces lignes sont"), initial="place")
    hides_absent = forms.BooleanField(
        label=__("Masquer les fiches de cette source qui ne sont plus dans le fichier"), required=False
    )
    schedule = forms.ChoiceField(label=__("Relire cette adresse"), choices=Schedule.choices, required=False)
    save_as = Words(
        label=__("Enregistrer cette correspondance sous le nom"),
        limit=160,
        required=False,
        help_text=__(
            "Elle servira pour d’autres fichiers qui ont les mêmes colonnes. Celle de la source est gardée de toute façon."
        ),
    )

    def __init__(self, upload: Upload, sources: list[Source], data: QueryDict | None = None) -> None:
        self.upload = upload
        kept = {name: value for name, value in upload.choices.items() if name != "source_code"}
        super().__init__(data, initial={**_initial(upload, sources), **kept})
        self.fields["source_code"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            (NEW_SOURCE, _("Une nouvelle source")),
            *((one.code, one.name) for one in sources),
        ]
        if not upload.url:
            del self.fields["schedule"]

    def clean_published_on(self) -> str:
        """A date at the precision known."""
        text: str = self.cleaned_data["published_on"]
        done = clean_date(text)
        if text and not done.value:
            raise forms.ValidationError(_("Cette date n’est pas comprise. Exemples : 2024, 2024-05, 12/05/2024."))
        return done.value

    def clean(self) -> dict[str, Any]:
        """A new source has a name."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("source_code") == NEW_SOURCE:
            if not data.get("source_name"):
                self.add_error("source_name", _("Donnez un nom à cette source, ou choisissez-la dans la liste."))
            data["source_code"] = slugify(data.get("source_name", ""))[:80] or "import"
            if upload_is_own := bool(self.upload.inspection.get("is_own")):
                data["source_code"] = SOURCE_CODE
            if is_code_taken(data["source_code"]) and not upload_is_own:
                self.add_error(
                    "source_name",
                    _("Une source porte déjà ce nom : choisissez-la dans la liste, ou nommez celle-ci autrement."),
                )
        else:
            data["source_name"] = ""
        return data


def _initial(upload: Upload, sources: list[Source]) -> dict[str, Any]:
    """What the source already says, where it is known."""
    code = upload.choices.get("source_code", "")
    found = next((one for one in sources if one.code == code), None)
    if found is None:
        return {"kind": "place", "source_code": NEW_SOURCE}
    return {
        "source_code": found.code,
        "licence": found.licence,
        "published_on": found.published_on,
        "schedule": found.schedule,
        "hides_absent": found.hides_absent,
        "kind": found.mapping.get("kind", "place"),
    }


def meanings() -> list[tuple[str, str]]:
    """What a column may mean, for its list of choices."""
    return [(field.code, str(field.label)) for field in FIELDS] + [(code, str(label)) for code, label in CHOICES]


def columns_from(data: QueryDict, upload: Upload) -> dict[str, str]:
    """The meaning chosen for each column; one that was not sent keeps what it had."""
    before = dict(upload.choices.get("columns", {}))
    shown = upload.inspection.get("columns", [])
    return before | {one["name"]: data.get(f"column-{place}", one["field"]) for place, one in enumerate(shown)}


def columns_fault(columns: dict[str, str]) -> Invalid | None:
    """Why these meanings cannot work together, None when they can."""
    try:
        checked(mapping_from(columns))
    except Invalid as fault:
        return fault
    return None
