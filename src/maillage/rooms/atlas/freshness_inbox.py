"""SMS that come in: answers by keyword, STOP honoured at once, free words kept for a moderator.

A gateway calls `receive_sms`, or leaves files in a folder that `receive_folder` reads:

    From: +33600000000

    OUI 7K2PA
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from maillage.core.channels.actions import queue_letter
from maillage.core.channels.addresses import phone_as_typed
from maillage.core.channels.gateways import Letter
from maillage.core.channels.kinds import Channel
from maillage.core.errors import Invalid, Missing
from maillage.core.moderation.texts import cleaned
from maillage.core.search.words import folded
from maillage.rooms.atlas.freshness_actions import CODE_LENGTH, Given, stop_contact, take_answer
from maillage.rooms.atlas.freshness_models import Answer, FreshnessRequest
from maillage.rooms.atlas.freshness_queries import digest_of, open_requests_of

LOG = logging.getLogger(__name__)
KEYWORDS = {
    "oui": Answer.STILL_TRUE, "yes": Answer.STILL_TRUE, "ok": Answer.STILL_TRUE, "vrai": Answer.STILL_TRUE,
    "ferme": Answer.CLOSED, "fermee": Answer.CLOSED, "closed": Answer.CLOSED, "non": Answer.CHANGED,
    "change": Answer.CHANGED, "changed": Answer.CHANGED,
}  # fmt: skip
STOPS = frozenset({"stop", "arret", "desabonnement", "unsubscribe"})
LONGEST = 1_000


@dataclass(frozen=True)
class Received:
    """What was made of an SMS, and the words sent back ("" for none)."""

    outcome: str
    reply: str


def receive_sms(from_: str, text: str) -> Received:
    """Takes one SMS. The same SMS received again does nothing more, and is answered once."""
    number = phone_as_typed(from_)
    if not number:
        return Received("no_number", "")
    with transaction.atomic():
        received = _read(digest_of(number), cleaned(text)[:LONGEST])
        if received.reply:
            key = sha256(f"{number}|{text}|{received.outcome}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
            queue_letter(Letter(f"atlas/freshness/sms/{key}", "sms", number, "", received.reply))
    return received


def _read(digest: str, text: str) -> Received:
    words = re.findall(r"\w+", folded(text))
    if words and words[0] in STOPS:
        stop_contact(digest)
        return Received("stop", _("C’est noté : vous ne recevrez plus nos SMS."))
    waiting = open_requests_of(digest)
    if not waiting:
        return Received("nothing_asked", "")  # no answer to strangers: two machines could answer each other for ever
    asked = _meant(words, waiting)
    if asked is None:
        return Received(
            "which", _("Écrivez aussi le code du SMS reçu. Exemple : OUI %(code)s") % {"code": waiting[0].code}
        )
    answer = next((KEYWORDS[word] for word in words[:3] if word in KEYWORDS), None)
    try:
        take_answer(asked.pk, Given(answer or Answer.CHANGED, _free_words(answer, words, text), Channel.SMS))
    except (Invalid, Missing) as fault:
        LOG.info("an SMS could not be taken: %s", fault)
        return Received("refused", _("Cette fiche n’attend plus de réponse. Merci."))
    return Received(answer or Answer.CHANGED, _("Merci, c’est noté."))


def _meant(words: list[str], waiting: list[FreshnessRequest]) -> FreshnessRequest | None:
    """The request whose code was typed, else the only one that waits."""
    typed = {word.upper() for word in words if len(word) == CODE_LENGTH}
    by_code = next((one for one in waiting if one.code in typed), None)
    return by_code or (waiting[0] if len(waiting) == 1 else None)


def _free_words(answer: str | None, words: list[str], text: str) -> str:
    """The text itself where it says more than a keyword and a code, and wherever no keyword was understood."""
    if answer is None or len(words) > 2 or answer == Answer.CHANGED:
        return _("Reçu par SMS : %(text)s") % {"text": text}
    return ""


def receive_folder(folder: Path) -> int:
    """Takes every SMS file of a folder, oldest first; read ones go to done/, those not understood to failed/."""
    taken = 0
    for path in sorted(folder.glob("*.txt"), key=lambda one: (one.stat().st_mtime, one.name)):
        head, _sign, text = path.read_text(encoding="utf-8", errors="replace").partition("\n\n")
        sender = re.match(r"From:\s*(\S.*)", head)
        received = receive_sms(sender[1].strip(), text) if sender else Received("no_number", "")
        _put_away(path, folder / ("failed" if received.outcome == "no_number" else "done"))
        taken += received.outcome != "no_number"
    return taken


def _put_away(path: Path, folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    path.replace(folder / path.name)
