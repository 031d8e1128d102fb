"""A file to download and the pages that stand for it say the same: places, names, telephones, hours of the same question.

The pages are read as a person reads them: the list, page after page, then the sheet of each entry. Nothing of the code that
makes the files is asked here. Means of criterion 13.4 of core/web/accessibility_grid.yaml.
"""

from __future__ import annotations

import html
import io
import json
import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import openpyxl
import pypdf
import pytest
from django.test import Client
from django.urls import reverse

from maillage.core.places.models import Territory, TownHall
from maillage.core.places.tests.makers import square
from maillage.core.places.tests.makers import territory as make_territory
from maillage.rooms.atlas import leaflet
from maillage.rooms.atlas.actions_save import PlaceData
from maillage.rooms.atlas.tests.makers import at, make_entry
from maillage.rooms.atlas.tests.test_exports import content, lines

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 26, 12, 0, tzinfo=ZoneInfo("Europe/Paris"))
COMMUNE = {"commune": "Vénissieux", "commune_code": "69259"}
QUESTION = "theme=rights"
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
OSM_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
Told = tuple[str, str, str, str]  # entry, place, telephone, hours


@dataclass(frozen=True)
class Many:
    """What the fixture made: how many entries the question finds, more than one page of the list."""

    found: int


@pytest.fixture
def many() -> Many:
    """Entries of every sort: one place, several, none located, no telephone, hours of a week or told in words, other themes."""
    make_entry(
        "PIMMS d’essai",
        themes=["rights"],
        status="active",
        places=(
            at(4.88, 45.70, "Accueil A", phone="04 72 00 00 01", opening_hours="Mo-Fr 08:30-12:00,14:00-17:00", **COMMUNE),
            at(4.89, 45.71, "Accueil B", phone="04 72 00 00 02", opening_hours="Tu 09:00-12:30; Sa 10:00-11:00", **COMMUNE),
        ),
    )  # fmt: skip
    make_entry(
        "Écrivain & public <b>",
        themes=["rights"],
        status="active",
        places=(at(4.87, 45.70, "La salle", opening_hours_text="sur rendez-vous, le soir", **COMMUNE),),
    )
    make_entry("Sans position", themes=["rights"], places=(PlaceData(label="Quelque part", commune="Givors"),))
    make_entry("Sans lieu", themes=["rights", "housing"], status="active")
    for number in range(20):
        place = at(4.86, 45.69, f"Lieu {number}", phone=f"04 72 11 00 {number:02}", **COMMUNE)
        make_entry(f"Permanence {number}", themes=["rights"], status="active", places=(place,))
    make_entry("Hors de la question", themes=["mobility"], places=(at(4.88, 45.70, "Ailleurs", phone="0472999999"),))
    return Many(found=24)


