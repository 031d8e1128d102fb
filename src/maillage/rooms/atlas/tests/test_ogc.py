"""OGC API – Features: the documents' structure, the pages by key, the refusals; and QGIS' own reader on a live server."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any
from urllib.parse import urlsplit

import mapbox_vector_tile
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from maillage.rooms.atlas import queries, tiles
from maillage.rooms.atlas.filters import Filters
from maillage.rooms.atlas.models import Entry
from maillage.rooms.atlas.tests.makers import at, make_entry

ROOT = "/atlas/ogc/"
ITEMS = f"{ROOT}collections/fiches/items"


def read(client: Client, address: str, status: int = 200) -> dict[str, Any]:
    answer = client.get(address, headers={"accept": "application/geo+json, application/json"})
    assert answer.status_code == status, answer.content[:500]
    found: dict[str, Any] = json.loads(answer.content)
    return found


def link(document: dict[str, Any], rel: str) -> str:
    (found,) = [one["href"] for one in document["links"] if one["rel"] == rel]
    return str(found)


def make_some() -> None:
    make_entry("Atelier", places=(at(4.85, 45.75),), themes=["rights"])
    make_entry("Bibliothèque", places=(at(4.86, 45.76), at(5.2, 45.9)), themes=["culture"])
    make_entry("Centre", themes=["rights"])
    for number in range(7):
        make_entry(f"D {number}", places=(at(2.3 + number / 100, 48.8),))


@pytest.mark.django_db
def test_the_way_from_the_landing_page_to_a_feature(client: Client) -> None:
    make_some()
    landing = read(client, ROOT)
    assert {one["rel"] for one in landing["links"]} >= {"self", "service-desc", "service-doc", "conformance", "data"}
    for document in (landing, read(client, f"{ROOT}collections"), read(client, f"{ROOT}collections/fiches")):
        for one in document["links"]:
            assert {"href", "rel", "type", "title"} <= set(one)
            assert one["href"].startswith("http")
    conformance = read(client, link(landing, "conformance"))
    assert {one.rsplit("/", 1)[1] for one in conformance["conformsTo"]} == {"core", "geojson", "html", "oas30"}
    (collection,) = read(client, link(landing, "data"))["collections"]
    assert collection["extent"]["spatial"]["bbox"] == [[2.3, 45.75, 5.2, 48.8]]
    begin, end = collection["extent"]["temporal"]["interval"][0]
    assert begin <= end
    items = next(one["href"] for one in collection["links"] if one["rel"] == "items" and "json" in one["type"])
    page = read(client, items)
    assert page["type"] == "FeatureCollection"
    assert page["numberMatched"] == page["numberReturned"] == len(page["features"]) == 10
    kinds = {one["properties"]["nom"]: one["geometry"] and one["geometry"]["type"] for one in page["features"]}
    assert (kinds["Atelier"], kinds["Bibliothèque"], kinds["Centre"]) == ("Point", "MultiPoint", None)
    one = read(client, f"{ITEMS}/{page['features'][0]['id']}")
    assert one["type"] == "Feature" and one["geometry"]["coordinates"] == [4.85, 45.75]
    assert {row["rel"] for row in one["links"]} == {"self", "alternate", "collection"}
    read(client, f"{ITEMS}/99999999", 404)


@pytest.mark.django_db
def test_next_links_give_each_feature_once_and_keep_the_question(client: Client) -> None:
    make_some()
    address, seen = f"{ITEMS}?limit=3&bbox=2,48,3,49", []
    while address:
        page = read(client, address)
        assert page["numberMatched"] == 7 and page["numberReturned"] <= 3
        seen += [one["id"] for one in page["features"]]
        following = [one["href"] for one in page["links"] if one["rel"] == "next"]
        address = following[0] if following else ""
        assert "offset" not in address
    assert len(seen) == len(set(seen)) == 7


@pytest.mark.django_db
def test_filters_boxes_and_times(client: Client) -> None:
    make_some()

    def total(query: str) -> int:
        return int(read(client, f"{ITEMS}?{query}")["numberMatched"])

    assert total("theme=rights") == 2
    assert total("q=bibliotheque") == 1
    assert total("bbox=5.1,45,0,5.3,46,100") == 1  # six numbers: heights are left out
    assert total("datetime=2000-01-01T00:00:00Z/..") == 10
    assert total("datetime=../2000-01-01T00:00:00Z") == 0
    moment = timezone.now().replace(year=2001, microsecond=0)
    Entry.objects.filter(name="Centre").update(modified_at=moment)
    assert total(f"datetime={moment:%Y-%m-%dT%H:%M:%SZ}") == 1
    assert total(f"datetime={moment:%Y-%m-%d}") == 1
    assert total(f"datetime=/{moment:%Y-%m-%dT%H:%M:%SZ}") == 1
    assert total("limit=999999") == 10  # more than the longest page is no fault, says the standard


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=x", "limit=-3", "bbox=1,2,3", "bbox=1,50,2,40", "bbox=a,b,c,d", "datetime=hier", "datetime=../..",
        "datetime=2020-01-01T00:00:00Z/2019-01-01T00:00:00Z", "inconnu=1", "theme=inconnu", "f=xml", "datetime=1/2/3",
        "datetime=2020-01-01T00:00:00",
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused(client: Client, query: str) -> None:
    assert read(client, f"{ITEMS}?{query}", 400)["status"] == 400


@pytest.mark.django_db
def test_each_address_has_a_page_to_read_without_third_party(client: Client) -> None:
    make_some()
    entry = Entry.objects.order_by("pk")[0]
    for path in ("", "conformance", "api", "collections", "collections/fiches", "collections/fiches/queryables",
                 "collections/fiches/items", f"collections/fiches/items/{entry.pk}"):  # fmt: skip
        answer = client.get(f"{ROOT}{path}", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
        assert answer.status_code == 200 and answer["Content-Type"].startswith("text/html"), path
        assert '<script src="http' not in answer.content.decode()
        assert client.get(f"{ROOT}{path}?f=json")["Content-Type"].startswith("application/"), path
    page = client.get(f"{ITEMS}?f=html&limit=2").content.decode()
    assert "Atelier" in page and 'rel="next"' in page


@pytest.mark.django_db
def test_the_description_names_every_path_and_parameter(client: Client) -> None:
    make_some()
    answer = client.get(f"{ROOT}api?f=json")
    assert answer["Content-Type"] == "application/vnd.oai.openapi+json;version=3.0"
    described = json.loads(answer.content)
    assert described["openapi"].startswith("3.0")
    entry = Entry.objects.order_by("pk")[0]
    for path, one in described["paths"].items():
        address = f"{described['servers'][0]['url']}{path}".replace("{featureId}", str(entry.pk))
        assert client.get(urlsplit(address).path or "/").status_code == 200, path
        assert {"operationId", "responses", "parameters"} <= set(one["get"])
    (items,) = [one["get"] for path, one in described["paths"].items() if path.endswith("/items")]
    query = "&".join(
        f"{one['name']}={one['schema'].get('enum', one['schema'].get('items', {}).get('enum', ['']))[0]}"
        for one in items["parameters"]
        if one["name"] not in {"bbox", "limit", "datetime", "apres"}
    )
    read(client, f"{ITEMS}?{query}&limit=1")  # each one is known


@pytest.mark.django_db
def test_a_tile_of_points_is_compressed_and_not_sent_twice(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make_some()
    address = reverse("atlas:points_tile", args=[0, 0, 0])
    plain = client.get(address)
    assert "Content-Encoding" not in client.get(address, headers={"accept-encoding": "br"}), (
        "it is in one packet anyhow"
    )
    monkeypatch.setattr(tiles, "SMALL", 0)
    (layer,) = mapbox_vector_tile.decode(plain.content).values()
    assert len(layer["features"]) == 10
    assert {one["properties"]["theme"] for one in layer["features"]} == {"rights", "culture", ""}
    packed = client.get(address, headers={"accept-encoding": "gzip, br"})
    assert packed["Content-Encoding"] == "br" and packed["ETag"] != plain["ETag"]
    assert client.get(address, headers={"accept-encoding": "gzip;q=0"}).headers.get("Content-Encoding") is None
    again = client.get(address, headers={"accept-encoding": "gzip, br", "if-none-match": packed["ETag"]})
    assert again.status_code == 304 and not again.content
    make_entry("Encore", places=(at(0, 0),))
    assert client.get(address, headers={"if-none-match": plain["ETag"]}).status_code == 200


READ = """
import json, sys
import pyogrio
source, told = sys.argv[1], {"drivers": sorted(pyogrio.list_drivers())}
told["layers"] = [str(row[0]) for row in pyogrio.list_layers(source)]
for size in (1000, 3):  # one page, then several
    told[f"count {size}"] = pyogrio.read_info(source, layer="fiches", force_feature_count=True, PAGE_SIZE=size)["features"]
    _meta, _fids, shapes, columns = pyogrio.raw.read(source, layer="fiches", columns=["nom"], PAGE_SIZE=size)
    told[f"names {size}"] = sorted(columns[0])
    told[f"without {size}"] = sum(shape is None for shape in shapes)
inside = pyogrio.raw.read(source, layer="fiches", columns=["nom"], bbox=(4.0, 45.0, 6.0, 46.0))[3][0]
told["inside"] = sorted(inside)
print(json.dumps(told))
"""


@pytest.mark.django_db(transaction=True)
def test_the_reader_of_qgis_counts_the_rows_of_the_list(live_server: LiveServer, settings: Any) -> None:
    settings.SITE_ADDRESS = live_server.url
    make_some()
    # A process of its own: GDAL waits without letting another thread of Python answer.
    reading = [sys.executable, "-c", READ, f"OAPIF:{live_server.url}{ROOT}"]
    done = subprocess.run(reading, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert "OAPIF" in told["drivers"]
    assert told["layers"] == ["fiches"]
    names = sorted(Entry.objects.order_by("pk").values_list("name", flat=True))
    for size in (1000, 3):
        assert told[f"count {size}"] == queries.page_of(Filters()).total == 10
        assert told[f"names {size}"] == names
        assert told[f"without {size}"] == 1
    assert told["inside"] == ["Atelier", "Bibliothèque"]
