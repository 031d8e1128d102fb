"""The leaflet of a neighbourhood: useful on paper, whole for a screen reader, and it says how it was made."""

from __future__ import annotations

import io
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pikepdf
import pypdf
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from maillage.core.places.models import Territory, TownHall
from maillage.core.places.tests.makers import square
from maillage.core.places.tests.makers import territory as make_territory
from maillage.rooms.atlas import leaflet
from maillage.rooms.atlas.actions_save import PlaceData
from maillage.rooms.atlas.leaflet_hours import hours_in_words
from maillage.rooms.atlas.queries_leaflet import chosen_for, is_same_quarter
from maillage.rooms.atlas.tests.makers import at, make_entry

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=ZoneInfo("Europe/Paris"))
COMMUNE = {"commune": "Vénissieux", "commune_code": "69259"}


@pytest.fixture
def commune() -> Territory:
    made = make_territory(
        "commune",
        "69259",
        square(-3000, -3000, 3000, 3000),
        name="Vénissieux",
        quality="simplified",
        postcodes=["69200"],
    )
    TownHall.objects.create(
        territory=made,
        name="Mairie de Vénissieux",
        address="5 avenue Marcel-Houël",
        postcode="69200",
        city="Vénissieux",
        lon=4.88,
        lat=45.7,
        phone="04 72 21 44 44",
        opening_hours="Mo-Fr 08:30-17:00",
    )
    return made


@pytest.fixture
def quarter(commune: Territory) -> Territory:
    return make_territory(
        "qpv",
        "QN06913M",
        None,
        name="Minguettes - Clochettes",
        generation="2024",
        parent_codes=["commune:69259"],
        lon=4.8717,
        lat=45.6934,
        quality="none",
    )


def quarter_entry(name: str = "Régie Armstrong", **fields: object) -> None:
    place = PlaceData(
        label="Régie",
        quarter="Les Minguettes",
        lon=4.8714,
        lat=45.6952,
        precision="neighbourhood",
        obtained="essai",
        **COMMUNE,
    )
    make_entry(name, places=(place,), themes=["employment"], status="active", status_as_of="2018", **fields)


def near_entry(name: str = "PIMMS Mermoz", **fields: object) -> None:
    place = at(
        4.8851,
        45.729,
        name,
        phone="06 11 73 84 46",
        address="34 rue de Narvik, 69008 Lyon",
        commune="Lyon 8e arrondissement",
        commune_code="69388",
        opening_hours="Mo,We-Fr 09:00-12:30,13:30-17:30; Tu 09:00-12:30; PH off",
        source_on="2022-12-01",
    )
    make_entry(name, places=(place,), themes=["rights"], status="active", publics=["everyone"], **fields)


def pdf_of(territory: Territory) -> bytes:
    return leaflet.leaflet_pdf(territory, NOW)


def text_of(pdf: bytes) -> str:
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    return re.sub(r"[\s\u00a0]+", " ", text)


def test_a_neighbourhood_without_contour(quarter: Territory) -> None:
    quarter_entry()
    near_entry()
    make_entry(
        "Fermé", places=(at(4.8718, 45.694, quarter="Les Minguettes", phone="0400000000", **COMMUNE),), status="closed"
    )
    text = text_of(pdf_of(quarter))
    for expected in (
        "Minguettes - Clochettes",
        "Régie Armstrong",
        "PIMMS Mermoz",
        "06 11 73 84 46",
        "34 rue de Narvik",
        "Ouvert à tous",
        "Mairie de Vénissieux",
        "04 72 21 44 44",
        "Du lundi au vendredi : 8 h 30–17 h",
        "Mardi : 9 h–12 h 30",
        "limites officielles du quartier ne sont pas chargées",
        "23 novembre 2026",
        "D-QN06913M-20261123",
        "information datée : 2018",
        "1er décembre 2022",
        "à 4,1 km à vol d’oiseau",
        "atlas/ici/qpv/QN06913M",
    ):
        assert expected in text, (expected, text)
    assert "0400000000" not in text.replace(" ", "") and "Fermé" not in text


