"""Forms of the reliefs: a record of what was searched, the groups of a grouping, the reason of a change."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

from maillage.core.moderation.texts import cleaned, cleaned_line
from maillage.core.places.queries import communes_named, territory_names
from maillage.core.web import glossary
from maillage.rooms.observatory.reliefs.coverage import BASES, FRANCE, GRAINS, PLAIN_FIELDS, Search, Sought
from maillage.rooms.observatory.reliefs.dimensions import DIMENSIONS, FACETS, GROUPS, value_label
from maillage.rooms.observatory.reliefs.rules import Rule

MISSING = __("Cette réponse manque.")
WHEN = r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?"
LAST_PAGE = 9999
NO_GROUP = "aucun"
# What a search may have gone by; where something lies is told by its territories.
SEARCHABLE = tuple(code for code in FACETS if code != "in_qpv")


class Words(forms.CharField):
    """Text typed by a person: made harmless, never cut; too long is said."""

    def __init__(self, *, limit: int, lines: int = 0, **options: Any) -> None:
        self.limit, self.lines = limit, lines
        widget = forms.Textarea(attrs={"rows": lines}) if lines else forms.TextInput()
        super().__init__(widget=widget, error_messages={"required": MISSING}, strip=False, **options)

    def to_python(self, value: Any) -> str:
        """Cleaned, then judged by its length."""
        text = (cleaned if self.lines else cleaned_line)(str(value or ""))
        if len(text) > self.limit:
            raise forms.ValidationError(
                _("Ce texte est trop long : au plus %(limit)s caractères. Il est gardé ci-dessous : raccourcissez-le."),
                params={"limit": self.limit},
            )
        return text


class CoverageForm(forms.Form):
    """Who searched what, where, when, how, with which limits."""

    title = Words(label=__("Nom de la recherche"), limit=160)
    who = Words(label=__("Qui a cherché"), limit=200, help_text=__("Un organisme, pas le nom d’une personne."))
    began_on = Words(label=__("Début"), limit=10, required=False, help_text=__("Exemples : 2017, 2017-09, 2017-09-12."))
    ended_on = Words(label=__("Fin"), limit=10, required=False)
    how = Words(
        label=__("Comment"), limit=4000, lines=5, help_text=__("Où l’on a regardé, avec quels mots, auprès de qui.")
    )
    limits = Words(
        label=__("Limites"), limit=4000, lines=5, required=False,
        help_text=__("Ce qui n’a pas pu être vu, ce qui a été laissé de côté."),
    )  # fmt: skip
    grain = forms.ChoiceField(label=__("Jusqu’où la recherche est allée"), error_messages={"required": MISSING})
    territories = Words(
        label=__("Territoires regardés"), limit=4000, lines=4,
        help_text=__("Un par ligne : « france », le nom d’une commune, ou un code comme epci:200046977."),
    )  # fmt: skip
    excluded = Words(label=__("Territoires laissés de côté"), limit=4000, lines=2, required=False)
    towns_only = forms.BooleanField(
        label=__("Seulement les communes qui ont un quartier prioritaire ou de veille active"), required=False
    )
    source_text = Words(label=__("D’où on le sait"), limit=300, required=False)
    source_url = Words(label=__("Adresse de cette source"), limit=500, required=False)
    pages = Words(label=__("Pages"), limit=200, required=False, help_text=__("Exemple : 57, 58."))
    reason = Words(label=__("Pourquoi ce changement"), limit=300, help_text=__("Une phrase, visible de tous."))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        grain: Any = self.fields["grain"]
        grain.choices = [(code, _(label)) for code, label in GRAINS.items()]
        for code in SEARCHABLE:
            label = DIMENSIONS[code].label
            self.fields[f"basis_{code}"] = forms.ChoiceField(
                label=_("%(dimension)s : comment ?") % {"dimension": label}, required=False,
                choices=[("", _("Pas regardé")), *((base, _(word)) for base, word in BASES.items())],
            )  # fmt: skip
            self.fields[f"values_{code}"] = forms.MultipleChoiceField(
                label=_("%(dimension)s : lesquels ?") % {"dimension": label}, required=False,
                choices=list(glossary.labels(code).items()), widget=forms.CheckboxSelectMultiple,
            )  # fmt: skip

    def dimension_fields(self) -> list[tuple[str, Any, Any]]:
        """The label and the two fields of each dimension, for the page."""
        return [(DIMENSIONS[code].label, self[f"basis_{code}"], self[f"values_{code}"]) for code in SEARCHABLE]

    def main_fields(self) -> list[Any]:
        """The other fields, in order."""
        names = [name for name in self.fields if not name.startswith(("basis_", "values_")) and name != "reason"]
        return [self[name] for name in names]

    def clean_began_on(self) -> str:
        """A year, a month or a day."""
        return _when(self.cleaned_data["began_on"])

    def clean_ended_on(self) -> str:
        """A year, a month or a day."""
        return _when(self.cleaned_data["ended_on"])

    def clean_source_url(self) -> str:
        """An address of the web."""
        text: str = self.cleaned_data["source_url"]
        if text:
            try:
                URLValidator(schemes=["http", "https"])(text)
            except forms.ValidationError:
                raise forms.ValidationError(
                    _("Cette adresse n’est pas comprise. Exemple : https://exemple.fr.")
                ) from None
        return text

    def clean_pages(self) -> tuple[int, ...]:
        """Numbers, apart by commas or spaces."""
        words = re.split(r"[,;\s]+", self.cleaned_data["pages"].strip(", ;"))
        numbers = [int(word) for word in words if word.isascii() and word.isdigit() and 0 < int(word[:6]) <= LAST_PAGE]
        if len(numbers) < len([word for word in words if word]):
            raise forms.ValidationError(_("Écrivez des numéros de page. Exemple : 57, 58."))
        return tuple(dict.fromkeys(numbers))

    def clean_territories(self) -> tuple[str, ...]:
        """Territories that are loaded, or France."""
        return territories_typed(self.cleaned_data["territories"])

    def clean_excluded(self) -> tuple[str, ...]:
        """Territories that are loaded."""
        return territories_typed(self.cleaned_data["excluded"])

    def clean(self) -> dict[str, Any]:
        """The dates in order; a dimension with its values or without any."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        begun, ended = data.get("began_on"), data.get("ended_on")
        if begun and ended and ended < begun[: len(ended)]:
            self.add_error("ended_on", _("La fin vient avant le début."))
        for code in SEARCHABLE:
            if data.get(f"basis_{code}") and not data.get(f"values_{code}"):
                self.add_error(f"values_{code}", _("Cochez au moins une réponse, ou choisissez « Pas regardé »."))
        return data

    def search(self, code: str = "") -> Search:
        """The record that was typed."""
        data = self.cleaned_data
        return Search(
            code=code,
            territories=data["territories"],
            excluded=data["excluded"],
            pages=data["pages"],
            dimensions={
                one: Sought(data[f"basis_{one}"], tuple(data[f"values_{one}"]))
                for one in sorted(SEARCHABLE)
                if data[f"basis_{one}"]
            },
            **{name: data[name] for name in PLAIN_FIELDS},
        )


