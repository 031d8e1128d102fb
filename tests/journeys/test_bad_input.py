"""Bad input: each gets a clear page in plain French, and loses nothing that was typed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESK, PHONE, MakePage
from tests.journeys.stories import Proposal, accept, code_shown, first_step, open_at_the_desk, press, propose, sign_in
from tests.journeys.test_propose_and_decide import some_entry

SCRIPT = "<script>document.title='volé'</script><img src=x onerror=\"document.title='volé'\"><b>gras</b>"


def test_a_script_is_shown_as_text_and_never_runs(make_page: MakePage, moderator_link: str) -> None:
    alice = make_page(DESK)
    name = f"Atelier {SCRIPT}"
    propose(alice, Proposal(name, summary=f"On y lit {SCRIPT}", message=SCRIPT))
    assert "volé" not in alice.title()
    moderator = make_page(DESK)
    sign_in(moderator, moderator_link)
    open_at_the_desk(moderator, "Atelier <script>")
    shows_text_only(moderator)
    accept(moderator, "Atelier <script>")
    alice.goto("/atlas/?q=Atelier")
    alice.locator(".card-link", has_text="Atelier <script>").first.click()
    alice.wait_for_url("**/fiche/**")
    shows_text_only(alice)
    assert alice.locator("h1").inner_text() == name


def shows_text_only(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    assert "volé" not in page.title().replace(SCRIPT, "")
    assert page.locator("main b, main img[src=x], main script").count() == 0
    assert "<script>" in page.locator("main").inner_text()


def test_a_text_of_100_kb_is_kept_in_the_field_and_told(bare_phone: Page) -> None:
    long_text = "Très long. " * 9_500
    first_step(bare_phone, Proposal("Bibliothèque de rue", summary=long_text))
    press(bare_phone, "Continuer")
    assert bare_phone.title().startswith("Erreur")
    assert bare_phone.locator(".error-summary a").count() == 1
    assert bare_phone.get_by_label("À quoi ça sert").input_value().strip() == long_text.strip()
    assert bare_phone.get_by_label("Comment s’appelle").input_value() == "Bibliothèque de rue"


def test_a_refused_form_keeps_everything_and_leads_to_the_field(phone: Page) -> None:
    first_step(phone, Proposal("", summary="مكتبة الحي 📚 — lire ensemble"))
    phone.get_by_label("Papiers et droits").check()
    press(phone, "Continuer")
    phone.locator(".error-summary").wait_for()
    assert phone.evaluate("document.activeElement.className").startswith("error-summary")
    assert phone.get_by_label("À quoi ça sert").input_value() == "مكتبة الحي 📚 — lire ensemble"
    assert phone.get_by_label("Papiers et droits").is_checked()
    phone.locator(".error-summary a").first.click()
    field = phone.get_by_label("Comment s’appelle")
    assert field.evaluate("one => one === document.activeElement")
    assert field.get_attribute("aria-invalid") == "true"
    described = (field.get_attribute("aria-describedby") or "").split()
    assert any(
        "Écrivez" in phone.locator(f"#{one}").inner_text() or phone.locator(f"#{one}.field-error").count()
        for one in described
    )


def test_impossible_and_swapped_coordinates_are_told(bare_phone: Page) -> None:
    first_step(bare_phone, Proposal("Point perdu"))
    press(bare_phone, "Continuer")
    for lat, lon, told in (
        ("95", "4,88", "n’existe pas"),
        ("4,88", "45,70", "inversées"),
        ("abc", "x", "pas comprises"),
    ):
        if not bare_phone.get_by_label("Latitude").is_visible():
            bare_phone.locator("summary", has_text="coordonnées").click()
        bare_phone.get_by_label("Latitude").fill(lat)
        bare_phone.get_by_label("Longitude").fill(lon)
        press(bare_phone, "Continuer")
        assert told in bare_phone.locator(".error-summary").inner_text()
        assert bare_phone.get_by_label("Latitude").input_value() == lat


@pytest.mark.parametrize("javascript", [False, True])
def test_sent_twice_is_one_suggestion(make_page: MakePage, javascript: bool) -> None:
    """A double press, then the same form sent again as a tired network does."""
    entry, words = some_entry(3), f"Le nom a une faute ({javascript})."
    page = make_page(PHONE, javascript=javascript)
    page.goto(f"/atlas/fiche/{entry}/signaler/wrong/")
    page.get_by_label("Qu’est-ce qui n’est pas juste ?").fill(words)
    fields = page.locator("main form.form [name]")
    typed = {
        one.get_attribute("name") or "": one.input_value()
        for one in fields.all()
        if one.get_attribute("type") != "radio"
    }
    address = page.url
    page.get_by_role("button", name="Signaler cette erreur").dblclick()
    # The second press may take the place of the navigation that the first began.
    expect(page).to_have_url(re.compile(r"/merci/"), timeout=30_000)
    page.wait_for_load_state("networkidle")
    code = code_shown(page)
    again = page.request.post(address, form=typed, headers={"Referer": address})
    assert again.url == page.url.removesuffix("?deja=1") + "?deja=1"
    assert "Vous aviez déjà envoyé cette demande" in again.text()
    page.reload()
    assert code_shown(page) == code
    assert suggestions_saying(entry, words) == 1


def suggestions_saying(entry: int, words: str) -> int:
    from maillage.rooms.atlas.models import Suggestion

    return Suggestion.objects.filter(entry_id=entry, message=words).count()


def test_a_stale_form_says_what_changed_and_keeps_what_was_typed(make_page: MakePage, moderator_link: str) -> None:
    entry = some_entry(4)
    alice, bob = make_page(PHONE, javascript=False), make_page(DESK, javascript=False)
    alice.goto(f"/atlas/fiche/{entry}/corriger/")
    name = alice.get_by_label("Nom", exact=True).input_value()
    alice.get_by_label("En une phrase").fill("La phrase d’Alice.")
    bob.goto(f"/atlas/fiche/{entry}/corriger/")
    bob.get_by_label("En une phrase").fill("La phrase de Bob.")
    press(bob, "Envoyer ma correction")
    bob.wait_for_url("**/merci/")
    moderator = make_page(DESK, javascript=False)
    sign_in(moderator, moderator_link)
    accept(moderator, name)
    press(alice, "Envoyer ma correction")
    told = alice.locator("main").inner_text()
    assert "La fiche a changé pendant que vous écriviez" in told
    assert "La phrase de Bob." in told
    assert alice.get_by_label("En une phrase").input_value() == "La phrase d’Alice."
    press(alice, "Envoyer ma correction")
    code_shown(alice)


def test_an_unknown_state_in_the_address_is_told_and_left_aside(bare_phone: Page) -> None:
    answer = bare_phone.goto("/atlas/?theme=inconnu&bbox=1,2,3&tri=hasard&territoire=mars&apres=zzz&q=pimms")
    assert answer is not None
    assert answer.status == 200
    assert "n’a pas été comprise" in bare_phone.locator("main").inner_text()
    assert "PIMMS" in bare_phone.locator(".card").first.inner_text()


def test_a_page_that_does_not_exist_says_what_to_do(bare_phone: Page) -> None:
    for path in ("/atlas/fiche/999999/", "/nulle-part/", "/territoires/qpv/QN000000/"):
        answer = bare_phone.goto(path)
        assert answer is not None
        assert answer.status == 404, path
        assert bare_phone.locator("main a").count() >= 1
        assert bare_phone.locator("h1").count() == 1
