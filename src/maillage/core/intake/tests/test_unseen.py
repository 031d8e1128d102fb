"""Directories in shapes that nobody announced, made up after what services really send: what the guess makes of them."""
# ruff: noqa: E501 (tables stand here line by line, as services send them)

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from maillage.core.intake.inspection import inspected
from maillage.core.intake.listing import Listing, Plan, joined_address
from maillage.core.intake.mapping import checked, guessed, mapping_of
from maillage.core.intake.tables.opening import opened
from maillage.core.intake.tables.tests.files import made

EPN = """Type EPN;Dénomination EPN;N° et voie;Compl. adr.;CP Ville;Tél. accueil;Mél accueil;Hor. lun;Hor. mar;Hor. mer;X_L93;Y_L93
Municipal;EPN de Belleroche;12 rue des Écoles;Bât. B;69400 Villefranche;04-74-00-00-01;e@exemple.fr;9h-12h;Fermé;;838954,12;6544321,5
Associatif;Cyber-base du Val;3 pl. du Marché;;69220 Belleville;0474000002;;fermé;9h-12h;9h-12h;837001,3;6558776,9
Municipal;Médiathèque;45 av. de la Gare;;69170 Tarare;04 74 00 00 03;;;14h-18h;10h-18h;816500,0;6534000,0
"""
CAF = """num_dossier,lib_structure,nature_equipement,gestionnaire_nom,adr_num,adr_voie,adr_cp,adr_commune,code_insee_com,contact_telephone,contact_mel,horaires_semaine,lat_wgs84,lng_wgs84
CAF-69-0001,Centre social Les Alizés,Centre social,Ville de Bron,12,rue de la Paix,69500,BRON,69029,0478000001,a@exemple.fr,Lun-Ven 9h-12h,45.7331,4.9122
CAF-69-0002,EVS La Passerelle,Espace de vie sociale,Asso,3 bis,allée des Acacias,69120,VAULX EN VELIN,69256,0478000002,,,45.7781,4.9188
CAF-69-0003,Ludothèque,Ludothèque,Asso,,place Sathonay,69001,LYON 1ER,69381,0478000003,,Mer-Sam 10h-18h,45.7690,4.8300
"""
AIRTABLE = """\ufeffName,Notes,Assignee,Attachments,Address,Lat/Lng,Phone number,Website URL,Tags,Last modified time
Repair Café,Le samedi,Léa D.,a.jpg (https://exemple.org/x.jpg),"8 place X, 69004 Lyon","45.7745, 4.8318",+33 4 78 00 00 10,https://exemple.org/rc,"Réparation,Vélo",2024-05-01 10:22
La Recyclerie,,Léa D.,,"12 rue Y, 69007 Lyon","45.7512, 4.8431",04 78 00 00 11,exemple.org/recy,Réemploi,2024-04-11 09:00
"""
GRIST = """Organisation name,What they do,Target audience,Street address,Post code,Town,GPS,Telephone,Web page,Opening times,Company number,Updated on
Emmaüs,Digital help,Everyone,9 rue X,69003,Lyon,"45.75,4.84",04 78 00 00 30,https://exemple.org,Tue 14:00-17:00,732 829 320 00074,12/05/2024
Secours,Food,Families,11 rue W,69100,Villeurbanne,"45.77,4.88",04 78 00 00 32,,,,10/05/2024
"""
OVERPASS = {
    "version": 0.6,
    "elements": [
        {"type": "node", "id": 7, "lat": 45.75, "lon": 4.85, "tags": {
            "name": "Bibliothèque", "addr:housenumber": "30", "addr:street": "boulevard V", "addr:postcode": "69003",
            "addr:city": "Lyon", "contact:phone": "+33 4 78 62 18 00", "opening_hours": "Tu-Fr 10:00-19:00"}},
        {"type": "way", "id": 7, "center": {"lat": 45.76, "lon": 4.86}, "nodes": [1, 2], "tags": {"name": "Fablab"}},
    ],
}  # fmt: skip
EQUIPMENT = {
    "total_count": 2,
    "results": [
        {"nom_equip": "Gymnase", "type_equip": "Gymnase", "adresse_equip": "1 rue A", "cp_equip": "69008",
         "com_equip": "Lyon", "tel_equip": "04 78 00 00 40",
         "geo_shape": {"type": "Feature", "geometry": {"type": "Point", "coordinates": [4.86, 45.73]}, "properties": {}}},
        {"nom_equip": "Piscine", "type_equip": "Piscine", "adresse_equip": "2 rue B", "cp_equip": "69009",
         "com_equip": "Lyon", "tel_equip": None, "geo_shape": None},
    ],
}  # fmt: skip
RECORDS = {
    "nhits": 2,
    "records": [
        {"recordid": "a1", "fields": {"nom_du_lieu": "Mairie annexe", "voie": "2 rue C", "code_postal": "69008",
                                      "ville": "Lyon", "coordonnees_geo": [45.73, 4.86]},
         "geometry": {"type": "Point", "coordinates": [4.86, 45.73]}},
        {"recordid": "a2", "fields": {"nom_du_lieu": "Maison", "ville": "Lyon"},
         "geometry": {"type": "Point", "coordinates": [4.84, 45.74]}},
    ],
    "facet_groups": [{"name": "ville", "facets": [{"name": "Lyon", "count": 2}, {"name": "Bron", "count": 1}]}],
}  # fmt: skip
NESTED = {"data": {"structures": [
    {"identite": {"nom": "Une", "siret": "73282932000074"},
     "localisation": {"adresse": "1 rue A", "codePostal": "69001", "commune": "Lyon",
                      "position": {"type": "Point", "coordinates": [4.83, 45.77]}},
     "contacts": {"telephones": ["0478000060"], "courriels": ["a@exemple.fr"]}},
    {"identite": {"nom": "Deux"}, "localisation": {"commune": "Lyon", "position": {"type": "Point", "coordinates": []}}},
]}}  # fmt: skip


