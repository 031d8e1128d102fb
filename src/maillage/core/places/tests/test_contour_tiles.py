"""Tiles of contours, read back with an independent decoder."""

from __future__ import annotations

import gzip

import mapbox_vector_tile
import pytest
from django.test import Client
from django.urls import reverse

from maillage.core.places.actions import territories_changed
from maillage.core.places.tests.makers import LAT, LON, at, square, territory
from maillage.kernels.tiles.quadkey import quadkey_of, tile_of

pytestmark = pytest.mark.django_db


def address(z: int, kinds: str = "", lon: float = LON, lat: float = LAT) -> str:
    x, y = tile_of(quadkey_of(lon, lat), z)
    return reverse("places:tile", args=[z, x, y]) + (f"?kinds={kinds}" if kinds else "")


def layers(client: Client, url: str) -> dict[str, list[dict[str, str]]]:
    body = client.get(url).content
    return {
        name: [one["properties"] for one in layer["features"]]
        for name, layer in mapbox_vector_tile.decode(body).items()
    }


@pytest.fixture
def _loaded() -> None:
    territory(
        "commune", "69259", square(-2000, -2000, 2000, 2000), name="Vénissieux", quality="simplified", tolerance_m=300
    )
    territory("qpv", "QN06913M", square(-300, -300, 300, 300), name="Minguettes - Clochettes", generation="2024")
    lon, lat = at(100, 700)
    territory("qpv", "QN06918M", name="Duclos - Barel", generation="2024", lon=lon, lat=lat, point_precision="cited")
    territory(
        "departement", "69", square(-9000, -9000, 9000, 9000), name="Rhône", quality="simplified", tolerance_m=300
    )
    territories_changed()


@pytest.mark.usefixtures("_loaded")
def test_contours_and_names_with_their_kind_code_and_quality(client: Client) -> None:
    found = layers(client, address(12))
    assert {one["code"]: one["quality"] for one in found["territories"]} == {
        "69259": "simplified",
        "QN06913M": "official",
    }
    assert {one["name"] for one in found["territory_labels"]} == {
        "Vénissieux",
        "Minguettes - Clochettes",
        "Duclos - Barel",
    }
    assert {one["kind"] for one in found["territories"]} == {"commune", "qpv"}


@pytest.mark.usefixtures("_loaded")
def test_kinds_are_chosen_and_each_has_its_zooms(client: Client) -> None:
    assert {one["kind"] for one in layers(client, address(12, "qpv"))["territories"]} == {"qpv"}
    assert {one["kind"] for one in layers(client, address(7))["territories"]} == {"departement"}
    assert layers(client, address(12, "iris,nothing")) == {}
    assert client.get(address(2)).content == b""


@pytest.mark.usefixtures("_loaded")
def test_a_label_near_the_edge_is_in_both_tiles(client: Client) -> None:
    x, y = tile_of(quadkey_of(LON, LAT), 12)
    west = x / 2**12 * 360 - 180
    territory("commune", "69001", None, name="Au bord", lon=west + 0.0001, lat=LAT)
    territories_changed()
    for column in (x - 1, x):
        url = reverse("places:tile", args=[12, column, y])
        assert "Au bord" in {one["name"] for one in layers(client, url)["territory_labels"]}


@pytest.mark.usefixtures("_loaded")
def test_a_copy_is_good_until_territories_change(client: Client) -> None:
    first = client.get(address(12))
    etag = first.headers["ETag"]
    assert "max-age" in first.headers["Cache-Control"]
    again = client.get(address(12), headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    territory("qpv", "QN06914M", square(400, 400, 600, 600), name="Autre", generation="2024")
    territories_changed()
    fresh = client.get(address(12), headers={"If-None-Match": etag})
    assert fresh.status_code == 200
    assert "QN06914M" in {one["code"] for one in layers(client, address(12))["territories"]}


@pytest.mark.usefixtures("_loaded")
def test_compressed_for_whoever_asks(client: Client) -> None:
    packed = client.get(address(12), headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == client.get(address(12)).content


@pytest.mark.parametrize("where", [(3, 8, 0), (3, 0, 8), (30, 0, 0), (0, 1, 0)])
def test_an_address_that_is_no_tile_is_missing(client: Client, where: tuple[int, int, int]) -> None:
    assert client.get(reverse("places:tile", args=list(where))).status_code == 404


@pytest.mark.usefixtures("_loaded")
def test_of_two_generations_the_newest_is_drawn(client: Client) -> None:
    territory("custom", "C1", square(-100, -100, 100, 100), name="Avant", generation="2015")
    territory("custom", "C1", square(-100, -100, 100, 100), name="Après", generation="2024")
    territories_changed()
    assert [one["name"] for one in layers(client, address(14, "custom"))["territories"]] == ["Après"]
