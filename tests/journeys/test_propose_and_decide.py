"""Alice proposes without account and without scripts; the moderator decides; Alice reads why with her code."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import DESK, PHONE, MakePage
from tests.journeys.site import Site
from tests.journeys.stories import MAIN, Proposal, accept, followed, press, propose, refuse, sign_in

JAVASCRIPT = pytest.mark.parametrize("javascript", [False, True])


@JAVASCRIPT
def test_a_refusal_is_read_with_the_code(make_page: MakePage, moderator_link: str, javascript: bool) -> None:
    name = f"Café des voisins {javascript}"
    alice = make_page(PHONE, javascript=javascript)
    code = propose(alice, Proposal(name, message="Ils ont ouvert en mars."))
    assert "Une personne va la lire" in followed(alice, code)
    moderator = make_page(DESK, javascript=javascript)
    sign_in(moderator, moderator_link)
    refuse(moderator, name, "Impossible à vérifier", "Personne ne répond au numéro donné.")
    answer = followed(alice, code)
    assert "Votre demande n’est pas retenue" in answer
    assert "Nous n’avons pas pu vérifier cette information" in answer
    assert "Personne ne répond au numéro donné." in answer
    alice.goto(f"/atlas/?q={name}")
    assert name not in alice.locator(".cards, .empty").first.inner_text(), "a refused proposal is published"


def test_a_code_read_on_the_phone_is_forgiven_its_spelling(bare_phone: Page) -> None:
    name = "Jardin des lettres"
    code = propose(bare_phone, Proposal(name))
    assert name in followed(bare_phone, code.lower().replace("-", " "))
    bare_phone.goto("/atlas/suivi/")
    bare_phone.get_by_label("Votre code de suivi").fill("AAA-AAA-AAAA")
    press(bare_phone, "Voir ma demande")
    assert name not in bare_phone.locator("main").inner_text()
    assert bare_phone.locator(".error-summary, .notice").first.is_visible()


@JAVASCRIPT
def test_a_correction_changes_the_sheet_and_its_history(
    make_page: MakePage, site: Site, moderator_link: str, javascript: bool
) -> None:
    entry = some_entry(2 if javascript else 1)
    summary = f"Phrase corrigée par Alice ({javascript})."
    alice = make_page(PHONE, javascript=javascript)
    alice.goto(f"/atlas/fiche/{entry}/")
    name = alice.locator(MAIN).inner_text()
    assert summary not in alice.locator("main").inner_text()
    press(alice, "Compléter ou corriger")
    alice.get_by_label("En une phrase").fill(summary)
    press(alice, "Envoyer ma correction")
    alice.wait_for_url("**/merci/")
    moderator = make_page(DESK, javascript=javascript)
    sign_in(moderator, moderator_link)
    accept(moderator, name)
    alice.goto(f"/atlas/fiche/{entry}/")
    assert summary in alice.locator("main").inner_text()
    press(alice, "Voir l’historique")
    newest = alice.locator("main ol > li").first
    assert "par Alice" in " ".join(newest.locator("ins").all_inner_texts())
    assert newest.locator("del").count() >= 1


def test_a_one_time_address_signs_in_once(make_page: MakePage, moderator_link: str) -> None:
    first, second = make_page(DESK, javascript=False), make_page(DESK, javascript=False)
    sign_in(first, moderator_link)
    assert first.goto("/atlas/bureau/").status == 200  # type: ignore[union-attr]
    second.goto(moderator_link)
    if second.get_by_role("button", name="Me connecter").count():
        press(second, "Me connecter")
    assert "Cette adresse a déjà servi" in second.locator("main").inner_text()
    second.goto("/atlas/bureau/")
    assert "connexion" in second.url


def some_entry(position: int) -> int:
    """A published entry of the study, always the same for a position."""
    from maillage.rooms.atlas.models import Entry

    found: int = (
        Entry.objects.filter(status="active", merged_into=None).order_by("pk").values_list("pk", flat=True)[position]
    )
    return found
