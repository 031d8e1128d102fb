from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.kernels.matching.records import (
    Record,
    commune_key,
    features_of,
    natures_in,
    phone_of,
    plain_words,
    siret_of,
    towns_of,
)


def name_of(name: str, commune: str = "") -> str:
    return features_of(Record("1", "a", name, commune=commune)).name


@pytest.mark.parametrize(
    "one, other, commune",
    [
        ("Centre Communal d'Action Sociale de Vénissieux", "C.C.A.S. VENISSIEUX", "Vénissieux"),
        ("COMMUNE DE LUXEY", "Mairie de Luxey", "Luxey"),
        ("M.J.C. Saint-Donat", "Maison des jeunes et de la culture St Donat", "Lyon"),
        ("Espace France Services - Lavaur", "Maison France Services de Lavaur", "Lavaur"),
        ("Association L’Œil écouté", "ASSO L'OEIL ECOUTE", "Écully"),
        ("Maison Départementale des Solidarités Vaucanson", "MDS Vaucanson", "Clermont-Ferrand"),
        ("CC du Ternois", "Communauté de communes du Ternois", "Saint-Pol"),
    ],
)
def test_two_ways_of_writing_one_name(one: str, other: str, commune: str) -> None:
    assert name_of(one, commune) == name_of(other, commune)


def test_a_name_that_is_only_the_town_keeps_it() -> None:
    assert name_of("Rouge", "Rougé") == "rouge"
    assert name_of("", "Lyon") == ""


def test_the_town_is_dropped_where_only_the_postcode_tells_it() -> None:
    with_town = Record("1", "a", "Mairie", postcode="69200", commune="Vénissieux")
    without = Record("2", "b", "Mairie de Vénissieux", postcode="69200")
    towns = towns_of([with_town, without])
    assert features_of(without, towns).name == "mairie"
    assert features_of(without).name == "mairie venissieux"


def test_natures_are_read_from_names() -> None:
    found = features_of(Record("1", "a", "Bibliothèque municipale et CCAS")).natures
    assert set(natures_in(found)) == {"mediatheque", "ccas"}


@pytest.mark.parametrize(
    "address, number, street",
    [
        ("36 Bd Edouard Herriot, 69800 Saint-Priest", "36", "edouard herriot"),
        ("12 bis rue de la République", "12", "republique"),
        ("5-9 Rue des Papetiers", "5", "papetiers"),
        ("3B RUE DES DEPORTES", "3", "deportes"),
        ("Place de la Mairie", "", "mairie"),
        ("RUE DU 8 MAI 1945", "8", "mai 1945"),  # read as a house number: so it is in every file, and harmless
        ("", "", ""),
    ],
)
def test_number_and_street(address: str, number: str, street: str) -> None:
    found = features_of(Record("1", "a", "x", address=address))
    assert (found.number, found.street) == (number, street)


@pytest.mark.parametrize(
    "text, digits",
    [("04 72 00 00 01", "472000001"), ("+33472000001", "472000001"), ("0033 4 72 00 00 01", "472000001"),
     ("39 60", ""), ("", ""), ("0000000000", "")],
)  # fmt: skip
def test_a_telephone_with_or_without_country(text: str, digits: str) -> None:
    assert phone_of(text) == digits


def test_a_siret_must_pass_the_check_of_the_register() -> None:
    assert siret_of("732 829 320 00074") == "73282932000074"
    assert siret_of("73282932000075") == ""
    assert siret_of("00000000000000") == siret_of("1") == ""
    assert siret_of("35600000015375") == "35600000015375"  # La Poste, by its own rule


def test_a_spreadsheet_that_ate_the_zero_of_a_postcode() -> None:
    found = features_of(Record("1", "a", "x", postcode="7330"))
    assert (found.postcode, found.departement) == ("07330", "07")


def test_communes_without_delivery_numbers() -> None:
    assert commune_key(Record("1", "a", "x", commune="PARIS CEDEX 11")) == "paris"
    assert commune_key(Record("1", "a", "x", commune="Lyon 3e")) == "lyon"
    assert commune_key(Record("1", "a", "x", commune="La Mure")) == "mure"


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=30), st.text(max_size=30))
def test_any_text_gives_features(name: str, address: str, phone: str, website: str) -> None:
    found = features_of(Record("1", "a", name, address, phone=phone, siret=phone, email=website, website=website))
    assert all(word.isalnum() and word.isascii() for word in found.name.split())
    assert plain_words(plain_words(name)) == plain_words(name)
