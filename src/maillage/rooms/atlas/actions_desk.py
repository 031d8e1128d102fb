"""The moderation desk: taking an item, deciding, undoing. Two persons never decide on one item unknowingly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.core.channels.kinds import Channel
from maillage.core.clock import SLACK
from maillage.core.errors import Invalid, Missing, Refused
from maillage.core.journal.actions import record
from maillage.core.moderation.states import WAITING, State
from maillage.core.people.models import Person
from maillage.core.people.queries import Viewer
from maillage.rooms.atlas.actions_apply import apply_suggestion, revert
from maillage.rooms.atlas.actions_save import Origin
from maillage.rooms.atlas.answers import send_answer
from maillage.rooms.atlas.models import Entry, Revision, Suggestion, SuggestionDecision
from maillage.rooms.atlas.permissions import may_decide, may_see_desk, role_shown
from maillage.rooms.atlas.proposal import Proposal, proposal_from
from maillage.rooms.atlas.reasons import reason_text

CLAIM = timedelta(minutes=10)
_AFTER = {
    "accept": State.PUBLISHED, "refuse": State.REFUSED, "hide": State.HIDDEN, "aside": State.HELD, "reopen": State.PROPOSED,
}  # fmt: skip
_ALLOWED_FROM = {
    "accept": WAITING,
    "refuse": WAITING,
    "hide": (*WAITING, State.REFUSED),
    "aside": (State.PROPOSED,),
    "reopen": (State.PUBLISHED, State.REFUSED, State.HIDDEN, State.HELD),
}


class Overtaken(Invalid):
    """Somebody else acted meanwhile: nothing was done, the page shows how things stand and what was typed."""


@dataclass(frozen=True)
class Seen:
    """What the moderator had before their eyes, so that a change meanwhile is noticed."""

    decisions: int
    state: str
    entry_version: int | None = None


@dataclass(frozen=True)
class Decision:
    """What a moderator decides. `edited` replaces the proposal; `anyway` goes on although somebody else looks at it."""

    action: str
    seen: Seen
    reason_code: str = ""
    reason: str = ""
    edited: Proposal | None = None
    anyway: bool = False


@transaction.atomic
def claim(viewer: Viewer, suggestion_id: int, *, now: datetime | None = None, take_over: bool = False) -> Suggestion:
    """Takes an item for ten minutes; somebody else's hold is kept unless it ended or `take_over` is asked."""
    moment = now or timezone.now()
    suggestion = _locked(viewer, suggestion_id)
    if is_held_by_other(suggestion, viewer, moment) and not take_over:
        return suggestion
    if isinstance(viewer, Person) and suggestion.state in WAITING:
        left = (suggestion.claimed_until or moment) - moment
        keeps = suggestion.claimed_by_id == viewer.pk and CLAIM / 2 < left <= CLAIM + SLACK
        if not keeps:
            suggestion.claimed_by, suggestion.claimed_until = viewer, moment + CLAIM
            suggestion.save(update_fields=["claimed_by", "claimed_until"])
    return suggestion


@transaction.atomic
def release(viewer: Viewer, suggestion_id: int) -> None:
    """Gives an item back."""
    suggestion = _locked(viewer, suggestion_id)
    if isinstance(viewer, Person) and suggestion.claimed_by_id == viewer.pk:
        suggestion.claimed_by = suggestion.claimed_until = None
        suggestion.save(update_fields=["claimed_by", "claimed_until"])


def is_held_by_other(suggestion: Suggestion, viewer: Viewer, now: datetime) -> bool:
    """Whether somebody else took this item less than ten minutes ago."""
    if suggestion.claimed_by_id in (None, viewer.pk) or suggestion.claimed_until is None:
        return False
    return now < suggestion.claimed_until <= now + CLAIM + SLACK  # later: the clock was ahead when it was taken


def _locked(viewer: Viewer, suggestion_id: int) -> Suggestion:
    """The row, held; what the viewer may not decide on is not there for them."""
    if not may_see_desk(viewer):
        raise Refused(_("Cette page est réservée aux modérateurs."))
    suggestion = Suggestion.objects.select_for_update().filter(pk=suggestion_id).first()
    if suggestion is None or not may_decide(viewer, suggestion.territories):
        raise Missing(_("Cette demande n’existe pas, ou elle n’est pas de votre territoire."))
    return suggestion


@transaction.atomic
def decide(
    viewer: Viewer, suggestion_id: int, decision: Decision, *, now: datetime | None = None
) -> SuggestionDecision:
    """Decides in one transaction: the atlas, its history, the decision, the journal and the answer.

    Raises Overtaken when somebody acted meanwhile, Invalid when it cannot be done, Missing outside one's territory.
    """
    suggestion = _locked(viewer, suggestion_id)
    _check_nothing_changed(suggestion, viewer, decision, now or timezone.now())
    _check_sense(suggestion, decision)
    assert isinstance(viewer, Person)
    return _settle(suggestion, decision, viewer)


