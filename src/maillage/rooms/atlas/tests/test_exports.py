"""Files of a question: rows out = rows of the list, in every format, whatever was typed in the fields."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from maillage.rooms.atlas.actions_save import PlaceData
from maillage.rooms.atlas.models import Entry
from maillage.rooms.atlas.tests.makers import at, make_entry

pytestmark = pytest.mark.django_db


def content(client: Client, code: str, question: str = "") -> bytes:
    response = client.get(reverse("atlas:download_file", args=[code]), QueryDict(question))
    assert response.status_code == 200, response.status_code
    return b"".join(response.streaming_content) if response.streaming else response.content


def lines(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True))


@pytest.fixture
def few() -> list[Entry]:
    return [
        make_entry("=cmd|' /C calc'!A0", themes=["training"], places=(at(4.88, 45.7, phone="+33 4 72 00 00 00"),)),
        make_entry(
            "Deux lieux", themes=["training"], places=(at(4.87, 45.71, commune="Bron"), at(4.86, 45.72, "Antenne"))
        ),
        make_entry("Sans position", themes=["rights"], places=(PlaceData(label="Quelque part", commune="Givors"),)),
        make_entry(
            "Nulle part", themes=["rights"], status="closed", description="<script>alert(1)</script>\n-1\r\nfin"
        ),
    ]


def test_no_cell_of_the_csv_is_a_formula(client: Client, few: list[Entry]) -> None:
    for row in lines(content(client, "csv")):
        for name, cell in row.items():
            harmless = not cell.strip()[:1] or cell.strip()[0] not in "=+-@" or name in {"longitude", "latitude"}
            assert harmless, (name, cell)


def test_telephones_stay_readable(client: Client, few: list[Entry]) -> None:
    row = next(row for row in lines(content(client, "csv")) if "cmd" in row["nom"])
    assert row["telephone"] == "04 72 00 00 00" and row["telephone_international"] == "tel:+33472000000"


def test_texts_come_through_whole(client: Client, few: list[Entry]) -> None:
    rows = {row["nom"]: row for row in lines(content(client, "csv"))}
    assert rows["Nulle part"]["description"].replace("\r\n", "\n") == "<script>alert(1)</script>\n-1\nfin"
    assert rows["Nulle part"]["etat"] == "Terminé" and rows["Nulle part"]["etat_codes"] == "closed"
    assert rows["Deux lieux"]["lieux_nombre"] == "2" and "Antenne" in rows["Deux lieux"]["lieux"]
    assert rows["Deux lieux"]["source"] == "Essai"


def test_hidden_entries_are_in_no_file(client: Client, few: list[Entry]) -> None:
    Entry.objects.filter(pk=few[0].pk).update(is_published=False)
    assert len(lines(content(client, "csv"))) == 3
    assert len(json.loads(content(client, "json"))["entries"]) == 3


@pytest.mark.parametrize(
    "code", ["csv", "xlsx", "geojson", "gpkg", "json", "csv-lieux", "lieux-mediation", "data-inclusion"]
)
def test_files_are_dated_and_licensed(client: Client, few: list[Entry], code: str) -> None:
    response = client.get(reverse("atlas:download_file", args=[code]))
    assert response["Content-Disposition"].startswith('attachment; filename="maillage-')
    assert 'rel="license"' in response["Link"] and response["X-Row-Count"] == "4"
    b"".join(response.streaming_content)


def test_memory_does_not_hold_the_rows(client: Client, few: list[Entry], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("maillage.core.exports.comma_separated.LINES_PER_CHUNK", 1)
    response = client.get(reverse("atlas:download_file", args=["csv"]))
    assert response.streaming and len(list(response.streaming_content)) == 5


def test_an_unknown_format_is_missing(client: Client) -> None:
    assert client.get(reverse("atlas:download_file", args=["doc"])).status_code == 404


def test_too_many_rows_for_a_workbook_is_told(
    client: Client, few: list[Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("maillage.core.exports.spreadsheet.MOST_ROWS", 3)
    response = client.get(reverse("atlas:download_file", args=["xlsx"]))
    assert response.status_code == 422 and "CSV" in response.content.decode()


def mediation_entry(**fields: Any) -> Entry:
    place = at(
        4.88,
        45.7,
        "Maison de quartier",
        **(
            {
                "address": "3 rue X, 69200 Vénissieux",
                "commune": "Vénissieux",
                "commune_code": "69259",
                "phone": "04 72 00 00 00",
                "opening_hours": "Mo-Fr 09:00-12:00",
            }
            | fields.pop("place", {})
        ),
    )
    return make_entry(
        "Ordinateurs pour tous",
        places=(place,),
        **({"digital_means": ["public_access"], "themes": ["rights"]} | fields),
    )


def test_a_line_of_the_mediation_standard(client: Client) -> None:
    mediation_entry()
    (row,) = lines(content(client, "lieux-mediation"))
    assert (row["nom"], row["adresse"], row["code_postal"], row["commune"]) == (
        "Maison de quartier",
        "3 rue X",
        "69200",
        "Vénissieux",
    )
    assert row["telephone"] == "+33472000000" and row["horaires"] == "Mo-Fr 09:00-12:00"
    assert row["services"] == "Accès internet et matériel informatique|Aide aux démarches administratives"
    assert row["structure_parente"] == "Ordinateurs pour tous"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": "closed"}, "arrêté ou seulement annoncé"),
        ({"digital_means": ["website"]}, "ni ordinateurs en libre accès"),
        ({"place": {"address": ""}}, "pas d’adresse"),
        ({"place": {"address": "3 rue X"}}, "pas de code postal sûr"),
        ({"place": {"commune": ""}}, "pas de commune"),
    ],
)
def test_what_the_mediation_standard_leaves_out_is_told(client: Client, change: dict[str, Any], reason: str) -> None:
    mediation_entry(**change)
    mediation_entry()
    assert len(lines(content(client, "lieux-mediation"))) == 1
    page = client.get(reverse("atlas:download")).content.decode()
    assert "Fiches qui y entrent\N{NO-BREAK SPACE}: 1 sur 2." in page and reason in page


def test_the_page_says_how_many_and_under_which_licence(client: Client, few: list[Entry]) -> None:
    page = client.get(reverse("atlas:download"), {"theme": "rights"}).content.decode()
    assert "2 fiches." in page and "Licence Ouverte" in page and "Essai" in page
    assert reverse("atlas:download_file", args=["csv"]) + "?theme=rights" in page


def test_the_catalogue_leads_to_files_that_exist(client: Client, few: list[Entry]) -> None:
    body = json.loads(client.get(reverse("atlas:catalogue")).content)
    for one in body["dcat:dataset"][0]["dcat:distribution"]:
        address = one["dcat:accessURL"]["@id"].removeprefix("http://testserver")
        assert client.get(address).status_code == 200, address


def test_statements_do_not_grow_with_rows(client: Client, django_assert_max_num_queries: Any) -> None:
    for number in range(30):
        make_entry(f"Lieu {number}", places=(at(4.8, 45.7),))
    with django_assert_max_num_queries(8):
        content(client, "csv")
