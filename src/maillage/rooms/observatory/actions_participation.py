"""Writes of participation: say who one is, type a sheet of a meeting, count what was set aside, fold what is old."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from maillage.core.channels.kinds import ENTERED_BY_A_HELPER, Channel
from maillage.core.errors import Invalid, Refused
from maillage.core.journal.actions import record
from maillage.core.moderation.pace import is_flood
from maillage.core.people.models import Person
from maillage.core.people.queries import Viewer
from maillage.rooms.observatory.models_participation import ParticipationDeclaration, ParticipationTally
from maillage.rooms.observatory.participation_declarations import DECLARATION_DAYS
from maillage.rooms.observatory.participation_questions import QUESTIONS, answer_of
from maillage.rooms.observatory.permissions import may_enter_for_others, may_load_indicators

MOST_PEOPLE = 500


@dataclass(frozen=True)
class Taking:
    """Where and when somebody took part; never who. `form_key` is the secret of one showing of the form."""

    form_key: str
    room: str
    territory: str
    month: str
    channel: str = Channel.WEB
    sheet_reference: str = ""


@dataclass(frozen=True)
class SheetRow:
    """People of a sheet who ticked the same boxes."""

    answers: Mapping[str, str]
    people: int = 1


def declare_participation(*, taking: Taking, answers: Mapping[str, str], address: str = "") -> ParticipationDeclaration:
    """Keeps what somebody says of themselves; sent again with the same form, the answers are replaced, never counted twice.

    Raises Invalid when nothing is said or an answer is none of the question's. Held when its address sends a flood.
    """
    kept = _checked(answers)
    if not kept:
        raise Invalid(_("Répondez à une question au moins, ou fermez cette page : rien n’est obligatoire."))
    with transaction.atomic():
        row, is_new = ParticipationDeclaration.objects.select_for_update().update_or_create(
            form_key=_digest(taking.form_key), defaults=_place(taking) | _all(kept)
        )
        if is_new:
            row.is_held = bool(address) and is_flood(address, "participation")
            row.save(update_fields=["is_held"])
        # No identifier: the hour of this line must lead to no row.
        record(action="observatory.participation_declared", subject="observatory:declaration:one",
               channel=row.channel, details={"new": is_new, "held": row.is_held})  # fmt: skip
    return row


def type_participation_sheet(*, helper: Viewer, taking: Taking, rows: Sequence[SheetRow]) -> int:
    """Keeps the rows of a paper sheet; the same form sent again replaces what it sent before. Returns how many people.

    All rows or none. Raises Refused to who is no helper, Invalid for a row that cannot be taken.
    """
    if not may_enter_for_others(helper) or not isinstance(helper, Person):
        raise Refused(_("Cette page est réservée aux aidants et aux modérateurs."))
    if taking.channel not in ENTERED_BY_A_HELPER:
        raise Invalid(_("Choisissez par quelle voie la feuille est venue."))
    checked = [(_checked(row.answers), row.people) for row in rows]
    filled = [(answers, people) for answers, people in checked if answers]
    if not filled:
        raise Invalid(_("Aucune case n’est cochée : rien n’a été enregistré."))
    if any(not 1 <= people <= MOST_PEOPLE for _answers, people in filled):
        raise Invalid(_("Le nombre de personnes d’une ligne va de 1 à 500."))
    with transaction.atomic():
        keys = [_digest(f"{taking.form_key}/{at}") for at in range(len(rows))]
        ParticipationDeclaration.objects.filter(form_key__in=keys).delete()
        ParticipationDeclaration.objects.bulk_create(
            [
                ParticipationDeclaration(form_key=key, people=people, **_place(taking), **_all(answers))
                for key, (answers, people) in zip(keys, checked, strict=True)
                if answers
            ]
        )
        total = sum(people for _answers, people in filled)
        record(action="observatory.participation_sheet_typed", subject="observatory:declaration:sheet", actor=helper,
               channel=taking.channel, details={"rows": len(filled), "people": total})  # fmt: skip
    return total


def _digest(form_key: str) -> str:
    return hashlib.sha256(f"participation/{form_key}".encode("utf-8", "surrogatepass")).hexdigest()


def _checked(answers: Mapping[str, str]) -> dict[str, str]:
    for question, code in answers.items():
        if code and answer_of(question, code) is None:
            raise Invalid(_("Ce choix n’existe pas."), {question: [_("Ce choix n’existe pas.")]})
    return {question: code for question, code in answers.items() if code}


def _place(taking: Taking) -> dict[str, str]:
    return {
        "room": taking.room,
        "territory": taking.territory,
        "month": taking.month,
        "channel": taking.channel,
        "sheet_reference": taking.sheet_reference,
    }


def _all(answers: Mapping[str, str]) -> dict[str, str]:
    return {one.code: answers.get(one.code, "") for one in QUESTIONS}


@transaction.atomic
def count_held_declarations(*, moderator: Viewer) -> int:
    """Counts the declarations that were set aside because they came in a flood; returns how many. Raises Refused."""
    if not may_load_indicators(moderator) or not isinstance(moderator, Person):
        raise Refused(_("Cette page est réservée aux modérateurs."))
    changed = ParticipationDeclaration.objects.filter(is_held=True).update(is_held=False)
    record(action="observatory.participation_released", subject="observatory:declaration:held", actor=moderator,
           details={"rows": changed})  # fmt: skip
    return changed


@transaction.atomic
def fold_old_declarations(now: datetime) -> int:
    """Replaces declarations of months that ended more than a year ago by totals for each answer; returns how many rows.

    What somebody answered to one question is then tied no more to what they answered to another. Held ones are deleted.
    """
    last = (now - timedelta(days=DECLARATION_DAYS)).strftime("%Y-%m")
    old = ParticipationDeclaration.objects.select_for_update().filter(month__lt=last)
    totals: Counter[tuple[str, str, int, str, str, str]] = Counter()
    pks = []
    for row in old.order_by("pk").iterator(chunk_size=2000):
        pks.append(row.pk)
        if not row.is_held:
            where = (row.room, row.channel, int(row.month[:4]), row.territory)
            totals[*where, "", ""] += row.people
            for one in QUESTIONS:
                totals[*where, one.code, getattr(row, one.code)] += row.people
    for (room, channel, year, territory, question, answer), people in sorted(totals.items()):
        tally, _new = ParticipationTally.objects.select_for_update().get_or_create(
            room=room, channel=channel, year=year, territory=territory, question=question, answer=answer,
            defaults={"people": 0},
        )  # fmt: skip
        tally.people += people
        tally.save(update_fields=["people"])
    return ParticipationDeclaration.objects.filter(pk__in=pks).delete()[0]