def test_it_is_one_sheet_both_sides_that_folds(quarter: Territory) -> None:
    quarter_entry()
    pages = pypdf.PdfReader(io.BytesIO(pdf_of(quarter))).pages
    sizes = [(round(float(page.mediabox.width)), round(float(page.mediabox.height))) for page in pages]
    assert sizes == [(842, 595), (842, 595)]
    middle, crossing = 421.0, []

    def look(text: str, _cm: object, matrix: list[float], _font: object, _size: object) -> None:
        if text.strip():
            crossing.append(float(matrix[4]))

    for page in pages:
        page.extract_text(visitor_text=look)
    assert not [x for x in crossing if middle - 25 < x < middle + 20], "a text begins on the fold"


def test_letters_are_large_enough(quarter: Territory) -> None:
    quarter_entry()
    near_entry()
    sizes: list[float] = []

    def look(text: str, cm: list[float], matrix: list[float], _font: object, size: float) -> None:
        if text.strip():
            sizes.append(size * abs(matrix[3]) * abs(cm[3]))

    for page in pypdf.PdfReader(io.BytesIO(pdf_of(quarter))).pages:
        page.extract_text(visitor_text=look)
    # The names on the map are drawn a little smaller than the text.
    assert min(sizes) >= 8.5 and sum(size >= 10.9 for size in sizes) > 0.7 * len(sizes)


def figures_of(root: pikepdf.Object) -> list[pikepdf.Object]:
    found, waiting = [], [root]
    while waiting:
        one = waiting.pop()
        if isinstance(one, pikepdf.Array):
            waiting += list(one)
        elif isinstance(one, pikepdf.Dictionary):
            if one.get("/S") == "/Figure":
                found.append(one)
            if "/K" in one:
                waiting.append(one["/K"])
    return found


def test_a_screen_reader_gets_everything(quarter: Territory) -> None:
    quarter_entry()
    near_entry()
    with pikepdf.open(io.BytesIO(pdf_of(quarter))) as pdf:
        assert str(pdf.Root.Lang) == "fr" and bool(pdf.Root.MarkInfo.Marked)
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        with pdf.open_metadata() as metadata:
            assert (
                metadata["pdfuaid:part"] == "1"
                and metadata["dc:title"] == "Dépliant\N{NO-BREAK SPACE}: Minguettes - Clochettes"
            )
        alternatives = [str(one.get("/Alt", "")) for one in figures_of(pdf.Root.StructTreeRoot)]
        assert any("1, Régie" in alt and "2, PIMMS Mermoz" in alt for alt in alternatives), alternatives
        assert any(alt.startswith("Code QR") and "/atlas/ici/qpv/QN06913M" in alt for alt in alternatives)
        links = [str(note.A.URI) for page in pdf.pages for note in page.get("/Annots", []) if "/A" in note]
        assert "tel:+33611738446" in links and "tel:+33472214444" in links


def test_an_empty_place_still_helps(commune: Territory) -> None:
    text = text_of(pdf_of(commune))
    assert (
        "04 72 21 44 44" in text
        and "Nous ne connaissons encore aucun lieu ici" in text
        and "Mes numéros utiles" in text
    )


def test_without_town_hall_nor_point() -> None:
    bare = make_territory("qva", "pentes", None, name="Les Pentes", quality="none")
    assert "Les Pentes" in text_of(pdf_of(bare))


def test_nothing_is_left_out_silently(commune: Territory) -> None:
    for number in range(25):
        make_entry(
            f"Lieu numéro {number}",
            places=(at(4.88, 45.7, phone=f"04 72 00 00 {number:02}", **COMMUNE),),
            status="active",
        )
    text = text_of(pdf_of(commune))
    shown = len(set(re.findall(r"Lieu numéro \d+", text)))
    assert 6 <= shown < 25 and f"Il y a {25 - shown} autres lieux ou actions ici" in text


def test_what_one_can_call_comes_first(commune: Territory) -> None:
    make_entry("A sans rien", places=(at(4.88, 45.7, **COMMUNE),), status="active")
    make_entry("Z avec téléphone", places=(at(4.88, 45.7, phone="0472000000", **COMMUNE),), status="active")
    assert [one.entry.name for one in chosen_for(commune).inside] == ["Z avec téléphone", "A sans rien"]