def initial_of(search: Search) -> dict[str, Any]:
    """What the form shows of a record."""
    shown: dict[str, Any] = {name: getattr(search, name) for name in PLAIN_FIELDS}
    shown |= {"territories": "\n".join(search.territories), "excluded": "\n".join(search.excluded)}
    shown["pages"] = ", ".join(map(str, search.pages))
    for code, sought in search.dimensions.items():
        shown |= {f"basis_{code}": sought.basis, f"values_{code}": list(sought.values)}
    return shown


def _when(text: str) -> str:
    if text and not re.fullmatch(WHEN, text):
        raise forms.ValidationError(_("Écrivez une année, un mois ou un jour. Exemples : 2017, 2017-09, 2017-09-12."))
    return text


def territories_typed(text: str) -> tuple[str, ...]:
    """Lines as references; names of communes become codes. Raises ValidationError naming the lines not understood."""
    lines = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    references = [line for line in lines if line.count(":") == 1]
    loaded = territory_names(references) if references else {}
    found, strange = [], []
    for line in lines:
        if line.casefold() == FRANCE:
            found.append(FRANCE)
        elif line in loaded:
            found.append(line)
        elif ":" not in line and (codes := communes_named([line])):
            found.append(_reference_of(codes[0]))
        else:
            strange.append(line)
    if strange:
        raise forms.ValidationError(
            _("Ces lignes ne sont pas des territoires connus : %(lines)s."), params={"lines": ", ".join(strange)}
        )
    return tuple(dict.fromkeys(found))


def _reference_of(code: str) -> str:
    """A code of the gazetteer is that of a commune or of an arrondissement."""
    known = territory_names([f"arrondissement:{code}"])
    return next(iter(known), f"commune:{code}")


class RulesForm(forms.Form):
    """The group of each value of one grouping, and why it changes."""

    reason = Words(label=__("Pourquoi ce changement"), limit=300, help_text=__("Une phrase, visible de tous."))

    def __init__(self, grouping: str, rules: Iterable[Rule], data: QueryDict | None = None) -> None:
        super().__init__(data, prefix=grouping)
        choices = [(NO_GROUP, _("Aucun groupe")), *((code, _(label)) for code, label in GROUPS[grouping].items())]
        self.values = [one.value for one in rules]
        base = DIMENSIONS[grouping].base
        for one in rules:
            self.fields[f"value_{one.value}"] = forms.ChoiceField(
                label=value_label(base, one.value), choices=choices, initial=one.group or NO_GROUP
            )

    def groups(self) -> dict[str, str]:
        """Value → group, as chosen."""
        chosen = {value: self.cleaned_data[f"value_{value}"] for value in self.values}
        return {value: "" if group == NO_GROUP else group for value, group in chosen.items()}

    def value_fields(self) -> list[Any]:
        """The fields of the values."""
        return [self[f"value_{value}"] for value in self.values]


class ReasonForm(forms.Form):
    """Why something is taken out, put back or reset."""

    reason = Words(label=__("Pourquoi ce changement"), limit=300, help_text=__("Une phrase, visible de tous."))
