"""What people type finds what they mean."""

from __future__ import annotations

import pytest

from maillage.core.places.actions import Alias
from maillage.core.places.gazetteer import form_of, places_named
from maillage.core.places.tests.makers import square, territory

pytestmark = pytest.mark.django_db


@pytest.fixture
def _around_lyon() -> None:
    shape = square(-500, -500, 500, 500)
    here = {"parent_codes": ["departement:69"], "quality": "simplified", "tolerance_m": 300.0}
    territory("departement", "69", shape, name="Rhône")
    territory("commune", "69259", shape, name="Vénissieux", population=66_000, postcodes=["69200"], **here)
    territory("commune", "69266", shape, name="Villeurbanne", population=160_000, postcodes=["69100"], **here)
    territory("commune", "69199", shape, name="Saint-Fons", population=19_000, postcodes=["69190"], **here)
    territory("commune", "69142", shape, name="La Mulatière", population=6_000, postcodes=["69350"], **here)
    territory(
        "commune",
        "69149",
        shape,
        name="Oullins-Pierre-Bénite",
        postcodes=["69600", "69310"],
        aliases=(Alias("Pierre-Bénite", "Pierre-Bénite (Oullins-Pierre-Bénite)", 4.82, 45.70),),
        **here,
    )
    territory("commune", "69123", shape, name="Lyon", population=520_000, postcodes=["69001", "69008"], **here)
    for number in (1, 8):
        territory(
            "arrondissement",
            f"6938{number}",
            shape,
            name=f"Lyon {number}{'er' if number == 1 else 'e'} arrondissement",
            postcodes=[f"6900{number}"],
            parent_codes=["commune:69123"],
            population=80_000,
        )
    territory(
        "qpv",
        "QN06913M",
        shape,
        name="Minguettes - Clochettes",
        generation="2024",
        parent_codes=["commune:69199", "commune:69259"],
    )
    territory("qpv", "QN06928M", shape, name="Bel Air", generation="2024", parent_codes=["commune:69259"])
    territory("iris", "692590101", shape, name="Vénissieux Centre")


CASES = [
    ("Vénissieux", "69259"), ("venissieux", "69259"), ("VÉNISSIEUX ", "69259"), ("Venisieux", "69259"), ("vénisseux", "69259"),
    ("villeurbane", "69266"), ("Villeurb", "69266"), ("st fons", "69199"), ("St-Fons", "69199"), ("saint fons", "69199"),
    ("mulatiere", "69142"), ("la mulatière", "69142"), ("pierre benite", "69149"), ("oullins", "69149"),
    ("lyon", "69123"), ("ville de Lyon", "69123"), ("lyon 8", "69388"), ("Lyon 8e", "69388"), ("8e", "69388"),
    ("8ème arrondissement", "69388"), ("lyon 8ème", "69388"), ("Lyon 1er", "69381"), ("69200", "69259"), ("69259", "69259"),
    ("69200 Vénissieux", "69259"), ("minguettes", "QN06913M"), ("Les Minguettes", "QN06913M"),
    ("quartier des Minguettes", "QN06913M"),
    ("minguete", "QN06913M"), ("clochettes", "QN06913M"), ("bel-air", "QN06928M"), ("QN06913M", "QN06913M"),
    ("rhone", "69"), ("69", "69"),
]  # fmt: skip


@pytest.mark.usefixtures("_around_lyon")
@pytest.mark.parametrize(("typed", "code"), CASES)
def test_the_first_answer_is_the_one_meant(typed: str, code: str) -> None:
    assert [found.code for found in places_named(typed)][:1] == [code]


@pytest.mark.usefixtures("_around_lyon")
@pytest.mark.parametrize(
    "typed", ["", "   ", "xq", "zzzzzz", "%", "_", "'; DROP TABLE", "99999", "-", "\x00", "é" * 5000]
)
def test_what_means_nothing_finds_nothing(typed: str) -> None:
    assert places_named(typed) == []


@pytest.mark.usefixtures("_around_lyon")
def test_an_answer_says_where_it_is_and_stands_for_a_point() -> None:
    found = places_named("Minguettes")[0]
    assert (found.label, found.kind, found.detail) == ("Minguettes - Clochettes", "qpv", "Saint-Fons, Vénissieux")
    merged = places_named("Pierre-Bénite")[0]
    assert (merged.label, merged.lon, merged.lat) == ("Pierre-Bénite (Oullins-Pierre-Bénite)", 4.82, 45.70)
    assert places_named("Vénissieux")[0].detail == "Rhône (69)"


@pytest.mark.usefixtures("_around_lyon")
def test_a_postcode_shared_by_several_lists_them_and_the_name_chooses() -> None:
    assert {found.code for found in places_named("69008")} == {"69123", "69388"}
    assert places_named("69008 Lyon")[0].code == "69123"


def test_of_two_equal_names_the_most_populous_comes_first() -> None:
    for code, people in (("1", 10), ("2", 1000), ("3", 100)):
        territory("commune", code, square(0, 0, 9, 9), name="Saint-Denis", population=people)
    assert [found.code for found in places_named("saint denis")] == ["2", "3", "1"]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("L’Arbresle", "arbresle"),
        ("Lyon 1er Arrondissement", "lyon 1"),
        ("Ste-Foy-lès-Lyon", "sainte foy les lyon"),
        ("Œuilly", "oeuilly"),
        ("Le", "le"),
        ("Mairie", "mairie"),
    ],
)
def test_forms(text: str, form: str) -> None:
    assert form_of(text) == form
