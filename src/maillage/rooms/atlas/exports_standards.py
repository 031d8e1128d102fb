"""Entries in the two national vocabularies: which of them qualify, what is written, why the others do not.

Nothing is invented: a field that the atlas does not know stays empty, and what is deduced from our own classification
(the kinds of help) is deduced by the short tables below, which the export page shows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from maillage.core.exports import data_inclusion
from maillage.core.exports import lieux_mediation as lmn
from maillage.core.places.hours import is_valid
from maillage.core.web.wording import telephone_digits
from maillage.rooms.atlas.exports import Located, located, sheet_address
from maillage.rooms.atlas.models import Entry, Place

PRODUCER = "maillage"
_POSTCODE_IN_ADDRESS = re.compile(r"(?<!\d)(\d{5})(?!\d)\s+\D")

# Our digital means → kinds of help of the standard. A means that is not in the table says nothing of help to people.
MEDIATION_SERVICES: Mapping[str, str] = {
    "public_access": lmn.ACCESS,
    "connectivity": lmn.ACCESS,
    "workshop": lmn.BASICS,
    "fablab": lmn.CREATION,
    "equipment": lmn.ACCESS,
}
# A theme adds a kind of help only where people are helped on the spot (public computers, workshops).
MEDIATION_BY_THEME: Mapping[str, str] = {"rights": lmn.PAPERS, "employment": lmn.WORK, "culture": lmn.CREATION}
HELPING_MEANS = frozenset({"public_access", "workshop"})
MEDIATION_PUBLICS: Mapping[str, str] = {
    "young_people": "Jeunes", "students": "Étudiants", "families": "Familles et/ou enfants",
    "children": "Familles et/ou enfants", "elderly": "Seniors", "women": "Femmes",
}  # fmt: skip

# Housing and mobility are not here: the schema only has themes finer than what we know.
INCLUSION_THEMES: Mapping[str, str] = {
    "rights": "difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-aux-droits",
    "citizenship": "remobilisation--benevolat-action-citoyenne",
    "training": "numerique--maitriser-les-fondamentaux-du-numerique",
    "employment": "preparer-sa-candidature--organiser-ses-demarches-de-recherche-demploi",
    "business": "creer-une-entreprise--definir-son-projet-de-creation-dentreprise",
    "culture": "remobilisation--activites-sportives-et-culturelles",
}
INCLUSION_PUBLICS: Mapping[str, str] = {
    "jobseekers": "demandeurs-emploi", "young_people": "jeunes", "families": "familles", "women": "femmes",
    "elderly": "seniors", "migrants": "personnes-exilees", "students": "etudiants", "employees": "actifs",
    "disabled": "personnes-en-situation-de-handicap",
}  # fmt: skip
OFFERED_KINDS = frozenset({"initiative", "place", "network", "programme", "organisation"})

NO_PLACE = noop("aucun lieu connu")
NOT_RUNNING = noop("arrêté ou seulement annoncé")
NO_ADDRESS = noop("pas d’adresse")
NO_POSTCODE = noop("pas de code postal sûr")
NO_COMMUNE = noop("pas de commune")
NOT_MEDIATION = noop("ni ordinateurs en libre accès, ni atelier, ni matériel, ni atelier de fabrication")
NOT_A_SERVICE = noop("outil ou événement, pas un service rendu dans un lieu")
REFUSED = noop("refusé par le schéma")

Postcodes = Mapping[str, list[str]]


@dataclass(frozen=True)
class Sorted:
    """How the entries of a question stand towards a standard: each is counted once."""

    total: int
    qualifying: int
    lines: int
    reasons: tuple[tuple[str, int], ...]


def postcode_of(place: Place, postcodes: Postcodes) -> str:
    """The postcode stated, else the one written in the address, else that of a commune which has only one."""
    if lmn.is_postcode(place.postcode):
        return place.postcode
    if found := _POSTCODE_IN_ADDRESS.search(place.address):
        return found[1]
    known = postcodes.get(place.commune_code, [])
    return known[0] if len(known) == 1 else ""


def street_of(place: Place) -> str:
    """The address without the postcode and commune that a source wrote at its end."""
    street = _POSTCODE_IN_ADDRESS.split(place.address)[0].strip(" ,–-") if place.address else ""
    return street.removesuffix(place.commune).rstrip(" ,–-") if place.commune else street


def place_name(row: Located) -> str:
    """What is written on the door: the name of the place, or that of the entry where the place has none of its own."""
    label = row.place.label.strip() if row.place else ""
    return row.entry.name if row.place is None or label in {"", row.place.commune} else label


def mediation_services(entry: Entry) -> tuple[str, ...]:
    """The kinds of digital help of an entry, deduced by the tables above."""
    found = [MEDIATION_SERVICES[means] for means in entry.digital_means if means in MEDIATION_SERVICES]
    if HELPING_MEANS & set(entry.digital_means):
        found += [MEDIATION_BY_THEME[theme] for theme in entry.themes if theme in MEDIATION_BY_THEME]
    return tuple(dict.fromkeys(found))


def mediation_fault(row: Located, postcodes: Postcodes) -> str:
    """Why a place is no line of "lieux de médiation numérique", "" when it is one."""
    entry, place = row.entry, row.place
    if place is None:
        return NO_PLACE
    if entry.status in {"closed", "planned"}:
        return NOT_RUNNING
    if not mediation_services(entry):
        return NOT_MEDIATION
    if not street_of(place):
        return NO_ADDRESS
    if not place.commune:
        return NO_COMMUNE
    return "" if postcode_of(place, postcodes) else NO_POSTCODE


def mediation_place(row: Located, postcodes: Postcodes) -> lmn.MediationPlace | None:
    """The line of a place that qualifies, otherwise None."""
    entry, place = row.entry, row.place
    if place is None or mediation_fault(row, postcodes):
        return None
    phone = lmn.telephone(telephone_digits(place.phone)) if place.phone else ""
    access = [*(["Téléphoner"] if phone else []), *(["Contacter par mail"] if place.email else [])]
    publics = [MEDIATION_PUBLICS[one] for one in entry.publics if one in MEDIATION_PUBLICS]
    exact = place.precision in {"address", "street"}
    return lmn.MediationPlace(
        id=_identifier(row),
        nom=place_name(row),
        commune=place.commune,
        code_postal=postcode_of(place, postcodes),
        adresse=street_of(place),
        date_maj=entry.modified_at.date(),
        code_insee=lmn.commune_code(place.commune_code),
        latitude=place.lat if exact else None,
        longitude=place.lon if exact else None,
        telephone=phone,
        courriels=place.email,
        site_web=place.website,
        horaires=place.opening_hours if is_valid(place.opening_hours) else "",
        presentation_resume=entry.summary[: lmn.LONGEST_SUMMARY],
        presentation_detail=entry.description,
        source="; ".join(filter(None, [entry.source.name, place.source_text])),
        structure_parente=entry.operator or (entry.name if place_name(row) != entry.name else ""),
        services=mediation_services(entry),
        # "Tout le monde" beside other publics: the place is open to all, so no public is exclusive.
        publics_specifiquement_adresses=() if "everyone" in entry.publics else tuple(dict.fromkeys(publics)),
        modalites_acces=tuple(access),
        modalites_accompagnement=("Dans un atelier collectif",) if "workshop" in entry.digital_means else (),
    )


def mediation_places(entries: Iterable[Entry], postcodes: Postcodes) -> Iterator[lmn.MediationPlace]:
    """The lines of the file."""
    for row in located(entries):
        if (line := mediation_place(row, postcodes)) is not None:
            yield line


def place_identifier(entry_id: int, rank: int) -> str:
    """The number of a place in the file, with the name of this site: another site has an entry of the same number."""
    return f"{PRODUCER}-{slugify(urlsplit(settings.SITE_ADDRESS).netloc.replace('.', '-').replace(':', '-'))}-{entry_id}-{rank}"


def _identifier(row: Located) -> str:
    return place_identifier(row.entry.pk, row.place.position + 1 if row.place else 0)


def inclusion_fault(row: Located) -> str:
    """Why a place is neither structure nor service of data·inclusion, "" when it is."""
    entry, place = row.entry, row.place
    if place is None:
        return NO_PLACE
    if entry.status in {"closed", "planned"}:
        return NOT_RUNNING
    if entry.kind not in OFFERED_KINDS:
        return NOT_A_SERVICE
    return "" if place.commune else NO_COMMUNE


def inclusion_pair(row: Located, postcodes: Postcodes) -> tuple[Mapping[str, object], Mapping[str, object]] | None:
    """The structure and its service for one place that qualifies; None otherwise, also when the schema refuses them."""
    if row.place is None or inclusion_fault(row):
        return None
    common = _inclusion_common(row, row.place, postcodes)
    structure = data_inclusion.structure(
        common
        | {
            "nom": data_inclusion.short_name(place_name(row)),
            "site_web": row.place.website,
            "description": row.entry.summary,
        }
    )
    service = data_inclusion.service(
        common | _service_fields(row.entry) | {"structure_id": common["id"], "id": f"{common['id']}-service"}
    )
    if structure.record is None or service.record is None:
        return None
    return structure.record, service.record


def _inclusion_common(row: Located, place: Place, postcodes: Postcodes) -> dict[str, object]:
    exact = place.precision in {"address", "street"}
    return {
        "source": PRODUCER,
        "id": f"{PRODUCER}--{row.entry.pk}-{place.position + 1}",
        "date_maj": row.entry.modified_at.date(),
        "lien_source": sheet_address(row.entry),
        "commune": place.commune,
        "code_postal": postcode_of(place, postcodes),
        "code_insee": place.commune_code,
        "adresse": street_of(place),
        "longitude": place.lon if exact else None,
        "latitude": place.lat if exact else None,
        "telephone": telephone_digits(place.phone) if place.phone else "",
        "courriel": place.email,
        "horaires_accueil": place.opening_hours if is_valid(place.opening_hours) else "",
    }


def _service_fields(entry: Entry) -> dict[str, object]:
    publics = {INCLUSION_PUBLICS[one] for one in entry.publics if one in INCLUSION_PUBLICS}
    return {
        "nom": data_inclusion.short_name(entry.name),
        "description": entry.description or entry.summary,
        "thematiques": {INCLUSION_THEMES[theme] for theme in entry.themes if theme in INCLUSION_THEMES},
        "publics": {"tous-publics"} if "everyone" in entry.publics else publics,
        "type": "atelier" if "workshop" in entry.digital_means else None,
        "modes_accueil": {"en-presentiel"} if entry.mediation in {"accompanied", "central"} else None,
    }


def sorted_for_mediation(entries: Iterable[Entry], postcodes: Postcodes) -> Sorted:
    """How many entries qualify for "lieux de médiation numérique", and why the others do not."""
    return _sorted(entries, lambda row: mediation_fault(row, postcodes))


def sorted_for_inclusion(entries: Iterable[Entry], postcodes: Postcodes) -> Sorted:
    """How many entries qualify for data·inclusion, and why the others do not."""

    def fault(row: Located) -> str:
        return inclusion_fault(row) or ("" if inclusion_pair(row, postcodes) else REFUSED)

    return _sorted(entries, fault)


def _sorted(entries: Iterable[Entry], fault: Callable[[Located], str]) -> Sorted:
    """An entry qualifies when one of its places does; otherwise it counts for the reason of its first place."""
    total = qualifying = lines = 0
    reasons: Counter[str] = Counter()
    for entry in entries:
        faults = [fault(row) for row in located([entry])]
        total += 1
        lines += faults.count("")
        if "" in faults:
            qualifying += 1
        else:
            reasons[faults[0]] += 1
    return Sorted(total, qualifying, lines, tuple((_(reason), count) for reason, count in reasons.most_common()))
