"""What may be proposed about an entry: the fields, their words, their limits; and a proposal as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from django.utils.translation import gettext as translate
from django.utils.translation import gettext_noop as _

from maillage.core.search.words import folded
from maillage.core.web import glossary

FieldKind = Literal["line", "text", "choice", "choices", "number"]
Value = Any  # what JSON holds: str, float, None, list of str


@dataclass(frozen=True)
class FieldSpec:
    """A field that people may propose to change; `label` is a msgid, `facet` the glossary's list of its values."""

    name: str
    label: str
    kind: FieldKind = "line"
    limit: int = 200
    facet: str = ""


ENTRY_FIELDS = (
    FieldSpec("name", _("Nom"), limit=200),
    FieldSpec("summary", _("En une phrase"), limit=240),
    FieldSpec("kind", _("Nature"), "choice", facet="kind"),
    FieldSpec("themes", _("Thèmes"), "choices", facet="theme"),
    FieldSpec("publics", _("Pour qui"), "choices", facet="public"),
    FieldSpec("operator", _("Qui s’en occupe"), limit=300),
    FieldSpec("status", _("État"), "choice", facet="status"),
    FieldSpec("status_reason", _("Raison de la fermeture"), "text", limit=1000),
    FieldSpec("description", _("Description"), "text", limit=8000),
)
PLACE_FIELDS = (
    FieldSpec("label", _("Nom du lieu"), limit=200),
    FieldSpec("address", _("Adresse"), limit=300),
    FieldSpec("postcode", _("Code postal"), limit=5),
    FieldSpec("commune", _("Commune"), limit=120),
    FieldSpec("commune_code", _("Code de la commune"), limit=5),
    FieldSpec("lon", _("Longitude"), "number"),
    FieldSpec("lat", _("Latitude"), "number"),
    FieldSpec("phone", _("Téléphone"), limit=30),
    FieldSpec("email", _("Adresse e-mail du lieu"), limit=254),
    FieldSpec("website", _("Site internet"), limit=400),
    FieldSpec("opening_hours_text", _("Horaires"), "text", limit=2000),
)
SPECS: Mapping[str, FieldSpec] = {f"entry.{one.name}": one for one in ENTRY_FIELDS} | {
    f"place.{one.name}": one for one in PLACE_FIELDS
}
MESSAGE_LIMIT = 4000
NAMES_OF_ENTRY = tuple(one.name for one in ENTRY_FIELDS)
NAMES_OF_PLACE = tuple(one.name for one in PLACE_FIELDS)

# Fields of a revision that nobody proposes, but whose change the history tells.
_OTHER_LABELS = {
    "other_names": _("Autres noms"), "name_in_study": _("Nom dans l’étude"), "scale": _("Lyon ou ailleurs"),
    "actor_kinds": _("Sortes d’acteurs"), "digital_means": _("Moyens numériques"),
    "innovation_kinds": _("Formes d’innovation"), "city_figures": _("Images de la ville"),
    "service_nature": _("Équipement ou service"), "mediation": _("Présence humaine"),
    "status_as_of": _("État constaté en"), "ended_on": _("Fin"), "actors": _("Acteurs"), "area_text": _("Étendue"),
    "dates": _("Dates"), "figures": _("Chiffres"), "funding": _("Financement"), "links": _("Liens"),
    "corrections": _("Corrections de l’étude"), "related": _("Liées"), "part_of": _("Fait partie de"),
    "study_pages": _("Pages de l’étude"), "is_published": _("Visible"), "merged_into": _("Fusionnée avec"),
    "confirmed_on": _("Confirmée le"), "places": _("Lieux"), "quarter": _("Quartier"), "departement": _("Département"),
    "precision": _("Précision de l’emplacement"), "obtained": _("Comment l’emplacement est connu"),
    "in_qpv_as_stated": _("Quartier prioritaire selon la source"), "opening_hours": _("Horaires (format OpenStreetMap)"),
    "source_text": _("Source"), "source_on": _("Date de la source"), "hidden_reason": _("Raison du masquage"),
}  # fmt: skip
_FACETS = {
    "actor_kinds": "actor_kind", "digital_means": "digital_means", "innovation_kinds": "innovation_kind",
    "city_figures": "city_figure", "service_nature": "service_nature", "mediation": "mediation", "scale": "scale",
    "precision": "precision", "in_qpv_as_stated": "in_qpv",
}  # fmt: skip


