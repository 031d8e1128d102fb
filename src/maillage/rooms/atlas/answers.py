"""What is written to those who asked for an answer. An SMS tells nothing to whoever shares the telephone."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from maillage.core.channels.actions import queue_letter
from maillage.core.channels.gateways import Letter
from maillage.core.moderation.codes import code_as_shown
from maillage.core.moderation.pace import written_too_often
from maillage.core.moderation.states import State
from maillage.rooms.atlas.models import Suggestion

MOST_RECEIPTS, MOST_ANSWERS = 3, 10  # a day to one address: a stranger may have typed that of somebody else


def send_receipt(suggestion: Suggestion) -> None:
    """Says that it arrived, with the code, which the page showed already; nothing for what came in a flood."""
    if suggestion.state != State.HELD:
        _send(suggestion, "receipt")


def send_answer(suggestion: Suggestion, decision_id: int) -> None:
    """Says that there is a decision; by mail with its words, by SMS with the code only."""
    _send(suggestion, f"decision-{decision_id}")


def _send(suggestion: Suggestion, what: str) -> None:
    if not suggestion.answer_by or not suggestion.answer_to:
        return
    is_receipt = what == "receipt"
    if suggestion.entered_by_id is None and _is_enough(suggestion.answer_to, is_receipt):
        return
    with translation.override(suggestion.language):
        if suggestion.answer_by == "sms":
            title, body = "", _sms(suggestion, is_receipt)
        else:
            title = _("Votre proposition est arrivée") if is_receipt else _("Réponse à votre proposition")
            body = _mail(suggestion, is_receipt)
    key = f"atlas/suggestion/{suggestion.pk}/{what}"
    letter = Letter(key, suggestion.answer_by, suggestion.answer_to, title, body)
    queue_letter(letter, subject=f"atlas:suggestion:{suggestion.pk}")


def _is_enough(to: str, is_receipt: bool) -> bool:
    kind, most = ("receipt", MOST_RECEIPTS) if is_receipt else ("answer", MOST_ANSWERS)
    return written_too_often(to.lower(), kind, most)


def _sms(suggestion: Suggestion, is_receipt: bool) -> str:
    code = code_as_shown(suggestion.code)
    if is_receipt:
        return _("Bien reçu. Votre code : %(code)s") % {"code": code}
    return _("Une réponse vous attend. Votre code : %(code)s") % {"code": code}


def _mail(suggestion: Suggestion, is_receipt: bool) -> str:
    address = f"{settings.SITE_ADDRESS}{reverse('atlas:follow_code', args=[code_as_shown(suggestion.code)])}"
    lines = [_("Bonjour,"), _first_words(suggestion, is_receipt)]
    if not is_receipt and suggestion.decision_reason:
        lines.append(suggestion.decision_reason)
    lines.append(_("Votre code : %(code)s") % {"code": code_as_shown(suggestion.code)})
    lines.append(
        _("Pour suivre votre demande, la retirer ou dire que vous n’êtes pas d’accord : %(address)s")
        % {"address": address}
    )
    return "\n\n".join(lines)


def _first_words(suggestion: Suggestion, is_receipt: bool) -> str:
    if is_receipt:
        return _("Merci. Votre proposition est arrivée. Une personne va la lire.")
    if suggestion.state == "published":
        return _("Merci. Votre proposition est acceptée.")
    if suggestion.state in ("refused", "hidden"):
        return _("Merci de votre proposition. Elle n’est pas retenue.")
    return _("Votre proposition est de nouveau examinée.")
