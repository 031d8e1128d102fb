"""The number of messages is an operator's, and plainer signs are used where they save one."""

from __future__ import annotations

import pytest

from maillage.core.channels.actions import queue_letter
from maillage.core.channels.gateways import Letter
from maillage.core.channels.models import OutboundMessage
from maillage.core.channels.sms import messages_of, thrifty


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("é" * 160, 1),
        ("é" * 161, 2),
        ("é" * 306, 2),
        ("é" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ê" * 70, 1),
        ("ê" * 71, 2),
        ("ê" * 134, 2),
        ("ê" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_messages_are_counted_as_an_operator_does(text: str, count: int) -> None:
    assert messages_of(text) == count


def test_plainer_signs_where_they_save_a_message() -> None:
    long = "Bonjour, l’Atelier « Vêtements » a reçu votre demande\N{NO-BREAK SPACE}: une réponse vous attend…" * 2
    plain = thrifty(long)
    assert plain.startswith('Bonjour, l\'Atelier "Vetements" a recu votre demande : une réponse')
    assert (messages_of(plain), messages_of(long)) == (1, 3)


@pytest.mark.parametrize("text", ["Voici l’adresse", "ستحصلون على رمز لمتابعة طلبكم " * 5, "Prêt ! 😀 " * 12])
def test_a_text_that_saves_nothing_stays_as_it_was(text: str) -> None:
    assert thrifty(text) == text


@pytest.mark.django_db
def test_an_sms_leaves_thrifty_and_a_mail_as_written() -> None:
    text = "C’est à l’accueil, et ça s’ouvre à neuf heures pour qui l’a demandé hier soir."
    for by in ("sms", "mail"):
        queue_letter(Letter(by, by, "+33612345678" if by == "sms" else "a@example.org", "t", text))
    bodies = dict(OutboundMessage.objects.values_list("by", "body"))
    assert bodies == {"sms": text.replace("’", "'").replace("ç", "c"), "mail": text}
