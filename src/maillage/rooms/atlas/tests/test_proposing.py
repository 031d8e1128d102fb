"""Proposing in three steps: each kept, duplicates offered, sent once, without JavaScript, account or cookie."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from maillage.core.channels.models import LedgerEntry
from maillage.core.places.actions import put_territories
from maillage.core.places.models import Territory
from maillage.core.search.sort_keys import sort_key
from maillage.rooms.atlas.actions import DRAFT_LIMIT, start_draft
from maillage.rooms.atlas.models import Suggestion, SuggestionDraft
from maillage.rooms.atlas.privacy import delete_old_drafts
from maillage.rooms.atlas.tests.makers import at, make_entry
from maillage.rooms.atlas.tests.posting import typed_values

pytestmark = pytest.mark.django_db

WHAT = {
    "name": "Atelier vélo des Minguettes",
    "kind": "place",
    "summary": "On y répare son vélo ensemble.",
    "themes": ["mobility"],
}
WHERE = {"address": "12 avenue Jean-Cagne", "postcode": "69200", "commune": "venissieux"}
LAST = {"opening_hours_text": "Le mercredi de 14 h à 18 h", "phone": "04 72 00 00 00", "message": "J’y vais souvent"}


@pytest.fixture
def communes() -> None:
    rows = (
        ("69259", "Vénissieux", ["69200"], 4.886, 45.697),
        ("38480", "Saint-Martin", ["38000"], 5.7, 45.1),
        ("69215", "Saint-Martin", ["69440"], 4.6, 45.6),
    )
    put_territories(
        [
            Territory(
                kind="commune", code=code, name=name, sort_key=sort_key(name), postcodes=postcodes, lon=lon, lat=lat,
                parent_codes=["departement:69"],
            )
            for code, name, postcodes, lon, lat in rows
        ]
    )  # fmt: skip


def _step(secret: str, step: int) -> str:
    return reverse("atlas:propose_step", args=[secret, step])


def _first(client: Client, **changes: object) -> str:
    answer = client.post(reverse("atlas:propose"), {**WHAT, **changes})
    assert answer.status_code == 302
    return SuggestionDraft.objects.order_by("-pk")[0].secret


def _send_all(client: Client) -> str:
    secret = _first(client)
    assert client.post(_step(secret, 2), WHERE)["Location"] == _step(secret, 3)
    return str(client.post(_step(secret, 3), LAST)["Location"])


def test_three_steps_to_a_suggestion(client: Client, communes: None) -> None:
    location = _send_all(client)
    suggestion = Suggestion.objects.get()
    assert location == reverse("atlas:thanks", args=[suggestion.code])
    assert (suggestion.kind, suggestion.state, suggestion.entry) == ("new", "proposed", None)
    assert suggestion.payload["entry"] == {
        "name": "Atelier vélo des Minguettes", "kind": "place", "summary": "On y répare son vélo ensemble.",
        "themes": ["mobility"],
    }  # fmt: skip
    assert suggestion.payload["place"] == {
        "address": "12 avenue Jean-Cagne", "postcode": "69200", "commune": "Vénissieux", "commune_code": "69259",
        "phone": "04 72 00 00 00", "opening_hours_text": "Le mercredi de 14 h à 18 h",
    }  # fmt: skip
    assert suggestion.message == "J’y vais souvent"
    assert suggestion.territories == ["commune:69259", "departement:69"]
    assert not SuggestionDraft.objects.exists()
    assert LedgerEntry.objects.get().subject == f"atlas:suggestion:{suggestion.pk}"
    assert set(client.cookies) <= {"csrftoken"}
    assert client.get(location).status_code == 200


def test_sent_twice_is_the_same_page_and_one_row(client: Client, communes: None) -> None:
    secret = _first(client)
    client.post(_step(secret, 2), WHERE)
    first, second = client.post(_step(secret, 3), LAST), client.post(_step(secret, 3), LAST)
    assert second["Location"] == first["Location"] + "?deja=1"
    assert client.get(_step(secret, 3))["Location"] == second["Location"]
    assert Suggestion.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_sent_twice_at_once_is_one_row() -> None:
    secret = _first(Client())
    Client().post(_step(secret, 2), WHERE)
    barrier = threading.Barrier(3, timeout=20)
    locations: list[str] = []

    def post() -> None:
        barrier.wait()
        locations.append(Client().post(_step(secret, 3), LAST)["Location"])
        connection.close()

    threads = [threading.Thread(target=post) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(locations) == 3 and len({one.removesuffix("?deja=1") for one in locations}) == 1
    assert Suggestion.objects.count() == 1


def test_each_step_can_be_kept_unfinished_and_found_again(client: Client) -> None:
    answer = client.post(reverse("atlas:propose"), {"name": "Atelier", "summary": "", "garder": "1"})
    draft = SuggestionDraft.objects.get()
    assert answer["Location"] == reverse("atlas:propose_kept", args=[draft.secret])
    assert _step(draft.secret, 1) in client.get(answer["Location"]).content.decode()
    stranger = Client()
    assert 'value="Atelier"' in stranger.get(_step(draft.secret, 1)).content.decode()
    assert len(draft.secret) >= 32


def test_an_error_keeps_everything_typed(client: Client) -> None:
    answer = client.post(
        reverse("atlas:propose"), {"name": "", "kind": "place", "summary": "On y répare", "themes": ["mobility"]}
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    again = typed_values(page)
    assert again["summary"] == "On y répare" and again["themes"] == "mobility"
    assert "Cette réponse manque" in page


def test_texts_of_100_kilobytes_are_kept_in_the_page(client: Client) -> None:
    text = "é" * 100_000
    answer = client.post(reverse("atlas:propose"), {**WHAT, "summary": text})
    assert answer.status_code == 422
    assert text in answer.content.decode() and "trop long" in answer.content.decode()


def test_a_draft_cannot_grow_without_end(client: Client) -> None:
    answer = client.post(reverse("atlas:propose"), {**WHAT, "summary": "é" * (DRAFT_LIMIT + 1), "garder": "1"})
    assert answer.status_code == 422 and "trop long" in answer.content.decode()
    assert len(str(SuggestionDraft.objects.get().data)) < DRAFT_LIMIT


@pytest.mark.parametrize(
    "typed",
    [{"commune": "venissieux"}, {"address": "12 rue du Lac"}, {"lat": "45,70", "lon": "4,88"}, {"postcode": "69200"}],
)
def test_any_way_of_telling_where_is_enough(client: Client, communes: None, typed: dict[str, str]) -> None:
    secret = _first(client)
    assert client.post(_step(secret, 2), typed)["Location"] == _step(secret, 3)
    assert client.post(_step(secret, 3), {}).status_code == 302


def test_saying_nowhere_is_an_error(client: Client) -> None:
    answer = client.post(_step(_first(client), 2), {})
    assert answer.status_code == 422 and "une commune suffit" in answer.content.decode()


def test_one_name_for_two_communes_is_told_apart_by_the_postcode(client: Client, communes: None) -> None:
    secret = _first(client)
    client.post(_step(secret, 2), {"commune": "Saint-Martin", "postcode": "69440"})
    client.post(_step(secret, 3), {})
    assert Suggestion.objects.get().payload["place"]["commune_code"] == "69215"


def test_an_ambiguous_or_unknown_commune_is_kept_as_typed(client: Client, communes: None) -> None:
    for typed in ("Saint-Martin", "Trifouillis-les-Oies"):
        secret = _first(client, name=f"Atelier {typed}")
        client.post(_step(secret, 2), {"commune": typed})
        client.post(_step(secret, 3), {})
        place = Suggestion.objects.order_by("-pk")[0].payload["place"]
        assert place == {"commune": typed}


def test_swapped_coordinates_are_said_and_may_be_confirmed(client: Client) -> None:
    secret = _first(client)
    data = {"lat": "4,886", "lon": "45,7036"}
    answer = client.post(_step(secret, 2), data)
    page = answer.content.decode()
    assert answer.status_code == 422 and "semblent inversées" in page and 'value="45,7036"' in page
    assert client.post(_step(secret, 2), {**data, "confirm_point": "on"}).status_code == 302


def test_a_duplicate_is_offered_and_becomes_a_correction(client: Client, communes: None) -> None:
    place = at(4.8861, 45.697, "Atelier", commune="Vénissieux", commune_code="69259", address="12 avenue Jean-Cagne")
    known = make_entry("Atelier vélo Minguettes", places=(place,), themes=["mobility"])
    secret = _first(client)
    answer = client.post(_step(secret, 2), WHERE)
    assert answer["Location"] == reverse("atlas:propose_duplicates", args=[secret])
    assert "Atelier vélo Minguettes" in client.get(answer["Location"]).content.decode()
    assert client.post(answer["Location"], {"same": str(known.pk)})["Location"] == _step(secret, 3)
    client.post(_step(secret, 3), LAST)
    suggestion = Suggestion.objects.get()
    assert (suggestion.kind, suggestion.entry) == ("correction", known)
    assert suggestion.payload["place"]["phone"] == "04 72 00 00 00"
    assert "name" not in suggestion.payload["entry"] and "address" not in suggestion.payload["place"]


def test_it_is_something_else(client: Client, communes: None) -> None:
    make_entry("Atelier vélo Minguettes", places=(at(4.8861, 45.697, commune="Vénissieux", commune_code="69259"),))
    secret = _first(client)
    answer = client.post(_step(secret, 2), WHERE)
    client.post(answer["Location"], {"same": ""})
    client.post(_step(secret, 3), LAST)
    assert Suggestion.objects.get().kind == "new"


@pytest.mark.parametrize(
    ("name", "commune_code", "lon", "found"),
    [
        ("Mediatheque Jean Prevost", "69029", None, True),
        ("Médiathèque Jean-Prévost de Bron", "69029", None, True),
        ("Médiathèque", "", 4.9101, True),
        ("Piscine municipale", "69029", None, False),
        ("Médiathèque Jean-Prévost", "13055", None, True),
        ("Médiathèque Louis-Aragon", "13055", None, False),
        ("Régie de quartier de Bron", "69029", None, False),
    ],
)
def test_what_counts_as_possibly_the_same(name: str, commune_code: str, lon: float | None, found: bool) -> None:
    from maillage.rooms.atlas.queries_suggest import possible_duplicates

    make_entry(
        "Médiathèque Jean-Prévost", places=(at(4.91, 45.74, "Médiathèque", commune="Bron", commune_code="69029"),)
    )
    candidates = possible_duplicates(name=name, commune_code=commune_code, lon=lon, lat=45.74 if lon else None)
    assert bool(candidates) == found


def test_an_unknown_or_old_draft_is_missing(client: Client) -> None:
    assert client.get(_step("nonsense", 2)).status_code == 404
    assert client.post(_step("nonsense", 2), WHERE).status_code == 404
    draft = start_draft()
    assert client.get(_step(draft.secret, 4)).status_code == 404
    assert delete_old_drafts(timezone.now() + timedelta(days=31)) == 1
    assert client.get(_step(draft.secret, 1)).status_code == 404


def test_a_step_skipped_brings_back_to_it(client: Client) -> None:
    secret = _first(client)
    answer = client.post(_step(secret, 3), LAST)
    assert answer["Location"].startswith(_step(secret, 2))
    page = client.get(answer["Location"]).content.decode()
    assert "une commune suffit" in page
    assert not Suggestion.objects.exists()
    client.post(_step(secret, 2), WHERE)
    assert "04 72 00 00 00" in client.get(_step(secret, 3)).content.decode()