def text_of(source: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", source)).split())


def found(pattern: str, source: str) -> list[str]:
    return [text_of(one) for one in re.findall(pattern, source, flags=re.S)]


def sheets_listed(client: Client, address: str) -> dict[str, str]:
    """Name → page of the sheet, from the cards of the list and its "Page suivante"."""
    named: dict[str, str] = {}
    while address:
        page = client.get(address).content.decode()
        for url, name in re.findall(r'<a class="card-link" href="([^"]+)">(.*?)</a>', page, flags=re.S):
            named[text_of(name)] = client.get(html.unescape(url)).content.decode()
        following = re.search(r'<a class="button" href="([^"]+)" rel="next">', page)
        address = html.unescape(following[1]) if following else ""
    return named


def told_by_sheets(sheets: dict[str, str]) -> list[Told]:
    """What the sheets say: one line for each place, and one for an entry without a place."""
    told: list[Told] = []
    for name, page in sheets.items():
        assert found(r"<h1>(.*?)</h1>", page) == [name]
        spots = re.findall(r'<li class="panel spot".*?\n</li>', page, flags=re.S)
        told += [(name, *spot_told(spot)) for spot in spots] or [(name, "", "", "")]
    return sorted(told)


def spot_told(spot: str) -> tuple[str, str, str]:
    label = found(r"<h3>(.*?)</h3>", spot)[0]
    telephone = "".join(found(r'<span class="nowrap ltr">(.*?)</span>', spot))
    week = dict(zip(found(r'<th scope="row">(.*?)</th>', spot), found(r"<td>(.*?)</td>", spot), strict=True))
    hours = " / ".join(f"{day.split()[0]} {spans}" for day, spans in week.items() if spans != "fermé")
    in_words = "".join(one for one in found(r"<p>(.*?)</p>", spot) if "rendez-vous" in one)
    return label, telephone, hours or in_words


def as_sheets_say_hours(osm: str, in_words: str) -> str:
    """The hours of a file, put as the table of a sheet puts them; only what the fixture uses is understood."""
    if not osm:
        return in_words
    told = {}
    for rule in osm.split("; "):
        days, spans = rule.split(" ", 1)
        first, _dash, last = days.partition("-")
        for place in range(OSM_DAYS.index(first), OSM_DAYS.index(last or first) + 1):
            told[DAYS[place]] = spans.replace("-", " – ").replace(",", ", ")
    return " / ".join(f"{day} {told[day]}" for day in DAYS if day in told)


def told_by(rows: list[dict[str, str]]) -> list[Told]:
    """The lines of a file of places."""
    told = []
    for row in rows:
        hours = as_sheets_say_hours(row["horaires_osm"] or "", row["horaires"] or "")
        told.append((row["nom"], row["lieu"] or "", row["telephone"] or "", hours))
    return sorted(told)


def rows_of_workbook(body: bytes, sheet: str) -> list[dict[str, str]]:
    """The rows of a sheet under the keys of the CSV: the workbook's headings are the labels, in the same order."""
    book = openpyxl.load_workbook(io.BytesIO(body), read_only=True)
    filled = [row for row in book[sheet].iter_rows(values_only=True) if any(cell is not None for cell in row)]
    heads = next(place for place, row in enumerate(filled) if "Téléphone" in row)
    keys = {"Nom": "nom", "Lieu": "lieu", "Téléphone": "telephone", "Horaires": "horaires"}
    keys["Horaires (format OpenStreetMap)"] = "horaires_osm"
    places = {keys[str(label)]: place for place, label in enumerate(filled[heads]) if str(label) in keys}
    return [{key: str(row[place] or "") for key, place in places.items()} for row in filled[heads + 1 :]]


def test_the_files_of_a_question_say_what_its_pages_say(client: Client, many: Many) -> None:
    sheets = sheets_listed(client, f"{reverse('atlas:list')}?{QUESTION}")
    said = told_by_sheets(sheets)
    assert len(sheets) == many.found and len(said) == many.found + 1
    assert ("PIMMS d’essai", "Accueil B", "04 72 00 00 02", "mardi 09:00 – 12:30 / samedi 10:00 – 11:00") in said
    assert ("Écrivain & public <b>", "La salle", "", "sur rendez-vous, le soir") in said
    assert told_by(lines(content(client, "csv-lieux", QUESTION))) == said
    workbook = content(client, "xlsx", QUESTION)
    assert told_by(rows_of_workbook(workbook, "Lieux")) == said
    features = json.loads(content(client, "geojson", QUESTION))["features"]
    assert told_by([one["properties"] for one in features]) == said
    names = sorted(sheets)
    assert sorted(row["nom"] for row in lines(content(client, "csv", QUESTION))) == names
    assert sorted(row["nom"] for row in rows_of_workbook(workbook, "Fiches")) == names


@pytest.fixture
def commune() -> Territory:
    made = make_territory(
        "commune", "69259", square(-3000, -3000, 3000, 3000), name="Vénissieux", quality="simplified"
    )  # fmt: skip
    TownHall.objects.create(
        territory=made, name="Mairie de Vénissieux", address="5 avenue Marcel-Houël", postcode="69200",
        city="Vénissieux", lon=4.88, lat=45.7, phone="04 72 21 44 44", opening_hours="Mo-Fr 08:30-17:00",
    )  # fmt: skip
    return made


NUMBER = re.compile(r"\b0\d(?: \d\d){4}\b")


def test_the_leaflet_says_what_the_list_of_its_commune_says(client: Client, commune: Territory) -> None:
    for number, hours in enumerate(("Mo-Fr 08:30-12:00,14:00-17:00", "Tu 09:00-12:30; Sa 10:00-11:00", "")):
        place = at(4.88, 45.7, f"Salle {number}", phone=f"04 72 00 00 0{number}", opening_hours=hours, **COMMUNE)
        make_entry(f"Accueil {number}", themes=["rights"], status="active", places=(place,))
    document = pypdf.PdfReader(io.BytesIO(leaflet.leaflet_pdf(commune, NOW)))
    printed = " ".join(" ".join(page.extract_text() for page in document.pages).split())
    listed = client.get(reverse("atlas:here", args=["commune", "69259"]))["Location"]
    sheets = sheets_listed(client, listed)
    said = told_by_sheets(sheets)
    assert {name for name, *_ in said} == set(re.findall(r"Accueil \d", printed)) == {f"Accueil {n}" for n in range(3)}
    town = text_of(client.get(reverse("places:sheet", args=["commune", "69259"])).content.decode())
    assert set(NUMBER.findall(printed)) == {telephone for _n, _p, telephone, _h in said} | {"04 72 21 44 44"}
    assert "04 72 21 44 44" in town and "Mairie de Vénissieux" in town and "Mairie de Vénissieux" in printed
    assert [hours for *_, hours in said] == [
        " / ".join(f"{day} 08:30 – 12:00, 14:00 – 17:00" for day in DAYS[:5]),
        "mardi 09:00 – 12:30 / samedi 10:00 – 11:00",
        "",
    ]
    assert "Du lundi au vendredi : 8 h 30–12 h et 14 h–17 h" in printed
    assert "Mardi : 9 h–12 h 30" in printed and "Samedi : 10 h–11 h" in printed


def test_a_file_that_says_otherwise_is_seen(client: Client, many: Many) -> None:
    """The comparison itself: one number changed, one line lost, and it no longer holds."""
    said = told_by_sheets(sheets_listed(client, f"{reverse('atlas:list')}?{QUESTION}"))
    rows = lines(content(client, "csv-lieux", QUESTION))
    assert told_by(rows[1:]) != said
    changed = [{**row, "telephone": row["telephone"].replace("04 72 00 00 02", "04 72 00 00 03")} for row in rows]
    assert told_by(changed) != said
