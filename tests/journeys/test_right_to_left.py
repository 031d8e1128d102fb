"""Arabic: the page is read from the right, French names keep their own direction, and the map still moves the right way."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESK, MakePage
from tests.journeys.maps import drawn


def middle_of(page: Page, selector: str) -> float:
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2


def test_the_page_is_the_mirror_of_the_french_one(make_page: MakePage) -> None:
    page = make_page(DESK)
    for path in ("/atlas/", "/ar/atlas/"):
        page.goto(path)
        is_mirror = path.startswith("/ar")
        assert (middle_of(page, ".three-filters") > middle_of(page, ".three-list")) is is_mirror
        assert (middle_of(page, ".three-list") > middle_of(page, ".three-map")) is is_mirror
        assert (middle_of(page, ".site-name") > DESK / 2) is is_mirror
    assert page.locator("h1").inner_text() == "الأماكن والمبادرات"
    assert page.locator("h1").evaluate("one => getComputedStyle(one).direction") == "rtl"


def test_french_names_and_numbers_keep_their_direction(make_page: MakePage) -> None:
    page = make_page()
    page.goto("/ar/atlas/?q=pimms")
    name = page.locator(".card-link bdi").first
    assert name.get_attribute("lang") == "fr"
    assert name.evaluate("one => getComputedStyle(one).unicodeBidi") == "isolate"
    page.locator(".card-link").first.click()
    page.wait_for_url("**/fiche/**")
    number = page.locator("a[href^='tel:'] .ltr").first
    assert number.evaluate("one => getComputedStyle(one).direction") == "ltr"
    assert re.fullmatch(r"0\d(\s\d\d){4}", number.inner_text())


def test_the_arabic_font_is_ours(make_page: MakePage) -> None:
    page = make_page()
    page.goto("/ar/")
    page.wait_for_load_state("networkidle")
    assert page.evaluate(
        "[...document.fonts].some((one) => one.family.includes('Noto Sans Arabic') && one.status === 'loaded')"
    )


def test_nobody_loses_the_page_by_changing_language(desk: Page) -> None:
    desk.goto("/atlas/?q=pimms&theme=rights")
    cards = [one.get_attribute("data-id") for one in desk.locator(".card").all()]
    desk.locator("footer a[hreflang=ar]").click()
    desk.wait_for_url("**/ar/atlas/**")
    assert [one.get_attribute("data-id") for one in desk.locator(".card").all()] == cards
    expect(desk.locator("#theme-rights")).to_be_checked()
    desk.locator("footer a[hreflang=fr]").click()
    desk.wait_for_url(lambda url: "/ar/" not in url)
    assert "theme=rights" in desk.url


def test_the_map_of_an_arabic_page_moves_to_the_side_of_its_button(make_page: MakePage) -> None:
    page = make_page(DESK)
    page.goto("/ar/atlas/carte/")
    drawn(page)
    read = "document.querySelector('maillage-map').map.getCenter().lng"
    before = page.evaluate(read)
    page.get_by_role("button", name="إلى اليمين").click()
    drawn(page)
    assert page.evaluate(read) > before
    name = page.locator(".map-visible > summary").inner_text()
    assert re.search(r"\d", name)
    page.locator(".map-visible > summary").click()
    page.locator(".map-visible-item").last.click()
    drawn(page)
    link = page.locator(".map-panel a").first
    if link.count():
        assert "/ar/" in (link.get_attribute("href") or ""), "the sheet opens in another language"
