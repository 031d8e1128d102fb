"""What Alice, Bob and the moderator do in several journeys, told once: by the words on the page, with or without scripts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import pyotp
from playwright.sync_api import Page

MAIN = "main h1"


@dataclass(frozen=True)
class Proposal:
    """What somebody types in the three steps."""

    name: str
    summary: str = "On y aide à remplir ses papiers."
    commune: str = "Vénissieux"
    phone: str = "04 72 00 00 00"
    message: str = ""
    more: Mapping[str, str] = field(default_factory=dict)


def press(page: Page, label: str) -> None:
    """Presses the button or link of this name, inside the content."""
    target = (
        page.locator("main").get_by_role("button", name=label).or_(page.locator("main").get_by_role("link", name=label))
    )
    target.first.click()


def propose(page: Page, given: Proposal) -> str:
    """The three steps, then the thank-you page: returns the code that it shows."""
    first_step(page, given)
    press(page, "Continuer")
    page.get_by_label("Commune").fill(given.commune)
    press(page, "Continuer")
    if page.get_by_role("button", name="C’est autre chose").count():
        press(page, "C’est autre chose")
    page.get_by_label("Téléphone du lieu").fill(given.phone)
    page.get_by_label("Autre chose à nous dire ?").fill(given.message)
    press(page, "Envoyer ma proposition")
    return code_shown(page)


def first_step(page: Page, given: Proposal) -> None:
    """Opens the form and says what it is; does not send."""
    page.goto("/atlas/proposer/")
    page.get_by_label("Comment s’appelle").fill(given.name)
    page.get_by_label("À quoi ça sert").fill(given.summary)


def code_shown(page: Page) -> str:
    """The code of the thank-you page."""
    page.wait_for_url("**/merci/")
    code = page.locator(".big-code").inner_text().strip()
    assert re.fullmatch(r"[0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]{4}", code), code
    return code


def sign_in(page: Page, link: str) -> None:
    """Opens the one-time address, presses its button, and sets up the second step where it is asked for."""
    page.goto(link)
    press(page, "Me connecter")
    page.wait_for_url(lambda address: "/connexion/lien/" not in address)
    if "deuxieme-etape" in page.url:
        set_up_second_step(page)
    page.wait_for_url(lambda address: "connexion" not in address)


def set_up_second_step(page: Page) -> None:
    """As a person does with an application: takes the key of the page, writes its code, notes the codes on paper."""
    key = page.locator("main strong bdi[dir=ltr]").inner_text().replace(" ", "")
    page.get_by_label("Le code à 6 chiffres que montre maintenant votre application").fill(pyotp.TOTP(key).now())
    press(page, "Protéger mon compte")
    page.get_by_role("link", name="J’ai noté mes codes").wait_for()
    assert page.locator("main li bdi[dir=ltr]").count() == 10
    page.get_by_role("link", name="J’ai noté mes codes").click()


def open_at_the_desk(page: Page, name: str) -> None:
    """From the queue to the request about this name."""
    page.goto("/atlas/bureau/")
    line = page.locator(".desk-queue > li", has=page.get_by_role("heading", name=name))
    line.get_by_role("button", name="Regarder").first.click()
    page.wait_for_url(re.compile(r"/atlas/bureau/\d+/"))
    assert name in page.locator(MAIN).inner_text()


def accept(page: Page, name: str) -> None:
    """Finds the request at the desk and accepts it."""
    open_at_the_desk(page, name)
    page.locator("button[name=action][value=accept]").click()
    page.get_by_text("Demande acceptée").wait_for()


def refuse(page: Page, name: str, reason: str, words: str) -> None:
    """Finds the request at the desk and refuses it, with a ready reason and a few words."""
    open_at_the_desk(page, name)
    page.get_by_label("Raison (pour refuser").select_option(label=reason)
    page.get_by_label("Ajouter quelques mots").fill(words)
    page.locator("button[name=action][value=refuse]").click()
    page.get_by_text("Demande refusée").wait_for()


def followed(page: Page, code: str) -> str:
    """What the follow page says to somebody who types the code."""
    page.goto("/atlas/suivi/")
    page.get_by_label("Votre code de suivi").fill(code)
    press(page, "Voir ma demande")
    page.locator("#etat").wait_for()
    return page.locator("main").inner_text()
