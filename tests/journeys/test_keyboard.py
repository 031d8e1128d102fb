"""Nobody's mouse: everything by the keyboard alone, with the focus always visible."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESK, PHONE, MakePage
from tests.journeys.keyboard import focused, has_visible_focus, tab_until
from tests.journeys.maps import drawn
from tests.journeys.stories import Proposal, propose, sign_in


def test_filter_reach_an_entry_on_the_map_open_it_and_come_back(desk: Page) -> None:
    desk.goto("/atlas/")
    drawn(desk)
    tab_until(desk, "Papiers et droits")
    desk.keyboard.press("Space")
    desk.wait_for_url("**theme=rights*")
    expect(desk.locator("#theme-rights")).to_be_focused()
    drawn(desk)
    tab_until(desk, "Lieux visibles sur la carte", limit=250)
    desk.keyboard.press("Enter")
    name = open_until_alone(desk)
    assert focused(desk).startswith("a Ouvrir la fiche"), focused(desk)
    assert has_visible_focus(desk)
    desk.wait_for_url("**choix=*")
    left_at, scrolled = desk.url, desk.evaluate("scrollY")
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/fiche/**")
    assert desk.locator("h1").inner_text() == name
    desk.keyboard.press("Alt+ArrowLeft")
    if "/fiche/" in desk.url:  # a browser without window does not know the shortcut
        desk.go_back()
    desk.wait_for_url("**choix=*")
    drawn(desk)
    assert desk.url == left_at
    assert desk.locator("#theme-rights").is_checked()
    chosen = re.search(r"choix=(\d+)", desk.url)
    assert chosen is not None
    assert desk.evaluate("document.querySelector('maillage-map').selected") == chosen[1]
    card = desk.locator(f".card[data-id='{chosen[1]}']")
    if card.count():
        expect(card).to_have_attribute("aria-current", "true")
    assert abs(desk.evaluate("scrollY") - scrolled) < 120


def open_until_alone(page: Page) -> str:
    """Enter on groups until one entry stands alone; chooses it and returns its name."""
    for _ in range(8):
        single = page.locator(".map-visible-item:not(:has-text('Groupe de'))")
        wanted = single.first if single.count() else page.locator(".map-visible-item").first
        name = wanted.inner_text().strip().splitlines()[0]
        tab_to(page, wanted.get_attribute("data-key") or "")
        page.keyboard.press("Enter")
        if single.count():
            return name
        drawn(page)
        assert focused(page), "the focus was lost when the list of the map was drawn anew"
    raise AssertionError("no entry ever stood alone")


def tab_to(page: Page, key: str) -> None:
    here = "document.activeElement?.dataset?.key"
    for step in ("Tab", "Shift+Tab"):
        for _ in range(60):
            if page.evaluate(here) == key:
                return
            page.keyboard.press(step)
    raise AssertionError(f"{key} is not reached by the tab key; on {focused(page)}")


def test_the_skip_link_comes_first_and_leads_to_the_content(desk: Page) -> None:
    for path in ("/", "/atlas/", "/accessibilite/"):
        desk.goto(path)
        desk.keyboard.press("Tab")
        assert focused(desk) == "a Aller au contenu"
        assert desk.locator(":focus").bounding_box()["y"] >= 0  # type: ignore[index]
        assert has_visible_focus(desk)
        desk.keyboard.press("Enter")
        assert desk.evaluate("document.activeElement.id") == "contenu"
        desk.keyboard.press("Tab")
        assert desk.evaluate("document.activeElement.closest('main') !== null"), path


def test_the_menu_of_a_phone_opens_and_closes(make_page: MakePage) -> None:
    page = make_page(PHONE)
    page.goto("/")
    tab_until(page, "summary Menu")
    page.keyboard.press("Enter")
    first = page.locator(".menu-phone li a").first
    expect(first).to_be_visible()
    page.keyboard.press("Tab")
    expect(first).to_be_focused()
    page.keyboard.press("Escape")
    expect(first).to_be_hidden()
    assert focused(page) == "summary Menu"


def test_folded_choices_open_and_are_ticked(desk: Page) -> None:
    desk.goto("/atlas/")
    said = tab_until(desk, lambda text: text.startswith("summary Voir") and "choix" in text, limit=80)
    desk.keyboard.press("Enter")
    desk.keyboard.press("Tab")
    assert focused(desk).startswith("input"), said
    identifier = desk.evaluate("document.activeElement.id")
    desk.keyboard.press("Space")
    desk.wait_for_url(lambda url: "?" in url)
    expect(desk.locator(f"[id='{identifier}']")).to_be_checked()
    expect(desk.locator(f"[id='{identifier}']")).to_be_focused()


def test_the_map_moves_by_arrows_and_its_buttons(desk: Page) -> None:
    desk.goto("/atlas/carte/")
    drawn(desk)
    tab_until(desk, lambda said: said.startswith("canvas"))
    before = desk.evaluate("document.querySelector('maillage-map').map.getCenter().toArray()")
    desk.keyboard.press("ArrowRight")
    drawn(desk)
    moved = desk.evaluate("document.querySelector('maillage-map').map.getCenter().toArray()")
    assert moved[0] > before[0]
    for label, smaller in (("Agrandir", False), ("Réduire", True)):
        zoom = desk.evaluate("document.querySelector('maillage-map').map.getZoom()")
        tab_until(desk, label)
        desk.keyboard.press("Enter")
        drawn(desk)
        assert (desk.evaluate("document.querySelector('maillage-map').map.getZoom()") < zoom) is smaller
    expect(desk.locator("#annonces")).to_contain_text("visibles")


def test_the_keyboard_is_never_caught(desk: Page) -> None:
    """From the first link through filters, list and map to the last link of the page, and back again."""
    desk.goto("/atlas/carte/?q=pimms")
    drawn(desk)
    tab_until(desk, lambda said: said.startswith("canvas"))
    tab_until(desk, "Lieux visibles sur la carte")
    tab_until(desk, "Vos données", limit=250)
    tab_until(desk, lambda said: said.startswith("canvas"), limit=300, key="Shift+Tab")
    tab_until(desk, "button Chercher", key="Shift+Tab")


def test_every_field_of_a_search_is_reached_in_the_order_it_is_read(desk: Page) -> None:
    desk.goto("/")
    order = [
        tab_until(desk, wanted) for wanted in ("De quoi avez-vous besoin", "Près de quel endroit", "button Chercher")
    ]
    assert len(order) == 3
    assert desk.evaluate("[...document.querySelectorAll('[tabindex]')].every((one) => one.tabIndex <= 0)")


def test_a_moderator_decides_with_four_keys(make_page: MakePage, moderator_link: str) -> None:
    alice = make_page(PHONE, javascript=False)
    names = [f"Clavier {letter}" for letter in "ABC"]
    for name in names:
        propose(alice, Proposal(name))
    page = make_page(DESK)
    sign_in(page, moderator_link)
    page.goto("/atlas/bureau/?nature=new")
    first = page.locator(".desk-queue > li", has=page.get_by_role("heading", name=names[0]))
    first.get_by_role("button", name="Regarder").press("Enter")
    heading = page.locator("h1")

    def at(name: str) -> None:
        expect(heading).to_have_text(name)
        page.wait_for_load_state()  # the keys' script comes after the text

    at(names[0])
    page.keyboard.press("j")
    at(names[1])
    page.keyboard.press("k")
    at(names[0])
    page.keyboard.press("a")
    page.get_by_text("Demande acceptée").wait_for()
    at(names[1])
    page.keyboard.press("r")
    expect(page.locator("#id_reason_code")).to_be_focused()
    page.keyboard.type("Publicité")
    tab_until(page, "button Refuser", limit=6)
    page.keyboard.press("Enter")
    page.get_by_text("Demande refusée").wait_for()
    at(names[2])
    page.get_by_label("Ajouter quelques mots").focus()
    page.keyboard.type("a j k r")  # letters typed in a field decide nothing
    at(names[2])
    page.get_by_label("Utiliser ces touches").uncheck()
    page.locator("h1").click()
    page.keyboard.press("a")
    page.wait_for_timeout(300)
    at(names[2])
