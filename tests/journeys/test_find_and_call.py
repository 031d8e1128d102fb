"""Alice looks for PIMMS on her telephone and calls one."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import DESK, PHONE, MakePage


def call_links(page: Page) -> list[str]:
    return [
        link.get_attribute("href") or "" for link in page.locator("main a[href^='tel:']").all() if link.is_visible()
    ]


@pytest.mark.parametrize("javascript", [True, False])
def test_a_pimms_is_called_in_three_taps(make_page: MakePage, javascript: bool) -> None:
    """Typing is no tap: one on the field, one on the button of search, one on the number or on a card that has it."""
    page = make_page(PHONE, javascript=javascript)
    page.goto("/")
    taps = 0
    field = page.locator("main input[type=search]").first
    field.tap()
    taps += 1
    page.keyboard.type("PIMMS")
    page.locator("main form:has(input[type=search]) button[type=submit]").first.tap()
    taps += 1
    page.wait_for_url("**/atlas/**")
    page.locator(".card").first.wait_for()
    assert "PIMMS" in page.locator(".card").first.inner_text()
    assert call_links(page), "no telephone number can be touched in the list: calling takes a fourth tap"
    number = page.locator("main a[href^='tel:']").first
    box = number.bounding_box()
    assert box is not None
    assert box["height"] >= 24, "too small for a finger"
    assert number.get_attribute("href", timeout=1000).startswith("tel:+33")  # type: ignore[union-attr]
    taps += 1
    assert taps == 3


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
