"""The pages of the territories: readable, complete, of a constant cost."""

from __future__ import annotations

import csv
import io
from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from maillage.core.places import hours
from maillage.core.places.models import TownHall
from maillage.core.places.tests.makers import LAT, LON, square, territory

pytestmark = pytest.mark.django_db


def page(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def _venissieux() -> None:
    territory("departement", "69", name="Rhône")
    commune = territory(
        "commune",
        "69259",
        square(-2000, -2000, 2000, 2000),
        name="Vénissieux",
        quality="simplified",
        tolerance_m=300,
        population=66000,
        population_source="une source",
        parent_codes=["departement:69"],
    )
    TownHall.objects.create(
        territory=commune,
        name="Mairie de Vénissieux",
        phone="04 72 21 44 44",
        postcode="69200",
        city="Vénissieux",
        address="5 avenue Marcel-Houël",
        opening_hours="Mo-Fr 08:30-17:00",
    )
    territory(
        "qpv", "QN06918M", name="Duclos - Barel", generation="2024", lon=LON, lat=LAT, parent_codes=["commune:69259"]
    )


@pytest.mark.usefixtures("_venissieux")
def test_a_neighbourhood_without_contour_says_so_and_shows_its_town_hall(client: Client) -> None:
    text = page(client, reverse("places:sheet", args=["qpv", "QN06918M"]))
    assert "Position approximative\N{NO-BREAK SPACE}: le contour officiel n’est pas chargé" in text
    assert "quartier prioritaire" in text
    assert 'href="tel:+33472214444"' in text
    assert "5 avenue Marcel-Houël, 69200 Vénissieux" in text
    assert reverse("atlas:here", args=["qpv", "QN06918M"]) in text


@pytest.mark.usefixtures("_venissieux")
def test_a_commune_shows_its_people_with_their_source_and_what_lies_in_it(client: Client) -> None:
    text = page(client, reverse("places:sheet", args=["commune", "69259"]))
    assert "66\u202f000" in text
    assert "année non précisée par la source" in text
    assert "une source" in text
    assert reverse("places:sheet", args=["qpv", "QN06918M"]) in text
    assert "contour simplifié" in text


@pytest.mark.usefixtures("_venissieux")
def test_a_town_hall_with_hours_as_text_shows_them_and_without_hours_says_so(client: Client) -> None:
    TownHall.objects.update(opening_hours="", opening_hours_text="le matin, sur rendez-vous")
    url = reverse("places:sheet", args=["commune", "69259"])
    assert "le matin, sur rendez-vous" in page(client, url)
    TownHall.objects.update(opening_hours_text="")
    assert "Horaires inconnus\N{NO-BREAK SPACE}: appelez avant de venir." in page(client, url)


@pytest.mark.usefixtures("_venissieux")
def test_search_without_script_finds_or_says_what_to_do(client: Client) -> None:
    found = page(client, reverse("places:list") + "?q=duclo")
    assert reverse("places:sheet", args=["qpv", "QN06918M"]) in found
    lost = page(client, reverse("places:list") + "?q=%3Cscript%3Ealert(1)")
    assert "Aucune commune, aucun quartier de ce nom" in lost
    assert "<script>alert" not in lost
    assert "&lt;script&gt;alert(1)" in lost


def test_an_empty_installation_has_a_page_too(client: Client) -> None:
    assert "Aucun territoire n’est encore chargé" in page(client, reverse("places:list"))


@pytest.mark.parametrize(
    "query", ["?sorte=nothing", "?apres=zz", "?apres=ff-1", "?apres=-99999999999999999999999", "?q=%00", "?sorte=%00"]
)
@pytest.mark.usefixtures("_venissieux")
def test_an_unknown_state_of_the_address_gives_a_page(client: Client, query: str) -> None:
    page(client, reverse("places:list") + query)


@pytest.mark.parametrize(("kind", "code"), [("commune", "00000"), ("nothing", "69259"), ("qpv", "69259")])
def test_what_does_not_exist_is_missing(client: Client, kind: str, code: str) -> None:
    assert client.get(reverse("places:sheet", args=[kind, code])).status_code == 404


def test_the_list_pages_hold_every_row_once(client: Client) -> None:
    for number in range(130):
        territory("commune", f"{69000 + number}", name=f"Commune {number:03}")
    seen: list[str] = []
    url = reverse("places:list")
    while url:
        response = client.get(url)
        seen += [line.name for line in response.context["lines"]]
        url = response.context["next_url"]
    assert seen == [f"Commune {number:03}" for number in range(130)]


def test_the_list_costs_the_same_with_2_rows_and_with_20(client: Client, django_assert_max_num_queries: object) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    costs = []
    for last in (2, 20):
        for number in range(last):
            territory("commune", f"{69000 + number}", name=f"Commune {number:03}", parent_codes=["departement:69"])
        with CaptureQueriesContext(connection) as spent:
            page(client, reverse("places:list"))
        costs.append(len(spent))
    assert costs[0] == costs[1] <= 6


@pytest.mark.usefixtures("_venissieux")
def test_the_export_is_complete_and_safe(client: Client) -> None:
    territory("commune", "69001", name="=cmd()")
    response = client.get(reverse("places:export"))
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["code"] for row in rows} == {"69", "69259", "69001", "QN06918M"}
    assert len(rows) == int(response.headers["X-Row-Count"]) == 4
    assert next(row["nom"] for row in rows if row["code"] == "69001") == "'=cmd()"
    one = b"".join(client.get(reverse("places:export") + "?sorte=qpv").streaming_content)  # type: ignore[attr-defined]
    assert one.decode().count("\r\n") == 2


def test_open_now_and_until_when() -> None:
    monday = datetime.fromisoformat("2026-11-23T10:00:00+01:00")
    state = hours.open_now("Mo-Fr 08:30-12:00,13:30-17:00", monday)
    assert state is not None
    assert (state.is_open, state.changes_at) == (True, datetime.fromisoformat("2026-11-23T12:00"))
    closed = hours.open_now("Mo-Fr 08:30-12:00", datetime.fromisoformat("2026-11-27T18:00:00+01:00"))
    assert closed is not None
    assert (closed.is_open, closed.changes_at) == (False, datetime.fromisoformat("2026-11-30T08:30"))
    christmas = datetime.fromisoformat("2026-12-25T10:00:00+01:00")
    assert hours.open_now("Mo-Fr 08:30-12:00", christmas) is None, "nothing is promised on a holiday"
    off = hours.open_now("Mo-Fr 08:30-12:00; PH off", christmas)
    assert off is not None
    assert not off.is_open
    assert hours.open_now("n’importe quoi") is None
    assert hours.open_now("") is None


def test_the_week_begins_on_monday_and_shows_closed_days() -> None:
    days = hours.week("Mo-Tu 08:30-12:00,13:30-17:00; We off", datetime.fromisoformat("2026-11-26T10:00:00+01:00"))
    assert days[0].label == "lundi"
    assert days[0].spans == (("08:30", "12:00"), ("13:30", "17:00"))
    assert days[2].spans == ()
    assert [day.is_today for day in days] == [False, False, False, True, False, False, False]
