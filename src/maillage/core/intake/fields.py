"""What a column of a directory of places may mean: the words its heading uses, and the shape its values have."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from maillage.core.intake.tables.clean_coordinates import clean_pair
from maillage.core.intake.tables.clean_hours import FRENCH_DAYS
from maillage.core.intake.tables.model import SHAPE_LAT, SHAPE_LON

EXTRA, IGNORED = "extra", "ignored"
Test = Callable[[str], bool]


@dataclass(frozen=True)
class Field:
    """A meaning. `words` are headings, folded; `test` recognises a value; `alone` is how far values alone convince."""

    code: str
    label: str | Promise
    words: tuple[str, ...]
    test: Test | None = None
    alone: float = 0.0
    many: bool = False


def _matches(pattern: str) -> Test:
    compiled = re.compile(pattern, re.IGNORECASE)
    return lambda text: compiled.fullmatch(text.strip()) is not None


def _phone(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    return (
        9 <= len(digits) <= 14
        and not re.search(r"[^\W\d_]{3,}", text)
        and bool(re.match(r"\s*(\+|00|0|[1-9]\d{8}$|\()", text))
    )


def _longitude(text: str) -> bool:
    return _in_range(text, -5.6, 9.8) or _in_range(text, -64, -51) or _in_range(text, 44, 56.5) or _in_metres(text)


def _latitude(text: str) -> bool:
    return _in_range(text, 41, 51.5) or _in_range(text, -21.6, -12) or _in_range(text, 1.9, 18.4) or _in_metres(text)


def _in_range(text: str, low: float, high: float) -> bool:
    plain = text.strip().replace(",", ".")
    return re.fullmatch(r"-?\d{1,3}\.\d{2,}", plain) is not None and low <= float(plain) <= high or "°" in text


def _in_metres(text: str) -> bool:
    return re.fullmatch(r"\d{6,7}([.,]\d+)?", re.sub(r"\s", "", text)) is not None


def _pair(text: str) -> bool:
    return len(text) < 200 and clean_pair(text).lon is not None


_HOURS = re.compile(r"\d\s*h\s*\d{0,2}|\d{1,2}:\d{2}|24/7|\b(?:Mo|Tu|We|Th|Fr|Sa)\b|(?i:sur rdv|rendez-vous|ferm)")
_SIRET = _matches(r"(?:\d[\s\u00a0\u202f]?){13,14}|\d{3}[\s\u00a0\u202f]?\d{3}[\s\u00a0\u202f]?\d{3}")

_DAY_LABELS = (_("Horaires du lundi"), _("Horaires du mardi"), _("Horaires du mercredi"), _("Horaires du jeudi"), _("Horaires du vendredi"),
               _("Horaires du samedi"), _("Horaires du dimanche"))  # fmt: skip
_ENGLISH_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _day_field(number: int) -> Field:
    day, english = FRENCH_DAYS[number], _ENGLISH_DAYS[number]
    words = (day, f"h {day}", f"horaires {day}", f"horaire {day}", f"horaires du {day}", f"ouverture {day}", english)
    return Field(f"hours_{number}", _DAY_LABELS[number], words, lambda text: bool(_HOURS.search(text)) or len(text) < 3)


_DAYS = tuple(_day_field(number) for number in range(7))


def _hours(text: str) -> bool:
    return _HOURS.search(text) is not None and not re.match(r"\s*(\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|\d{4}-\d\d-\d\d)", text)


FIELDS: tuple[Field, ...] = (
    Field("name", _("Nom"), ("nom", "name", "title", "titre", "libelle", "lib", "lib fs", "raison sociale", "denomination", "intitule",
                             "enseigne", "appellation", "nom de la structure", "nom structure", "nom du lieu", "structure", "lieu",
                             "etablissement", "nom etablissement", "designation", "label", "organisme", "tags name", "nom du service",
                             "nom lieu", "nom du lieu ou de la structure", "association", "nom de l association", "site name")),
    Field("summary", _("En une phrase"), ("presentation resume", "resume", "summary", "en une phrase", "accroche", "chapo", "chapeau",
                                         "description courte", "short description", "snippet", "sous titre")),
    Field("description", _("Description"), ("description", "desc", "presentation", "presentation detail", "description longue", "details",
                                           "detail", "texte", "informations diverses", "informations", "commentaire", "commentaires",
                                           "remarques", "observations", "notes", "objet", "missions", "cmt", "contenu", "precisions"),
          many=True),
    Field("themes", _("Thèmes"), ("themes", "theme", "themes codes", "thematique", "thematiques", "categorie", "categories", "domaine",
                                  "domaines", "secteur", "activite", "activites", "rubrique", "mots cles", "tags", "keywords"), many=True),
    Field("services", _("Services proposés"), ("services", "service", "offre", "offres", "prestations", "accompagnements",
                                              "types", "type de service", "moyens codes", "moyens numeriques", "a disposition",
                                              "equipements", "types d accompagnement proposes", "ateliers", "modalites accompagnement"),
          many=True),
    Field("publics", _("Publics"), ("publics", "public", "public cible", "publics accueillis", "publics specifiquement adresses", "profils",
                                    "pour qui", "publics codes", "beneficiaires", "usagers", "cible", "audience", "tranche d age",
                                    "prise en charge specifique"), many=True),
    Field("operator", _("Qui s’en occupe"), ("operateur", "structure parente", "gestionnaire", "structure porteuse", "porteur", "operator",
                                            "organisme gestionnaire", "maitre d ouvrage", "nom gestionnaire", "employeur", "portage")),
    Field("phone", _("Téléphone"), ("telephone", "tel", "phone", "numero de telephone", "telephones", "portable", "mobile", "contact tel",
                                    "tel fixe", "telephone international", "contact phone", "phonenumber", "n telephone", "num tel"),
          _phone, 0.75, many=True),
    Field("email", _("Adresse e-mail"), ("courriel", "courriels", "mail", "email", "e mail", "mel", "adresse mail", "adresse email",
                                         "adresse e mail", "adresse electronique", "contact mail", "contact email", "contact courriel"),
          _matches(r".*[^@\s]+@[^@\s]+\.\w+.*"), 0.8, many=True),
    Field("website", _("Site internet"), ("site web", "site", "site internet", "website", "web", "url", "lien", "link", "internet", "www",
                                          "adresse web", "page web", "lien site", "site url", "contact website"),
          _matches(r"(https?://|www\.)\S+.*|[\w-]+(\.[\w-]+)*\.(fr|com|org|net|eu|info)(/\S*)?"), 0.7, many=True),
    Field("address", _("Adresse"), ("adresse", "address", "adress", "adresse postale", "rue", "voie", "adresse 1", "adresse complete",
                                    "adresse 2", "numero voie", "numero de voie", "num voie", "numero et voie", "libelle voie", "type voie",
                                    "nom voie", "addr street", "addr housenumber", "street", "localisation", "lieu dit", "adresse1", "adresse2"),
          _matches(r"\d{1,4}\s*(?:bis|ter|[a-d])?,?\s+(?:rue|av|avenue|bd|boulevard|place|pl|chemin|route|allee|allée|impasse|quai|cours|r)\b.*"),
          0.6, many=True),
    Field("address_more", _("Complément d’adresse"), ("complement adresse", "complement d adresse", "complement", "batiment", "etage",
                                                     "complement de localisation"), many=True),
    Field("postcode", _("Code postal"), ("code postal", "cp", "postcode", "postal code", "zip", "zipcode", "codepostal", "code post",
                                        "addr postcode", "cod postal", "c p"),
          _matches(r"(?:f-?)?\d{2}\s?\d{3}(?:\.0)?(?:\s*cedex.*)?|\d{4}"), 0.5),
    Field("city", _("Commune"), ("commune", "ville", "city", "localite", "nom commune", "lib com", "libcom", "nom com", "libelle commune",
                                 "town", "addr city", "municipalite", "nom de la commune", "com nom", "acheminement", "bureau distributeur"),
          _matches(r"[^\W\d_][^\d@/]{1,60}(?:\s\d{1,2}(?:er|e)?)?(?:\s+cedex.*)?")),
    Field("commune_code", _("Code INSEE de la commune"), ("code insee", "insee", "insee com", "code commune", "codgeo", "com insee", "depcom",
                                                         "code insee commune", "citycode", "insee commune", "code de la commune", "codecommune"),
          _matches(r"(?:\d{4,5}|2[ab]\d{3})(?:\.0)?"), 0.3),
    Field("department", _("Département"), ("departement", "dept", "dep", "nom departement", "insee dep", "code departement", "num dep")),
    Field("lon", _("Longitude (ou X)"), (SHAPE_LON, "longitude", "lon", "lng", "long", "x", "coord x", "bf longitude", "geo x", "point x",
                                        "coordonnee x", "x lambert", "lambert x", "x l93", "coordx", "xlong", "geolocalisation longitude",
                                        "x wgs84", "x lambert 93", "coordonnees x", "lon wgs84"), _longitude, 0.6),
    Field("lat", _("Latitude (ou Y)"), (SHAPE_LAT, "latitude", "lat", "y", "coord y", "bf latitude", "geo y", "point y", "coordonnee y",
                                       "y lambert", "lambert y", "y l93", "coordy", "ylat", "geolocalisation latitude", "y wgs84",
                                       "y lambert 93", "coordonnees y", "lat wgs84"), _latitude, 0.6),
    Field("position", _("Les deux coordonnées ensemble"), ("geo point 2d", "geo point", "coordonnees", "coordonnees gps", "gps", "geom",
                                                          "wkt", "the geom", "geometry", "latlon", "lat lon", "latlng", "geolocalisation",
                                                          "geoloc", "coordonnees geographiques", "position", "geopoint", "coord"), _pair, 0.8),
    Field("siret", _("SIRET ou SIREN"), ("siret", "siren", "pivot", "numero siret", "n siret", "num siret", "code siret", "siret siege"),
          _SIRET, 0.7),
    Field("hours", _("Horaires (toute la semaine)"), ("horaires", "horaire", "horaires ouverture", "horaires d ouverture", "opening hours",
                                                     "heures d ouverture", "horaires accueil", "horaires d accueil", "horaires osm",
                                                     "jours et horaires", "ouverture", "hours", "horaires format openstreetmap"),
          _hours, 0.6, many=True),
    *_DAYS,
    Field("external_id", _("Identifiant dans la source"), ("id", "identifiant", "uid", "uuid", "ref", "reference", "recordid", "identifiant unique",
                                                          "source identifiant", "id structure", "id lieu", "id service", "identifier", "id fs", "cle",
                                                          "numero d enregistrement", "code structure", "id unique")),
    Field("source_name", _("Fournisseur de la fiche"), ("source", "fournisseur", "producteur", "provenance", "origine")),
    Field("date", _("Date de la fiche"), ("date maj", "date mise a jour", "date de mise a jour", "maj", "mise a jour", "derniere mise a jour", "updated",
                                         "updated at", "date modification", "last update", "modified", "datetime latest", "date de modification",
                                         "modifie le", "date"), _matches(r"\d{4}-\d\d-\d\d.*|\d{1,2}[/.-]\d{1,2}[/.-]\d{4}.*"), 0.0),
)  # fmt: skip
BY_CODE = {field.code: field for field in FIELDS}
CHOICES: tuple[tuple[str, str | Promise], ...] = (
    (EXTRA, _("Autre information (gardée dans la description)")),
    (IGNORED, _("Ne pas reprendre")),
)
# Headings of columns that say nothing of a place, and those that name a person: a directory of places does not need them.
TECHNICAL = frozenset({"fid", "objectid", "gid", "ogc fid", "geometry name", "globalid", "datetime create", "created", "created at", "region",
                       "ligne", "colonne", "raison", "country", "pays", "licence", "license", "geometry type", "bbox", "symbol", "sym", "styleurl",
                       "score qualite", "dep nom", "date creation", "nom region", "code region", "etat", "statut", "status", "doublons"})  # fmt: skip
PERSONAL = ("prenom", "nom du responsable", "responsable", "contact nom", "nom contact", "nom du contact", "civilite", "directeur", "directrice",
            "referent", "president", "nom prenom", "nom et prenom", "personne contact", "interlocuteur", "contact public")  # fmt: skip
TECHNICAL_STARTS = ("politique de confidentialite", "licence des donnees", "_umap", "datetime")
