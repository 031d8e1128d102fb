"""The pages that no link leads to: steps of a proposal, thanks and following, the desk; accessible as the others."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.journeys.axe import violations
from tests.journeys.conftest import DESK, PHONE, MakePage
from tests.journeys.stories import (
    Proposal,
    first_step,
    open_at_the_desk,
    press,
    propose,
    refuse,
    set_up_second_step,
    sign_in,
)
from tests.journeys.test_propose_and_decide import some_entry
from tests.journeys.watch import overflow_of


def checked(page: Page, faults: list[str], name: str) -> None:
    """Looks at the page as it stands now."""
    page.wait_for_load_state()
    said = page.evaluate(
        "[document.querySelectorAll('h1').length, document.title.trim(), document.documentElement.lang]"
    )
    found = [*violations(page), *(f"scrolls sideways: {one}" for one in overflow_of(page))]
    if said[0] != 1 or not said[1] or not said[2]:
        found.append(f"h1, title, lang: {said}")
    faults += [f"{name} ({page.url}): {one}" for one in found]


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_proposing_and_following(make_page: MakePage, width: int) -> None:
    page, faults = make_page(width, axe=True), list[str]()
    first_step(page, Proposal(""))
    press(page, "Continuer")
    checked(page, faults, "a refused first step")
    first_step(page, Proposal("PIMMS Lyon Métropole"))
    press(page, "Garder et finir plus tard")
    checked(page, faults, "kept for later")
    press(page, "Reprendre maintenant")
    press(page, "Continuer")
    checked(page, faults, "where")
    page.get_by_label("Commune").fill("Lyon")
    press(page, "Continuer")
    checked(page, faults, "duplicates")
    assert page.url.endswith("/deja/"), "no duplicate was offered"
    press(page, "C’est autre chose")
    checked(page, faults, "when and how")
    press(page, "Envoyer ma proposition")
    page.wait_for_url("**/merci/")
    checked(page, faults, "thanks")
    press(page, "Suivre ma demande")
    checked(page, faults, "following")
    page.goto("/atlas/suivi/AAAAAAAAAA/")
    checked(page, faults, "a code that nobody has")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_correcting_reporting_and_signing_in(make_page: MakePage, width: int) -> None:
    page, faults = make_page(width, axe=True), list[str]()
    entry = some_entry(6)
    page.goto(f"/atlas/fiche/{entry}/corriger/")
    press(page, "Envoyer ma correction")
    checked(page, faults, "a correction that changes nothing")
    for kind in ("closed", "wrong", "duplicate", "still_true", "abusive"):
        page.goto(f"/atlas/fiche/{entry}/signaler/{kind}/")
        checked(page, faults, kind)
    page.goto("/connexion/")
    page.locator("main input:not([type=hidden])").fill("personne@example.org")
    press(page, "Recevoir un code")
    checked(page, faults, "waiting for the code")
    page.goto("/connexion/lien/inconnu/")
    checked(page, faults, "an address to sign in that has served")
    page.goto("/nulle-part/")
    checked(page, faults, "no such page")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_the_desk(make_page: MakePage, moderator_link: str, width: int) -> None:
    name = f"Lieu à relire {width}"
    alice = make_page(width, axe=True)
    code = propose(alice, Proposal(name, message="<b>Un mot</b>"))
    page, faults = make_page(width, axe=True), list[str]()
    page.goto(moderator_link)
    checked(page, faults, "signing in by the one-time address")
    sign_in(page, moderator_link)
    page.goto("/atlas/bureau/")
    checked(page, faults, "the queue")
    open_at_the_desk(page, name)
    checked(page, faults, "one request")
    page.locator("button[name=action][value=refuse]").click()
    checked(page, faults, "a refusal without reason")
    refuse(page, name, "Publicité", "C’est une réclame.")
    page.goto("/atlas/bureau/?etat=all")
    checked(page, faults, "all requests")
    page.goto("/compte/")
    checked(page, faults, "one's own account")
    workplaces = [one.get_attribute("href") or "" for one in page.locator(".work-bar a").all()]
    assert "/atlas/bureau/" in workplaces
    for path in workplaces:
        page.goto(path)
        checked(page, faults, path)
    alice.goto(f"/atlas/suivi/{code}/")
    checked(alice, faults, "the answer, with what one can do against it")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_the_administration(make_page: MakePage, moderator_link: str, width: int) -> None:
    """An operator gives a role, sees the site as that person, and looks at the state of the machine."""
    from maillage.core.people.actions import add_person, sign_in_link
    from maillage.core.people.models import Membership

    operator = add_person(f"Olga {width}", email=f"olga{width}@example.org", role="operator")
    link = sign_in_link(operator)
    page, faults = make_page(width, axe=True), list[str]()
    page.goto(moderator_link.partition("/connexion/")[0] + link[link.index("/connexion/") :])
    page.get_by_role("button", name="Me connecter").click()
    page.wait_for_url("**/deuxieme-etape/")
    checked(page, faults, "setting up the second step")
    set_up_second_step(page)
    page.goto("/administration/personnes/ajouter/")
    page.locator("form.form button[type=submit]").click()
    checked(page, faults, "errors beside the fields")
    page.get_by_label("Nom").fill(f"Bob {width}")
    page.get_by_label("Adresse e-mail").fill(f"bob{width}@example.org")
    page.get_by_label("Aidant").check()
    page.get_by_label("Sur quel territoire ?").fill("Vénissieux")
    page.get_by_role("button", name="Ajouter cette personne").click()
    page.get_by_text("peut maintenant se connecter").wait_for()
    checked(page, faults, "the sheet of a person")
    bob = add_person(f"Bob {width}", email=f"bob{width}@example.org")
    assert [one.territory_code for one in Membership.objects.filter(person=bob)] == ["commune:69259"]
    page.get_by_role("button", name="Voir le site comme cette personne").click()
    page.get_by_text(f"vous voyez le site comme Bob {width}").wait_for()
    checked(page, faults, "seen through the eyes of another")
    page.get_by_role("button", name="Arrêter de voir comme").click()
    page.wait_for_url("**/administration/personnes/*/")
    for path in ("/administration/personnes/", "/administration/machine/", "/administration/machine/taches/",
                 "/administration/machine/messages/", "/administration/machine/lenteurs/"):  # fmt: skip
        page.goto(path)
        checked(page, faults, path)
    assert not faults, "\n".join(faults)
