"""A project lead crosses two dimensions, opens a full cell, an empty one, and a conclusion of the study."""

from __future__ import annotations

import re

import pytest

from tests.journeys.conftest import DESK, PHONE, MakePage


def first_number(text: str) -> int:
    found = re.search(r"\d+", text)
    assert found is not None, text
    return int(found[0])


@pytest.mark.parametrize("width,javascript", [(DESK, True), (PHONE, False)])
def test_from_the_front_page_to_the_entries_of_a_cell(make_page: MakePage, width: int, javascript: bool) -> None:
    page = make_page(width, javascript=javascript)
    page.goto("/observatoire/")
    page.locator("main a.door", has_text="Reliefs").click()
    page.locator("#colonnes").select_option("acteur")
    page.locator("#portee").select_option("local")
    page.locator("form.relief-form button").click()
    page.wait_for_url("**colonnes=acteur**portee=local**")
    full = page.locator("td.relief-present a").first
    count = first_number(full.inner_text())
    full.click()
    page.wait_for_url("**/fiches/**")
    assert first_number(page.locator("main p strong").first.inner_text()) == count
    assert page.locator(".relief-things > li").count() == min(count, 50)
    page.locator(".relief-things a").first.click()
    page.wait_for_url("**/atlas/fiche/**")


def test_an_empty_cell_says_who_searched_or_that_nobody_did(make_page: MakePage) -> None:
    page = make_page(DESK)
    page.goto("/observatoire/reliefs/?lignes=theme&colonnes=acteur&portee=local")
    page.locator("td.relief-sought a", has_text="non trouvé").first.click()
    page.wait_for_url("**/fiches/**")
    assert "Repérage local" in page.locator("main").inner_text()
    page.goto("/observatoire/reliefs/?lignes=commune&colonnes=theme")
    page.locator("td.relief-unsought a", has_text="non cherché").first.click()
    page.wait_for_url("**/fiches/**")
    assert "le vide ne veut rien dire" in page.locator("main").inner_text()


def test_the_table_scrolls_by_keyboard_inside_its_own_region(make_page: MakePage) -> None:
    page = make_page(PHONE)
    page.goto("/observatoire/reliefs/")
    region = page.locator(".relief-scroll")
    assert region.get_attribute("tabindex") == "0" and region.get_attribute("role") == "region"
    region.focus()
    for _press in range(5):
        page.keyboard.press("ArrowRight")
    for _wait in range(40):
        if region.evaluate("element => element.scrollLeft"):
            break
        page.wait_for_timeout(50)
    assert region.evaluate("element => element.scrollLeft") > 0


def test_a_conclusion_opens_exactly_what_it_counts(make_page: MakePage) -> None:
    page = make_page(DESK)
    page.goto("/observatoire/conclusions/")
    assert page.locator(".relief-conclusions > li").count() >= 15
    figure = page.locator(".relief-figures a strong").first
    count = first_number(figure.inner_text())
    figure.click()
    page.wait_for_url("**/fiches/**")
    assert first_number(page.locator("main p strong").first.inner_text()) == count
