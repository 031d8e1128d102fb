"""Alice says who she is after her proposal, without account nor script; anyone reads who took part."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import Page
from pytest_django.plugin import DjangoDbBlocker

from maillage.rooms.observatory.actions_participation import Taking, declare_participation
from tests.journeys.stories import Proposal, press, propose


def test_one_says_who_takes_part_after_a_proposal_without_account(bare_phone: Page) -> None:
    propose(bare_phone, Proposal(name=f"Atelier {uuid.uuid4().hex[:6]}"))
    press(bare_phone, "Dire qui participe")
    assert "rien n’est lié" in bare_phone.locator("main").inner_text()
    bare_phone.get_by_label("Votre commune").fill("Vénissieux")
    press(bare_phone, "Envoyer mes réponses")
    assert "Répondez à une question au moins" in bare_phone.locator("main").inner_text()
    assert bare_phone.get_by_label("Votre commune").input_value() == "Vénissieux"
    bare_phone.get_by_label("25 à 39 ans").check()
    bare_phone.get_by_label("HLM (logement social)").check()
    press(bare_phone, "Envoyer mes réponses")
    assert "Vos réponses sont comptées" in bare_phone.locator("main").inner_text()


@pytest.fixture
def two_meetings(django_db_blocker: DjangoDbBlocker) -> None:
    """Sixty people of Bron and forty of Villeurbanne, who hides whoever else declared alone: kept by the site's own action."""
    with django_db_blocker.unblock():
        for number in range(100):
            town = "commune:69029" if number < 60 else "commune:69266"
            taking = Taking(f"journey-{number}", "meeting", town, "2026-11", "meeting")
            declare_participation(taking=taking, answers={"housing": "hlm" if number % 2 else "other"})


def test_who_took_part_is_read_and_opened_down_to_its_rows(bare_phone: Page, two_meetings: None) -> None:
    bare_phone.goto("/observatoire/participation/?territoire=commune:69029")
    text = bare_phone.locator("main").inner_text()
    assert "60 personnes ont bien voulu dire qui elles sont" in text
    press(bare_phone, "Voir les lignes de « Logement »")
    assert "Logement\xa0: HLM (logement social)" in bare_phone.locator("table").inner_text()
