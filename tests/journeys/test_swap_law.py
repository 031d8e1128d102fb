"""The swap law: what a control changes in place is what the page shows after a full reload."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESK, MakePage
from tests.journeys.crawl import Walk, walked
from tests.journeys.maps import drawn
from tests.journeys.site import Site

KNOWN = {"filtres", "resultats", "composer", "composition"}  # each control stands in one of these

# The page as a reader has it, without what the browser or the map's script adds by itself.
NORMALISED = """() => {
    const copy = document.body.cloneNode(true);
    copy.querySelectorAll("maillage-map").forEach((map) => {
        const picture = map.querySelector(".map-picture");
        map.replaceChildren(...(picture ? [picture] : []));
        ["data-selected", "class"].forEach((name) => map.removeAttribute(name));
    });
    copy.querySelectorAll("#annonces, script").forEach((one) => one.remove());
    copy.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((one) => one.setAttribute("value", ""));
    copy.querySelectorAll("*").forEach((one) => {
        one.classList.remove("htmx-added", "htmx-settling", "htmx-swapping", "htmx-request");
        if (!one.className.length) one.removeAttribute("class");
        one.removeAttribute("data-sent");
    });
    document.querySelectorAll("body input, body select").forEach((one) => {
        const twin = one.id && copy.querySelector(`#${CSS.escape(one.id)}`);
        if (twin) twin.setAttribute("data-now", one.type === "checkbox" ? one.checked : one.value);
    });
    // The secret of one showing of a form, as the one above against forgery: another one each time.
    copy.querySelectorAll("[name=form_key]").forEach((one) => ["value", "data-now"].forEach((name) => one.removeAttribute(name)));
    return copy.innerHTML.replace(/\\s+/g, " ").replace(/> </g, ">\\n<").split("\\n");
}"""


def same_after_reload(page: Page, *, has_map: bool = True) -> None:
    page.wait_for_timeout(150)  # what htmx settles by itself
    swapped = page.evaluate(NORMALISED)
    page.goto("about:blank")
    page.go_back()
    if has_map:
        drawn(page)
    reloaded = page.evaluate(NORMALISED)
    differences = [f"- {one}" for one in swapped if one not in reloaded] + [
        f"+ {one}" for one in reloaded if one not in swapped
    ]
    assert not differences, "\n".join(differences[:20])
    assert swapped == reloaded


FILTERED = ["/atlas/", "/atlas/?q=numérique&lieu=Vénissieux", "/atlas/carte/?theme=rights&tri=recent", "/ar/atlas/"]


@pytest.mark.parametrize("path", FILTERED)
def test_a_ticked_filter(make_page: MakePage, path: str) -> None:
    page = make_page(DESK)
    page.goto(path)
    drawn(page)
    if page.locator(".map-page-filters:not([open])").count():
        page.locator(".map-page-filters > summary").click()
    tick_and_wait(page, "theme-training")
    if page.locator(".map-page-filters").count():
        page.locator(".map-page-filters").evaluate("one => { one.open = false }")
    same_after_reload(page)


def tick_and_wait(page: Page, identifier: str) -> None:
    before = page.url.split("#")[0]
    page.locator(f"#{identifier}").check()
    page.wait_for_url(lambda url: url.split("#")[0] != before)
    expect(page.locator(f"#{identifier}")).to_be_checked()


def test_another_order(desk: Page) -> None:
    desk.goto("/atlas/?theme=rights")
    drawn(desk)
    desk.locator("#tri").select_option("recent")
    desk.wait_for_url("**tri=recent*")
    same_after_reload(desk)


def test_a_zone(desk: Page) -> None:
    desk.goto("/atlas/?theme=rights")
    drawn(desk)
    desk.get_by_role("button", name="Agrandir").click()
    drawn(desk)
    desk.get_by_role("button", name="Chercher dans cette zone").click()
    desk.wait_for_url("**bbox=*")
    drawn(desk)
    same_after_reload(desk)


def test_the_focus_stays_on_the_choice_and_the_count_is_said(desk: Page) -> None:
    desk.goto("/atlas/")
    desk.locator("#theme-rights").focus()
    desk.keyboard.press("Space")
    desk.wait_for_url("**theme=rights*")
    expect(desk.locator("#theme-rights")).to_be_focused()
    expect(desk.locator("#annonces")).to_have_text(re.compile(r"\d+\sfiches?"))


def test_every_control_that_swaps_is_held_by_the_law(site: Site, desk: Page) -> None:
    """Walks the site: a new control with hx- attributes must be named here, and get a journey."""
    walk: Walk = walked()
    for path in walk.pages.values():
        desk.goto(path)
        script = """[...document.querySelectorAll('[data-hx-get],[data-hx-post],[data-hx-boost=true],[hx-get],[hx-post]')]
            .map((one) => one.closest('[id]')?.id ?? '')"""
        assert set(desk.evaluate(script)) <= KNOWN, path


def test_another_map(desk: Page) -> None:
    """The composer redraws the map, its legend and its table; what is typed beside it to keep it stays."""
    desk.goto("/observatoire/cartes/?indicateur=population&dans=epci:200046977")
    desk.locator("#c-par").select_option("surface")
    desk.wait_for_url("**par=surface*")
    same_after_reload(desk, has_map=False)
    desk.locator("#id_title").fill("Les habitants")
    desk.locator("#c-nombre").select_option("3")
    desk.wait_for_url("**nombre=3*")
    expect(desk.locator("#id_title")).to_have_value("Les habitants")
    expect(desk.locator("#a-garder input")).to_have_value(re.compile("nombre=3"))
