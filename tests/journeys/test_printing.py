"""Printed: what one takes along is the text, the number to call, the address of the page; black on white, and short."""

from __future__ import annotations

import io
import re

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

from tests.journeys.conftest import DESK, MakePage


def printed(page: Page) -> PdfReader:
    page.wait_for_load_state("networkidle")
    return PdfReader(io.BytesIO(page.pdf(format="A4", print_background=False, prefer_css_page_size=True)))


def test_a_sheet_of_seven_places_says_where_when_and_how_to_call(make_page: MakePage) -> None:
    page = make_page(DESK)
    page.goto("/atlas/?q=pimms")
    page.locator(".card-link").first.click()
    page.wait_for_url("**/fiche/**")
    name, address = page.locator("h1").inner_text(), page.url.split("#")[0]
    leaf = printed(page)
    text = " ".join("\n".join(one.extract_text() for one in leaf.pages).replace("\u00a0", " ").split())
    assert len(leaf.pages) <= 5, f"{len(leaf.pages)} pages for seven places with their hours"
    assert text.count("lundi") >= 7, "the hours are not printed"
    assert name in text
    assert re.search(r"\b0\d( \d\d){4}\b", text)
    assert address.split("//")[1] in text.replace(" ", "")
    for button in ("Copier l’adresse", "Dire que c’est fermé", "Aller au contenu", "Menu"):
        assert button not in text


@pytest.mark.parametrize("path", ["/atlas/fiche/12/", "/atlas/fiche/60/", "/territoires/commune/69259/"])
def test_an_ordinary_page_is_two_sheets_of_paper(make_page: MakePage, path: str) -> None:
    page = make_page(DESK)
    page.goto(path)
    assert 1 <= len(printed(page).pages) <= 2


def test_paper_is_black_on_white_in_every_theme(make_page: MakePage) -> None:
    page = make_page(DESK, color_scheme="dark")
    page.goto("/atlas/fiche/5/")
    page.emulate_media(media="print", color_scheme="dark")
    script = """() => [...document.querySelectorAll("main :is(h1, h2, p, li, dd, dt, a)")].filter((one) => one.checkVisibility())
        .map((one) => [getComputedStyle(one).color, parseFloat(getComputedStyle(one).fontSize)])"""
    seen = page.evaluate(script)
    assert len(seen) > 10
    assert {colour for colour, _ in seen} <= {"rgb(0, 0, 0)", "rgb(51, 51, 51)"}
    assert min(size for _, size in seen) >= 12  # 9 points
    assert page.locator("body").evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("main .qr").first.is_visible()
    assert not page.locator("header nav").is_visible()


def test_a_list_is_printed_without_its_machinery(make_page: MakePage) -> None:
    page = make_page(DESK)
    page.goto("/atlas/?q=pimms")
    count = page.locator(".card").count()
    page.emulate_media(media="print")
    assert page.locator(".card").count() == count
    for hidden in ("#filtres", "#recherche", "maillage-map", ".pagination", ".results-foot"):
        assert not any(one.is_visible() for one in page.locator(hidden).all()), hidden
