"""Alice looks for PIMMS on her telephone and calls one."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator

from tests.journeys.conftest import DESK, PHONE, MakePage


@pytest.mark.parametrize("javascript", [True, False])
def test_a_pimms_is_called_in_three_taps(make_page: MakePage, javascript: bool) -> None:
    """One on the search field (typing and the keyboard's own search key are no taps on the page), the card, the number."""
    page = make_page(PHONE, javascript=javascript)
    page.goto("/")
    taps: list[str] = []
    tap(page.locator("main input[type=search]").first, taps)
    page.keyboard.type("PIMMS")
    page.keyboard.press("Enter")
    page.wait_for_url("**/atlas/**")
    first = page.locator(".card").first
    assert "PIMMS" in first.inner_text()
    number = first.locator("a[href^='tel:']").first
    if not number.count():
        tap(first.locator("a.card-link"), taps)
        page.wait_for_url("**/fiche/**")
        assert "PIMMS" in page.locator("h1").inner_text()
        number = page.locator("main a[href^='tel:']").first
    number.scroll_into_view_if_needed()
    box = number.bounding_box()
    assert box is not None
    assert min(box["height"], box["width"]) >= 24, "too small for a finger"
    assert re.fullmatch(r"tel:\+33\d{9}", number.get_attribute("href") or "")
    tap(number, taps)
    assert len(taps) <= 3, taps


def tap(target: Locator, taps: list[str]) -> None:
    target.tap()
    taps.append(str(target))


def test_the_same_from_a_desk_and_by_the_sheet(make_page: MakePage) -> None:
    page = make_page(DESK)
    page.goto("/atlas/?q=pimms")
    page.locator(".card a.card-link").first.click()
    page.wait_for_url("**/fiche/**")
    assert "PIMMS" in page.locator("h1").inner_text()


@pytest.mark.parametrize("typed", ["pimms", "PIMM’S", "pims", "Pimms médiation"])
def test_it_is_found_however_it_is_typed(make_page: MakePage, typed: str) -> None:
    page = make_page(PHONE)
    page.goto("/atlas/")
    field = page.locator("main input[type=search]").first
    field.fill(typed)
    field.press("Enter")
    page.locator(".card", has_text="PIMMS").first.wait_for()
