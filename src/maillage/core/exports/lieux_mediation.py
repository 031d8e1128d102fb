"""The French standard "Lieux de médiation numérique" 1.0.2: its columns, its closed lists, and what a row must hold.

https://github.com/LaMednum/standard-mediation-num, read in its table schema v1.0.2 of 2024-04-11.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import date

from maillage.core.exports.tables import Column

CONFORMS_TO = "https://github.com/LaMednum/standard-mediation-num/tree/v1.0.2"
# The standard wants a SIRET or RNA number for each place; fourteen zeros say that it is not known, and match no company.
UNKNOWN_PIVOT = "00000000000000"
LONGEST_SUMMARY = 280

ACCESS = "Accès internet et matériel informatique"
BASICS = "Maîtrise des outils numériques du quotidien"
PAPERS = "Aide aux démarches administratives"
WORK = "Insertion professionnelle via le numérique"
CREATION = "Loisirs et créations numériques"

_POSTCODE = re.compile(r"\d{5}")
_COMMUNE_CODE = re.compile(r"([013-9]\d|2[AB1-9])\d{3}")
_TELEPHONE = re.compile(r"\+(33|590|594|262|596|269|687|689|508|681)\d{6,9}")


@dataclass(frozen=True)
class MediationPlace:
    """One line of the file, in the order and with the names of the standard. Lists are joined by "|"."""

    id: str
    nom: str
    commune: str
    code_postal: str
    adresse: str
    date_maj: date
    pivot: str = UNKNOWN_PIVOT
    code_insee: str = ""
    latitude: float | None = None
    longitude: float | None = None
    telephone: str = ""
    courriels: str = ""
    site_web: str = ""
    horaires: str = ""
    presentation_resume: str = ""
    presentation_detail: str = ""
    source: str = ""
    itinerance: str = ""
    structure_parente: str = ""
    services: tuple[str, ...] = ()
    publics_specifiquement_adresses: tuple[str, ...] = ()
    modalites_acces: tuple[str, ...] = ()
    modalites_accompagnement: tuple[str, ...] = ()


_ORDER = (
    "id", "pivot", "nom", "commune", "code_postal", "code_insee", "adresse", "complement_adresse", "latitude", "longitude",
    "typologie", "telephone", "courriels", "site_web", "horaires", "presentation_resume", "presentation_detail", "source",
    "itinerance", "structure_parente", "date_maj", "services", "publics_specifiquement_adresses",
    "prise_en_charge_specifique", "frais_a_charge", "dispositif_programmes_nationaux", "formations_labels",
    "autres_formations_labels", "modalites_acces", "modalites_accompagnement", "fiche_acces_libre", "prise_rdv",
)  # fmt: skip
_KNOWN = frozenset(field.name for field in fields(MediationPlace))


def _cell(place: MediationPlace, name: str) -> str | float | date | None:
    if name not in _KNOWN:
        return None
    value = getattr(place, name)
    return "|".join(value) if isinstance(value, tuple) else value


def columns() -> list[Column[MediationPlace]]:
    """All columns of the standard, also those about which we know nothing."""
    return [Column(name, name, lambda place, name=name: _cell(place, name)) for name in _ORDER]  # type: ignore[misc]


def is_postcode(text: str) -> bool:
    """Whether the standard takes this postcode."""
    return bool(_POSTCODE.fullmatch(text))


def commune_code(text: str) -> str:
    """The INSEE code when the standard takes it, otherwise empty."""
    return text if _COMMUNE_CODE.fullmatch(text) else ""


def telephone(digits: str) -> str:
    """The number in the form of the standard, or empty: a short number such as 3646 has no place in it."""
    return digits if _TELEPHONE.fullmatch(digits) else ""