def _check_nothing_changed(suggestion: Suggestion, viewer: Viewer, decision: Decision, now: datetime) -> None:
    seen = decision.seen
    last = suggestion.decisions.select_related("by").order_by("-pk").first()
    if suggestion.decisions.count() != seen.decisions or suggestion.state != seen.state:
        who = last.by.display_name if last and last.by else _("quelqu’un")
        raise Overtaken(
            _("Entre-temps, %(who)s a décidé : %(state)s. Votre décision n’est pas prise, votre texte est gardé.")
            % {"who": who, "state": suggestion.get_state_display()}
        )
    if is_held_by_other(suggestion, viewer, now) and not decision.anyway:
        who = suggestion.claimed_by.display_name if suggestion.claimed_by else ""
        raise Overtaken(
            _("%(who)s regarde cette demande en ce moment. Vous pouvez attendre, ou décider quand même.") % {"who": who}
        )
    version = Entry.objects.filter(pk=suggestion.entry_id or 0).values_list("version", flat=True).first()
    if decision.action == "accept" and suggestion.entry_id and version != seen.entry_version:
        raise Overtaken(
            _("La fiche a changé depuis que vous l’avez ouverte. Relisez les différences avant d’accepter.")
        )


def _check_sense(suggestion: Suggestion, decision: Decision) -> None:
    if decision.action not in _AFTER:
        raise Invalid(_("Choisissez une décision."))
    if suggestion.state not in _ALLOWED_FROM[decision.action]:
        raise Invalid(_("Cette décision n’est pas possible pour une demande dans cet état."))
    if decision.action in ("refuse", "hide") and not (decision.reason or decision.reason_code):
        message = _("Donnez une raison : la personne la lira.")
        raise Invalid(message, {"reason_code": [message]})


def _settle(suggestion: Suggestion, decision: Decision, by: Person | None) -> SuggestionDecision:
    """Does and writes down; the caller holds the row and checked."""
    before = suggestion.state
    reason = "\n\n".join(filter(None, (reason_text(decision.reason_code, suggestion.language), decision.reason)))
    revision = _carry_out(suggestion, decision, reason, by)
    suggestion.state, suggestion.decision_reason = _AFTER[decision.action], reason
    suggestion.decided_by, suggestion.decided_at = by, timezone.now()
    suggestion.claimed_by = suggestion.claimed_until = None
    suggestion.save()
    made = SuggestionDecision.objects.create(
        suggestion=suggestion, by=by, by_community=by is None, action=decision.action, state_before=before,
        state_after=suggestion.state, reason_code=decision.reason_code, reason=decision.reason,
        was_edited=decision.edited is not None, revision=revision,
    )  # fmt: skip
    record(action=f"atlas.suggestion_{decision.action}", subject=f"atlas:suggestion:{suggestion.pk}", actor=by, channel="web",
           details={"before": before, "after": suggestion.state, "reason": decision.reason_code})  # fmt: skip
    send_answer(suggestion, made.pk)
    return made


def _carry_out(suggestion: Suggestion, decision: Decision, reason: str, by: Person | None) -> Revision | None:
    origin = Origin(
        channel=suggestion.channel, who=role_shown(suggestion.entered_by), reason=reason, suggestion=suggestion
    )
    if decision.action == "accept":
        return apply_suggestion(suggestion, decision.edited or proposal_from(suggestion.payload), origin)
    if decision.action != "reopen" or suggestion.state != State.PUBLISHED:
        return None
    accepted = suggestion.decisions.filter(action="accept").order_by("-pk").first()
    if accepted is None or accepted.revision is None:
        return None
    return revert(accepted.revision, replace(origin, channel=Channel.WEB, who=role_shown(by), reason=reason))


@dataclass(frozen=True)
class BulkResult:
    """How many were decided, and why the others were not."""

    done: int
    not_done: tuple[tuple[int, str], ...]


def decide_many(viewer: Viewer, suggestion_ids: Iterable[int], decision: Decision) -> BulkResult:
    """The same decision on several, each in its own transaction and as it stands now; what cannot be done is told."""
    done, not_done = 0, []
    for suggestion_id in suggestion_ids:
        try:
            with transaction.atomic():
                suggestion = _locked(viewer, suggestion_id)
                version = suggestion.entry.version if suggestion.entry else None
                seen = Seen(suggestion.decisions.count(), decision.seen.state or suggestion.state, version)
                decide(viewer, suggestion_id, replace(decision, seen=seen))
            done += 1
        except (Invalid, Missing) as fault:
            not_done.append((suggestion_id, str(fault)))
    return BulkResult(done, tuple(not_done))


def decide_by_community(suggestion: Suggestion) -> None:
    """Publishes what enough people agreed with; what cannot be published goes to a moderator. The caller holds the row."""
    try:
        with transaction.atomic():
            _settle(suggestion, Decision("accept", Seen(0, suggestion.state)), None)
    except Invalid:
        suggestion.refresh_from_db()
        put_aside_by_community(suggestion)


def put_aside_by_community(suggestion: Suggestion) -> None:
    """Puts aside for a moderator what enough people disagreed with. The caller holds the row."""
    _settle(suggestion, Decision("aside", Seen(0, suggestion.state)), None)
