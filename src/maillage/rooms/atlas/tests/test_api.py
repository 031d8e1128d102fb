"""The programming interface: the same rows as the pages, pages that miss nothing, errors that say what is wrong."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from maillage.core.channels.models import LedgerEntry
from maillage.core.places.tests.makers import square
from maillage.core.places.tests.makers import territory as make_territory
from maillage.rooms.atlas.models import Entry, Suggestion
from maillage.rooms.atlas.tests.makers import at, make_entry

pytestmark = pytest.mark.django_db
BASE = "/api/v1/atlas"


def get(client: Client, path: str, status: int = 200, **question: Any) -> Any:
    response = client.get(path if path.startswith("/") else f"{BASE}/{path}", question)
    assert response.status_code == status, response.content[:400]
    expected = "application/json" if status == 200 else "application/problem+json"
    assert response["Content-Type"].startswith(expected)
    return response.json()


def send(client: Client, body: dict[str, Any], status: int = 201, **headers: str) -> Any:
    response = client.post(f"{BASE}/suggestions", json.dumps(body), content_type="application/json", headers=headers)
    assert response.status_code == status, response.content[:400]
    return response.json()


def follow(client: Client, path: str) -> list[int]:
    found: list[int] = []
    while path:
        body = get(client, path)
        found += [one["id"] for one in body["entries"]]
        parts = urlsplit(body["next"] or "")
        path = f"{parts.path}?{parts.query}" if parts.path else ""
    return found


def test_pages_hold_each_entry_once() -> None:
    client, names = Client(), ["Écully", "eau", "œuvre", "مركز", "Même nom", "Même nom", "Zoé"]
    made = {make_entry(name, themes=["rights"]).pk for name in names}
    make_entry("Autre", themes=["culture"])
    found = follow(client, f"{BASE}/entries?size=2&theme=rights")
    assert len(found) == len(names) and set(found) == made
    assert get(client, "entries", theme="rights")["total"] == len(names)


def test_a_copy_is_kept_up_to_date(client: Client) -> None:
    old, gone = make_entry("Ancien"), make_entry("Retiré")
    before = timezone.now()
    changed = make_entry("Changé")
    Entry.objects.filter(pk=gone.pk).update(is_published=False, modified_at=timezone.now())
    body = get(client, "entries", modified_since=before.isoformat())
    assert [one["id"] for one in body["entries"]] == [changed.pk] and body["total"] == 1
    assert [one["id"] for one in body["withdrawn"]] == [gone.pk]
    assert old.pk not in follow(client, f"{BASE}/entries?size=1&modified_since={quote(before.isoformat())}")


def test_an_entry_with_every_fact(client: Client) -> None:
    entry = make_entry(
        "Atelier",
        places=(at(4.88, 45.7, phone="0472000000"),),
        figures=[{"value": 3.0, "unit": "x", "label": "y", "page": 4}],
        corrections=[{"field": "f", "study_says": "a", "correction": "b", "source": "s", "page": 2}],
        dates=[{"kind": "created", "when": "2015", "label": "l", "page": 1}],
    )
    body = get(client, f"entries/{entry.pk}")
    assert (
        body["figures"][0]["value"] == 3.0
        and body["corrections"][0]["study_says"] == "a"
        and body["dates"][0]["when"] == "2015"
    )
    assert body["places"][0]["phone"] == "0472000000" and body["source"]["name"] == "Essai"
    assert body["url"].startswith("http://testserver/atlas/fiche/")


def test_a_merged_entry_gives_the_one_that_holds_it(client: Client) -> None:
    kept, merged = make_entry("Gardé"), make_entry("Fondu")
    Entry.objects.filter(pk=merged.pk).update(is_published=False, merged_into=kept)
    assert get(client, f"entries/{merged.pk}")["id"] == kept.pk


def test_history_names_nobody(client: Client) -> None:
    entry = make_entry("Atelier")
    (first,) = get(client, f"entries/{entry.pk}/history")
    assert (
        first["number"] == 1 and first["channel"] == "import" and {one["field"] for one in first["changes"]} >= {"name"}
    )


def test_hidden_entries_do_not_exist(client: Client) -> None:
    entry = make_entry("Caché")
    Entry.objects.filter(pk=entry.pk).update(is_published=False)
    get(client, f"entries/{entry.pk}", 404)
    get(client, f"entries/{entry.pk}/history", 404)
    assert get(client, "entries")["total"] == 0


def test_facets_and_search(client: Client) -> None:
    make_entry("Imprimer ses papiers", themes=["rights"], places=(at(4.88, 45.7, commune="Bron"),))
    make_entry("Jardin", themes=["culture"])
    groups = {one["name"]: {value["value"]: value["count"] for value in one["values"]} for one in get(client, "facets")}
    assert groups["theme"] == {"rights": 1, "culture": 1}
    body = get(client, "search", q="imprimmer", lon=4.88, lat=45.71)
    assert [one["name"] for one in body["found"]] == ["Imprimer ses papiers"] and body["corrected"] == {
        "imprimmer": "imprimer"
    }
    assert body["found"][0]["distance_m"] == pytest.approx(1112, rel=0.01) and body["found"][0]["where"] == "Bron"


@pytest.mark.parametrize(
    "path",
    [
        "entries?theme=invente",
        "entries?bbox=1,2,3",
        "entries?bbox=nan,0,1,1",
        "entries?size=0",
        "entries?size=501",
        "entries?cursor=abc",
        "entries?modified_since=hier",
        "entries?modified_since=2026-01-01T00:00:00",
        "entries?modified_since=0001-01-01T00:00:00%2B14:00",
        "entries?territoire=nulle+part",
        "entries/0",
        "entries/99999999999999999999",
        "entries/abc",
        "facets?theme=x",
        "search",
        "search?q=",
        "search?q=a&lon=181&lat=1",
        "search?q=a&tri=hasard",
        "entries?cursor=WyJuYW1lIiwgInp6IiwgMV0",
    ],
)
def test_bad_questions_say_what_is_wrong(client: Client, path: str) -> None:
    body = get(client, path, 422)
    assert body["status"] == 422 and body["title"] and body.get("errors")


def test_what_is_nowhere_is_missing(client: Client) -> None:
    assert get(client, "entries/999999", 404)["status"] == 404
    get(client, "/api/v1/places/territories/commune/99999", 404)
    get(client, "/api/v1/places/territories/planete/1", 422)
    get(client, "/api/v1/places/territories/commune/%00", 404)


def test_territories(client: Client) -> None:
    for number in range(5):
        make_territory(
            "commune", f"6900{number}", square(0, 0, 100, 100), name=f"Ville {number}", parent_codes=["departement:69"]
        )
    body = get(client, "/api/v1/places/territories", kind="commune", size=3)
    parts = urlsplit(body["next"])
    rest = get(client, f"{parts.path}?{parts.query}")
    names = [one["name"] for one in [*body["territories"], *rest["territories"]]]
    assert names == [f"Ville {number}" for number in range(5)] and rest["next"] is None
    one = get(client, "/api/v1/places/territories/commune/69001", contour="true")
    assert one["contour"]["type"] == "Polygon" and one["contour_quality"] == "official" and one["town_halls"] == []


KEY_ONE = {"Idempotency-Key": "1"}


def test_a_new_place_by_a_program(client: Client) -> None:
    body = {
        "kind": "new",
        "fields": {"name": "Atelier", "kind": "place", "summary": "On y apprend.", "themes": ["training"]},
        "place": {"commune": "Vénissieux", "lon": 4.88, "lat": 45.7, "phone": "04 72 00 00 00"},
        "message": "Merci",
        "contact": {"by": "mail", "to": "a@exemple.fr"},
    }
    made = send(client, body, **{"Idempotency-Key": "clé-1"})
    suggestion = Suggestion.objects.get()
    assert suggestion.channel == "api" and suggestion.state == "proposed" == made["state"]
    assert suggestion.payload["entry"]["name"] == "Atelier" and suggestion.payload["place"]["lon"] == 4.88
    assert LedgerEntry.objects.get().channel == "api" and suggestion.answer_to == "a@exemple.fr"
    assert send(client, body, **{"Idempotency-Key": "clé-1"}) == made and Suggestion.objects.count() == 1
    assert client.get(made["follow_url"].removeprefix("http://testserver")).status_code == 200


def test_a_key_that_two_programs_chose_opens_nothing_of_the_other(client: Client) -> None:
    entry = make_entry("Atelier")
    one = send(client, {"kind": "wrong", "entry": entry.pk, "message": "Le numéro est celui d’un voisin."}, **KEY_ONE)
    other = send(client, {"kind": "abusive", "entry": entry.pk, "message": "Autre chose"}, **KEY_ONE)
    assert one["code"] != other["code"] and Suggestion.objects.count() == 2


def test_a_correction_proposes_only_what_changes(client: Client) -> None:
    entry = make_entry(
        "Atelier", themes=["rights"], places=(at(4.88, 45.7, phone="0472000000", website="https://exemple.fr"),)
    )
    send(client, {"kind": "correction", "entry": entry.pk, "place": {"phone": "04 72 11 11 11"}})
    payload = Suggestion.objects.get().payload
    assert payload["entry"] == {} and payload["place"] == {"phone": "04 72 11 11 11"}
    assert send(client, {"kind": "correction", "entry": entry.pk, "fields": {"name": "Atelier"}}, 422)["errors"]


def test_short_reports(client: Client) -> None:
    entry, other = make_entry("Atelier"), make_entry("Le même")
    send(client, {"kind": "closed", "entry": entry.pk})
    send(client, {"kind": "duplicate", "entry": entry.pk, "duplicate_of": other.pk})
    send(client, {"kind": "wrong", "entry": entry.pk, "message": "Ce n’est pas là."})
    assert sorted(Suggestion.objects.values_list("kind", flat=True)) == ["closed", "duplicate", "wrong"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "new"}, "name"),
        ({"kind": "closed"}, "entry"),
        ({"kind": "wrong", "entry": "$"}, "message"),
        ({"kind": "duplicate", "entry": "$", "duplicate_of": "$"}, "duplicate_of"),
        ({"kind": "correction", "entry": "$", "fields": {"sort_key": "x"}}, "fields.sort_key"),
        ({"kind": "correction", "entry": "$", "place": {"phone": "appelez"}}, "phone"),
        ({"kind": "abuse"}, "body.kind"),
        ({"kind": "closed", "entry": 1, "x": 1}, "body.x"),
        ({"kind": "closed", "entry": "$", "contact": {"by": "sms", "to": "pas un numéro"}}, "contact.to"),
        ({"kind": "closed", "entry": "$", "contact": {"by": "mail", "to": "    "}}, "contact.to"),
        ({"kind": "correction", "entry": "$", "place": {"lon": 45.7, "lat": 4.88}}, "lat"),
    ],
)
def test_bad_suggestions_name_the_field(client: Client, body: dict[str, Any], field: str) -> None:
    entry = make_entry("Atelier", themes=["rights"], places=(at(4.88, 45.7),))
    told = send(client, {name: entry.pk if value == "$" else value for name, value in body.items()}, 422)
    assert any(name.endswith(field) for name in told["errors"]), told
    assert not Suggestion.objects.exists()


def test_an_unknown_entry_is_missing(client: Client) -> None:
    send(client, {"kind": "closed", "entry": 999_999}, 404)


def test_other_sites_may_read_but_not_write(client: Client) -> None:
    assert client.get(f"{BASE}/entries")["Access-Control-Allow-Origin"] == "*"
    response = client.post(f"{BASE}/suggestions", "{}", content_type="application/json")
    assert "Access-Control-Allow-Origin" not in response


def test_the_description_is_whole(client: Client) -> None:
    body = client.get("/api/v1/openapi.json").json()
    assert body["openapi"].startswith("3.1")
    assert {
        f"{BASE}/entries",
        f"{BASE}/entries/{{entry_id}}",
        f"{BASE}/facets",
        f"{BASE}/search",
        f"{BASE}/suggestions",
        "/api/v1/places/territories",
        "/api/v1/places/territories/{kind}/{code}",
    } <= set(body["paths"])
    theme = next(one for one in body["paths"][f"{BASE}/entries"]["get"]["parameters"] if one["name"] == "theme")
    assert "rights" in theme["schema"]["items"]["enum"]
    assert "application/problem+json" in body["paths"][f"{BASE}/entries"]["get"]["responses"]["422"]["content"]


def test_the_page_about_it_has_examples_that_run(client: Client) -> None:
    import re

    page = client.get("/atlas/interface/").content.decode()
    addresses = re.findall(r'href="(/api/v1/[^"]+)"', page) + re.findall(
        r"<code>http://testserver(/api/v1/[^<]+)</code></pre>", page
    )
    assert len(addresses) >= 6
    for address in addresses:
        assert client.get(address.replace("&amp;", "&")).status_code == 200, address


def test_statements_do_not_grow_with_rows(client: Client, django_assert_max_num_queries: Any) -> None:
    for number in range(25):
        make_entry(f"Lieu {number}", places=(at(4.8, 45.7),))
    with django_assert_max_num_queries(4):
        get(client, "entries")