@dataclass(frozen=True)
class Proposal:
    """Proposed values by field; `before` holds what the person had before their eyes for the same fields."""

    entry: Mapping[str, Value] = field(default_factory=dict)
    place: Mapping[str, Value] = field(default_factory=dict)
    before_entry: Mapping[str, Value] = field(default_factory=dict)
    before_place: Mapping[str, Value] = field(default_factory=dict)
    place_position: int | None = None
    duplicate_of: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether no field would change."""
        return not self.entry and not self.place

    def as_payload(self) -> dict[str, Value]:
        """As kept in the table."""
        return {
            "entry": dict(self.entry),
            "place": dict(self.place),
            "before": {"entry": dict(self.before_entry), "place": dict(self.before_place)},
            "place_position": self.place_position,
            "duplicate_of": self.duplicate_of,
        }


def proposal_from(payload: Mapping[str, Value]) -> Proposal:
    """A proposal as read from the table."""
    before = payload.get("before") or {}
    return Proposal(
        entry=payload.get("entry") or {},
        place=payload.get("place") or {},
        before_entry=before.get("entry") or {},
        before_place=before.get("place") or {},
        place_position=payload.get("place_position"),
        duplicate_of=payload.get("duplicate_of"),
    )


def difference_between(
    base_entry: Mapping[str, Value], base_place: Mapping[str, Value], entry: Mapping[str, Value], place: Mapping[str, Value],
    *, place_position: int | None,
) -> Proposal:  # fmt: skip
    """The proposal that turns what the person saw into what they typed."""
    changed_entry = {name: value for name, value in entry.items() if not _same(base_entry.get(name), value)}
    changed_place = {name: value for name, value in place.items() if not _same(base_place.get(name), value)}
    if folded(str(place.get("commune") or "")) == folded(str(base_place.get("commune") or "")):
        changed_place.pop("commune", None)  # the gazetteer's capitals are no correction
    return Proposal(
        entry=changed_entry,
        place=changed_place,
        before_entry={name: base_entry.get(name) for name in changed_entry},
        before_place={name: base_place.get(name) for name in changed_place},
        place_position=place_position,
    )


def _same(one: Value, other: Value) -> bool:
    """Nothing is the same as an empty text; line ends and spaces around are no change; lists are sets."""
    if isinstance(one, list) or isinstance(other, list):
        return set(one or []) == set(other or [])
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) < 1e-7
    plain = ["" if value is None else str(value).replace("\r\n", "\n").strip() for value in (one, other)]
    return plain[0] == plain[1]


def label_of(name: str) -> str:
    """The word for a field of an entry or place, in the page's language."""
    for prefix in ("entry", "place"):
        if spec := SPECS.get(f"{prefix}.{name}"):
            return translate(spec.label)
    return translate(_OTHER_LABELS.get(name, name))


def words_of(name: str, value: Value) -> str:
    """A value as one reads it: labels for codes, one line per item of a list."""
    spec = SPECS.get(f"entry.{name}") or SPECS.get(f"place.{name}")
    facet = spec.facet if spec else _FACETS.get(name, "")
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return translate("oui") if value else translate("non")
    if isinstance(value, list):
        return "\n".join(_item_words(facet, item) for item in value)
    return glossary.label(facet, str(value)) if facet else str(value)


def _item_words(facet: str, item: Value) -> str:
    if isinstance(item, Mapping):
        return " · ".join(str(part) for part in item.values() if part not in (None, "", [], {}))
    return glossary.label(facet, str(item)) if facet else str(item)
