"""The drawn map of the list and of a sheet."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.urls import reverse

from maillage.core.places.tests.makers import square
from maillage.core.places.tests.makers import territory as make_territory
from maillage.rooms.atlas.tests.makers import at, make_entry

pytestmark = pytest.mark.django_db
SVG = "{http://www.w3.org/2000/svg}"


def told(client: Client, address: str, **question: str) -> tuple[str, list[str]]:
    response = client.get(address, question)
    assert response.status_code == 200 and response["Content-Type"] == "image/svg+xml"
    root = ET.fromstring(response.content)
    return root.findtext(f"{SVG}desc") or "", [node.text or "" for node in root.iter(f"{SVG}text")]


def test_the_picture_says_what_it_shows_and_what_it_does_not(client: Client) -> None:
    for number in range(7):
        make_entry(f"Lieu {number}", themes=["rights"], places=(at(4.88, 45.7, commune="Vénissieux"),))
    make_entry("Loin", themes=["culture"], places=(at(2.35, 48.85, commune="Paris"),))
    make_entry("Nulle part")
    description, words = told(client, reverse("atlas:picture"))
    assert description.startswith("7 points sur la carte. 1 point hors de la carte.") and "7" in words
    description, words = told(client, reverse("atlas:picture"), cadre="tout")
    assert description.startswith("8 points sur la carte. La liste") and {"Paris", "Vénissieux"} <= set(words)
    description, _words = told(client, reverse("atlas:picture"), theme="culture")
    assert description.startswith("1 point sur la carte")


def test_the_territory_asked_frames_the_picture(client: Client) -> None:
    make_territory("commune", "69259", square(-2000, -2000, 2000, 2000), name="Vénissieux", quality="simplified")
    make_entry("Partout", places=(at(4.88, 45.7, commune_code="69259"), at(7.75, 48.57, commune="Strasbourg")))
    description, words = told(client, reverse("atlas:picture"), territoire="commune:69259")
    assert description.startswith("1 point sur la carte. 1 point hors") and "Vénissieux" in words


def test_an_unchanged_picture_is_not_sent_again(client: Client) -> None:
    first = client.get(reverse("atlas:picture"))
    again = client.get(reverse("atlas:picture"), headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304 and not again.content
    make_entry("Nouveau", places=(at(4.88, 45.7),))
    assert client.get(reverse("atlas:picture"), headers={"if-none-match": first["ETag"]}).status_code == 200


def test_the_picture_of_a_sheet_names_its_place(client: Client) -> None:
    entry = make_entry("Atelier <b>", places=(at(4.88, 45.7, commune="Vénissieux"),))
    description, _words = told(client, reverse("atlas:sheet_picture", args=[entry.pk]))
    assert description == "Atelier <b> : Vénissieux."
    bare = make_entry("Nulle part")
    assert "n’est pas connu" in told(client, reverse("atlas:sheet_picture", args=[bare.pk]))[0]
    assert client.get(reverse("atlas:sheet_picture", args=[999_999])).status_code == 404


@pytest.mark.parametrize(
    "question", ["bbox=nan,1,2,3", "bbox=5,45,4,46", "bbox=1,2,3,2", "lon=999&lat=1", "bbox=-180,-90,180,90"]
)
def test_strange_questions_give_a_picture(client: Client, question: str) -> None:
    make_entry("Ici", places=(at(4.88, 45.7),))
    assert client.get(f"{reverse('atlas:picture')}?{question}").status_code == 200
