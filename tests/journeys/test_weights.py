"""Light pages: the list under 60 kB, the map under 450 kB, and the map only after the list can be read."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import DESK, PHONE, MakePage
from tests.journeys.maps import drawn
from tests.journeys.watch import Watch
from tests.journeys.weights import Scale

LIST_LIMIT, MAP_LIMIT = 60_000, 450_000
ARABIC_LETTERS = 101_000  # two weights of a font that the others do not need


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("path", ["/atlas/", "/atlas/?q=pimms", "/en/atlas/", "/ar/atlas/?theme=rights"])
def test_the_list_is_light(make_page: MakePage, path: str, width: int) -> None:
    page = make_page(width)
    scale = weighed(page, path)
    print(f"{path} at {width}: {scale.total(with_map=False)} bytes\n{scale.told()}")
    limit = LIST_LIMIT + (ARABIC_LETTERS if path.startswith("/ar/") else 0)
    assert 10_000 < scale.total(with_map=False) < limit, scale.told()


def test_the_map_page_is_light_with_its_map(make_page: MakePage) -> None:
    page = make_page(DESK)
    scale = Scale(page)
    page.goto("/atlas/carte/")
    drawn(page)
    page.wait_for_load_state("networkidle")
    print(f"/atlas/carte/: {scale.total(with_map=True)} bytes\n{scale.told()}")
    assert any(piece.path.endswith(".mvt") for piece in scale.pieces), "no tile was weighed"
    assert any("map-worker" in piece.path for piece in scale.pieces), "the map's worker was not weighed"
    assert scale.total(with_map=False) + 300_000 < scale.total(with_map=True) < MAP_LIMIT, scale.told()


def test_the_list_can_be_read_before_the_map_is_asked_for(make_page: MakePage, watch: Watch) -> None:
    page = make_page(DESK)
    moments: list[str] = []
    page.on("domcontentloaded", lambda _: moments.append("list"))
    page.on(
        "request", lambda asked: moments.append("map") if "/map." in asked.url and asked.url.endswith(".js") else None
    )
    page.goto("/atlas/")
    assert page.locator(".card").count() > 10
    drawn(page)
    assert moments.index("list") < moments.index("map")


def test_on_a_phone_the_map_waits_until_it_is_asked_for(make_page: MakePage, watch: Watch) -> None:
    page = make_page(PHONE)
    page.goto("/atlas/")
    page.wait_for_load_state("networkidle")
    asked = [url for url in watch.requests if url.endswith(".mvt") or "map-worker" in url]
    assert asked == []
    assert not page.locator("maillage-map").is_visible()
    page.locator(".results-head").get_by_role("link", name="Carte").click()
    drawn(page)
    assert page.locator(".map-stage").bounding_box()["y"] < 400  # type: ignore[index]  # seen without scrolling


def weighed(page: Page, path: str) -> Scale:
    scale = Scale(page)
    page.goto(path)
    page.wait_for_load_state("networkidle")
    return scale
