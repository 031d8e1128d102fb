"""The map, the list, the counts and the address bar say the same thing, at first view and after each change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.journeys.browsers import FLAGS, executable
from tests.journeys.conftest import DESK, PHONE, MakePage
from tests.journeys.maps import drawn, number_in, points_of_the_file, shown_on
from tests.journeys.site import Site


def told(page: Page) -> int:
    """How many entries the list says it holds."""
    return number_in(page.locator("#resultats-titre").inner_text())


def query_of(page: Page) -> str:
    return urlsplit(page.url).query


def tick(page: Page, value: str) -> int:
    """Ticks a theme and waits for the list; returns the count that stood beside it."""
    option = page.locator(f"#theme-{value}")
    count = number_in(page.locator(f"label:has(#theme-{value}) .choice-count").inner_text())
    option.check()
    page.wait_for_url(lambda url: value in parse_qs(urlsplit(url).query).get("theme", []))
    expect(page.locator(f"#theme-{value}")).to_be_checked()
    return count


@pytest.mark.parametrize(
    ("width", "query"), [(DESK, ""), (DESK, "theme=rights"), (PHONE, "theme=employment"), (DESK, "q=pimms")]
)
def test_the_numbers_drawn_sum_to_the_places_found(make_page: MakePage, width: int, query: str) -> None:
    page = make_page(width)
    page.goto(f"/atlas/carte/?{query}")
    shown = shown_on(page)
    assert shown.groups or shown.names
    assert shown.total == shown.told == points_of_the_file(page, query)
    if query:  # the map frames all that was found
        assert shown.total == points_of_the_file(page, query, in_view=False)


def test_a_filter_moves_list_counts_map_and_address(desk: Page) -> None:
    desk.goto("/atlas/")
    drawn(desk)
    everything = told(desk)
    rights = tick(desk, "rights")
    assert told(desk) == rights < everything
    assert shown_on(desk).total == points_of_the_file(desk, "theme=rights", in_view=False)
    both_before = told(desk)
    tick(desk, "housing")  # a second change: what the first swap brought in is alive
    assert told(desk) > both_before
    assert query_of(desk) == "theme=rights&theme=housing"
    both = shown_on(desk)
    assert both.total == points_of_the_file(desk, "theme=rights&theme=housing", in_view=False)
    desk.locator("#tri").select_option("recent")
    desk.wait_for_url("**tri=recent*")
    assert told(desk) > both_before
    desk.locator(".chips a", has_text="Logement").click()
    desk.wait_for_url(lambda url: "housing" not in url)
    assert told(desk) == rights


def test_what_was_asked_survives_reload_back_and_forward(desk: Page) -> None:
    desk.goto("/atlas/")
    drawn(desk)
    everything, whole_map = told(desk), shown_on(desk).total
    rights = tick(desk, "rights")
    some = shown_on(desk).total
    desk.reload()
    assert (told(desk), shown_on(desk).total) == (rights, some)
    assert desk.locator("#theme-rights").is_checked()
    desk.go_back()
    expect(desk.locator("#theme-rights")).not_to_be_checked()
    assert (told(desk), shown_on(desk).total) == (everything, whole_map)
    tick(desk, "rights")  # a page come back to is alive as well
    assert told(desk) == rights
    desk.go_back()
    expect(desk.locator("#theme-rights")).not_to_be_checked()
    desk.go_forward()
    expect(desk.locator("#theme-rights")).to_be_checked()
    assert told(desk) == rights


def test_search_in_this_zone(desk: Page) -> None:
    desk.goto("/atlas/")
    drawn(desk)
    everything = told(desk)
    desk.get_by_role("button", name="Agrandir").click()
    desk.get_by_role("button", name="Agrandir").click()
    drawn(desk)
    in_view = shown_on(desk).total
    desk.get_by_role("button", name="Chercher dans cette zone").click()
    desk.wait_for_url("**bbox=*")
    west, south, east, north = map(float, parse_qs(query_of(desk))["bbox"][0].split(","))
    assert west < east
    assert south < north
    assert 0 < told(desk) < everything
    assert points_of_the_file(desk, f"bbox={west},{south},{east},{north}") == in_view
    desk.reload()
    assert 0 < told(desk) < everything
    desk.locator(".chips a").first.click()
    desk.wait_for_url(lambda url: "bbox" not in url)
    assert told(desk) == everything


def test_a_point_chosen_is_the_same_in_the_list(desk: Page) -> None:
    """Keeps opening the first group until single entries stand alone, then chooses one that the list holds."""
    desk.goto("/atlas/?q=pimms")
    shown = shown_on(desk)
    for _ in range(6):
        if shown.names:
            break
        desk.locator(".map-visible-item").first.click()
        shown = shown_on(desk)
    assert shown.names
    desk.locator(".map-visible-item", has_text=shown.names[0]).first.click()
    panel = desk.locator(".map-panel")
    expect(panel).to_contain_text(shown.names[0])
    chosen = re.search(r"choix=(\d+)", desk.url)
    assert chosen is not None
    expect(desk.locator(f".card[data-id='{chosen[1]}']")).to_have_attribute("aria-current", "true")
    expect(desk.locator("#annonces")).to_contain_text(shown.names[0])
    panel.get_by_role("link").first.click()
    desk.wait_for_url("**/fiche/**")
    assert desk.locator("h1").inner_text() == shown.names[0]


def test_the_legend_is_one_tap_away_on_a_phone_and_open_on_a_desk(make_page: MakePage) -> None:
    phone = make_page(PHONE)
    phone.goto("/atlas/carte/")
    drawn(phone)
    line = phone.locator(".map-legend-list li").first
    assert not line.is_visible()
    phone.locator(".map-legend > summary").tap()
    assert line.is_visible()
    desk = make_page(DESK)
    desk.goto("/atlas/carte/")
    drawn(desk)
    assert desk.locator(".map-legend-list li").first.is_visible()
    assert "Échelle" in desk.locator(".map-foot").inner_text()
    assert "Source" in desk.locator(".map-foot").inner_text()


@pytest.fixture
def page_without_webgl(playwright: Playwright, browser: Browser, site: Site) -> Iterator[Page]:
    """Another Chromium, as on a machine that cannot draw in three dimensions."""
    flags = [flag for flag in FLAGS if "gl" not in flag.lower() and "gpu" not in flag]
    flags += ["--disable-gpu", "--disable-3d-apis", "--disable-software-rasterizer"]
    poor = playwright.chromium.launch(executable_path=executable(), args=flags)
    yield poor.new_page(base_url=site.address, viewport={"width": PHONE, "height": 740}, locale="fr-FR")
    poor.close()


def test_without_webgl_the_picture_and_the_list_stay(page_without_webgl: Page) -> None:
    page = page_without_webgl
    page.goto("/atlas/carte/?theme=rights")
    assert page.evaluate("!document.createElement('canvas').getContext('webgl2')"), "this browser has WebGL after all"
    page.get_by_text("La carte ne peut pas s’afficher sur cet appareil").wait_for()
    picture = page.locator("maillage-map img")
    expect(picture).to_be_visible()
    assert picture.evaluate("one => one.decode().then(() => one.naturalWidth)") > 100
    assert told(page) == page.locator(".card").count() or page.locator("a[rel=next]").count()
    page.locator(".map-page-filters > summary").click()
    tick(page, "housing")
    expect(picture).to_have_attribute("src", re.compile("theme=housing"))
    assert picture.evaluate("one => one.decode().then(() => one.naturalWidth)") > 100
