"""What anyone may do: save a draft, send a suggestion, withdraw it, appeal, vote."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.core.channels.actions import Arriving, enter_in_ledger
from maillage.core.engine.sight import holding, seeing_everything
from maillage.core.errors import Invalid, Missing
from maillage.core.journal.actions import record
from maillage.core.moderation.codes import new_code
from maillage.core.moderation.pace import came_today, is_flood
from maillage.core.moderation.states import WAITING, State
from maillage.core.places.queries import lineage_of_commune, territories_at
from maillage.rooms.atlas.answers import send_receipt
from maillage.rooms.atlas.models import Entry, Suggestion, SuggestionDraft, SuggestionVote
from maillage.rooms.atlas.proposal import Proposal
from maillage.rooms.atlas.queries_suggest import sent_before

DRAFT_LIMIT = 300_000  # characters of all steps together
HALF = 32  # hexadecimal figures of each half of a person's key


@dataclass(frozen=True)
class Contact:
    """Where the person wants the answer: `by` is "mail", "sms" or "" (by the code only)."""

    by: str = ""
    to: str = ""


@dataclass(frozen=True)
class Sending:
    """A suggestion on its way in. The same `key` gives the same row, however often and however fast it is sent."""

    kind: str
    key: str
    entry: Entry | None = None
    proposal: Proposal = field(default_factory=Proposal)
    message: str = ""
    arriving: Arriving = field(default_factory=Arriving)
    contact: Contact = field(default_factory=Contact)
    language: str = "fr"
    address: str = ""


def key_of(form_key: str, *content: Any) -> str:
    """The key under which a program sends: the same once more gives the same suggestion."""
    text = json.dumps([form_key, *content], sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def half_key(*content: Any) -> str:
    """One half of a person's key, 128 bits: the first tells the form that was shown, the second what was sent from where.

    So a form sent again is known by its first half whatever it says now, and the same words sent again from the same
    browser with a form shown anew, after going back, by their second half (see `queries_suggest.sent_before`).
    """
    return key_of("half", *content)[:HALF]


def send_suggestion(sending: Sending) -> Suggestion:
    """Keeps a suggestion, its ledger line and its receipt in one transaction; held when its address sends a flood."""
    with holding(sending.key):
        for _attempt in range(3):  # a code drawn twice is possible once in 280 thousand billions
            found = Suggestion.objects.filter(idempotency_key=sending.key).first()
            if found is not None:
                return found
            try:
                with transaction.atomic():
                    return _keep(sending)
            except IntegrityError:
                continue
        return Suggestion.objects.get(idempotency_key=sending.key)


def _keep(sending: Sending) -> Suggestion:
    arriving, entry = sending.arriving, sending.entry
    suggestion = Suggestion.objects.create(
        kind=sending.kind,
        entry=entry,
        base_version=entry.version if entry else None,
        payload=sending.proposal.as_payload(),
        message=sending.message,
        code=new_code(),
        idempotency_key=sending.key,
        channel=arriving.channel,
        entered_by=arriving.entered_by,
        sheet_reference=arriving.sheet_reference,
        answer_by=sending.contact.by,
        answer_to=sending.contact.to,
        language=sending.language,
        territories=_territories(sending),
    )
    if sending.address and arriving.entered_by is None and is_flood(sending.address, "suggestion"):
        suggestion.state = State.HELD
        suggestion.save(update_fields=["state"])
    subject = f"atlas:suggestion:{suggestion.pk}"
    enter_in_ledger(subject, arriving)
    record(action="atlas.suggestion_sent", subject=subject, actor=arriving.entered_by, channel=arriving.channel,
           details={"kind": sending.kind, "state": suggestion.state})  # fmt: skip
    send_receipt(suggestion)
    return suggestion


def _territories(sending: Sending) -> list[str]:
    """Whose desk it goes to: the entry's territories, else those of the place proposed, else nobody's in particular."""
    if sending.entry is not None:
        return list(sending.entry.territories)
    place = sending.proposal.place
    if code := place.get("commune_code"):
        return lineage_of_commune(str(code))
    if place.get("lon") is None or place.get("lat") is None:
        return []
    found = territories_at(lon=float(place["lon"]), lat=float(place["lat"]))
    return [f"{one.kind}:{one.code}" for one in found if one.is_certain]


def start_draft(secret: str = "") -> SuggestionDraft:
    """An empty proposal, addressed by a secret: that of the form it began with, so that sending it twice begins one."""
    chosen = secret or secrets.token_urlsafe(24)
    with holding(chosen):
        return SuggestionDraft.objects.get_or_create(secret=chosen)[0]


def save_draft(secret: str, part: str, data: Any) -> SuggestionDraft:
    """Keeps one step of a proposal; raises Missing for a secret unknown, Invalid beyond what a draft may hold."""
    with holding(secret), transaction.atomic():
        draft = SuggestionDraft.objects.select_for_update().filter(secret=secret).first()
        if draft is None:
            raise Missing(_("Ce brouillon n’existe plus."))
        draft.data = {**draft.data, part: data}
        if len(json.dumps(draft.data, ensure_ascii=False)) > DRAFT_LIMIT:
            raise Invalid(_("Ce brouillon est trop long pour être gardé."))
        draft.save()
    return draft


def send_draft(draft: SuggestionDraft, sending: Sending) -> Suggestion:
    """Sends a proposal made in steps, then forgets its draft; what the same browser just sent is not sent twice."""
    with transaction.atomic():
        suggestion = sent_before(sending.key, timezone.now()) or send_suggestion(sending)
        with holding(draft.secret):
            SuggestionDraft.objects.filter(pk=draft.pk).delete()
    return suggestion


def withdraw(code: str) -> Suggestion:
    """Takes a suggestion back while it waits, once or twice; raises Invalid once it is decided."""
    with holding(code), transaction.atomic():
        return _withdraw(_locked(code))


def _withdraw(suggestion: Suggestion) -> Suggestion:
    if suggestion.state == State.WITHDRAWN:
        return suggestion
    if suggestion.state not in WAITING:
        raise Invalid(_("Cette demande n’attend plus : elle ne peut plus être retirée."))
    suggestion.state = State.WITHDRAWN
    suggestion.answer_to = suggestion.answer_by = ""
    suggestion.save()
    record(action="atlas.suggestion_withdrawn", subject=f"atlas:suggestion:{suggestion.pk}", channel="web")
    return suggestion


def appeal(code: str, text: str) -> Suggestion:
    """Brings a refused suggestion back before a moderator, once (the same words twice are once); raises Invalid otherwise."""
    with holding(code), transaction.atomic():
        return _appeal(_locked(code), text)


def _appeal(suggestion: Suggestion, text: str) -> Suggestion:
    if suggestion.appealed_at and suggestion.appeal == text:
        return suggestion
    if suggestion.state not in (State.REFUSED, State.HIDDEN) or suggestion.appealed_at:
        raise Invalid(_("Cette demande ne peut pas être réexaminée : elle l’a déjà été, ou elle n’est pas refusée."))
    suggestion.state, suggestion.appeal, suggestion.appealed_at = State.PROPOSED, text, timezone.now()
    suggestion.save()
    record(action="atlas.suggestion_appealed", subject=f"atlas:suggestion:{suggestion.pk}", channel="web")
    return suggestion


def _locked(code: str) -> Suggestion:
    suggestion = Suggestion.objects.select_for_update().filter(code=code).first() if code else None
    if suggestion is None:
        raise Missing(_("Aucune demande ne porte ce code."))
    return suggestion


@seeing_everything("voices are counted, and those who give them see neither each other nor who proposed")
@transaction.atomic
def vote(suggestion_id: int, *, voter: str, agrees: bool, address: str) -> Suggestion:
    """One voice per voter, which may change; enough of them decide. `address` is empty for whoever is signed in.

    Agreement publishes. Disagreement only puts aside: a crowd does not refuse, a moderator does. Without account, one voice
    a day counts from one address: a browser that drops its cookies is another voter each time. All are kept.
    """
    from maillage.rooms.atlas.actions_desk import decide_by_community, put_aside_by_community  # which read this module

    needed = int(settings.COMMUNITY_VOTES_NEEDED)
    waiting = Suggestion.objects.select_for_update().filter(pk=suggestion_id, state=State.PROPOSED)
    suggestion = waiting.first() if needed else None
    if suggestion is None:
        raise Missing(_("Cette proposition n’attend plus d’avis."))
    given, is_new = SuggestionVote.objects.update_or_create(
        suggestion=suggestion, voter=voter, defaults={"agrees": agrees}
    )
    if is_new and address and (came_today(address, f"voice {suggestion.pk}") or is_flood(address, "vote")):
        given.counts = False
        given.save(update_fields=["counts"])
    record(action="atlas.suggestion_vote", subject=f"atlas:suggestion:{suggestion.pk}", channel="web")
    counted = suggestion.votes.filter(counts=True)
    balance = 2 * counted.filter(agrees=True).count() - counted.count()
    if balance >= needed:
        decide_by_community(suggestion)
    elif -balance >= needed:
        put_aside_by_community(suggestion)
    return suggestion
