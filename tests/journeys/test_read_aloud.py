"""What a screen reader says of our pages: once, in its place, and never nothing. Each test comes from a fault that was heard."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import DESK, MakePage
from tests.journeys.crawl import asked_of_each_page
from tests.journeys.maps import drawn
from tests.journeys.site import Site
from tests.journeys.stories import Proposal, first_step, open_at_the_desk, press, propose, sign_in
from tests.journeys.test_structure import faults_in

HEARD = """() => {
    const seen = (one) => one.checkVisibility();
    const short = (one) => one.outerHTML.slice(0, 140);
    const all = (selector) => [...document.querySelectorAll(selector)];
    const isHidden = (one) => one.matches?.("[aria-hidden=true], script, style, template");
    const said = (node) => node.nodeType === Node.TEXT_NODE ? node.textContent : isHidden(node) ? "" : node.textContent;
    /* Two boxes one beside or under the other are two words for the eyes; for the voice, only if something parts them. */
    const isGlued = (one) => {
        if (!seen(one) || isHidden(one) || one.closest("label") || getComputedStyle(one).display === "inline") return false;
        const own = one.matches(".visually-hidden") ? one.textContent : one.textContent.trimStart();
        let before = one.previousSibling;
        while (before && !said(before).trim()) before = before.previousSibling;
        if (!before || !/^[\\p{L}\\p{N}]/u.test(own)) return false;
        if (before.nodeType === Node.ELEMENT_NODE && !before.matches("span, strong, bdi, a, small, em, time, q")) return false;
        const last = before.nodeType === Node.ELEMENT_NODE ? [...before.querySelectorAll(".visually-hidden")].at(-1) : null;
        const whole = said(before);
        const end = last && whole.trimEnd().endsWith(last.textContent.trimEnd()) ? last.textContent : whole.trimEnd();
        return /[\\p{L}\\p{N}]$/u.test(end);
    };
    return {
        shouted: all("[role=status], [role=alert], [role=log], [aria-live]:not([aria-live=off])")
            .filter((one) => one.textContent.trim()).map(short),
        readAsStatusBars: all("[role=status]:empty:not([hidden])").map(short),
        glued: all("main span, main strong, main small, main bdi").filter(isGlued).map((one) => short(one.parentElement)),
        manyRegions: [all(`:is(section, [role=region]):is([aria-label], [aria-labelledby]):not([tabindex='0'])`).filter(seen)]
            .filter((found) => found.length > 4).map((found) => `${found.length} regions`),
        sentByAChoice: all("form[data-auto-submit]:not([data-hx-get])").map(short),
    };
}"""


@pytest.fixture(scope="module")
def heard(site: Site, browser: Browser) -> dict[str, dict[str, Any]]:
    """What each page that links lead to gives to hear, on a desk."""
    return asked_of_each_page(browser, site.address, HEARD)


def test_nothing_is_spoken_out_of_place_as_a_page_opens(heard: dict[str, dict[str, Any]]) -> None:
    assert faults_in(heard, "shouted") == []
    assert faults_in(heard, "readAsStatusBars") == []


def test_words_drawn_apart_are_said_apart(heard: dict[str, dict[str, Any]]) -> None:
    assert faults_in(heard, "glued") == []


def test_landmarks_are_few(heard: dict[str, dict[str, Any]]) -> None:
    """A part under its own heading is no landmark: its name would be said twice, and the list of landmarks of no use."""
    assert faults_in(heard, "manyRegions") == []


def test_a_choice_never_loads_another_page(heard: dict[str, dict[str, Any]]) -> None:
    """By keyboard a list is gone through choice by choice: the first one would take the person to the top of another page."""
    assert faults_in(heard, "sentByAChoice") == []


def test_the_desk_waits_for_its_button(make_page: MakePage, moderator_link: str) -> None:
    page = make_page(DESK)
    sign_in(page, moderator_link)
    for path, field in (("/atlas/bureau/", "État"), ("/atlas/doublons/", "État")):
        page.goto(path)
        choice = page.get_by_label(field, exact=True)
        choice.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        page.wait_for_timeout(300)
        assert page.url.endswith(path) and choice.evaluate("one => one === document.activeElement")
        press(page, "Filtrer")
        page.wait_for_url("**?*etat=*")


def test_an_error_takes_the_focus_and_is_not_said_a_second_time(phone: Page) -> None:
    first_step(phone, Proposal("", summary="On y répare les vélos."))
    press(phone, "Continuer")
    summary = phone.locator(".error-summary")
    summary.wait_for()
    assert summary.evaluate("one => one === document.activeElement")
    assert phone.locator("[role=alert], .error-summary [aria-live], .error-summary [role=status]").count() == 0
    assert phone.locator("#annonces").inner_text() == ""


def test_each_step_of_a_form_has_its_title(bare_phone: Page) -> None:
    first_step(bare_phone, Proposal("Atelier vélo"))
    titles = [bare_phone.title()]
    press(bare_phone, "Continuer")
    titles.append(bare_phone.title())
    bare_phone.get_by_label("Commune").fill("Bron")
    press(bare_phone, "Continuer")
    titles.append(bare_phone.title())
    assert [title.split(" — ")[0] for title in titles] == [
        "Étape 1 sur 3, Quoi\xa0?",
        "Étape 2 sur 3, Où\xa0?",
        "Étape 3 sur 3, Quand, et comment joindre\xa0?",
    ]
    assert re.findall(r"\d", bare_phone.locator(".steps").aria_snapshot()) == []


def test_a_search_is_told_by_its_title(desk: Page) -> None:
    desk.goto("/atlas/?q=pimms&lieu=Bron")
    count = desk.locator("#resultats-titre").inner_text()
    assert desk.title().startswith(f"{count}, pimms, Bron — ")
    desk.get_by_label("Papiers et droits").check()
    expect(desk.locator("#resultats-titre")).not_to_have_text(count)
    expect(desk).to_have_title(re.compile(re.escape(desk.locator("#resultats-titre").inner_text())))


def test_the_same_count_is_said_again(desk: Page) -> None:
    """Reading tools compare two states of the page: the same text in the same node would be no news to them."""
    desk.goto("/atlas/?q=imprimer")
    desk.evaluate(
        """() => {
            window.told = [];
            const region = document.getElementById("annonces");
            const keep = (list) => list.forEach((one) => one.addedNodes.forEach((node) => {
                if (node.nodeType === Node.ELEMENT_NODE) window.told.push(node.textContent);
            }));
            new MutationObserver(keep).observe(region, { childList: true });
        }"""
    )
    for sort in ("nom", "recent"):
        with desk.expect_response(lambda answer, wanted=sort: f"tri={wanted}" in answer.url):  # type: ignore[misc]
            desk.locator("#tri").select_option(sort)
        desk.wait_for_timeout(400)
    count = desk.locator("#resultats-titre").inner_text()
    assert desk.evaluate("window.told") == [count, count]


def test_what_was_done_is_said_on_the_next_page(make_page: MakePage, moderator_link: str) -> None:
    bare, page = make_page(javascript=False), make_page(DESK)
    propose(bare, Proposal("Repair café des Brosses"))
    sign_in(page, moderator_link)
    open_at_the_desk(page, "Repair café des Brosses")
    page.locator("button[name=action][value=accept]").click()
    expect(page.locator("#annonces")).to_contain_text(". Demande acceptée")


def test_a_composed_map_is_told_when_it_changes(desk: Page) -> None:
    desk.goto("/observatoire/cartes/?indicateur=no2")
    assert desk.locator("#annonces").inner_text() == ""
    desk.locator("#c-indicateur").select_option("pm25")
    expect(desk.locator("#annonces")).to_contain_text("Particules fines")
    picture, told = desk.locator(".drawn-map img"), desk.locator(".map-sentence").inner_text()
    assert "Particules fines" in (picture.get_attribute("alt") or "") and picture.get_attribute("alt") != told


def test_the_way_past_the_menus_leaves_nothing_clickable(desk: Page) -> None:
    """The content takes the focus that the link brings, and only then: told focusable, all in it would be told clickable."""
    desk.goto("/")
    content = desk.locator("main")
    assert content.get_attribute("tabindex") is None
    desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")
    assert content.evaluate("one => one === document.activeElement")
    desk.keyboard.press("Tab")
    assert content.get_attribute("tabindex") is None and content.evaluate("one => one.contains(document.activeElement)")


def focus_is_kept(page: Page) -> bool:
    kept: bool = page.evaluate("document.activeElement !== null && document.activeElement !== document.body")
    return kept


def test_opening_a_group_of_the_map_keeps_the_focus(desk: Page) -> None:
    desk.goto("/atlas/carte/")
    drawn(desk)
    desk.locator(".map-visible > summary").click()
    group = desk.locator(".map-visible-item", has_text="Groupe de").first
    key = group.get_attribute("data-key")
    group.focus()
    desk.keyboard.press("Enter")
    expect(desk.locator(f'.map-visible-item[data-key="{key}"]')).to_have_count(0)
    expect(desk.locator("#annonces")).to_contain_text("Carte déplacée")
    assert focus_is_kept(desk)
    assert desk.evaluate("document.activeElement.closest('.map-visible') !== null")


def test_searching_in_the_zone_keeps_the_focus(desk: Page) -> None:
    desk.goto("/atlas/carte/")
    drawn(desk)
    desk.get_by_role("button", name="Agrandir").focus()
    desk.keyboard.press("Enter")
    here = desk.get_by_role("button", name="Chercher dans cette zone")
    here.focus()
    desk.keyboard.press("Enter")
    expect(here).to_be_hidden()
    assert desk.evaluate("document.activeElement.matches('.map-visible > summary')")
    expect(desk.locator("#annonces")).to_contain_text("fiches")


def test_a_code_is_told_sign_by_sign(bare_phone: Page) -> None:
    code = propose(bare_phone, Proposal("Jardin des Essarts"))
    assert ", ".join(code.replace("-", "")) in bare_phone.locator("main").inner_text()
