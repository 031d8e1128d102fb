"""The entries of a question as tables and records for files: nothing is left out, rows out = rows of the list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from maillage.core.exports.json_files import Position
from maillage.core.exports.tables import Cell, Column
from maillage.core.web import glossary
from maillage.core.web.wording import telephone_digits, telephone_text
from maillage.rooms.atlas.models import Entry, Place

SEPARATOR = " | "


@dataclass(frozen=True)
class Located:
    """An entry at one of its places; without place where it has none."""

    entry: Entry
    place: Place | None

    @property
    def position(self) -> Position | None:
        """Where it is, when known."""
        place = self.place
        if place is None or place.lon is None or place.lat is None:
            return None
        return Position(place.lon, place.lat)


def located(entries: Iterable[Entry]) -> Iterator[Located]:
    """One line per place, and one for each entry that has none."""
    for entry in entries:
        places = list(entry.places.all())
        yield from (Located(entry, place) for place in places)
        if not places:
            yield Located(entry, None)


def sheet_address(entry: Entry) -> str:
    """Full address of the sheet."""
    return f"{settings.SITE_ADDRESS}{reverse('atlas:sheet', args=[entry.pk, entry.slug])}"


def readable_telephone(raw: str) -> str:
    """The number as people read it, with plain spaces: no spreadsheet takes it for a number or a sum."""
    return (
        telephone_text(raw).replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ") if raw else ""
    )


def _words(facet: str, values: Sequence[str]) -> str:
    return SEPARATOR.join(glossary.label(facet, value) for value in values if value)


def _pages(row: Mapping[str, Any]) -> str:
    return f" (p. {row['page']})" if row.get("page") else ""


def _date_line(row: Mapping[str, Any]) -> str:
    until = f"/{row['until']}" if row.get("until") else ""
    return f"{row.get('when', '')}{until} : {row.get('label', '')}{_pages(row)}"


def _figure_line(row: Mapping[str, Any]) -> str:
    about = _("environ ") if row.get("approximate") else ""
    as_of = f" ({row['as_of']})" if row.get("as_of") else ""
    return f"{row.get('label', '')} : {about}{row.get('value', ''):g} {row.get('unit', '')}{as_of}{_pages(row)}"


def _funding_line(row: Mapping[str, Any]) -> str:
    amount = f" : {row['amount_eur']:.0f} €" if row.get("amount_eur") is not None else ""
    note = f" ({row['note']})" if row.get("note") else ""
    return f"{row.get('source', '')}{amount}{note}{_pages(row)}"


def _actor_line(row: Mapping[str, Any]) -> str:
    details = [
        glossary.label("actor_kind", str(row.get("kind", ""))),
        str(row.get("role", "")),
        str(row.get("note", "")),
    ]
    return f"{row.get('name', '')} ({', '.join(part for part in details if part)})"


def _link_line(row: Mapping[str, Any]) -> str:
    return f"{row.get('label', '')} : {row.get('url', '')}{_pages(row)}"


def _correction_line(row: Mapping[str, Any]) -> str:
    said, right = row.get("study_says", ""), row.get("correction", "")
    words = _("%(field)s — l’étude dit « %(said)s »%(pages)s, lire : %(right)s (%(source)s)")
    return words % {
        "field": row.get("field", ""), "said": said, "pages": _pages(row), "right": right, "source": row.get("source", ""),
    }  # fmt: skip


def _place_line(place: Place) -> str:
    parts = [place.label, place.address, f"{place.postcode} {place.commune}".strip(), readable_telephone(place.phone)]
    return ", ".join(dict.fromkeys(part for part in parts if part))


def _lines(rows: Sequence[Any], line: Callable[[Any], str]) -> str:
    return SEPARATOR.join(line(row) for row in rows)


def _facet(key: str, label: str, name: str, facet: str, *, many: bool) -> list[Column[Entry]]:
    """A classified field twice: in words for people, in codes for programs."""

    def values(entry: Entry) -> list[str]:
        found = getattr(entry, name)
        return list(found) if many else [found]

    return [
        Column(key, label, lambda entry: _words(facet, values(entry))),
        Column(
            f"{key}_codes",
            _("%(label)s (codes)") % {"label": label},
            lambda entry: SEPARATOR.join(filter(None, values(entry))),
        ),
    ]


def identity_columns() -> list[Column[Entry]]:
    """What names an entry and says what it is."""
    return [
        Column("id", _("Numéro"), lambda entry: entry.pk, is_number=True),
        Column("nom", _("Nom"), lambda entry: entry.name),
        Column("resume", _("En une phrase"), lambda entry: entry.summary),
        *_facet("nature", _("Nature"), "kind", "kind", many=False),
        *_facet("themes", _("Thèmes"), "themes", "theme", many=True),
        *_facet("etat", _("État"), "status", "status", many=False),
        Column("etat_constate", _("État constaté en"), lambda entry: entry.status_as_of),
    ]


def detail_columns() -> list[Column[Entry]]:
    """Every other field of an entry."""
    return [
        Column("etat_raison", _("Raison de l’arrêt"), lambda entry: entry.status_reason),
        Column("fin", _("Fin"), lambda entry: entry.ended_on),
        Column("description", _("Description"), lambda entry: entry.description),
        Column("autres_noms", _("Autres noms"), lambda entry: SEPARATOR.join(entry.other_names)),
        Column("nom_dans_etude", _("Nom dans l’étude"), lambda entry: entry.name_in_study),
        Column("operateur", _("Qui s’en occupe"), lambda entry: entry.operator),
        Column("acteurs", _("Acteurs"), lambda entry: _lines(entry.actors, _actor_line)),
        *_facet("types_acteurs", _("Qui agit"), "actor_kinds", "actor_kind", many=True),
        *_facet("publics", _("Pour qui"), "publics", "public", many=True),
        *_facet("moyens", _("Moyens numériques"), "digital_means", "digital_means", many=True),
        *_facet("presence_humaine", _("Présence humaine"), "mediation", "mediation", many=False),
        *_facet("innovation", _("Forme d’innovation"), "innovation_kinds", "innovation_kind", many=True),
        *_facet("image_ville", _("Image de la ville"), "city_figures", "city_figure", many=True),
        *_facet("equipement_service", _("Équipement ou service"), "service_nature", "service_nature", many=False),
        *_facet("echelle", _("Lyon ou ailleurs"), "scale", "scale", many=False),
        *_facet("quartier_prioritaire", _("Quartier prioritaire"), "in_qpv", "in_qpv", many=True),
        Column("territoires", _("Territoires"), lambda entry: SEPARATOR.join(entry.territories)),
        Column("etendue", _("Étendue"), lambda entry: entry.area_text),
        Column("dates", _("Dates"), lambda entry: _lines(entry.dates, _date_line)),
        Column("chiffres", _("Chiffres"), lambda entry: _lines(entry.figures, _figure_line)),
        Column("financements", _("Financements"), lambda entry: _lines(entry.funding, _funding_line)),
        Column("liens", _("Liens"), lambda entry: _lines(entry.links, _link_line)),
        Column("corrections", _("Corrections"), lambda entry: _lines(entry.corrections, _correction_line)),
        Column("pages_etude", _("Pages de l’étude"), lambda entry: SEPARATOR.join(map(str, entry.study_pages))),
        Column("fait_partie_de", _("Fait partie de"), lambda entry: entry.part_of),
        Column("fiches_liees", _("Fiches liées"), lambda entry: SEPARATOR.join(entry.related)),
        Column("langue", _("Langue"), lambda entry: entry.language),
    ]


def origin_columns() -> list[Column[Entry]]:
    """Where an entry comes from, under which licence, and when it changed."""
    return [
        Column("source", _("Source"), lambda entry: entry.source.name),
        Column("source_identifiant", _("Identifiant dans la source"), lambda entry: entry.external_id),
        Column("source_date", _("Date de la source"), lambda entry: entry.source.published_on),
        Column("source_licence", _("Licence de la source"), lambda entry: entry.source.licence),
        Column("ajoute_le", _("Ajoutée le"), lambda entry: entry.created_at),
        Column("modifie_le", _("Modifiée le"), lambda entry: entry.modified_at),
        Column("confirme_le", _("Confirmée le"), lambda entry: entry.confirmed_on),
        Column("version", _("Version"), lambda entry: entry.version, is_number=True),
        Column("fiche", _("Adresse de la fiche"), sheet_address),
    ]


def _of_place(read: Callable[[Place], Cell]) -> Callable[[Located], Cell]:
    return lambda row: None if row.place is None else read(row.place)


def place_columns() -> list[Column[Located]]:
    """What is known of one place."""
    made: list[tuple[str, str, Callable[[Place], Cell]]] = [
        ("lieu", _("Lieu"), lambda place: place.label),
        ("adresse", _("Adresse"), lambda place: place.address),
        ("code_postal", _("Code postal"), lambda place: place.postcode),
        ("commune", _("Commune"), lambda place: place.commune),
        ("code_commune", _("Code de la commune"), lambda place: place.commune_code),
        ("quartier", _("Quartier"), lambda place: place.quarter),
        ("departement", _("Département"), lambda place: place.departement),
        ("precision", _("Précision de l’emplacement"), lambda place: _words("precision", [place.precision])),
        ("obtention", _("Comment l’emplacement est connu"), lambda place: place.obtained),
        ("qpv", _("Quartier prioritaire (calculé)"), lambda place: _words("in_qpv", [place.in_qpv])),
        ("qpv_code", _("Code du quartier prioritaire"), lambda place: place.qpv_code),
        (
            "qpv_selon_source",
            _("Quartier prioritaire selon la source"),
            lambda place: _words("in_qpv", [place.in_qpv_as_stated]),
        ),
        ("telephone", _("Téléphone"), lambda place: readable_telephone(place.phone)),
        (
            "telephone_international",
            _("Téléphone (tel:)"),
            lambda place: f"tel:{telephone_digits(place.phone)}" if place.phone else "",
        ),
        ("courriel", _("Courriel"), lambda place: place.email),
        ("site", _("Site internet"), lambda place: place.website),
        ("horaires", _("Horaires"), lambda place: place.opening_hours_text),
        ("horaires_osm", _("Horaires (format OpenStreetMap)"), lambda place: place.opening_hours),
        ("lieu_source", _("Source du lieu"), lambda place: place.source_text),
        ("lieu_source_date", _("Date de la source du lieu"), lambda place: place.source_on),
    ]
    numbers: list[Column[Located]] = [
        Column("lieu_rang", _("Rang du lieu"), _of_place(lambda place: place.position + 1), is_number=True),
        Column("longitude", _("Longitude"), _of_place(lambda place: place.lon), is_number=True),
        Column("latitude", _("Latitude"), _of_place(lambda place: place.lat), is_number=True),
    ]
    return [*numbers, *(Column(key, label, _of_place(read)) for key, label, read in made)]


def _first_place(column: Column[Located]) -> Column[Entry]:
    def value(entry: Entry) -> Cell:
        return column.value(Located(entry, next(iter(entry.places.all()), None)))

    return Column(column.key, column.label, value, column.is_number)


def _of_entry(column: Column[Entry]) -> Column[Located]:
    return Column(column.key, column.label, lambda row: column.value(row.entry), column.is_number)


def entry_columns() -> list[Column[Entry]]:
    """One line per entry: everything known of it, its first place in columns and all of them in one cell."""
    places: list[Column[Entry]] = [
        Column("lieux_nombre", _("Nombre de lieux"), lambda entry: len(entry.places.all()), is_number=True),
        Column("lieux", _("Tous les lieux"), lambda entry: _lines(list(entry.places.all()), _place_line)),
    ]
    first = [_first_place(column) for column in place_columns() if column.key != "lieu_rang"]
    return [*identity_columns(), *first, *places, *detail_columns(), *origin_columns()]


def located_columns() -> list[Column[Located]]:
    """One line per place: the place, and everything known of its entry."""
    return [
        *(_of_entry(column) for column in identity_columns()),
        *place_columns(),
        *(_of_entry(column) for column in [*detail_columns(), *origin_columns()]),
    ]


_PLACE_FIELDS = (
    "label", "address", "postcode", "quarter", "commune", "commune_code", "departement", "lon", "lat", "precision",
    "obtained", "in_qpv", "in_qpv_as_stated", "qpv_code", "phone", "email", "website", "opening_hours",
    "opening_hours_text", "source_text", "source_on",
)  # fmt: skip
_ENTRY_FIELDS = (
    "id", "external_id", "kind", "name", "other_names", "name_in_study", "summary", "description", "language", "themes",
    "scale", "actor_kinds", "publics", "digital_means", "innovation_kinds", "city_figures", "service_nature", "mediation",
    "status", "status_as_of", "status_reason", "ended_on", "in_qpv", "territories", "operator", "actors", "area_text",
    "dates", "figures", "funding", "links", "corrections", "related", "part_of", "study_pages", "version", "created_at",
    "modified_at", "confirmed_on",
)  # fmt: skip


def place_record(place: Place) -> dict[str, object]:
    """A place with every public field, under the names of the programming interface."""
    return {name: getattr(place, name) for name in _PLACE_FIELDS}


def entry_record(entry: Entry) -> dict[str, object]:
    """An entry with every public field, its places and its source: for programs, in codes."""
    source = entry.source
    return {
        **{name: getattr(entry, name) for name in _ENTRY_FIELDS},
        "url": sheet_address(entry),
        "source": {
            "code": source.code,
            "name": source.name,
            "licence": source.licence,
            "published_on": source.published_on,
            "url": source.url,
        },
        "places": [place_record(place) for place in entry.places.all()],
    }
