"""Rounds of "is this still true?": asking, and taking answers by link, SMS or telephone. Each answer keeps its channel."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from maillage.core.channels.actions import Arriving, enter_in_ledger
from maillage.core.channels.kinds import Channel
from maillage.core.channels.models import ForWhom
from maillage.core.engine.sight import seeing_everything
from maillage.core.errors import Invalid, Missing, Refused
from maillage.core.journal.actions import record
from maillage.core.moderation.codes import ALPHABET
from maillage.core.people.models import Person
from maillage.core.people.queries import Viewer
from maillage.rooms.atlas.actions import Sending, key_of, send_suggestion
from maillage.rooms.atlas.actions_apply import locked_entry, revise
from maillage.rooms.atlas.actions_save import Origin
from maillage.rooms.atlas.freshness_letters import send_letters
from maillage.rooms.atlas.freshness_models import Answer, ContactStop, FreshnessRequest, FreshnessRound, Way
from maillage.rooms.atlas.freshness_queries import Asked, Contact, plan_of, round_of
from maillage.rooms.atlas.models import Entry, Suggestion, SuggestionKind
from maillage.rooms.atlas.permissions import desk_territories, may_enter_for_others, role_shown
from maillage.rooms.atlas.proposal import Proposal

CODE_LENGTH = 5  # 17 millions; a code counts only from the number that was asked
_KINDS = {Answer.CLOSED: SuggestionKind.CLOSED, Answer.CHANGED: SuggestionKind.WRONG,
          Answer.WRONG_NUMBER: SuggestionKind.WRONG}  # fmt: skip
_ANSWER = "a contact answers by a signed link, or from the number that was asked, without being a person here"
_LOCK = 4_207_004  # advisory lock: two rounds made at once would ask one contact twice


@dataclass(frozen=True)
class Given:
    """An answer as it came: what, in which words, by which channel, typed by whom (None: by the contact itself)."""

    answer: str
    words: str = ""
    channel: str = Channel.WEB
    entered_by: Person | None = None


@transaction.atomic
def start_round(viewer: Viewer, title: str, asked: Asked) -> FreshnessRound:
    """Makes a round and, by mail or SMS, queues its messages; raises Invalid when there is nobody to ask."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    plan = plan_of(viewer, asked)
    if not plan.contacts:
        raise Invalid(_("Il n’y a personne à interroger avec ce choix : changez de moyen, de durée ou de filtre."))
    by = viewer if isinstance(viewer, Person) else None
    made = FreshnessRound.objects.create(
        title=title[:160], way=asked.way, question=asked.question, months=asked.months, left_out=dict(plan.left_out), by=by,
        territories=sorted(desk_territories(viewer) or {code for one in plan.contacts for entry in one.entries
                                                        for code in entry.territories}),
    )  # fmt: skip
    for contact in plan.contacts:
        _ask(made, contact)
    record(action="atlas.freshness_round", subject=f"atlas:round:{made.pk}", actor=by, channel=Channel.WEB,
           details={"way": made.way, "entries": plan.entries, "contacts": len(plan.contacts)})  # fmt: skip
    return made


def _ask(made: FreshnessRound, contact: Contact) -> None:
    requests = [_request(made, contact, entry) for entry in contact.entries]
    if made.way != Way.PHONE:
        send_letters(made, contact, requests)


def _request(made: FreshnessRound, contact: Contact, entry: Entry) -> FreshnessRequest:
    for _attempt in range(5):
        code = "".join(secrets.choice(ALPHABET) for _sign in range(CODE_LENGTH))
        try:
            with transaction.atomic():
                return FreshnessRequest.objects.create(
                    round=made, entry=entry, contact=contact.address, contact_digest=contact.digest, code=code
                )
        except IntegrityError:
            continue
    raise RuntimeError("five codes drawn, all taken")


