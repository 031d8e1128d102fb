"""Export, erasure and forgetting of what the atlas keeps about persons."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from maillage.core.channels.papers import holds_any
from maillage.core.moderation.states import WAITING
from maillage.core.people.models import Person
from maillage.rooms.atlas.models import Suggestion, SuggestionDraft, SuggestionVote
from maillage.rooms.atlas.privacy_declarations import CONTACT_DAYS, DRAFT_DAYS, TEXT_DAYS, VOICE_DAYS


def _answered_at(person: Person) -> Q:
    reached = Q(pk__in=[])
    if person.email:
        reached |= Q(answer_by="mail", answer_to__iexact=person.email)
    if person.phone:
        reached |= Q(answer_by="sms", answer_to=person.phone)
    return reached


def export_suggestions(person: Person) -> list[dict[str, Any]]:
    """Suggestions that the person entered, or whose answer goes to their addresses."""
    rows = Suggestion.objects.filter(Q(entered_by=person) | _answered_at(person)).order_by("pk")
    return [{"kind": "suggestion", "code": one.code, "asks": one.kind, "proposed": one.payload, "message": one.message,
             "appeal": one.appeal, "state": one.state, "channel": one.channel, "answer_to": one.answer_to,
             "created_at": one.created_at.isoformat()} for one in rows]  # fmt: skip


def erase_suggestions(person: Person) -> int:
    """Takes the person's addresses and free words off; what was proposed about places stays, as nobody's."""
    theirs = Suggestion.objects.filter(_answered_at(person)).update(answer_by="", answer_to="", message="", appeal="")
    entered = Suggestion.objects.filter(entered_by=person).update(entered_by=None)
    return theirs + entered + Suggestion.objects.filter(claimed_by=person).update(claimed_by=None, claimed_until=None)


def voter_digest(who: str) -> str:
    """The name under which somebody gives a voice, "person/…" or "session/…": nothing outside this installation."""
    return hashlib.sha256(f"{settings.SECRET_KEY}/voice/{who}".encode()).hexdigest()


def export_drafts(person: Person) -> list[dict[str, Any]]:
    """Drafts that name the person's addresses."""
    rows = SuggestionDraft.objects.filter(pk__in=_drafts_of(person)).order_by("pk")
    return [{"kind": "draft", "written": one.data, "saved_at": one.saved_at.isoformat()} for one in rows]


def export_voices(person: Person) -> list[dict[str, Any]]:
    """Voices that the person gave."""
    rows = SuggestionVote.objects.filter(voter=voter_digest(f"person/{person.pk}")).order_by("pk")
    return [{"kind": "voice", "suggestion": one.suggestion_id, "agrees": one.agrees, "at": one.at.isoformat()}
            for one in rows]  # fmt: skip


def erase_voices(person: Person) -> int:
    """Puts a number in place of the person's digest; the voices stay."""
    rows = SuggestionVote.objects.filter(voter=voter_digest(f"person/{person.pk}"))
    return rows.update(voter=Concat(Value("forgotten-"), Cast("pk", CharField())))


def erase_drafts(person: Person) -> int:
    """Deletes drafts that name the person's addresses, however they were typed."""
    return SuggestionDraft.objects.filter(pk__in=_drafts_of(person)).delete()[0]


def _drafts_of(person: Person) -> list[int]:
    addresses = [one for one in (person.email, person.phone) if one]
    rows = SuggestionDraft.objects.order_by("pk").values_list("pk", "data") if addresses else ()
    return [pk for pk, data in rows if holds_any(json.dumps(data, ensure_ascii=False), addresses)]


def _decided_before(limit: datetime) -> QuerySet[Suggestion]:
    """Those that wait for nothing any more, by the last thing that happened to them."""
    ended = Suggestion.objects.exclude(state__in=WAITING)
    return ended.filter(Q(decided_at__lt=limit) | Q(decided_at=None, created_at__lt=limit))


def erase_old_contacts(now: datetime) -> int:
    """Takes the addresses off 30 days after the answer."""
    rows = _decided_before(now - timedelta(days=CONTACT_DAYS)).exclude(answer_to="")
    return rows.update(answer_by="", answer_to="", contact_erased_at=now)


def erase_old_texts(now: datetime) -> int:
    """Empties free words, and who typed them for another person, a year after the decision."""
    rows = _decided_before(now - timedelta(days=TEXT_DAYS)).filter(
        ~Q(message="") | ~Q(appeal="") | Q(entered_by__isnull=False)
    )
    return rows.update(message="", appeal="", entered_by=None)


def delete_old_drafts(now: datetime) -> int:
    """Deletes drafts untouched for 30 days."""
    return SuggestionDraft.objects.filter(saved_at__lt=now - timedelta(days=DRAFT_DAYS)).delete()[0]


def forget_old_voices(now: datetime) -> int:
    """Puts a number in place of who gave a voice; the voices stay."""
    rows = SuggestionVote.objects.filter(suggestion__in=_decided_before(now - timedelta(days=VOICE_DAYS)))
    rows = rows.exclude(voter__startswith="forgotten-")
    return rows.update(voter=Concat(Value("forgotten-"), Cast("pk", CharField())))
