"""Guessing what columns mean: headings, values, both, and schemas that nobody has seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from maillage.core.errors import Invalid
from maillage.core.intake.identity import identities_of
from maillage.core.intake.inspection import inspected
from maillage.core.intake.listing import Listing, Plan, Refused
from maillage.core.intake.mapping import Guess, Mapping, checked, guessed, mapping_from, mapping_of
from maillage.core.intake.tables.model import Row
from maillage.core.intake.tables.opening import opened
from maillage.core.intake.tables.tests.files import made


def guesses(folder: Path, text: str) -> dict[str, Guess]:
    with opened(made(folder, text)) as table:
        return {one.column: one for one in guessed(inspected(table))}


def fields(folder: Path, text: str) -> dict[str, str]:
    return {name: one.field for name, one in guesses(folder, text).items()}


def test_headings_with_stars_accents_and_brackets(tmp_path: Path) -> None:
    text = (
        "Nom du lieu ou de la structure *;ADRESSE POSTALE *;Code Postal;Ville *;Tél.;E-mail;"
        "bf_latitude;bf_longitude;Horaires d'ouverture\n"
        "MJC;1 rue Paul;69001;Lyon;04 72 00 00 01;a@b.fr;45.76;4.83;lundi 9h-12h\n"
    )
    assert list(fields(tmp_path, text).values()) == [
        "name",
        "address",
        "postcode",
        "city",
        "phone",
        "email",
        "lat",
        "lon",
        "hours",
    ]


def test_values_alone_are_enough_for_what_has_a_shape(tmp_path: Path) -> None:
    rows = "".join(
        f"Maison numéro {n};0{n}7200000{n};contact{n}@exemple.fr;https://exemple{n}.fr;4,{n}35659;45,{n}64043;7328293200007{n}\n"
        for n in range(1, 6)
    )
    found = fields(tmp_path, f"aa;bb;cc;dd;ee;ff;gg\n{rows}")
    assert found == {
        "aa": "name",
        "bb": "phone",
        "cc": "email",
        "dd": "website",
        "ee": "lon",
        "ff": "lat",
        "gg": "siret",
    }


def test_english_and_openstreetmap_headings(tmp_path: Path) -> None:
    text = "name,addr:housenumber,addr:street,addr:postcode,addr:city,contact:phone,opening_hours,website\n"
    text += "MJC,1,rue Paul,69001,Lyon,+33472000102,Mo 09:00-12:00,https://a.fr\n"
    assert list(fields(tmp_path, text).values()) == [
        "name",
        "address",
        "address",
        "postcode",
        "city",
        "phone",
        "hours",
        "website",
    ]


def test_a_heading_that_its_values_contradict_is_less_sure(tmp_path: Path) -> None:
    good = "nom;telephone\n" + "".join(f"MJC {n};04720000{n:02}\n" for n in range(9))
    bad = "nom;telephone\n" + "".join(f"MJC {n};demander à l’accueil n{n}\n" for n in range(9))
    assert guesses(tmp_path, good)["telephone"].confidence > 0.9
    assert guesses(tmp_path, bad)["telephone"].field == "extra"


def test_persons_technical_and_empty_columns_are_not_taken(tmp_path: Path) -> None:
    text = "nom;prénom du référent;objectid;vide;tarif\n" + "".join(f"MJC {n};Anne {n};{n};;{n} €\n" for n in range(9))
    found = guesses(tmp_path, text)
    assert {name: one.field for name, one in found.items()} == {
        "nom": "name",
        "prénom du référent": "ignored",
        "objectid": "ignored",
        "vide": "ignored",
        "tarif": "extra",
    }
    assert "personne" in found["prénom du référent"].reason


def test_a_mapping_that_cannot_work_says_why() -> None:
    with pytest.raises(Invalid, match="nom"):
        checked(Mapping({"a": "phone"}))
    with pytest.raises(Invalid, match="vont ensemble"):
        checked(Mapping({"a": "name", "b": "lon"}))
    with pytest.raises(Invalid) as fault:
        checked(Mapping({"a": "name", "b": "postcode", "c": "postcode"}))
    assert list(fault.value.fields) == ["c"]
    assert mapping_from({"a": "name", "b": "a meaning of another age"}).columns["b"] == "ignored"


def read(cells: dict[str, str], **meanings: str) -> Listing:
    return Plan(Mapping({name: meanings.get(name, name) for name in cells})).read(Row(7, cells))[0]


def test_a_row_without_name_is_refused_with_its_column() -> None:
    with pytest.raises(Refused) as fault:
        read({"name": " ", "city": "Lyon"})
    assert (fault.value.refusal.number, fault.value.refusal.column) == (7, "name")


def test_an_impossible_point_refuses_the_row_only_when_nothing_else_says_where() -> None:
    with pytest.raises(Refused, match="rien d’autre"):
        read({"name": "MJC", "lon": "400", "lat": "95"})
    kept = read({"name": "MJC", "lon": "400", "lat": "95", "city": "Lyon"})
    assert kept.lon is None and kept.city == "Lyon"


def test_nothing_of_use_is_dropped() -> None:
    found = read({"name": "MJC", "phone": "voir le site", "email": "a@b.fr, c@d.fr", "prix": "12 €"}, prix="extra")
    assert dict(found.extras) == {"phone": "voir le site", "email": "c@d.fr", "prix": "12 €"}


def test_a_telephone_in_the_place_of_the_site_is_moved() -> None:
    found = read({"name": "MJC", "website": "04.76.98.49.27"})
    assert found.phone == "+33476984927" and not found.website and not found.extras


def rows(*cells: dict[str, str]) -> list[Row]:
    return [Row(number, one) for number, one in enumerate(cells, start=2)]


def identify(*cells: dict[str, str], mode: str = "") -> list[str]:
    names = Mapping({name: name for one in cells for name in one})
    identities = identities_of(rows(*cells), names, mode)
    return [identities.of(row).external_id for row in rows(*cells)]


def test_identifiers_declared_or_made_from_what_is_said() -> None:
    assert identify({"external_id": "12 345", "name": "a"}, {"external_id": "6", "name": "b"}) == ["12 345", "6"]
    first = identify({"name": "MJC", "address": "1 rue Paul"}, {"name": "CSC", "address": "1 rue Paul"})
    again = identify({"name": "CSC", "address": "1, Rue  PAUL"}, {"name": "MJC", "address": "1 rue Paul"})
    assert first == again[::-1] and len(set(first)) == 2


def test_numbers_that_collide_between_providers_are_read_with_their_provider() -> None:
    one = {"external_id": "1", "name": "a", "address": "x", "source_name": "A"}
    two = {"external_id": "1", "name": "b", "address": "y", "source_name": "B"}
    assert identify(one, two) == ["A:1", "B:1"]
    assert identify(one, mode="source_id") == ["A:1"]


def test_a_number_given_to_several_places_is_told_apart_by_what_they_say() -> None:
    found = identify(
        {"external_id": "1", "name": "a"}, {"external_id": "1", "name": "b"}, {"external_id": "1", "name": "a"}
    )
    assert found[0] == found[2] != found[1] and all(one.startswith("1~") for one in found)


def test_a_mapping_keeps_only_the_columns_of_the_table() -> None:
    saved = Mapping({"nom": "name", "ancienne": "phone"})
    assert saved.fitting(["nom", "nouvelle"]).columns == {"nom": "name"}
    assert mapping_of([Guess("a", "name", 1, "")]).of("name") == ["a"]