@seeing_everything(_ANSWER)
@transaction.atomic
def take_answer(request_id: int, given: Given) -> FreshnessRequest:
    """Takes an answer: what is still true is confirmed at once, what closed or changed goes to the moderation desk.

    An answer may be given again as long as it was "nobody answers"; raises Invalid otherwise.
    """
    asked = FreshnessRequest.objects.select_for_update().select_related("round").get(pk=request_id)
    if asked.answer not in ("", Answer.UNREACHED):
        raise Invalid(_("Cette question a déjà une réponse : %(answer)s.") % {"answer": asked.get_answer_display()})
    if given.answer not in Answer.values:
        raise Invalid(_("Choisissez une réponse."))
    entry = _standing(asked.entry_id)
    if given.answer == Answer.STOP:
        stop_contact(asked.contact_digest)
    asked.suggestion = _suggest(asked, entry, given)
    if given.answer == Answer.STILL_TRUE:
        _confirm(entry, given)
    asked.answer, asked.answered_at = given.answer, timezone.now()
    asked.channel, asked.entered_by = given.channel, given.entered_by
    asked.save()
    subject = f"atlas:freshness:{asked.pk}"
    enter_in_ledger(subject, _arriving(asked, given))
    record(action="atlas.freshness_answer", subject=subject, actor=given.entered_by, channel=given.channel,
           details={"answer": given.answer, "entry": entry.pk})  # fmt: skip
    return asked


def _standing(entry_id: int) -> Entry:
    """The entry asked about, or the one it was merged into; held."""
    entry = locked_entry(entry_id)
    if entry.merged_into_id:
        entry = locked_entry(entry.merged_into_id)
    if not entry.is_published:
        raise Missing(_("Cette fiche n’est plus publiée."))
    return entry


def _arriving(asked: FreshnessRequest, given: Given) -> Arriving:
    for_whom = ForWhom.IN_PLACE if given.entered_by else ForWhom.SELF
    return Arriving(
        given.channel, given.entered_by, for_whom, f"T{asked.round_id}-{asked.code}" if given.entered_by else ""
    )


def _confirm(entry: Entry, given: Given) -> None:
    who = role_shown(given.entered_by)
    revise(entry, {"confirmed_on": timezone.localdate()},
           Origin(channel=given.channel, who=who, reason=_("Le lieu confirme que la fiche est juste")))  # fmt: skip


def _suggest(asked: FreshnessRequest, entry: Entry, given: Given) -> Suggestion | None:
    """What closed, or what changed in words, waits for a moderator like any suggestion."""
    kinds = {
        Answer.CLOSED: SuggestionKind.CLOSED,
        Answer.CHANGED: SuggestionKind.WRONG,
        Answer.WRONG_NUMBER: SuggestionKind.WRONG,
    }
    kind = kinds.get(Answer(given.answer))
    words = given.words or (_("Le numéro ne répond pas à ce nom.") if given.answer == Answer.WRONG_NUMBER else "")
    if kind is None or (kind == SuggestionKind.WRONG and not words):
        return None
    closed = Proposal(entry={"status": "closed"}, before_entry={"status": entry.status})
    return send_suggestion(
        Sending(
            kind=kind,
            key=key_of(f"freshness-{asked.pk}", given.answer, words),
            entry=entry,
            proposal=closed if kind == SuggestionKind.CLOSED else Proposal(),
            message=words,
            arriving=_arriving(asked, given),
        )
    )


@seeing_everything(_ANSWER)
def stop_contact(digest: str) -> None:
    """A contact is not asked any more, by any round."""
    ContactStop.objects.get_or_create(contact_digest=digest)
    waiting = FreshnessRequest.objects.filter(contact_digest=digest, answer="")
    waiting.update(answer=Answer.STOP, answered_at=timezone.now())


@dataclass(frozen=True)
class Typed:
    """How many answers were taken, and which rows could not be."""

    done: int
    faults: Mapping[int, str]


def type_answers(viewer: Viewer, round_id: int, answers: Mapping[int, tuple[str, str]]) -> Typed:
    """Takes what a volunteer wrote on the printed list: {request: (answer, words)}, each in its own transaction."""
    if not may_enter_for_others(viewer) or not isinstance(viewer, Person):
        raise Refused(_("Cette page est réservée aux aidants et aux modérateurs."))
    known = set(round_of(viewer, round_id).requests.values_list("pk", flat=True))
    done, faults = 0, dict[int, str]()
    for request_id, (answer, words) in answers.items():
        if request_id not in known:
            continue
        try:
            take_answer(request_id, Given(answer, words, Channel.PHONE, viewer))
            done += 1
        except (Invalid, Missing) as fault:
            faults[request_id] = str(fault)
    return Typed(done, faults)
