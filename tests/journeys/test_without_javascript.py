"""Without JavaScript: the list is filtered, counted, read; the map is a picture and a list."""

from __future__ import annotations

import re

from playwright.sync_api import Page


def shown_total(page: Page) -> int:
    """The number of entries that the page says it found."""
    found = re.search(r"(\d[\d\s\u202f\u00a0]*)\s*(?:fiche|résultat|lieu)", page.locator("main").inner_text())
    assert found is not None, page.locator("main").inner_text()[:600]
    return int(re.sub(r"\D", "", found[1]))


def test_a_facet_is_ticked_and_its_count_was_true(bare_phone: Page) -> None:
    bare_phone.goto("/atlas/")
    everything = shown_total(bare_phone)
    assert everything >= 100
    bare_phone.locator("details:has(form.filters):not([open]) > summary").first.click()
    option = bare_phone.locator("form.filters input[type=checkbox]:enabled").first
    label = bare_phone.locator("form.filters label:has(input[type=checkbox]:enabled)").first
    counts = re.findall(r"\d+", label.inner_text())
    assert counts, label.inner_text()
    option.check()
    bare_phone.locator("form.filters button[type=submit]:visible").first.click()
    assert shown_total(bare_phone) == int(counts[-1]) < everything


def test_the_map_is_a_picture_and_a_list(bare_phone: Page) -> None:
    bare_phone.goto("/atlas/carte/")
    picture = bare_phone.locator("main img").first
    assert picture.is_visible()
    assert picture.get_attribute("alt")
    assert picture.evaluate("one => one.naturalWidth") > 100
    assert bare_phone.locator(".card").count() > 0


def test_pages_follow_each_other_without_loss_nor_repeat(bare_phone: Page) -> None:
    bare_phone.goto("/atlas/")
    total, seen = shown_total(bare_phone), []
    for _ in range(60):
        seen += [card.get_attribute("data-id") for card in bare_phone.locator(".card[data-id]").all()]
        following = bare_phone.locator("nav.pagination a[rel=next], a[rel=next]").first
        if not following.count():
            break
        following.click()
    assert len(seen) == len(set(seen)) == total