def test_each_door_of_an_entry_is_shown_and_numbered(commune: Territory) -> None:
    doors = tuple(at(4.87 + n / 100, 45.7, f"Antenne {n}", phone=f"04 72 00 00 0{n}", **COMMUNE) for n in range(3))
    make_entry("PIMMS", places=doors, status="active")
    text = text_of(pdf_of(commune))
    assert all(f"Antenne {n}" in text for n in range(3))


def test_with_the_contour_the_inside_is_by_contour(commune: Territory) -> None:
    official = make_territory(
        "qpv",
        "QN06913M",
        square(-300, -300, 300, 300),
        name="Minguettes",
        generation="2024",
        parent_codes=["commune:69259"],
    )
    make_entry("Dedans", places=(at(4.88, 45.7, **COMMUNE),), status="active")
    make_entry("Dehors", places=(at(4.90, 45.7, quarter="Minguettes", **COMMUNE),), status="active")
    found = chosen_for(Territory.objects.get(pk=official.pk))
    assert found.how == "contour" and "Dedans" in [one.entry.name for one in found.inside]


@pytest.mark.parametrize(
    ("stated", "name", "same"),
    [
        ("Les Minguettes", "Minguettes - Clochettes", True),
        ("La Duchère", "Duchère", True),
        ("Ville Nouvelle, Velette", "Ville Nouvelle", True),
        ("Bel Air Les Brosses", "Bel Air - Les Brosses", True),
        ("Confluence", "Mermoz", False),
        ("", "Mermoz", False),
        ("Les", "Les", False),
    ],
)
def test_names_of_neighbourhoods(stated: str, name: str, same: bool) -> None:
    assert is_same_quarter(stated, name) is same


@pytest.mark.parametrize(
    ("osm", "text", "said"),
    [
        ("Mo-Fr 08:30-17:00", "", ["Du lundi au vendredi : 8 h 30–17 h"]),
        ("Mo,We 09:00-12:00,14:00-17:00", "", ["Lundi et mercredi : 9 h–12 h et 14 h–17 h"]),
        ("Tu,Th 10:00-12:00; Sa 09:00-11:00; PH off", "", ["Mardi et jeudi : 10 h–12 h", "Samedi : 9 h–11 h"]),
        ("n’importe quoi", "sur rendez-vous", ["sur rendez-vous"]),
        ("", "", []),
    ],
)
def test_hours_in_words(osm: str, text: str, said: list[str]) -> None:
    assert [line.replace("\u00a0", " ") for line in hours_in_words(osm, text)] == said


@pytest.mark.parametrize("language", ["en", "ar"])
def test_other_languages(client: Client, quarter: Territory, language: str) -> None:
    quarter_entry(publics=["jobseekers"])
    near_entry("Accueil 😀 «Emoji»")
    response = client.get(reverse("atlas:leaflet", args=["qpv", "QN06913M"]), {"langue": language})
    assert response.status_code == 200 and response["Content-Type"] == "application/pdf"
    with pikepdf.open(io.BytesIO(response.content)) as pdf:
        assert str(pdf.Root.Lang) == language
    assert "06 11 73 84 46" in text_of(response.content)
    assert translation.get_language() == "fr"


@pytest.mark.parametrize(
    ("kind", "code", "query"), [("qpv", "inconnu", ""), ("iris", "1", ""), ("commune", "69259", "?langue=xx")]
)
def test_what_has_no_leaflet_is_missing(client: Client, commune: Territory, kind: str, code: str, query: str) -> None:
    assert client.get(reverse("atlas:leaflet", args=[kind, code]) + query).status_code == 404


def test_the_short_address_leads_to_the_list(client: Client, quarter: Territory) -> None:
    response = client.get(reverse("atlas:here", args=["qpv", "QN06913M"]))
    assert (
        response.status_code == 302
        and "lieu=Minguettes" in response["Location"]
        and "lon=4.87170" in response["Location"]
    )
    response = client.get(reverse("atlas:here", args=["commune", "69259"]))
    assert response["Location"].endswith("?territoire=commune%3A69259")
    assert client.get(response["Location"]).status_code == 200


def test_the_page_offers_every_leaflet(client: Client, quarter: Territory) -> None:
    page = client.get(reverse("atlas:leaflets")).content.decode()
    assert (
        reverse("atlas:leaflet", args=["qpv", "QN06913M"]) in page
        and reverse("atlas:leaflet", args=["commune", "69259"]) in page
    )
    assert "langue=ar" in page
