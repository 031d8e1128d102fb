"""Small screens and large letters: nothing is cut, nothing scrolls sideways, nothing lies over something else."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import DESK, MakePage
from tests.journeys.crawl import walked
from tests.journeys.maps import settled
from tests.journeys.site import Site
from tests.journeys.watch import overflow_of

MAIN_PAGES = (
    "/", "/atlas/", "/atlas/?q=pimms&theme=rights", "/atlas/carte/", "/atlas/fiche/5/", "/atlas/proposer/",
    "/territoires/", "/atlas/suivi/", "/accessibilite/", "/ar/atlas/",
)  # fmt: skip
SPACED = """() => document.querySelectorAll("body *").forEach((one) => {
    one.style.lineHeight = "1.5"; one.style.letterSpacing = "0.12em"; one.style.wordSpacing = "0.16em";
})"""
CUT = """() => [...document.querySelectorAll("main :is(a, button, p, li, h1, h2, h3, label, summary, td, th)")]
    .filter((one) => {
        const style = getComputedStyle(one);
        const hides = style.overflow === "hidden" || style.textOverflow === "ellipsis";
        const cut = one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1;
        return hides && !one.closest(".visually-hidden") && cut;
    }).map((one) => one.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("path", MAIN_PAGES)
def test_letters_twice_as_large_on_the_smallest_screen(make_page: MakePage, path: str) -> None:
    page = make_page(320)
    page.goto(path)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert overflow_of(page) == []
    page.evaluate("document.documentElement.style.fontSize = ''")
    page.evaluate(SPACED)
    assert overflow_of(page) == []
    assert page.evaluate(CUT) == []


def test_no_page_scrolls_sideways_in_another_language(site: Site, make_page: MakePage) -> None:
    """English words are short and long, Arabic is read from the other side: every page, on a telephone."""
    page = make_page()
    faults = []
    for name, path in walked().pages.items():
        for language, direction in (("en", "ltr"), ("ar", "rtl")):
            answer = page.goto(f"/{language}{path}")
            assert answer is not None
            said = page.evaluate("[document.documentElement.lang, document.documentElement.dir, document.title]")
            if answer.status != 200 or said[:2] != [language, direction] or not said[2].strip():
                faults.append(f"{name} in {language}: {answer.status}, {said}")
            faults += [f"{name} in {language}: {one}" for one in overflow_of(page)]
    assert not faults, "\n".join(faults)


def test_every_target_is_large_enough_for_a_finger(phone: Page) -> None:
    """48 pixels for buttons and choices, or 24 for a link in a list; links within a sentence are free."""
    script = """() => [...document.querySelectorAll("button, summary, .choice, .button, select, input:not([type=hidden])")]
        .filter((one) => one.checkVisibility() && !one.closest(".choice:not(label)"))
        .map((one) => [one.closest("label.choice") ?? one, one])
        .filter(([box]) => {
            const { height, width } = box.getBoundingClientRect();
            return height && (height < 44 || width < 44);
        })
        .map(([, one]) => one.outerHTML.slice(0, 120))"""
    for path in ("/", "/atlas/", "/atlas/carte/", "/atlas/fiche/5/", "/atlas/proposer/", "/affichage/"):
        phone.goto(path)
        settled(phone)
        assert phone.evaluate(script) == [], path


@pytest.mark.parametrize("text", ["150", "200"])
def test_the_reader_s_own_choices_are_kept_from_page_to_page(make_page: MakePage, text: str) -> None:
    page = make_page(DESK, javascript=False)
    page.goto("/affichage/?retour=/atlas/")
    for value in ("dark", "high", text):
        page.locator(f"label:has(input[value='{value}'])").click()
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/atlas/**")
    for path in ("/atlas/", "/territoires/", "/accessibilite/"):
        page.goto(path)
        chosen = page.locator("html").evaluate("one => [one.dataset.theme, one.dataset.contrast, one.dataset.text]")
        assert chosen == ["dark", "high", text]
        size = page.locator("body").evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
        assert size == pytest.approx(18 * int(text) / 100, abs=0.6)
        assert overflow_of(page) == []


def test_a_phone_may_be_held_either_way(make_page: MakePage) -> None:
    page = make_page(740, viewport={"width": 740, "height": 360})
    for path in ("/", "/atlas/", "/atlas/carte/", "/atlas/fiche/5/"):
        page.goto(path)
        assert overflow_of(page) == []
        box = page.locator("h1").bounding_box()
        assert box is not None
        assert box["y"] < 360, "the page asks to turn the phone"