def first_of(folder: Path, content: Any) -> tuple[Listing, dict[str, str]]:
    """The first row as the guess alone reads it, and what each column was taken for."""
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    with opened(made(folder, text)) as table:
        mapping = checked(mapping_of(guessed(inspected(table))))
        return Plan(mapping).read(next(iter(table.rows())))[0], mapping.columns


CASES: dict[str, tuple[Any, dict[str, Any]]] = {
    "a département's list of EPN": (EPN, {
        "name": "EPN de Belleroche", "address": "12 rue des Écoles, Bât. B", "postcode": "69400", "city": "Villefranche",
        "phone": "+33474000001", "email": "e@exemple.fr", "lon": 4.7951, "lat": 45.9844,
        "hours": "Mo 09:00-12:00; Tu off"}),
    "a list of the CAF": (CAF, {
        "name": "Centre social Les Alizés", "external_id": "CAF-69-0001", "operator": "Ville de Bron",
        "address": "12 rue de la Paix", "postcode": "69500", "city": "BRON", "commune_code": "69029",
        "phone": "+33478000001", "lon": 4.9122, "hours": "Mo-Fr 09:00-12:00"}),
    "an Airtable export": (AIRTABLE, {
        "name": "Repair Café", "description": "Le samedi", "address": "8 place X", "postcode": "69004", "city": "Lyon",
        "phone": "+33478000010", "website": "https://exemple.org/rc", "themes": ["Réparation", "Vélo"], "lat": 45.7745,
        "date": "2024-05-01"}),
    "a Grist table in English": (GRIST, {
        "name": "Emmaüs", "description": "Digital help", "publics": ["Everyone"], "postcode": "69003", "city": "Lyon",
        "siret": "73282932000074", "lon": 4.84, "website": "https://exemple.org", "hours_text": "Tue 14:00-17:00",
        "date": "2024-05-12"}),
    "an answer of Overpass": (OVERPASS, {
        "name": "Bibliothèque", "external_id": "node/7", "address": "30 boulevard V", "postcode": "69003",
        "phone": "+33478621800", "hours": "Tu-Fr 10:00-19:00", "lon": 4.85, "services": []}),
    "columns that all end alike": (EQUIPMENT, {
        "name": "Gymnase", "address": "1 rue A", "postcode": "69008", "city": "Lyon", "phone": "+33478000040",
        "lon": 4.86, "services": []}),
    "records with fields": (RECORDS, {
        "name": "Mairie annexe", "external_id": "a1", "address": "2 rue C", "postcode": "69008", "city": "Lyon",
        "lon": 4.86, "lat": 45.73}),
    "records deep inside": (NESTED, {
        "name": "Une", "siret": "73282932000074", "address": "1 rue A", "postcode": "69001", "city": "Lyon", "lat": 45.77,
        "phone": "+33478000060", "email": "a@exemple.fr"}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_first_row_is_understood_without_anybody_s_help(tmp_path: Path, case: str) -> None:
    content, expected = CASES[case]
    listing, columns = first_of(tmp_path, content)
    found = {name: getattr(listing, name) for name in expected}
    rounded = {name: round(value, 4) if isinstance(value, float) else value for name, value in found.items()}
    assert rounded == expected, columns


def test_ways_of_openstreetmap_have_their_own_number_and_a_point(tmp_path: Path) -> None:
    with opened(made(tmp_path, json.dumps(OVERPASS))) as table:
        way = list(table.rows())[1].cells
    assert (way["id"], way["lat"], way["lon"]) == ("way/7", "45.76", "4.86") and "type" not in way


def test_persons_and_pictures_are_left_out(tmp_path: Path) -> None:
    _listing, columns = first_of(tmp_path, AIRTABLE)
    assert columns["Assignee"] == columns["Attachments"] == "ignored"


@pytest.mark.parametrize(
    ("parts", "line"),
    [(["30", "rue A"], "30 rue A"), (["3 bis", "rue A", "Bât. B"], "3 bis rue A, Bât. B"), (["rue A"], "rue A"),
     (["12 rue A", "12 rue A"], "12 rue A"), ([], "")],
)  # fmt: skip
def test_the_parts_of_an_address_are_joined(parts: list[str], line: str) -> None:
    assert joined_address(parts) == line
